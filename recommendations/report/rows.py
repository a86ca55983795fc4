"""The table of one area in a report. What several rows, or the items of one row, have in common is said once."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from django.utils.translation import gettext as _

from recommendations.reading.entries import (
    AreaEntry,
    LinkEntry,
    RecommendationEntry,
    ReportEntry,
    Row,
    StatusOn,
    UpdateEntry,
    anchor_of,
)
from recommendations.reading.schema import Snapshot
from recommendations.text import dates
from recommendations.text.structure import line_count

# A row, or one recommendation of a row, with more printed lines than this may break across pages.
LINES_KEPT_TOGETHER = 14
# A longer title of a report would take several lines above each table.
LONGEST_HEAD = 48
# Updates with more printed lines than this, about a page and a half, are set in a wider column.
LINES_OF_A_COLUMN = 60


@dataclass(frozen=True)
class Item:
    """A recommendation as its cell shows it. `dated` is empty if the row or the page already says the date.

    `done_means` is empty unless it is completed: what had to be seen for that is said beside it. `lines` is about how
    many lines it takes in print.
    """

    entry: RecommendationEntry
    key: str
    label: str
    dated: str
    parties: str
    target: str
    done_means: str
    retired: str
    replaced_by: tuple[tuple[str, str], ...]
    lines: int

    @property
    def is_long(self) -> bool:
        """Whether keeping it on one page would leave gaps."""
        return self.lines > LINES_KEPT_TOGETHER


@dataclass(frozen=True)
class Statement:
    """An update as its cell shows it; `dated` as for `Item`. `reference` is its name in a draft, such as “U7”.

    An update is printed only once. If a row above prints it, `printed_under` is the first recommendation of that row.
    """

    id: int
    text: str
    dated: str
    evidence: tuple[LinkEntry, ...]
    corrections: tuple[tuple[str, str], ...]
    reference: str = ""
    printed_under: RecommendationEntry | None = None

    @property
    def lines(self) -> int:
        """About how many lines it takes in print, where the addresses of its evidence are spelled out."""
        if self.printed_under:
            return 0
        small = [f"{link.label} {link.address} {link.archived_address}" for link in self.evidence]
        small += [note for _date, note in self.corrections]
        return len(self.text) // 48 + 2 * self.text.count("\n") + 2 + sum(len(line) // 48 + 1 for line in small)


@dataclass(frozen=True)
class TableRow:
    """A row of an area's table.

    `references` names its recommendations. `parties` says once who neighbouring items are addressed to, if it is the
    same for them.
    """

    references: str
    items: tuple[Item, ...]
    parties: tuple[str, ...]
    statements: tuple[Statement, ...]

    @property
    def is_long(self) -> bool:
        """Whether keeping it on one page would leave gaps."""
        return max(self._lines_of_items, self._lines_of_statements) > LINES_KEPT_TOGETHER

    @property
    def is_wide(self) -> bool:
        """Whether its updates would run on beside an empty column for more than a page."""
        return self._lines_of_statements > max(LINES_OF_A_COLUMN, 2 * self._lines_of_items)

    @property
    def _lines_of_items(self) -> int:
        return sum(item.lines for item in self.items) + sum(len(parties) // 45 for parties in self.parties)

    @property
    def _lines_of_statements(self) -> int:
        return sum(statement.lines for statement in self.statements)


@dataclass(frozen=True)
class Table:
    """The recommendations of one area; `label` comes before its title.

    `rows` are those with updates in the period. `without` are the others, a short list with the last status of each;
    `parties` is for them what it is for a row.
    """

    number: int
    label: str
    title: str
    introduction: str
    columns: tuple[str, str]
    rows: tuple[TableRow, ...]
    without: tuple[Item, ...]
    parties: tuple[str, ...]
    is_numbered: bool

    @property
    def parts(self) -> tuple[tuple[TableRow, ...], ...]:
        """The rows as tables: neighbours whose columns are as wide."""
        return tuple(tuple(rows) for _is_wide, rows in groupby(self.rows, key=lambda row: row.is_wide))

    @property
    def heading(self) -> str:
        return f"{self.label} {self.title}".strip()


def dated(entry: UpdateEntry | StatusOn) -> str:
    """The date of an update, or of the status it records, as precisely as it is known."""
    return dates.as_known(entry.dated_on, entry.dated_as_published)


def only_date(updates: Iterable[UpdateEntry]) -> str:
    """The date that several updates have in common, to be said once; empty if dates differ or there is one update."""
    said = [dated(update) for update in updates]
    return said[0] if len(said) > 1 and len(set(said)) == 1 else ""


def table(snapshot: Snapshot, area: AreaEntry, *, report: ReportEntry, dated_once: str) -> Table:
    one, plan = len(area.recommendations) == 1, snapshot.plan
    is_numbered = bool(area.title) and area.is_numbered
    without = [entry for entry in area.recommendations if not entry.shown]
    # Only if it is the same for all: between the first and the last of the list stand others, which have updates.
    shared = _shared_parties(without) if len({_parties(entry) for entry in without}) == 1 else ()
    label = _("Area %(number)d:") if plan.recommendation_name else _("Recommendation Area %(number)d:")
    return Table(
        number=area.number,
        label=label % {"number": area.number} if is_numbered else "",
        title=area.title or plan.heading_of_several,
        introduction=area.introduction,
        columns=(
            plan.heading_of_one if one else plan.heading_of_several,
            report.title if len(report.title) <= LONGEST_HEAD else _("Updates"),
        ),
        rows=tuple(
            _row(snapshot, row, dated_once=dated_once, printed=printed)
            for row, printed in _with_printed(snapshot.rows(area))
            if row.updates
        ),
        without=tuple(_item(snapshot, entry, shared=bool(shared), said=()) for entry in without),
        parties=shared,
        is_numbered=is_numbered,
    )


def _with_printed(rows: Iterable[Row]) -> Iterator[tuple[Row, Mapping[int, RecommendationEntry]]]:
    """Each row with the ids of the updates that rows above print, and the first recommendation of each such row."""
    printed: dict[int, RecommendationEntry] = {}
    for row in rows:
        yield row, dict(printed)
        for update in row.updates:
            printed.setdefault(update.id, row.recommendations[0])


def _row(snapshot: Snapshot, row: Row, *, dated_once: str, printed: Mapping[int, RecommendationEntry]) -> TableRow:
    parties = _shared_parties(row.recommendations)
    said = {update.id for update in row.updates} if len(row.updates) == 1 or dated_once else set()
    return TableRow(
        references=_first_to_last(row.recommendations),
        items=tuple(_item(snapshot, entry, shared=bool(parties), said=said) for entry in row.recommendations),
        parties=parties,
        statements=tuple(
            _statement(update, dated_once=dated_once, printed_under=printed.get(update.id)) for update in row.updates
        ),
    )


def _item(snapshot: Snapshot, entry: RecommendationEntry, *, shared: bool, said: Iterable[int]) -> Item:
    status = entry.status
    done_means = entry.done_means if entry.is_done else ""
    parties = "" if shared else _parties(entry)
    retired = dates.day(entry.retired_on) if entry.retired_on and entry.is_retired(snapshot.on) else ""
    small = (done_means, parties, entry.retired_reason if retired else "")
    known = {recommendation.reference for recommendation in snapshot.recommendations}
    return Item(
        entry=entry,
        key=entry.status_key,
        label=snapshot.labels.get(entry.status_key, entry.status_key),
        dated=dated(status) if status and status.update_id not in said else "",
        parties=parties,
        target=entry.target,
        done_means=done_means,
        retired=retired,
        replaced_by=tuple((other, f"#{anchor_of(other)}" if other in known else "") for other in entry.replaced_by),
        lines=line_count(entry.text, width=45) + sum(len(words) // 45 for words in small) + 3,
    )


def _parties(entry: RecommendationEntry) -> str:
    return "; ".join(party.name for party in entry.parties)


def _shared_parties(entries: Sequence[RecommendationEntry]) -> tuple[str, ...]:
    """Who runs of `entries` are addressed to, a sentence for each run; none if no two neighbours have it in common."""
    runs = [(parties, list(run)) for parties, run in groupby(entries, key=_parties)]
    if len(runs) == len(entries):
        return ()
    if len(runs) == 1:
        return (_("All addressed to: %(parties)s") % {"parties": runs[0][0]},) if runs[0][0] else ()
    return tuple(
        _("%(references)s addressed to: %(parties)s") % {"references": _first_to_last(run), "parties": parties}
        for parties, run in runs
        if parties
    )


def _first_to_last(entries: Sequence[RecommendationEntry]) -> str:
    first, last = entries[0].reference, entries[-1].reference
    if len(entries) == 1:
        return first
    return _("%(start)s to %(end)s") % {"start": first, "end": last}


def _statement(update: UpdateEntry, *, dated_once: str, printed_under: RecommendationEntry | None) -> Statement:
    return Statement(
        id=update.id,
        text=update.text,
        dated="" if dated_once else dated(update),
        evidence=update.evidence,
        corrections=tuple((dates.day(entry.corrected_at), entry.note) for entry in update.corrections),
        printed_under=printed_under,
    )
