"""Plans too long for one page: what folds, what goes on to another page, and how large pages may be."""

import datetime as dt
import re
from html import unescape

import pytest
from django.contrib.auth.models import User
from django.template.defaultfilters import linebreaks
from django.utils import timezone

from recommendations.models import (
    ActionPlan,
    Area,
    Assessment,
    ProgressUpdate,
    Recommendation,
    ResponsibleParty,
    Status,
)
from recommendations.public.pages import sizes
from recommendations.public.pages.areas import in_parts
from recommendations.public.pages.progress import progress_view
from recommendations.reading.snapshot import snapshot
from recommendations.text import markup
from tests.factories import make_update

pytestmark = pytest.mark.django_db

MOST_BYTES = 300_000
TEXT = "Fund outreach, transport and housing in all regions, and ask those who use them whether they are safe. "
LONG, SHORT = 120, 3


@pytest.fixture
def few_bytes(monkeypatch):
    """Pages that take some five recommendations each."""
    monkeypatch.setattr(sizes, "MOST_BYTES", 10_000)


def long_plan(areas):
    """A plan with `areas`, the title and the number of recommendations of each, all addressed to everyone as well."""
    by = User.objects.create_user("by")
    plan = ActionPlan.objects.create(title="A Long Plan", organisation_name="Example Organization")
    everyone = ResponsibleParty.objects.create(name="all of us", slug="everyone", is_everyone=True)
    police = ResponsibleParty.objects.create(name="the police", slug="police")
    moment = {"ready_at": timezone.now(), "ready_by": by, "published_at": timezone.now(), "published_by": by}
    for number, (title, count) in enumerate(areas, 1):
        area = Area.objects.create(number=number, title=title, plan=plan)
        members = Recommendation.objects.bulk_create(
            Recommendation(area=area, reference=f"{number}.{one}", slug=f"{number}-{one}", position=one, text=TEXT * 2)
            for one in range(1, count + 1)
        )
        for party in (everyone, police):
            party.recommendations.add(*members)
        updates = ProgressUpdate.objects.bulk_create(
            ProgressUpdate(area=area, text=TEXT * 5, dated_on=f"2020-06-{number % 30 + 1:02}", **moment)
            for _one in members
        )
        Assessment.objects.bulk_create(
            Assessment(update=update, recommendation=member, status=Status.ONGOING)
            for update, member in zip(updates, members, strict=True)
        )
    return plan


def lists_of(client):
    """The pages that lists lead to from the progress page, by address; not files, nor the pages of one
    recommendation or update."""
    pages, waiting = {}, ["/", "/?status=ongoing"]
    while waiting:
        address = waiting.pop()
        if address not in pages and not re.match(r"/(admin|static|recommendations/|updates/\d|.*\.\w+(\?|$))", address):
            answer = client.get(address)
            assert answer.status_code == 200, address
            pages[address] = answer.content.decode()
            waiting += [unescape(found) for found in re.findall(r'\shref="(/[^"#]*)', pages[address])]
    return pages


def listed(page):
    """The references of the recommendations in the lists of a page."""
    return re.findall(r'<li class="item[^>]*>.*?href="/recommendations/([^/"]+)/"', page, re.DOTALL)


def test_no_page_is_larger_than_300_kb_and_each_recommendation_is_on_one(client):
    long_plan([("A long area", LONG), ("A short area", SHORT)])

    pages = lists_of(client)

    assert {address for address, page in pages.items() if len(page.encode()) > MOST_BYTES} == set()
    everything = [f"1.{one}" for one in range(1, LONG + 1)] + [f"2.{one}" for one in range(1, SHORT + 1)]
    of_area = listed(pages["/areas/1/"]) + listed(pages["/areas/1/?page=2"])
    assert of_area == everything[:LONG]
    for start in ("/parties/everyone/", "/?status=ongoing"):
        more = start + ("&" if "?" in start else "?") + "page=2"
        assert listed(pages[start]) + listed(pages[more]) == everything


