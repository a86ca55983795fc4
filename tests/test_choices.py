"""Choices that are off until a plan makes them: a second reader, an embargo on drafts, the approval by the board."""

import datetime as dt

import pytest
from django.contrib.auth.models import User

from recommendations.accounts.roles import Role
from recommendations.models import ActionPlan, Edition, Report
from recommendations.publishing.acts import Refused
from recommendations.publishing.history import version_of
from recommendations.publishing.reports import publish_report, report_obstacles
from recommendations.publishing.second_reader import why_not_by, written
from recommendations.publishing.updates import mark_draft, mark_ready, publish_update
from recommendations.reading.editions import stored_snapshot
from recommendations.reading.passages import report_passages
from recommendations.reading.snapshot import report_snapshot
from tests.factories import make_plan, make_recommendation, make_report, make_update
from tests.people import (
    account,
    address,
    errors_of,
    export,
    exported_words,
    sent_by,
    signed_in,
    typed_report,
    typed_update,
)

pytestmark = [pytest.mark.django_db, pytest.mark.pages, pytest.mark.usefixtures("fake_pdf")]

AT = dt.datetime(2020, 7, 2, 17, 0, tzinfo=dt.UTC)
APPROVED = "Approved by the board on June 20, 2020."
FIELDS = ("board_approval", "embargo_on", "embargo_words")


def choose(**choices):
    make_plan()
    ActionPlan.objects.update(**choices)


def draft_by(writer, **overrides):
    """A draft that `writer` began."""
    update = make_update(statuses={make_recommendation(): "planned"}, published=False, **overrides)
    update.history.update(history_user=writer)
    for part in (*update.assessments.all(), *update.evidence_links.all()):
        part.history.update(history_user=writer)
    return update


def change(update, by, **values):
    for name, value in values.items():
        setattr(update, name, value)
    update._history_user = by
    update.save()


@pytest.fixture
def people():
    """Who writes, who changes, who reads."""
    return account(username="writer"), account(username="changer"), account(username="reader")


# A second reader


def test_whoever_began_it_or_changed_it_last_does_not_mark_it_ready(people):
    writer, changer, reader = people
    choose(needs_second_reader=True)
    update = draft_by(writer)
    change(update, reader, text="Changed by the reader.")
    change(update, changer, text="Changed again.")
    change(update, reader, private_note="Only a note.")

    refused = {by.username: bool(why_not_by(by, [update])) for by in people}

    assert refused == {"writer": True, "changer": True, "reader": False}
    for by in (writer, changer):
        with pytest.raises(Refused, match="a colleague has to read it"):
            mark_ready(update, by=by, at=AT)
        with pytest.raises(Refused, match="a colleague has to read it"):
            publish_update(update, by=by, at=AT)
    mark_ready(update, by=reader, at=AT)
    publish_update(update, by=writer, at=AT)


@pytest.mark.parametrize("part", ["assessments", "evidence_links"])
def test_a_status_and_a_link_are_written_too(people, part):
    writer, changer, _reader = people
    choose(needs_second_reader=True)
    update = draft_by(writer, evidence=[("Minutes", "https://a.example/")])
    one = getattr(update, part).get()
    one._history_user = changer
    one.save()

    assert written([update])[update.pk].writers == {writer.pk, changer.pk}


def test_without_the_choice_one_person_does_it_all(people):
    writer, *_others = people
    update = draft_by(writer)

    mark_ready(update, by=writer, at=AT)
    mark_draft(update, by=writer)
    publish_update(update, by=writer, at=AT)

    assert update.history.first().history_user == writer


def test_marking_and_taking_back_is_no_writing(people):
    writer, _changer, reader = people
    choose(needs_second_reader=True)
    update = draft_by(writer)

    for _ in range(2):
        mark_ready(update, by=reader, at=AT)
        mark_draft(update, by=reader)

    assert written([update])[update.pk].writers == {writer.pk}


def test_what_was_changed_after_it_was_marked_is_not_published(people):
    writer, _changer, reader = people
    choose(needs_second_reader=True)
    update = draft_by(writer)
    mark_ready(update, by=reader, at=AT)
    update.refresh_from_db()
    change(update, writer, text="Changed since.")
    report = make_report()

    with pytest.raises(Refused, match="was changed after it was marked ready"):
        publish_update(update, by=reader, at=AT)
    with pytest.raises(Refused, match="was changed after it was marked ready"):
        publish_report(report, by=reader, at=AT, ready=[update.pk])
    assert not Edition.objects.exists()


