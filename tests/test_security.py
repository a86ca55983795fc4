"""The security page: what it lists, for whom, and for how long; and what is told of accounts that are locked."""

import datetime as dt

import pytest
from axes.models import AccessAttempt
from django.contrib import admin
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice

from recommendations.accounts import security_events
from recommendations.accounts.roles import Role
from recommendations.backup.rows import kept
from recommendations.models import ExportMade, SecurityEvent, SignInTurn
from recommendations.models.saves import one_save
from recommendations.models.security import KEPT
from recommendations.publishing.erasure import erase
from recommendations.publishing.history import version_of
from recommendations.publishing.notes import erase_note
from recommendations.publishing.takedowns import take_down
from recommendations.workspace.security import KINDS, SecurityLog
from tests.factories import make_plan, make_recommendation, make_update
from tests.people import HOME, account, code, export, guess, sent_by, sign_in, signed_in, with_app

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fake_pdf")]
PAGE = reverse("admin:security")
Kind = SecurityEvent.Kind


def lines(**wanted):
    return [(one.who, one.account, one.what) for one in SecurityLog(at=timezone.now(), **wanted)[:100]]


def events():
    return list(SecurityEvent.objects.order_by("pk").values_list("kind", "account__username"))


# What is recorded


def test_a_sign_in_is_recorded_and_with_a_second_factor_both_steps(client):
    member, other = account(), account()
    with_app(other)

    sign_in(client, member)
    sign_in(Client(), member, password="no")
    sign_in(client, other)
    client.post("/admin/second-factor/verify/", {"code": "000000"})
    assert events()[1:] == [("half_signed_in", other.username)]
    TOTPDevice.objects.update(throttling_failure_count=0)
    client.post("/admin/second-factor/verify/", {"code": code()})

    assert events() == [
        ("signed_in", member.username),
        ("half_signed_in", other.username),
        ("signed_in", other.username),
    ]


def test_whoever_replaces_a_given_password_is_in_only_then(client):
    member = account(Role.EDITOR)
    signed_in(account(Role.ADMINISTRATOR)).post(
        reverse("admin:auth_user_password_change", args=[member.pk]),
        {"password1": "correct horse staple", "password2": "correct horse staple"},
    )
    step = sign_in(client, member, password="correct horse staple").url
    assert events() == [("half_signed_in", member.username)]

    client.post(step, {"new_password1": "staple battery horse", "new_password2": "staple battery horse"})

    assert events()[1:] == [("signed_in", member.username)]


def test_a_lock_out_is_recorded_once_each_time_with_the_account_and_no_name_that_nobody_has(client):
    member = account()
    guess(member, 10)
    guess(User(username="my-password-typed-here"), 9)
    guess(User(username="another"), 9)

    assert events() == [("locked", member.username), ("locked", None)]
    assert lines(kind="lock_out") == [
        ("", "", "Too many wrong passwords for a user name that no account has."),
        ("", member.username, "Locked after too many wrong passwords."),
    ]

    SecurityEvent.objects.update(happened_at=timezone.now() - dt.timedelta(minutes=16))
    AccessAttempt.objects.update(attempt_time=timezone.now() - dt.timedelta(minutes=16))
    guess(member, 8)
    assert events()[2:] == [("locked", member.username)]


def test_what_is_older_than_ninety_days_is_not_shown_and_goes_with_the_next_event(client):
    member, now = account(), timezone.now()
    security_events.note(Kind.LOCKED, member, at=now - KEPT + dt.timedelta(minutes=1))
    SecurityEvent.objects.create(kind=Kind.SIGNED_IN, account=member, happened_at=now - KEPT)

    assert [one.what for one in SecurityLog(at=now)] == ["Locked after too many wrong passwords."]

    sign_in(client, member)
    assert events() == [("locked", member.username), ("signed_in", member.username)]


# What the page lists


def change(client, member, **typed):
    """Send the form of an account as its page shows it, but for what was `typed`."""
    page = reverse("admin:auth_user_change", args=[member.pk])
    client.post(page, {**sent_by(client.get(page)), **typed})


@pytest.fixture
def everything(user, now, client):
    """One line of each source, in the order in which they happened."""
    ana, administrator = account(first_name="Ana"), account(Role.ADMINISTRATOR, first_name="Bo")
    one = make_recommendation()
    sign_in(client, ana)
    guess(ana, 8)
    boss = signed_in(administrator)
    change(boss, ana, role="editor")
    export(boss, "recommendations_progressupdate", "csv")
    removed = take_down(make_update(statuses={one: "planned"}), reason="Safety.", by=user, at=now)
    erase(removed, by=administrator, at=timezone.now())
    noted = make_update(statuses={one: "planned"}, private_note="Told by a neighbour.")
    with one_save("erase_note"):
        erase_note(noted, reason="No longer needed.", expected=version_of(noted), by=administrator)
    return ana, administrator, removed, noted


