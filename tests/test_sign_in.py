"""Signing in with a password, and what stops whoever guesses at one."""

import datetime as dt

import pytest
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from recommendations.accounts import unsaved
from tests.factories import make_user
from tests.people import (
    ELSEWHERE,
    HOME,
    LOGIN,
    account,
    address,
    guess,
    sign_in,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fake_pdf")]


# The password


def test_sign_in_leads_where_one_was_going(client):
    member = account()

    response = sign_in(client, member, next=address("term_changelist"))

    assert response.url == address("term_changelist")
    assert client.get(HOME).status_code == 200


@pytest.mark.parametrize("next_page", ELSEWHERE)
def test_sign_in_leads_nowhere_else(client, next_page):
    assert sign_in(client, account(), next=next_page).url == HOME


@pytest.mark.parametrize("overrides", [{"is_staff": False}, {"is_active": False}])
def test_who_is_no_longer_staff_does_not_get_in(client, overrides):
    member = make_user(**overrides)

    assert sign_in(client, member).status_code == 200
    assert client.get(HOME).status_code == 302


def test_a_wrong_password_says_so_without_saying_which(client):
    known = sign_in(client, account(), password="wrong").content.decode()
    unknown = client.post(LOGIN, {"username": "nobody", "password": "wrong"}).content.decode()

    message = "No account that can sign in here has that user name and password."
    assert message in known
    assert message in unknown


# Guessing


def test_eight_wrong_passwords_lock_the_account_wherever_they_come_from(client, settings):
    member, other = account(), account()

    statuses = []
    for number in range(8):
        visitor = Client(REMOTE_ADDR=f"192.0.2.{number}", headers={"user-agent": f"Browser {number}"})
        statuses.append(visitor.post(LOGIN, {"username": member.username, "password": "no"}).status_code)
    refused = sign_in(client, member)

    assert statuses == [200] * 7 + [429]
    assert refused.status_code == 429
    assert "For 15 minutes you can&#x27;t sign in with it here" in refused.content.decode()
    assert settings.SESSION_COOKIE_NAME not in refused.cookies
    assert sign_in(Client(), other).status_code == 302


def test_the_lock_opens_after_the_cool_off_even_if_somebody_goes_on_trying(client):
    member = account()
    guess(member, 8)
    AccessAttempt.objects.update(attempt_time=timezone.now() - dt.timedelta(minutes=14))
    guess(member, 3)
    AccessAttempt.objects.update(attempt_time=timezone.now() - dt.timedelta(minutes=16))

    assert sign_in(client, member).status_code == 302


def test_a_right_password_forgets_the_wrong_ones(client):
    member = account()
    guess(member, 7)

    assert sign_in(client, member).status_code == 302
    assert not AccessAttempt.objects.exists()
    assert guess(member, 7) == [200] * 7


def test_an_unknown_name_is_locked_alike():
    ghost = User(username="ghost")

    assert guess(ghost, 8)[-1] == 429


def test_a_failure_is_stored_with_the_user_name_and_the_time_and_nothing_else(caplog):
    member = account()
    typed = {"path": HOME, "fields": [("text", ["CANARY"])], "files": False}
    client = Client(REMOTE_ADDR="192.0.2.77", headers={"user-agent": "AGENT", "accept": "ACCEPTED"})
    sent = {"username": member.username, "password": "SECRET", "unsaved": unsaved.sealed(typed), "other": "CANARY"}
    client.post(f"{LOGIN}?next=/admin/NEXT", sent)

    stored = AccessAttempt.objects.values().get()
    of_its_own = {name: stored.pop(name) for name in ("id", "attempt_time", "user_agent")}
    assert stored == {
        "username": member.username,
        "failures_since_start": 1,
        "ip_address": None,
        **dict.fromkeys(("http_accept", "path_info", "get_data", "post_data"), ""),
    }
    assert len(of_its_own["user_agent"]) == 16  # Nothing but what tells one row from another.
    assert not AccessFailureLog.objects.exists()
    assert not AccessLog.objects.exists()
    for word in ("192.0.2.77", "SECRET", "CANARY", "AGENT", "ACCEPTED", "NEXT", unsaved.sealed(typed)[:20]):
        assert word not in caplog.text


def test_no_failure_looks_for_another_of_the_same_browser():
    """Two that look at once would both find none, and the next would find two."""
    guess(account(), 2)

    assert [one.failures_since_start for one in AccessAttempt.objects.all()] == [1, 1]


def test_old_failures_go_with_the_next_sign_in(client):
    guess(account(), 1)
    AccessAttempt.objects.update(attempt_time=timezone.now() - dt.timedelta(hours=1))

    sign_in(client, account())

    assert not AccessAttempt.objects.exists()
