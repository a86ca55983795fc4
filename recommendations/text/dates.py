"""How a day, a moment and a period are written for people, in the language in force.

The formats are Django's for that language, or ours in `tracker/formats/`; templates reach them by `|day` and
`|moment`. What machines read is ISO 8601, and isn't written here.
"""

import datetime as dt

from django.utils import timezone
from django.utils.formats import date_format, get_format
from django.utils.translation import gettext, pgettext

FIRST_OF_MONTH = "FIRST_OF_MONTH_FORMAT"


def day(on: dt.date) -> str:
    """June 30, 2020; an instant as the local day it falls on."""
    local = timezone.localdate(on) if isinstance(on, dt.datetime) else on
    # Only some languages write the first of a month in another way; a format that none gives comes back as its name.
    format = get_format(FIRST_OF_MONTH) if local.day == 1 else FIRST_OF_MONTH
    return date_format(local, "DATE_FORMAT" if format == FIRST_OF_MONTH else format)


def start_of(on: dt.date) -> dt.datetime:
    """The first instant of a local day; where clocks skip midnight, that at which they go forward."""
    return dt.datetime.combine(on, dt.time.min, timezone.get_current_timezone())


def end_of(on: dt.date) -> dt.datetime:
    """The last instant of a local day; where clocks go back over midnight, its last hour’s end the second time."""
    return dt.datetime.combine(on, dt.time.max.replace(fold=1), timezone.get_current_timezone())


def month(on: dt.date) -> str:
    """June 2020."""
    return date_format(on, "YEAR_MONTH_FORMAT")


def short_month(on: dt.date) -> str:
    """Sept. 2020, for the head of a narrow column."""
    return date_format(on, "N Y")


def clock(at: dt.datetime) -> str:
    """The local time of an instant: 14:05."""
    return date_format(timezone.localtime(at), "TIME_FORMAT")


def clock_to_the_second(at: dt.datetime) -> str:
    """The local time of an instant that is seconds away: 14:05:09."""
    return date_format(timezone.localtime(at), "H:i:s")


def moment(at: dt.datetime) -> str:
    """An instant in local time, as day and time: June 30, 2020, 14:05."""
    return f"{day(at)}, {clock(at)}"


def moment_to_the_second(at: dt.datetime) -> str:
    """An instant in local time, told apart from others of its minute: June 30, 2020, 14:05:09."""
    return f"{day(at)}, {clock_to_the_second(at)}"


def period(starts_on: dt.date, ends_on: dt.date) -> str:
    """May 30, 2019 to June 30, 2020, both days included; one day alone as itself."""
    if starts_on == ends_on:
        return day(starts_on)
    return pgettext("days", "%(start)s to %(end)s") % {"start": day(starts_on), "end": day(ends_on)}


def as_known(dated_on: dt.date, dated_as_published: str) -> str:
    """A date as precisely as it is known: the words that were published, else the day."""
    return dated_as_published or day(dated_on)


def with_day(dated_on: dt.date, dated_as_published: str) -> str:
    """A date for staff, who look for its day too: June 2020 (June 30, 2020)."""
    return f"{dated_as_published} ({day(dated_on)})" if dated_as_published else day(dated_on)


def not_updated_since(closed_on: dt.date) -> str:
    """What readers are told of a site that was closed. It stays true, however old a copy of it gets."""
    return gettext("Nobody has updated this site since %(day)s.") % {"day": day(closed_on)}
