"""The staff's lists as files: what the list shows, to whoever may see it, and nothing that is private."""

import csv
import datetime as dt
import io
import json

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from recommendations.accounts.roles import Role, give_role
from recommendations.admin.exports import recommendations_of
from recommendations.models import (
    Area,
    Correction,
    ProgressUpdate,
    Recommendation,
    Report,
    ResponsibleParty,
    TakeDown,
    Term,
)
from recommendations.publishing.reports import publish_report
from recommendations.publishing.takedowns import take_down
from recommendations.publishing.updates import withdraw_update
from tests.factories import make_area, make_party, make_recommendation, make_report, make_update, make_user
from tests.people import FORMATS, LISTS, export, exported_words
from tests.rows import make_once

pytestmark = pytest.mark.django_db
NOTE, KEY = "CANARY-NOTE", "CANARY-KEY"


def rows(response):
    return list(csv.DictReader(io.StringIO(response.content.decode(), newline="")))


def make_everything(*, by, at):
    party = make_party(name="funders")
    one, two = make_recommendation(parties=[party]), make_recommendation(text="=1+1")
    make_update(statuses={one: "planned"}, private_note=NOTE, evidence=[("Minutes", "https://a.example/")])
    corrected = make_update(statuses={one: "planned"}, private_note=NOTE, text="Not so.")
    withdraw_update(corrected, note="Wrong.", by=by, at=at)
    removed = make_update(statuses={two: "planned"}, private_note=NOTE, text="Outed.")
    make_update(statuses={two: "on hold"}, private_note=NOTE, text="@draft", published=False)
    Term.objects.create(word="exiting", instead="retirement", recommendation=one)
    publish_report(make_report(), by=by, at=at)
    take_down(removed, reason="Safety.", by=by, at=at)


@pytest.fixture
def everything(client, user, now, fake_pdf):
    """One row in each list, with something in each that must not leave."""
    client.force_login(user)
    make_once("everything", lambda: make_everything(by=user, at=now), by=user)
    make_user(username="other").totpdevice_set.create(key=KEY.encode().hex(), confirmed=True)
    return user


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("name", LISTS)
def test_every_list_is_exported_with_a_row_and_without_what_is_private(client, everything, name, format):
    response = export(client, name, format)

    said = exported_words(response, format)
    assert response.status_code == 200
    assert response["Content-Disposition"].startswith("attachment; filename=")
    assert response["Content-Disposition"].endswith(f'.{format}"')
    assert len(said.splitlines()) > 1
    for secret in (NOTE, KEY, KEY.encode().hex(), "pbkdf2", *User.objects.values_list("password", flat=True)):
        assert secret not in said


def test_the_same_rows_in_every_format(client, everything):
    by_format = {format: export(client, "recommendations_recommendation", format) for format in FORMATS}

    sheet = load_workbook(io.BytesIO(by_format["xlsx"].content))["recommendations"]
    heading, *cells = ([cell.value for cell in row] for row in sheet.iter_rows())
    references = [row[heading.index("reference")] for row in cells]
    assert references == [row["reference"] for row in rows(by_format["csv"])] == ["1.1", "1.2"]
    assert references == [row["reference"] for row in json.loads(by_format["json"].content)]


def test_a_row_says_what_the_list_and_its_thing_say(client, everything):
    first, _second = rows(export(client, "recommendations_recommendation", "csv"))
    update = rows(export(client, "recommendations_progressupdate", "csv", state="published"))[0]
    account = rows(export(client, "auth_user", "csv", q="other"))[0]

    assert (first["area_title"], first["responsible_parties"], first["status"]) == (
        "Area of number 1",
        "funders",
        "planned",
    )
    assert (update["statuses"], update["evidence"], update["sums_up"]) == (
        "1.1: Planned",
        "Minutes <https://a.example/>",
        "false",
    )
    assert update["published_by"] == everything.username
    assert (account["role"], account["has_second_factor"]) == ("administrator", "true")


def test_what_was_taken_down_is_exported_without_its_words(client, everything, user, now):
    taken_down = ProgressUpdate.objects.get(text="Outed.")
    taken_down.evidence_links.create(label="Outed here", address="https://a.example/")
    said = {"text": "Outed before."}
    by = {"corrected_at": now, "corrected_by": user}
    Correction.objects.create(update=taken_down, note="Outed by mistake.", before=said, after=said, **by)
    report = Report.objects.get()
    report.introduction = "More."
    report.save()
    edition = publish_report(report, by=user, at=now, note="Outed no more.")
    take_down(edition, reason="Safety.", by=user, at=now)

    update = rows(export(client, "recommendations_progressupdate", "csv", q="Outed"))[0]

    assert (update["id"], update["state"], update["references"]) == (str(taken_down.pk), "taken down", "1.2")
    for name in LISTS:
        for format in FORMATS:
            assert "Outed" not in exported_words(export(client, name, format), format)


