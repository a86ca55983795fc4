"""The public pages of many kinds: what they show, what they never show, and what they do with a mangled address."""

import datetime as dt
import re
from dataclasses import replace

import html5lib
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from recommendations.models import ActionPlan, Edition, ProgressUpdate, Recommendation, Report, Status
from recommendations.public.pages import sizes
from recommendations.public.pages.areas import area_view
from recommendations.public.pages.changes import first_page
from recommendations.publishing.erasure import erase
from recommendations.publishing.reports import publish_report
from recommendations.publishing.takedowns import take_down
from recommendations.publishing.updates import Content, correct_update, withdraw_update
from recommendations.reading.snapshot import snapshot
from recommendations.text import dates
from tests.factories import make_area, make_party, make_plan, make_recommendation, make_report, make_update
from tests.rows import make_once

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)


def text_of(response):
    return " ".join(response.content.decode().split())


def said_by(response):
    """The words of a page, without its markup."""
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def correct(update, *, note, by, at, **changes):
    before = Content.of(update)
    return correct_update(update, content=Content(**{**vars(before), **changes}), note=note, by=by, at=at)


@pytest.fixture
def recommendation():
    return make_recommendation(text="Build trust.", parties=[make_party(name="funders", slug="funders")])


@pytest.fixture
def two_years(fake_pdf, user, now):
    """The newer of two editions: 1.1 moved, 1.2 stayed, 1.3 without update, 1.4 retired for the new 1.5."""
    make_once("two_years", lambda: publish_two_years(by=user, at=now), by=user)
    return Edition.objects.get(report__slug="second")


def publish_two_years(*, by, at):
    area = make_area()
    moved, stayed, silent, retired = (make_recommendation(area=area) for _ in range(4))
    make_report(slug="first")
    make_update(statuses=dict.fromkeys([moved, stayed, silent, retired], Status.PLANNED), dated_on=dt.date(2020, 6, 1))
    publish_report(Report.objects.get(slug="first"), by=by, at=at)
    new = make_recommendation(area=area, added_on=dt.date(2021, 1, 1))
    retired.retired_on, retired.retired_reason = dt.date(2021, 1, 1), "It was put in other words."
    retired.save()
    retired.replaced_by.add(new)
    make_update(statuses={moved: Status.COMPLETED}, dated_on=dt.date(2021, 3, 1), text="It was done.")
    make_update(statuses={stayed: Status.PLANNED}, dated_on=dt.date(2021, 3, 1), text="Still planned.")
    second = make_report(
        slug="second", title="Two-Year Update", starts_on=dt.date(2020, 7, 1), ends_on=dt.date(2021, 6, 30)
    )
    publish_report(second, by=by, at=at + 370 * DAY)


def test_filter_shows_what_was_found_and_how_to_clear_it(client, published_2020):
    response = client.get("/?q=funding&status=on-hold")
    said = said_by(response)

    assert "4 of 29 recommendations" in said
    assert "with “funding” Remove" in said
    assert "with the status “On hold” Remove" in said
    assert 'href="/?status=on-hold"' in text_of(response)
    assert 'href="/?q=funding"' in text_of(response)
    assert 'href="/data/recommendations.csv?q=funding&amp;status=on-hold"' in text_of(response)
    assert "Engage municipal actors" not in said


def test_filter_that_finds_nothing_helps(client, published_2020):
    said = said_by(client.get("/?q=nothinglikeit&party=funders"))

    assert "0 of 29 recommendations" in said
    assert "No recommendation matches all of this" in said
    assert "Remove one of the filters above" in said


def test_filter_offers_what_the_words_name_and_marks_them(client, published_2020):
    page = text_of(client.get("/?q=police"))
    said = said_by(client.get("/?q=police"))

    assert "6 of 29 recommendations" in said
    assert "Everything addressed to law enforcement agencies (6) Area 6 Policing (6)" in said
    assert '<span dir="auto"><mark>Policing</mark></span>' in page
    assert "All <mark>police</mark> organizations should have" in page
    assert 'dir="auto"><mark>law enforcement agencies</mark></a>' in page
    assert 'value="police"' in page


