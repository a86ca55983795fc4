"""Erasing notes for colleagues: one at a time by an act, or all of a period once their term is over.

The words go from the update, from all its versions and from what waits to be saved; who wrote when stays.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Max, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from recommendations.models import ActionPlan, FindingAnswer, LegalHold, NoteEnding, ProgressUpdate, Report
from recommendations.models.notes import NOTICE
from recommendations.models.progress import ProgressUpdateQuerySet
from recommendations.text import dates

from . import ledger
from .acts import Refused, Unchanged, public_words, save
from .erasure import erase_unsaved_notes, overwrite_what_was_erased
from .history import moved_message, name_of, version_of


@dataclass(frozen=True)
class Ended:
    """What a day's run did: updates whose end was announced, and those whose notes were erased."""

    announced: tuple[NoteEnding, ...] = ()
    ended: tuple[ProgressUpdate, ...] = ()
    hold: LegalHold | None = None


def noted() -> ProgressUpdateQuerySet:
    """The updates that have a note, or had one in an earlier version."""
    versions = ProgressUpdate.history.exclude(private_note="").values("id")
    return ProgressUpdate.objects.filter(~Q(private_note="") | Q(pk__in=versions))


def erase_note(update: ProgressUpdate, *, reason: str, expected: str, by: User) -> list[str]:
    """Erase the note of `update` in all its versions; it can't be undone. Refused while a legal hold is on.

    `expected` is the version that whoever erases it saw. Returns where copies may remain, in sentences.
    """
    with transaction.atomic():
        ActionPlan.objects.select_for_update().get()
        if hold := LegalHold.objects.current().first():
            raise Refused(hold_in_words(hold))
        reason = public_words(reason, missing=_("Say why you are erasing it, without repeating its words."))
        locked = ProgressUpdate.objects.select_for_update().get(pk=update.pk)
        if version_of(locked) != expected:
            raise Refused(moved_message(locked, _("Check it again before you erase the note.")))
        if not noted().filter(pk=locked.pk).exists():
            raise Unchanged(_("It has no note, and no earlier version had one."))
        erase_words(locked, by=by, reason=_("Note for colleagues erased: %(reason)s") % {"reason": reason})
    return copies_of_notes()


def copies_of_notes() -> list[str]:
    return [
        _("backups and database copies made before today: they end when they are deleted"),
        _("what colleagues have copied or printed, and forms that they still have open"),
        _("spreadsheets of updates that were imported here"),
        _("on PostgreSQL, the database's own free space, until it is vacuumed (see docs/operations.md)"),
    ]


def end_notes(*, at: dt.datetime, dry_run: bool = False) -> Ended:
    """Announce the notes whose term is over within two weeks, and erase those that were announced and are over.

    Without a term or under a legal hold nothing ends, and what was announced is taken back: it is announced anew later.
    """
    on = timezone.localdate(at)
    with transaction.atomic():
        plan = ActionPlan.objects.select_for_update().first()
        hold = LegalHold.objects.current().first()
        days = plan.notes_end_after if plan and not hold else None
        periods = _periods(days, by=on + NOTICE) if days is not None else []
        soon = list(noted().filter(_dated_in(periods)).select_related("note_ending").in_order()) if periods else []
        told = {one.update_id: one for one in NoteEnding.objects.all()}
        new = [
            NoteEnding(update=one, ends_on=max(on + NOTICE, _over_on(one.dated_on, periods)))
            for one in soon
            if one.pk not in told
        ]
        over = [
            one
            for one in soon
            if one.pk in told and told[one.pk].ends_on <= on and _over_on(one.dated_on, periods) <= on
        ]
        if not dry_run:
            NoteEnding.objects.exclude(update__in=[one.pk for one in soon]).delete()
            NoteEnding.objects.bulk_create(new)
            reason = _("Note for colleagues ended: %(count)d days after the edition") % {"count": days or 0}
            for one in ProgressUpdate.objects.select_for_update().filter(pk__in=[one.pk for one in over]):
                erase_words(one, by=None, reason=reason)
            _erase_of_deleted([period for period in periods if period[2] <= on])
    return Ended(tuple(new), tuple(over), hold)


