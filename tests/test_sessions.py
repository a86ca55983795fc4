"""When a session of staff ends."""

import datetime as dt
import time

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.urls import reverse
from django.utils import timezone

from recommendations.accounts.roles import Role
from recommendations.publishing.history import version_of
from tests.people import (
    HOME,
    LOGIN,
    account,
    sign_in,
    signed_in,
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
