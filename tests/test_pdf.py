"""The PDF: tagged, the same each time, bounded, and made without a look at anything but bundled files."""

import contextlib
import io
import json
import logging
import math
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import replace
from html import unescape
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from xml.etree import ElementTree

import pikepdf
import pypdf
import pypdfium2
import pytest

from recommendations.models import ProgressUpdate, Report
from recommendations.reading.snapshot import report_snapshot
from recommendations.report import pdf, renderer
from recommendations.report.document import article
from recommendations.report.editions import data_of, draft_pdf, rendered_pdf
from recommendations.report.pdf import MEBIBYTE, RenderFailed, _explained, end_renderer
from recommendations.report.renderer import (
    BASE_DIR,
    ORIGIN,
    RENDERS_PER_PROCESS,
    STATIC_DIR,
    Request,
    _breakable,
    _set_directions,
    answer_to,
    bundled_file,
)
from recommendations.text.fonts import lacking, printable
from tests.documents import (
    ARABIC,
    AT,
    CYRILLIC,
    FARSI,
    GREEK,
    NAMES,
    PUNJABI,
    Text,
    elements,
    make_full_snapshot,
    make_scripts_snapshot,
    make_snapshot,
    missing_in_order,
    printed,
    render,
    source_sentences,
    text_by_tags,
    text_of,
)

pytestmark = pytest.mark.rendering


def make_request(html):
    return Request(html, created=AT, modified=AT, attachments=(), pictures={}, identifier="", seconds=60, memory=2**31)


@pytest.fixture(autouse=True)
def site(settings):
    settings.SITE_URL = "https://tracker.example.org"


@pytest.fixture
def full():
    _html, content = printed("full")
    return content


@pytest.fixture
def opened(full):
    with pikepdf.open(io.BytesIO(full)) as opened:
        yield opened


def attribute(element, name):
    """An attribute of a structure element, or None."""
    return element.A.get(name) if "/A" in element else None


def test_stylesheets_hold_nothing_that_the_renderer_ignores(caplog):
    with caplog.at_level(logging.WARNING):
        render(article(make_full_snapshot()))

    assert [record.getMessage() for record in caplog.records] == []


def test_pdf_is_tagged_and_says_what_it_is(opened):
    with opened.open_metadata() as metadata:
        assert metadata["pdfuaid:part"] == "1"
        assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("3", "A")
        assert metadata["dc:title"] == "One-Year Update – Example Organisation"
        assert metadata["dc:creator"] == ["Example Organisation"]
        assert metadata["xmp:CreateDate"] == metadata["xmp:ModifyDate"] == "2020-07-02T00:00:00Z"
    with opened.open_outline() as outline:
        titles = [" ".join(item.title.split()) for item in outline.root]

    assert opened.Root.MarkInfo.Marked
    assert opened.Root.Lang == "en-ca"
    assert opened.Root.ViewerPreferences.DisplayDocTitle
    assert opened.Root.OutputIntents[0].S == "/GTS_PDFA1"
    assert {page.Tabs for page in opened.pages} == {pikepdf.Name.S}
    assert titles[0] == "One-Year Update"
    assert "Recommendation Area 1: Working & Together" in titles


@pytest.mark.parametrize("embargo", ["", "Wait for us."])
def test_each_page_of_a_draft_says_so(embargo):
    pages = pypdf.PdfReader(io.BytesIO(draft_pdf(make_snapshot(edition=None), at=AT, embargo=embargo).make())).pages

    words = [" ".join(page.extract_text().split()) for page in pages]
    assert len(words) > 2
    assert [number for number, said in enumerate(words) if "DRAFT of July 1, 2020, version" not in said] == []
    assert [number for number, said in enumerate(words) if embargo not in said] == []


def test_headings_of_tables_have_scopes_and_lists_say_how_they_count(opened):
    scopes = [str(attribute(heading, "/Scope")) for heading in elements(opened, "/TH")]
    numbering = {str(attribute(one, "/ListNumbering")) for one in elements(opened, "/L")}

    assert set(scopes) == {"/Row", "/Column"}
    assert numbering == {"/Disc", "/Decimal", "/None"}
    assert [one for one in elements(opened) if "/ID" in one or attribute(one, "/Headers") is not None] == []