def place_hold(*, reason: str, by: User, at: dt.datetime) -> LegalHold:
    """Keep all notes until the hold is lifted. What was announced is taken back."""
    with transaction.atomic():
        plan = ActionPlan.objects.select_for_update().get()
        if LegalHold.objects.current().exists():
            raise Unchanged(_("A legal hold is on already."))
        reason = public_words(reason, missing=_("Say why nothing may be erased."))
        hold = LegalHold.objects.create(plan=plan, reason=reason, placed_at=at, placed_by=by)
        NoteEnding.objects.all().delete()
        save(plan, by=by, reason=_("Legal hold placed: %(reason)s") % {"reason": reason}, is_checked=True)
        ledger.note("hold_placed", by=by)
    return hold


def lift_hold(*, reason: str, by: User, at: dt.datetime) -> None:
    """Let notes end again; each is announced anew."""
    with transaction.atomic():
        plan = ActionPlan.objects.select_for_update().get()
        hold = LegalHold.objects.current().first()
        if hold is None:
            raise Unchanged(_("No legal hold is on."))
        reason = public_words(reason, missing=_("Say why notes may be erased again."))
        hold.lifted_reason, hold.lifted_at, hold.lifted_by = reason, at, by
        hold.save()
        save(plan, by=by, reason=_("Legal hold lifted: %(reason)s") % {"reason": reason}, is_checked=True)
        ledger.note("hold_lifted", by=by)


def hold_in_words(hold: LegalHold) -> str:
    words = {"who": name_of(hold.placed_by), "day": dates.day(timezone.localdate(hold.placed_at)), "why": hold.reason}
    return _("A legal hold is on, placed by %(who)s on %(day)s: no note is erased. The reason: %(why)s") % words


def _periods(days: int, *, by: dt.date) -> list[tuple[dt.date, dt.date, dt.date]]:
    """The periods whose notes are over by the day `by`, `days` after the newest edition, each with that day."""
    reports = Report.objects.annotate(newest=Max("editions__published_at")).exclude(newest=None)
    found = [
        (starts_on, ends_on, timezone.localdate(newest) + dt.timedelta(days=days))
        for starts_on, ends_on, newest in reports.values_list("starts_on", "ends_on", "newest")
    ]
    return [period for period in found if period[2] <= by]


def _dated_in(periods: list[tuple[dt.date, dt.date, dt.date]]) -> Q:
    condition = Q()
    for starts_on, ends_on, _over in periods:
        condition |= Q(dated_on__range=(starts_on, ends_on))
    return condition


def _over_on(day: dt.date, periods: list[tuple[dt.date, dt.date, dt.date]]) -> dt.date:
    return next(over_on for starts_on, ends_on, over_on in periods if starts_on <= day <= ends_on)


def erase_words(update: ProgressUpdate, *, by: User | None, reason: str) -> None:
    """Erase the note of `update`, whose row is locked, in all its versions."""
    _say_where_it_was(update)
    versions = ProgressUpdate.history.filter(id=update.pk).exclude(private_note="")
    words = {update.private_note, *versions.values_list("private_note", flat=True)}
    versions.update(private_note="")
    update.private_note = ""
    save(update, by=by, reason=reason, is_checked=True)
    FindingAnswer.objects.filter(update=update, kind="note").delete()
    NoteEnding.objects.filter(update=update).delete()
    erase_unsaved_notes(update.pk, words)
    ledger.note("note_erased", update=update.pk, by=by)
    transaction.on_commit(overwrite_what_was_erased)


def _say_where_it_was(update: ProgressUpdate) -> None:
    """Let the history still show who wrote the note and when, where nothing else was changed and no reason given."""
    before = ""
    for row in update.history.order_by("history_id"):
        if row.private_note != before and not row.history_change_reason:
            row.history_change_reason = _("Note for colleagues, erased since")
            row.save(update_fields=["history_change_reason"])
        before = row.private_note


def _erase_of_deleted(periods: list[tuple[dt.date, dt.date, dt.date]]) -> None:
    """Erase the notes of drafts that were deleted: only their history is left, and nobody can open it."""
    if periods:
        deleted = ProgressUpdate.history.exclude(id__in=ProgressUpdate.objects.values("pk"))
        noted = deleted.filter(_dated_in(periods)).exclude(private_note="")
        for update in set(noted.values_list("id", flat=True)):
            ledger.note("note_erased", update=update)
        noted.update(private_note="")
