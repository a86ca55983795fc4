"""The act that gives a thing and its parts the values that they had at a moment of their history."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib.auth.models import User
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from recommendations.models import Logo, ProgressUpdate
from recommendations.reading.adopted import content_of, is_adopted

from .acts import Refused, delete, put_on_record, refuse_for, save
from .history import PARTS, Moment, restorable, version_of
from .plan_changes import announce


def restore(
    thing: Any,
    *,
    moment: Moment,
    expected: str,
    by: User,
    at: dt.datetime,
    reason: str,
    note: str = "",
    is_spelling: bool = False,
) -> None:
    """Make `thing` and its parts again what they were at `moment`: a new change, refused like any other.

    `expected` is the version that whoever restores it saw. What was published is changed by a correction alone. Where
    something adopted changes, readers are told the public `note`; its text changes only to correct a spelling mistake,
    and `is_spelling` says that it does.
    """
    with transaction.atomic():
        locked = type(thing)._default_manager.select_for_update().get(pk=thing.pk)
        if isinstance(locked, ProgressUpdate) and locked.published_at:
            raise Refused(_("It is already published: correct it instead."))
        if version_of(locked) != expected:
            raise Refused(_("It was changed while you were looking at it. Please compare again."))
        before = content_of(locked) if is_adopted(locked) else None
        moment = restorable(moment)
        for field in moment.own.tracked_fields:
            if field.editable and not field.primary_key:
                setattr(locked, field.attname, getattr(moment.own, field.attname))
        put_on_record(locked, by=by, reason=reason)
        for name, ids in moment.many.items():
            getattr(locked, name).set(ids)
        save(locked, by=by, reason=reason)
        for kind, rows in moment.parts:
            _restore_parts(kind, locked, {row.id: row for row in rows}, by=by, reason=reason)
        if isinstance(locked, ProgressUpdate) and locked.ready_at:
            refuse_for(locked.obstacles(on=timezone.localdate(at)))
        if before is not None:
            announce(locked, before=before, note=note, by=by, at=at, is_spelling=is_spelling)


def _restore_parts(kind: Any, whole: models.Model, rows: dict[int, Any], *, by: User, reason: str) -> None:
    link = next(link for part, link in PARTS[type(whole)] if part is kind)
    stored = {part.pk: part for part in kind.objects.filter(**{link: whole.pk})}
    for part in stored.values():
        if part.pk not in rows:
            delete(part, by=by, reason=reason)
    # The organization's logo last: until then another one may be marked as the organization's.
    for id, row in sorted(rows.items(), key=lambda item: getattr(item[1], "whose", "") == Logo.Whose.ORGANISATION):
        part = stored.get(id) or kind(pk=id)
        values = {field.attname: getattr(row, field.attname) for field in row.tracked_fields}
        if id not in stored or any(getattr(part, name) != value for name, value in values.items()):
            for name, value in values.items():
                setattr(part, name, value)
            save(part, by=by, reason=reason)
