"""The password is asked again before an act that a session left open must not be enough for.

These acts let people in or keep them out, erase for good, or change what every reader relies on, such as support links.
Taking down isn't one of them: it must not be held up. A password, also that of signing in, is good for ten minutes in
its session.
"""

from __future__ import annotations

import re
import time
from functools import update_wrapper
from typing import Any

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.auth import authenticate, logout
from django.contrib.auth.models import User
from django.contrib.auth.views import redirect_to_login
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from recommendations.accounts import unsaved

from .closed import ClosedSite
from .failures import AGAIN, forget_failures
from .records import record
from .roles import account_of
from .sessions import SIGNED_IN_AT, View, end_if_over, end_sessions

LASTS = 10 * 60  # seconds
GIVEN_AT = "password_given_at"
# The pages whose form is such an act, by the names of their addresses.
ACTS = re.compile(
    r"auth_user_(add|change|password_change|unlock|sign_out|reset_second_factor|leave)"
    r"|recommendations_(takedown_erase|progressupdate_erase_note|actionplan_(change|restore|legal_hold))"
    r"|second_factor_(set_up|codes|off)"
)
# It is asked as they are opened: what is typed there are passwords and codes, which aren't carried.
ASKED_ON_OPENING = {"auth_user_add", "auth_user_password_change", "second_factor_set_up"}
NOTHING_TO_CARRY = {"auth_user_password_change", "second_factor_set_up"}


def is_due(request: HttpRequest) -> bool:
    """Whether the request is for such an act, and the password wasn't given in this session in the last ten minutes."""
    name = _name_of(request)
    if not ACTS.fullmatch(name) or not (request.method == "POST" or name in ASKED_ON_OPENING):
        return False
    given_at = max(request.session.get(SIGNED_IN_AT, 0), request.session.get(GIVEN_AT, 0))
    # A clock that went back makes no password good for longer.
    return not 0 <= time.time() - given_at < LASTS


def is_right(request: HttpRequest, password: str) -> bool:
    """Whether it is the account's password. Wrong ones are counted apart from those of signing in: see settings.

    So whoever guesses at the sign-in page can't keep an administrator who is signed in from unlocking a colleague.
    """
    user = account_of(request)
    request.is_asked_again = True  # type: ignore[attr-defined]  # a mark of our own
    if authenticate(request, username=user.get_username(), password=password) != user:
        return False
    forget_failures(user.get_username(), counted=[AGAIN])
    return True


def _name_of(request: HttpRequest) -> str:
    return (request.resolver_match.url_name if request.resolver_match else "") or ""


class PasswordAgainSite(ClosedSite):
    """The staff's site, which asks for the password again before these acts."""

    def get_urls(self) -> list[URLResolver | URLPattern]:
        return [path("password-again/", self.password_again, name="password_again"), *super().get_urls()]

    # The stubs promise the very type of the view, which no wrapper keeps.
    def admin_view(self, view: View, cacheable: bool = False) -> View:  # type: ignore[override]
        def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            return self.ask_again(request) if is_due(request) else view(request, *args, **kwargs)

        return super().admin_view(update_wrapper(inner, view), cacheable)

    def ask_again(self, request: HttpRequest) -> HttpResponseBase:
        """The answer to such an act: the page that asks for the password, and carries what was typed."""
        is_sent = request.method == "POST"
        carries = is_sent and _name_of(request) not in NOTHING_TO_CARRY
        typed = unsaved.typed_in(request) if carries else None
        is_lost = carries and typed is None and any(name != "csrfmiddlewaretoken" for name in request.POST)
        page = self.page_of_password(request, request.get_full_path(), typed=typed, is_lost=is_lost)
        page.status_code = 403 if is_sent else 200
        return page

    def page_of_password(
        self,
        request: HttpRequest,
        onward: str,
        *,
        typed: unsaved.Typed | None = None,
        is_lost: bool = False,
        error: str = "",
    ) -> TemplateResponse:
        context = {
            **self.each_context(request),
            "title": _("Your password again"),
            unsaved.FIELD: unsaved.sealed(typed) if typed else "",
            "is_lost": is_lost,
            "onward": onward,
            "error": error,
            "minutes": LASTS // 60,
        }
        response = TemplateResponse(request, "admin/password_again.html", context)
        response["Cache-Control"] = "no-store"
        return response

    @method_decorator(sensitive_post_parameters())
    @method_decorator(never_cache)
    def password_again(self, request: HttpRequest) -> HttpResponseBase:
        end_if_over(request)
        if request.method != "POST":
            return redirect_to_login(self.onward(request), reverse("admin:login"))
        typed = unsaved.opened(request.POST.get(unsaved.FIELD, ""))
        if not AdminSite.has_permission(self, request):
            return self.ask_to_sign_in(request, typed)
        onward = typed["path"] if typed else self.onward(request)
        if not is_right(request, request.POST.get("password", "")):
            if getattr(request, "axes_locked_out", False):
                return self.end_after_guesses(request, typed)
            return self.page_of_password(request, onward, typed=typed, error=_("That isn’t your password."))
        request.session[GIVEN_AT] = time.time()
        if typed:
            unsaved.store(request, {**typed, "was_asked": True})
        else:
            minutes = LASTS // 60
            words = ngettext(
                "You can do this now. For %(count)d minute, your password isn’t asked again.",
                "You can do this now. For %(count)d minutes, your password isn’t asked again.",
                minutes,
            )
            messages.success(request, words % {"count": minutes})
        return HttpResponseRedirect(onward)

    def end_after_guesses(self, request: HttpRequest, typed: unsaved.Typed | None = None) -> HttpResponseBase:
        """End all sessions of the account: whoever guesses at its password has one. What was typed is carried."""
        user: User = account_of(request)
        with transaction.atomic():
            words = _("Signed out everywhere: too many wrong passwords were typed where it is asked again.")
            record(user, by=user, words=words)
            end_sessions(user)
        logout(request)
        return self.ask_to_sign_in(request, typed, after_guesses=True)
