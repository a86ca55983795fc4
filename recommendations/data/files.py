"""Writing tables as CSV, XLSX and JSON, for open data and exports. Formulas in their text are made harmless."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
from collections.abc import Iterable
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from recommendations.reading import origins
from recommendations.reading.schema import Snapshot

from .columns import Cell, Several
from .package import schema_name
from .tables import JSON_SCHEMA_VERSION, Table, as_text, citation, reuse, tables

FORMULA = re.compile("^[\\s\ufeff\u200b-\u200f\u2060]*[=+\\-@|\uff1d\uff0b\uff0d\uff20\uff5c]|^[\t\r]")
# Where a program splits the file at semicolons or tabs, as in French, quotes hold no text together: what follows one of
# them, or a line feed, begins a cell. A list of points has - or + there, which does harm only where it calls something.
CALLS = "[+\\-|\uff0b\uff0d\uff5c][^;\t\r\n]*(?:\\w\\(|[|!])"
WITHIN = f"(?= *(?:[=@\uff1d\uff20]|{CALLS}))"
FORMULA_WITHIN = re.compile(f"(?<=[;\t\r\n]){WITHIN}")
DEFUSED_WITHIN = re.compile(f"(?<=[;\t\r\n])'{WITHIN}")
WRITTEN_AT = re.compile(rb"<dcterms:(created|modified)[^>]*>[^<]*</dcterms:\1>")
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
XLSX_CELL = 32_767
XLSX_TEXT = 255
CUT = gettext_noop(
    " […] The text continues: a spreadsheet cell can't hold more. The CSV and JSON files have all of it."
)


def to_csv(table: Table) -> bytes:
    """The table as CSV (RFC 4180): UTF-8 without byte order mark, CRLF, a heading row, formulas made harmless."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(column.name for column in table.columns)
    for row in table.rows:
        writer.writerow(defused(as_text(cell)) for cell in row)
    return file.getvalue().encode()


def to_xlsx(tables: Iterable[Table], *, notes: Iterable[tuple[str, str]], author: str = "") -> bytes:
    """The tables as sheets of one workbook, after a sheet of `notes` (label, text). Text never becomes a formula.

    The same tables give the same bytes: the file doesn't record when it was made.
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
                # What somebody types below stays text: 3.10 must not become 3.1.
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
                    # So that 3.10 stays text when somebody edits it. Some programs show a long text in it as ####.
                    if len(cell.value) <= XLSX_TEXT:
                        cell.number_format = "@"
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
    """The three tables as one JSON document, with their date, licence, citation and the meaning of the statuses.

    `filter` says in words what `only` selects. The document names the address of its schema; see `json_schema`.
    """
    plan = snapshot.plan
    described: dict[str, Any] = {
        "$schema": f"{site}/data/{schema_name(JSON_SCHEMA_VERSION)}",
        "version": JSON_SCHEMA_VERSION,
        "title": plan.title,
        "organisation": plan.organisation_name,
        "as_at": snapshot.on.isoformat(),
        "closed_on": snapshot.closed_on.isoformat() if snapshot.closed_on else None,
        "origins": origins.sentences(snapshot.origins, plan=plan),
        "status_note": snapshot.status_note,
        "licence": {"name": plan.data_licence, "address": plan.data_licence_address} if plan.data_licence else None,
        "reuse": reuse(snapshot),
        "is_filtered": only is not None,
        "filter": filter,
        "citation": citation(snapshot, site=site),
        "statuses_meanings": [
            {"status": m.key, "label": m.label, "definition": m.definition, "evidence": m.evidence}
            for m in snapshot.statuses_used
        ],
    }
    for table in tables(snapshot, site=site, only=only):
        described[table.name] = json_rows(table)
    return _json(described)


def to_plain_json(table: Table) -> bytes:
    """The rows of the table as a JSON array, without a description."""
    return _json(json_rows(table))


def json_rows(table: Table) -> list[dict[str, Any]]:
    """The rows as objects for JSON: numbers, booleans and None as they are, dates as text, several things as lists."""
    names = [column.name for column in table.columns]
    return [{name: _as_json(cell) for name, cell in zip(names, row, strict=True)} for row in table.rows]


def _as_json(cell: Cell) -> Any:
    if isinstance(cell, Several):
        return list(cell.items)
    return as_text(cell) if isinstance(cell, dt.date) else cell


def _json(content: Any) -> bytes:
    return json.dumps(content, ensure_ascii=False, indent=1).encode()


def defused(text: str) -> str:
    """`text`, with an apostrophe in front of what a spreadsheet program would run as a formula."""
    return FORMULA_WITHIN.sub("'", f"'{text}" if FORMULA.match(text) else text)


def undefused(text: str) -> str:
    """`text` without the apostrophes that `defused` puts in."""
    text = DEFUSED_WITHIN.sub("", text)
    return text[1:] if text.startswith("'") and FORMULA.match(text[1:]) else text


def _fitting(text: str) -> str:
    if len(text) <= XLSX_CELL:
        return text
    cut = _(CUT)
    return text[: XLSX_CELL - len(cut)] + cut


def _undated(workbook: bytes) -> bytes:
    """`workbook` without the times at which openpyxl wrote it."""
    file = io.BytesIO()
    with ZipFile(io.BytesIO(workbook)) as packed, ZipFile(file, "w", ZIP_DEFLATED) as repacked:
        for name in packed.namelist():
            content = packed.read(name)
            if name == "docProps/core.xml":
                content = WRITTEN_AT.sub(b"", content)
            repacked.writestr(ZipInfo(name), content, ZIP_DEFLATED)
    return file.getvalue()


def _widths(rows: list[list[Any]]) -> list[int]:
    """Column widths for the longest cells of the first 50 rows, between 10 and 60 characters."""
    columns = zip(*rows[:50], strict=False)
    return [min(60, max(10, *(len(as_text(cell)) + 2 for cell in column))) for column in columns]
