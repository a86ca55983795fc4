"""The order of a sheet: where new recommendations come in, and whether the others are ordered in another way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .rows import Line, StoredPlan

# The places of recommendations in their areas, by reference.
Positions = tuple[tuple[str, int], ...]


def in_order(lines: Sequence[Line], stored: StoredPlan) -> tuple[Positions, Positions, tuple[str, ...]]:
    """The places that change so that new ones come in where they stand in the sheet, the order of the others kept.

    Then the places that change where all of them are put in the order of the sheet, and those that would move.
    """
    kept: list[tuple[str, int]] = []
    as_in_sheet: list[tuple[str, int]] = []
    moved: list[str] = []
    places = {reference: one.position for reference, one in stored.recommendations.items()}
    for area in sorted({line.area for line in lines if line.area}):
        before = [reference for reference, one in stored.recommendations.items() if one.area.number == area]
        said = [line.reference for line in lines if line.area == area]
        known, rows = set(before), set(said)
        was, now = [one for one in before if one in rows], [one for one in said if one in known]
        moved += [here for there, here in zip(was, now, strict=True) if there != here]
        kept += _changed(_with_new(before, said), places, is_kept=True)
        following = iter(now)
        sequence = [next(following) if one in rows else one for one in before]
        as_in_sheet += _changed(_with_new(sequence, said), places, is_kept=was == now)
    return tuple(kept), tuple(as_in_sheet), tuple(moved)


def _with_new(sequence: list[str], said: list[str]) -> list[str]:
    """`sequence` with what only the sheet has, each before the one that follows it there; else at the end."""
    known = set(sequence)
    result = list(sequence)
    for place in range(len(said) - 1, -1, -1):
        if said[place] not in known:
            at = result.index(said[place + 1]) if place + 1 < len(said) else len(result)
            result.insert(at, said[place])
    return result


def _changed(sequence: list[str], places: dict[str, int], *, is_kept: bool) -> list[tuple[str, int]]:
    """The places that are new in a sequence: each its own where order `is_kept` and it can, else the next."""
    found, last = [], 0
    for reference in sequence:
        last = max(last + 1, places.get(reference, 0) if is_kept else 0)
        if places.get(reference) != last:
            found.append((reference, last))
    return found
