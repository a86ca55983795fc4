"""From nothing to the published report of an invented organization, in French, in a browser, without a shell.

The way is that of docs/handbook/setting-up.md. It is gone once for the module; the tests then look at what it left.
"""

import csv
import io
import json
import re
import subprocess
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from urllib.parse import urlencode
from zipfile import ZipFile

import feedparser
import pypdf
import pypdfium2
import pytest
from jsonschema import Draft202012Validator

from recommendations.data.tables import JSON_SCHEMA_VERSION
from recommendations.models import Status
from tests.browser import Person, nu_faults, violations
from tests.installations import bootstrapped, clean_environment, copied, free_port
from tests.migrated import begin_there

pytestmark = [pytest.mark.browser, pytest.mark.process]

EXAMPLE = Path("fixtures/example")
SHEET = EXAMPLE / "engagements.csv"
SETTINGS = json.loads((EXAMPLE / "plan.json").read_text(encoding="utf-8"))
ROWS = list(csv.DictReader(SHEET.read_text(encoding="utf-8").splitlines(keepends=True)))
# The organization whose plan comes with the tracker, its conference and its province.
ANOTHERS = re.compile(
    r"Living in Community|\bLIC\b|British Columbia|Colombie-Britannique|\bBC\b(?! Sans)|Vancouver"
    r"|sex work|travail du sexe|\b2019\b|weather\.gc\.ca|parle de violence",
    re.IGNORECASE,
)
SCHEMA = f"/data/progress-{JSON_SCHEMA_VERSION}.schema.json"
SHAPES = ("42", "C2A 42", "A.3", "18.iii", "12(b)", "1.2.3", "H01", "R-7")


@dataclass
class Set:
    """What is there once the report is published."""

    staff: Person
    pdf: bytes

    def page(self, path):
        with urllib.request.urlopen(self.staff.site + path, timeout=30) as answer:
            return answer.read().decode()


@pytest.fixture(scope="module")
def running(tmp_path_factory, django_db_setup):
    """The folder and the address of a tracker that script/demo --empty has just begun, with an empty database."""
    folder, port = bootstrapped(copied(tmp_path_factory.mktemp("tracker"))), free_port()
    begin_there(folder)
    command = ["bash", "script/demo", "--empty", "--port", str(port)]
    with (folder / "said").open("w") as said:
        server = subprocess.Popen(command, cwd=folder, env=clean_environment(), stdout=said, stderr=said)
    try:
        wait_until_it_answers(f"http://127.0.0.1:{port}/healthz", server, folder / "said")
        yield folder, f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(60)


def wait_until_it_answers(address, server, said):
    deadline = time.monotonic() + 180
    while server.poll() is None and time.monotonic() < deadline:
        try:
            return urllib.request.urlopen(address, timeout=30).close()
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.2)
    pytest.fail(f"It does not answer. script/demo said:\n{said.read_text()}")


@pytest.fixture(scope="module")
def published(running, chromium):
    """The whole way, as docs/handbook/setting-up.md tells it."""
    folder, site = running
    staff = Person(chromium.new_context(accept_downloads=True), site)
    staff.page.set_default_timeout(60_000)
    sign_in_for_the_first_time(staff, (folder / "var/demo-password.txt").read_text().strip())
    enter_the_plan(staff)
    import_the_recommendations(staff)
    word_the_statuses(staff)
    for update in SETTINGS["updates"]:
        write_and_publish(staff, update)
    start_the_report(staff)
    yield Set(staff, publish_the_report(staff))
    assert staff.refused == []
    staff.page.context.close()


def sign_in_for_the_first_time(staff, password):
    staff.open("/")
    assert "This tracker has no plan yet" in staff.words()
    staff.click("Sign in: the first page says how", link=True)
    staff.give_password("admin", password)
    assert "Set up your tracker" in staff.words()
    assert violations(staff.page) == []


def enter_the_plan(staff):
    staff.click("Enter your plan", link=True)
    assert violations(staff.page) == []
    fill(staff, SETTINGS["plan"])
    staff.click("Save")
    assert "Your plan is saved. Next, import your recommendations." in staff.words()


