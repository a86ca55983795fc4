"""Everything that a report prints was looked at before: no text reaches the article past the findings."""

import datetime as dt
import re
from dataclasses import replace
from html import unescape

import pytest
from django.core.management import call_command

from recommendations.models import (
    ActionPlan,
    Area,
    ProgressUpdate,
    Recommendation,
    Report,
    ReportSection,
    StatusWording,
)
from recommendations.publishing.plan_changes import announce
from recommendations.publishing.reports import publish_report
from recommendations.publishing.updates import Content, correct_update, withdraw_update
from recommendations.reading.adopted import content_of
from recommendations.reading.entries import EditionEntry
from recommendations.reading.findings import of_report
from recommendations.reading.snapshot import report_snapshot
from recommendations.report.document import article
from tests.factories import (
    AT,
    make_area,
    make_logo,
    make_party,
    make_plan,
    make_recommendation,
    make_report,
    make_update,
    make_user,
)
from tests.people import address, confirmed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fake_pdf")]

ENDS_ON = dt.date(2020, 6, 30)
# A character for each text, none of which the PDF's font has.
EMOJI = [chr(0x1F600 + n) for n in range(64)]
PRINTED = re.compile("[\U0001f600-\U0001f63f]")


@pytest.fixture
def told(user):
    """A report of which every text holds a character of its own: how many do, and the report."""
    marks = iter(EMOJI)

    def text(words):
        return f"{words} {next(marks)}"

    plan = make_plan(
        **{
            name: text(name)
            for name in (
                "title",
                "conference_name",
                "conference_dates_as_published",
                "acknowledgement",
                "introduction",
                "goals",
                "organisation_name",
                "data_licence",
            )
        }
    )
    make_logo(alt=text("A city"))
    area = make_area(title=text("An area"), introduction=text("It is about this."))
    earlier = make_report(
        title=text("First"), slug="first", starts_on=dt.date(2019, 1, 1), ends_on=dt.date(2019, 5, 29)
    )
    make_update(statuses={(first := make_recommendation(area=area)): "planned"}, dated_on=earlier.ends_on)
    publish_report(earlier, by=user, at=AT)
    before = content_of(area)
    Area.objects.update(title=text("Another title"))
    announce(area, before=before, note=text("So it is called."), by=user, at=AT + dt.timedelta(minutes=30))
    Recommendation.objects.update(text=text("Do this."), target_as_published=text("fall"))
    first.parties.add(make_party(name=text("police")))
    make_recommendation(
        area=area, text=text("Gone."), retired_on=dt.date(2020, 1, 1), retired_reason=text("It was split.")
    )
    update = make_update(
        statuses={first: "ongoing"},
        text=text("It went on."),
        dated_as_published=text("June"),
        evidence=[(text("Minutes"), "https://example.org/")],
    )
    withdrawn = make_update(statuses={first: "planned"}, dated_on=dt.date(2020, 1, 1))
    report = make_report(
        **{
            name: text(name)
            for name in ("title", "introduction", "closing", "approval", "originally_published", "status_note")
        },
        plan=plan,
    )
    for placement in ("before", "after"):
        ReportSection.objects.create(
            report=report, heading=text("Thanks"), body=text("Thank you."), placement=placement
        )
    publish_report(report, by=user, at=AT + dt.timedelta(hours=1))
    correct_update(
        update,
        content=replace(Content.of(update), sums_up=True),
        note=text("It sums up."),
        by=user,
        at=AT + dt.timedelta(hours=2),
    )
    withdraw_update(withdrawn, note=text("Wrong."), by=user, at=AT + dt.timedelta(hours=3))
    return Report.objects.get(pk=report.pk)


