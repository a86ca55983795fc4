"""Which area each row of a sheet belongs to, and which areas are new or get another title.

A sheet may number its areas, name them by their titles alone, do so once or in every row, or have none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from django.utils.translation import gettext as _

from recommendations.data.sheets import Row
from recommendations.models import Area
from recommendations.text.diff import Piece, words_compared
from recommendations.text.lookalikes import named

from .cells import name_in, quoted
from .faults import Faults
from .proposal import AreaChange
from .references import AREA_AND_NUMBER
from .rows import Line, StoredPlan


class Areas:
    """Gives each of the `lines` its area, by number; what makes no sense joins `faults`."""

    def __init__(self, lines: Sequence[Line], stored: StoredPlan, faults: Faults) -> None:
        self.lines = lines
        self.stored = stored
        self.faults = faults
        self.by_title = {named(area.title): number for number, area in stored.areas.items() if area.title}
        self.last = max((*stored.areas, *(line.area_number for line in lines if line.area_number)), default=0)
        self.has_none = not (stored.areas or any(line.area_number or line.area_title for line in lines))
        self.are_references_numbered = not self.has_none and self._are_references_numbered()
        self._refuse_contradictions()
        for line in lines:
            if line.area_number and line.area_title:
                self.by_title.setdefault(named(line.area_title), line.area_number)
        above = 0
        for line in lines:
            line.area = above = self._area_of(line, above)

    @property
    def are_numbered(self) -> bool:
        """Whether readers may see the numbers of the areas: not where the sheet has none, and the plan no title yet."""
        return (
            any(area.title for area in self.stored.areas.values())
            or self.are_references_numbered
            or any(line.area_number for line in self.lines)
        )

    def _are_references_numbered(self) -> bool:
        """Whether the references of the plan and of the sheet begin with the numbers of their areas, as 3.2 does."""
        areas_of: dict[str, set[str]] = defaultdict(set)
        for line in self.lines:
            match = AREA_AND_NUMBER.fullmatch(line.reference)
            if not match:
                return False
            if line.area_title:
                areas_of[named(line.area_title)].add(match[1])
        return all(len(areas) == 1 for areas in areas_of.values()) and all(
            one.reference.startswith(f"{one.area.number}.") for one in self.stored.recommendations.values()
        )

    def _refuse_contradictions(self) -> None:
        """Refuse an area number beside a reference that begins with another, where most of them agree."""
        other = [
            line for line in self.lines if line.area_number and not line.reference.startswith(f"{line.area_number}.")
        ]
        if self.are_references_numbered and 2 * len(other) < len(self.lines):
            for line in other:
                self._refuse_number(line, int(line.reference.partition(".")[0]))

    def _refuse_number(self, line: Line, area: int) -> None:
        words = {"reference": line.reference, "area": area, "found": line.area_number}
        message = _("%(reference)s belongs to area %(area)d, but this says “%(found)s”.") % words
        self.faults.add(line.row, "area_number", message)
        line.area_number = None

    def _area_of(self, line: Line, above: int) -> int:
        """The number of the area of a row; 0 where it can't be told, which is a fault."""
        if stored := self.stored.recommendations.get(line.reference):
            own = stored.area.number
            if line.area_number not in (None, own):
                self._refuse_number(line, own)
            if (other := self.by_title.get(named(line.area_title), own)) != own and other in self.stored.areas:
                words = {"reference": line.reference, "area": own, "title": quoted(line.area_title)}
                message = (
                    _("%(reference)s belongs to area %(area)d: a spreadsheet can't move it to “%(title)s”.") % words
                )
                self.faults.add(line.row, "area_title", message)
            return own
        if line.area_number:
            return line.area_number
        match = AREA_AND_NUMBER.fullmatch(line.reference)
        if match and self.are_references_numbered:
            return int(match[1])
        if line.area_title:
            return self._by_title(line.area_title)
        if above:
            return above
        if len(self.stored.areas) == 1:
            return next(iter(self.stored.areas))
        if self.has_none:
            return 1
        self.faults.add(line.row, "area_title", _("Say which area it belongs to: the plan has several."))
        return 0

    def _by_title(self, title: str) -> int:
        """The area with a title: one that is known, or the next."""
        key = named(title)
        if key not in self.by_title:
            self.last += 1
            self.by_title[key] = self.last
        return self.by_title[key]

    def changes(self) -> list[AreaChange]:
        """The areas that are new or get another title."""
        said = self._titles()
        untitled = {number for number, area in self.stored.areas.items() if not area.title} - set(said)
        found: list[AreaChange] = []
        rows = {line.area: line.row for line in reversed(self.lines) if line.area}
        for number in sorted(rows):
            area = self.stored.areas.get(number)
            before = area.title if area else ""
            title, row = said.get(number, (before, rows[number]))
            if area is not None and title == before:
                continue
            if not title and len(set(rows) | set(self.stored.areas)) > 1:
                message = _("Area %(area)d is new: give its title.") % {"area": number}
                for line in self.lines:
                    if line.area == number:
                        self.faults.add(line.row, "area_title", message)
                continue
            if title and untitled:
                words = {"area": min(untitled), "title": quoted(title)}
                message = _("Area %(area)d has no title: give it one before you add “%(title)s”.") % words
                self.faults.add(row, "area_title", message)
            self._refuse_by_the_rules_of_a_title(title, row)
            compared = words_compared(before, title) if before else (Piece("same", title),)
            found.append(AreaChange(number, title, area is None, compared))
        return found

    def _titles(self) -> dict[int, tuple[str, Row]]:
        """What the rows call each area, where they all agree, with the first row that says so."""
        said: dict[int, tuple[str, Row]] = {}
        for line in self.lines:
            stored = self.stored.areas.get(line.area)
            title = name_in(line.area_title, stored.title if stored else "")
            if not line.area or not title:
                continue
            first, row = said.setdefault(line.area, (title, line.row))
            if named(first) != named(title):
                words = {"area": line.area, "title": quoted(first), "row": row.number}
                message = _("Row %(row)d calls area %(area)d “%(title)s”; this row calls it something else.") % words
                self.faults.add(line.row, "area_title", message)
        return said

    def _refuse_by_the_rules_of_a_title(self, title: str, row: Row) -> None:
        self.faults.add_errors_of(Area(number=1, title=title).clean_fields, row, lambda _name: "area_title")
