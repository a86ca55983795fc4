"""The pages of the second factor: set it up, give a code after the password, get new recovery codes, switch it off."""

from __future__ import annotations

from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.auth import views
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from django_otp import login as otp_login

from recommendations.accounts import second_factor
from recommendations.text import dates

from .password_again import PasswordAgainSite, is_due
from .records import record
from .roles import account_of
from .sessions import View, end_if_over
from .sign_in import GIVEN_PASSWORD, SignInSite

KEY = "second_factor_key"


def half_signed_in(view: View) -> View:
    """Guard a page that needs the password but not yet the second factor; anyone else is sent to sign in."""

    @wraps(view)
    def guarded(site: SignInSite, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        end_if_over(request)
        if not AdminSite.has_permission(site, request):
            return views.redirect_to_login(site.onward(request), reverse("admin:login"))
        response = view(site, request, *args, **kwargs)
        add_never_cache_headers(response)
        return response

    return guarded


class SecondFactorSite(PasswordAgainSite):
    """The staff's site with the pages of the second factor."""

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
            *super().get_urls(),
        ]

    def page(self, request: HttpRequest, template: str, *, title: str, **context: Any) -> TemplateResponse:
        context = {**self.each_context(request), "title": title, **context}
        response = TemplateResponse(request, f"admin/second_factor/{template}.html", context)
        response["Cache-Control"] = "no-store"
        return response

    def second_factor(self, request: HttpRequest) -> HttpResponseBase:
        """Whether the account has a second factor, how many recovery codes are left, and what can be changed."""
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
            except second_factor.Throttled as wait:
                until = dates.clock_to_the_second(wait.until)
                error = _("Too many wrong codes. Wait until %(time)s, then try again.") % {"time": until}
            else:
                if device is not None:
                    self.mark_verified(request, device)
                    return self.with_sign_in_noted(request, HttpResponseRedirect(onward))
                error = _("That code is wrong. The app shows a new one every 30 seconds, and each works once.")
        return self.page(request, "verify", title=_("One more step"), error=error, onward=onward)

    @half_signed_in
    def second_factor_set_up(self, request: HttpRequest) -> HttpResponseBase:
        """One page: install an app, scan the QR code, type a code from the app. The answer shows the recovery codes."""
        onward, user = self.onward(request), account_of(request)
        has_one = second_factor.app_of(user) is not None
        is_last_step = self.is_half_signed_in(request)
        if (has_one and second_factor.is_missing(user)) or GIVEN_PASSWORD in request.session:
            return HttpResponseRedirect(self.next_step(request, onward))
        if is_due(request):
            return self.ask_again(request)
        key = request.session.setdefault(KEY, second_factor.new_key())
        error = ""
        if request.method == "POST":
            if done := second_factor.set_up(user, key=key, code=request.POST.get("code", "")):
                device, codes = done
                del request.session[KEY]
                self.mark_verified(request, device)
                record(user, by=user, words=_("Second factor set up."))
                page = self.page(request, "codes", title=_("Your recovery codes"), codes=codes, onward=onward)
                return self.with_sign_in_noted(request, page) if is_last_step else page
            error = (
                _("That isn't the code the app shows now. What you set up before still works.")
                if has_one
                else _("That isn't the code the app shows now. Nothing is set up yet: try the next one.")
            )
        return self.page(
            request,
            "set_up",
            title=_("Set up the second factor"),
            key=second_factor.readable_key(key),
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
        user = account_of(request)
        codes = second_factor.new_codes(user)
        record(user, by=user, words=_("New recovery codes made."))
        # A session that was verified by a recovery code would otherwise lose its second factor with the old codes.
        self.mark_verified(request, second_factor.app_of(request.user))
        onward = reverse("admin:second_factor")
        return self.page(request, "codes", title=_("Your recovery codes"), codes=codes, onward=onward)

    def second_factor_off(self, request: HttpRequest) -> HttpResponseBase:
        user: Any = request.user
        if request.method == "POST" and second_factor.is_required(user):
            messages.error(request, _("Your account can publish or administer here, so it needs a second factor."))
        elif request.method == "POST" and second_factor.remove(user):
            record(user, by=user, words=_("Second factor switched off."))
            messages.success(request, _("Switched off: you sign in with only your password."))
        return HttpResponseRedirect(reverse("admin:second_factor"))

    @staticmethod
    def mark_verified(request: HttpRequest, device: Any) -> None:
        """Note in the session, under a new key, that the second factor was given."""
        request.session.cycle_key()
        otp_login(request, device)
        user: Any = request.user
        user._lacks_second_factor = False
