"""How many bytes of HTML the things in long lists take at most, and how such lists are cut into pages by that.

No page is to be larger than 300 kB, so that it opens on an old phone with a bad connection. Nothing is rendered for it:
a page of 29 or of 2,900 recommendations says at once what stands on it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TypeVar

from recommendations.reading.entries import PartyEntry, RecommendationEntry, UpdateEntry

Thing = TypeVar("Thing")

# What a list on a page may take: some hundred recommendations of usual length, with their updates. The rest of the
# page takes up to 70 kB.
MOST_BYTES = 220_000

# The markup of one of each, without the texts in it.
RECOMMENDATION = 700
UPDATE = 450
LINK = 80
# A reference stands twice beside an update: as a link, and in words for those who hear it.
REFERENCE = 80

ADDRESS = re.compile(r"(?:https?://|www\.)\S+")
LONGER_ESCAPED = "&<>\"'"
MARKS = "*_#-"


def in_pages(
    things: Iterable[Thing], size: Callable[[Thing], int], *, most: int | None = None
) -> tuple[tuple[Thing, ...], ...]:
    """`things` in parts that take pages of their own: at most MOST_BYTES by `size`, and `most` of them; at least one.

    A thing that is larger than that has a page to itself.
    """
    parts: list[list[Thing]] = [[]]
    room = MOST_BYTES
    for thing in things:
        taken = size(thing)
        if parts[-1] and (taken > room or len(parts[-1]) == most):
            parts.append([])
            room = MOST_BYTES
        parts[-1].append(thing)
        room -= taken
    return tuple(map(tuple, parts))


def of_text(text: str) -> int:
    """What `text` takes, where its addresses become links and its lines paragraphs or items."""
    size = len(text.encode()) + 30 * (text.count("\n") + 1)
    size += 5 * sum(map(text.count, LONGER_ESCAPED)) + 10 * sum(map(text.count, MARKS))
    if "://" in text or "www." in text:
        size += sum(LINK + len(address.encode()) for address in ADDRESS.findall(text))
    return size


def of_parties(parties: Iterable[PartyEntry]) -> int:
    return sum(LINK + len(party.slug) + of_text(party.name) for party in parties)


def of_recommendation(entry: RecommendationEntry) -> int:
    """With who it is addressed to, what explains it, and what is said of a retired one."""
    texts = (entry.text, entry.explanation, entry.done_means, entry.retired_reason)
    replaced = REFERENCE * len(entry.replaced_by)
    return RECOMMENDATION + sum(of_text(text) for text in texts if text) + of_parties(entry.parties) + replaced


def of_update(update: UpdateEntry) -> int:
    """Whole, with its evidence and the references it covers."""
    evidence = sum(LINK + len(link.address) + of_text(link.label) for link in update.evidence)
    # Their labels are said again to those who hear the page.
    archived = [link for link in update.evidence if link.archived_address]
    evidence += sum(2 * LINK + len(link.archived_address) + of_text(link.label) for link in archived)
    return UPDATE + of_text(update.text) + evidence + REFERENCE * len(update.statuses)
