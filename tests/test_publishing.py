"""The acts of publishing, each alone and several in a row."""

import datetime as dt
import threading
from dataclasses import replace
from hashlib import sha256
from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, connections, transaction

from recommendations.models import (
    ActionPlan,
    Area,
    Correction,
    Edition,
    EditionFile,
    EditionUpdate,
    EvidenceLink,
    ProgressUpdate,
    Recommendation,
    Report,
    ResponsibleParty,
    Status,
    TakeDown,
)
from recommendations.models.frozen import missing_protection, protect_editions, unprotect_editions
from recommendations.publishing import reports, updates
from recommendations.publishing.acts import Refused, Unchanged
from recommendations.publishing.erasure import erase
from recommendations.publishing.reports import publish_report
from recommendations.publishing.takedowns import set_aside, take_down
from recommendations.publishing.updates import (
    Content,
    correct_update,
    mark_draft,
    mark_ready,
    publish_update,
    withdraw_update,
)
from recommendations.reading.editions import stored_snapshot
from recommendations.reading.snapshot import snapshot
from recommendations.report import pdf
from recommendations.report.pdf import RenderFailed
from recommendations.report.proof import seal_of
from tests.factories import make_area, make_plan, make_recommendation, make_report, make_update, make_user
from tests.rows import any_table_holds, problems

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fake_pdf")]
HOUR = dt.timedelta(hours=1)


def changed(update, **changes):
    """The content of `update` with some of it changed."""
    return replace(Content.of(update), **changes)


@pytest.fixture
def report():
    return make_report()


@pytest.fixture
def update():
    return make_update(statuses={make_recommendation(): "planned"}, evidence=[("Minutes", "https://example.org/m")])


@pytest.fixture
def edition(report, update, user, now):
    return publish_report(report, by=user, at=now)


# Updates


def test_a_draft_becomes_ready_and_published_by_somebody_at_some_time(user, now):
    update = make_update(statuses={make_recommendation(): "planned"}, published=False)

    mark_ready(update, by=user, at=now)
    publish_update(update, by=user, at=now + HOUR)

    update.refresh_from_db()
    assert (update.ready_at, update.ready_by, update.published_at, update.published_by) == (now, user, now + HOUR, user)
    reasons = [(row.history_user, row.history_change_reason) for row in update.history.all()[:2]]
    assert reasons == [(user, "Published"), (user, "Marked ready")]


def test_readiness_is_taken_back_until_publication(user, now):
    update = make_update(statuses={make_recommendation(): "planned"}, published=False)
    mark_ready(update, by=user, at=now)

    mark_draft(update, by=user)
    assert ProgressUpdate.objects.drafts().get() == update

    publish_update(update, by=user, at=now)
    with pytest.raises(Refused, match="correct or withdraw"):
        mark_draft(update, by=user)


def test_an_update_without_a_status_is_neither_ready_nor_published(user, now):
    update = make_update(statuses={make_recommendation(): ""}, published=False)

    for act in (mark_ready, publish_update):
        with pytest.raises(Refused, match=r"no status for 1\.1"):
            act(update, by=user, at=now)

    assert ProgressUpdate.objects.drafts().get() == update


def test_a_published_update_is_not_published_again(update, user, now):
    with pytest.raises(Refused, match="already"):
        publish_update(update, by=user, at=now)


def test_a_correction_holds_before_and_after(update, user, now):
    second = make_recommendation()

    correction = correct_update(
        update,
        content=changed(
            update,
            text="It was in May.",
            dated_on=dt.date(2020, 5, 31),
            statuses=(("1.1", "on hold"), ("1.2", "planned")),
            evidence=(("Letter", "https://example.org/l"),),
        ),
        note=" The month was wrong. ",
        by=user,
        at=now,
    )

    assert correction.note == "The month was wrong."
    correction.refresh_from_db()
    assert correction.before == {
        "text": "Something happened.",
        "dated_on": "2020-06-30",
        "dated_as_published": "",
        "sums_up": False,
        "statuses": {"1.1": "planned"},
        "evidence": [["Minutes", "https://example.org/m"]],
    }
    assert correction.after["statuses"] == {"1.1": "on hold", "1.2": "planned"}
    update.refresh_from_db()
    assert (update.text, update.dated_on) == ("It was in May.", dt.date(2020, 5, 31))
    assert second.assessments.get().status == "planned"
    assert [link.label for link in update.evidence_links.all()] == ["Letter"]
    assert update.history.first().history_change_reason == "The month was wrong."
    assert EvidenceLink.history.filter(history_type="-").get().history_user == user


