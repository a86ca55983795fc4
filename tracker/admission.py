"""How many requests of a kind may keep the server's threads at once, so that some are always free for readers.

An import takes some seconds, a search a tenth of one, a file of the whole plan a second where the plan is large; a
kept page takes 40 µs, but it needs a thread, too. So what is made for few has a share of the threads, the staff's pages
another, and the rest is for everybody else. Whoever comes when a share is used up is told so at once.
"""

from collections.abc import Callable, Iterable
from threading import BoundedSemaphore
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    Refuse = Callable[[WSGIEnvironment, StartResponse, int], Iterable[bytes]]

# Of eight threads three for the staff, two for searches and files, two for bodies (see bodies.py), and one
# that only readers use.
SHARES = {"staff": 3 / 8, "made": 2 / 8, "bodies": 2 / 8}
FILES = (".atom", ".csv", ".json", ".pdf", ".xlsx", ".xml")


def places(share: str, *, threads: int) -> int:
    """How many of `threads` the share may take: at least one."""
    return max(1, int(threads * SHARES[share]))


class Admission:
    """Lets a share of `threads` at once into an application, for each kind of request; `refuse` answers the others."""

    def __init__(self, *, threads: int, refuse: "Refuse") -> None:
        self.refuse = refuse
        self.places = {kind: BoundedSemaphore(places(kind, threads=threads)) for kind in ("staff", "made")}

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse", application: "WSGIApplication"
    ) -> Iterable[bytes]:
        kind = kind_of(environ)
        if kind is None:
            return application(environ, start_response)
        places = self.places[kind]
        if not places.acquire(blocking=False):
            return self.refuse(environ, start_response, 503)
        # Django has made its answer when it returns; sending it takes no thread.
        try:
            return application(environ, start_response)
        finally:
            places.release()


def kind_of(environ: "WSGIEnvironment") -> str | None:
    """Which share a request takes from; None for what any thread answers."""
    path = environ.get("PATH_INFO", "")
    if path.startswith("/admin/"):
        return "staff"
    return "made" if environ.get("QUERY_STRING") or path.endswith(FILES) else None