def test_filter_leads_with_the_recommendation_whose_reference_was_typed(client, published_2020):
    make_update(
        statuses={Recommendation.objects.get(reference="1.1"): Status.ONGOING},
        text="See 3.2, and https://example.org/3.2 too.",
        dated_on=dt.date(2020, 7, 1),
    )

    page = text_of(client.get("/?q=3.2"))

    assert page.index('id="r3.2"') < page.index('id="r1.1"') < page.index("See <mark>3.2</mark>, and")
    assert page.count("<mark>3.2</mark>") == page.count("<mark>") == 2
    assert 'id="r3.1"' not in page


def test_filter_that_finds_nothing_says_what_each_word_finds_and_what_it_names(client, published_2020):
    response = client.get("/?q=zebra+POLICE")

    assert "Perhaps you are looking for: Everything addressed to law enforcement agencies (6)" in said_by(response)
    assert 'Each word by itself: <bdi>zebra</bdi> (0), <a href="/?q=POLICE" dir="auto">POLICE</a> (6)' in text_of(
        response
    )


def test_filter_says_what_it_could_not_read(client, published_2020):
    response = client.get("/?status=bogus&area=3")

    assert "There is no status “bogus”. This filter was ignored." in said_by(response)
    assert "4 of 29 recommendations" in said_by(response)


def test_what_is_wrong_with_the_words_of_a_search_is_said_beside_them(client, two_years):
    page = client.get("/?q=%00").content.decode()

    assert page.index('id="filter-q-problem"') < page.index("<details")
    assert '<details class="more filter__more">' in page


def test_filter_by_words_shows_the_update_they_were_found_in(client, recommendation):
    old = make_update(statuses={recommendation: Status.PLANNED}, text="Shelters.", dated_on=dt.date(2020, 1, 1))
    make_update(statuses={recommendation: Status.ONGOING}, text="Something else.", dated_on=dt.date(2020, 5, 1))

    response = client.get("/?q=shelters")

    assert "Found in the update dated January 1, 2020" in said_by(response)
    assert f'href="/updates/{old.pk}/"' in text_of(response)


def test_filter_counts_retired_ones_apart(client):
    area = make_area()
    make_recommendation(area=area, text="Build trust.")
    make_recommendation(area=area, text="Build it.", retired_on=dt.date(2020, 1, 2), retired_reason="Done otherwise.")

    assert "1 of 1 recommendation" in said_by(client.get("/?q=build"))
    assert "Plus 1 that was retired." in said_by(client.get("/?q=build"))


@pytest.mark.parametrize(("days", "said"), [(0, "Updated recently"), (92, "Updated recently"), (93, ""), (366, "")])
def test_what_is_recent_goes_by_the_day_of_the_update(client, recommendation, monkeypatch, days, said):
    dated_on = dt.date(2020, 1, 1)
    make_update(statuses={recommendation: Status.ONGOING}, dated_on=dated_on)
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *_: dated_on + days * DAY)

    for address in ("/", "/recommendations/1.1/"):
        shown = said_by(client.get(address))

        assert [words for words in ("Updated recently", "No update since") if words in shown] == (
            [said] if said else []
        )


@pytest.mark.parametrize(("days", "is_said"), [(334, False), (335, True)])
def test_no_update_since_is_said_only_where_others_were_updated_much_later(client, recommendation, days, is_said):
    old = dt.date(2018, 1, 1)
    make_update(statuses={recommendation: Status.ONGOING}, dated_on=old)
    make_update(statuses={make_recommendation(): Status.COMPLETED}, dated_on=old)
    alone = said_by(client.get("/"))
    make_update(statuses={make_recommendation(): Status.ONGOING}, dated_on=old + days * DAY)

    both = said_by(client.get("/"))

    assert "No update since" not in alone
    # Not of what is completed.
    assert both.count("No update since January 1, 2018") == is_said
    assert "Newest update: January 1, 2018" in alone
    assert f"Newest update: {dates.day(old + days * DAY)}" in both


