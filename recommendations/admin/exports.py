"""Any of the staff's lists as a file: CSV, XLSX or JSON, with the rows that the list shows as searched and filtered.

Each resource names the columns that may leave, one by one, so that nothing private slips in: the note for colleagues
never leaves the admin, nor does what accounts sign in with, nor the words of what was set aside or taken down.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from operator import attrgetter
from types import new_class
from typing import TYPE_CHECKING, Any, TypeAlias

from django.conf import settings
from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from import_export.admin import ExportMixin as LibraryMixin
from import_export.fields import Field
from import_export.formats import base_formats
from import_export.resources import Resource

from recommendations.accounts.roles import role_of
from recommendations.data.files import as_json, to_csv, to_xlsx
from recommendations.data.tables import RECOMMENDATION_COLUMNS, Cell, Column, Table, recommendation_rows
from recommendations.models import ActionPlan, ProgressUpdate, Recommendation, Report, TakeDown
from recommendations.publishing.history import name_of
from recommendations.reading.snapshot import snapshot

if TYPE_CHECKING:
    # The library ships no types: what is called of it here.
    CsvBase: TypeAlias = object
    JsonBase: TypeAlias = object
    XlsxBase: TypeAlias = object

    class ListResource:
        def export_resource(self, instance: Any, **kwargs: Any) -> Any: ...

    class ExportBase(admin.ModelAdmin[Any]):
        def get_export_queryset(self, request: HttpRequest) -> models.QuerySet[Any]: ...
        def get_data_for_export(self, request: HttpRequest, queryset: models.QuerySet[Any], **kwargs: Any) -> Any: ...
        def _do_file_export(self, file_format: Any, request: HttpRequest, queryset: Any) -> HttpResponse: ...
else:
    CsvBase, JsonBase, XlsxBase = base_formats.CSV, base_formats.JSON, base_formats.XLSX
    ExportBase, ListResource = LibraryMixin, Resource


def column(read: str | Callable[[Any], Cell]) -> Any:
    """A column that says what the attribute `read` holds, or what `read` makes of the row's object."""
    return Field(dehydrate_method=attrgetter(read) if isinstance(read, str) else read)


def person(name: str) -> Any:
    """A column with the colleague that the relation `name` leads to, by name; empty where it leads to nobody."""
    return column(lambda thing: name_of(user) if (user := getattr(thing, name)) else "")


def while_it_stands(read: str | Callable[[Any], Cell]) -> Any:
    """As `column`, but empty where the row's object, or what it is about, was set aside or taken down.

    Files lie about, and no erasing reaches them.
    """
    say = attrgetter(read) if isinstance(read, str) else read
    return column(lambda thing: "" if thing.is_taken_down or thing.is_set_aside else say(thing))


class UpdateResource(ListResource):
    id = column("pk")
    state = column("state")
    dated_on = column("dated_on")
    date_as_published = while_it_stands("dated_as_published")
    area_number = column("area.number")
    references = column(lambda update: "; ".join(one.recommendation.reference for one in update.assessments.all()))
    statuses = column(lambda update: "; ".join(str(one) for one in update.assessments.all()))
    text = while_it_stands("text")
    sums_up = column("sums_up")
    evidence = while_it_stands(
        lambda update: "; ".join(f"{one.label} <{one.address}>" for one in update.evidence_links.all())
    )
    ready_at = column("ready_at")
    ready_by = person("ready_by")
    published_at = column("published_at")
    published_by = person("published_by")
    withdrawn_at = column("withdrawn_at")
    withdrawn_by = person("withdrawn_by")

    def filter_export(self, queryset: models.QuerySet[ProgressUpdate], **kwargs: Any) -> Any:
        return queryset.select_related("withdrawn_by").prefetch_related("evidence_links")


class ReportResource(ListResource):
    title = column("title")
    address = column("slug")
    starts_on = column("starts_on")
    ends_on = column("ends_on")
    editions = column(lambda report: len(report.editions.all()))
    introduction = column("introduction")
    sections = column(lambda report: "\n\n".join(f"{one.heading}\n\n{one.body}" for one in report.sections.all()))
    closing = column("closing")
    approval = column("approval")
    originally_published = column("originally_published")
    status_note = column("status_note")

    def filter_export(self, queryset: models.QuerySet[Report], **kwargs: Any) -> Any:
        return queryset.prefetch_related("sections")


class RecommendationRows(ListResource):
    """The rows of the open data, so that the file can be changed and brought in again; its columns are given below."""

    def before_export(self, queryset: models.QuerySet[Recommendation], **kwargs: Any) -> None:
        plan = ActionPlan.objects.first()
        # Of any day: the list has those too that join the plan on a day to come.
        taken = snapshot(plan, on=dt.date.max) if plan else None
        self.rows = recommendation_rows(taken, site=settings.SITE_URL) if taken else {}

    def export_resource(self, instance: Any, **kwargs: Any) -> Any:
        instance.row = self.rows[instance.reference]
        return super().export_resource(instance, **kwargs)


def _cell(position: int) -> Any:
    return column(lambda recommendation: recommendation.row[position])


RecommendationResource = new_class(
    "RecommendationResource",
    (RecommendationRows,),
    exec_body=lambda names: names.update(
        (one.name, _cell(position)) for position, one in enumerate(RECOMMENDATION_COLUMNS)
    ),
)


class AreaResource(ListResource):
    number = column("number")
    title = column("title")
    introduction = column("introduction")
    recommendations = column("recommendation_count")


class PartyResource(ListResource):
    name = column("name")
    address = column("slug")
    is_everyone = column("is_everyone")
    recommendations = column("recommendation_count")


