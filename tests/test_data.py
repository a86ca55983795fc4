"""The files under /data/, and what else is there for machines: whole, described, filtered as asked, only published."""

import csv
import datetime as dt
import io
import re
from xml.etree import ElementTree

import pytest
from django.conf import settings
from django.test import override_settings
from django.utils import timezone

from recommendations.data.package import schema_name
from recommendations.data.tables import JSON_SCHEMA_VERSION
from recommendations.models import ActionPlan, Edition, Report, Status
from recommendations.publishing.reports import publish_report
from recommendations.publishing.takedowns import take_down
from recommendations.publishing.updates import withdraw_update
from tests.factories import make_area, make_party, make_plan, make_recommendation, make_report, make_update, make_user
from tests.public import public_addresses

pytestmark = pytest.mark.django_db
STAFF_NAME = "canary-staff-name"
VERSIONS = range(1, JSON_SCHEMA_VERSION + 1)
# The columns of a recommendation in version 1 of the JSON.
FIRST_COLUMNS = [
    "reference",
    "area_number",
    "area_title",
    "text",
    "responsible_parties",
    "status",
    "status_dated_on",
    "status_date_as_published",
    "target_on",
    "target_as_published",
    "retired_on",
    "retired_reason",
    "replaced_by",
    "updates",
    "address",
]
FILES = {
    "/data/recommendations.csv": "text/csv; charset=utf-8; header=present",
    "/data/updates.csv": "text/csv; charset=utf-8; header=present",
    "/data/statuses.csv": "text/csv; charset=utf-8; header=present",
    "/data/progress.json": "application/json; charset=utf-8",
    "/data/progress.xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    **{f"/data/{schema_name(version)}": "application/schema+json; charset=utf-8" for version in VERSIONS},
    "/data/datapackage.json": "application/json; charset=utf-8",
}
FILTERED = [address for address in FILES if "schema" not in address and "package" not in address]


def rows(response):
    return list(csv.DictReader(io.StringIO(response.content.decode(), newline="")))


def rows_as_text(found):
    return [{name: str(cell) if isinstance(cell, list) else cell for name, cell in row.items()} for row in found]


def text_of(response):
    return " ".join(response.content.decode().split())


def sheets(response):
    from openpyxl import load_workbook

    workbook = load_workbook(io.BytesIO(response.content))
    return {sheet.title: [[cell.value for cell in row] for row in sheet.iter_rows()] for sheet in workbook}


@pytest.mark.parametrize(("address", "content_type"), FILES.items())
def test_each_file_has_its_type_and_a_neutral_name(client, address, content_type):
    make_update(statuses={make_recommendation(): Status.ONGOING})

    response = client.get(address)

    assert response.status_code == 200
    assert response["Content-Type"] == content_type
    assert response["Content-Disposition"] == f'attachment; filename="{address.removeprefix("/data/")}"'


@pytest.mark.parametrize("address", FILES)
def test_a_file_that_did_not_change_is_not_sent_again(client, address):
    make_update(statuses={make_recommendation(): Status.ONGOING})

    first = client.get(address)
    again = client.get(address, headers={"if-none-match": first["ETag"]})
    head = client.head(address)

    assert (again.status_code, again.content) == (304, b"")
    assert (head.content, head["ETag"]) == (b"", first["ETag"])
    assert client.get(address).content == first.content


def test_a_file_changes_with_what_it_holds(client, user, now):
    update = make_update(statuses={make_recommendation(): Status.ONGOING}, text="Canary of a text.")
    before = {address: client.get(address)["ETag"] for address in FILTERED}

    take_down(update, reason="It named a person.", by=user, at=now)

    for address, etag in before.items():
        after = client.get(address, headers={"if-none-match": etag})
        assert after.status_code == 200
        assert b"Canary" not in after.content


def test_frictionless_accepts_the_files_as_they_are_served(client, sample, tmp_path):
    import frictionless

    for address in FILES:
        (tmp_path / address.removeprefix("/data/")).write_bytes(client.get(address).content)

    report = frictionless.validate(str(tmp_path / "datapackage.json"))

    assert report.flatten(["type", "message"]) == []
    assert report.stats["tasks"] == 3


