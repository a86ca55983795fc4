"""The acts that hide an update or an edition from the public: set it aside, restore it, or take it down for good."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from recommendations.models import ActionPlan, Edition, ProgressUpdate, Report, SetAside, TakeDown

from . import ledger
from .acts import Refused, Unchanged, public_words, save


def set_aside(thing: ProgressUpdate | Edition, *, by: User, at: dt.datetime) -> SetAside:
    """Put an update, with every edition that holds it, or an edition out of the public's sight, until it is decided.

    Whoever does it second gets what the first did. The plan's lock lets no publication pass that began before.
    """
    with transaction.atomic():
        ActionPlan.objects.select_for_update().get()
        locked: ProgressUpdate | Edition = type(thing)._default_manager.select_for_update().get(pk=thing.pk)
        if found := locked.set_asides.undecided().first():
            return found
        if isinstance(locked, ProgressUpdate):
            if not locked.published_at:
                raise Refused(_("It was never published, so no reader has seen it."))
            aside = SetAside(update=locked, set_aside_at=at, set_aside_by=by)
        else:
            aside = SetAside(edition=locked, set_aside_at=at, set_aside_by=by)
        if _is_decided(aside):
            raise Refused(_("It was already taken down."))
        aside.save()
        _note_in_history(aside, by=by, reason=_("Set aside"))
        ledger.note("set_aside", update=aside.update_id, edition=aside.edition_id, by=by)
    return aside


def restore_set_aside(aside: SetAside, *, reason: str, by: User, at: dt.datetime) -> None:
    """Let the public read again what was set aside, as far as it wasn't taken down; `reason` is for colleagues."""
    with transaction.atomic():
        ActionPlan.objects.select_for_update().get()
        aside = SetAside.objects.select_for_update(of=("self",)).select_related("update", "edition").get(pk=aside.pk)
        if aside.ended_at:
            raise Unchanged(_("This was already decided."))
        reason = public_words(reason, missing=_("Tell your colleagues why readers can see it again."))
        aside.ended_at, aside.ended_by = at, by
        aside.save()
        _note_in_history(aside, by=by, reason=_("Restored after it was set aside: %(reason)s") % {"reason": reason})
        ledger.note("restored", update=aside.update_id, edition=aside.edition_id, by=by)


def _is_decided(aside: SetAside) -> bool:
    """Whether all that `aside` keeps out of sight was taken down."""
    if aside.update is None:
        return aside.edition is None or aside.edition.is_taken_down
    return aside.update.is_taken_down and not Edition.objects.holding(aside.update).filter(take_down=None).exists()


def _note_in_history(aside: SetAside, *, by: User, reason: str) -> None:
    """Leave `reason` in the history of what was set aside: an edition has none, its report has.

    Nothing is checked, so that nothing can refuse it: nothing else is changed.
    """
    kind: Any = ProgressUpdate if aside.update else Report
    thing = kind.objects.select_for_update().get(pk=aside.update_id or (aside.edition and aside.edition.report_id))
    if aside.edition:
        reason = f"{reason} ({aside.edition})"
    save(thing, by=by, reason=reason, is_checked=True)


def take_down(thing: ProgressUpdate | Edition, *, reason: str, by: User, at: dt.datetime) -> TakeDown:
    """Remove an update or an edition from public view at once, for safety; its address answers 410 with `reason`.

    What was set aside with it stays so until all of it was taken down, or an administrator restores the rest.
    """
    reason = public_words(reason, missing=_("Say why, in words that anyone may read."))
    with transaction.atomic():
        ActionPlan.objects.select_for_update().get()
        locked = type(thing)._default_manager.select_for_update().get(pk=thing.pk)
        if locked.is_taken_down:
            raise Unchanged(_("It was already taken down."))
        if isinstance(locked, ProgressUpdate):
            if not locked.published_at:
                raise Refused(_("It was never published, so no reader has seen it."))
            removal = TakeDown(update=locked)
        else:
            removal = TakeDown(edition=locked)
        removal.reason, removal.taken_down_at, removal.taken_down_by = reason, at, by
        removal.full_clean()
        save(removal, by=by, reason=_("Taken down"))
        ledger.note("taken_down", update=removal.update_id, edition=removal.edition_id, by=by)
        for aside in SetAside.objects.undecided().select_related("update__take_down", "edition__take_down"):
            if _is_decided(aside):
                aside.ended_at, aside.ended_by = at, by
                aside.save()
    return removal


def take_down_editions(removal: TakeDown, *, reason: str, by: User, at: dt.datetime) -> list[TakeDown]:
    """Take down every edition that still shows an update that was taken down, all or none, with one public `reason`."""
    with transaction.atomic():
        if removal.update is None:
            raise Refused(_("This is the take-down of an edition, so no other edition contains it."))
        removals = [take_down(edition, reason=reason, by=by, at=at) for edition in removal.editions_left]
        if not removals:
            raise Unchanged(_("No edition contains it any more."))
    return removals
