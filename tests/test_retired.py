"""Retired on a day: the day itself is the first without the recommendation, wherever that is asked."""

import datetime as dt
import re
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone

from recommendations.models import ProgressUpdate, Recommendation
from recommendations.public.pages.areas import area_view
from recommendations.public.pages.changes import matrix_view
from recommendations.reading.comparison import ChangeKind, kind_of, matrix
from recommendations.reading.findings import completeness
from recommendations.reading.search import Filter, matching
from recommendations.reading.snapshot import report_snapshot, snapshot
from recommendations.report.document import document
from recommendations.workspace.board import board
from recommendations.workspace.drafting import day_of_new
from tests.factories import make_plan, make_recommendation, make_report, make_update
from tests.people import address, typed_update

pytestmark = pytest.mark.django_db

ENDS_ON = dt.date(2020, 6, 30)
DAY = dt.timedelta(days=1)


@pytest.mark.parametrize(
    ("retired_on", "is_retired"),
    [(None, False), (ENDS_ON - DAY, True), (ENDS_ON, True), (ENDS_ON + DAY, False), (dt.date(2999, 1, 1), False)],
)
def test_every_place_gives_the_same_answer(retired_on, is_retired, staff):
    why = {"retired_on": retired_on, "retired_reason": "It was split."} if retired_on else {}
    one, two = make_recommendation(**why), make_recommendation()
    make_update(statuses={one: "planned", two: "planned"}, dated_on=dt.date(2018, 6, 1))
    report = make_report(ends_on=ENDS_ON)

    taken = report_snapshot(report)

    entry = taken.recommendations[0]
    missing = next(finding for finding in completeness(report, on=ENDS_ON) if finding.kind == "without update")
    (row, _other), (item, _another) = (
        board(on=ENDS_ON).areas[0].rows,
        [item for table in document(taken).tables for item in table.without],
    )
    article, table = document(taken), matrix_view(matrix([taken]), [taken])
    offered = staff.get(f"{address('progressupdate_add')}?area=1&covering=1.1&covering=1.2").context["adminform"].form
    answers = {
        "model": one.is_retired(ENDS_ON),
        "queryset": one not in Recommendation.objects.current(ENDS_ON),
        "entry": entry.is_retired(ENDS_ON),
        "snapshot": entry not in taken.current,
        "totals": taken.totals()[1].count == 1,
        "comparison": kind_of("planned", entry, taken) == ChangeKind.RETIRED,
        "filter": matching(taken, Filter(status="planned")) == ("1.2",),
        "page": area_view(taken, taken.areas[0]).groups[0].lines[0].is_retired,
        "matrix": table.lines[0].is_retired,
        "finding": one.pk not in missing.targets,
        "article": item.retired != "",
        "glance": article.glance.count == 1,
        "board": row.is_retired,
        "board's missing": not row.is_missing,
    }
    assert answers == dict.fromkeys(answers, is_retired)
    # The form is dated by the day that new updates are dated: the period's last, since it is past.
    assert day_of_new(on=timezone.localdate()) == ENDS_ON
    assert (one.pk not in {each.pk for each in offered.fields["coverage"].offered}) is is_retired


def test_a_row_that_lacks_an_update_can_be_ticked_and_written_about(staff):
    one = make_recommendation(retired_on=dt.date(2020, 9, 1), retired_reason="It was split.")
    make_report(ends_on=ENDS_ON)

    page = staff.get(reverse("admin:index")).content.decode()
    form = staff.get(f"{address('progressupdate_add')}?covering=1.1")
    sent = staff.post(f"{address('progressupdate_add')}?area=1", typed_update({one: ""}, dated_on="2020-06-30"))

    assert "no update in this period" in page
    assert 'value="1.1" disabled' not in page
    assert "(retired on September 1, 2020)" in page
    assert form.context["adminform"].form.initial["coverage"] == {one.pk: ""}
    assert sent.status_code == 302
    assert ProgressUpdate.objects.get().assessments.get().recommendation == one


def test_what_is_retired_on_the_updates_day_is_refused_in_words(staff):
    one = make_recommendation(retired_on=dt.date(2020, 9, 1), retired_reason="It was split.")
    make_report(ends_on=ENDS_ON)

    page = staff.post(f"{address('progressupdate_add')}?area=1", typed_update({one: ""}, dated_on="2020-09-01"))

    assert "1.1 was retired on September 1, 2020: give an earlier date, or untick it." in page.content.decode()
    assert not ProgressUpdate.objects.exists()


def test_an_update_keeps_what_it_covers_when_that_is_retired_later(staff):
    one = make_recommendation()
    update = make_update(statuses={one: "planned"}, dated_on=ENDS_ON, published=False)
    Recommendation.objects.update(retired_on=dt.date(2020, 6, 1), retired_reason="It was split.")

    page = staff.get(address("progressupdate_change", update.pk))

    assert [each.pk for each in page.context["adminform"].form.fields["coverage"].offered] == [one.pk]


def test_a_recommendation_of_a_period_that_began_on_the_day_it_retired_is_listed_as_retired():
    plan = make_plan()
    make_recommendation(retired_on=ENDS_ON, retired_reason="It was split.")

    begins_that_day = snapshot(plan, on=dt.date(2021, 6, 30), since=ENDS_ON)
    begins_after = snapshot(plan, on=dt.date(2021, 6, 30), since=ENDS_ON + DAY)

    assert [entry.reference for entry in begins_that_day.recommendations] == ["1.1"]
    assert begins_that_day.current == ()
    assert begins_after.recommendations == ()


def test_the_list_of_recommendations_goes_by_today(staff):
    make_recommendation(retired_on=dt.date(2020, 6, 1), retired_reason="It was split.", text="Over.")
    make_recommendation(retired_on=dt.date(2999, 6, 1), retired_reason="It will be split.", text="Still there.")

    in_force = staff.get(f"{address('recommendation_changelist')}?state=current").content.decode()
    retired = staff.get(f"{address('recommendation_changelist')}?state=retired").content.decode()

    assert ("Still there." in in_force, "Over." in in_force) == (True, False)
    assert ("Still there." in retired, "Over." in retired) == (False, True)


@pytest.mark.parametrize(("added_on", "has_begun"), [(None, True), (ENDS_ON, True), (ENDS_ON + DAY, False)])
def test_added_on_a_day_has_one_answer_too(added_on, has_begun):
    one = make_recommendation(added_on=added_on)
    report = make_report(ends_on=ENDS_ON)

    missing = {id for finding in completeness(report, on=ENDS_ON) for id in finding.targets}

    assert one.has_begun(ENDS_ON) is has_begun
    assert Recommendation.objects.begun(ENDS_ON).exists() is has_begun
    assert bool(report_snapshot(report).recommendations) is has_begun
    assert (one.pk in missing) is has_begun


def test_no_other_module_compares_these_days():
    days = "(?:retired|added)_on"
    compared = re.compile(rf"{days} (?:<|>|is (?:not )?None and|is None or)|{days}__|retired_on=None")
    found = [
        (str(path), text)
        for path in Path("recommendations").rglob("*.py")
        if "migrations" not in path.parts and path != Path("recommendations/models/recommendations.py")
        for text in compared.findall(path.read_text())
    ]

    assert found == []
