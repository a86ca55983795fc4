"""Open data: complete, described, harmless in a spreadsheet, and nothing unpublished in it."""

import csv
import datetime as dt
import io
import json
from dataclasses import replace
from hashlib import sha256

import pytest

from recommendations.data.files import CUT, XLSX_CELL, defused, to_csv, to_json, to_xlsx, undefused
from recommendations.data.package import SCHEMAS, data_package, json_schema
from recommendations.data.tables import JSON_SCHEMA_VERSION, tables
from recommendations.public.base import as_json
from recommendations.publishing.updates import Content, correct_update
from recommendations.reading.snapshot import snapshot
from tests.factories import make_party, make_plan, make_recommendation, make_update

pytestmark = pytest.mark.django_db
SITE = "https://tracker.example.org"
ON = dt.date(2020, 6, 30)


def read(table):
    return list(csv.DictReader(io.StringIO(to_csv(table).decode(), newline="")))


@pytest.fixture
def taken():
    first = make_recommendation(parties=[make_party(name="funders"), make_party(name="BC Housing")])
    second = make_recommendation()
    make_update(statuses={first: "planned"}, dated_on=dt.date(2020, 1, 1), evidence=[("Minutes", "https://a.example/")])
    make_update(statuses={first: "on hold", second: "planned"}, dated_as_published="June 2020")
    make_update(statuses={second: "completed"}, text="canary", published=False)
    return snapshot(make_plan(), on=ON)


def test_recommendations_say_who_what_and_where_they_stand(taken):
    first, second = read(tables(taken, site=SITE)[0])

    assert first["reference"] == "1.1"
    assert first["responsible_parties"] == "BC Housing; funders"
    assert (first["status"], first["status_dated_on"], first["status_date_as_published"]) == (
        "on hold",
        "2020-06-30",
        "June 2020",
    )
    assert first["updates"] == "2"
    assert second["address"] == "https://tracker.example.org/recommendations/1.2/"


def test_statuses_list_every_one_recorded_with_the_one_before(taken):
    table = read(tables(taken, site=SITE)[2])

    rows = [(row["reference"], row["status_before"], row["status"], row["is_change"]) for row in table]

    assert rows == [
        ("1.1", "", "planned", "true"),
        ("1.1", "planned", "on hold", "true"),
        ("1.2", "", "planned", "true"),
    ]


def test_a_correction_is_dated_as_on_the_pages(user):
    update = make_update(statuses={make_recommendation(): "planned"})
    late_in_the_evening = dt.datetime(2020, 7, 3, 3, 0, tzinfo=dt.UTC)
    content = replace(Content.of(update), text="Corrected.")
    correct_update(update, content=content, note="A slip.", by=user, at=late_in_the_evening)

    updates = read(tables(snapshot(make_plan(), on=ON), site=SITE)[1])

    assert updates[0]["corrections"] == "2020-07-02: A slip."


def test_nothing_unpublished_is_in_any_file(taken):
    files = [to_csv(table) for table in tables(taken, site=SITE)] + [to_json(taken, site=SITE)]

    assert not any(b"canary" in file for file in files)


def test_a_filtered_file_holds_what_was_asked_for_and_says_so(taken):
    recommendations, updates, statuses = tables(taken, site=SITE, only=["1.2"])

    assert [row[0] for row in recommendations.rows] == ["1.2"]
    assert len(updates.rows) == 1
    assert {row[0] for row in statuses.rows} == {"1.2"}
    assert json.loads(to_json(taken, site=SITE, only=["1.2"]))["is_filtered"] is True
    assert json.loads(to_json(taken, site=SITE))["is_filtered"] is False


