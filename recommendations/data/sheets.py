"""Reading an uploaded spreadsheet, CSV or XLSX, as rows of text: its size is limited, and nothing in it is run.

Rows are counted as spreadsheet programs show them: the heading is row 1.
"""

from __future__ import annotations

import codecs
import csv
import datetime as dt
import io
import re
import struct
import zlib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile

from django.core import signing
from django.utils.translation import gettext as _

from recommendations.text.intake import folded
from recommendations.text.lookalikes import seen

LARGEST = 2 * 1024 * 1024  # bytes; ten times the plan of 2019 takes a fifth of it
LARGEST_UNPACKED = 20 * 1024 * 1024  # bytes of a workbook's parts
MOST_PARTS = 1_000
MOST_TEXT = 2_000_000  # characters in all cells: a workbook names a text once and may show it a thousand times
MOST_ROWS = 1_000  # bench/README.md says how long importing so many takes, during which nobody else can write
MOST_COLUMNS = 60
LAST_ROW = 20_000
DELIMITERS = ",;\t"
# The first line by which Excel is told what separates the cells: Excel doesn't show it, nor count it as a row.
SEPARATOR = re.compile(r'"?sep=(\\t|[^"\r\n])"?[,;\t]*(?:\r\n|\r|\n)', re.IGNORECASE)
# What spreadsheet programs write where it isn't UTF-8, and the characters outside ASCII by which text shows that it is.
OLD_ENCODINGS = {"cp1252": "Windows-1252", "mac_roman": "Mac OS Roman"}
USUAL = set("àáâãäåæçèéêëìíîïñòóôõöøœùúûüÿßÀÁÂÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÖØŒÙÚÛÜŸ«»‘’“”–—…•·°§©®¿¡ªº€\u00a0")
CAPITAL_WITHIN = re.compile("[a-zß-öø-ÿœ][À-ÖØ-ÞŒ]")  # É read as é, or the other way round, mostly ends up in words
OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"
SALT = "recommendations.data.sheets"
DAY = 24 * 60 * 60
# What a format says beside the letters of a date.
QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
# What openpyxl raises for a file that isn't a workbook, or is broken.
BROKEN = (
    *(BadZipFile, LookupError, ValueError, TypeError, AttributeError, OSError, EOFError, RuntimeError, SyntaxError),
    *(ArithmeticError, struct.error, zlib.error, expat.ExpatError),
)


class Unreadable(Exception):
    """A file that can't be read as a sheet. The message tells staff why, and what to do."""


