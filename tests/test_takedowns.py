"""Taking down and erasing: which editions hold an update, and what remains of it."""

import datetime as dt
from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import connection

from recommendations.models import Edition, EditionFile, EditionUpdate, ProgressUpdate, SiteExport, TakeDown
from recommendations.models.frozen import protect_editions, unprotect_editions
from recommendations.publishing.acts import Refused, Unchanged
from recommendations.publishing.erasure import erase
from recommendations.publishing.reports import publish_report
from recommendations.publishing.site_export import exported_with
from recommendations.publishing.takedowns import take_down, take_down_editions
from recommendations.publishing.updates import correct_update
from tests.factories import changed_content, make_recommendation, make_report, make_update
from tests.rows import any_table_holds, problems

HOUR = dt.timedelta(hours=1)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fake_pdf")]


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


def test_a_copy_of_the_site_is_told_of_while_it_may_show_what_was_taken_down_in_an_edition(edition, update, user, now):
    removal = take_down(update, reason="It named somebody.", by=user, at=now)
    copy = SiteExport.objects.create(folder="/srv/copy", made_at=now + HOUR)
    assert len(exported_with(removal)) == 1

    take_down_editions(removal, reason="The same.", by=user, at=now + 2 * HOUR)
    assert len(exported_with(removal)) == 1

    SiteExport.objects.filter(pk=copy.pk).update(made_at=now + 3 * HOUR)
    assert exported_with(removal) == []


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
    content = changed_content(update, text="canary two", statuses=(("1.1", "on hold"),))
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
