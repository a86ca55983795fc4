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
# Columns that fit side by side on paper.
YEARS = 5


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
class Years:
    """The statuses at the end of each report's period; `columns` pairs those ends with the reports' titles.

    `notes` pairs the titles of the earlier reports that explain their statuses with their addresses.
    """

    columns: tuple[tuple[str, str], ...]
    rows: tuple[StatusRow, ...]
    notes: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Glance:
    """The numbers, drawings and tables of the “at a glance” part; `changes` and `years` need an earlier report."""

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
    return Glance(
        count=len(current),
        origins_since=_origins_since(snapshot),
        covered=len(snapshot.covered),
        totals=_present(snapshot.totals()),
        areas=tuple(
            _area_totals(area, _present(snapshot.totals(entries)), widest=widest)
            for area, entries in of_areas
            if entries and area.title
        ),
        changes=_changes(snapshot, snapshot.previous[-1]) if snapshot.previous else None,
        years=_years(snapshot, report, snapshot.previous[-(YEARS - 1) :]) if snapshot.previous else None,
    )


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


def _changes(snapshot: Snapshot, earlier: EarlierReport) -> Changes:
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
            _status_row(snapshot, entry, [_("From"), _("To")], [before.get(entry.reference), entry.status_key])
            for entry in snapshot.recommendations
            if kinds[entry.reference] in (ChangeKind.MOVED, ChangeKind.FIRST)
        ),
        groups=tuple((label, members) for label, members in groups if members),
    )


def _years(snapshot: Snapshot, report: ReportEntry, previous: Sequence[EarlierReport]) -> Years:
    ends = [dates.month(ends_on) for ends_on in (*(one.ends_on for one in previous), report.ends_on)]
    columns = [dict(earlier.statuses) for earlier in previous]
    return Years(
        columns=tuple(zip(ends, [*(one.title for one in previous), report.title], strict=True)),
        rows=tuple(
            _status_row(snapshot, entry, ends, [*(column.get(entry.reference) for column in columns), entry.status_key])
            for entry in snapshot.recommendations
        ),
        notes=tuple(
            (one.title, f"{settings.SITE_URL}{reverse('report', args=[one.note_slug])}")
            for one in previous
            if one.note_slug
        ),
    )


def _status_row(
    snapshot: Snapshot, entry: RecommendationEntry, columns: Iterable[str], statuses: Iterable[str | None]
) -> StatusRow:
    """A row for `entry`. A status is empty if there is none, and None if the report didn't list the recommendation."""
    return StatusRow(
        reference=entry.reference,
        anchor=entry.anchor,
        beginning=beginning(entry.text),
        cells=tuple(
            Cell(column, "", "", is_listed=False) if key is None else Cell(column, key, snapshot.labels.get(key, key))
            for column, key in zip(columns, statuses, strict=True)
        ),
    )


def beginning(text: str) -> str:
    """The first words of a recommendation, enough to recognize it; a short text is returned whole."""
    text = " ".join(text.split())
    if len(text) <= BEGINNING:
        return text
    return f"{text[: BEGINNING - 1].rpartition(' ')[0].rstrip('.,;:') or text[: BEGINNING - 1]}…"
