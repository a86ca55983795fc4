"""What stands beside a recommendation: an explanation in plain words, what “done” means, related ones elsewhere."""

import csv
import datetime as dt
import io
from dataclasses import replace
from html import unescape

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction

from recommendations.models import (
    ActionPlan,
    Correction,
    LinkCheck,
    LinkKind,
    Recommendation,
    RecommendationLink,
    StatusWording,
    Term,
)
from recommendations.publishing.acts import Unchanged
from recommendations.publishing.history import moment_of, version_of
from recommendations.publishing.reports import publish_report
from recommendations.publishing.restoring import restore
from recommendations.publishing.updates import Content, correct_update
from recommendations.reading.editions import stored_snapshot
from recommendations.reading.elsewhere import uses
from recommendations.reading.findings import of_recommendation, of_report, of_update
from recommendations.reading.snapshot import report_snapshot, snapshot
from recommendations.report import document
from tests.factories import make_plan, make_recommendation, make_report, make_update
from tests.people import address, errors_of, sent_by

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fake_pdf")]

DAY = dt.date(2020, 6, 30)
DONE = {
    "done_means": "A phone *rings* at night.",
    "done_means_set_by": "the steering committee",
    "done_means_set_on": dt.date(2020, 3, 2),
}
EXPLAINED = "Somebody should answer the phone at night."
# Words that only stand where something was filled in.
MARKS = ["plain words", "adopted text", "Done means", "done means", "See also", "Related, not equivalent"]


@pytest.fixture
def one():
    """A recommendation with all that may stand beside it, and an update that calls it completed."""
    one = make_recommendation(text="Offer a safe phone.", explanation=EXPLAINED, **DONE)
    make_link(one, kind=LinkKind.SIGN_LANGUAGE, label="ASL, 4 minutes", address="https://films.example/asl")
    make_link(one, kind=LinkKind.RELATED, label="Call to Action 42", address="https://elsewhere.example/42")
    make_update(statuses={one: "completed"})
    return one


def make_link(recommendation, **overrides):
    return RecommendationLink.objects.create(
        **{
            "recommendation": recommendation,
            "kind": LinkKind.AUDIO,
            "label": "Read aloud",
            "address": "https://films.example/audio",
            **overrides,
        }
    )


def page_of(client, address="/recommendations/1.1/"):
    return unescape(client.get(address).content.decode())


# What readers see


def test_nothing_of_it_shows_until_it_is_filled_in(client, user, now):
    make_update(statuses={make_recommendation(): "completed"})
    publish_report(make_report(slug="first"), by=user, at=now)

    pages = ("/", "/areas/1/", "/recommendations/1.1/", "/reports/first/", "/updates.atom")

    for page in pages:
        said = page_of(client, page)
        assert [mark for mark in MARKS if mark in said] == [], page


def test_an_explanation_is_marked_as_one_and_stands_apart_from_the_adopted_text(client, one):
    said = page_of(client)

    text, _mark, after = said.partition("<strong>In plain words</strong>")
    assert "Offer a safe phone." in text
    assert after.startswith(" (an explanation by Example Organisation, not the adopted text)")
    assert EXPLAINED in after
    assert "In sign language: <a" in said
    assert '<a href="https://films.example/asl" rel="noreferrer" dir="auto">ASL, 4 minutes</a>' in said
    assert said.count(EXPLAINED) == 1


def test_lists_lead_to_the_explanation_and_do_not_repeat_it(client, one):
    for page in ("/", "/areas/1/"):
        said = page_of(client, page)
        assert '<a href="/recommendations/1.1/#in-plain-words">In plain words' in said
        assert EXPLAINED not in said


def test_in_french_a_colon_has_its_space(client, one):
    ActionPlan.objects.update(language="fr-ca")

    assert "En langue des signes\u00a0: <a" in page_of(client)
    assert "</a>\u00a0: Travail terminé" in page_of(client, "/updates.atom")


def test_the_page_about_accessibility_knows_of_explanations(client, one):
    there = page_of(client, "/accessibility/")
    Recommendation.objects.update(explanation="")
    RecommendationLink.objects.exclude(kind=LinkKind.RELATED).delete()

    assert "Explanations, such as those in plain words" in there
    assert "there is no plain-language" not in there
    assert "there is no plain-language" in page_of(client, "/accessibility/")


def test_a_search_finds_the_words_of_an_explanation(client, one):
    assert "Offer a safe phone." in page_of(client, "/?q=somebody+answer")