def test_every_text_that_the_article_prints_is_looked_at(told):
    note = f"Why {EMOJI[-1]}"
    taken = replace(report_snapshot(told), edition=EditionEntry(2, AT, ENDS_ON, note))
    printed = set(PRINTED.findall(unescape(article(taken))))

    found = of_report(told, on=ENDS_ON, note=note)

    seen = {one for finding in found if finding.kind == "characters" for one in PRINTED.findall(finding.message)}
    assert len(printed) > 25
    assert printed - seen == set()


def without_support(findings):
    """Those that are not about the plan's having no support link."""
    return [finding for finding in findings if finding.kind != "no support"]


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (lambda: ActionPlan.objects.update(title="A plan 😀"), "the plan's title"),
        (lambda: ActionPlan.objects.update(acknowledgement="On 😀"), "the territorial acknowledgement"),
        (lambda: Area.objects.update(title="An area 😀"), "the title of area 1"),
        (lambda: Recommendation.objects.update(text="Do it 😀"), "recommendation 1.1"),
        (lambda: Recommendation.objects.update(reference="R-😀"), "recommendation R-😀"),
        (lambda: Report.objects.update(title="Update 😀"), "the report's title"),
        (lambda: StatusWording.objects.create(status="planned", label="Soon 😀"), "the status “Soon 😀”"),
    ],
)
def test_what_the_pdf_lacks_is_named_with_its_place(change, where):
    make_update(statuses={make_recommendation(): "planned"})
    report = make_report()
    change()

    (finding,) = without_support(of_report(Report.objects.get(pk=report.pk), on=ENDS_ON))

    assert finding.message == f"The PDF can't show 😀 (U+1F600) and prints the code instead, in {where}."


def test_what_was_adopted_is_not_for_staff_to_word_but_what_they_write_is(user):
    one = make_recommendation(text="Write to maria@example.org.")
    make_update(statuses={one: "planned"})
    ActionPlan.objects.update(introduction="Write to maria@example.org.")

    held = without_support(of_report(make_report(), on=ENDS_ON))

    assert [(finding.kind, "the plan's introduction" in finding.message) for finding in held] == [("identifying", True)]


@pytest.mark.parametrize("rows", [1, 30])
def test_everything_is_looked_at_in_a_constant_number_of_queries(rows, django_assert_num_queries):
    for _ in range(rows):
        area = make_area(introduction="About it.")
        party = make_party()
        make_update(statuses={make_recommendation(area=area, parties=[party]): "planned"})
    report = make_report()
    printed = report_snapshot(report)

    with django_assert_num_queries(17):
        of_report(report, on=ENDS_ON, printed=printed)


def test_the_commands_print_what_there_is_to_look_at(tmp_path, capsys):
    by = make_user()
    make_update(statuses={make_recommendation(text="Do it 😀"): "planned"})
    make_report(slug="one")
    line = "Please check: The PDF can't show 😀 (U+1F600) and prints the code instead, in recommendation 1.1."

    call_command("render_report", "one", html=tmp_path / "report.html")
    rendered = capsys.readouterr().out.splitlines()
    call_command("publish_report", "one", by=by.username)
    published = capsys.readouterr().out.splitlines()

    assert line in rendered
    assert line in published


def test_the_note_of_an_edition_is_looked_at_before_it_is_published(client, user):
    client.force_login(user)
    update = make_update(statuses={make_recommendation(): "planned"})
    report = make_report()
    publish_report(report, by=user, at=AT)
    ProgressUpdate.objects.filter(pk=update.pk).update(text="Something else.")
    publish = address("report_publish", report.pk)
    note = {"note": "Call 604-555-0123."}

    asked = client.post(publish, {**confirmed(client.get(publish)), **note})
    looked_at = asked.context["form"]["looked_at"].value()
    again = client.post(publish, {**confirmed(asked), **note, "looked_at": looked_at})

    assert "A phone number in the note" in asked.content.decode()
    assert "press publish again to continue anyway" in asked.content.decode()
    assert (asked.status_code, again.status_code) == (200, 302)
    assert report.editions.get(number=2).note == "Call 604-555-0123."
