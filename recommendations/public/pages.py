"""What the public pages show: a snapshot, and the editions of a report, arranged for their templates.

Pure functions to frozen values; nothing here asks the database or knows a request. What counts as recent or as long
ago is measured from the snapshot's own day, by the days that updates speak of.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from recommendations.models import Correction, Edition, EditionFile, Report, Status, TakeDown
from recommendations.reading import origins
from recommendations.reading.comparison import Change, ChangeKind, Comparison, Matrix
from recommendations.reading.entries import (
    AreaEntry,
    PartyEntry,
    RecommendationEntry,
    ReportEntry,
    Snapshot,
    StatusMeaning,
    StatusNote,
    StatusTotal,
    UpdateEntry,
)
from recommendations.reading.search import NO_UPDATE, Filter, matches
from recommendations.reading.snapshot import plan_change
from recommendations.report import charts
from recommendations.text import dates

# Up to so many characters an update stands whole in a list; of a longer one, its first paragraph.
SHOWN_WHOLE = 1_000

# An update is recent for three months after its day. After a year without one, unless the work is completed, the page
# says since when there was none. /statuses/ tells readers the same.
RECENT = dt.timedelta(days=92)
QUIET = dt.timedelta(days=365)


@dataclass(frozen=True)
class Standing:
    """A recommendation and where it stands; `label` is empty where no update assessed it yet.

    `found_in` is the update that a search found, where that is not the recommendation's own text.
    """

    entry: RecommendationEntry
    label: str
    is_retired: bool
    is_recent: bool
    is_quiet: bool
    found_in: UpdateEntry | None = None


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

    @property
    def references(self) -> str:
        return ", ".join(standing.entry.reference for standing in self.standings)

    @property
    def is_unbroken(self) -> bool:
        """Whether none is left out between the first and the last: a search may find only some."""
        numbers = [int(standing.entry.reference.partition(".")[2]) for standing in self.standings]
        return numbers == list(range(numbers[0], numbers[0] + len(numbers)))


@dataclass(frozen=True)
class AreaView:
    """An area; `current` are its recommendations that weren't retired, `totals` the statuses that these have.

    `notes` explain these statuses, on this and every page where they stand.
    """

    entry: AreaEntry
    groups: tuple[Group, ...]
    current: tuple[Standing, ...]
    totals: tuple[StatusTotal, ...]
    strip: SafeString
    notes: tuple[StatusNote, ...]


@dataclass(frozen=True)
class ProgressView:
    """The progress page. `own` counts the organisation's statuses; `for_others` and `without_update` stand apart."""

    snapshot: Snapshot
    title: str
    subtitle: str
    areas: tuple[AreaView, ...]
    count: int
    origins: str
    own: tuple[StatusTotal, ...]
    for_others: tuple[StatusTotal, ...]
    without_update: StatusTotal
    notes: tuple[StatusNote, ...]


@dataclass(frozen=True)
class Condition:
    """One part of a filter in words, and the rest of the filter as it stands in an address."""

    name: str
    words: str
    without: str


@dataclass(frozen=True)
class FilteredView:
    """What a filter found: `count` of the plan's `of` current recommendations, and so many `retired` ones."""

    snapshot: Snapshot
    areas: tuple[AreaView, ...]
    count: int
    of: int
    retired: int
    conditions: tuple[Condition, ...]
    query: str
    notes: tuple[StatusNote, ...]


@dataclass(frozen=True)
class PartyView:
    """What is asked of one party by name, and apart what is asked of everyone; everyone's own page has no such part."""

    party: PartyEntry
    areas: tuple[AreaView, ...]
    count: int
    totals: tuple[StatusTotal, ...]
    everyone: PartyEntry | None
    for_everyone: tuple[AreaView, ...]
    snapshot: Snapshot
    notes: tuple[StatusNote, ...]


@dataclass(frozen=True)
class PartyLine:
    """A party in the list of those that are addressed, with how many current recommendations name it."""

    party: PartyEntry
    count: int


@dataclass(frozen=True)
class CorrectionLine:
    """An announced correction, and what it changed in words.

    Of an update's text they say that it was changed, and of a withdrawn update nothing; of the plan they say all.
    """

    correction: Correction
    changes: tuple[str, ...]


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
    """What stays of a withdrawn update in a timeline: when it was dated, and the withdrawal."""

    dated_on: dt.date
    dated_as_published: str
    withdrawal: Correction