def test_the_progress_page_folds_into_its_areas(client):
    long_plan([("A long area", LONG), ("A short area", SHORT)])

    page = client.get("/").content.decode()

    assert listed(page) == []
    assert re.search(r'<li class="contents__line" id="area-1">\s*<a class="contents__link" href="/areas/1/"', page)
    assert f"{LONG} ongoing" in page
    assert 'rel="next"' not in page


def test_many_areas_go_on_to_another_page(client, few_bytes):
    long_plan([(f"Area {number}", 1) for number in range(12)])

    first, second = (client.get(address).content.decode() for address in ("/", "/?page=2"))

    shown = [page.count('class="contents__line"') for page in (first, second)]
    assert min(shown) > 1
    assert sum(shown) == 12
    assert '<a href="/" rel="prev">Previous</a>' in second


def test_what_is_in_no_area_with_a_title_has_pages_after_the_areas(client, few_bytes):
    long_plan([("An area", 3), ("", 6)])

    first, second, third = (client.get(address).content.decode() for address in ("/", "/?page=2", "/?page=3"))

    assert listed(first) == []
    assert '<a href="/?page=2">Recommendations without an area</a>' in first
    assert listed(second) + listed(third) == [f"2.{one}" for one in range(1, 7)]
    assert "Recommendations without an area" not in second


def test_what_has_no_title_is_introduced_once_and_has_no_page_without_recommendations(client, few_bytes):
    long_plan([("An area", 3), ("", 0), ("", 6)])
    Area.objects.filter(number=3).update(introduction="Said first.")

    pages = [client.get(f"/?page={number}").content.decode() for number in (1, 2, 3, 4)]

    assert [page.count("Said first.") for page in pages] == [0, 1, 0, 0]
    assert "There is no such page. This is page 3 of 3." in " ".join(pages[3].split())


def test_many_short_areas_fold_before_they_are_too_long_together(client, few_bytes):
    long_plan([(f"Area {number}", 1) for number in range(4)])

    assert listed(client.get("/").content.decode()) == []


def test_without_titles_of_areas_the_progress_page_goes_on(client, few_bytes):
    long_plan([("", 6)])

    first, second = (client.get(address).content.decode() for address in ("/", "/?page=2"))

    assert listed(first) + listed(second) == [f"1.{one}" for one in range(1, 7)]
    assert '<a href="/?page=2" rel="next">Next</a>' in first
    assert '<link rel="next" href="/?page=2">' in first
    assert "<title>Progress, page 2 –" in second
    assert '<link rel="canonical" href="http://127.0.0.1:8000/?page=2">' in second


def test_a_plan_that_fits_on_a_page_does_not_fold():
    plan = long_plan([("An area", 12), ("", 2)])

    (part,) = progress_view(snapshot(plan, on=timezone.localdate())).parts

    assert not part.is_folded
    assert part.contents == part.areas


def test_a_party_is_referred_to_what_is_addressed_to_everyone(client, few_bytes):
    long_plan([("A long area", 6)])
    ResponsibleParty.objects.get(slug="police").recommendations.remove(*Recommendation.objects.filter(position__gt=1))

    page = client.get("/parties/police/").content.decode()

    assert listed(page) == ["1.1"]
    assert "Others are addressed to all of us." in page
    assert 'href="/parties/everyone/"' in page


def test_a_group_that_is_cut_stands_in_both_parts(few_bytes):
    plan = long_plan([("An area", 8)])
    update = ProgressUpdate.objects.first()
    Assessment.objects.all().delete()
    Assessment.objects.bulk_create(
        Assessment(update=update, recommendation=one, status=Status.PLANNED) for one in Recommendation.objects.all()
    )

    view = progress_view(snapshot(plan, on=timezone.localdate())).parts[0].contents[0]
    parts = in_parts([view])

    assert [len(part[0].groups) for part in parts] == [1, 1]
    assert {part[0].groups[0].update.entry.id for part in parts} == {update.pk}
    assert sum(len(part[0].groups[0].lines) for part in parts) == 8