def test_the_json_follows_the_schema_that_is_served(client, sample):
    from jsonschema import Draft202012Validator

    for address in ("/data/progress.json", "/data/progress.json?area=3"):
        document = client.get(address).json()
        schema = client.get(document["$schema"]).json()
        assert schema["$id"] == document["$schema"]
        assert list(Draft202012Validator(schema).iter_errors(document)) == []


def test_the_json_inside_an_old_edition_follows_the_schema_that_it_names(client, sample):
    from jsonschema import Draft202012Validator

    def check(document):
        schema = client.get(document["$schema"]).json()
        assert schema["$id"] == document["$schema"]
        assert list(Draft202012Validator(schema).iter_errors(document)) == []

    document = client.get("/data/progress.json").json()
    # What version 3 wrote: texts in the place of lists, and a licence whether or not there was one.
    document |= {"$schema": f"{settings.SITE_URL}/data/progress-3.schema.json", "version": 3}
    document["licence"] = {"name": "", "address": ""}
    del document["reuse"], document["closed_on"]
    for name in ("recommendations", "updates"):
        document[name] = rows_as_text(document[name])
    check(document)
    # What version 1 wrote: this address, and nothing of what came later.
    document |= {"$schema": f"{settings.SITE_URL}/data/progress.schema.json", "version": 1}
    del document["origins"]
    document["recommendations"] = [{name: row[name] for name in FIRST_COLUMNS} for row in document["recommendations"]]
    for row in document["updates"]:
        del row["evidence_archived"], row["evidence_gone"]
    for row in document["statuses"]:
        del row["status_label"]
    check(document)


@pytest.mark.parametrize("version", [0, JSON_SCHEMA_VERSION + 1])
def test_there_is_no_schema_of_a_version_that_never_was(client, version):
    assert client.get(f"/data/progress-{version}.schema.json").status_code == 404


def test_the_files_agree(client, sample):
    tables = client.get("/data/progress.json").json()
    workbook = sheets(client.get("/data/progress.xlsx"))

    for name in ("recommendations", "updates", "statuses"):
        table = rows(client.get(f"/data/{name}.csv"))
        assert len(table) == len(tables[name]) == len(workbook[name]) - 1
        assert list(table[0]) == list(tables[name][0]) == workbook[name][0]


def test_the_status_note_and_the_day_are_in_the_files(client, sample):
    note = sample.report.status_note
    today = timezone.localdate().isoformat()
    about = dict(sheets(client.get("/data/progress.xlsx"))["about"])
    document = client.get("/data/progress.json").json()

    assert note in about["About the statuses"]
    assert about["As of"] == today
    assert note in document["status_note"]
    assert document["as_at"] == today
    assert note in client.get("/data/datapackage.json").json()["description"]
    assert note in client.get("/data/").context["snapshot"].status_note


@override_settings(SITE_URL="https://tracker.example.org")
def test_addresses_and_citation_lead_to_the_site(client):
    make_recommendation()

    document = client.get("/data/progress.json").json()

    assert document["$schema"] == f"https://tracker.example.org/data/{schema_name(JSON_SCHEMA_VERSION)}"
    assert document["recommendations"][0]["address"] == "https://tracker.example.org/recommendations/1.1/"
    assert document["citation"].endswith(f"as of {document['as_at']}. https://tracker.example.org/data/")
    assert client.get("/data/datapackage.json").json()["homepage"] == "https://tracker.example.org/data/"


