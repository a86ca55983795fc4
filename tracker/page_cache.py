"""Public pages kept in memory, compressed, in front of Django: one render serves every visitor until something changes.

A copy is valid for one content version and one local day, both read before the page is rendered. The version says that
something which the public sees has changed, in any process; see recommendations/models/content_version.py.
"""

import datetime as dt
import gzip
import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import lru_cache, partial
from hashlib import sha256
from threading import BoundedSemaphore, Lock
from typing import TYPE_CHECKING

import brotli
from django.db import Error as DatabaseFailure
from django.http.request import split_domain_port

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    Admitting = Callable[[WSGIEnvironment, StartResponse, WSGIApplication], Iterable[bytes]]
    Answering = Callable[[WSGIEnvironment, StartResponse], Iterable[bytes]]

logger = logging.getLogger(__name__)

Key = tuple[str, str, str]
ValidFor = tuple[str, dt.date]

READ_EVERY = 1.0  # seconds between two looks at the content version and the day
LONGEST_READ = 1.0  # seconds that others wait for whoever looks; a look takes less than a thousandth of it
MEGABYTE = 1024 * 1024
LARGEST_COPY = 8 * MEGABYTE
BESIDE = 50  # bytes that Python adds to a word
# The staff's pages, and what tells a probe how things are now.
HEALTH = "/healthz"
MOST_PROBES = 2
NEVER_KEPT = ("/admin/", HEALTH)
LONGEST_KEY = 512  # characters; no address of ours comes near it
SHORTEST_COMPRESSED = 200  # bytes, as in Django
# A PDF, a workbook and a picture are compressed within.
COMPRESSED_WITHIN = ("application/pdf", "application/vnd.openxmlformats-officedocument.", "image/png", "image/jpeg")
# Requests with one of these may be answered in another way than most, and are passed on.
DECIDING = (
    "HTTP_AUTHORIZATION",
    "HTTP_COOKIE",
    "HTTP_IF_MATCH",
    "HTTP_IF_UNMODIFIED_SINCE",
    "HTTP_RANGE",
    "HTTP_TRANSFER_ENCODING",
    "QUERY_STRING",
    # Asked for by export_site: its pages say that they are copies.
    "tracker.copied_on",
)
# Django answers whole and uncompressed; what these ask for is done here.
OF_THE_BODY = ("content-disposition", "content-language", "content-type")
DONE_HERE = ("HTTP_ACCEPT_ENCODING", "HTTP_IF_MODIFIED_SINCE", "HTTP_IF_NONE_MATCH")
ENCODERS: dict[str, Callable[[bytes], bytes]] = {
    # The best takes a quarter of a second for each megabyte, and saves a tenth of what a quick one leaves.
    "br": lambda body: brotli.compress(body, quality=9 if len(body) < MEGABYTE else 5),
    "gzip": lambda body: gzip.compress(body, mtime=0),
}