def test_recommendation_tells_each_change_of_status(client, recommendation):
    make_update(statuses={recommendation: Status.PLANNED}, dated_on=dt.date(2020, 1, 1), text="First.")
    make_update(statuses={recommendation: Status.PLANNED}, dated_on=dt.date(2020, 2, 1), text="Second.")
    make_update(
        statuses={recommendation: Status.COMPLETED},
        dated_on=dt.date(2020, 3, 1),
        text="Third.",
        evidence=[("A source", "https://example.org/")],
    )

    said = said_by(client.get("/recommendations/1.1/"))

    assert "March 1, 2020 From Planned → to Completed Third. Evidence: A source" in said
    assert "February 1, 2020 Planned No change Second." in said
    assert "January 1, 2020 Planned First status First." in said
    assert Status.COMPLETED.definition in said


def test_recommendation_tells_what_was_corrected(client, recommendation, user, now):
    other = make_recommendation(area=recommendation.area)
    update = make_update(statuses={recommendation: Status.COMPLETED}, text="Canary of the text before.")
    correct(
        update,
        note="It was not quite done.",
        by=user,
        at=now,
        text="Nearly done.",
        dated_on=dt.date(2020, 6, 29),
        statuses=(("1.1", Status.IN_PROGRESS), ("1.2", Status.PLANNED)),
    )

    for address in (f"/recommendations/{other.reference}/", f"/updates/{update.pk}/", "/corrections/"):
        response = client.get(address)
        said = said_by(response)

        assert "It was not quite done." in said
        assert "The text was changed." in said
        assert "The date was changed from June 30, 2020 to June 29, 2020." in said
        assert "The status of 1.1 was changed from Completed to In progress." in said
        assert "It now also covers 1.2: Planned." in said
        assert "Canary" not in said


def test_recommendation_shows_a_notice_for_what_was_taken_down(client, recommendation, user, now):
    update = make_update(statuses={recommendation: Status.PLANNED}, text="Canary of a text.")
    correct(update, note="Canary of a note.", by=user, at=now, text="Canary again.")
    take_down(update, reason="It named a person.", by=user, at=now)

    for address in ("/recommendations/1.1/", "/corrections/"):
        said = said_by(client.get(address))

        assert "July 2, 2020" in said
        assert "It named a person." in said
        assert "Canary" not in said
        assert "June 30, 2020" not in said


def test_recommendation_leads_to_what_replaced_it_and_back(client, two_years):
    retired = text_of(client.get("/recommendations/1.4/"))
    new = text_of(client.get("/recommendations/1.5/"))

    assert "It was put in other words." in retired
    assert 'Replaced by <a href="/recommendations/1.5/">1.5</a>' in retired
    assert '<dt>Replaces</dt> <dd><a href="/recommendations/1.4/">1.4</a>' in new


def test_recommendation_leads_to_its_parties_and_neighbours(client, recommendation):
    make_recommendation(area=recommendation.area)

    assert '<a href="/parties/funders/" dir="auto">funders</a>' in text_of(client.get("/recommendations/1.1/"))
    assert 'href="/recommendations/1.2/" rel="next"' in text_of(client.get("/recommendations/1.1/"))
    assert 'href="/recommendations/1.1/" rel="prev"' in text_of(client.get("/recommendations/1.2/"))


