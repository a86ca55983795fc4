"""How the log is written: each entry is one line, so that what a visitor sent can't pass for an entry of its own."""

import logging

from django.core.exceptions import SuspiciousOperation


class OneLine(logging.Formatter):
    """The entry with its traceback in one line; without it where a request was refused, which is no fault of ours."""

    def format(self, record: logging.LogRecord) -> str:
        if record.exc_info and isinstance(record.exc_info[1], SuspiciousOperation):
            record = logging.makeLogRecord({**vars(record), "exc_info": None, "exc_text": None})
        return " | ".join(line.strip() for line in super().format(record).splitlines())
