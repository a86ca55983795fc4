"""The first row of a sheet: which of its columns are read, and what is said of those that aren't."""

from __future__ import annotations

from dataclasses import dataclass
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
from .columns import CALCULATED, FIELDS, LINKS, READ, REQUIRED
from .faults import Faults
from .statuses import are_statuses, not_imported

# What a column may also be called, in each language that a plan may have, besides the names of its field.
TITLES: dict[str, object] = {
    "reference": gettext_lazy("Reference"),
    "area_number": gettext_lazy("Area number"),
    "area_title": gettext_lazy("Area"),
}
# A column that only our own files have.
OURS = "status_date_as_published"


@dataclass(frozen=True)
class Heading:
    """Where each column that is read stands; `status` and `links` are where our own files say what isn't imported."""

    places: dict[str, int]
    notices: tuple[str, ...]
    status: int | None = None
    links: tuple[tuple[str, int], ...] = ()


def read_heading(sheet: Sheet, faults: Faults) -> Heading:
    """The columns of `sheet`; what is wrong with them joins `faults`."""
    also = names()
    found = [also.get(heading_name(cell), heading_name(cell)) for cell in sheet.heading]
    places: dict[str, int] = {}
    unread, notices = [], []
    for place, (cell, name) in enumerate(zip(sheet.heading, found, strict=True)):
        values = [row.cells[place] for row in sheet.rows if row.cells[place : place + 1] not in ((), ("",))]
        if name in places:
            faults.add(Row(1, sheet.heading), name, _("This column appears twice in the first row."))
        elif name in READ:
            places[name] = place
        elif (name in CALCULATED and (OURS in found or not values)) or not (name or values):
            continue
        elif are_statuses(cell, values):
            notices.append(not_imported(cell))
        else:
            unread.append(_told(cell, name, also))
    for name in REQUIRED:
        if name not in places:
            faults.add(Row(1, sheet.heading), name, _("This column is missing. It is required."))
    if unread:
        words = {"columns": get_text_list(unread, _("and"))}
        notices.insert(0, _("These columns are not read: %(columns)s.") % words)
    ours = {name: found.index(name) for name in ("status", *LINKS) if OURS in found and name in found}
    status = ours.pop("status", None)
    return Heading(places, tuple(notices), status, tuple(ours.items()))


def names() -> dict[str, str]:
    """The columns that are read, by each name that they may have in the first row."""
    found: dict[str, str] = {}
    for code, _name in settings.LANGUAGES:
        with override(code):
            found |= {heading_name(title): column for column in READ for title in titles(column)}
    return found | {column: column for column in READ}


def titles(column: str) -> list[str]:
    """What people call a column, in the language in force: as readers know it first."""
    if column in TITLES:
        return [str(TITLES[column])]
    field: Any = Recommendation._meta.get_field(FIELDS[column])
    return [*([label_of(field.name)] if field.name in LABELS else []), str(field.verbose_name)]


def _told(cell: str, name: str, also: dict[str, str]) -> str:
    """A column for a list, with the one that was perhaps meant."""
    if not name:
        return _("one without a name")
    words = {"column": quoted(cell), "meant": "".join(get_close_matches(name, also, n=1))}
    return _("“%(column)s” (is it %(meant)s?)") % words if words["meant"] else _("“%(column)s”") % words
