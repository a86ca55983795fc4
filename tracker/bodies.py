"""What visitors send is taken in whole before the staff's pages see it, within bounds on its size, time and number.

The server can't stop waiting for a line, and a thread that waits answers nobody. So a thread of the line's own takes
the body in. What has come at once, as an ordinary form does, needs nothing more; for the rest, only a few of the
threads that answer wait. Nothing can be sent to a public address: that is said before a byte of it is read.
"""

from collections.abc import Callable, Iterable
from tempfile import SpooledTemporaryFile
from threading import BoundedSemaphore, Event, Thread
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    Refuse = Callable[[WSGIEnvironment, StartResponse, int], Iterable[bytes]]

MEGABYTE = 1024 * 1024
# A form with its logos. deploy/nginx.conf says the same.
LARGEST = 12 * MEGABYTE
PIECE = 64 * 1024
AT_ONCE = 0.2  # seconds
SECONDS = 30  # in all
# Lines whose bodies are still coming in: each has a thread, until its visitor closes it.
LINES = 100


class Body:
    """A body that a thread of its own takes in from `stream`, up to `length` bytes, or to its end where that is None.

    Once it has `arrived`, `size` is how much there is, at most one piece more than LARGEST, and `file` holds it.
    """

    def __init__(self, stream: IO[bytes], length: int | None, lines: BoundedSemaphore) -> None:
        self.stream, self.length, self.lines = stream, length, lines
        self.file = SpooledTemporaryFile(max_size=MEGABYTE)  # noqa: SIM115 (closed by who reads it)
        self.size = 0
        self.arrived = Event()
        self.is_given_up = False
        Thread(target=self.take_in, name="body", daemon=True).start()

    def take_in(self) -> None:
        try:
            while self.size <= LARGEST and not self.is_given_up:
                piece = self.stream.read(PIECE if self.length is None else min(PIECE, self.length - self.size))
                self.file.write(piece)
                self.size += len(piece)
                if not piece:
                    break
        finally:
            self.lines.release()
            self.arrived.set()
            if self.is_given_up:
                self.file.close()

    def give_up(self) -> None:
        """Keep nothing of what came, nor of what is still to come."""
        self.is_given_up = True
        if self.arrived.is_set():
            self.file.close()

    @property
    def is_whole(self) -> bool:
        return self.length in (None, self.size)


class Bodies:
    """A WSGI application that hands on to `application` whole bodies alone, and calls `refuse` for all others.

    At most `waiting` requests wait at once for what comes slowly.
    """

    def __init__(
        self,
        application: "WSGIApplication",
        *,
        refuse: "Refuse",
        waiting: int,
        at_once: float = AT_ONCE,
        seconds: float = SECONDS,
    ) -> None:
        self.application = application
        self.refuse = refuse
        self.at_once, self.seconds = at_once, seconds
        self.places, self.lines = BoundedSemaphore(waiting), BoundedSemaphore(LINES)

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        method, in_admin = environ["REQUEST_METHOD"], environ.get("PATH_INFO", "").startswith("/admin/")
        declared = environ.get("CONTENT_LENGTH") or "0"
        is_chunked = "HTTP_TRANSFER_ENCODING" in environ
        if not in_admin and method not in ("GET", "HEAD"):
            return self.refuse(environ, start_response, 405)
        if declared == "0" and not is_chunked:
            return self.application(environ, start_response)
        # Python reads no number of thousands of digits.
        if method != "POST" or not declared.isdecimal() or int(declared[:10]) > LARGEST:
            return self.refuse(environ, start_response, 413)
        if not self.lines.acquire(blocking=False):
            return self.refuse(environ, start_response, 503)
        body = Body(environ["wsgi.input"], None if is_chunked else int(declared), self.lines)
        if fault := self.fault_of(body):
            body.give_up()
            return self.refuse(environ, start_response, fault)
        with body.file as file:
            file.seek(0)
            whole = {name: value for name, value in environ.items() if name != "HTTP_TRANSFER_ENCODING"}
            return self.application({**whole, "wsgi.input": file, "CONTENT_LENGTH": str(body.size)}, start_response)

    def fault_of(self, body: Body) -> int | None:
        """The status that says why `body` isn't handed on; None for one that arrived whole."""
        if not body.arrived.wait(self.at_once):
            if not self.places.acquire(blocking=False):
                return 503
            try:
                if not body.arrived.wait(self.seconds - self.at_once):
                    return 408
            finally:
                self.places.release()
        if body.size > LARGEST:
            return 413
        return None if body.is_whole else 400
