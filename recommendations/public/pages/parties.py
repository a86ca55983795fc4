"""The recommendations addressed to one party, and the list of all parties."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from recommendations.reading.entries import PartyEntry, StatusNote
from recommendations.reading.schema import Snapshot, StatusTotal

from .areas import AreaView, areas_with, notes_on_statuses


@dataclass(frozen=True)
class PartyView:
    """The recommendations addressed to one party by name, and apart those addressed to everyone.

    The page of everyone itself has no such part.
    """

    entry: PartyEntry
    areas: tuple[AreaView, ...]
    count: int
    totals: tuple[StatusTotal, ...]
    everyone: PartyEntry | None
    for_everyone: tuple[AreaView, ...]
    snapshot: Snapshot
    notes: tuple[StatusNote, ...]


@dataclass(frozen=True)
class PartyLine:
    """A party in the list of those that are addressed, with how many current recommendations name it, in words."""

    party: PartyEntry
    counted: str


def party_view(snapshot: Snapshot, party: PartyEntry) -> PartyView:
    """Every recommendation addressed to `party`."""

    def addressed_to(slug: str) -> tuple[AreaView, ...]:
        entries = (entry for entry in snapshot.recommendations if slug in {one.slug for one in entry.parties})
        return areas_with(snapshot, dict.fromkeys(entry.reference for entry in entries))

    everyone = next((one for entry in snapshot.recommendations for one in entry.parties if one.is_everyone), None)
    if party.is_everyone:
        everyone = None
    areas, for_everyone = addressed_to(party.slug), addressed_to(everyone.slug) if everyone else ()
    current = [line.entry for area in areas for line in area.current]
    return PartyView(
        entry=party,
        areas=areas,
        count=len(current),
        totals=tuple(total for total in snapshot.totals(current) if total.count),
        everyone=everyone,
        for_everyone=for_everyone,
        snapshot=snapshot,
        notes=notes_on_statuses(snapshot, (one.entry for area in (*areas, *for_everyone) for one in area.current)),
    )


def party_lines(snapshot: Snapshot, parties: Iterable[PartyEntry]) -> tuple[PartyLine, ...]:
    """The `parties` with how many of the current recommendations name each."""
    named = [party.slug for entry in snapshot.current for party in entry.parties]
    return tuple(PartyLine(party, snapshot.plan.counted(named.count(party.slug))) for party in parties)