@pytest.mark.parametrize(
    "changes",
    [
        {"dated_on": dt.date(2020, 5, 1)},
        {"dated_as_published": "May 2020"},
        {"statuses": (("1.1", "completed"),)},
        {"statuses": (("1.1", "planned"), ("1.2", "planned"))},
        {"sums_up": True},
    ],
)
def test_a_minor_correction_touches_words_only(update, user, now, changes):
    make_recommendation()

    with pytest.raises(Refused, match="minor correction"):
        correct_update(update, content=changed(update, **changes), note="x", is_minor=True, by=user, at=now)

    assert Correction.objects.count() == 0
    correct_update(update, content=changed(update, text="Typo mended."), note="x", is_minor=True, by=user, at=now)
    assert Correction.objects.announced().count() == 0


@pytest.mark.parametrize(
    ("changes", "note", "says"),
    [
        ({}, "x", "You changed nothing"),
        ({"text": "New."}, "  ", "public note"),
        ({"text": "   "}, "x", "no text"),
        ({"text": "a\x00"}, "x", "can't be printed"),
        ({"statuses": ()}, "x", "covers no recommendation"),
        ({"statuses": (("1.1", ""),)}, "x", "no status for 1.1"),
        ({"statuses": (("1.1", "done"),)}, "x", "not a valid choice"),
        ({"statuses": (("9.1", "planned"),)}, "x", "9.1, which is in another area"),
        ({"dated_on": dt.date(2999, 1, 1)}, "x", "future"),
        ({"evidence": (("x", "javascript:alert(1)"),)}, "x", "valid URL"),
        ({"text": "New."}, "a\x00", "can't be printed"),
    ],
)
def test_a_bad_correction_is_refused_and_changes_nothing(update, user, now, changes, note, says):
    make_recommendation(area=make_area(number=9))
    before = Content.of(update)

    with pytest.raises(Refused, match=says):
        correct_update(update, content=changed(update, **changes), note=note, by=user, at=now)

    update.refresh_from_db()
    assert Content.of(update) == before
    assert Correction.objects.count() == 0


def test_the_second_of_two_corrections_sees_the_first(update, user, now):
    seen = Content.of(update).fingerprint
    correct_update(update, content=changed(update, text="First."), note="x", by=user, at=now, expected=seen)

    with pytest.raises(Refused, match="Somebody else"):
        correct_update(update, content=changed(update, text="Second."), note="x", by=user, at=now, expected=seen)

    update.refresh_from_db()
    assert update.text == "First."


def test_a_withdrawal_leaves_a_note_and_can_not_be_corrected(update, user, now):
    with pytest.raises(Refused, match="why"):
        withdraw_update(update, note=" ", by=user, at=now)

    withdraw_update(update, note="It happened elsewhere.", by=user, at=now)

    update.refresh_from_db()
    assert (update.withdrawn_at, update.withdrawn_by, str(update.state)) == (now, user, "withdrawn")
    assert Correction.objects.announced().get().is_withdrawal
    assert snapshot(make_plan(), on=now.date()).updates == ()
    with pytest.raises(Refused, match="withdrawn"):
        correct_update(update, content=changed(update, text="x"), note="x", by=user, at=now)
    with pytest.raises(Refused, match="withdrawn"):
        withdraw_update(update, note="Again.", by=user, at=now)


def test_a_draft_is_neither_corrected_nor_withdrawn(user, now):
    draft = make_update(statuses={make_recommendation(): "planned"}, published=False)

    with pytest.raises(Refused, match="isn't published"):
        withdraw_update(draft, note="x", by=user, at=now)


# Reports


