"""The page of one update, and the list of all updates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from recommendations.models import Correction
from recommendations.public.paging import ON_A_PAGE
from recommendations.reading.entries import AreaEntry, RecommendationEntry, StatusNote, UpdateEntry
from recommendations.reading.schema import Snapshot
from recommendations.text import dates

from . import sizes
from .areas import ShortenedUpdate, shortened
from .corrections import CorrectionLine, correction_lines


@dataclass(frozen=True)
class Covered:
    """A recommendation that an update covers, with the status that the update records for it."""

    entry: RecommendationEntry
    key: str
    label: str


@dataclass(frozen=True)
class UpdateView:
    """The page of one update; `newer` are the references for which a later update says more. What it covers stands in
    `parts` with pages of their own."""

    entry: UpdateEntry
    area: AreaEntry
    parts: tuple[tuple[Covered, ...], ...]
    newer: tuple[str, ...]
    corrections: tuple[CorrectionLine, ...]
    notes: tuple[StatusNote, ...]

    @property
    def dated(self) -> str:
        return dates.as_known(self.entry.dated_on, self.entry.dated_as_published)


@dataclass(frozen=True)
class Recorded:
    """One status that an update records, with the references it records it for."""

    key: str
    label: str
    references: tuple[str, ...]


@dataclass(frozen=True)
class UpdateLine:
    """An update in the list of all, with its area."""

    update: ShortenedUpdate
    area: AreaEntry
    recorded: tuple[Recorded, ...]


def update_view(snapshot: Snapshot, id: int, *, corrections: Iterable[Correction] = ()) -> UpdateView:
    """The page of the published update `id`, which the snapshot must have, with its announced corrections."""
    update = snapshot.updates_by_id[id]
    entries = {entry.reference: entry for entry in snapshot.recommendations}
    covered = [
        Covered(entries[reference], key, snapshot.labels.get(key, ""))
        for reference, key in update.statuses
        if reference in entries
    ]
    return UpdateView(
        entry=update,
        area=next(area for area in snapshot.areas if area.number == update.area),
        parts=sizes.in_pages(covered, lambda one: sizes.RECOMMENDATION + sizes.of_text(one.entry.text)),
        newer=tuple(one.entry.reference for one in covered if one.entry.timeline[-1] != id),
        corrections=correction_lines(corrections, labels=snapshot.labels),
        notes=snapshot.notes_on([update.dated_on]),
    )


def in_pages(updates: Iterable[UpdateEntry]) -> tuple[tuple[UpdateEntry, ...], ...]:
    """The `updates` of the list of all in parts that take pages of their own."""
    return sizes.in_pages(updates, _size, most=ON_A_PAGE)


def _size(update: UpdateEntry) -> int:
    return sizes.UPDATE + sizes.of_text(shortened(update).beginning) + sizes.REFERENCE * len(update.statuses)


def update_line(update: UpdateEntry, *, area: AreaEntry, labels: Mapping[str, str]) -> UpdateLine:
    recorded: dict[str, list[str]] = {}
    for reference, key in update.statuses:
        recorded.setdefault(key, []).append(reference)
    return UpdateLine(
        update=shortened(update),
        area=area,
        recorded=tuple(Recorded(key, labels.get(key, ""), tuple(refs)) for key, refs in recorded.items()),
    )
