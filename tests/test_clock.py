"""The server's clock: one that went back dates no edition, and days are right in the hours when clocks change."""

import datetime as dt
import re
import zoneinfo

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from recommendations.models import ActionPlan, Edition, ProgressUpdate
from recommendations.publishing.acts import Refused
from recommendations.publishing.clock import clock_obstacles, newest_record
from recommendations.publishing.notes import end_notes
from recommendations.publishing.reports import publish_report
from recommendations.reading.snapshot import snapshot
from recommendations.report import pdf
from recommendations.text import dates
from recommendations.workspace.changes import Filter
from tests.factories import AT, make_plan, make_recommendation, make_report, make_update, make_user
from tests.people import address, confirmed
from tracker import clock, serving

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


@pytest.fixture
def time_zones():
    before = zoneinfo.TZPATH
    yield
    zoneinfo.reset_tzpath(to=before)
    zoneinfo.ZoneInfo.clear_cache()


@pytest.mark.parametrize(
    ("installed", "is_newer"),
    [("# version 2025b\n", False), ("\n", False), (None, False), ("# version 2999a\n", True)],
)
def test_the_newer_time_zones_count(time_zones, tmp_path, installed, is_newer):
    if installed is not None:
        (tmp_path / "tzdata.zi").write_text(installed)
    zoneinfo.reset_tzpath(to=[str(tmp_path)])

    clock.use_newest_time_zones(tmp_path)

    assert (str(tmp_path) in zoneinfo.TZPATH) is is_newer


def test_vancouver_has_the_same_time_all_year_since_2026():
    """A server whose own time zones are older, as Debian's were then, said an hour less."""
    with timezone.override("America/Vancouver"):
        assert dates.clock(dt.datetime(2026, 12, 1, 20, tzinfo=dt.UTC)) == "13:00"


# In Vancouver clocks went from 2:00 to 3:00 on March 9, 2025, and from 2:00 back to 1:00 on November 2; in Havana, in
# 2024, at midnight: the day of spring begins at 1:00, and that of autumn has its first hour twice.
@pytest.mark.parametrize(
    ("zone", "instant", "day", "clock"),
    [
        ("America/Vancouver", "2025-03-09T07:59:59", (2025, 3, 8), "23:59"),
        ("America/Vancouver", "2025-03-09T08:00:00", (2025, 3, 9), "00:00"),
        ("America/Vancouver", "2025-03-09T09:59:59", (2025, 3, 9), "01:59"),
        ("America/Vancouver", "2025-03-09T10:00:00", (2025, 3, 9), "03:00"),
        ("America/Vancouver", "2025-03-10T06:59:59", (2025, 3, 9), "23:59"),
        ("America/Vancouver", "2025-11-02T08:30:00", (2025, 11, 2), "01:30"),
        ("America/Vancouver", "2025-11-02T09:30:00", (2025, 11, 2), "01:30"),
        ("America/Vancouver", "2025-11-03T07:59:59", (2025, 11, 2), "23:59"),
        ("America/Vancouver", "2025-11-03T08:00:00", (2025, 11, 3), "00:00"),
        ("America/Havana", "2024-03-10T04:59:59", (2024, 3, 9), "23:59"),
        ("America/Havana", "2024-03-10T05:00:00", (2024, 3, 10), "01:00"),
        ("America/Havana", "2024-11-03T04:30:00", (2024, 11, 3), "00:30"),
        ("America/Havana", "2024-11-03T05:30:00", (2024, 11, 3), "00:30"),
    ],
)
def test_an_edition_has_the_day_and_time_that_people_saw_on_the_clock(zone, instant, day, clock):
    at = dt.datetime.fromisoformat(instant).replace(tzinfo=dt.UTC)

    with timezone.override(zone):
        edition = Edition(published_at=at)
        assert (edition.published_on, dates.clock(at)) == (dt.date(*day), clock)


