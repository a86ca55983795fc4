"""The staff's lists as files: CSV, XLSX or JSON, with the rows that a list shows as it is searched and filtered.

Each export names its columns one by one, so that nothing private slips in: no note for colleagues, no password, no
second factor, no words of what was set aside or taken down. A file can be passed on, and erasing doesn't reach it.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from recommendations.accounts.roles import account_of, role_of
from recommendations.data.columns import RECOMMENDATION_COLUMNS, Cell, Column, RecommendationSource
from recommendations.data.files import XLSX_TYPE, to_csv, to_plain_json, to_xlsx
from recommendations.data.tables import Table, cells, recommendation_sources
from recommendations.models import ActionPlan, ExportMade
from recommendations.publishing.history import name_of
from recommendations.reading.snapshot import snapshot

if TYPE_CHECKING:
    Base = admin.ModelAdmin[Any]
else:
    Base = object

Read = Callable[[Any], Cell]


@dataclass(frozen=True)
class Export:
    """What the file of a list holds: its columns, and the `sources` that they read, one for each object of the list."""

    columns: tuple[Column[Any], ...]
    sources: Callable[[models.QuerySet[Any]], Iterable[Any]] = iter


def column(name: str, read: str | Read = "") -> Column[Any]:
    """A column that reads an attribute of an object of the list: `name`, or `read`. `read` may also be a function."""
    return Column(name, "string", "", read if callable(read) else attrgetter(read or name))


def person(name: str) -> Column[Any]:
    """A column that reads the name of the colleague in the field `name`; empty if there is nobody."""
    return column(name, lambda thing: name_of(user) if (user := getattr(thing, name)) else "")


def unless_hidden(name: str, read: str | Read = "") -> Column[Any]:
    """As `column`, but empty if the object, or what it is about, was set aside or taken down."""
    shown = column(name, read).read
    return column(name, lambda thing: "" if thing.is_taken_down or thing.is_set_aside else shown(thing))


def recommendations_of(queryset: models.QuerySet[Any]) -> Iterable[RecommendationSource]:
    """The sources of the open data's columns, so that the file can be changed and imported."""
    references = [one.reference for one in queryset]
    plan = ActionPlan.objects.first()
    if plan is None:
        return []
    # The list also has recommendations that join the plan on a later day.
    found = recommendation_sources(snapshot(plan, on=dt.date.max), site=settings.SITE_URL)
    by_reference = {source.entry.reference: source for source in found}
    # A colleague may have deleted one in between.
    return [by_reference[reference] for reference in references if reference in by_reference]


def kind_and_name(subject: models.Model) -> str:
    """What a correction is about, without its words: “recommendation 3.2”."""
    name = getattr(subject, "reference", None) or getattr(subject, "number", None) or subject.pk
    return f"{subject._meta.verbose_name} {name}"


def as_json_text(content: dict[str, Any] | None) -> str:
    return json.dumps(content, ensure_ascii=False) if content else ""


UPDATES = Export(
    (
        column("id", "pk"),
        column("state"),
        column("dated_on"),
        unless_hidden("date_as_published", "dated_as_published"),
        column("area_number", "area.number"),
        column("references", lambda one: "; ".join(each.recommendation.reference for each in one.assessments.all())),
        column("statuses", lambda one: "; ".join(str(each) for each in one.assessments.all())),
        unless_hidden("text"),
        column("sums_up"),
        unless_hidden(
            "evidence",
            lambda update: "; ".join(f"{one.label} <{one.address}>" for one in update.evidence_links.all()),
        ),
        unless_hidden(
            "archived_copies",
            lambda update: "; ".join(
                f"{one.label} <{one.archived_address}>" for one in update.evidence_links.all() if one.archived_address
            ),
        ),
        column("ready_at"),
        person("ready_by"),
        column("published_at"),
        person("published_by"),
        column("withdrawn_at"),
        person("withdrawn_by"),
    ),
    lambda updates: updates.select_related("withdrawn_by").prefetch_related("evidence_links"),
)

REPORTS = Export(
    (
        column("title"),
        column("address", "slug"),
        column("starts_on"),
        column("ends_on"),
        column("editions", lambda report: len(report.editions.all())),
        column("introduction"),
        column("sections", lambda report: "\n\n".join(f"{one.heading}\n\n{one.body}" for one in report.sections.all())),
        column("closing"),
        column("approval"),
        column("board_approval", "shown_board_approval"),
        column("originally_published"),
        column("status_note"),
    ),
    lambda reports: reports.prefetch_related("sections"),
)

RECOMMENDATIONS = Export(RECOMMENDATION_COLUMNS, recommendations_of)

AREAS = Export(
    (
        column("number"),
        column("title"),
        column("introduction"),
        column("also_called"),
        column("recommendations", "recommendation_count"),
    )
)

