"""What the rendering process does: it reads requests and answers with PDFs until the process that asks has gone.

pdf.py starts it. It loads nothing of Django, knows no database and no secrets, and reads only files under `static/`.
Only this module, letters.py and tags.py import WeasyPrint.
"""

import contextlib
import datetime as dt
import gc
import json
import logging
import math
import mimetypes
import os
import re
import resource
import select
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit
from xml.etree.ElementTree import Element, SubElement

from recommendations.text.direction import direction
from recommendations.text.fonts import printable

from .letters import complete_letters
from .tags import complete_tags, finish

if TYPE_CHECKING:
    from weasyprint.urls import URLFetcher

BASE_DIR = Path(__file__).resolve().parents[2]
STATIC_DIR = BASE_DIR / "static"
STYLESHEETS = (
    "fonts-print.css",
    "tokens.css",
    "components/status.css",
    "components/logo.css",
    "components/points.css",
    "report/article.css",
    "print/page.css",
    "print/cover.css",
    "print/opening.css",
    "print/glance.css",
    "print/areas.css",
    "print/back.css",
)
# A host that doesn't exist: addresses on it stand for the bundled files, and no other address is answered.
ORIGIN = "https://static.invalid"
BUNDLED_TYPES = {".css", ".svg", ".woff", ".png", ".jpg"}
# A tag, which stays as it is, or a word that is longer than any line; and a piece of it that fits every column.
ENDLESS = re.compile(r"""(<(?:[^<>"']|"[^"]*"|'[^']*')*>)|((?:&[#\w]+;|[^\s<&]){200,})""")
PIECE = re.compile(
    r"(?:&[#\w]+;|.){30}[\u0300-\u036f\u0483-\u0487\u064b-\u065f\u0670\u0a01-\u0a03\u0a3c-\u0a51\u0a70-\u0a75\u200c-\u200d]*"
)
# Tags within a line, what a line may break at, and letters that fit the narrowest column without a break.
INLINE = {"a", "abbr", "b", "bdi", "cite", "code", "em", "i", "q", "s", "small", "span", "strong", "sub", "sup", "u"}
BREAKS = re.compile(r"[\s\u200b-]")
UNBROKEN = 20
# WeasyPrint doesn't give back all the memory a document took, so a process is replaced after some of them.
RENDERS_PER_PROCESS = 25
IDLE_SECONDS = 300
NICENESS = 10


@dataclass(frozen=True)
class Attached:
    """A file to attach to the PDF: data that the document was made from, with the same dates."""

    name: str
    description: str
    content: bytes


@dataclass(frozen=True)
class Request:
    """A whole page to turn into a PDF within `seconds` of CPU time and `memory` bytes of address space.

    The rest is as for `pdf.render`.
    """

    html: str
    created: dt.datetime
    modified: dt.datetime
    attachments: Sequence[Attached]
    pictures: Mapping[str, bytes]
    identifier: str
    seconds: float
    memory: int


def serve() -> None:
    """Answer the requests that come in on standard input, until a document fails or RENDERS_PER_PROCESS were made.

    Standard input is one end of a connection. An answer goes back as two messages: a head as JSON, and the PDF.
    """
    connection = Connection(0)
    # Whoever waits for a page goes first.
    os.nice(NICENESS)
    threading.Thread(target=_leave_once_closed, args=(connection,), daemon=True).start()
    with contextlib.suppress(EOFError, OSError):
        for _number in range(RENDERS_PER_PROCESS):
            if not connection.poll(IDLE_SECONDS):
                break
            head, content = answer_to(connection.recv())
            connection.send_bytes(json.dumps(head).encode())
            connection.send_bytes(content)
            if head["error"]:
                break
            gc.collect()


def _leave_once_closed(connection: "Connection[Any, Any]") -> None:
    """End this process, even in the middle of a document, when the process that asks has gone, for whatever reason."""
    poll = select.poll()
    # A poll always reports the end of a connection, even when asked for no event at all.
    poll.register(connection, 0)
    poll.poll()
    os._exit(0)


def answer_to(request: Request) -> tuple[dict[str, Any], bytes]:
    """The head of the answer, with `error` (which one, or empty), its `detail` and `warnings`, and the PDF."""
    error, detail, content = "", "", b""
    warnings: list[str] = []
    unlimited = resource.getrlimit(resource.RLIMIT_AS)
    hardest = resource.getrlimit(resource.RLIMIT_CPU)[1]
    try:
        # Past it, the process is killed by SIGXCPU. The limit is in whole seconds since the process began.
        spent = math.ceil(time.process_time() + request.seconds)
        resource.setrlimit(resource.RLIMIT_CPU, (spent, hardest))
        # macOS has this limit but refuses to set it.
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_AS, (request.memory, unlimited[1]))
        content, warnings = _pdf(request)
    except MemoryError:
        error = "memory"
    except OSError as exception:
        error, detail = "library" if "cannot load library" in str(exception) else "renderer", str(exception)[:500]
    except Exception as exception:  # noqa: BLE001 (staff are told of any failure, and the process is replaced)
        error, detail = "renderer", f"{type(exception).__name__}: {exception}"[:500]
    finally:
        resource.setrlimit(resource.RLIMIT_CPU, (hardest, hardest))
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_AS, unlimited)
    return {"error": error, "detail": detail, "warnings": warnings}, content


