"""How staff get in, stay in and get out: password, throttle, second factor, sessions, and what they typed meanwhile."""

import datetime as dt
import os
import re
import subprocess
import sys
import threading
import time
from binascii import unhexlify
from urllib.parse import urlencode

import pytest
from axes.models import AccessAttempt
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_otp.oath import totp
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from recommendations.accounts import second_factor, unsaved
from recommendations.accounts.roles import Role, active_administrators, role_of
from recommendations.models import Correction, ProgressUpdate, Report, Term
from recommendations.publishing.history import version_of
from recommendations.publishing.reports import publish_report
from tests.factories import make_recommendation, make_report, make_update, make_user
from tests.people import (
    HOME,
    LOGIN,
    account,
    address,
    carried,
    guess,
    sign_in,
    signed_in,
    through_sign_in,
    typed_correction,
    typed_report,
    typed_update,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fake_pdf")]
KEY = "11" * 20
ELSEWHERE = ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "\x00"]


def with_app(member):
    """A second factor for `member`; codes of the past stay good in tests: see `code`."""
    return TOTPDevice.objects.create(user=member, key=KEY, confirmed=True)


def code(steps=0):
    return f"{totp(unhexlify(KEY), t0=-30 * steps):06d}"


def key_of(client):
    return client.session["second_factor_key"]


def code_for(key):
    return f"{totp(unhexlify(key)):06d}"


@pytest.fixture
def public(settings):
    settings.SECOND_FACTOR_REQUIRED = True


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

    message = "That is not the name and password of an account that may sign in here."
    assert message in known
    assert message in unknown


# Guessing


def test_eight_wrong_passwords_lock_the_account_wherever_they_come_from(client):
    member, other = account(), account()

    statuses = []
    for number in range(8):
        visitor = Client(REMOTE_ADDR=f"192.0.2.{number}", headers={"user-agent": f"Browser {number}"})
        statuses.append(visitor.post(LOGIN, {"username": member.username, "password": "no"}).status_code)
    refused = sign_in(client, member)

    assert statuses == [200] * 7 + [429]
    assert refused.status_code == 429
    assert "For 15 minutes nobody can sign in with it" in refused.content.decode()
    assert "sessionid" not in refused.cookies
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


def test_no_address_and_nothing_typed_is_stored_of_a_failure(caplog):
    member = account()
    typed = {"path": HOME, "fields": [("text", ["CANARY"])], "files": False}
    Client(REMOTE_ADDR="192.0.2.77").post(
        LOGIN, {"username": member.username, "password": "SECRET", "unsaved": unsaved.sealed(typed)}
    )

    attempt = AccessAttempt.objects.get()
    stored = repr(AccessAttempt.objects.values().get())
    assert attempt.ip_address is None
    assert unsaved.sealed(typed)[:20] not in stored
    for word in ("192.0.2.77", "SECRET", "CANARY"):
        assert word not in stored
        assert word not in caplog.text


def test_old_failures_go_with_the_next_sign_in(client):
    guess(account(), 1)
    AccessAttempt.objects.update(attempt_time=timezone.now() - dt.timedelta(hours=1))

    sign_in(client, account())

    assert not AccessAttempt.objects.exists()


# The second factor: who needs one


PAGES = [
    "/admin/",
    "/admin/recommendations/term/",
    "/admin/auth/user/",
    "/admin/second-factor/",
    "/admin/password_change/",
]


@pytest.mark.usefixtures("public")
@pytest.mark.parametrize("role", [Role.PUBLISHER, Role.ADMINISTRATOR])
@pytest.mark.parametrize("has_app", [False, True])
def test_in_public_nothing_opens_to_the_weighty_before_their_second_factor(client, role, has_app):
    member = account(role)
    if has_app:
        with_app(member)

    step = sign_in(client, member, next="/admin/recommendations/term/").url

    place = "verify" if has_app else "set-up"
    assert step == f"/admin/second-factor/{place}/?next=%2Fadmin%2Frecommendations%2Fterm%2F"
    assert client.get(step).status_code == 200
    for page in PAGES:
        asked = client.get(page, follow=True)
        assert asked.redirect_chain[-1][0].startswith(f"/admin/second-factor/{place}/"), page
    Term.objects.create(word="bad", instead="better", recommendation=make_recommendation())
    client.post(address("term_delete", 1), {"post": "yes"})
    assert Term.objects.exists()


