"""A report's article to a tagged PDF that carries its data, bounded in time and memory.

It is PDF/UA-1 and PDF/A-3a at once. The only module that imports WeasyPrint.

The work is done by a process of its own, which stays warm for the next preview, holds none of our secrets and knows no
database. It is killed when it takes too long, and goes by itself when we are gone. Reads files under `static/` only.
"""

import atexit
import base64
import contextlib
import datetime as dt
import gc
import json
import logging
import mimetypes
import os
import queue
import re
import resource
import selectors
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, NoReturn
from urllib.parse import unquote, urlsplit

from django.utils.translation import gettext as _

from recommendations.text.fonts import printable

if TYPE_CHECKING:
    from weasyprint.urls import URLFetcher


logger = logging.getLogger(__name__)


BASE_DIR = Path(__file__).resolve().parents[2]


STATIC_DIR = BASE_DIR / "static"
STYLESHEETS = (
    "fonts-print.css",
    "tokens.css",
    "components/status.css",
    "components/logo.css",
    "report/article.css",
    "print/page.css",
    "print/cover.css",
    "print/opening.css",
    "print/glance.css",
    "print/areas.css",
    "print/back.css",
)
# An address that exists nowhere: what is found under it are the bundled files, and nothing else is found at all.
ORIGIN = "https://static.invalid"


BUNDLED_TYPES = {".css", ".svg", ".woff", ".png", ".jpg"}


MEBIBYTE = 1024 * 1024


# A tag, which stays as it is, or a word longer than any line, of which a piece fits every column.
ENDLESS = re.compile(r"""(<(?:[^<>"']|"[^"]*"|'[^']*')*>)|((?:&[#\w]+;|[^\s<&]){200,})""")


PIECE = re.compile(r"(?:&[#\w]+;|.){30}[\u0300-\u036f]*")


# WeasyPrint keeps some memory of each document, so a process serves some of them and is then replaced.
RENDERS_PER_PROCESS = 25


IDLE_SECONDS = 300


PASSED_ON = re.compile(r"PATH|HOME|TMPDIR|TZ|LANG|LC_.*|XDG_CACHE_HOME|FONTCONFIG_.*|(DY)?LD_.*|PYTHON.*|VIRTUAL_ENV")


# fontTools writes the time into the fonts it converts, unless it is told another; sets are put in order by hashes.
SAME_EACH_TIME = {"SOURCE_DATE_EPOCH": "1577836800", "PYTHONHASHSEED": "0"}


# PDF/A wants every schema of the metadata described that it doesn't know itself: that of PDF/UA is one.
XMP_OF_PDF_UA = b"""\
<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/" pdfuaid:part="1"/>
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
  xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
  <pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
    <pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>
    <pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
    <pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
    <pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
      <pdfaProperty:name>part</pdfaProperty:name>
      <pdfaProperty:valueType>Integer</pdfaProperty:valueType>
      <pdfaProperty:category>internal</pdfaProperty:category>
      <pdfaProperty:description>The part of ISO 14289 that the file conforms to</pdfaProperty:description>
    </rdf:li></rdf:Seq></pdfaSchema:property>
  </rdf:li></rdf:Bag></pdfaExtension:schemas>
</rdf:Description>
"""


@dataclass(frozen=True)
class Attached:
    """A file that goes into the PDF: data that the document was made of, dated like the document."""

    name: str
    description: str
    content: bytes


class RenderFailed(Exception):
    """No PDF came of it. The message is a sentence for staff; nothing was kept."""


def render(
    article: str,
    *,
    title: str,
    author: str,
    language: str,
    created: dt.datetime,
    modified: dt.datetime | None = None,
    attachments: Sequence[Attached] = (),
    pictures: Mapping[str, bytes] | None = None,
    identifier: str = "",
    timeout: float,
    memory: int,
    is_draft: bool = False,
) -> bytes:
    """`article` as a PDF: the same bytes for the same input under the same libraries.

    `author` is the organisation; `pictures` are what the `src` of an image may name; `is_draft` adds what marks a draft
    to circulate. `created` and `modified` (the same unless given) are aware and go into the metadata. `identifier`,
    hexadecimal digits, is the file's own (ISO 32000, 14.4); without one it is made from the content.
    At most `timeout` seconds and `memory` bytes of address space: RenderFailed beyond, or where it can't be done.
    """
    dates = (created.astimezone(dt.UTC), (modified or created).astimezone(dt.UTC))
    html = _page(article, title=title, author=author, language=language, dates=dates)
    if is_draft:
        html = html.replace("</head>", f'<link rel="stylesheet" href="{ORIGIN}/css/print/draft.css"></head>', 1)
    request = json.dumps(
        {
            "html": html,
            "dates": [date.isoformat() for date in dates],
            # In the order of their names, as a PDF lists them.
            "attachments": [
                (file.name, file.description, base64.b64encode(file.content).decode())
                for file in sorted(attachments, key=lambda file: file.name)
            ],
            "pictures": {path: base64.b64encode(content).decode() for path, content in (pictures or {}).items()},
            "identifier": identifier,
            "memory": memory,
        }
    ).encode()
    deadline = time.monotonic() + timeout
    if not _turn.acquire(timeout=timeout):
        raise RenderFailed(_("Other documents are being made at the moment. Try again in a minute."))
    try:
        answer, content = _answer(request, deadline=deadline, timeout=timeout, memory=memory)
    finally:
        _turn.release()
    for warning in answer["warnings"]:
        logger.warning("WeasyPrint: %s", warning)
    if error := answer["error"]:
        raise RenderFailed(_explained(error, answer["detail"], memory=memory))
    return content


