"""How staff get in: password, second factor, reset by e-mail, and sessions that end without losing what was typed.

`SignIn` is the part of the staff's site that is about this; every page behind it goes through its `admin_view`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import update_wrapper, wraps
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlencode

from axes.utils import reset as forget_failures
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin import AdminSite
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth import REDIRECT_FIELD_NAME, logout, views
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse, reverse_lazy
from django.utils.cache import add_never_cache_headers
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.csrf import csrf_failure
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django_otp import login as otp_login

from recommendations.accounts import second_factor, unsaved
from recommendations.text import dates

from .password_reset import ResetForm
from .roles import account_of

LONGEST_SESSION = 12 * 60 * 60  # seconds from signing in, however busy
MINUTE = 60
KEY = "second_factor_key"
VERIFY, SET_UP = "admin:second_factor_verify", "admin:second_factor_set_up"

View = Callable[..., HttpResponseBase]

if TYPE_CHECKING:
    SignInBase = AdminAuthenticationForm
    ConfirmView = views.PasswordResetConfirmView
else:
    SignInBase, ConfirmView = AdminAuthenticationForm, views.PasswordResetConfirmView


def no_address(request: HttpRequest) -> None:
    """What django-axes keeps of where a failed sign-in came from: nothing."""


def locked_out(request: HttpRequest, response: HttpResponse, credentials: Any) -> HttpResponse:
    """The sign-in page as it is, whose form says that the account is locked."""
    response.status_code = 429
    return response


class SignInForm(SignInBase):
    error_messages = {
        **AdminAuthenticationForm.error_messages,
        "invalid_login": gettext_lazy(
            "That is not the name and password of an account that may sign in here. Capitals matter in both."
        ),
    }

    def get_invalid_login_error(self) -> ValidationError:
        if getattr(self.request, "axes_locked_out", False):
            return ValidationError(
                _(
                    "Too many wrong passwords for this account. For %(minutes)d minutes nobody can sign in with it, "
                    "the right password included. If it wasn't you who tried, tell an administrator."
                )
                % {"minutes": settings.AXES_COOLOFF_TIME.total_seconds() // MINUTE}
            )
        return super().get_invalid_login_error()


class NewPasswordByEmail(ConfirmView):
    """Whoever read the e-mail owns the account: wrong passwords before that don't keep it locked."""

    def form_valid(self, form: Any) -> HttpResponse:
        forget_failures(username=form.user.get_username())
        return super().form_valid(form)


