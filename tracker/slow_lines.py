"""Hangs up on visitors whose request doesn't end, because the server has no time limit for what is being sent.

It waits for the rest of a body as long as the line is open, and can't answer meanwhile. So the lines themselves are
closed, by what Linux knows of them; elsewhere nothing is. A proxy that takes requests in whole leaves nothing to do.
"""

import os
import socket
import struct
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

# The milliseconds since something was sent, or since the line was opened (struct tcp_info in linux/tcp.h).
LAST_SENT = struct.Struct("=44xI")


def hang_up(port: int, *, seconds: float) -> None:
    """Close all of this process's lines to visitors of `port` that were sent nothing for `seconds`.

    Nobody knows which line is whose. One that is merely idle is closed by the server after 30 seconds anyway.
    """
    for line in lines():
        with line, suppress(OSError):
            (silent,) = LAST_SENT.unpack(line.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, LAST_SENT.size))
            if line.getsockname()[1] == port and line.getpeername() and silent >= seconds * 1000:
                line.shutdown(socket.SHUT_RDWR)


def lines() -> Iterator[socket.socket]:
    """Every socket of this process, under a second number, which the caller closes."""
    if not hasattr(socket, "TCP_INFO"):
        return
    for number in Path("/proc/self/fd").iterdir():
        with suppress(OSError):
            copy = os.dup(int(number.name))
            try:
                line = socket.socket(fileno=copy)
            except OSError:
                os.close(copy)
            else:
                yield line
