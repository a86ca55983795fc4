"""The server's clock: one that went back dates no edition, and days are right in the hours when clocks change."""

import datetime as dt

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from recommendations.models import Edition
from recommendations.publishing.acts import Refused
from recommendations.publishing.clock import clock_obstacles, newest_record
from recommendations.publishing.reports import publish_report
from recommendations.reading.snapshot import snapshot
from recommendations.report import pdf
from recommendations.text import dates
from tests.factories import AT, make_plan, make_recommendation, make_report, make_update, make_user
from tests.people import address, confirmed
from tracker import serving

SECOND = dt.timedelta(seconds=1)
WRONG = "The server's clock is wrong: something was already published on June 1, 2999 at 12:00, which is later"
LATER = dt.datetime(2999, 6, 1, 19, tzinfo=dt.UTC)


def an_update(*, published_at=AT):
    return make_update(statuses={make_recommendation(): "planned"}, published_at=published_at)


@pytest.mark.django_db
def test_nothing_is_dated_before_the_newest_record(django_assert_num_queries):
    assert (newest_record(), clock_obstacles(at=AT)) == (None, [])

    an_update()
    with django_assert_num_queries(1):
        before = clock_obstacles(at=AT - SECOND)

    assert newest_record() == AT
    assert [len(before), clock_obstacles(at=AT), clock_obstacles(at=AT + SECOND)] == [1, [], []]


@pytest.mark.django_db
def test_what_was_published_after_one_looked_at_the_clock_is_no_fault_of_the_clock():
    at = timezone.now() - SECOND
    an_update(published_at=at + SECOND / 2)

    assert clock_obstacles(at=at) == ["Something else was published at the same moment. Please try again."]


def test_a_clock_of_before_2020_is_wrong_whatever_there_is():
    (reason,) = clock_obstacles(at=dt.datetime(1970, 1, 1, 9, tzinfo=dt.UTC))

    assert (
        reason == "The server's clock says January 1, 1970, which can't be right. Ask whoever looks after the server."
    )


def test_the_server_starts_by_no_such_clock():
    with pytest.raises(serving.CannotServe) as refused:
        serving.refuse_wrong_clock(now=dt.datetime(2019, 12, 31, 23, 59, 59, tzinfo=dt.UTC))
    serving.refuse_wrong_clock(now=dt.datetime(2020, 1, 1, tzinfo=dt.UTC))

    assert str(refused.value) == "This machine's clock says 2019-12-31, which can't be right: set it, then start again."


@pytest.mark.django_db
def test_a_clock_that_went_back_is_told_before_and_when_one_publishes(staff, fake_pdf):
    an_update(published_at=LATER)
    ready = make_update(statuses={make_recommendation(): "planned"}, published=False)
    ready.ready_at, ready.ready_by = AT, make_user()
    ready.save()
    report = make_report()
    publish = address("report_publish", report.pk)

    page = staff.get(publish)
    answer = staff.post(publish, confirmed(page) | {"ready": [str(ready.pk)]})

    assert WRONG in page.content.decode().replace("&#x27;", "'")
    assert answer.context["form"].errors["__all__"][0].startswith(WRONG)
    assert answer.context["form"]["ready"].value() == [str(ready.pk)]
    assert not Edition.objects.exists()


@pytest.mark.django_db
def test_where_the_clock_was_wrong_before_the_command_publishes(user, fake_pdf):
    an_update(published_at=LATER)
    report = make_report()

    with pytest.raises(CommandError, match="is wrong: something was already published on June 1, 2999"):
        call_command("publish_report", report.slug, by=user.username)
    call_command("publish_report", report.slug, by=user.username, clock_is_right=True)

    assert Edition.objects.get().published_at < LATER


