"""Turns a report's snapshot into its `<article>`: the same words for the web page, the PDF and the frozen edition.

The article links only to its own parts and to absolute addresses. It has no styles and no scripts: the page around it
brings those. Only logos are named by their paths, which contain their hashes, so they last as long as the edition. The
article is frozen with an edition, so it must not say anything that is only true today.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import segno
from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from recommendations.reading.entries import (
    CorrectedUpdate,
    EditionEntry,
    PlanChange,
    PlanEntry,
    ReportEntry,
    SectionEntry,
    StatusMeaning,
)
from recommendations.reading.logos import LogoEntry, funders_logos, own_logo
from recommendations.reading.schema import Snapshot
from recommendations.text import dates
from recommendations.text.colours import accent_style

from .glance import Glance, earlier_columns, glance
from .languages import in_languages
from .rows import Table, TableRow, only_date, table
from .styles import as_data, with_files_inside


@dataclass(frozen=True)
class Section:
    """A section before or after the areas."""

    anchor: str
    entry: SectionEntry


@dataclass(frozen=True)
class Document:
    """Everything that the article's template is given."""

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
        """Whether the cover shows its titles smaller: at full size they would leave no room for what is below."""
        lengths = (len(self.plan.title), len(self.report.title), len(self.plan.organisation_name))
        return any(length > most for length, most in zip(lengths, (90, 60, 60), strict=True))

    @property
    def is_introduced(self) -> bool:
        """Whether there is anything to say before the contents: else they come right after the cover."""
        plan = self.plan
        said = (self.conference_dates, plan.acknowledgement, plan.introduction, plan.goals, self.report.introduction)
        return any(said)


def article(snapshot: Snapshot, *, draft: str = "", embargo: str = "") -> str:
    """The report's `<article>`, from a snapshot with a report. Without an edition it says that it is a preview.

    The article of an edition contains the snapshot's salt, so that its hash gives away no more than the snapshot's.
    It is in the snapshot's language. `draft` is the line that a draft to circulate shows instead of the preview's; its
    updates then have references. `embargo` is a line below it, which no edition shows.
    """
    language = language_of(snapshot)
    with translation.override(language):
        found = _with_references(document(snapshot)) if draft else document(snapshot)
        context = {"document": found, "draft": draft, "embargo": embargo, "language": language}
        return in_languages(render_to_string("report/_article.html", context), snapshot.phrases)


def page(article: str, snapshot: Snapshot, *, pictures: Mapping[str, bytes]) -> str:
    """`article`, the report of `snapshot`, as one HTML file that needs no other: styles, marks and fonts are in it.

    `pictures` holds the bytes of its logos by their paths.
    """
    for logo in snapshot.logos:
        data = as_data(logo.content_type, pictures[logo.path])
        article = article.replace(f'src="{logo.path}"', f'src="{data}"')
    context = {
        "article": article,
        "language": language_of(snapshot),
        "title": neutral_title(snapshot),
        "styles": with_files_inside("site.css")
        + with_files_inside("edition.css")
        + accent_style(snapshot.plan.accent_colour),
    }
    return render_to_string("report/page.html", context)


def language_of(snapshot: Snapshot) -> str:
    """The language that the files of `snapshot` are in; the first editions, which don't record theirs, are English."""
    return snapshot.language or settings.LANGUAGE_CODE


def neutral_title(snapshot: Snapshot) -> str:
    """The title that programs show for a report's files: report and organization, not what the plan is about."""
    names = [snapshot.report.title if snapshot.report else "", snapshot.plan.organisation_name]
    return " – ".join(filter(None, names))


def document(snapshot: Snapshot) -> Document:
    """What the article says, as values: dates in words, rows of tables, and only the statuses that occur."""
    report, plan, edition = snapshot.report, snapshot.plan, snapshot.edition
    if report is None:
        raise ValueError("A snapshot without a report has no article.")
    period = dates.period(report.starts_on, report.ends_on)
    address = _absolute("report", report.slug)
    dated_once = only_date(snapshot.updates)
    return Document(
        plan=plan,
        report=report,
        conference_dates=plan.conference_dates,
        period=period,
        cover_date=report.originally_published or period,
        glance=glance(snapshot, report),
        before=_sections(report.sections_before, "before"),
        tables=tuple(
            table(snapshot, area, report=report, dated_once=dated_once)
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


def qr_code(address: str) -> SafeString:
    """A QR code for `address`, as a drawing on a white background of its own."""
    title = _("QR code of the address %(address)s") % {"address": address}
    drawing = segno.make(address, error="m", micro=False).svg_inline(
        border=3, dark="#211c17", light="#fff", svgclass="report-qr", lineclass=None, omitsize=True, title=title
    )
    # segno escapes the title, and the address is in nothing else but dots.
    return mark_safe(drawing.replace("<svg ", '<svg role="img" ', 1))  # noqa: S308


def _sections(entries: Iterable[SectionEntry], placement: str) -> tuple[Section, ...]:
    return tuple(Section(f"section-{placement}-{number}", entry) for number, entry in enumerate(entries, start=1))


def _meanings(snapshot: Snapshot) -> tuple[StatusMeaning, ...]:
    """The statuses that occur, in their order; “No update yet” comes last, if it occurs."""
    used = {recommendation.status_key for recommendation in snapshot.recommendations}
    listed = {recommendation.reference for recommendation in snapshot.recommendations}
    for earlier in earlier_columns(snapshot.previous):
        used |= {key for reference, key in earlier.statuses if reference in listed}
    meanings = tuple(meaning for meaning in snapshot.statuses if meaning.key in used)
    if "" not in used:
        return meanings
    nothing = _("No update about it has been published yet. That is not evidence that nothing happened.")
    return (*meanings, StatusMeaning("", _("No update yet"), nothing, ""))


def _with_references(document: Document) -> Document:
    """`document` with a reference for each update, such as “U7”, that readers of a draft can name it by."""

    def row(one: TableRow) -> TableRow:
        statements = (replace(statement, reference=f"U{statement.id}") for statement in one.statements)
        return replace(one, statements=tuple(statements))

    tables = (replace(table, rows=tuple(row(one) for one in table.rows)) for table in document.tables)
    return replace(document, tables=tuple(tables))


def _absolute(name: str, *args: object) -> str:
    return f"{settings.SITE_URL}{reverse(name, args=args)}"
