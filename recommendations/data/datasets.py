"""A snapshot as open data: CSV, XLSX, JSON and their description. What isn't published is not in a snapshot.

Spreadsheet programs run a cell that begins like a formula, so such text is given a leading apostrophe in CSV (in XLSX
it is typed as text instead); JSON holds text as it is. Nothing is cut in silence: XLSX holds 32,767 characters a cell,
and a longer text ends there with a sentence that says where the rest stands.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from recommendations.reading import origins
from recommendations.reading.snapshot import AreaEntry, RecommendationEntry, Snapshot, UpdateEntry

Cell = str | int | bool | dt.date | dt.datetime | None

FORMULA = re.compile("^[\\s\ufeff\u200b-\u200f\u2060]*[=+\\-@|\uff1d\uff0b\uff0d\uff20\uff5c]|^[\t\r]")
WRITTEN_AT = re.compile(rb"<dcterms:(created|modified)[^>]*>[^<]*</dcterms:\1>")
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
XLSX_CELL = 32_767
CUT = " […] The text goes on: a spreadsheet's cell holds no more. It is whole in the CSV and JSON files."
JSON_SCHEMA_VERSION = 2
SCHEMAS = Path(__file__).parent / "schemas"


@dataclass(frozen=True)
class Column:
    """One column of a table: `type` and `description` as Frictionless Table Schema has them.

    The description is kept in English, and translated where it is shown or written.
    """

    name: str
    type: str
    description: str


@dataclass(frozen=True)
class Table:
    """A table of open data; `rows` hold cells in the order of `columns`."""

    name: str
    title: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True)
class RecommendationColumn(Column):
    """A column of a recommendation, for the open data, the staff's files and imports alike.

    `read` takes a recommendation, its area and the site's address; `field` is what an import fills, if it does.
    """

    read: Callable[[RecommendationEntry, AreaEntry, str], Cell]
    field: str = ""


RECOMMENDATION_COLUMNS = (
    RecommendationColumn(
        "reference",
        "string",
        gettext_noop("Number of the recommendation, for example 3.2. Never given to another one."),
        lambda entry, area, site: entry.reference,
    ),
    RecommendationColumn(
        "area_number", "integer", gettext_noop("Number of its area."), lambda entry, area, site: area.number
    ),
    RecommendationColumn(
        "area_title", "string", gettext_noop("Title of its area."), lambda entry, area, site: area.title
    ),
    RecommendationColumn(
        "text",
        "string",
        gettext_noop("The recommendation as adopted."),
        lambda entry, area, site: entry.text,
        field="text",
    ),
    RecommendationColumn(
        "responsible_parties",
        "string",
        gettext_noop("Who it is addressed to, as far as it says so; separated by semicolons."),
        lambda entry, area, site: "; ".join(party.name for party in entry.parties),
        field="parties",
    ),
    RecommendationColumn(
        "status",
        "string",
        gettext_noop("Where it stands, one of the published statuses. Empty: no update yet."),
        lambda entry, area, site: entry.status_key,
    ),
    RecommendationColumn(
        "status_dated_on",
        "date",
        gettext_noop("The day of the update that recorded the status."),
        lambda entry, area, site: entry.status.dated_on if entry.status else None,
    ),
    RecommendationColumn(
        "status_date_as_published",
        "string",
        gettext_noop("That date in words, where only so much is known."),
        lambda entry, area, site: entry.status.dated_as_published if entry.status else "",
    ),
    RecommendationColumn(
        "target_on",
        "date",
        gettext_noop("Target date, where a day is known."),
        lambda entry, area, site: entry.target_on,
        field="target_on",
    ),
    RecommendationColumn(
        "target_as_published",
        "string",
        gettext_noop("Target in words, as published."),
        lambda entry, area, site: entry.target_as_published,
        field="target_as_published",
    ),
    RecommendationColumn(
        "added_on",
        "date",
        gettext_noop("The day since when it belongs to the plan, where it was added later."),
        lambda entry, area, site: entry.added_on,
        field="added_on",
    ),
    RecommendationColumn(
        "retired_on",
        "date",
        gettext_noop("The day it was retired, if it was."),
        lambda entry, area, site: entry.retired_on,
        field="retired_on",
    ),
    RecommendationColumn(
        "retired_reason",
        "string",
        gettext_noop("Why it was retired."),
        lambda entry, area, site: entry.retired_reason,
        field="retired_reason",
    ),
    RecommendationColumn(
        "replaced_by",
        "string",
        gettext_noop("References of those that take its place; separated by semicolons."),
        lambda entry, area, site: "; ".join(entry.replaced_by),
        field="replaced_by",
    ),
    RecommendationColumn(
        "changes",
        "string",
        gettext_noop(
            "What was changed since reports were published, of it, of its area's title and of its parties' names: "
            "dates, what it was and is, and why; separated by semicolons."
        ),
        lambda entry, area, site: "; ".join(
            f"{timezone.localdate(one.changed_at).isoformat()}: {', '.join(one.sentences)}: {one.note}"
            for one in entry.plan_changes
        ),
    ),
    RecommendationColumn(
        "updates",
        "integer",
        gettext_noop("How many published updates cover it."),
        lambda entry, area, site: len(entry.timeline),
    ),
    RecommendationColumn(
        "address",
        "string",
        gettext_noop("Its page."),
        lambda entry, area, site: f"{site}/recommendations/{entry.reference}/",
    ),
)
UPDATE_COLUMNS = (
    Column("id", "integer", gettext_noop("Number of the update, as in its address.")),
    Column("dated_on", "date", gettext_noop("The day it speaks of.")),
    Column("date_as_published", "string", gettext_noop("That date in words, where only so much is known.")),
    Column("published_at", "datetime", gettext_noop("When it was published here (UTC).")),
    Column("area_number", "integer", gettext_noop("Number of the area it belongs to.")),
    Column("references", "string", gettext_noop("The recommendations it covers; separated by semicolons.")),
    Column("text", "string", gettext_noop("The update, in Markdown.")),
    Column("sums_up", "boolean", gettext_noop("Whether it sums up earlier updates of its period.")),
    Column(
        "evidence",
        "string",
        gettext_noop("Evidence links: label, then address in angle brackets; separated by semicolons."),
    ),
    Column(
        "corrections", "string", gettext_noop("Dates and notes of its announced corrections; separated by semicolons.")
    ),
    Column("address", "string", gettext_noop("Its page.")),
)
STATUS_COLUMNS = (
    Column("reference", "string", gettext_noop("The recommendation.")),
    Column("update_id", "integer", gettext_noop("The update that recorded the status.")),
    Column("dated_on", "date", gettext_noop("The day of the update.")),
    Column("date_as_published", "string", gettext_noop("That date in words, where only so much is known.")),
    Column("status", "string", gettext_noop("The status recorded.")),
    Column("status_before", "string", gettext_noop("The status before it. Empty: none was recorded before.")),
    Column("is_change", "boolean", gettext_noop("Whether the two differ.")),
)


def tables(snapshot: Snapshot, *, site: str, only: Iterable[str] | None = None) -> tuple[Table, ...]:
    """The three tables of `snapshot`, with addresses under `site` (no slash at its end).

    `only` keeps the recommendations with these references, and the updates and statuses that concern them.
    """
    kept = None if only is None else set(only)
    updates = [u for u in snapshot.updates if kept is None or kept & set(u.references)]
    rows = recommendation_rows(snapshot, site=site)
    return (
        Table(
            "recommendations",
            _("Recommendations and where each stands"),
            RECOMMENDATION_COLUMNS,
            ("reference",),
            tuple(row for reference, row in rows.items() if kept is None or reference in kept),
        ),
        Table("updates", _("Progress updates"), UPDATE_COLUMNS, ("id",), tuple(_update_row(u, site) for u in updates)),
        Table(
            "statuses",
            _("Every status recorded"),
            STATUS_COLUMNS,
            ("reference", "update_id"),
            tuple(_status_rows(updates, kept)),
        ),
    )


def recommendation_rows(snapshot: Snapshot, *, site: str) -> dict[str, tuple[Cell, ...]]:
    """The cells of each recommendation of `snapshot`, in the order of RECOMMENDATION_COLUMNS, by reference."""
    return {
        entry.reference: tuple(column.read(entry, area, site) for column in RECOMMENDATION_COLUMNS)
        for area in snapshot.areas
        for entry in area.recommendations
    }


def to_csv(table: Table) -> bytes:
    """The table as CSV by RFC 4180: UTF-8 without byte order mark, CRLF, a heading row, formulas defused."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(column.name for column in table.columns)
    for row in table.rows:
        writer.writerow(defused(as_text(cell)) for cell in row)
    return file.getvalue().encode()


