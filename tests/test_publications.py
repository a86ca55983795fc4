"""What colleagues see while a report is being published."""

import datetime as dt

import pytest

from recommendations.models import Edition, Publication
from recommendations.models.publications import LONGEST
from recommendations.publishing.reports import publish_report
from recommendations.report import pdf
from recommendations.text import dates
from tests.factories import make_recommendation, make_report, make_update, make_user
from tests.people import address

pytestmark = pytest.mark.django_db


@pytest.fixture
def report():
    make_update(statuses={make_recommendation(): "planned"})
    return make_report()


def pages(client, report):
    addresses = ["/admin/", address("report_change", report.pk), address("report_publish", report.pk)]
    return ["Being published since" in client.get(one).content.decode() for one in addresses]


def test_colleagues_see_who_is_publishing_while_it_lasts(staff, report, now, monkeypatch):
    kim, seen = make_user(first_name="Kim", last_name="Lee"), []

    def render(article, **options):
        began = dates.clock(Publication.objects.get().began_at)
        words = f"Being published since {began} by Kim Lee."
        seen.append(words in staff.get("/admin/").content.decode())
        seen.extend(pages(staff, report))
        return b"%PDF-1.7"

    monkeypatch.setattr(pdf, "render", render)

    publish_report(report, by=kim, at=now)

    assert seen[:4] == [True] * 4
    assert Edition.objects.count() == 1
    assert not Publication.objects.exists()
    assert pages(staff, report) == [False] * 3


def test_a_publication_that_fails_is_no_longer_under_way(user, report, now, monkeypatch):
    def fails(article, **options):
        raise pdf.RenderFailed("It took too long.")

    monkeypatch.setattr(pdf, "render", fails)

    with pytest.raises(pdf.RenderFailed):
        publish_report(report, by=user, at=now)

    assert not Publication.objects.exists()


def test_one_that_was_interrupted_is_forgotten_after_a_while(user, report, now):
    begun = Publication.objects.create(report=report, began_at=now, begun_by=user)

    assert Publication.objects.of(report, at=now + LONGEST - dt.timedelta(seconds=1)) == begun
    assert Publication.objects.of(report, at=now + LONGEST) is None


def test_whoever_publishes_is_told_that_it_takes_a_while(staff, report):
    page = staff.get(address("report_publish", report.pk)).content.decode()

    assert 'data-busy="Publishing: ' in page
    assert "js/admin-busy.js" in page
