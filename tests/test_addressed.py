"""The page of a party, in words for the party that it names, and the list of all parties."""

import datetime as dt
import re

import pytest

from recommendations.models import ActionPlan, ResponsibleParty, Status
from recommendations.public.pages.parties import party_lines, party_view
from recommendations.reading.entries import PartyEntry
from recommendations.reading.search import parties_of
from recommendations.reading.snapshot import snapshot
from tests.factories import make_area, make_party, make_plan, make_recommendation, make_update

pytestmark = pytest.mark.django_db

TODAY = dt.date(2020, 7, 2)


def today():
    return snapshot(ActionPlan.objects.get(), on=TODAY, is_live=True)


def view_of(slug):
    stored = ResponsibleParty.objects.get(slug=slug)
    return party_view(today(), PartyEntry(stored.slug, stored.name, stored.is_everyone))


def labels(areas):
    return {line.entry.reference: line.label for area in areas for group in area.groups for line in group.lines}


@pytest.fixture
def asked():
    """Three recommendations to the police, of which two have a status, and one for others to everyone."""
    plan = make_plan(contact_email="info@example.org", organisation_name="Example Network")
    area = make_area(plan=plan, title="Policing")
    police, everyone = make_party(name="the police", slug="police"), make_party(name="all of us", is_everyone=True)
    theirs, ours, silent = (make_recommendation(area=area, parties=[police]) for _ in range(3))
    shared = make_recommendation(area=area, parties=[everyone])
    make_update(statuses={theirs: Status.FOR_OTHERS, shared: Status.FOR_OTHERS}, dated_on=dt.date(2020, 6, 1))
    make_update(statuses={ours: Status.PLANNED}, dated_on=dt.date(2020, 6, 1))
    return plan, theirs, ours, silent, shared


def said_by(response):
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def test_what_is_for_others_to_act_on_is_for_the_party_on_its_own_page(asked):
    _plan, theirs, ours, silent, shared = asked

    view = view_of("police")

    assert labels(view.areas) == {
        theirs.reference: "For the police to act on",
        ours.reference: "Planned",
        silent.reference: "",
    }
    assert labels(view.for_everyone) == {shared.reference: "For all of us to act on"}
    assert (view.to_act_on, view.published_as) == ("For the police to act on", "For others to act on")
    assert [(total.label, total.count) for total in view.totals] == [
        ("Planned", 1),
        ("for them to act on", 1),
        ("", 1),
    ]


def test_a_long_name_is_not_said_beside_each(asked):
    ResponsibleParty.objects.filter(slug="police").update(name="the police of each town, village and district")

    assert labels(view_of("police").areas)[asked[1].reference] == "For them to act on"


def test_the_published_words_are_the_plans_own(asked):
    asked[0].status_wordings.create(status=Status.FOR_OTHERS, label="External")

    assert view_of("police").published_as == "External"
    assert labels(view_of("police").areas)[asked[1].reference] == "For the police to act on"


def test_only_current_ones_are_counted_and_replied_about(asked):
    _plan, theirs, ours, silent, _shared = asked
    silent.retired_on, silent.retired_reason = dt.date(2020, 6, 30), "It was done otherwise."
    silent.save()

    view = view_of("police")

    assert view.references == (theirs.reference, ours.reference)
    assert labels(view.areas).keys() == {theirs.reference, ours.reference, silent.reference}


@pytest.mark.parametrize("name", ["Example Network", "EXAMPLE NETWORK", "XN"])
def test_the_organization_is_not_told_how_to_reply_to_itself(client, asked, name):
    ActionPlan.objects.update(organisation_short_name="XN")
    ResponsibleParty.objects.filter(slug="police").update(name=name)

    pages = [client.get(address).content.decode() for address in ("/parties/police/", "/recommendations/1.1/")]

    assert view_of("police").is_ourselves
    for page in pages:
        assert '#reply"' not in page
        assert 'id="reply"' not in page
        assert "?subject=" not in page


def test_the_list_says_how_many_and_where_they_stand(asked):
    found = today()
    lines = party_lines(found, parties_of(found))

    assert [(line.party.name, line.counted, [total.count for total in line.totals]) for line in lines] == [
        ("the police", "3 recommendations", [1, 1, 1]),
        ("all of us", "1 recommendation", [1]),
    ]


def test_the_page_says_what_is_asked_where_it_stands_and_how_to_reply(client, asked):
    _plan, theirs, ours, silent, shared = asked
    ours.target_as_published, ours.done_means = "fall 2020", "Every officer was trained."
    ours.done_means_set_by, ours.done_means_set_on = "the committee", TODAY
    ours.explanation = "Learn how to treat people well."
    ours.save()

    response = client.get("/parties/police/")
    page, said = response.content.decode(), said_by(response)

    assert "“For the police to act on” is published as “For others to act on”. It doesn’t say whether" in said
    for words in ("fall 2020", "Every officer was trained.", "Learn how to treat people well.", "not the adopted text"):
        assert words in said
    together = "%2C%20".join(one.reference for one in (theirs, ours, silent))
    subjects = re.findall(r'href="mailto:info@example.org\?subject=Recommendations?%20([^"]+)"', page)
    assert subjects == [together, *(one.reference for one in (theirs, ours, silent, shared))]
    assert said.index("Please name no one") < said.index("Reply about")
    assert 'href="/parties/police/updates.atom"' in page
    for file in ("recommendations.csv", "progress.xlsx", "progress.json"):
        assert f'href="/data/{file}?party=police"' in page


def test_nothing_is_addressed_so_no_page_leads_to_the_list(client):
    recommendation = make_recommendation()
    without = client.get("/").content.decode()
    recommendation.parties.add(make_party())
    recommendation.save()

    assert 'href="/parties/"' not in without
    assert 'href="/parties/"' in client.get("/").content.decode()
    assert 'href="/data/progress.xlsx"' in client.get("/parties/").content.decode()
