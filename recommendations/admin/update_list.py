"""The list of progress updates, with its columns and filters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from recommendations.models import Area, ProgressUpdate

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


class UpdateListMixin(Base):
    """The columns, the filters and the search of the list."""

    list_display = ["beginning", "state", "dated", "area", "covers"]
    list_display_links = ["beginning"]
    list_filter = [StateFilter, "area", YearFilter]
    search_fields = ["text", "dated_as_published", "private_note"]
    search_help_text = gettext_lazy("Words in the text or in the note for colleagues")
    ordering = ["-dated_on", "-id"]

    def get_list_display(self, request: HttpRequest) -> Any:
        has_areas = Area.objects.without_title() is None
        return [name for name in super().get_list_display(request) if has_areas or name != "area"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return ProgressUpdate.objects.for_admin().order_by("-dated_on", "-id")

    @admin.display(description=gettext_lazy("update"))
    def beginning(self, update: ProgressUpdate) -> str:
        return Truncator(update.text or _("(erased)")).chars(110)

    @admin.display(description=gettext_lazy("state"))
    def state(self, update: ProgressUpdate) -> str:
        return update.state.capitalize()

    @admin.display(description=gettext_lazy("date"), ordering="dated_on")
    def dated(self, update: ProgressUpdate) -> str:
        return update.dated

    @admin.display(description=gettext_lazy("covers"))
    def covers(self, update: ProgressUpdate) -> str:
        return ", ".join(assessment.recommendation.reference for assessment in update.assessments.all())
