"""Changes of what was adopted: from the first edition on, readers are told of each, with a public reason.

Whatever changes a recommendation, an area or a responsible party ends with `announce`, in the same transaction. Before
the first edition the plan changes freely, and so does a recommendation until the day from which it belongs to the plan.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import User
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from recommendations.models import Area, Correction, Recommendation, ResponsibleParty
from recommendations.models.plan import has_editions
from recommendations.reading.adopted import ADOPTED_FIELDS, AdoptedContent, content_of

from .acts import Refused, public_words, record, refuse_for, save
from .history import Moment, version_of

SUBJECTS = {Recommendation: "recommendation", Area: "area", ResponsibleParty: "party"}


def is_announced(before: AdoptedContent, *, on: dt.date) -> bool:
    """Whether a change of what says `before` is announced on the day `on`: not while readers can't see it yet."""
    return has_editions() and _has_begun(before, on=on)


def _has_begun(content: AdoptedContent, *, on: dt.date) -> bool:
    day = content.get("added_on")
    return Recommendation(added_on=dt.date.fromisoformat(day) if day else None).has_begun(on)


def content_at(thing: models.Model, then: Moment) -> AdoptedContent:
    """What `thing` said as adopted at a moment of its history, as far as what it was related to is still there."""
    values: dict[str, Any] = {}
    for name in ADOPTED_FIELDS[type(thing)]:
        field = thing._meta.get_field(name)
        if name in then.many and field.related_model:
            related: Any = field.related_model
            values[name] = related._base_manager.filter(pk__in=then.many[name])
        else:
            values[name] = getattr(then.own, name)
    return content_of(thing, values)


def obstacles(
    before: AdoptedContent, after: AdoptedContent, *, note: str, is_spelling: bool, on: dt.date
) -> dict[str, str]:
    """Why a change of what was adopted can't be told to readers yet: a sentence for "note", for "text" or for both."""
    if before == after or not is_announced(before, on=on):
        return {}
    return _obstacles(before, after, note=note, is_spelling=is_spelling)


def _obstacles(before: AdoptedContent, after: AdoptedContent, *, note: str, is_spelling: bool) -> dict[str, str]:
    found = {}
    if not public_reason(before, after, note=note):
        found["note"] = _("Say in the public reason why you are changing it: readers see it.")
    if before.get("text") != after.get("text") and not is_spelling:
        found["text"] = _(
            "Say whether the new text corrects a spelling mistake. A reworded recommendation is a new "
            "one, which replaces this one."
        )
    return found


def public_reason(before: AdoptedContent, after: AdoptedContent, *, note: str) -> str:
    """The reason that readers are told: `note`, else the one that a recommendation is retired for."""
    is_retired = not before.get("retired_on") and after.get("retired_on")
    return note.strip() or (str(after["retired_reason"]) if is_retired else "")


def announce(
    thing: models.Model, *, before: AdoptedContent, note: str, by: User, at: dt.datetime, is_spelling: bool = False
) -> Correction | None:
    """Tell readers that `thing`, which said `before`, was changed, and why; Refused without a reason.

    None where nothing announced was changed: see `is_announced`. The text of a recommendation changes only to correct
    a spelling mistake; only staff can tell, by `is_spelling`. Call it within the transaction that changed it.
    """
    stored = type(thing)._base_manager.get(pk=thing.pk)
    correction = (
        _correction(stored, before=before, note=note, by=by, at=at, is_spelling=is_spelling) if has_editions() else None
    )
    return record(correction) if correction else None


def announce_all(
    changed: Iterable[tuple[models.Model, AdoptedContent]], *, note: str, by: User, at: dt.datetime
) -> None:
    """As `announce`, of many at once: things as they are stored now, each with what it said before.

    New texts correct spelling mistakes: whoever changes many at once said so of each.
    """
    if has_editions():
        told = (_correction(now, before=before, note=note, by=by, at=at, is_spelling=True) for now, before in changed)
        Correction.objects.bulk_create([one for one in told if one])


def _correction(
    stored: models.Model, *, before: AdoptedContent, note: str, by: User, at: dt.datetime, is_spelling: bool
) -> Correction | None:
    after, on = content_of(stored), timezone.localdate(at)
    if after == before or not _has_begun(before, on=on):
        return None
    refuse_for(list(_obstacles(before, after, note=note, is_spelling=is_spelling).values()))
    return Correction(
        note=public_words(public_reason(before, after, note=note), missing=_("Say why.")),
        before=before,
        after=after,
        corrected_at=at,
        corrected_by=by,
        **{SUBJECTS[type(stored)]: stored},
    )


def replace_recommendation(
    old: Recommendation,
    *,
    new: Recommendation,
    parties: Iterable[ResponsibleParty],
    reason: str,
    expected: str,
    by: User,
    at: dt.datetime,
) -> Correction | None:
    """Retire `old` for a public `reason`, and let the unsaved `new` take its place from the day `new.added_on` on.

    `expected` is the version of `old` that whoever replaces it saw: refused if somebody changed it meanwhile.
    """
    with transaction.atomic():
        locked = Recommendation.objects.select_for_update().get(pk=old.pk)
        if version_of(locked) != expected:
            raise Refused(_("It was changed while you were writing. Check what it says now, then replace it."))
        if locked.retired_on:
            raise Refused(_("It was already retired."))
        if new.added_on is None:
            raise Refused(_("Say from which day the new one replaces it."))
        reason = public_words(reason, missing=_("Say why you are replacing it: readers see it."))
        before = content_of(locked)
        new.area, new.position = locked.area, locked.area.next_position
        save(new, by=by, reason=_("Replaces %(reference)s") % {"reference": locked.reference} + f": {reason}")
        new.parties.set(parties)
        locked.retired_on, locked.retired_reason = new.added_on, reason
        save(locked, by=by, reason=_("Replaced by %(reference)s") % {"reference": new.reference} + f": {reason}")
        locked.replaced_by.add(new)
        return announce(locked, before=before, note=reason, by=by, at=at)