@pytest.mark.usefixtures("public")
def test_in_public_a_superuser_needs_one_and_an_editor_does_not():
    assert second_factor.is_missing(make_user())
    assert not second_factor.is_missing(account(Role.EDITOR))


def test_on_this_machine_it_is_for_who_wants_it(client):
    assert sign_in(client, make_user()).url == HOME
    assert client.get(HOME).status_code == 200


def test_who_has_one_is_asked_for_it_everywhere(client):
    member = account(Role.EDITOR)
    with_app(member)

    assert sign_in(client, member).url.startswith("/admin/second-factor/verify/")
    assert client.get(HOME, follow=True).redirect_chain[-1][0].startswith("/admin/second-factor/verify/")


@pytest.mark.usefixtures("public")
def test_half_signed_in_one_may_sign_out(client):
    sign_in(client, account())

    client.post("/admin/logout/")

    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("page", ["verify/", "set-up/", "code.svg"])
def test_its_pages_are_for_who_gave_the_password(client, page):
    assert client.get(f"/admin/second-factor/{page}").url.startswith(LOGIN)
    assert client.post(f"/admin/second-factor/{page}", {"code": "123456"}).url.startswith(LOGIN)


# The second factor: setting it up


@pytest.mark.usefixtures("public")
def test_setting_it_up_shows_the_picture_and_the_codes_once(client):
    member = account()
    step = sign_in(client, member, next="/admin/recommendations/term/").url
    page = client.get(step)
    image = client.get("/admin/second-factor/code.svg")
    key = key_of(client)

    done = client.post(step, {"code": code_for(key), "next": "/admin/recommendations/term/"})

    assert image["Content-Type"] == "image/svg+xml"
    assert image.content.startswith(b"<svg")
    assert b"style=" not in image.content
    assert second_factor.readable_key(key) in page.content.decode()
    for response in (page, image, done):
        assert "no-store" in response["Cache-Control"]
    codes = re.findall(r"<code>(\w{5}-\w{5})</code>", done.content.decode())
    assert len(set(codes)) == 10
    assert 'href="/admin/recommendations/term/"' in done.content.decode()
    assert client.get("/admin/recommendations/term/").status_code == 200
    assert codes[0] not in client.get("/admin/second-factor/").content.decode()
    assert "10 recovery codes are left" in client.get("/admin/second-factor/").content.decode()
    assert "Second factor set up." in LogEntry.objects.get().get_change_message()


@pytest.mark.parametrize("typed", ["000000", "", "12345", "abcdef", "\x00", "9" * 500, "１２３"])
def test_a_wrong_first_code_sets_up_nothing(typed):
    member = account()
    client = signed_in(member)
    client.get("/admin/second-factor/set-up/")

    response = client.post("/admin/second-factor/set-up/", {"code": typed})

    assert "Nothing is set up yet" in response.content.decode()
    assert not TOTPDevice.objects.exists()


def test_a_wrong_first_code_of_another_app_says_that_the_old_one_holds():
    member = account()
    client = verified(member)
    client.get("/admin/second-factor/set-up/")

    page = client.post("/admin/second-factor/set-up/", {"code": "000000"}).content.decode()

    assert "What you had set up before still holds." in page
    assert "Nothing is set up yet" not in page
    assert TOTPDevice.objects.filter(user=member).count() == 1


def test_signing_out_says_so_in_the_word_of_its_button(client):
    sign_in(client, account())

    page = client.post("/admin/logout/").content.decode()

    assert page.count("Signed out") == 2
    assert "Logged out" not in page


def test_the_picture_is_there_only_while_it_is_set_up(client):
    assert signed_in(account()).get("/admin/second-factor/code.svg").status_code == 404


def test_a_new_telephone_takes_the_place_of_the_old(client):
    member = account()
    old = with_app(member)
    sign_in(client, member)
    client.post("/admin/second-factor/verify/", {"code": code()})
    client.get("/admin/second-factor/set-up/")

    client.post("/admin/second-factor/set-up/", {"code": code_for(key_of(client))})

    assert TOTPDevice.objects.get().key != old.key
    assert client.get(HOME).status_code == 200


