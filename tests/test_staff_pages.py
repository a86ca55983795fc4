"""What all pages of staff's have in common: regions with names of their own, and one style of dates."""

import datetime as dt
import re
from collections import Counter
from types import SimpleNamespace

import html5lib
import pytest
from django.urls import Resolver404, resolve
from django.utils import translation

from recommendations.admin.base import shown_moment
from recommendations.models import ProgressUpdate
from recommendations.publishing.takedowns import set_aside, take_down
from recommendations.publishing.updates import correct_update, withdraw_update
from recommendations.text import dates
from tests.factories import changed_content, make_draft

pytestmark = pytest.mark.django_db

LANDMARKS = {"nav": "navigation", "section": "region", "aside": "complementary", "form": "form", "main": "main"}
NAMED_ALWAYS = {"navigation", "complementary", "region"}
MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
OTHER_DATES = re.compile(
    r"\b\d{4}-\d\d-\d\d\b|\b\d{1,2}/\d{1,2}/\d{2,4}\b|\b[ap]\.m\.|\bnoon\b|\bmidnight\b"
    rf"|\b(?:Jan|Feb|Aug|Sept|Oct|Nov|Dec)\.? \d|\b\d{{1,2}}\.? (?:{MONTHS})\b|\b(?:{MONTHS}) \d{{1,2}}, \d{{4}} \d"
)


def walked(client, *extra):
    """The address and the document of one page of each route that a link leads to, from the workspace on."""
    waiting, seen = ["/admin/", *extra], set()
    while waiting:
        address = waiting.pop(0)
        try:
            route = resolve(address.partition("?")[0]).view_name
        except Resolver404:
            continue
        if route in seen or not route.startswith("admin:") or address.endswith((".pdf", ".xlsx")):
            continue
        seen.add(route)
        answer = client.get(address, follow=True)
        if not answer.headers["Content-Type"].startswith("text/html"):
            continue
        assert answer.status_code == 200, address
        document = html5lib.parse(answer.content.decode(), namespaceHTMLElements=False)
        yield address, document
        waiting += [link.get("href", "").partition("#")[0] for link in document.iter("a")]


def words(element):
    return " ".join("".join(element.itertext()).split())


def regions(document):
    """The role and the name of each region, as a screen reader lists them."""
    by_id = {element.get("id"): element for element in document.iter() if element.get("id")}
    for element in document.iter():
        role = element.get("role") or LANDMARKS.get(element.tag)
        if role not in {*LANDMARKS.values(), "search"}:
            continue
        names = [words(by_id[id]) for id in (element.get("aria-labelledby") or "").split() if id in by_id]
        name = " ".join(names) or element.get("aria-label") or ""
        # A section or a form without a name is no region.
        if name or element.tag not in ("section", "form"):
            yield role, name


def visible(element):
    """The text that is read on the page, without what was typed and what is quoted."""
    if element.tag in ("script", "style", "textarea", "template") or "passage" in (element.get("class") or ""):
        return
    yield element.text or ""
    for child in element:
        yield from visible(child)
        yield child.tail or ""


@pytest.fixture
def pages(staff, user, now, sample):
    corrected, withdrawn, gone, aside = ProgressUpdate.objects.public().order_by("pk")[:4]
    correct_update(corrected, content=changed_content(corrected, text="Other words."), note="Clearer.", by=user, at=now)
    withdraw_update(withdrawn, note="Wrong.", by=user, at=now)
    take_down(gone, reason="For safety.", by=user, at=now)
    set_aside(aside, by=user, at=now)
    make_draft()
    return list(walked(staff, f"/admin/recommendations/progressupdate/{corrected.pk}/correct/"))


def test_all_pages(pages):
    faults = []
    for address, document in pages:
        found = Counter(regions(document))
        faults += [(address, "twice", region) for region, count in found.items() if count > 1]
        faults += [(address, "no name", role) for role, name in found if role in NAMED_ALWAYS and not name]
        if "/import/" in address:  # It says how dates are typed in a spreadsheet.
            continue
        faults += [(address, "date", match[0]) for match in OTHER_DATES.finditer(" ".join(visible(document)))]

    assert len(pages) > 40
    assert faults == []


def test_an_instant_in_a_list_is_written_as_everywhere():
    first = SimpleNamespace(at=dt.datetime(2020, 6, 1, 16, 5, tzinfo=dt.UTC))

    with translation.override("fr-ca"):
        shown = shown_moment("at", "when")(None, first)
        assert shown == dates.moment(first.at)
    assert shown.startswith("1er juin 2020, ")
