"""Turns a report's article into a tagged PDF with its data attached, within limits on time and memory.

The PDF conforms to PDF/UA-1 and PDF/A-3a. A process of its own makes it (renderer.py): it knows none of our secrets,
stays ready for the next document, and is killed if it takes too long. docs/adr/0014 says why we start it ourselves.
"""

import atexit
import datetime as dt
import json
import logging
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from html import escape
from multiprocessing import Pipe
from typing import Any

from django.utils.translation import gettext as _

from .renderer import BASE_DIR, ORIGIN, Attached, Request

logger = logging.getLogger(__name__)

MEBIBYTE = 1024 * 1024
# How many times as long as it may compute a document may take on a busy machine.
PATIENCE = 4
PASSED_ON = re.compile(r"PATH|HOME|TMPDIR|TZ|LANG|LC_.*|XDG_CACHE_HOME|FONTCONFIG_.*|(DY)?LD_.*|PYTHON.*|VIRTUAL_ENV")
# For the same bytes each time: fontTools writes the time into fonts, and the order of sets depends on hashes.
SAME_EACH_TIME = {"SOURCE_DATE_EPOCH": "1577836800", "PYTHONHASHSEED": "0"}


class RenderFailed(Exception):
    """There is no PDF. The message is a sentence for staff; nothing was kept."""


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
    style: str = "",
) -> bytes:
    """`article` as a PDF: the same bytes for the same input under the same libraries.

    `author` is the organization. `pictures` holds what the `src` of an image may name. `is_draft` adds the marks of a
    draft to circulate; `style` is a style sheet of our own making, read after the bundled ones. `created` and
    `modified` (the same unless given) are aware and go into the metadata.
    `identifier`, in hexadecimal digits, is the file's identifier (ISO 32000, 14.4); without one it is made from the
    content. RenderFailed if it needs more than `timeout` seconds of CPU time or `memory` bytes of address space, or
    PATIENCE times as long on a busy machine; at once if another document is being made; or if it can't be made.
    """
    dates = (created.astimezone(dt.UTC), (modified or created).astimezone(dt.UTC))
    html = _page(article, title=title, author=author, language=language, dates=dates)
    if style:
        html = html.replace("</head>", f"<style>{style}</style></head>", 1)
    if is_draft:
        html = html.replace("</head>", f'<link rel="stylesheet" href="{ORIGIN}/css/print/draft.css"></head>', 1)
    request = Request(
        html=html,
        created=dates[0],
        modified=dates[1],
        # By name, as a PDF lists them.
        attachments=sorted(attachments, key=lambda file: file.name),
        pictures=pictures or {},
        identifier=identifier,
        seconds=timeout,
        memory=memory,
    )
    # Whoever waited would keep a visitor waiting, too: a process has only a few threads that answer.
    if not _turn.acquire(blocking=False):
        raise RenderFailed(another_is_being_made())
    try:
        answer, content = _answer(request, deadline=time.monotonic() + PATIENCE * timeout)
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


def another_is_being_made() -> str:
    return _("Another document is being made at the moment. Try again in a minute.")


def _explained(error: str, detail: str, *, memory: int) -> str:
    if error == "memory":
        return _out_of_memory(memory)
    if error == "library":
        return _(
            "PDFs need the Pango library, which isn't installed. On Debian or Ubuntu: apt install "
            "libpangoft2-1.0-0 libharfbuzz-subset0; on macOS: brew install pango."
        )
    return _("The document could not be made into a PDF. The renderer says: %(detail)s") % {"detail": detail}


def _out_of_memory(memory: int) -> str:
    return _(
        "The document needed more memory than a PDF may use (%(limit)d MB). Shorten its longest texts and try again."
    ) % {"limit": memory // MEBIBYTE}


_turn = threading.Lock()
_renderer: "Renderer | None" = None


class Ended(Exception):
    """The rendering process ended before it answered, with the exit code `code`, as subprocess has it."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class Renderer:
    """A process that renders, and the connection to it."""

    def __init__(self) -> None:
        self.owner = os.getpid()
        self.connection, theirs = Pipe()
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-c", "from recommendations.report.renderer import serve; serve()"],
                cwd=BASE_DIR,
                env={name: value for name, value in os.environ.items() if PASSED_ON.fullmatch(name)} | SAME_EACH_TIME,
                stdin=theirs.fileno(),
                stdout=2,
                start_new_session=True,
            )

    def ask(self, request: Request, *, deadline: float) -> tuple[dict[str, Any], bytes]:
        """The answer to `request`: its head and the PDF. Raises TimeoutError at the deadline, or Ended."""
        watch = threading.Timer(deadline - time.monotonic(), self.process.kill)
        watch.start()
        try:
            self.connection.send(request)
            # JSON rather than a pickle: what reads hostile documents must not decide what we run.
            return json.loads(self.connection.recv_bytes()), self.connection.recv_bytes()
        except (EOFError, OSError):
            code = self.process.wait()
            if time.monotonic() >= deadline:
                raise TimeoutError from None
            raise Ended(code) from None
        finally:
            watch.cancel()

    def end(self) -> None:
        if self.owner == os.getpid():
            self.process.kill()
            self.process.wait()
        self.connection.close()


def _answer(request: Request, *, deadline: float) -> tuple[dict[str, Any], bytes]:
    """The answer of the present process, or of a new one if that has just ended because of its age or idleness."""
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
            words = _(
                "The machine is too busy at the moment: after %(minutes)d minutes the document wasn't finished. "
                "Nothing is wrong with its texts. Try again later."
            )
            raise RenderFailed(words % {"minutes": round(PATIENCE * request.seconds / 60)}) from None
        except Ended as ended:
            end_renderer()
            if ended.code == 0 and not is_last:
                continue
            if ended.code == -signal.SIGXCPU:
                words = _(
                    "The document needed more than %(seconds)d seconds of computing, so it was stopped. "
                    "Shorten its longest texts."
                )
                raise RenderFailed(words % {"seconds": request.seconds}) from None
            logger.error("The rendering process ended with code %d", ended.code)
            if ended.code in (-signal.SIGKILL, -signal.SIGTERM):
                raise RenderFailed(
                    _(
                        "The machine stopped the document before it was finished, as it does when its own memory runs "
                        "out. Nothing is wrong with its texts. Try again later."
                    )
                ) from None
            # Pango's C code aborts when it gets no memory.
            if ended.code < 0:
                raise RenderFailed(_out_of_memory(request.memory)) from None
            raise RenderFailed(_("The rendering process could not run; the server's log says why.")) from None
        except BaseException:
            end_renderer()
            raise
    raise AssertionError("unreachable")


def end_renderer() -> None:
    """End the rendering process, if there is one. The next document starts another."""
    global _renderer
    renderer, _renderer = _renderer, None
    if renderer:
        renderer.end()


atexit.register(end_renderer)