PARTIES = Export(
    (
        column("name"),
        column("address", "slug"),
        column("is_everyone"),
        column("also_called"),
        column("recommendations", "recommendation_count"),
    )
)

TERMS = Export(
    (
        column("word"),
        column("inflections"),
        column("instead"),
        column("recommendation", "recommendation.reference"),
    )
)

EDITIONS = Export(
    (
        column("report", "report.title"),
        column("number"),
        column("published_at"),
        person("published_by"),
        unless_hidden("note"),
        column("is_set_aside"),
        column("is_taken_down"),
        column("seal"),
    )
)

CORRECTIONS = Export(
    (
        column("corrected_at"),
        person("corrected_by"),
        column("about", lambda correction: kind_and_name(correction.subject)),
        column("update_id"),
        unless_hidden("note"),
        column("is_minor"),
        column("is_withdrawal"),
        unless_hidden("before", lambda correction: as_json_text(correction.before)),
        unless_hidden("after", lambda correction: as_json_text(correction.after)),
    )
)

TAKE_DOWNS = Export(
    (
        column("what", str),
        column("reason"),
        column("taken_down_at"),
        person("taken_down_by"),
        column("erased_at"),
        person("erased_by"),
    ),
    lambda take_downs: take_downs.select_related("erased_by"),
)

ACCOUNTS = Export(
    (
        column("username"),
        column("first_name"),
        column("last_name"),
        column("email"),
        column("role", lambda user: role.value if (role := role_of(user)) else ""),
        column("is_superuser"),
        column("is_active"),
        column("has_second_factor", "second_factor"),
        column("last_login"),
        column("date_joined"),
    )
)


def to_workbook(table: Table) -> bytes:
    """The table as a workbook that says on its first sheet what it is and whom it is for."""
    notes = [
        (_("What"), table.title),
        (_("Exported on"), timezone.localdate().isoformat()),
        (
            _("Intended for"),
            _("Colleagues: it may contain what isn't published. The open data on the website is public."),
        ),
    ]
    return to_xlsx([table], notes=notes)


FORMATS: dict[str, tuple[Callable[[Table], bytes], str]] = {
    "xlsx": (to_workbook, XLSX_TYPE),
    "csv": (to_csv, "text/csv; charset=utf-8"),
    "json": (to_plain_json, "application/json; charset=utf-8"),
}


class ExportMixin(Base):
    """The admin of a list that can be exported, by everyone who may see it, if `export` is set."""

    export: Export | None = None

    def get_urls(self) -> list[URLPattern]:
        if self.export is None:
            return super().get_urls()
        view = self.admin_site.admin_view(self.export_view)
        name = f"{self.opts.app_label}_{self.opts.model_name}_export"
        return [path("export/", view, name=name), *super().get_urls()]

    @property
    def list_name(self) -> str:
        return str(getattr(self, "plural", "") or self.opts.verbose_name_plural)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        offered = self.export is not None and self.has_view_permission(request)
        return super().changelist_view(request, {"has_export": offered, **(extra_context or {})})

    def export_view(self, request: HttpRequest) -> HttpResponseBase:
        """A page that offers the file in each format; with `format` in the address, the file itself."""
        if self.export is None or not self.has_view_permission(request):
            raise PermissionDenied
        query = request.GET.copy()
        format = query.pop("format", [""])[-1]
        query.pop("p", None)  # All pages of the list are in the file.
        request.GET = query  # type: ignore[assignment]  # the stubs want one that can't be changed
        list_address = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")
        try:
            # `super()` skips what a list adds only to the rows of one page, such as today's status.
            rows = super().get_changelist_instance(request).queryset
        except IncorrectLookupParameters:
            # As the list itself does: it then shows every row, and says that the filter made no sense.
            return HttpResponseRedirect(f"{list_address}?e=1")
        if format in FORMATS:
            return self.export_response(self.export, rows, format, by=account_of(request))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Export: %(name)s") % {"name": self.list_name},
            "opts": self.opts,
            "name": self.list_name,
            "list_address": list_address,
            "query": query.urlencode(),
            "count": rows.count(),
            "total": self.get_queryset(request).count(),
            "formats": list(FORMATS),
        }
        return TemplateResponse(request, "admin/export.html", context)

    def export_response(self, export: Export, rows: models.QuerySet[Any], format: str, *, by: User) -> HttpResponse:
        """The file. It is recorded that it was made, so that others see what somebody has who leaves."""
        write, content_type = FORMATS[format]
        table = Table(self.list_name, self.list_name, export.columns, (), cells(export.columns, export.sources(rows)))
        ExportMade.objects.create(
            what=self.list_name, format=format, rows=len(table.rows), made_at=timezone.now(), made_by=by
        )
        name = f"{slugify(self.list_name)}-{timezone.localdate().isoformat()}.{format}"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return HttpResponse(write(table), content_type=content_type, headers=headers)
