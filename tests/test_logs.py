"""The log: one line for each entry, whatever was sent."""

import logging
import sqlite3
import sys

import psycopg2.errors
import pytest
from django.core.exceptions import DisallowedHost
from django.db import IntegrityError
from django.test import Client

from tracker import serving
from tracker.logs import Bounded, OneLine


def line_of(record):
    return OneLine("{levelname} {name}: {message}", style="{").format(record)


@pytest.mark.django_db
def test_a_host_that_is_not_ours_is_one_line_without_our_code(caplog):
    Client().get("/", headers={"host": "evil.example"})

    (record,) = [one for one in caplog.records if one.name == "django.security.DisallowedHost"]
    assert record.exc_info
    assert isinstance(record.exc_info[1], DisallowedHost)
    line = line_of(record)
    assert line.startswith("ERROR django.security.DisallowedHost: Invalid HTTP_HOST header: 'evil.example'.")
    assert "Traceback" not in line


def test_a_failure_is_one_line_with_all_of_its_traceback():
    try:
        raise ValueError("first\n2026-01-01 ERROR root: made up")
    except ValueError:
        record = logging.LogRecord("django.request", logging.ERROR, __file__, 1, "It failed", (), sys.exc_info())

    line = line_of(record)

    assert line.startswith("ERROR django.request: It failed | Traceback (most recent call last): | File")
    assert line.endswith("ValueError: first | 2026-01-01 ERROR root: made up")
    assert len(line.splitlines()) == 1


@pytest.mark.parametrize(
    ("sent", "written"),
    [
        ("/a\n2026-01-01 ERROR root: made up", "/a | 2026-01-01 ERROR root: made up"),
        ("/a\r\x0b\x1b[2J\x85\u2028b", "/a | \\x1b[2J | b"),
        ("/\u202eadmin\ud800", "/\\u202eadmin\\ud800"),
        ("/é" + "x" * 5000, "/é" + "x" * 498 + " […] " + "x" * 500),
    ],
)
def test_what_a_visitor_sends_is_no_entry_of_its_own_and_not_long(sent, written):
    record = logging.LogRecord("django.request", logging.WARNING, __file__, 1, "%s", (sent,), None)

    assert line_of(record) == f"WARNING django.request: {written}"


def test_a_failure_in_the_database_says_nothing_of_the_row():
    try:
        try:
            raise IntegrityError("a value is missing\nDETAIL:  Failing row contains (1, CANARY,\nCANARY).")
        except IntegrityError as error:
            raise ValueError("outer") from error
    except ValueError:
        record = logging.LogRecord("django.request", logging.ERROR, __file__, 1, "It failed", (), sys.exc_info())
    record.exc_text = "CANARY, as another formatter wrote it"

    line = line_of(record)

    assert "django.db.utils.IntegrityError: a value is missing | Traceback" in line
    assert line.endswith("ValueError: outer")
    # The line of code that raised it is ours.
    assert line.replace('contains (1, CANARY,\\nCANARY).")', "").count("CANARY") == 0


@pytest.mark.parametrize("error", [sqlite3.IntegrityError, psycopg2.errors.NotNullViolation])
def test_a_failure_in_the_driver_of_a_database_says_nothing_of_the_row(error):
    said = error("a value is missing\nDETAIL:  Failing row contains (1, CANARY).")
    record = logging.LogRecord("django.request", logging.ERROR, __file__, 1, "It failed", (), (error, said, None))

    assert line_of(record).endswith("a value is missing")


def test_a_traceback_without_end_is_cut_in_the_middle():
    record = logging.LogRecord(
        "x", logging.ERROR, __file__, 1, "It failed", (), (ValueError, ValueError("é" * 99_999), None)
    )

    line = line_of(record)

    assert 20_000 <= len(line) <= 20_010
    assert line.startswith("ERROR x: It failed | Traceback")


def test_visitors_cause_so_many_entries_a_minute_and_no_fault_is_left_out():
    bounded, written = Bounded(most=2), []
    for number, (second, name, level) in enumerate(
        [
            (0, "django.security.DisallowedHost", logging.ERROR),
            (1, "django.request", logging.WARNING),
            (2, "django.security.DisallowedHost", logging.ERROR),
            (3, "django.request", logging.WARNING),
            (4, "django.request", logging.ERROR),
            (59, "recommendations.report.pdf", logging.WARNING),
            (60, "django.request", logging.WARNING),
            (61, "django.request", logging.WARNING),
            (150, "django.request", logging.WARNING),
        ]
    ):
        record = logging.LogRecord(name, level, __file__, 1, "entry %d", (number,), None)
        record.created = 1_795_800_000 + second
        if bounded.filter(record):
            written.append(record.getMessage())

    assert written == [
        "entry 0",
        "entry 1",
        "entry 4",
        "entry 5",
        "entry 6 (2 such entries before it were left out)",
        "entry 7",
        "entry 8",
    ]


def test_every_logger_writes_so(settings):
    assert settings.LOGGING["formatters"]["line"]["()"] == "tracker.logs.OneLine"
    console = {"class": "logging.StreamHandler", "formatter": "line", "filters": ["bounded"]}
    assert settings.LOGGING["handlers"]["console"] == console
    assert settings.LOGGING["root"]["handlers"] == ["console", "errors"]
    assert settings.LOGGING["filters"] == {"bounded": {"()": "tracker.logs.Bounded"}}
    assert settings.LOGGING["loggers"]["tracker.commands"] == {"handlers": ["errors"], "propagate": False}
    # Django's own would say each entry twice, and send whole requests to ADMINS, cookies and form words included.
    assert logging.getLogger("django").handlers == []
    # No access log, which would have addresses; what the server itself says goes the same way.
    assert serving.own_logging()["loggers"] == {"_granian": {"handlers": ["console", "errors"], "propagate": False}}
    assert serving.own_logging()["handlers"] == settings.LOGGING["handlers"]
