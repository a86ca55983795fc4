"""What a new update starts from: an empty text, the last update on what it covers, or the texts of the period."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass, replace

from recommendations.models import ProgressUpdate, Recommendation, Report


@dataclass(frozen=True)
class Beginning:
    """The first contents of a form. `statuses` pairs ids of recommendations with status words, empty for none yet.

    `sources` are the updates that the text was taken from, oldest first.
    """

    statuses: dict[int, str]
    dated_on: dt.date
    text: str = ""
    sums_up: bool = False
    sources: tuple[ProgressUpdate, ...] = ()


@dataclass(frozen=True)
class Period:
    """From one day to another, both included."""

    starts_on: dt.date
    ends_on: dt.date


def open_period(*, on: dt.date) -> Period | None:
    """The period that is being written about: that of the newest report until it is published, then what follows it.

    What follows a published report goes on at least until the day `on`. None before there is a report.
    """
    newest = Report.objects.order_by("ends_on").last()
    if newest is None:
        return None
    if not newest.editions.exists():
        return Period(newest.starts_on, newest.ends_on)
    starts_on = newest.ends_on + dt.timedelta(days=1)
    return Period(starts_on, max(on, starts_on))


def day_of_new(*, on: dt.date) -> dt.date:
    """The day that a new update is dated, unless changed, on the day `on`: that day, or the open period's last if past.

    No update is dated in the future; and none is put in a published period unless somebody chooses that day.
    """
    period = open_period(on=on)
    return min(period.ends_on, on) if period else on


def referred_to(references: Collection[str], *, on: dt.date) -> list[Recommendation]:
    """The recommendations with these `references` that are in force on the day `on`, in plan order."""
    return list(Recommendation.objects.current(on).referred_to_as(*references).select_related("area").in_order())


def blank(recommendations: Collection[Recommendation], *, dated_on: dt.date) -> Beginning:
    return Beginning({one.pk: "" for one in recommendations}, dated_on)


def from_last(recommendations: Collection[Recommendation], *, dated_on: dt.date, before: dt.date) -> Beginning:
    """With the texts of the newest published updates dated before `before` that cover them. The statuses are older than
    those that the form proposes by itself, so they aren't taken over.
    """
    newest: dict[int, ProgressUpdate] = {}
    updates = ProgressUpdate.objects.covering(recommendations).public().filter(dated_on__lt=before)
    for update in updates.with_assessments().in_order():
        for assessment in update.assessments.all():
            newest[assessment.recommendation_id] = update
    found = _taken_from([newest[one.pk] for one in recommendations if one.pk in newest], recommendations, dated_on)
    return replace(found, statuses={one.pk: "" for one in recommendations})


def summing_up(recommendations: Collection[Recommendation], *, dated_on: dt.date, period: Period) -> Beginning:
    """With the texts of the period's updates that cover them, for one that sums them up and replaces them."""
    updates = ProgressUpdate.objects.covering(recommendations).dated_in(period.starts_on, period.ends_on)
    updates = updates.not_removed().filter(sums_up=False)
    beginning = _taken_from(list(updates.with_assessments().in_order()), recommendations, dated_on)
    return Beginning(beginning.statuses, dated_on, beginning.text, True, beginning.sources)


def last_published(update: ProgressUpdate) -> ProgressUpdate | None:
    """The newest published update, other than this, that covers something of what `update` covers."""
    covered = [assessment.recommendation for assessment in update.assessments.all()]
    others = ProgressUpdate.objects.covering(covered).public().exclude(pk=update.pk)
    return others.filter(dated_on__lte=update.dated_on).in_order().last()


def _taken_from(
    updates: Collection[ProgressUpdate], recommendations: Collection[Recommendation], dated_on: dt.date
) -> Beginning:
    """What `updates`, oldest first and each once, said; of each recommendation the status that the newest records."""
    statuses = {one.pk: "" for one in recommendations}
    sources = tuple(dict.fromkeys(updates))
    for update in sources:
        for assessment in update.assessments.all():
            if assessment.recommendation_id in statuses and assessment.status:
                statuses[assessment.recommendation_id] = assessment.status
    return Beginning(statuses, dated_on, "\n\n".join(update.text.strip() for update in sources), sources=sources)