class TermResource(ListResource):
    word = column("word")
    inflections = column("inflections")
    instead = column("instead")
    recommendation = column("recommendation.reference")


class EditionResource(ListResource):
    report = column("report.title")
    number = column("number")
    published_at = column("published_at")
    published_by = person("published_by")
    note = while_it_stands("note")
    is_set_aside = column("is_set_aside")
    is_taken_down = column("is_taken_down")
    seal = column("seal")


class CorrectionResource(ListResource):
    corrected_at = column("corrected_at")
    corrected_by = person("corrected_by")
    about = column(lambda correction: kind_and_name(correction.subject))
    update_id = column("update_id")
    note = while_it_stands("note")
    is_minor = column("is_minor")
    is_withdrawal = column("is_withdrawal")
    before = while_it_stands(lambda correction: _as_words(correction.before))
    after = while_it_stands(lambda correction: _as_words(correction.after))


class TakeDownResource(ListResource):
    what = column(str)
    reason = column("reason")
    taken_down_at = column("taken_down_at")
    taken_down_by = person("taken_down_by")
    erased_at = column("erased_at")
    erased_by = person("erased_by")

    def filter_export(self, queryset: models.QuerySet[TakeDown], **kwargs: Any) -> Any:
        return queryset.select_related("erased_by")


class AccountResource(ListResource):
    username = column("username")
    first_name = column("first_name")
    last_name = column("last_name")
    email = column("email")
    role = column(lambda user: role.value if (role := role_of(user)) else "")
    is_superuser = column("is_superuser")
    is_active = column("is_active")
    has_second_factor = column("second_factor")
    last_login = column("last_login")
    date_joined = column("date_joined")


def kind_and_name(subject: models.Model) -> str:
    """What a correction is about, without its words: “recommendation 3.2”."""
    name = getattr(subject, "reference", None) or getattr(subject, "number", None) or subject.pk
    return f"{subject._meta.verbose_name} {name}"


def _as_words(content: dict[str, Any] | None) -> str:
    return json.dumps(content, ensure_ascii=False) if content else ""


def _table(dataset: Any) -> Table:
    columns = tuple(Column(name, "string", "") for name in dataset.headers)
    return Table(dataset.title, dataset.title, columns, (), tuple(map(tuple, dataset)))


class CsvFile(CsvBase):
    """As the open data is written: see datasets.to_csv."""

    def export_data(self, dataset: Any, **kwargs: Any) -> bytes:
        return to_csv(_table(dataset))


class Workbook(XlsxBase):
    """As the open data is written: see datasets.to_xlsx."""

    def export_data(self, dataset: Any, **kwargs: Any) -> bytes:
        notes = [
            (_("What"), dataset.title),
            (_("Taken out on"), timezone.localdate().isoformat()),
            (_("For whom"), _("For colleagues: it may hold what is not published. The open data of the website is.")),
        ]
        return to_xlsx([_table(dataset)], notes=notes)


class JsonFile(JsonBase):
    """As the rows of the open data are written: see datasets.as_json."""

    def export_data(self, dataset: Any, **kwargs: Any) -> bytes:
        rows = [dict(zip(dataset.headers, map(as_json, row), strict=True)) for row in dataset]
        return json.dumps(rows, ensure_ascii=False, indent=1).encode()


class ExportMixin(ExportBase):
    """A list that leaves as a file, for whoever may see it; `resource_classes` names its one resource, or none."""

    formats = {"xlsx": Workbook, "csv": CsvFile, "json": JsonFile}
    resource_classes: list[Any] = []

    def init_change_list_template(self) -> None:
        """Lists keep their templates, whose tools lead to the file: the library would put its own in their place."""
        self.ie_base_change_list_template = self.change_list_template

    def get_urls(self) -> list[URLPattern]:
        export = f"{self.opts.app_label}_{self.opts.model_name}_export"
        return [one for one in super().get_urls() if self.resource_classes or getattr(one, "name", "") != export]

    @property
    def list_name(self) -> str:
        return str(getattr(self, "plural", "") or self.opts.verbose_name_plural)

    def has_export_permission(self, request: HttpRequest) -> bool:
        return bool(self.resource_classes) and self.has_view_permission(request)

    def export_action(self, request: HttpRequest) -> HttpResponseBase:
        """A page that offers the file in each format, or with `format` in the address the file itself."""
        if not self.has_export_permission(request):
            raise PermissionDenied
        chosen = self.formats.get(request.GET.get("format", ""))
        asked = request.GET.copy()
        asked.pop("format", None)
        request.GET = asked  # type: ignore[assignment]  # the stubs know it as one that can't be changed
        list_address = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")
        try:
            rows = self.get_export_queryset(request)
        except IncorrectLookupParameters:
            # As the list itself does it: what can't be looked for is left out, and the list says so.
            return HttpResponseRedirect(f"{list_address}?e=1")
        if chosen:
            return self._do_file_export(chosen(), request, rows)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Take out: %(name)s") % {"name": self.list_name},
            "opts": self.opts,
            "name": self.list_name,
            "list_address": list_address,
            "query": asked.urlencode(),
            "count": rows.count(),
            "total": self.get_queryset(request).count(),
            "formats": list(self.formats),
        }
        return TemplateResponse(request, "admin/import_export/export.html", context)

    def get_data_for_export(self, request: HttpRequest, queryset: models.QuerySet[Any], **kwargs: Any) -> Any:
        dataset = super().get_data_for_export(request, queryset, **kwargs)
        dataset.title = self.list_name
        return dataset

    def get_export_filename(self, request: HttpRequest, queryset: models.QuerySet[Any], file_format: Any) -> str:
        return f"{slugify(self.list_name)}-{timezone.localdate().isoformat()}.{file_format.get_extension()}"
