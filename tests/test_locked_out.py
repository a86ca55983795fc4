"""Locked out: an account is unlocked, a given password replaced, a second factor removed by two administrators."""

import datetime as dt
import threading
from io import StringIO

import pytest
from axes.models import AccessAttempt
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.contrib.auth.tokens import default_token_generator
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django_otp.plugins.otp_totp.models import TOTPDevice

from recommendations.accounts.failures import KNOWN
from recommendations.accounts.lockouts import Lockout, lockouts, unlock
from recommendations.accounts.roles import Role
from recommendations.accounts.second_factor_resets import agree, ask, decline
from recommendations.models import GivenPassword, SecondFactorReset, SecurityEvent
from recommendations.models.security import KEPT
from recommendations.publishing.acts import Refused, Unchanged
from tests.factories import make_user
from tests.people import HOME, account, code, guess, sign_in, signed_in, verified, with_app
from tracker.background import background

pytestmark = [pytest.mark.django_db, pytest.mark.pages]

AT = dt.datetime(2026, 6, 1, 12, 0, tzinfo=dt.UTC)
MINUTE, DAY = dt.timedelta(minutes=1), dt.timedelta(days=1)
GIVEN, OWN = "correct horse staple", "four unrelated words now"


def page_of(member, name):
    return reverse(f"admin:auth_user_{name}", args=[member.pk])


def last_words():
    return LogEntry.objects.order_by("-pk").first().get_change_message()


# Locked after wrong passwords


@pytest.mark.parametrize(
    ("attempts", "expected"),
    [
        ([], None),
        ([(1, 7)], None),
        ([(15, 8)], None),
        ([(1, 8)], Lockout(AT - MINUTE, AT + 14 * MINUTE)),
        ([(14, 4), (3, 2), (1, 2)], Lockout(AT - MINUTE, AT + MINUTE)),
        ([(14, 4), (3, 5), (1, 3)], Lockout(AT - MINUTE, AT + 12 * MINUTE)),
        ([(16, 7), (1, 7)], None),
    ],
)
def test_a_lock_begins_with_the_last_wrong_password_and_ends_when_enough_are_old(attempts, expected):
    for number, (minutes, count) in enumerate(attempts):
        attempt = AccessAttempt.objects.create(username="maria", user_agent=number, failures_since_start=count)
        AccessAttempt.objects.filter(pk=attempt.pk).update(attempt_time=AT - minutes * MINUTE)

    assert lockouts(at=AT) == ({"maria": expected} if expected else {})


def test_what_has_expired_is_deleted_and_what_counts_stays():
    sessions = [SessionStore(), SessionStore()]
    for number, (session, minutes) in enumerate(zip(sessions, (-1, 1), strict=True)):
        session.set_expiry(timezone.now() + minutes * MINUTE)
        session.save()
        attempt = AccessAttempt.objects.create(username="maria", user_agent=number, failures_since_start=1)
        AccessAttempt.objects.filter(pk=attempt.pk).update(attempt_time=timezone.now() - (15 - minutes) * MINUTE)
        SecurityEvent.objects.create(kind="locked", happened_at=timezone.now() - KEPT + minutes * MINUTE)

    call_command("clean_up", stdout=(said := StringIO()))

    assert Session.objects.get().session_key == sessions[1].session_key
    assert AccessAttempt.objects.get().user_agent == "1"
    assert SecurityEvent.objects.get().happened_at > timezone.now() - KEPT
    assert said.getvalue() == "Ended sessions are deleted, failures to sign in: 1, security events: 1.\n"


def test_an_administrator_sees_a_lock_and_lifts_it_for_a_reason(client):
    administrator, member = account(Role.ADMINISTRATOR), account()
    guess(member, 8)
    staff = signed_in(administrator)

    shown = staff.get("/admin/auth/user/").content.decode(), staff.get(page_of(member, "change")).content.decode()
    refused = staff.post(page_of(member, "unlock"), {"reason": " "})
    still_locked = sign_in(Client(), member).status_code
    staff.post(page_of(member, "unlock"), {"reason": "She typed them."})

    assert "Locked since" in shown[0]
    assert page_of(member, "unlock") in shown[1]
    assert refused.context["form"].errors == {"reason": ["This field is required."]}
    assert still_locked == 429
    assert sign_in(client, member).url == HOME
    assert last_words().startswith("Unlocked. It had been locked since ")
    assert last_words().endswith(" She typed them.")
    assert LogEntry.objects.latest("pk").user == administrator
    assert "Locked since" not in staff.get("/admin/auth/user/").content.decode()


