"""What an import would change and all that is wrong with its sheet, as frozen values."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from django.utils.translation import gettext as _

from recommendations.text.diff import Piece

from .columns import FIELDS
from .order import Positions

# What the tick is called that puts recommendations in the order of the sheet.
ORDER = "order"
# Fields that change together and so share a tick, by its word. Any other field has a tick of its own, by its name.
TICKS = {
    "target_on": "target",
    "target_as_published": "target",
    "done_means": "done",
    "done_means_set_by": "done",
    "done_means_set_on": "done",
    "added_on": "added",
    "retired_on": "retirement",
    "retired_reason": "retirement",
    "replaced_by": "retirement",
}


@dataclass(frozen=True)
class Fault:
    """Something wrong in one place of a sheet; `column` is empty where it is the whole row."""

    row: int
    column: str
    message: str

    def __str__(self) -> str:
        words = {"row": self.row, "column": self.column, "message": self.message}
        if not self.column:
            return _("Row %(row)d: %(message)s") % words
        return _("Row %(row)d, column %(column)s: %(message)s") % words


@dataclass(frozen=True)
class AreaChange:
    """An area that is new, or gets another title: `compared` has the two word by word."""

    number: int
    title: str
    is_new: bool
    compared: tuple[Piece, ...]

    @property
    def key(self) -> str:
        """What its tick is called, where readers are told of it."""
        return f"area {self.number}"


@dataclass(frozen=True)
class Part:
    """Changes of one recommendation that stand and fall together; `key` is what their tick is called."""

    key: str
    names: tuple[str, ...]
    compared: tuple[tuple[str, tuple[Piece, ...]], ...]

    @property
    def is_text(self) -> bool:
        return self.names == ("text",)


@dataclass(frozen=True)
class RecommendationChange:
    """One recommendation that is new, or differs: `values` by field, and `compared` the same in words, by label.

    Of parties the values are names, of those that replace it references. With `is_announced` readers see it. `area` is
    the number of the area that it belongs to.
    """

    reference: str
    text: str
    is_new: bool
    values: tuple[tuple[str, Any], ...]
    compared: tuple[tuple[str, tuple[Piece, ...]], ...]
    is_announced: bool = False
    area: int = 0

    @property
    def parts(self) -> tuple[Part, ...]:
        """Of one that differs, what has a tick of its own where readers are told of it."""
        names = [name for name in FIELDS.values() if name in dict(self.values)]
        compared = dict(zip(names, self.compared, strict=True))
        ticks: dict[str, list[str]] = {}
        for name in names:
            ticks.setdefault(TICKS.get(name, name), []).append(name)
        return tuple(
            Part(f"{self.reference} {word}", tuple(together), tuple(compared[name] for name in together))
            for word, together in ticks.items()
        )

    def only(self, ticked: Collection[str]) -> RecommendationChange:
        """The same with those of its parts alone that were `ticked`."""
        names = {name for part in self.parts if part.key in ticked for name in part.names}
        return replace(self, values=tuple(pair for pair in self.values if pair[0] in names), compared=())


@dataclass(frozen=True)
class Proposal:
    """What a sheet would do. With `faults` nothing is done; `notices` are for whoever looks at it.

    `unchanged` counts the rows that say what is stored, `left_alone` the recommendations that no row names.
    `is_announced` says that reports have been published: each change of what was adopted then has a tick of its own,
    and a public reason.
    `positions` are the places of new recommendations, and of those after them. `reordered` are those that have another
    order in the sheet: unless it was ticked it changes nothing, then the places are `positions_as_in_sheet`.
    `is_unnumbered` says that the areas, the first of the plan, have no numbers: then readers see none.
    """

    areas: tuple[AreaChange, ...] = ()
    parties: tuple[str, ...] = ()
    changes: tuple[RecommendationChange, ...] = ()
    unchanged: int = 0
    left_alone: int = 0
    notices: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()
    is_announced: bool = False
    positions: Positions = ()
    positions_as_in_sheet: Positions = ()
    reordered: tuple[str, ...] = ()
    is_unnumbered: bool = False

    @property
    def asks(self) -> bool:
        """Whether it would change something that readers are told of, and so has ticks."""
        return any(change.is_announced for change in self.changes) or (self.is_announced and bool(self.areas_renamed))

    @property
    def added(self) -> tuple[RecommendationChange, ...]:
        return tuple(change for change in self.changes if change.is_new)

    @property
    def changed(self) -> tuple[RecommendationChange, ...]:
        return tuple(change for change in self.changes if not change.is_new)

    @property
    def retired(self) -> tuple[RecommendationChange, ...]:
        return tuple(change for change in self.changed if dict(change.values).get("retired_on"))

    @property
    def areas_added(self) -> tuple[AreaChange, ...]:
        return tuple(area for area in self.areas if area.is_new)

    @property
    def areas_renamed(self) -> tuple[AreaChange, ...]:
        return tuple(area for area in self.areas if not area.is_new)

    @property
    def is_empty(self) -> bool:
        return not (self.areas or self.parties or self.changes or self.reordered)

    @property
    def confirmed(self) -> str:
        """What a page carries along to notice that the sheet would do something else by now."""
        told = (self.areas, self.parties, self.changes, self.is_announced, self.is_unnumbered)
        return sha256(repr((*told, self.positions, self.positions_as_in_sheet)).encode()).hexdigest()

    def only(self, ticked: Collection[str]) -> Proposal:
        """What is imported: all that is new, and of the changes that readers are told of those that were `ticked`."""
        order = self.positions_as_in_sheet if ORDER in ticked else self.positions
        done = replace(self, positions=order, reordered=self.reordered if ORDER in ticked else ())
        if not self.is_announced:
            return done
        changes = tuple(one.only(ticked) if one.is_announced else one for one in self.changes)
        changes = tuple(one for one in changes if one.values)
        named = {name for one in changes for name in dict(one.values).get("parties", ())}
        areas = tuple(area for area in self.areas if area.is_new or area.key in ticked)
        return replace(
            done,
            areas=areas,
            is_unnumbered=self.is_unnumbered and bool(areas),
            parties=tuple(name for name in self.parties if name in named),
            changes=changes,
        )