def to_xlsx(tables: Iterable[Table], *, notes: Iterable[tuple[str, str]], author: str = "") -> bytes:
    """The tables as sheets of one workbook, after a sheet of `notes` (label, text). Text is typed as text.

    The same tables give the same bytes: the file says nothing of the moment it was made.
    """
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    workbook = Workbook()
    workbook.properties.creator = author
    workbook.remove(workbook.worksheets[0])
    about = workbook.create_sheet("about")
    sheets: list[tuple[Any, list[list[Cell]]]] = [(about, [list(note) for note in notes])]
    for table in tables:
        heading: list[Cell] = [column.name for column in table.columns]
        sheet = workbook.create_sheet(table.name)
        sheets.append((sheet, [heading, *(list(row) for row in table.rows)]))
        for place, column in enumerate(table.columns, start=1):
            if column.type == "string":
                # What is typed below stays text: 3.10 is no number.
                sheet.column_dimensions[get_column_letter(place)].number_format = "@"
    for sheet, rows in sheets:
        for row_number, row in enumerate(rows, start=1):
            for column_number, value in enumerate(row, start=1):
                if value is None or value == "":
                    continue
                cell = sheet.cell(row_number, column_number)
                if isinstance(value, str | dt.datetime):
                    cell.value = _fitting(as_text(value))
                    cell.data_type = "s"
                else:
                    cell.value = value
                cell.alignment = Alignment(vertical="top", wrap_text=True)
        for cells in sheet.iter_rows(min_row=1, max_row=1):
            for cell in cells:
                cell.font = Font(bold=True)
        sheet.freeze_panes = "A2"
        for place, width in enumerate(_widths(rows), start=1):
            sheet.column_dimensions[get_column_letter(place)].width = width
    file = io.BytesIO()
    workbook.save(file)
    return _undated(file.getvalue())