def test_json_lists_what_tables_separate_by_semicolons(taken):
    document = json.loads(to_json(taken, site=SITE))
    first, second = document["recommendations"]

    assert first["responsible_parties"] == [
        {"slug": one.slug, "name": one.name, "is_everyone": False} for one in taken.recommendations[0].parties
    ]
    assert [party["name"] for party in first["responsible_parties"]] == ["BC Housing", "funders"]
    assert (second["responsible_parties"], second["replaced_by"], second["changes"]) == ([], [], [])
    assert [row["references"] for row in document["updates"]] == [["1.1"], ["1.1", "1.2"]]
    assert document["updates"][0]["evidence"] == [{"label": "Minutes", "address": "https://a.example/"}]


@pytest.mark.parametrize("reference", ["2.10", "42", "12(b)", "007", "1e5"])
def test_a_reference_stays_text_in_every_file(reference, tmp_path):
    from frictionless import Package
    from openpyxl import load_workbook

    make_update(statuses={make_recommendation(reference=reference): "planned"})
    taken = snapshot(make_plan(), on=ON)
    written = tables(taken, site=SITE)
    for table in written:
        (tmp_path / f"{table.name}.csv").write_bytes(to_csv(table))
    (tmp_path / "datapackage.json").write_text(json.dumps(data_package(taken, site=SITE)))

    document = json.loads(to_json(taken, site=SITE))
    workbook = load_workbook(io.BytesIO(to_xlsx(written, notes=[])))
    cells = [workbook["recommendations"]["A2"], workbook["updates"]["F2"], workbook["statuses"]["A2"]]
    read_by_schema = [
        row["reference"] for row in Package(tmp_path / "datapackage.json").get_resource("statuses").read_rows()
    ]

    assert {(cell.value, cell.data_type, cell.number_format) for cell in cells} == {(reference, "s", "@")}
    assert [read(table)[0].get("reference", reference) for table in written] == [reference] * 3
    assert document["statuses"][0]["reference"] == document["updates"][0]["references"][0] == reference
    assert read_by_schema == [reference]


@pytest.mark.parametrize(
    "text",
    [*("=1+1", "+1", "-1", "@SUM(A1)", "|cmd", " =1", "\t1"), "\ufeff=1", "\u200b=1", "\uff1d1", "\u2060@x"],
)
def test_text_that_would_run_as_a_formula_is_defused(text):
    make_update(statuses={make_recommendation(): "planned"}, text=text)
    table = tables(snapshot(make_plan(), on=ON), site=SITE)[1]

    assert read(table)[0]["text"] == f"'{text}"


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a;=1+1;b", "a;'=1+1;b"),
        ("a\n =1", "a\n' =1"),
        ("a\t@SUM(A1)", "a\t'@SUM(A1)"),
        ("a;-WEBSERVICE(A1)", "a;'-WEBSERVICE(A1)"),
        ("a\n+cmd|' /C calc'!A0", "a\n'+cmd|' /C calc'!A0"),
        ("a;\uff1d1", "a;'\uff1d1"),
        ("=a;=b", "'=a;'=b"),
        ("\n=1", "'\n'=1"),
        ("Done:\n- housing (two)\n- health; +1 of 3", "Done:\n- housing (two)\n- health; +1 of 3"),
    ],
)
def test_text_is_defused_where_the_file_is_split_at_semicolons_and_tabs_too(text, written):
    assert defused(text) == written
    assert undefused(written) == text


def test_ordinary_text_is_left_alone():
    make_update(statuses={make_recommendation(): "planned"}, text="A plan – 1 = 2, “quoted”, a\nsecond line")
    table = tables(snapshot(make_plan(), on=ON), site=SITE)[1]

    assert read(table)[0]["text"] == "A plan – 1 = 2, “quoted”, a\nsecond line"