def test_publishing_freezes_three_files_and_publishes_the_ticked_ready_ones(report, user, now):
    first, second = make_recommendation(), make_recommendation()
    ticked = make_update(statuses={first: "planned"}, published=False, text="Ticked.")
    left = make_update(statuses={second: "planned"}, published=False, text="canary")
    for ready in (ticked, left):
        mark_ready(ready, by=user, at=now)

    edition = publish_report(report, ready=[ticked.pk], by=user, at=now)

    ticked.refresh_from_db()
    left.refresh_from_db()
    assert (ticked.published_at, ticked.published_by, left.published_at) == (now, user, None)
    assert (edition.number, edition.published_at, edition.published_by) == (1, now, user)
    assert sorted(edition.files.values_list("name", flat=True)) == ["article.html", "report.pdf", "snapshot.json"]
    for file in edition.files.all():
        assert sha256(file.content).hexdigest() == file.sha256
        assert len(file.content) == file.size
        assert b"canary" not in bytes(file.content)
        assert user.username.encode() not in bytes(file.content)
    assert problems() == []


def test_publishing_what_stands_already_makes_nothing(edition, report, user, now):
    with pytest.raises(Unchanged, match="Edition 1 already says exactly this"):
        publish_report(report, by=user, at=now + HOUR, note="Again.")

    assert Edition.objects.get() == edition


def test_a_later_edition_says_why(edition, report, update, user, now):
    correct_update(update, content=changed(update, text="Mended."), note="x", by=user, at=now)

    with pytest.raises(Refused, match="why there is a new edition"):
        publish_report(report, by=user, at=now + HOUR)
    second = publish_report(report, by=user, at=now + HOUR, note="A correction.")

    assert (second.number, second.previous, second.note) == (2, edition, "A correction.")
    assert problems() == []


@pytest.mark.parametrize(
    ("changes", "says"),
    [({"ends_on": dt.date(2020, 7, 31)}, "still to come"), ({"starts_on": dt.date(2020, 6, 30)}, None)],
)
def test_a_period_must_have_ended(report, update, user, now, changes, says):
    for name, value in changes.items():
        setattr(report, name, value)
    report.save()

    if says:
        with pytest.raises(Refused, match=says):
            publish_report(report, by=user, at=now)
    else:
        assert publish_report(report, by=user, at=now).number == 1


@pytest.mark.parametrize(("note", "says"), [("a\x00", "can't be printed"), ("x" * 2001, "longer than 2000")])
def test_a_bad_note_is_refused(report, update, user, now, note, says):
    for act in (
        lambda: publish_report(report, note=note, by=user, at=now),
        lambda: withdraw_update(update, note=note, by=user, at=now),
        lambda: take_down(update, reason=note, by=user, at=now),
    ):
        with pytest.raises(Refused, match=says):
            act()


def test_an_empty_report_and_an_overlapping_one_are_refused(report, user, now):
    make_recommendation()
    with pytest.raises(Refused, match="nothing to report"):
        publish_report(report, by=user, at=now)

    make_report(starts_on=dt.date(2020, 6, 30), ends_on=dt.date(2020, 7, 1))
    with pytest.raises(Refused, match="overlaps"):
        publish_report(report, by=user, at=now)


def test_ticked_updates_must_be_ready_and_of_the_period(report, update, user, now):
    outside = make_update(statuses={make_recommendation(): "planned"}, dated_on=dt.date(2020, 7, 1), published=False)
    mark_ready(outside, by=user, at=now)
    draft = make_update(statuses={make_recommendation(): "planned"}, published=False)

    for wrong in (outside.pk, draft.pk, update.pk, 999_999):
        with pytest.raises(Refused, match="no longer ready"):
            publish_report(report, ready=[wrong], by=user, at=now)

    assert Edition.objects.count() == 0


def test_a_render_that_fails_leaves_everything_as_it_was(report, user, now, monkeypatch):
    ready = make_update(statuses={make_recommendation(): "planned"}, published=False)
    mark_ready(ready, by=user, at=now)

    def fail(*args, **options):
        raise RenderFailed("The PDF took too long.")

    monkeypatch.setattr(pdf, "render", fail)
    with pytest.raises(RenderFailed):
        publish_report(report, ready=[ready.pk], by=user, at=now)

    assert Edition.objects.count() == 0
    assert ProgressUpdate.objects.ready().get() == ready