def test_what_its_writer_marked_before_the_choice_is_not_published(people):
    writer, *_others = people
    update = draft_by(writer)
    mark_ready(update, by=writer, at=AT)
    choose(needs_second_reader=True)

    reasons = report_obstacles(make_report(), on=AT.date(), ready=[update.pk])

    assert reasons == [
        f"writer wrote U{update.pk} and marked it ready: save it as a draft, and let a colleague read it."
    ]


def test_mark_all_ready_leaves_out_what_one_wrote_and_says_so(people):
    writer, _changer, reader = people
    choose(needs_second_reader=True)
    report, own = make_report(), draft_by(reader, text="Mine.")
    others = draft_by(writer, text="Theirs.")
    client = signed_in(reader)
    page = client.get(address("report_ready", report.pk))

    form = page.context["form"]
    sent = {"updates": [own.pk, others.pk], "version": form["version"].value()}
    forged = client.post(address("report_ready", report.pk), sent)
    client.post(address("report_ready", report.pk), {**sent, "updates": [others.pk]})

    assert [update for update, _why in page.context["unable"]] == [own]
    assert "a colleague has to read it and mark it ready" in page.content.decode()
    assert forged.status_code == 200
    for update in (own, others):
        update.refresh_from_db()
    assert (own.ready_at, others.ready_by) == (None, reader)


def test_the_form_offers_what_one_may_do_and_refuses_the_rest(people):
    writer, _changer, reader = people
    choose(needs_second_reader=True)
    one = make_recommendation()
    theirs = signed_in(writer)
    new = theirs.get(f"{address('progressupdate_add')}?area=1").content.decode()
    theirs.post(f"{address('progressupdate_add')}?area=1", typed_update({one: "planned"}))
    update = one.assessments.get().update
    change_page = address("progressupdate_change", update.pk)

    own, others = theirs.get(change_page), signed_in(reader).get(change_page)
    typed = typed_update({one: "planned"}, text="A better word.", version=version_of(update), _ready="1")
    del typed["_draft"]
    refused = signed_in(reader).post(change_page, typed)

    for page in (new, own.content.decode()):
        assert 'name="_ready"' not in page
        assert 'name="_publish"' not in page
        assert "a colleague reads it and marks it ready" in page
    assert 'name="_ready"' in others.content.decode()
    assert "a colleague has to read it and mark it ready" in refused.content.decode()
    assert "A better word." in refused.content.decode()
    update.refresh_from_db()
    assert (update.text, update.ready_at) == ("It began.", None)


def test_a_ready_update_that_is_changed_in_its_form_is_a_draft_again(people):
    writer, _changer, reader = people
    choose(needs_second_reader=True)
    update = draft_by(writer)
    mark_ready(update, by=reader, at=AT)
    change_page = address("progressupdate_change", update.pk)
    client = signed_in(reader)

    unchanged = client.post(change_page, {**sent_by(client.get(change_page)), "_ready": "1"})
    update.refresh_from_db()
    assert (unchanged.status_code, update.ready_by) == (302, reader)
    sent = {**sent_by(client.get(change_page)), "text": "A better word.", "_ready": "1"}
    changed = client.post(change_page, sent, follow=True)

    update.refresh_from_db()
    assert (update.text, update.ready_at) == ("A better word.", None)
    assert "You changed it, so it is a draft again" in changed.content.decode()


def test_one_person_alone_cannot_choose_it_and_is_told_where_it_was(user):
    choose()
    plan = ActionPlan.objects.get()
    client, page = signed_in(user), address("actionplan_change", 1)

    refused = client.post(page, {**sent_by(client.get(page)), "needs_second_reader": "on"})
    choose(needs_second_reader=True)
    update = draft_by(user)

    assert "nobody could mark them ready" in errors_of(refused, "needs_second_reader")[0]
    with pytest.raises(Refused, match="There is no other account that could"):
        mark_ready(update, by=user, at=AT)
    account(Role.EDITOR)
    assert "no other account" not in why_not_by(user, [update])[update.pk]
    ActionPlan.objects.update(needs_second_reader=False)
    client.post(page, {**sent_by(client.get(page)), "needs_second_reader": "on"})
    plan.refresh_from_db()
    assert plan.needs_second_reader
    assert plan.history.first().needs_second_reader