def test_the_workbook_types_text_as_text_and_says_where_it_cut():
    from openpyxl import load_workbook

    make_update(statuses={make_recommendation(text="=1+1"): "planned"}, text="x" * 20_000)
    taken = snapshot(make_plan(), on=ON)
    (long,) = tables(taken, site=SITE)[1:2]
    longer = type(long)(long.name, long.title, long.columns, long.key, ((1, ON, "", None, 1, "1.1", "x" * 40_000),))

    workbook = load_workbook(io.BytesIO(to_xlsx([tables(taken, site=SITE)[0], longer], notes=[("As at", "=today")])))

    assert workbook.sheetnames == ["about", "recommendations", "updates"]
    assert workbook["recommendations"]["D2"].value == "=1+1"
    assert workbook["recommendations"]["D2"].data_type == "s"
    assert workbook["about"]["B1"].data_type == "s"
    cut = workbook["updates"]["G2"].value
    assert len(cut) == XLSX_CELL
    assert cut.endswith(CUT)


def test_the_json_follows_its_schema(taken):
    from jsonschema import Draft202012Validator

    schema = json_schema(site=SITE)
    Draft202012Validator.check_schema(schema)

    errors = list(Draft202012Validator(schema).iter_errors(json.loads(to_json(taken, site=SITE))))

    assert errors == []


def shape(schema):
    """What programs rely on in a JSON Schema: names, types and what is required, not the words about them."""
    if not isinstance(schema, dict):
        return schema
    kept = {name: shape(value) for name, value in schema.items() if name not in ("$id", "title", "description")}
    if "properties" in schema:
        kept["properties"] = {name: shape(value) for name, value in schema["properties"].items()}
    return kept


def test_the_schema_and_its_version_move_together(tmp_path):
    stored = {path.stem: json.loads(path.read_text()) for path in SCHEMAS.iterdir()}
    newest = f"progress_{JSON_SCHEMA_VERSION}"

    schema = json_schema(site="")
    now = shape(schema)
    (tmp_path / f"{newest}.json").write_bytes(as_json(schema) + b"\n")

    assert set(stored) == {f"progress_{version}" for version in range(1, JSON_SCHEMA_VERSION + 1)}
    assert now == shape(stored[newest]), (
        "The published schema has changed. Once its version is released, a changed one needs the next "
        f"JSON_SCHEMA_VERSION and a file of its own in {SCHEMAS.name}. It is in {tmp_path}."
    )
    assert all(one["properties"]["version"] == {"const": int(name.rpartition("_")[2])} for name, one in stored.items())


@pytest.mark.parametrize(
    ("version", "digest"),
    [
        (1, "0dd2f75430125f585c766e81e4fcda5b685763a95e022b2bc9e71ad7f3ecf703"),
        (2, "fce3c391f46e66bfc660f0eaa6b753e53bc1f1d5372f2c440fe3a60b3f6fc975"),
        (3, "a043cbb501cf462a937512220f74094a491a78b85e6225c12a822351c1785ccb"),
        (4, "e8c3a8750cb08ce2e0a837e2db3ca74a30d10c17dfb426f8c4dbba8e272f661a"),
    ],
)
def test_an_earlier_schema_is_served_as_it_always_was(version, digest):
    """With its descriptions, byte for byte: these hashes are of what each version served while it was the newest."""
    assert sha256(as_json(json_schema(site=SITE, version=version))).hexdigest() == digest


def test_a_data_package_has_the_columns_of_the_schema(taken):
    properties = json_schema(site=SITE)["properties"]

    columns = {
        resource["name"]: [field["name"] for field in resource["schema"]["fields"]]
        for resource in data_package(taken, site=SITE)["resources"]
    }

    assert columns == {name: list(properties[name]["items"]["properties"]) for name in columns}
    assert set(columns) == {"recommendations", "updates", "statuses"}


def test_frictionless_accepts_the_package(taken, tmp_path):
    import frictionless

    for table in tables(taken, site=SITE):
        (tmp_path / f"{table.name}.csv").write_bytes(to_csv(table))
    (tmp_path / "datapackage.json").write_text(json.dumps(data_package(taken, site=SITE)))

    report = frictionless.validate(str(tmp_path / "datapackage.json"))

    assert report.flatten(["type", "message"]) == []
    assert report.stats["tasks"] == 3
