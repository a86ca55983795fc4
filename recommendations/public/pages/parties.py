"""What is addressed to one party, in words for that party, and the list of all parties."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from recommendations.models import Status
from recommendations.reading.entries import PartyEntry, StatusNote
from recommendations.reading.schema import Snapshot, StatusTotal
from recommendations.text.intake import folded

from . import sizes
from .areas import AreaView, RecommendationLine, areas_with, in_parts, notes_on_statuses

# A longer name isn't said again beside each recommendation.
NAMED = 40


@dataclass(frozen=True)
class PartyView:
    """The recommendations addressed to one party by name, and apart those addressed to everyone.

    `areas` are also in `parts`, with pages of their own. The page of everyone itself has none apart; others have them
    where they fit beside the rest. `references` are of those that weren't retired. `published_as` is how other pages
    call the status of what is for others to act on, and here for this party; empty where nothing is.
    """

    entry: PartyEntry
    areas: tuple[AreaView, ...]
    parts: tuple[tuple[AreaView, ...], ...]
    references: tuple[str, ...]
    totals: tuple[StatusTotal, ...]
    published_as: str
    everyone: PartyEntry | None
    for_everyone: tuple[AreaView, ...]
    snapshot: Snapshot
    notes: tuple[StatusNote, ...]
    is_ourselves: bool

    @property
    def count(self) -> int:
        return len(self.references)

    @property
    def to_act_on(self) -> str:
        """What this page calls the status `published_as`."""
        return _to_act_on(self.entry)

    @property
    def query(self) -> str:
        """The filter of files with the same recommendations, as it stands in an address."""
        return f"party={self.entry.slug}"


@dataclass(frozen=True)
class PartyLine:
    """A party in the list of those that are addressed: how many current recommendations name it, in words, and where
    these stand."""

    party: PartyEntry
    counted: str
    totals: tuple[StatusTotal, ...]


def party_view(snapshot: Snapshot, party: PartyEntry) -> PartyView:
    """Every recommendation addressed to `party`."""
    everyone = next((one for entry in snapshot.recommendations for one in entry.parties if one.is_everyone), None)
    if party.is_everyone:
        everyone = None
    areas = _addressed_to(snapshot, party)
    for_everyone = _addressed_to(snapshot, everyone) if everyone else ()
    current = [line.entry for area in areas for line in area.current]
    stated = [line.entry for area in (*areas, *for_everyone) for line in area.current]
    return PartyView(
        entry=party,
        areas=areas,
        parts=in_parts(areas),
        references=tuple(entry.reference for entry in current),
        totals=_totals(snapshot, party),
        published_as=next((snapshot.labels[one.status_key] for one in stated if _is_for_others(one.status_key)), ""),
        everyone=everyone,
        for_everyone=for_everyone if len(in_parts((*areas, *for_everyone))) == 1 else (),
        snapshot=snapshot,
        notes=notes_on_statuses(snapshot, stated),
        is_ourselves=is_ourselves(party, snapshot),
    )


def is_ourselves(party: PartyEntry, snapshot: Snapshot) -> bool:
    """Whether `party` is the organization that the plan is of, which needs nobody to tell it how to reply."""
    plan = snapshot.plan
    return folded(party.name) in {folded(plan.organisation_name), folded(plan.organisation_short_name)}


def parties_in_pages(parties: Iterable[PartyEntry]) -> tuple[tuple[PartyEntry, ...], ...]:
    """The `parties` of the list of all in parts that take pages of their own."""
    return sizes.in_pages(parties, lambda party: sizes.RECOMMENDATION + sizes.of_text(party.name))


def party_lines(snapshot: Snapshot, parties: Iterable[PartyEntry]) -> tuple[PartyLine, ...]:
    """The `parties` with how many of the current recommendations name each, and where these stand."""
    lines = [(party, _totals(snapshot, party)) for party in parties]
    return tuple(
        PartyLine(party, snapshot.plan.counted(sum(total.count for total in totals)), totals) for party, totals in lines
    )


def _totals(snapshot: Snapshot, party: PartyEntry) -> tuple[StatusTotal, ...]:
    """The statuses of the current recommendations that name `party`, in words for it."""
    named = [entry for entry in snapshot.current if party.slug in {one.slug for one in entry.parties}]
    return tuple(
        replace(total, label=_("for them to act on")) if _is_for_others(total.key) else total
        for total in snapshot.totals(named)
        if total.count
    )


def _addressed_to(snapshot: Snapshot, party: PartyEntry) -> tuple[AreaView, ...]:
    """The areas with what is addressed to `party`, where each recommendation stands in words for it."""

    def in_their_words(line: RecommendationLine) -> RecommendationLine:
        return replace(line, label=_to_act_on(party)) if _is_for_others(line.entry.status_key) else line

    named = [one for one in snapshot.recommendations if party.slug in {other.slug for other in one.parties}]
    return tuple(
        replace(
            area,
            groups=tuple(replace(group, lines=tuple(map(in_their_words, group.lines))) for group in area.groups),
        )
        for area in areas_with(snapshot, dict.fromkeys(one.reference for one in named))
    )


def _to_act_on(party: PartyEntry) -> str:
    if len(party.name) > NAMED:
        return _("For them to act on")
    return _("For %(party)s to act on") % {"party": party.name}


def _is_for_others(key: str) -> bool:
    return bool(key) and not Status(key).is_own