def test_a_licence_is_told_where_one_was_chosen(client):
    make_plan(data_licence="CC BY 4.0", data_licence_address="https://example.org/by/4.0/")

    assert client.get("/data/datapackage.json").json()["licenses"] == [
        {"title": "CC BY 4.0", "path": "https://example.org/by/4.0/"}
    ]
    assert '<a href="https://example.org/by/4.0/" rel="noreferrer">CC BY 4.0</a>' in text_of(client.get("/data/"))
    about = dict(sheets(client.get("/data/progress.xlsx"))["about"])
    assert about["Use"] == "Data licence: CC BY 4.0 https://example.org/by/4.0/"
    document = client.get("/data/progress.json").json()
    assert document["licence"] == {"name": "CC BY 4.0", "address": "https://example.org/by/4.0/"}


def test_without_a_licence_readers_are_told_whom_to_ask_and_of_no_fault(client):
    make_plan(contact_email="data@example.org")
    make_update(statuses={make_recommendation(): Status.ONGOING})
    asked = "You may read, link and quote. To republish the data, ask: Example Organisation, data@example.org"
    document = client.get("/data/progress.json").json()
    package = client.get("/data/datapackage.json").json()

    assert (document["licence"], document["reuse"]) == (None, asked)
    assert (package.get("licenses"), asked in package["description"]) == (None, True)
    assert dict(sheets(client.get("/data/progress.xlsx"))["about"])["Use"] == asked
    for address in ("/data/", "/about/"):
        page = text_of(client.get(address)).partition("<main")[2]
        assert "Before you republish the data, please ask Example Organisation." in page
        assert 'href="mailto:data@example.org"' in page
        assert "hasn’t chosen" not in page


def test_a_filtered_file_holds_what_was_asked_for_and_says_so(client):
    police = make_party(name="police", slug="police")
    first, second = make_area(), make_area()
    make_recommendation(area=first, parties=[police])
    asked_for = make_recommendation(area=second, parties=[police], text="Build trust.")
    make_recommendation(area=second)
    make_update(statuses={asked_for: Status.ON_HOLD})
    query = "?q=trust&status=on-hold&area=2&party=police"

    table = client.get(f"/data/recommendations.csv{query}")
    document = client.get(f"/data/progress.json{query}")
    workbook = client.get(f"/data/progress.xlsx{query}")

    assert [row["reference"] for row in rows(table)] == ["2.1"]
    assert table["Content-Disposition"] == 'attachment; filename="recommendations-filtered.csv"'
    assert document["Content-Disposition"] == 'attachment; filename="progress-filtered.json"'
    assert [entry["reference"] for entry in document.json()["recommendations"]] == ["2.1"]
    assert document.json()["is_filtered"] is True
    assert "with “trust”" in document.json()["filter"]
    assert "addressed to police" in dict(sheets(workbook)["about"])["Filtered"]
    assert len(sheets(workbook)["recommendations"]) == 2


def test_a_filter_that_finds_nothing_gives_an_empty_file(client):
    make_recommendation()

    response = client.get("/data/recommendations.csv?q=nowhere")

    assert response.status_code == 200
    assert rows(response) == []


@pytest.mark.parametrize("address", FILTERED)
@pytest.mark.parametrize(
    "query",
    [
        "area=99",
        "status=done",
        "party=nobody",
        "q=%00",
        "q=" + "x" * 60_000,
        "area=1&area=2",
        "&".join(["q=1"] * 1_500),
    ],
    ids=["area", "status", "party", "nul", "long", "twice", "many"],
)
def test_a_filter_that_cannot_be_read_gives_a_page_that_helps_instead_of_a_file(client, address, query):
    make_recommendation()

    response = client.get(f"{address}?{query}")

    assert response.status_code == 404
    assert response["Content-Type"] == "text/html; charset=utf-8"
    assert "We couldn’t make this file" in text_of(response)
    assert f'href="{address}"' in text_of(response)


@pytest.mark.parametrize("address", ["/data/nothing.csv", "/data/progress.csv", "/data/recommendations.json"])
def test_files_that_do_not_exist(client, address):
    make_plan()

    assert client.get(address).status_code == 404


@pytest.mark.parametrize("address", ["/data/", *(address for address in FILES if "schema" not in address)])
def test_there_is_no_data_before_there_is_a_plan(client, address):
    assert client.get(address).status_code == 404


