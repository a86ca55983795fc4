"""What pages are called on tabs and in histories: told apart, and telling nobody beside the reader."""

import datetime as dt

import pytest

from recommendations.models import Status
from recommendations.publishing.reports import publish_report
from recommendations.publishing.takedowns import take_down
from recommendations.publishing.updates import withdraw_update
from recommendations.reading import titles
from recommendations.reading.entries import AreaEntry
from tests.factories import make_area, make_party, make_plan, make_recommendation, make_report, make_update
from tests.public import title_of

pytestmark = pytest.mark.django_db

KEPT = "flood, high water"


@pytest.mark.parametrize(
    ("kept", "name", "seen"),
    [
        ("", "Housing", False),
        (" , ", "Housing", False),
        (KEPT, "Housing", True),
        (KEPT, "Anti-flooding groups", False),
        (KEPT, "FLOODS", False),
        (KEPT, "Water", True),
        (KEPT, "Water that is high", False),
    ],
)
def test_a_name_is_in_titles_only_where_the_plan_says_what_must_not_be(kept, name, seen):
    assert titles.may_be_seen(name, make_plan(kept_from_titles=kept)) == seen


@pytest.mark.parametrize(("kept", "seen"), [("", True), (KEPT, False)])
def test_where_nobody_could_be_harmed_for_reading_names_are_in_titles_but_for_kept_words(kept, seen):
    assert titles.may_be_seen("Floods", make_plan(kept_from_titles=kept, offers_leave=False)) == seen


@pytest.mark.parametrize(
    ("name", "short", "title"),
    [
        ("Riverside Society", "RS", "Riverside Society"),
        ("Flood Action", "FA", "FA"),
        ("Flood Action", "", ""),
        ("Flood Action", "Floods!", ""),
    ],
)
def test_the_site_is_called_by_a_name_that_tells_nothing(name, short, title):
    assert (
        titles.of_site(make_plan(kept_from_titles=KEPT, organisation_name=name, organisation_short_name=short)) == title
    )


def test_what_tells_is_called_by_a_number():
    plan = make_plan(kept_from_titles=KEPT, language="en-ca")
    report = make_report(title="Flood Update", ends_on=dt.date(2020, 6, 30))
    areas = [AreaEntry(3, title, "", ()) for title in ("Housing", "Floods")]

    assert [titles.of_area(area, plan, first="A.1") for area in areas] == ["Area 3: Housing", "Area 3"]
    plan.numbers_areas = False
    assert [titles.of_area(area, plan, first="A.1") for area in areas] == ["Housing", "Area with A.1"]
    assert titles.of_party("law enforcement", plan, number=5) == "Law enforcement"
    assert titles.of_party("flood relief", plan, number=5) == "Addressed to, 5"
    assert titles.of_report(report, plan) == "Report to June 30, 2020"
    assert titles.of_edition(make_report(title="One-Year Update"), plan, number=2) == "One-Year Update, edition 2"
    assert titles.of_update(14, ("1.1", "1.2", "1.3", "1.4")) == "Update 14: 1.1, 1.2, 1.3 …"


def test_pages_have_these_titles(client, user, now):
    make_plan(kept_from_titles=KEPT)
    party, area = make_party(name="flood relief"), make_area(title="Housing")
    recommendation = make_recommendation(area=area, parties=[party])
    told, withdrawn, taken = (make_update(statuses={recommendation: Status.ONGOING}) for _ in range(3))
    withdraw_update(withdrawn, note="It was wrong.", by=user, at=now)
    take_down(taken, reason="It named a person.", by=user, at=now)

    addresses = {
        "/": "Progress",
        "/areas/1/": "Area 1: Housing",
        f"/parties/{party.slug}/": f"Addressed to, {party.pk}",
        "/recommendations/1.1/": "1.1",
        f"/updates/{told.pk}/": f"Update {told.pk}: 1.1",
        f"/updates/{withdrawn.pk}/": f"Withdrawn: Update {withdrawn.pk}",
        f"/updates/{taken.pk}/": f"Taken down: Update {taken.pk}",
        f"/?q=secret&status=ongoing&area=1&party={party.slug}": "Results, Ongoing, Area 1: Housing",
        "/no-such-page/": "Not found",
    }
    assert {path: title_of(client.get(path)) for path in addresses} == {
        path: f"{title} – Example Organisation" for path, title in addresses.items()
    }
    assert (
        f"<title>Progress updates: Addressed to, {party.pk} – "
        in client.get(f"/parties/{party.slug}/updates.atom").content.decode()
    )


def test_reports_of_the_same_title_are_told_apart_by_their_periods(client, user, now, fake_pdf):
    make_plan(kept_from_titles=KEPT, language="en-ca")
    make_update(statuses={make_recommendation(): Status.ONGOING}, dated_on=dt.date(2020, 6, 1))
    publish_report(make_report(title="Annual Update", slug="first"), by=user, at=now)
    make_report(title="Annual Update", slug="second", starts_on=dt.date(2020, 7, 1), ends_on=dt.date(2021, 6, 30))

    for address, title in {"": "", "editions/1/": ", edition 1", "changes/": ", what changed"}.items():
        expected = f"Report to June 30, 2020{title} – Example Organisation"
        assert title_of(client.get(f"/reports/first/{address}")) == expected
