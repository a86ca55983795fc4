"""Whether the site can answer at all: what /healthz tells a probe, and what the doctor asks first. One question."""

import datetime as dt

from django.db import Error as DatabaseFailure
from django.db import connection

from .clock import is_impossible

UNREACHABLE = "database unreachable"
WRONG_CLOCK = "clock wrong"


def ailment(*, now: dt.datetime) -> str:
    """What keeps the site from answering rightly, in two words without details for strangers; empty where nothing does.

    By a clock of before 2020 pages would show nothing that happened since.
    """
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseFailure:
        return UNREACHABLE
    return WRONG_CLOCK if is_impossible(now) else ""