def test_a_completed_one_says_what_had_to_be_seen(client, one):
    cited = "Here, done means:"
    said = page_of(client)
    make_update(statuses={one: "ongoing"}, dated_on=dt.date(2020, 6, 30))

    reopened = page_of(client)

    assert cited in said
    assert "<dt>Done means</dt>" not in said
    assert "A phone <em>rings</em> at night." in said
    assert "Set by the steering committee on March 2, 2020" in said
    assert cited not in reopened
    assert "<dt>Done means</dt>" in reopened
    assert "Set by the steering committee on March 2, 2020" in reopened


def test_a_related_recommendation_is_no_equivalent(client, one):
    said = page_of(client)

    assert '<a href="https://elsewhere.example/42" rel="noreferrer" dir="auto">Call to Action 42</a>' in said
    assert "Related, not equivalent." in said


def test_a_link_that_is_gone_says_so_and_staff_find_it(client, one, now):
    gone = "https://films.example/asl"
    LinkCheck.objects.create(
        address=gone, answer="404", checked_at=now, failed_at=now - dt.timedelta(days=2), gone_at=now
    )

    said = page_of(client)
    (use,) = uses(on=DAY)[gone]

    assert said.count("no longer there since June 30, 2020") == 1
    assert "no longer there" in said.partition("ASL, 4 minutes")[2].partition("</li>")[0]
    assert (use.where, use.subject, use.label) == ("beside 1.1", one, "ASL, 4 minutes")


def test_links_of_what_readers_cannot_see_yet_are_not_asked_for():
    make_link(make_recommendation(added_on=dt.date(2999, 1, 1)))

    assert [address for address in uses(on=DAY) if "films" in address] == []


def test_no_edition_no_feed_and_no_citation_holds_an_explanation(client, user, now, one):
    edition = publish_report(make_report(slug="first"), by=user, at=now)
    cited = page_of(client).partition(">How to cite it</h2>")[2].partition("<h2")[0]

    words = [EXPLAINED, "ASL, 4 minutes", "Call to Action 42"]
    said = [stored_snapshot(edition).to_json(), page_of(client, "/reports/first/"), page_of(client, "/updates.atom")]

    for place in [*said, cited]:
        assert [one for one in words if one in place] == []


def test_an_edition_keeps_what_done_meant_then(client, user, now, one):
    edition = publish_report(make_report(slug="first"), by=user, at=now)
    Recommendation.objects.update(done_means="Anything.")

    (entry,) = stored_snapshot(edition).recommendations
    said = page_of(client, "/reports/first/")

    assert (entry.done_means, entry.done_means_set_by) == (DONE["done_means"], "the steering committee")
    assert "Done means:" in said
    assert "A phone <em>rings</em> at night." in said
    assert "Set by the steering committee on March 2, 2020" in said


def test_a_report_says_what_done_means_of_completed_ones_only(one):
    make_update(statuses={one: "ongoing"})

    assert "Done means" not in document.article(report_snapshot(make_report()))


def test_an_explanation_makes_no_report_worth_another_edition(user, now, one):
    report = make_report()
    publish_report(report, by=user, at=now)
    Recommendation.objects.update(explanation="Other words.")
    make_link(one)

    with pytest.raises(Unchanged):
        publish_report(report, by=user, at=now, note="Again.")


def test_the_data_hold_it_in_columns_of_its_own(client, one):
    (row,) = csv.DictReader(io.StringIO(client.get("/data/recommendations.csv").content.decode(), newline=""))

    assert row["text"] == "Offer a safe phone."
    assert row["explanation"] == EXPLAINED
    assert row["explained_in"] == "ASL, 4 minutes [sign language] <https://films.example/asl>"
    assert row["see_also"] == "Call to Action 42 <https://elsewhere.example/42>"
    assert (row["done_means"], row["done_means_set_by"]) == (DONE["done_means"], "the steering committee")
    assert row["done_means_set_on"] == "2020-03-02"


# What is stored


@pytest.mark.parametrize("missing", DONE)
def test_what_done_means_is_said_with_who_decided_it_and_when_or_not_at_all(missing):
    one = make_recommendation()
    for name, value in DONE.items():
        setattr(one, name, value)
    one.full_clean()
    setattr(one, missing, None if missing.endswith("_on") else "")

    with pytest.raises(ValidationError) as refused:
        one.full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        one.save()

    assert list(refused.value.message_dict) == [missing]


