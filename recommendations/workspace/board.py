"""The workspace, the staff's home: the board of the current report, from which the period's updates are written."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from recommendations.models import ProgressUpdate, Report
from recommendations.reading.entries import AreaEntry, RecommendationEntry
from recommendations.reading.findings import WHAT_IS_CHECKED, of_updates
from recommendations.reading.schema import Snapshot
from recommendations.text import dates

from .reminders import Reminder, due
from .report_state import ReportState


@dataclass(frozen=True)
class BoardRow:
    """One recommendation: where it stands, with what is ready taken for published, and the period's updates on it.

    `to_check` are those of the updates in which something was found that nobody has answered, with how much.
    It is retired where it is so on the day that new updates are dated: nothing can be written about it then.
    """

    entry: RecommendationEntry
    label: str
    dated: str
    updates: tuple[ProgressUpdate, ...]
    to_check: tuple[tuple[ProgressUpdate, int], ...]
    is_retired: bool
    is_missing: bool


@dataclass(frozen=True)
class BoardArea:
    """An area with its rows, and every update of the period in it once, oldest first.

    Of a wide plan one area is read at a time; the others, not `is_read`, say only how many are missing.
    """

    entry: AreaEntry
    rows: tuple[BoardRow, ...]
    updates: tuple[ProgressUpdate, ...]
    missing_count: int
    is_read: bool = True

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to do: every recommendation has an update, none is a draft or has things to check."""
        is_checked = not any(row.to_check for row in self.rows)
        return not self.missing_count and is_checked and all(update.ready_at for update in self.updates)


@dataclass(frozen=True)
class Board:
    state: ReportState
    areas: tuple[BoardArea, ...]
    what_is_checked: str
    reminders: tuple[Reminder, ...]

    def area_named(self, number: str) -> int | None:
        """The number of the area on the board that an address gives; the messages after a save are shown there."""
        return next((area.entry.number for area in self.areas if str(area.entry.number) == number), None)


def board(*, on: dt.date, area: str = "") -> Board | None:
    """The board of the report that is being worked on, the one of the newest period; None before there is any.

    Of a wide plan it reads the `area` with that number, else the first in which something is missing.
    """
    report = Report.objects.select_related("plan").order_by("ends_on").last()
    if report is None:
        return None
    state = ReportState(report, on)
    areas = _one_of_many(state, area) if state.is_wide else _all(state)
    return Board(state, areas, str(WHAT_IS_CHECKED), tuple(due(on=on)))


def _all(state: ReportState) -> tuple[BoardArea, ...]:
    within: dict[int, list[ProgressUpdate]] = defaultdict(list)
    updates = state.updates()
    for update in updates:
        within[update.area.number].append(update)
    to_check = to_check_in(updates)
    return tuple(
        _area(state, area, state.snapshot, within[area.number], to_check)
        for area in state.snapshot.areas
        if area.recommendations or within[area.number]
    )


def _one_of_many(state: ReportState, number: str) -> tuple[BoardArea, ...]:
    """Every area of the plan with something in it, of which one is read."""
    missing = Counter(one.area_id for one in state.current if one.pk not in state.covered)
    stored = list(state.report.plan.areas.exclude(recommendations=None).distinct())
    if not stored:
        return ()
    lacking = next((area for area in stored if missing[area.pk]), stored[0])
    chosen = next((area for area in stored if str(area.number) == number), lacking)
    snapshot, updates = state.snapshot_of(chosen.number), state.updates(area=chosen.number)
    return tuple(
        _area(state, entry, snapshot, updates, to_check_in(updates))
        if area == chosen
        else BoardArea(entry, (), (), missing[area.pk], is_read=False)
        for area in stored
        for entry in snapshot.areas
        if entry.number == area.number
    )


def to_check_in(updates: Iterable[ProgressUpdate]) -> Counter[int]:
    """How many findings wait for an answer in each of the unpublished `updates`, by its id.

    What was published was looked at then: of thousands of updates, none is read again each time the board is shown.
    """
    unpublished = [update for update in updates if not update.published_at]
    return Counter(one.subject[1] for one in of_updates(unpublished) if one.is_open) if unpublished else Counter()


def _area(
    state: ReportState,
    entry: AreaEntry,
    snapshot: Snapshot,
    updates: Collection[ProgressUpdate],
    to_check: Counter[int],
) -> BoardArea:
    covering: dict[str, list[ProgressUpdate]] = defaultdict(list)
    for update in updates:
        for assessment in update.assessments.all():
            covering[assessment.recommendation.reference].append(update)
    rows = tuple(_row(snapshot, one, covering[one.reference], to_check, day=state.day) for one in entry.recommendations)
    return BoardArea(entry, rows, tuple(updates), sum(row.is_missing for row in rows))


def _row(
    snapshot: Snapshot,
    entry: RecommendationEntry,
    updates: list[ProgressUpdate],
    to_check: Counter[int],
    *,
    day: dt.date,
) -> BoardRow:
    is_retired = entry.is_retired(day)
    return BoardRow(
        entry=entry,
        label=snapshot.labels.get(entry.status_key, entry.status_key),
        dated=dates.as_known(entry.status.dated_on, entry.status.dated_as_published) if entry.status else "",
        updates=tuple(updates),
        to_check=tuple((update, to_check[update.pk]) for update in updates if to_check[update.pk]),
        is_retired=is_retired,
        is_missing=not is_retired and not entry.is_retired(snapshot.on) and not entry.timeline,
    )
