"""The history of a thing in words: who saved what, when and why, and two of its versions compared."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, overload
from uuid import UUID

from django.db import models
from django.utils.translation import gettext as _

from recommendations.models import StatusWording
from recommendations.publishing.history import PARTS, Moment, histories, moment_of, name_of
from recommendations.text import dates
from recommendations.text.diff import Piece, around_changes, words_compared

from .acts import verb_of

SKIPPED = {"id", "plan", "update", "report", "ready_by", "published_by", "withdrawn_by", "taken_down_by", "erased_by"}


# A part needn't say what it is a part of.
LINKS = {part for parts in PARTS.values() for part in parts}
KINDS_OF_PARTS = {part for part, _link in LINKS}
Compared = list[tuple[str, tuple[Piece, ...]]]
Names = dict[str, dict[Any, str]]
Many = dict[str, dict[int, list[str]]]


@dataclass(frozen=True)
class HistoryEntry:
    """One save of a thing with its parts; `compared` is what it changed, by label. `key` names it for `moment_of`."""

    key: str
    at: Any
    who: str
    verb: str
    why: str
    compared: Compared


@dataclass(frozen=True)
class Words:
    """What history rows say in words: the names of what they point at, for each kind of row."""

    names: dict[type[models.Model], Names]
    many: Many

    @classmethod
    def of(cls, rows: Iterable[Any]) -> Words:
        kinds: dict[type[models.Model], list[Any]] = {}
        for row in rows:
            kinds.setdefault(row.instance_type, []).append(row)
        names = {kind: _names(found) for kind, found in kinds.items()}
        fields = {
            field.name: found for found in kinds.values() for field in getattr(found[0], "_history_m2m_fields", [])
        }
        return cls(names, {name: _many(found, name) for name, found in fields.items()})

    def own(self, row: Any) -> dict[str, str]:
        """What a row says, by label, without what is empty."""
        many = {name: self.many.get(name, {}) for name in (one.name for one in getattr(row, "_history_m2m_fields", []))}
        return dict(_labelled(row, self.names[row.instance_type], many))

    def part(self, row: Any) -> str:
        return "; ".join(f"{label}: {words}" for label, words in self.own(row).items()) if row else ""


class History(Sequence[HistoryEntry]):
    """Every save that changed `thing` or its parts or had a reason, newest first.

    What each changed is compared only for those that are asked for, in a constant number of queries.
    """

    def __init__(self, thing: models.Model) -> None:
        rows = [list(history.select_related("history_user").order_by("history_id")) for history in histories(thing)]
        self.rows = [row for found in rows for row in found]
        self.words: Words | None = None
        self.saves: dict[UUID, list[Any]] = {}
        for row in self.rows:
            self.saves.setdefault(row.save_id, []).append(row)
        self.before: dict[UUID, dict[Any, Any]] = {}
        state: dict[Any, Any] = {}
        shown = []
        for save in sorted(self.saves):
            self.before[save] = dict(state)
            found = self.saves[save]
            if any(_matters(state.get((row.instance_type, row.id)), row) for row in found):
                shown.append(save)
            state.update(((row.instance_type, row.id), row) for row in found)
        self.shown = shown[::-1]

    def __len__(self) -> int:
        return len(self.shown)

    @overload
    def __getitem__(self, place: int) -> HistoryEntry: ...
    @overload
    def __getitem__(self, place: slice) -> list[HistoryEntry]: ...
    def __getitem__(self, place: int | slice) -> HistoryEntry | list[HistoryEntry]:
        if isinstance(place, slice):
            return [self.entry(save) for save in self.shown[place]]
        return self.entry(self.shown[place])

    def place(self, key: str) -> int:
        """Where the save that `key` names stands among those shown; 0 for any other text."""
        return next((place for place, save in enumerate(self.shown) if str(save) == key), 0)

    def entry(self, save: UUID) -> HistoryEntry:
        if self.words is None:
            self.words = Words.of(self.rows)
        rows, before = self.saves[save], self.before[save]
        after = before | {(row.instance_type, row.id): row for row in rows}
        newest = max(rows, key=lambda row: row.history_date)
        is_first = not before
        compared = _compared(before, after, self.words)
        return HistoryEntry(
            str(save),
            newest.history_date,
            name_of(newest.history_user),
            verb_of(newest.save_act, "+" if is_first else "~"),
            "\n".join(dict.fromkeys(row.history_change_reason for row in rows if row.history_change_reason)),
            [(label, around_changes(pieces)) for label, pieces in compared],
        )


def present(thing: models.Model) -> Moment:
    """How `thing` is now; LookupError where it keeps no history."""
    # Not the maximum: PostgreSQL knows none of a UUID before version 18.
    newest = [history.order_by("-save_id").values_list("save_id", flat=True).first() for history in histories(thing)]
    saves = [one for one in newest if one]
    now = moment_of(thing, str(max(saves))) if saves else None
    if now is None:
        raise LookupError(thing)
    return now


def moments_compared(before: Moment, after: Moment) -> Compared:
    """What differs between two moments of one thing: labels, each with its words compared."""
    states = [
        {(row.instance_type, row.id): row for row in (then.own, *(row for _kind, rows in then.parts for row in rows))}
        for then in (before, after)
    ]
    return _compared(states[0], states[1], Words.of([row for state in states for row in state.values()]))


def _compared(before: dict[Any, Any], after: dict[Any, Any], words: Words) -> Compared:
    """What differs between two states of a thing, by label; its parts of one kind together, each on a line."""
    found: Compared = []
    parts: dict[str, list[Piece]] = {}
    for key in sorted({**before, **after}, key=lambda key: (key[0] in KINDS_OF_PARTS, key[1])):
        old, new = (row if row and row.history_type != "-" else None for row in (before.get(key), after.get(key)))
        if old is new:
            continue
        if key[0] in KINDS_OF_PARTS:
            was, now = words.part(old), words.part(new)
            if was != now:
                pieces = parts.setdefault(str(key[0]._meta.verbose_name_plural).capitalize(), [])
                pieces += [*([Piece("same", "\n")] if pieces else []), *words_compared(was, now)]
        else:
            olds, news = (words.own(row) if row else {} for row in (old, new))
            for label in dict.fromkeys([*olds, *news]):
                if olds.get(label, "") != news.get(label, ""):
                    found.append((label, words_compared(olds.get(label, ""), news.get(label, ""))))
    return [*found, *((label, tuple(pieces)) for label, pieces in parts.items())]


def _names(rows: list[Any]) -> Names:
    """For each relation, the names of what the rows point at, and for a status what the plan calls each.

    Whatever was deleted since has none.
    """
    names: Names = {}
    for field in rows[0].tracked_fields if rows else ():
        if field.is_relation and field.name not in SKIPPED:
            kind = field.related_model
            related = kind._base_manager.in_bulk({getattr(row, field.attname) for row in rows} - {None})
            names[field.name] = {id: str(getattr(one, "reference", one)) for id, one in related.items()}
        elif field.name == "status":
            names[field.name] = dict(StatusWording.objects.labels())
    return names


def _matters(before: Any, row: Any) -> bool:
    """Whether the history shows `row`, which follows `before`: it changed something, or says why."""
    if before is None or row.history_type != "~" or row.history_change_reason or row._history_m2m_fields:
        return True
    names = [field.attname for field in row.tracked_fields if field.name not in SKIPPED]
    return any(getattr(before, name) != getattr(row, name) for name in names)


def _labelled(row: Any, names: Names, many: Many) -> Iterator[tuple[str, str]]:
    for field in row.tracked_fields:
        if field.name in SKIPPED or (row.instance_type, field.attname) in LINKS:
            continue
        if value := getattr(row, field.attname):
            yield str(field.verbose_name).capitalize(), _display_value(field, value, names)
    for name, related in many.items():
        if found := related.get(row.history_id):
            yield str(row.instance_type._meta.get_field(name).verbose_name).capitalize(), ", ".join(found)


def _many(rows: list[Any], name: str) -> dict[int, list[str]]:
    """What each history row was related to through the many-to-many field `name`, by its history id, in words."""
    if not rows:
        return {}
    through = getattr(rows[0], name).model
    field = [one for one in through._meta.fields if one.is_relation and one.name != "history"][-1]
    links = list(through.objects.filter(history_id__in=[row.history_id for row in rows]))
    related = field.related_model._base_manager.in_bulk({getattr(link, field.attname) for link in links})
    found: dict[int, list[str]] = {}
    for link in links:
        one = related.get(getattr(link, field.attname))
        found.setdefault(link.history_id, []).append(str(getattr(one, "reference", one)))
    return {id: sorted(words) for id, words in found.items()}


def _display_value(field: Any, value: Any, names: Names) -> str:
    if isinstance(value, bool):
        return _("yes")
    if field.is_relation or field.name in names:
        return names.get(field.name, {}).get(value, str(value))
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(field, models.DateTimeField):
        return dates.moment(value)
    if isinstance(field, models.DateField):
        return dates.day(value)
    return str(value)
