"""The act that imports the updates of a sheet as drafts, once somebody confirmed it: whole or not at all."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from recommendations.data.sheets import Sheet
from recommendations.models import ActionPlan, Area, Assessment, EvidenceLink, ProgressUpdate, Recommendation
from recommendations.publishing.acts import Refused, Unchanged, put_on_record
from recommendations.publishing.bulk import save_all

from .check import check
from .proposal import Draft


def import_updates(
    sheet: Sheet, *, confirmed: str, by: User, at: dt.datetime, reason: str = ""
) -> list[ProgressUpdate]:
    """Add the updates that `sheet` says as drafts, whole or not at all; the history of each names its row and `reason`.

    `confirmed` is the fingerprint of the proposal that was shown: refused where it would do something else by now.
    """
    with transaction.atomic():
        ActionPlan.objects.select_for_update().get()
        for kind in (Area, Recommendation):
            list(kind._default_manager.select_for_update().order_by("pk"))
        proposal = check(sheet, on=timezone.localdate(at))
        if proposal.is_empty and not proposal.faults:
            raise Unchanged(_("All these updates are in the tracker by now: there was nothing to import."))
        if proposal.faults or proposal.confirmed != confirmed:
            raise Refused(
                _(
                    "The plan or its updates changed after you opened this page, so nothing was imported. Check what "
                    "would be imported now, and confirm again."
                )
            )
        return _added(proposal.drafts, sheet.name, by=by, reason=reason)


def _added(drafts: tuple[Draft, ...], file: str, *, by: User, reason: str) -> list[ProgressUpdate]:
    recommendations = {one.reference: one for one in Recommendation.objects.all()}
    updates: list[ProgressUpdate] = []
    assessments: list[Assessment] = []
    links: list[EvidenceLink] = []
    for draft in drafts:
        update = ProgressUpdate(
            area_id=draft.area,
            text=draft.text,
            dated_on=draft.dated_on,
            dated_as_published=draft.dated_as_published,
            sums_up=draft.sums_up,
            private_note=draft.private_note,
        )
        covered = [
            Assessment(update=update, recommendation=recommendations[reference], status=status)
            for reference, status in draft.statuses
        ]
        evidence = [
            EvidenceLink(update=update, label=label, address=address, archived_address=copy)
            for label, address, copy in draft.links
        ]
        for thing in (update, *covered, *evidence):
            put_on_record(thing, by=by, reason=why(draft, file, reason))
        updates.append(update)
        assessments += covered
        links += evidence
    save_all(updates, by=by, reason="")
    # What belongs to an update knows its number only now.
    parts: list[Any] = [*assessments, *links]
    for part in parts:
        part.update_id = part.update.pk
    save_all(assessments, by=by, reason="")
    save_all(links, by=by, reason="")
    return updates


def why(draft: Draft, file: str, reason: str) -> str:
    """What the history says of a draft: Imported from updates.csv, row 12."""
    words = {"file": file, "rows": draft.rows_in_words}
    said = (
        ngettext("Imported from %(file)s, row %(rows)s", "Imported from %(file)s, rows %(rows)s", len(draft.rows))
        % words
    )
    return f"{said}: {reason}" if reason else said