def test_a_change_during_the_render_is_noticed(report, update, user, now, monkeypatch):
    def meddle(article, **options):
        Recommendation.objects.update(text="Changed meanwhile.")
        return b"%PDF"

    monkeypatch.setattr(pdf, "render", meddle)
    with pytest.raises(Refused, match="changed while it was being published"):
        publish_report(report, by=user, at=now)

    assert Edition.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_of_two_publishing_at_once_one_wins_and_the_other_is_told(now, monkeypatch):
    user, report = make_user(), make_report()
    ready = make_update(statuses={make_recommendation(): "planned"}, published=False)
    mark_ready(ready, by=user, at=now)
    both_have_rendered = threading.Barrier(2, timeout=20)

    def render(article, **options):
        both_have_rendered.wait()
        return b"%PDF"

    monkeypatch.setattr(pdf, "render", render)
    outcomes = []

    def publish():
        try:
            outcomes.append(publish_report(report, ready=[ready.pk], by=user, at=now).number)
        except Refused as refused:
            outcomes.append(str(refused))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=publish) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert Edition.objects.count() == 1
    number, refusal = sorted(outcomes, key=str)
    assert number == 1
    assert "already" in refusal or "changed while" in refusal
    assert problems() == []


# Stories


def test_an_edition_does_not_change_when_everything_under_it_does(
    edition, report, update, user, now, monkeypatch, client
):
    before = {file.name: (bytes(file.content), file.sha256) for file in edition.files.all()}
    words = client.get(edition.get_absolute_url()).content.decode()

    for model, values in (
        (ActionPlan, {"title": "Another: title", "introduction": "x"}),
        (Area, {"title": "Another area"}),
        (Recommendation, {"text": "Another text"}),
        (ResponsibleParty, {"name": "Another party"}),
        (ProgressUpdate, {"text": "Another update"}),
        (Report, {"title": "Another report", "introduction": "x", "closing": "x"}),
    ):
        for thing in model.objects.all():
            for name, value in values.items():
                setattr(thing, name, value)
            thing.save()
    update.assessments.all().delete()
    monkeypatch.setattr(Status.PLANNED, "_label_", "Renamed", raising=False)
    monkeypatch.setattr(
        "recommendations.report.document.article", lambda *args, **options: "<article>Another</article>"
    )

    edition = Edition.objects.get()
    assert {file.name: (bytes(file.content), file.sha256) for file in edition.files.all()} == before
    assert problems() == []
    article = before["article.html"][0].decode()
    assert article in words
    assert article in client.get(edition.get_absolute_url()).content.decode()


def test_an_update_dated_in_a_published_period_waits_for_a_new_edition(edition, report, user, now):
    recommendation = make_recommendation(number=2)
    late = make_update(statuses={recommendation: "completed"}, published=False, dated_on=dt.date(2020, 3, 1))
    publish_update(late, by=user, at=now + HOUR)
    following = make_report(starts_on=dt.date(2020, 7, 1), ends_on=dt.date(2020, 7, 2))
    make_update(statuses={recommendation: "ongoing"}, dated_on=dt.date(2020, 7, 1))

    assert late.pk not in stored_snapshot(edition).updates_by_id
    second = publish_report(report, note="An update arrived late.", by=user, at=now + HOUR)
    third = publish_report(following, by=user, at=now + 2 * HOUR)

    assert late.pk in stored_snapshot(second).updates_by_id
    assert late.pk not in stored_snapshot(third).updates_by_id
    assert (second.compared_with, third.compared_with) == (None, second)
    assert problems() == []


def test_a_correction_and_a_withdrawal_after_an_edition_leave_it_alone(edition, report, update, user, now):
    make_update(statuses={make_recommendation(number=2): "planned"}, text="Another.")
    frozen = edition.content("snapshot.json")
    correct_update(update, content=changed(update, text="Mended."), note="A slip.", by=user, at=now + HOUR)

    second = publish_report(report, note="A slip.", by=user, at=now + HOUR)
    withdraw_update(update, note="Wrong place.", by=user, at=now + 2 * HOUR)
    third = publish_report(report, note="Withdrawn.", by=user, at=now + 2 * HOUR)

    assert edition.content("snapshot.json") == frozen
    texts = [[u.text for u in stored_snapshot(e).updates] for e in (edition, second, third)]
    assert texts == [["Something happened."], ["Mended.", "Another."], ["Another."]]


