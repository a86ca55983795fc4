"""Texts and versions side by side: what an edition, a correction or a restoration would change."""

import datetime as dt
from dataclasses import replace

import pytest
from django.db import connection
from django.utils import timezone

from recommendations.models import Assessment, Correction, EvidenceLink, ProgressUpdate, ReportSection, ResponsibleParty
from recommendations.publishing.history import histories, version_of
from recommendations.publishing.reports import publish_report
from recommendations.publishing.updates import Content, correct_update, mark_ready
from recommendations.text.diff import articles_compared, words_compared
from tests.factories import make_party, make_recommendation, make_report, make_update
from tests.people import LINKS, add_address, address, granted, typed_correction, typed_report, typed_update

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fake_pdf")]


# Comparing


def test_words_are_compared_and_the_pieces_make_up_both_texts():
    before, after = "The board met twice in May.", "The new board met once in May, at last."
    pieces = words_compared(before, after)

    assert "".join(piece.text for piece in pieces if piece.kind != "added") == before
    assert "".join(piece.text for piece in pieces if piece.kind != "removed") == after
    assert [piece.text for piece in pieces if piece.kind == "added"] == ["new ", "once ", "May, at last."]


def test_long_monotonous_texts_are_compared_in_good_time():
    words_compared("word " * 4_000 + "end", "word " * 3_999 + "other end")


def test_articles_are_compared_by_their_words_under_their_headings():
    before = "<article><h2>One</h2><p>Same <b>words</b>.</p><p>Old text here.</p><h2>Two</h2><p>Gone.</p></article>"
    after = "<article><h2>One</h2><p>Same words.</p><p>New text here.</p><h2>Two</h2></article>"

    found = articles_compared(before, after)

    assert [(block.heading, [(piece.kind, piece.text) for piece in block.pieces]) for block in found] == [
        ("One", [("removed", "Old "), ("added", "New "), ("same", "text here.")]),
        ("Two", [("removed", "Gone.")]),
    ]


def test_another_picture_is_a_difference():
    one, other = (f'<p><img src="/logos/{name * 8}.png" alt="City of W"></p>' for name in ("0123", "4567"))

    (block,) = articles_compared(one, other)

    assert [(piece.kind, piece.text) for piece in block.pieces] == [
        ("same", "[Picture: City of W, "),
        ("removed", "01230123]"),
        ("added", "45674567]"),
    ]
    assert articles_compared(one, one) == []


def test_a_report_is_compared_with_its_newest_edition(staff, user, now):
    update = make_update(statuses={make_recommendation(): "planned"}, text="What was said.")
    report = make_report()
    compare = address("report_compare", report.pk)
    assert "nothing to compare it with" in staff.get(compare).content.decode()
    publish_report(report, by=user, at=now)
    assert "Nothing would change." in staff.get(compare).content.decode()
    correct_update(
        update, content=replace(Content.of(update), text="What is right."), note="n", by=user, at=timezone.now()
    )

    page = staff.get(compare)

    pieces = [piece for block in page.context["changed"] for piece in block.pieces]
    assert "was said." in [piece.text for piece in pieces if piece.kind == "removed"]
    assert "<del>" in page.content.decode()
    assert "About this edition" not in [block.heading for block in page.context["changed"]]


def test_a_correction_is_compared_word_by_word_before_it_is_published(staff):
    one = make_recommendation()
    update = make_update(statuses={one: "planned"}, text="What was said.")
    typed = typed_correction(update, text="What is said: call 604-555-0123.", **{f"coverage-{one.pk}": "completed"})

    shown = staff.post(address("progressupdate_correct", update.pk), typed | {"_compare": "1"})

    assert not Correction.objects.exists()
    assert [label for label, _pieces in shown.context["compared"]] == ["Text", "Statuses"]
    assert "604-555-0123" in shown.context["findings"][0].message
    assert "What is said: call" in shown.content.decode()
    staff.post(address("progressupdate_correct", update.pk), typed)
    assert Correction.objects.count() == 1


