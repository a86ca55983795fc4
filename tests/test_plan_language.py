"""The site speaks the plan's language to everyone, staff's pages English, an edition the language it was made in."""

import datetime as dt
import io
import json
import re

import pikepdf
import pytest
from django.core.management import call_command
from django.db import Error as DatabaseFailure
from django.test import Client
from django.utils import translation

from recommendations.models import ActionPlan, Correction, Recommendation, Report
from recommendations.public.language import of_the_plan
from recommendations.publishing.reports import publish_report
from recommendations.reading.adopted import content_of
from recommendations.reading.editions import stored_snapshot
from recommendations.reading.snapshot import report_snapshot
from recommendations.report.document import article
from recommendations.report.editions import data_of, draft_pdf, rendered_pdf
from recommendations.workspace.report_state import ReportState, why_again
from tests.factories import make_plan, make_recommendation, make_report, make_update, make_user
from tests.people import export

pytestmark = pytest.mark.django_db

DAY = dt.date(2020, 6, 1)


@pytest.fixture
def french():
    """A plan in French, with an update of the first of a month."""
    make_plan(language="fr-ca", contact_email="info@example.org")
    make_update(statuses={make_recommendation(): "planned"}, dated_on=DAY)


def language_of(page):
    return re.search(r'<html lang="([^"]*)"', page)[1]


@pytest.mark.parametrize("address", ["/", "/recommendations/1.1/", "/updates/", "/data/", "/no-such-page/"])
def test_pages_are_in_the_plans_language(french, client, address):
    page = client.get(address, headers={"accept-language": "en"}).content.decode()

    assert language_of(page) == "fr-CA"


def test_dates_are_written_in_the_plans_language(french, client):
    assert "1er juin 2020" in client.get("/recommendations/1.1/").content.decode()
    assert "1er juin 2020" in client.get("/updates.atom").content.decode()


def test_data_files_name_statuses_in_the_plans_language(french, client):
    said = [client.get(f"/data/{name}.csv").content.decode() for name in ("recommendations", "statuses")]
    document = client.get("/data/progress.json").json()

    assert [",planned,En préparation," in text for text in said] == [True, True]
    assert document["recommendations"][0]["status_label"] == "En préparation"


def test_programs_are_told_the_language(french, client):
    assert 'xml:lang="fr-ca"' in client.get("/updates.atom").content.decode()
    assert "Preferred-Languages: fr\n" in client.get("/.well-known/security.txt").content.decode()


def test_no_header_and_no_cookie_chooses_the_language(client):
    make_plan()
    client.cookies["django_language"] = "fr-ca"

    response = client.get("/", headers={"accept-language": "fr-CA"})

    assert language_of(response.content.decode()) == "en-CA"
    assert "Vary" not in response or "Language" not in response["Vary"]


def test_a_site_without_a_plan_is_in_english(client):
    assert language_of(client.get("/").content.decode()) == "en-CA"


def test_the_language_ends_with_the_answer(french, client):
    client.get("/")

    assert translation.get_language() == "en-ca"


def test_staff_pages_stay_in_english(french, staff):
    assert language_of(staff.get("/admin/").content.decode()) == "en-ca"


def test_errors_are_in_the_plans_language(french, client, settings):
    settings.ALLOWED_HOSTS = ["testserver"]

    refused = client.get("/", headers={"host": "elsewhere.example"})

    assert refused.status_code == 400
    assert language_of(refused.content.decode()) == "fr-CA"


def test_the_language_outlasts_a_database_that_is_away(french, rf, monkeypatch):
    spoken = []
    answer = of_the_plan(lambda request: spoken.append(translation.get_language()))
    answer(rf.get("/"))

    def fail(*args, **options):
        raise DatabaseFailure

    monkeypatch.setattr(ActionPlan.objects, "values_list", fail)
    answer(rf.get("/"))

    assert spoken == ["fr-ca", "fr-ca"]


# What is made for the public, wherever it is made


@pytest.fixture
def printed(french):
    return report_snapshot(make_report())


def test_a_report_is_in_the_plans_language_whoever_makes_it(printed):
    made = article(printed)

    assert printed.language == "fr-ca"
    assert made.startswith('<article class="report" lang="fr-ca">')
    assert "30 mai 2019" in made


def test_a_draft_says_in_the_plans_language_that_it_is_one(printed, fake_pdf):
    made = draft_pdf(printed, at=dt.datetime(2020, 7, 1, 12, 0, tzinfo=dt.UTC)).make().decode()

    assert "1er juillet 2020" in made


def test_a_pdf_tells_screen_readers_its_language(printed):
    made = pikepdf.open(io.BytesIO(rendered_pdf(printed, article(printed))))

    assert made.Root.Lang == "fr-ca"