def test_names_of_first_nations_are_marked_with_their_languages(opened):
    assert [str(one.Lang) for one in elements(opened) if "/Lang" in one] == ["hur", "squ"]


def test_drawings_say_what_they_show(opened):
    told = [str(figure.Alt) for figure in elements(opened, "/Figure")]

    assert len(told) == 2
    assert told[0].startswith("Working & Together. Not started: 1, In progress: 1, ")
    assert told[1].startswith("QR code of the address http")


def test_links_say_where_they_lead_and_none_leads_to_a_file(opened):
    links = [link for page in opened.pages for link in page.get("/Annots", [])]
    actions = [thing.A for thing in links if "/A" in thing]

    assert {str(action.S) for action in actions} == {"/URI"}
    assert {str(action.URI).partition(":")[0] for action in actions} <= {"http", "https", "mailto"}
    assert "Minutes (https://example.org/minutes)" in {str(link.Contents) for link in links}
    assert "Working & Together" in {str(link.Contents) for link in links}
    assert [str(link.Contents) for link in links if not str(link.Contents).strip()] == []
    assert not {"/OpenAction", "/AA", "/AcroForm"} & set(opened.Root.keys())


def test_pdf_carries_the_data_of_the_report(opened):
    files = {str(one.UF): one for one in opened.Root.AF}

    assert sorted(files) == ["progress.json", "recommendations.csv", "statuses.csv", "updates.csv"]
    assert [str(one.AFRelationship) for one in opened.Root.AF] == ["/Data"] * 4
    held = {name: opened.attachments[name].get_file().read_bytes() for name in files}
    assert held == {file.name: file.content for file in data_of(make_full_snapshot())}
    assert len(json.loads(held["progress.json"])["recommendations"]) == 10
    types = [str(files[name].EF.F.Subtype) for name in sorted(files)]
    assert types == ["/application/json", "/text/csv", "/text/csv", "/text/csv"]
    assert {str(one.EF.F.Params.ModDate) for one in files.values()} == {"D:20200702000000Z"}
    assert all(str(one.Desc) for one in files.values())


def test_every_font_is_bc_sans_inside_the_file(opened):
    fonts = [thing for thing in opened.objects if isinstance(thing, pikepdf.Dictionary) and "/FontName" in thing]

    assert len(fonts) > 1
    assert [
        str(font.FontName) for font in fonts if "BC-Sans" not in str(font.FontName).replace("BCSans", "BC-Sans")
    ] == []


def test_names_come_out_letter_for_letter(full):
    assert "".join(NAMES.split()) in text_of(full)


def test_heading_is_repeated_over_a_table_that_goes_on_and_nowhere_else(full):
    pages = [" ".join(page.extract_text().split()) for page in pypdf.PdfReader(io.BytesIO(full)).pages]
    heading = "Recommendation Area 1: Working & Together"

    first = next(number for number, page in enumerate(pages) if heading in page and "Do 1.1" in page)
    marked = [number for number, page in enumerate(pages) if f"{heading} (continued)" in page]

    assert len(marked) > 1
    assert marked == list(range(first + 1, first + 1 + len(marked)))
    assert "News" in pages[marked[-1]] or "News" in pages[marked[-1] + 1]


def test_points_of_an_adopted_text_are_tagged_as_a_list_with_the_marks_as_labels():
    opened = pikepdf.open(io.BytesIO(printed("points")[1]))

    lists = [one for one in elements(opened, "/L") if any(kid.S == "/LI" and labels(kid) for kid in one.K)]

    assert [(str(one.A.ListNumbering), [len(labels(item)) for item in one.K]) for one in lists] == [
        ("/LowerAlpha", [1, 1, 1]), ("/None", [1, 1]), ("/LowerRoman", [1, 1, 1]), ("/None", [1, 1]),
    ]  # fmt: skip
    assert {str(kid.S) for one in lists for item in one.K for kid in item.K} == {"/Lbl", "/LBody"}


