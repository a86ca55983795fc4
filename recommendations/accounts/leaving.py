"""A colleague leaves: what ends at once, and what stays behind for the others to look at."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from recommendations.accounts import given_passwords
from recommendations.models import (
    ExportMade,
    PasswordResetSent,
    ProgressUpdate,
    SecondFactorReset,
)
from recommendations.publishing.acts import Refused, Unchanged
from recommendations.publishing.history import PARTS

from .failures import forget_failures
from .records import record
from .roles import ACCOUNTS, is_last_administrator, lock_accounts
from .sessions import end_sessions


def drafts_of(account: User) -> QuerySet[ProgressUpdate]:
    """The updates not published yet that this colleague wrote on, the newest last: for people to look at."""
    written = Q(pk__in=ProgressUpdate.history.filter(history_user=account).values("id"))
    for part, link in PARTS[ProgressUpdate]:
        written |= Q(pk__in=part.history.filter(history_user=account).values(link))
    return ProgressUpdate.objects.filter(written, published_at=None).for_admin().in_order()


def exports_of(account: User) -> QuerySet[ExportMade]:
    """What this colleague exported, the newest first."""
    return ExportMade.objects.filter(made_by=account)


def leave(account: User, *, by: User, reason: str) -> None:
    """Deactivate `account` and end all that could let its owner in; the history still names them.

    Sessions end with what was typed in them, links for a new password with the password. The second factor stays: it
    opens nothing alone, and removing it takes two administrators. Refused for the last administrator, Unchanged if they
    have left.
    """
    with transaction.atomic():
        stored = lock_accounts(account)
        if not stored.is_active:
            raise Unchanged(_("This account is deactivated already."))
        if not User.objects.get(pk=by.pk).has_perm(ACCOUNTS):
            raise Refused(_("You are no longer an administrator."))
        if is_last_administrator(stored):
            raise Refused(
                _("This is the only administrator who can sign in. Make somebody else an administrator first.")
            )
        stored.is_active = False
        stored.set_unusable_password()
        stored.save(update_fields=["is_active", "password"])
        end_sessions(stored)
        given_passwords.forget(stored)
        forget_failures(stored.get_username())
        PasswordResetSent.objects.filter(user=stored).delete()
        SecondFactorReset.objects.filter(Q(account=stored) | Q(asked_by=stored, confirmed_at=None)).delete()
        record(
            stored,
            by=by,
            words=_("Left: the account was deactivated, and all that could let them in has ended."),
            reason=reason,
        )