@pytest.mark.django_db
def test_a_report_published_while_another_is_made_leaves_editions_in_order(user, now, monkeypatch):
    an_update()
    first, second = make_report(), make_report(starts_on=dt.date(2020, 7, 1), ends_on=dt.date(2020, 7, 1))
    make_update(statuses={make_recommendation(): "planned"}, dated_on=dt.date(2020, 7, 1))

    def render(article, **options):
        monkeypatch.setattr(pdf, "render", lambda article, **options: b"%PDF-1.7")
        publish_report(second, by=user, at=now + SECOND)
        return b"%PDF-1.7"

    monkeypatch.setattr(pdf, "render", render)

    with pytest.raises(Refused, match="Another report was published meanwhile"):
        publish_report(first, by=user, at=now)
    publish_report(first, by=user, at=now + 2 * SECOND)

    assert [edition.report for edition in Edition.objects.order_by("published_at")] == [second, first]


# In Vancouver clocks went from 2:00 to 3:00 on March 8, 2026, and from 2:00 back to 1:00 on November 1; in Havana, at
# midnight: the day of spring begins at 1:00, and that of autumn has its first hour twice.
@pytest.mark.parametrize(
    ("zone", "instant", "day", "clock"),
    [
        ("America/Vancouver", "2026-03-08T07:59:59", (2026, 3, 7), "23:59"),
        ("America/Vancouver", "2026-03-08T08:00:00", (2026, 3, 8), "00:00"),
        ("America/Vancouver", "2026-03-08T09:59:59", (2026, 3, 8), "01:59"),
        ("America/Vancouver", "2026-03-08T10:00:00", (2026, 3, 8), "03:00"),
        ("America/Vancouver", "2026-03-09T06:59:59", (2026, 3, 8), "23:59"),
        ("America/Vancouver", "2026-11-01T08:30:00", (2026, 11, 1), "01:30"),
        ("America/Vancouver", "2026-11-01T09:30:00", (2026, 11, 1), "01:30"),
        ("America/Vancouver", "2026-11-02T07:59:59", (2026, 11, 1), "23:59"),
        ("America/Vancouver", "2026-11-02T08:00:00", (2026, 11, 2), "00:00"),
        ("America/Havana", "2026-03-08T04:59:59", (2026, 3, 7), "23:59"),
        ("America/Havana", "2026-03-08T05:00:00", (2026, 3, 8), "01:00"),
        ("America/Havana", "2026-11-01T04:30:00", (2026, 11, 1), "00:30"),
        ("America/Havana", "2026-11-01T05:30:00", (2026, 11, 1), "00:30"),
    ],
)
def test_an_edition_has_the_day_and_time_that_people_saw_on_the_clock(zone, instant, day, clock):
    at = dt.datetime.fromisoformat(instant).replace(tzinfo=dt.UTC)

    with timezone.override(zone):
        edition = Edition(published_at=at)
        assert (edition.published_on, dates.clock(at)) == (dt.date(*day), clock)


@pytest.mark.parametrize("zone", ["America/Vancouver", "America/Havana", "UTC"])
def test_every_day_ends_before_the_next_one_and_none_has_a_gap(zone):
    days = [dt.date(2026, 1, 1) + dt.timedelta(days=number) for number in range(366)]

    with timezone.override(zone):
        for day in days:
            last = dates.end_of(day)
            assert timezone.localdate(last) == day
            assert timezone.localdate(last.astimezone(dt.UTC) + dt.timedelta(microseconds=1)) == day + dt.timedelta(
                days=1
            )


@pytest.mark.django_db
def test_in_the_hour_that_comes_twice_the_later_update_says_where_it_stands():
    """Both were published at 1:30 by the clock on the wall, and are dated that day: the second one counts."""
    one = make_recommendation()
    for text, hour in (("Second.", 9), ("First.", 8)):
        make_update(
            statuses={one: "completed" if text == "Second." else "planned"},
            text=text,
            dated_on=dt.date(2026, 11, 1),
            published_at=dt.datetime(2026, 11, 1, hour, 30, tzinfo=dt.UTC),
        )

    (entry,) = snapshot(make_plan(), on=dt.date(2026, 11, 2)).recommendations
    assert entry.status.key == "completed"
