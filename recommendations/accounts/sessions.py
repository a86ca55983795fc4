"""When a staff session ends: after two hours without a page, after twelve hours in any case, when somebody leaves."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.contrib.auth import SESSION_KEY, logout
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.http import HttpRequest, HttpResponseBase

LONGEST_SESSION = 12 * 60 * 60  # seconds from signing in, however busy
MINUTE = 60
SIGNED_IN_AT = "signed_in_at"  # in a session: the seconds since 1970

View = Callable[..., HttpResponseBase]


def end_if_over(request: HttpRequest) -> None:
    """Sign out after the longest session; otherwise renew it, once a minute at most: see SESSION_COOKIE_AGE."""
    if not request.user.is_authenticated:
        return
    now = time.time()
    if now - request.session.setdefault(SIGNED_IN_AT, now) > LONGEST_SESSION:
        logout(request)
    elif now - request.session.get("seen_at", 0) > MINUTE:
        request.session["seen_at"] = now


def end_sessions(account: User, *, but: str | None = None) -> int:
    """Delete all sessions of an account, and what was typed in them, `but` the one with this key; returns how many.

    No process lets them in from then on: each request reads its session from the database, and none creates one anew.
    """
    count = 0
    for session in Session.objects.exclude(session_key=but).iterator():
        if session.get_decoded().get(SESSION_KEY) == str(account.pk):
            count += session.delete()[0]
    return count