def test_nobody_outside_locks_out_a_browser_that_the_account_knows(client):
    member, home = account(), Client()
    sign_in(home, member)
    home.post("/admin/logout/")

    guess(member, 8)

    assert sign_in(client, member).status_code == 429
    assert sign_in(home, member).url == HOME
    assert sign_in(client, member).status_code == 429


def test_guessing_at_a_known_browser_is_bounded_too_and_an_administrator_unlocks_it(user):
    member, home = account(), Client()
    sign_in(home, member)
    home.post("/admin/logout/")

    answers = [sign_in(home, member, password="no").status_code for _ in range(9)]

    assert answers == [200] * 7 + [429] * 2
    assert sign_in(home, member).status_code == 429
    assert sign_in(Client(), member).url == HOME
    unlock(member, by=user, reason="She typed them.", at=timezone.now())
    assert sign_in(home, member).url == HOME


def test_of_two_locks_the_longer_one_is_told():
    member = account()
    for minutes, name in ((3, member.username), (1, f"{KNOWN}{member.username}")):
        row = AccessAttempt.objects.create(username=name, failures_since_start=8)
        AccessAttempt.objects.filter(pk=row.pk).update(attempt_time=AT - minutes * MINUTE)

    assert lockouts(at=AT) == {member.username: Lockout(AT - MINUTE, AT + 14 * MINUTE)}


def test_an_account_is_unlocked_once(user):
    member = account()
    guess(member, 8)

    unlock(member, by=user, reason="She typed them.", at=timezone.now())

    with pytest.raises(Unchanged, match="isn't locked any more"):
        unlock(member, by=user, reason="She typed them.", at=timezone.now())
    assert LogEntry.objects.count() == 1


QUERIES_OF_THE_LIST = 18


def test_the_list_of_accounts_asks_once_for_all_locks(django_assert_num_queries):
    staff = signed_in(account(Role.ADMINISTRATOR))

    def queries():
        with django_assert_num_queries(QUERIES_OF_THE_LIST):
            staff.get("/admin/auth/user/")

    staff.get("/admin/auth/user/")  # The first page of a session saves it.
    queries()
    for _ in range(10):
        guess(account(), 8)
    queries()


# A password that was given


def typed(password):
    return {"new_password1": password, "new_password2": password}


def given(role=Role.EDITOR, *, by=None, **overrides):
    """A member whose password an administrator set on the page for it."""
    member = account(role, **overrides)
    signed_in(by or account(Role.ADMINISTRATOR)).post(
        page_of(member, "password_change"), {"password1": GIVEN, "password2": GIVEN}
    )
    return member


@pytest.mark.usefixtures("public_site")
def test_a_first_password_is_replaced_before_anything_else(client):
    new = {"username": "maria", "role": "publisher", "password1": GIVEN, "password2": GIVEN}
    verified(account(Role.ADMINISTRATOR)).post(reverse("admin:auth_user_add"), new)
    maria = GivenPassword.objects.get().account

    step = sign_in(client, maria, password=GIVEN, next="/admin/recommendations/term/").url
    elsewhere = [
        client.get(page, follow=True).redirect_chain[-1][0]
        for page in (HOME, "/admin/password_change/", "/admin/second-factor/", "/admin/second-factor/set-up/")
    ]
    same = client.post(step, typed(GIVEN))
    short = client.post(step, typed("short"))
    done = client.post(step, {**typed(OWN), "next": "/admin/recommendations/term/"})

    assert step == "/admin/first-password/?next=%2Fadmin%2Frecommendations%2Fterm%2F"
    assert {address.partition("?")[0] for address in elsewhere} == {"/admin/first-password/"}
    assert "That is the password you were given." in same.content.decode()
    assert short.context["form"].errors.keys() == {"new_password2"}
    assert done.url == "/admin/recommendations/term/"
    # What comes next on a public site.
    assert client.get(done.url, follow=True).redirect_chain[-1][0].startswith("/admin/second-factor/set-up/")
    assert not GivenPassword.objects.exists()
    assert last_words() == "Replaced the password that was given."
    assert sign_in(Client(), maria, password=OWN).url.startswith("/admin/second-factor/set-up/")