def to_json(snapshot: Snapshot, *, site: str, only: Iterable[str] | None = None, filter: str = "") -> bytes:
    """The three tables as one JSON document, with what they are as at, their licence and the meaning of the statuses.

    `filter` says in words what `only` keeps. Its schema is published at the address that it names; see `json_schema`.
    """
    described: dict[str, Any] = {
        "$schema": f"{site}/data/{schema_name(JSON_SCHEMA_VERSION)}",
        "version": JSON_SCHEMA_VERSION,
        "title": snapshot.plan.title,
        "organisation": snapshot.plan.organisation_name,
        "as_at": snapshot.on.isoformat(),
        "origins": origins.told(snapshot.origins, conference=snapshot.plan.conference_name),
        "status_note": snapshot.status_note,
        "licence": {"name": snapshot.plan.data_licence, "address": snapshot.plan.data_licence_address},
        "is_filtered": only is not None,
        "filter": filter,
        "citation": citation(snapshot, site=site),
        "statuses_meanings": [
            {"status": m.key, "label": m.label, "definition": m.definition, "evidence": m.evidence}
            for m in snapshot.statuses
        ],
    }
    for table in tables(snapshot, site=site, only=only):
        names = [column.name for column in table.columns]
        described[table.name] = [dict(zip(names, map(as_json, row), strict=True)) for row in table.rows]
    return json.dumps(described, ensure_ascii=False, indent=1).encode()