def test_a_report_of_which_twelve_recommendations_have_no_update(report, user, now):
    recommendations = [make_recommendation() for _ in range(29)]
    make_update(statuses=dict.fromkeys(recommendations[:17], "ongoing"))
    make_update(statuses={recommendations[20]: "planned"}, dated_on=dt.date(2019, 5, 29), dated_as_published="May 2019")

    edition = publish_report(report, by=user, at=now)

    article = edition.content("article.html").decode()
    assert len(stored_snapshot(edition).covered) == 17
    assert article.count("No update in this period") == 12
    assert "May 2019" in article


@pytest.mark.parametrize("act", ["withdrawn", "set aside", "taken down"])
def test_an_edition_without_its_last_update_can_be_published(edition, report, update, user, now, act):
    if act == "withdrawn":
        withdraw_update(update, note="Wrong.", by=user, at=now + HOUR)
    elif act == "set aside":
        set_aside(update, by=user, at=now + HOUR)
    else:
        take_down(update, reason="It named somebody.", by=user, at=now + HOUR)

    second = publish_report(report, note="Without it.", by=user, at=now + 2 * HOUR)

    assert stored_snapshot(second).updates == ()
    assert "No update in this period" in second.content("article.html").decode()
    assert problems() == []


# Take-down


@pytest.mark.parametrize("count", [1, 4])
def test_the_editions_that_hold_an_update_are_found_in_one_query(
    edition, report, update, user, now, django_assert_num_queries, count
):
    for number in range(2, count + 1):
        report.sections.create(heading=f"Section {number}", body="News.")
        publish_report(report, note="A section more.", by=user, at=now + number * HOUR)
    other = make_update(statuses={make_recommendation(): "planned"})

    with django_assert_num_queries(1):
        held = list(Edition.objects.holding(update))

    assert [one.number for one in held] == list(range(1, count + 1))
    assert list(Edition.objects.holding(other)) == []


@pytest.mark.parametrize(("words", "is_told"), [("June 2020", True), ("", False)])
def test_erasing_tells_of_the_date_in_words_that_later_reports_print(user, now, words, is_told):
    update = make_update(statuses={make_recommendation(): "planned"}, dated_as_published=words)

    copies = erase(take_down(update, reason="It named somebody.", by=user, at=now), by=user, at=now)

    assert any("beside the last status" in one for one in copies) == is_told


def forget_what_editions_hold():
    unprotect_editions()
    try:
        EditionUpdate.objects.all().delete()
    finally:
        protect_editions()


def test_what_an_edition_holds_is_on_record_as_its_snapshot_says(edition, update):
    assert set(edition.updates.all()) == {update}

    forget_what_editions_hold()

    assert problems() == ["the recorded list of its updates differs from its snapshot"]


def test_what_earlier_editions_hold_is_recorded_when_the_database_is_upgraded(edition, report, update, user, now):
    held = make_update(statuses={make_recommendation(): "planned"})
    second = publish_report(report, note="One more.", by=user, at=now + HOUR)
    erase(take_down(edition, reason="For safety.", by=user, at=now), by=user, at=now)
    forget_what_editions_hold()

    migration = import_module("recommendations.migrations.0010_what_editions_hold")
    migration.record(apps, SimpleNamespace(connection=connection))
    # Migrated back by this one step alone, and forward again: the rows are there.
    migration.record(apps, SimpleNamespace(connection=connection))

    assert set(second.updates.all()) == {update, held}
    assert not edition.updates.exists()


