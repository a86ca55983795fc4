"""Public pages kept in memory, compressed, in front of Django: one render serves every visitor until something changes.

A copy is valid for one content version and one local day, both read before the page is rendered. The version says that
something which the public sees has changed, in any process; see recommendations/models/content_version.py.
"""

import datetime as dt
import gzip
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache, partial
from hashlib import sha256
from threading import Lock
from typing import TYPE_CHECKING

import brotli

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    Admitting = Callable[[WSGIEnvironment, StartResponse, WSGIApplication], Iterable[bytes]]

Key = tuple[str, str, str]
ValidFor = tuple[str, dt.date]

READ_EVERY = 1.0  # seconds between two looks at the content version and the day
MEGABYTE = 1024 * 1024
LARGEST_COPY = 8 * MEGABYTE
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
)
# Django answers whole and uncompressed; what these ask for is done here.
DONE_HERE = ("HTTP_ACCEPT_ENCODING", "HTTP_IF_MODIFIED_SINCE", "HTTP_IF_NONE_MATCH")
ENCODERS: dict[str, Callable[[bytes], bytes]] = {
    "br": lambda body: brotli.compress(body, quality=9),
    "gzip": lambda body: gzip.compress(body, mtime=0),
}


@dataclass
class Answer:
    """What the application answered: its status line, its headers by their names in lower case, its body."""

    status: str
    headers: dict[str, tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str:
        return self.headers.get(name, ("", ""))[1]

    @property
    def may_be_kept(self) -> bool:
        return (
            self.status.startswith("200 ")
            and "no-store" not in self.header("cache-control")
            and self.header("vary").lower() in ("", "accept-encoding")
            and "set-cookie" not in self.headers
            and "content-encoding" not in self.headers
            and len(self.body) <= LARGEST_COPY
        )

    def send(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        start_response(self.status, list(self.headers.values()))
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [self.body]


@dataclass
class Copy:
    """A page that is kept: its body in each encoding that somebody asked for, made when it is asked for first."""

    headers: list[tuple[str, str]]
    etag: str
    body: bytes
    is_compressed: bool
    encoded: dict[str, bytes] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    @classmethod
    def of(cls, answer: Answer) -> "Copy":
        is_compressed = len(answer.body) >= SHORTEST_COMPRESSED and not answer.header("content-type").startswith(
            COMPRESSED_WITHIN
        )
        made_anew = ("content-length", "etag", "vary")
        headers = [pair for name, pair in answer.headers.items() if name not in made_anew]
        if is_compressed:
            headers.append(("Vary", "Accept-Encoding"))
        etag = answer.header("etag") or f'"{sha256(answer.body).hexdigest()[:32]}"'
        return cls(headers, etag, answer.body, is_compressed)

    @property
    def size(self) -> int:
        """How many bytes it may come to hold: compressed twice, it takes less than as much again."""
        return len(self.body) * (2 if self.is_compressed else 1)

    def in_encoding(self, encoding: str) -> bytes:
        if encoding == "identity":
            return self.body
        with self.lock:
            if encoding not in self.encoded:
                self.encoded[encoding] = ENCODERS[encoding](self.body)
            return self.encoded[encoding]

    def send(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """The whole copy in the best encoding that is accepted, or 304 where the visitor has it already.

        The bytes that the application made have its strong ETag; compressed ones, whose bytes may change with the
        library, the weak form of it (RFC 9110, 8.8.3.3). If-None-Match compares weakly (13.1.2).
        """
        encoding = best_encoding(environ.get("HTTP_ACCEPT_ENCODING", "")) if self.is_compressed else "identity"
        etag = self.etag if encoding == "identity" or self.etag.startswith("W/") else f"W/{self.etag}"
        if is_known(self.etag, environ.get("HTTP_IF_NONE_MATCH", "")):
            kept = [(name, value) for name, value in self.headers if not name.lower().startswith("content-")]
            start_response("304 Not Modified", [*kept, ("ETag", etag)])
            return []
        body = self.in_encoding(encoding)
        encoded = [("Content-Encoding", encoding)] if encoding != "identity" else []
        start_response("200 OK", [*self.headers, *encoded, ("Content-Length", str(len(body))), ("ETag", etag)])
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]


def admit_all(
    environ: "WSGIEnvironment", start_response: "StartResponse", application: "WSGIApplication"
) -> Iterable[bytes]:
    return application(environ, start_response)


class PageCache:
    """A WSGI application that answers for `application` what it keeps, and passes everything else on to it.

    What isn't kept passes `admission`, which may refuse it: a thread waits there for a page that another one renders.
    `version` gives the content version, or None where it can't be told: then nothing is kept. `today` gives the local
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
        admission: "Admitting | None" = None,
        most_bytes: int = 64 * MEGABYTE,
    ) -> None:
        self.application = application
        self.version, self.today = version, today
        self.secure_header = secure_header
        self.admission = admission or admit_all
        self.most_bytes = most_bytes
        self.copies: OrderedDict[Key, Copy] = OrderedDict()
        self.size = 0
        self.valid_for: ValidFor | None = None
        self.lock = Lock()
        self.now_valid: ValidFor | None = None
        self.read_at = -READ_EVERY
        self.reading = Lock()
        # A page is rendered by one thread while the others who want it wait. Two pages may share a lock.
        self.render_locks = [Lock() for _ in range(64)]

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        key = self.key_of(environ)
        valid_for = self.valid_now() if key else None
        if key is None or valid_for is None:
            return self.admission(environ, start_response, self.application)
        copy = self.kept(key, valid_for)
        if copy is None:
            return self.admission(environ, start_response, partial(self.rendered, key, valid_for))
        return copy.send(environ, start_response)

    def rendered(
        self, key: Key, valid_for: ValidFor, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """A copy that another thread has just rendered, or one made now, if what is answered may be kept."""
        with self.render_locks[hash(key) % len(self.render_locks)]:
            copy = self.kept(key, valid_for)
            if copy is None:
                answer = asked(self.application, environ)
                if not answer.may_be_kept:
                    return answer.send(environ, start_response)
                copy = Copy.of(answer)
                self.keep(key, valid_for, copy)
        return copy.send(environ, start_response)

    def key_of(self, environ: "WSGIEnvironment") -> Key | None:
        """What tells one page from another; None for a request whose answer is never kept."""
        path = environ.get("PATH_INFO", "")
        if (
            environ["REQUEST_METHOD"] not in ("GET", "HEAD")
            or path.startswith("/admin/")
            or any(environ.get(name) for name in DECIDING)
            or environ.get("CONTENT_LENGTH") not in (None, "", "0")
        ):
            return None
        # Not its port: anyone may make one up, and the page is the same.
        host = environ.get("HTTP_HOST", "").lower()
        name = host.partition("]")[0] if host.startswith("[") else host.partition(":")[0]
        return (name, self.scheme_of(environ), path) if len(name) + len(path) <= LONGEST_KEY else None

    def scheme_of(self, environ: "WSGIEnvironment") -> str:
        """As Django tells it, in `HttpRequest.scheme`."""
        if self.secure_header and (said := environ.get(self.secure_header[0])) is not None:
            return "https" if said.partition(",")[0].strip() == self.secure_header[1] else "http"
        return str(environ["wsgi.url_scheme"])

    def valid_now(self) -> ValidFor | None:
        """The content version and the local day, as they were within the last second."""
        with self.reading:
            now = time.monotonic()
            if now - self.read_at >= READ_EVERY:
                version = self.version()
                self.now_valid = (version, self.today()) if version else None
                self.read_at = now
            return self.now_valid

    def kept(self, key: Key, valid_for: ValidFor) -> Copy | None:
        with self.lock:
            if self.valid_for != valid_for or key not in self.copies:
                return None
            self.copies.move_to_end(key)
            return self.copies[key]

    def keep(self, key: Key, valid_for: ValidFor, copy: Copy) -> None:
        """Keep `copy`, unless something changed while it was rendered. Copies of another version or day are dropped."""
        with self.lock:
            if valid_for != self.now_valid:
                return
            if self.valid_for != valid_for:
                self.copies.clear()
                self.size = 0
                self.valid_for = valid_for
            if replaced := self.copies.pop(key, None):
                self.size -= replaced.size
            self.copies[key] = copy
            self.size += copy.size
            while self.size > self.most_bytes:
                self.size -= self.copies.popitem(last=False)[1].size


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
    return Answer(status, {name.lower(): (name, value) for name, value in headers}, b"".join(written) + content)


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
