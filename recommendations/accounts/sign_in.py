"""Signing in with a password, and the check that every page of the staff's site makes first."""

from __future__ import annotations

import time
from functools import update_wrapper
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from recommendations.accounts import guessing, second_factor, unsaved
from recommendations.models import GivenPassword, SecurityEvent

from .failures import AGAIN, KNOWN, forget_failures
from .roles import account_of
from .second_factor_resets import to_tell
from .security_events import note, note_lock_out
from .sessions import LONGEST_SESSION, SIGNED_IN_AT, View, end_if_over

MINUTE = 60  # seconds
VERIFY, SET_UP = "admin:second_factor_verify", "admin:second_factor_set_up"
FIRST_PASSWORD = "admin:first_password"  # noqa: S105 (an address)
GIVEN_PASSWORD = "given_password"  # noqa: S105 (in a session whose account has to choose a password)


def no_address(request: HttpRequest) -> None:
    """The address that django-axes stores for a failed sign-in: none."""


def counted_name(request: HttpRequest, credentials: Any) -> str:
    """The name under which django-axes counts a wrong password: see failures.py."""
    name = str((credentials or request.POST).get("username", "")).strip()
    if getattr(request, "is_asked_again", False):
        return f"{AGAIN}{name}"
    return f"{KNOWN}{name}" if guessing.is_known(request, name) else name


def locked_out(request: HttpRequest, response: HttpResponse, credentials: Any) -> HttpResponse:
    """The sign-in page, whose form already says that the account is locked."""
    response.status_code = 429
    return response


