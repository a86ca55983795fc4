"""Text in other scripts sits right: on the pages, in feeds, and where staff type it."""

import re
from html import unescape

import pytest
from django.utils import timezone

from recommendations.models import Recommendation
from recommendations.templatetags.tracker import paragraphs
from tests.documents import ARABIC, CYRILLIC, FARSI, PUNJABI
from tests.factories import make_area, make_party, make_plan, make_recommendation, make_report, make_update
from tests.people import address

pytestmark = pytest.mark.django_db


def directions(html):
    """The words of each element with a direction, with that direction."""
    found = re.findall(r'<(\w+)[^>]* dir="(\w+)"[^>]*>(.*?)</\1>', html, flags=re.DOTALL)
    return {(" ".join(unescape(re.sub(r"<[^>]+>", "", words)).split()), value) for _tag, value, words in found}


@pytest.fixture
def update():
    """A published update of a plan in several scripts."""
    make_plan(title=FARSI, organisation_name=CYRILLIC)
    one = make_recommendation(area=make_area(title=ARABIC), text=PUNJABI, parties=[make_party(name=ARABIC)])
    return make_update(
        statuses={one: "planned"},
        text=f"{FARSI}\n\n{PUNJABI}\n\n- {ARABIC}",
        evidence=[(FARSI, "https://example.org/")],
        published_at=timezone.now(),
    )


def test_names_and_blocks_of_an_update_have_their_directions(client, update):
    shown = directions(client.get(update.get_absolute_url()).content.decode())

    assert {(FARSI, "rtl"), (ARABIC, "rtl"), (FARSI, "auto")} <= shown
    assert (PUNJABI, "rtl") not in shown


@pytest.mark.parametrize("page", ["/", "/recommendations/1.1/", "/areas/1/", "/parties/"])
def test_names_of_parties_keep_apart_from_the_words_around_them(client, update, page):
    assert (ARABIC, "auto") in directions(client.get(page).content.decode())


def test_feeds_say_the_directions_themselves(client, update):
    feed = unescape(client.get("/updates.atom").content.decode())

    assert {(FARSI, "rtl"), (ARABIC, "rtl"), (FARSI, "auto")} <= directions(feed)


def test_reasons_in_feeds_are_escaped_and_have_a_direction_each():
    assert paragraphs(f"<b>{ARABIC}\n\n{PUNJABI}") == (
        f'<p dir="auto">&lt;b&gt;{ARABIC}</p>\n\n<p dir="auto">{PUNJABI}</p>'
    )


def test_the_article_of_a_report_has_them_too(client, staff, update):
    report = make_report(title=PUNJABI, closing=ARABIC)

    shown = directions(staff.get(address("report_preview", report.pk)).content.decode())

    assert {(FARSI, "rtl"), (ARABIC, "rtl"), (PUNJABI, "auto"), (CYRILLIC, "auto"), (FARSI, "auto")} <= shown


def test_staff_type_in_any_script(staff, update):
    draft = make_update(statuses={Recommendation.objects.get(): "planned"})
    pages = [
        address("actionplan_change", draft.area.plan_id),
        address("progressupdate_change", draft.pk),
        address("report_add"),
        address("responsibleparty_add"),
    ]

    for page in pages:
        html = staff.get(page).content.decode()
        asked = re.findall(r'<textarea [^>]*>|<input type="text" [^>]*>', html)
        assert asked
        # An address of the site is in Latin letters.
        assert [one for one in asked if 'dir="auto"' not in one and 'name="slug"' not in one] == [], page
