"""Recommendations in lists by area, each with its status and its latest update.

What counts as recent is measured from the snapshot's own day, what counts as long ago from its newest update, by the
days that updates speak of.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import groupby

from django.utils.safestring import SafeString

from recommendations.models import ActionPlan
from recommendations.reading import titles
from recommendations.reading.entries import AreaEntry, RecommendationEntry, StatusNote, UpdateEntry
from recommendations.reading.schema import Snapshot, StatusTotal
from recommendations.report import charts

from . import sizes

# Up to so many characters an update stands whole in a list; of a longer one, its first paragraph.
SHOWN_WHOLE = 1_000

# An update is recent for three months after its day. Where the plan's newest one is eleven months newer, and the work
# isn't completed, the page says since when there was none: on a plan that nobody writes about, every row would say so.
# A yearly report's updates are about a year apart. /statuses/ tells readers the same.
RECENT = dt.timedelta(days=92)
QUIET = dt.timedelta(days=335)


@dataclass(frozen=True)
class RecommendationLine:
    """A recommendation with its current status; `label` is empty where no update assessed it yet.

    `is_recent` and `is_quiet` say that its newest update is recent, or long before that of others. `found_in` is the
    update that a search found, where that is not the recommendation's own text.
    """

    entry: RecommendationEntry
    label: str
    is_retired: bool
    is_recent: bool
    is_quiet: bool
    found_in: UpdateEntry | None = None


@dataclass(frozen=True)
class ShortenedUpdate:
    """An update as lists show it: its beginning, and the rest of a long one."""

    entry: UpdateEntry
    beginning: str
    rest: str


@dataclass(frozen=True)
class Group:
    """Consecutive recommendations with the same latest update; a retired one is a group of its own, without update.

    It `is_unbroken` if it has every recommendation from the first to the last: a search may find only some.
    """

    lines: tuple[RecommendationLine, ...]
    update: ShortenedUpdate | None
    is_unbroken: bool

    @property
    def first(self) -> str:
        return self.lines[0].entry.reference

    @property
    def last(self) -> str:
        return self.lines[-1].entry.reference

    @property
    def references(self) -> str:
        return ", ".join(line.entry.reference for line in self.lines)


@dataclass(frozen=True)
class AreaView:
    """An area; `current` are its recommendations that weren't retired, `totals` the statuses that these have.

    `notes` explain these statuses, on this and every page where they stand.
    """

    entry: AreaEntry
    groups: tuple[Group, ...]
    current: tuple[RecommendationLine, ...]
    totals: tuple[StatusTotal, ...]
    strip: SafeString
    notes: tuple[StatusNote, ...]


def area_view(
    snapshot: Snapshot, area: AreaEntry, *, found: Mapping[str, UpdateEntry | None] | None = None
) -> AreaView:
    """The area as a list; `found` says in which update a search found a recommendation."""
    lines = [recommendation_line(snapshot, entry, (found or {}).get(entry.reference)) for entry in area.recommendations]
    current = tuple(line for line in lines if not line.is_retired)
    totals = snapshot.totals(line.entry for line in current)
    places = snapshot.places
    return AreaView(
        entry=area,
        groups=tuple(
            Group(
                run := tuple(line for _position, line in numbered),
                _latest(snapshot, run[0]),
                places[run[-1].entry.reference] - places[run[0].entry.reference] == len(run) - 1,
            )
            for _key, numbered in groupby(enumerate(lines), key=_by_latest_update)
        ),
        current=current,
        totals=tuple(total for total in totals if total.count),
        strip=charts.strip(totals, widest=snapshot.most_in_an_area),
        notes=notes_on_statuses(snapshot, (line.entry for line in current)),
    )


def in_parts(areas: Iterable[AreaView]) -> tuple[tuple[AreaView, ...], ...]:
    """The `areas` in as many parts as take pages of their own; one where all fit on a page.

    An area or a group that is cut stands in each part that has some of its recommendations.
    """
    areas = tuple(areas)
    parts = sizes.in_pages([row for area in areas for row in _rows(area)], _size)
    return tuple(tuple(_together(part)) for part in parts) if len(parts) > 1 else (areas,)


# A recommendation with the area and the group that it stands in.
Row = tuple[AreaView, Group, RecommendationLine]


def size_of(area: AreaView) -> int:
    """What `area` takes with its recommendations."""
    return sum(map(_size, _rows(area)))


def _rows(area: AreaView) -> Iterator[Row]:
    return ((area, group, line) for group in area.groups for line in group.lines)


def _size(row: Row) -> int:
    """Where it is the first, with the update on its group and the introduction of its area."""
    area, group, line = row
    size = sizes.of_recommendation(line.entry)
    if line is group.lines[0] and group.update:
        size += sizes.UPDATE + sizes.of_text(group.update.beginning) + sizes.of_text(group.update.rest)
        size += 0 if group.is_unbroken else len(group.references)
    if line is area.groups[0].lines[0]:
        size += sizes.UPDATE + sizes.of_text(area.entry.title) + sizes.of_text(area.entry.introduction)
    return size


def _together(rows: Iterable[Row]) -> Iterator[AreaView]:
    """The areas and the groups that consecutive `rows` are of, with these rows alone.

    The introduction of an area stands above its first row.
    """
    for _number, consecutive in groupby(rows, key=lambda row: row[0].entry.number):
        of_area = [*consecutive]
        area, _group, line = of_area[0]
        is_begun = line is not area.groups[0].lines[0]
        groups = [[*of_group] for _first, of_group in groupby(of_area, key=lambda row: row[1].first)]
        yield replace(
            area,
            entry=replace(area.entry, introduction="") if is_begun else area.entry,
            groups=tuple(replace(group[0][1], lines=tuple(one for *_whole, one in group)) for group in groups),
        )


def title_of_area(area: AreaEntry, plan: ActionPlan | None) -> str:
    return titles.of_area(area, plan, first=next((one.reference for one in area.recommendations), ""))


def notes_on_statuses(snapshot: Snapshot, entries: Iterable[RecommendationEntry]) -> tuple[StatusNote, ...]:
    """The notes that explain the statuses that `entries` have."""
    return snapshot.notes_on(entry.status.dated_on for entry in entries if entry.status)


def areas_with(snapshot: Snapshot, found: Mapping[str, UpdateEntry | None]) -> tuple[AreaView, ...]:
    """The areas with only the recommendations that were `found`; areas without any are left out."""
    kept = (
        replace(area, recommendations=tuple(entry for entry in area.recommendations if entry.reference in found))
        for area in snapshot.areas
    )
    return tuple(area_view(snapshot, area, found=found) for area in kept if area.recommendations)


def recommendation_line(
    snapshot: Snapshot, entry: RecommendationEntry, found_in: UpdateEntry | None = None
) -> RecommendationLine:
    latest = snapshot.updates_by_id[entry.timeline[-1]] if entry.timeline else None
    is_retired = entry.is_retired(snapshot.on)
    current = latest if latest and not is_retired else None
    newest = snapshot.newest_update
    return RecommendationLine(
        entry=entry,
        label=snapshot.labels.get(entry.status_key, ""),
        is_retired=is_retired,
        # In a copy of a closed site, it would be said for good.
        is_recent=current is not None and not snapshot.closed_on and snapshot.on - current.dated_on <= RECENT,
        is_quiet=bool(current and newest and newest.dated_on - current.dated_on >= QUIET and not entry.is_done),
        # The latest update stands beside it anyway.
        found_in=None if found_in == latest else found_in,
    )


def _by_latest_update(numbered: tuple[int, RecommendationLine]) -> int:
    """The id of the latest update; a number of its own for a recommendation without one."""
    position, line = numbered
    return -1 - position if line.is_retired or not line.entry.timeline else line.entry.timeline[-1]


def _latest(snapshot: Snapshot, line: RecommendationLine) -> ShortenedUpdate | None:
    if line.is_retired or not line.entry.timeline:
        return None
    return shortened(snapshot.updates_by_id[line.entry.timeline[-1]])


def shortened(update: UpdateEntry) -> ShortenedUpdate:
    text = update.text.strip()
    if len(text) <= SHOWN_WHOLE:
        return ShortenedUpdate(update, text, rest="")
    beginning, _gap, rest = text.partition("\n\n")
    return ShortenedUpdate(update, beginning, rest.strip())
