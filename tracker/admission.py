"""How many requests of a kind may keep the server's threads at once, so that some are always free for readers.

A slow line can take minutes for a body, an import some seconds, a search a tenth of one; a kept page takes 40 µs, but
it needs a thread, too. So searches have a share of the threads, bodies and the staff's pages another, and the rest is
for everybody else. Whoever comes when a share is used up is told so at once.
"""

from collections.abc import Iterable
from threading import BoundedSemaphore
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# Of eight threads three for searches, three for bodies and staff, and two that only readers use.
SHARE = 3 / 8
RETRY_AFTER = 2  # seconds


class Admission:
    """A WSGI application that lets a share of `threads` at once into `application`, for each kind of request."""

    def __init__(self, application: "WSGIApplication", *, threads: int, headers: Iterable[tuple[str, str]]) -> None:
        self.application = application
        self.headers = [*headers]
        places = max(1, int(threads * SHARE))
        self.places = {kind: BoundedSemaphore(places) for kind in ("search", "staff")}

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        kind = kind_of(environ)
        if kind is None:
            return self.application(environ, start_response)
        places = self.places[kind]
        if not places.acquire(blocking=False):
            return self.refuse(start_response)
        # Django has read the body and made its answer when it returns; sending it takes no thread.
        try:
            return self.application(environ, start_response)
        finally:
            places.release()

    def refuse(self, start_response: "StartResponse") -> Iterable[bytes]:
        lines = []
        for language, _name in settings.LANGUAGES:
            with translation.override(language):
                lines.append(_("Many people are here at the moment. Please try again in a few seconds."))
        body = "\n".join([*lines, ""]).encode()
        own = [
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Length", str(len(body))),
            ("Cache-Control", "no-store"),
            ("Retry-After", str(RETRY_AFTER)),
        ]
        start_response("503 Service Unavailable", [*own, *self.headers])
        return [body]


def kind_of(environ: "WSGIEnvironment") -> str | None:
    """Which share a request takes from; None for what any thread answers."""
    if environ.get("PATH_INFO", "").startswith("/admin/") or environ["REQUEST_METHOD"] not in (
        "GET",
        "HEAD",
        "OPTIONS",
    ):
        return "staff"
    if environ.get("CONTENT_LENGTH") not in (None, "", "0") or "HTTP_TRANSFER_ENCODING" in environ:
        return "staff"
    return "search" if environ.get("QUERY_STRING") else None
