"""The acts of publishing, each alone and several in a row."""

import datetime as dt
import re
import threading
from dataclasses import replace
from hashlib import sha256

import pytest
from django.db import connections

from recommendations.models import (
    ActionPlan,
    Area,
    Correction,
    Edition,
    EvidenceLink,
    ProgressUpdate,
    Recommendation,
    Report,
    ResponsibleParty,
    Status,
)
from recommendations.publishing import reports, updates
from recommendations.publishing.acts import Refused, Unchanged
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
from tests.factories import (
    changed_content,
    make_area,
    make_plan,
    make_recommendation,
    make_report,
    make_update,
    make_user,
)
from tests.rows import problems

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fake_pdf")]
HOUR = dt.timedelta(hours=1)


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
    with pytest.raises(Refused, match="correct it or withdraw it"):
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
        content=changed_content(
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
        correct_update(update, content=changed_content(update, **changes), note="x", is_minor=True, by=user, at=now)

    assert Correction.objects.count() == 0
    correct_update(
        update, content=changed_content(update, text="Typo mended."), note="x", is_minor=True, by=user, at=now
    )
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
        correct_update(update, content=changed_content(update, **changes), note=note, by=user, at=now)

    update.refresh_from_db()
    assert Content.of(update) == before
    assert Correction.objects.count() == 0


def test_the_second_of_two_corrections_sees_the_first(update, user, now):
    seen = Content.of(update).fingerprint
    correct_update(update, content=changed_content(update, text="First."), note="x", by=user, at=now, expected=seen)

    with pytest.raises(Refused, match="Somebody else"):
        correct_update(
            update, content=changed_content(update, text="Second."), note="x", by=user, at=now, expected=seen
        )

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
        correct_update(update, content=changed_content(update, text="x"), note="x", by=user, at=now)
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
    correct_update(update, content=changed_content(update, text="Mended."), note="x", by=user, at=now)

    with pytest.raises(Refused, match="why there is a new edition"):
        publish_report(report, by=user, at=now + HOUR)
    second = publish_report(report, by=user, at=now + HOUR, note="A correction.")

    assert (second.number, second.previous, second.note) == (2, edition, "A correction.")
    assert problems() == []


@pytest.mark.parametrize(
    ("changes", "says"),
    [({"ends_on": dt.date(2020, 7, 31)}, "is in the future"), ({"starts_on": dt.date(2020, 6, 30)}, None)],
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
def test_of_twenty_publishing_at_once_one_wins_and_the_others_are_told(now, monkeypatch):
    user, report = make_user(), make_report()
    ready = make_update(statuses={make_recommendation(): "planned"}, published=False)
    mark_ready(ready, by=user, at=now)
    all_have_rendered = threading.Barrier(20, timeout=120)

    def render(article, **options):
        all_have_rendered.wait()
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

    threads = [threading.Thread(target=publish) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert Edition.objects.count() == 1
    number, *refusals = sorted(outcomes, key=str)
    assert (number, len(refusals)) == (1, 19)
    assert all("already" in refusal or "changed while" in refusal for refusal in refusals)
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
    correct_update(update, content=changed_content(update, text="Mended."), note="A slip.", by=user, at=now + HOUR)

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
    assert article.count("No update in this period") == 1
    listed = article.partition("No update in this period")[2].partition("</table>")[0]
    without = [entry.anchor for entry in stored_snapshot(edition).recommendations if not entry.shown]
    assert re.findall(r'id="(r[^"]+)"', listed) == without
    assert len(without) == 12
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


# Going on past findings


@pytest.mark.usefixtures("supported")
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
