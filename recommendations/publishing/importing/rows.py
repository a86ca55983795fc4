"""The rows of a sheet as values, each read beside what is stored now, and all the faults in them."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Self

from django.utils.translation import gettext as _

from recommendations.data.sheets import Row, Sheet
from recommendations.models import Area, Recommendation, ResponsibleParty
from recommendations.text.lookalikes import named, seen

from .cells import day_in, list_in, quoted, text_in, undefused
from .columns import DATES, FIELDS
from .faults import Faults
from .headings import RECOMMENDATIONS
from .reader import Reader
from .references import References

AREA_NUMBER = re.compile("[1-9][0-9]{0,3}")


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


@dataclass
class Line:
    """A row with a reference of its own, and what it says: the number and title of its area, and values by field.

    `area` is the number of the area that it belongs to, once `Areas` has found it; 0 where it can't.
    """

    row: Row
    reference: str
    area_number: int | None
    area_title: str
    values: dict[str, Any] = field(default_factory=dict)
    area: int = 0


class RecommendationReader(Reader):
    """Reads a sheet of recommendations once, from top to bottom."""

    def __init__(self, sheet: Sheet, stored: StoredPlan, faults: Faults) -> None:
        super().__init__(sheet, faults, RECOMMENDATIONS, references="reference")
        self.stored = stored
        self.spellings = {named(name): name for name in stored.parties}
        cells = [self.cell(row, "reference") for row in sheet.rows]
        self.references = References(cells, stored.recommendations, faults)

    def lines(self) -> Iterator[Line]:
        """The rows with a reference of their own; the others are faults."""
        for row in self.rows():
            reference = self.references.read(row, self.cell(row, "reference"))
            if reference is not None:
                line = Line(row, reference, self._area_number(row), undefused(self.cell(row, "area_title")))
                self._read(line)
                yield line

    def _area_number(self, row: Row) -> int | None:
        said = seen(self.cell(row, "area_number"))
        if not said or AREA_NUMBER.fullmatch(said):
            return int(said) if said else None
        self.faults.add(row, "area_number", _("“%(found)s” isn't a number from 1 to 9999.") % {"found": quoted(said)})
        return None

    def _read(self, line: Line) -> None:
        """Read the cells of a row into values by field."""
        stored = self.stored.recommendations.get(line.reference)
        for column, name in FIELDS.items():
            if column not in self.places:
                continue
            cell = self.cell(line.row, column)
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
            name if name in self.stored.parties else self.spellings.setdefault(named(name), name)
            for name in list_in(cell, stored)
        )
        return tuple(dict.fromkeys(names))


def party_names(recommendation: Recommendation | None) -> tuple[str, ...]:
    return tuple(party.name for party in recommendation.parties.all()) if recommendation else ()


def replacements(recommendation: Recommendation | None) -> tuple[str, ...]:
    """The references of those that take its place."""
    return tuple(other.reference for other in recommendation.replaced_by.all()) if recommendation else ()