def test_the_data_in_a_report_is_in_its_language(printed):
    attached = {file.name: file.content for file in data_of(printed)}

    assert json.loads(attached["progress.json"])["statuses_meanings"] == [
        {"status": one.key, "label": one.label, "definition": one.definition, "evidence": one.evidence}
        for one in printed.statuses
    ]


# Editions


def test_an_edition_keeps_the_language_it_was_made_in(edition, user, now):
    report = Report.objects.get()
    ActionPlan.objects.update(language="fr-ca")
    second = publish_report(report, by=user, at=now + dt.timedelta(days=1), note="En français.")

    pages = {one.number: Client().get(one.get_absolute_url()).content.decode() for one in (edition, second)}

    assert [stored_snapshot(one).language for one in (edition, second)] == ["en-ca", "fr-ca"]
    assert [language_of(page) for page in pages.values()] == ["fr-CA", "fr-CA"]
    assert '<article class="report" lang="en-ca"' in pages[1]
    assert '<article class="report" lang="fr-ca"' in pages[2]
    assert "May 30, 2019 to June 30, 2020" in pages[1]


def test_reports_in_two_languages_are_compared_with_the_labels_of_each(edition, user, now):
    ActionPlan.objects.update(language="fr-ca")
    later = make_report(slug="later", starts_on=dt.date(2020, 7, 1), ends_on=dt.date(2021, 6, 30))
    make_update(statuses={Recommendation.objects.get(): "completed"}, dated_on=dt.date(2021, 3, 1))
    after = publish_report(later, by=user, at=now + dt.timedelta(days=370))
    was, now_called = stored_snapshot(edition).labels["planned"], stored_snapshot(after).labels["completed"]

    page = Client().get("/reports/later/changes/").content.decode()

    assert was == "Planned"
    assert '<span class="status status--planned" lang="en-ca">Planned</span>' in page
    assert f'<span class="status status--completed">{now_called}</span>' in page
    assert page.count('lang="en-ca"') == 3
    assert f'lang="en-ca">{edition.report.title}</a>' in page


def test_what_an_english_report_changed_is_marked_as_english_on_a_french_page(edition, user, now):
    later = make_report(slug="later", starts_on=dt.date(2020, 7, 1), ends_on=dt.date(2021, 6, 30))
    make_update(statuses={(one := Recommendation.objects.get()): "completed"}, dated_on=dt.date(2021, 3, 1))
    publish_report(later, by=user, at=now + dt.timedelta(days=370))
    in_english = Client().get("/reports/later/changes/").content.decode()
    ActionPlan.objects.update(language="fr-ca")

    page = Client().get("/reports/later/changes/").content.decode()

    assert 'lang="en-ca"' not in in_english
    assert f'<span class="item__text" lang="en-ca" dir="auto">{one.text}</span>' in page
    assert '<div class="prose" lang="en-ca"><p>Something happened.</p>' in page
    # In the totals, in the list and in the table of all reports.
    assert page.count('<span class="status status--completed" lang="en-ca">Completed</span>') == 3


# The staff's pages


def test_staff_choose_the_language_of_their_pages(staff):
    make_plan(staff_language="fr-ca")

    page = staff.get("/admin/").content.decode()

    assert language_of(page) == "fr-ca"
    assert "Espace de travail" in page


def test_the_first_wording_of_a_public_note_is_in_the_plans_language(edition):
    ActionPlan.objects.update(language="fr-ca")
    make_update(statuses={make_recommendation(): "planned"})

    assert why_again(ReportState(Report.objects.get(), DAY)) == "Avec des mises à jour sur 1.2 qui n’y étaient pas."


def test_a_reminder_is_in_the_staffs_language(mailoutbox):
    make_plan(staff_language="fr-ca")
    make_user(email="staff@example.org")
    make_report(ends_on=dt.date(2020, 6, 30))

    call_command("remind", stdout=io.StringIO())

    assert "rappels pour l’équipe" in mailoutbox[0].subject
    assert "vous pouvez le publier" in mailoutbox[0].body


def test_an_export_tells_changes_in_the_language_of_the_open_data(staff, user):
    make_plan(language="fr-ca")
    one = make_recommendation(text="Batir la confiance.")
    Correction.objects.create(
        recommendation=one,
        note="Une faute.",
        before=content_of(one, {"text": "Batir la confience."}),
        after=content_of(one),
        corrected_at=dt.datetime(2020, 7, 1, 17, 0, tzinfo=dt.UTC),
        corrected_by=user,
    )

    file = export(staff, "recommendations_recommendation", "csv").content.decode()

    assert "Texte\u00a0: «\u00a0Batir la confience.\u00a0» est devenu" in file