def test_quotation_is_tagged_as_one():
    opened = pikepdf.open(io.BytesIO(printed("points")[1]))

    assert [[str(kid.S) for kid in one.K] for one in elements(opened, "/BlockQuote")] == [["/P", "/P"]]


def labels(item):
    return [kid for kid in item.K if kid.S == "/Lbl"]


@pytest.mark.usefixtures("plan_2020")
def test_pdf_of_2020_holds_the_sources_sentences_in_order():
    ready = list(ProgressUpdate.objects.ready().values_list("pk", flat=True))
    taken = report_snapshot(Report.objects.get(), including=ready)

    text = text_by_tags(render(article(taken)))

    assert missing_in_order(["".join(sentence.split()) for sentence in source_sentences()], text) == []


@pytest.mark.parametrize(
    "kind", ["real", "full", "hostile", "points", pytest.param("logos", marks=pytest.mark.django_db)]
)
def test_page_and_pdf_say_the_same_words_in_the_same_order(kind):
    html, content = printed(kind)
    # In the order of the tags, for a row that goes on overleaf, without the places where endless words may break.
    text = text_by_tags(content).replace("\u200b", "")
    # What paper adds: page numbers, marks of lists, addresses of links.
    inside = re.compile(r"\d{1,3}\.?|•|\(https?://[^)]*\)")

    position = 0
    for words in ("".join(printable(piece).split()) for piece in Text(html).pieces):
        while not text.startswith(words, position):
            added = inside.match(text, position)
            assert added, (words[:300], text[position : position + 300])
            position = added.end()
        position += len(words)
    assert text[position:] == ""


def test_same_input_gives_the_same_bytes_in_another_process_and_another_time_zone(full, monkeypatch):
    taken = make_full_snapshot()
    html = article(taken)

    assert rendered_pdf(taken, html) == full
    monkeypatch.setenv("TZ", "Pacific/Kiritimati")
    end_renderer()
    assert rendered_pdf(taken, html) == full
    end_renderer()


def test_salt_of_an_edition_is_the_identifier_of_its_pdf(full):
    salted = replace(make_full_snapshot(), salt="0123456789abcdef" * 2)

    reader = pypdf.PdfReader(io.BytesIO(rendered_pdf(salted, article(make_full_snapshot()))))

    assert reader.trailer["/ID"][0].original_bytes == bytes.fromhex(salted.salt)
    assert pypdf.PdfReader(io.BytesIO(full)).trailer["/ID"][0].original_bytes != bytes.fromhex(salted.salt)


def test_characters_that_the_font_lacks_are_printed_as_code_points():
    assert lacking("Sḵwx̱wú7meshi \U0001f600 ok \U0001f600中") == ["\U0001f600", "中"]

    text = text_of(render("<p>So \U0001f600\ufe0f中 be it</p>"))

    assert "So[U+1F600][U+4E2D]beit" in text


@pytest.fixture
def scripts():
    _html, content = printed("scripts")
    return content


def test_other_scripts_have_fonts_inside_the_file_and_no_missing_glyph(scripts, caplog):
    with caplog.at_level(logging.WARNING), pikepdf.open(io.BytesIO(scripts)) as opened:
        things = [thing for thing in opened.objects if isinstance(thing, pikepdf.Dictionary)]
        fonts = {str(one.FontName).partition("+")[2]: one for one in things if "/FontName" in one}
        render(article(make_scripts_snapshot()))

    styles = ["", "-Bold", "-Italic"]
    expected = {f"Print-{script}{style}" for script in ("Arabic", "Cyrillic", "Gurmukhi") for style in styles}
    assert {name for name in fonts if not name.startswith("BC-Sans")} == expected
    assert [name for name, font in fonts.items() if "/FontFile2" not in font] == []
    assert caplog.records == []