@pytest.mark.parametrize(
    "zone", ["America/Vancouver", "America/St_Johns", "America/Havana", "America/Santiago", "Asia/Beirut", "UTC"]
)
def test_every_day_ends_before_the_next_one_and_none_has_a_gap(zone):
    days = [dt.date(2026, 1, 1) + dt.timedelta(days=number) for number in range(366)]

    with timezone.override(zone):
        for day in days:
            last = dates.end_of(day)
            assert timezone.localdate(last) == day
            assert timezone.localdate(last.astimezone(dt.UTC) + dt.timedelta(microseconds=1)) == day + dt.timedelta(
                days=1
            )


# The days on which clocks go forward and back there; where it is at midnight, 0:00 or 23:59 is missing or comes twice.
CHANGES = [
    ("America/Vancouver", "2025-03-09"),
    ("America/Vancouver", "2025-11-02"),
    ("America/St_Johns", "2024-03-10"),
    ("America/Havana", "2024-03-10"),
    ("America/Havana", "2024-11-03"),
    ("America/Sao_Paulo", "2018-11-04"),
    ("America/Sao_Paulo", "2018-02-17"),
    ("Asia/Beirut", "2024-03-31"),
    ("Asia/Beirut", "2024-10-26"),
]


def bounds(day):
    """The first and the last instant of a local day."""
    before = dates.end_of(day - dt.timedelta(days=1)).astimezone(dt.UTC)
    return before + dt.timedelta(microseconds=1), dates.end_of(day).astimezone(dt.UTC)


@pytest.mark.django_db
def test_what_was_changed_is_listed_by_the_days_of_the_clock_on_the_wall():
    updates = [an_update() for _ in range(4)]
    for zone, day in CHANGES:
        day = dt.date.fromisoformat(day)
        with timezone.override(zone):
            first, last = bounds(day)
            tick = dt.timedelta(microseconds=1)
            for update, at in zip(updates, (first - tick, first, last, last + tick), strict=True):
                ProgressUpdate.objects.filter(pk=update.pk).update(ready_at=at)

            found = ProgressUpdate.objects.filter(Filter(since=day, until=day).on_days("ready_at"))
            assert set(found) == set(updates[1:3]), (zone, day)
            assert dates.start_of(day).astimezone(dt.UTC) == first, (zone, day)


@pytest.mark.django_db
@pytest.mark.parametrize(("zone", "day"), [("Asia/Beirut", "2024-03-31"), ("America/Vancouver", "2025-11-02")])
def test_a_note_ends_on_its_day_however_long_the_days_before_were(user, fake_pdf, zone, day):
    ActionPlan.objects.filter(pk=make_plan().pk).update(notes_end_after=90)
    day = dt.date.fromisoformat(day)
    with timezone.override(zone):
        update = an_update()
        ProgressUpdate.objects.filter(pk=update.pk).update(private_note="The coordinator told us.")
        publish_report(make_report(), by=user, at=dates.end_of(day - dt.timedelta(days=90)).astimezone(dt.UTC))
        first, _last = bounds(day)
        end_notes(at=dates.end_of(day - dt.timedelta(days=14)))

        assert end_notes(at=first - dt.timedelta(microseconds=1)).ended == ()
        assert end_notes(at=first).ended == (update,)


@pytest.mark.django_db
def test_in_the_hour_that_comes_twice_the_later_update_says_where_it_stands(client):
    """Both were published at 1:30 by the clock on the wall, and are dated that day: the second one counts."""
    one = make_recommendation()
    for text, hour in (("Second.", 9), ("First.", 8)):
        make_update(
            statuses={one: "completed" if text == "Second." else "planned"},
            text=text,
            dated_on=dt.date(2025, 11, 2),
            published_at=dt.datetime(2025, 11, 2, hour, 30, tzinfo=dt.UTC),
        )

    (entry,) = snapshot(make_plan(), on=dt.date(2025, 11, 3)).recommendations
    feed = client.get("/updates.atom").content.decode()
    published = [dt.datetime.fromisoformat(at) for at in re.findall(r"<published>(.*?)</published>", feed)]

    assert entry.status.key == "completed"
    assert [(at.astimezone(dt.UTC).hour, at.minute) for at in published] == [(9, 30), (8, 30)]