def test_recommendation_is_cited_in_the_newest_public_edition(client, published_2020, user, now):
    Report.objects.filter(pk=published_2020.report_id).update(approval="Approved.")
    second = publish_report(published_2020.report, by=user, at=now + DAY, note="The approval was missing.")
    cited = text_of(client.get("/recommendations/3.2/"))
    take_down(second, reason="An address was in it.", by=user, at=now + DAY)

    assert 'href="/reports/one-year-update-2020/editions/2/#r3.2"' in cited
    assert 'href="/reports/one-year-update-2020/editions/1/#r3.2"' in text_of(client.get("/recommendations/3.2/"))


@pytest.mark.usefixtures("published_2020")
def test_citing_an_edition_loads_no_article(client):
    with CaptureQueriesContext(connection) as queries:
        cited = text_of(client.get("/recommendations/3.2/"))

    selected = [query["sql"].partition(" FROM ")[0] for query in queries]
    assert "/editions/1/#r3.2" in cited
    assert [columns for columns in selected if '"content"' in columns] == []


def test_recommendation_in_no_edition_is_cited_by_its_page(client, two_years):
    make_recommendation()

    cited = text_of(client.get("/recommendations/1.6/"))

    assert "This recommendation isn’t in a published report yet." in cited
    assert 'href="http://127.0.0.1:8000/recommendations/1.6/"' in cited


def test_party_has_what_is_asked_of_it_and_of_everyone_apart(client, recommendation):
    everyone = make_party(name="all stakeholders", slug="everyone", is_everyone=True)
    make_recommendation(text="Speak with respect.", parties=[everyone])
    make_recommendation(text="Canary of another party.", parties=[make_party()])

    named, apart = said_by(client.get("/parties/funders/")).split("Also addressed to everyone")
    own = said_by(client.get("/parties/everyone/"))

    assert "1 recommendation is addressed to them by name" in named
    assert "Build trust." in named
    assert "Speak with respect." in apart
    assert "Speak with respect." in own
    assert "Also addressed to everyone" not in own
    assert "Canary" not in named + apart + own


def test_party_that_nothing_is_addressed_to_keeps_its_page(client):
    make_plan()
    make_party(name="nobody", slug="nobody")

    assert "No current recommendation is addressed to them" in said_by(client.get("/parties/nobody/"))
    assert 'href="/parties/nobody/"' not in text_of(client.get("/parties/"))


def test_parties_are_listed_with_what_is_asked_of_each(client, recommendation):
    assert "funders 1 recommendation" in said_by(client.get("/parties/"))


def test_updates_are_listed_newest_first_in_pages(client, recommendation):
    for day in range(1, 28):
        make_update(
            statuses={recommendation: Status.ONGOING}, dated_on=dt.date(2020, 1, day), text=f"On the {day}th day."
        )

    first, second = client.get("/updates/"), client.get("/updates/?page=2")

    assert text_of(first).index("On the 27th day.") < text_of(first).index("On the 3th day.")
    assert "On the 2th day." not in text_of(first)
    assert "On the 2th day." in text_of(second)
    assert 'href="/updates/?page=2" rel="next"' in text_of(first)
    assert 'href="/updates/" rel="prev"' in text_of(second)
    assert '<link rel="canonical" href="http://127.0.0.1:8000/updates/?page=2">' in text_of(second)


@pytest.mark.parametrize("page", ["0", "-1", "99", "x", "%00", "²", "1&page=2", "9" * 60_000, "1&a" * 2_000])
def test_updates_of_a_page_that_is_not_there(client, recommendation, page):
    make_update(statuses={recommendation: Status.ONGOING})

    response = client.get(f"/updates/?page={page}")

    assert response.status_code == 200
    assert "There is no such page. This is page 1 of 1." in said_by(response)


def test_corrections_list_withdrawals_without_the_text(client, recommendation, user, now):
    update = make_update(statuses={recommendation: Status.PLANNED}, text="Canary of a text.")
    correct(update, note="Another date.", by=user, at=now, dated_as_published="Canary of a date")
    withdraw_update(update, note="It was not ours to tell.", by=user, at=now + DAY)

    said = said_by(client.get("/corrections/"))

    assert said.index("July 3, 2020 Withdrawn") < said.index("July 2, 2020 Corrected")
    assert "It was not ours to tell." in said
    assert "Canary of a text" not in said
    assert "The date was" not in said