def notes(snapshot: Snapshot, *, site: str, filter: str = "") -> tuple[tuple[str, str], ...]:
    """What a reader has to know of the files, as labels and texts: for the workbook's first sheet."""
    licence = " ".join(part for part in (snapshot.plan.data_licence, snapshot.plan.data_licence_address) if part)
    told = (
        (_("Title"), snapshot.plan.title),
        (_("Published by"), snapshot.plan.organisation_name),
        (_("As at"), snapshot.on.isoformat()),
        (_("Filtered"), _("This file holds a part only: what is %(filter)s.") % {"filter": filter} if filter else ""),
        (_("About the statuses"), snapshot.status_note),
        (_("Licence"), licence or _("None was chosen.")),
        (_("How to cite"), citation(snapshot, site=site)),
        (_("Recommendations"), origins.told(snapshot.origins, conference=snapshot.plan.conference_name)),
        (_("What the columns mean"), f"{site}/data/"),
    )
    return tuple((label, text) for label, text in told if text)


def citation(snapshot: Snapshot, *, site: str) -> str:
    """How to cite the data: who, what, as at when, where."""
    plan = snapshot.plan
    told = _("%(organisation)s. %(title)s: progress data as at %(day)s.") % {
        "organisation": plan.organisation_name,
        "title": plan.title,
        "day": snapshot.on.isoformat(),
    }
    return f"{told} {site}/data/"


def schema_name(version: int) -> str:
    """The file under /data/ that holds a version of the JSON Schema for good: files inside old editions name it."""
    return "progress.schema.json" if version == 1 else f"progress-{version}.schema.json"


