"""The tables of the open data, and what readers need to know about them. The columns are in columns.py."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from recommendations.reading import origins
from recommendations.reading.entries import UpdateEntry
from recommendations.reading.schema import Snapshot
from recommendations.text import dates

from .columns import (
    RECOMMENDATION_COLUMNS,
    STATUS_COLUMNS,
    UPDATE_COLUMNS,
    Cell,
    Column,
    RecommendationSource,
    Source,
    StatusSource,
    UpdateSource,
)

# When anything is added, raise this number and store the new schema in schemas/, whole: it is served for good.
JSON_SCHEMA_VERSION = 5


@dataclass(frozen=True)
class Table:
    """A table to write to a file. `rows` hold cells in the order of `columns`; the columns in `key` identify a row."""

    name: str
    title: str
    columns: tuple[Column[Any], ...]
    key: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


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
    lines = (
        (_("Title"), snapshot.plan.title),
        (_("Published by"), snapshot.plan.organisation_name),
        (_("As of"), snapshot.on.isoformat()),
        (_("Closed"), dates.not_updated_since(snapshot.closed_on) if snapshot.closed_on else ""),
        (
            _("Filtered"),
            _("This file contains only part of the data: what is %(filter)s.") % {"filter": filter} if filter else "",
        ),
        (_("About the statuses"), snapshot.status_note),
        (_("Use"), reuse(snapshot)),
        (_("How to cite"), citation(snapshot, site=site)),
        (snapshot.plan.heading_of_several, origins.sentences(snapshot.origins, plan=snapshot.plan)),
        (_("What the columns contain"), f"{site}/data/"),
    )
    return tuple((label, text) for label, text in lines if text)


def reuse(snapshot: Snapshot) -> str:
    """What others may do with the data: its licence, or who to ask while somebody can."""
    plan = snapshot.plan
    if plan.data_licence:
        licence = " ".join(filter(None, [plan.data_licence, plan.data_licence_address]))
        return _("Data licence: %(licence)s") % {"licence": licence}
    if snapshot.closed_on:
        return _(
            "You may read, link and quote. When the site was closed, no licence to republish the data had been chosen."
        )
    asked = ", ".join(filter(None, [plan.organisation_name, plan.contact_email or plan.website]))
    return _("You may read, link and quote. To republish the data, ask: %(asked)s") % {"asked": asked}


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
