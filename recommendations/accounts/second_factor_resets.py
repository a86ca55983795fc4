"""Removing a colleague's second factor takes two administrators: one asks, another one agrees within a day.

The colleague is never one of the two. All administrators and the colleague are told, on their pages and by e-mail.
"""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models, transaction
from django.utils.translation import gettext as _

from recommendations.accounts import second_factor
from recommendations.models import ActionPlan, SecondFactorReset
from recommendations.publishing.acts import Refused, Unchanged
from recommendations.publishing.history import name_of
from recommendations.text import dates

from .email import send_later
from .records import record
from .roles import active_administrators, lock_accounts

LASTS = dt.timedelta(hours=24)  # for agreeing
TOLD_FOR = dt.timedelta(days=7)  # on pages, after it was done


def able(account: User) -> models.QuerySet[User]:
    """The administrators who may ask for `account` and agree: two of them are needed."""
    others = active_administrators().exclude(pk=account.pk)
    return others.filter(is_superuser=True) if account.is_superuser else others


def asked_for(account: User, *, at: dt.datetime) -> SecondFactorReset | None:
    """What waits for another administrator at that time, if anything does."""
    waiting = SecondFactorReset.objects.filter(account=account, confirmed_at=None, asked_at__gt=at - LASTS)
    return waiting.select_related("account", "asked_by").first()


def to_tell(*, at: dt.datetime, account: User | None = None) -> list[tuple[SecondFactorReset, str]]:
    """What administrators should know at that time, or the owner of `account`: what was asked for, and what was done.

    Each with its sentence, in one query.
    """
    waits = models.Q(confirmed_at=None, asked_at__gt=at - LASTS)
    found = SecondFactorReset.objects.filter(waits | models.Q(confirmed_at__gt=at - TOLD_FOR))
    found = found.select_related("account", "asked_by", "confirmed_by")
    return [(one, sentence(one)) for one in (found.filter(account=account) if account else found)]


def sentence(reset: SecondFactorReset) -> str:
    """Who asked for it, and until when another one can agree; or who removed it, and when."""
    words = {"account": name_of(reset.account), "who": name_of(reset.asked_by), "other": name_of(reset.confirmed_by)}
    if reset.confirmed_at:
        done = _("%(who)s and %(other)s removed the second factor of %(account)s (%(moment)s).")
        return done % {**words, "moment": dates.moment(reset.confirmed_at)}
    asked = _(
        "%(who)s asks to remove the second factor of %(account)s. Another administrator can agree until %(moment)s."
    )
    return asked % {**words, "moment": dates.moment(reset.asked_at + LASTS)}


def ask(account: User, *, by: User, reason: str, at: dt.datetime) -> None:
    """Ask the other administrators; Refused where nobody else could agree, Unchanged if somebody asked already."""
    with transaction.atomic():
        lock_accounts(account)
        _refuse_others(account, by)
        if able(account).count() < 2:
            raise Refused(
                _("No other administrator could agree, so the person who looks after the server has to do it.")
            )
        if second_factor.app_of(account) is None:
            raise Unchanged(_("This account has no second factor."))
        if waiting := asked_for(account, at=at):
            raise Unchanged(_("%(who)s already asked for this.") % {"who": name_of(waiting.asked_by)})
        SecondFactorReset.objects.filter(account=account).delete()
        reset = SecondFactorReset(account=account, reason=reason, asked_at=at, asked_by=by)
        reset.full_clean()
        reset.save()
        record(account, by=by, words=_("Asked to remove the second factor."), reason=reason)
        _tell(reset)


def agree(account: User, *, by: User, at: dt.datetime) -> None:
    """Remove the second factor, as another administrator asked; Refused for that one and for the colleague."""
    with transaction.atomic():
        lock_accounts(account)
        _refuse_others(account, by)
        reset = _waiting(account, at)
        if reset.asked_by == by:
            raise Refused(_("You asked for this yourself: another administrator has to agree."))
        if not able(account).filter(pk=reset.asked_by_id).exists():
            raise Refused(_("Whoever asked for this is no longer an administrator. Decline it, and ask again."))
        second_factor.remove(account)
        reset.confirmed_at, reset.confirmed_by = at, by
        reset.full_clean()
        reset.save()
        words = _("Second factor removed, as %(who)s had asked.") % {"who": name_of(reset.asked_by)}
        record(account, by=by, words=words, reason=reset.reason)
        _tell(reset)


def decline(account: User, *, by: User, at: dt.datetime) -> None:
    """End what was asked: an administrator declines, or whoever asked takes it back."""
    with transaction.atomic():
        lock_accounts(account)
        _refuse_others(account, by)
        reset = _waiting(account, at)
        words = _("Took back the request to remove the second factor.")
        if reset.asked_by != by:
            words = _("Declined to remove the second factor, as %(who)s had asked.") % {"who": name_of(reset.asked_by)}
        record(account, by=by, words=words)
        reset.delete()


def _waiting(account: User, at: dt.datetime) -> SecondFactorReset:
    if reset := asked_for(account, at=at):
        return reset
    raise Refused(_("Nobody asks for this any more: it was decided, taken back, or more than a day passed."))


def _refuse_others(account: User, by: User) -> None:
    if not able(account).filter(pk=by.pk).exists():
        raise Refused(_("Only another administrator can do this for this account."))


def _tell(reset: SecondFactorReset) -> None:
    """Tell all administrators and the colleague by e-mail."""
    plan = ActionPlan.objects.first()
    subject = _("%(organization)s: a second factor") % {"organization": plan.organisation_name if plan else "–"}
    warning = _("If this surprises you, tell an administrator at once.")
    to = [reset.account.email, *active_administrators().values_list("email", flat=True)]
    words = f"{sentence(reset)}\n\n{warning}\n\n{settings.SITE_URL}/admin/"
    send_later(subject, words, to=to, what="A message about a second factor")
