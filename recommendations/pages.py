"""What the public pages show: a snapshot, and the editions of a report, arranged for their templates.

Pure functions to frozen values; nothing here asks the database or knows a request.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby

from .models import Correction, Edition, EditionFile, Report, Status
from .snapshot import AreaEntry, RecommendationEntry, Snapshot, StatusMeaning, StatusTotal, UpdateEntry

# Up to so many characters an update stands whole in a list; of a longer one, its first paragraph.
SHOWN_WHOLE = 1_000


@dataclass(frozen=True)
class Standing:
    """A recommendation and where it stands; `label` is empty where no update assessed it yet."""

    entry: RecommendationEntry
    label: str
    is_retired: bool


@dataclass(frozen=True)
class LatestUpdate:
    """An update as far as a list shows it, and the rest of a long one."""

    entry: UpdateEntry
    beginning: str
    rest: str


@dataclass(frozen=True)
class Group:
    """Consecutive recommendations whose latest update is the same one; retired ones stand alone, without update."""

    standings: tuple[Standing, ...]
    update: LatestUpdate | None

    @property
    def first(self) -> str:
        return self.standings[0].entry.reference

    @property
    def last(self) -> str:
        return self.standings[-1].entry.reference


@dataclass(frozen=True)
class AreaView:
    """An area; `current` are its recommendations that weren't retired, `totals` the statuses that these have."""

    entry: AreaEntry
    groups: tuple[Group, ...]
    current: tuple[Standing, ...]
    totals: tuple[StatusTotal, ...]


@dataclass(frozen=True)
class ProgressView:
    """The progress page. `own` counts the organisation's statuses, `for_others` and `without_update` stand apart."""

    snapshot: Snapshot
    title: str
    subtitle: str
    areas: tuple[AreaView, ...]
    count: int
    own: tuple[StatusTotal, ...]
    for_others: StatusTotal
    without_update: StatusTotal


@dataclass(frozen=True)
class TimelineUpdate:
    """An update in the timeline of a recommendation, with the status that it records for that one."""

    entry: UpdateEntry
    key: str
    label: str

    @property
    def dated_on(self) -> dt.date:
        return self.entry.dated_on


@dataclass(frozen=True)
class Tombstone:
    """What stays of a withdrawn update in a timeline: when it was dated, and the withdrawal."""

    dated_on: dt.date
    dated_as_published: str
    withdrawal: Correction


@dataclass(frozen=True)
class RecommendationView:
    """The page of one recommendation: `meaning` of its status, its neighbours in the plan.

    The `timeline` is newest first: updates, and the withdrawals that stand in the place of others.
    """

    standing: Standing
    area: AreaEntry
    meaning: StatusMeaning | None
    timeline: tuple[TimelineUpdate | Tombstone, ...]
    previous: RecommendationEntry | None
    next: RecommendationEntry | None


@dataclass(frozen=True)
class Covered:
    """A recommendation that an update covers, with the status that the update records for it."""

    entry: RecommendationEntry
    key: str
    label: str


@dataclass(frozen=True)
class UpdateView:
    """The page of one update; `newer` are the references for which a later update says more."""

    entry: UpdateEntry
    area: AreaEntry
    covered: tuple[Covered, ...]
    newer: tuple[str, ...]


@dataclass(frozen=True)
class EditionLine:
    """An edition in a list of editions; `pdf` is without its bytes, and None where they were taken down."""

    edition: Edition
    pdf: EditionFile | None
    is_newest: bool


@dataclass(frozen=True)
class ReportLine:
    """A published report in a list of reports; `edition` is the newest one that stands, None where none does."""

    report: Report
    edition: Edition | None
    pdf: EditionFile | None


def progress_view(snapshot: Snapshot) -> ProgressView:
    totals = {total.key: total for total in snapshot.totals()}
    title, _, subtitle = snapshot.plan.title.partition(":")
    for_others, without_update = totals.pop(Status.FOR_OTHERS), totals.pop("")
    return ProgressView(
        snapshot=snapshot,
        title=title.strip(),
        subtitle=subtitle.strip(),
        areas=tuple(area_view(snapshot, area) for area in snapshot.areas),
        count=len(snapshot.current),
        own=tuple(totals.values()),
        for_others=for_others,
        without_update=without_update,
    )


def area_view(snapshot: Snapshot, area: AreaEntry) -> AreaView:
    standings = [_standing(snapshot, recommendation) for recommendation in area.recommendations]
    current = tuple(standing for standing in standings if not standing.is_retired)
    return AreaView(
        entry=area,
        groups=tuple(
            Group(run := tuple(standing for _, standing in numbered), _latest(snapshot, run[0]))
            for _, numbered in groupby(enumerate(standings), key=_by_latest_update)
        ),
        current=current,
        totals=tuple(total for total in snapshot.totals(standing.entry for standing in current) if total.count),
    )