@dataclass(frozen=True)
class Notice:
    """What stays of an update that was taken down; its day only orders it, for nobody is told it."""

    dated_on: dt.date
    take_down: TakeDown


@dataclass(frozen=True)
class RecommendationView:
    """The page of one recommendation: `meaning` of its status, what it replaces, its neighbours in the plan.

    The `timeline` is newest first: updates, and what stands in the place of withdrawn and taken-down ones.
    """

    standing: Standing
    area: AreaEntry
    meaning: StatusMeaning | None
    timeline: tuple[TimelineUpdate | Tombstone | Notice, ...]
    replaces: tuple[str, ...]
    previous: RecommendationEntry | None
    next: RecommendationEntry | None
    notes: tuple[StatusNote, ...]


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
    corrections: tuple[CorrectionLine, ...]
    notes: tuple[StatusNote, ...]


@dataclass(frozen=True)
class Recorded:
    """One status that an update records, with the references it records it for."""

    key: str
    label: str
    references: tuple[str, ...]


@dataclass(frozen=True)
class UpdateLine:
    """An update in the list of all, with the number and the title of its area."""

    update: LatestUpdate
    area: int
    area_title: str
    recorded: tuple[Recorded, ...]


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


@dataclass(frozen=True)
class ChangeLine:
    """One recommendation that a report compares with the report before it. Labels are empty for no status.

    `updates` say why: those that still stand. `hidden` is how many no longer do.
    """

    entry: RecommendationEntry
    key: str
    label: str
    before: str
    label_before: str
    updates: tuple[LatestUpdate, ...]
    hidden: int


@dataclass(frozen=True)
class ChangeSection:
    """The recommendations with which the same thing happened; `tells_why` where their updates are shown in full."""

    slug: str
    title: str
    meaning: str
    tells_why: bool
    lines: tuple[ChangeLine, ...]


@dataclass(frozen=True)
class ChangesView:
    """What changed from one report to the next."""

    before: ReportEntry | None
    after: ReportEntry | None
    count: int
    sections: tuple[ChangeSection, ...]


@dataclass(frozen=True)
class MatrixCell:
    """The status in one report; `key` is None where the report didn't list the recommendation."""

    key: str | None
    label: str


@dataclass(frozen=True)
class MatrixLine:
    """A recommendation in every report; retired where it was so at the end of the newest."""

    entry: RecommendationEntry
    is_retired: bool
    cells: tuple[MatrixCell, ...]


@dataclass(frozen=True)
class MatrixView:
    """The status of every recommendation in every report, oldest report first."""

    reports: tuple[ReportEntry, ...]
    lines: tuple[MatrixLine, ...]

    @property
    def notes(self) -> tuple[ReportEntry, ...]:
        """The reports that explain their statuses."""
        return tuple(report for report in self.reports if report.status_note)


def progress_view(snapshot: Snapshot) -> ProgressView:
    *totals, without_update = snapshot.totals()
    title, *subtitle = snapshot.plan.title_lines
    return ProgressView(
        snapshot=snapshot,
        title=title.removesuffix(":").rstrip() if subtitle else title,
        subtitle="".join(subtitle),
        areas=tuple(area_view(snapshot, area) for area in snapshot.areas),
        count=len(snapshot.current),
        origins=origins.told(snapshot.origins, conference=snapshot.plan.conference_name),
        own=tuple(total for total in totals if not total.is_apart),
        for_others=tuple(total for total in totals if total.is_apart and total.count),
        without_update=without_update,
        notes=_notes(snapshot, snapshot.current),
    )


def filtered_view(snapshot: Snapshot, filter: Filter) -> FilteredView:
    """What `filter` finds, which must ask for something."""
    found = {match.entry.reference: match.found_in for match in matches(snapshot, filter)}
    areas = _areas_of(snapshot, found)
    count = sum(len(area.current) for area in areas)
    return FilteredView(
        snapshot=snapshot,
        areas=areas,
        count=count,
        of=len(snapshot.current),
        retired=len(found) - count,
        conditions=_conditions(snapshot, filter),
        query=filter.query,
        notes=_notes(snapshot, (one.entry for area in areas for one in area.current)),
    )


