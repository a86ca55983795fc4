"""What a cell says of the day of an update: as precisely as it is known, and never guessed."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from functools import lru_cache

from django.conf import settings
from django.utils.dates import MONTHS, MONTHS_3, MONTHS_AP
from django.utils.translation import gettext as _
from django.utils.translation import override

from recommendations.publishing.importing.cells import quoted
from recommendations.text import dates
from recommendations.text.intake import folded
from recommendations.text.lookalikes import seen

YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[ T]\d{1,2}:\d\d\S*)?")
YEAR_LAST = re.compile(r"(\d{1,2})([-/. ])(\d{1,2})\2(\d{4})")
DAY_MONTH = re.compile(r"(?:[^\W\d]+\.?,? )?(\d{1,2})(?:st|nd|rd|th|er)?(?: of| de)?[ .-]*([^\W\d]+)\.?,?[ -]*(\d{4})")
MONTH_DAY = re.compile(r"(?:[^\W\d]+\.?,? )?([^\W\d]+)\.?[ -]*(\d{1,2})(?:st|nd|rd|th)?(?:, ?| )(\d{4})")
MONTH = re.compile(r"([^\W\d]+)\.?,?( | of | de |-)?(\d{4})")
MONTH_IN_NUMBERS = re.compile(r"(?P<y>\d{4})[-/](?P<m>\d{1,2})|(?P<m2>\d{1,2})[-/](?P<y2>\d{4})")
SHORT_YEAR = re.compile(
    r"\d{1,2}[-/. ](?:\d{1,2}|[^\W\d]+\.?)[-/. ]\d{2}|[^\W\d]+\.?[-/ ]\d{1,2}|\d{1,2}[-/ ][^\W\d]+\.?"
)
YEAR = re.compile(r"\d{4}")
LONGEST = 60  # characters of a date


class NotADay(Exception):
    """A cell from which no day can be read. The message tells staff why, and what to do."""


def day_of(cell: str) -> tuple[dt.date, str]:
    """The day that a cell gives, of a month its last, and the words in which it is known where that is less precise."""
    said = seen(cell)
    plain = folded(said) if len(said) < LONGEST else ""
    try:
        if match := YEAR_FIRST.fullmatch(plain):
            return dt.date(*map(int, match.groups())), ""
        if match := YEAR_LAST.fullmatch(plain):
            return _day_or_month_first(said, int(match[1]), int(match[3]), int(match[4])), ""
        if (match := DAY_MONTH.fullmatch(plain)) and (month := months().get(match[2])):
            return dt.date(int(match[3]), month, int(match[1])), ""
        if (match := MONTH_DAY.fullmatch(plain)) and (month := months().get(match[1])):
            return dt.date(int(match[3]), month, int(match[2])), ""
        if (match := MONTH.fullmatch(plain)) and (month := months().get(match[1])):
            return _last_day(int(match[3]), month, "" if match[2] == "-" else said)
        if match := MONTH_IN_NUMBERS.fullmatch(plain):
            return _last_day(int(match["y"] or match["y2"]), int(match["m"] or match["m2"]), "")
    except ValueError:
        pass
    if YEAR.fullmatch(plain):
        message = _(
            "“%(found)s” is only a year. Write its last day that you are sure of, such as %(found)s-12-31, and the "
            "words in date_as_published."
        )
    elif SHORT_YEAR.fullmatch(plain):
        message = _(
            "“%(found)s” can be read in several ways. Write the date like 2020-06-30, or the month like June 2020."
        )
    else:
        message = _(
            "“%(found)s” isn't a date. Write it like 2020-06-30, or the month like June 2020; what is less precise "
            "goes into date_as_published."
        )
    raise NotADay(message % {"found": quoted(said)})


def _day_or_month_first(said: str, first: int, second: int, year: int) -> dt.date:
    """The day where only one of the two numbers can be the month; NotADay where either can."""
    if first > 12 or first == second:
        return dt.date(year, second, first)
    if second > 12:
        return dt.date(year, first, second)
    one, other = dt.date(year, second, first), dt.date(year, first, second)
    words = {"found": said, "one": dates.day(one), "other": dates.day(other), "iso": one.isoformat()}
    raise NotADay(_("“%(found)s” may be %(one)s or %(other)s. Write it like %(iso)s.") % words)


def _last_day(year: int, month: int, words: str) -> tuple[dt.date, str]:
    """The last day of a month, with the words in which it was given, by default as readers know them."""
    last = dt.date(year, month, calendar.monthrange(year, month)[1])
    return last, words or dates.month(last)


@lru_cache(maxsize=1)
def months() -> dict[str, int]:
    """The months by their names, whole and short, in each language of the tracker."""
    found: dict[str, int] = {}
    for code, _name in settings.LANGUAGES:
        with override(code):
            kinds = (MONTHS, MONTHS_AP, *([MONTHS_3] if code.startswith("en") else []))
            found |= {folded(str(name)).rstrip("."): number for names in kinds for number, name in names.items()}
    return found | {"sep": 9, "sept": 9}
