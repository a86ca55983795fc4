"""What the next report starts from: a period, a title and an address that follow those of the last one."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection
from dataclasses import dataclass
from itertools import chain, count

from django.utils.text import slugify

from recommendations.models import Report

# A year as titles write it: 2020, or 2019–20.
_YEARS = re.compile(r"(?<!\d)(\d{4})(?:([-–/])(\d\d))?(?!\d)")
_NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_COUNTED_YEARS = re.compile(rf"\b({'|'.join(_NUMBERS[:-1])})(?=[- ]year)", re.IGNORECASE)


@dataclass(frozen=True)
class NextReport:
    """The first contents of a new report's form. Its period includes both days."""

    title: str
    slug: str
    starts_on: dt.date
    ends_on: dt.date


def next_report() -> NextReport | None:
    """The report after the newest one; None before there is a report."""
    newest = Report.objects.order_by("ends_on").last()
    return report_after(newest, taken=Report.objects.values_list("slug", flat=True)) if newest else None


def report_after(last: Report, *, taken: Collection[str]) -> NextReport:
    """The report after `last`, at an address that isn't among those `taken`."""
    starts_on = last.ends_on + dt.timedelta(days=1)
    months = _months(last.starts_on, starts_on)
    ends_on = _months_later(starts_on, months) - dt.timedelta(days=1)
    title = _title_after(last, years=ends_on.year - last.ends_on.year, is_yearly=months == 12)
    return NextReport(title, _free_address(title, starts_on, ends_on, taken=taken), starts_on, ends_on)


def _months(starts_on: dt.date, next_starts_on: dt.date) -> int:
    """How many months the next period has: as many as the last, if those divide a year or make whole ones; else 12.

    A first report often covers the odd months since a conference as well.
    """
    months = (next_starts_on.year - starts_on.year) * 12 + next_starts_on.month - starts_on.month
    is_regular = starts_on.day == next_starts_on.day and months and (12 % months == 0 or months % 12 == 0)
    return months if is_regular else 12


def _months_later(day: dt.date, months: int) -> dt.date:
    """The same day so many months later; the first of the month after where that month is too short."""
    years, month = divmod(day.month - 1 + months, 12)
    try:
        return day.replace(year=day.year + years, month=month + 1)
    except ValueError:
        return dt.date(day.year + years, month + 2, 1)


def _title_after(last: Report, *, years: int, is_yearly: bool) -> str:
    """The title of `last` with the years of its period moved on; in a yearly one, “One-Year” becomes “Two-Year”."""

    def moved(found: re.Match[str]) -> str:
        year, between, short = found.groups()
        if not last.starts_on.year <= int(year) <= last.ends_on.year:
            return found[0]
        return str(int(year) + years) + (f"{between}{(int(short) + years) % 100:02}" if short else "")

    def counted(found: re.Match[str]) -> str:
        word = _NUMBERS[_NUMBERS.index(found[0].lower()) + 1]
        return word.capitalize() if found[0][0].isupper() else word

    title = _YEARS.sub(moved, last.title)
    return _COUNTED_YEARS.sub(counted, title) if is_yearly else title


def _free_address(title: str, starts_on: dt.date, ends_on: dt.date, *, taken: Collection[str]) -> str:
    """An address made of the title, and of the period's last year if no year of it stands there."""
    words = slugify(title.replace("–", "-"))[:70].strip("-")
    is_dated = str(starts_on.year) in words or str(ends_on.year) in words
    address = words if is_dated else "-".join(filter(None, (words, str(ends_on.year))))
    numbered = chain([address], (f"{address}-{number}" for number in count(2)))
    return next(one for one in numbered if one not in taken)