def test_a_decision_is_not_of_a_day_to_come():
    one = make_recommendation()
    for name, value in {**DONE, "done_means_set_on": dt.date(2999, 1, 1)}.items():
        setattr(one, name, value)

    with pytest.raises(ValidationError, match="in the future"):
        one.clean()


def test_a_link_is_of_a_known_kind_and_there_once():
    one = make_recommendation()
    make_link(one)

    for wrong in ({}, {"kind": "rumour", "address": "https://films.example/other"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            make_link(one, **wrong)


# What staff do


@pytest.fixture
def published(one, user, now):
    return publish_report(make_report(), by=user, at=now)


def typed_links(*links):
    rows = {"links-TOTAL_FORMS": [str(len(links))], "links-INITIAL_FORMS": ["0"]}
    for number, link in enumerate(links):
        rows |= {f"links-{number}-{name}": [value] for name, value in link.items()}
    return rows


def test_staff_explain_and_link_without_a_public_reason_and_the_history_keeps_it(staff, user, now):
    one = make_recommendation(text="Offer a safe phone.")
    make_update(statuses={one: "planned"})
    publish_report(make_report(), by=user, at=now)
    change = address("recommendation_change", one.pk)
    link = {"kind": "easy read", "label": "PDF, 2 pages", "address": "https://films.example/easy"}

    done = staff.post(change, sent_by(staff.get(change)) | {"explanation": [EXPLAINED]} | typed_links(link))

    one.refresh_from_db()
    assert (done.status_code, one.explanation, one.text) == (302, EXPLAINED, "Offer a safe phone.")
    assert one.links.values("kind", "label", "address").get() == link
    assert not Correction.objects.exists()
    history = unescape(staff.get(address("recommendation_history", one.pk)).content.decode())
    assert EXPLAINED in history
    assert "In Easy Read" in history


def test_what_done_means_changes_with_a_public_reason_alone(staff, one, published):
    change = address("recommendation_change", one.pk)
    typed = sent_by(staff.get(change)) | {"done_means": ["Anything."]}

    refused = staff.post(change, typed)
    done = staff.post(change, typed | {"public_reason": ["The committee decided again."]})

    assert "Say in the public reason why you are changing it" in errors_of(refused, "public_reason")[0]
    assert done.status_code == 302
    told = page_of(staff).partition("Changes to this recommendation")[2]
    assert "Done means changed from “A phone *rings* at night.” to “Anything.”" in told
    assert "The committee decided again." in told


def test_what_is_missing_is_asked_for_beside_its_field(staff, one):
    change = address("recommendation_change", one.pk)

    refused = staff.post(change, sent_by(staff.get(change)) | {"done_means_set_by": [""]})

    assert errors_of(refused, "done_means_set_by") == ["Say who decided what “done” means: readers see it."]
    assert "A phone *rings* at night." in refused.content.decode()


def test_two_who_explain_at_once_lose_no_word(staff, one):
    change = address("recommendation_change", one.pk)
    opened = sent_by(staff.get(change))
    Recommendation.objects.get(pk=one.pk).links.first().delete()
    theirs = Recommendation.objects.get(pk=one.pk)
    theirs.explanation = "Their words."
    theirs.save()

    refused = staff.post(change, opened | {"explanation": ["My words."]})

    assert errors_of(refused, "explanation") == ["What it says now: Their words."]
    assert "My words." in refused.content.decode()
    assert Recommendation.objects.get(pk=one.pk).explanation == "Their words."


def test_an_older_version_comes_back_with_its_links(user, one, now):
    then = moment_of(one, str(one.links.last().history.get().save_id))
    one.links.all().delete()
    one.explanation = ""
    one.save()

    restore(one, moment=then, expected=version_of(one), by=user, at=now, reason="Restored")

    one.refresh_from_db()
    assert one.explanation == EXPLAINED
    assert [link.label for link in one.links.all()] == ["ASL, 4 minutes", "Call to Action 42"]


def test_what_readers_will_see_beside_it_is_checked(staff, one):
    Term.objects.create(word="exiting", instead="leaving", recommendation=one)
    change = address("recommendation_change", one.pk)
    typed = sent_by(staff.get(change)) | {"explanation": ["Call 604-555-0123 about exiting."]}

    saved = staff.post(change, typed, follow=True)

    one.refresh_from_db()
    assert [finding.kind for finding in of_recommendation(one)] == ["wording", "identifying"]
    assert "the explanation of 1.1" in unescape(saved.content.decode())
    assert set(of_recommendation(one)) <= set(of_report(make_report(), on=DAY))


def test_whoever_calls_it_completed_is_told_what_must_be_seen(one):
    other = make_recommendation()
    draft = make_update(statuses={one: "completed", other: "completed"}, published=False)
    published = make_update(statuses={one: "completed"})

    StatusWording.objects.create(status="completed", label="Kept")
    (finding,) = of_update(draft)

    assert finding.kind == "done means"
    assert finding.message == (
        "1.1 is called “Kept”. Done means: “A phone *rings* at night.” (Set by the steering committee on "
        "March 2, 2020). Check that the update says where this can be seen."
    )
    assert of_update(published) == []


def test_a_correction_to_completed_records_what_had_to_be_seen(user, now):
    one = make_recommendation(**DONE)
    update = make_update(statuses={one: "ongoing"})

    correct_update(
        update, content=replace(Content.of(update), statuses=(("1.1", "completed"),)), note="It rings.", by=user, at=now
    )

    assert "Done means: “A phone *rings* at night.”" in update.history.latest("history_id").history_change_reason


def test_the_form_of_an_update_says_what_must_be_seen_for_those_that_say_so(staff, one):
    make_recommendation()

    form = staff.get(f"{address('progressupdate_add')}?area=1").content.decode()

    assert form.count("data-done=") == 1
    assert 'data-done="completed"' in form
    assert "What must be seen before 1.1 may be called done" in form
    assert "A phone <em>rings</em> at night." in form


def test_another_wording_begins_with_what_stood_beside_the_old_one(staff, one, published):
    form = staff.get(address("recommendation_replace", one.pk)).context["form"]

    begun = {name: form[name].value() for name in ("explanation", *DONE)}

    assert begun == {"explanation": EXPLAINED, **DONE}


# Sheets


def imported(staff, text, **given):
    page = staff.post(address("recommendation_import"), {"file": SimpleUploadedFile("plan.csv", text.encode())})
    typed = {name: page.context["form"][name].value() for name in ("sheet", "confirmed")}
    return page, staff.post(address("recommendation_import"), typed | given)


def test_a_sheet_brings_explanations_without_a_public_reason(staff, one, published):
    text = "reference,area_title,text,explanation\n1.1,,Offer a safe phone.,Other words.\n"

    page, done = imported(staff, text)

    one.refresh_from_db()
    assert "Other words." in unescape(page.content.decode())
    assert (done.status_code, one.explanation) == (302, "Other words.")
    assert not Correction.objects.exists()


def test_the_same_sheet_out_and_in_again_changes_nothing(staff, one):
    taken = staff.get(address("recommendation_export"), {"format": "csv"}).content

    page = staff.post(address("recommendation_import"), {"file": SimpleUploadedFile("plan.csv", taken)})

    assert page.context["proposal"].is_empty
    assert page.context["proposal"].faults == ()


def test_links_in_a_sheet_are_told_of(staff, one):
    taken = staff.get(address("recommendation_export"), {"format": "csv"}).content
    changed = taken.replace(b"Call to Action 42 <", b"Call to Action 43 <")

    page = staff.post(address("recommendation_import"), {"file": SimpleUploadedFile("plan.csv", changed)})

    assert page.context["proposal"].is_empty
    assert page.context["proposal"].notices[0] == (
        "The column “see_also” says something else than the tracker in 1 row, about 1.1. Links are not imported: add "
        "them in the form of each recommendation."
    )


def test_a_sheet_that_says_half_of_what_done_means_is_told_which_half(staff):
    make_recommendation(text="Offer a safe phone.")
    text = "reference,area_title,text,done_means\n1.1,,Offer a safe phone.,It rings.\n"

    page = staff.post(address("recommendation_import"), {"file": SimpleUploadedFile("plan.csv", text.encode())})

    faults = [str(fault) for fault in page.context["proposal"].faults]
    assert faults == [
        "Row 2, column done_means_set_by: Say who decided what “done” means: readers see it.",
        "Row 2, column done_means_set_on: Say on which day they decided it: readers see it.",
    ]


def test_a_live_snapshot_holds_it_and_a_reports_does_not(one):
    (live,) = snapshot(make_plan(), on=DAY).recommendations
    (printed,) = report_snapshot(make_report()).recommendations

    assert (live.explanation, len(live.links)) == (EXPLAINED, 2)
    assert (printed.explanation, printed.links) == ("", ())
    assert printed.done_means == live.done_means == DONE["done_means"]
