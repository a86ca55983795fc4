"""A report in the admin: its form, the page that publishes it, and its previews."""

import datetime as dt
import re

import pytest
from django.contrib.auth.models import User

from recommendations.models import Edition, ProgressUpdate, Report
from recommendations.publishing.history import version_of
from recommendations.publishing.reports import publish_report
from recommendations.publishing.updates import mark_ready
from recommendations.report import pdf
from recommendations.report.pdf import RenderFailed
from tests.factories import make_recommendation, make_report, make_update
from tests.people import address, confirmed, errors_of, sent_by, typed_report

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fake_pdf")]


def test_report_errors_stand_beside_their_fields(staff):
    make_report(starts_on=dt.date(2019, 1, 1), ends_on=dt.date(2019, 12, 31), slug="taken")
    report = make_report(starts_on=dt.date(2020, 1, 1), ends_on=dt.date(2020, 12, 31))
    change = address("report_change", report.pk)

    overlap = staff.post(change, typed_report(report, starts_on="2019-06-01"))
    order = staff.post(change, typed_report(report, ends_on="2019-12-31", starts_on="2020-06-01"))
    slug = staff.post(change, typed_report(report, slug="taken"))

    assert "The period overlaps that of" in errors_of(overlap, "starts_on")[0]
    assert errors_of(order, "ends_on") == ["The period can't end before it starts."]
    assert errors_of(slug, "slug") == ["Report with this Address already exists."]


def test_a_duplicate_reference_is_refused_beside_it(staff):
    first, second = make_recommendation(), make_recommendation()
    typed = {"area": first.area_id, "reference": first.reference, "text": "Keep me.", "version": version_of(second)}

    response = staff.post(address("recommendation_change", second.pk), typed)

    assert errors_of(response, "reference") == ["Another recommendation has this reference."]
    assert "Keep me." in response.content.decode()


def test_retiring_needs_a_day_and_a_reason_each_asked_beside_itself(staff):
    one = make_recommendation()
    typed = {"area": one.area_id, "reference": one.reference, "text": one.text, "version": version_of(one)}
    change = address("recommendation_change", one.pk)

    no_reason = staff.post(change, typed | {"retired_on": "2020-01-01"})
    no_day = staff.post(change, typed | {"retired_reason": "Split."})

    assert errors_of(no_reason, "retired_reason") == ["Say why it was retired: readers see it."]
    assert errors_of(no_day, "retired_on") == ["Say when it was retired, or clear the reason."]


def test_the_publish_page_lists_what_goes_in_and_what_does_not(staff):
    one, two, three = (make_recommendation() for _ in range(3))
    report = make_report()
    ready = make_update(statuses={one: "planned"}, published=False, text="Ready words.")
    mark_ready(ready, by=User.objects.first(), at=dt.datetime(2020, 7, 1, tzinfo=dt.UTC))
    make_update(statuses={two: ""}, published=False, text="Draft words.")

    page = staff.get(address("report_publish", report.pk)).content.decode()

    assert re.search(rf'<input type="checkbox" name="ready" value="{ready.pk}"[^>]* checked', page)
    assert "Draft words." in page
    assert "2 recommendations have no update in this period: 1.2 and 1.3." in page
    assert three.reference == "1.3"


@pytest.mark.usefixtures("plan_2020")
def test_a_report_is_published_once_however_often_it_is_sent(staff):
    publish = address("report_publish", Report.objects.get().pk)
    page = staff.get(publish)
    sent = confirmed(page) | {"ready": page.context["form"]["ready"].value()}

    first = staff.post(publish, sent, follow=True)
    second = staff.post(publish, sent, follow=True)

    assert "Edition 1 is published." in first.content.decode()
    assert "Nothing was published twice." in second.content.decode()
    assert Edition.objects.count() == 1
    assert not ProgressUpdate.objects.ready().exists()