def area_view(
    snapshot: Snapshot, area: AreaEntry, *, found: Mapping[str, UpdateEntry | None] | None = None
) -> AreaView:
    """The area as a list; `found` says in which update a search found a recommendation."""
    standings = [_standing(snapshot, entry, (found or {}).get(entry.reference)) for entry in area.recommendations]
    current = tuple(standing for standing in standings if not standing.is_retired)
    totals = snapshot.totals(standing.entry for standing in current)
    widest = max((len(other.recommendations) for other in snapshot.areas), default=0)
    return AreaView(
        entry=area,
        groups=tuple(
            Group(run := tuple(standing for _position, standing in numbered), _latest(snapshot, run[0]))
            for _key, numbered in groupby(enumerate(standings), key=_by_latest_update)
        ),
        current=current,
        totals=tuple(total for total in totals if total.count),
        strip=charts.strip(totals, widest=widest),
        notes=_notes(snapshot, (standing.entry for standing in current)),
    )


def party_view(snapshot: Snapshot, party: PartyEntry) -> PartyView:
    """Everything that is asked of `party`."""

    def asked_of(slug: str) -> tuple[AreaView, ...]:
        entries = (entry for entry in snapshot.recommendations if slug in {one.slug for one in entry.parties})
        return _areas_of(snapshot, dict.fromkeys(entry.reference for entry in entries))

    everyone = next((one for entry in snapshot.recommendations for one in entry.parties if one.is_everyone), None)
    if party.is_everyone:
        everyone = None
    areas, for_everyone = asked_of(party.slug), asked_of(everyone.slug) if everyone else ()
    current = [standing.entry for area in areas for standing in area.current]
    return PartyView(
        party=party,
        areas=areas,
        count=len(current),
        totals=tuple(total for total in snapshot.totals(current) if total.count),
        everyone=everyone,
        for_everyone=for_everyone,
        snapshot=snapshot,
        notes=_notes(snapshot, (one.entry for area in (*areas, *for_everyone) for one in area.current)),
    )


def party_lines(snapshot: Snapshot, parties: Iterable[PartyEntry]) -> tuple[PartyLine, ...]:
    """The `parties` with how many of the current recommendations name each."""
    named = [party.slug for entry in snapshot.current for party in entry.parties]
    return tuple(PartyLine(party, named.count(party.slug)) for party in parties)


def recommendation_view(
    snapshot: Snapshot,
    reference: str,
    *,
    corrections: Iterable[Correction] = (),
    taken_down: Iterable[TakeDown] = (),
) -> RecommendationView | None:
    """The page of the recommendation `reference`; None where there is none.

    `corrections` are the announced ones of its updates, withdrawals included; `taken_down` are its updates' too.
    """
    ordered = [(area, entry) for area in snapshot.areas for entry in area.recommendations]
    position = next((n for n, (_area, entry) in enumerate(ordered) if entry.reference == reference), None)
    if position is None:
        return None
    area, entry = ordered[position]
    meanings = {meaning.key: meaning for meaning in snapshot.statuses}
    return RecommendationView(
        standing=_standing(snapshot, entry),
        area=area,
        meaning=meanings.get(entry.status_key),
        timeline=_timeline(snapshot, entry, list(corrections), taken_down),
        replaces=tuple(other.reference for other in snapshot.recommendations if reference in other.replaced_by),
        previous=ordered[position - 1][1] if position else None,
        next=ordered[position + 1][1] if position + 1 < len(ordered) else None,
        notes=snapshot.notes_on(snapshot.updates_by_id[id].dated_on for id in entry.timeline),
    )


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
        covered=tuple(covered),
        newer=tuple(one.entry.reference for one in covered if one.entry.timeline[-1] != id),
        corrections=correction_lines(corrections),
        notes=snapshot.notes_on([update.dated_on]),
    )


