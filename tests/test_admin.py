"""The staff's door: the forms, the acts behind their confirmations, and who may open which."""

import datetime as dt
import json
import re
from dataclasses import replace

import html5lib
import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from recommendations.models import (
    ActionPlan,
    Assessment,
    Correction,
    Edition,
    EvidenceLink,
    ProgressUpdate,
    Recommendation,
    Report,
    ReportSection,
    Status,
    TakeDown,
    Term,
)
from recommendations.publishing.history import version_of
from recommendations.publishing.reports import publish_report
from recommendations.publishing.takedowns import take_down
from recommendations.publishing.updates import Content, correct_update, mark_ready, publish_update, withdraw_update
from recommendations.report import pdf
from recommendations.report.pdf import RenderFailed
from recommendations.text import dates
from tests.factories import make_area, make_party, make_recommendation, make_report, make_update, make_user
from tests.people import address, confirmed, errors_of, granted, sent_by, typed_correction, typed_report, typed_update

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fake_pdf")]

NUL = "\x00"


def draft(**overrides):
    recommendation = make_recommendation()
    return make_update(statuses={recommendation: ""}, published=False, **overrides)


# Every page


PAGES = [
    "actionplan",
    "area",
    "responsibleparty",
    "recommendation",
    "term",
    "progressupdate",
    "correction",
    "report",
    "edition",
    "takedown",
]


@pytest.mark.usefixtures("plan_2020")
def test_every_list_and_its_first_form_and_history_open(staff, now, user):
    report = Report.objects.get()
    ready = ProgressUpdate.objects.ready().values_list("pk", flat=True)
    edition = publish_report(report, by=user, at=now, ready=ready)
    first, second = ProgressUpdate.objects.order_by("pk")[:2]
    withdraw_update(first, note="Wrong.", by=user, at=now)
    take_down(second, reason="For safety.", by=user, at=now)
    take_down(edition, reason="For safety.", by=user, at=now)

    for name in PAGES:
        listed = staff.get(address(f"{name}_changelist"), follow=True)
        assert listed.status_code == 200, name
        model = listed.context["opts"].model
        for thing in model.objects.all()[:3]:
            assert staff.get(address(f"{name}_change", thing.pk)).status_code == 200, thing
            assert staff.get(address(f"{name}_history", thing.pk)).status_code == 200, thing
    assert staff.get(reverse("admin:index")).status_code == 200


@pytest.mark.usefixtures("plan_2020")
def test_no_page_carries_inline_style_or_script(staff):
    update = ProgressUpdate.objects.first()
    pages = [
        reverse("admin:index"),
        *(address(f"{name}_changelist") for name in PAGES if name != "actionplan"),
        address("actionplan_change", 1),
        address("progressupdate_add"),
        f"{address('progressupdate_add')}?area=3",
        address("progressupdate_change", update.pk),
        address("progressupdate_publish", update.pk),
        address("progressupdate_history", update.pk),
        address("progressupdate_delete", update.pk),
        address("report_change", 1),
        address("report_publish", 1),
        address("report_preview", 1),
        address("recommendation_change", 1),
        reverse("admin:auth_user_changelist"),
        reverse("admin:auth_user_add"),
        reverse("admin:auth_user_change", args=[1]),
        reverse("admin:password_change"),
    ]

    for page in pages:
        html = staff.get(page).content.decode()
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:|<script(?![^>]*\ssrc=)", html), page


def test_lists_ask_the_database_as_often_for_30_rows_as_for_1(staff, django_assert_num_queries):
    area = make_area()
    one = make_recommendation(area=area)
    make_update(statuses={one: "planned"})
    staff.get(address("recommendation_changelist"))  # The session notes who is there, once a minute.
    counts = {}
    for rows in (1, 30):
        while Recommendation.objects.count() < rows:
            make_update(
                statuses={make_recommendation(area=area): "planned"}, evidence=[("Minutes", "https://a.example")]
            )
        for name in ("recommendation", "progressupdate"):
            with django_assert_num_queries(counts[name]) if name in counts else _counted(counts, name):
                staff.get(address(f"{name}_changelist"))


class _counted:
    """Remembers how many queries its block needed."""

    def __init__(self, counts, name):
        self.counts, self.name = counts, name

    def __enter__(self):
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        self.capture = CaptureQueriesContext(connection)
        self.capture.__enter__()

    def __exit__(self, *error):
        self.capture.__exit__(*error)
        self.counts[self.name] = len(self.capture)


@pytest.mark.parametrize("q", ["%00", "x" * 60_000, "%25", "3.2", "%F0%9F%98%80"])
@pytest.mark.parametrize("name", ["recommendation", "progressupdate", "report", "edition"])
def test_search_survives_whatever_is_typed(staff, name, q):
    make_recommendation()

    assert staff.get(f"{address(f'{name}_changelist')}?q={q}").status_code == 200
    assert staff.get(f"{reverse('admin:auth_user_changelist')}?q={q}").status_code == 200


@pytest.mark.parametrize(
    "query", ["state=x", "year=x", "year=0000", "year=99999", "area__id__exact=x", "state=draft&year=2020"]
)
def test_filters_survive_whatever_is_typed(staff, query):
    one = make_recommendation()
    for year in (2019, 2020):
        make_update(statuses={one: "planned"}, dated_on=dt.date(year, 6, 30))

    assert staff.get(f"{address('progressupdate_changelist')}?{query}", follow=True).status_code == 200


def test_search_finds_a_recommendation_by_its_reference(staff):
    area = make_area(number=3)
    make_recommendation(area=area, number=1)
    wanted = make_recommendation(area=area, number=2)

    response = staff.get(f"{address('recommendation_changelist')}?q=3.2")

    assert list(response.context["cl"].result_list) == [wanted]


def test_the_list_of_updates_is_filtered_by_state(staff, user, now):
    made = {"draft": draft(), "ready": draft(), "published": draft(), "withdrawn": draft(), "taken-down": draft()}
    for state, update in made.items():
        if state != "draft":
            update.assessments.all().delete()
            Assessment.objects.create(
                update=update, recommendation=Recommendation.objects.first(), status=Status.ONGOING
            )
            mark_ready(update, by=user, at=now)
        if state in ("published", "withdrawn", "taken-down"):
            publish_update(update, by=user, at=now)
    withdraw_update(made["withdrawn"], note="Wrong.", by=user, at=now)
    take_down(made["taken-down"], reason="Safety.", by=user, at=now)

    for state, update in made.items():
        response = staff.get(f"{address('progressupdate_changelist')}?state={state}")
        assert list(response.context["cl"].result_list) == [update], state


