"""References as a sheet gives them, of any shape, and what a spreadsheet program may have made of them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from django.utils.translation import gettext as _

from recommendations.data.sheets import Row
from recommendations.models.recommendations import shared_address, slug_of
from recommendations.text.lookalikes import named, seen

from .cells import quoted, undefused
from .faults import Faults

AREA_AND_NUMBER = re.compile(r"([1-9][0-9]{0,3})\.([0-9]{1,4})")
WITH_COMMA = re.compile(r"([0-9]+),([0-9]+)")
# What spreadsheet programs make of 3-2 or 3/2: a workbook holds the day, a CSV file says 2-Mar, 02-mars or mars-02.
MONTH = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|janv|févr|mars|avr|mai|juin|juil|août|sept|déc"
AS_DAY = re.compile(
    rf"[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}|[0-9]{{1,2}}-(?:{MONTH})\.?|(?:{MONTH})\.?-(?:[0-9]{{4}}|[0-9]{{1,2}})",
    re.IGNORECASE,
)
# What they show of 1E2, which they take for a number.
AS_POWER = re.compile(r"[0-9](?:[.,][0-9]+)?E[+-][0-9]+", re.IGNORECASE)


class References:
    """The references of a sheet, read from top to bottom; those in `stored` are spelled as there."""

    def __init__(self, cells: Iterable[str], stored: Iterable[str], faults: Faults) -> None:
        self.has_tenths = any(
            match[2].endswith("0") for cell in cells if (match := AREA_AND_NUMBER.fullmatch(_as_said(cell)))
        )
        self.spelled = {named(reference): reference for reference in stored}
        self.by_slug = {slug_of(reference): reference for reference in self.spelled.values()}
        self.rows: dict[str, int] = {}
        self.faults = faults

    def read(self, row: Row, cell: str) -> str | None:
        """The reference that a row gives; None where it isn't one, or is another row's: then that is a fault."""
        said = _as_said(cell)
        reference = self.spelled.setdefault(named(said), said)
        if obstacle := self._obstacle(reference):
            self.faults.add(row, "reference", obstacle)
            return None
        if self._is_shortened(reference):
            message = _("This says %(reference)s where %(reference)s0 is expected.") % {"reference": reference}
            self.faults.add(row, "reference", f"{message} {dropped_zero(reference)}")
        self.rows[reference] = row.number
        return reference

    def _obstacle(self, reference: str) -> str:
        if not reference:
            return _("Every recommendation has a reference, as it was adopted: 3.2, 42 or 12(b).")
        if spoiled := made_of(reference):
            return spoiled
        if reference in self.rows:
            message = _("%(reference)s is already in row %(row)d.")
            message = message % {"reference": reference, "row": self.rows[reference]}
            return f"{message} {dropped_zero(reference)}".strip()
        slug = slug_of(reference)
        if not slug:
            return _("“%(found)s” isn't a reference: it has no letter and no digit.") % {"found": quoted(reference)}
        other = self.by_slug.setdefault(slug, reference)
        return shared_address(other, slug) if other != reference else ""

    def _is_shortened(self, reference: str) -> bool:
        """Whether it comes right after the one that 3.10 follows, in a sheet that has none like 3.10."""
        match = AREA_AND_NUMBER.fullmatch(reference)
        above = next(reversed(self.rows), "")
        if not match or match[2].startswith("0") or self.has_tenths:
            return False
        return above == f"{match[1]}.{int(match[2]) * 10 - 1}"


def made_of(reference: str) -> str:
    """What a spreadsheet program made of a reference, where it took it for something else, and the cure; else ""."""
    if match := WITH_COMMA.fullmatch(reference):
        message = _("“%(found)s” is written with a comma, as a number. Write %(meant)s, and format the column as text.")
        return message % {"found": reference, "meant": f"{match[1]}.{match[2]}"}
    if AS_DAY.fullmatch(reference):
        message = _("“%(found)s” is a date, which a spreadsheet program made of it.") % {"found": reference}
        return f"{message} {_typed_again()}"
    if AS_POWER.fullmatch(reference):
        message = _("“%(found)s” is a number, which a spreadsheet program made of it.") % {"found": reference}
        return f"{message} {_typed_again()}"
    return ""


def dropped_zero(reference: str) -> str:
    """What may have happened to a reference like 3.1, and the cure; nothing for one of another shape."""
    if not AREA_AND_NUMBER.fullmatch(reference):
        return ""
    return _(
        "If it should be %(reference)s0, a spreadsheet program read it as a number and dropped the 0: "
        "format the reference column as text, type it again, and save the file as .xlsx."
    ) % {"reference": reference}


def _typed_again() -> str:
    return _("Format the reference column as text, and type it again.")


def _as_said(cell: str) -> str:
    return seen(undefused(seen(cell)))