def test_other_scripts_come_out_letter_for_letter(scripts):
    with contextlib.closing(pypdfium2.PdfDocument(scripts)) as opened:
        text = "".join("".join(page.get_textpage().get_text_range() for page in opened).split())

    assert "[U+" not in text
    html = article(make_scripts_snapshot())
    assert {
        words: text.count("".join(words.split())) >= html.count(words) > 1 for words in (PUNJABI, CYRILLIC, GREEK)
    } == {
        PUNJABI: True,
        CYRILLIC: True,
        GREEK: True,
    }
    assert "замок" in text.replace("\u0301", "")


@pytest.mark.parametrize("words", [ARABIC, FARSI, "لا إله"])
def test_text_from_right_to_left_comes_out_in_the_order_it_is_read_in(words):
    content = render(f'<p dir="auto">{words}</p>')

    with contextlib.closing(pypdfium2.PdfDocument(content)) as opened:
        text = opened[0].get_textpage().get_text_range()
    # The sign that keeps two letters of a word apart has no shape, so no PDF holds it.
    assert words.replace("\u200c", "") in text


@pytest.mark.parametrize(
    ("html", "is_at_the_right"),
    [
        (f"<p>{FARSI}</p>", False),
        (f'<p dir="auto">{FARSI}</p>', True),
        (f'<p dir="auto"><b dir="ltr">C2</b> 1 {FARSI}</p>', True),
    ],
)
def test_text_from_right_to_left_begins_at_the_right(html, is_at_the_right):
    with contextlib.closing(pypdfium2.PdfDocument(render(html))) as opened:
        bounds = [one.get_bounds() for one in opened[0].get_objects()]

    # Without the page's number at its foot.
    assert (min(left for left, low, *_ in bounds if low > 100) > 250) is is_at_the_right


def test_quotation_from_right_to_left_is_set_in_at_the_right():
    edges = []
    for tag in ("div", "blockquote"):
        with contextlib.closing(pypdfium2.PdfDocument(render(f'<{tag} dir="rtl"><p>{FARSI}</p></{tag}>'))) as opened:
            bounds = [one.get_bounds() for one in opened[0].get_objects()]
        # Without the page's number at its foot.
        edges.append(max(right for _left, low, right, _top in bounds if low > 100))

    assert edges[0] - edges[1] > 10


def test_directions_are_found_as_a_browser_finds_them():
    html = '<p dir="auto">1 <b dir="auto">C2A</b><bdi>x</bdi> <i>سلام</i></p><ul dir="auto"><li>a</li></ul><p>سلام</p>'
    root = ElementTree.fromstring(f"<div>{html}</div>")

    _set_directions(root)

    assert [(one.tag, one.get("dir")) for one in root.iter() if one.get("dir")] == [
        ("p", "rtl"),
        ("b", "ltr"),
        ("ul", "ltr"),
    ]


def test_joiners_and_marks_are_no_missing_characters():
    for words in (PUNJABI, ARABIC, "أحرارًا", FARSI, CYRILLIC, GREEK, "ਕ੍\u200dਰ", "a\ufe0f\u2060"):
        assert lacking(words) == []
    assert printable("\u2067سلام\u2069 \u200f") == "\u2067سلام\u2069 \u200f"
    assert printable("\u202eسلام\u202c и\u0306") == "سلام й"
    assert lacking("कहानी 漢字 שלום") == [*"कहानी", *"漢字", *"שלום"]


def test_endless_words_can_break_and_tags_stay_whole():
    word, link = "a&amp;é\u0301" * 100, f'<a href="https://example.org/{"b" * 300}">'

    shown = _breakable(f"<p>{link}{word}</a> {'c' * 150}</p>")

    assert shown.replace("\u200b", "") == f"<p>{link}{word}</a> {'c' * 150}</p>"
    assert [len(unescape(piece)) for piece in shown[len(f"<p>{link}") :].split("</a>")[0].split("\u200b")[:2]] == [
        30,
        30,
    ]
    assert link in shown
    assert "c" * 150 in shown