def fill(staff, values):
    """Fill in the form field of each name; a group that is closed is opened first."""
    for name, value in values.items():
        field = staff.page.locator(f"#id_{name}")
        if not field.is_visible():
            staff.page.locator("details", has=field).locator("summary").click()
        if field.evaluate("one => one.tagName") == "SELECT":
            field.select_option(value)
        elif field.get_attribute("type") == "checkbox":
            field.set_checked(value)
        else:
            field.fill(value)


def import_the_recommendations(staff):
    with staff.page.expect_download() as template:
        staff.page.get_by_role("link", name="Download the template", exact=True).click()
    assert template.value.suggested_filename == "recommendations.xlsx"
    choose(staff, SHEET)
    assert "40 recommendations will be added" in staff.words()
    staff.click("Import it")
    assert "Imported: 40 recommendations added" in staff.words()


def choose(staff, path):
    staff.page.get_by_label("The spreadsheet").set_input_files(path)
    staff.click("See what would change")


def word_the_statuses(staff):
    """Some statuses get a label of the plan's own: in French, an engagement is masculine."""
    staff.click("Action plan", link=True)
    for status, label in SETTINGS["statuses"].items():
        fill(staff, {f"status_wordings-{Status.values.index(status)}-label": label})
    staff.click("Save")


def write_and_publish(staff, update):
    staff.open("/admin/")
    staff.click("Write an update", link=True)
    staff.send(f".choose a:has-text('{update['area']}')")
    fill(staff, {"text": update["text"], "dated_on": update["dated_on"]})
    for reference in update["references"]:
        staff.page.locator(
            ".coverage__row", has=staff.page.get_by_label(f"Status of {reference}", exact=True)
        ).get_by_role("checkbox").check()
    staff.page.locator("#id_coverage_all").select_option(update["status"])
    for label, address in update.get("evidence", ()):
        fill(staff, {"evidence_links-0-label": label, "evidence_links-0-address": address})
    staff.click("Save and publish now…")
    staff.click("Publish it now")


def start_the_report(staff):
    staff.open("/admin/")
    staff.click("Start a report", link=True)
    fill(staff, SETTINGS["report"])
    staff.click("Save")


def publish_the_report(staff):
    """Publishes it, reads it on the website, and returns the PDF that is offered there."""
    staff.open("/admin/")
    staff.click("Publish the report…", link=True)
    staff.click("Publish edition 1")
    staff.click("See it on the website", link=True)
    assert SETTINGS["report"]["title"] in staff.words()
    (link,) = {one.get_attribute("href") for one in staff.page.locator("a[href$='report.pdf']").all()}
    return staff.fetch(link)


def squeezed(words):
    return re.sub(r"\s+", "", words)


def printed(pdf):
    return squeezed("".join(page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(pdf)))


def visible(page):
    """The words of a page, without its code."""
    return unescape(re.sub(r"<(script|style).*?</\1>|<[^>]*>", " ", page, flags=re.DOTALL))


@pytest.fixture(scope="module")
def everything(published):
    """Every page and file that a reader reaches from the front page, by address."""
    found, waiting = {}, ["/"]
    while waiting:
        path = waiting.pop()
        with urllib.request.urlopen(published.staff.site + path, timeout=60) as answer:
            found[path] = answer.headers["Content-Type"], answer.read()
        if found[path][0].startswith("text/html"):
            links = set(re.findall(r'href="(/[^"#]*)', unescape(found[path][1].decode())))
            new = {link for link in links if not link.startswith(("/static/", "/admin/"))} - set(found) - set(waiting)
            waiting += sorted(new)
    return found


def pages_of(everything):
    return {path: body.decode() for path, (kind, body) in everything.items() if kind.startswith("text/html")}


def words_of(kind, body):
    """All that a page or a file says."""
    if kind == "application/pdf":
        return printed(body)
    if "spreadsheet" in kind:
        with ZipFile(io.BytesIO(body)) as book:
            return "".join(book.read(name).decode() for name in book.namelist())
    words = body.decode() if re.match("text/|application/.*(json|xml)", kind) else ""
    return visible(words) if kind.startswith("text/html") else words