def _page(article: str, *, title: str, author: str, language: str, dates: tuple[dt.datetime, dt.datetime]) -> str:
    created, modified = (date.strftime("%Y-%m-%dT%H:%M:%SZ") for date in dates)
    return (
        f'<!DOCTYPE html><html lang="{escape(language)}"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="author" content="{escape(author)}"><meta name="dcterms.created" content="{created}">'
        f'<meta name="dcterms.modified" content="{modified}"></head><body>{article}</body></html>'
    )


def _explained(error: str, detail: str, *, memory: int) -> str:
    if error == "memory":
        return _out_of_memory(memory)
    if error == "library":
        return _(
            "PDFs need the Pango library, which this machine lacks. On Debian or Ubuntu: "
            "apt install libpangoft2-1.0-0 libharfbuzz-subset0; on macOS: brew install pango."
        )
    return _("The document could not be made into a PDF. The renderer says: %(detail)s") % {"detail": detail}


def _out_of_memory(memory: int) -> str:
    return _(
        "The document needed more memory than a PDF may take (%(limit)d MB). Shorten its longest texts and try again."
    ) % {"limit": memory // MEBIBYTE}


_turn = threading.Lock()


_renderer: "Renderer | None" = None


class Ended(Exception):
    """The rendering process ended before it answered; `code` as subprocess tells it."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class Renderer:
    """The process that renders, and the pipes to it."""

    def __init__(self) -> None:
        self.owner = os.getpid()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "recommendations.report.pdf"],
            cwd=BASE_DIR,
            env={name: value for name, value in os.environ.items() if PASSED_ON.fullmatch(name)} | SAME_EACH_TIME,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
            bufsize=0,
        )
        self.pipes = [pipe for pipe in (self.process.stdin, self.process.stdout) if pipe]
        self.requests, self.answers = (pipe.fileno() for pipe in self.pipes)
        os.set_blocking(self.requests, False)
        os.set_blocking(self.answers, False)

    def ask(self, request: bytes, *, deadline: float) -> tuple[dict[str, Any], bytes]:
        """The answer to `request`: its head and what came with it. Raises TimeoutError at the deadline, or Ended."""
        unsent = memoryview(_framed(request))
        received = bytearray()
        with selectors.DefaultSelector() as selector:
            selector.register(self.requests, selectors.EVENT_WRITE)
            selector.register(self.answers, selectors.EVENT_READ)
            while True:
                remaining = deadline - time.monotonic()
                if remaining <= 0:
                    raise TimeoutError
                for key, _events in selector.select(remaining):
                    if key.fd == self.answers:
                        if not (piece := os.read(self.answers, MEBIBYTE)):
                            raise Ended(self.process.wait())
                        received += piece
                        if (parts := _unframed(received, 2)) is not None:
                            return json.loads(parts[0]), parts[1]
                    else:
                        with contextlib.suppress(BrokenPipeError):
                            unsent = unsent[os.write(self.requests, unsent[:65536]) :]
                            if unsent:
                                continue
                        selector.unregister(self.requests)

    def end(self) -> None:
        if self.owner == os.getpid():
            self.process.kill()
            self.process.wait()
        for pipe in self.pipes:
            pipe.close()


def _answer(request: bytes, *, deadline: float, timeout: float, memory: int) -> tuple[dict[str, Any], bytes]:
    """The answer of the process at hand, or of a new one where that has just left for its age or for idleness."""
    global _renderer
    for is_last in (False, True):
        if _renderer and (_renderer.owner != os.getpid() or _renderer.process.poll() is not None):
            end_renderer()
        if _renderer is None:
            _renderer = Renderer()
        try:
            return _renderer.ask(request, deadline=deadline)
        except TimeoutError:
            end_renderer()
            raise RenderFailed(
                _("The document took longer than %(seconds)d seconds and was stopped. Shorten its longest texts.")
                % {"seconds": timeout}
            ) from None
        except Ended as ended:
            end_renderer()
            if ended.code == 0 and not is_last:
                continue
            logger.error("The rendering process ended with code %d", ended.code)
            # Pango's C code aborts where it gets no memory.
            if ended.code < 0:
                raise RenderFailed(_out_of_memory(memory)) from None
            raise RenderFailed(_("The rendering process could not run; the server's log says why.")) from None
        except BaseException:
            end_renderer()
            raise
    raise AssertionError("unreachable")


def end_renderer() -> None:
    """End the process that renders, if there is one. The next document starts another."""
    global _renderer
    renderer, _renderer = _renderer, None
    if renderer:
        renderer.end()


atexit.register(end_renderer)


def _framed(*parts: bytes) -> bytes:
    return b"".join(len(part).to_bytes(8, "big") + part for part in parts)


def _unframed(received: bytes | bytearray, count: int) -> list[bytes] | None:
    """The `count` parts that `received` begins with, or None while they aren't complete."""
    parts, position = [], 0
    for _number in range(count):
        start = position + 8
        position = start + int.from_bytes(received[position:start], "big")
        if len(received) < max(start, position):
            return None
        parts.append(bytes(received[start:position]))
    return parts


def serve() -> None:
    """Answer requests on standard input until it closes, a document fails, or enough were made."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    requests: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
    is_idle = threading.Event()
    threading.Thread(target=_listen, args=(sys.stdin.buffer, requests, is_idle), daemon=True).start()
    for _number in range(RENDERS_PER_PROCESS):
        is_idle.set()
        request = requests.get()
        is_idle.clear()
        head, content = _made(request)
        answers.write(_framed(json.dumps(head).encode(), content))
        answers.flush()
        if head["error"]:
            break
        gc.collect()


def _listen(source: BinaryIO, requests: "queue.SimpleQueue[dict[str, Any]]", is_idle: threading.Event) -> NoReturn:
    """Pass requests on; leave at once, whatever is being rendered, when whoever asked is gone."""
    received = bytearray()
    with selectors.DefaultSelector() as selector:
        selector.register(source, selectors.EVENT_READ)
        while True:
            if not selector.select(IDLE_SECONDS):
                if is_idle.is_set():
                    os._exit(0)
                continue
            if not (piece := os.read(source.fileno(), MEBIBYTE)):
                os._exit(0)
            received += piece
            if (parts := _unframed(received, 1)) is not None:
                received.clear()
                requests.put(json.loads(parts[0]))


def _made(request: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    """What to answer: a head with `error` (empty, or which), its `detail`, and `warnings`; and the PDF."""
    error, detail, content = "", "", b""
    warnings: list[str] = []
    unlimited = resource.getrlimit(resource.RLIMIT_AS)
    try:
        # macOS knows this limit and refuses it.
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_AS, (request["memory"], unlimited[1]))
        content, warnings = _pdf(request)
    except MemoryError:
        error = "memory"
    except OSError as exception:
        error, detail = "library" if "cannot load library" in str(exception) else "renderer", str(exception)[:500]
    except Exception as exception:  # noqa: BLE001 (whatever it is, staff are told, and the process is replaced)
        error, detail = "renderer", f"{type(exception).__name__}: {exception}"[:500]
    finally:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_AS, unlimited)
    return {"error": error, "detail": detail, "warnings": warnings}, content


def _pdf(request: dict[str, Any]) -> tuple[bytes, list[str]]:
    """The PDF of a whole page, and what WeasyPrint warned of, in this process and without bounds."""
    from weasyprint import HTML, Attachment

    created, modified = (dt.datetime.fromisoformat(date) for date in request["dates"])
    gc.disable()
    try:
        _tag_with_care()
        with _warnings() as warnings:
            font_config, stylesheets, from_stylesheets = _look()
            pictures = {f"{ORIGIN}{path}": base64.b64decode(text) for path, text in request["pictures"].items()}
            html = _breakable(printable(request["html"]))
            source = HTML(string=html, base_url=ORIGIN, url_fetcher=_fetcher(pictures))
            content = source.write_pdf(
                finisher=_finish,
                font_config=font_config,
                stylesheets=stylesheets,
                pdf_variant="pdf/a-3a",
                pdf_identifier=bytes.fromhex(request["identifier"]) or True,
                attachments=[
                    Attachment(
                        string=base64.b64decode(encoded),
                        name=name,
                        description=description,
                        relationship="Data",
                        created=created,
                        modified=modified,
                    )
                    for name, description, encoded in request["attachments"]
                ],
            )
        return content, [*from_stylesheets, *warnings]
    finally:
        gc.enable()


@cache
def _tag_with_care() -> None:
    """Have WeasyPrint tag what it leaves out: languages, scopes of headings, kinds of lists, what links lead to.

    Only while it builds the tags are boxes of the page and elements of the structure known together, and it offers no
    hook there. The function is private: the lock pins its version, and the tests look at what comes out.
    """
    from weasyprint.pdf import tags

    build = tags._build_box_tree

    def build_with_care(box: Any, parent: Any, pdf: Any, *args: Any) -> Iterator[Any]:
        if box.element_tag == "img" and parent["S"] == "/Link":
            # A picture in a link is a link once more, which a picture's tag may not hold: `_finish` takes it away.
            box.link_annotation = None
        for element in build(box, parent, pdf, *args):
            _complete(element, getattr(box, "_box", box), language=getattr(pdf.catalog.get("Lang"), "string", ""))
            yield element

    tags._build_box_tree = build_with_care


def _complete(element: Any, box: Any, *, language: str) -> None:
    """Add to a structure element what the element of the page says that `box` was made of; `language` is the page's."""
    import pydyf

    source = box.element
    if source is None or box.element_tag in ("html", "body"):
        return
    kind = element["S"]
    if (own := source.get("lang")) and own != language and kind != "/NonStruct":
        element["Lang"] = pydyf.String(own)
    if kind == "/TH":
        element["A"]["Scope"] = "/Row" if source.get("scope") == "row" else "/Column"
    elif kind == "/L":
        # The templates' own lists have a class and no marks; staff's have neither class nor lack of marks.
        numbering = "/Decimal" if source.tag == "ol" else "/None" if source.get("class") else "/Disc"
        element["A"] = pydyf.Dictionary({"O": "/List", "ListNumbering": numbering})
    elif kind == "/Figure" and (label := source.get("aria-label")):
        element["Alt"] = pydyf.String(label)
    elif kind == "/Link" and box.link_annotation:
        pictures = (image.get("alt") for image in source.iter("img"))
        words = " ".join([*"".join(source.itertext()).split(), *filter(None, pictures)])
        address = source.get("href") or ""
        if words and not address.startswith("#") and address != words:
            words = f"{words} ({address})"
        box.link_annotation["Contents"] = pydyf.String(words or address)


def _finish(document: Any, pdf: Any) -> None:
    """What PDF/UA asks of a file that WeasyPrint made as PDF/A, and what it writes twice."""
    import pydyf

    for thing in pdf.objects:
        if isinstance(thing, dict) and "Annots" in thing:
            tagged = [one for one in thing["Annots"] if "StructParent" in pdf.objects[int(one.split()[0])]]
            thing["Annots"] = pydyf.Array(tagged)
        if isinstance(thing, dict) and thing.get("S") in ("/TH", "/TD"):
            # A table that goes on overleaf is another one there, with headings of the same ids: scopes do instead.
            thing.pop("ID", None)
            thing["A"].pop("Headers", None)
    if "AF" in pdf.catalog:
        pdf.catalog["AF"] = pydyf.Array(dict.fromkeys(pdf.catalog["AF"]))
    metadata = pdf.objects[int(pdf.catalog["Metadata"].split()[0])]
    metadata.stream = [b"".join(metadata.stream).replace(b"</rdf:RDF>", XMP_OF_PDF_UA + b"</rdf:RDF>")]


@cache
def _look() -> tuple[Any, list[Any], list[str]]:
    """The fonts and stylesheets, read once in the life of a process, and what WeasyPrint warned of meanwhile."""
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
    """The list of warnings that WeasyPrint logs meanwhile."""
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
        """Answers with `pictures`, by address, and bundled static files; opens no other file, no network, no data."""

        def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
            kind = mimetypes.guess_type(urlsplit(url).path)[0] or "application/octet-stream"
            content = pictures[url] if url in pictures else bundled_file(url).read_bytes()
            return URLFetcherResponse(url, content, {"Content-Type": kind})

    return BundledFetcher()


def bundled_file(url: str) -> Path:
    """The file under `static/` that `url` stands for; ValueError for any other address, whatever way it takes out."""
    address = urlsplit(url)
    if f"{address.scheme}://{address.netloc}" != ORIGIN:
        raise ValueError("Only bundled files may be used.")
    path = (STATIC_DIR / unquote(address.path).lstrip("/")).resolve()
    if not path.is_relative_to(STATIC_DIR.resolve()) or path.suffix not in BUNDLED_TYPES or not path.is_file():
        raise ValueError("There is no such bundled file.")
    return path


def _breakable(html: str) -> str:
    """`html` with places to break in endless words: in a word without, Pango measures all of the rest for each line."""
    return ENDLESS.sub(lambda found: found[1] or PIECE.sub("\\g<0>\u200b", found[2]), html)


if __name__ == "__main__":
    serve()