def test_who_has_one_cannot_replace_it_before_giving_it(client):
    member = account()
    with_app(member)
    sign_in(client, member)

    response = client.post("/admin/second-factor/set-up/", {"code": "123456"})

    assert response.url.startswith("/admin/second-factor/verify/")
    assert TOTPDevice.objects.get().key == KEY


# The second factor: giving it


def test_a_code_works_once(client):
    member = account()
    with_app(member)
    sign_in(client, member)

    first = client.post("/admin/second-factor/verify/", {"code": f" {code()[:3]} {code()[3:]} "})
    other = Client()
    sign_in(other, member)
    again = other.post("/admin/second-factor/verify/", {"code": code()})

    assert first.url == HOME
    assert client.get(HOME).status_code == 200
    assert again.status_code == 200
    assert other.get(HOME).status_code == 302


@pytest.mark.parametrize("next_page", ELSEWHERE)
def test_the_second_factor_leads_nowhere_else(client, next_page):
    """Not from the form, nor from the address that was opened; not before the code, with it, or after it."""
    member = account()
    with_app(member)
    sign_in(client, member)
    verify = f"/admin/second-factor/verify/?{urlencode({'next': next_page})}"

    page = client.get(verify)
    given = client.post(verify, {"code": code(), "next": next_page})
    after = client.get(verify)

    assert 'name="next" value="/admin/"' in page.content.decode()
    assert (given.status_code, given.url) == (302, HOME)
    assert (after.status_code, after.url) == (302, HOME)


@pytest.mark.usefixtures("public")
@pytest.mark.parametrize("next_page", ELSEWHERE)
def test_setting_up_the_second_factor_leads_nowhere_else(client, next_page):
    sign_in(client, account())
    set_up = f"/admin/second-factor/set-up/?{urlencode({'next': next_page})}"
    page = client.get(set_up)

    done = client.post(set_up, {"code": code_for(key_of(client)), "next": next_page})

    assert 'name="next" value="/admin/"' in page.content.decode()
    assert re.findall(r'class="button" href="([^"]*)"', done.content.decode()) == [HOME]


def test_a_recovery_code_works_once_however_it_is_typed(client):
    member = account()
    with_app(member)
    first, *rest = second_factor.new_codes(member)
    sign_in(client, member)

    assert client.post("/admin/second-factor/verify/", {"code": f" {first.upper()} "}).url == HOME
    other = Client()
    sign_in(other, member)
    assert other.post("/admin/second-factor/verify/", {"code": first}).status_code == 200
    assert second_factor.codes_left(member) == len(rest) == 9


@pytest.mark.parametrize("wrong", ["000000", "aaaaa-aaaaa"])
def test_guessing_codes_is_slowed_down_and_says_until_when(client, wrong):
    member = account()
    with_app(member)
    codes = second_factor.new_codes(member)
    sign_in(client, member)
    right = code() if wrong == "000000" else codes[0]

    client.post("/admin/second-factor/verify/", {"code": wrong})
    waiting = client.post("/admin/second-factor/verify/", {"code": right})

    assert "Too many wrong codes. Wait until" in waiting.content.decode()
    kind = TOTPDevice if wrong == "000000" else StaticDevice
    kind.objects.update(throttling_failure_timestamp=timezone.now() - dt.timedelta(seconds=2))
    assert client.post("/admin/second-factor/verify/", {"code": right}).url == HOME


def test_another_accounts_codes_are_no_good(client):
    member, other = account(), account()
    with_app(member)
    theirs = second_factor.new_codes(other)
    sign_in(client, member)

    assert client.post("/admin/second-factor/verify/", {"code": theirs[0]}).status_code == 200
    assert client.get(HOME).status_code == 302


@pytest.mark.parametrize("typed", ["", "\x00", "x" * 60_000, "😀"])
def test_any_other_code_is_refused_with_a_page(client, typed):
    member = account()
    with_app(member)
    second_factor.new_codes(member)
    sign_in(client, member)

    assert client.post("/admin/second-factor/verify/", {"code": typed}).status_code == 200


def verified(member):
    with_app(member)
    client = Client()
    sign_in(client, member)
    client.post("/admin/second-factor/verify/", {"code": code()})
    return client


