"""The “at a glance” part of a report: how many recommendations have which status, what changed, and past years."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from recommendations.reading import origins
from recommendations.reading.comparison import ChangeKind, kind_of
from recommendations.reading.entries import AreaEntry, EarlierReport, RecommendationEntry, ReportEntry
from recommendations.reading.schema import Snapshot, StatusTotal
from recommendations.report import charts
from recommendations.text import dates

from .styles import print_palette

# Characters of a recommendation's text that fit in one line of a table.
BEGINNING = 54
# Columns that fit side by side on paper: with the words of each status, and with their marks alone.
YEARS_IN_WORDS, YEARS = 3, 12
# Characters that fit in the line of a table of years: beside words, in all, and what each column of marks takes of it.
BESIDE_WORDS, WHOLE_LINE, MARKS_COLUMN = 36, 110, 7
# The usual length of a reference, in characters, and the longer ones that style sheets have room for.
USUAL_REFERENCE, ROOMS = 3, (4, 6, 10)
# Longer labels of statuses may take two lines.
LONGEST_IN_A_LINE = 24


@dataclass(frozen=True)
class AreaTotals:
    """How many of an area's recommendations have which status, as a drawing and as numbers."""

    number: int
    title: str
    drawing: SafeString
    totals: tuple[StatusTotal, ...]
    is_numbered: bool


@dataclass(frozen=True)
class Cell:
    """A status in a table; `is_listed` is false if the column's report didn't list the recommendation."""

    column: str
    key: str
    label: str
    is_listed: bool = True


@dataclass(frozen=True)
class StatusRow:
    """A recommendation, with its reference, the beginning of its text, and its statuses in several reports."""

    reference: str
    anchor: str
    beginning: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Changes:
    """What changed since the report with the title `since`. `groups` are lists of numbers under a label."""

    since: str
    moved: tuple[StatusRow, ...]
    groups: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]


@dataclass(frozen=True)
class YearColumn:
    """A report in a table of years: its title, the month its period ends in, and that month as the column's head."""

    title: str
    ends: str
    head: str


@dataclass(frozen=True)
class Years:
    """The statuses at the end of each report's period, from the first report on; `left_out` doesn't fit.

    `marks` is empty where there is room for words. Else the cells show marks, and it pairs the keys and labels of those
    that occur; `has_blanks` if some cells show nothing, because their report didn't list the recommendation.
    `notes` pairs the titles of the earlier reports that explain their statuses with their addresses.
    """

    columns: tuple[YearColumn, ...]
    left_out: tuple[YearColumn, ...]
    rows: tuple[StatusRow, ...]
    marks: tuple[tuple[str, str], ...]
    has_blanks: bool
    notes: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Glance:
    """The numbers, drawings and tables of the “at a glance” part; `changes` and `years` need an earlier report.

    `references_room` is the number of characters that the whole report leaves room for before the texts;
    `has_long_labels` if it has labels of statuses that don't fit in every column.
    """

    references_room: int
    has_long_labels: bool
    count: int
    origins_since: str
    covered: int
    totals: tuple[StatusTotal, ...]
    areas: tuple[AreaTotals, ...]
    changes: Changes | None
    years: Years | None


def glance(snapshot: Snapshot, report: ReportEntry) -> Glance:
    current = {entry.reference for entry in snapshot.current}
    of_areas = [
        (area, [entry for entry in area.recommendations if entry.reference in current]) for area in snapshot.areas
    ]
    widest = max((len(entries) for _area, entries in of_areas), default=0)
    room = references_room(entry.reference for entry in snapshot.recommendations)
    return Glance(
        references_room=room,
        has_long_labels=any(len(label) > LONGEST_IN_A_LINE for label in snapshot.labels.values()),
        count=len(current),
        origins_since=_origins_since(snapshot),
        covered=len(snapshot.covered),
        totals=_present(snapshot.totals()),
        areas=tuple(
            _area_totals(area, _present(snapshot.totals(entries)), widest=widest)
            for area, entries in of_areas
            if entries and area.title
        ),
        changes=_changes(snapshot, snapshot.previous[-1], room=room) if snapshot.previous else None,
        years=_years(snapshot, report, room=room) if snapshot.previous else None,
    )


