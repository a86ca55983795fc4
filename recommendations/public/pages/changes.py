"""What changed from one report to the next, and the status of every recommendation in every report."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from recommendations.reading.comparison import Change, ChangeKind, Comparison, Matrix
from recommendations.reading.entries import RecommendationEntry, ReportEntry
from recommendations.reading.schema import Snapshot, StatusTotal
from recommendations.reading.summaries import sentence_of_changes
from recommendations.report.document import language_of
from recommendations.report.glance import beginning
from recommendations.text import structure

from . import sizes
from .areas import ShortenedUpdate, shortened

# With more reports than this a table says them in rows of their own: no screen fits as many columns of words.
COLUMNS = 4


@dataclass(frozen=True)
class ChangeLine:
    """One recommendation that a report compares with the report before it. Labels are empty for no status.

    `updates` say why: those that the public still reads. `hidden` is how many it no longer does.
    """

    entry: RecommendationEntry
    key: str
    label: str
    before: str
    label_before: str
    updates: tuple[ShortenedUpdate, ...]
    hidden: int


@dataclass(frozen=True)
class ChangeSection:
    """The recommendations with the same kind of change, `count` in all; `tells_why` where their updates are shown in
    full."""

    slug: str
    title: str
    meaning: str
    tells_why: bool
    count: int
    lines: tuple[ChangeLine, ...]


@dataclass(frozen=True)
class ChangesView:
    """What changed from one report to the next, first in one sentence; languages of the two: see `other_language`."""

    sentence: str
    before: ReportEntry | None
    after: ReportEntry | None
    language_before: str
    language: str
    sections: tuple[ChangeSection, ...]


@dataclass(frozen=True)
class TotalsView:
    """How many recommendations had which status in each report, oldest report first; the longest bar counts `most`.

    `lines` have a status that some report counts, with its total in each.
    """

    reports: tuple[ReportEntry, ...]
    most: int
    lines: tuple[tuple[StatusTotal, ...], ...]

    @property
    def is_wide(self) -> bool:
        return len(self.reports) > COLUMNS

    @property
    def cells(self) -> tuple[tuple[StatusTotal, tuple[tuple[ReportEntry, StatusTotal], ...]], ...]:
        """Each line with the total that names it, the newest, and its totals beside their reports."""
        return tuple((line[-1], tuple(zip(self.reports, line, strict=True))) for line in self.lines)


@dataclass(frozen=True)
class MatrixCell:
    """The status in one report; `key` is None where the report didn't list the recommendation.

    `language` is that of the label: see `other_language`.
    """

    report: ReportEntry
    key: str | None
    label: str
    language: str


@dataclass(frozen=True)
class MatrixLine:
    """A recommendation in every report; retired where it was so at the end of the newest."""

    entry: RecommendationEntry
    beginning: str
    is_retired: bool
    cells: tuple[MatrixCell, ...]


@dataclass(frozen=True)
class MatrixView:
    """The status of every recommendation in every report, oldest report first."""

    reports: tuple[ReportEntry, ...]
    languages: tuple[str, ...]
    lines: tuple[MatrixLine, ...]

    @property
    def headings(self) -> tuple[tuple[ReportEntry, str], ...]:
        """Each report with its language."""
        return tuple(zip(self.reports, self.languages, strict=True))

    @property
    def is_wide(self) -> bool:
        return len(self.reports) > COLUMNS

    @property
    def notes(self) -> tuple[ReportEntry, ...]:
        """The reports that explain their statuses."""
        return tuple(report for report in self.reports if report.status_note)


@dataclass(frozen=True)
class ChangesPart:
    """What one page lists: some sections, and some lines of the matrix."""

    sections: tuple[ChangeSection, ...]
    matrix: MatrixView


def other_language(snapshot: Snapshot) -> str:
    """The language of what `snapshot` says, for HTML, where the page is in another one; empty else."""
    language = language_of(snapshot)
    return "" if language == get_language() else language


def changes_view(comparison: Comparison, *, public: Collection[int]) -> ChangesView:
    """The comparison of two reports as a page; only updates with the ids `public` are shown."""
    kinds = (
        (ChangeKind.MOVED, _("Status changed"), "", True),
        (ChangeKind.FIRST, _("First status"), "", True),
        (
            ChangeKind.NEW,
            _("New %(names)s") % {"names": comparison.after.plan.name_of_several},
            _("They were not in the previous report."),
            True,
        ),
        (ChangeKind.RETIRED, _("Retired"), _("They are no longer tracked; each says what replaced it."), True),
        (ChangeKind.UNCHANGED, _("Updated, with the same status"), "", False),
        (
            ChangeKind.NO_UPDATE,
            _("No update in this period"),
            _("That is not evidence that nothing happened."),
            False,
        ),
    )
    return ChangesView(
        sentence=sentence_of_changes(comparison),
        before=comparison.before.report,
        after=comparison.after.report,
        language_before=other_language(comparison.before),
        language=other_language(comparison.after),
        sections=tuple(
            ChangeSection(
                slug=kind.name.lower().replace("_", "-"),
                title=title,
                meaning=meaning,
                tells_why=tells_why,
                count=len(changes := comparison.of_kind(kind)),
                lines=tuple(_change_line(comparison, change, public) for change in changes),
            )
            for kind, title, meaning, tells_why in kinds
        ),
    )


def totals_view(snapshots: Sequence[Snapshot]) -> TotalsView:
    """The totals of the reports that `snapshots` are of, oldest first, by the words that the newest has for them."""
    counts = [{total.key: total.count for total in snapshot.totals()} for snapshot in snapshots]
    labels: dict[str, str] = {}
    for snapshot in snapshots:
        labels |= snapshot.labels
    counted = [key for key in (*labels, "") if any(totals.get(key) for totals in counts)]
    return TotalsView(
        reports=tuple(snapshot.report for snapshot in snapshots if snapshot.report),
        most=max((max(totals.values()) for totals in counts), default=0),
        lines=tuple(
            tuple(StatusTotal(key, labels.get(key, ""), totals.get(key, 0)) for totals in counts) for key in counted
        ),
    )


def matrix_view(matrix: Matrix, snapshots: Sequence[Snapshot]) -> MatrixView:
    """`matrix` of `snapshots`, with the labels that each report gave its statuses."""
    languages = tuple(map(other_language, snapshots))
    return MatrixView(
        reports=matrix.reports,
        languages=languages,
        lines=tuple(
            MatrixLine(
                row.entry,
                beginning(structure.one_line(row.entry.text)),
                row.entry.is_retired(snapshots[-1].on),
                tuple(
                    MatrixCell(report, key, snapshot.labels.get(key or "", ""), language)
                    for report, key, snapshot, language in zip(
                        matrix.reports, row.statuses, snapshots, languages, strict=True
                    )
                ),
            )
            for row in matrix.rows
        ),
    )


def changes_parts(changes: ChangesView | None, matrix: MatrixView) -> tuple[ChangesPart, ...]:
    """The sections and the matrix in as many parts as take pages of their own; a section may be cut."""
    sections = changes.sections if changes else ()
    rows: list[Row] = [
        *((section, line) for section in sections for line in section.lines),
        *((None, line) for line in matrix.lines),
    ]
    return tuple(
        ChangesPart(
            tuple(replace(section, lines=found) for section in sections if (found := _lines_of(section, part))),
            replace(matrix, lines=_lines_of(None, part)),
        )
        for part in sizes.in_pages(rows, _size)
    )


def first_page(section: ChangeSection, parts: Iterable[ChangesPart]) -> int:
    """The number of the page that `section` begins on; 0 where it has no lines."""
    numbers = (number for number, part in enumerate(parts, 1) if section.slug in {one.slug for one in part.sections})
    return next(numbers, 0)


# A line of a section, or of the matrix, which is in none.
Row = tuple[ChangeSection | None, Any]


def _lines_of(section: ChangeSection | None, rows: Iterable[Row]) -> tuple[Any, ...]:
    return tuple(line for of_section, line in rows if of_section is section)


def _size(row: Row) -> int:
    section, line = row
    if isinstance(line, MatrixLine):
        return sizes.UPDATE + 2 * sizes.LINK * len(line.cells)
    shown = (update.beginning for update in line.updates if section and section.tells_why)
    return sizes.of_recommendation(line.entry) + sizes.UPDATE * len(line.updates) + sum(map(sizes.of_text, shown))


def _change_line(comparison: Comparison, change: Change, public: Collection[int]) -> ChangeLine:
    updates = [update for update in change.updates if update.id in public]
    return ChangeLine(
        entry=change.entry,
        key=change.status_after,
        label=comparison.after.labels.get(change.status_after, ""),
        before=change.status_before,
        label_before=comparison.before.labels.get(change.status_before, ""),
        updates=tuple(shortened(update) for update in updates),
        hidden=len(change.updates) - len(updates),
    )
