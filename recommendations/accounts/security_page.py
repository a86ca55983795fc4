"""The page that shows administrators who signed in, which accounts were locked, and what was done to accounts."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from recommendations.models.security import KEPT
from recommendations.publishing.history import name_of
from recommendations.workspace.security import KINDS, SecurityLog

from .roles import ACCOUNTS

PAGE_LENGTH = 50


class SecurityForm(forms.Form):
    """Which lines to show, as a GET form. A value that can't be read is named beside its field, and filters nothing."""

    account = forms.ChoiceField(label=gettext_lazy("Account"), required=False)
    kind = forms.ChoiceField(label=gettext_lazy("What"), required=False)

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        people = sorted((name_of(user), str(user.pk)) for user in User.objects.all())
        offered = {
            "account": [("", f"({_('everyone')})"), *((key, name) for name, key in people)],
            "kind": [("", f"({_('everything')})"), *KINDS.items()],
        }
        for name, choices in offered.items():
            field: Any = self.fields[name]
            field.choices = choices


class SecuritySite(admin.AdminSite):
    """The staff's site with the security page."""

    def get_urls(self) -> list[URLResolver | URLPattern]:
        return [path("security/", self.admin_view(require_safe(self.security)), name="security"), *super().get_urls()]

    def security(self, request: HttpRequest) -> HttpResponse:
        if not request.user.has_perm(ACCOUNTS):
            raise PermissionDenied
        form = SecurityForm(request.GET)
        form.is_valid()
        account, kind = (form.cleaned_data.get(name, "") for name in ("account", "kind"))
        log = SecurityLog(at=timezone.now(), kind=kind, account=int(account) if account else None)
        context = {
            **self.each_context(request),
            "title": _("Security"),
            "form": form,
            "lines": Paginator(log, PAGE_LENGTH).get_page(request.GET.get("page")),
            "is_filtered": bool(account or kind),
            "days": KEPT.days,
        }
        return TemplateResponse(request, "admin/security.html", context)
