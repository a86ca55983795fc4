"""The story of words that endanger somebody: set aside, taken down with their editions, erased everywhere."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from recommendations.accounts import unsaved
from recommendations.models import Correction, Edition, ProgressUpdate, Report, TakeDown
from recommendations.publishing.erasure import erase
from recommendations.publishing.reports import publish_report
from recommendations.publishing.takedowns import take_down
from tests.factories import make_recommendation, make_report, make_update, make_user
from tests.people import FORMATS, LISTS, address, export, exported_words, typed_correction, typed_update
from tests.public import said_in_public
from tests.rows import any_table_holds, problems

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fake_pdf")]
WORDS = ("Verletzt", "Hornby Street", "604-555-0123")


@pytest.fixture
def update(staff, user, now):
    """Written, published, corrected and frozen in two editions by way of the staff's pages, with its words all over."""
    one, other = make_recommendation(), make_recommendation()
    make_update(statuses={other: "planned"}, text="A council was visited.")
    report = make_report(slug="one-year")
    evidence = {
        "evidence_links-TOTAL_FORMS": "1",
        "evidence_links-0-label": "Verletzt told us",
        "evidence_links-0-address": "https://a.example/verletzt",
    }
    typed = typed_update(
        {one: "planned"},
        text="Ana Verletzt lives on Hornby Street. Call 604-555-0123.",
        private_note="Verletzt said so.",
        change_reason="Verletzt asked.",
        _ready="1",
        **evidence,
    )
    del typed["_draft"]
    staff.post(f"{address('progressupdate_add')}?area=1", typed)
    update = ProgressUpdate.objects.get(text__contains="Verletzt")
    publish_report(report, by=user, at=now, ready=[update.pk])
    update.refresh_from_db()
    corrected = typed_correction(update, text="Verletzt, 604-555-0123.", note="Not on Hornby Street any more.")
    staff.post(address("progressupdate_correct", update.pk), corrected)
    assert Correction.objects.count() == 1
    publish_report(report, by=user, at=timezone.now(), note="Verletzt moved.")
    return update


def test_from_the_first_press_to_the_last_word(client, staff, update, user):
    editions = list(Edition.objects.order_by("number"))
    colleague = Client()
    colleague.force_login(make_user())
    session = colleague.session
    path = address("progressupdate_correct", update.pk)
    checked = Client()
    checked.force_login(make_user())
    answers = checked.session
    answers[unsaved.SESSION_KEY] = {
        "path": address("report_check", Report.objects.get().pk),
        "fields": [("answer-1", ["Verletzt agreed"])],
        "files": False,
    }
    answers.save()
    session[unsaved.SESSION_KEY] = {"path": path, "fields": [("text", ["Verletzt"])], "files": False}
    session["unfinished"] = "kept"
    session.save()
    assert all(any_table_holds(word) for word in WORDS)
    assert LogEntry.objects.filter(object_repr__contains="Verletzt").exists()
    assert any("Verletzt" in content for content in said_in_public(client).values())

    # Set aside in one press, taken down, the editions in one act, then each erased.
    staff.post(address("progressupdate_set_aside", update.pk))
    assert [path for path, content in said_in_public(client).items() if any(word in content for word in WORDS)] == []
    staff.post(address("progressupdate_take_down", update.pk), {"reason": "It could have led to a person."})
    removal = TakeDown.objects.get()
    staff.post(address("takedown_take_down_editions", removal.pk), {"reason": "The same."})
    assert TakeDown.objects.count() == 3
    for one in TakeDown.objects.all():
        done = staff.post(address("takedown_erase", one.pk), {"understood": "on"})
        assert "Where copies may remain" in done.content.decode()

    # Not in any table, file or export, nor in a session, and what was published still verifies.
    for word in WORDS:
        assert not any_table_holds(word), word
    assert not any("Verletzt" in str(session.get_decoded()) for session in Session.objects.all())
    assert colleague.session["unfinished"] == "kept"
    said = said_in_public(client)
    said |= {f"{name} {kind}": exported_words(export(staff, name, kind), kind) for name in LISTS for kind in FORMATS}
    report = Report.objects.get()
    pages = [
        reverse("admin:index"),
        address("progressupdate_changelist"),
        address("progressupdate_change", update.pk),
        address("progressupdate_history", update.pk),
        address("report_history", report.pk),
        address("report_preview", report.pk),
        *(address("edition_change", edition.pk) for edition in editions),
        *(address("takedown_change", one.pk) for one in TakeDown.objects.all()),
        *(address("takedown_history", one.pk) for one in TakeDown.objects.all()),
    ]
    said |= {page: staff.get(page).content.decode() for page in pages}
    assert [place for place, content in said.items() for word in WORDS if word.casefold() in content.casefold()] == []
    assert problems() == []
    assert {client.get(edition.get_absolute_url()).status_code for edition in editions} == {410}
    staff.post(address("report_publish", report.pk))
    third = publish_report(report, by=user, at=TakeDown.objects.first().erased_at, note="Without it.")
    assert client.get("/reports/one-year/").content.decode().count("Verletzt") == 0
    assert [one.text for one in third.updates.all()] == ["A council was visited."]


@pytest.mark.parametrize("is_edition", [False, True])
def test_what_somebody_typed_into_other_pages_stays_in_the_session(staff, update, user, now, is_edition):
    other = address("progressupdate_correct", update.pk + 1000)
    session = staff.session
    session[unsaved.SESSION_KEY] = {"path": other, "fields": [("text", ["Something else"])], "files": False}
    session.save()
    thing = Edition.objects.first() if is_edition else update

    erase(take_down(thing, reason="x", by=user, at=now), by=user, at=now)

    assert Session.objects.get(pk=session.session_key).get_decoded()[unsaved.SESSION_KEY]["path"] == other
