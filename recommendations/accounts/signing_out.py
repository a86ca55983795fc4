"""Signing out everywhere: all sessions of an account end at once, on other devices too."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .records import record
from .roles import account_of
from .sessions import end_sessions


def sign_out_everywhere(account: User, *, by: User, reason: str = "", but: str | None = None) -> int:
    """End all sessions of `account`, `but` the one with this key; returns how many there were."""
    with transaction.atomic():
        count = end_sessions(account, but=but)
        words = _("Signed out everywhere else.") if but else _("Signed out everywhere.")
        record(account, by=by, words=words, reason=reason)
    return count


class SigningOutSite(AdminSite):
    """The staff's site with the page on which one ends all one's other sessions."""

    def get_urls(self) -> list[URLResolver | URLPattern]:
        address = path("sign-out-everywhere/", self.admin_view(self.sign_out_everywhere), name="sign_out_everywhere")
        return [address, *super().get_urls()]

    def sign_out_everywhere(self, request: HttpRequest) -> HttpResponseBase:
        if "_end" in request.POST:
            user = account_of(request)
            count = sign_out_everywhere(user, by=user, but=request.session.session_key)
            words = ngettext("%(count)d other session ended.", "%(count)d other sessions ended.", count)
            messages.success(request, words % {"count": count} if count else _("You were signed in nowhere else."))
            return HttpResponseRedirect(request.path)
        context = {**self.each_context(request), "title": _("Sign out everywhere else")}
        return TemplateResponse(request, "admin/sign_out_everywhere.html", context)