# Writing an update


def test_add_asks_for_the_area_first_and_offers_only_its_recommendations(staff):
    here, there = make_area(number=3), make_area(number=4)
    wanted, other = make_recommendation(area=here), make_recommendation(area=there)

    choosing = staff.get(address("progressupdate_add"))
    form = staff.get(f"{address('progressupdate_add')}?area=3")

    assert f"{address('progressupdate_add')}?area=3" in choosing.content.decode()
    assert wanted.text in form.content.decode()
    assert other.text not in form.content.decode()


@pytest.mark.parametrize("number", ["9", "x", "-1", "%00", "9" * 50])
def test_add_with_an_area_that_is_not_there_asks_again(staff, number):
    make_area(number=3)

    assert b"Which area is it about?" in staff.get(f"{address('progressupdate_add')}?area={number}").content


def test_a_draft_is_saved_with_its_coverage_evidence_and_history(staff, user):
    one, two = make_recommendation(), make_recommendation()
    link = {
        "evidence_links-TOTAL_FORMS": "1",
        "evidence_links-0-label": "Minutes",
        "evidence_links-0-address": "https://example.org/minutes",
    }

    staff.post(
        f"{address('progressupdate_add')}?area=1",
        typed_update({one: "planned", two: ""}, change_reason="First note", **link),
    )

    update = ProgressUpdate.objects.get()
    assert update.state == "draft"
    assert Content.of(update).statuses == (("1.1", "planned"), ("1.2", ""))
    assert Content.of(update).evidence == (("Minutes", "https://example.org/minutes"),)
    for history in (ProgressUpdate.history, Assessment.history, EvidenceLink.history):
        for row in history.all():
            assert (row.history_user, row.history_change_reason) == (user, "First note")


@pytest.mark.parametrize("button", ["_ready", "_publish"])
def test_ready_without_a_status_is_refused_beside_the_coverage(staff, button):
    one = make_recommendation()

    response = staff.post(
        f"{address('progressupdate_add')}?area=1",
        typed_update({one: ""}, text="Keep me.", **{button: "1", "_draft": ""}),
    )

    assert errors_of(response, "coverage") == ["Choose a status for 1.1."]
    assert "Keep me." in response.content.decode()
    assert not ProgressUpdate.objects.exists()