def test_corrections_leave_out_minor_ones(client, recommendation, user, now):
    update = make_update(statuses={recommendation: Status.PLANNED})
    content = Content(**{**vars(Content.of(update)), "text": "Something did happen."})
    correct_update(update, content=content, note="Canary of a slip.", by=user, at=now, is_minor=True)

    for address in ("/corrections/", f"/updates/{update.pk}/", "/recommendations/1.1/", "/updates/"):
        assert "Canary" not in text_of(client.get(address))
    assert "Nothing has been corrected or withdrawn." in text_of(client.get("/corrections/"))


def test_changes_tell_what_became_of_each_recommendation(client, two_years):
    response = client.get("/reports/second/changes/")
    sections = {
        section.slug: [line.entry.reference for line in section.lines]
        for section in response.context["changes"].sections
    }
    said = said_by(response)

    assert sections == {
        "moved": ["1.1"],
        "first": [],
        "new": ["1.5"],
        "retired": ["1.4"],
        "unchanged": ["1.2"],
        "no-update": ["1.3"],
    }
    assert said.index(
        "1 completed, 1 new, 1 retired; 1 has an update and the same status, 1 has no update."
    ) < said.index("Since One-Year Update: from June 30, 2020 to June 30, 2021.")
    assert "From Planned → to Completed" in said
    assert "It was done." in said
    assert "Still planned." not in said


def test_changes_count_each_status_report_by_report(client, two_years, user, now):
    third = make_report(slug="third", title="Third", starts_on=dt.date(2021, 7, 1), ends_on=dt.date(2022, 6, 30))
    silent = Recommendation.objects.get(reference="1.3")
    make_update(statuses={silent: Status.ONGOING}, dated_on=dt.date(2022, 1, 1))
    publish_report(third, by=user, at=now + 800 * DAY)

    counts = {
        slug: {
            line[0].label: [total.count for total in line]
            for line in client.get(f"/reports/{slug}/changes/").context["totals"].lines
        }
        for slug in ("first", "second", "third")
    }

    assert counts == {
        "first": {},
        "second": {"Planned": [4, 2], "Completed": [0, 1], "": [0, 1]},
        "third": {"Planned": [4, 2, 1], "Ongoing": [0, 0, 1], "Completed": [0, 1, 1], "": [0, 1, 1]},
    }


def test_changes_show_every_report_in_one_table(client, two_years):
    lines = client.get("/reports/second/changes/").context["paged"].page[0].matrix.lines

    assert {line.entry.reference: [cell.key for cell in line.cells] for line in lines} == {
        "1.1": ["planned", "completed"],
        "1.2": ["planned", "planned"],
        "1.3": ["planned", "planned"],
        "1.4": ["planned", "planned"],
        "1.5": [None, ""],
    }


def test_changes_hide_updates_that_no_longer_stand(client, two_years, user, now):
    update = ProgressUpdate.objects.get(text="It was done.")
    withdraw_update(update, note="It was not.", by=user, at=now + 400 * DAY)

    said = said_by(client.get("/reports/second/changes/"))

    assert "It was done." not in said
    assert "1 update has since been withdrawn or taken down." in said


def test_changes_of_the_first_report_say_that_there_is_none_before(client, two_years):
    said = said_by(client.get("/reports/first/changes/"))

    assert "No report was published before One-Year Update" in said
    assert "Every recommendation, report by report" in said


