"""Statuses in a sheet: none is imported, since a status is recorded by an update, but staff are told of each column.

The statuses in our own files say what the tracker says, unless somebody changed them.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from recommendations.models import ActionPlan, Status, StatusWording
from recommendations.reading.snapshot import snapshot
from recommendations.text.intake import folded
from recommendations.text.lookalikes import seen

from .cells import quoted

TITLES = {"status", "statuses", "statut", "statuts", "etat", "avancement", "progress", "progres"}


def are_statuses(heading: str, cells: Iterable[str]) -> bool:
    """Whether a column is called like one of statuses, or most of its filled `cells` are the words of one."""
    if TITLES & set(re.findall(r"\w+", folded(heading))):
        return True
    known = set().union(*status_words().values())
    said = [word(cell) in known for cell in cells if cell.strip()]
    return 2 * sum(said) > len(said)


def not_imported(heading: str) -> str:
    """What staff are told of a column of statuses."""
    return _("The column “%(column)s” seems to hold statuses.") % {"column": quoted(heading)} + " " + _cure()


def changed_statuses(said: Mapping[str, str], *, on: dt.date) -> str:
    """What staff are told where our own file says other statuses, by reference, than the tracker; else ""."""
    plan = ActionPlan.objects.first()
    if plan is None or not any(cell.strip() for cell in said.values()):
        return ""
    stored = {entry.reference: entry.status_key for entry in snapshot(plan, on=on).recommendations}
    words = status_words()
    other = [
        reference for reference, cell in said.items() if word(cell) not in words.get(stored.get(reference, ""), {""})
    ]
    if not other:
        return ""
    found = ngettext(
        "The column “status” says something else than the tracker in %(count)d row, about %(first)s.",
        "The column “status” says something else than the tracker in %(count)d rows, first about %(first)s.",
        len(other),
    ) % {"count": len(other), "first": other[0]}
    return f"{found} {_cure()}"


def _cure() -> str:
    return _(
        "Statuses are not imported: an update records a status, and says what happened. Import the recommendations, "
        "then write updates for those whose status you know. Updates can come from a spreadsheet of their own."
    )


def word(cell: str) -> str:
    """What a cell says, as it is compared with the words for statuses."""
    return folded(seen(cell)).rstrip(".")


def status_words() -> dict[str, set[str]]:
    """The words for each status: as it is stored, in each language, and as the plan calls it."""
    own = StatusWording.objects.labels()
    found = {status: {status.value, own[status.value]} for status in Status}
    for code, _name in settings.LANGUAGES:
        with override(code):
            for status in Status:
                found[status].add(str(status.label))
    return {status.value: set(map(word, words)) for status, words in found.items()}


def no_status() -> set[str]:
    """The words, in each language, by which our own files say that an update records no status; "" is one of them."""
    found = {""}
    for code, _name in settings.LANGUAGES:
        with override(code):
            found.add(word(_("no status yet")))
    return found
