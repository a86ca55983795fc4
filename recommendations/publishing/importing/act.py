"""The act that imports what a sheet says, once somebody confirmed it: whole or not at all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.contrib.auth.models import User
from django.db import IntegrityError, models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from recommendations.data.sheets import Sheet
from recommendations.models import ActionPlan, Area, Recommendation, ResponsibleParty
from recommendations.publishing.acts import Refused, Unchanged, put_on_record, save
from recommendations.publishing.plan_changes import announce
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
    before: list[tuple[models.Model, AdoptedContent]] = []
    for one in proposal.areas:
        area = areas.setdefault(one.number, Area(plan=plan, number=one.number))
        if not one.is_new:
            before.append((area, content_of(area)))
        area.title = one.title
        save(area, by=by, reason=reason, is_checked=True)
    slugs = set(ResponsibleParty.objects.values_list("slug", flat=True))
    for name in proposal.parties:
        save(new_party(name, slugs), by=by, reason=reason, is_checked=True)
    parties = {party.name: party for party in ResponsibleParty.objects.all()}
    stored = {one.reference: one for one in Recommendation.objects.select_related("area")}
    # New ones first, and what replaces what last: whatever is pointed at is there by then.
    ordered = sorted(proposal.changes, key=lambda change: not change.is_new)
    for change in ordered:
        values = dict(change.values)
        if change.is_new:
            area_number, number = map(int, change.reference.split("."))
            new = Recommendation(area=areas[area_number], reference=change.reference, position=number)
            stored[change.reference] = new
        recommendation = stored[change.reference]
        if not change.is_new:
            before.append((recommendation, content_of(recommendation)))
        plain = {name: value for name, value in values.items() if name not in MANY}
        for name, value in plain.items():
            setattr(recommendation, name, value)
        if plain:
            save(recommendation, by=by, reason=reason, is_checked=True)
        put_on_record(recommendation, by=by, reason=reason)
        if "parties" in values:
            recommendation.parties.set([parties[name] for name in values["parties"]])
    for change in ordered:
        values = dict(change.values)
        if "replaced_by" in values:
            recommendation = stored[change.reference]
            recommendation.replaced_by.set([stored[reference] for reference in values["replaced_by"]])
    leads_to = {one.reference: replacements(one) for one in Recommendation.objects.for_snapshot()}
    for change in ordered:
        if "replaced_by" in dict(change.values) and (way := way_back(change.reference, leads_to)):
            # Only where part of it was ticked: the whole was looked at before.
            raise Refused(
                _("With what you ticked, it would end up replacing itself: %(way)s.") % {"way": " → ".join(way)}
            )
    for thing, content in before:
        announce(thing, before=content, note=note, is_slip=True, by=by, at=at)
