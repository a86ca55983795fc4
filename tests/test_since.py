"""What happened since an edition: one answer, by what it holds, for its page, the next edition, and staff."""

import datetime as dt
from dataclasses import replace

import pytest

from recommendations.models import ProgressUpdate
from recommendations.publishing.reports import publish_report
from recommendations.publishing.takedowns import restore_set_aside, set_aside, take_down
from recommendations.publishing.updates import Content, correct_update, publish_update, withdraw_update
from recommendations.reading.editions import stored_snapshot
from recommendations.reading.findings import completeness
from recommendations.workspace.report_state import ReportState, why_again
from tests.factories import make_recommendation, make_report, make_update

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fake_pdf")]
HOUR = dt.timedelta(hours=1)
ON = dt.date(2020, 7, 3)
INSIDE, OUTSIDE = dt.date(2020, 6, 1), dt.date(2020, 7, 1)


@pytest.fixture
def edition(user, now):
    """Published before everything below happened."""
    told = {
        "moved out": INSIDE,
        "moved in": OUTSIDE,
        "reworded": INSIDE,
        "respelled": INSIDE,
        "withdrawn": INSIDE,
        "taken down": INSIDE,
        "set aside": INSIDE,
        "untouched": INSIDE,
        "elsewhere": OUTSIDE,
    }
    for text, day in told.items():
        make_update(statuses={make_recommendation(): "planned"}, text=text, dated_on=day)
    edition = publish_report(make_report(slug="one-year"), by=user, at=now)
    at = now + HOUR

    def correct(name, *, is_minor=False, **changes):
        content = replace(Content.of(the(name)), **changes)
        correct_update(the(name), content=content, note=f"{name}, a note", is_minor=is_minor, by=user, at=at)

    correct("moved out", dated_on=OUTSIDE)
    correct("moved in", dated_on=INSIDE)
    correct("respelled", text="respelled.", is_minor=True)
    correct("elsewhere", text="elsewhere.")
    correct("reworded", text="reworded.")
    withdraw_update(the("withdrawn"), note="withdrawn, a note", by=user, at=at)
    take_down(the("taken down"), reason="It named somebody.", by=user, at=at)
    correct("set aside", text="set aside.")
    set_aside(the("set aside"), by=user, at=at)
    restore_set_aside(the("set aside").set_aside, reason="x", by=user, at=at)
    set_aside(the("set aside"), by=user, at=at)
    late = make_update(statuses={make_recommendation(): "planned"}, text="late", published=False)
    publish_update(late, by=user, at=at)
    return edition


def the(text):
    return ProgressUpdate.objects.get(text__startswith=text)


def reference_of(text):
    return the(text).recommendations.get().reference


def test_staff_are_told_of_each(edition):
    found = {finding.message for finding in completeness(edition.report, on=ON) if finding.kind == "not in edition"}

    said = {
        "moved out": "Corrected since, not in edition 1",
        "reworded": "Corrected since, not in edition 1",
        "respelled": "Corrected since, not in edition 1",
        "withdrawn": "Withdrawn since, but still in edition 1",
        "moved in": "Not in edition 1",
        "late": "Published since, not in edition 1",
    }
    assert found == {f"{words}: “{the(text)}”" for text, words in said.items()} | {
        f"Taken down since, but still in edition 1: “{the('taken down').take_down}”"
    }


def test_the_note_of_the_next_edition_begins_with_each_and_names_nothing_that_was_taken_down(edition):
    note = why_again(ReportState(edition.report, ON))

    assert note.splitlines() == [
        *(f"{reference_of(text)}: {text}, a note" for text in ("moved out", "respelled", "reworded", "withdrawn")),
        "An update was taken down for safety.",
        f"With updates on {reference_of('moved in')} and {reference_of('late')} that were not in it.",
    ]


def test_the_next_edition_lists_what_was_announced(edition, user, now):
    restore_set_aside(the("set aside").set_aside, reason="x", by=user, at=now + 2 * HOUR)
    set_aside(edition, by=user, at=now + 2 * HOUR)

    second = publish_report(edition.report, note="See below.", by=user, at=now + 3 * HOUR)

    assert [
        (one.note, one.is_withdrawal, one.is_taken_down, one.references) for one in stored_snapshot(second).corrected
    ] == [
        ("moved out, a note", False, False, (reference_of("moved out"),)),
        ("reworded, a note", False, False, (reference_of("reworded"),)),
        ("withdrawn, a note", True, False, (reference_of("withdrawn"),)),
        ("set aside, a note", False, False, (reference_of("set aside"),)),
        ("It named somebody.", False, True, ()),
    ]
    article = " ".join(second.content("article.html").decode().split())
    assert "An update was taken down for safety: It named somebody." in article
    assert f"The update on {reference_of('moved out')} was corrected: moved out, a note" in article


def test_the_editions_page_lists_what_was_announced_but_points_at_nothing_taken_down(client, edition, user, now):
    restore_set_aside(the("set aside").set_aside, reason="x", by=user, at=now + 2 * HOUR)

    page = client.get("/reports/one-year/editions/1/").content.decode()

    since = page.split("Corrected since")[1].split("</div>")[0]
    listed = [
        text
        for text in ("moved out", "moved in", "reworded", "respelled", "withdrawn", "elsewhere", "set aside")
        if f"{text}, a note" in since
    ]
    assert listed == ["moved out", "reworded", "withdrawn", "set aside"]
    assert "It named somebody." not in since
    assert page.index("withdrawn, a note") < page.index("moved out, a note"), "newest first"


def test_the_next_edition_begins_anew(edition, user, now):
    restore_set_aside(the("set aside").set_aside, reason="x", by=user, at=now + 2 * HOUR)
    publish_report(edition.report, note="See below.", by=user, at=now + 3 * HOUR)

    late = [finding for finding in completeness(edition.report, on=ON) if finding.kind == "not in edition"]

    assert late == []