def recommendation_view(
    snapshot: Snapshot, reference: str, *, withdrawn: Iterable[Correction] = ()
) -> RecommendationView | None:
    """The page of the recommendation `reference`, with the withdrawals of its updates; None where there is none."""
    ordered = [(area, entry) for area in snapshot.areas for entry in area.recommendations]
    position = next((n for n, (_, entry) in enumerate(ordered) if entry.reference == reference), None)
    if position is None:
        return None
    area, entry = ordered[position]
    meanings = {meaning.key: meaning for meaning in snapshot.statuses}
    return RecommendationView(
        standing=_standing(snapshot, entry),
        area=area,
        meaning=meanings[entry.status.key] if entry.status else None,
        timeline=_timeline(snapshot, entry, withdrawn),
        previous=ordered[position - 1][1] if position else None,
        next=ordered[position + 1][1] if position + 1 < len(ordered) else None,
    )


def update_view(snapshot: Snapshot, id: int) -> UpdateView:
    """The page of the published update `id`, which the snapshot must have."""
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
        covered=tuple(covered),
        newer=tuple(one.entry.reference for one in covered if one.entry.timeline[-1] != id),
    )


def report_lines(editions: Iterable[Edition], pdfs: Mapping[int, EditionFile]) -> tuple[ReportLine, ...]:
    """The reports that `editions` are of, in the order given; within a report the newest edition comes first."""
    lines = []
    for report, run in groupby(editions, key=lambda edition: edition.report):
        standing = next((edition for edition in run if not edition.is_taken_down), None)
        lines.append(ReportLine(report, standing, pdfs.get(standing.pk) if standing else None))
    return tuple(lines)


def edition_lines(editions: Iterable[Edition], pdfs: Mapping[int, EditionFile]) -> tuple[EditionLine, ...]:
    """The `editions` of one report, newest first, with the PDF files of those that stand, by edition."""
    return tuple(
        EditionLine(edition, None if edition.is_taken_down else pdfs.get(edition.pk), is_newest=position == 0)
        for position, edition in enumerate(editions)
    )


def corrected_since(edition: Edition, corrections: Iterable[Correction]) -> tuple[Correction, ...]:
    """Those of `corrections` that concern the `edition`: of updates it knew, dated in its period then or now."""
    starts_on, ends_on = edition.report.starts_on, edition.report.ends_on
    return tuple(
        correction
        for correction in corrections
        if correction.update.published_at
        and correction.update.published_at <= edition.published_at < correction.corrected_at
        and any(starts_on <= day <= ends_on for day in _days_of(correction))
    )


def _days_of(correction: Correction) -> tuple[dt.date, ...]:
    """The days that the corrected update was dated on: before the correction, after it, today."""
    told = (content["dated_on"] for content in (correction.before, correction.after) if content)
    return (correction.update.dated_on, *map(dt.date.fromisoformat, told))


def _standing(snapshot: Snapshot, entry: RecommendationEntry) -> Standing:
    return Standing(
        entry=entry,
        label=snapshot.labels[entry.status.key] if entry.status else "",
        is_retired=entry.retired_on is not None and entry.retired_on <= snapshot.on,
    )


def _timeline(
    snapshot: Snapshot, entry: RecommendationEntry, withdrawn: Iterable[Correction]
) -> tuple[TimelineUpdate | Tombstone, ...]:
    """The updates of `entry` newest first, each withdrawal before the updates of its day."""
    updates = [snapshot.updates_by_id[id] for id in reversed(entry.timeline)]
    told: list[TimelineUpdate | Tombstone] = [
        Tombstone(one.update.dated_on, one.update.dated_as_published, one) for one in withdrawn
    ]
    for update in updates:
        key = update.status_of(entry.reference)
        told.append(TimelineUpdate(update, key, snapshot.labels.get(key, "")))
    return tuple(sorted(told, key=lambda one: one.dated_on, reverse=True))


def _by_latest_update(numbered: tuple[int, Standing]) -> int:
    """The id of the latest update; a number of its own where there is none to share."""
    position, standing = numbered
    return -1 - position if standing.is_retired or not standing.entry.timeline else standing.entry.timeline[-1]


def _latest(snapshot: Snapshot, standing: Standing) -> LatestUpdate | None:
    if standing.is_retired or not standing.entry.timeline:
        return None
    entry = snapshot.updates_by_id[standing.entry.timeline[-1]]
    text = entry.text.strip()
    if len(text) <= SHOWN_WHOLE:
        return LatestUpdate(entry, text, rest="")
    beginning, _, rest = text.partition("\n\n")
    return LatestUpdate(entry, beginning, rest.strip())
