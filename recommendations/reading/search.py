"""Which recommendations a reader asks to see: by words, status, area and party, all of which must match.

Searching is done here, in Python, so that both databases find the same. Words are compared whole, without case or
accents, by what their forms have in common (policing, police); from four letters on, as the beginning of longer ones,
too. What has a digit, such as a reference, is found only as it is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from typing import Self
from urllib.parse import urlencode

from django.conf import settings
from django.utils.translation import gettext as _

from recommendations.models import Area, Recommendation, ResponsibleParty
from recommendations.text.intake import folded
from recommendations.text.words import typed_words, words_of

from .entries import AreaEntry, PartyEntry, RecommendationEntry, UpdateEntry
from .forms import stem
from .schema import Snapshot, StatusTotal

# In place of a status: recommendations that no update covers yet.
NO_UPDATE = "none"


NAMES = ("q", "status", "area", "party")


LONGEST_SEARCH = 200
# From so many letters on, a word is found as the beginning of others: “hous” finds housing, “men” doesn't find mentor.
SHORTEST_BEGINNING = 4


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
class AlsoCalled:
    """What staff also call areas, parties and recommendations, by number, address and reference.

    The search reads it and nothing else does, so no snapshot holds it.
    """

    areas: Mapping[int, str] = field(default_factory=dict)
    parties: Mapping[str, str] = field(default_factory=dict)
    recommendations: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def stored(cls) -> Self:
        return cls(
            dict(Area.objects.exclude(also_called="").values_list("number", "also_called")),
            dict(ResponsibleParty.objects.exclude(also_called="").values_list("slug", "also_called")),
            dict(Recommendation.objects.exclude(also_called="").values_list("reference", "also_called")),
        )


@dataclass(frozen=True)
class Match:
    """A recommendation that a filter asks for; `found_in`: the newest update that holds what its own text doesn't."""

    entry: RecommendationEntry
    found_in: UpdateEntry | None


@dataclass(frozen=True)
class Named:
    """An area, a party or a status that the words of a search name, and how many current recommendations it has."""

    entry: AreaEntry | PartyEntry | StatusTotal
    count: int

    @property
    def area(self) -> AreaEntry | None:
        return self.entry if isinstance(self.entry, AreaEntry) else None

    @property
    def status(self) -> StatusTotal | None:
        return self.entry if isinstance(self.entry, StatusTotal) else None


@dataclass(frozen=True)
class Hits:
    """What to mark in a list of what was found: `words`, and `names` that are also called by one that was searched."""

    words: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()


