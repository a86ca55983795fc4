"""The page of all changes: who saved what, when and why, as far as the account that asks may see it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from recommendations.models import LinkCheck
from recommendations.publishing.history import name_of
from recommendations.workspace.acts import ACTS
from recommendations.workspace.changes import Changes, Filter, wholes

PAGE_LENGTH = 50


class ChangesForm(forms.Form):
    """What to show, as a GET form. A value that can't be read is named beside its field, and filters nothing."""

    by = forms.ChoiceField(label=gettext_lazy("Who"), required=False)
    kind = forms.ChoiceField(label=gettext_lazy("What"), required=False)
    act = forms.ChoiceField(label=gettext_lazy("What was done"), required=False)
    since = forms.DateField(
        label=gettext_lazy("First day"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    until = forms.DateField(
        label=gettext_lazy("Last day"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )

    def __init__(self, data: Any, *, kinds: list[tuple[str, str]]) -> None:
        super().__init__(data)
        people = sorted((name_of(user), str(user.pk)) for user in User.objects.all())
        self._offer("by", _("everyone"), [(key, name) for name, key in people])
        self._offer("kind", _("everything"), kinds)
        self._offer("act", _("everything"), [(key, str(label)) for key, label in ACTS.items()])

    def _offer(self, name: str, everything: str, choices: list[tuple[str, str]]) -> None:
        field: Any = self.fields[name]
        field.choices = [("", f"({everything})"), *choices]

    def wanted(self) -> Filter:
        """The filter, without what is wrong."""
        self.is_valid()
        given = {name: value for name, value in self.cleaned_data.items() if value}
        return Filter(**given | ({"by": int(given["by"])} if "by" in given else {}))


class AllChangesSite(admin.AdminSite):
    """The staff's site with the page of all changes."""

    def get_urls(self) -> list[URLResolver | URLPattern]:
        return [path("changes/", self.admin_view(require_safe(self.changes)), name="changes"), *super().get_urls()]

    def changes(self, request: HttpRequest) -> HttpResponse:
        known: dict[str, type[Model]] = {**wholes(), "linkcheck": LinkCheck}
        visible = {name: kind for name, kind in known.items() if request.user.has_perm(f"recommendations.view_{name}")}
        if request.user.has_perm("auth.view_user"):
            visible["user"] = User
        if not visible:
            raise PermissionDenied
        kinds = [(name, str(capfirst(kind._meta.verbose_name_plural))) for name, kind in visible.items()]
        form = ChangesForm(request.GET, kinds=kinds)
        changes = Changes(form.wanted(), visible=visible)
        context = {
            **self.each_context(request),
            "title": _("All changes"),
            "form": form,
            "changes": Paginator(changes, PAGE_LENGTH).get_page(request.GET.get("page")),
            "is_filtered": any(form.cleaned_data.values()),
        }
        return TemplateResponse(request, "admin/changes.html", context)