def test_many_changes_go_on_to_another_page(client, two_years, monkeypatch):
    monkeypatch.setattr(sizes, "MOST_BYTES", 3_000)

    first = client.get("/reports/second/changes/")

    parts = [*first.context["paged"].page.paginator.object_list]
    listed = [line.entry.reference for part in parts for section in part.sections for line in section.lines]
    assert listed == ["1.1", "1.5", "1.4", "1.2", "1.3"]
    assert [line.entry.reference for part in parts for line in part.matrix.lines] == ["1.1", "1.2", "1.3", "1.4", "1.5"]
    places = [address for section, address in first.context["tally"] if section.count]
    assert places[0] == "#moved"
    assert places[-1].endswith(f"?page={first_page(first.context['tally'][-1][0], parts)}#no-update")
    for number in range(1, len(parts) + 1):
        answer = client.get(f"/reports/second/changes/?page={number}")
        ids = re.findall(r'\sid="([^"]+)"', answer.content.decode())
        assert {place[1:] for _section, place in answer.context["tally"] if place.startswith("#")} <= {"", *ids}


@pytest.mark.parametrize("is_erased", [False, True])
def test_changes_against_what_was_taken_down(client, two_years, user, now, is_erased):
    removal = take_down(two_years.compared_with, reason="An address was in it.", by=user, at=now + 400 * DAY)
    if is_erased:
        erase(removal, by=user, at=now + 401 * DAY)

    response = client.get("/reports/second/changes/")

    assert response.status_code == 200
    assert "which has been taken down for safety" in said_by(response)
    assert [len(line.cells) for line in response.context["paged"].page[0].matrix.lines] == [1] * 5
    assert client.get("/reports/first/changes/").status_code == 410


ADDRESSES = [
    "/",
    "/?q=something&status=ongoing&area=1&party=funders",
    "/areas/1/",
    "/recommendations/1.1/",
    "/parties/",
    "/parties/funders/",
    "/updates/",
    "/corrections/",
    "/reports/",
    "/reports/first/",
    "/reports/first/editions/1/",
    "/reports/first/changes/",
    "/statuses/",
    "/media/",
    "/about/",
    "/privacy/",
    "/accessibility/",
    "/safety/",
]


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize(
    "query", ["?x=%00", "?q=%00&page=%00", "?page=-1&area=%ff&status[]=", "?q=" + "a" * 60_000, "?" + "&q=x" * 2_000]
)
def test_pages_bear_any_parameters(client, two_years, address, query):
    make_party(name="funders", slug="funders")

    response = client.get(address.partition("?")[0] + query)

    assert response.status_code == 200
    assert "<h1" in response.content.decode()


@pytest.mark.parametrize(
    "address",
    ["/parties/%00/", "/parties/nobody/", "/reports/nothing/changes/", "/reports/%00/changes/", "/updates/%00/"],
)
def test_pages_that_are_not_there(client, two_years, address):
    response = client.get(address)

    assert response.status_code == 404
    assert "There is no page at this address" in text_of(response)


