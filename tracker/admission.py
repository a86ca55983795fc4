"""How many requests of a kind may keep the server's threads at once, so that some are always free for readers.

An import takes some seconds, a search a tenth of one, a file of the whole plan a second where the plan is large; a
kept page takes 40 µs, but it needs a thread, too. So what is made for few has a share of the threads, the staff's pages
another, and the rest is for everybody else. Whoever comes when a share is used up is told so at once. Anybody may ask
for the sign-in page without end: of several places for the staff, one is for those who were signed in when they last
asked this process.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from threading import BoundedSemaphore
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    Refuse = Callable[[WSGIEnvironment, StartResponse, int], Iterable[bytes]]

# Of eight threads three for the staff, two for searches and files, two for bodies (see bodies.py), and one
# that only readers use.
SHARES = {"staff": 3 / 8, "made": 2 / 8, "bodies": 2 / 8}
# Django says by this name, in the environment, that whoever asked is signed in: see frontdoor.py.
SIGNED_IN = "tracker.signed_in"
MOST_KNOWN = 1000  # sessions
FILES = (".atom", ".csv", ".json", ".pdf", ".xlsx", ".xml")


def places(share: str, *, threads: int) -> int:
    """How many of `threads` the share may take: at least one."""
    return max(1, int(threads * SHARES[share]))


class Admission:
    """Lets a share of `threads` at once into an application, for each kind of request; `refuse` answers the others.

    `session` gives the key of the session that a request names, true or not. It is one of staff's once a request with
    it was answered to somebody who is signed in.
    """

    def __init__(
        self, *, threads: int, refuse: "Refuse", session: "Callable[[WSGIEnvironment], str]" = lambda environ: ""
    ) -> None:
        self.refuse = refuse
        self.session = session
        self.known: OrderedDict[str, None] = OrderedDict()
        self.places = {kind: BoundedSemaphore(places(kind, threads=threads)) for kind in ("staff", "made")}
        self.places["strangers"] = BoundedSemaphore(max(1, places("staff", threads=threads) * 2 // 3))

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse", application: "WSGIApplication"
    ) -> Iterable[bytes]:
        kind = kind_of(environ)
        if kind is None:
            return application(environ, start_response)
        session = self.session(environ) if kind == "staff" else ""
        kinds = ("strangers", "staff") if kind == "staff" and session not in self.known else (kind,)
        # Django has made its answer when it returns; sending it takes no thread.
        with ExitStack() as taken:
            for places in (self.places[one] for one in kinds):
                if not places.acquire(blocking=False):
                    return self.refuse(environ, start_response, 503)
                taken.callback(places.release)
            body = application(environ, start_response)
        if session and environ.get(SIGNED_IN):
            self.remember(session)
        return body

    def remember(self, session: str) -> None:
        self.known[session] = None
        while len(self.known) > MOST_KNOWN:
            self.known.popitem(last=False)


def kind_of(environ: "WSGIEnvironment") -> str | None:
    """Which share a request takes from; None for what any thread answers."""
    path = environ.get("PATH_INFO", "")
    if path.startswith("/admin/"):
        return "staff"
    return "made" if environ.get("QUERY_STRING") or path.endswith(FILES) else None
