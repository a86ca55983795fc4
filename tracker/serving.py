"""The server: what has to hold before it starts, and the command that starts it.

The threads are bounded: each keeps a connection to the database, and a database has only so many to give.
"""

import datetime as dt
import gc
import os
import resource
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone
from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.errors import FatalError
from granian.http import HTTP1Settings
from granian.log import LogLevels

from .clock import is_impossible

# By this name the server's processes learn how many threads each of them has.
THREADS = "TRACKER_THREADS"
# Seconds that a process has to end what it is doing: e-mail has twenty, see tracker/background.py.
STOP = 30
# Connections that each process holds, those on which nothing comes included: more of them wait until one is closed,
# which takes the server thirty seconds. Idle ones take 3 kB; a head may have 64 kB, half a gigabyte where all send such
# heads at once.
LINES = 8192
LARGEST_HEAD = 64 * 1024
# Files that a process has open beside: the database, fonts, what it reads and writes.
OTHER_FILES = 256
FREE_CONNECTIONS = """
    SELECT LEAST(
        current_setting('max_connections')::int
        - current_setting('superuser_reserved_connections')::int
        - COALESCE(current_setting('reserved_connections', true), '0')::int,
        (SELECT NULLIF(rolconnlimit, -1) FROM pg_roles WHERE rolname = current_user),
        (SELECT NULLIF(datconnlimit, -1) FROM pg_database WHERE datname = current_database())
    )
"""


class CannotServe(Exception):
    """Why the server would not do well, in a sentence that says what to do."""


def connections_needed(*, workers: int, threads: int) -> int:
    """One for each thread that answers, and one for each process's e-mail: see tracker/background.py."""
    return workers * (threads + 1)


def connections_free() -> int | None:
    """How many connections the database gives to an account like ours, those in use included; None without a bound."""
    if connection.vendor != "postgresql":
        return None
    with connection.cursor() as cursor:
        cursor.execute(FREE_CONNECTIONS)
        return int(cursor.fetchone()[0])


def refuse_too_many(*, workers: int, threads: int, free: int | None) -> None:
    """Raise CannotServe where the threads could want more connections than there are: visitors would get errors."""
    needed = connections_needed(workers=workers, threads=threads)
    if free is not None and needed > free:
        raise CannotServe(
            f"{workers} × {threads} threads, and e-mail, may need {needed} connections to the database, which gives "
            f"{free}: ask for fewer --workers or --threads, or raise its max_connections."
        )


def refuse_wrong_clock(*, now: dt.datetime) -> None:
    """Raise CannotServe where the clock can't be right: what is published would be dated by it for good."""
    if is_impossible(now):
        raise CannotServe(f"This machine's clock says {now:%Y-%m-%d}, which can't be right: set it, then start again.")


def unapplied_migrations() -> set[tuple[str, str]]:
    """By app and name. The names alone are compared: to load the migrations would take a tenth of the whole start."""
    present = {
        (app.label, file.stem) for app in apps.get_app_configs() for file in Path(app.path).glob("migrations/[0-9]*.py")
    }
    return present - MigrationRecorder(connection).applied_migrations().keys()


def refuse_old_database() -> None:
    if unapplied_migrations():
        raise CannotServe("The database is not up to date: run manage.py migrate first.")


def refuse_missing_files() -> None:
    # The storage of development, which finds files where they are, has no such list.
    if not getattr(staticfiles_storage, "hashed_files", True):
        raise CannotServe("The static files are missing: run manage.py collectstatic --noinput first.")


def check(*, host: str, port: int, workers: int, threads: int) -> None:
    """Raise CannotServe where the server would start and then fail its visitors."""
    refuse_wrong_clock(now=timezone.now())
    refuse_old_database()
    refuse_missing_files()
    refuse_too_many(workers=workers, threads=threads, free=connections_free())
    # The server itself would share the port with whoever listens there, and get half of the visitors.
    try:
        family, address = found(host, port)
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise cannot_serve(host, port, error) from error


def cannot_serve(host: str, port: int, error: OSError) -> CannotServe:
    return CannotServe(f"Port {port} of {host} can't be served: {error.strerror}.")


def found(host: str, port: int) -> tuple[int, tuple[Any, ...]]:
    """The family and the address of `host`, which may be a name; OSError where there is none."""
    family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    return family, address


@contextmanager
def sole_server(host: str, port: int) -> Iterator[None]:
    """While it is us alone who start or serve here. Two servers that start in the same moment both find a port free.

    A name of Linux's own, which is gone with the last process that has it, even one that was killed. Elsewhere the
    server doesn't share a port.
    """
    address, *_ = found(host, port)[1]
    with socket.socket(socket.AF_UNIX) as lock:
        if sys.platform == "linux":
            try:
                lock.bind(f"\0tracker {address} {port}")
            except OSError as error:
                raise cannot_serve(host, port, error) from error
        yield


def allow_lines() -> int:
    """Ask the system for as many open files as LINES connections need; how many it allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = LINES + OTHER_FILES
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(hard, wanted)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        return max(1, soft - OTHER_FILES)
    return LINES


def own_logging() -> dict[str, Any]:
    """For the server's own entries, such as a failure before Django; by itself it would write each in many lines."""
    return {
        "formatters": settings.LOGGING["formatters"],
        "filters": settings.LOGGING["filters"],
        "handlers": settings.LOGGING["handlers"],
        "loggers": {"_granian": {"handlers": ["console", "errors"], "propagate": False}},
    }


def serve(*, host: str, port: int, workers: int, threads: int) -> None:
    """Serve until a signal stops it. It keeps no access log, which would hold visitors' addresses.

    The processes that answer are forked from this one, which has loaded no more than the models: they share those.
    """
    # Fontconfig would keep its cache in the home folder, which a service's account may not have.
    os.environ.setdefault("XDG_CACHE_HOME", str(settings.VAR_DIR / "cache"))
    os.environ[THREADS] = str(threads)
    # The collector of garbage doesn't write to what is frozen, and it stays shared.
    gc.freeze()
    server = Granian(
        "tracker.wsgi:application",
        interface=Interfaces.WSGI,
        # It takes no names.
        address=str(found(host, port)[1][0]),
        port=port,
        workers=workers,
        blocking_threads=threads,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(max_buffer_size=LARGEST_HEAD),
        backpressure=allow_lines(),
        websockets=False,
        # A line that is still open would keep a server from stopping.
        workers_kill_timeout=STOP,
        # One that was killed, for want of memory perhaps. One that dies again within seconds ends the server.
        respawn_failed_workers=True,
        # Its warnings are about numbers of threads and processes that were chosen on purpose.
        log_level=LogLevels.error,
        log_dictconfig=own_logging(),
    )
    try:
        with sole_server(host, port):
            server.serve()
    except FatalError as error:
        raise CannotServe("The server could not start: see above.") from error
