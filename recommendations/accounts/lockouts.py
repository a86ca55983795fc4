"""Which accounts are locked after wrong passwords, since when and until when, and how one is unlocked.

django-axes stores each wrong password with the user name; an account is locked by their number: see AXES_ in settings.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from operator import attrgetter

from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from recommendations.publishing.acts import Unchanged
from recommendations.text import dates

from .failures import KNOWN, forget_failures
from .records import record


@dataclass(frozen=True)
class Lockout:
    """An account is locked since its last wrong password, until enough of them are old.

    Locked for all browsers that it doesn't know, or for those that it knows: the longer one, where both are.
    """

    since: dt.datetime
    until: dt.datetime


def lockouts(*, at: dt.datetime) -> dict[str, Lockout]:
    """The accounts that are locked at that time, by user name, in one query."""
    recent = AccessAttempt.objects.filter(attempt_time__gt=at - settings.AXES_COOLOFF_TIME).order_by("attempt_time")
    failures: dict[str, list[tuple[dt.datetime, int]]] = defaultdict(list)
    for name, time, count in recent.values_list("username", "attempt_time", "failures_since_start"):
        failures[name].append((time, count))
    found: dict[str, Lockout] = {}
    for counted_name, counted in failures.items():
        name, left = counted_name.removeprefix(KNOWN), sum(count for _time, count in counted)
        for time, count in counted:
            if left < settings.AXES_FAILURE_LIMIT:
                break
            left -= count
            lockout = Lockout(counted[-1][0], time + settings.AXES_COOLOFF_TIME)
            found[name] = max(found.get(name, lockout), lockout, key=attrgetter("until"))
    return found


def delete_old_failures(*, at: dt.datetime) -> int:
    """Delete the wrong passwords that no longer count at that time, and say how many rows they were."""
    deleted: int = AccessAttempt.objects.filter(attempt_time__lte=at - settings.AXES_COOLOFF_TIME).delete()[0]
    return deleted


def locked_accounts(*, at: dt.datetime) -> list[tuple[User, Lockout]]:
    """The accounts that are locked at that time, the newest lock first; names that no account has are left out."""
    locked = lockouts(at=at)
    accounts = User.objects.filter(username__in=locked, is_active=True)
    found = [(one, locked[one.get_username()]) for one in accounts]
    return sorted(found, key=lambda pair: (pair[1].since, pair[0].pk), reverse=True)


def unlock(account: User, *, by: User, reason: str, at: dt.datetime) -> None:
    """Let `account` sign in again right away; Unchanged if it isn't locked (any more)."""
    with transaction.atomic():
        User.objects.select_for_update().get(pk=account.pk)
        lockout = lockouts(at=at).get(account.get_username())
        if lockout is None:
            raise Unchanged(_("This account isn't locked any more."))
        forget_failures(account.get_username())
        words = _("Unlocked. It had been locked since %(time)s.") % {"time": dates.clock(lockout.since)}
        record(account, by=by, words=words, reason=reason)
