"""Acts in a process of their own, which is killed on the way: `kill -9`, a lack of memory, a power cut."""

import os
import signal
import traceback
from contextlib import contextmanager
from unittest import mock

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

KILLED = -signal.SIGKILL


def in_a_child(act):
    """The exit code of a process that did `act`: 1 where that failed, -9 where it was killed.

    It has the database to itself.
    """
    connection.close()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            act()
            code = 0
        finally:
            if code:
                traceback.print_exc()
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def die(*args, **options):
    os.kill(os.getpid(), signal.SIGKILL)


@contextmanager
def dying_before(step):
    """Dies before this process sends a database its statement or commit of that number, counted from 0."""
    done = 0

    def counting(send):
        def counted(*args, **options):
            nonlocal done
            if done == step:
                die()
            done += 1
            return send(*args, **options)

        return counted

    with (
        mock.patch.object(CursorWrapper, "_execute_with_wrappers", counting(CursorWrapper._execute_with_wrappers)),
        mock.patch.object(BaseDatabaseWrapper, "_commit", counting(BaseDatabaseWrapper._commit)),
    ):
        yield lambda: done
