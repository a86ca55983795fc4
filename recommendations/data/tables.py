"""A snapshot as tables of cells; what isn't published is not in a snapshot."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from recommendations.reading import origins
from recommendations.reading.entries import AreaEntry, RecommendationEntry, Snapshot, UpdateEntry

Cell = str | int | bool | dt.date | dt.datetime | None


@dataclass(frozen=True)
class Column:
    """One column of a table: `type` and `description` as Frictionless Table Schema has them.

    The description is kept in English, and translated where it is shown or written.
    """

    name: str
    type: str
    description: str


@dataclass(frozen=True)
class Table:
    """A table of open data; `rows` hold cells in the order of `columns`."""

    name: str
    title: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True)
class RecommendationColumn(Column):
    """A column of a recommendation, for the open data, the staff's files and imports alike.

    `read` takes a recommendation, its area and the site's address; `field` is what an import fills, if it does.
    """

    read: Callable[[RecommendationEntry, AreaEntry, str], Cell]
    field: str = ""


RECOMMENDATION_COLUMNS = (
    RecommendationColumn(
        "reference",
        "string",
        gettext_noop("Number of the recommendation, for example 3.2. Never given to another one."),
        lambda entry, area, site: entry.reference,
    ),
    RecommendationColumn(
        "area_number", "integer", gettext_noop("Number of its area."), lambda entry, area, site: area.number
    ),
    RecommendationColumn(
        "area_title", "string", gettext_noop("Title of its area."), lambda entry, area, site: area.title
    ),
    RecommendationColumn(
        "text",
        "string",
        gettext_noop("The recommendation as adopted."),
        lambda entry, area, site: entry.text,
        field="text",
    ),
    RecommendationColumn(
        "responsible_parties",
        "string",
        gettext_noop("Who it is addressed to, as far as it says so; separated by semicolons."),
        lambda entry, area, site: "; ".join(party.name for party in entry.parties),
        field="parties",
    ),
    RecommendationColumn(
        "status",
        "string",
        gettext_noop("Where it stands, one of the published statuses. Empty: no update yet."),
        lambda entry, area, site: entry.status_key,
    ),
    RecommendationColumn(
        "status_dated_on",
        "date",
        gettext_noop("The day of the update that recorded the status."),
        lambda entry, area, site: entry.status.dated_on if entry.status else None,
    ),
    RecommendationColumn(
        "status_date_as_published",
        "string",
        gettext_noop("That date in words, where only so much is known."),
        lambda entry, area, site: entry.status.dated_as_published if entry.status else "",
    ),
    RecommendationColumn(
        "target_on",
        "date",
        gettext_noop("Target date, where a day is known."),
        lambda entry, area, site: entry.target_on,
        field="target_on",
    ),
    RecommendationColumn(
        "target_as_published",
        "string",
        gettext_noop("Target in words, as published."),
        lambda entry, area, site: entry.target_as_published,
        field="target_as_published",
    ),
    RecommendationColumn(
        "added_on",
        "date",
        gettext_noop("The day since when it belongs to the plan, where it was added later."),
        lambda entry, area, site: entry.added_on,
        field="added_on",
    ),
    RecommendationColumn(
        "retired_on",
        "date",
        gettext_noop("The day it was retired, if it was."),
        lambda entry, area, site: entry.retired_on,
        field="retired_on",
    ),
    RecommendationColumn(
        "retired_reason",
        "string",
        gettext_noop("Why it was retired."),
        lambda entry, area, site: entry.retired_reason,
        field="retired_reason",
    ),
    RecommendationColumn(
        "replaced_by",
        "string",
        gettext_noop("References of those that take its place; separated by semicolons."),
        lambda entry, area, site: "; ".join(entry.replaced_by),
        field="replaced_by",
    ),
    RecommendationColumn(
        "changes",
        "string",
        gettext_noop(
            "What was changed since reports were published, of it, of its area's title and of its parties' names: "
            "dates, what it was and is, and why; separated by semicolons."
        ),
        lambda entry, area, site: "; ".join(
            f"{timezone.localdate(one.changed_at).isoformat()}: {', '.join(one.sentences)}: {one.note}"
            for one in entry.plan_changes
        ),
    ),
    RecommendationColumn(
        "updates",
        "integer",
        gettext_noop("How many published updates cover it."),
        lambda entry, area, site: len(entry.timeline),
    ),
    RecommendationColumn(
        "address",
        "string",
        gettext_noop("Its page."),
        lambda entry, area, site: f"{site}/recommendations/{entry.reference}/",
    ),
)


UPDATE_COLUMNS = (
    Column("id", "integer", gettext_noop("Number of the update, as in its address.")),
    Column("dated_on", "date", gettext_noop("The day it speaks of.")),
    Column("date_as_published", "string", gettext_noop("That date in words, where only so much is known.")),
    Column("published_at", "datetime", gettext_noop("When it was published here (UTC).")),
    Column("area_number", "integer", gettext_noop("Number of the area it belongs to.")),
    Column("references", "string", gettext_noop("The recommendations it covers; separated by semicolons.")),
    Column("text", "string", gettext_noop("The update, in Markdown.")),
    Column("sums_up", "boolean", gettext_noop("Whether it sums up earlier updates of its period.")),
    Column(
        "evidence",
        "string",
        gettext_noop("Evidence links: label, then address in angle brackets; separated by semicolons."),
    ),
    Column(
        "corrections", "string", gettext_noop("Dates and notes of its announced corrections; separated by semicolons.")
    ),
    Column("address", "string", gettext_noop("Its page.")),
)


STATUS_COLUMNS = (
    Column("reference", "string", gettext_noop("The recommendation.")),
    Column("update_id", "integer", gettext_noop("The update that recorded the status.")),
    Column("dated_on", "date", gettext_noop("The day of the update.")),
    Column("date_as_published", "string", gettext_noop("That date in words, where only so much is known.")),
    Column("status", "string", gettext_noop("The status recorded.")),
    Column("status_before", "string", gettext_noop("The status before it. Empty: none was recorded before.")),
    Column("is_change", "boolean", gettext_noop("Whether the two differ.")),
)


def tables(snapshot: Snapshot, *, site: str, only: Iterable[str] | None = None) -> tuple[Table, ...]:
    """The three tables of `snapshot`, with addresses under `site` (no slash at its end).

    `only` keeps the recommendations with these references, and the updates and statuses that concern them.
    """
    kept = None if only is None else set(only)
    updates = [u for u in snapshot.updates if kept is None or kept & set(u.references)]
    rows = recommendation_rows(snapshot, site=site)
    return (
        Table(
            "recommendations",
            _("Recommendations and where each stands"),
            RECOMMENDATION_COLUMNS,
            ("reference",),
            tuple(row for reference, row in rows.items() if kept is None or reference in kept),
        ),
        Table("updates", _("Progress updates"), UPDATE_COLUMNS, ("id",), tuple(_update_row(u, site) for u in updates)),
        Table(
            "statuses",
            _("Every status recorded"),
            STATUS_COLUMNS,
            ("reference", "update_id"),
            tuple(_status_rows(updates, kept)),
        ),
    )


def recommendation_rows(snapshot: Snapshot, *, site: str) -> dict[str, tuple[Cell, ...]]:
    """The cells of each recommendation of `snapshot`, in the order of RECOMMENDATION_COLUMNS, by reference."""
    return {
        entry.reference: tuple(column.read(entry, area, site) for column in RECOMMENDATION_COLUMNS)
        for area in snapshot.areas
        for entry in area.recommendations
    }


def notes(snapshot: Snapshot, *, site: str, filter: str = "") -> tuple[tuple[str, str], ...]:
    """What a reader has to know of the files, as labels and texts: for the workbook's first sheet."""
    licence = " ".join(part for part in (snapshot.plan.data_licence, snapshot.plan.data_licence_address) if part)
    told = (
        (_("Title"), snapshot.plan.title),
        (_("Published by"), snapshot.plan.organisation_name),
        (_("As at"), snapshot.on.isoformat()),
        (_("Filtered"), _("This file holds a part only: what is %(filter)s.") % {"filter": filter} if filter else ""),
        (_("About the statuses"), snapshot.status_note),
        (_("Licence"), licence or _("None was chosen.")),
        (_("How to cite"), citation(snapshot, site=site)),
        (_("Recommendations"), origins.told(snapshot.origins, conference=snapshot.plan.conference_name)),
        (_("What the columns mean"), f"{site}/data/"),
    )
    return tuple((label, text) for label, text in told if text)


