"""What a server does while many want something of it at the same time: visitors, slow lines, staff's previews."""

import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress

from .load import BROTLI, Server
from .measure import Figure

VISITORS = 200
SLOW_BODIES = 8
PREVIEWS = 20


def visitors(server: Server, path: str) -> Figure:
    """The seconds until the last of 200 visitors, who come in the same moment, has what was answered."""
    together = threading.Barrier(VISITORS)

    def visit(_number: int) -> tuple[str, float]:
        together.wait()
        begun = time.monotonic()
        try:
            said = str(server.get(path).status)
        except OSError as error:
            said = type(error).__name__
        return said, time.monotonic() - begun

    with ThreadPoolExecutor(VISITORS) as threads:
        answers = list(threads.map(visit, range(VISITORS)))
    said = Counter(said for said, _seconds in answers)
    beside = ", ".join(f"{count} × {status}" for status, count in said.items())
    return Figure([max(seconds for _said, seconds in answers)], beside=beside)


@contextmanager
def slow_bodies(server: Server) -> Iterator[None]:
    """While eight lines send a body that never ends."""
    head = f"POST /admin/login/ HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nContent-Length: 100000\r\n\r\n"
    lines = [socket.create_connection(("127.0.0.1", server.port)) for _number in range(SLOW_BODIES)]
    try:
        for line in lines:
            line.sendall(head.encode() + b"csrf")
        yield
    finally:
        for line in lines:
            line.close()


@contextmanager
def previews(server: Server, path: str, session: str) -> Iterator[None]:
    """While staff ask for twenty previews in the same moment."""
    headers = {**BROTLI, "Cookie": session}

    def ask() -> None:
        with suppress(OSError):  # the server ends before its answer
            server.get(path, headers)

    for _number in range(PREVIEWS):
        threading.Thread(target=ask, daemon=True).start()
    yield


def health(server: Server) -> Figure:
    """The longest that /healthz takes in three seconds of asking, ten times a second."""
    time.sleep(0.2)
    longest, end = 0.0, time.monotonic() + 3
    while time.monotonic() < end:
        begun = time.monotonic()
        status = server.get("/healthz").status
        if status != 200:
            return Figure([time.monotonic() - begun], beside=f"answered {status}")
        longest = max(longest, time.monotonic() - begun)
        time.sleep(0.1)
    return Figure([longest])
