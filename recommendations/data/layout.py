"""What a sheet of a workbook hides and which of its cells are merged: openpyxl doesn't say so while it reads rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from openpyxl.utils import range_boundaries

LAST_COLUMN = 100  # a sheet of more columns is refused
YES = {"1", "true"}


@dataclass
class Layout:
    """`merged` has the last row of a merged range by the place of its first cell."""

    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    merged: dict[tuple[int, int], int] = field(default_factory=dict)
    row: int = 0

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        match name.rpartition(":")[2]:
            case "row":
                given = attributes.get("r", "")
                self.row = int(given) if given.isascii() and given.isdecimal() else self.row + 1
                if attributes.get("hidden") in YES:
                    self.hidden_rows.add(self.row)
            case "col" if attributes.get("hidden") in YES:
                first, last = int(attributes["min"]), min(int(attributes["max"]), LAST_COLUMN)
                self.hidden_columns.update(range(first, last + 1))
            case "mergeCell":
                left, top, _right, bottom = range_boundaries(attributes["ref"])
                # A heading of two rows is merged too: it names a column, and is no value of a row.
                if top and left and bottom and 1 < top < bottom:
                    self.merged[top, left] = bottom

    def filled(self, lines: Iterable[tuple[int, list[str]]]) -> Iterator[tuple[int, list[str]]]:
        """The `lines` with the words of merged cells in each row that they reach over and that says something else."""
        open_cells: dict[int, tuple[int, str]] = {}
        for number, cells in lines:
            has_own = any(cell.strip() for cell in cells)
            for place, cell in enumerate(cells):
                last, words = open_cells.get(place, (0, ""))
                if number <= last and has_own and not cell.strip():
                    cells[place] = words
                if last := self.merged.get((number, place + 1), 0):
                    open_cells[place] = last, cell
            yield number, cells


def layout_of(part: bytes) -> Layout:
    """The layout of a sheet, from the XML of its part, which must have been found not to declare anything."""
    layout = Layout()
    parser = expat.ParserCreate()
    parser.StartElementHandler = layout.begin
    parser.Parse(part, True)
    return layout
