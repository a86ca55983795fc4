"""The media sheet: figures, each with what it doesn't mean, and the words that the plan asks people not to use."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from recommendations.models import Status, Term
from recommendations.reading.comparison import Comparison
from recommendations.reading.schema import Snapshot
from recommendations.reading.summaries import sentence_of_changes


@dataclass(frozen=True)
class Figure:
    """`count` of `of` recommendations: what `words` say of them, and what that doesn't mean."""

    count: int
    of: int
    words: str
    caution: str


@dataclass(frozen=True)
class MediaView:
    """`changed` is the sentence of the newest report's comparison, empty for none. `terms` are of the current plan."""

    snapshot: Snapshot
    figures: tuple[Figure, ...]
    changed: str
    terms: tuple[Term, ...]


def media_view(snapshot: Snapshot, *, terms: Iterable[Term], comparison: Comparison | None) -> MediaView:
    current = {entry.reference for entry in snapshot.current}
    return MediaView(
        snapshot=snapshot,
        figures=_figures(snapshot) if current else (),
        changed=sentence_of_changes(comparison) if comparison else "",
        terms=tuple(term for term in terms if term.recommendation.reference in current),
    )


def _figures(snapshot: Snapshot) -> tuple[Figure, ...]:
    *totals, without = snapshot.totals()
    count = len(snapshot.current)
    own = [total for total in totals if not total.is_apart]
    done = sum(total.count for total in own if Status(total.key).is_done)
    of_own = sum(total.count for total in own)
    others = count - of_own - without.count
    found = [
        _done(snapshot, done, of=count - others, are_all=not others) if count > others else None,
        _for_others(snapshot, others, of=count) if others else _open(snapshot, of_own - done, of=count),
        _without_update(snapshot, without.count, of=count),
    ]
    return tuple(figure for figure in found if figure)


def _done(snapshot: Snapshot, count: int, *, of: int, are_all: bool) -> Figure:
    """One without an update counts among the `of`: without it, “2 of 2” would say that a plan just begun is done."""
    words = (
        ngettext("%(names)s is completed", "%(names)s are completed", _verb(count, of=of))
        if are_all
        else ngettext(
            "%(names)s not for others to act on is completed",
            "%(names)s not for others to act on are completed",
            _verb(count, of=of),
        )
    )
    caution = _("A status isn’t a grade. Work on the others may be well under way, and some of it may have no end.")
    return Figure(count, of, words % _names(snapshot, of=of), caution)


def _for_others(snapshot: Snapshot, count: int, *, of: int) -> Figure:
    words = ngettext("%(names)s is for others to act on", "%(names)s are for others to act on", _verb(count, of=of))
    caution = _("That doesn’t say whether they acted. An update says what %(organization)s did in support.")
    return Figure(
        count, of, words % _names(snapshot, of=of), caution % {"organization": snapshot.plan.organisation_name}
    )


def _open(snapshot: Snapshot, count: int, *, of: int) -> Figure:
    words = ngettext(
        "%(names)s has a status that leaves work to do",
        "%(names)s have a status that leaves work to do",
        _verb(count, of=of),
    )
    caution = _("That doesn’t say that the work is late, or that it hasn’t begun.")
    return Figure(count, of, words % _names(snapshot, of=of), caution)


def _without_update(snapshot: Snapshot, count: int, *, of: int) -> Figure:
    words = ngettext("%(names)s has no update yet", "%(names)s have no update yet", _verb(count, of=of))
    caution = (
        _("That is not evidence that nothing happened: we don’t know.")
        if count
        else _("That doesn’t say that all of them moved: an update may say that nothing did.")
    )
    return Figure(count, of, words % _names(snapshot, of=of), caution)


def _names(snapshot: Snapshot, *, of: int) -> dict[str, str]:
    return {"names": snapshot.plan.name_of_one if of == 1 else snapshot.plan.name_of_several}


def _verb(count: int, *, of: int) -> int:
    """The number that the verb agrees with: “0 of 2 are”, “0 of 1 is”."""
    return 1 if of == 1 else count
