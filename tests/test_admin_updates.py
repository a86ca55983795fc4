"""Writing an update in the admin: its coverage, its buttons, and what is refused."""

import re

import pytest
from django.urls import reverse

from recommendations.models import Assessment, EvidenceLink, ProgressUpdate, Term
from recommendations.publishing.history import version_of
from recommendations.publishing.reports import publish_report
from recommendations.publishing.updates import Content
from tests.factories import make_area, make_draft, make_recommendation, make_report, make_update
from tests.people import address, errors_of, sent_by, typed_update

NUL = "\x00"

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fake_pdf")]


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
    assert re.search(r"(One thing needs|\d things need) a change: read the note", page)
    assert "Please correct" not in page
    assert "<title>Error: " in page


def test_a_status_without_a_tick_is_refused_rather_than_lost(staff):
    one = make_recommendation()

    response = staff.post(f"{address('progressupdate_add')}?area=1", typed_update({one: "planned"}, coverage=[]))

    assert "1.1 has a status but isn't ticked" in " ".join(errors_of(response, "coverage"))
    assert '<option value="planned" selected>' in response.content.decode()


def test_buttons_move_an_update_from_draft_to_ready_and_back(staff, user):
    one = make_recommendation()
    update = make_draft()
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


def test_a_draft_is_deleted_by_one_confirmation_and_looked_at_again_where_it_was_changed(staff, user):
    update = make_draft(evidence=[("Minutes", "https://a.example")])
    delete = address("progressupdate_delete", update.pk)
    opened = sent_by(staff.get(delete))

    update.text = "Maria's words."
    update.save()
    moved = staff.post(delete, opened)
    stood = ProgressUpdate.objects.filter(pk=update.pk).exists()
    staff.post(delete, sent_by(moved))

    assert "reason" not in opened
    assert "Check it again before you delete it." in moved.content.decode()
    assert stood
    assert not ProgressUpdate.objects.exists()
    for kind in (ProgressUpdate, Assessment, EvidenceLink):
        row = kind.history.first()
        assert (row.history_type, row.history_user, row.history_change_reason) == ("-", user, "Deleted")


def test_a_term_is_deleted_with_a_reason_even_after_an_edition(staff, published, user, now):
    term = Term.objects.create(word="exit", instead="leave", recommendation=published.recommendations.first())
    publish_report(make_report(), by=user, at=now)
    delete = address("term_delete", term.pk)

    no_reason = staff.post(delete, sent_by(staff.get(delete)))
    staff.post(delete, sent_by(staff.get(delete)) | {"reason": ["The plan says it itself"]})

    assert no_reason.context["form"].errors == {"reason": ["This field is required."]}
    assert not Term.objects.exists()
    assert Term.history.first().history_change_reason == "The plan says it itself"


def test_publish_now_asks_first_and_publishes_then(staff):
    one = make_recommendation()
    update = make_draft()
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
    unpublished = make_draft()

    refused = staff.post(address("progressupdate_delete", published.pk), {"reason": "Twice."})
    staff.post(address("progressupdate_delete", unpublished.pk), {"version": version_of(unpublished)})

    assert refused.status_code == 403
    assert list(ProgressUpdate.objects.all()) == [published]
