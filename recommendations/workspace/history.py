"""The history of a thing in words: who changed what, when and why, and two of its versions compared."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from recommendations.models import StatusWording
from recommendations.publishing.history import PARTS, Moment, histories, moment_of, name_of
from recommendations.text import dates
from recommendations.text.diff import Piece, words_compared

SKIPPED = {"id", "plan", "update", "report", "ready_by", "published_by", "withdrawn_by", "taken_down_by", "erased_by"}


# A part needn't say what it is a part of.
LINKS = {part for parts in PARTS.values() for part in parts}
VERBS = {"+": gettext_lazy("Added"), "~": gettext_lazy("Changed"), "-": gettext_lazy("Removed")}


@dataclass(frozen=True)
class HistoryEntry:
    """One change of a thing or of a part of it; `changes` are (label, before, after), in words.

    `key` names its row: see `moment_of` in publishing/history.py.
    """

    key: str
    at: Any
    who: str
    verb: str
    part: str
    why: str
    changes: tuple[tuple[str, str, str], ...]


def history_of(thing: models.Model) -> list[HistoryEntry]:
    """Every change of `thing` and of its parts, newest first, each against the row before it."""
    entries = []
    for position, history in enumerate(histories(thing)):
        of_many = [field.name for field in getattr(history.model, "_history_m2m_fields", [])]
        rows = list(history.select_related("history_user").order_by("history_id"))
        names = _names(rows)
        many = {name: _many(rows, name) for name in of_many}
        before: dict[Any, Any] = {}
        for row in rows:
            changes = tuple(_changes(before.get(row.id), row, names, many))
            before[row.id] = row
            part = str(row.instance_type._meta.verbose_name).capitalize() if position else ""
            if changes or row.history_type != "~" or row.history_change_reason:
                entries.append(
                    (
                        row.history_date,
                        row.history_id,
                        HistoryEntry(
                            f"{position}-{row.history_id}",
                            row.history_date,
                            name_of(row.history_user),
                            str(VERBS[row.history_type]),
                            part,
                            row.history_change_reason or "",
                            changes if row.history_type != "-" else (),
                        ),
                    )
                )
    return [entry for *_order, entry in sorted(entries, key=lambda one: one[:2], reverse=True)]


def present(thing: models.Model) -> Moment:
    """How `thing` stands now; LookupError where it keeps no history."""
    rows = [(row.history_date, f"{position}-{row.history_id}") for position, row in _last_rows(thing)]
    now = moment_of(thing, max(rows)[1]) if rows else None
    if now is None:
        raise LookupError(thing)
    return now


def _last_rows(thing: models.Model) -> Iterator[tuple[int, Any]]:
    for position, history in enumerate(histories(thing)):
        if row := history.order_by("-history_date", "-history_id").first():
            yield position, row


def moments_compared(before: Moment, after: Moment) -> list[tuple[str, tuple[Piece, ...]]]:
    """What differs between two moments of one thing: labels, each with its words compared."""
    old, new = _labelled(before), _labelled(after)
    labels = dict.fromkeys([*old, *new])
    differing = [label for label in labels if old.get(label, "") != new.get(label, "")]
    return [(label, words_compared(old.get(label, ""), new.get(label, ""))) for label in differing]


def _labelled(then: Moment) -> dict[str, str]:
    """What a thing and its parts said, by label; the parts of one kind together, each on its line."""
    names = _names([then.own])
    many = {name: _many([then.own], name) for name in then.many}
    said = {label: words for label, _before, words in _changes(None, then.own, names, many)}
    for kind, rows in then.parts:
        part_names = _names(list(rows))
        lines = []
        for row in rows:
            pairs = list(_changes(None, row, part_names, {}))
            lines.append("; ".join(f"{label}: {words}" for label, _before, words in pairs))
        said[str(kind._meta.verbose_name_plural).capitalize()] = "\n".join(lines)
    return said


def _names(rows: list[Any]) -> dict[str, dict[Any, str]]:
    """For each relation, the names of what the rows point at, and for a status what the plan calls each.

    Whatever was deleted since has none.
    """
    names: dict[str, dict[Any, str]] = {}
    for field in rows[0].tracked_fields if rows else ():
        if field.is_relation and field.name not in SKIPPED:
            kind = field.related_model
            related = kind._base_manager.in_bulk({getattr(row, field.attname) for row in rows} - {None})
            names[field.name] = {id: str(getattr(one, "reference", one)) for id, one in related.items()}
        elif field.name == "status":
            names[field.name] = dict(StatusWording.objects.labels())
    return names


def _changes(
    before: Any, row: Any, names: Any, many: dict[str, dict[int, list[str]]]
) -> Iterator[tuple[str, str, str]]:
    for field in row.tracked_fields:
        if field.name in SKIPPED or (row.instance_type, field.attname) in LINKS:
            continue
        old = getattr(before, field.attname) if before else None
        new = getattr(row, field.attname)
        if (old or "") != (new or ""):
            yield (
                str(field.verbose_name).capitalize(),
                _display_value(field, old, names) if before else "",
                _display_value(field, new, names),
            )
    for name, related in many.items():
        olds = related.get(before.history_id, []) if before else []
        news = related.get(row.history_id, [])
        if olds != news:
            label = str(row.instance_type._meta.get_field(name).verbose_name).capitalize()
            yield label, (", ".join(olds) or _("(none)")) if before else "", ", ".join(news) or _("(none)")


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


def _display_value(field: Any, value: Any, names: dict[str, dict[Any, str]]) -> str:
    if value in (None, ""):
        return _("(empty)")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if field.is_relation or field.name in names:
        return names.get(field.name, {}).get(value, str(value))
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(field, models.DateTimeField):
        return dates.moment(value)
    if isinstance(field, models.DateField):
        return dates.day(value)
    return str(value)
