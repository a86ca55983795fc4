"""The password is asked again before what a session left open must not be enough for."""

import re
import time

import pytest
from axes.models import AccessAttempt
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from recommendations.accounts import failures, second_factor, second_factor_resets, unsaved
from recommendations.accounts.roles import Role
from recommendations.models import ActionPlan, TakeDown
from recommendations.publishing.takedowns import take_down
from tests.factories import make_plan, make_recommendation, make_update
from tests.people import (
    ELSEWHERE,
    HOME,
    LOGIN,
    account,
    address,
    carried,
    code_for,
    guess,
    key_of,
    sent_by,
    sign_in,
    signed_in,
    verified,
    with_app,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fake_pdf")]
AGAIN = "/admin/password-again/"
NEW = {"new_password1": "correct horse staple", "new_password2": "correct horse staple"}


def make_old(client, seconds=600):
    """As if the password had been given so many seconds ago."""
    session = client.session
    session["signed_in_at"] = time.time() - seconds
    session.pop("password_given_at", None)
    session.save()


def stale(member):
    client = signed_in(member)
    make_old(client)
    return client


def asks(response):
    return f'action="{AGAIN}"' in response.content.decode()


def give(client, page, password="pw", **overrides):
    """Give the password on the page that asks for it."""
    sent = {"password": password, "next": page.context["onward"], "unsaved": carried(page) or "", **overrides}
    return client.post(AGAIN, sent)


@pytest.fixture
def acts(user, now):
    """Each such act, with what is sent for it."""
    one, plan, member = make_recommendation(), ActionPlan.objects.get(), account(Role.EDITOR)
    removed = take_down(make_update(statuses={one: "planned"}), reason="Safety.", by=user, at=now)
    noted = make_update(statuses={one: "planned"}, private_note="Told by a neighbour.")
    guess(member, 8)

    def of_account(name):
        return reverse(f"admin:auth_user_{name}", args=[member.pk])

    return [
        (reverse("admin:auth_user_add"), {"username": "thief", "role": "administrator"}),
        (of_account("change"), {"username": member.username, "role": "administrator", "is_active": "on"}),
        (of_account("password_change"), {"password1": "correct horse staple", "password2": "correct horse staple"}),
        (of_account("unlock"), {"reason": "Typed words."}),
        (of_account("sign_out"), {"reason": "Typed words."}),
        (of_account("reset_second_factor"), {"reason": "Typed words.", "_ask": ""}),
        (of_account("leave"), {"reason": "Typed words."}),
        (address("takedown_erase", removed.pk), {"understood": "on"}),
        (address("progressupdate_erase_note", noted.pk), {"reason": "Typed words."}),
        (address("actionplan_change", plan.pk), {"organisation_name": "Typed words."}),
        (address("actionplan_restore", plan.pk), {"change_reason": "Typed words."}),
        (address("actionplan_legal_hold", plan.pk), {"reason": "Typed words."}),
        (reverse("admin:second_factor_set_up"), {"code": "123456"}),
        (reverse("admin:second_factor_codes"), {}),
        (reverse("admin:second_factor_off"), {}),
    ]


def rows():
    from django.apps import apps

    kept_out = {"Session"}
    return {
        model.__name__: list(model._base_manager.order_by("pk").values())
        for model in apps.get_models()
        if model.__name__ not in kept_out
    }


def test_each_act_is_answered_by_the_question_and_does_nothing(user, acts):
    client = stale(user)
    before = rows()

    for page, typed in acts:
        for sent in (typed, {**typed, "_unsaved": "1"}, {**typed, "password": "pw"}):
            asked = client.post(page, sent)
            assert asked.status_code == 403, page
            assert asks(asked), page
            assert "no-store" in asked["Cache-Control"]
            assert ("Typed words." in repr(unsaved.opened(carried(asked) or ""))) == ("Typed words." in repr(typed)), (
                page
            )
    assert rows() == before


def test_what_is_for_reading_and_what_must_not_wait_is_not_asked_for(user, acts, now):
    client = stale(user)
    update = make_update(statuses={make_recommendation(): "planned"})
    asked_on_opening = {page for page, _typed in acts if asks(client.get(page, follow=True))}

    client.post(address("progressupdate_take_down", update.pk), {"reason": "It names a place."})

    assert {re.sub(r"\d+", "1", page) for page in asked_on_opening} == {
        "/admin/auth/user/add/",
        "/admin/auth/user/1/password/",
        "/admin/second-factor/set-up/",
    }
    assert TakeDown.objects.filter(update=update).exists()


@pytest.mark.parametrize(("seconds", "expected"), [(0, False), (599, False), (600, True), (-60, True)])
def test_a_password_is_good_for_ten_minutes_and_for_no_clock_that_went_back(seconds, expected):
    make_plan()
    client = signed_in(account(Role.ADMINISTRATOR))
    make_old(client, seconds)

    assert asks(client.get(reverse("admin:auth_user_add"))) == expected


def test_what_was_typed_comes_back_after_the_password_and_is_saved_only_then():
    plan = make_plan()
    client = stale(account())
    change = address("actionplan_change", plan.pk)
    typed = {**sent_by(client.get(change)), "organisation_name": "Typed name"}

    asked = client.post(change, typed)
    wrong = give(client, asked, "no")
    shown = client.get(give(client, wrong).url)

    assert "That isn’t your password." in wrong.content.decode()
    assert "Your password was asked first, so nothing was saved." in shown.content.decode()
    assert 'value="Typed name"' in shown.content.decode()
    assert ActionPlan.objects.get().organisation_name != "Typed name"
    client.post(change, typed)
    assert ActionPlan.objects.get().organisation_name == "Typed name"
    assert not AccessAttempt.objects.exists()


def test_it_is_good_in_no_other_session_and_not_after_signing_out(client):
    member = account(Role.ADMINISTRATOR)
    here, elsewhere = stale(member), stale(member)
    page = reverse("admin:auth_user_add")

    give(here, here.get(page))
    assert not asks(here.get(page))
    assert asks(elsewhere.get(page))

    here.post("/admin/logout/")
    sign_in(here, member)
    assert not asks(here.get(page))
    make_old(here)
    assert asks(here.get(page))


def test_another_accounts_password_is_not_ones_own():
    member, _other = account(Role.ADMINISTRATOR), account(Role.ADMINISTRATOR)
    User.objects.filter(pk=member.pk).update(password="!")
    client = Client()
    client.force_login(User.objects.get(pk=member.pk))
    make_old(client)

    refused = give(client, client.get(reverse("admin:auth_user_add")), username=_other.username)

    assert "That isn’t your password." in refused.content.decode()


@pytest.mark.parametrize("onward", ELSEWHERE)
def test_it_leads_nowhere_else(onward):
    client = stale(account())

    assert client.post(AGAIN, {"password": "pw", "next": onward}).url == HOME


def test_without_a_session_it_asks_to_sign_in_and_still_carries(client):
    plan, member = make_plan(), account()
    change = address("actionplan_change", plan.pk)
    theirs = stale(member)
    asked = theirs.post(change, {"organisation_name": "Typed name"})
    Session.objects.all().delete()

    page = give(theirs, asked)

    assert page.status_code == 403
    assert "Typed name" in repr(unsaved.opened(carried(page)))


def test_eight_wrong_ones_end_all_sessions_and_lose_no_word(client):
    plan, member = make_plan(), account()
    thief, owner = stale(member), signed_in(member)
    change = address("actionplan_change", plan.pk)
    asked = thief.post(change, {"organisation_name": "Typed name"})

    statuses = [give(thief, asked, f"guess {number}").status_code for number in range(7)]
    assert owner.get(HOME).status_code == 200
    ended = give(thief, asked, "guess 8")

    assert statuses == [200] * 7
    assert "Too many wrong passwords were typed in it" in ended.content.decode()
    assert "Typed name" in repr(unsaved.opened(carried(ended)))
    assert [one.get(HOME).status_code for one in (thief, owner)] == [302, 302]
    assert "Signed out everywhere: too many wrong passwords" in LogEntry.objects.get().get_change_message()
    # The account isn't locked: whoever knows the password signs in, and begins anew.
    assert sign_in(client, member).status_code == 302
    make_old(client)
    assert give(client, client.post(change, {"organisation_name": "x"})).status_code == 302


def test_nobody_outside_can_use_up_the_tries_of_who_is_signed_in():
    member = account(Role.ADMINISTRATOR)
    client = stale(member)
    page = reverse("admin:auth_user_add")
    for name in (
        member.username,
        f"{failures.AGAIN}{member.username}",
        f"{failures.KNOWN}{member.username}",
        f"{member.username} ",
    ):
        guess(User(username=name), 8)

    assert give(client, client.get(page)).url == page

    assert client.get(page).status_code == 200
    assert not asks(client.get(page))
    assert sign_in(Client(), member).status_code == 429


def test_guessing_at_the_old_password_is_bounded_too_and_nothing_typed_is_kept():
    member = account()
    thief, owner = signed_in(member), signed_in(member)
    sent = {**NEW, "old_password": "SECRET-old"}

    for _ in range(7):
        assert thief.post("/admin/password_change/", sent).status_code == 200
    stored = repr(list(AccessAttempt.objects.values()))
    thief.post("/admin/password_change/", sent)

    assert "SECRET" not in stored
    assert "correct horse staple" not in stored
    assert [one.get(HOME).status_code for one in (thief, owner)] == [302, 302]
    assert thief.get("/admin/password_change/").status_code == 302


def test_a_stale_token_on_its_page_loses_nothing():
    plan, member = make_plan(), account()
    change = address("actionplan_change", plan.pk)
    client = Client(enforce_csrf_checks=True)
    client.force_login(member)
    make_old(client)
    typed = {"path": change, "fields": [("organisation_name", ["Typed name"])], "files": False}

    sent = {"password": "pw", "unsaved": unsaved.sealed(typed), "csrfmiddlewaretoken": "old"}
    answer = client.post(AGAIN, sent, headers={"origin": "http://testserver"})

    assert answer.url == change
    asked = client.get(change)
    assert "Typed name" in repr(unsaved.opened(carried(asked)))
    assert client.post(AGAIN, {**sent, "password": "no"}, headers={"origin": "https://evil.example"}).status_code == 403
    assert "password_given_at" not in client.session


# The second factor


def test_a_session_left_open_replaces_no_second_factor():
    member = account()
    client = verified(member)
    make_old(client)
    before = TOTPDevice.objects.get().key

    asked = client.get("/admin/second-factor/set-up/")
    client.post("/admin/second-factor/set-up/", {"code": code_for(before)})
    client.post("/admin/second-factor/codes/")
    client.post("/admin/second-factor/off/")
    assert asks(asked)
    assert TOTPDevice.objects.get().key == before
    assert not StaticToken.objects.exists()

    shown = client.get(give(client, asked).url)
    assert "For 10 minutes, your password isn’t asked again." in shown.content.decode()
    client.post("/admin/second-factor/set-up/", {"code": code_for(key_of(client))})
    assert TOTPDevice.objects.get().key != before


@pytest.mark.usefixtures("public_site")
def test_half_signed_in_one_is_asked_only_where_it_took_long(client):
    sign_in(client, account())
    page = "/admin/second-factor/set-up/"
    assert not asks(client.get(page))
    make_old(client)
    asked = client.get(page)
    assert asks(asked)
    assert client.get(HOME, follow=True).status_code == 200

    assert give(client, asked).url == page
    assert not asks(client.get(page))


def test_what_was_pressed_before_the_password_is_neither_done_nor_said_to_be():
    member = account()
    with_app(member)
    asking, agreeing = account(Role.ADMINISTRATOR), account(Role.ADMINISTRATOR)
    second_factor_resets.ask(member, by=asking, reason="Lost.", at=timezone.now())
    client = stale(agreeing)
    page = reverse("admin:auth_user_reset_second_factor", args=[member.pk])

    shown = client.get(give(client, client.post(page, {"_agree": ""})).url)

    assert shown.status_code == 200
    assert "The second factor is removed." not in shown.content.decode()
    assert second_factor.app_of(member) is not None
    client.post(page, {"_agree": ""})
    assert second_factor.app_of(member) is None


def test_the_page_is_open_to_nobody_who_gave_no_password(client):
    assert client.get(AGAIN).url.startswith(LOGIN)
    assert client.post(AGAIN, {"password": "pw"}).status_code == 403
    assert f'action="{LOGIN}"' in client.post(AGAIN, {"password": "pw"}).content.decode()