def test_where_everybody_wrote_it_they_are_told_who_makes_the_last_change(user):
    other = account(Role.EDITOR)
    choose(needs_second_reader=True)
    update = draft_by(user)
    change(update, other, text="A better word.")

    for one in (user, other):
        assert "whoever began it has to make the last change" in why_not_by(one, [update])[update.pk]
    change(update, user, text="The word that they suggested.")

    assert "whoever began it" not in why_not_by(user, [update])[update.pk]
    mark_ready(update, by=other, at=AT)


def test_the_writers_of_many_are_read_at_once(people, django_assert_num_queries):
    writer, *_others = people
    updates = [draft_by(writer)]

    with django_assert_num_queries(3):
        written(updates)
    updates += [draft_by(writer) for _ in range(29)]
    with django_assert_num_queries(3):
        written(updates)


# What the report's form asks


@pytest.mark.parametrize(
    ("choices", "shown"),
    [
        ({}, []),
        ({"notes_board_approval": True}, ["board_approval"]),
        ({"marks_embargo": True}, ["embargo_on", "embargo_words"]),
    ],
)
def test_a_report_asks_for_what_was_chosen_alone(staff, choices, shown):
    report = make_report()
    choose(**choices)

    page = staff.get(address("report_change", report.pk)).content.decode()

    assert [name for name in FIELDS if f'name="{name}"' in page] == shown


# An embargo on drafts


@pytest.mark.parametrize(
    ("language", "fields", "line"),
    [
        ("en-ca", {}, ""),
        ("en-ca", {"embargo_on": dt.date(2020, 7, 15)}, "Not for publication before July 15, 2020."),
        ("fr-ca", {"embargo_on": dt.date(2020, 7, 15)}, "Ne pas publier avant le 15 juillet 2020."),
        ("en-ca", {"embargo_on": dt.date(2020, 7, 15), "embargo_words": "Wait for <us>."}, "Wait for &lt;us&gt;."),
    ],
)
def test_previews_and_drafts_say_before_when_nothing_is_published(staff, monkeypatch, language, fields, line):
    choose(marks_embargo=True, language=language)
    make_update(statuses={make_recommendation(): "planned"})
    report = make_report(**fields)

    shown = [
        staff.get(address(f"report_{name}", report.pk)).content.decode()
        for name in ("preview", "preview_pdf", "draft_pdf")
    ]
    edition = publish_report(report, by=User.objects.first(), at=AT)

    for page in shown:
        assert line in page
        assert ("report-cover__embargo" in page) == bool(line)
    for file in edition.files.all():
        assert b"report-cover__embargo" not in bytes(file.content)
        if line:
            assert line.encode() not in bytes(file.content)


def test_without_the_choice_drafts_stay_as_they_are(staff):
    report = make_report(embargo_words="Wait for us.")
    make_update(statuses={make_recommendation(): "planned"})

    page = staff.get(address("report_draft_pdf", report.pk)).content.decode()

    assert "Wait for us." not in page
    assert "not for publication" in page


# The approval by the board


def test_the_approval_by_the_board_is_beside_the_other(staff, user):
    choose(notes_board_approval=True)
    make_update(statuses={make_recommendation(): "planned"})
    report = make_report(approval="Approved by the Steering Committee.")

    staff.post(
        address("report_change", report.pk), typed_report(report, approval=report.approval, board_approval=APPROVED)
    )
    report.refresh_from_db()
    edition = publish_report(report, by=user, at=AT)

    html = bytes(edition.files.get(name="article.html").content).decode()
    assert "Approved by the Steering Committee.</span>" in html
    assert f'<span class="report-rows__words" dir="auto">{APPROVED}</span>' in html
    assert stored_snapshot(edition).report.board_approval == APPROVED
    assert APPROVED in [passage.text for passage in report_passages(report)]
    assert report.history.first().board_approval == APPROVED
    assert APPROVED in exported_words(export(staff, "recommendations_report", "csv"), "csv")


def test_without_the_choice_nobody_sees_it_and_it_changes_no_hash(user):
    make_update(statuses={make_recommendation(): "planned"})
    report = make_report()
    before = report_snapshot(report).content_hash()

    Report.objects.update(board_approval=APPROVED)
    report.refresh_from_db()

    assert report_snapshot(report).content_hash() == before
    assert report_passages(report)[-1].text != APPROVED
    choose(notes_board_approval=True)
    report = Report.objects.get()
    assert report_snapshot(report).content_hash() != before
