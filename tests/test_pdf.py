"""The PDF: tagged, the same each time, bounded, and made without a look at anything but bundled files."""

import datetime as dt
import io
import logging
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pikepdf
import pypdf
import pytest

from recommendations import pdf
from recommendations.document import article
from recommendations.models import ProgressUpdate, Report, Status
from recommendations.snapshot import (
    CorrectionEntry,
    LinkEntry,
    PartyEntry,
    SectionEntry,
    StatusMeaning,
    report_snapshot,
)
from tests.test_document import MARCH_1, make_snapshot, make_update, missing_in_order, source_sentences

NAMES = "X̱wməθkwəy̓əm (Musqueam), Sḵwx̱wú7meshi (Squamish), and əsəlilwətaʔt̚ (Tsleil-Waututh)"
AT = dt.datetime(2020, 7, 1, 12, 0, tzinfo=dt.UTC)
VERAPDF = Path(__file__).resolve().parents[2] / "shared" / "tools" / "verapdf"


def render(html, **options):
    return pdf.render(
        html,
        **{"title": "One-Year Update", "author": "Example Organisation", "language": "en-CA", "created": AT, **options},
    )


def text_of(content):
    """The words of a PDF without white space: text extractors break lines at raised marks."""
    return "".join("".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages).split())


def make_full_snapshot():
    """A report with everything that the stylesheets have a rule for, long enough for tables to go on overleaf."""
    meanings = tuple(StatusMeaning(status.value, str(status.label), status.definition, "") for status in Status)
    statuses = [*Status.values, "on hold"]
    updates = [
        make_update(
            number,
            text="A **strong** and *soft* word.\n\n- one\n- two\n\n1. first\n2. second www.example.org\n\n# Heading\n\n"
            + "Many words follow. " * 60,
            statuses=((f"1.{number}", status),),
            evidence=(LinkEntry("Minutes", "https://example.org/minutes"),),
            corrections=(CorrectionEntry(AT, "Spelling only."),),
            dated_on=MARCH_1 + dt.timedelta(days=number),
        )
        for number, status in enumerate(statuses, start=1)
    ]
    changes = {
        "1.1": {"parties": (PartyEntry("a", "funders", False),), "target_as_published": "fall 2020"},
        "1.2": {"retired_on": MARCH_1, "retired_reason": "It was split.", "replaced_by": ("1.3",)},
    }
    taken = make_snapshot(updates=updates, count=10, changes=changes, statuses=meanings)
    sections = (SectionEntry("Thanks", "- To all.", "before"), SectionEntry("News", "## None\n\nYet.", "after"))
    plan = replace(taken.plan, acknowledgement=f"On the territories of the {NAMES} Nations.")
    return replace(taken, plan=plan, report=replace(taken.report, sections=sections, originally_published="June 2020"))


@pytest.fixture(scope="module")
def full():
    return render(article(make_full_snapshot()))


def test_stylesheets_hold_nothing_that_the_renderer_ignores(caplog):
    with caplog.at_level(logging.WARNING):
        render(article(make_full_snapshot()))

    assert [record.getMessage() for record in caplog.records] == []


def test_pdf_is_tagged_and_says_what_it_is(full):
    with pikepdf.open(io.BytesIO(full)) as opened, opened.open_metadata() as metadata:
        assert opened.Root.MarkInfo.Marked
        assert opened.Root.Lang == "en-CA"
        assert metadata["pdfuaid:part"] == "1"
        assert metadata["dc:title"] == "One-Year Update"
        assert metadata["dc:creator"] == ["Example Organisation"]
        assert metadata["xmp:CreateDate"].startswith("2020-07-01T12:00:00")
        with opened.open_outline() as outline:
            titles = [item.title for item in outline.root]
    assert titles[0] == "One-Year Update"
    assert "Recommendation Area 1: Working & Together" in [" ".join(title.split()) for title in titles]


def test_every_font_is_bc_sans_inside_the_file(full):
    with pikepdf.open(io.BytesIO(full)) as opened:
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


@pytest.mark.usefixtures("plan_2020")
def test_pdf_of_2020_holds_the_sources_sentences_in_order():
    ready = list(ProgressUpdate.objects.ready().values_list("pk", flat=True))
    taken = report_snapshot(Report.objects.get(), including=ready)

    text = text_of(render(article(taken)))

    assert missing_in_order(["".join(sentence.split()) for sentence in source_sentences()], text) == []


@pytest.mark.skipif(not (VERAPDF.exists() and shutil.which("java")), reason="veraPDF is not here")
@pytest.mark.parametrize("kind", ["full", "empty", "hostile"])
def test_verapdf_passes(kind, tmp_path):
    hostile = make_update(text="\u202eשלום \U0001f600\U0001f3fd\ufe0f 中文 a\u0331\u0331\u0331 " + "word" * 2500)
    snapshots = {"full": make_full_snapshot(), "empty": make_snapshot(), "hostile": make_snapshot(updates=[hostile])}
    path = tmp_path / "report.pdf"
    path.write_bytes(render(article(snapshots[kind])))

    result = subprocess.run([VERAPDF, path], capture_output=True, text=True, check=False)

    assert "compliant=true" in result.stdout, result.stdout


def test_same_input_gives_the_same_bytes_in_the_same_process_and_in_another(full):
    html = article(make_full_snapshot())

    assert render(html) == full
    pdf.end_renderer()
    assert render(html) == full


