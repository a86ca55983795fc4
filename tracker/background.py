"""What is done after the answer, so that no visitor waits for it: sending e-mail.

Each process has one thread for it, which lives while there is work; a request hands a job over and goes on. Jobs wait
in memory only. What still waits when the server is stopped is done at once, for a few seconds; the rest is dropped,
and so is what comes while too many wait.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable

from django.db import connections

from .silence import STAFF, patience

logger = logging.getLogger(__name__)

LONGEST_QUEUE = 100  # jobs
PAUSE = 0.5  # seconds: the answer has left by then, and takes as long whatever the job does
GRACE = 10  # seconds for what waits when the server is stopped

Job = Callable[[], None]


class Background:
    def __init__(self) -> None:
        self.jobs: deque[tuple[float, Job]] = deque()
        self.thread: threading.Thread | None = None
        self.lock = threading.Lock()

    def later(self, job: Job) -> None:
        """Do `job` soon. It has to bring everything with it but its connection to the database."""
        with self.lock:
            if len(self.jobs) >= LONGEST_QUEUE:
                logger.warning("Too many tasks are waiting to run after a response: one was dropped.")
                return
            self.jobs.append((time.monotonic() + PAUSE, job))
            if self.thread is None:
                # No daemon, as the server's own threads are: the process waits for it, and it ends by itself.
                self.thread = threading.Thread(target=self._work, name="background", daemon=False)
                self.thread.start()

    def wait(self) -> None:
        """Return when nothing is left to do."""
        while thread := self.thread:
            thread.join()

    def _work(self) -> None:
        give_up_at: float | None = None
        while (waiting := self._next()) is not None:
            due_at, job = waiting
            while time.monotonic() < due_at and threading.main_thread().is_alive():
                time.sleep(0.05)
            if not threading.main_thread().is_alive():
                give_up_at = give_up_at or time.monotonic() + GRACE
                if time.monotonic() > give_up_at:
                    logger.warning("The server stopped before every task was done: something was dropped.")
                    continue
            # One may have given up on the database.
            patience.seconds = STAFF
            try:
                job()
            except Exception as error:  # noqa: BLE001 (whatever one job does, the next one is done)
                # Its words may hold an address.
                logger.error("A task after a response failed: %s.", type(error).__name__)
            finally:
                connections.close_all()

    def _next(self) -> tuple[float, Job] | None:
        with self.lock:
            if self.jobs:
                return self.jobs.popleft()
            self.thread = None
            return None


background = Background()
