"""What was adopted, as a value, and what was changed of it, in sentences for readers.

Adopted are all the fields of a recommendation, an area or a responsible party but those in NOT_ADOPTED: these change
without a word to readers. What “done” means is adopted like the text, so that nobody can change it unseen.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from recommendations.models import Area, Recommendation, ResponsibleParty
from recommendations.text import dates

# How a field is called where readers are told that it was changed, in the order in which they are told. One that isn't
# here is called as in forms, and comes last.
LABELS = {
    "text": gettext_lazy("Text"),
    "parties": gettext_lazy("Responsible parties"),
    "target_as_published": gettext_lazy("Target"),
    "target_on": gettext_lazy("Target date"),
    "done_means": gettext_lazy("Done means"),
    "done_means_set_by": gettext_lazy("What “done” means was set by"),
    "done_means_set_on": gettext_lazy("What “done” means was set on"),
    "added_on": gettext_lazy("First day in the plan"),
    "retired_on": gettext_lazy("Day of retirement"),
    "retired_reason": gettext_lazy("Reason for retirement"),
    "replaced_by": gettext_lazy("Replacement"),
    "title": gettext_lazy("Title of the area"),
    "name": gettext_lazy("Name of the responsible party"),
    "is_everyone": gettext_lazy("Stands for everyone"),
}
# Fields that aren't adopted: references, numbers and addresses, which are fixed after the first edition, what comes
# before what, introductions, explanations and what the search alone reads.
NOT_ADOPTED: dict[type[models.Model], set[str]] = {
    Recommendation: {"reference", "position", "area", "explanation", "also_called"},
    Area: {"number", "introduction", "also_called", "plan"},
    ResponsibleParty: {"slug", "also_called"},
}


def _adopted(kind: type[models.Model]) -> tuple[str, ...]:
    editable = [field for field in (*kind._meta.fields, *kind._meta.many_to_many) if field.editable]
    names = [field.name for field in editable if not field.primary_key and field.name not in NOT_ADOPTED[kind]]
    order = [*LABELS, *names]
    return tuple(sorted(names, key=order.index))


ADOPTED_FIELDS = {kind: _adopted(kind) for kind in NOT_ADOPTED}

# As corrections store it: field names with texts, days in ISO 8601, yes or no, lists of names or references.
AdoptedContent = dict[str, Any]


@dataclass(frozen=True)
class FieldChange:
    """A field, by its name, with what it said before and after: words, or a day in ISO 8601; empty for nothing."""

    field: str
    before: str
    after: str


def is_adopted(thing: object) -> bool:
    """Whether `thing` is of a kind that is adopted."""
    return type(thing) in ADOPTED_FIELDS


def content_of(thing: models.Model, values: Mapping[str, Any] | None = None) -> AdoptedContent:
    """What `thing` says as adopted; `values`, by field name, in the place of what it holds."""
    given = values or {}
    return {
        name: _as_stored(name, given[name] if name in given else _value(thing, name))
        for name in ADOPTED_FIELDS[type(thing)]
    }


def changes(before: AdoptedContent, after: AdoptedContent) -> tuple[FieldChange, ...]:
    """What differs between two contents of one thing, in the order of its fields."""
    return tuple(
        FieldChange(name, _as_text(before[name]), _as_text(after[name]))
        for name in after
        if before[name] != after[name]
    )


def labelled(content: AdoptedContent) -> list[tuple[str, str]]:
    """A content as labels and texts for readers, without what is empty."""
    texts = ((name, _as_text(value)) for name, value in content.items())
    return [(label_of(name), _readable(name, text)) for name, text in texts if text]


def label_of(name: str) -> str:
    """How readers know a field that was adopted."""
    if name in LABELS:
        return str(LABELS[name])
    kind = next(kind for kind, names in ADOPTED_FIELDS.items() if name in names)
    field: Any = kind._meta.get_field(name)
    return capfirst(str(field.verbose_name))


def sentences(changed: Iterable[FieldChange], *, note: str = "") -> list[str]:
    """What was changed, a sentence a field without full stop; not a reason that is the public `note` word for word."""
    return [
        _sentence(change)
        for change in changed
        if not (change.field == "retired_reason" and not change.before and change.after == note)
    ]


def _sentence(change: FieldChange) -> str:
    words = {
        "what": label_of(change.field),
        "before": _readable(change.field, change.before),
        "after": _readable(change.field, change.after),
    }
    if change.before and change.after:
        return _("%(what)s changed from “%(before)s” to “%(after)s”") % words
    if change.field == "retired_on":
        return (
            _("Retired on %(after)s") if change.after else _("No longer retired; it had been retired on %(before)s")
        ) % words
    if change.after:
        return _("%(what)s added: “%(after)s”") % words
    return _("%(what)s removed: “%(before)s”") % words


def _readable(field: str, words: str) -> str:
    """A stored value as readers see it: days written out."""
    if field.endswith("_on") and words:
        return dates.day(dt.date.fromisoformat(words))
    return words


def _value(thing: models.Model, name: str) -> Any:
    return getattr(thing, name).all() if thing._meta.get_field(name).many_to_many else getattr(thing, name)


def _as_stored(name: str, value: Any) -> Any:
    if name == "parties":
        return [party.name for party in sorted(value, key=lambda one: (one.is_everyone, one.name))]
    if name == "replaced_by":
        return [one.reference for one in sorted(value, key=lambda one: one.order)]
    if isinstance(value, dt.date):
        return value.isoformat()
    return value if isinstance(value, bool) else value or ""


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return "; ".join(value) if isinstance(value, list) else str(value)
