"""Which version of a thing a form was filled in against, so that nobody overwrites a colleague's change unseen.

A thing is versioned together with its parts: whoever changed a section of a report changed the report.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from .models import ActionPlan, Assessment, EvidenceLink, Phrase, ProgressUpdate, Report, ReportSection, SupportLink

PARTS: dict[type[models.Model], tuple[tuple[Any, str], ...]] = {
    ActionPlan: ((SupportLink, "plan_id"), (Phrase, "plan_id")),
    ProgressUpdate: ((Assessment, "update_id"), (EvidenceLink, "update_id")),
    Report: ((ReportSection, "report_id"),),
}


@dataclass(frozen=True)
class Change:
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


def version_of(thing: models.Model) -> str:
    """A word that changes with every change of `thing` and its parts: the newest history ids.

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


def last_change(thing: models.Model) -> Change | None:
    """The newest change of `thing` or of one of its parts; None where it keeps no history."""
    newest = [row for history in histories(thing) if (row := history.order_by("-history_id").first())]
    if not newest:
        return None
    row = max(newest, key=lambda row: row.history_date)
    return Change(name_of(row.history_user), row.history_date, row.history_change_reason or "")


def name_of(user: Any) -> str:
    """How colleagues know an account: the full name, else the user name; "somebody" where nobody is on record."""
    return (user.get_full_name() or user.get_username()) if user else _("somebody")
