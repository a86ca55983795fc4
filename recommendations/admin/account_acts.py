"""The acts on a colleague's account: unlock it, sign it out, remove its second factor, end its access."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import URLPattern, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from recommendations.accounts import second_factor, second_factor_resets, unsaved
from recommendations.accounts.leaving import drafts_of, exports_of, leave
from recommendations.accounts.lockouts import lockouts, unlock
from recommendations.accounts.roles import ACCOUNTS, account_of, is_last_administrator
from recommendations.accounts.signing_out import sign_out_everywhere
from recommendations.admin.forms.accounts import ReasonForm
from recommendations.publishing.acts import Refused

from .pages import PagesMixin


class AccountActsMixin(PagesMixin):
    """The pages of these acts. Each asks why, and is refused with a sentence if a colleague was faster."""

    def get_urls(self) -> list[URLPattern]:
        return [
            self.act(self.unlock_view, "unlock/", "unlock"),
            self.act(self.sign_out_view, "sign-out/", "sign_out"),
            self.act(self.reset_second_factor_view, "second-factor/", "reset_second_factor"),
            self.act(self.leave_view, "leave/", "leave"),
            *super().get_urls(),
        ]

    def unlock_view(self, request: HttpRequest, id: int) -> HttpResponseBase:
        if not request.user.has_perm(ACCOUNTS):
            raise PermissionDenied
        account, at = self.found(request, id), timezone.now()
        form = ReasonForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            act = partial(unlock, account, by=account_of(request), at=at, reason=form.cleaned_data["reason"])
            if self.is_done(request, form, act, _("Unlocked: this account can sign in again.")):
                return self.back_to(account)
        lockout = lockouts(at=at).get(account.get_username())
        return self.page(
            request, "auth/user/unlock", title=_("Unlock this account?"), original=account, form=form, lockout=lockout
        )

    def sign_out_view(self, request: HttpRequest, id: int) -> HttpResponseBase:
        """End all sessions of a colleague; of one's own account, all but this one."""
        account, by = self.found(request, id), account_of(request)
        if not self.has_change_permission(request, account):
            raise PermissionDenied
        form = ReasonForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            but = request.session.session_key if account == by else None
            act = partial(sign_out_everywhere, account, by=by, reason=form.cleaned_data["reason"], but=but)
            if self.is_done(request, form, act, _("%(name)s is signed out everywhere.") % {"name": account}):
                return self.back_to(account)
        return self.page(
            request,
            "auth/user/sign_out",
            title=_("Sign out everywhere else") if account == by else _("Sign this person out everywhere?"),
            original=account,
            form=form,
            is_own=account == by,
        )

    def reset_second_factor_view(self, request: HttpRequest, id: int) -> HttpResponseBase:
        """Ask for it, agree to what a colleague asked, or end it: the button says which."""
        account, at, by = self.found(request, id), timezone.now(), account_of(request)
        if not self.has_change_permission(request, account):
            raise PermissionDenied
        form = ReasonForm(request.POST if request.method == "POST" and "_ask" in request.POST else None)
        act: Callable[..., None] | None = None
        done = ""
        if form.is_bound and form.is_valid():
            act = partial(second_factor_resets.ask, reason=form.cleaned_data["reason"])
            done = _("Asked. Another administrator can agree within a day.")
        elif unsaved.MARK in request.POST:
            pass  # Pressed before a password was asked: the page shows what waits, and does nothing.
        elif "_agree" in request.POST:
            act, done = second_factor_resets.agree, _("The second factor is removed.")
        elif "_decline" in request.POST:
            act, done = second_factor_resets.decline, _("The second factor stays as it is.")
        if act and self.is_done(request, form, partial(act, account, by=by, at=at), done):
            return self.back_to(account)
        able = second_factor_resets.able(account)
        return self.page(
            request,
            "auth/user/second_factor",
            title=_("Remove the second factor?"),
            original=account,
            form=form,
            waiting=second_factor_resets.asked_for(account, at=at),
            has_one=second_factor.app_of(account) is not None,
            is_own=account == by,
            others=[] if account == by else able.exclude(pk=by.pk),
        )

    def leave_view(self, request: HttpRequest, id: int) -> HttpResponseBase:
        """What this colleague leaves behind; while the account is active, the form that ends it."""
        account = self.found(request, id)
        if not self.has_change_permission(request, account):
            raise PermissionDenied
        form = ReasonForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            act = partial(leave, account, by=account_of(request), reason=form.cleaned_data["reason"])
            if self.is_done(request, form, act, _("%(name)s can no longer sign in.") % {"name": account}):
                if account == request.user:
                    logout(request)
                    return HttpResponseRedirect(reverse("admin:login"))
                return HttpResponseRedirect(reverse("admin:auth_user_leave", args=[account.pk]))
            account = self.found(request, id)
        return self.page(
            request,
            "auth/user/leave",
            title=_("This person leaves") if account.is_active else _("What this person left behind"),
            original=account,
            form=form,
            drafts=drafts_of(account),
            exports=exports_of(account),
            is_last=is_last_administrator(account),
            is_own=account == request.user,
        )

    def is_done(self, request: HttpRequest, form: Any, act: Callable[[], Any], message: str) -> bool:
        """Do `act`, and say so; where it is refused, the form says why and the page is shown again."""
        try:
            act()
        except Refused as refused:
            if form.is_bound:
                form.add_error(None, str(refused))
            else:
                self.message_user(request, str(refused), messages.ERROR)
            return False
        self.message_user(request, message, messages.SUCCESS)
        return True

    @staticmethod
    def back_to(account: User) -> HttpResponseRedirect:
        return HttpResponseRedirect(reverse("admin:auth_user_change", args=[account.pk]))