def test_a_taken_down_update_is_erased_and_what_was_published_still_verifies(edition, report, update, user, now):
    report.sections.create(heading="Thanks", body="canary four")
    content = changed(update, text="canary two", statuses=(("1.1", "on hold"),))
    correct_update(update, content=content, note="canary", by=user, at=now)
    LogEntry.objects.create(
        user=user,
        content_type=ContentType.objects.get_for_model(ProgressUpdate),
        object_id=str(update.pk),
        object_repr="canary",
        action_flag=CHANGE,
    )
    second = publish_report(report, note="canary three", by=user, at=now + HOUR)
    report.sections.get().delete()

    removal = take_down(update, reason="It named somebody.", by=user, at=now + HOUR)
    assert list(Edition.objects.holding(update)) == [edition, second]
    copies = erase(removal, by=user, at=now + HOUR)
    for held in (edition, second):
        erase(take_down(held, reason="It named somebody.", by=user, at=now + HOUR), by=user, at=now + HOUR)

    assert {str(edition), str(second)} <= set(copies)
    assert problems() == []
    assert not any_table_holds("canary")
    assert not any_table_holds("Something happened")
    assert EditionFile.objects.filter(sha256="").count() == 0
    removal.refresh_from_db()
    assert (removal.erased_by, removal.history.count()) == (user, 2)
    update.refresh_from_db()
    assert update.history.get().history_change_reason == "Erased"
    assert [a.recommendation.reference for a in update.assessments.all()] == ["1.1"]
    assert (report.history.get().history_user, report.history.get().history_change_reason) == (user, "Erased")


def test_an_erased_update_is_quoted_by_no_finding_that_somebody_went_on_past(user, now):
    one = make_recommendation()
    update = make_update(statuses={one: "planned"}, text="She can be called: 604-555-0123.")
    make_update(statuses={one: "planned"}, text="Another one.", published=False)
    report = make_report()
    edition = publish_report(report, by=user, at=now)
    assert "604-555-0123" in report.history.first().history_change_reason

    for held in (update, edition):
        erase(take_down(held, reason="It named somebody.", by=user, at=now), by=user, at=now)
        if held == update:
            assert report.history.first().history_change_reason == "Published edition 1\n[erased]"

    assert not any_table_holds("604-555-0123")


def test_taking_down_needs_a_reason_and_something_public_and_happens_once(update, user, now):
    draft = make_update(statuses={make_recommendation(): "planned"}, published=False)

    with pytest.raises(Refused, match="never published"):
        take_down(draft, reason="x", by=user, at=now)
    with pytest.raises(Refused, match="Say why"):
        take_down(update, reason="  ", by=user, at=now)
    removal = take_down(update, reason="x", by=user, at=now)
    with pytest.raises(Unchanged):
        take_down(update, reason="x", by=user, at=now)
    erase(removal, by=user, at=now)
    with pytest.raises(Unchanged):
        erase(removal, by=user, at=now)

    assert TakeDown.objects.count() == 1


def test_after_a_take_down_the_same_words_can_be_published_again(edition, report, user, now):
    take_down(edition, reason="An address on the cover.", by=user, at=now)

    second = publish_report(report, note="Without the address.", by=user, at=now + HOUR)

    assert second.number == 2


# Immutability and verification


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE recommendations_edition SET number = 7",
        "UPDATE recommendations_edition SET note = 'other'",
        "UPDATE recommendations_editionfile SET content = 'x'",
        "UPDATE recommendations_editionfile SET content = NULL, sha256 = 'x'",
        "UPDATE recommendations_editionfile SET content = NULL",
        "UPDATE recommendations_edition SET note = '[erased]'",
        "DELETE FROM recommendations_editionfile",
        "DELETE FROM recommendations_edition",
        "UPDATE recommendations_editionupdate SET edition_id = 7",
        "DELETE FROM recommendations_editionupdate",
    ],
)
def test_the_database_refuses_to_change_what_was_published(edition, statement):
    if connection.vendor == "postgresql":
        statement = statement.replace("content = 'x'", "content = '\\x00'::bytea")

    with pytest.raises(DatabaseError, match="never changes"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)

    assert problems() == []


