"""The columns of the open data, each with the function that reads its cells, and the tables of a snapshot.

What isn't published is not in a snapshot, so it can't get into these tables.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from recommendations.reading import origins
from recommendations.reading.entries import AreaEntry, CheckedLink, LinkBeside, RecommendationEntry, UpdateEntry
from recommendations.reading.schema import Snapshot

# When a column is added, raise this number and store the new schema in schemas/.
JSON_SCHEMA_VERSION = 3

Cell = str | int | bool | dt.date | dt.datetime | None
Source = TypeVar("Source", contravariant=True)


@dataclass(frozen=True)
class Column(Generic[Source]):
    """One column of a table: `read` returns its cell from the source of a row.

    `type` and `description` are as in Frictionless Table Schema. The description is stored in English and translated
    where it is shown or written. `field` is the field of a recommendation that an import fills from this column.
    """

    name: str
    type: str
    description: str
    read: Callable[[Source], Cell]
    field: str = ""


@dataclass(frozen=True)
class Table:
    """A table to write to a file. `rows` hold cells in the order of `columns`; the columns in `key` identify a row."""

    name: str
    title: str
    columns: tuple[Column[Any], ...]
    key: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True)
class RecommendationSource:
    """A recommendation; `label` is what the plan calls its status."""

    entry: RecommendationEntry
    area: AreaEntry
    site: str
    label: str = ""
    language: str = ""

    @property
    def changes(self) -> str:
        """What was changed of it, in the language of the snapshot, also in a file that staff export."""
        with translation.override(self.language or translation.get_language()):
            return "; ".join(
                f"{timezone.localdate(one.changed_at).isoformat()}: {', '.join(one.sentences)}: {one.note}"
                for one in self.entry.plan_changes
            )


@dataclass(frozen=True)
class UpdateSource:
    update: UpdateEntry
    site: str


@dataclass(frozen=True)
class StatusSource:
    """One status that an update recorded for a recommendation, its label, and the status before it ("" for none)."""

    reference: str
    update: UpdateEntry
    status: str
    label: str
    before: str


def explained_in(links: Iterable[LinkBeside]) -> str:
    """The cell that lists the explanation in other forms."""
    found = (link for link in links if link.is_explanation)
    return "; ".join(f"{link.label} [{link.kind}] <{link.address}>" for link in found)


def see_also(links: Iterable[LinkBeside]) -> str:
    """The cell that lists related recommendations elsewhere."""
    found = (link for link in links if not link.is_explanation)
    return "; ".join(f"{link.label} <{link.address}>" for link in found)


RECOMMENDATION_COLUMNS: tuple[Column[RecommendationSource], ...] = (
    Column(
        "reference",
        "string",
        gettext_noop("Reference of the recommendation, as adopted: 3.2, 42 or 12(b). It is never reused."),
        lambda row: row.entry.reference,
    ),
    Column("area_number", "integer", gettext_noop("Number of its area."), lambda row: row.area.number),
    Column("area_title", "string", gettext_noop("Title of its area."), lambda row: row.area.title),
    Column(
        "text",
        "string",
        gettext_noop("The recommendation as adopted."),
        lambda row: row.entry.text,
        field="text",
    ),
    Column(
        "responsible_parties",
        "string",
        gettext_noop("Who it is addressed to, if it says so; separated by semicolons."),
        lambda row: "; ".join(party.name for party in row.entry.parties),
        field="parties",
    ),
    Column(
        "status",
        "string",
        gettext_noop("Where it stands: one of the published statuses. Empty: no update yet."),
        lambda row: row.entry.status_key,
    ),
    Column(
        "status_label", "string", gettext_noop("What the pages of this site call that status."), lambda row: row.label
    ),
    Column(
        "status_dated_on",
        "date",
        gettext_noop("The date of the update that recorded the status."),
        lambda row: row.entry.status.dated_on if row.entry.status else None,
    ),
    Column(
        "status_date_as_published",
        "string",
        gettext_noop("That date in words, if the exact date isn't known."),
        lambda row: row.entry.status.dated_as_published if row.entry.status else "",
    ),
    Column(
        "target_on",
        "date",
        gettext_noop("Target date, if the exact date is known."),
        lambda row: row.entry.target_on,
        field="target_on",
    ),
    Column(
        "target_as_published",
        "string",
        gettext_noop("Target in words, as published."),
        lambda row: row.entry.target_as_published,
        field="target_as_published",
    ),
    Column(
        "done_means",
        "string",
        gettext_noop("What must be seen before it may be called completed, in Markdown, if that was decided."),
        lambda row: row.entry.done_means,
        field="done_means",
    ),
    Column(
        "done_means_set_by",
        "string",
        gettext_noop("Who decided that."),
        lambda row: row.entry.done_means_set_by,
        field="done_means_set_by",
    ),
    Column(
        "done_means_set_on",
        "date",
        gettext_noop("The day they decided it."),
        lambda row: row.entry.done_means_set_on,
        field="done_means_set_on",
    ),
    Column(
        "added_on",
        "date",
        gettext_noop("The day it was added to the plan, if it was added later."),
        lambda row: row.entry.added_on,
        field="added_on",
    ),
    Column(
        "retired_on",
        "date",
        gettext_noop("The day it was retired, if it was."),
        lambda row: row.entry.retired_on,
        field="retired_on",
    ),
    Column(
        "retired_reason",
        "string",
        gettext_noop("Why it was retired."),
        lambda row: row.entry.retired_reason,
        field="retired_reason",
    ),
    Column(
        "replaced_by",
        "string",
        gettext_noop("References of the recommendations that replace it; separated by semicolons."),
        lambda row: "; ".join(row.entry.replaced_by),
        field="replaced_by",
    ),
    Column(
        "changes",
        "string",
        gettext_noop(
            "Changes since the first report was published, to it, to its area's title and to its parties' "
            "names: dates, before and after, and why; separated by semicolons."
        ),
        lambda row: row.changes,
    ),
    Column(
        "explanation",
        "string",
        gettext_noop(
            "In plain words, in Markdown: an explanation by the publisher, not the adopted text. Empty in the data "
            "of a published report, which holds only what was adopted."
        ),
        lambda row: row.entry.explanation,
        field="explanation",
    ),
    Column(
        "explained_in",
        "string",
        gettext_noop(
            "The explanation in other forms: label, kind in brackets, then address in angle brackets; separated by "
            "semicolons."
        ),
        lambda row: explained_in(row.entry.links),
    ),
    Column(
        "see_also",
        "string",
        gettext_noop(
            "Related recommendations elsewhere, not equivalent to it: label, then address in angle brackets; "
            "separated by semicolons."
        ),
        lambda row: see_also(row.entry.links),
    ),
    Column(
        "updates",
        "integer",
        gettext_noop("How many published updates cover it."),
        lambda row: len(row.entry.timeline),
    ),
    Column(
        "address",
        "string",
        gettext_noop("Its page."),
        lambda row: f"{row.site}/recommendations/{row.entry.slug}/",
    ),
)


UPDATE_COLUMNS: tuple[Column[UpdateSource], ...] = (
    Column("id", "integer", gettext_noop("Number of the update, as in its address."), lambda row: row.update.id),
    Column("dated_on", "date", gettext_noop("The date of the update."), lambda row: row.update.dated_on),
    Column(
        "date_as_published",
        "string",
        gettext_noop("That date in words, if the exact date isn't known."),
        lambda row: row.update.dated_as_published,
    ),
    Column(
        "published_at",
        "datetime",
        gettext_noop("When it was published here (UTC)."),
        lambda row: row.update.published_at,
    ),
    Column("area_number", "integer", gettext_noop("Number of the area it belongs to."), lambda row: row.update.area),
    Column(
        "references",
        "string",
        gettext_noop("The recommendations it covers; separated by semicolons."),
        lambda row: "; ".join(row.update.references),
    ),
    Column("text", "string", gettext_noop("The update, in Markdown."), lambda row: row.update.text),
    Column(
        "sums_up",
        "boolean",
        gettext_noop("Whether it sums up earlier updates of its period."),
        lambda row: row.update.sums_up,
    ),
    Column(
        "evidence",
        "string",
        gettext_noop("Evidence links: label, then address in angle brackets; separated by semicolons."),
        lambda row: "; ".join(f"{link.label} <{link.address}>" for link in row.update.evidence),
    ),
    Column(
        "evidence_archived",
        "string",
        gettext_noop("Archived copies of the evidence, in the same form."),
        lambda row: "; ".join(
            f"{link.label} <{link.archived_address}>" for link in row.update.evidence if link.archived_address
        ),
    ),
    Column(
        "evidence_gone",
        "string",
        gettext_noop(
            "Evidence that is no longer there: address, then since when; separated by semicolons. Always empty in the "
            "files of published reports, which never change."
        ),
        lambda row: "; ".join(
            f"<{link.address}> {link.gone_since.isoformat()}"
            for link in row.update.evidence
            if isinstance(link, CheckedLink) and link.gone_since
        ),
    ),
    Column(
        "corrections",
        "string",
        gettext_noop("Dates and notes of its announced corrections; separated by semicolons."),
        lambda row: "; ".join(
            f"{timezone.localdate(one.corrected_at).isoformat()}: {one.note}" for one in row.update.corrections
        ),
    ),
    Column("address", "string", gettext_noop("Its page."), lambda row: f"{row.site}/updates/{row.update.id}/"),
)


STATUS_COLUMNS: tuple[Column[StatusSource], ...] = (
    Column("reference", "string", gettext_noop("The recommendation."), lambda row: row.reference),
    Column(
        "update_id",
        "integer",
        gettext_noop("The update that recorded the status."),
        lambda row: row.update.id,
    ),
    Column("dated_on", "date", gettext_noop("The date of the update."), lambda row: row.update.dated_on),
    Column(
        "date_as_published",
        "string",
        gettext_noop("That date in words, if the exact date isn't known."),
        lambda row: row.update.dated_as_published,
    ),
    Column("status", "string", gettext_noop("The status recorded."), lambda row: row.status),
    Column(
        "status_label", "string", gettext_noop("What the pages of this site call that status."), lambda row: row.label
    ),
    Column(
        "status_before",
        "string",
        gettext_noop("The status before that. Empty: none was recorded before."),
        lambda row: row.before,
    ),
    Column(
        "is_change", "boolean", gettext_noop("Whether the two are different."), lambda row: row.status != row.before
    ),
)


def cells(columns: tuple[Column[Source], ...], sources: Iterable[Source]) -> tuple[tuple[Cell, ...], ...]:
    """A row of cells for each source, in the order of `columns`."""
    return tuple(tuple(column.read(source) for column in columns) for source in sources)


def tables(snapshot: Snapshot, *, site: str, only: Iterable[str] | None = None) -> tuple[Table, ...]:
    """The three tables of `snapshot`, with addresses under `site` (no slash at its end).

    `only` keeps the recommendations with these references, and the updates and statuses that concern them.
    """
    wanted = None if only is None else set(only)
    recommendations = recommendation_sources(snapshot, site=site)
    if wanted is not None:
        recommendations = [source for source in recommendations if source.entry.reference in wanted]
    updates = [update for update in snapshot.updates if wanted is None or wanted & set(update.references)]
    recorded = status_sources(updates, labels=snapshot.labels)
    statuses = [source for source in recorded if wanted is None or source.reference in wanted]
    return (
        Table(
            "recommendations",
            _("Recommendations and where each stands"),
            RECOMMENDATION_COLUMNS,
            ("reference",),
            cells(RECOMMENDATION_COLUMNS, recommendations),
        ),
        Table(
            "updates",
            _("Progress updates"),
            UPDATE_COLUMNS,
            ("id",),
            cells(UPDATE_COLUMNS, [UpdateSource(update, site) for update in updates]),
        ),
        Table(
            "statuses",
            _("Every status recorded"),
            STATUS_COLUMNS,
            ("reference", "update_id"),
            cells(STATUS_COLUMNS, statuses),
        ),
    )


def recommendation_sources(snapshot: Snapshot, *, site: str) -> list[RecommendationSource]:
    """What RECOMMENDATION_COLUMNS read: each recommendation of `snapshot`, in order."""
    return [
        RecommendationSource(entry, area, site, snapshot.labels.get(entry.status_key, ""), snapshot.language)
        for area in snapshot.areas
        for entry in area.recommendations
    ]


def status_sources(updates: Iterable[UpdateEntry], *, labels: Mapping[str, str]) -> Iterable[StatusSource]:
    """What STATUS_COLUMNS read: each status that `updates` recorded, in their order, with its label."""
    before: dict[str, str] = defaultdict(str)
    for update in updates:
        for reference, status in update.statuses:
            yield StatusSource(reference, update, status, labels.get(status, ""), before[reference])
            before[reference] = status


def notes(snapshot: Snapshot, *, site: str, filter: str = "") -> tuple[tuple[str, str], ...]:
    """What readers need to know about the files, as labels and texts, for the first sheet of the workbook."""
    licence = " ".join(part for part in (snapshot.plan.data_licence, snapshot.plan.data_licence_address) if part)
    lines = (
        (_("Title"), snapshot.plan.title),
        (_("Published by"), snapshot.plan.organisation_name),
        (_("As of"), snapshot.on.isoformat()),
        (
            _("Filtered"),
            _("This file contains only part of the data: what is %(filter)s.") % {"filter": filter} if filter else "",
        ),
        (_("About the statuses"), snapshot.status_note),
        (_("Licence"), licence or _("None has been chosen.")),
        (_("How to cite"), citation(snapshot, site=site)),
        (snapshot.plan.heading_of_several, origins.sentences(snapshot.origins, plan=snapshot.plan)),
        (_("What the columns contain"), f"{site}/data/"),
    )
    return tuple((label, text) for label, text in lines if text)


def citation(snapshot: Snapshot, *, site: str) -> str:
    """How to cite the data: organization, title, date and address."""
    plan = snapshot.plan
    source = _("%(organization)s. %(title)s: progress data as of %(day)s.") % {
        "organization": plan.organisation_name,
        "title": plan.title,
        "day": snapshot.on.isoformat(),
    }
    return f"{source} {site}/data/"


def as_text(cell: Cell) -> str:
    """A cell as CSV text: ISO dates, times in UTC, true or false, and "" for None."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, dt.datetime):
        return cell.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(cell, dt.date):
        return cell.isoformat()
    return "" if cell is None else str(cell)
