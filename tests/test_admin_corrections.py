"""An update that is published, in the admin: corrected, withdrawn or taken down."""

import json
from dataclasses import replace

import pytest
from django.utils import timezone

from recommendations.models import Correction, Edition, SiteExport, TakeDown
from recommendations.publishing.history import version_of
from recommendations.publishing.reports import publish_report
from recommendations.publishing.takedowns import take_down
from recommendations.publishing.updates import Content, correct_update, withdraw_update
from recommendations.text import dates
from tests.factories import AT, make_draft, make_report
from tests.people import address, sent_by, typed_correction

NUL = "\x00"

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fake_pdf")]


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


@pytest.mark.parametrize("button", ["_compare", "_save"])
def test_a_minor_correction_that_moves_more_than_words_is_refused_at_the_first_press(staff, published, button):
    one, two = (assessment.recommendation for assessment in published.assessments.all())
    typed = typed_correction(
        published,
        is_minor="on",
        dated_on="2020-06-02",
        sums_up="on",
        **{f"coverage-{one.pk}": "completed", button: "1"},
    )
    typed["coverage"] = [str(one.pk)]
    typed[f"coverage-{two.pk}"] = ""

    response = staff.post(address("progressupdate_correct", published.pk), typed)

    assert response.context["form"].errors == {
        "is_minor": [
            (
                "A minor correction can't change the date, the recommendations covered or a status. This one changes "
                "the date, the recommendations, the status of 1.1 and whether it sums up the period: clear this tick, "
                "or undo that."
            )
        ]
    }
    assert "Publish the correction" not in response.content.decode()
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


@pytest.mark.parametrize(("act", "typed"), [("withdraw", {"note": "Not ours."}), ("set_aside", {}), ("take_down", {})])
def test_who_hides_something_is_told_of_each_copy_of_the_site(staff, published, act, typed):
    SiteExport.objects.create(folder="/srv/copy", made_at=AT)
    act_on = address(f"progressupdate_{act}", published.pk)

    page = staff.post(act_on, typed or {"reason": "Safety."}, follow=True).content.decode()

    assert "the site exported to /srv/copy on July 1, 2020: run export_site for it again" in page
    SiteExport.objects.update(made_at=timezone.now())
    if act == "take_down":
        removal = address("takedown_change", TakeDown.objects.get().pk)
        assert "/srv/copy" not in staff.get(removal).content.decode()


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
    update = make_draft()
    pages = [
        address("progressupdate_change", update.pk),
        address("report_add"),
        address("actionplan_change", update.area.plan_id),
    ]

    found = [one for page in pages for one in staff.get(page).context["inline_admin_formsets"]]
    told = [json.loads(one.inline_formset_data)["options"]["addText"] for one in found]

    # The statuses have a row each, and no button for another.
    assert [words for words in told if words] == [
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
