"""Gives up on a PostgreSQL that says nothing, for which its client would wait without end, and a thread with it.

A stopped process, a machine that hangs and a network that swallows what is sent end no connection. psycopg2 lets `wait`
wait in its place, for new connections, too: their own bound, connect_timeout, holds no longer then. What a thread reads
of SQLite's file nothing can bound: it belongs on a disk of the machine.
"""

import select
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.conf import settings

if TYPE_CHECKING:
    from psycopg2.extensions import connection as Connection

# Seconds without a word. No public page asks for what takes a second, and none waits for a lock; staff do, for others
# of staff.
READERS = 5.0
STAFF = 60.0


class Patience(threading.local):
    """How long this thread waits for a word. Once it gave up, it doesn't wait again until it is told to."""

    seconds = STAFF


patience = Patience()


def bound_waiting() -> None:
    """Let no thread of this process wait for PostgreSQL longer than its patience."""
    if "postgresql" in settings.DATABASES["default"]["ENGINE"]:
        from psycopg2 import extensions

        extensions.set_wait_callback(wait)


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """While this thread waits no longer than `seconds` for a word."""
    before, patience.seconds = patience.seconds, min(seconds, patience.seconds)
    try:
        yield
    finally:
        patience.seconds = before


def wait(connection: "Connection") -> None:
    """Return when `connection` has what it waits for; an OperationalError, after which it is closed, when it hasn't."""
    from psycopg2 import OperationalError, extensions

    is_connected = connection.status in (extensions.STATUS_READY, extensions.STATUS_BEGIN)
    while (state := connection.poll()) != extensions.POLL_OK:
        seconds = patience.seconds if is_connected else min(READERS, patience.seconds)
        # Made anew: the next address of a name has another line. select() would take no number above 1,023.
        line = select.poll()
        line.register(connection.fileno(), select.POLLIN if state == extensions.POLL_READ else select.POLLOUT)
        if not line.poll(seconds * 1000):
            patience.seconds = 0
            raise OperationalError(f"The database said nothing for {seconds:g} seconds.")
