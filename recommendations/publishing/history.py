"""Versions of a thing: which one a form was opened on, so that nobody overwrites a colleague's change, and older ones.

A thing and its parts have one version together: whoever changed a section of a report changed the report.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db import models
from django.utils.translation import gettext as _

from recommendations.models import (
    ActionPlan,
    Assessment,
    EvidenceLink,
    Logo,
    LogoImage,
    Phrase,
    ProgressUpdate,
    Recommendation,
    RecommendationLink,
    Report,
    ReportSection,
    StatusWording,
    SupportLink,
)
from recommendations.text import dates

PARTS: dict[type[models.Model], tuple[tuple[Any, str], ...]] = {
    ActionPlan: (
        (SupportLink, "plan_id"),
        (Phrase, "plan_id"),
        (Logo, "plan_id"),
        (StatusWording, "plan_id"),
    ),
    Recommendation: ((RecommendationLink, "recommendation_id"),),
    ProgressUpdate: ((Assessment, "update_id"), (EvidenceLink, "update_id")),
    Report: ((ReportSection, "report_id"),),
}


@dataclass(frozen=True)
class LastChange:
    """Who changed a thing last, when and why; `by` and `why` are empty where it isn't known."""

    by: str
    at: dt.datetime
    why: str


def histories(thing: models.Model) -> list[models.QuerySet[Any]]:
    """The history rows of `thing`, then those of each kind of its parts; none where it keeps no history."""
    kind: Any = type(thing)
    if not hasattr(kind, "history"):
        return []
    parts = PARTS.get(kind, ())
    own = kind.history.filter(**{kind._meta.pk.attname: thing.pk})
    return [own, *(part.history.filter(**{link: thing.pk}) for part, link in parts)]


@dataclass(frozen=True)
class Moment:
    """A thing and its parts as one save left them; `key` names the save.

    `own` and `parts` are rows of the history; `many` are the ids that each many-to-many field held.
    """

    key: str
    at: dt.datetime
    own: Any
    parts: tuple[tuple[type[models.Model], tuple[Any, ...]], ...]
    many: dict[str, list[int]]


def restorable(then: Moment) -> Moment:
    """`then` without what can't come back: logos, whose pictures went with them, and links to what was deleted."""
    kept = set(LogoImage.objects.values_list("pk", flat=True))
    return replace(
        then,
        many={name: _still_there(then.own, name, ids) for name, ids in then.many.items()},
        parts=tuple(
            (kind, tuple(row for row in rows if kind is not Logo or row.image_id in kept)) for kind, rows in then.parts
        ),
    )


def moment_of(thing: models.Model, key: str) -> Moment | None:
    """How `thing` was after the save that `key` names (`save_id`); None for no such save, or where it was not there."""
    try:
        save = UUID(key)
    except ValueError:
        return None
    rows = histories(thing)
    at = [history.filter(save_id=save).aggregate(at=models.Max("history_date"))["at"] for history in rows]
    if not any(at):
        return None
    newest = [_newest(history, save) for history in rows]
    own, *parts = ([row for row in found if row.history_type != "-"] for found in newest)
    if not own:
        return None
    kinds = [kind for kind, _link in PARTS.get(type(thing), ())]
    many = {field.name: sorted(_related(own[0], field.name)) for field in getattr(own[0], "_history_m2m_fields", [])}
    when = max(one for one in at if one)
    return Moment(str(save), when, own[0], tuple(zip(kinds, map(tuple, parts), strict=True)), many)


def _newest(history: models.QuerySet[Any], save: UUID) -> list[Any]:
    """The newest row of each object up to `save`, by the objects' ids. Saves are in the order of their ids."""
    rows = {row.id: row for row in history.filter(save_id__lte=save).order_by("history_id")}
    return [rows[id] for id in sorted(rows)]


def _still_there(row: Any, name: str, ids: list[int]) -> list[int]:
    related = row.instance_type._meta.get_field(name).related_model
    return sorted(related._base_manager.filter(pk__in=ids).values_list("pk", flat=True))


def _related(row: Any, name: str) -> list[int]:
    through = getattr(row, name).model
    field = [one for one in through._meta.fields if one.is_relation and one.name != "history"][-1]
    return list(through.objects.filter(history_id=row.history_id).values_list(field.attname, flat=True))


def version_of(thing: models.Model) -> str:
    """A text that changes with every change of `thing` and its parts: the newest history ids.

    A thing without history (an account) is known by its values. To be compared under a lock on its row.
    """
    if rows := histories(thing):
        newest = (history.aggregate(newest=models.Max("history_id"))["newest"] or 0 for history in rows)
        return ".".join(str(number) for number in newest)
    # Signing in moves last_login, which is no change that anybody made.
    fields = [field.attname for field in thing._meta.concrete_fields if field.attname != "last_login"]
    values = type(thing)._base_manager.filter(pk=thing.pk).values_list(*fields).first()
    related = [sorted(field.value_from_object(thing), key=str) for field in thing._meta.many_to_many]
    return sha256(repr((values, [[one.pk for one in rows] for rows in related])).encode()).hexdigest()


def version_of_all(things: Collection[models.Model]) -> str:
    """A text that changes with every change of one of `things`, all of one kind, and of their parts."""
    if not things:
        return "-"
    kind: Any = type(next(iter(things)))
    ids = [thing.pk for thing in things]
    rows = [kind.history.filter(**{f"{kind._meta.pk.attname}__in": ids})]
    rows += [part.history.filter(**{f"{link}__in": ids}) for part, link in PARTS.get(kind, ())]
    newest = [history.aggregate(newest=models.Max("history_id"))["newest"] or 0 for history in rows]
    return sha256(repr((sorted(ids), newest)).encode()).hexdigest()


def last_change(thing: models.Model) -> LastChange | None:
    """The newest change of `thing` or of one of its parts; None where it keeps no history."""
    newest = [row for history in histories(thing) if (row := history.order_by("-history_id").first())]
    if not newest:
        return None
    row = max(newest, key=lambda row: row.history_date)
    return LastChange(name_of(row.history_user), row.history_date, row.history_change_reason or "")


def moved_message(thing: models.Model, then: str = "") -> str:
    """Who changed `thing` while somebody else had it open, when and why, and what can be done about it (`then`)."""
    keep = then or _(
        "Where what you typed differs from what is saved now, you see both: change what you typed, or "
        "save again to replace what is saved."
    )
    change = last_change(thing)
    if change is None:
        return _("Somebody else changed it while you had it open.") + " " + keep
    who = _("%(who)s changed it on %(day)s at %(time)s, while you had it open.") % {
        "who": change.by,
        "day": dates.day(change.at),
        "time": dates.clock(change.at),
    }
    why = _("Their reason: “%(why)s”.") % {"why": change.why} if change.why else ""
    return " ".join(part for part in (who, why, keep) if part)


def name_of(user: Any) -> str:
    """How colleagues know an account: the full name, else the user name; "somebody" where nobody is on record."""
    return (user.get_full_name() or user.get_username()) if user else _("somebody")
