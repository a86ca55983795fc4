"""Two people who edit the same thing: nobody's work is lost, and nobody's is overwritten."""

import html5lib
import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from recommendations.models import Assessment, ProgressUpdate, Report, ReportSection, SupportLink
from recommendations.publishing.history import version_of
from recommendations.publishing.updates import Content, publish_update
from tests.factories import (
    make_draft,
    make_party,
    make_recommendation,
    make_report,
    make_support_link,
    make_update,
    make_user,
)
from tests.people import address, errors_of, sent_by, typed_report, typed_update

NUL = "\x00"

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fake_pdf")]


def test_the_second_to_save_a_draft_is_told_and_chooses(staff, django_user_model):
    update = make_draft(text="First words.")
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
    update = make_draft(sums_up=True)
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


def test_what_a_colleague_changed_of_a_part_stays_where_another_word_of_it_was_typed(staff):
    link = make_support_link(cost="free", may_contact_police="no")
    change = address("actionplan_change", link.plan_id)
    opened = sent_by(staff.get(change))
    SupportLink.objects.update(cost="10 cents", may_contact_police="yes")
    make_support_link(label="Another", position=1)

    refused = staff.post(change, opened | {"support_links-0-cost": ["20 cents"], "support_links-0-hours": ["always"]})
    staff.post(change, sent_by(refused))

    link.refresh_from_db()
    assert (link.cost, link.hours, link.may_contact_police) == ("20 cents", "always", "yes")
    assert SupportLink.objects.count() == 2


def test_one_changes_the_text_and_the_other_the_evidence_and_both_are_kept(staff):
    update = make_draft(evidence=[("Minutes", "https://a.example")])
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
    update = make_draft(evidence=[("Minutes", "https://a.example")])
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
    update = make_draft(evidence=[("Minutes", "https://a.example")])
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