def test_an_update_is_compared_with_what_was_last_published_on_it(staff, user, now):
    one = make_recommendation()
    make_update(statuses={one: "planned"}, dated_on=dt.date(2019, 6, 1), text="It is planned.")
    update = make_update(statuses={one: "ongoing"}, published=False, text="It is done. Call 604-555-0123.")
    mark_ready(update, by=user, at=now)

    page = staff.get(address("progressupdate_publish", update.pk))

    assert [piece.text for piece in page.context["compared"] if piece.kind == "removed"] == ["planned."]
    assert "604-555-0123" in page.context["findings"][0].message


# History


def keys_of(client, name, thing):
    page = client.get(address(f"{name}_history", thing.pk))
    return [entry.key for entry in page.context["entries"]]


def saved(client, thing, **typed):
    """Saves the update's form, as staff do."""
    statuses = {one.recommendation: one.status for one in thing.assessments.select_related("recommendation__area")}
    data = typed_update(statuses, version=version_of(thing), **typed)
    assert client.post(address("progressupdate_change", thing.pk), data).status_code == 302


def test_any_two_rows_of_the_history_are_compared_parts_included(staff):
    one, two = make_recommendation(), make_recommendation()
    staff.post(add_address(covering=one.reference), typed_update({one: "planned"}, text="First words."))
    update = ProgressUpdate.objects.get()
    first = keys_of(staff, "progressupdate", update)[0]
    ProgressUpdate.history.update(history_date=timezone.now() - dt.timedelta(hours=2))
    Assessment.history.update(history_date=timezone.now() - dt.timedelta(hours=2))
    typed = typed_update({one: "ongoing", two: ""}, text="Second words.", version=version_of(update))
    staff.post(address("progressupdate_change", update.pk), typed)
    newest = keys_of(staff, "progressupdate", update)[0]

    page = staff.get(f"{address('progressupdate_history', update.pk)}?from={newest}&to={first}")

    assert [label for label, _pieces in page.context["compared"]] == [
        "Text",
        "Recommendations covered, and where each stands",
    ]
    assert page.context["earlier"].at < page.context["later"].at


@pytest.mark.parametrize("key", ["", "x", "0-999999", "9-1", "\x00", "0-" + "9" * 40])
def test_history_keys_that_name_nothing_do_no_harm(staff, key):
    report = make_report()

    assert staff.get(address("report_history", report.pk), {"from": key, "to": key}).status_code == 200
    answer = staff.get(address("report_restore", report.pk), {"to": key})
    assert (answer.status_code, answer.url) == (302, address("report_history", report.pk))


def test_an_old_version_of_a_draft_is_restored_as_a_new_change(staff, user):
    one, two = make_recommendation(), make_recommendation()
    link = {
        "evidence_links-TOTAL_FORMS": "1",
        "evidence_links-0-label": "Minutes",
        "evidence_links-0-address": "https://example.org/minutes",
    }
    staff.post(add_address(covering=one.reference), typed_update({one: "planned"}, text="First words.", **link))
    update = ProgressUpdate.objects.get()
    then = keys_of(staff, "progressupdate", update)[0]
    hours_ago(update)
    EvidenceLink.objects.all().delete()
    saved(
        staff,
        update,
        text="Second words.",
        coverage=[two.pk],
        **{f"coverage-{one.pk}": "", f"coverage-{two.pk}": "ongoing"},
    )
    before = sum(rows.count() for rows in histories(update))

    restore = f"{address('progressupdate_restore', update.pk)}?to={then}"
    page = staff.get(restore)
    assert "First" in page.content.decode()
    staff.post(restore, {"version": page.context["form"]["version"].value(), "change_reason": "Mistake"})

    update.refresh_from_db()
    content = Content.of(update)
    assert (content.text, content.statuses) == ("First words.", (("1.1", "planned"),))
    assert content.evidence == (("Minutes", "https://example.org/minutes"),)
    assert sum(rows.count() for rows in histories(update)) > before
    row = update.history.first()
    assert row.history_user == user
    assert row.history_change_reason.startswith("Restored as it was on")
    assert row.history_change_reason.endswith(": Mistake")


def hours_ago(thing):
    for rows in histories(thing):
        rows.update(history_date=timezone.now() - dt.timedelta(hours=2))