def update_line(update: UpdateEntry, *, area_title: str) -> UpdateLine:
    labels = dict(Status.choices)
    recorded: dict[str, list[str]] = {}
    for reference, key in update.statuses:
        recorded.setdefault(key, []).append(reference)
    return UpdateLine(
        update=_shortened(update),
        area=update.area,
        area_title=area_title,
        recorded=tuple(Recorded(key, str(labels.get(key, "")), tuple(refs)) for key, refs in recorded.items()),
    )


def correction_lines(corrections: Iterable[Correction]) -> tuple[CorrectionLine, ...]:
    """The `corrections` in the order given, each with what it changed."""
    return tuple(CorrectionLine(correction, _changed(correction)) for correction in corrections)


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


def changes_view(comparison: Comparison, *, standing: Collection[int]) -> ChangesView:
    """The comparison of two reports as a page; only updates with the ids `standing` are shown."""
    told = (
        (ChangeKind.MOVED, _("Moved to another status"), "", True),
        (ChangeKind.FIRST, _("A status for the first time"), "", True),
        (ChangeKind.NEW, _("New recommendations"), _("They were not in the report before."), True),
        (ChangeKind.RETIRED, _("Retired"), _("They are no longer followed; each says what took its place."), True),
        (ChangeKind.UNCHANGED, _("Updated, with the same status"), "", False),
        (
            ChangeKind.NO_UPDATE,
            _("No update in this period"),
            _("That is not evidence that nothing happened."),
            False,
        ),
    )
    return ChangesView(
        before=comparison.before.report,
        after=comparison.after.report,
        count=len(comparison.changes),
        sections=tuple(
            ChangeSection(
                slug=kind.name.lower().replace("_", "-"),
                title=title,
                meaning=meaning,
                tells_why=tells_why,
                lines=tuple(_change_line(comparison, change, standing) for change in comparison.of_kind(kind)),
            )
            for kind, title, meaning, tells_why in told
        ),
    )


def matrix_view(matrix: Matrix, snapshots: Sequence[Snapshot]) -> MatrixView:
    """`matrix` of `snapshots`, with the labels that each report gave its statuses."""
    return MatrixView(
        reports=matrix.reports,
        lines=tuple(
            MatrixLine(
                row.entry,
                row.entry.is_retired(snapshots[-1].on),
                tuple(
                    MatrixCell(key, snapshot.labels.get(key or "", ""))
                    for key, snapshot in zip(row.statuses, snapshots, strict=True)
                ),
            )
            for row in matrix.rows
        ),
    )


def _change_line(comparison: Comparison, change: Change, standing: Collection[int]) -> ChangeLine:
    shown = [update for update in change.updates if update.id in standing]
    return ChangeLine(
        entry=change.entry,
        key=change.status_after,
        label=comparison.after.labels.get(change.status_after, ""),
        before=change.status_before,
        label_before=comparison.before.labels.get(change.status_before, ""),
        updates=tuple(_shortened(update) for update in shown),
        hidden=len(change.updates) - len(shown),
    )


def _notes(snapshot: Snapshot, entries: Iterable[RecommendationEntry]) -> tuple[StatusNote, ...]:
    """The notes that explain the statuses that `entries` have."""
    return snapshot.notes_on(entry.status.dated_on for entry in entries if entry.status)


def _areas_of(snapshot: Snapshot, found: Mapping[str, UpdateEntry | None]) -> tuple[AreaView, ...]:
    """The areas with those recommendations alone that were `found`; areas without one are left out."""
    kept = (
        replace(area, recommendations=tuple(entry for entry in area.recommendations if entry.reference in found))
        for area in snapshot.areas
    )
    return tuple(area_view(snapshot, area, found=found) for area in kept if area.recommendations)


def _conditions(snapshot: Snapshot, filter: Filter) -> tuple[Condition, ...]:
    areas = {str(area.number): area.title for area in snapshot.areas}
    parties = {party.slug: party.name for entry in snapshot.recommendations for party in entry.parties}
    labels = {**snapshot.labels, NO_UPDATE: _("No update yet")}
    words = {
        "q": _("with “%(words)s”") % {"words": filter.q},
        "status": _("with the status “%(status)s”") % {"status": labels.get(filter.status, "")},
        "area": _("in area %(number)s, %(title)s") % {"number": filter.area, "title": areas.get(filter.area, "")},
        "party": _("addressed to %(party)s") % {"party": parties.get(filter.party, "")},
    }
    return tuple(
        Condition(name, told, filter.without(name).query) for name, told in words.items() if getattr(filter, name)
    )


