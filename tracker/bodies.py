"""What visitors send is taken in whole before the staff's pages see it, and a few slow lines keep few threads.

The server can't stop waiting for a line, and a thread that waits answers nobody: so few threads take bodies in, and
who comes when all of them wait is told so. Nothing can be sent to a public address: that is said before a byte of it
is read, or anybody could take the places of staff.
"""

from collections.abc import Callable, Iterable
from tempfile import SpooledTemporaryFile
from threading import BoundedSemaphore
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    Refuse = Callable[[WSGIEnvironment, StartResponse, int], Iterable[bytes]]

MEGABYTE = 1024 * 1024
# A form with its logos. deploy/nginx.conf says the same.
LARGEST = 12 * MEGABYTE
PIECE = 64 * 1024
# An ordinary form comes in within milliseconds: then its place is free again.
WAIT = 0.1  # seconds


class Bodies:
    """A WSGI application that hands on to `application` whole bodies alone, and calls `refuse` for all others.

    At most `places` bodies come in at once.
    """

    def __init__(self, application: "WSGIApplication", *, refuse: "Refuse", places: int) -> None:
        self.application = application
        self.refuse = refuse
        self.places = BoundedSemaphore(places)

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
        if not self.places.acquire(timeout=WAIT):
            return self.refuse(environ, start_response, 503)
        with SpooledTemporaryFile(max_size=MEGABYTE) as file:
            length = None if is_chunked else int(declared)
            try:
                size = taken_in(environ["wsgi.input"], file, length)
            finally:
                self.places.release()
            if size > LARGEST or length not in (None, size):
                return self.refuse(environ, start_response, 413 if size > LARGEST else 400)
            file.seek(0)
            whole = {name: value for name, value in environ.items() if name != "HTTP_TRANSFER_ENCODING"}
            return self.application({**whole, "wsgi.input": file, "CONTENT_LENGTH": str(size)}, start_response)


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
