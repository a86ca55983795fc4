"""Asks pages elsewhere whether they are there: politely, briefly, and never an address within a private network.

Nothing imports this but a command: no page of the site ever asks another server for anything.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from threading import Timer
from typing import Any
from urllib.parse import SplitResult, urljoin, urlsplit

from django.utils.encoding import iri_to_uri

# Seconds for each step, and for a whole request, however slowly its answer drips.
STEP, WHOLE = 10, 20
# Seconds between two requests to one host.
PAUSE = 1.0
REDIRECTS = 5
MISSING = (404, 410)
# A name that is always found: if it isn't, this machine can't look names up.
CONTROL = "a.root-servers.net"


@dataclass(frozen=True)
class Answer:
    """What came of asking: `is_there` is None if that couldn't be found out; `words` are the status or the reason."""

    is_there: bool | None
    words: str


class NotAllowed(Exception):
    """The address isn't one that may be asked."""


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the public internet: no loopback, private, link-local or translated one."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address) and (ip.is_site_local or ip.sixtofour or ip.teredo or ip.ipv4_mapped):
        return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


class Asker:
    """Asks one address at a time; a host waits `pause` seconds before it is asked again.

    Each name is looked up once for a request. If any of its addresses isn't `allowed`, it isn't asked; otherwise the
    connection goes to the address that was checked, so that a second look-up can't lead elsewhere.
    """

    def __init__(
        self,
        *,
        agent: str,
        allowed: Callable[[str], bool] = is_public,
        look_up: Callable[..., Sequence[tuple[Any, ...]]] = socket.getaddrinfo,
        pause: float = PAUSE,
        whole: float = WHOLE,
    ) -> None:
        self.agent, self.allowed, self.look_up, self.pause, self.whole = agent, allowed, look_up, pause, whole
        self.asked_at: dict[str, float] = {}
        self.context = ssl.create_default_context()

    def ask(self, address: str) -> Answer:
        """Whether the page at `address` is there: 404, 410 and a name that doesn't exist say that it isn't.

        Some servers don't know HEAD, so unless that finds the page, GET decides.
        """
        answer = self._followed("HEAD", address)
        return (
            answer if answer.is_there or answer.words in ("no site", "not allowed") else self._followed("GET", address)
        )

    def _followed(self, method: str, address: str) -> Answer:
        for _hop in range(REDIRECTS + 1):
            try:
                status, location = self._request(method, urlsplit(address))
                if not (300 <= status < 400 and location):
                    return Answer(True if 200 <= status < 300 else False if status in MISSING else None, str(status))
                address = urljoin(address, location)
            except NotAllowed:
                return Answer(None, "not allowed")
            except socket.gaierror as error:
                is_unknown = error.errno in (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", None))
                return Answer(False, "no site") if is_unknown and self._finds_names() else Answer(None, "no answer")
            except (OSError, http.client.HTTPException, ValueError):
                return Answer(None, "no answer")
        return Answer(None, "no answer")

    def _request(self, method: str, parts: SplitResult) -> tuple[int, str]:
        """The status that one request gets, and where it leads on. The body is never read."""
        host = (parts.hostname or "").encode("idna").decode()
        port = parts.port or (443 if parts.scheme == "https" else 80)
        if parts.scheme not in ("http", "https") or not host or (port < 1024 and port not in (80, 443)):
            raise NotAllowed
        connection = http.client.HTTPConnection(host, port)
        connection.sock = self._connected(host, port)
        timer = Timer(self.whole, _cut, [connection])
        timer.daemon = True
        timer.start()
        try:
            if parts.scheme == "https":
                connection.sock = self.context.wrap_socket(connection.sock, server_hostname=host)
            path = iri_to_uri((parts.path or "/") + (f"?{parts.query}" if parts.query else ""))
            connection.request(method, path, headers={"User-Agent": self.agent, "Accept": "*/*", "Connection": "close"})
            with connection.getresponse() as response:
                location = response.getheader("Location") or ""
                return response.status, location.encode("latin-1").decode("utf-8", "replace")
        finally:
            timer.cancel()
            connection.close()

    def _connected(self, host: str, port: int) -> socket.socket:
        """A connection to the first address of `host` that takes one, once all of its addresses are allowed."""
        found = self.look_up(host, port, type=socket.SOCK_STREAM)
        numbers = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        if not numbers or not all(self.allowed(number) for number in numbers):
            raise NotAllowed
        self._wait(host)
        refused: OSError = OSError(host)
        for number in numbers[:3]:
            try:
                return socket.create_connection((number, port), timeout=STEP)
            except OSError as error:
                refused = error
        raise refused

    def _wait(self, host: str) -> None:
        if host in self.asked_at:
            time.sleep(max(0, self.asked_at[host] + self.pause - time.monotonic()))
        self.asked_at[host] = time.monotonic()

    def _finds_names(self) -> bool:
        try:
            return bool(self.look_up(CONTROL, 80, type=socket.SOCK_STREAM))
        except OSError:
            return False


def _cut(connection: http.client.HTTPConnection) -> None:
    """End a request that takes too long; whoever reads its answer finds it ended."""
    with suppress(OSError, TypeError):  # It may be over already.
        socket.socket.shutdown(connection.sock, socket.SHUT_RDWR)
