"""The history of accounts, which is the admin's log: django-simple-history doesn't track users."""

from __future__ import annotations

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import User


def record(account: User, *, by: User, words: str, reason: str = "") -> None:
    """Add what `by` did with `account` to its history, and why, if a reason is given."""
    message = f"{words} {reason}".strip()
    LogEntry.objects.log_actions(
        by.pk, User.objects.filter(pk=account.pk), CHANGE, change_message=message, single_object=True
    )