def test_pages_of_other_sites_read_what_is_for_programs_and_nothing_else(client, user, now, fake_pdf):
    make_update(statuses={make_recommendation(): Status.ONGOING})
    publish_report(make_report(), by=user, at=now)
    snapshots = (f"{edition.get_absolute_url()}snapshot.json" for edition in Edition.objects.all())
    files = {"/data/", *FILES, *snapshots}
    others = {"/reports/editions.json", "/admin/login/", "/data/recommendations.csv?area=99"}
    allowed = set()
    for address in {*public_addresses(), *files, *others}:
        answer = client.get(address)
        again = client.get(address, headers={"if-none-match": answer.get("ETag", "")})
        said = {one.get("Access-Control-Allow-Origin") for one in (answer, again)}
        assert len(said) == 1, address
        allowed |= {address} if said == {"*"} else set()

    assert allowed == files


def test_nothing_private_is_in_any_file(client, sample):
    for address in FILTERED:
        content = client.get(address).content
        if address.endswith("xlsx"):
            content = repr(sheets(client.get(address))).encode()
        assert b"CANARY" not in content
        assert b"a liaison was named" not in content


def test_no_file_names_staff_or_the_program(client, plan_2020, user):
    make_user(username=STAFF_NAME)
    from zipfile import ZipFile

    workbook = ZipFile(io.BytesIO(client.get("/data/progress.xlsx").content))
    core = workbook.read("docProps/core.xml").decode()

    assert "Living in Community" in core
    assert "openpyxl" not in core
    assert "dcterms" not in core.partition(">")[2].partition(">")[2]


def test_the_page_describes_every_column_and_lists_every_feed(client, sample):
    response = client.get("/data/")
    text = text_of(response)

    for table in response.context["tables"]:
        assert all(f"<code>{column.name}</code>" in text for column in table.columns)
        assert all(column.description for column in table.columns)
    assert 'href="/updates.atom"' in text
    assert all(f'href="/areas/{number}/updates.atom"' in text for number in range(1, 9))
    assert 'href="/parties/law-enforcement-agencies/updates.atom"' in text
    # An earlier version of the schema is for those whose file names it.
    earlier = [f"/data/{schema_name(version)}" for version in VERSIONS[:-1]]
    assert all(f'href="{address}"' in text for address in FILES if address not in earlier)


def test_search_engines_find_a_data_set_with_its_files(client, sample):
    text = text_of(client.get("/data/"))

    assert text.count('itemscope itemtype="https://schema.org/Dataset"') == 1
    assert set(re.findall(r'itemprop="contentUrl" href="([^"]+)"', text)) == set(FILTERED)
    assert f'<meta itemprop="dateModified" content="{timezone.localdate().isoformat()}">' in text
    assert "<script" not in text.partition("<main")[2]


def test_what_the_page_says_of_the_files_can_be_translated(client, sample, monkeypatch):
    monkeypatch.setattr("django.utils.translation._trans.gettext", lambda message: f"⟦{message}⟧")

    page = client.get("/data/").content.decode()

    assert "⟦The recommendation as adopted.⟧" in page
    assert "⟦Every status recorded⟧" in page


def test_the_page_tells_the_size_of_each_file(client, sample):
    sizes = client.get("/data/").context["sizes"]

    assert sizes == {
        address.removeprefix("/data/").replace(".", "_"): len(client.get(address).content) for address in FILTERED
    }


def test_the_page_tells_new_sizes_when_something_changed(client, plan_2020, user, now):
    before = client.get("/data/").context["sizes"]
    publish_report(
        Report.objects.get(),
        by=user,
        at=now,
        ready=[u.pk for a in ActionPlan.objects.get().areas.all() for u in a.updates.all()],
    )

    assert client.get("/data/").context["sizes"]["updates_csv"] > before["updates_csv"]


