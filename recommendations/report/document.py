"""A report's snapshot to its `<article>`: the same words for the web page, the PDF and the frozen edition.

The article links to nothing but its own parts and absolute addresses, and carries no style and no script: what wraps it
brings those. Logos alone are named by their paths, which hold their hashes: they stay as long as the edition. It is
frozen with an edition, so it says nothing that is only true today.
"""

import re
import unicodedata
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from html import escape
from itertools import groupby

import segno
from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import escape as escape_as_templates_do
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from recommendations.models import Status
from recommendations.models.statuses import status_slug
from recommendations.reading import origins
from recommendations.reading.comparison import ChangeKind, kind_of
from recommendations.reading.entries import (
    AreaEntry,
    CorrectedUpdate,
    EarlierReport,
    EditionEntry,
    LinkEntry,
    LogoEntry,
    PhraseEntry,
    PlanChange,
    PlanEntry,
    RecommendationEntry,
    ReportEntry,
    Row,
    SectionEntry,
    Snapshot,
    StatusMeaning,
    StatusOn,
    StatusTotal,
    UpdateEntry,
    funders_logos,
    own_logo,
)
from recommendations.report import charts
from recommendations.text import dates
from tracker.stylesheets import whole

LINES_KEPT_TOGETHER = 24
BEGINNING = 54
# Years that stand side by side on paper.
YEARS = 5
TAG = re.compile(r"""(<(?:[^<>"']|"[^"]*"|'[^']*')*>)""")
# The line of the colophon that says by what hash the edition can be checked, as it is printed and as it once was.
HASH_LINE = re.compile(r"""<li class="report-rows__row">(?:(?!<li\b).)*?report-hash.*?</li>""", re.DOTALL)
PRINTED_HASH = re.compile(r"""report-hash">([0-9a-f]{64})<""")
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
    """An update as its cell shows it; `dated` as for `Item`. `reference` names it in a draft: “U7”.

    An update is printed once: where it stands already, `printed_under` is the first recommendation of that row.
    """

    id: int
    text: str
    dated: str
    evidence: tuple[LinkEntry, ...]
    corrections: tuple[tuple[str, str], ...]
    reference: str = ""
    printed_under: str = ""


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
        printed = (statement.text for statement in self.statements if not statement.printed_under)
        right = sum(len(text) // 48 + 2 * text.count("\n") + 2 for text in printed)
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
class AreaTotals:
    """An area at a glance: how many of its recommendations have which status, drawn and counted."""

    number: int
    title: str
    drawing: SafeString
    totals: tuple[StatusTotal, ...]


@dataclass(frozen=True)
class Cell:
    """A status in a table; `is_listed` is false where the report of the column didn't list the recommendation."""

    column: str
    key: str
    label: str
    is_listed: bool = True


@dataclass(frozen=True)
class StatusRow:
    """A recommendation, by its number and the beginning of its text, with its statuses in several reports."""

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
    count: int
    told_since: str
    covered: int
    totals: tuple[StatusTotal, ...]
    areas: tuple[AreaTotals, ...]
    changes: Changes | None
    years: Years | None


@dataclass(frozen=True)
class Document:
    """All that the article's template is given."""

    plan: PlanEntry
    report: ReportEntry
    conference_dates: str
    period: str
    cover_date: str
    glance: Glance
    before: tuple[Section, ...]
    tables: tuple[Table, ...]
    after: tuple[Section, ...]
    corrected: tuple[CorrectedUpdate, ...]
    plan_changes: tuple[tuple[str, PlanChange], ...]
    meanings: tuple[StatusMeaning, ...]
    dated_once: str
    status_note: str
    edition: EditionEntry | None
    edition_published: str
    edition_address: str
    snapshot_address: str
    snapshot_hash: str
    salt: str
    address: str
    live_address: str
    updates_address: str
    feed_address: str
    qr_code: SafeString
    logo: LogoEntry | None
    funders: tuple[LogoEntry, ...]

    @property
    def is_long_titled(self) -> bool:
        """Whether the cover sets its titles smaller: at full size they would leave no room for what stands below."""
        return len(self.plan.title) > 90 or len(self.report.title) > 60


def article(snapshot: Snapshot, *, draft: str = "") -> str:
    """The report's `<article>`, from a snapshot with a report; without an edition it says that it is a preview.

    That of an edition carries the snapshot's salt, so that its hash tells no more than the snapshot's does.
    `draft` says what a draft to circulate is, in the preview's place; its updates then carry references.
    """
    found = _with_references(document(snapshot)) if draft else document(snapshot)
    context = {"document": found, "draft": draft, "language": get_language() or settings.LANGUAGE_CODE}
    return in_languages(render_to_string("report/_article.html", context), snapshot.phrases)


def page(article: str, snapshot: Snapshot, *, pictures: Mapping[str, bytes]) -> str:
    """`article`, the report of `snapshot`, as a whole HTML file that needs no other: styles, marks and fonts within.

    `pictures` are the bytes of its logos, by their paths.
    """
    for logo in snapshot.logos:
        data = _as_data(logo.content_type, pictures[logo.path])
        article = article.replace(f'src="{logo.path}"', f'src="{data}"')
    context = {
        "article": article,
        "language": snapshot.language or settings.LANGUAGE_CODE,
        "title": neutral_title(snapshot),
        "styles": _with_files_inside("site.css") + _with_files_inside("edition.css"),
    }
    return render_to_string("report/page.html", context)


def hash_in(article: str) -> str:
    """The hash that a frozen `article` prints of its snapshot; empty where it prints none."""
    found = PRINTED_HASH.findall(article)
    return found[-1] if found else ""


def without_hash(article: str) -> str:
    """`article` without the line that prints the hash of its snapshot: another one in every edition."""
    return HASH_LINE.sub("", article)


def neutral_title(snapshot: Snapshot) -> str:
    """What programs call a report's files: its title and whose it is, not what the plan is about."""
    names = [snapshot.report.title if snapshot.report else "", snapshot.plan.organisation_name]
    return " – ".join(filter(None, names))


def _with_files_inside(stylesheet: str) -> str:
    """The text of a bundled stylesheet with its files as data; without the faces that are not in FACES_INSIDE."""
    folder = settings.BASE_DIR / "static" / "css"
    text = whole(f"css/{stylesheet}", _bundled)

    def inside(found: re.Match[str]) -> str:
        path = folder / found[1]
        kind = "image/svg+xml" if path.suffix == ".svg" else "font/woff2"
        return f'url("{_as_data(kind, path.read_bytes())}")'

    text = re.sub(
        r"@font-face \{.*?\}\n",
        lambda found: found[0] if any(face in found[0] for face in FACES_INSIDE) else "",
        text,
        flags=re.DOTALL,
    )
    return re.sub(r'url\("(\.\./(?:fonts|marks)/[^"]+)"\)', inside, text)


def _as_data(kind: str, content: bytes) -> str:
    return f"data:{kind};base64,{b64encode(content).decode()}"


def _bundled(name: str) -> str:
    return (settings.BASE_DIR / "static" / name).read_text(encoding="utf-8")


def document(snapshot: Snapshot) -> Document:
    """What the article says, as values: dates in words, rows with what they share, only the statuses that occur."""
    report, plan, edition = snapshot.report, snapshot.plan, snapshot.edition
    if report is None:
        raise ValueError("A snapshot without a report has no article.")
    period = dates.period(report.starts_on, report.ends_on)
    address = _absolute("report", report.slug)
    dated_once = _only_date(snapshot.updates)
    return Document(
        plan=plan,
        report=report,
        conference_dates=plan.conference_dates_as_published
        or dates.period(plan.conference_starts_on, plan.conference_ends_on),
        period=period,
        cover_date=report.originally_published or period,
        glance=_glance(snapshot, report),
        before=_sections(report.sections_before, "before"),
        tables=tuple(
            _table(snapshot, area, report=report, dated_once=dated_once)
            for area in snapshot.areas
            if area.recommendations
        ),
        after=_sections(report.sections_after, "after"),
        corrected=snapshot.corrected,
        plan_changes=tuple((dates.day(change.changed_at), change) for change in snapshot.plan_changes),
        meanings=_meanings(snapshot),
        dated_once=dated_once,
        status_note=snapshot.status_note,
        edition=edition,
        edition_published=dates.day(edition.published_on) if edition else "",
        edition_address=_absolute("edition", report.slug, edition.number) if edition else "",
        snapshot_address=_absolute("edition-snapshot", report.slug, edition.number) if edition else "",
        snapshot_hash=snapshot.published_hash() if edition else "",
        salt=snapshot.salt,
        address=address,
        live_address=_absolute("progress"),
        updates_address=_absolute("updates"),
        feed_address=_absolute("updates-feed"),
        qr_code=qr_code(address),
        logo=own_logo(snapshot.logos),
        funders=funders_logos(snapshot.logos),
    )


def in_languages(html: str, phrases: Sequence[PhraseEntry]) -> str:
    """`html` with every one of `phrases` that its text holds marked as of its language, letter for letter as it was.

    Composed and decomposed letters count as the same; a phrase inside a longer word doesn't count.
    """
    language_of: dict[str, str] = {}
    for phrase in phrases:
        for text in dict.fromkeys(
            [phrase.text, *(unicodedata.normalize(form, phrase.text) for form in ("NFC", "NFD"))]
        ):
            for escaped in (escape_as_templates_do(text), escape(text, quote=False)):
                language_of.setdefault(str(escaped), phrase.language)
    if not language_of:
        return html
    longest_first = sorted(language_of, key=len, reverse=True)
    pattern = re.compile(rf"(?<![\w\u0300-\u036f])(?:{'|'.join(map(re.escape, longest_first))})(?![\w\u0300-\u036f])")
    pieces, drawings = TAG.split(html), 0
    for position, piece in enumerate(pieces):
        if position % 2:
            drawings += piece.startswith("<svg") - piece.startswith("</svg")
        elif not drawings:
            pieces[position] = pattern.sub(
                lambda found: f'<span lang="{escape(language_of[found[0]])}">{found[0]}</span>', piece
            )
    return "".join(pieces)


def qr_code(address: str) -> SafeString:
    """A drawing that cameras read as `address`, on its own white ground."""
    title = _("QR code of the address %(address)s") % {"address": address}
    drawing = segno.make(address, error="m", micro=False).svg_inline(
        border=3, dark="#211c17", light="#fff", svgclass="report-qr", lineclass=None, omitsize=True, title=title
    )
    # segno escapes the title, and the address is in nothing else but dots.
    return mark_safe(drawing.replace("<svg ", '<svg role="img" ', 1))  # noqa: S308


def dated(entry: UpdateEntry | StatusOn) -> str:
    """The date of an update, or of the status it records, as precisely as it is known."""
    return dates.as_known(entry.dated_on, entry.dated_as_published)


def _only_date(updates: Iterable[UpdateEntry]) -> str:
    """The date that several updates all carry, to be said once; empty where they differ or there is but one."""
    said = [dated(update) for update in updates]
    return said[0] if len(said) > 1 and len(set(said)) == 1 else ""


def _sections(entries: Iterable[SectionEntry], placement: str) -> tuple[Section, ...]:
    return tuple(Section(f"section-{placement}-{number}", entry) for number, entry in enumerate(entries, start=1))


def _meanings(snapshot: Snapshot) -> tuple[StatusMeaning, ...]:
    """The statuses that occur, in their order; last, where it occurs, that there was no update yet."""
    used = {recommendation.status_key for recommendation in snapshot.recommendations}
    listed = {recommendation.reference for recommendation in snapshot.recommendations}
    for earlier in snapshot.previous[-(YEARS - 1) :]:
        used |= {key for reference, key in earlier.statuses if reference in listed}
    meanings = tuple(meaning for meaning in snapshot.statuses if meaning.key in used)
    if "" not in used:
        return meanings
    nothing = _("No update about it was published so far. That does not mean that nothing happened.")
    return (*meanings, StatusMeaning("", _("No update yet"), nothing, ""))


def _glance(snapshot: Snapshot, report: ReportEntry) -> Glance:
    current = {entry.reference for entry in snapshot.current}
    of_areas = [
        (area, [entry for entry in area.recommendations if entry.reference in current]) for area in snapshot.areas
    ]
    widest = max((len(entries) for _area, entries in of_areas), default=0)
    return Glance(
        count=len(current),
        told_since=_told_since(snapshot),
        covered=len(snapshot.covered),
        totals=_present(snapshot.totals()),
        areas=tuple(
            _area_totals(area, _present(snapshot.totals(entries)), widest=widest)
            for area, entries in of_areas
            if entries
        ),
        changes=_changes(snapshot, snapshot.previous[-1]) if snapshot.previous else None,
        years=_years(snapshot, report, snapshot.previous[-(YEARS - 1) :]) if snapshot.previous else None,
    )


def _told_since(snapshot: Snapshot) -> str:
    """What came out of the conference, and what was added and retired since; empty where nothing was."""
    if not origins.told_since(snapshot.origins):
        return ""
    return origins.told(snapshot.origins, conference=snapshot.plan.conference_name)


def _area_totals(area: AreaEntry, totals: tuple[StatusTotal, ...], *, widest: int) -> AreaTotals:
    counts = ", ".join(f"{total.label}: {total.count}" for total in totals)
    drawing = charts.strip(totals, widest=widest, label=f"{area.title}. {counts}.", palette=_print_palette())
    return AreaTotals(area.number, area.title, drawing, totals)


def _present(totals: Iterable[StatusTotal]) -> tuple[StatusTotal, ...]:
    """The totals that are not nothing, each with words: also that of what has no update yet."""
    return tuple(
        StatusTotal(total.key, total.label or _("No update yet"), total.count) for total in totals if total.count
    )


@cache
def _print_palette() -> dict[str, str]:
    """The colours of statuses on paper by status, and of what they are drawn on, as the style sheets have them."""
    tokens = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", _bundled("css/tokens.css").partition("}")[0]))
    statuses = _bundled("css/components/status.css")
    colours = dict(re.findall(r"\.status--([a-z-]+)[^{}]* \{\s*--colour: (#[0-9a-f]{6})", statuses))
    return {
        **{key: colours[status_slug(key)] for key in ("", *Status.values)},
        "paper": tokens["paper"],
        "track": tokens["rule"],
    }


