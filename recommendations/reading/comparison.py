"""What changed between two snapshots, and why. Pure functions over frozen values.

Recommendations are paired by reference, which is never given to another recommendation.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from .entries import RecommendationEntry, ReportEntry, UpdateEntry
from .schema import Snapshot


class ChangeKind(StrEnum):
    """What became of a recommendation from one report to the next; each has exactly one."""

    MOVED = "moved"  # another status than before
    FIRST = "first"  # a status for the first time
    UNCHANGED = "unchanged"  # updates in the period, the same status
    NO_UPDATE = "no update"  # no update in the period, the same status or none
    NEW = "new"  # not in the report before
    RETIRED = "retired"  # retired since the report before


@dataclass(frozen=True)
class Change:
    """One recommendation in two reports. `before` is None for a new one; statuses are words, empty for none.

    `updates` are those of the later period that cover it: why its status is what it is.
    """

    kind: ChangeKind
    entry: RecommendationEntry
    before: RecommendationEntry | None
    updates: tuple[UpdateEntry, ...]

    @property
    def status_before(self) -> str:
        return self.before.status_key if self.before else ""

    @property
    def status_after(self) -> str:
        return self.entry.status_key


@dataclass(frozen=True)
class Comparison:
    """What changed from the report of `before` to that of `after`."""

    before: Snapshot
    after: Snapshot
    changes: tuple[Change, ...]

    @property
    def update_ids(self) -> set[int]:
        """The ids of the updates that say why the statuses are what they are."""
        return {update.id for change in self.changes for update in change.updates}

    def of_kind(self, kind: ChangeKind) -> tuple[Change, ...]:
        """The changes of one kind, in plan order."""
        return tuple(change for change in self.changes if change.kind == kind)


@dataclass(frozen=True)
class MatrixRow:
    """The statuses of one recommendation, one for each report; None where the report didn't list it."""

    entry: RecommendationEntry
    statuses: tuple[str | None, ...]


@dataclass(frozen=True)
class Matrix:
    """Recommendations by reports, oldest report first."""

    reports: tuple[ReportEntry, ...]
    rows: tuple[MatrixRow, ...]


def compare(before: Snapshot, after: Snapshot) -> Comparison:
    """What changed from `before` to `after`, for every recommendation that `after` lists, in plan order.

    A recommendation that was retired before the later period began is in `before` alone, and not listed.
    """
    earlier = {entry.reference: entry for entry in before.recommendations}
    changes = tuple(_change(earlier.get(entry.reference), entry, after) for entry in after.recommendations)
    return Comparison(before, after, changes)


def matrix(snapshots: Sequence[Snapshot]) -> Matrix:
    """The status of each recommendation at the end of each report's period; `snapshots` are of reports, oldest first.

    The newest report that lists a recommendation gives its words, and its place: see `in_one_order`.
    """
    columns = [{entry.reference: entry for entry in snapshot.recommendations} for snapshot in snapshots]
    newest: dict[str, RecommendationEntry] = {}
    for column in columns:
        newest |= column
    return Matrix(
        reports=tuple(snapshot.report for snapshot in snapshots if snapshot.report),
        rows=tuple(
            MatrixRow(newest[reference], tuple(_status(column.get(reference)) for column in columns))
            for reference in in_one_order(columns)
        ),
    )


def in_one_order(lists: Sequence[Iterable[str]]) -> list[str]:
    """All the references of `lists`, oldest first, each once, in the order of the newest list.

    One that only older lists have stands where it stood there: behind the one that came before it.
    """
    ordered: list[str] = []
    for references in reversed(lists):
        place = 0
        for reference in references:
            if reference in ordered:
                place = ordered.index(reference) + 1
            else:
                ordered.insert(place, reference)
                place += 1
    return ordered


def _change(before: RecommendationEntry | None, entry: RecommendationEntry, after: Snapshot) -> Change:
    updates = tuple(after.updates_by_id[id] for id in entry.shown)
    return Change(kind_of(_status(before), entry, after), entry, before, updates)


def kind_of(before: str | None, entry: RecommendationEntry, after: Snapshot) -> ChangeKind:
    """What became of `entry` in `after`; `before` is its status in the earlier report, None where it wasn't listed."""
    if entry.is_retired(after.on):
        return ChangeKind.RETIRED
    if before is None:
        return ChangeKind.NEW
    if before != entry.status_key:
        return ChangeKind.MOVED if before else ChangeKind.FIRST
    return ChangeKind.UNCHANGED if entry.timeline else ChangeKind.NO_UPDATE


def _status(entry: RecommendationEntry | None) -> str | None:
    return entry.status_key if entry else None