def test_whoever_has_a_second_factor_gives_it_before_replacing_the_password(client):
    member = given()
    with_app(member)

    step = sign_in(client, member, password=GIVEN).url
    too_soon = client.post("/admin/first-password/", typed(OWN))
    client.post("/admin/second-factor/verify/", {"code": code()})

    assert step.startswith("/admin/second-factor/verify/")
    assert too_soon.url.startswith("/admin/second-factor/verify/")
    assert client.get(HOME, follow=True).redirect_chain[-1][0].startswith("/admin/first-password/")
    assert client.post("/admin/first-password/", typed(OWN)).url == HOME
    assert client.get(HOME).status_code == 200


def test_a_password_that_one_set_for_oneself_was_not_given(client):
    administrator = account(Role.ADMINISTRATOR)

    signed_in(administrator).post(page_of(administrator, "password_change"), {"password1": GIVEN, "password2": GIVEN})

    assert sign_in(client, administrator, password=GIVEN).url == HOME


def test_a_password_by_e_mail_takes_the_place_of_the_given_one(client):
    member = given(email="maria@example.org")
    member.refresh_from_db()
    uid, token = urlsafe_base64_encode(force_bytes(member.pk)), default_token_generator.make_token(member)

    form = client.get(f"/admin/password-reset/{uid}/{token}/", follow=True)
    client.post(form.redirect_chain[-1][0], typed(OWN))

    assert sign_in(client, member, password=OWN).url == HOME
    assert last_words() == "Chose a new password, by a link in an e-mail."


def test_the_page_for_a_first_password_opens_for_nobody_else(client):
    signed_out = client.get("/admin/first-password/")
    sign_in(client, account())

    assert signed_out.url.startswith("/admin/login/")
    assert client.get("/admin/first-password/").url == HOME
    assert client.post("/admin/first-password/", typed(OWN)).url == HOME
    assert not LogEntry.objects.exists()


# A second factor, removed by two administrators


@pytest.fixture
def three():
    """Two administrators, and a publisher who lost the phone."""
    publisher = account(username="lost", email="lost@example.org")
    with_app(publisher)
    one = account(Role.ADMINISTRATOR, username="Ann", email="one@example.org")
    return one, account(Role.ADMINISTRATOR), publisher


def test_one_administrator_asks_and_another_one_removes_it(three, settings):
    one, other, member = three
    address = page_of(member, "reset_second_factor")

    refused = signed_in(one).post(address, {"_ask": "", "reason": ""})
    signed_in(one).post(address, {"_ask": "", "reason": "He lost his phone."})
    own = signed_in(one).post(address, {"_agree": ""}, follow=True)
    home, own_home = (signed_in(each).get(HOME).content.decode() for each in (other, one))
    page = signed_in(other).get(address).content.decode()
    assert TOTPDevice.objects.exists()
    signed_in(other).post(address, {"_agree": ""})

    assert refused.context["form"].errors == {"reason": ["This field is required."]}
    assert "another administrator has to agree" in own.content.decode()
    assert f'{address}">Agree or decline' in home
    assert f'{address}">Take it back' in own_home
    assert "He lost his phone." in page
    assert not TOTPDevice.objects.exists()
    assert [(entry.user, entry.get_change_message()) for entry in LogEntry.objects.order_by("pk")] == [
        (one, "Asked to remove the second factor. He lost his phone."),
        (other, f"Second factor removed, as {one.username} had asked. He lost his phone."),
    ]


@pytest.mark.django_db(transaction=True)
def test_the_colleague_and_the_administrators_are_told(three, client):
    one, other, member = three

    ask(member, by=one, reason="He lost his phone.", at=timezone.now())
    agree(member, by=other, at=timezone.now())
    background.wait()

    asked, done = mail.outbox
    assert asked.bcc == done.bcc == ["lost@example.org", "one@example.org"]
    assert f"{one.username} asks to remove the second factor of lost." in asked.body
    assert f"{one.username} and {other.username} removed the second factor of lost" in done.body
    for words in (asked.subject, asked.body, done.body):
        assert "phone" not in words
    told = f"{one.username} and {other.username} removed the second factor of lost"
    sign_in(client, member)
    assert told in client.get(HOME).content.decode()
    assert told in signed_in(one).get(HOME).content.decode()
    assert told not in signed_in(account()).get(HOME).content.decode()