def references_room(references: Iterable[str]) -> int:
    """For how many characters there is room before the texts: enough for nine references in ten; 0 for the usual room.

    A longer one pushes its text aside.
    """
    lengths = sorted(map(len, references))
    most = lengths[(len(lengths) - 1) * 9 // 10] if lengths else 0
    return next((room for room in ROOMS if most <= room), ROOMS[-1]) if most > USUAL_REFERENCE else 0


def earlier_columns(previous: Sequence[EarlierReport]) -> tuple[EarlierReport, ...]:
    """The earlier reports that have a column in the table of years: the first, and the newest that fit beside it."""
    return (*previous[:1], *previous[1:][-(YEARS - 2) :])


def _origins_since(snapshot: Snapshot) -> str:
    """How many recommendations were adopted, and how many were added or retired since; empty if none were."""
    if not origins.sentences_since(snapshot.origins):
        return ""
    return origins.sentences(snapshot.origins, plan=snapshot.plan)


def _area_totals(area: AreaEntry, totals: tuple[StatusTotal, ...], *, widest: int) -> AreaTotals:
    counts = ", ".join(_("%(label)s: %(text)s") % {"label": total.label, "text": total.count} for total in totals)
    drawing = charts.strip(totals, widest=widest, label=f"{area.title}. {counts}.", palette=print_palette())
    return AreaTotals(area.number, area.title, drawing, totals, area.is_numbered)


def _present(totals: Iterable[StatusTotal]) -> tuple[StatusTotal, ...]:
    """The totals that aren't zero, each with a label; the one for recommendations without an update gets one here."""
    return tuple(
        StatusTotal(total.key, total.label or _("No update yet"), total.count) for total in totals if total.count
    )


def _changes(snapshot: Snapshot, earlier: EarlierReport, *, room: int) -> Changes:
    before = dict(earlier.statuses)
    kinds = {
        entry.reference: kind_of(before.get(entry.reference), entry, snapshot) for entry in snapshot.recommendations
    }
    labels = {
        ChangeKind.NEW: _("New"),
        ChangeKind.RETIRED: _("Retired"),
        ChangeKind.UNCHANGED: _("Updated, with the same status"),
        ChangeKind.NO_UPDATE: _("No update in this period"),
    }
    groups = (
        (
            label,
            tuple(
                (entry.reference, entry.anchor) for entry in snapshot.recommendations if kinds[entry.reference] == kind
            ),
        )
        for kind, label in labels.items()
    )
    return Changes(
        since=earlier.title,
        moved=tuple(
            _status_row(
                snapshot,
                entry,
                [_("From"), _("To")],
                [before.get(entry.reference), entry.status_key],
                length=BEGINNING - room,
            )
            for entry in snapshot.recommendations
            if kinds[entry.reference] in (ChangeKind.MOVED, ChangeKind.FIRST)
        ),
        groups=tuple((label, members) for label, members in groups if members),
    )


def _years(snapshot: Snapshot, report: ReportEntry, *, room: int) -> Years:
    previous = earlier_columns(snapshot.previous)
    is_in_words = len(previous) < YEARS_IN_WORDS
    head = dates.month if is_in_words else dates.short_month
    reports = [*((one.title, one.ends_on) for one in previous), (report.title, report.ends_on)]
    columns = tuple(YearColumn(title, dates.month(ends_on), head(ends_on)) for title, ends_on in reports)
    if is_in_words:
        length = BEGINNING if len(columns) < YEARS_IN_WORDS else BESIDE_WORDS
    else:
        length = max(BESIDE_WORDS, WHOLE_LINE - MARKS_COLUMN * len(columns))
    before = [dict(earlier.statuses) for earlier in previous]
    rows = tuple(
        _status_row(
            snapshot,
            entry,
            [column.ends for column in columns],
            [*(statuses.get(entry.reference) for statuses in before), entry.status_key],
            length=length - room,
        )
        for entry in snapshot.recommendations
    )
    cells = [cell for row in rows for cell in row.cells]
    labels = {cell.key: cell.label for cell in cells if cell.is_listed}
    order = (*snapshot.labels, *filter(None, labels), "")
    return Years(
        columns=columns,
        left_out=tuple(
            YearColumn(one.title, month := dates.month(one.ends_on), month)
            for one in snapshot.previous
            if one not in previous
        ),
        rows=rows,
        marks=() if is_in_words else tuple((key, labels[key]) for key in dict.fromkeys(order) if key in labels),
        has_blanks=not is_in_words and not all(cell.is_listed for cell in cells),
        notes=tuple(
            (one.title, f"{settings.SITE_URL}{reverse('report', args=[one.note_slug])}")
            for one in previous
            if one.note_slug
        ),
    )


def _status_row(
    snapshot: Snapshot,
    entry: RecommendationEntry,
    columns: Iterable[str],
    statuses: Iterable[str | None],
    *,
    length: int,
) -> StatusRow:
    """A row for `entry`, with `length` characters of its text.

    A status is empty if there is none, and None if the report didn't list the recommendation.
    """
    return StatusRow(
        reference=entry.reference,
        anchor=entry.anchor,
        beginning=beginning(entry.text, length=length),
        cells=tuple(
            Cell(column, "", "", is_listed=False) if key is None else Cell(column, key, snapshot.labels.get(key, key))
            for column, key in zip(columns, statuses, strict=True)
        ),
    )


def beginning(text: str, *, length: int = BEGINNING) -> str:
    """The first words of a recommendation, enough to recognize it; a text of at most `length` characters is whole."""
    text = " ".join(text.split())
    if len(text) <= length:
        return text
    return f"{text[: length - 1].rpartition(' ')[0].rstrip('.,;:') or text[: length - 1]}…"