def test_the_updates_on_a_recommendation_go_on(client, few_bytes):
    long_plan([("An area", 1)])
    for day in range(1, 15):
        make_update(
            statuses={Recommendation.objects.get(): Status.PLANNED}, dated_on=dt.date(2021, 1, day), text=TEXT * 3
        )

    pages = [client.get(f"/recommendations/1.1/?page={number}").content.decode() for number in (1, 2)]

    dates = [re.findall(r'timeline__date"><a[^>]*><time datetime="([\d-]+)">', page) for page in pages]
    newest_first = [*(f"2021-01-{day:02}" for day in range(14, 0, -1)), "2020-06-02"]
    assert min(map(len, dates)) > 1
    assert dates[0] + dates[1] == newest_first[: len(dates[0]) + len(dates[1])]
    assert "<title>1.1, page 2 –" in pages[1]


def test_what_an_update_covers_goes_on(client, few_bytes):
    long_plan([("An area", 20)])
    update = make_update(statuses=dict.fromkeys(Recommendation.objects.all(), Status.PLANNED))

    pages = [client.get(f"/updates/{update.pk}/?page={number}").content.decode() for number in (1, 2)]

    assert listed(pages[0]) + listed(pages[1]) == [f"1.{one}" for one in range(1, 21)][: len(listed("".join(pages)))]
    assert min(map(len, map(listed, pages))) > 1


def test_the_list_of_updates_goes_on_by_their_sizes(client, few_bytes):
    long_plan([("An area", 20)])

    shown = [client.get(f"/updates/?page={number}").content.decode().count("stream__item") for number in (1, 2)]

    assert 1 < shown[0] < 20
    assert shown[1] > 1


def test_the_parties_go_on_by_their_sizes(client, few_bytes):
    long_plan([("An area", 1)])
    one = Recommendation.objects.get()
    one.parties.add(*[ResponsibleParty.objects.create(name=f"party {n} " * 9, slug=f"p{n}") for n in range(12)])

    shown = [client.get(f"/parties/?page={number}").content.decode().count("directory__line") for number in (1, 2)]

    assert sum(shown) == 14
    assert min(shown) > 1


def test_a_list_of_nothing_has_one_page():
    assert sizes.in_pages((), len) == ((),)


def test_what_is_too_large_for_a_page_has_one_to_itself(few_bytes):
    assert sizes.in_pages([1, 99_999, 1, 2], lambda size: size) == ((1,), (99_999,), (1, 2))
    assert sizes.in_pages("abc", len, most=2) == (("a", "b"), ("c",))


@pytest.mark.parametrize(
    "text",
    [
        "Plain words. " * 30,
        "“Quotes” & 'more' <of> \"them\" " * 30,
        "- one\n- two\n" * 30,
        "A line\n\n" * 30,
        "*a* **b** _c_ " * 30,
        "See https://example.org/a/b?c=d&e=f and www.example.org. " * 30,
        "## Heading\n\n> Words\n\n" * 10,
        "ᓂᑲᓇᑕᐍᔨᐦᑌᐣ l’accès " * 30,
    ],
)
def test_a_text_takes_no_more_than_is_reckoned(text):
    assert len(markup.render(text).encode()) <= sizes.of_text(text)
    assert len(linebreaks(text, autoescape=True).encode()) <= sizes.of_text(text)


@pytest.mark.parametrize("address", ["/?page=7", "/areas/1/?page=x", "/parties/police/?page=0", "/parties/?page=2"])
def test_a_page_that_is_not_there(client, address):
    long_plan([("An area", 1)])

    answer = client.get(address)

    assert answer.status_code == 200
    assert "There is no such page. This is page 1 of 1." in " ".join(answer.content.decode().split())
