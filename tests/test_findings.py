"""What staff should look at before they publish."""

import datetime as dt
from dataclasses import replace

import pytest

from recommendations import publishing
from recommendations.findings import completeness
from recommendations.models import Assessment
from recommendations.publishing import Content
from tests.factories import make_area, make_recommendation, make_report, make_update

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fake_pdf")]

ON = dt.date(2020, 7, 2)


def found(report):
    return [(finding.kind, finding.targets) for finding in completeness(report, on=ON)]


def test_completeness_names_the_recommendations_without_an_update():
    one, two = make_recommendation(), make_recommendation()
    before = make_recommendation(retired_on=dt.date(2020, 1, 1), retired_reason="Split.")
    after = make_recommendation(added_on=dt.date(2020, 7, 1))
    make_update(statuses={one: "planned", before: "planned", after: "planned"})
    make_update(statuses={two: "planned"}, dated_on=dt.date(2019, 1, 1))

    (finding,) = completeness(make_report(), on=ON)

    assert finding.targets == (two.pk,)
    assert finding.message == "1 recommendation has no update in this period: 1.2."


def test_completeness_is_empty_when_all_is_covered():
    make_update(statuses={make_recommendation(): "planned"})

    assert found(make_report()) == []


def test_completeness_names_drafts_and_incomplete_updates(user, now):
    one, two = make_recommendation(), make_recommendation()
    draft = make_update(statuses={one: ""}, published=False)
    ready = make_update(statuses={two: "planned"}, published=False)
    publishing.mark_ready(ready, by=user, at=now)
    Assessment.objects.filter(update=ready).update(status="")

    assert found(make_report()) == [
        ("without update", (one.pk,)),
        ("draft", (draft.pk,)),
        ("incomplete", (ready.pk,)),
    ]


def test_completeness_names_what_the_newest_edition_does_not_know(user, now):
    one = make_recommendation()
    corrected, moved_out, withdrawn, kept = (make_update(statuses={one: "planned"}) for _ in range(4))
    report = make_report()
    publishing.publish_report(report, by=user, at=now)
    later = now + dt.timedelta(hours=1)
    publishing.correct_update(
        corrected, content=replace(Content.of(corrected), text="New."), note="n", by=user, at=later
    )
    elsewhere = replace(Content.of(moved_out), dated_on=dt.date(2018, 1, 1))
    publishing.correct_update(moved_out, content=elsewhere, note="n", by=user, at=later)
    publishing.withdraw_update(withdrawn, note="n", by=user, at=later)
    late = make_update(statuses={one: "planned"}, published=False)
    publishing.publish_update(late, by=user, at=later)

    assert sorted(found(report)) == [
        ("not in edition", (update.pk,)) for update in (corrected, moved_out, withdrawn, late)
    ]
    assert kept.pk not in {finding.targets[0] for finding in completeness(report, on=ON)}


@pytest.mark.parametrize("rows", [1, 30])
def test_completeness_asks_the_database_7_times(rows, user, now, django_assert_num_queries):
    area = make_area()
    for _ in range(rows):
        make_update(statuses={make_recommendation(area=area): "planned"}, evidence=[("Minutes", "https://a.example")])
    report = make_report()
    publishing.publish_report(report, by=user, at=now)

    with django_assert_num_queries(7):
        completeness(report, on=ON)
