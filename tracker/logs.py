"""How the log is written: one line an entry, so that no visitor's words pass for an entry, nor fill the log."""

import logging
import re
import traceback
from collections.abc import Iterator
from threading import Lock
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.db import Error as DatabaseFailure

LONGEST_MESSAGE = 1000  # characters
LONGEST_ENTRY = 20_000  # characters, with its traceback
# What a terminal would obey, what some programs take for the end of a line, and what turns the rest of one round.
UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


class OneLine(logging.Formatter):
    """The entry with its traceback in one line; without it where a request was refused, which is no fault of ours."""

    def format(self, record: logging.LogRecord) -> str:
        is_refusal = record.exc_info and isinstance(record.exc_info[1], SuspiciousOperation)
        record = logging.makeLogRecord(
            {
                **vars(record),
                "msg": within(record.getMessage(), LONGEST_MESSAGE),
                "args": None,
                "exc_info": None if is_refusal else record.exc_info,
                # What another formatter left there says more than ours does.
                "exc_text": None,
            }
        )
        lines = (line.strip() for line in super().format(record).splitlines())
        # Those that underline a part of the line before say nothing where they don't stand below it.
        entry = " | ".join(line for line in lines if line.strip("^~ "))
        return UNPRINTABLE.sub(lambda found: repr(found.group())[1:-1], within(entry, LONGEST_ENTRY))

    def formatException(self, ei: Any) -> str:
        return "\n".join(line for error in chain_of(ei[1]) for line in (*frames_of(error), said_by(error)))


class Bounded(logging.Filter):
    """Lets by so many entries a minute that anybody can cause: addresses that aren't there, hosts that aren't ours.

    The first one of a later minute says how many were left out. Our own faults are all let by.
    """

    def __init__(self, most: int = 60) -> None:
        super().__init__()
        self.most = most
        self.minute, self.count = 0, 0
        self.lock = Lock()

    def filter(self, record: logging.LogRecord) -> bool:
        is_refusal = record.name == "django.request" and record.levelno == logging.WARNING
        if not (is_refusal or record.name.startswith("django.security.")):
            return True
        minute = int(record.created // 60)
        with self.lock:
            left_out = 0
            if minute != self.minute:
                left_out = max(0, self.count - self.most)
                self.minute, self.count = minute, 0
            self.count += 1
            is_let_by = self.count <= self.most
        if left_out:
            record.msg, record.args = f"{record.getMessage()} ({left_out} such entries before it were left out)", None
        return is_let_by


def within(text: str, length: int) -> str:
    """`text`, or its two ends where it is longer than `length`: what failed stands at the end of a traceback."""
    return text if len(text) <= length else f"{text[: length // 2]} […] {text[-length // 2 :]}"


def chain_of(error: BaseException | None) -> Iterator[BaseException]:
    """`error` after those that it came from, as Python prints them."""
    found: list[BaseException] = []
    while error is not None and error not in found:
        found.append(error)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    yield from reversed(found)


def frames_of(error: BaseException) -> list[str]:
    """Where it was raised, by files and lines of code: nothing of what they were working on."""
    return ["Traceback (most recent call last):", *traceback.format_tb(error.__traceback__)]


def said_by(error: BaseException) -> str:
    """Its name and its words. Of a database's only the first line: PostgreSQL says the whole row in the next one."""
    is_of_database = isinstance(error, DatabaseFailure) or type(error).__module__.split(".")[0] in (
        "psycopg2",
        "sqlite3",
    )
    words = str(error)
    return f"{name_of(error)}: {words.partition(chr(10))[0] if is_of_database else words}".removesuffix(": ")


def name_of(error: BaseException) -> str:
    kind = type(error)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
