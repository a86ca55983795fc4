"""Days, moments, periods and the two lines of a title: each is written by one function, wherever it stands."""

import datetime as dt
import re
from pathlib import Path

import pytest
from django.template import Context, Template
from django.utils import timezone, translation

from recommendations.models import Report
from recommendations.text import dates
from recommendations.text.intake import title_lines
from tests.factories import make_plan, make_recommendation, make_report, make_update

DAY = dt.date(2020, 6, 30)
# The first hour of July in Universal Time, still June 30 in Vancouver.
LATE = dt.datetime(2020, 7, 1, 5, 4, 3, tzinfo=dt.UTC)


def test_a_day_is_written_as_the_reports_write_it():
    assert dates.day(DAY) == "June 30, 2020"
    assert dates.day(LATE) == "June 30, 2020"
    assert dates.month(DAY) == "June 2020"
    assert dates.moment(LATE) == "June 30, 2020, 22:04"
    assert dates.moment_to_the_second(LATE) == "June 30, 2020, 22:04:03"
    assert dates.clock(LATE) == "22:04"


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("America/Vancouver", dt.date(2026, 3, 8)),
        ("America/Vancouver", dt.date(2026, 11, 1)),
        # Clocks go forward, or back, at midnight.
        ("America/Havana", dt.date(2026, 3, 7)),
        ("America/Santiago", dt.date(2026, 4, 4)),
        ("America/Santiago", dt.date(2026, 9, 5)),
        ("America/St_Johns", dt.date(2010, 11, 6)),
    ],
)
def test_a_day_ends_once_whatever_the_clocks_do(zone, day):
    with timezone.override(zone):
        end = dates.end_of(day).astimezone(dt.UTC)

        assert timezone.localdate(end) == day
        assert timezone.localdate(end + dt.timedelta(microseconds=1)) == day + dt.timedelta(days=1)
        hours = [timezone.localdate(end + dt.timedelta(hours=hour)) for hour in range(1, 24)]
        assert day not in hours


def test_a_period_names_both_days_and_one_day_alone():
    assert dates.period(dt.date(2019, 5, 30), DAY) == "May 30, 2019 to June 30, 2020"
    assert dates.period(DAY, DAY) == "June 30, 2020"


def test_a_date_is_as_precise_as_it_is_known():
    assert dates.as_known(DAY, "June 2020") == "June 2020"
    assert dates.as_known(DAY, "") == "June 30, 2020"
    assert dates.with_day(DAY, "June 2020") == "June 2020 (June 30, 2020)"
    assert dates.with_day(DAY, "") == "June 30, 2020"


def test_another_language_writes_days_in_its_own_way():
    with translation.override("fr"):
        assert dates.day(DAY) == "30 juin 2020"
        assert dates.month(DAY) == "juin 2020"
        assert Template("{{ day|date }}").render(Context({"day": DAY})) == "30 juin 2020"


@pytest.mark.django_db
def test_pages_feed_and_names_write_the_same_day(client):
    one = make_recommendation(
        target_on=dt.date(2021, 4, 1), retired_on=dt.date(2020, 7, 1), retired_reason="It was split."
    )
    update = make_update(statuses={one: "planned"}, dated_on=DAY)

    page = client.get("/recommendations/1.1/").content.decode()
    feed = client.get("/updates.atom").content.decode()
    with translation.override("fr"):
        french = str(update)

    # Beside the day on which the page is printed.
    written = set(re.findall(r"[A-Z]\w+ \d+, 20\d\d", page)) - {dates.day(timezone.localdate())}
    assert written == {"April 1, 2021", "July 1, 2020", "June 30, 2020"}
    assert "<title>1.1: Planned (June 30, 2020)</title>" in feed
    assert str(update).startswith(f"U{update.pk}, June 30, 2020: ")
    assert french.startswith(f"U{update.pk}, 30 juin 2020: ")


@pytest.mark.django_db
def test_templates_write_a_period_as_the_report_does():
    report = make_report()

    written = Template("{% load tracker %}{{ report|period }}").render(Context({"report": report}))

    assert written == "May 30, 2019 to June 30, 2020"
    assert str(Report.objects.get()) == "One-Year Update (May 30, 2019 to June 30, 2020)"


@pytest.mark.parametrize(
    ("title", "lines"),
    [
        ("A Safer Province: Responding Together", ("A Safer Province:", "Responding Together")),
        ("A Safer Province:\u00a0Responding: Together", ("A Safer Province:", "Responding: Together")),
        ("Plan 2019:2024", ("Plan 2019:2024",)),
        ("Plan 2019:2024: Safety", ("Plan 2019:2024:", "Safety")),
        ("A Safer Province:", ("A Safer Province:",)),
        ("A Safer Province", ("A Safer Province",)),
    ],
)
def test_a_title_breaks_after_a_colon_that_white_space_follows(title, lines):
    assert title_lines(title) == lines


@pytest.mark.django_db
def test_the_progress_page_breaks_the_title_where_the_report_does(client):
    make_plan(title="Plan 2019:2024")

    assert (
        '<h1 class="masthead__title" itemprop="name" dir="auto">Plan 2019:2024</h1>' in client.get("/").content.decode()
    )


def test_no_template_and_no_module_has_a_format_of_its_own():
    machines = {"'Y-m-d'", "'c'", "'YEAR_MONTH_FORMAT'", '"DATETIME_FORMAT"', '"YEAR_MONTH_FORMAT"'}
    own = []
    for path in [*Path("templates").rglob("*.html"), *Path("recommendations").rglob("*.py")]:
        if "migrations" in path.parts or path == Path("recommendations/text/dates.py"):
            continue
        text = path.read_text()
        own += [
            (str(path), format)
            for format in re.findall(r"""\|(?:date|time):(["'][^"']*["'])""", text)
            if format not in machines
        ]
        own += [(str(path), found) for found in re.findall(r'"(?:F j|F Y|Y-m-d)[^"]*"|\bdate_format\(', text)]

    assert own == []
