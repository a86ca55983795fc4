"""What visitors send is taken in whole before the staff's pages see it, and a few slow lines keep few threads.

A thread that waits for a line answers nobody: so few threads take bodies in, who comes when all of them wait is told
so, and a line that takes too long is closed. Nothing can be sent to a public address: that is said before a byte of it
is read, or anybody could take the places of staff.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from tempfile import SpooledTemporaryFile
from threading import BoundedSemaphore, Event, Thread
from typing import IO, TYPE_CHECKING

from .slow_lines import hang_up

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    Refuse = Callable[[WSGIEnvironment, StartResponse, int], Iterable[bytes]]

MEGABYTE = 1024 * 1024
# A form with its logos. deploy/nginx.conf says the same.
LARGEST = 12 * MEGABYTE
PIECE = 64 * 1024
# An ordinary form comes in within milliseconds: then its place is free again. One visitor at a time waits for that.
WAIT = 1  # second
# 12 MB at 1.6 Mbit/s.
SECONDS = 60


class Bodies:
    """A WSGI application that hands on to `application` whole bodies alone, and calls `refuse` for all others.

    At most `places` threads take bodies in or wait to; each body comes within `seconds`.
    """

    def __init__(
        self, application: "WSGIApplication", *, refuse: "Refuse", places: int, seconds: float = SECONDS
    ) -> None:
        self.application = application
        self.refuse = refuse
        self.seconds = seconds
        self.answering: list[float] = []
        # Who waits has one of the places, where there are several.
        self.places = BoundedSemaphore(max(1, places - 1))
        self.waiting = BoundedSemaphore(1) if places > 1 else None

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        method, in_admin = environ["REQUEST_METHOD"], environ.get("PATH_INFO", "").startswith("/admin/")
        declared = environ.get("CONTENT_LENGTH") or "0"
        is_chunked = "HTTP_TRANSFER_ENCODING" in environ
        if not in_admin and method not in ("GET", "HEAD"):
            return self.refuse(environ, start_response, 405)
        if declared == "0" and not is_chunked:
            return (self.answer if in_admin else self.application)(environ, start_response)
        # Python reads no number of thousands of digits.
        if method != "POST" or not declared.isdecimal() or int(declared[:10]) > LARGEST:
            return self.refuse(environ, start_response, 413)
        if not self.has_place():
            return self.refuse(environ, start_response, 503)
        with SpooledTemporaryFile(max_size=MEGABYTE) as file:
            length = None if is_chunked else int(declared)
            with self.watched(int(environ["SERVER_PORT"])):
                size = taken_in(environ["wsgi.input"], file, length)
            if size > LARGEST or length not in (None, size):
                return self.refuse(environ, start_response, 413 if size > LARGEST else 400)
            file.seek(0)
            whole = {name: value for name, value in environ.items() if name != "HTTP_TRANSFER_ENCODING"}
            return self.answer({**whole, "wsgi.input": file, "CONTENT_LENGTH": str(size)}, start_response)

    def has_place(self) -> bool:
        """Take a place, which `watched` gives back."""
        if self.places.acquire(blocking=False):
            return True
        if not (self.waiting and self.waiting.acquire(blocking=False)):
            return False
        try:
            return self.places.acquire(timeout=WAIT)
        finally:
            self.waiting.release()

    def answer(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """What `application` answers, which may take minutes where staff publish a large report."""
        begun = time.monotonic()
        self.answering.append(begun)
        try:
            return self.application(environ, start_response)
        finally:
            self.answering.remove(begun)

    @contextmanager
    def watched(self, port: int) -> Iterator[None]:
        """Gives a place back once a body has come in, and hangs up on it when that takes too long."""
        came_in = Event()
        Thread(target=self.hang_up, args=[port, came_in], daemon=True).start()
        try:
            yield
        finally:
            came_in.set()
            self.places.release()

    def hang_up(self, port: int, came_in: Event) -> None:
        """Close the lines that were silent for too long, again and again until the body came in or its line is closed.

        Once isn't enough: Linux counts from when a visitor was last told to go on sending, in steps of milliseconds.
        Nothing is closed while some of staff wait half as long for an answer: their lines may have been silent for the
        other half before they asked. The server closes those that are idle for longer.
        """
        wait = self.seconds
        while not came_in.wait(wait):
            if all(time.monotonic() - begun < self.seconds / 2 for begun in [*self.answering]):
                hang_up(port, seconds=self.seconds)
            wait = min(1, self.seconds)


def taken_in(stream: IO[bytes], file: IO[bytes], length: int | None) -> int:
    """How many bytes `file` now has of `stream`: `length`, all of them where that is None, or just over LARGEST."""
    size = 0
    while size <= LARGEST:
        piece = stream.read(PIECE if length is None else min(PIECE, length - size))
        if not piece:
            break
        file.write(piece)
        size += len(piece)
    return size