def test_new_recovery_codes_take_the_place_of_the_old():
    member = account()
    client = verified(member)
    old = second_factor.new_codes(member)

    page = client.post("/admin/second-factor/codes/").content.decode()

    assert len(re.findall(r"<code>\w{5}-\w{5}</code>", page)) == 10
    assert old[0] not in page
    assert client.get(HOME).status_code == 200


def test_it_is_switched_off_only_by_who_may_go_without(settings):
    member = account()
    client = verified(member)

    settings.SECOND_FACTOR_REQUIRED = True
    client.post("/admin/second-factor/off/")
    assert TOTPDevice.objects.exists()

    settings.SECOND_FACTOR_REQUIRED = False
    client.post("/admin/second-factor/off/")
    assert not TOTPDevice.objects.exists()
    assert client.get(HOME).status_code == 200


@pytest.mark.usefixtures("public")
def test_reset_second_factor_lets_its_owner_set_up_a_new_one(capsys):
    member = account()
    client = verified(member)

    call_command("reset_second_factor", member.username)

    assert "signs in with the password alone" in capsys.readouterr().out
    assert client.get(HOME, follow=True).redirect_chain[-1][0].startswith("/admin/second-factor/set-up/")
    with pytest.raises(CommandError, match="has no second factor"):
        call_command("reset_second_factor", member.username)
    with pytest.raises(CommandError, match="There is no account nobody"):
        call_command("reset_second_factor", "nobody")


# Sessions


def test_a_session_ends_twelve_hours_after_signing_in(client):
    sign_in(client, account())
    session = client.session
    session["signed_in_at"] = time.time() - 12 * 60 * 60 - 1
    session.save()

    assert client.get(HOME).url.startswith(LOGIN)
    assert client.get(LOGIN).status_code == 200


def test_a_session_ends_after_two_idle_hours_and_every_page_renews_it(client, settings):
    sign_in(client, account())
    client.get(HOME)
    stored = Session.objects.get()
    assert stored.expire_date - timezone.now() < dt.timedelta(hours=2)
    session = client.session
    session["seen_at"] = time.time() - 61
    session.save()
    Session.objects.update(expire_date=timezone.now() + dt.timedelta(minutes=1))

    client.get(HOME)
    assert Session.objects.get().expire_date - timezone.now() > dt.timedelta(minutes=119)

    Session.objects.update(expire_date=timezone.now() - dt.timedelta(seconds=1))
    assert client.get(HOME).url.startswith(LOGIN)


def test_anonymous_visitors_of_the_sign_in_page_get_no_session(client):
    client.get(LOGIN)
    client.get(HOME)
    client.post(HOME)

    assert "sessionid" not in client.cookies
    assert not Session.objects.exists()


def test_a_new_password_signs_out_everywhere_else():
    member = account()
    here, elsewhere = signed_in(member), signed_in(member)
    new = {"old_password": "pw", "new_password1": "correct horse staple", "new_password2": "correct horse staple"}

    done = here.post("/admin/password_change/", new, follow=True)

    assert "everywhere else you were signed out" in done.content.decode()
    assert here.get(HOME).status_code == 200
    assert elsewhere.get(HOME).status_code == 302


def test_a_password_set_by_an_administrator_and_deactivation_sign_out_at_once():
    member, other = account(), account()
    theirs, others = signed_in(member), signed_in(other)
    administrator = signed_in(account(Role.ADMINISTRATOR))
    new = {"password1": "correct horse staple", "password2": "correct horse staple"}

    administrator.post(reverse("admin:auth_user_password_change", args=[member.pk]), new)
    administrator.post(
        reverse("admin:auth_user_change", args=[other.pk]),
        {"username": other.username, "role": "publisher", "version": version_of(other)},
    )

    assert theirs.get(HOME).status_code == 302
    assert others.get(HOME).status_code == 302


# What was typed while the session ended


