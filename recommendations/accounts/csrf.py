"""The answer to a form whose CSRF token is no longer valid."""

from __future__ import annotations

from typing import cast

from django.contrib import admin
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.views.csrf import csrf_failure

from recommendations.accounts import unsaved

from .sign_in import SignInSite


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponseBase:
    """Carry what was typed to the next page where the form is ours; refuse it, as Django does, where it isn't.

    The token of our own form is mostly out of date because somebody signed in again in another tab. The browser's
    `Origin` header says whether the form is ours. Nothing is saved either way.
    """
    site = cast(SignInSite, admin.site)
    is_ours = request.headers.get("Origin") == f"{request.scheme}://{request.get_host()}"
    if not (is_ours and request.path.startswith(reverse("admin:index"))):
        return csrf_failure(request, reason)
    carries = request.path in (reverse("admin:login"), reverse("admin:password_again"))
    typed = unsaved.opened(request.POST.get(unsaved.FIELD, "")) if carries else unsaved.typed_in(request)
    if not site.has_permission(request):
        return site.ask_to_sign_in(request, typed)
    if typed is None:
        return csrf_failure(request, reason)
    unsaved.store(request, typed)
    return HttpResponseRedirect(typed["path"])
