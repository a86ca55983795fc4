"""The second factor: who needs one, how it is set up, given, replaced and switched off."""

import datetime as dt
import os
import re
import subprocess
import sys
from urllib.parse import urlencode

import pytest
from django.contrib.admin.models import LogEntry
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from recommendations.accounts import second_factor
from recommendations.accounts.roles import Role
from recommendations.models import Term
from tests.factories import make_recommendation, make_user
from tests.people import (
    ELSEWHERE,
    HOME,
    KEY,
    LOGIN,
    account,
    address,
    code,
    code_for,
    key_of,
    sign_in,
    signed_in,
    verified,
    with_app,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fake_pdf")]


PAGES = [
    "/admin/",
    "/admin/recommendations/term/",
    "/admin/auth/user/",
    "/admin/second-factor/",
    "/admin/password_change/",
]


@pytest.mark.usefixtures("public_site")
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


@pytest.mark.usefixtures("public_site")
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


@pytest.mark.usefixtures("public_site")
def test_half_signed_in_one_may_sign_out(client):
    sign_in(client, account())

    client.post("/admin/logout/")

    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("page", ["verify/", "set-up/", "code.svg"])
def test_its_pages_are_for_who_gave_the_password(client, page):
    assert client.get(f"/admin/second-factor/{page}").url.startswith(LOGIN)
    assert client.post(f"/admin/second-factor/{page}", {"code": "123456"}).url.startswith(LOGIN)


# Setting it up


@pytest.mark.usefixtures("public_site")
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

    assert "What you set up before still works." in page
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


# Giving it


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


@pytest.mark.usefixtures("public_site")
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


@pytest.mark.usefixtures("public_site")
def test_reset_second_factor_lets_its_owner_set_up_a_new_one(capsys):
    member = account()
    client = verified(member)

    call_command("reset_second_factor", member.username)

    assert "now signs in with only a password" in capsys.readouterr().out
    assert client.get(HOME, follow=True).redirect_chain[-1][0].startswith("/admin/second-factor/set-up/")
    with pytest.raises(CommandError, match="has no second factor"):
        call_command("reset_second_factor", member.username)
    with pytest.raises(CommandError, match="There is no account nobody"):
        call_command("reset_second_factor", "nobody")


@pytest.mark.parametrize(("hosts", "required"), [("tracker.example.org", True), ("127.0.0.1", False)])
def test_the_second_factor_is_required_on_a_public_site(hosts, required):
    environment = {
        **os.environ,
        "ALLOWED_HOSTS": hosts,
        "SITE_URL": "https://tracker.example.org",
        "SECRET_KEY": "x" * 60,
        "TIME_ZONE": "America/Toronto",
        "DEBUG": "0",
    }
    program = "from tracker import settings; print(settings.SECOND_FACTOR_REQUIRED)"

    said = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)

    assert said.stdout == f"{required}\n"