def test_each_source_has_its_sentence_newest_first(everything):
    _ana, _administrator, removed, noted = everything

    assert lines() == [
        ("Bo", "", f"Erased the note for colleagues of U{noted.pk}."),
        ("Bo", "", f"Erased what was taken down: {removed}."),
        ("Bo", "", "Exported Progress updates: 0 rows, CSV."),
        ("Bo", "Ana", "Role changed to Editor."),
        ("", "Ana", "Locked after too many wrong passwords."),
        ("Ana", "", "Signed in."),
    ]


def test_lines_are_filtered_by_kind_and_by_account(everything):
    ana, administrator, *_others = everything

    counts = {kind: len(SecurityLog(at=timezone.now(), kind=kind)) for kind in KINDS}
    assert counts == {"sign_in": 1, "lock_out": 1, "account": 1, "export": 1, "erasure": 2}
    assert len(lines(account=ana.pk)) == 3
    assert len(lines(account=administrator.pk)) == 4
    assert lines(account=administrator.pk, kind="export") == [("Bo", "", "Exported Progress updates: 0 rows, CSV.")]


def test_notes_that_ended_by_themselves_name_nobody(user):
    update = make_update(statuses={make_recommendation(): "planned"})
    with one_save("end_notes"):
        update.save()

    assert lines() == [("", "", f"The note for colleagues of U{update.pk} was erased at the end of its term.")]


def test_accounts_say_what_changed_and_to_what():
    administrator = account(Role.ADMINISTRATOR)
    boss = signed_in(administrator)
    new = {"username": "new", "first_name": "New", "role": "editor", "password1": "correct horse staple"}
    boss.post(reverse("admin:auth_user_add"), {**new, "password2": "correct horse staple"})
    made = User.objects.get(username="new")
    change(boss, made, first_name="Neu", role="administrator", is_active=[])

    assert [what for _who, _whom, what in lines()] == [
        "Changed: First name. Role changed to Administrator. Deactivated.",
        "Added, with the role Editor.",
    ]


# The page


def test_the_page_shows_it_in_words_and_filters(everything):
    ana, administrator, *_others = everything
    client = signed_in(administrator)

    page = client.get(PAGE).content.decode()
    filtered = client.get(PAGE, {"account": ana.pk, "kind": "sign_in"})
    nothing = client.get(PAGE, {"account": ana.pk, "kind": "export"}).content.decode()
    wrong = client.get(PAGE, {"account": "0x", "kind": "DROP", "page": "-7"})

    assert "6 entries" in page
    assert "What happened to accounts in the last 90 days" in page
    assert [line.what for line in filtered.context["lines"]] == ["Signed in."]
    assert "Nothing matches this." in nothing
    assert wrong.status_code == 200
    assert len(wrong.context["lines"]) == 6


def test_the_page_says_that_nothing_happened_yet(staff):
    assert "Nothing happened yet." in staff.get(PAGE).content.decode()


def test_the_page_asks_the_database_as_often_for_many_lines_as_for_few(staff):
    update, counts = make_update(statuses={make_recommendation(): "planned"}), []
    for size in (1, 30):
        for number in range(size):
            member, now = account(first_name=f"Member {number}"), timezone.now()
            SecurityEvent.objects.create(kind=Kind.SIGNED_IN, account=member, happened_at=now)
            ExportMade.objects.create(what="areas", format="csv", rows=1, made_at=now, made_by=member)
            with one_save("erase_note"):
                update.save()
        staff.get(PAGE)
        with CaptureQueriesContext(connection) as captured:
            page = staff.get(PAGE)
        counts.append((len(captured), len(page.context["lines"])))

    assert counts == [(counts[0][0], 3), (counts[0][0], 50)]
    assert len(staff.get(PAGE, {"page": "2"}).context["lines"]) == 43


@pytest.mark.parametrize(("role", "status"), [(Role.EDITOR, 403), (Role.PUBLISHER, 403), (Role.ADMINISTRATOR, 200)])
def test_the_page_and_its_link_are_for_administrators(role, status):
    make_plan()
    client = signed_in(account(role))

    assert client.get(PAGE).status_code == status
    assert (PAGE in client.get(HOME).content.decode()) == (status == 200)


def test_no_list_and_so_no_export_has_it_and_no_backup():
    assert SecurityEvent not in admin.site._registry
    assert kept([SecurityEvent, SignInTurn, ExportMade]) == [ExportMade]


# Lock-outs


def test_administrators_are_told_in_their_workspace_which_account_is_locked():
    make_plan()
    member = account(first_name="Ana")
    guess(member, 8)
    guess(User(username="ghost"), 8)
    unlock = reverse("admin:auth_user_unlock", args=[member.pk])
    administrator, publisher = signed_in(account(Role.ADMINISTRATOR)), signed_in(account(Role.PUBLISHER))

    told = administrator.get(HOME).content.decode()
    assert "Ana: since" in told
    assert unlock in told
    assert "ghost" not in told
    assert unlock not in publisher.get(HOME).content.decode()

    administrator.post(unlock, {"reason": "It was her."})
    assert unlock not in administrator.get(HOME).content.decode()
    assert next(what for _who, _whom, what in lines(kind="account")).endswith("It was her.")
    assert sign_in(Client(), member).status_code == 302
