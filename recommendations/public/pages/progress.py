"""The progress page, and what a search on it finds."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from recommendations.reading import origins
from recommendations.reading.entries import AreaEntry, StatusNote
from recommendations.reading.schema import Snapshot, StatusTotal
from recommendations.reading.search import NO_UPDATE, Filter, matches

from .areas import AreaView, area_view, areas_with, notes_on_statuses


@dataclass(frozen=True)
class ProgressView:
    """The progress page. `own` counts the organization's statuses; `for_others` and `without_update` are apart."""

    snapshot: Snapshot
    title: str
    subtitle: str
    areas: tuple[AreaView, ...]
    count: int
    origins: str
    own: tuple[StatusTotal, ...]
    for_others: tuple[StatusTotal, ...]
    without_update: StatusTotal
    notes: tuple[StatusNote, ...]


@dataclass(frozen=True)
class Condition:
    """One part of a filter in words, and the rest of the filter as a query of an address."""

    name: str
    words: str
    without: str


@dataclass(frozen=True)
class FilteredView:
    """What a filter found: `count` of the plan's `of` current recommendations, and so many `retired` ones."""

    snapshot: Snapshot
    areas: tuple[AreaView, ...]
    count: int
    of: int
    retired: int
    conditions: tuple[Condition, ...]
    query: str
    notes: tuple[StatusNote, ...]


def progress_view(snapshot: Snapshot) -> ProgressView:
    *totals, without_update = snapshot.totals()
    title, *subtitle = snapshot.plan.title_lines
    return ProgressView(
        snapshot=snapshot,
        title=title.removesuffix(":").rstrip() if subtitle else title,
        subtitle="".join(subtitle),
        areas=tuple(area_view(snapshot, area) for area in snapshot.areas),
        count=len(snapshot.current),
        origins=origins.sentences(snapshot.origins, plan=snapshot.plan),
        own=tuple(total for total in totals if not total.is_apart),
        for_others=tuple(total for total in totals if total.is_apart and total.count),
        without_update=without_update,
        notes=notes_on_statuses(snapshot, snapshot.current),
    )


def filtered_view(snapshot: Snapshot, filter: Filter) -> FilteredView:
    """What `filter` finds, which must ask for something."""
    found = {match.entry.reference: match.found_in for match in matches(snapshot, filter)}
    areas = areas_with(snapshot, found)
    count = sum(len(area.current) for area in areas)
    return FilteredView(
        snapshot=snapshot,
        areas=areas,
        count=count,
        of=len(snapshot.current),
        retired=len(found) - count,
        conditions=_conditions(snapshot, filter),
        query=filter.query,
        notes=notes_on_statuses(snapshot, (one.entry for area in areas for one in area.current)),
    )


def _conditions(snapshot: Snapshot, filter: Filter) -> tuple[Condition, ...]:
    areas = {str(area.number): area for area in snapshot.areas}
    parties = {party.slug: party.name for entry in snapshot.recommendations for party in entry.parties}
    labels = {**snapshot.labels, NO_UPDATE: _("No update yet")}
    words = {
        "q": _("with “%(words)s”") % {"words": filter.q},
        "status": _("with the status “%(status)s”") % {"status": labels.get(filter.status, "")},
        "area": _in_area(areas.get(filter.area)),
        "party": _("addressed to %(party)s") % {"party": parties.get(filter.party, "")},
    }
    return tuple(
        Condition(name, part, filter.without(name).query) for name, part in words.items() if getattr(filter, name)
    )


def _in_area(area: AreaEntry | None) -> str:
    if area is None or not area.is_numbered:
        return _("in the area %(title)s") % {"title": area.title if area else ""}
    return _("in area %(number)s, %(title)s") % {"number": area.number, "title": area.title}
