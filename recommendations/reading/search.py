"""Which recommendations a reader asks to see: by words, status, area and party, all of which must match.

Searching is done here, in Python, so that both databases find the same: words are compared without case, accents or the
difference between NFC and NFD.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from urllib.parse import urlencode

from recommendations.text.intake import folded

from .entries import PartyEntry, RecommendationEntry, UpdateEntry
from .schema import Snapshot

# In place of a status: recommendations that no update covers yet.
NO_UPDATE = "none"


NAMES = ("q", "status", "area", "party")


LONGEST_SEARCH = 200


# Phones type curly ones, the plan has straight ones.
APOSTROPHES = str.maketrans("‘’ʼ", "'''")


@dataclass(frozen=True)
class Filter:
    """What a reader searches for; empty parts match everything. `status` is a status word, or NO_UPDATE."""

    q: str = ""
    status: str = ""
    area: str = ""
    party: str = ""

    def __bool__(self) -> bool:
        return any(getattr(self, name) for name in NAMES)

    @property
    def query(self) -> str:
        """The parts as they stand in an address, after the question mark; empty for no filter."""
        parts = {**asdict(self), "status": in_address(self.status)}
        return urlencode({name: parts[name] for name in NAMES if parts[name]})

    def without(self, name: str) -> Filter:
        return replace(self, **{name: ""})


@dataclass(frozen=True)
class Match:
    """A recommendation that a filter asks for; `found_in`: the newest update that holds what its own text doesn't."""

    entry: RecommendationEntry
    found_in: UpdateEntry | None


def matches(snapshot: Snapshot, filter: Filter) -> tuple[Match, ...]:
    """The recommendations that `filter` asks for, in plan order; all where it asks for nothing.

    Each of its words must stand in the recommendation, with its reference and its explanation in plain words, or in one
    of its published updates. A retired one has no status to ask for; otherwise it is found like any other.
    """
    words = set(_without_name(snapshot, compared(filter.q)).split())
    texts = {update.id: compared(update.text) for update in snapshot.updates} if words else {}
    found = []
    for area in snapshot.areas:
        for entry in area.recommendations if filter.area in ("", str(area.number)) else ():
            if not _has_status(snapshot, entry, filter.status):
                continue
            if filter.party and filter.party not in {party.slug for party in entry.parties}:
                continue
            own = f"{entry.reference} {entry.text} {entry.explanation}"
            missing = _missing(words, compared(own)) if words else words
            found_in = None
            for id in reversed(entry.timeline) if missing else ():
                if (left := _missing(missing, texts[id])) != missing:
                    found_in, missing = found_in or snapshot.updates_by_id[id], left
            if not missing:
                found.append(Match(entry, found_in))
    return tuple(found)


def matching(snapshot: Snapshot, filter: Filter) -> tuple[str, ...]:
    """The references of `matches`."""
    return tuple(match.entry.reference for match in matches(snapshot, filter))


def parties_of(snapshot: Snapshot) -> tuple[PartyEntry, ...]:
    """Those that some recommendation is addressed to, by name, everyone last."""
    parties = {party.slug: party for entry in snapshot.recommendations for party in entry.parties}
    return tuple(sorted(parties.values(), key=lambda party: (party.is_everyone, folded(party.name))))


def _has_status(snapshot: Snapshot, entry: RecommendationEntry, status: str) -> bool:
    if not status:
        return True
    if entry.is_retired(snapshot.on):
        return False
    return (entry.status_key or NO_UPDATE) == status


def _without_name(snapshot: Snapshot, words: str) -> str:
    """“call 42” as “42”, where there is such a reference; any other words as they are."""
    references = {compared(entry.reference) for entry in snapshot.recommendations}
    for name in (snapshot.plan.name_of_one, snapshot.plan.name_of_several):
        rest = words.removeprefix(compared(name)).strip()
        if rest != words and rest in references:
            return rest
    return words


def _missing(words: set[str], text: str) -> set[str]:
    return {word for word in words if word not in text}


def in_address(status: str) -> str:
    return status.replace(" ", "-")


def compared(text: str) -> str:
    """`text` as it is searched."""
    return folded(text).translate(APOSTROPHES)