@pytest.mark.parametrize("count", [1, 30])
@pytest.mark.parametrize(
    ("address", "queries"),
    [("/data/", 17), ("/data/recommendations.csv", 15), ("/data/progress.xlsx", 15), ("/sitemap.xml", 15)],
)
def test_queries_do_not_grow(client, django_assert_num_queries, count, address, queries):
    area = make_area()
    for _ in range(count):
        make_update(statuses={make_recommendation(area=area, parties=[make_party()]): Status.ONGOING})

    with django_assert_num_queries(queries):
        assert client.get(address).status_code == 200


@override_settings(SITE_URL="https://tracker.example.org")
def test_robots_are_shown_the_sitemap(client):
    assert client.get("/robots.txt").content.decode() == (
        "User-agent: *\nDisallow: /admin/\n\nSitemap: https://tracker.example.org/sitemap.xml\n"
    )


def locations(client):
    root = ElementTree.fromstring(client.get("/sitemap.xml").content)
    return [location.text for location in root.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]


def test_the_sitemap_has_every_public_page_once(client, sample, user, now):
    """That each of them answers is seen by `test_every_link_leads_somewhere` in tests/test_browser.py."""
    locs = [location.removeprefix("http://127.0.0.1:8000") for location in locations(client)]

    assert len(set(locs)) == len(locs)
    for address in (
        "/",
        "/areas/8/",
        "/recommendations/2.2/",
        "/parties/funders/",
        "/updates/1/",
        "/data/",
        "/safety/",
    ):
        assert address in locs
    assert "/reports/two-year-update-sample/editions/1/" in locs
    assert "/reports/two-year-update-sample/report.pdf" in locs
    assert [location for location in locs if location.endswith(".pdf") and "editions" in location] == []


def test_the_sitemap_has_nothing_that_is_not_public(client, user, now):
    recommendation = make_recommendation()
    draft = make_update(statuses={recommendation: Status.ONGOING}, published=False)
    withdrawn, removed = (make_update(statuses={recommendation: Status.ONGOING}) for _ in range(2))
    withdraw_update(withdrawn, note="An error.", by=user, at=now)
    take_down(removed, reason="A name.", by=user, at=now)
    make_recommendation(added_on=timezone.localdate() + dt.timedelta(days=9))

    locs = " ".join(locations(client))

    assert "/recommendations/1.1/" in locs
    assert "/recommendations/1.2/" not in locs
    assert not any(f"/updates/{update.pk}/" in locs for update in (draft, withdrawn, removed))


@override_settings(SITE_URL="https://tracker.example.org")
def test_the_sitemap_gives_the_sites_own_address(client):
    make_plan()

    assert {location[:28] for location in locations(client)} == {"https://tracker.example.org/"}


def test_a_sitemap_asked_for_with_too_much_is_not_found(client):
    make_plan()
    query = "&".join(f"a{number}=1" for number in range(2000))

    assert client.get(f"/sitemap.xml?{query}").status_code == 404


def test_the_sitemap_is_empty_before_there_is_a_plan(client):
    assert locations(client) == []


@override_settings(SITE_URL="https://tracker.example.org")
def test_security_txt_names_a_contact_and_expires_within_a_year(client):
    make_plan(contact_email="contact@example.org")

    fields = dict(line.split(": ", 1) for line in client.get("/.well-known/security.txt").content.decode().splitlines())

    assert fields["Contact"] == "mailto:contact@example.org"
    assert fields["Canonical"] == "https://tracker.example.org/.well-known/security.txt"
    left = dt.datetime.fromisoformat(fields["Expires"]) - timezone.now()
    assert dt.timedelta(days=30) < left < dt.timedelta(days=365)


def test_security_txt_falls_back_on_the_website_and_is_absent_without_either(client):
    plan = make_plan(website="https://example.org/")
    with_website = client.get("/.well-known/security.txt").content.decode()
    plan.website = ""
    plan.save()

    assert with_website.startswith("Contact: https://example.org/\n")
    assert client.get("/.well-known/security.txt").status_code == 404


def test_the_icon_is_found_at_the_address_of_old(client):
    response = client.get("/favicon.ico")

    assert (response.status_code, response["Location"]) == (302, "/static/icon.svg")