def unsaved_cases():
    one = make_recommendation()
    update = make_update(statuses={one: "planned"}, published=False, text="First words.")
    published = make_update(statuses={one: "planned"}, text="Said.")
    report = make_report()
    publish_report(report, by=User.objects.first(), at=timezone.now())
    words = "Typed words."
    typed = typed_update({one: "ongoing"}, version=version_of(update), text=words)
    return [
        (address("progressupdate_change", update.pk), typed),
        (f"{address('progressupdate_add')}?area=1", typed_update({one: "ongoing"}, text=words)),
        (address("progressupdate_correct", published.pk), typed_correction(published, text=words)),
        (address("progressupdate_withdraw", published.pk), {"note": words}),
        (address("progressupdate_take_down", published.pk), {"reason": words}),
        (address("report_change", report.pk), typed_report(report, introduction=words)),
        (address("report_publish", report.pk), {"note": words, "number": "2"}),
        (address("term_add"), {"word": "bad", "instead": words, "recommendation": one.pk}),
        (address("area_change", one.area_id), {"number": 1, "title": words, "version": version_of(one.area)}),
        (address("recommendation_change", one.pk), {"area": 1, "number": 1, "text": words, "version": version_of(one)}),
        (reverse("admin:auth_user_add"), {"username": "new", "first_name": words, "password1": "SECRET"}),
        (address("progressupdate_delete", update.pk), {"reason": words, "version": version_of(update)}),
        (address("progressupdate_history", update.pk), {"nobody-thought-of-it": words}),
    ]


def rows():
    from django.apps import apps

    kept_out = {"Session", "AccessAttempt", "LogEntry"}
    return {
        model.__name__: list(model._base_manager.order_by("pk").values())
        for model in apps.get_models()
        if model.__name__ not in kept_out and model is not User
    } | {"User": list(User.objects.order_by("pk").values("username", "password", "first_name"))}


def test_a_form_sent_after_the_session_ended_comes_back_filled_and_saves_nothing(user):
    for page, typed in unsaved_cases():
        client = Client()
        before = rows()

        asked = client.post(page, typed)
        shown = through_sign_in(client, user, asked)

        assert "what you typed is kept in this page" in asked.content.decode(), page
        assert "Typed words." in shown.content.decode(), page
        assert "SECRET" not in shown.content.decode() + asked.content.decode(), page
        assert rows() == before, page
        assert shown.request["PATH_INFO"] == page.partition("?")[0]


def test_sent_again_it_is_saved_and_waits_no_longer(user, client):
    one = make_recommendation()
    update = make_update(statuses={one: "planned"}, published=False, text="First words.")
    change = address("progressupdate_change", update.pk)
    typed = typed_update({one: "ongoing"}, version=version_of(update), text="Typed words.")

    shown = through_sign_in(client, user, client.post(change, typed))
    assert "You had been signed out, so nothing was saved." in shown.content.decode()
    assert "Typed words." in client.get(change).content.decode()
    client.post(change, typed)

    update.refresh_from_db()
    assert update.text == "Typed words."
    assert "You had been signed out" not in client.get(change).content.decode()


def test_it_can_be_discarded(user, client):
    report = make_report()
    change = address("report_change", report.pk)
    through_sign_in(client, user, client.post(change, typed_report(report, introduction="Typed words.")))

    page = client.get(f"{change}?discard=1", follow=True)

    assert "Typed words." not in page.content.decode()
    assert "Typed words." not in client.get(change).content.decode()


def test_what_a_colleague_saved_meanwhile_is_shown_beside_it(user, client):
    report = make_report()
    typed = typed_report(report, introduction="Typed words.")
    report.introduction = "Maria's words."
    report.save()

    shown = through_sign_in(client, user, client.post(address("report_change", report.pk), typed))

    page = shown.content.decode()
    assert "Typed words." in page
    assert "What stands now: Maria&#x27;s words." in page


def test_it_outlives_a_wrong_password_and_the_second_factor(client):
    member = account()
    with_app(member)
    report = make_report()
    change = address("report_change", report.pk)

    asked = client.post(change, typed_report(report, introduction="Typed words."))
    again = sign_in(client, member, password="no", unsaved=carried(asked), next=change)
    step = sign_in(client, member, unsaved=carried(again), next=change).url
    client.get(step)
    done = client.post(step, {"code": code(), "next": change})

    assert "Typed words." in client.get(done.url).content.decode()


@pytest.mark.usefixtures("public")
def test_it_outlives_a_session_that_lost_its_second_factor():
    member = account()
    client = verified(member)
    report = make_report()
    change = address("report_change", report.pk)
    second_factor.remove(member)

    step = client.post(change, typed_report(report, introduction="Typed words.")).url
    client.get(step)
    client.post(step, {"code": code_for(key_of(client))})

    assert "Typed words." in client.get(change).content.decode()
    assert Report.objects.get().introduction == ""