def test_endless_word_takes_no_longer_than_words():
    render("<p>ready</p>")

    taken = {"a" * 30 + " ": math.inf, "a" * 31: math.inf}
    # The quickest of three: something else may run meanwhile. On a machine that does much else, of ten.
    for turn in range(10):
        for letters in taken:
            started = time.monotonic()
            render(f"<p>{letters * 600}</p>")
            taken[letters] = min(taken[letters], time.monotonic() - started)
        words, endless = taken.values()
        if turn >= 2 and endless < 3 * words:
            break

    assert endless < 3 * words


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "http://127.0.0.1/x.png",
        "https://example.org/x.png",
        "data:text/css,p{}",
        "https://static.invalid.example.org/css/tokens.css",
        "https://user@static.invalid/css/tokens.css",
        f"{ORIGIN}/css/../../pyproject.toml",
        f"{ORIGIN}/%2e%2e/%2e%2e/etc/passwd",
        f"{ORIGIN}//etc/passwd",
        f"{ORIGIN}/css",
        f"{ORIGIN}/css/none.css",
        f"{ORIGIN}/css/tokens.css%00.svg",
        f"{ORIGIN}/fonts/OFL.txt",
    ],
)
def test_only_bundled_files_are_read(url):
    with pytest.raises(ValueError, match=r"bundled|null"):
        bundled_file(url)


def test_bundled_file_is_found_and_a_link_out_of_the_folder_is_not(tmp_path, monkeypatch):
    assert bundled_file(f"{ORIGIN}/css/tokens.css?v=1#x") == STATIC_DIR / "css" / "tokens.css"
    static, secret = tmp_path / "static", tmp_path / "secret.svg"
    static.mkdir()
    secret.write_text("<svg/>")
    (static / "way-out.svg").symlink_to(secret)
    monkeypatch.setattr(renderer, "STATIC_DIR", static)

    with pytest.raises(ValueError, match="no such bundled file"):
        bundled_file(f"{ORIGIN}/way-out.svg")


# Every way in which a document can ask for something. Those below the line, WeasyPrint doesn't follow, or doesn't say
# that it did.
ROUTES = {
    "img": '<img alt="x" src="{}">',
    "srcset": '<img alt="x" srcset="{} 2x" src="{}">',
    "link": '<link rel="stylesheet" href="{}">',
    "import": '<style>@import "{}";</style>',
    "import-url": "<style>@import url({}) print;</style>",
    "font-face": '<style>@font-face {{ font-family: x; src: url("{}") }}</style><p style="font-family: x">x</p>',
    "background": """<p style='background: url("{}")'>x</p>""",
    "content": """<style>.content::before {{ content: url("{}") }}</style><p class="content">x</p>""",
    "list-style": """<ul><li style='list-style-image: url("{}")'>x</li></ul>""",
    "border-image": """<p style='border: 1px solid; border-image: url("{}") 1'>x</p>""",
    "page": """<style>@page {{ background: url("{}") }}</style>""",
    "object": '<object data="{}"></object>',
    "embed": '<embed src="{}">',
    "svg-image": '<svg width="9" height="9"><image href="{}" width="9" height="9"/></svg>',
    "svg-xlink": '<svg width="9" height="9" xmlns:xlink="http://www.w3.org/1999/xlink"><image xlink:href="{}" '
    'width="9" height="9"/></svg>',
    "attachment": '<link rel="attachment" href="{}">',
    "attachment-link": '<a rel="attachment" href="{}">x</a>',
    # ----
    "svg-use": '<svg width="9" height="9"><use href="{}#x"/></svg>',
    "svg-style": '<svg width="9" height="9"><style>@import "{}";</style></svg>',
    "base": '<base href="{}"><img alt="x" src="x.png">',
    "iframe": '<iframe src="{}"></iframe>',
    "refresh": '<meta http-equiv="refresh" content="0; url={}">',
    "cursor": """<p style='cursor: url("{}"), auto'>x</p>""",
    "video": '<video poster="{}" src="{}"></video>',
    "icon": '<link rel="icon" href="{}">',
    "script": '<script src="{}"></script>',
    "form": '<form action="{}"><input type="image" alt="x" src="{}"></form>',
    "data": """<img alt="x" src='data:image/svg+xml,<svg xmlns="http://www.w3.org/2000/svg">"""
    """<image href="{}"/></svg>'>""",
}
FOLLOWED = {*list(ROUTES)[: list(ROUTES).index("svg-use")]} - {"attachment", "attachment-link", "font-face"}