def _changes(snapshot: Snapshot, earlier: EarlierReport) -> Changes:
    before = dict(earlier.statuses)
    kinds = {
        entry.reference: kind_of(before.get(entry.reference), entry, snapshot) for entry in snapshot.recommendations
    }
    labels = {
        ChangeKind.NEW: _("New"),
        ChangeKind.RETIRED: _("Retired"),
        ChangeKind.UNCHANGED: _("Updates, and the same status as before"),
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
        notes=tuple((one.title, _absolute("report", one.note_slug)) for one in previous if one.note_slug),
    )


def _status_row(
    snapshot: Snapshot, entry: RecommendationEntry, columns: Iterable[str], statuses: Iterable[str | None]
) -> StatusRow:
    """`statuses` are words, empty for none; None where a report didn't list the recommendation."""
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
    """The first words of a recommendation, enough to know it by; whole where it is short."""
    text = " ".join(text.split())
    if len(text) <= BEGINNING:
        return text
    return f"{text[: BEGINNING - 1].rpartition(' ')[0].rstrip('.,;:') or text[: BEGINNING - 1]}…"


def _table(snapshot: Snapshot, area: AreaEntry, *, report: ReportEntry, dated_once: str) -> Table:
    one = len(area.recommendations) == 1
    return Table(
        number=area.number,
        title=area.title,
        introduction=area.introduction,
        columns=(_("Recommendation") if one else _("Recommendations"), report.title),
        rows=tuple(
            _row(snapshot, row, dated_once=dated_once, printed=printed)
            for row, printed in _with_printed(snapshot.rows(area))
        ),
    )


