"""The first row of a sheet: which of its columns are read, and what is said of those that aren't.

A kind of sheet says what its columns are, as `Columns`: recommendations here, updates in `updates/columns.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from django.conf import settings
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from recommendations.data.sheets import Row, Sheet, heading_name
from recommendations.models import Recommendation
from recommendations.reading.adopted import LABELS, label_of

from .cells import quoted
from .columns import CALCULATED, FIELDS, READ, REQUIRED
from .faults import Faults
from .statuses import are_statuses, not_imported

# What a column may also be called, in each language that a plan may have, besides the names of its field.
TITLES: dict[str, object] = {
    "reference": gettext_lazy("Reference"),
    "area_number": gettext_lazy("Area number"),
    "area_title": gettext_lazy("Area"),
}


@dataclass(frozen=True)
class Columns:
    """The columns of one kind of sheet. `titles` returns what people call one of those that are `read`, in the language
    in force. `passed_over` are columns of our own files that aren't read: those are known by one that only they have.
    """

    read: tuple[str, ...]
    required: tuple[str, ...]
    passed_over: tuple[str, ...]
    ours: str
    titles: Callable[[str], list[str]]

    def names(self) -> dict[str, str]:
        """The columns that are read, by each name that they may have in the first row."""
        found: dict[str, str] = {}
        for code, _name in settings.LANGUAGES:
            with override(code):
                found |= {heading_name(title): column for column in self.read for title in self.titles(column)}
        return found | {column: column for column in self.read}


@dataclass(frozen=True)
class Heading:
    """Where each column that is read stands; `passed_over` is where our own files say what isn't imported."""

    places: dict[str, int]
    notices: tuple[str, ...]
    passed_over: dict[str, int] = field(default_factory=dict)


def read_heading(sheet: Sheet, faults: Faults, columns: Columns) -> Heading:
    """The columns of `sheet`; what is wrong with them joins `faults`."""
    also = columns.names()
    found = [also.get(heading_name(cell), heading_name(cell)) for cell in sheet.heading]
    places: dict[str, int] = {}
    unread, notices = [], []
    for place, (cell, name) in enumerate(zip(sheet.heading, found, strict=True)):
        values = [row.cells[place] for row in sheet.rows if row.cells[place : place + 1] not in ((), ("",))]
        if name in places:
            faults.add(Row(1, sheet.heading), name, _("This column appears twice in the first row."))
        elif name in columns.read:
            places[name] = place
        elif (name in columns.passed_over and (columns.ours in found or not values)) or not (name or values):
            continue
        elif are_statuses(cell, values):
            notices.append(not_imported(cell))
        else:
            unread.append(_told(cell, name, also))
    for name in columns.required:
        if name not in places:
            faults.add(Row(1, sheet.heading), name, _("This column is missing. It is required."))
    if unread:
        words = {"columns": get_text_list(unread, _("and"))}
        notices.insert(0, _("These columns are not read: %(columns)s.") % words)
    ours = columns.passed_over if columns.ours in found else ()
    return Heading(places, tuple(notices), {name: found.index(name) for name in ours if name in found})


def titles(column: str) -> list[str]:
    """What people call a column, in the language in force: as readers know it first."""
    if column in TITLES:
        return [str(TITLES[column])]
    field: Any = Recommendation._meta.get_field(FIELDS[column])
    return [*([label_of(field.name)] if field.name in LABELS else []), str(field.verbose_name)]


RECOMMENDATIONS = Columns(READ, REQUIRED, CALCULATED, "status_date_as_published", titles)


def _told(cell: str, name: str, also: dict[str, str]) -> str:
    """A column for a list, with the one that was perhaps meant."""
    if not name:
        return _("one without a name")
    words = {"column": quoted(cell), "meant": "".join(get_close_matches(name, also, n=1))}
    return _("“%(column)s” (is it %(meant)s?)") % words if words["meant"] else _("“%(column)s”") % words