def test_characters_that_the_font_lacks_are_printed_as_code_points():
    assert pdf.lacking("Sḵwx̱wú7meshi \U0001f600 ok \U0001f600中") == ["\U0001f600", "中"]

    text = text_of(render("<p>So \U0001f600\ufe0f中 be it</p>"))

    assert "So[U+1F600][U+4E2D]beit" in text


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "http://127.0.0.1/x.png",
        "https://example.org/x.png",
        "data:text/css,p{}",
        "https://static.invalid.example.org/css/base.css",
        "https://user@static.invalid/css/base.css",
        f"{pdf.ORIGIN}/css/../../pyproject.toml",
        f"{pdf.ORIGIN}/%2e%2e/%2e%2e/etc/passwd",
        f"{pdf.ORIGIN}//etc/passwd",
        f"{pdf.ORIGIN}/css",
        f"{pdf.ORIGIN}/css/none.css",
        f"{pdf.ORIGIN}/css/base.css%00.svg",
        f"{pdf.ORIGIN}/fonts/OFL.txt",
    ],
)
def test_only_bundled_files_are_read(url):
    with pytest.raises(ValueError, match=r"bundled|null"):
        pdf.bundled_file(url)


def test_bundled_file_is_found_and_a_link_out_of_the_folder_is_not(tmp_path, monkeypatch):
    assert pdf.bundled_file(f"{pdf.ORIGIN}/css/base.css?v=1#x") == pdf.STATIC_DIR / "css" / "base.css"
    static, secret = tmp_path / "static", tmp_path / "secret.svg"
    static.mkdir()
    secret.write_text("<svg/>")
    (static / "way-out.svg").symlink_to(secret)
    monkeypatch.setattr(pdf, "STATIC_DIR", static)

    with pytest.raises(ValueError, match="no such bundled file"):
        pdf.bundled_file(f"{pdf.ORIGIN}/way-out.svg")


def test_no_request_leaves_the_renderer(tmp_path):
    asked = []

    class Canary(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(404)
            self.end_headers()

    server = HTTPServer(("127.0.0.1", 0), Canary)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    secret = tmp_path / "secret.txt"
    secret.write_text("canary-words")
    html = "<p>x</p>" + "".join(
        f'<img alt="x" src="{where}"><link rel="stylesheet" href="{where}"><link rel="attachment" href="{where}">'
        f'<style>p {{ background: url("{where}") }} @import "{where}";</style><object data="{where}"></object>'
        for where in (f"{address}/x.png", secret.as_uri())
    )

    content = render(html)

    server.shutdown()
    server.server_close()
    assert asked == []
    with pikepdf.open(io.BytesIO(content)) as opened:
        assert len(opened.attachments) == 0
    assert "canary" not in text_of(content)


def test_render_past_its_time_is_stopped_and_leaves_nothing_running():
    render("<p>ready</p>")
    process = pdf._renderer.process

    with pytest.raises(pdf.RenderFailed, match="took longer than 0 seconds"):
        render("<p>words</p>" * 50_000, timeout=0.5)

    assert process.poll() is not None
    assert render("<p>next</p>").startswith(b"%PDF")


def test_render_past_its_memory_is_stopped_with_a_sentence():
    with pytest.raises(pdf.RenderFailed, match=r"more memory than a PDF may take \(200 MB\)"):
        render("<p>words</p>" * 20_000, memory=200 * pdf.MEBIBYTE)

    assert render("<p>next</p>").startswith(b"%PDF")


def test_failure_of_the_renderer_is_told_in_a_sentence(monkeypatch):
    def without_pango(html):
        raise OSError("cannot load library 'libpango-1.0-0'")

    monkeypatch.setattr(pdf, "_pdf", without_pango)
    head, content = pdf._made("<p>x</p>", memory=pdf.MEMORY)

    assert (head["error"], content) == ("library", b"")
    assert "apt install libpangoft2-1.0-0" in pdf._explained(head["error"], head["detail"], memory=pdf.MEMORY)


def test_process_that_left_for_idleness_is_replaced():
    render("<p>ready</p>")
    pdf._renderer.process.stdin.close()
    pdf._renderer.process.wait(10)

    assert render("<p>next</p>").startswith(b"%PDF")


def test_process_is_replaced_after_its_share_of_documents():
    pdf.end_renderer()
    pids = set()
    for number in range(pdf.RENDERS_PER_PROCESS + 2):
        render(f"<p>{number}</p>")
        pids.add(pdf._renderer.process.pid)

    assert len(pids) == 2


def test_threads_take_turns():
    made = []
    threads = [threading.Thread(target=lambda: made.append(render("<p>x</p>")[:4])) for _number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert made == [b"%PDF"] * 4


@pytest.mark.skipif(not Path("/proc").exists(), reason="looks into /proc")
def test_process_is_given_no_secrets(monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "canary-secret")
    monkeypatch.setenv("DATABASE_URL", "canary-database")
    pdf.end_renderer()

    render("<p>x</p>")

    environment = Path(f"/proc/{pdf._renderer.process.pid}/environ").read_bytes()
    assert b"PATH=" in environment
    assert b"canary" not in environment
    pdf.end_renderer()


def test_process_ends_when_whoever_asked_is_killed_in_the_middle():
    program = (
        "import threading, time\nfrom recommendations import pdf\nr = pdf.Renderer()\n"
        "request = pdf.json.dumps({'html': '<p>words</p>' * 50_000, 'memory': pdf.MEMORY}).encode()\n"
        "ask = lambda: r.ask(request, deadline=time.monotonic() + 60)\n"
        "threading.Thread(target=ask, daemon=True).start()\n"
        "time.sleep(3)\nprint(r.process.pid, flush=True)\ntime.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", program], cwd=pdf.BASE_DIR, stdout=subprocess.PIPE, text=True)
    pid = int(parent.stdout.readline())
    os.kill(pid, 0)

    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    parent.stdout.close()

    deadline = time.monotonic() + 10
    while is_alive(pid) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not is_alive(pid)


def is_alive(pid):
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