def _pdf(request: Request) -> tuple[bytes, list[str]]:
    """The PDF of a whole page, and the warnings of WeasyPrint, made in this process and without limits."""
    from weasyprint import HTML, Attachment

    gc.disable()
    try:
        complete_tags()
        complete_letters()
        with _warnings() as warnings:
            font_config, stylesheets, from_stylesheets = _fonts_and_styles()
            pictures = {f"{ORIGIN}{path}": content for path, content in request.pictures.items()}
            html = _breakable(printable(request.html))
            source = HTML(string=html, base_url=ORIGIN, url_fetcher=_fetcher(pictures))
            _set_directions(source.etree_element)
            _mark_ends(source.etree_element)
            _let_runs_break(source.etree_element)
            content = source.write_pdf(
                finisher=finish,
                font_config=font_config,
                stylesheets=stylesheets,
                pdf_variant="pdf/a-3a",
                pdf_identifier=bytes.fromhex(request.identifier) or True,
                attachments=[
                    Attachment(
                        string=file.content,
                        name=file.name,
                        description=file.description,
                        relationship="Data",
                        created=request.created,
                        modified=request.modified,
                    )
                    for file in request.attachments
                ],
            )
        return content, [*from_stylesheets, *warnings]
    finally:
        gc.enable()


@cache
def _fonts_and_styles() -> tuple[Any, list[Any], list[str]]:
    """The fonts and style sheets, which a process reads once, and the warnings of WeasyPrint about them."""
    from weasyprint import CSS
    from weasyprint.text.fonts import FontConfiguration

    font_config = FontConfiguration()
    with _warnings() as warnings:
        stylesheets = [
            CSS(url=f"{ORIGIN}/css/{name}", font_config=font_config, url_fetcher=_fetcher({})) for name in STYLESHEETS
        ]
    return font_config, stylesheets, warnings


@contextlib.contextmanager
def _warnings() -> Any:
    """A list that collects the warnings of WeasyPrint during the `with` block."""
    found: list[str] = []

    class Keeping(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            found.append(record.getMessage())

    handler = Keeping(logging.WARNING)
    source = logging.getLogger("weasyprint")
    source.addHandler(handler)
    try:
        yield found
    finally:
        source.removeHandler(handler)


def _fetcher(pictures: Mapping[str, bytes]) -> "URLFetcher":
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class BundledFetcher(URLFetcher):  # type: ignore[misc]  # WeasyPrint ships no types
        """Answers with `pictures`, by address, and with bundled files. Opens no other file, network or data address."""

        def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
            kind = mimetypes.guess_type(urlsplit(url).path)[0] or "application/octet-stream"
            content = pictures[url] if url in pictures else bundled_file(url).read_bytes()
            return URLFetcherResponse(url, content, {"Content-Type": kind})

    return BundledFetcher()


def bundled_file(url: str) -> Path:
    """The file under `static/` that `url` stands for; ValueError for any other address, however it is written."""
    address = urlsplit(url)
    if f"{address.scheme}://{address.netloc}" != ORIGIN:
        raise ValueError("Only bundled files may be used.")
    path = (STATIC_DIR / unquote(address.path).lstrip("/")).resolve()
    if not path.is_relative_to(STATIC_DIR.resolve()) or path.suffix not in BUNDLED_TYPES or not path.is_file():
        raise ValueError("There is no such bundled file.")
    return path


def _breakable(html: str) -> str:
    """`html` with places where very long words may break: without them Pango measures the whole rest for each line."""
    return ENDLESS.sub(lambda found: found[1] or PIECE.sub("\\g<0>\u200b", found[2]), html)


def _set_directions(root: Element) -> None:
    """Replace each `dir="auto"`, which WeasyPrint doesn't know, with the direction that a browser would find.

    And each `rtl` of staff's text: code points, printed for the letters that the fonts lack, are read left to right.
    """
    for element in root.iter():
        if element.get("dir") in ("auto", "rtl"):
            element.set("dir", direction("".join(_own_words(element))) or "ltr")


def _mark_ends(root: Element) -> None:
    """Put an empty element where a long recommendation and the updates of a long row end.

    The top of a page names what goes on from the page before: see print/areas.css.
    """
    for row in root.iter("tr"):
        if row.get("class") == "report-table__row--long":
            for element in list(row.iter()):
                if {"report-recommendation--long", "report-table__updates"} & set((element.get("class") or "").split()):
                    SubElement(element, "div", {"class": "report-end"})


def _let_runs_break(root: Element) -> None:
    """Let long runs of letters break where emphasis or a link begins or ends within them.

    WeasyPrint breaks a word that is too long for a line only if the line begins with it, and takes what follows
    such a boundary for a word of its own that doesn't: it would leave the page (its issue 2900).
    """
    length, boundaries = 0, list[tuple[Element, str]]()
    for element, part, text in _texts(root):
        first, *others = BREAKS.split(text)
        if first and length:
            boundaries.append((element, part))
        length += len(first)
        if others:
            if length > UNBROKEN:
                for where, name in boundaries:
                    setattr(where, name, f"\u200b{getattr(where, name)}")
            length, boundaries = len(others[-1]), []


def _texts(element: Element) -> Iterator[tuple[Element, str, str]]:
    """Each text below `element`: where it stands, as `text` or `tail`; a space where lines begin and end."""
    ends = [] if element.tag in INLINE else [(element, "text", " ")]
    yield from ends
    yield element, "text", element.text or ""
    for child in element:
        yield from _texts(child)
        yield child, "tail", child.tail or ""
    yield from ends


def _own_words(element: Element) -> Iterator[str]:
    """The text of an element without what has a direction of its own."""
    yield element.text or ""
    for child in element:
        if child.tag != "bdi" and child.get("dir") is None:
            yield from _own_words(child)
        yield child.tail or ""