@pytest.mark.usefixtures("plan_2020")
def test_what_moved_after_the_page_was_shown_is_not_published(staff):
    report = Report.objects.get()
    publish = address("report_publish", report.pk)
    page = staff.get(publish)
    sent = confirmed(page) | {"ready": page.context["form"]["ready"].value()}
    report.introduction = "Other words."
    report.save()

    refused = staff.post(publish, sent)

    assert "changed after you opened this page" in refused.content.decode()
    assert not Edition.objects.exists()
    staff.post(publish, sent | confirmed(refused))
    assert Edition.objects.count() == 1


@pytest.mark.usefixtures("plan_2020")
def test_an_unticked_update_waits(staff):
    publish = address("report_publish", Report.objects.get().pk)
    page = staff.get(publish)
    waiting, *ticked = page.context["form"]["ready"].value()

    staff.post(publish, confirmed(page) | {"ready": ticked})

    assert [str(update.pk) for update in ProgressUpdate.objects.ready()] == [waiting]


def test_a_second_edition_needs_a_note(staff, published, user, now):
    report = make_report()
    publish_report(report, by=user, at=now)
    report.closing = "See you."
    report.save()
    publish = address("report_publish", report.pk)
    page = staff.get(publish)

    refused = staff.post(publish, confirmed(page))
    staff.post(publish, confirmed(refused) | {"note": "The closing words were missing."})

    assert refused.context["form"].errors["note"]
    assert [edition.note for edition in Edition.objects.order_by("number")] == ["", "The closing words were missing."]


def test_the_note_of_an_edition_is_kept_where_a_colleague_was_faster(staff, published, user, now):
    report = make_report()
    publish_report(report, by=user, at=now)
    report.closing = "See you."
    report.save()
    publish = address("report_publish", report.pk)
    sent = sent_by(staff.get(publish)) | {"note": ["My long note."]}
    publish_report(report, by=user, at=now, note="Maria's note.")

    refused = staff.post(publish, sent)

    page = refused.content.decode()
    assert sent_by(refused)["note"] == ["My long note."]
    assert "Edition 2 was published on" in page
    assert Edition.objects.count() == 2


def test_an_unchanged_report_is_not_published_again(staff, published, user, now):
    report = make_report()
    publish_report(report, by=user, at=now)
    publish = address("report_publish", report.pk)

    asked = staff.get(publish)
    response = staff.post(publish, confirmed(asked) | {"note": "Again."}, follow=True)

    assert "edition 1 already says exactly this" in asked.content.decode()
    assert "Publish edition 2" not in asked.content.decode()
    assert f'href="{publish}"' not in staff.get(address("report_change", report.pk)).content.decode()
    assert "already says exactly this" in response.content.decode()
    assert Edition.objects.count() == 1


def test_a_pdf_that_fails_publishes_nothing_and_says_so(staff, published, monkeypatch):
    def fail(article, **options):
        raise RenderFailed("It took too long.")

    monkeypatch.setattr(pdf, "render", fail)
    report = make_report()
    publish = address("report_publish", report.pk)

    refused = staff.post(publish, confirmed(staff.get(publish)))
    preview = staff.get(address("report_preview_pdf", report.pk), follow=True)

    assert "the PDF could not be made. It took too long." in refused.content.decode()
    assert "It took too long." in preview.content.decode()
    assert not Edition.objects.exists()


def test_previews_show_the_ready_updates_and_not_the_drafts(staff, user, now):
    one, two = make_recommendation(), make_recommendation()
    report = make_report()
    ready = make_update(statuses={one: "planned"}, published=False, text="Ready words.")
    mark_ready(ready, by=user, at=now)
    make_update(statuses={two: ""}, published=False, text="Draft words.")

    page = staff.get(address("report_preview", report.pk)).content.decode()
    as_pdf = staff.get(address("report_preview_pdf", report.pk))

    assert "Ready words." in page
    assert "Draft words." not in page
    assert b"Ready words." in as_pdf.content
    assert as_pdf["Content-Type"] == "application/pdf"