def test_text_that_would_run_as_a_formula_is_defused_in_every_file(client, everything):
    """LibreOffice 7.4 ran none of these, split at commas, semicolons or tabs, and with its formulas switched on."""
    for kind, field in (
        (Area, "title"),
        (Correction, "note"),
        (ProgressUpdate, "text"),
        (Recommendation, "text"),
        (Report, "title"),
        (ResponsibleParty, "name"),
        (TakeDown, "reason"),
        (Term, "instead"),
        (User, "first_name"),
    ):
        kind.objects.update(**{field: "=1+1"})

    for name in LISTS:
        cells = [cell for row in rows(export(client, name, "csv")) for cell in row.values()]
        sheets = load_workbook(io.BytesIO(export(client, name, "xlsx").content)).worksheets
        typed = {(cell.value, cell.data_type) for sheet in sheets for row in sheet.iter_rows() for cell in row}

        assert [cell for cell in cells if cell.startswith("=")] == [], name
        assert any("'=1+1" in cell for cell in cells), name
        assert "f" not in {type for _value, type in typed}, name
        assert any("=1+1" in str(value) for value, _type in typed), name


def test_the_file_holds_what_the_list_was_searched_and_filtered_for(client, everything):
    drafts = rows(export(client, "recommendations_progressupdate", "csv", state="draft"))
    searched = rows(export(client, "recommendations_recommendation", "csv", q="1.2"))
    nothing = rows(export(client, "recommendations_progressupdate", "csv", state="draft", q="Outed"))
    list_page = client.get(reverse("admin:recommendations_progressupdate_changelist"), {"state": "draft", "q": "dra"})
    page = export(client, "recommendations_progressupdate", state="draft").content.decode()

    assert [row["text"] for row in drafts] == ["'@draft"]
    assert [row["reference"] for row in searched] == ["1.2"]
    assert nothing == []
    assert f'{reverse("admin:recommendations_progressupdate_export")}?q=dra&amp;state=draft"' in (
        list_page.content.decode()
    )
    assert "The file contains one row of 4" in page
    assert "?state=draft&amp;format=csv" in page


def test_a_filter_that_makes_no_sense_leads_back_to_the_list(client, everything):
    make_area()

    response = export(client, "recommendations_progressupdate", "csv", area__id__exact="x")

    assert response.status_code == 302
    assert response.url.endswith("/progressupdate/?e=1")


def test_an_unknown_format_is_asked_again(client, everything):
    assert "Download as CSV" in export(client, "recommendations_term", "xls").content.decode()


@pytest.mark.parametrize("role", Role)
def test_who_may_see_a_list_may_export_it_and_nobody_else(everything, role):
    member = make_user(is_superuser=False)
    give_role(member, role)
    client = Client()
    client.force_login(member)

    seen = {name for name in LISTS if client.get(reverse(f"admin:{name}_changelist")).status_code == 200}
    taken = {name for name in LISTS if export(client, name, "csv").status_code == 200}
    refused = {name for name in LISTS if export(client, name, "csv").status_code == 403}

    assert taken == seen
    assert refused == set(LISTS) - seen
    assert len(seen) == {Role.EDITOR: 6, Role.PUBLISHER: 8, Role.ADMINISTRATOR: 10}[role]


@pytest.mark.parametrize("name", [name for name in LISTS if not name.endswith(("edition", "correction", "takedown"))])
def test_the_number_of_queries_is_the_same_at_one_row_and_at_thirty(client, django_assert_max_num_queries, name):
    client.force_login(make_user())
    export(client, name, "csv")  # The first page of a session notes that somebody is there.
    counts = []
    for wanted in (1, 30):
        while Term.objects.count() < wanted:
            one = make_recommendation(parties=[make_party()])
            make_update(statuses={one: "planned"}, evidence=[("Minutes", f"https://a.example/{one.pk}")])
            Term.objects.create(word=f"word {one.pk}", instead="x", recommendation=one)
            make_user()
        with django_assert_max_num_queries(24) as queries:
            export(client, name, "csv")
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_recommendations_are_exported_in_the_columns_of_the_open_data_those_to_come_too(client):
    make_recommendation(added_on=dt.date(2999, 1, 1), text="To come.")
    client.force_login(make_user())

    taken = export(client, "recommendations_recommendation", "csv").content.decode().splitlines()

    assert taken[0] == client.get("/data/recommendations.csv").content.decode().splitlines()[0]
    assert "To come." in taken[1]


def test_days_are_days_in_a_workbook_and_text_elsewhere(client, everything):
    by_format = {format: export(client, "recommendations_report", format) for format in FORMATS}

    heading, row = load_workbook(io.BytesIO(by_format["xlsx"].content))["reports"].iter_rows()
    cell = next(cell for name, cell in zip(heading, row, strict=True) if name.value == "ends_on")
    ends_on = Report.objects.get().ends_on
    assert (cell.is_date, cell.value.date()) == (True, ends_on)
    assert rows(by_format["csv"])[0]["ends_on"] == ends_on.isoformat()
    assert json.loads(by_format["json"].content)[0]["ends_on"] == ends_on.isoformat()


def test_the_file_holds_all_pages_of_the_list(client):
    make_update(statuses={make_recommendation(): "planned"})
    client.force_login(make_user())

    assert len(rows(export(client, "recommendations_progressupdate", "csv", p=2))) == 1


def test_a_recommendation_that_was_deleted_meanwhile_is_left_out():
    stays, goes = make_recommendation(), make_recommendation()
    listed = [stays, goes]
    goes.delete()

    assert [source.entry.reference for source in recommendations_of(listed)] == [stays.reference]
