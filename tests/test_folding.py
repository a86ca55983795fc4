"""Plans too long for one page: what folds, what goes on to another page, and how large pages may be."""

import re
from html import unescape

import pytest
from django.contrib.auth.models import User
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
from recommendations.public.pages.areas import in_parts
from recommendations.public.pages.progress import progress_view
from recommendations.reading.snapshot import snapshot

pytestmark = pytest.mark.django_db

MOST_BYTES = 300_000
TEXT = "Fund outreach, transport and housing in all regions, and ask those who use them whether they are safe. "
LONG, SHORT = 100, 3


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


def test_many_areas_go_on_to_another_page(client):
    long_plan([(f"Area {number}", 2) for number in range(65)])

    first, second = (client.get(address).content.decode() for address in ("/", "/?page=2"))

    assert [page.count('class="contents__line"') for page in (first, second)] == [60, 5]
    assert '<a href="/" rel="prev">Previous</a>' in second


def test_without_titles_of_areas_the_progress_page_goes_on(client):
    long_plan([("", LONG)])

    first, second = (client.get(address).content.decode() for address in ("/", "/?page=2"))

    assert listed(first) + listed(second) == [f"1.{one}" for one in range(1, LONG + 1)]
    assert '<a href="/?page=2" rel="next">Next</a>' in first
    assert "<title>Progress, page 2 –" in second
    assert '<link rel="canonical" href="http://127.0.0.1:8000/?page=2">' in second


def test_a_plan_that_fits_on_a_page_does_not_fold():
    plan = long_plan([("An area", 12), ("", 2)])

    (part,) = progress_view(snapshot(plan, on=timezone.localdate())).parts

    assert not part.is_folded
    assert part.contents == part.areas


def test_a_party_is_referred_to_what_is_addressed_to_everyone(client):
    long_plan([("A long area", LONG)])
    ResponsibleParty.objects.get(slug="police").recommendations.remove(*Recommendation.objects.filter(position__gt=1))

    page = client.get("/parties/police/").content.decode()

    assert listed(page) == ["1.1"]
    assert "Others are addressed to all of us." in page
    assert 'href="/parties/everyone/"' in page


def test_a_group_that_is_cut_stands_in_both_parts():
    plan = long_plan([("An area", 120)])
    update = ProgressUpdate.objects.first()
    Assessment.objects.all().delete()
    Assessment.objects.bulk_create(
        Assessment(update=update, recommendation=one, status=Status.PLANNED) for one in Recommendation.objects.all()
    )

    view = progress_view(snapshot(plan, on=timezone.localdate())).parts[0].contents[0]
    parts = in_parts([view])

    assert [len(part[0].groups) for part in parts] == [1, 1]
    assert {part[0].groups[0].update.entry.id for part in parts} == {update.pk}
    assert sum(len(part[0].groups[0].lines) for part in parts) == 120


@pytest.mark.parametrize("address", ["/?page=7", "/areas/1/?page=x", "/parties/police/?page=0", "/parties/?page=2"])
def test_a_page_that_is_not_there(client, address):
    long_plan([("An area", 1)])

    answer = client.get(address)

    assert answer.status_code == 200
    assert "There is no such page. This is page 1 of 1." in " ".join(answer.content.decode().split())