@dataclass
class Answer:
    """What the application answered: its status line, its headers in their order, its body."""

    status: str
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str:
        """The values of the header `name`, which is in lower case, as one; in lower case."""
        return ", ".join(value for given, value in self.headers if given.lower() == name).lower()

    @property
    def is_for_everyone(self) -> bool:
        """Whether it is the same for whoever asks, in whatever encoding."""
        return self.header("vary") in ("", "accept-encoding") and not (
            self.header("set-cookie") or self.header("content-encoding")
        )

    @property
    def may_be_kept(self) -> bool:
        """What is private is for browsers to keep, and for no cache in between: this is none, but the site itself."""
        directives = {one.strip() for one in self.header("cache-control").split(",")}
        return self.status.startswith("200 ") and self.is_for_everyone and "no-store" not in directives

    def send(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        start_response(self.status, self.headers)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [self.body]


@dataclass
class Copy:
    """A page that may be kept: its body in each encoding that somebody asked for, made when it is asked for first.

    One that isn't kept, such as an error, is sent in the same way, once.
    """

    status: str
    headers: list[tuple[str, str]]
    etag: str
    body: bytes
    is_compressed: bool
    size: int
    counted: int = 0  # of its bytes, by the cache that keeps it
    encoded: dict[str, bytes] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    @classmethod
    def of(cls, answer: Answer, key: Key) -> "Copy":
        is_compressed = len(answer.body) >= SHORTEST_COMPRESSED and not answer.header("content-type").startswith(
            COMPRESSED_WITHIN
        )
        made_anew = ("content-length", "etag", "vary")
        headers = [(name, value) for name, value in answer.headers if name.lower() not in made_anew]
        if is_compressed:
            headers.append(("Vary", "Accept-Encoding"))
        given = next((value for name, value in answer.headers if name.lower() == "etag"), "")
        etag = given or (f'"{sha256(answer.body).hexdigest()[:32]}"' if answer.may_be_kept else "")
        words = [*key, etag, *(word for pair in headers for word in pair)]
        size = len(answer.body) + sum(len(word) + BESIDE for word in words)
        return cls(answer.status, headers, etag, answer.body, is_compressed, size)

    def in_encoding(self, encoding: str) -> bytes:
        if encoding == "identity":
            return self.body
        with self.lock:
            if encoding not in self.encoded:
                self.encoded[encoding] = ENCODERS[encoding](self.body)
                self.size += len(self.encoded[encoding])
            return self.encoded[encoding]

    def send(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """The whole copy in the best encoding that is accepted, or 304 where the visitor has it already.

        The bytes that the application made have its strong ETag; compressed ones, whose bytes may change with the
        library, the weak form of it (RFC 9110, 8.8.3.3). If-None-Match compares weakly (13.1.2).
        """
        encoding = best_encoding(environ.get("HTTP_ACCEPT_ENCODING", "")) if self.is_compressed else "identity"
        is_weak = encoding != "identity" and not self.etag.startswith("W/")
        named = [("ETag", f"W/{self.etag}" if is_weak else self.etag)] if self.etag else []
        if named and is_known(self.etag, environ.get("HTTP_IF_NONE_MATCH", "")):
            kept = [(name, value) for name, value in self.headers if name.lower() not in OF_THE_BODY]
            start_response("304 Not Modified", [*kept, *named])
            return []
        body = self.in_encoding(encoding)
        encoded = [("Content-Encoding", encoding)] if encoding != "identity" else []
        start_response(self.status, [*self.headers, *encoded, ("Content-Length", str(len(body))), *named])
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]


@dataclass
class Turn:
    """Lets one thread at a time make a page; `waiting` counts those who want it, the one who makes it included."""

    lock: Lock = field(default_factory=Lock)
    waiting: int = 0


class DatabaseAway(Exception):
    """Nobody can tell whether what is kept is still true, and nothing can be made anew."""


def admit_all(
    environ: "WSGIEnvironment", start_response: "StartResponse", application: "WSGIApplication"
) -> Iterable[bytes]:
    return application(environ, start_response)


class PageCache:
    """A WSGI application that answers for `application` what it keeps, and passes everything else on to it.

    What isn't kept passes `admission`, which may refuse it: a thread waits there for a page that another one makes.
    `version` gives the content version, or None where there is none: then nothing is kept. Where it fails because the
    database can't be asked, `away` answers at once, for a second; only /healthz is passed on. `today` gives the local
    day. `secure_header` is the name in the environment, and the value, by which a proxy says that a visitor came by
    HTTPS. The copies together take at most `most_bytes`; those that nobody asked for longest go first.
    """

    def __init__(
        self,
        application: "WSGIApplication",
        *,
        version: Callable[[], str | None],
        today: Callable[[], dt.date],
        secure_header: tuple[str, str] | None,
        away: "Answering",
        admission: "Admitting | None" = None,
        most_bytes: int = 64 * MEGABYTE,
    ) -> None:
        self.application = application
        self.version, self.today = version, today
        self.secure_header = secure_header
        self.away = away
        self.admission = admission or admit_all
        self.most_bytes = most_bytes
        self.copies: OrderedDict[Key, Copy] = OrderedDict()
        self.size = 0
        self.valid_for: ValidFor | None = None
        self.lock = Lock()
        self.turns: dict[Key, Turn] = {}
        self.now_valid: ValidFor | None = None
        self.is_away = False
        self.read_at = -READ_EVERY
        self.reading = Lock()
        self.probes = BoundedSemaphore(MOST_PROBES)

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if environ.get("PATH_INFO") == HEALTH:
            return self.probed(environ, start_response)
        try:
            valid_for = self.valid_now()
        except DatabaseAway:
            return self.away(environ, start_response)
        key = self.key_of(environ) if valid_for else None
        if key is None:
            return self.admission(environ, start_response, self.application)
        if copy := self.kept(key, valid_for):
            return self.sent(key, copy, environ, start_response)
        return self.admission(environ, start_response, partial(self.made, key))

    def made(self, key: Key, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """A copy that another thread has just made, or the answer that is made now, and kept if it may be."""
        with self.turn(key):
            # Read before the page is made, and after the turns of others.
            try:
                valid_for = self.valid_now()
            except DatabaseAway:
                return self.away(environ, start_response)
            copy = self.kept(key, valid_for)
            if copy is None:
                answer = asked(self.application, environ)
                if not answer.is_for_everyone:
                    return answer.send(environ, start_response)
                copy = Copy.of(answer, key)
                if valid_for and answer.may_be_kept and copy.size <= LARGEST_COPY:
                    self.keep(key, valid_for, copy)
        return self.sent(key, copy, environ, start_response)

    def sent(
        self, key: Key, copy: Copy, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        body = copy.send(environ, start_response)
        if copy.size != copy.counted:
            self.count(key, copy)
        return body

    @contextmanager
    def turn(self, key: Key) -> Iterator[None]:
        """While one thread makes the page of `key`, the others who want it wait."""
        with self.lock:
            turn = self.turns.setdefault(key, Turn())
            turn.waiting += 1
        try:
            with turn.lock:
                yield
        finally:
            with self.lock:
                turn.waiting -= 1
                if not turn.waiting:
                    del self.turns[key]

    def key_of(self, environ: "WSGIEnvironment") -> Key | None:
        """What tells one page from another; None for a request whose answer is never kept."""
        path = environ.get("PATH_INFO", "")
        if (
            environ["REQUEST_METHOD"] not in ("GET", "HEAD")
            or path.startswith(NEVER_KEPT)
            or any(environ.get(name) for name in DECIDING)
            or environ.get("CONTENT_LENGTH") not in (None, "", "0")
        ):
            return None
        # Not its port: anyone may make one up, and the page is the same. Django refuses what names no host.
        name, _port = split_domain_port(environ.get("HTTP_HOST", ""))
        return (name, self.scheme_of(environ), path) if name and len(name) + len(path) <= LONGEST_KEY else None

    def scheme_of(self, environ: "WSGIEnvironment") -> str:
        """As Django tells it, in `HttpRequest.scheme`."""
        if self.secure_header and (said := environ.get(self.secure_header[0])) is not None:
            return "https" if said.partition(",")[0].strip() == self.secure_header[1] else "http"
        return str(environ["wsgi.url_scheme"])

    def valid_now(self) -> ValidFor | None:
        """The content version and the local day, as they were within the last second; None where there is no version.

        DatabaseAway where it can't be asked, or another thread has waited for it too long.
        """
        if not self.reading.acquire(timeout=0 if self.is_away else LONGEST_READ):
            raise DatabaseAway
        try:
            now = time.monotonic()
            if now - self.read_at >= READ_EVERY:
                version = self.look()
                self.now_valid = (version, self.today()) if version else None
                # A database that doesn't answer takes seconds to say nothing: nobody asks it again within the next one.
                self.read_at = now if version else time.monotonic()
            if self.is_away:
                raise DatabaseAway
            return self.now_valid
        finally:
            self.reading.release()

    def look(self) -> str | None:
        """The content version now, if the database can be asked; the log says when it is away, and when it is back."""
        try:
            version = self.version()
        except DatabaseFailure as error:
            if not self.is_away:
                logger.error("The database can't be asked, and nobody gets a page: %s", str(error).partition("\n")[0])
            self.is_away = True
            return None
        if self.is_away:
            logger.warning("The database can be asked again.")
        self.is_away = False
        return version

    def probed(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """What /healthz answers. A database that is mute holds up a few probes, and all others are answered at once."""
        if not self.probes.acquire(blocking=False):
            return self.away(environ, start_response)
        try:
            return self.application(environ, start_response)
        finally:
            self.probes.release()

    def kept(self, key: Key, valid_for: ValidFor | None) -> Copy | None:
        with self.lock:
            if self.valid_for != valid_for or key not in self.copies:
                return None
            self.copies.move_to_end(key)
            return self.copies[key]

    def keep(self, key: Key, valid_for: ValidFor, copy: Copy) -> None:
        """Keep `copy`, unless something changed while it was made. Copies of another version or day are dropped."""
        with self.lock:
            if valid_for != self.now_valid:
                return
            if self.valid_for != valid_for:
                self.copies.clear()
                self.size = 0
                self.valid_for = valid_for
            if replaced := self.copies.pop(key, None):
                self.size -= replaced.counted
            self.copies[key] = copy
        self.count(key, copy)

    def count(self, key: Key, copy: Copy) -> None:
        """Count what `copy` holds now; where all of them hold too much, drop some."""
        with self.lock:
            if self.copies.get(key) is not copy:
                return
            self.size += copy.size - copy.counted
            copy.counted = copy.size
            while self.size > self.most_bytes:
                self.size -= self.copies.popitem(last=False)[1].counted


def asked(application: "WSGIApplication", environ: "WSGIEnvironment") -> Answer:
    """What `application` answers to GET: whole, uncompressed, whatever the visitor has already."""
    plain = {name: value for name, value in environ.items() if name not in DONE_HERE}
    started: list[tuple[str, list[tuple[str, str]]]] = []
    written: list[bytes] = []

    def start(status, headers, exc_info=None):  # type: ignore[no-untyped-def]
        started.append((status, headers))
        return written.append

    body = application({**plain, "REQUEST_METHOD": "GET"}, start)
    try:
        content = b"".join([*body])
    finally:
        if close := getattr(body, "close", None):
            close()
    status, headers = started[-1]
    return Answer(status, headers, b"".join(written) + content)


@lru_cache(maxsize=64)  # browsers send a few that are always the same
def best_encoding(accepted: str) -> str:
    """The encoding to send to whoever sends `accepted` as Accept-Encoding (RFC 9110, 12.5.3); never none of them."""
    weights: dict[str, float] = {}
    for part in accepted.lower().split(","):
        coding, _, parameter = part.partition(";")
        name, _, value = parameter.partition("=")
        with suppress(ValueError):
            weight = float(value) if name.strip() == "q" else 1.0
            if 0 <= weight <= 1:
                weights[coding.strip()] = weight
    anything = weights.get("*", 0.0)
    weighted = {coding: weights.get(coding, anything) for coding in ENCODERS}
    best = max(weighted, key=lambda coding: weighted[coding])
    # Where identity isn't named it is as good as refused only by *;q=0, and there is nothing better to send then.
    return best if weighted[best] > 0 and weighted[best] >= weights.get("identity", 0.0) else "identity"


def is_known(etag: str, if_none_match: str) -> bool:
    """Whether `if_none_match` names `etag`, compared weakly."""
    named = [one.strip().removeprefix("W/") for one in if_none_match.split(",")]
    return etag.removeprefix("W/") in named or named == ["*"]
