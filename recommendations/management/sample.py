"""An invented second year for tests and screenshots, played by the same acts that staff do. No public site loads it."""

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
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
from recommendations.models.saves import one_save
from recommendations.publishing.acts import Refused, save
from recommendations.publishing.plan_changes import announce
from recommendations.publishing.reports import publish_report
from recommendations.publishing.updates import Content, correct_update, mark_ready, publish_update, withdraw_update
from recommendations.reading.adopted import content_of

# What the history calls the acts that the sample calls otherwise.
NAMES = {"publish report": "publish", "mark ready": "ready"}


def load_sample(path: Path, *, by: User) -> Edition:
    """Play the invented year at `path`, act by act at the times it gives; returns the newest edition it published.

    Refused unless the report that it follows was published, and once it is there. It happens whole or not at all.
    """
    sample = json.loads(path.read_text(encoding="utf-8"))
    if not Report.objects.published().filter(slug=sample["follows"]).exists():
        raise Refused(
            _("The sample follows the report “%(slug)s”: publish that report first.") % {"slug": sample["follows"]}
        )
    if Report.objects.filter(slug=sample["report"]["slug"]).exists():
        raise Refused(_("The sample is already there: nothing was loaded."))
    with transaction.atomic():
        for entry in sample["recommendations"]:
            with one_save("add"):
                _sample_recommendation(entry, by=by)
        for entry in sample["retirements"]:
            with one_save("change"):
                _sample_retirement(entry, by=by)
        with one_save("add"):
            report = _sample_report(sample["report"], by=by)
        updates = {key: _sample_update(entry, by=by) for key, entry in sample["updates"].items()}
        for entry in sample["acts"]:
            with one_save(NAMES.get(entry["act"], entry["act"])):
                _play(entry, updates, report, by=by)
    return report.editions.latest("number")


def _sample_recommendation(entry: dict[str, Any], *, by: User) -> None:
    area, _point, number = entry["reference"].partition(".")
    parties = ResponsibleParty.objects.filter(slug__in=entry.pop("parties"))
    recommendation = Recommendation(area=Area.objects.get(number=area), position=number, **_dated(entry))
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
    with one_save("add"):
        _save_sample(update, by=by)
        for reference, status in statuses.items():
            recommendation = Recommendation.objects.referred_to_as(reference).get()
            _save_sample(Assessment(update=update, recommendation=recommendation, status=status), by=by)
        for label, address in evidence:
            _save_sample(EvidenceLink(update=update, label=label, address=address), by=by)
    return update


def _play(entry: dict[str, Any], updates: dict[str, ProgressUpdate], report: Report, *, by: User) -> None:
    """One act of the sample, by the function that does it for staff."""
    at = dt.datetime.fromisoformat(entry["at"])
    if entry["act"] == "publish report":
        ready = [updates[key].pk for key in entry.get("updates", [])]
        publish_report(report, by=by, at=at, ready=ready, note=entry.get("note", ""), is_clock_right=True)
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
            for name in {"evidence", "archived"} & set(change):
                change[name] = tuple(tuple(pair) for pair in change[name])
            content = replace(Content.of(update), **change)
            is_minor = entry.get("is_minor", False)
            correct_update(update, content=content, note=entry["note"], by=by, at=at, is_minor=is_minor)
        case unknown:
            raise ValueError(f"The sample has an unknown act: {unknown}")


def _dated(entry: dict[str, Any]) -> dict[str, Any]:
    """`entry` with its dates as dates."""
    return {name: dt.date.fromisoformat(value) if name.endswith("_on") else value for name, value in entry.items()}


def _save_sample(thing: Any, *, by: User) -> None:
    save(thing, by=by, reason="Loaded with the invented sample")
