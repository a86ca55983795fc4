"""The page of one recommendation, with its updates newest first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from recommendations.models import Correction, TakeDown
from recommendations.reading.entries import (
    AreaEntry,
    PlanChange,
    RecommendationEntry,
    StatusMeaning,
    StatusNote,
    UpdateEntry,
)
from recommendations.reading.schema import Snapshot

from . import sizes
from .areas import RecommendationLine, recommendation_line
from .corrections import CorrectionLine, correction_lines
from .parties import is_ourselves


@dataclass(frozen=True)
class TimelineUpdate:
    """An update in the timeline of a recommendation, with the status that it records for that one.

    `before` and `label_before` are the status before it, where it is another one; empty for none.
    """

    entry: UpdateEntry
    key: str
    label: str
    is_change: bool
    before: str
    label_before: str
    corrections: tuple[CorrectionLine, ...]

    @property
    def dated_on(self) -> dt.date:
        return self.entry.dated_on


@dataclass(frozen=True)
class Tombstone:
    """What is left of a withdrawn update in a timeline: its date, and the withdrawal."""

    dated_on: dt.date
    dated_as_published: str
    withdrawal: Correction


@dataclass(frozen=True)
class Notice:
    """What is left of an update that was taken down; its day is used for the order alone and never shown."""

    dated_on: dt.date
    take_down: TakeDown


@dataclass(frozen=True)
class RecommendationPart:
    """What one page lists, newest first."""

    timeline: tuple[TimelineUpdate | Tombstone | Notice, ...]
    plan_changes: tuple[PlanChange, ...]


@dataclass(frozen=True)
class RecommendationView:
    """The page of one recommendation: `meaning` of its status, what it replaces, its neighbours in the plan.

    The `timeline` is newest first: updates, and what stands in the place of withdrawn and taken-down ones. It is also
    in `parts`, with pages of their own, and the changes of the plan after it. It
    `asks_others` if it is in force and addressed to anybody but the organization itself.
    """

    line: RecommendationLine
    area: AreaEntry
    asks_others: bool
    meaning: StatusMeaning | None
    timeline: tuple[TimelineUpdate | Tombstone | Notice, ...]
    parts: tuple[RecommendationPart, ...]
    replaces: tuple[str, ...]
    previous: RecommendationEntry | None
    next: RecommendationEntry | None
    notes: tuple[StatusNote, ...]


def recommendation_view(
    snapshot: Snapshot,
    slug: str,
    *,
    corrections: Iterable[Correction] = (),
    taken_down: Iterable[TakeDown] = (),
) -> RecommendationView | None:
    """The page of the recommendation with this `slug`; None where there is none.

    `corrections` are the announced ones of its updates, withdrawals included; `taken_down` are its updates' too.
    """
    ordered = [(area, entry) for area in snapshot.areas for entry in area.recommendations]
    position = next((n for n, (_area, entry) in enumerate(ordered) if entry.slug == slug), None)
    if position is None:
        return None
    area, entry = ordered[position]
    line = recommendation_line(snapshot, entry)
    meanings = {meaning.key: meaning for meaning in snapshot.statuses}
    timeline = _timeline(snapshot, entry, list(corrections), taken_down)
    return RecommendationView(
        line=line,
        area=area,
        asks_others=not line.is_retired and not all(is_ourselves(party, snapshot) for party in entry.parties),
        meaning=meanings.get(entry.status_key),
        timeline=timeline,
        parts=_parts(timeline, entry.plan_changes[::-1]),
        replaces=tuple(other.reference for other in snapshot.recommendations if entry.reference in other.replaced_by),
        previous=ordered[position - 1][1] if position else None,
        next=ordered[position + 1][1] if position + 1 < len(ordered) else None,
        notes=snapshot.notes_on(snapshot.updates_by_id[id].dated_on for id in entry.timeline),
    )


def _timeline(
    snapshot: Snapshot, entry: RecommendationEntry, corrections: list[Correction], taken_down: Iterable[TakeDown]
) -> tuple[TimelineUpdate | Tombstone | Notice, ...]:
    """The updates of `entry` newest first; what stands in the place of others comes before the updates of its day."""
    timeline: list[TimelineUpdate | Tombstone | Notice] = [
        *(Notice(removal.update.dated_on, removal) for removal in taken_down if removal.update),
        *(
            Tombstone(one.corrected_update.dated_on, one.corrected_update.dated_as_published, one)
            for one in corrections
            if one.is_withdrawal
        ),
    ]
    updates = [snapshot.updates_by_id[id] for id in reversed(entry.timeline)]
    keys = [update.status_of(entry.reference) for update in updates]
    for update, key, before in zip(updates, keys, [*keys[1:], ""], strict=False):
        timeline.append(
            TimelineUpdate(
                entry=update,
                key=key,
                label=snapshot.labels.get(key, ""),
                is_change=key != before,
                before=before,
                label_before=snapshot.labels.get(before, ""),
                corrections=correction_lines(
                    (one for one in corrections if one.update_id == update.id), labels=snapshot.labels
                ),
            )
        )
    return tuple(sorted(timeline, key=lambda one: one.dated_on, reverse=True))


def _parts(
    timeline: Sequence[TimelineUpdate | Tombstone | Notice], changes: Sequence[PlanChange]
) -> tuple[RecommendationPart, ...]:
    return tuple(
        RecommendationPart(
            tuple(one for one in part if not isinstance(one, PlanChange)),
            tuple(one for one in part if isinstance(one, PlanChange)),
        )
        for part in sizes.in_pages([*timeline, *changes], _size)
    )


def _size(one: TimelineUpdate | Tombstone | Notice | PlanChange) -> int:
    if isinstance(one, TimelineUpdate):
        said = (text for line in one.corrections for text in (line.correction.note, *line.changes))
        return sizes.of_update(one.entry) + sum(map(sizes.of_text, said))
    if isinstance(one, PlanChange):
        return sizes.UPDATE + sum(map(sizes.of_text, (one.note, *one.sentences)))
    return sizes.UPDATE + sizes.of_text(one.take_down.reason if isinstance(one, Notice) else one.withdrawal.note)