@pytest.mark.long
def test_the_published_pdf_says_what_was_typed_in_french(published):
    words = printed(published.pdf)

    for said in (
        *(line for row in ROWS if "سكن" not in row["text"] for line in row["text"].splitlines()),
        *(line for update in SETTINGS["updates"] for line in update["text"].splitlines()),
        *(SETTINGS["report"]["title"], SETTINGS["report"]["approval"], SETTINGS["plan"]["organisation_name"]),
        *("Engagements", "C2A 42", "1er janvier 2025", "22 mai 2025", "Tenu"),
    ):
        assert squeezed(said.removeprefix("- ")) in words
    assert pypdf.PdfReader(io.BytesIO(published.pdf)).trailer["/Root"]["/Lang"].casefold() == "fr-ca"


def test_every_page_speaks_french(everything):
    pages = pages_of(everything)
    # This plan came out of no conference.
    unwanted = re.compile(r"\b(the|with|and|of|this|update|conf[eé]rence)\b", re.IGNORECASE)

    assert len(pages) > 60
    assert {path for path, page in pages.items() if '<html lang="fr-CA"' not in page} == set()
    assert {path: found for path, page in pages.items() if (found := set(unwanted.findall(visible(page))))} == {}


def test_no_page_or_file_speaks_of_another_organization(everything):
    told = {
        path: found
        for path, (kind, body) in everything.items()
        if (found := set(ANOTHERS.findall(words_of(kind, body))))
    }

    assert told == {}
    assert {"/data/progress.json", "/data/progress.xlsx", "/updates.atom"} <= set(everything)


def test_every_page_is_valid_html_and_every_feed_and_file_what_it_says(everything, tmp_path):
    """The pages of this plan by the Nu Html Checker, its feeds by feedparser, its data by their schema."""
    named = {}
    for number, (path, page) in enumerate(pages_of(everything).items()):
        (tmp_path / f"{number}.html").write_text(page)
        named[f"{number}.html"] = path
    feeds = {path: feedparser.parse(body) for path, (_kind, body) in everything.items() if path.endswith(".atom")}
    progress, schema = (json.loads(everything[path][1]) for path in ("/data/progress.json", SCHEMA))

    assert [(named[name], told) for name, told in nu_faults(tmp_path)] == []
    assert len(feeds) > 10
    assert {path for path, feed in feeds.items() if feed.bozo or not feed.feed.title} == set()
    Draft202012Validator(schema).validate(progress)


def test_axe_finds_nothing_on_the_kinds_of_pages_of_another_plan(published, everything):
    kinds = {re.sub(r"[^/]+(?=/)", "_", path): path for path in sorted(pages_of(everything)) if "?" not in path}

    faults = {}
    for path in kinds.values():
        published.staff.open(path)
        faults[path] = violations(published.staff.page)

    assert {path: found for path, found in faults.items() if found} == {}


@pytest.mark.parametrize("reference", SHAPES)
def test_a_reference_of_any_shape_is_everywhere_as_it_was_adopted(reference, published, everything):
    told = json.loads(everything["/data/progress.json"][1])["recommendations"]
    (entry,) = [one for one in told if one["reference"] == reference]
    path = entry["address"].removeprefix(published.staff.site)

    assert f">{reference}<" in everything["/"][1].decode()
    assert reference in visible(everything[path][1].decode())
    assert squeezed(reference) in printed(published.pdf)
    assert f"{reference}," in everything["/data/recommendations.csv"][1].decode()
    if reference in SETTINGS["updates"][-1]["references"]:
        assert reference in visible(everything["/updates.atom"][1].decode())
    for searched in (reference, f"engagement {reference}"):
        found = published.page(f"/?{urlencode({'q': searched})}")
        assert f">{reference}<" in found


def test_the_workspace_leads_nobody_through_it_any_more(published):
    published.staff.open("/admin/")

    assert "Set up your tracker" not in published.staff.words()


def test_the_sheet_out_and_in_again_changes_nothing(published, tmp_path):
    staff = published.staff
    staff.open("/admin/recommendations/recommendation/")
    staff.click("Export", link=True)
    with staff.page.expect_download() as download:
        staff.page.get_by_role("link", name="Download as XLSX", exact=True).click()
    exported = tmp_path / "exported.xlsx"
    download.value.save_as(exported)

    for sheet in (SHEET, exported):
        staff.open("/admin/recommendations/recommendation/import/")
        choose(staff, sheet)
        assert "Nothing would change. All 40 rows match the plan." in staff.words()