def json_schema(*, site: str, version: int = JSON_SCHEMA_VERSION) -> dict[str, Any]:
    """The JSON Schema (2020-12) of what `to_json` writes, or of what it wrote in an earlier `version`: as stored."""
    named = {"$id": f"{site}/data/{schema_name(version)}", "title": "Progress on recommendations"}
    if version != JSON_SCHEMA_VERSION:
        stored: dict[str, Any] = json.loads((SCHEMAS / f"progress_{version}.json").read_text())
        return {**stored, **named}
    types: dict[str, dict[str, Any]] = {
        "string": {"type": "string"},
        "integer": {"type": "integer"},
        "boolean": {"type": "boolean"},
        "date": {"type": ["string", "null"], "format": "date"},
        "datetime": {"type": ["string", "null"], "format": "date-time"},
    }

    def rows_of(columns: tuple[Column, ...]) -> dict[str, Any]:
        properties: dict[str, Any] = {
            column.name: {**types[column.type], "description": _(column.description)} for column in columns
        }
        return {
            "type": "array",
            "items": {
                "type": "object",
                "properties": properties,
                "required": list(properties),
                "additionalProperties": False,
            },
        }

    meaning = {name: {"type": "string"} for name in ("status", "label", "definition", "evidence")}
    properties: dict[str, Any] = {
        "$schema": {"type": "string"},
        "version": {"const": JSON_SCHEMA_VERSION},
        "title": {"type": "string"},
        "organisation": {"type": "string"},
        "as_at": {"type": "string", "format": "date"},
        "origins": {
            "type": "string",
            "description": "How many recommendations came out of the conference, and what was added or retired since.",
        },
        "status_note": {"type": "string"},
        "licence": {"type": "object", "properties": {"name": {"type": "string"}, "address": {"type": "string"}}},
        "is_filtered": {
            "type": "boolean",
            "description": "Whether recommendations were left out, and the updates that concern only those.",
        },
        "filter": {"type": "string", "description": "What was asked for, in words. Empty: nothing was left out."},
        "citation": {"type": "string"},
        "statuses_meanings": {"type": "array", "items": {"type": "object", "properties": meaning}},
        "recommendations": rows_of(RECOMMENDATION_COLUMNS),
        "updates": rows_of(UPDATE_COLUMNS),
        "statuses": rows_of(STATUS_COLUMNS),
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **named,
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def data_package(snapshot: Snapshot, *, site: str) -> dict[str, Any]:
    """The Frictionless data package that describes the three CSV files."""
    told = origins.told(snapshot.origins, conference=snapshot.plan.conference_name)
    package: dict[str, Any] = {
        "name": "recommendation-progress",
        "title": snapshot.plan.title,
        "description": "\n\n".join(filter(None, [told, snapshot.status_note])),
        "homepage": f"{site}/data/",
        "created": f"{snapshot.on.isoformat()}T00:00:00Z",
        "contributors": [{"title": snapshot.plan.organisation_name, "role": "publisher"}],
        "resources": [
            {
                "name": table.name,
                "title": table.title,
                "path": f"{table.name}.csv",
                "profile": "tabular-data-resource",
                "format": "csv",
                "mediatype": "text/csv",
                "encoding": "utf-8",
                "schema": {
                    "fields": [
                        {"name": column.name, "type": column.type, "description": _(column.description)}
                        for column in table.columns
                    ],
                    "primaryKey": list(table.key),
                },
            }
            for table in tables(snapshot, site=site)
        ],
    }
    if snapshot.plan.data_licence:
        licence = {"title": snapshot.plan.data_licence, "path": snapshot.plan.data_licence_address}
        package["licenses"] = [{name: value for name, value in licence.items() if value}]
    return package


def _update_row(update: UpdateEntry, site: str) -> tuple[Cell, ...]:
    return (
        update.id,
        update.dated_on,
        update.dated_as_published,
        update.published_at,
        update.area,
        "; ".join(update.references),
        update.text,
        update.sums_up,
        "; ".join(f"{link.label} <{link.address}>" for link in update.evidence),
        "; ".join(f"{timezone.localdate(c.corrected_at).isoformat()}: {c.note}" for c in update.corrections),
        f"{site}/updates/{update.id}/",
    )


def _status_rows(updates: Iterable[UpdateEntry], kept: set[str] | None) -> Iterable[tuple[Cell, ...]]:
    before: dict[str, str] = defaultdict(str)
    for update in updates:
        for reference, status in update.statuses:
            if kept is None or reference in kept:
                changed = status != before[reference]
                yield (
                    reference,
                    update.id,
                    update.dated_on,
                    update.dated_as_published,
                    status,
                    before[reference],
                    changed,
                )
                before[reference] = status


def as_text(cell: Cell) -> str:
    """A cell in the words of a CSV file: ISO dates, instants in UTC, nothing for None."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, dt.datetime):
        return cell.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(cell, dt.date):
        return cell.isoformat()
    return "" if cell is None else str(cell)


def as_json(cell: Cell) -> Any:
    """A cell as JSON holds it: numbers, booleans and None as they are, dates in words."""
    return as_text(cell) if isinstance(cell, dt.date) else cell


def defused(text: str) -> str:
    """`text` with a leading apostrophe where a spreadsheet program would run it as a formula."""
    return f"'{text}" if FORMULA.match(text) else text


def _fitting(text: str) -> str:
    return text if len(text) <= XLSX_CELL else text[: XLSX_CELL - len(CUT)] + CUT


def _undated(workbook: bytes) -> bytes:
    """`workbook` packed again without the moment that openpyxl wrote it at."""
    file = io.BytesIO()
    with ZipFile(io.BytesIO(workbook)) as packed, ZipFile(file, "w", ZIP_DEFLATED) as repacked:
        for name in packed.namelist():
            content = packed.read(name)
            if name == "docProps/core.xml":
                content = WRITTEN_AT.sub(b"", content)
            repacked.writestr(ZipInfo(name), content, ZIP_DEFLATED)
    return file.getvalue()


def _widths(rows: list[list[Any]]) -> list[int]:
    """Column widths that suit the longest words of the first rows, between 10 and 60 characters."""
    columns = zip(*rows[:50], strict=False)
    return [min(60, max(10, *(len(as_text(cell)) + 2 for cell in column))) for column in columns]