def _with_printed(rows: Iterable[Row]) -> Iterator[tuple[Row, Mapping[int, str]]]:
    """Each row with the updates, by id, that a row above prints already, and the first recommendation of that one."""
    printed: dict[int, str] = {}
    for row in rows:
        yield row, dict(printed)
        for update in row.updates:
            printed.setdefault(update.id, row.recommendations[0].reference)


def _row(snapshot: Snapshot, row: Row, *, dated_once: str, printed: Mapping[int, str]) -> TableRow:
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
        statements=tuple(
            _statement(update, dated_once=dated_once, printed_under=printed.get(update.id, ""))
            for update in row.updates
        ),
        last=last,
    )


def _item(snapshot: Snapshot, entry: RecommendationEntry, *, shared: bool, is_dated: bool, said: Iterable[int]) -> Item:
    status = entry.status
    known = {recommendation.reference for recommendation in snapshot.recommendations}
    return Item(
        entry=entry,
        key=entry.status_key,
        label=snapshot.labels.get(entry.status_key, entry.status_key),
        dated=dated(status) if status and is_dated and status.update_id not in said else "",
        parties="" if shared else _parties(entry),
        target=entry.target_as_published or (dates.day(entry.target_on) if entry.target_on else ""),
        retired=dates.day(entry.retired_on) if entry.retired_on and entry.is_retired(snapshot.on) else "",
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


def _statement(update: UpdateEntry, *, dated_once: str, printed_under: str) -> Statement:
    return Statement(
        id=update.id,
        text=update.text,
        dated="" if dated_once else dated(update),
        evidence=update.evidence,
        corrections=tuple((dates.day(entry.corrected_at), entry.note) for entry in update.corrections),
        printed_under=printed_under,
    )


def _with_references(document: Document) -> Document:
    def row(one: TableRow) -> TableRow:
        statements = (replace(statement, reference=f"U{statement.id}") for statement in one.statements)
        return replace(one, statements=tuple(statements))

    tables = (replace(table, rows=tuple(row(one) for one in table.rows)) for table in document.tables)
    return replace(document, tables=tuple(tables))


def _absolute(name: str, *args: object) -> str:
    return f"{settings.SITE_URL}{reverse(name, args=args)}"
