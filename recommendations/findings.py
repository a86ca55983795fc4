"""What staff should look at before they publish. Findings warn; only `publishing.report_obstacles` stops."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .models import Correction, Edition, ProgressUpdate, Recommendation, Report


@dataclass(frozen=True)
class Finding:
    """Something to look at. `kind` says which: without update, draft, incomplete, not in edition.

    `targets` are the ids of what it is about: recommendations for the first kind, updates for the others.
    """

    kind: str
    message: str
    targets: tuple[int, ...]


def completeness(report: Report, *, on: dt.date) -> list[Finding]:
    """What is missing or left out in `report` on the day `on`, in a constant number of queries.

    Recommendations of the period that no published or ready update covers; drafts, and ready updates that could not be
    published as they are; updates that were published, corrected or withdrawn after the newest edition.
    """
    updates = list(
        ProgressUpdate.objects.dated_in(report.starts_on, report.ends_on)
        .filter(withdrawn_at=None, take_down=None)
        .for_snapshot()
        .in_order()
    )
    return [
        *_without_update(report, updates),
        *_drafts(updates),
        *_incomplete(updates, on=on),
        *_not_in_edition(report, updates),
    ]


def _without_update(report: Report, updates: Iterable[ProgressUpdate]) -> list[Finding]:
    covered = {one.recommendation_id for update in updates if update.ready_at for one in update.assessments.all()}
    missing = [
        recommendation
        for recommendation in Recommendation.objects.filter(area__plan_id=report.plan_id)
        .filter(Q(added_on=None) | Q(added_on__lte=report.ends_on))
        .filter(Q(retired_on=None) | Q(retired_on__gt=report.ends_on))
        .select_related("area")
        .order_by("area__number", "number")
        if recommendation.pk not in covered
    ]
    if not missing:
        return []
    message = ngettext(
        "%(count)d recommendation has no update in this period: %(references)s.",
        "%(count)d recommendations have no update in this period: %(references)s.",
        len(missing),
    ) % {"count": len(missing), "references": get_text_list([one.reference for one in missing], _("and"))}
    return [Finding("without update", message, tuple(one.pk for one in missing))]


def _drafts(updates: Iterable[ProgressUpdate]) -> list[Finding]:
    return [
        Finding("draft", _("Still a draft, so not included: “%(update)s”") % {"update": update}, (update.pk,))
        for update in updates
        if not update.ready_at
    ]


def _incomplete(updates: Iterable[ProgressUpdate], *, on: dt.date) -> list[Finding]:
    found = []
    for update in updates:
        if update.ready_at and not update.published_at and (why := _why_incomplete(update, on=on)):
            words = {"update": update, "why": why}
            found.append(Finding("incomplete", _("Marked ready, but %(why)s: “%(update)s”") % words, (update.pk,)))
    return found


def _why_incomplete(update: ProgressUpdate, *, on: dt.date) -> str:
    assessments = update.assessments.all()
    if blank := [one.recommendation.reference for one in assessments if not one.status]:
        return _("it records no status for %(references)s") % {"references": get_text_list(blank, _("and"))}
    if not assessments:
        return _("it covers no recommendation")
    if any(one.recommendation.area_id != update.area_id for one in assessments):
        return _("it covers a recommendation of another area")
    if not update.text.strip():
        return _("it has no text")
    return _("it is dated in the future") if update.dated_on > on else ""


def _not_in_edition(report: Report, updates: Iterable[ProgressUpdate]) -> list[Finding]:
    """What the newest edition doesn't know of: published, corrected or withdrawn since."""
    newest = Edition.objects.filter(report=report).order_by("number").last()
    if newest is None:
        return []
    found: dict[int, str] = {}
    for update in updates:
        if update.published_at and update.published_at > newest.published_at:
            found[update.pk] = _("Published since, not in edition %(number)d: “%(update)s”") % {
                "number": newest.number,
                "update": update,
            }
    corrections = Correction.objects.filter(
        corrected_at__gt=newest.published_at, update__published_at__lte=newest.published_at, update__take_down=None
    ).select_related("update")
    for correction in corrections.order_by("corrected_at", "id"):
        days = [correction.update.dated_on.isoformat(), (correction.before or {}).get("dated_on", "")]
        if any(report.starts_on.isoformat() <= day <= report.ends_on.isoformat() for day in days):
            message = (
                _("Withdrawn since, but still in edition %(number)d: “%(update)s”")
                if correction.is_withdrawal
                else _("Corrected since, not in edition %(number)d: “%(update)s”")
            )
            found[correction.update_id] = message % {"number": newest.number, "update": correction.update}
    return [Finding("not in edition", message, (id,)) for id, message in found.items()]