BAD = {
    "nothing covered": ({"coverage": []}, "coverage", "It covers no recommendations: tick at least one."),
    "in the future": ({"dated_on": "2999-01-01"}, "dated_on", "This day is in the future"),
    "no text": ({"text": " "}, "text", "This field is required."),
    "NUL": ({"text": f"Words{NUL}kept"}, "text", "U+0000"),
    "control": ({"text": "Words\x1bkept"}, "text", "U+001B"),
    "bidi line": ({"dated_as_published": "June\n2020"}, "dated_as_published", "one line"),
    "too long": ({"text": "x" * 20_001}, "text", "at most 20000 characters"),
    "no such day": ({"dated_on": "2020-02-31"}, "dated_on", "Enter a valid date."),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_refused_beside_its_field_and_what_was_typed_is_kept(staff, case):
    typed, field, message = BAD[case]
    one = make_recommendation()

    response = staff.post(
        f"{address('progressupdate_add')}?area=1",
        typed_update({one: "planned"}, private_note="Who told us", **typed)
        | ({f"coverage-{one.pk}": ""} if case == "nothing covered" else {}),
    )

    assert message in " ".join(errors_of(response, field))
    assert "Who told us" in response.content.decode()
    assert not ProgressUpdate.objects.exists()


def test_another_areas_recommendation_is_refused_beside_the_coverage(staff):
    one, forged = make_recommendation(area=make_area()), make_recommendation(area=make_area())

    response = staff.post(f"{address('progressupdate_add')}?area=1", typed_update({one: "planned", forged: "planned"}))

    assert "isn't in this area" in " ".join(errors_of(response, "coverage"))
    assert not ProgressUpdate.objects.exists()


@pytest.mark.parametrize(
    ("form", "kept"),
    [
        ("recommendations_report", "Nothing was saved yet, and all that you typed is still here."),
        ("recommendations_area", "Nothing was saved yet, and all that you typed is still here."),
        ("auth_user", "Nothing was saved yet. Type the password again; everything else that you typed is still here."),
    ],
)
def test_a_refused_form_says_what_was_kept_and_what_to_do(staff, form, kept):
    page = staff.post(
        reverse(f"admin:{form}_add"), {"sections-TOTAL_FORMS": "0", "sections-INITIAL_FORMS": "0"}
    ).content.decode()

    assert kept in page
    assert "Please correct" not in page
    assert "<title>Error: " in page


def test_a_status_without_a_tick_is_refused_rather_than_lost(staff):
    one = make_recommendation()

    response = staff.post(f"{address('progressupdate_add')}?area=1", typed_update({one: "planned"}, coverage=[]))

    assert "1.1 has a status but isn't ticked" in " ".join(errors_of(response, "coverage"))
    assert '<option value="planned" selected>' in response.content.decode()


def test_buttons_move_an_update_from_draft_to_ready_and_back(staff, user):
    one = make_recommendation()
    update = draft()
    change = address("progressupdate_change", update.pk)

    marked = typed_update({one: "planned"}, _ready="1", version=version_of(update))
    del marked["_draft"]
    staff.post(change, marked)
    update.refresh_from_db()
    assert update.state == "ready"
    assert update.ready_by == user

    staff.post(change, typed_update({one: "planned"}, version=version_of(update)))
    update.refresh_from_db()
    assert update.state == "draft"


def test_a_deletion_asks_why_and_looks_again_where_it_was_changed(staff):
    update = draft(evidence=[("Minutes", "https://a.example")])
    delete = address("progressupdate_delete", update.pk)
    opened = sent_by(staff.get(delete))

    no_reason = staff.post(delete, opened)
    update.text = "Maria's words."
    update.save()
    moved = staff.post(delete, opened | {"reason": ["Written twice"]})
    stood = ProgressUpdate.objects.filter(pk=update.pk).exists()
    staff.post(delete, sent_by(moved))

    assert no_reason.context["form"].errors == {"reason": ["This field is required."]}
    assert "Check it again before you delete it." in moved.content.decode()
    assert stood
    assert not ProgressUpdate.objects.exists()
    for kind in (ProgressUpdate, Assessment, EvidenceLink):
        row = kind.history.first()
        assert (row.history_type, row.history_change_reason) == ("-", "Written twice")


def test_a_term_is_deleted_with_a_reason_even_after_an_edition(staff, published, user, now):
    term = Term.objects.create(word="exit", instead="leave", recommendation=published.recommendations.first())
    publish_report(make_report(), by=user, at=now)
    delete = address("term_delete", term.pk)

    staff.post(delete, sent_by(staff.get(delete)) | {"reason": ["The plan says it itself"]})

    assert not Term.objects.exists()
    assert Term.history.first().history_change_reason == "The plan says it itself"


def test_publish_now_asks_first_and_publishes_then(staff):
    one = make_recommendation()
    update = draft()
    typed = typed_update({one: "planned"}, version=version_of(update), _publish="1")
    del typed["_draft"]

    asked = staff.post(address("progressupdate_change", update.pk), typed, follow=True)
    update.refresh_from_db()
    assert update.state == "ready"
    assert f"<strong>{one.reference}</strong> Planned" in asked.content.decode()
    staff.post(address("progressupdate_publish", update.pk), {"version": asked.context["form"]["version"].value()})

    update.refresh_from_db()
    assert update.state == "published"


def test_publish_now_refuses_what_was_changed_after_it_was_asked(staff, user, now):
    one = make_recommendation()
    update = make_update(statuses={one: "planned"}, published=False)
    seen = version_of(update)
    update.text = "Something else."
    update.save()

    response = staff.post(address("progressupdate_publish", update.pk), {"version": seen}, follow=True)

    update.refresh_from_db()
    assert update.state == "draft"
    assert "while you had it open" in response.content.decode()


def test_a_draft_can_be_deleted_and_a_published_update_cannot(staff):
    one = make_recommendation()
    published = make_update(statuses={one: "planned"})
    unpublished = draft()

    refused = staff.post(address("progressupdate_delete", published.pk), {"reason": "Twice."})
    staff.post(
        address("progressupdate_delete", unpublished.pk), {"reason": "Twice.", "version": version_of(unpublished)}
    )

    assert refused.status_code == 403
    assert list(ProgressUpdate.objects.all()) == [published]


# Two people at once


def test_the_second_to_save_a_draft_is_told_and_chooses(staff, django_user_model):
    update = draft(text="First words.")
    opened = version_of(update)
    colleague = Client()
    colleague.force_login(make_user(username="maria"))
    one = update.assessments.get().recommendation
    change = address("progressupdate_change", update.pk)

    colleague.post(
        change, typed_update({one: "planned"}, text="Maria's words.", version=opened, change_reason="Called")
    )
    refused = staff.post(change, typed_update({one: "ongoing"}, text="My words.", version=opened))

    update.refresh_from_db()
    page = refused.content.decode()
    assert update.text == "Maria's words."
    assert "maria changed it on" in page
    assert "Called" in page
    assert "My words." in page
    assert errors_of(refused, "text") == ["What it says now: Maria's words."]
    assert errors_of(refused, "coverage") == ["What it says now: 1.1: Planned"]
    fresh = refused.context["adminform"].form["version"].value()
    assert fresh == version_of(update)

    staff.post(change, typed_update({one: "ongoing"}, text="My words.", version=fresh))
    update.refresh_from_db()
    assert update.text == "My words."


def test_a_colleagues_change_of_a_part_counts(staff, user):
    report = make_report()
    opened = typed_report(report, title="Mine")
    ReportSection.objects.create(report=report, heading="Thanks", body="To all.")

    response = staff.post(address("report_change", report.pk), opened)

    report.refresh_from_db()
    assert report.title == "One-Year Update"
    assert "What it says now: One-Year Update" in errors_of(response, "title")


@pytest.mark.parametrize("version", [None, "", "1.1.1", NUL])
def test_a_form_without_the_right_version_saves_nothing(staff, version):
    report = make_report()
    typed = typed_report(report, title="Mine")
    typed.pop("version")

    staff.post(address("report_change", report.pk), typed | ({} if version is None else {"version": version}))

    report.refresh_from_db()
    assert report.title == "One-Year Update"


def test_what_nobody_touched_here_is_taken_over_from_the_colleague(staff):
    report = make_report(introduction="Old introduction.", closing="Old closing.")
    change = address("report_change", report.pk)
    opened = sent_by(staff.get(change))
    report.closing = "Maria's closing."
    report.save()

    refused = staff.post(change, opened | {"introduction": ["My introduction."]})
    shown = sent_by(refused)

    assert shown["introduction"] == ["My introduction."]
    assert shown["closing"] == ["Maria's closing."]
    assert errors_of(refused, "introduction") == errors_of(refused, "closing") == []
    assert "they show what your colleague wrote: Closing words." in refused.content.decode()
    staff.post(change, shown)
    report.refresh_from_db()
    assert (report.introduction, report.closing) == ("My introduction.", "Maria's closing.")


def test_what_both_changed_is_asked_about_again_and_again(staff):
    report = make_report(introduction="Old.")
    change = address("report_change", report.pk)
    typed = sent_by(staff.get(change)) | {"introduction": ["Mine."]}

    for words in ("Maria's.", "Maria's again."):
        report.introduction = words
        report.save()
        refused = staff.post(change, typed)
        assert errors_of(refused, "introduction") == [f"What it says now: {words}"]
        typed = sent_by(refused)
        assert typed["introduction"] == ["Mine."]


def test_statuses_ticks_and_parties_that_nobody_touched_are_taken_over(staff):
    update = draft(sums_up=True)
    assessment = update.assessments.get()
    recommendation, other = assessment.recommendation, make_recommendation()
    change = address("progressupdate_change", update.pk)
    change_recommendation = address("recommendation_change", recommendation.pk)
    opened, opened_recommendation = sent_by(staff.get(change)), sent_by(staff.get(change_recommendation))
    update.sums_up = False
    update.save()
    assessment.status = "planned"
    assessment.save()
    Assessment.objects.create(update=update, recommendation=other, status="ongoing")
    recommendation.parties.add(make_party())

    shown = sent_by(staff.post(change, opened | {"text": ["Mine."], "_draft": "1"}))
    staff.post(change, shown | {"_draft": "1"})
    shown = sent_by(staff.post(change_recommendation, opened_recommendation | {"text": ["Mine."]}))
    staff.post(change_recommendation, shown)

    update.refresh_from_db()
    recommendation.refresh_from_db()
    assert (update.text, update.sums_up) == ("Mine.", False)
    assert Content.of(update).statuses == (("1.1", "planned"), ("1.2", "ongoing"))
    assert (recommendation.text, recommendation.parties.count()) == ("Mine.", 1)


def test_a_part_that_a_colleague_removed_becomes_a_new_one_where_it_was_touched(staff):
    report = make_report()
    touched, left = (
        ReportSection.objects.create(report=report, heading=heading, body="Old.") for heading in ("Thanks", "Partners")
    )
    change = address("report_change", report.pk)
    opened = sent_by(staff.get(change))
    touched.delete()
    left.delete()

    refused = staff.post(change, opened | {"sections-0-body": ["My words."]})
    page, shown = refused.content.decode(), sent_by(refused)
    staff.post(change, shown)

    assert "A colleague removed this while you were writing." in page
    assert "Removed: Partners" in page
    assert [(one.heading, one.body) for one in report.sections.all()] == [("Thanks", "My words.")]


def test_what_a_colleague_did_to_parts_is_shown_beside_what_was_typed_and_never_undone(staff):
    report = make_report()
    both, theirs = (
        ReportSection.objects.create(report=report, heading=heading, body="Old.") for heading in ("Both", "Theirs")
    )
    change = address("report_change", report.pk)
    opened = sent_by(staff.get(change))
    for section, words in ((both, "Maria's."), (theirs, "Maria's, too.")):
        section.body = words
        section.save()
    ReportSection.objects.create(report=report, heading="Added", body="New.")

    refused = staff.post(change, opened | {"sections-0-body": ["Mine."]})
    page, shown = " ".join(refused.content.decode().split()), sent_by(refused)
    unsaved = set(report.sections.values_list("body", flat=True))
    staff.post(change, shown)

    assert "<h3>Changed: Both</h3>" in page
    assert '<dd class="passage">Maria&#x27;s.</dd>' in page
    assert "<h3>Changed: Theirs</h3>" in page
    assert "<h3>Added: Added</h3>" in page
    assert unsaved == {"Maria's.", "Maria's, too.", "New."}
    assert (shown["sections-0-body"], shown["sections-1-body"]) == (["Mine."], ["Maria's, too."])
    assert {one.heading: one.body for one in report.sections.all()} == {
        "Both": "Mine.",
        "Theirs": "Maria's, too.",
        "Added": "New.",
    }


def test_one_changes_the_text_and_the_other_the_evidence_and_both_are_kept(staff):
    update = draft(evidence=[("Minutes", "https://a.example")])
    change = address("progressupdate_change", update.pk)
    text, link = sent_by(staff.get(change)), sent_by(staff.get(change))

    staff.post(change, link | {"evidence_links-0-label": ["Minutes of May"], "_draft": "1"})
    refused = staff.post(change, text | {"text": ["Mine."], "_draft": "1"})
    shown = sent_by(refused)
    staff.post(change, shown | {"_draft": "1"})

    update.refresh_from_db()
    assert shown["evidence_links-0-label"] == ["Minutes of May"]
    assert "What your colleague did" not in refused.content.decode()
    assert (update.text, Content.of(update).evidence) == ("Mine.", (("Minutes of May", "https://a.example"),))


def test_a_part_that_a_colleague_removed_is_left_out_where_its_fields_are_emptied(staff):
    report = make_report()
    ReportSection.objects.create(report=report, heading="Thanks", body="Old.").delete()
    section = ReportSection.objects.create(report=report, heading="Partners", body="Old.")
    change = address("report_change", report.pk)
    opened = sent_by(staff.get(change))
    section.delete()

    refused = staff.post(change, opened | {"sections-0-body": ["My words."]})
    saved = staff.post(change, sent_by(refused) | {"sections-0-heading": [""], "sections-0-body": [""]})

    assert saved.status_code == 302
    assert not report.sections.exists()


def test_parts_moved_twice_are_asked_about_twice(staff):
    report = make_report()
    section = ReportSection.objects.create(report=report, heading="Thanks", body="Old.")
    change = address("report_change", report.pk)
    typed = sent_by(staff.get(change)) | {"sections-0-body": ["Mine."]}

    for words in ("First.", "Second."):
        section.body = words
        section.save()
        refused = staff.post(change, typed)
        assert f'<dd class="passage">{words}</dd>' in refused.content.decode()
        typed = sent_by(refused)
        assert typed["sections-0-body"] == ["Mine."]
    section.delete()
    typed = sent_by(staff.post(change, typed))
    ReportSection.objects.create(report=report, heading="Added", body="New.")
    typed = sent_by(staff.post(change, typed))
    staff.post(change, typed)

    assert {one.body for one in report.sections.all()} == {"New.", "Mine."}


def test_an_evidence_link_that_a_colleague_removed_does_not_hold_up_the_rest(staff):
    update = draft(evidence=[("Minutes", "https://a.example")])
    change = address("progressupdate_change", update.pk)
    opened = sent_by(staff.get(change))
    update.evidence_links.get().delete()

    refused = staff.post(change, opened | {"text": ["Mine."], "_draft": "1"})
    staff.post(change, sent_by(refused) | {"_draft": "1"})

    update.refresh_from_db()
    assert update.text == "Mine."
    assert not update.evidence_links.exists()


def test_a_part_is_removed_with_a_reason(staff):
    report = make_report()
    section = ReportSection.objects.create(report=report, heading="Thanks", body="To all.")
    change = address("report_change", report.pk)
    sent = sent_by(staff.get(change)) | {"sections-0-DELETE": ["on"]}

    refused = staff.post(change, sent)
    stood = ReportSection.objects.exists()
    staff.post(change, sent | {"change_reason": ["Said elsewhere"]})

    assert "why you are removing something here" in refused.content.decode()
    assert stood
    removed = ReportSection.history.filter(id=section.pk).first()
    assert (removed.history_type, removed.history_change_reason) == ("-", "Said elsewhere")


def test_a_draft_that_a_colleague_deleted_is_offered_as_a_new_one(staff):
    update = draft(evidence=[("Minutes", "https://a.example")])
    change = address("progressupdate_change", update.pk)
    sent = sent_by(staff.get(change)) | {"text": ["My long text."], "private_note": ["From Ann."], "_draft": "1"}
    update.delete()

    refused = staff.post(change, sent)
    document = html5lib.parse(refused.content.decode(), namespaceHTMLElements=False)
    forms = [form.get("action") for form in document.iter("form") if form.get("id") == "progressupdate_form"]

    assert "Somebody deleted it while you were writing" in refused.content.decode()
    assert forms == [f"{address('progressupdate_add')}?area=1"]
    assert not ProgressUpdate.objects.exists()
    staff.post(forms[0], sent_by(refused) | {"_draft": "1"})
    again = ProgressUpdate.objects.get()
    assert (again.text, again.private_note) == ("My long text.", "From Ann.")
    assert Content.of(again).evidence == (("Minutes", "https://a.example"),)


def test_a_report_that_a_colleague_deleted_is_offered_as_a_new_one(staff):
    report = make_report()
    ReportSection.objects.create(report=report, heading="Thanks", body="To all.")
    change = address("report_change", report.pk)
    sent = sent_by(staff.get(change)) | {"introduction": ["My long text."]}
    report.sections.all().delete()
    report.delete()

    staff.post(address("report_add"), sent_by(staff.post(change, sent)))

    again = Report.objects.get()
    assert again.introduction == "My long text."
    assert [one.body for one in again.sections.all()] == ["To all."]


def test_a_draft_that_a_colleague_published_is_offered_as_a_correction(staff, user, now):
    one = make_recommendation()
    update = make_update(
        statuses={one: "planned"}, published=False, text="Old.", evidence=[("Minutes", "https://a.example")]
    )
    typed = sent_by(staff.get(address("progressupdate_change", update.pk)))
    typed |= {"text": ["My long text."], "private_note": ["From Ann."], "_draft": "1"}
    publish_update(update, by=user, at=now)

    offered = staff.post(address("progressupdate_change", update.pk), typed)
    update.refresh_from_db()
    page, said = offered.content.decode(), update.text
    staff.post(address("progressupdate_correct", update.pk), sent_by(offered) | {"note": ["It said too little."]})

    update.refresh_from_db()
    assert "A colleague published it while you were writing" in page
    assert "From Ann." in page
    assert said == "Old."
    assert update.text == "My long text."
    assert Content.of(update).evidence == (("Minutes", "https://a.example"),)
    assert not update.private_note


def test_an_account_changed_meanwhile_is_not_overwritten(staff, user):
    other = make_user(username="maria", first_name="Maria")
    opened = version_of(other)
    User.objects.filter(pk=other.pk).update(email="maria@example.org")
    typed = {"username": "maria", "first_name": "Mary", "is_active": "on", "is_staff": "on", "version": opened}

    response = staff.post(reverse("admin:auth_user_change", args=[other.pk]), typed)

    other.refresh_from_db()
    assert (response.status_code, other.first_name, other.email) == (200, "Maria", "maria@example.org")


# A published update


@pytest.fixture
def published(user):
    one, two = make_recommendation(), make_recommendation()
    return make_update(
        statuses={one: "planned", two: "ongoing"}, text="What was said.", evidence=[("Minutes", "https://a.example/m")]
    )


def test_a_published_updates_form_changes_the_private_note_alone(staff, published):
    typed = {"private_note": "Ask again.", "version": version_of(published), "_save": "1"}
    before = Content.of(published)

    staff.post(address("progressupdate_change", published.pk), typed | {"dated_on": "2001-01-01", "sums_up": "on"})

    published.refresh_from_db()
    assert published.private_note == "Ask again."
    assert Content.of(published) == before


def test_a_correction_changes_the_update_and_leaves_a_note(staff, published):
    staff.post(address("progressupdate_correct", published.pk), typed_correction(published, text="What is right."))

    published.refresh_from_db()
    correction = Correction.objects.get()
    assert published.text == "What is right."
    assert correction.note == "A name was misspelled."
    assert correction.before["text"] == "What was said."
    assert Content.of(published).evidence == (("Minutes", "https://a.example/m"),)


def test_a_correction_without_a_note_is_refused_and_keeps_what_was_typed(staff, published):
    typed = typed_correction(published, text="What is right.", note=" ")

    response = staff.post(address("progressupdate_correct", published.pk), typed)

    assert response.context["form"].errors == {"note": ["This field is required."]}
    assert "What is right." in response.content.decode()
    assert not Correction.objects.exists()


def test_a_minor_correction_of_a_status_is_refused(staff, published):
    one = published.assessments.first().recommendation
    typed = typed_correction(published, is_minor="on", **{f"coverage-{one.pk}": "completed"})

    response = staff.post(address("progressupdate_correct", published.pk), typed)

    assert "A minor correction can&#x27;t change" in response.content.decode()
    assert not Correction.objects.exists()


def test_the_second_to_correct_sees_what_stands_and_may_send_again(staff, published, user, now):
    opened = typed_correction(published, text="My words.")
    correct_update(
        published,
        content=replace(Content.of(published), text="Maria's words."),
        note="Mended.",
        by=user,
        at=now,
    )

    refused = staff.post(address("progressupdate_correct", published.pk), opened)

    page = refused.content.decode()
    assert "Maria&#x27;s words." in page
    assert "My words." in page
    assert Correction.objects.count() == 1
    staff.post(
        address("progressupdate_correct", published.pk),
        opened | {"expected": refused.context["form"]["expected"].value()},
    )
    published.refresh_from_db()
    assert published.text == "My words."


@pytest.mark.parametrize("link", [("Added", "https://b.example"), None])
def test_a_correction_is_not_held_up_by_a_colleagues_evidence(staff, published, user, now, link):
    opened = sent_by(staff.get(address("progressupdate_correct", published.pk)))
    before = Content.of(published)
    evidence = (*before.evidence, link) if link else ()
    correct_update(published, content=replace(before, evidence=evidence), note="Mended.", by=user, at=now)

    typed = opened | {"text": ["My words."], "note": ["Mended, too."]}
    refused = staff.post(address("progressupdate_correct", published.pk), typed)
    staff.post(address("progressupdate_correct", published.pk), sent_by(refused))

    published.refresh_from_db()
    assert "This field is required" not in refused.content.decode()
    assert published.text == "My words."
    assert Content.of(published).evidence == evidence


def test_a_correction_takes_over_what_nobody_touched_here(staff, published, user, now):
    opened = sent_by(staff.get(address("progressupdate_correct", published.pk)))
    before = Content.of(published)
    theirs = replace(before, statuses=(("1.1", "completed"), ("1.2", "ongoing")), text="Maria's words.")
    correct_update(published, content=theirs, note="Done.", by=user, at=now)

    typed = opened | {"evidence-0-label": ["The minutes"], "note": ["A better name."]}
    refused = staff.post(address("progressupdate_correct", published.pk), typed)
    staff.post(address("progressupdate_correct", published.pk), sent_by(refused))

    published.refresh_from_db()
    assert Content.of(published) == replace(theirs, evidence=(("The minutes", "https://a.example/m"),))


def test_a_correction_of_a_link_undoes_nothing_of_a_colleagues_links(staff, published, user, now):
    before = Content.of(published)
    links = (("Minutes", "https://a.example/m"), ("Street", "https://a.example/s"))
    correct_update(published, content=replace(before, evidence=links), note="More.", by=user, at=now)
    opened = sent_by(staff.get(address("progressupdate_correct", published.pk)))
    theirs = (links[0], ("Added", "https://b.example"))
    correct_update(published, content=replace(before, evidence=theirs), note="Safer.", by=user, at=now)

    typed = opened | {"evidence-0-label": ["The minutes"], "note": ["A better name."]}
    refused = staff.post(address("progressupdate_correct", published.pk), typed)
    staff.post(address("progressupdate_correct", published.pk), sent_by(refused))

    published.refresh_from_db()
    assert "https://b.example" in refused.content.decode()
    assert Content.of(published).evidence == (("The minutes", "https://a.example/m"), ("Added", "https://b.example"))


@pytest.mark.parametrize("act", ["correct", "change", "withdraw", "take_down"])
def test_what_was_typed_on_an_update_withdrawn_meanwhile_can_be_copied(staff, published, user, now, act):
    sent = typed_correction(published, text="My words.", note="My note.", reason="My note.")
    withdraw_update(published, note="Wrong.", by=user, at=now)
    if act == "take_down":
        take_down(published, reason="Safety.", by=user, at=now)

    page = staff.post(address(f"progressupdate_{act}", published.pk), sent, follow=True).content.decode()

    published.refresh_from_db()
    assert published.text == "What was said."
    assert "Nothing was saved" in page
    assert "My note." in page
    assert ("My words." in page) == (act in ("correct", "change"))


@pytest.mark.parametrize("expected", ["", "forged"])
def test_a_correction_without_the_fingerprint_changes_nothing(staff, published, expected):
    staff.post(
        address("progressupdate_correct", published.pk), typed_correction(published, text="Mine.", expected=expected)
    )

    published.refresh_from_db()
    assert published.text == "What was said."


def test_evidence_is_added_changed_and_removed_by_a_correction(staff, published):
    links = {
        "evidence-TOTAL_FORMS": "2",
        "evidence-0-DELETE": "on",
        "evidence-1-label": "Report",
        "evidence-1-address": "https://a.example/r",
    }

    staff.post(address("progressupdate_correct", published.pk), typed_correction(published, **links))

    published.refresh_from_db()
    assert Content.of(published).evidence == (("Report", "https://a.example/r"),)


def test_withdraw_says_what_happens_and_asks_for_a_note(staff, published):
    asked = staff.get(address("progressupdate_withdraw", published.pk)).content.decode()
    refused = staff.post(address("progressupdate_withdraw", published.pk), {"note": f"No{NUL}"})
    staff.post(address("progressupdate_withdraw", published.pk), {"note": "It was about something else."})

    published.refresh_from_db()
    assert "What will happen" in asked
    assert "note" in refused.context["form"].errors
    assert published.state == "withdrawn"


# Taking down


def test_take_down_and_erase_ask_each_for_themselves(staff, published):
    staff.post(address("progressupdate_take_down", published.pk), {"reason": "It names a street."})
    removal = TakeDown.objects.get()
    refused = staff.post(address("takedown_erase", removal.pk), {})
    removal.refresh_from_db()
    assert removal.erased_at is None
    assert refused.context["form"].errors

    erased = staff.post(address("takedown_erase", removal.pk), {"understood": "on"})

    removal.refresh_from_db()
    published.refresh_from_db()
    assert removal.erased_at is not None
    assert published.text == ""
    assert "Where copies may remain" in erased.content.decode()
    for page in (address("progressupdate_changelist"), address("progressupdate_change", published.pk)):
        assert "What was said." not in staff.get(page).content.decode()


def test_a_take_down_is_named_without_what_was_taken_down(staff, published, user, now):
    removal = take_down(published, reason="It names a street.", by=user, at=now)
    name = f"Update of {dates.day(published.dated_on)} in area {published.area.number}"

    page = staff.get(address("takedown_change", removal.pk)).content.decode()

    assert str(removal) == name
    assert f"&rsaquo; {name}" in page


def test_the_button_for_one_more_part_says_what_it_adds(staff):
    update = draft()
    pages = [
        address("progressupdate_change", update.pk),
        address("report_add"),
        address("actionplan_change", update.area.plan_id),
    ]

    found = [one for page in pages for one in staff.get(page).context["inline_admin_formsets"]]

    assert [json.loads(one.inline_formset_data)["options"]["addText"] for one in found] == [
        "Add evidence",
        "Add a section",
        "Add a logo",
        "Add a support link",
        "Add words in another language",
    ]


def test_taking_down_an_update_names_the_editions_that_hold_it(staff, published, user, now):
    report = make_report()
    edition = publish_report(report, by=user, at=now)

    page = staff.get(address("progressupdate_take_down", published.pk)).content.decode()

    assert f"“{edition}” contains it too, and readers can still see it there." in page


def test_an_edition_is_taken_down(staff, published, user, now):
    edition = publish_report(make_report(), by=user, at=now)

    staff.post(address("edition_take_down", edition.pk), {"reason": "It names a street."})

    assert Edition.objects.get().is_taken_down


# Reports


def test_report_errors_stand_beside_their_fields(staff):
    make_report(starts_on=dt.date(2019, 1, 1), ends_on=dt.date(2019, 12, 31), slug="taken")
    report = make_report(starts_on=dt.date(2020, 1, 1), ends_on=dt.date(2020, 12, 31))
    change = address("report_change", report.pk)

    overlap = staff.post(change, typed_report(report, starts_on="2019-06-01"))
    order = staff.post(change, typed_report(report, ends_on="2019-12-31", starts_on="2020-06-01"))
    slug = staff.post(change, typed_report(report, slug="taken"))

    assert "The period overlaps that of" in errors_of(overlap, "starts_on")[0]
    assert errors_of(order, "ends_on") == ["The period can't end before it starts."]
    assert errors_of(slug, "slug") == ["Report with this Address already exists."]


def test_a_duplicate_number_is_refused_beside_it(staff):
    first, second = make_recommendation(), make_recommendation()
    typed = {"area": first.area_id, "number": first.number, "text": "Keep me.", "version": version_of(second)}

    response = staff.post(address("recommendation_change", second.pk), typed)

    assert errors_of(response, "number") == ["Another recommendation of this area has this number."]
    assert "Keep me." in response.content.decode()


def test_retiring_needs_a_day_and_a_reason_each_asked_beside_itself(staff):
    one = make_recommendation()
    typed = {"area": one.area_id, "number": one.number, "text": one.text, "version": version_of(one)}
    change = address("recommendation_change", one.pk)

    no_reason = staff.post(change, typed | {"retired_on": "2020-01-01"})
    no_day = staff.post(change, typed | {"retired_reason": "Split."})

    assert errors_of(no_reason, "retired_reason") == ["Say why it was retired: readers see it."]
    assert errors_of(no_day, "retired_on") == ["Say when it was retired, or clear the reason."]


def test_the_publish_page_lists_what_goes_in_and_what_does_not(staff):
    one, two, three = (make_recommendation() for _ in range(3))
    report = make_report()
    ready = make_update(statuses={one: "planned"}, published=False, text="Ready words.")
    mark_ready(ready, by=User.objects.first(), at=dt.datetime(2020, 7, 1, tzinfo=dt.UTC))
    make_update(statuses={two: ""}, published=False, text="Draft words.")

    page = staff.get(address("report_publish", report.pk)).content.decode()

    assert re.search(rf'<input type="checkbox" name="ready" value="{ready.pk}"[^>]* checked', page)
    assert "Draft words." in page
    assert "2 recommendations have no update in this period: 1.2 and 1.3." in page
    assert three.reference == "1.3"


@pytest.mark.usefixtures("plan_2020")
def test_a_report_is_published_once_however_often_it_is_sent(staff):
    publish = address("report_publish", Report.objects.get().pk)
    page = staff.get(publish)
    sent = confirmed(page) | {"ready": page.context["form"]["ready"].value()}

    first = staff.post(publish, sent, follow=True)
    second = staff.post(publish, sent, follow=True)

    assert "Edition 1 is published." in first.content.decode()
    assert "Nothing was published twice." in second.content.decode()
    assert Edition.objects.count() == 1
    assert not ProgressUpdate.objects.ready().exists()


@pytest.mark.usefixtures("plan_2020")
def test_what_moved_after_the_page_was_shown_is_not_published(staff):
    report = Report.objects.get()
    publish = address("report_publish", report.pk)
    page = staff.get(publish)
    sent = confirmed(page) | {"ready": page.context["form"]["ready"].value()}
    report.introduction = "Other words."
    report.save()

    refused = staff.post(publish, sent)

    assert "changed after you opened this page" in refused.content.decode()
    assert not Edition.objects.exists()
    staff.post(publish, sent | confirmed(refused))
    assert Edition.objects.count() == 1


@pytest.mark.usefixtures("plan_2020")
def test_an_unticked_update_waits(staff):
    publish = address("report_publish", Report.objects.get().pk)
    page = staff.get(publish)
    waiting, *ticked = page.context["form"]["ready"].value()

    staff.post(publish, confirmed(page) | {"ready": ticked})

    assert [str(update.pk) for update in ProgressUpdate.objects.ready()] == [waiting]


def test_a_second_edition_needs_a_note(staff, published, user, now):
    report = make_report()
    publish_report(report, by=user, at=now)
    report.closing = "See you."
    report.save()
    publish = address("report_publish", report.pk)
    page = staff.get(publish)

    refused = staff.post(publish, confirmed(page))
    staff.post(publish, confirmed(refused) | {"note": "The closing words were missing."})

    assert refused.context["form"].errors["note"]
    assert [edition.note for edition in Edition.objects.order_by("number")] == ["", "The closing words were missing."]


def test_the_note_of_an_edition_is_kept_where_a_colleague_was_faster(staff, published, user, now):
    report = make_report()
    publish_report(report, by=user, at=now)
    report.closing = "See you."
    report.save()
    publish = address("report_publish", report.pk)
    sent = sent_by(staff.get(publish)) | {"note": ["My long note."]}
    publish_report(report, by=user, at=now, note="Maria's note.")

    refused = staff.post(publish, sent)

    page = refused.content.decode()
    assert sent_by(refused)["note"] == ["My long note."]
    assert "Edition 2 was published on" in page
    assert Edition.objects.count() == 2


def test_an_unchanged_report_is_not_published_again(staff, published, user, now):
    report = make_report()
    publish_report(report, by=user, at=now)
    publish = address("report_publish", report.pk)

    asked = staff.get(publish)
    response = staff.post(publish, confirmed(asked) | {"note": "Again."}, follow=True)

    assert "edition 1 already says exactly this" in asked.content.decode()
    assert "Publish edition 2" not in asked.content.decode()
    assert f'href="{publish}"' not in staff.get(address("report_change", report.pk)).content.decode()
    assert "already says exactly this" in response.content.decode()
    assert Edition.objects.count() == 1


def test_a_pdf_that_fails_publishes_nothing_and_says_so(staff, published, monkeypatch):
    def fail(article, **options):
        raise RenderFailed("It took too long.")

    monkeypatch.setattr(pdf, "render", fail)
    report = make_report()
    publish = address("report_publish", report.pk)

    refused = staff.post(publish, confirmed(staff.get(publish)))
    preview = staff.get(address("report_preview_pdf", report.pk), follow=True)

    assert "the PDF could not be made. It took too long." in refused.content.decode()
    assert "It took too long." in preview.content.decode()
    assert not Edition.objects.exists()


def test_previews_show_the_ready_updates_and_not_the_drafts(staff, user, now):
    one, two = make_recommendation(), make_recommendation()
    report = make_report()
    ready = make_update(statuses={one: "planned"}, published=False, text="Ready words.")
    mark_ready(ready, by=user, at=now)
    make_update(statuses={two: ""}, published=False, text="Draft words.")

    page = staff.get(address("report_preview", report.pk)).content.decode()
    as_pdf = staff.get(address("report_preview_pdf", report.pk))

    assert "Ready words." in page
    assert "Draft words." not in page
    assert b"Ready words." in as_pdf.content
    assert as_pdf["Content-Type"] == "application/pdf"


# Who may do what


ACTS = [
    ("progressupdate_publish", "publish_progressupdate"),
    ("progressupdate_correct", "add_correction"),
    ("progressupdate_withdraw", "add_correction"),
]


@pytest.mark.parametrize(("name", "permission"), ACTS)
@pytest.mark.parametrize("method", ["get", "post"])
def test_an_act_on_an_update_needs_its_permission(published, name, permission, method):
    editor = granted("view_progressupdate", "change_progressupdate")
    publisher = granted("view_progressupdate", "change_progressupdate", permission)

    assert getattr(editor, method)(address(name, published.pk)).status_code == 403
    assert getattr(publisher, method)(address(name, published.pk)).status_code in (200, 302)
    assert getattr(Client(), method)(address(name, published.pk)).status_code == (302 if method == "get" else 403)


@pytest.mark.parametrize("method", ["get", "post"])
def test_publishing_a_report_needs_both_permissions(published, method):
    report = make_report()
    editor, publisher = granted("change_report"), granted("change_report", "add_edition")

    assert getattr(editor, method)(address("report_publish", report.pk)).status_code == 403
    assert getattr(publisher, method)(address("report_publish", report.pk)).status_code == 200


@pytest.mark.parametrize("method", ["get", "post"])
def test_taking_down_is_for_administrators(published, user, now, method):
    theirs = ("add_takedown", "change_takedown", "view_user", "add_user", "change_user")
    everything = granted(*Permission.objects.exclude(codename__in=theirs).values_list("codename", flat=True))
    removal = take_down(published, reason="Safety.", by=user, at=now)

    assert getattr(everything, method)(address("progressupdate_take_down", published.pk)).status_code == 403
    assert getattr(everything, method)(address("takedown_erase", removal.pk)).status_code == 403
    assert getattr(everything, method)(reverse("admin:auth_user_changelist")).status_code == 403


def test_every_act_checks_where_a_post_comes_from(published, user):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(user)
    report = make_report()
    pages = [address(name, published.pk) for name, _ in ACTS] + [
        address("progressupdate_take_down", published.pk),
        address("report_publish", report.pk),
    ]

    assert {strict.post(page).status_code for page in pages} == {403}


def test_what_was_published_cannot_be_added_changed_or_deleted(staff, published, user, now):
    edition = publish_report(make_report(), by=user, at=now)
    removal = take_down(published, reason="Safety.", by=user, at=now)

    for name, thing in (("edition", edition), ("takedown", removal)):
        assert staff.get(address(f"{name}_add")).status_code == 403
        assert staff.post(address(f"{name}_change", thing.pk), {"note": "x", "reason": "x"}).status_code == 403
        assert staff.post(address(f"{name}_delete", thing.pk), {"post": "yes"}).status_code == 403


def test_nothing_that_reports_cite_is_deleted(staff, published, user, now):
    publish_report(make_report(), by=user, at=now)
    recommendation = make_recommendation()

    refused = staff.post(address("recommendation_delete", recommendation.pk), {"post": "yes"})

    assert refused.status_code == 403
    assert Recommendation.objects.filter(pk=recommendation.pk).exists()


def test_there_is_one_plan_and_it_stays(staff):
    make_area()
    plan = ActionPlan.objects.get()

    assert staff.get(address("actionplan_changelist")).url == address("actionplan_change", plan.pk)
    assert staff.get(address("actionplan_add")).status_code == 403
    assert staff.post(address("actionplan_delete", plan.pk), {"post": "yes"}).status_code == 403


def test_accounts_are_not_deleted_and_the_last_administrator_stays(staff, user):
    change = reverse("admin:auth_user_change", args=[user.pk])
    typed = {"username": user.username, "is_staff": "on", "version": version_of(user)}

    refused = staff.post(change, typed)

    assert staff.post(reverse("admin:auth_user_delete", args=[user.pk]), {"post": "yes"}).status_code == 403
    assert "last administrator" in " ".join(errors_of(refused, "is_active"))
    assert User.objects.get(pk=user.pk).is_active


@pytest.mark.parametrize("name", ["a\x07b", "a\nb"])
def test_an_accounts_name_passes_the_intake(staff, user, name):
    change = reverse("admin:auth_user_change", args=[user.pk])

    refused = staff.post(change, sent_by(staff.get(change)) | {"first_name": [name]})

    user.refresh_from_db()
    assert errors_of(refused, "first_name")
    assert user.first_name == ""


def test_an_accounts_page_gives_away_no_password(staff, user):
    page = staff.get(reverse("admin:auth_user_change", args=[user.pk])).content.decode()

    assert user.password not in page


def test_the_history_shows_who_changed_what_and_why_parties_included(staff, user):
    one = make_recommendation()
    typed = {"area": one.area_id, "number": one.number, "text": "New words.", "version": version_of(one)}
    typed["parties"] = [make_party(name="funders").pk]

    staff.post(address("recommendation_change", one.pk), typed | {"change_reason": "As adopted"})

    page = staff.get(address("recommendation_history", one.pk)).content.decode()
    assert "As adopted" in page
    assert "New words." in page
    assert "funders" in page
    assert user.username in page