class SignInForm(AdminAuthenticationForm):
    error_messages = {
        **AdminAuthenticationForm.error_messages,
        "invalid_login": gettext_lazy(
            "No account that can sign in here has that user name and password. Both are case-sensitive."
        ),
    }

    def clean(self) -> dict[str, Any]:
        request: Any = self.request
        if guessing.has_to_wait(request, self.cleaned_data.get("username", ""), at=timezone.now()):
            request.has_to_wait = True
            seconds = int(guessing.PACE.total_seconds())
            words = ngettext(
                "Many wrong passwords are being tried here just now, so your password wasn't checked. Wait %(count)d "
                "second and press “Sign in” again, as often as it takes.",
                "Many wrong passwords are being tried here just now, so your password wasn't checked. Wait %(count)d "
                "seconds and press “Sign in” again, as often as it takes.",
                seconds,
            )
            raise ValidationError(words % {"count": seconds})
        return super().clean()

    def get_invalid_login_error(self) -> ValidationError:
        if getattr(self.request, "axes_locked_out", False):
            at = timezone.now()
            note_lock_out(self.cleaned_data["username"], at=at, since=at - settings.AXES_COOLOFF_TIME)
            return ValidationError(
                _(
                    "Too many wrong passwords for this account. For %(minutes)d minutes you can't sign "
                    "in with it here, even with the right password. If it wasn't you, tell an administrator."
                )
                % {"minutes": settings.AXES_COOLOFF_TIME.total_seconds() // MINUTE}
            )
        return super().get_invalid_login_error()


class SignInSite(AdminSite):
    """The staff's site, as far as it asks for a password; `admin_view` guards every page but the sign-in pages."""

    login_form = SignInForm
    login_template = "admin/login.html"
    password_change_done_template = "registration/password_change_done.html"  # noqa: S105 (a template)

    def has_permission(self, request: HttpRequest) -> bool:
        return super().has_permission(request) and not self.is_half_signed_in(request)

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        keeps = 0 if request.session.get(unsaved.NOT_HERE) else LONGEST_SESSION
        return {**super().each_context(request), "keeps_typed_for": keeps}

    # The stubs promise the very type of the view, which no wrapper keeps.
    def admin_view(self, view: View, cacheable: bool = False) -> View:  # type: ignore[override]
        guarded: View = super().admin_view(view, cacheable)

        def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            end_if_over(request)
            if self.has_permission(request):
                return unsaved.with_unsaved(request, guarded, *args, **kwargs)
            if request.path == reverse("admin:logout") and request.user.is_authenticated:
                return view(request, *args, **kwargs)
            if request.method == "POST":
                return self.ask_to_sign_in(request)
            return guarded(request, *args, **kwargs)

        return update_wrapper(inner, view)

    @method_decorator(sensitive_post_parameters())
    @method_decorator(never_cache)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        end_if_over(request)
        if request.method == "GET" and self.is_half_signed_in(request):
            return HttpResponseRedirect(self.next_step(request, self.onward(request)))
        typed = unsaved.opened(request.POST.get(unsaved.FIELD, "")) if request.method == "POST" else None
        context = {
            "title": _("Sign in"),
            "app_path": reverse("admin:login"),
            "has_email": settings.HAS_EMAIL,
            unsaved.FIELD: request.POST.get(unsaved.FIELD, "") if typed else "",
        }
        response: Any = super().login(request, {**context, **(extra_context or {})})
        if getattr(request, "has_to_wait", False):
            response.status_code = 429
            response["Retry-After"] = str(int(guessing.PACE.total_seconds()))
        if request.method != "POST" or response.status_code != 302:
            return response
        request.session[SIGNED_IN_AT] = time.time()
        forget_failures(account_of(request).get_username(), counted=[AGAIN])
        request.session[unsaved.NOT_HERE] = unsaved.NOT_HERE in request.POST
        request.session.clear_expired()
        account = account_of(request)
        for _reset, words in to_tell(at=timezone.now(), account=account):
            messages.warning(request, words)
        if GivenPassword.objects.filter(account=account).exists():
            request.session[GIVEN_PASSWORD] = True
        if typed:
            unsaved.store(request, typed)
        if self.is_half_signed_in(request):
            response = HttpResponseRedirect(self.next_step(request, response.url))
        return self.with_sign_in_noted(request, response)

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        # The tab lets go of what it keeps, and so do all others; going back shows no page that was read. Not "cookies":
        # that would sign the person out of the organization's other sites, too.
        response = super().logout(request, {"keeps_typed_for": 0, **(extra_context or {})})
        response["Clear-Site-Data"] = '"cache", "storage"'
        return response

    def is_half_signed_in(self, request: HttpRequest) -> bool:
        """Whether the password was right, and the second factor or a password of one's own is still to come."""
        if not super().has_permission(request):
            return False
        return second_factor.is_missing(request.user) or GIVEN_PASSWORD in request.session

    def with_sign_in_noted(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Record that the password was right, or that the last step after it was; the browser is known from then on."""
        account, kinds, is_half = account_of(request), SecurityEvent.Kind, self.is_half_signed_in(request)
        note(kinds.HALF_SIGNED_IN if is_half else kinds.SIGNED_IN, account, at=timezone.now())
        if not is_half:
            self.let_be_known(request, response)
        return response

    @staticmethod
    def let_be_known(request: HttpRequest, response: HttpResponseBase) -> None:
        """Let the browser be known from then on, by the password of now, unless the computer is shared."""
        if not request.session.get(unsaved.NOT_HERE):
            guessing.remember(request, response, account_of(request))

    @staticmethod
    def next_step(request: HttpRequest, onward: str) -> str:
        """Where somebody half signed in gives a code, replaces a given password, or sets up the second factor."""
        step = SET_UP
        if second_factor.is_missing(request.user) and second_factor.app_of(request.user):
            step = VERIFY
        elif GIVEN_PASSWORD in request.session:
            step = FIRST_PASSWORD
        return f"{reverse(step)}?{urlencode({REDIRECT_FIELD_NAME: onward})}"

    @staticmethod
    def onward(request: HttpRequest) -> str:
        """The address of this site that was asked for before the sign-in page; the home page if there is none."""
        target = request.POST.get(REDIRECT_FIELD_NAME) or request.GET.get(REDIRECT_FIELD_NAME) or ""
        is_ours = url_has_allowed_host_and_scheme(
            target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
        )
        return target if is_ours else reverse("admin:index")

    def ask_to_sign_in(
        self, request: HttpRequest, typed: unsaved.Typed | None = None, *, after_guesses: bool = False
    ) -> HttpResponseBase:
        """The answer to a form that was sent without a session: the sign-in page, which carries what was typed.

        `after_guesses` says that the session ended because too many wrong passwords were typed in it.
        """
        typed = typed or unsaved.typed_in(request)
        onward = typed["path"] if typed else reverse("admin:index")
        if self.is_half_signed_in(request):
            if typed:
                unsaved.store(request, typed)
            return HttpResponseRedirect(self.next_step(request, onward))
        context = {
            unsaved.FIELD: unsaved.sealed(typed) if typed else "",
            "was_typing": True,
            "after_guesses": after_guesses,
            REDIRECT_FIELD_NAME: onward,
        }
        request.method = "GET"
        response: HttpResponse = self.login(request, context)
        response.status_code = 403  # So that a script that sent the form sees that it failed.
        return response