@dataclass(frozen=True)
class Row:
    """One row that isn't empty, with its number in the spreadsheet."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Sheet:
    """The table in the file `name`. `decimals` are the columns that hold decimal numbers, such as 3.1, as numbers.

    `encoding` names that of a CSV file in an old one, where it had to be guessed. `hidden_rows` and `hidden_columns`
    are those that say something and aren't read, because a workbook hides them: the second by their headings.
    """

    name: str
    heading: tuple[str, ...]
    rows: tuple[Row, ...]
    decimals: tuple[int, ...] = ()
    encoding: str = ""
    hidden_rows: tuple[int, ...] = ()
    hidden_columns: tuple[str, ...] = ()

    def sealed(self) -> str:
        """The sheet as signed text for a page, valid for a day: the preview carries it to the confirmation."""
        rows = [[row.number, *row.cells] for row in self.rows]
        hidden = [self.hidden_rows, self.hidden_columns]
        sheet = [self.name, self.heading, rows, self.decimals, self.encoding, *hidden]
        return signing.dumps(sheet, salt=SALT, compress=True)


@dataclass
class Aside:
    """What is noticed of a workbook while its rows are read: see `Sheet`."""

    decimals: set[int] = field(default_factory=set)
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[str] = field(default_factory=list)


def opened(text: str) -> Sheet | None:
    """The sheet that `sealed` was called on; None for any other text, or after a day."""
    try:
        name, heading, rows, decimals, encoding, *hidden = signing.loads(text, salt=SALT, max_age=DAY)
    except signing.BadSignature:
        return None
    found = tuple(Row(number, tuple(cells)) for number, *cells in rows)
    return Sheet(name, tuple(heading), found, tuple(decimals), encoding, *map(tuple, hidden))


def read_sheet(content: bytes, *, name: str, columns: Collection[str]) -> Sheet:
    """The table in a file, as text; raises Unreadable if there is none, or too much.

    The names in `columns` show which sheet of a workbook is meant, and what separates the cells of a CSV file.
    """
    if len(content) > LARGEST:
        raise Unreadable(
            _("The file is larger than 2 MB. Remove pictures and anything that isn’t needed, or split it.")
        )
    if content.startswith(OLD_WORKBOOK):
        raise Unreadable(
            _("This is an old workbook (.xls), or it has a password. Save it as .xlsx, without a password.")
        )
    aside = Aside()
    encoding = ""
    if content.startswith(b"PK"):
        try:
            lines = _bounded(_lines_of_workbook(content, columns, aside))
        except BROKEN as error:
            raise Unreadable(_("This workbook can’t be read. Open it and save it as .xlsx, then try again.")) from error
    else:
        text, encoding = _decoded(content)
        lines = _bounded(enumerate(_lines_of_csv(text, columns), start=1))
    if not lines or lines[0].number != 1:
        raise Unreadable(_("The first row must name the columns, but it is empty."))
    hidden = tuple(aside.hidden_rows), tuple(aside.hidden_columns)
    return Sheet(name, lines[0].cells, tuple(lines[1:]), tuple(sorted(aside.decimals)), encoding, *hidden)


def heading_name(cell: str) -> str:
    """A column's name in the form in which it is compared: “Area Number ” is area_number, “Référence” reference."""
    return "_".join(folded(seen(cell)).split())


def _bounded(lines: Iterable[tuple[int, list[str]]]) -> list[Row]:
    """The rows that aren't empty, without the empty cells at their end; raises Unreadable if they are too many."""
    rows: list[Row] = []
    characters = 0
    for number, cells in lines:
        if number > LAST_ROW:
            raise Unreadable(
                _("The sheet continues beyond row %(row)d. Delete the empty rows below the table, then save it.")
                % {"row": LAST_ROW}
            )
        while cells and not cells[-1].strip():
            cells.pop()
        if not cells:
            continue
        characters += sum(map(len, cells))
        if len(cells) > MOST_COLUMNS:
            raise Unreadable(_("Row %(row)d has more than %(most)d columns.") % {"row": number, "most": MOST_COLUMNS})
        if len(rows) > MOST_ROWS or characters > MOST_TEXT:
            raise Unreadable(
                _("The sheet has more than %(rows)d rows, or more than two million characters. Split it.")
                % {"rows": MOST_ROWS}
            )
        rows.append(Row(number, tuple(cells)))
    return rows


def _decoded(content: bytes) -> tuple[str, str]:
    """The text of a CSV file, and the name of its encoding where that had to be guessed; Unreadable if it can't be.

    Excel writes “Unicode text” as UTF-16. Its plain CSV is in an old encoding, which a file doesn't name: it is taken
    for one only if each accented letter and mark is usual in it.
    """
    encoding = "utf-16" if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
    try:
        return content.decode(encoding), ""
    except UnicodeDecodeError:
        for encoding, name in OLD_ENCODINGS.items():
            text = content.decode(encoding, errors="replace")
            marks = {character for character in text if not character.isascii()}
            if marks <= USUAL and not CAPITAL_WITHIN.search(text) and "\0" not in text:
                return text, name
    raise Unreadable(
        _(
            "This file is not in UTF-8, so accents would come out wrong. In Excel, save it as “CSV UTF-8”, or as a "
            "workbook (.xlsx)."
        )
    )


