"""Invented plans of any size, for measurements: like the real one in the length of its texts, areas and rows."""

import datetime as dt
from itertools import product

from django.contrib.auth.models import User
from django.utils import timezone

from recommendations.models import (
    ActionPlan,
    Area,
    Assessment,
    ProgressUpdate,
    Recommendation,
    Report,
    ResponsibleParty,
    Status,
)

# Of the real plan: 29 recommendations in 8 areas, texts of some 130 characters, updates of some 420. A larger plan has
# longer areas, and fifty of them at most.
BY_AREA = 4
MOST_AREAS = 50
TEXT = "support organizations across the province share their needs, expertise and stories of what happens"
DAY = dt.date(2020, 6, 30)


def words(count: int, *, start: int) -> str:
    """`count` words that differ from place to place, with a full stop."""
    vocabulary = TEXT.split()
    return " ".join(vocabulary[(start * 7 + number) % len(vocabulary)] for number in range(count)).capitalize() + "."


def make_plan(count: int, *, updates: int = 1) -> Report:
    """A plan of `count` recommendations into an empty database, with so many `updates` on each, all published.

    Every fourth area has updates on the whole of it, as the real report has. Returns the report of its year.
    """
    by = User.objects.create_user("bench", is_staff=True)
    plan = ActionPlan.objects.create(
        title="A Plan of Invented Recommendations: For Measurements",
        conference_name="May 2021 Conference",
        conference_starts_on=dt.date(2019, 5, 28),
        conference_ends_on=dt.date(2019, 5, 29),
        acknowledgement=words(40, start=1),
        introduction=words(120, start=2),
        organisation_name="Example Organization",
    )
    by_area = max(BY_AREA, count // MOST_AREAS)
    parties = [ResponsibleParty.objects.create(name=f"party {number}", slug=f"party-{number}") for number in range(9)]
    areas = [
        Area.objects.create(number=number, title=words(4, start=number).rstrip("."), plan=plan)
        for number in range(1, count // by_area + 2)
    ]
    for position in range(count):
        area, number = areas[position // by_area], position % by_area + 1
        recommendation = Recommendation.objects.create(
            area=area, reference=f"{area.number}.{number}", position=number, text=words(22, start=position)
        )
        recommendation.parties.add(parties[position % len(parties)])
    for area in Area.objects.exclude(recommendations=None).distinct().prefetch_related("recommendations"):
        members = list(area.recommendations.all())
        runs = [members] if area.number % 4 == 0 else [[member] for member in members]
        for covered, number in product(runs, range(updates)):
            update = ProgressUpdate.objects.create(
                area=area,
                text=words(70, start=covered[0].pk + number),
                dated_on=DAY - dt.timedelta(days=(covered[0].pk + 29 * number) % 300),
                ready_at=timezone.now(),
                ready_by=by,
                published_at=timezone.now(),
                published_by=by,
            )
            for member in covered:
                status = Status.values[member.pk % len(Status.values)]
                Assessment.objects.create(update=update, recommendation=member, status=status)
    return Report.objects.create(
        plan=plan, title="One-Year Update", slug="bench", starts_on=dt.date(2019, 5, 30), ends_on=DAY
    )
