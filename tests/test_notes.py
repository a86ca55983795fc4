"""Notes for colleagues: what is found in them, how they are erased, when they end, and what keeps them."""

import datetime as dt
from io import StringIO

import pytest
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client

from recommendations.accounts import unsaved
from recommendations.models import ActionPlan, FindingAnswer, LegalHold, NoteEnding, ProgressUpdate, TakeDown
from recommendations.publishing.acts import Refused, Unchanged
from recommendations.publishing.erasure import erase
from recommendations.publishing.history import version_of
from recommendations.publishing.notes import end_notes, erase_note, lift_hold, place_hold
from recommendations.publishing.reports import publish_report
from recommendations.publishing.takedowns import take_down
from recommendations.publishing.updates import mark_ready, publish_update
from recommendations.reading import findings
from recommendations.workspace.history import History
from recommendations.workspace.reminders import due
from tests.factories import make_plan, make_recommendation, make_report, make_update, make_user
from tests.people import FORMATS, add_address, address, export, exported_words, granted, typed_update
from tests.rows import any_table_holds, database_file, make_once

pytestmark = pytest.mark.django_db
CANARIES = ("Zwetschge", "Quitte", "604-555-0123")
PUBLISHED = dt.datetime(2020, 7, 2, 17, 0, tzinfo=dt.UTC)


def on(day):
    return PUBLISHED + dt.timedelta(days=day)


@pytest.fixture
def over(user, fake_pdf):
    """An update with a note, in a report whose edition was published on `PUBLISHED`; notes end after 90 days."""
    make_once("over", lambda: publish_with_a_note(by=user), by=user)
    return ProgressUpdate.objects.get()


def publish_with_a_note(*, by):
    plan = make_plan()
    plan.notes_end_after = 90
    plan.save()
    make_update(statuses={make_recommendation(): "planned"}, private_note="Zwetschge said so.")
    publish_report(make_report(), by=by, at=PUBLISHED)


def note_of(update):
    return ProgressUpdate.objects.get(pk=update.pk).private_note


# Erasing one


def test_an_erased_note_is_in_no_table_file_history_session_page_or_export(client, staff, user):
    one = make_recommendation()
    typed = typed_update({one: "planned"}, text="It is planned.", private_note="Zwetschge told us: 604-555-0123.")
    staff.post(add_address(covering=one.reference), typed)
    update = ProgressUpdate.objects.get()
    staff.post(
        address("progressupdate_change", update.pk), typed | {"version": version_of(update), "private_note": "Quitte."}
    )
    typed |= {"private_note": "Quitte Verletzt said so.", "version": version_of(update), "change_reason": "Mixed up."}
    staff.post(address("progressupdate_change", update.pk), typed)
    update.refresh_from_db()
    answer = {f"answer-{findings.of_note(update)[0].key}": "Quitte is not a person."}
    staff.post(address("progressupdate_check", update.pk), answer)
    assert FindingAnswer.objects.count() == 1
    colleague = Client()
    colleague.force_login(make_user())
    session = colleague.session
    kept = ["text", ["Something else"]]
    session[unsaved.SESSION_KEY] = {
        "path": address("progressupdate_change", update.pk),
        "fields": [kept, ["private_note", ["Quitte Verletzt, and more"]]],
        "files": False,
    }
    session.save()
    assert all(any_table_holds(word) for word in CANARIES)
    assert (CANARIES[0].encode() in database_file()) == (connection.vendor == "sqlite")

    page = address("progressupdate_erase_note", update.pk)
    version = staff.get(page).context["form"]["version"].value()
    done = staff.post(page, {"reason": "She asked.", "understood": "on", "version": version})

    assert "Where copies may remain" in done.content.decode()
    assert not any(any_table_holds(word) for word in CANARIES)
    assert not any(word.encode() in database_file() for word in CANARIES)
    assert colleague.session[unsaved.SESSION_KEY]["fields"] == [kept]
    assert not any(word in str(one.get_decoded()) for one in Session.objects.all() for word in CANARIES)
    pages = ["progressupdate_change", "progressupdate_history", "progressupdate_erase_note"]
    said = [staff.get(address(name, update.pk)).content.decode() for name in pages]
    said += [exported_words(export(staff, "recommendations_progressupdate", kind), kind) for kind in FORMATS]
    assert not any(word in words for words in said for word in CANARIES)
    # Who and when stay, and the rest of the update.
    rows = list(update.history.order_by("history_id"))
    assert [entry.why for entry in History(update)[::-1]] == [
        *["Note for colleagues, erased since"] * 2,
        "Mixed up.",
        "Note for colleagues erased: She asked.",
    ]
    assert {row.history_user for row in rows} == {user}
    assert {row.text for row in rows} == {"It is planned."}


def test_erasing_a_note_is_refused_without_one_or_where_it_was_changed_meanwhile(user):
    update = make_update(statuses={make_recommendation(): "planned"})
    with pytest.raises(Unchanged):
        erase_note(update, reason="x", expected=version_of(update), by=user)
    update.private_note = "Zwetschge"
    seen = version_of(update)
    update.save()

    with pytest.raises(Refused, match="changed it"):
        erase_note(update, reason="x", expected=seen, by=user)
    with pytest.raises(Refused, match="why"):
        erase_note(update, reason=" ", expected=version_of(update), by=user)

    assert note_of(update) == "Zwetschge"


# What is found in one


def test_a_finding_on_a_note_says_what_it_is_and_never_its_words(staff, user, now):
    update = make_update(
        statuses={make_recommendation(): "planned"}, published=False, private_note="Call 604-555-0123."
    )

    (found,) = findings.of_note(update)
    page = staff.get(address("progressupdate_change", update.pk))

    assert found.message.startswith("A phone number in the note for colleagues. Say role and permission instead")
    assert found in page.context["findings"]
    mark_ready(update, by=user, at=now)
    publish_update(update, by=user, at=now)
    assert "note" not in update.history.first().history_change_reason
    assert findings.of_note(make_update(statuses={make_recommendation(): ""}, private_note="The coordinator.")) == []


