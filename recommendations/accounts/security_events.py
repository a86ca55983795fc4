"""Recording who signed in and which accounts were locked; after 90 days it is deleted."""

from __future__ import annotations

import datetime as dt

from django.contrib.auth.models import User

from recommendations.models.security import KEPT, SecurityEvent


def note(kind: SecurityEvent.Kind, account: User | None, *, at: dt.datetime) -> None:
    """Record it, and delete what is too old to be shown."""
    SecurityEvent.objects.create(kind=kind, account=account, happened_at=at)
    delete_old_events(at=at)


def note_lock_out(name: str, *, at: dt.datetime, since: dt.datetime) -> None:
    """Record that the account was locked, once for each time. A name that no account has makes as much work."""
    account = User.objects.filter(username=name).first()
    known = SecurityEvent.objects.filter(kind=SecurityEvent.Kind.LOCKED, account=account, happened_at__gte=since)
    if not known.exists():
        note(SecurityEvent.Kind.LOCKED, account, at=at)


def delete_old_events(*, at: dt.datetime) -> int:
    """Delete the events that the security page doesn't show any more; returns how many."""
    count, _kinds = SecurityEvent.objects.filter(happened_at__lte=at - KEPT).delete()
    return count