class Words:
    """The words of a search, and where in a plan they are found."""

    def __init__(self, snapshot: Snapshot, typed: str = "", also: AlsoCalled | None = None) -> None:
        self.snapshot, self.also = snapshot, also or AlsoCalled()
        self.language = snapshot.language or settings.LANGUAGE_CODE
        self.typed = {folded(word): word for word in typed_words(typed)}
        self.asked = self._without_name(tuple(self.typed))

    def _without_name(self, words: tuple[str, ...]) -> tuple[str, ...]:
        """“call 42” as “42”, where there is such a reference; any other words as they are."""
        for name in (self.snapshot.plan.name_of_one, self.snapshot.plan.name_of_several):
            before = tuple(words_of(name))
            if words[: len(before)] == before and words[len(before) :] in self._references:
                return words[len(before) :]
        return words

    @cached_property
    def _references(self) -> dict[tuple[str, ...], RecommendationEntry]:
        return {tuple(words_of(entry.reference)): entry for entry in self.snapshot.recommendations}

    @property
    def exact(self) -> RecommendationEntry | None:
        """The recommendation whose reference the words are, and nothing else."""
        return self._references.get(self.asked)

    @cached_property
    def own(self) -> dict[str, frozenset[str]]:
        """The words that find each recommendation apart from its updates, by reference."""
        parties = {party.slug: self._names_of(party) for party in parties_of(self.snapshot)}
        found = {}
        for area in self.snapshot.areas:
            of_area = self._names_of(area)
            for entry in area.recommendations:
                texts = (
                    *(entry.reference, entry.text, entry.explanation, *of_area),
                    self.also.recommendations.get(entry.reference, ""),
                    *(name for party in entry.parties for name in parties[party.slug]),
                )
                found[entry.reference] = frozenset(words_of("\n".join(texts)))
        return found

    @cached_property
    def told(self) -> dict[int, frozenset[str]]:
        """The words of each update, by its id."""
        return {update.id: frozenset(words_of(update.text)) for update in self.snapshot.updates}

    @cached_property
    def forms(self) -> dict[str, frozenset[str]]:
        """For each word that was asked for, the words of the plan that it finds."""
        by_letter = defaultdict(set)
        labels = (frozenset(words_of(label)) for label in self.snapshot.labels.values())
        for words in (*self.own.values(), *self.told.values(), *labels):
            for word in words:
                by_letter[word[0]].add(word)
        # No stemmer changes the first letter of a word.
        return {
            asked: frozenset(word for word in by_letter[asked[0]] if self._finds(asked, word)) for asked in self.asked
        }

    def _finds(self, asked: str, word: str) -> bool:
        if asked == word or any(letter.isdigit() for letter in asked):
            return asked == word
        if len(asked) >= SHORTEST_BEGINNING and word.startswith(asked):
            return True
        return stem(asked, self.language) == stem(word, self.language)

    def only(self, word: str) -> Words:
        """The same search for one of its words."""
        alone = copy(self)
        alone.asked = (word,)
        return alone

    def missing(self, asked: Iterable[str], words: frozenset[str]) -> frozenset[str]:
        """Those of `asked` that aren't found among `words`."""
        return frozenset(word for word in asked if self.forms[word].isdisjoint(words))

    @cached_property
    def _nameable(self) -> tuple[AreaEntry | PartyEntry, ...]:
        """What a reader may name: not an area without a title, nor a party to whom nothing is addressed."""
        return (*parties_of(self.snapshot), *self.snapshot.shown_areas)

    def _names_of(self, named: AreaEntry | PartyEntry) -> list[str]:
        """What an area or a party is called: its name, and each of the others that staff gave it."""
        if isinstance(named, AreaEntry):
            names, others = [named.name], self.also.areas.get(named.number, "")
            if named.short_name != named.name:
                names.append(f"{named.short_name} {named.title}")
        else:
            names, others = [named.name], self.also.parties.get(named.slug, "")
            if named.is_everyone:
                others = f"{_('everyone')}, {others}"
        return [*names, *others.split(",")]

    def named(self, *, by_any: bool = False) -> tuple[Named, ...]:
        """The areas and parties with all the words in one of their names, or with any of them; the closest first.

        Before them, the statuses whose label has all the words: nobody who asks for “on hold” wants those two words.
        """
        found = []
        for entry in self._nameable if self.asked else ():
            names = [frozenset(words_of(name)) for name in self._names_of(entry)]
            lacking = min(len(self.missing(self.asked, words)) for words in names)
            if lacking < len(self.asked) if by_any else not lacking:
                beyond = min(len(words) for words in names if len(self.missing(self.asked, words)) == lacking)
                found.append((lacking, beyond, Named(entry, self._count(entry))))
        return (*self._statuses, *(one for _lacking, _beyond, one in sorted(found, key=lambda each: each[:2])))

    @property
    def _statuses(self) -> tuple[Named, ...]:
        """Not for short words alone, such as “on”."""
        if all(len(word) < SHORTEST_BEGINNING for word in self.asked):
            return ()
        *totals, _without = self.snapshot.totals()
        return tuple(
            Named(total, total.count)
            for total in totals
            if not self.missing(self.asked, frozenset(words_of(total.label)))
        )

    def _count(self, named: AreaEntry | PartyEntry) -> int:
        of_area = {one.reference for one in named.recommendations} if isinstance(named, AreaEntry) else set()
        return sum(entry.reference in of_area or named in entry.parties for entry in self.snapshot.current)

    @property
    def hits(self) -> Hits:
        names = {self.exact.reference} if self.exact else set()
        for entry in self._nameable if self.asked else ():
            shown, *others = (frozenset(words_of(name)) for name in self._names_of(entry))
            also = frozenset().union(*others)
            if self.missing(self.asked, shown) - self.missing(self.asked, also):
                names.add(entry.title if isinstance(entry, AreaEntry) else entry.name)
        for reference, called in self.also.recommendations.items() if self.asked else ():
            if len(self.missing(self.asked, frozenset(words_of(called)))) < len(self.asked):
                names.add(reference)
        return Hits(frozenset().union(*self.forms.values()) if self.asked else frozenset(), frozenset(names))


def matches(snapshot: Snapshot, filter: Filter, *, words: Words | None = None) -> tuple[Match, ...]:
    """The recommendations that `filter` asks for, in plan order; all where it asks for nothing.

    Each of its words must be found in the recommendation, with its explanation in plain words, in what it, its area or
    one of its parties is called, or in one of its published updates. `words` are those of the filter, where they were
    read already. A retired one has no status to ask for; otherwise it is found like any other.
    """
    words = words or Words(snapshot, filter.q)
    if filter.q and not words.asked:
        return ()
    found = []
    for area in snapshot.areas:
        for entry in area.recommendations if filter.area in ("", str(area.number)) else ():
            if not _has_status(snapshot, entry, filter.status):
                continue
            if filter.party and filter.party not in {party.slug for party in entry.parties}:
                continue
            missing = words.missing(words.asked, words.own[entry.reference]) if words.asked else frozenset()
            found_in = None
            for id in reversed(entry.timeline) if missing else ():
                if (left := words.missing(missing, words.told[id])) != missing:
                    found_in, missing = found_in or snapshot.updates_by_id[id], left
            if not missing:
                found.append(Match(entry, found_in))
    return tuple(found)


def matching(snapshot: Snapshot, filter: Filter, *, words: Words | None = None) -> tuple[str, ...]:
    """The references of `matches`."""
    return tuple(match.entry.reference for match in matches(snapshot, filter, words=words))


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


def in_address(status: str) -> str:
    return status.replace(" ", "-")


def compared(text: str) -> str:
    """`text` as staff's own searches compare it."""
    return folded(text).translate(APOSTROPHES)
