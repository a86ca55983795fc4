"""The log: one line for each entry, whatever was sent."""

import logging
import sys

import pytest
from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.test import Client

from tracker.logs import OneLine


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


def test_the_log_is_written_so():
    assert settings.LOGGING["formatters"]["line"]["()"] == "tracker.logs.OneLine"
    assert {one["formatter"] for one in settings.LOGGING["handlers"].values()} == {"line"}