def _lines_of_csv(text: str, columns: Collection[str]) -> Iterator[list[str]]:
    told = SEPARATOR.match(text)
    text = text[told.end() :] if told else text
    delimiters = told[1].replace("\\t", "\t") if told else DELIMITERS

    def lines(delimiter: str) -> Iterator[list[str]]:
        return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)

    def known(delimiter: str) -> int:
        try:
            return len({heading_name(cell) for cell in next(lines(delimiter), [])} & set(columns))
        except csv.Error:
            return 0

    reader = lines(max(delimiters, key=known))
    number = 0
    while True:
        number += 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise Unreadable(
                _("Row %(row)d has a quotation mark without a partner, or a cell that never ends.") % {"row": number}
            ) from error
        yield cells


def _lines_of_workbook(content: bytes, columns: Collection[str], aside: Aside) -> Iterator[tuple[int, list[str]]]:
    from openpyxl import load_workbook

    from .layout import layout_of

    _refuse_bombs(content)
    # The values that the spreadsheet program last showed, not the formulas.
    workbook = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)

    def rows(sheet: Any) -> Iterator[Any]:
        sheet.reset_dimensions()  # What a sheet says of its own size need not be so.
        return iter(sheet.iter_rows(max_col=MOST_COLUMNS + 1))

    def known(sheet: Any) -> int:
        return len({heading_name(_as_text(cell.value)) for cell in next(rows(sheet), ())} & set(columns))

    def lines() -> Iterator[tuple[int, list[str]]]:
        for number, cells in enumerate(rows(sheet), start=1):
            if number in layout.hidden_rows and number > 1:
                if any(_shown(cell).strip() for cell in cells):
                    aside.hidden_rows.append(number)
                continue
            for position, cell in enumerate(cells):
                if isinstance(cell.value, float) and not cell.value.is_integer():
                    aside.decimals.add(position)
            yield number, [_shown(cell) for cell in cells]

    seen_sheets = [sheet for sheet in workbook.worksheets if sheet.sheet_state == "visible"] or workbook.worksheets
    sheet: Any = max(seen_sheets, key=known)
    with ZipFile(io.BytesIO(content)) as packed:
        layout = layout_of(packed.read(sheet._worksheet_path))
    for number, cells in layout.filled(lines()):
        for column in layout.hidden_columns:
            if column <= len(cells):
                if number == 1 and cells[column - 1].strip():
                    aside.hidden_columns.append(cells[column - 1])
                cells[column - 1] = ""
        yield number, cells


def _refuse_bombs(content: bytes) -> None:
    """Refuse a workbook that unpacks to too much, or whose XML declares entities, which can expand without end."""
    with ZipFile(io.BytesIO(content)) as packed:
        parts = packed.infolist()
        # No more of a part is unpacked than the size that it declares.
        if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > LARGEST_UNPACKED:
            raise Unreadable(_("The workbook unpacks to more than 20 MB. Copy the table into a new one."))
        if not {part.compress_type for part in parts} <= {ZIP_STORED, ZIP_DEFLATED}:
            raise BadZipFile("This workbook isn’t packed the way spreadsheet programs pack one.")
        for part in parts:
            _refuse_declarations(packed.read(part))


def _refuse_declarations(part: bytes) -> None:
    def refuse(*declared: Any) -> None:
        raise Unreadable(_("The workbook declares a document type, which no spreadsheet program does."))

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(part, True)
    except expat.ExpatError:
        # A picture, or broken XML, which openpyxl reports. Nothing was declared up to here.
        return


def _shown(cell: Any) -> str:
    """A cell as text; a date that its program shows without its day, as precisely: Jun-2020, 2020."""
    value = cell.value
    if isinstance(value, dt.datetime):
        shown = set(QUOTED.sub("", cell.number_format).lower())
        if "y" in shown and "d" not in shown:
            return f"{MONTHS[value.month - 1]}-{value.year}" if "m" in shown else str(value.year)
    return _as_text(value)


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dt.datetime):
        is_day = value.time() == dt.time()
        return value.date().isoformat() if is_day else value.isoformat(" ", "minutes")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    # Excel writes a carriage return as this text.
    return str(value).replace("_x000D_", "\r")
