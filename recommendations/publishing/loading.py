"""Loading what comes first, a plan into a tracker without one: whole or not at all, each object with its first history.

The invented sample of a second year is played here too, by the same acts that staff do.
"""

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.core import serializers
from django.core.management.color import no_style
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from recommendations.models import (
    ActionPlan,
    Area,
    Assessment,
    Edition,
    EvidenceLink,
    ProgressUpdate,
    Recommendation,
    Report,
    ReportSection,
    ResponsibleParty,
)
from recommendations.reading.adopted import content_of

from .acts import Refused, save
from .plan_changes import announce
from .reports import publish_report
from .updates import Content, correct_update, mark_ready, publish_update, withdraw_update


class PlanExists(Exception):
    """The tracker has a plan already: loading another over it would revert what staff wrote since."""


def load_plan(path: Path, *, by: User) -> int:
    """Load the fixture at `path` (Django's JSON format) and mark its updates ready; returns the number of objects.

    Unlike `loaddata`, it checks each object, writes history as `by`, and refuses where a plan is there: PlanExists.
    A fixture that does not hold together raises ValidationError, DeserializationError or IntegrityError.
    """
    with transaction.atomic():
        if ActionPlan.objects.exists():
            raise PlanExists
        text = path.read_text(encoding="utf-8")
        models = set()
        objects = list(serializers.deserialize("json", text))
        for deserialized in objects:
            thing: Any = deserialized.object
            thing.full_clean(validate_unique=False)
            save(thing, by=by, reason=f"Loaded from {path.name}", is_checked=True, is_new=True)
            for field, related in (deserialized.m2m_data or {}).items():
                if related:
                    getattr(thing, field).set(related)
            models.add(type(thing))
        # The rows brought their own ids, which PostgreSQL's sequences have not counted.
        with connection.cursor() as cursor:
            for statement in connection.ops.sequence_reset_sql(no_style(), sorted(models, key=lambda m: m.__name__)):
                cursor.execute(statement)
        for update in ProgressUpdate.objects.drafts().order_by("id"):
            mark_ready(update, by=by, at=timezone.now())
    return len(objects)


def load_sample(path: Path, *, by: User) -> Edition:
    """Play the invented year at `path`, act by act at the times it gives; returns the newest edition it published.

    Refused unless the report that it follows was published, and once it is there. It happens whole or not at all.
    """
    sample = json.loads(path.read_text(encoding="utf-8"))
    if not Report.objects.published().filter(slug=sample["follows"]).exists():
        raise Refused(_("The sample follows the report “%(slug)s”: publish that first.") % {"slug": sample["follows"]})
    if Report.objects.filter(slug=sample["report"]["slug"]).exists():
        raise Refused(_("The sample is there already: nothing was loaded."))
    with transaction.atomic():
        for entry in sample["recommendations"]:
            _sample_recommendation(entry, by=by)
        for entry in sample["retirements"]:
            _sample_retirement(entry, by=by)
        report = _sample_report(sample["report"], by=by)
        updates = {key: _sample_update(entry, by=by) for key, entry in sample["updates"].items()}
        for entry in sample["acts"]:
            _play(entry, updates, report, by=by)
    return report.editions.latest("number")


def _sample_recommendation(entry: dict[str, Any], *, by: User) -> None:
    area, _point, number = entry.pop("reference").partition(".")
    parties = ResponsibleParty.objects.filter(slug__in=entry.pop("parties"))
    recommendation = Recommendation(area=Area.objects.get(number=area), number=number, **_dated(entry))
    _save_sample(recommendation, by=by)
    recommendation.parties.set(parties)


def _sample_retirement(entry: dict[str, Any], *, by: User) -> None:
    recommendation = Recommendation.objects.referred_to_as(entry["reference"]).get()
    before = content_of(recommendation)
    recommendation.retired_on = dt.date.fromisoformat(entry["retired_on"])
    recommendation.retired_reason = entry["retired_reason"]
    _save_sample(recommendation, by=by)
    for reference in entry["replaced_by"]:
        recommendation.replaced_by.add(Recommendation.objects.referred_to_as(reference).get())
    at = dt.datetime.fromisoformat(entry["at"])
    announce(recommendation, before=before, note=entry["retired_reason"], by=by, at=at)


def _sample_report(entry: dict[str, Any], *, by: User) -> Report:
    sections = entry.pop("sections")
    report = Report(plan=ActionPlan.objects.get(), **_dated(entry))
    _save_sample(report, by=by)
    for position, section in enumerate(sections):
        _save_sample(ReportSection(report=report, position=position, **section), by=by)
    return report


def _sample_update(entry: dict[str, Any], *, by: User) -> ProgressUpdate:
    statuses, evidence = entry.pop("statuses"), entry.pop("evidence", [])
    area = Area.objects.get(number=entry.pop("area"))
    update = ProgressUpdate(area=area, **_dated(entry))
    _save_sample(update, by=by)
    for reference, status in statuses.items():
        recommendation = Recommendation.objects.referred_to_as(reference).get()
        _save_sample(Assessment(update=update, recommendation=recommendation, status=status), by=by)
    for label, address in evidence:
        _save_sample(EvidenceLink(update=update, label=label, address=address), by=by)
    return update


def _play(entry: dict[str, Any], updates: dict[str, ProgressUpdate], report: Report, *, by: User) -> None:
    """One act of the sample, by the function of `publishing` that does it for staff."""
    at = dt.datetime.fromisoformat(entry["at"])
    if entry["act"] == "publish report":
        ready = [updates[key].pk for key in entry.get("updates", [])]
        publish_report(report, by=by, at=at, ready=ready, note=entry.get("note", ""))
        return
    update = ProgressUpdate.objects.get(pk=updates[entry["update"]].pk)
    match entry["act"]:
        case "mark ready":
            mark_ready(update, by=by, at=at)
        case "publish":
            publish_update(update, by=by, at=at)
        case "withdraw":
            withdraw_update(update, note=entry["note"], by=by, at=at)
        case "correct":
            change = entry["change"]
            if "statuses" in change:
                change["statuses"] = tuple(change["statuses"].items())
            if "evidence" in change:
                change["evidence"] = tuple(tuple(link) for link in change["evidence"])
            content = replace(Content.of(update), **change)
            is_minor = entry.get("is_minor", False)
            correct_update(update, content=content, note=entry["note"], by=by, at=at, is_minor=is_minor)
        case unknown:
            raise ValueError(f"The sample has an act that nobody knows: {unknown}")


def _dated(entry: dict[str, Any]) -> dict[str, Any]:
    """`entry` with its dates as dates."""
    return {name: dt.date.fromisoformat(value) if name.endswith("_on") else value for name, value in entry.items()}


def _save_sample(thing: Any, *, by: User) -> None:
    save(thing, by=by, reason="Loaded with the invented sample")
