"""The act that erases what was taken down: its bytes, text, history and every copy that the tracker holds."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import connection, models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from recommendations.models import (
    ActionPlan,
    Assessment,
    Edition,
    EditionLogo,
    EvidenceLink,
    FindingAnswer,
    LinkCheck,
    Logo,
    LogoImage,
    ProgressUpdate,
    Report,
    ReportSection,
    TakeDown,
)
from recommendations.reading.elsewhere import uses
from recommendations.reading.passages import basis_of

from . import ledger
from .acts import Unchanged, save
from .site_export import exported_before

ERASED = "[erased]"
ADDRESSES = ("address", "archived_address")


def erase(removal: TakeDown, *, by: User, at: dt.datetime) -> list[str]:
    """Erase what was taken down: bytes, text, evidence, corrections, history. Hashes stay. It can't be undone.

    Returns where copies may remain, in sentences for whoever looks after the server.
    """
    with transaction.atomic():
        # Whoever answers a finding holds the plan's lock too.
        ActionPlan.objects.select_for_update().get()
        removal = (
            TakeDown.objects.select_for_update(of=("self",)).select_related("update", "edition").get(pk=removal.pk)
        )
        if removal.erased_at:
            raise Unchanged(_("It was already erased."))
        copies = [
            _("backups and database copies made before today"),
            *exported_before(at),
            _("copies of the site elsewhere, exported files, and PDFs and data that readers have saved"),
            _("other sites' caches and archives"),
            _("the database's own free space and logs, until it is vacuumed (see docs/operations.md)"),
        ]
        if removal.update:
            copies += [str(edition) for edition in Edition.objects.holding(removal.update)]
            if removal.update.dated_as_published:
                copies.append(_("reports for later periods, if they print its date in words beside the last status"))
            _erase_update(removal.update, by=by, at=at)
        elif removal.edition:
            pictures = list(removal.edition.logos.values_list("image_id", flat=True))
            copies += [
                _("the report as it is now, the plan, its recommendations and updates, if they say it too"),
                _("the history of the plan, its recommendations and updates, if they said it"),
            ]
            _erase_edition(removal.edition, by=by)
            if LogoImage.objects.filter(pk__in=pictures).exists():
                copies.append(_("its logos, which the plan, its history or another edition also has"))
        removal.erased_at, removal.erased_by = at, by
        save(removal, by=by, reason=_("Erased"))
        ledger.note("erased", update=removal.update_id, edition=removal.edition_id, by=by)
        transaction.on_commit(overwrite_what_was_erased)
    return copies


def let_pictures_go() -> None:
    """Delete the pictures that no edition shows, and that no stored logo has or had."""
    had = Logo.history.filter(id__in=Logo.objects.values("pk")).values("image_id")
    shown = EditionLogo.objects.values("image_id")
    gone = LogoImage.objects.exclude(pk__in=had).exclude(pk__in=shown).filter(logos=None)
    for sha256 in gone.values_list("pk", flat=True):
        ledger.note("erased", picture=sha256)
    gone.delete()


def _erase_update(update: Any, *, by: User, at: dt.datetime) -> None:
    """Leave of `update` its area, its references, those before corrections too, its day and who did what when."""
    cited = {one for pair in EvidenceLink.history.filter(update_id=update.pk).values_list(*ADDRESSES) for one in pair}
    for link in update.evidence_links.all():
        link.delete()
    _erase_checks(cited, on=timezone.localdate(at))
    for part in (EvidenceLink, Assessment):
        part.history.filter(update_id=update.pk).delete()
    _erase_answers(update)
    for correction in update.corrections.all():
        # Feeds of what it was about once tell that it is gone: readers may have kept its text from there.
        covered = dict.fromkeys((correction.before or {}).get("statuses", {}), "")
        update.corrections.filter(pk=correction.pk).update(note="", before={"statuses": covered}, after=None)
    update.text = update.dated_as_published = update.private_note = ""
    ProgressUpdate.history.filter(id=update.pk).delete()
    _erase_findings()
    save(update, by=by, reason=_("Erased"), is_checked=True)
    _erase_log(update)
    _erase_sessions(f"/progressupdate/{update.pk}/", "/check/")


def _erase_checks(addresses: set[str], *, on: dt.date) -> None:
    """Delete what was found out about those of `addresses` that nothing else links to."""
    cited = {one for pair in EvidenceLink.objects.values_list(*ADDRESSES) for one in pair}
    LinkCheck.objects.filter(address__in=addresses - cited - set(uses(on=on))).delete()


def _erase_answers(update: ProgressUpdate) -> None:
    """Delete why its findings were fine, and those in its public notes, which are kept with reports."""
    notes = [basis_of(note) for note in update.corrections.values_list("note", flat=True)]
    FindingAnswer.objects.filter(Q(update=update) | Q(basis__in=notes)).delete()


def _erase_findings() -> None:
    """Leave of what publications went on past that there was something: it quotes updates, as they were then."""
    for row in Report.history.filter(history_change_reason__contains="\n"):
        row.history_change_reason = f"{row.history_change_reason.splitlines()[0]}\n{ERASED}"
        row.save(update_fields=["history_change_reason"])


def _erase_edition(edition: Edition, *, by: User) -> None:
    """Leave of `edition` its number, its time and its hashes, and of its report's words those that are stored now."""
    edition.files.update(content=None)
    edition.logos.all().delete()
    let_pictures_go()
    Edition.objects.filter(pk=edition.pk).exclude(note="").update(note=ERASED)
    report: Any = edition.report
    Report.history.filter(id=report.pk).delete()
    ReportSection.history.filter(report_id=report.pk).delete()
    report.finding_answers.all().delete()
    for thing in (report, *report.sections.all()):
        save(thing, by=by, reason=_("Erased"), is_checked=True)
        _erase_log(thing)
    _erase_log(edition)
    _erase_sessions(f"/edition/{edition.pk}/", f"/report/{report.pk}/")


def _erase_sessions(*pages: str) -> None:
    """Drop from all sessions the messages that wait to be shown, which quote, and what was typed into these pages."""
    for session in Session.objects.select_for_update():
        held = session.get_decoded()
        left = {name: value for name, value in held.items() if name != "_messages"}
        if any(page in left.get("unsaved", {}).get("path", "") for page in pages):
            del left["unsaved"]
        if left != held:
            session.session_data = SessionStore().encode(left)
            session.save()


def erase_unsaved_notes(update: int, words: set[str]) -> None:
    """Drop from all sessions the note that was typed for an update, and sheets of updates that wait to be imported."""
    for session in Session.objects.select_for_update():
        held = session.get_decoded()
        typed = held.get("unsaved")
        if not typed or "/progressupdate/" not in typed["path"]:
            continue
        is_its_page = f"/progressupdate/{update}/" in typed["path"]
        is_import = "/progressupdate/import/" in typed["path"]
        left = [
            (name, values)
            for name, values in typed["fields"]
            if not (is_import or (name == "private_note" and (is_its_page or words & set(values))))
        ]
        if len(left) < len(typed["fields"]):
            typed["fields"] = left
            session.session_data = SessionStore().encode(held)
            session.save()


def overwrite_what_was_erased() -> None:
    """Empty SQLite's log of recent writes, which still holds the words; the database file itself is overwritten."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _erase_log(thing: models.Model) -> None:
    """Blank what the admin's log quotes of `thing`: its name holds the beginning of the text."""
    LogEntry.objects.filter(content_type=ContentType.objects.get_for_model(thing), object_id=str(thing.pk)).update(
        object_repr=ERASED, change_message=""
    )
