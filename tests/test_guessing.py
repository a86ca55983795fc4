"""One password tried over many accounts is slowed down, and tells nothing of who has an account."""

import datetime as dt
import threading

import pytest
from axes.models import AccessAttempt
from django.contrib.auth.hashers import MD5PasswordHasher
from django.contrib.auth.models import User
from django.db import connection, connections
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from recommendations.accounts import guessing
from recommendations.accounts.leaving import leave
from recommendations.accounts.roles import Role
from recommendations.models import SecurityEvent, SignInTurn
from tests.factories import make_plan, make_user
from tests.people import HOME, LOGIN, account, guess, sign_in, signed_in, verified

pytestmark = pytest.mark.django_db
COOKIE = "known-browser-8000"


def many_wrong():
    """As if one password had been tried over forty accounts."""
    AccessAttempt.objects.bulk_create(
        AccessAttempt(username=f"name-{number}", user_agent=number, failures_since_start=1)
        for number in range(guessing.MANY)
    )


def turn_in(seconds):
    SignInTurn.objects.update(next_at=timezone.now() + dt.timedelta(seconds=seconds))


def test_one_password_over_many_accounts_is_checked_once_in_ten_seconds():
    many_wrong()

    answers = [Client().post(LOGIN, {"username": f"other-{number}", "password": "no"}) for number in range(5)]

    assert [one.status_code for one in answers] == [200, 429, 429, 429, 429]
    assert answers[1]["Retry-After"] == "10"
    assert "Wait 10 seconds and press" in answers[1].content.decode()
    assert AccessAttempt.objects.count() == guessing.MANY + 1


def test_whoever_waits_gets_in_also_with_an_unknown_browser(client):
    member = account()
    many_wrong()
    guess(User(username="other"), 1)

    held_up = sign_in(client, member)
    turn_in(-1)

    assert (held_up.status_code, "sessionid" in repr(held_up.cookies)) == (429, False)
    assert sign_in(client, member).status_code == 302


def test_a_known_browser_is_not_held_up_and_its_cookie_lets_nobody_in():
    member, other = account(), account()
    home, elsewhere = Client(), Client()
    sign_in(home, member)
    cookie = home.cookies[COOKIE]
    home.post("/admin/logout/")
    many_wrong()
    guess(User(username="other"), 1)

    assert cookie["path"] == LOGIN
    assert (cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (True, "Strict", 90 * 24 * 60 * 60)
    assert home.get(HOME).status_code == 302
    assert sign_in(home, other).status_code == 429
    assert sign_in(elsewhere, member).status_code == 429
    assert sign_in(home, member, password="no").status_code == 200
    assert sign_in(home, member).status_code == 302


@pytest.mark.parametrize("forged", ["x", "", "WzEsICIiXQ:1abc:xyz", "é"])
def test_no_forged_cookie_and_none_of_an_older_password_is_known(forged):
    member = account()
    home = Client()
    sign_in(home, member)
    many_wrong()
    guess(User(username="other"), 1)
    strange = Client()
    strange.cookies[COOKIE] = forged
    assert sign_in(strange, member).status_code == 429

    member.set_password("another")
    member.save()
    assert sign_in(home, member, password="another").status_code == 429


def test_a_browser_is_known_after_the_last_step_and_never_on_a_shared_computer(client):
    member, other = account(), account()
    there = verified(member)
    sign_in(client, other, shared_computer="on")

    assert COOKIE in there.cookies
    assert COOKIE not in client.cookies
    half = Client()
    sign_in(half, member)
    assert COOKIE not in half.cookies


@pytest.mark.parametrize(("shared", "status"), [({}, 302), ({"shared_computer": "on"}, 429)])
def test_a_known_browser_stays_known_when_its_owner_changes_the_password(shared, status):
    member, home, chosen = account(), Client(), "correct horse staple"
    sign_in(home, member, **shared)
    sent = {"old_password": "pw", "new_password1": chosen, "new_password2": chosen}
    assert home.post("/admin/password_change/", sent).status_code == 302
    many_wrong()
    guess(User(username="other"), 1)

    assert sign_in(home, member, password=chosen).status_code == status


def test_a_clock_that_went_back_closes_no_door():
    many_wrong()
    guess(User(username="other"), 1)
    turn_in(3600)

    assert guess(User(username="third"), 2) == [200, 429]


def test_administrators_are_told_once_and_it_ends_by_itself():
    make_plan()
    administrator = signed_in(account(Role.ADMINISTRATOR))
    assert "Many wrong passwords are being tried" not in administrator.get(HOME).content.decode()
    many_wrong()
    guess(User(username="other"), 3)

    assert "Many wrong passwords are being tried" in administrator.get(HOME).content.decode()
    assert "Many wrong passwords" not in signed_in(account()).get(HOME).content.decode()
    assert list(SecurityEvent.objects.values_list("kind", "account")) == [("slowed", None)]
    assert "browsers that weren’t known took turns" in administrator.get("/admin/security/").content.decode()

    AccessAttempt.objects.update(attempt_time=timezone.now() - dt.timedelta(minutes=16))
    assert "Many wrong passwords are being tried" not in administrator.get(HOME).content.decode()
    assert guess(User(username="third"), 2) == [200, 200]


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_of_many_who_come_at_once_one_has_the_turn():
    many_wrong()
    request, now, waits = RequestFactory().post(LOGIN), timezone.now(), []
    guessing.has_to_wait(request, "first", at=now)
    starts = threading.Barrier(6)

    def come():
        starts.wait()
        try:
            waits.append(guessing.has_to_wait(request, "other", at=now + guessing.PACE))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=come) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(waits) == [False] + [True] * 5


class Counted(MD5PasswordHasher):
    """Counts the work that a password makes."""

    algorithm = "counted"
    done = 0

    def encode(self, password, salt):
        Counted.done += 1
        return super().encode(password, salt)


def test_no_answer_takes_other_work_for_an_account_that_is_there(settings):
    settings.PASSWORD_HASHERS = ["tests.test_guessing.Counted"]
    known, gone, away = make_user(), account(), account()
    for one in (known, gone, away):
        one.set_password("pw")
        one.save()
    leave(gone, by=make_user(), reason="Moved on.")
    User.objects.filter(pk=away.pk).update(is_active=False)

    work = {}
    for name in (known.username, gone.username, away.username, "nobody"):
        for number in range(10):
            Counted.done = 0
            with CaptureQueriesContext(connection) as captured:
                answer = Client().post(LOGIN, {"username": name, "password": "no"})
            AccessAttempt.objects.exclude(username=name).delete()
            words = [query["sql"].split()[0] for query in captured]
            work.setdefault(name, []).append((number, answer.status_code, Counted.done, words))

    assert work["nobody"][0][2] == 1
    assert work[known.username] == work["nobody"] == work[gone.username] == work[away.username]
