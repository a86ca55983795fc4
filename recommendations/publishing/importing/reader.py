"""What all sheets have in common as they are read: the columns by name, cells as text, and what is said of the file."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from recommendations.data.sheets import Row, Sheet
from recommendations.text.intake import with_plain_line_endings

from .cells import quoted
from .faults import Faults
from .headings import Columns, read_heading

# What a spreadsheet program shows where a formula failed.
FAILED = {"#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A"}
# How many hidden rows are named.
MOST_NAMED = 20


class Reader:
    """Reads a sheet of one kind; what is wrong joins `faults`, what to check joins `notices`.

    `places` says where each column that is read stands; `references` is the one that holds references.
    """

    def __init__(self, sheet: Sheet, faults: Faults, columns: Columns, *, references: str) -> None:
        self.sheet = sheet
        self.faults = faults
        self.heading = read_heading(sheet, faults, columns)
        self.places = self.heading.places
        self.notices = [*self.heading.notices, *self._about_the_file(references)]

    def _about_the_file(self, references: str) -> Iterator[str]:
        if self.sheet.encoding:
            words = {"encoding": self.sheet.encoding}
            yield (
                _("This file is not in UTF-8. It was read as %(encoding)s: check accents and quotation marks.") % words
            )
        if self.places.get(references) in self.sheet.decimals:
            yield _(
                "The workbook stores some references as numbers, so 3.10 becomes 3.1. Check the "
                "references below, or format that column as text and type them again."
            )
        if hidden := self.sheet.hidden_rows:
            shown = ", ".join(map(str, hidden[:MOST_NAMED])) + ("…" if len(hidden) > MOST_NAMED else "")
            yield ngettext(
                "One row is hidden in the workbook, and is not read: %(rows)s. Unhide it if it should be.",
                "%(count)d rows are hidden in the workbook, and are not read: %(rows)s. Unhide those that should be.",
                len(hidden),
            ) % {"count": len(hidden), "rows": shown}
        if hidden_columns := self.sheet.hidden_columns:
            yield ngettext(
                "One column is hidden in the workbook, and is not read: %(columns)s. Unhide it if it should be.",
                "%(count)d columns are hidden in the workbook, and are not read: %(columns)s. Unhide those that should "
                "be.",
                len(hidden_columns),
            ) % {"count": len(hidden_columns), "columns": get_text_list([*map(quoted, hidden_columns)], _("and"))}

    def rows(self) -> Iterator[Row]:
        """The rows; a formula that failed, and what stands beyond the last column, are faults."""
        for row in self.sheet.rows:
            for column in self.places:
                if (cell := self.cell(row, column).strip()) in FAILED:
                    message = _("A formula failed here: the spreadsheet shows %(error)s.")
                    self.faults.add(row, column, message % {"error": cell})
            if len(row.cells) > len(self.sheet.heading):
                self.faults.add(row, "", _("This row continues beyond the last column that has a name."))
            yield row

    def cell(self, row: Row, column: str) -> str:
        place = self.places.get(column, len(row.cells))
        return with_plain_line_endings(row.cells[place]) if place < len(row.cells) else ""
