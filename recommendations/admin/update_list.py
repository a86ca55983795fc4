"""The list of progress updates, with its columns and filters."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.admin.views.main import SEARCH_VAR
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from recommendations.models import Area, ProgressUpdate, Recommendation
from recommendations.text.intake import id_in
from recommendations.text.structure import one_line
from recommendations.workspace.update_search import matching, numbered, referred_to

from .base import BaseAdmin

if TYPE_CHECKING:
    Base = BaseAdmin
else:
    Base = object


class StateFilter(admin.SimpleListFilter):
    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("draft", gettext_lazy("Draft")),
            ("ready", gettext_lazy("Ready")),
            ("published", gettext_lazy("Published")),
            ("withdrawn", gettext_lazy("Withdrawn")),
            ("set-aside", gettext_lazy("Set aside")),
            ("taken-down", gettext_lazy("Taken down")),
        ]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        match self.value():
            case "draft":
                return queryset.drafts()
            case "ready":
                return queryset.ready()
            case "published":
                return queryset.public()
            case "withdrawn":
                aside = ProgressUpdate.objects.set_aside().values("pk")
                return queryset.filter(withdrawn_at__isnull=False, take_down=None).exclude(pk__in=aside)
            case "set-aside":
                return queryset.set_aside().filter(take_down=None)
            case "taken-down":
                return queryset.exclude(take_down=None)
        return queryset


class YearFilter(admin.SimpleListFilter):
    title = gettext_lazy("year")
    parameter_name = "year"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            (str(day.year), str(day.year)) for day in ProgressUpdate.objects.dates("dated_on", "year", order="DESC")
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        offered = {value for value, _label in self.lookup_choices}
        value = self.value() or ""
        return queryset.filter(dated_on__year=int(value)) if value in offered else queryset


class RecommendationFilter(admin.SimpleListFilter):
    """A list to choose from: a plan may have hundreds. Where an area is chosen, it has those of the area."""

    title = gettext_lazy("recommendation")
    parameter_name = "covers"
    template = "admin/select_filter.html"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        found = Recommendation.objects.in_order()
        if (area := id_in(request.GET.get("area__id__exact", ""))) is not None:
            found = found.filter(area=area)
        return [
            (reference, f"{reference} {one_line(text)}") for reference, text in found.values_list("reference", "text")
        ]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        value = self.value() or ""
        offered = {reference for reference, _label in self.lookup_choices}
        return queryset.covering(Recommendation.objects.filter(reference=value)) if value in offered else queryset

    def choices(self, changelist: Any) -> Iterator[Any]:
        """As Django's, and what the form sends along."""
        self.kept = [pair for pair in changelist.params.items() if pair[0] != self.parameter_name]
        for value, label in self.lookup_choices:
            yield {"value": value, "display": Truncator(str(label)).chars(70), "selected": value == self.value()}


class ImportedFilter(admin.SimpleListFilter):
    """The updates that one import added, from the first to the last of their numbers; offered by its message alone."""

    title = gettext_lazy("import")
    parameter_name = "imported"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(f"{ends[0]}-{ends[1]}", f"U{ends[0]}–U{ends[1]}")] if (ends := self.ends()) else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(pk__range=ends) if (ends := self.ends()) else queryset

    def ends(self) -> tuple[int, int] | None:
        match = re.fullmatch(r"([0-9]{1,9})-([0-9]{1,9})", self.value() or "")
        return (int(match[1]), int(match[2])) if match else None


class UpdateListMixin(Base):
    """The columns, the filters and the search of the list."""

    list_display = ["beginning", "state", "dated", "area", "covers"]
    list_display_links = ["beginning"]
    list_filter = [StateFilter, "area", RecommendationFilter, YearFilter, ImportedFilter]
    # What is searched is said by `workspace.update_search`; without this, Django would not search at all.
    search_fields = ["text"]
    ordering = ["-dated_on", "-id"]

    def get_list_display(self, request: HttpRequest) -> Any:
        has_areas = Area.objects.without_title() is None
        return [name for name in super().get_list_display(request) if has_areas or name != "area"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return ProgressUpdate.objects.for_admin().order_by("-dated_on", "-id")

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list; a search for one update by its number opens it at once."""
        words = request.GET.get(SEARCH_VAR, "")
        if words and self.has_view_permission(request) and (update := numbered(words)):
            return HttpResponseRedirect(reverse("admin:recommendations_progressupdate_change", args=[update.pk]))
        found = referred_to(words) if words and request.user.has_perm("recommendations.view_recommendation") else None
        return super().changelist_view(request, {"recommendation": found, **(extra_context or {})})

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        return (queryset.filter(pk__in=matching(search_term)) if search_term.strip() else queryset), False

    @admin.display(description=gettext_lazy("update"), ordering="pk")
    def beginning(self, update: ProgressUpdate) -> str:
        return f"{update.short_name} {Truncator(update.text or _('(erased)')).chars(110)}"

    @admin.display(description=gettext_lazy("state"))
    def state(self, update: ProgressUpdate) -> str:
        return update.state.capitalize()

    @admin.display(description=gettext_lazy("date"), ordering="dated_on")
    def dated(self, update: ProgressUpdate) -> str:
        return update.dated

    @admin.display(description=gettext_lazy("covers"))
    def covers(self, update: ProgressUpdate) -> str:
        return ", ".join(assessment.recommendation.reference for assessment in update.assessments.all())