# Their term


@pytest.mark.parametrize(
    ("days", "told", "kept"),
    [((75,), False, True), ((76,), True, True), ((76, 89), True, True), ((76, 90), False, False), ((200,), True, True)],
)
def test_a_note_ends_after_its_term_once_staff_were_told_for_two_weeks(over, days, told, kept):
    for day in days:
        end_notes(at=on(day))

    assert NoteEnding.objects.exists() == told
    assert bool(note_of(over)) == kept
    assert any_table_holds("Zwetschge") == kept


def test_the_end_of_notes_is_a_reminder_and_names_no_words(over):
    end_notes(at=on(76))

    (reminder,) = [one for one in due(on=on(76).date()) if one.key.startswith("notes")]

    assert f"The note for colleagues of 1 update ends on September 30, 2020, and its words are erased: U{over.pk}." in (
        reminder.message
    )
    assert over.history.count() == 2


def test_the_command_says_what_it_does_and_tries_it_first(over):
    end_notes(at=on(76))

    tried, done = StringIO(), StringIO()
    call_command("end_notes", "--dry-run", stdout=tried)
    assert note_of(over)
    call_command("end_notes", stdout=done)

    assert tried.getvalue() == f"- U{over.pk}: its note would be erased.\n"
    assert done.getvalue() == f"- U{over.pk}: its note was erased.\n"
    row = over.history.first()
    assert (row.history_user, row.save_act) == (None, "end_notes")
    assert row.history_change_reason == "Note for colleagues ended: 90 days after the edition"
    assert not any_table_holds("Zwetschge")


def test_without_a_term_nothing_ends_and_what_was_announced_is_taken_back(over):
    end_notes(at=on(76))
    ActionPlan.objects.update(notes_end_after=None)

    end_notes(at=on(400))

    assert note_of(over)
    assert not NoteEnding.objects.exists()


def test_a_new_edition_begins_the_term_anew(over, user):
    end_notes(at=on(76))
    make_update(statuses={make_recommendation(): "planned"})
    publish_report(over_report(), by=user, at=on(80), note="More.")

    end_notes(at=on(100))

    assert note_of(over)
    assert not NoteEnding.objects.exists()


def over_report():
    return make_plan().reports.get()


def test_the_notes_of_deleted_drafts_end_too(over, staff):
    draft = make_update(statuses={make_recommendation(): ""}, published=False, private_note="Quitte said so.")
    draft.delete()

    end_notes(at=on(90))

    assert not any_table_holds("Quitte")
    assert note_of(over)


# Legal holds


def test_under_a_legal_hold_no_note_ends_or_is_erased_and_afterwards_it_is_announced_anew(over, user):
    end_notes(at=on(76))
    place_hold(reason="A lawyer wrote.", by=user, at=on(77))
    end_notes(at=on(90))
    with pytest.raises(Refused, match="A lawyer wrote"):
        erase_note(over, reason="x", expected=version_of(over), by=user)
    with pytest.raises(Unchanged):
        place_hold(reason="Again.", by=user, at=on(91))
    assert [one.message.split(",")[0] for one in due(on=on(90).date()) if one.key.startswith("hold")] == [
        "A legal hold is on"
    ]

    lift_hold(reason="It is settled.", by=user, at=on(100))
    end_notes(at=on(100))

    assert note_of(over)
    assert NoteEnding.objects.get().ends_on == on(114).date()
    reasons = list(ActionPlan.history.values_list("history_change_reason", flat=True)[:2])
    assert reasons == ["Legal hold lifted: It is settled.", "Legal hold placed: A lawyer wrote."]


def test_safety_goes_before_a_legal_hold_and_the_page_says_that_it_is_on(over, staff, user, now):
    place_hold(reason="A lawyer wrote.", by=user, at=now)
    removal = take_down(over, reason="It named somebody.", by=user, at=now)

    assert "A lawyer wrote." in staff.get(address("takedown_erase", removal.pk)).content.decode()
    erase(removal, by=user, at=now)

    assert TakeDown.objects.get().erased_at == now


@pytest.mark.parametrize(
    ("lifted_reason", "is_lifted", "is_right"),
    [("", False, True), ("x", True, True), ("", True, False), ("x", False, False)],
)
def test_a_hold_is_lifted_by_somebody_for_a_reason(user, now, lifted_reason, is_lifted, is_right):
    make_plan()
    lifted = {"lifted_at": now, "lifted_by": user} if is_lifted else {}
    hold = LegalHold(reason="x", placed_at=now, placed_by=user, lifted_reason=lifted_reason, **lifted)

    if is_right:
        hold.save()
    else:
        with pytest.raises(IntegrityError), transaction.atomic():
            hold.save()


def test_a_hold_is_placed_by_publishers_and_lifted_by_administrators_on_its_page(staff, user):
    make_plan()
    page = address("actionplan_legal_hold", 1)
    staff.post(page, {"reason": "A lawyer wrote.", "_place": "1"})
    publisher = granted("view_actionplan", "add_legalhold")

    seen = publisher.get(page).content.decode()
    refused = publisher.post(page, {"reason": "It is over.", "_lift": "1"})

    assert "A lawyer wrote." in seen
    assert "Only an administrator can lift it." in seen
    assert refused.status_code == 403
    staff.post(page, {"reason": "It is over.", "_lift": "1"})
    assert not LegalHold.objects.current().exists()
    assert "It is over." in publisher.get(page).content.decode()