def _standing(snapshot: Snapshot, entry: RecommendationEntry, found_in: UpdateEntry | None = None) -> Standing:
    latest = snapshot.updates_by_id[entry.timeline[-1]] if entry.timeline else None
    is_retired = entry.is_retired(snapshot.on)
    is_done = entry.status is not None and Status(entry.status.key).is_done
    age = snapshot.on - latest.dated_on if latest and not is_retired else None
    return Standing(
        entry=entry,
        label=snapshot.labels.get(entry.status_key, ""),
        is_retired=is_retired,
        is_recent=age is not None and age <= RECENT,
        is_quiet=age is not None and age > QUIET and not is_done,
        # The latest update stands beside it anyway.
        found_in=None if found_in == latest else found_in,
    )


def _timeline(
    snapshot: Snapshot, entry: RecommendationEntry, corrections: list[Correction], taken_down: Iterable[TakeDown]
) -> tuple[TimelineUpdate | Tombstone | Notice, ...]:
    """The updates of `entry` newest first; what stands in the place of others comes before the updates of its day."""
    told: list[TimelineUpdate | Tombstone | Notice] = [
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
        told.append(
            TimelineUpdate(
                entry=update,
                key=key,
                label=snapshot.labels.get(key, ""),
                is_change=key != before,
                before=before,
                label_before=snapshot.labels.get(before, ""),
                corrections=correction_lines(one for one in corrections if one.update_id == update.id),
            )
        )
    return tuple(sorted(told, key=lambda one: one.dated_on, reverse=True))


def _changed(correction: Correction) -> tuple[str, ...]:
    """What `correction` changed, in words; nothing where it withdrew the update, or where that was withdrawn since."""
    if correction.update is None:
        return plan_change(correction).sentences
    before, after = correction.before, correction.after
    if not before or not after or correction.corrected_update.withdrawn_at:
        return ()
    changed = []
    if before["text"] != after["text"]:
        changed.append(_("The text was changed."))
    if _dated(before) != _dated(after):
        changed.append(
            _("The date was %(before)s, and is %(after)s.") % {"before": _dated(before), "after": _dated(after)}
        )
    labels = {"": _("no status"), **{key: str(label) for key, label in Status.choices}}
    for reference in dict.fromkeys([*before["statuses"], *after["statuses"]]):
        old, new = before["statuses"].get(reference), after["statuses"].get(reference)
        names = {"reference": reference, "before": labels.get(old or ""), "after": labels.get(new or "")}
        if old is None:
            changed.append(_("It covers %(reference)s too: %(after)s.") % names)
        elif new is None:
            changed.append(_("It no longer covers %(reference)s.") % names)
        elif old != new:
            changed.append(_("The status of %(reference)s was %(before)s, and is %(after)s.") % names)
    if before["sums_up"] != after["sums_up"]:
        changed.append(_("It now sums up its period.") if after["sums_up"] else _("It no longer sums up its period."))
    if before["evidence"] != after["evidence"]:
        changed.append(_("The evidence was changed."))
    return tuple(changed)


def _dated(content: Mapping[str, str]) -> str:
    """The date of a stored content as precisely as it is known."""
    return dates.as_known(dt.date.fromisoformat(content["dated_on"]), content["dated_as_published"])


def _by_latest_update(numbered: tuple[int, Standing]) -> int:
    """The id of the latest update; a number of its own where there is none to share."""
    position, standing = numbered
    return -1 - position if standing.is_retired or not standing.entry.timeline else standing.entry.timeline[-1]


def _latest(snapshot: Snapshot, standing: Standing) -> LatestUpdate | None:
    if standing.is_retired or not standing.entry.timeline:
        return None
    return _shortened(snapshot.updates_by_id[standing.entry.timeline[-1]])


def _shortened(update: UpdateEntry) -> LatestUpdate:
    text = update.text.strip()
    if len(text) <= SHOWN_WHOLE:
        return LatestUpdate(update, text, rest="")
    beginning, _gap, rest = text.partition("\n\n")
    return LatestUpdate(update, beginning, rest.strip())
