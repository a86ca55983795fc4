"""When a session of staff ends."""

import datetime as dt
import time

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.models import Session
from django.urls import reverse
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice

from recommendations.accounts.roles import Role
from recommendations.accounts.sessions import end_sessions
from recommendations.publishing.history import version_of
from tests.factories import make_user
from tests.people import (
    HOME,
    LOGIN,
    account,
    sign_in,
    signed_in,
    with_app,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fake_pdf")]


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


def test_anonymous_visitors_of_the_sign_in_page_get_no_session(client, settings):
    client.get(LOGIN)
    client.get(HOME)
    client.post(HOME)

    assert settings.SESSION_COOKIE_NAME not in client.cookies
    assert not Session.objects.exists()


def test_a_new_password_signs_out_everywhere_else():
    member = account()
    here, elsewhere = signed_in(member), signed_in(member)
    new = {"old_password": "pw", "new_password1": "correct horse staple", "new_password2": "correct horse staple"}

    done = here.post("/admin/password_change/", new, follow=True)

    assert "you have been signed out everywhere else" in done.content.decode()
    assert here.get(HOME).status_code == 200
    assert elsewhere.get(HOME).status_code == 302
    assert LogEntry.objects.get().get_change_message() == "Changed their own password."


def test_a_new_password_that_is_refused_is_said_in_the_words_of_the_other_pages():
    page = signed_in(account()).post("/admin/password_change/", {}).content.decode()

    assert "Nothing has been changed yet: see below." in page
    assert "Please correct the error" not in page
    assert page.count('class="errorlist"') == 3


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


# Signing out everywhere

EVERYWHERE = "/admin/sign-out-everywhere/"


def test_signing_out_everywhere_leaves_this_session_alone(client):
    member, other = account(), account()
    here, phone, theirs = signed_in(member), signed_in(member), signed_in(other)
    with_app(member)
    sign_in(client, member)  # Half signed in: the second factor is still to come.
    TOTPDevice.objects.all().delete()

    assert here.get(EVERYWHERE).status_code == 200
    assert phone.get(HOME).status_code == 200
    done = here.post(EVERYWHERE, {"_end": ""}, follow=True).content.decode()

    assert "2 other sessions ended." in done
    assert [one.get(HOME).status_code for one in (here, theirs, phone, client)] == [200, 200, 302, 302]
    assert LogEntry.objects.get().get_change_message() == "Signed out everywhere else."
    assert "You were signed in nowhere else." in here.post(EVERYWHERE, {"_end": ""}, follow=True).content.decode()


def test_a_request_that_was_under_way_does_not_bring_a_session_back():
    member = account()
    here = signed_in(member)
    under_way = here.session
    under_way["typed"] = "words"

    end_sessions(member)

    with pytest.raises(UpdateError):
        under_way.save()
    assert not Session.objects.exists()


def test_an_administrator_signs_a_colleague_out_for_a_reason_and_stays(client):
    member, administrator = account(), account(Role.ADMINISTRATOR)
    theirs, boss, elsewhere = signed_in(member), signed_in(administrator), signed_in(administrator)
    page = reverse("admin:auth_user_sign_out", args=[member.pk])

    boss.post(page, {"reason": " "})
    assert theirs.get(HOME).status_code == 200
    boss.post(page, {"reason": "Lost a laptop."})
    boss.post(reverse("admin:auth_user_sign_out", args=[administrator.pk]), {"reason": "Mine."})

    assert [one.get(HOME).status_code for one in (theirs, boss, elsewhere)] == [302, 200, 302]
    assert [entry.get_change_message() for entry in LogEntry.objects.order_by("pk")] == [
        "Signed out everywhere. Lost a laptop.",
        "Signed out everywhere else. Mine.",
    ]


def test_only_a_superuser_signs_a_superuser_out():
    superuser = make_user()
    theirs = signed_in(superuser)
    page = reverse("admin:auth_user_sign_out", args=[superuser.pk])

    for role in Role:
        assert signed_in(account(role)).post(page, {"reason": "No."}).status_code == 403
    assert theirs.get(HOME).status_code == 200