def test_the_database_refuses_what_row_triggers_do_not_see(edition):
    statement = {
        "sqlite": "INSERT OR REPLACE INTO recommendations_editionfile SELECT id, name, 'x', size, sha256, edition_id"
        " FROM recommendations_editionfile",
        "postgresql": "TRUNCATE recommendations_editionfile",
    }[connection.vendor]

    connection.check_constraints()

    with pytest.raises(DatabaseError, match="never changes"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def change_one_byte(name):
    file = EditionFile.objects.get(name=name)
    content = bytes(file.content)
    EditionFile.objects.filter(pk=file.pk).update(content=bytes([content[0] ^ 1]) + content[1:])


@pytest.mark.parametrize(
    ("tamper", "says"),
    [
        (lambda: EditionFile.objects.filter(name="article.html").update(content=b"x"), "article.html is not what was"),
        (lambda: change_one_byte("report.pdf"), "report.pdf is not what was published"),
        (lambda: EditionFile.objects.filter(name="report.pdf").update(content=None), "no erasure is on record"),
        (lambda: EditionFile.objects.filter(name="report.pdf").delete(), "its files are not the three"),
        (lambda: EditionFile.objects.update(sha256="0" * 64), "its seal is broken"),
        (lambda: Edition.objects.update(published_at=dt.datetime(2020, 1, 1, tzinfo=dt.UTC)), "its seal is broken"),
        (lambda: Edition.objects.update(note="Another."), "note is not what was published"),
    ],
)
def test_verification_notices_every_tampering(edition, tamper, says):
    assert missing_protection(connection) == []
    unprotect_editions()
    try:
        tamper()

        with pytest.raises(CommandError, match=says):
            call_command("verify_editions")
        with pytest.raises(CommandError, match="lacks the triggers"):
            call_command("verify_editions")
    finally:
        protect_editions()


def test_verification_says_that_all_is_well(edition, capsys):
    call_command("verify_editions")

    assert capsys.readouterr().out == "All 1 editions are as they were published.\n"


def test_seals_chain_across_reports(edition, report, user, now):
    following = make_report(starts_on=dt.date(2020, 7, 1), ends_on=dt.date(2020, 7, 2))
    make_update(statuses={make_recommendation(number=2): "ongoing"}, dated_on=dt.date(2020, 7, 1))
    second = publish_report(following, by=user, at=now)

    assert second.previous == edition
    hashes = dict(second.files.values_list("name", "sha256"))
    assert seal_of(second, hashes) == second.seal
    second.previous = None
    assert seal_of(second, hashes) != second.seal


# After the first edition


def test_numbers_addresses_and_periods_are_fixed_by_the_first_edition(edition, report, update):
    recommendation = Recommendation.objects.get()
    recommendation.number = 5
    area = Area.objects.get()
    area.number = 5
    report.slug, report.ends_on = "another", dt.date(2020, 6, 29)

    for fields, thing in ((["number"], recommendation), (["number"], area), (["slug", "ends_on"], report)):
        with pytest.raises(ValidationError, match="can't change") as caught:
            thing.full_clean()
        assert list(caught.value.message_dict) == fields


def test_what_is_added_after_the_first_edition_says_since_when(edition):
    late = Recommendation(area=Area.objects.get(), number=9, text="Do more.")

    with pytest.raises(ValidationError) as caught:
        late.full_clean()
    assert list(caught.value.message_dict) == ["added_on"]

    late.added_on = dt.date(2020, 7, 1)
    late.full_clean()


# Going on past findings


def test_who_publishes_past_which_findings_stays_in_the_history_for_staff(user, now):
    one, two = make_recommendation(), make_recommendation()
    update = make_update(statuses={one: "planned"}, published=False, text="Call 604-555-0123.")
    updates.publish_update(update, by=user, at=now)
    report = make_report()
    edition = reports.publish_report(report, by=user, at=now)
    text = "Call 604-555-0124."
    content = replace(Content.of(update), text=text)
    correction = updates.correct_update(update, content=content, note="The number.", by=user, at=now)

    row = report.history.first()
    assert (row.history_user, row.history_type) == (user, "~")
    assert row.history_change_reason.startswith(
        "Published edition 1\nWent ahead despite these findings:\n– 1 recommendation has"
    )
    assert "604-555-0123" in row.history_change_reason
    assert two.reference in row.history_change_reason
    reasons = [row.history_change_reason for row in update.history.all()]
    assert reasons[0].startswith("The number.\nWent ahead despite")
    assert "604-555-0124" in reasons[0]
    assert reasons[1].startswith("Published\nWent ahead despite")
    assert (correction.note, edition.note) == ("The number.", "")
