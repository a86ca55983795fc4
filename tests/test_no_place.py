"""Nothing of the first plan stands in the software: not its organization, its conference, its province or its subject.

Its words are in `fixtures/`, and in tests and docs that are about it.
"""

import datetime as dt
import io
import re
import subprocess
import zipfile
from pathlib import Path

import pypdf
import pytest

from recommendations.models import ActionPlan, ProgressUpdate, Report, StatusWording
from recommendations.publishing.reports import publish_report
from recommendations.reading.snapshot import report_snapshot
from recommendations.report.editions import draft_pdf
from tests.factories import AT, make_area, make_party, make_plan, make_recommendation, make_report, make_update
from tests.public import public_addresses

THEIRS = re.compile(
    r"\bLIC\b|living in community|\bBC\b|british columbia|vancouver|coast salish|weather\.gc\.ca|"
    r"sex.?work|violen[ct]|bad date|may 2019|safer province",
    re.IGNORECASE,
)
# The typeface keeps its name.
TYPEFACE = re.compile(r"\bBC.?Sans|@bcgov/bc-sans")
PAGES = (
    "/media/",
    "/about/",
    "/privacy/",
    "/accessibility/",
    "/safety/",
    "/robots.txt",
    "/.well-known/security.txt",
    "/no-such-page/",
)
FILES = ("/data/datapackage.json", "/data/progress-3.schema.json", "/?q=river&status=on-hold", "/?q=no-such-word")
SOURCES = ("recommendations", "templates", "tracker", "static/css", "static/js", "bench", "manage.py", "pyproject.toml")


def found_in(text):
    return {found[0] for found in THEIRS.finditer(TYPEFACE.sub("", text))}


def tracked(*paths):
    listed = subprocess.run(["git", "ls-files", *paths], capture_output=True, text=True, check=True)
    return [Path(name) for name in listed.stdout.split("\n") if name]


@pytest.mark.parametrize("path", tracked(*SOURCES), ids=str)
def test_no_source_and_no_template_names_the_first_plan(path):
    """Migrations say what earlier versions said, and are never changed."""
    if path.parent.name == "migrations" or path.suffix in (".png", ".woff", ".woff2"):
        return

    assert found_in(path.read_text()) == set()


def test_no_text_of_a_catalogue_names_the_first_plan():
    assert [found for path in tracked("locale") if path.suffix == ".po" for found in found_in(path.read_text())] == []


def test_what_is_looked_for_is_found():
    assert found_in("“BC Sans” of LIC in British Columbia, at weather.gc.ca") == {
        "LIC",
        "British Columbia",
        "weather.gc.ca",
    }
    assert found_in(Path("fixtures/one-year-update-2020.json").read_text()) >= {"LIC", "Vancouver", "sex work"}


@pytest.fixture
def city(user):
    """An invented plan that isn't the first one: no conference, words of its own, a report to be published."""
    plan = make_plan(
        title="A City for the Water",
        organisation_name="City of Exampleville",
        contact_email="water@example.org",
        recommendation_name="call to action",
        recommendation_name_plural="calls to action",
        conference_name="",
        conference_starts_on=None,
        conference_ends_on=None,
        accent_colour="#1f4e79",
    )
    StatusWording.objects.create(status="planned", label="Decided", definition="The council decided on it.")
    StatusWording.objects.create(status="on hold", is_used=False)
    StatusWording.objects.create(status="not started", is_used=False)
    area = make_area(title="The river")
    one = make_recommendation(
        area=area, text="Keep the river clean.", parties=[make_party(name="the works", slug="works")]
    )
    other = make_recommendation(area=area, text="Plant trees by the river.")
    make_update(statuses={one: "planned", other: "in progress"}, text="The council met.", dated_on=dt.date(2020, 6, 1))
    make_report()
    return plan


def texts_of(content, path):
    """The text of an answer, workbooks unpacked."""
    if not path.endswith("xlsx"):
        return content.decode("utf-8", "replace")
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        return " ".join(book.read(name).decode("utf-8", "replace") for name in book.namelist())


@pytest.mark.parametrize("language", ["en-ca", "fr-ca"])
def test_no_page_file_or_feed_of_another_plan_names_the_first_one(city, client, user, fake_pdf, language):
    ActionPlan.objects.update(language=language)
    publish_report(Report.objects.get(), by=user, at=AT)
    addresses = [*public_addresses(), *PAGES, *FILES, "/parties/works/", "/parties/works/updates.atom"]

    named = {}
    for path in dict.fromkeys(addresses):
        text = texts_of(client.get(path).content, path)
        words = found_in(text) | set(re.findall(r"(?i)conf[eé]rence\b", re.sub("conference_", "", text)))
        # A stored snapshot names the fields that it leaves empty.
        if words:
            named[path] = words

    assert named == {}


def test_staff_of_another_plan_read_nothing_of_the_first_one(city, staff):
    update = ProgressUpdate.objects.get()
    pages = ["", "recommendations/actionplan/1/change/", f"recommendations/progressupdate/{update.pk}/change/"]

    assert {page: words for page in pages if (words := found_in(staff.get(f"/admin/{page}").content.decode()))} == {}


def test_the_pdf_of_another_plan_names_nothing_of_the_first_one(city, caplog):
    pages = pypdf.PdfReader(io.BytesIO(draft_pdf(report_snapshot(city.reports.get()), at=AT).make())).pages
    text = " ".join(page.extract_text() for page in pages)

    assert "2 calls to action, and where they stand" in " ".join(text.split())
    assert [record.getMessage() for record in caplog.records if "WeasyPrint" in record.getMessage()] == []
    assert found_in(text) | set(re.findall("onference", text)) == set()