def test_restoring_what_moved_meanwhile_is_refused(staff):
    report = make_report(introduction="First.")
    then = keys_of(staff, "report", report)[0]
    hours_ago(report)
    staff.post(address("report_change", report.pk), typed_report(report, introduction="Second."))
    restore = f"{address('report_restore', report.pk)}?to={then}"
    seen = staff.get(restore).context["form"]["version"].value()
    report.refresh_from_db()
    staff.post(address("report_change", report.pk), typed_report(report, introduction="Third."))

    refused = staff.post(restore, {"version": seen})

    report.refresh_from_db()
    assert "changed while you were looking" in refused.content.decode()
    assert report.introduction == "Third."


def test_a_report_is_restored_with_its_sections(staff):
    report = make_report(introduction="First.")
    kept = ReportSection.objects.create(report=report, heading="Thanks", body="To all.")
    then = keys_of(staff, "report", report)[0]
    hours_ago(report)
    report.introduction = "Second."
    report.save()
    kept.delete()
    ReportSection.objects.create(report=report, heading="News", body="None.")

    restore = f"{address('report_restore', report.pk)}?to={then}"
    staff.post(restore, {"version": staff.get(restore).context["form"]["version"].value()})

    report.refresh_from_db()
    assert report.introduction == "First."
    assert [section.heading for section in report.sections.all()] == ["Thanks"]


def test_a_recommendation_is_restored_with_its_parties_where_that_is_allowed(staff, user, now):
    one = make_recommendation(text="First.")
    one.parties.set([make_party(name="funders")])
    then = keys_of(staff, "recommendation", one)[0]
    hours_ago(one)
    typed = {"area": one.area_id, "reference": "1.7", "text": "Second.", "version": version_of(one), **LINKS}
    staff.post(address("recommendation_change", one.pk), typed)
    restore = f"{address('recommendation_restore', one.pk)}?to={then}"
    seen = staff.get(restore).context["form"]["version"].value()
    make_update(statuses={one: "planned"})
    publish_report(make_report(), by=user, at=now)

    told = {"public_reason": "It was right.", "text_change": "spelling"}
    refused = staff.post(restore, {"version": seen, **told})
    assert "it can&#x27;t change" in refused.content.decode()
    one.refresh_from_db()
    assert (one.reference, one.text) == ("1.7", "Second.")
    assert not one.parties.exists()


def test_a_recommendation_is_restored_without_a_party_that_was_deleted_since(staff):
    one = make_recommendation(parties=[make_party(name="funders"), make_party(name="police")])
    then = keys_of(staff, "recommendation", one)[0]
    hours_ago(one)
    one.parties.clear()
    ResponsibleParty.objects.get(name="funders").delete()
    restore = f"{address('recommendation_restore', one.pk)}?to={then}"
    page = staff.get(restore)
    before = one.history.latest("history_id").history_date

    done = staff.post(restore, {"version": page.context["form"]["version"].value()})

    assert "has since been deleted" in page.content.decode()
    assert (done.status_code, one.parties.get().name) == (302, "police")
    assert all(row.history_change_reason for row in one.history.filter(history_date__gt=before))
    connection.check_constraints()


def test_restoring_what_was_published_begins_a_correction_with_the_old_words(staff, user, now):
    one = make_recommendation()
    update = make_update(statuses={one: "planned"}, text="First words.", evidence=[("Minutes", "https://a.example/m")])
    then = keys_of(staff, "progressupdate", update)[0]
    hours_ago(update)
    content = replace(Content.of(update), text="Second words.", evidence=())
    correct_update(update, content=content, note="n", by=user, at=now)

    page = staff.get(f"{address('progressupdate_restore', update.pk)}?to={then}", follow=True)

    assert page.redirect_chain[0][0].startswith(address("progressupdate_correct", update.pk))
    assert page.context["form"].initial["text"] == "First words."
    assert page.context["evidence"].initial == [{"label": "Minutes", "address": "https://a.example/m"}]
    update.refresh_from_db()
    assert update.text == "Second words."


def test_restoring_needs_the_permission_to_change():
    report = make_report()
    viewer = granted("view_report")
    key = str(report.history.first().save_id)

    assert viewer.get(f"{address('report_restore', report.pk)}?to={key}").status_code == 403
    assert "Restore this" not in viewer.get(address("report_history", report.pk)).content.decode()
