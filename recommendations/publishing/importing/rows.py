"""The rows of a sheet as values, each read beside what is stored now, and all the faults in them."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Self

from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from recommendations.data.sheets import Row, Sheet, heading_name
from recommendations.models import Area, Recommendation, ResponsibleParty
from recommendations.text.intake import with_plain_line_endings
from recommendations.text.lookalikes import seen

from .cells import day_in, list_in, quoted, text_in, undefused
from .columns import CALCULATED, DATES, FIELDS, READ, REQUIRED
from .proposal import Fault

AREA_AND_NUMBER = re.compile(r"([1-9][0-9]{0,3})\.([1-9][0-9]{0,3})")
# What a spreadsheet program shows where a formula failed.
FAILED = {"#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A"}


@dataclass(frozen=True)
class StoredPlan:
    """The plan as it is stored now: areas by number, recommendations by reference, the names of the parties."""

    areas: dict[int, Area]
    recommendations: dict[str, Recommendation]
    parties: frozenset[str]

    @classmethod
    def load(cls) -> Self:
        return cls(
            areas={area.number: area for area in Area.objects.all()},
            recommendations={one.reference: one for one in Recommendation.objects.for_snapshot()},
            parties=frozenset(ResponsibleParty.objects.values_list("name", flat=True)),
        )


class Faults:
    """The faults found in a sheet so far."""

    def __init__(self) -> None:
        self.found: list[Fault] = []

    def __bool__(self) -> bool:
        return bool(self.found)

    def add(self, row: Row, column: str, message: str) -> None:
        self.found.append(Fault(row.number, column, message))

    def has(self, row: Row, column: str) -> bool:
        return any((fault.row, fault.column) == (row.number, column) for fault in self.found)

    def in_order(self, places: dict[str, int]) -> tuple[Fault, ...]:
        """Each once, by row and by the place of its column."""
        return tuple(sorted(dict.fromkeys(self.found), key=lambda one: (one.row, places.get(one.column, -1))))


@dataclass
class Line:
    """A row with a reference of its own, and what it says: the title of its area, and values by field."""

    row: Row
    reference: str
    area: int
    number: int
    area_title: str
    values: dict[str, Any] = field(default_factory=dict)


class SheetReader:
    """Reads a sheet once, from top to bottom: `places` says where each column that is read stands."""

    def __init__(self, sheet: Sheet, stored: StoredPlan, faults: Faults) -> None:
        self.sheet = sheet
        self.stored = stored
        self.faults = faults
        self.notices: list[str] = []
        self.spellings = {seen(name): name for name in stored.parties}
        self.places = self._read_heading()

    def _read_heading(self) -> dict[str, int]:
        heading = Row(1, self.sheet.heading)
        places: dict[str, int] = {}
        unknown = []
        for place, cell in enumerate(self.sheet.heading):
            name = heading_name(cell)
            if name in places:
                self.faults.add(heading, name, _("This column appears twice in the first row."))
            elif name in READ:
                places[name] = place
            elif name and name not in CALCULATED:
                unknown.append(f"“{quoted(cell)}”")
            elif not name and any(row.cells[place : place + 1] not in ((), ("",)) for row in self.sheet.rows):
                unknown.append(_("one without a name"))
        for name in REQUIRED:
            if name not in places:
                self.faults.add(heading, name, _("This column is missing. It is required."))
        if unknown:
            words = {"columns": get_text_list(unknown, _("and"))}
            self.notices.append(_("These columns are unknown, so they are ignored: %(columns)s.") % words)
        if self.sheet.encoding:
            words = {"encoding": self.sheet.encoding}
            self.notices.append(
                _("This file is not in UTF-8. It was read as %(encoding)s: check accents and quotation marks.") % words
            )
        if places.get("reference") in self.sheet.decimals:
            self.notices.append(
                _(
                    "The workbook stores some references as numbers, so 3.10 becomes 3.1. Check the "
                    "references below, or format that column as text and type them again."
                )
            )
        return places

    def lines(self) -> Iterator[Line]:
        """The rows with a reference of their own; the others are faults."""
        rows_of: dict[str, int] = {}
        for row in self.sheet.rows:
            self._refuse_failed_formulas(row)
            if len(row.cells) > len(self.sheet.heading):
                self.faults.add(row, "", _("This row continues beyond the last column that has a name."))
            reference = undefused(self._cell(row, "reference"))
            match = AREA_AND_NUMBER.fullmatch(reference)
            if not match:
                message = _(
                    "“%(found)s” isn't a reference. Write the area and the number with a point between them: 3.2"
                )
                self.faults.add(row, "reference", message % {"found": quoted(reference)})
                continue
            if reference in rows_of:
                words = {"reference": reference, "row": rows_of[reference]}
                message = _("%(reference)s is already in row %(row)d.") % words
                self.faults.add(row, "reference", f"{message} {dropped_zero(reference)}")
                continue
            if self._is_shortened(match, before=next(reversed(rows_of), "")):
                message = _("This says %(reference)s where %(reference)s0 is expected.") % {"reference": reference}
                self.faults.add(row, "reference", f"{message} {dropped_zero(reference)}")
            rows_of[reference] = row.number
            line = Line(row, reference, int(match[1]), int(match[2]), self._cell(row, "area_title"))
            self._read(line)
            yield line

    def _cell(self, row: Row, column: str) -> str:
        place = self.places[column]
        return with_plain_line_endings(row.cells[place]) if place < len(row.cells) else ""

    def _is_shortened(self, match: re.Match[str], *, before: str) -> bool:
        """Whether a reference comes right after the one that 3.10 follows, in a sheet that has none like 3.10."""
        follows = f"{match[1]}.{int(match[2]) * 10 - 1}"
        return before == follows and not any(
            (found := AREA_AND_NUMBER.fullmatch(undefused(self._cell(row, "reference")))) and found[2].endswith("0")
            for row in self.sheet.rows
        )

    def _refuse_failed_formulas(self, row: Row) -> None:
        for column in self.places:
            if (cell := self._cell(row, column).strip()) in FAILED:
                message = _("A formula failed here: the spreadsheet shows %(error)s.")
                self.faults.add(row, column, message % {"error": cell})

    def _read(self, line: Line) -> None:
        """Read the cells of a row into values by field."""
        stored = self.stored.recommendations.get(line.reference)
        if "area_number" in self.places:
            said = self._cell(line.row, "area_number").strip()
            if said and said != str(line.area):
                words = {"reference": line.reference, "area": line.area, "found": quoted(said)}
                message = _("%(reference)s belongs to area %(area)d, but this says “%(found)s”.") % words
                self.faults.add(line.row, "area_number", message)
        for column, name in FIELDS.items():
            if column not in self.places:
                continue
            cell = self._cell(line.row, column)
            if column in DATES:
                line.values[name] = self._day(line.row, column, cell)
            elif name == "parties":
                line.values[name] = self._parties(cell, party_names(stored))
            elif name == "replaced_by":
                line.values[name] = list_in(cell, replacements(stored))
            else:
                line.values[name] = text_in(cell, getattr(stored, name) if stored else "")

    def _day(self, row: Row, column: str, cell: str) -> dt.date | None:
        try:
            return day_in(cell)
        except ValueError:
            message = _("“%(found)s” isn't a date. Write it like 2020-06-30.")
            self.faults.add(row, column, message % {"found": quoted(cell.strip())})
            return None

    def _parties(self, cell: str, stored: tuple[str, ...]) -> tuple[str, ...]:
        """The parties that a cell names, each spelled as where it looks the same and was first seen."""
        names = (
            name if name in self.stored.parties else self.spellings.setdefault(seen(name), name)
            for name in list_in(cell, stored)
        )
        return tuple(dict.fromkeys(names))


def dropped_zero(reference: str) -> str:
    """What may have happened to a reference, and the cure."""
    return _(
        "If it should be %(reference)s0, a spreadsheet program read it as a number and dropped the 0: "
        "format the reference column as text, type it again, and save the file as .xlsx."
    ) % {"reference": reference}


def party_names(recommendation: Recommendation | None) -> tuple[str, ...]:
    return tuple(party.name for party in recommendation.parties.all()) if recommendation else ()


def replacements(recommendation: Recommendation | None) -> tuple[str, ...]:
    """The references of those that take its place."""
    return tuple(other.reference for other in recommendation.replaced_by.all()) if recommendation else ()
