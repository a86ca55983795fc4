"""How old the last backup is: only one that was restored to a scratch database counts."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.conf import settings

from recommendations.models import VerifiedBackup

OLD = dt.timedelta(days=7)


@dataclass(frozen=True)
class LastBackup:
    """When it was made, None if there is none, and how many whole days ago that was."""

    made_at: dt.datetime | None
    days: int = 0
    is_old: bool = False


def last_backup(*, at: dt.datetime) -> LastBackup | None:
    """The last verified backup at that time; None where there is none, and the site isn't public.

    On a public site one that isn't encrypted is none.
    """
    backups = VerifiedBackup.objects.filter(is_encrypted=True) if settings.IS_PUBLIC else VerifiedBackup.objects
    made_at = backups.values_list("made_at", flat=True).last()
    if made_at is None:
        return LastBackup(None) if settings.IS_PUBLIC else None
    age = at - made_at
    return LastBackup(made_at, days=max(age.days, 0), is_old=age > OLD)
