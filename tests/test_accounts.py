"""The pages of accounts: roles, who may change whom, and the last administrator."""

import threading

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.db import connection
from django.urls import reverse

from recommendations.accounts.roles import Role, active_administrators, role_of
from recommendations.publishing.history import version_of
from tests.factories import make_user
from tests.people import (
    HOME,
    account,
    sign_in,
    signed_in,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fake_pdf")]


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
    assert sign_in(client, maria, password="correct horse staple").url.startswith("/admin/first-password/")


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
    assert "only administrator" in refused.content.decode()
    assert User.objects.get(pk=last.pk).is_active
    assert role_of(User.objects.get(pk=last.pk)) == Role.ADMINISTRATOR

    account(Role.ADMINISTRATOR)
    assert change_account(last, last, **overrides).status_code == 302


def test_a_superuser_is_an_administrator_until_that_is_taken_away():
    first, second = make_user(), make_user()

    refused = change_account(first, second, role="editor", is_superuser="on")
    change_account(first, second, role="editor")

    assert "untick “Superuser” first" in refused.content.decode()
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