def test_no_request_leaves_the_renderer(tmp_path, caplog):
    asked = []

    class Canary(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(404)
            self.end_headers()

    server = HTTPServer(("127.0.0.1", 0), Canary)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    html = "<p>x</p>"
    for name, route in ROUTES.items():
        secret = tmp_path / f"{name}.svg"
        secret.write_text('<svg xmlns="http://www.w3.org/2000/svg" id="x"><text>canary-words</text></svg>')
        for where in (f"http://127.0.0.1:{server.server_port}/{name}.svg", secret.as_uri()):
            html += route.replace("{}", where).replace("{{", "{").replace("}}", "}")

    content = render(html)

    server.shutdown()
    server.server_close()
    assert asked == []
    with pikepdf.open(io.BytesIO(content)) as made:
        assert len(made.attachments) == 0
    assert "canary" not in text_of(content)
    # It tried, and was refused: these routes lead somewhere.
    assert FOLLOWED - {name for name in ROUTES if f"/{name}.svg" in caplog.text} == set()
    assert {"Failed to load attachment", "Font-face 'x' cannot be loaded"} <= {
        record.getMessage().removeprefix("WeasyPrint: ").partition(":")[0] for record in caplog.records
    }


@pytest.mark.parametrize(("count", "seconds", "megabytes"), [(2, 60, 1536), (500, 60, 1536), (1000, 120, 3072)])
def test_bounds_grow_with_the_plan(count, seconds, megabytes, monkeypatch):
    asked = {}
    monkeypatch.setattr(pdf, "render", lambda html, **options: asked.update(options) or b"")

    rendered_pdf(make_snapshot(count=count), "")

    assert (asked["timeout"], asked["memory"]) == (seconds, megabytes * MEBIBYTE)


def test_render_past_its_time_is_stopped_and_leaves_nothing_running():
    render("<p>ready</p>")
    process = pdf._renderer.process

    with pytest.raises(RenderFailed, match="needed more than 1 seconds of computing"):
        render("<p>words</p>" * 50_000, timeout=1)

    assert process.poll() is not None
    assert render("<p>next</p>").startswith(b"%PDF")


def test_render_on_a_machine_that_is_too_busy_is_told_so_and_not_to_shorten(monkeypatch):
    render("<p>ready</p>")
    process = pdf._renderer.process
    monkeypatch.setattr(pdf, "PATIENCE", 0.01)

    with pytest.raises(RenderFailed, match="too busy at the moment"):
        render("<p>words</p>" * 50_000, timeout=10)

    # At that moment, and not once it had computed for ten seconds.
    assert process.poll() == -signal.SIGKILL


def test_time_of_one_document_is_not_counted_for_the_next():
    for _number in range(8):
        assert render("<p>words</p>" * 1_000, timeout=3).startswith(b"%PDF")


def test_render_past_its_memory_is_stopped_with_a_sentence():
    with pytest.raises(RenderFailed, match=r"more memory than a PDF may use \(200 MB\)"):
        render("<p>words</p>" * 20_000, memory=200 * MEBIBYTE)

    assert render("<p>next</p>").startswith(b"%PDF")


@pytest.mark.parametrize(
    ("ended_by", "words"),
    [
        (signal.SIGKILL, "The machine stopped the document"),
        (signal.SIGTERM, "The machine stopped the document"),
        (signal.SIGXCPU, "needed more than 60 seconds of computing"),
        (signal.SIGABRT, "needed more memory than a PDF may use"),
    ],
)
def test_document_that_was_stopped_is_told_why(ended_by, words, monkeypatch):
    def ask(self, request, *, deadline):
        self.process.send_signal(ended_by)
        raise pdf.Ended(self.process.wait())

    monkeypatch.setattr(pdf.Renderer, "ask", ask)

    with pytest.raises(RenderFailed, match=words):
        render("<p>words</p>", timeout=60)


def test_failure_of_the_renderer_is_told_in_a_sentence(monkeypatch):
    def without_pango(html):
        raise OSError("cannot load library 'libpango-1.0-0'")

    monkeypatch.setattr(renderer, "_pdf", without_pango)
    head, content = answer_to(make_request("<p>x</p>"))

    assert (head["error"], content) == ("library", b"")
    assert "apt install libpangoft2-1.0-0" in _explained(head["error"], head["detail"], memory=2**31)


def test_process_that_left_for_idleness_is_replaced():
    render("<p>ready</p>")
    pdf._renderer.connection.close()
    pdf._renderer.process.wait(10)

    assert render("<p>next</p>").startswith(b"%PDF")


def test_process_is_replaced_after_its_share_of_documents():
    end_renderer()
    pids = set()
    for number in range(RENDERS_PER_PROCESS + 2):
        render(f"<p>{number}</p>")
        pids.add(pdf._renderer.process.pid)

    assert len(pids) == 2


def test_second_document_is_refused_at_once_while_one_is_made():
    with pdf._turn, pytest.raises(RenderFailed, match="Another document is being made"):
        render("<p>x</p>")

    assert render("<p>x</p>").startswith(b"%PDF")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux shows in /proc what a process was given")
def test_process_is_given_no_secrets(monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "canary-secret")
    monkeypatch.setenv("DATABASE_URL", "canary-database")
    end_renderer()

    render("<p>x</p>")

    environment = Path(f"/proc/{pdf._renderer.process.pid}/environ").read_bytes()
    assert b"PATH=" in environment
    assert b"canary" not in environment
    end_renderer()


def test_process_loads_nothing_of_django():
    program = (
        "import datetime, sys\nfrom recommendations.report import renderer\n"
        "now = datetime.datetime.now(datetime.UTC)\n"
        "renderer.answer_to(renderer.Request('<p>x</p>', now, now, (), {}, '', 60, 2**31))\n"
        "print('weasyprint' in sys.modules, *(name for name in sys.modules if 'django' in name))\n"
    )

    run = subprocess.run([sys.executable, "-c", program], cwd=BASE_DIR, capture_output=True, text=True, check=True)

    assert run.stdout.split() == ["True"]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux shows in /proc which files a process has open")
def test_process_inherits_no_open_file(tmp_path):
    end_renderer()
    with (tmp_path / "secret.txt").open("w") as secret, socket.socket() as listening:
        render("<p>x</p>")
        held = [str(one.readlink()) for one in Path(f"/proc/{pdf._renderer.process.pid}/fd").iterdir()]

        ours = [str(Path(f"/proc/self/fd/{thing.fileno()}").readlink()) for thing in (secret, listening)]
    end_renderer()

    assert sum(name.startswith("socket:") for name in held) == 1
    assert not set(ours) & set(held)


def test_process_ends_when_whoever_asked_is_killed_in_the_middle():
    program = (
        "import datetime, threading, time\nfrom recommendations.report import pdf, renderer\n"
        "now = datetime.datetime.now(datetime.UTC)\n"
        "request = renderer.Request('<p>words</p>' * 50_000, now, now, (), {}, '', 60, 2**31)\n"
        "r = pdf.Renderer()\nask = lambda: r.ask(request, deadline=time.monotonic() + 60)\n"
        "threading.Thread(target=ask, daemon=True).start()\n"
        "time.sleep(3)\nprint(r.process.pid, flush=True)\ntime.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", program], cwd=BASE_DIR, stdout=subprocess.PIPE, text=True)
    pid = int(parent.stdout.readline())
    os.kill(pid, 0)

    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    parent.stdout.close()

    deadline = time.monotonic() + 30
    while is_alive(pid) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not is_alive(pid)


def is_alive(pid):
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
