"""Nothing is invented: what came out of the conference is told apart from what was added or retired since."""

import datetime as dt
import json

import pytest
from django.utils import timezone

from recommendations.data import tables
from recommendations.models import Report
from recommendations.publishing.reports import publish_report
from recommendations.reading import origins
from recommendations.reading.editions import stored_snapshot
from recommendations.reading.snapshot import report_snapshot, snapshot
from recommendations.report.document import article
from tests.factories import make_area, make_plan, make_recommendation, make_report, make_update
from tests.rows import make_once

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fake_pdf")]

ADDED = dt.date(2020, 3, 1)
AS_ADOPTED = "2 recommendations in 1 area came out of the May 2019 Conference."
SINCE = "2 have been added since. 1 has been retired since. 3 are in force."


def adopted():
    make_area(), make_area()
    return make_recommendation(), make_recommendation()


def added_and_retired():
    """One of the two that were adopted is retired, and a new one in each area takes its place."""
    first, second = adopted()
    second.retired_on, second.retired_reason = ADDED, "It was split."
    second.save()
    make_recommendation(added_on=ADDED)
    make_recommendation(added_on=ADDED, area=make_area())
    return first


def told(taken):
    return origins.sentences(taken.origins, plan=taken.plan)


def test_a_plan_as_the_conference_left_it_says_what_came_out_of_it():
    adopted()

    taken = snapshot(make_plan(), on=ADDED)

    assert (told(taken), origins.sentences_since(taken.origins), taken.since_adopted) == (AS_ADOPTED, "", None)


def test_what_was_added_or_retired_since_is_told_apart_from_its_day_on():
    added_and_retired()

    before = snapshot(make_plan(), on=ADDED - dt.timedelta(days=1))
    after = snapshot(make_plan(), on=ADDED)

    assert told(before) == AS_ADOPTED
    assert told(after) == f"{AS_ADOPTED} {SINCE}"


def test_a_report_counts_what_was_retired_before_its_period_as_adopted_too():
    added_and_retired()

    taken = report_snapshot(make_report(starts_on=dt.date(2020, 7, 1), ends_on=dt.date(2021, 6, 30)))

    assert [entry.reference for entry in taken.recommendations] == ["1.1", "1.3", "3.1"]
    assert told(taken) == f"{AS_ADOPTED} {SINCE}"


def test_what_is_claimed_on_a_page_in_a_report_and_in_the_data_is_so(client):
    make_update(statuses={added_and_retired(): "planned"})
    report = make_report()

    pages = {address: client.get(address).content.decode() for address in ("/", "/about/", "/data/")}
    package = client.get("/data/datapackage.json").json()
    notes = dict(tables.notes(snapshot(make_plan(), on=timezone.localdate()), site=""))
    printed = article(report_snapshot(report))

    sentence = f"{AS_ADOPTED} {SINCE}"
    assert [address for address, page in pages.items() if sentence not in page] == []
    assert package["description"].split("\n\n")[0] == sentence
    assert notes["Recommendations"] == sentence
    assert client.get("/data/progress.json").json()["origins"] == sentence
    assert f"<p>{sentence}</p>" in printed


def test_a_report_of_the_plan_as_adopted_has_no_such_sentence():
    make_update(statuses={adopted()[0]: "planned"})

    assert "came out of" not in article(report_snapshot(make_report()))


def test_what_was_frozen_is_read_again(user, now):
    make_update(statuses={added_and_retired(): "planned"})
    edition = publish_report(make_report(), by=user, at=now)

    frozen = stored_snapshot(edition)

    assert told(frozen) == f"{AS_ADOPTED} {SINCE}"
    assert json.loads(edition.content("snapshot.json"))["since_adopted"] == {
        "adopted": 2,
        "areas": 1,
        "added": 2,
        "retired": 1,
    }


# Notes on statuses


NOTE = "The statuses were assigned from its text."


@pytest.fixture
def two_reports(user, now):
    """The report of 2020 with a note on its statuses, and that of 2021 with none; 1.2 has an update in 2021 alone."""
    make_once("two reports", lambda: publish_two_reports(by=user, at=now), by=user)
    return tuple(Report.objects.order_by("ends_on"))


def publish_two_reports(*, by, at):
    first, second = make_recommendation(), make_recommendation()
    make_update(statuses={first: "planned"})
    earlier = make_report(status_note=NOTE, slug="first", title="First Report")
    publish_report(earlier, by=by, at=at)
    make_update(statuses={second: "completed"}, dated_on=dt.date(2021, 6, 30))
    later = make_report(
        starts_on=dt.date(2020, 7, 1), ends_on=dt.date(2021, 6, 30), slug="second", title="Second Report"
    )
    publish_report(later, by=by, at=at + dt.timedelta(days=365))


LINE = '<a href="/statuses/#note-first">A note on the statuses of “First Report”</a>'


@pytest.mark.parametrize(
    ("address", "stands_there"),
    [
        ("/", True),
        ("/?status=planned", True),
        ("/?status=completed", False),
        ("/areas/1/", True),
        ("/recommendations/1.1/", True),
        ("/recommendations/1.2/", False),
        ("/updates/", True),
        ("/reports/second/changes/", True),
    ],
)
def test_a_note_is_one_linked_line_where_the_statuses_of_its_report_stand(address, stands_there, client, two_reports):
    page = client.get(address).content.decode()

    assert NOTE not in page
    assert page.count(LINE) == stands_there


def test_an_update_links_to_the_note_of_its_own_report_on_its_page_and_in_the_feed(client, two_reports):
    first, second = (f"/updates/{update.id}/" for update in snapshot(make_plan(), on=timezone.localdate()).updates)
    feed = client.get("/updates.atom").content.decode()

    assert [client.get(page).content.decode().count(LINE) for page in (first, second)] == [1, 0]
    assert NOTE not in feed
    assert feed.count("/statuses/#note-first") == 1


def test_a_party_page_has_the_line_only_where_the_statuses_stand(client, two_reports):
    from recommendations.models import Recommendation
    from tests.factories import make_party

    for number, slug in ((1, "police"), (2, "health")):
        Recommendation.objects.get(position=number).parties.add(make_party(slug=slug))

    assert [client.get(f"/parties/{slug}/").content.decode().count(LINE) for slug in ("police", "health")] == [1, 0]


def test_a_note_stands_in_full_in_its_report_on_the_statuses_page_and_in_the_data(client, two_reports):
    earlier, _later = two_reports

    page = client.get("/statuses/").content.decode()

    assert article(report_snapshot(earlier)).count(NOTE) == 1
    assert page.count(NOTE) == 1
    assert 'id="note-first"' in page
    assert NOTE in client.get("/data/").content.decode()
    assert client.get("/data/progress.json").json()["status_note"] == NOTE


def test_the_next_report_links_to_the_note_where_the_statuses_of_the_earlier_one_stand(two_reports):
    _earlier, later = two_reports

    printed = article(report_snapshot(later))

    assert NOTE not in printed
    assert printed.count('/reports/first/">A note on the statuses of “First Report”</a>') == 1
    assert "A note on the statuses of “Second Report”" not in printed


def test_several_notes_say_in_the_data_which_report_each_is_about(client, two_reports):
    _earlier, later = two_reports
    later.status_note = "These are invented."
    later.save()

    note = client.get("/data/progress.json").json()["status_note"]

    assert note == f"Second Report: These are invented.\n\nFirst Report: {NOTE}"
