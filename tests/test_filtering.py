"""The search on the public pages: what it finds, and what it says of a mangled address."""

import datetime as dt
import unicodedata

import pytest
from django.test import RequestFactory

from recommendations.models import ActionPlan, Status, Term
from recommendations.public.search_form import read_search
from recommendations.reading import findings
from recommendations.reading.search import AlsoCalled, Filter, Words, in_address, matches, matching
from recommendations.reading.snapshot import snapshot
from tests.factories import make_area, make_party, make_plan, make_recommendation, make_update
from tests.rows import make_once

pytestmark = pytest.mark.django_db

ON = dt.date(2021, 1, 1)


def today():
    return snapshot(ActionPlan.objects.first() or make_plan(), on=ON)


def search_at(query):
    return read_search(RequestFactory().get(f"/?{query}"), today())


@pytest.fixture
def three(user):
    """1.1 on hold, addressed to funders; 1.2 without update; 2.1 ongoing, with an update on shelters."""
    make_once("three recommendations", make_three, by=user)


def make_three():
    funders = make_party(name="funders", slug="funders")
    first, second = make_area(), make_area()
    on_hold = make_recommendation(area=first, text="Fund the Sḵwx̱wú7meshi café’s work.", parties=[funders])
    make_recommendation(area=first, text="Build trust.")
    ongoing = make_recommendation(area=second, text="Build homes.", parties=[funders])
    make_update(statuses={on_hold: Status.ON_HOLD}, text="Nothing yet.")
    make_update(statuses={ongoing: Status.ONGOING}, text="Two shelters were opened.")
    make_update(statuses={ongoing: Status.ONGOING}, text="A third one follows.", dated_on=dt.date(2020, 7, 15))


@pytest.mark.parametrize(
    ("filter", "references"),
    [
        (Filter(), ("1.1", "1.2", "2.1")),
        (Filter(status="on hold"), ("1.1",)),
        (Filter(status="none"), ("1.2",)),
        (Filter(area="1"), ("1.1", "1.2")),
        (Filter(party="funders"), ("1.1", "2.1")),
        (Filter(q="build"), ("1.2", "2.1")),
        (Filter(q="BUILD shelters"), ("2.1",)),
        (Filter(q="shelters follows homes"), ("2.1",)),
        (Filter(q="1.2"), ("1.2",)),
        (Filter(q="build", party="funders", area="2", status="ongoing"), ("2.1",)),
        (Filter(q="build", party="funders", area="1"), ()),
        (Filter(q="%"), ()),
    ],
)
def test_matching_needs_every_part(three, filter, references):
    assert matching(today(), filter) == references


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("words", ["Sḵwx̱wú7meshi", "skwxwu7meshi", "CAFÉ'S", "cafe’s"])
def test_matching_reads_accents_and_apostrophes_alike(three, form, words):
    assert matching(today(), Filter(q=unicodedata.normalize(form, words))) == ("1.1",)


def test_matches_say_in_which_update_the_words_were_found(three):
    (own,) = matches(today(), Filter(q="homes"))
    (told,) = matches(today(), Filter(q="homes shelters"))

    assert own.found_in is None
    assert told.found_in.text == "Two shelters were opened."


@pytest.fixture
def police(user):
    """1.1 is addressed to officers, 1.2 to everyone together; 2.1 is in the area of policing, 2.2 speaks of it."""
    make_once("police", make_police, by=user)


def make_police():
    officers = make_party(name="law enforcement", slug="officers", also_called="police, peace officers")
    everyone = make_party(name="all partners", slug="all", is_everyone=True)
    first, second = make_area(title="Trust"), make_area(title="Policing", also_called="patrols")
    make_recommendation(area=first, text="Build trust with mentors.", parties=[officers])
    make_recommendation(area=first, text="Tell 4.10 from 4.1, and read 14 pages.", parties=[everyone])
    make_recommendation(area=second, text="Train people.", reference="4.1")
    make_recommendation(area=second, text="Fund a liaison.", reference="14", also_called="go-between")


def searched(q, **others):
    filter = Filter(q=q, **others)
    return matching(today(), filter, words=Words(today(), q, AlsoCalled.stored()))


@pytest.mark.parametrize(
    ("q", "references"),
    [
        ("police", ("1.1", "4.1", "14")),
        ("POLICED", ("1.1", "4.1", "14")),
        ("law enforcement", ("1.1",)),
        ("patrol", ("4.1", "14")),
        ("patrols liaison", ("14",)),
        ("go between", ("14",)),
        ("everyone", ("1.2",)),
        ("area 2", ("4.1", "14")),
        ("funding", ("14",)),
        ("mentorship", ()),
        ("ment", ("1.1",)),
        ("men", ()),
        ("4", ()),
        ("14", ("1.2", "14")),
        ("4.1", ("1.2", "4.1")),
        ("recommendation 4.1", ("1.2", "4.1")),
        ("4.10", ("1.2",)),
        ("…", ()),
        ("\u0301", ()),
    ],
)
def test_a_search_reads_names_and_other_names_and_compares_whole_words(police, q, references):
    assert searched(q) == references


def test_what_is_also_called_is_read_by_the_search_alone(police, client):
    assert client.get("/data/recommendations.csv?q=patrols").content.decode().count("\n") == 3
    assert matching(today(), Filter(q="patrols")) == ()
    assert "patrols" not in today().to_json()
    for address in ("/?q=go-between", "/areas/2/", "/recommendations/14/", "/parties/officers/"):
        said = client.get(address).content.decode()
        assert "peace officers" not in said
        assert "patrols" not in said