def half_signed_in(view: View) -> View:
    """A page for whoever gave the password, and perhaps not the second factor yet; others sign in first."""

    @wraps(view)
    def guarded(site: SignIn, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        end_if_over(request)
        if not AdminSite.has_permission(site, request):
            return views.redirect_to_login(site.onward(request), reverse("admin:login"))
        response = view(site, request, *args, **kwargs)
        add_never_cache_headers(response)
        return response

    return guarded


def end_if_over(request: HttpRequest) -> None:
    """Sign out after the longest session; else note, once a minute, that somebody is there: see SESSION_COOKIE_AGE."""
    if not request.user.is_authenticated:
        return
    now = time.time()
    if now - request.session.setdefault("signed_in_at", now) > LONGEST_SESSION:
        logout(request)
    elif now - request.session.get("seen_at", 0) > MINUTE:
        request.session["seen_at"] = now


class SignIn(AdminSite):
    login_form = SignInForm
    login_template = "admin/login.html"
    password_change_done_template = "registration/password_change_done.html"  # noqa: S105 (a template)

    def has_permission(self, request: HttpRequest) -> bool:
        return super().has_permission(request) and not second_factor.is_missing(request.user)

    # The stubs promise the very type of the view, which no wrapper keeps.
    def admin_view(self, view: View, cacheable: bool = False) -> View:  # type: ignore[override]
        guarded: View = super().admin_view(view, cacheable)

        def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            end_if_over(request)
            if self.has_permission(request):
                return with_what_was_kept(request, guarded, *args, **kwargs)
            if request.path == reverse("admin:logout") and request.user.is_authenticated:
                return view(request, *args, **kwargs)
            if request.method == "POST":
                return self.signed_out_while_typing(request)
            return guarded(request, *args, **kwargs)

        return update_wrapper(inner, view)

    def get_urls(self) -> list[URLResolver | URLPattern]:
        def staff(view: View) -> View:
            return self.admin_view(view)

        return [
            path("second-factor/", staff(self.second_factor), name="second_factor"),
            path("second-factor/codes/", staff(self.second_factor_codes), name="second_factor_codes"),
            path("second-factor/off/", staff(self.second_factor_off), name="second_factor_off"),
            path("second-factor/verify/", self.second_factor_verify, name="second_factor_verify"),
            path("second-factor/set-up/", self.second_factor_set_up, name="second_factor_set_up"),
            path("second-factor/code.svg", self.second_factor_image, name="second_factor_image"),
            path("password-reset/", self.password_reset, name="password_reset"),
            path("password-reset/sent/", self.password_reset_sent, name="password_reset_sent"),
            path("password-reset/done/", self.password_reset_done, name="password_reset_done"),
            path("password-reset/<uidb64>/<token>/", self.password_reset_confirm, name="password_reset_confirm"),
            *super().get_urls(),
        ]

    # Signing in

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
        if request.method != "POST" or response.status_code != 302:
            return response
        request.session["signed_in_at"] = time.time()
        request.session.clear_expired()
        if typed:
            unsaved.take_along(request, typed)
        if self.is_half_signed_in(request):
            return HttpResponseRedirect(self.next_step(request, response.url))
        return response

    def is_half_signed_in(self, request: HttpRequest) -> bool:
        return super().has_permission(request) and second_factor.is_missing(request.user)

    @staticmethod
    def next_step(request: HttpRequest, onward: str) -> str:
        step = VERIFY if second_factor.app_of(request.user) else SET_UP
        return f"{reverse(step)}?{urlencode({REDIRECT_FIELD_NAME: onward})}"

    @staticmethod
    def onward(request: HttpRequest) -> str:
        """Where somebody was going before being asked to sign in."""
        target = request.POST.get(REDIRECT_FIELD_NAME) or request.GET.get(REDIRECT_FIELD_NAME) or ""
        is_ours = url_has_allowed_host_and_scheme(
            target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
        )
        return target if is_ours else reverse("admin:index")

    def signed_out_while_typing(self, request: HttpRequest, typed: unsaved.Typed | None = None) -> HttpResponseBase:
        """The next page for a form that was sent by nobody who may: sign in, and what was typed is still there."""
        typed = typed or unsaved.typed_in(request)
        onward = typed["path"] if typed else reverse("admin:index")
        if self.is_half_signed_in(request):
            if typed:
                unsaved.take_along(request, typed)
            return HttpResponseRedirect(self.next_step(request, onward))
        context = {
            unsaved.FIELD: unsaved.sealed(typed) if typed else "",
            "was_typing": True,
            REDIRECT_FIELD_NAME: onward,
        }
        request.method = "GET"
        response: HttpResponse = self.login(request, context)
        response.status_code = 403  # For a script that sent it: this is not the answer that it asked for.
        return response

    # The second factor

    def page(self, request: HttpRequest, template: str, *, title: str, **context: Any) -> TemplateResponse:
        context = {**self.each_context(request), "title": title, **context}
        response = TemplateResponse(request, f"admin/second_factor/{template}.html", context)
        response["Cache-Control"] = "no-store"
        return response

    def second_factor(self, request: HttpRequest) -> HttpResponseBase:
        """What stands: whether there is one, how many recovery codes are left, and what can be done."""
        user: Any = request.user
        return self.page(
            request,
            "state",
            title=_("Second factor"),
            app=second_factor.app_of(user),
            codes_left=second_factor.codes_left(user),
            is_required=second_factor.is_required(user),
        )

    @half_signed_in
    def second_factor_verify(self, request: HttpRequest) -> HttpResponseBase:
        onward = self.onward(request)
        if not second_factor.is_missing(request.user):
            return HttpResponseRedirect(onward)
        if not second_factor.app_of(request.user):
            return HttpResponseRedirect(self.next_step(request, onward))
        error = ""
        if request.method == "POST":
            try:
                device = second_factor.verified(account_of(request), request.POST.get("code", "")[:50])
            except second_factor.Wait as wait:
                until = dates.clock_to_the_second(wait.until)
                error = _("Too many wrong codes. Wait until %(time)s, then try once more.") % {"time": until}
            else:
                if device is not None:
                    self.let_in(request, device)
                    return HttpResponseRedirect(onward)
                error = _("That code is not right. The app shows a new one every 30 seconds, and each works once.")
        return self.page(request, "verify", title=_("One more step"), error=error, onward=onward)

    @half_signed_in
    def second_factor_set_up(self, request: HttpRequest) -> HttpResponseBase:
        """Three steps on one page: an app, the QR code, a code from the app to prove it; then the recovery codes."""
        onward, user = self.onward(request), account_of(request)
        if (has_one := second_factor.app_of(user) is not None) and second_factor.is_missing(user):
            return HttpResponseRedirect(self.next_step(request, onward))
        key = request.session.setdefault(KEY, second_factor.new_key())
        error = ""
        if request.method == "POST":
            if done := second_factor.set_up(user, key=key, code=request.POST.get("code", "")):
                device, codes = done
                del request.session[KEY]
                self.let_in(request, device)
                self.put_on_record(user, _("Second factor set up."))
                return self.page(request, "codes", title=_("Your recovery codes"), codes=codes, onward=onward)
            error = (
                _("That is not the code that the app shows now. What you had set up before still holds.")
                if has_one
                else _("That is not the code that the app shows now. Nothing is set up yet: try the next one.")
            )
        return self.page(
            request,
            "set_up",
            title=_("Set up the second factor"),
            key=second_factor.key_in_words(key),
            error=error,
            has_one=has_one,
            is_required=second_factor.is_required(user),
            onward=onward,
        )

    @half_signed_in
    def second_factor_image(self, request: HttpRequest) -> HttpResponseBase:
        if KEY not in request.session:
            raise Http404
        issuer = str(self.each_context(request)["site_header"])
        image = second_factor.qr_code(request.session[KEY], account=request.user.get_username(), issuer=issuer)
        return HttpResponse(image, content_type="image/svg+xml", headers={"Cache-Control": "no-store"})

    def second_factor_codes(self, request: HttpRequest) -> HttpResponseBase:
        if request.method != "POST" or not second_factor.app_of(request.user):
            return HttpResponseRedirect(reverse("admin:second_factor"))
        codes = second_factor.new_codes(account_of(request))
        self.put_on_record(request.user, _("New recovery codes made."))
        # A session that came in by a recovery code was let in by what is gone now.
        self.let_in(request, second_factor.app_of(request.user))
        onward = reverse("admin:second_factor")
        return self.page(request, "codes", title=_("Your recovery codes"), codes=codes, onward=onward)

    def second_factor_off(self, request: HttpRequest) -> HttpResponseBase:
        user: Any = request.user
        if request.method == "POST" and second_factor.is_required(user):
            messages.error(request, _("Your account may publish or administer here: it can't go without."))
        elif request.method == "POST" and second_factor.take_away(user):
            self.put_on_record(user, _("Second factor switched off."))
            messages.success(request, _("Switched off: you sign in with your password alone."))
        return HttpResponseRedirect(reverse("admin:second_factor"))

    @staticmethod
    def let_in(request: HttpRequest, device: Any) -> None:
        request.session.cycle_key()
        otp_login(request, device)
        user: Any = request.user
        user._lacks_second_factor = False

    @staticmethod
    def put_on_record(user: Any, words: str) -> None:
        """In the account's history: it keeps no rows of simple-history."""
        mine = User.objects.filter(pk=user.pk)
        LogEntry.objects.log_actions(user.pk, mine, CHANGE, change_message=words, single_object=True)

    # A forgotten password

    def by_email(
        self, request: HttpRequest, view: Any, *, template: str, title: str, **options: Any
    ) -> HttpResponseBase:
        """One of Django's pages for a new password; there are none where no e-mail can be sent."""
        if not settings.HAS_EMAIL:
            raise Http404
        context = {**self.each_context(request), "title": title}
        page: View = view.as_view(template_name=f"registration/{template}.html", extra_context=context, **options)
        return page(request)

    def password_reset(self, request: HttpRequest) -> HttpResponseBase:
        name = str(self.each_context(request)["site_header"])
        return self.by_email(
            request,
            views.PasswordResetView,
            template="password_reset_form",
            title=_("A new password"),
            form_class=ResetForm,
            extra_email_context={"site_name": name},
            success_url=reverse_lazy("admin:password_reset_sent"),
        )

    def password_reset_sent(self, request: HttpRequest) -> HttpResponseBase:
        return self.by_email(
            request, views.PasswordResetDoneView, template="password_reset_done", title=_("Look into your e-mail")
        )

    def password_reset_confirm(self, request: HttpRequest, uidb64: str, token: str) -> HttpResponseBase:
        if not settings.HAS_EMAIL:
            raise Http404
        context = {**self.each_context(request), "title": _("A new password")}
        page: View = NewPasswordByEmail.as_view(
            template_name="registration/password_reset_confirm.html",
            success_url=reverse_lazy("admin:password_reset_done"),
            extra_context=context,
        )
        return page(request, uidb64=uidb64, token=token)

    def password_reset_done(self, request: HttpRequest) -> HttpResponseBase:
        return self.by_email(
            request,
            views.PasswordResetCompleteView,
            template="password_reset_complete",
            title=_("Your new password is set"),
        )


def with_what_was_kept(request: HttpRequest, view: View, *args: Any, **kwargs: Any) -> HttpResponseBase:
    """A page as ever; or, where a form of it was sent after the session had ended, that form with what was typed.

    Whatever the page makes of it is undone in the database: nothing is saved until it is sent again.
    """
    if request.method == "POST":
        response = view(request, *args, **kwargs)
        if response.status_code == 302 and unsaved.waiting(request, request.get_full_path()):
            unsaved.let_go(request)
        return response
    if unsaved.SESSION_KEY not in request.session:
        return view(request, *args, **kwargs)
    if request.GET.get("let-go") == "1":
        typed: unsaved.Typed = request.session[unsaved.SESSION_KEY]
        unsaved.let_go(request)
        return HttpResponseRedirect(typed["path"])
    waits = unsaved.waiting(request, request.get_full_path())
    if waits is None:
        return view(request, *args, **kwargs)
    name = request.resolver_match.url_name if request.resolver_match else ""
    if not unsaved.SHOWS_IT_AGAIN.fullmatch(name or ""):
        context = {**admin.site.each_context(request), "typed": waits, "title": _("What you typed")}
        return TemplateResponse(request, "admin/signed_out.html", context)
    messages.warning(request, about_what_was_kept(waits))
    unsaved.fill_in(request, waits)
    with transaction.atomic():
        response = view(request, *args, **kwargs)
        if isinstance(response, TemplateResponse):
            response.render()
        transaction.set_rollback(True)
    return response


def about_what_was_kept(typed: unsaved.Typed) -> str:
    words = _("You had been signed out, so nothing was saved. What you typed is here again: look at it, then save it.")
    files = _("Choose the files again: they could not be kept.") if typed["files"] else ""
    link = format_html('<a href="?let-go=1">{}</a>', _("Let it go and show what is saved"))
    return format_html("{} {} {}", words, files, link)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponseBase:
    """A form whose token is no longer good, mostly because of signing in again in another tab.

    The browser says that the form is ours: then nothing is saved, and nothing is lost. Anything else is refused.
    """
    site = cast(SignIn, admin.site)
    is_ours = request.headers.get("Origin") == f"{request.scheme}://{request.get_host()}"
    if not (is_ours and request.path.startswith(reverse("admin:index"))):
        return csrf_failure(request, reason)
    is_sign_in = request.path == reverse("admin:login")
    typed = unsaved.opened(request.POST.get(unsaved.FIELD, "")) if is_sign_in else unsaved.typed_in(request)
    if not site.has_permission(request):
        return site.signed_out_while_typing(request, typed)
    if typed is None:
        return csrf_failure(request, reason)
    unsaved.take_along(request, typed)
    return HttpResponseRedirect(typed["path"])
