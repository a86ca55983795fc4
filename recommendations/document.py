"""A report's snapshot to its `<article>`: the same words for the web page, the PDF and the frozen edition.

The article links to nothing but its own parts and absolute addresses, and carries no style and no script: what wraps it
brings those. It is frozen with an edition, so it says nothing that is only true today.
"""

import datetime as dt
import re
from base64 import b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localdate
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from .snapshot import (
    AreaEntry,
    EditionEntry,
    LinkEntry,
    PlanEntry,
    RecommendationEntry,
    ReportEntry,
    Row,
    SectionEntry,
    Snapshot,
    StatusMeaning,
    StatusOn,
    UpdateEntry,
)

LINES_KEPT_TOGETHER = 24
# Enough for the First Nations names; a reader's own fonts do for the rest of a file that is to stay small.
FACES_INSIDE = ("Regular-latin", "Regular-extended", "Bold-latin", "Bold-extended")


@dataclass(frozen=True)
class Item:
    """A recommendation as its cell shows it. `dated` is empty where the row or the page says the date already."""

    entry: RecommendationEntry
    key: str
    label: str
    dated: str
    parties: str
    target: str
    retired: str
    replaced_by: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Statement:
    """An update as its cell shows it; `dated` as for `Item`."""

    text: str
    dated: str
    evidence: tuple[LinkEntry, ...]
    corrections: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class TableRow:
    """A row of an area's table. `parties` says whom neighbouring items are addressed to, once for all of them, where
    they share it; `last` is the status where nothing is new."""

    items: tuple[Item, ...]
    parties: tuple[str, ...]
    statements: tuple[Statement, ...]
    last: str

    @property
    def is_long(self) -> bool:
        """Whether it takes more than some half of a printed page, so that keeping it whole would leave pages bare."""
        left = sum(len(item.entry.text) // 45 + 3 for item in self.items)
        right = sum(len(statement.text) // 48 + 2 * statement.text.count("\n") + 2 for statement in self.statements)
        return max(left, right) > LINES_KEPT_TOGETHER


@dataclass(frozen=True)
class Table:
    number: int
    title: str
    introduction: str
    columns: tuple[str, str]
    rows: tuple[TableRow, ...]

    @property
    def heading(self) -> str:
        return f"{self.label} {self.title}"

    @property
    def label(self) -> str:
        return _("Recommendation Area %(number)d:") % {"number": self.number}


@dataclass(frozen=True)
class Section:
    anchor: str
    entry: SectionEntry


@dataclass(frozen=True)
class Document:
    """All that the article's template is given."""

    plan: PlanEntry
    report: ReportEntry
    title_lines: tuple[str, ...]
    conference_dates: str
    period: str
    cover_date: str
    before: tuple[Section, ...]
    tables: tuple[Table, ...]
    after: tuple[Section, ...]
    meanings: tuple[StatusMeaning, ...]
    dated_once: str
    status_note: str
    edition: EditionEntry | None
    edition_published: str
    edition_address: str
    address: str


def article(snapshot: Snapshot) -> str:
    """The report's `<article>`, from a snapshot with a report; without an edition it says that it is a preview."""
    context = {"document": document(snapshot), "language": get_language() or settings.LANGUAGE_CODE}
    return render_to_string("report/_article.html", context)


def page(article: str, snapshot: Snapshot) -> str:
    """`article`, the report of `snapshot`, as a whole HTML file that needs no other: styles, marks and fonts within."""
    report = snapshot.report
    context = {
        "article": article,
        "language": get_language() or settings.LANGUAGE_CODE,
        "title": f"{report.title} – {snapshot.plan.title}" if report else snapshot.plan.title,
        "styles": "\n".join(_with_files_inside(name) for name in ("fonts.css", "base.css", "site.css", "report.css")),
    }
    return render_to_string("report/page.html", context)


def _with_files_inside(stylesheet: str) -> str:
    """The text of a bundled stylesheet with its files as data; without the faces that are not in FACES_INSIDE."""
    folder = settings.BASE_DIR / "static" / "css"

    def inside(found: re.Match[str]) -> str:
        path = folder / found[1]
        kind = "image/svg+xml" if path.suffix == ".svg" else "font/woff2"
        return f'url("data:{kind};base64,{b64encode(path.read_bytes()).decode()}")'

    text = re.sub(
        r"@font-face \{.*?\}\n",
        lambda found: found[0] if any(face in found[0] for face in FACES_INSIDE) else "",
        (folder / stylesheet).read_text(encoding="utf-8"),
        flags=re.DOTALL,
    )
    return re.sub(r'url\("(\.\./(?:fonts|marks)/[^"]+)"\)', inside, text)


def document(snapshot: Snapshot) -> Document:
    """What the article says, as values: dates in words, rows with what they share, only the statuses that occur."""
    report, plan, edition = snapshot.report, snapshot.plan, snapshot.edition
    if report is None:
        raise ValueError("A snapshot without a report has no article.")
    period = period_in_words(report.starts_on, report.ends_on)
    dated_once = _only_date(snapshot.updates)
    return Document(
        plan=plan,
        report=report,
        title_lines=title_lines(plan.title),
        conference_dates=plan.conference_dates_as_published
        or period_in_words(plan.conference_starts_on, plan.conference_ends_on),
        period=period,
        cover_date=report.originally_published or period,
        before=_sections(report.sections_before, "before"),
        tables=tuple(
            _table(snapshot, area, report=report, dated_once=dated_once)
            for area in snapshot.areas
            if area.recommendations
        ),
        after=_sections(report.sections_after, "after"),
        meanings=_meanings(snapshot),
        dated_once=dated_once,
        status_note=snapshot.status_note,
        edition=edition,
        edition_published=day(edition.published_on) if edition else "",
        edition_address=_absolute("edition", report.slug, edition.number) if edition else "",
        address=_absolute("report", report.slug),
    )


def title_lines(title: str) -> tuple[str, ...]:
    """A title as its lines: what ends with the first colon, and what follows it, if anything does."""
    first, colon, second = title.partition(": ")
    return (first + ":", second.strip()) if colon and second.strip() else (title,)


def day(date: dt.date) -> str:
    """A day as readers write it: June 30, 2020."""
    return date_format(date, _("F j, Y"))


def period_in_words(starts_on: dt.date, ends_on: dt.date) -> str:
    """A period, both days included: May 30, 2019 to June 30, 2020; one day alone as itself."""
    if starts_on == ends_on:
        return day(starts_on)
    return _("%(start)s to %(end)s") % {"start": day(starts_on), "end": day(ends_on)}


def dated(entry: UpdateEntry | StatusOn) -> str:
    """The date of an update, or of the status it records, as precisely as it is known."""
    return entry.dated_as_published or day(entry.dated_on)


def _only_date(updates: Iterable[UpdateEntry]) -> str:
    """The date that several updates all carry, to be said once; empty where they differ or there is but one."""
    dates = [dated(update) for update in updates]
    return dates[0] if len(dates) > 1 and len(set(dates)) == 1 else ""


def _sections(entries: Iterable[SectionEntry], placement: str) -> tuple[Section, ...]:
    return tuple(Section(f"section-{placement}-{number}", entry) for number, entry in enumerate(entries, start=1))


def _meanings(snapshot: Snapshot) -> tuple[StatusMeaning, ...]:
    """The statuses that occur, in their order; last, where it occurs, that there was no update yet."""
    used = {recommendation.status.key if recommendation.status else "" for recommendation in snapshot.recommendations}
    meanings = tuple(meaning for meaning in snapshot.statuses if meaning.key in used)
    if "" not in used:
        return meanings
    nothing = _("No update about it was published so far. That does not mean that nothing happened.")
    return (*meanings, StatusMeaning("", _("No update yet"), nothing, ""))


def _table(snapshot: Snapshot, area: AreaEntry, *, report: ReportEntry, dated_once: str) -> Table:
    one = len(area.recommendations) == 1
    return Table(
        number=area.number,
        title=area.title,
        introduction=area.introduction,
        columns=(_("Recommendation") if one else _("Recommendations"), report.title),
        rows=tuple(_row(snapshot, row, dated_once=dated_once) for row in snapshot.rows(area)),
    )


def _row(snapshot: Snapshot, row: Row, *, dated_once: str) -> TableRow:
    parties = _shared_parties(row.recommendations)
    said = {update.id for update in row.updates} if len(row.updates) == 1 or dated_once else set()
    last = ""
    if not row.updates and (status := row.recommendations[0].status):
        last = _("Last status: %(label)s, %(date)s.") % {
            "label": snapshot.labels.get(status.key, status.key),
            "date": dated(status),
        }
    return TableRow(
        items=tuple(
            _item(snapshot, entry, shared=bool(parties), is_dated=bool(row.updates), said=said)
            for entry in row.recommendations
        ),
        parties=parties,
        statements=tuple(_statement(update, dated_once=dated_once) for update in row.updates),
        last=last,
    )


def _item(snapshot: Snapshot, entry: RecommendationEntry, *, shared: bool, is_dated: bool, said: Iterable[int]) -> Item:
    status = entry.status
    known = {recommendation.reference for recommendation in snapshot.recommendations}
    return Item(
        entry=entry,
        key=status.key if status else "",
        label=snapshot.labels.get(status.key, status.key) if status else "",
        dated=dated(status) if status and is_dated and status.update_id not in said else "",
        parties="" if shared else _parties(entry),
        target=entry.target_as_published or (day(entry.target_on) if entry.target_on else ""),
        retired=day(entry.retired_on) if entry.retired_on else "",
        replaced_by=tuple((other, f"#r{other}" if other in known else "") for other in entry.replaced_by),
    )


def _parties(entry: RecommendationEntry) -> str:
    return "; ".join(party.name for party in entry.parties)


def _shared_parties(entries: Sequence[RecommendationEntry]) -> tuple[str, ...]:
    """Whom runs of `entries` are addressed to, a sentence for each run; none where no two neighbours share it."""
    runs = [(parties, list(run)) for parties, run in groupby(entries, key=_parties)]
    if len(runs) == len(entries):
        return ()
    if len(runs) == 1:
        return (_("For all of these: %(parties)s") % {"parties": runs[0][0]},) if runs[0][0] else ()
    return tuple(
        _("For %(references)s: %(parties)s") % {"references": _run_in_words(run), "parties": parties}
        for parties, run in runs
        if parties
    )


def _run_in_words(entries: Sequence[RecommendationEntry]) -> str:
    first, last = entries[0].reference, entries[-1].reference
    if len(entries) == 1:
        return first
    return _("%(start)s to %(end)s") % {"start": first, "end": last}


def _statement(update: UpdateEntry, *, dated_once: str) -> Statement:
    return Statement(
        text=update.text,
        dated="" if dated_once else dated(update),
        evidence=update.evidence,
        corrections=tuple((day(localdate(entry.corrected_at)), entry.note) for entry in update.corrections),
    )


def _absolute(name: str, *args: object) -> str:
    return f"{settings.SITE_URL}{reverse(name, args=args)}"