def test_what_is_also_called_is_checked_for_details_and_for_nothing_else():
    recommendation = make_recommendation(also_called="exiting, Jane at 604-555-0123")
    area = make_area(also_called="exiting, 604-555-0123")
    party = make_party(also_called="exiting, 604-555-0123")
    Term.objects.create(word="exiting", instead="transitioning", recommendation=recommendation)

    found = [one for thing in (recommendation, area, party) for one in findings.of(thing, on=ON)]

    assert [(one.kind, one.about) for one in found] == [
        ("identifying", "beside"),
        ("identifying", "plan"),
        ("identifying", "plan"),
    ]


def test_what_is_also_called_by_a_word_is_marked_by_its_name(police, client):
    page = " ".join(client.get("/?q=go-between+police").content.decode().split())

    assert '</span><mark>14</mark></span> <span class="item__text" dir="auto">Fund a liaison.</span>' in page
    assert '<span dir="auto"><mark>Policing</mark></span>' in page
    make_recommendation(reference="C2A 42")
    assert "</span><mark>C2A 42</mark></span>" in client.get("/?q=c2a+42").content.decode()


@pytest.mark.parametrize(
    ("q", "named"),
    [
        ("police", [("law enforcement", 1), ("Policing", 2)]),
        ("enforcement", [("law enforcement", 1)]),
        ("area 2", [("Policing", 2)]),
        ("everyone", [("all partners", 1)]),
        ("police liaison", []),
        ("", []),
    ],
)
def test_a_search_offers_what_its_words_name(police, q, named):
    words = Words(today(), q, AlsoCalled.stored())

    assert [(getattr(one.entry, "title", "") or one.entry.name, one.count) for one in words.named()] == named


@pytest.mark.parametrize(
    ("q", "named"),
    [("completed", ["completed"]), ("Hold", ["on hold"]), ("on hold", ["on hold"]), ("on", []), ("shelters hold", [])],
)
def test_a_search_offers_the_status_that_its_words_name(three, client, q, named):
    found = Words(today(), q).named()

    assert [one.status.key for one in found if one.status] == named
    if named:
        assert f'href="/?status={in_address(named[0])}">Everything with the status' in client.get(f"/?q={q}").text


def test_a_search_in_french_meets_the_forms_of_its_words():
    area = make_area(title="Se loger", plan=make_plan(language="fr-ca"))
    make_recommendation(area=area, text="Prévenir l’itinérance : financer des logements à l’année.")

    for q in ("financement", "logement", "LOGER", "prevenir", "annee", "itinerance", "l'itinérance"):
        assert matching(today(), Filter(q=q)) == ("1.1",), q


def test_matching_finds_nothing_that_is_not_published(three):
    recommendation = make_recommendation()
    make_update(statuses={recommendation: Status.ONGOING}, text="Canary.", published=False)
    make_update(statuses={recommendation: Status.ONGOING}, text="Other.", private_note="Canary.")

    assert matching(today(), Filter(q="canary")) == ()


def test_matching_finds_a_retired_one_unless_a_status_is_asked(three):
    retired = make_recommendation(text="Split this.", retired_on=dt.date(2020, 1, 2), retired_reason="It was split.")
    make_update(statuses={retired: Status.ONGOING}, dated_on=dt.date(2019, 12, 1))

    assert matching(today(), Filter(q="split")) == (retired.reference,)
    assert matching(today(), Filter(q="split", status="ongoing")) == ()


def test_a_search_reads_every_part(three):
    wanted = search_at("q=+build++homes+&status=on-hold&area=1&party=funders&fbclid=x")

    assert wanted.filter == Filter(q="build  homes", status="on hold", area="1", party="funders")
    assert wanted.problems == {}
    assert wanted.filter.query == "q=build++homes&status=on-hold&area=1&party=funders"
    assert wanted.filter.without("status").query == "q=build++homes&area=1&party=funders"


@pytest.mark.parametrize("query", ["", "q=&status=&area=&party=", "q=%20"])
def test_a_search_of_an_empty_form_asks_for_nothing(three, query):
    wanted = search_at(query)

    assert (bool(wanted.filter), wanted.problems) == (False, {})


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("q=%00", "q"),
        ("q=a%1fb", "q"),
        ("q=%ef%bf%bf", "q"),
        ("q=" + "x" * 60_000, "q"),
        ("status=bogus", "status"),
        ("status=%00", "status"),
        ("area=99", "area"),
        ("area=one", "area"),
        ("area=01", "area"),
        ("area=" + "9" * 5_000, "area"),
        ("party=nobody", "party"),
        ("party[]=funders&party=" + "%F0%9F%92%A9", "party"),
        ("area=1&area=2", "area"),
        ("q=a&q=b", "q"),
        ("&".join(f"q=x{n}" for n in range(2_000)), "q"),
    ],
)
def test_a_search_says_what_was_wrong_and_leaves_it_out(three, query, name):
    wanted = search_at(query)

    assert list(wanted.problems) == [name]
    assert len(wanted.problems[name]) <= 160
    assert not wanted.filter
    assert matching(today(), wanted.filter) == ("1.1", "1.2", "2.1")


def test_a_search_keeps_the_parts_that_are_right(three):
    wanted = search_at("area=1&area=1&status=bogus&q=trust")

    assert wanted.filter == Filter(q="trust", area="1")
    assert list(wanted.problems) == ["status"]


def test_a_search_shows_again_what_was_typed(three):
    wanted = search_at("q=" + "x" * 300 + "%00&status=on-hold")

    assert wanted.form["q"].value() == "x" * 200
    assert wanted.form["status"].value() == "on-hold"
    assert wanted.form.fields["q"].widget.attrs["aria-invalid"] == "true"