def test_too_much_to_carry_is_said(client):
    page = client.post(address("term_add"), {"word": "x" * 1_000_001})

    assert carried(page) is None
    assert "go back in your browser first and copy it" in page.content.decode()


@pytest.mark.parametrize("forged", ["x", "", "a:b:c", "\x00"])
def test_what_was_not_sealed_here_is_not_carried(client, forged):
    sign_in(client, account(), unsaved=forged)

    assert unsaved.SESSION_KEY not in client.session


def test_the_mark_alone_refuses_every_form_that_shows_it_again(user):
    """Without the rolled-back transaction around it, too, a form that shows what was typed again saves nothing."""
    client = signed_in(user)
    for page, typed in unsaved_cases():
        if page.endswith("/history/"):
            continue
        before = rows()
        response = client.post(page, {**typed, "_unsaved": "1"})
        assert response.status_code == 200, page
        assert rows() == before, page
    assert not Correction.objects.exists()
    assert not ProgressUpdate.objects.filter(text="Typed words.").exists()


def strict(member=None):
    client = Client(enforce_csrf_checks=True)
    if member:
        client.force_login(member)
    client.get(LOGIN)
    return client


def test_sign_in_again_in_another_tab_loses_nothing(user):
    report = make_report()
    change = address("report_change", report.pk)
    client = strict(user)
    typed = typed_report(report, introduction="Typed words.", csrfmiddlewaretoken="of-the-earlier-session")

    answer = client.post(change, typed, headers={"origin": "http://testserver"})

    assert answer.url == change
    assert "Typed words." in client.get(change).content.decode()
    assert Report.objects.get().introduction == ""


def test_a_form_of_another_site_is_refused_whole(user):
    report = make_report()
    change = address("report_change", report.pk)
    for member in (user, None):
        for headers in ({"origin": "https://evil.example"}, {}, {"origin": "null"}):
            client = strict(member)
            refused = client.post(change, typed_report(report, introduction="CANARY"), headers=headers)
            assert refused.status_code == 403
            assert "CANARY" not in refused.content.decode()
            assert carried(refused) is None
            assert unsaved.SESSION_KEY not in client.session


def test_a_sign_in_page_of_before_another_tab_signed_in_still_carries_it(user):
    report = make_report()
    change = address("report_change", report.pk)
    asked = Client().post(change, typed_report(report, introduction="Typed words."))
    client = strict(user)

    answer = client.post(
        LOGIN,
        {"username": user.username, "password": "pw", "unsaved": carried(asked), "csrfmiddlewaretoken": "old"},
        headers={"origin": "http://testserver"},
    )

    assert answer.url == change
    assert "Typed words." in client.get(change).content.decode()


# Accounts


def typed_account(member, **overrides):
    return {
        "username": member.username,
        "role": role_of(member) or "editor",
        "is_active": "on",
        "version": version_of(member),
        **overrides,
    }


def change_account(by, member, **overrides):
    return signed_in(by).post(reverse("admin:auth_user_change", args=[member.pk]), typed_account(member, **overrides))


def test_an_account_is_added_with_its_role_and_can_sign_in(client):
    typed = {
        "username": "maria",
        "first_name": "Maria",
        "role": "publisher",
        "password1": "correct horse staple",
        "password2": "correct horse staple",
    }

    signed_in(account(Role.ADMINISTRATOR)).post(reverse("admin:auth_user_add"), typed)

    maria = User.objects.get(username="maria")
    assert role_of(maria) == Role.PUBLISHER
    assert not maria.is_superuser
    assert sign_in(client, maria, password="correct horse staple").url == HOME


def test_an_administrator_gives_roles_and_neither_makes_nor_changes_superusers():
    administrator, member, superuser = account(Role.ADMINISTRATOR), account(Role.EDITOR), make_user()

    page = signed_in(administrator).get(reverse("admin:auth_user_change", args=[member.pk])).content.decode()
    change_account(administrator, member, role="administrator", is_superuser="on", user_permissions=["1"])
    refused = change_account(administrator, superuser, first_name="Forged")
    password = signed_in(administrator).post(
        reverse("admin:auth_user_password_change", args=[superuser.pk]),
        {"password1": "correct horse staple", "password2": "correct horse staple"},
    )

    member = User.objects.get(pk=member.pk)
    assert "user_permissions" not in page
    assert "is_superuser" not in page
    assert (role_of(member), member.is_superuser, member.user_permissions.count()) == (Role.ADMINISTRATOR, False, 0)
    assert (refused.status_code, password.status_code) == (403, 403)
    assert signed_in(administrator).get(reverse("admin:auth_user_change", args=[superuser.pk])).status_code == 200