def test_an_administrator_declines_and_whoever_asked_takes_it_back(three):
    one, other, member = three

    for by in (other, one):
        ask(member, by=one, reason="Lost.", at=AT)
        decline(member, by=by, at=AT)
        with pytest.raises(Refused, match="Nobody asks for this any more"):
            agree(member, by=other, at=AT)

    words = [entry.get_change_message() for entry in LogEntry.objects.order_by("pk")]
    assert words[1] == f"Declined to remove the second factor, as {one.username} had asked."
    assert words[3] == "Took back the request to remove the second factor."
    assert TOTPDevice.objects.exists()


def test_agreeing_is_for_another_administrator_within_a_day(three):
    one, other, member = three
    with_app(other)

    ask(member, by=one, reason="Lost.", at=AT)
    with pytest.raises(Unchanged, match="already asked"):
        ask(member, by=other, reason="Lost.", at=AT)
    for by, at, why in (
        (one, AT, "You asked for this yourself"),
        (member, AT, "Only another administrator"),
        (account(), AT, "Only another administrator"),
        (other, AT + DAY, "more than a day passed"),
    ):
        with pytest.raises(Refused, match=why):
            agree(member, by=by, at=at)
    assert TOTPDevice.objects.filter(user=member).exists()

    agree(member, by=other, at=AT + DAY - MINUTE)
    assert not TOTPDevice.objects.filter(user=member).exists()
    # Nobody asks for themselves, nor agrees; here two others are lacking.
    with pytest.raises(Refused, match="Only another administrator"):
        ask(other, by=other, reason="Lost.", at=AT)
    with pytest.raises(Refused, match="No other administrator could agree"):
        ask(other, by=one, reason="Lost.", at=AT)


def test_whoever_asked_and_is_no_administrator_any_more_does_not_count(three):
    one, other, member = three
    ask(member, by=one, reason="Lost.", at=AT)
    one.is_active = False
    one.save()

    with pytest.raises(Refused, match="no longer an administrator"):
        agree(member, by=other, at=AT)


def test_only_superusers_remove_that_of_a_superuser(three):
    one, other, _member = three
    superuser = make_user()
    with_app(superuser)

    for by in (one, other):
        with pytest.raises(Refused, match="Only another administrator"):
            ask(superuser, by=by, reason="Lost.", at=AT)
    assert signed_in(one).get(page_of(superuser, "reset_second_factor")).status_code == 403


def test_one_administrator_alone_is_told_of_the_command():
    alone, member = account(Role.ADMINISTRATOR), account(username="lost")
    with_app(member)

    page = signed_in(alone).get(page_of(member, "reset_second_factor")).content.decode()

    assert "manage.py reset_second_factor lost" in page
    assert 'name="_ask"' not in page


@pytest.mark.parametrize(
    "wrong",
    [
        {"asked_by": "member"},
        {"confirmed_at": AT},
        {"confirmed_by": "other"},
        {"confirmed_at": AT, "confirmed_by": "one"},
        {"confirmed_at": AT, "confirmed_by": "member"},
    ],
)
def test_the_database_takes_no_reset_by_one_person(three, wrong):
    names = dict(zip(("one", "other", "member"), three, strict=True))
    row = {"account": names["member"], "asked_by": names["one"], "asked_at": AT, "reason": "Lost."}
    row |= {name: names.get(value, value) for name, value in wrong.items()}

    with pytest.raises(IntegrityError), transaction.atomic():
        SecondFactorReset.objects.create(**row)


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_who_agree_and_decline_at_once_do_one_of_them(three, rounds):
    one, other, member = three
    third = account(Role.ADMINISTRATOR)
    # Nobody is told, or the messages would arrive during the test that comes next.
    User.objects.update(email="")
    member.refresh_from_db()
    for _ in range(rounds):
        TOTPDevice.objects.all().delete()
        with_app(member)
        ask(member, by=one, reason="Lost.", at=timezone.now())
        logged = LogEntry.objects.count()
        starts, done = threading.Barrier(2), []

        def decide(act, by, starts=starts, done=done):
            starts.wait()
            try:
                act(member, by=by, at=timezone.now())
                done.append(act)
            except Refused:
                pass
            finally:
                connection.close()

        threads = [threading.Thread(target=decide, args=pair) for pair in ((agree, other), (decline, third))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert len(done) == 1
        assert TOTPDevice.objects.exists() == (done == [decline])
        assert LogEntry.objects.count() == logged + 1