def citation(snapshot: Snapshot, *, site: str) -> str:
    """How to cite the data: who, what, as at when, where."""
    plan = snapshot.plan
    told = _("%(organisation)s. %(title)s: progress data as at %(day)s.") % {
        "organisation": plan.organisation_name,
        "title": plan.title,
        "day": snapshot.on.isoformat(),
    }
    return f"{told} {site}/data/"


def _update_row(update: UpdateEntry, site: str) -> tuple[Cell, ...]:
    return (
        update.id,
        update.dated_on,
        update.dated_as_published,
        update.published_at,
        update.area,
        "; ".join(update.references),
        update.text,
        update.sums_up,
        "; ".join(f"{link.label} <{link.address}>" for link in update.evidence),
        "; ".join(f"{timezone.localdate(c.corrected_at).isoformat()}: {c.note}" for c in update.corrections),
        f"{site}/updates/{update.id}/",
    )


def _status_rows(updates: Iterable[UpdateEntry], kept: set[str] | None) -> Iterable[tuple[Cell, ...]]:
    before: dict[str, str] = defaultdict(str)
    for update in updates:
        for reference, status in update.statuses:
            if kept is None or reference in kept:
                changed = status != before[reference]
                yield (
                    reference,
                    update.id,
                    update.dated_on,
                    update.dated_as_published,
                    status,
                    before[reference],
                    changed,
                )
                before[reference] = status


def as_text(cell: Cell) -> str:
    """A cell in the words of a CSV file: ISO dates, instants in UTC, nothing for None."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, dt.datetime):
        return cell.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(cell, dt.date):
        return cell.isoformat()
    return "" if cell is None else str(cell)
