"""The progress page, and what a search on it finds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from recommendations.models import ActionPlan
from recommendations.reading import origins, titles
from recommendations.reading.entries import AreaEntry, StatusNote
from recommendations.reading.schema import Snapshot, StatusTotal
from recommendations.reading.search import NO_UPDATE, Filter, Hits, Named, Words, matches, parties_of
from recommendations.reading.summaries import sentence_of_totals

from . import sizes
from .areas import AreaView, area_view, areas_with, in_parts, notes_on_statuses, size_of, title_of_area

# How many statuses, areas and parties that a search names are offered, and how many of its words are counted alone.
MOST_NAMED = 6
MOST_WORDS = 8


@dataclass(frozen=True)
class ProgressPart:
    """What one page lists: some areas in short, and areas with their recommendations.

    Where not all recommendations fit on a page, it `is_folded`: an area with a title stands there in short, and has its
    recommendations on its own page. Those without an area that has a title come after.
    """

    contents: tuple[AreaView, ...]
    areas: tuple[AreaView, ...]
    is_folded: bool


@dataclass(frozen=True)
class ProgressView:
    """The progress page, in `parts` with pages of their own.

    `own` counts the organization's statuses; `for_others` and `without_update` are apart. `sentence` says the same
    numbers in words. `titled` of the `parts` have areas in short: where others follow, page 1 says so.
    """

    snapshot: Snapshot
    title: str
    subtitle: str
    parts: tuple[ProgressPart, ...]
    titled: int
    count: int
    sentence: str
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
class WordAlone:
    """One word of a search: how many current recommendations have it, and the filter with it alone, for an address."""

    word: str
    count: int
    query: str


@dataclass(frozen=True)
class FilteredPart:
    """What one page lists of what was found.

    `exact` is the area of the recommendation whose reference was typed, with it alone; `areas` then lack it.
    """

    exact: tuple[AreaView, ...]
    areas: tuple[AreaView, ...]


@dataclass(frozen=True)
class FilteredView:
    """What a filter found, in `parts` with pages of their own.

    It is `count` of the plan's `of` current recommendations, and so many `retired` ones. `named`
    are the statuses, areas and parties that the words name; where nothing was found, those that one of the words names.
    `by_word` then says how many each of several words would find.
    """

    snapshot: Snapshot
    parts: tuple[FilteredPart, ...]
    named: tuple[Named, ...]
    by_word: tuple[WordAlone, ...]
    hits: Hits
    count: int
    of: int
    retired: int
    conditions: tuple[Condition, ...]
    query: str
    notes: tuple[StatusNote, ...]

    @property
    def is_nothing(self) -> bool:
        return not (self.count or self.retired)


def progress_view(snapshot: Snapshot) -> ProgressView:
    *totals, without_update = snapshot.totals()
    title, *subtitle = snapshot.plan.title_lines
    parts = _parts([area_view(snapshot, area) for area in snapshot.areas])
    return ProgressView(
        snapshot=snapshot,
        title=title.removesuffix(":").rstrip() if subtitle else title,
        subtitle="".join(subtitle),
        parts=parts,
        titled=sum(bool(part.contents) for part in parts),
        count=len(snapshot.current),
        sentence=sentence_of_totals(snapshot),
        origins=origins.sentences(snapshot.origins, plan=snapshot.plan),
        own=tuple(total for total in totals if not total.is_apart),
        for_others=tuple(total for total in totals if total.is_apart and total.count),
        without_update=without_update,
        notes=notes_on_statuses(snapshot, snapshot.current),
    )


def _parts(areas: Sequence[AreaView]) -> tuple[ProgressPart, ...]:
    if sum(_in_short(area) + size_of(area) for area in areas) <= sizes.MOST_BYTES:
        return (ProgressPart(tuple(areas), tuple(areas), is_folded=False),)
    titled = [area for area in areas if area.entry.title]
    untitled = [area for area in areas if area.groups and not area.entry.title]
    return (
        *(ProgressPart(some, (), is_folded=True) for some in sizes.in_pages(titled, _in_short) if some),
        *(ProgressPart((), some, is_folded=True) for some in in_parts(untitled) if some),
    )


def _in_short(area: AreaView) -> int:
    return sizes.of_text(area.entry.title) + len(area.strip) + sizes.LINK * (4 + len(area.totals))


def filtered_view(snapshot: Snapshot, filter: Filter, words: Words) -> FilteredView:
    """What `filter`, which must ask for something, finds by its `words`."""
    found = {match.entry.reference: match.found_in for match in matches(snapshot, filter, words=words)}
    lead = words.exact.reference if words.exact and words.exact.reference in found else ""
    exact = areas_with(snapshot, {lead: found.pop(lead)}) if lead else ()
    areas = areas_with(snapshot, found)
    count = sum(len(area.current) for area in (*exact, *areas))
    return FilteredView(
        snapshot=snapshot,
        parts=tuple(FilteredPart(exact if number == 0 else (), part) for number, part in enumerate(in_parts(areas))),
        named=(words.named() or (words.named(by_any=True) if not (exact or areas) else ()))[:MOST_NAMED],
        by_word=_by_word(snapshot, filter, words) if not (exact or areas) else (),
        hits=words.hits,
        count=count,
        of=len(snapshot.current),
        retired=len(found) + len(exact) - count,
        conditions=conditions(snapshot, filter),
        query=filter.query,
        notes=notes_on_statuses(snapshot, (one.entry for area in (*exact, *areas) for one in area.current)),
    )


def results_title(snapshot: Snapshot, filter: Filter, plan: ActionPlan | None) -> str:
    """What the page of what `filter` finds is called: without the words that were typed."""
    parts = [snapshot.labels.get(filter.status, "") if filter.status != NO_UPDATE else _("No update yet")]
    parts += [title_of_area(area, plan) for area in snapshot.areas if str(area.number) == filter.area]
    names = [party.name for party in parties_of(snapshot) if party.slug == filter.party]
    parts += [name for name in names if titles.may_be_seen(name, plan)]
    return _("Results") + "".join(f", {part}" for part in parts if part)


def _by_word(snapshot: Snapshot, filter: Filter, words: Words) -> tuple[WordAlone, ...]:
    """What each of several words finds by itself, with the rest of the filter as it is."""
    found = []
    for word in words.asked[:MOST_WORDS] if len(words.asked) > 1 else ():
        alone = replace(filter, q=words.typed[word])
        entries = [match.entry for match in matches(snapshot, alone, words=words.only(word))]
        count = sum(not entry.is_retired(snapshot.on) for entry in entries)
        found.append(WordAlone(alone.q, count, alone.query))
    return tuple(found)


def conditions(snapshot: Snapshot, filter: Filter) -> tuple[Condition, ...]:
    """The parts of `filter` in words."""
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