def test_a_change_of_role_is_on_record_and_takes_away_what_the_other_one_had():
    administrator, member = account(Role.ADMINISTRATOR), account(Role.PUBLISHER)

    change_account(administrator, member, role="editor")

    assert role_of(User.objects.get(pk=member.pk)) == Role.EDITOR
    assert "Role" in LogEntry.objects.get().get_change_message()
    assert LogEntry.objects.get().user == administrator


@pytest.mark.parametrize("overrides", [{"role": "publisher"}, {"is_active": ""}])
def test_the_last_administrator_stays_one(overrides):
    last = account(Role.ADMINISTRATOR)
    make_user(is_active=False)
    account(Role.PUBLISHER)

    refused = change_account(last, last, **overrides)
    assert "last administrator" in refused.content.decode()
    assert User.objects.get(pk=last.pk).is_active
    assert role_of(User.objects.get(pk=last.pk)) == Role.ADMINISTRATOR

    account(Role.ADMINISTRATOR)
    assert change_account(last, last, **overrides).status_code == 302


def test_a_superuser_is_an_administrator_until_that_is_taken_away():
    first, second = make_user(), make_user()

    refused = change_account(first, second, role="editor", is_superuser="on")
    change_account(first, second, role="editor")

    assert "take away “Superuser” first" in refused.content.decode()
    assert role_of(User.objects.get(pk=second.pk)) == Role.EDITOR


def test_one_administrator_alone_is_warned_about():
    alone = account(Role.ADMINISTRATOR)
    publisher = account(Role.PUBLISHER)
    warning = "There is only one administrator"

    assert warning in signed_in(alone).get(HOME).content.decode()
    assert warning in signed_in(alone).get("/admin/auth/user/").content.decode()
    assert warning not in signed_in(publisher).get(HOME).content.decode()

    account(Role.ADMINISTRATOR)

    assert warning not in signed_in(alone).get(HOME).content.decode()
    assert warning not in signed_in(alone).get("/admin/auth/user/").content.decode()


@pytest.mark.parametrize(("role", "count"), [("editor", 1), ("administrator", 2), ("x", 4)])
def test_accounts_are_filtered_by_role(role, count):
    administrator = account(Role.ADMINISTRATOR)
    make_user()
    account(Role.EDITOR)
    account(Role.PUBLISHER)

    page = signed_in(administrator).get(f"/admin/auth/user/?role={role}", follow=True)

    assert len(page.context["cl"].result_list) == count


def test_secrets_and_groups_have_no_page():
    client = signed_in(make_user())

    for page in ("otp_totp/totpdevice/", "otp_static/staticdevice/", "auth/group/", "axes/accessattempt/"):
        assert client.get(f"/admin/{page}").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_two_administrators_who_demote_each_other_at_once_leave_one():
    pair = [account(Role.ADMINISTRATOR), account(Role.ADMINISTRATOR)]
    clients = [signed_in(one) for one in pair]
    forms = [typed_account(other, role="editor") for other in reversed(pair)]
    starts = threading.Barrier(2)

    def demote(number):
        starts.wait()
        try:
            other = pair[1 - number]
            clients[number].post(reverse("admin:auth_user_change", args=[other.pk]), forms[number])
        finally:
            connection.close()

    threads = [threading.Thread(target=demote, args=[number]) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert active_administrators().count() == 1


@pytest.mark.parametrize(("hosts", "required"), [("tracker.example.org", True), ("127.0.0.1", False)])
def test_the_second_factor_is_required_on_a_public_site(hosts, required):
    environment = {
        **os.environ,
        "ALLOWED_HOSTS": hosts,
        "SITE_URL": "https://tracker.example.org",
        "SECRET_KEY": "x" * 60,
        "DEBUG": "0",
    }
    program = "from tracker import settings; print(settings.SECOND_FACTOR_REQUIRED)"

    said = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)

    assert said.stdout == f"{required}\n"
