"""What visitors send is taken in whole before the staff's pages see it, and a few slow lines keep few threads.

A thread that waits for a line answers nobody: so few threads take bodies in, who comes when all of them wait is told
so, and a line that takes too long is closed. Nothing can be sent to a public address: that is said before a byte of it
is read, or anybody could take the places of staff.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from tempfile import SpooledTemporaryFile
from threading import BoundedSemaphore, Timer
from typing import IO, TYPE_CHECKING

from .slow_lines import hang_up

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    Refuse = Callable[[WSGIEnvironment, StartResponse, int], Iterable[bytes]]

MEGABYTE = 1024 * 1024
# A form with its logos. deploy/nginx.conf says the same.
LARGEST = 12 * MEGABYTE
PIECE = 64 * 1024
# An ordinary form comes in within milliseconds: then its place is free again.
WAIT = 0.1  # seconds
# 12 MB at 1.6 Mbit/s.
SECONDS = 60


class Bodies:
    """A WSGI application that hands on to `application` whole bodies alone, and calls `refuse` for all others.

    At most `places` bodies come in at once, within `seconds`.
    """

    def __init__(
        self, application: "WSGIApplication", *, refuse: "Refuse", places: int, seconds: float = SECONDS
    ) -> None:
        self.application = application
        self.refuse = refuse
        self.seconds = seconds
        self.answering: list[float] = []
        self.places = BoundedSemaphore(places)

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
        if not self.places.acquire(timeout=WAIT):
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
        watch = Timer(self.seconds, self.hang_up, [port])
        watch.daemon = True
        watch.start()
        try:
            yield
        finally:
            watch.cancel()
            self.places.release()

    def hang_up(self, port: int) -> None:
        """Close the lines that were silent for as long, unless some of staff have waited as long for an answer."""
        while any(time.monotonic() - begun >= self.seconds for begun in [*self.answering]):
            time.sleep(min(1, self.seconds))
        hang_up(port, seconds=self.seconds)


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