@pytest.mark.parametrize("address", ADDRESSES)
def test_pages_are_valid_with_one_heading_and_say_their_address(client, two_years, address):
    make_recommendation(parties=[make_party(name="funders", slug="funders")])
    response = client.get(address)
    tree = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(response.content.decode())

    assert response.status_code == 200
    assert tree.get("lang") == "en-CA"
    assert len(list(tree.iter("h1"))) == 1
    ids = [element.get("id") for element in tree.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    canonical = [link.get("href") for link in tree.iter("link") if link.get("rel") == "canonical"]
    assert canonical == [f"http://127.0.0.1:8000{address.partition('?')[0]}"]
    assert not [script for script in tree.iter("script") if not script.get("src")]
    assert not [element for element in tree.iter() if element.get("style")]


def test_pages_never_show_what_is_not_public(client, two_years, user, now):
    area = make_area()
    recommendation = make_recommendation(area=area, parties=[make_party(name="funders", slug="funders")])
    ongoing = {recommendation: Status.ONGOING}
    make_update(statuses=ongoing, text="Canary of a draft.", published=False)
    make_update(statuses=ongoing, private_note="Canary of a private note.")
    withdrawn = make_update(statuses=ongoing, text="Canary of a withdrawn text.")
    withdraw_update(withdrawn, note="Not ours.", by=user, at=now)
    taken = make_update(statuses=ongoing, text="Canary taken down.", dated_as_published="Canary of a date")
    take_down(taken, reason="It named a person.", by=user, at=now)
    make_report(title="Canary of a report", starts_on=dt.date(2021, 7, 1), ends_on=dt.date(2021, 7, 31))

    for address in [*ADDRESSES, "/?q=canary", "/areas/2/", f"/recommendations/{recommendation.reference}/"]:
        assert "canary" not in text_of(client.get(address)).lower().replace("with “canary”", "").replace(
            'value="canary"', ""
        ), address


@pytest.mark.parametrize("count", [1, 30])
@pytest.mark.parametrize(
    ("address", "queries"),
    [
        ("/?q=something&status=ongoing", 19),
        ("/parties/", 16),
        ("/parties/funders/", 17),
        ("/updates/", 16),
        ("/corrections/", 11),
        ("/about/", 5),
    ],
)
def test_queries_do_not_grow(client, django_assert_num_queries, user, now, count, address, queries):
    make_once(f"{count} of each", lambda: publish_of_each(count, by=user, at=now), by=user)

    with django_assert_num_queries(queries):
        assert client.get(address).status_code == 200


def publish_of_each(count, *, by, at):
    area, party = make_area(), make_party(name="funders", slug="funders")
    for _ in range(count):
        update = make_update(
            statuses={make_recommendation(area=area, parties=[party]): Status.ONGOING},
            evidence=[("A", "https://a.ca/")],
        )
        correct(update, note="Corrected.", by=by, at=at, text="Otherwise.")
        take_down(
            make_update(statuses={make_recommendation(area=area): Status.ONGOING}), reason="Safety.", by=by, at=at
        )


def test_queries_of_changes_do_not_grow(client, django_assert_num_queries, two_years, user, now):
    with django_assert_num_queries(13):
        client.get("/reports/second/changes/")
    for _ in range(30):
        make_update(statuses={make_recommendation(): Status.ONGOING}, dated_on=dt.date(2021, 5, 1))
    publish_report(two_years.report, by=user, at=now + 400 * DAY, note="More.")

    with django_assert_num_queries(13):
        client.get("/reports/second/changes/")


def test_statements_reach_the_organisation(client):
    make_plan(contact_email="errors@example.org")

    for address in ("/about/", "/privacy/", "/accessibility/"):
        assert text_of(client.get(address)).count('href="mailto:errors@example.org"') == 2


def test_previews_say_little(client, published_2020):
    head = text_of(client.get("/recommendations/3.2/")).partition("</head>")[0]

    assert "<title>3.2 – Living in Community</title>" in head
    described = re.findall(r'<meta (?:name|property)="(?:description|og:\w+|twitter:\w+)" content="([^"]*)"', head)
    assert sorted(set(described)) == [
        "Living in Community",
        "http://127.0.0.1:8000/recommendations/3.2/",
        "summary",
        "website",
    ]
    assert "image" not in head.replace("image/svg+xml", "")
    assert "Violence" not in head
    assert "sex work" not in head.lower()


class Counted(tuple):
    """Says how often it was gone through."""

    times = 0

    def __iter__(self):
        Counted.times += 1
        return super().__iter__()


@pytest.mark.django_db
def test_the_list_of_an_area_goes_through_the_others_once_however_many_are_shown():
    for _ in range(5):
        make_update(statuses={make_recommendation(area=make_area()): Status.ONGOING})
    taken = snapshot(ActionPlan.objects.get(), on=dt.date(2030, 1, 1))
    areas = tuple(taken.areas)
    counted = replace(taken, areas=Counted(areas))
    Counted.times = 0

    shown = [area_view(counted, area) for area in areas]

    assert len(shown) == 5
    assert Counted.times == 2
