"""The act that imports what a sheet says, once somebody confirmed it: whole or not at all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from recommendations.data.sheets import Sheet
from recommendations.models import ActionPlan, Area, Recommendation, ResponsibleParty
from recommendations.publishing.acts import Refused, Unchanged, save
from recommendations.publishing.bulk import save_all
from recommendations.publishing.plan_changes import announce_all
from recommendations.reading.adopted import AdoptedContent, content_of

from .check import check, new_party, way_back
from .columns import MANY
from .proposal import Proposal
from .rows import replacements


def import_recommendations(
    sheet: Sheet,
    *,
    confirmed: str,
    by: User,
    at: dt.datetime,
    reason: str = "",
    ticked: Collection[str] = (),
    note: str = "",
) -> Proposal:
    """Make the plan what `sheet` says, whole or not at all, with `reason` in each history; returns what was imported.

    `confirmed` is the fingerprint of the proposal that was shown: refused where the plan moved meanwhile. Once reports
    have been published, what was adopted is changed where `ticked` names it, and readers are told `note`; what isn't
    ticked is left as it is.
    """
    why = _("Imported from %(file)s") % {"file": sheet.name}
    why = f"{why}: {reason}" if reason else why
    moved = _(
        "The plan changed after you opened this page, so nothing was imported. Check what the sheet would "
        "change now, and confirm again."
    )
    try:
        with transaction.atomic():
            plan = ActionPlan.objects.select_for_update().get()
            for kind in (Area, ResponsibleParty, Recommendation):
                list(kind._default_manager.select_for_update().order_by("pk"))
            proposal = check(sheet, on=timezone.localdate(at))
            if proposal.is_empty and not proposal.faults:
                raise Unchanged(_("The plan says all that by now: there was nothing to import."))
            if proposal.faults or proposal.confirmed != confirmed:
                raise Refused(moved)
            proposal = proposal.only(ticked)
            if proposal.is_empty:
                raise Unchanged(_("You ticked nothing, so nothing was imported."))
            _apply(proposal, plan, by=by, reason=why, note=note, at=at)
    except IntegrityError as error:
        # A colleague added the same area, party or recommendation since it was looked for.
        raise Refused(moved) from error
    return proposal


def _apply(proposal: Proposal, plan: ActionPlan, *, by: User, reason: str, note: str, at: dt.datetime) -> None:
    areas = {area.number: area for area in Area.objects.all()}
    areas |= {one.number: Area(plan=plan, number=one.number) for one in proposal.areas_added}
    if proposal.is_unnumbered and plan.numbers_areas:
        plan.numbers_areas = False
        save(plan, by=by, reason=reason, is_checked=True)
    renamed = [areas[one.number] for one in proposal.areas_renamed]
    titles_before = [content_of(area) for area in renamed]
    for one in proposal.areas:
        areas[one.number].title = one.title
    save_all([areas[one.number] for one in proposal.areas_added], renamed, fields={"title"}, by=by, reason=reason)
    slugs = set(ResponsibleParty.objects.values_list("slug", flat=True))
    save_all([new_party(name, slugs) for name in proposal.parties], by=by, reason=reason)
    before = _apply_to_recommendations(proposal, areas, by=by, reason=reason)
    now = {one.reference: one for one in Recommendation.objects.for_snapshot()}
    leads_to = {reference: replacements(one) for reference, one in now.items()}
    for change in proposal.changes:
        if "replaced_by" in dict(change.values) and (way := way_back(change.reference, leads_to)):
            # Only where part of it was ticked: the whole was looked at before.
            raise Refused(
                _("With what you ticked, it would end up replacing itself: %(way)s.") % {"way": " → ".join(way)}
            )
    announce_all(zip(renamed, titles_before, strict=True), note=note, by=by, at=at)
    announce_all([(now[reference], said) for reference, said in before.items()], note=note, by=by, at=at)


def _apply_to_recommendations(
    proposal: Proposal, areas: dict[int, Area], *, by: User, reason: str
) -> dict[str, AdoptedContent]:
    """Save the recommendations that are new or changed; what the changed ones said before, by reference."""
    stored = {one.reference: one for one in Recommendation.objects.for_snapshot()}
    before = {change.reference: content_of(stored[change.reference]) for change in proposal.changed}
    for change in proposal.added:
        stored[change.reference] = Recommendation(area=areas[change.area], reference=change.reference)
    for reference, position in proposal.positions:
        stored[reference].position = position
    parties = {party.name: party for party in ResponsibleParty.objects.all()}
    found: dict[str, dict[str, Any]] = {"parties": parties, "replaced_by": stored}
    related: dict[str, list[tuple[Any, list[Any]]]] = {name: [] for name in MANY}
    for change in proposal.changes:
        recommendation = stored[change.reference]
        for name, value in change.values:
            if name in MANY:
                related[name].append((recommendation, [found[name][each] for each in value]))
            else:
                setattr(recommendation, name, value)
    moved = {reference for reference, _position in proposal.positions} - {change.reference for change in proposal.added}
    save_all(
        [stored[change.reference] for change in proposal.added],
        [stored[reference] for reference in sorted(before | dict.fromkeys(moved))],
        fields={*(name for change in proposal.changed for name, _value in change.values), "position"} - set(MANY),
        related=related,
        by=by,
        reason=reason,
    )
    return before
