"""A colleague leaves: what ends with one act, what stays, and what the others see."""

import threading

import pytest
from axes.models import AccessAttempt
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.contrib.auth.tokens import default_token_generator
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from recommendations.accounts.leaving import leave
from recommendations.accounts.roles import Role, active_administrators
from recommendations.accounts.second_factor_resets import ask
from recommendations.models import ExportMade, GivenPassword, PasswordResetSent, SecondFactorReset
from recommendations.publishing.acts import Refused, Unchanged
from recommendations.publishing.updates import mark_ready
from tests.factories import make_recommendation, make_update, make_user
from tests.people import HOME, account, address, export, guess, sign_in, signed_in, typed_update, with_app

pytestmark = [pytest.mark.django_db, pytest.mark.pages]


def page_of(member):
    return reverse("admin:auth_user_leave", args=[member.pk])


def test_everything_that_could_let_them_in_ends_and_the_history_keeps_their_name():
    by, member, other = account(Role.ADMINISTRATOR), account(email="maria@example.org"), account()
    theirs, others = signed_in(member), signed_in(other)
    theirs.get(HOME)
    others.get(HOME)
    token = default_token_generator.make_token(member)
    PasswordResetSent.objects.create(user=member, sent_at=timezone.now())
    GivenPassword.objects.create(account=member, given_at=timezone.now())
    guess(member, 3)

    done = signed_in(by).post(page_of(member), {"reason": "Her contract ended."}, follow=True)

    member.refresh_from_db()
    assert "can no longer sign in" in done.content.decode()
    assert (member.is_active, member.has_usable_password()) == (False, False)
    assert not default_token_generator.check_token(member, token)
    assert [session.get_decoded()["_auth_user_id"] for session in Session.objects.order_by("expire_date")] == [
        str(other.pk),
        str(by.pk),
    ]
    for kind in (GivenPassword, AccessAttempt, PasswordResetSent):
        assert not kind.objects.exists()
    assert theirs.get(HOME).status_code == 302
    assert others.get(HOME).status_code == 200
    entry = LogEntry.objects.get()
    assert entry.user == by
    assert entry.get_change_message().endswith(" Her contract ended.")
    # Reactivated, nothing that was theirs opens again.
    User.objects.update(is_active=True)
    assert theirs.get(HOME).status_code == 302
    assert sign_in(Client(), member).status_code == 200


def test_it_needs_a_reason_and_happens_once(user):
    member = account()

    refused = signed_in(user).post(page_of(member), {"reason": ""})
    leave(member, by=user, reason="Moved on.")

    assert refused.context["form"].errors == {"reason": ["This field is required."]}
    with pytest.raises(Unchanged, match="deactivated already"):
        leave(member, by=user, reason="Moved on.")
    assert LogEntry.objects.count() == 1


def test_nobody_removes_a_second_factor_alone_by_letting_somebody_go_and_back_in(user):
    member = account()
    with_app(member)

    leave(member, by=user, reason="Moved on.")
    member.refresh_from_db()
    member.is_active = True
    member.set_password("given")
    member.save()

    assert "/second-factor/verify/" in sign_in(Client(), member, "given").url


def test_what_they_asked_for_ends_with_them():
    one, other, member = account(Role.ADMINISTRATOR), account(Role.ADMINISTRATOR), account()
    with_app(member)
    ask(member, by=one, reason="Lost.", at=timezone.now())

    leave(one, by=other, reason="Moved on.")

    assert not SecondFactorReset.objects.exists()


def test_the_last_administrator_stays_and_others_may_let_themselves_go(client):
    one = account(Role.ADMINISTRATOR)
    member = account()

    page = signed_in(one).post(page_of(one), {"reason": "Moved on."}).content.decode()
    assert "This is the only administrator who can sign in." in page
    assert 'name="reason"' not in page
    assert User.objects.get(pk=one.pk).is_active

    account(Role.ADMINISTRATOR)
    gone = signed_in(one).post(page_of(one), {"reason": "Moved on."})
    assert gone.url == "/admin/login/"
    with pytest.raises(Refused, match="no longer an administrator"):
        leave(member, by=one, reason="Moved on.")


def test_the_page_lists_the_drafts_they_wrote_on_and_what_they_exported():
    by, member = account(Role.ADMINISTRATOR), account(Role.PUBLISHER)
    one = make_recommendation()
    theirs = signed_in(member)
    theirs.post(address("progressupdate_add"), typed_update({one: "planned"}, text="Theirs, begun."))
    changed = make_update(statuses={one: "planned"}, text="Changed by them.", published=False)
    changed._history_user = member
    changed.save()
    mark_ready(changed, by=by, at=timezone.now())
    make_update(statuses={one: "planned"}, text="Somebody else's.", published=False)
    published = make_update(statuses={one: "planned"}, text="Published since.")
    published._history_user = member
    published.save()
    export(theirs, "recommendations_progressupdate", "csv", q="Theirs")
    export(theirs, "recommendations_progressupdate")

    before = signed_in(by).get(page_of(member)).content.decode()
    leave(member, by=by, reason="Moved on.")
    after = signed_in(by).get(page_of(member)).content.decode()

    for page in (before, after):
        assert "Theirs, begun." in page
        assert "Changed by them." in page
        assert "Somebody else's." not in page
        assert "Published since." not in page
        assert "Progress updates, one row, CSV" in page
    made = ExportMade.objects.get()
    assert (made.what, made.format, made.rows, made.made_by) == ("progress updates", "csv", 1, member)
    assert 'name="reason"' in before
    assert 'name="reason"' not in after


@pytest.mark.parametrize(("role", "status"), [(Role.PUBLISHER, 403), (Role.ADMINISTRATOR, 403)])
def test_only_a_superuser_lets_a_superuser_go(role, status):
    superuser, member = make_user(), account(role)

    assert signed_in(member).post(page_of(superuser), {"reason": "Moved on."}).status_code == status
    assert User.objects.get(pk=superuser.pk).is_active


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_administrators_who_let_each_other_go_at_once_leave_one(rounds):
    for _ in range(rounds):
        User.objects.update(is_active=False)
        pair = [account(Role.ADMINISTRATOR), account(Role.ADMINISTRATOR)]
        starts = threading.Barrier(2)

        def let_go(number, pair=pair, starts=starts):
            starts.wait()
            try:
                leave(pair[1 - number], by=pair[number], reason="Moved on.")
            except Refused:
                pass
            finally:
                connection.close()

        threads = [threading.Thread(target=let_go, args=[number]) for number in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert active_administrators().count() == 1
