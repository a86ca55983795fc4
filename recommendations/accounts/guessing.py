"""One password tried over many accounts: while many are wrong in all, browsers that aren't known take turns.

No account is locked by it, and whoever signed in with a browser before isn't held up, so that nobody outside can keep
all staff out. The proxy bounds what comes from one address: the tracker learns none. See docs/operations.md.
"""

from __future__ import annotations

import datetime as dt

from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth.models import User
from django.core import signing
from django.db.models import Q, Sum
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse

from recommendations.models.security import KEPT, SecurityEvent, SignInTurn

from .security_events import note

MANY = 40  # wrong passwords in all, within the time for which they count
PACE = dt.timedelta(seconds=10)  # from one password of an unknown browser to the next, in all
SALT = "recommendations.accounts.guessing"


def are_many_wrong(*, at: dt.datetime) -> bool:
    recent = AccessAttempt.objects.filter(attempt_time__gt=at - settings.AXES_COOLOFF_TIME)
    return (recent.aggregate(count=Sum("failures_since_start"))["count"] or 0) >= MANY


def has_to_wait(request: HttpRequest, name: str, *, at: dt.datetime) -> bool:
    """Whether the password typed for `name` isn't even checked now: it isn't the browser's turn, and it isn't known."""
    if not are_many_wrong(at=at) or is_known(request, name):
        return False
    _note_once(at)
    SignInTurn.objects.get_or_create(pk=1, defaults={"next_at": at})
    # One statement, so that of many processes one has the turn. A clock that went back must not close the door.
    free = SignInTurn.objects.filter(Q(next_at__lte=at) | Q(next_at__gt=at + PACE), pk=1)
    return not free.update(next_at=at + PACE)


def remember(request: HttpRequest, response: HttpResponseBase, account: User) -> None:
    """Let the browser be known by its cookie, which the sign-in page alone gets to see, and which lets nobody in."""
    response.set_cookie(
        settings.KNOWN_BROWSER_COOKIE_NAME,
        signing.dumps([account.pk, account.get_session_auth_hash()], salt=SALT),
        max_age=KEPT,
        path=reverse("admin:login"),
        secure=request.is_secure(),
        httponly=True,
        samesite="Strict",
    )


def is_known(request: HttpRequest, name: str) -> bool:
    """Whether the account signed in with this browser in the last 90 days, and has the same password since."""
    try:
        known = signing.loads(request.COOKIES.get(settings.KNOWN_BROWSER_COOKIE_NAME, ""), salt=SALT, max_age=KEPT)
    except signing.BadSignature:
        return False
    account = User.objects.filter(username=name).first()
    return account is not None and known == [account.pk, account.get_session_auth_hash()]


def _note_once(at: dt.datetime) -> None:
    """Tell administrators, once for as long as wrong passwords count."""
    since = at - settings.AXES_COOLOFF_TIME
    if not SecurityEvent.objects.filter(kind=SecurityEvent.Kind.SLOWED, happened_at__gt=since).exists():
        note(SecurityEvent.Kind.SLOWED, None, at=at)
