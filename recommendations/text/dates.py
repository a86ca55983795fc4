"""How a day, a moment and a period are written for people, in the language in force.

The formats are Django's for that language, or ours in `tracker/formats/`; templates reach them by `|date` without a
format of their own. What machines read is ISO 8601, and isn't written here.
"""

import datetime as dt

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _


def day(on: dt.date) -> str:
    """June 30, 2020; an instant as the local day it falls on."""
    return date_format(timezone.localdate(on) if isinstance(on, dt.datetime) else on)


def month(on: dt.date) -> str:
    """June 2020."""
    return date_format(on, "YEAR_MONTH_FORMAT")


def clock(at: dt.datetime) -> str:
    """The local time of an instant: 14:05."""
    return date_format(timezone.localtime(at), "TIME_FORMAT")


def clock_to_the_second(at: dt.datetime) -> str:
    """The local time of an instant that is seconds away: 14:05:09."""
    return date_format(timezone.localtime(at), "H:i:s")


def moment(at: dt.datetime) -> str:
    """An instant in local time, as day and time: June 30, 2020, 14:05."""
    return date_format(timezone.localtime(at), "DATETIME_FORMAT")


def moment_to_the_second(at: dt.datetime) -> str:
    """An instant in local time, told apart from others of its minute: June 30, 2020, 14:05:09."""
    return f"{day(at)}, {clock_to_the_second(at)}"


def period(starts_on: dt.date, ends_on: dt.date) -> str:
    """May 30, 2019 to June 30, 2020, both days included; one day alone as itself."""
    if starts_on == ends_on:
        return day(starts_on)
    return _("%(start)s to %(end)s") % {"start": day(starts_on), "end": day(ends_on)}


def as_known(dated_on: dt.date, dated_as_published: str) -> str:
    """A date as precisely as it is known: the words that were published, else the day."""
    return dated_as_published or day(dated_on)


def with_day(dated_on: dt.date, dated_as_published: str) -> str:
    """A date for staff, who look for its day too: June 2020 (June 30, 2020)."""
    return f"{dated_as_published} ({day(dated_on)})" if dated_as_published else day(dated_on)
