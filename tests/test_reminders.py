"""Reminders: what is stale, ready or due, on the board and by e-mail, once."""

import datetime as dt
import socket
from io import StringIO

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from recommendations.models import ReminderSent
from recommendations.publishing.reports import publish_report
from recommendations.publishing.updates import mark_ready
from recommendations.workspace.reminders import due
from tests.factories import make_recommendation, make_report, make_update, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fake_pdf")]

ON = dt.date(2020, 6, 15)


def kinds(on):
    return [reminder.key.split("-")[0] for reminder in due(on=on)]


def test_the_end_of_a_period_is_announced_then_its_publication_and_then_the_next_report(user, now):
    make_update(statuses={make_recommendation(): "completed"})
    report = make_report()

    assert kinds(dt.date(2020, 5, 30)) == []
    assert "ends on June 30, 2020" in due(on=ON)[0].message
    assert "you can publish it" in due(on=dt.date(2020, 7, 1))[0].message
    publish_report(report, by=user, at=now)
    assert kinds(dt.date(2020, 7, 3)) == ["next"]


def test_what_waits_is_named(user):
    one = make_recommendation()
    ready = make_update(statuses={one: "completed"}, published=False)
    mark_ready(ready, by=user, at=dt.datetime(2020, 7, 1, tzinfo=dt.UTC))
    draft = make_update(statuses={one: ""}, published=False)

    assert kinds(dt.date(2020, 7, 20)) == []
    assert [reminder.key for reminder in due(on=dt.date(2020, 8, 20))] == [
        f"ready-{ready.pk}-2020-07-01",
        f"draft-{draft.pk}-2020-06-30",
    ]


def test_many_that_wait_are_counted():
    one = make_recommendation()
    for _number in range(13):
        make_update(statuses={one: ""}, published=False)

    (drafts,) = (reminder for reminder in due(on=dt.date(2020, 8, 20)) if reminder.key.startswith("draft"))
    assert drafts.message == "13 updates dated over a month ago are still drafts."
    assert drafts.key == "draft-2020-8"


def test_a_target_that_passed_and_what_nobody_spoke_of_for_a_year_are_named():
    late = make_recommendation(target_on=dt.date(2020, 5, 1))
    done = make_recommendation(target_on=dt.date(2020, 5, 1))
    make_update(statuses={done: "completed", late: "planned"})

    assert [reminder.message for reminder in due(on=dt.date(2020, 7, 1))] == [
        "The target date of 1.1, May 1, 2020, has passed."
    ]
    assert "1 open recommendation has had no update for over a year: 1.1." in [
        reminder.message for reminder in due(on=dt.date(2021, 7, 1))
    ]


def remind(**options):
    said = StringIO()
    call_command("remind", stdout=said, **options)
    return said.getvalue()


def test_each_is_sent_once_to_those_who_write():
    make_user(username="maria", email="maria@example.org")
    make_user(username="gone", email="gone@example.org", is_active=False)
    make_user(username="reader", email="reader@example.org", is_superuser=False)
    make_user(username="mute")
    make_report(ends_on=timezone.localdate() - dt.timedelta(days=1))

    remind(dry_run=True)
    assert mail.outbox == []
    remind()
    assert "There are no new" in remind()

    (message,) = mail.outbox
    assert message.bcc == ["maria@example.org"]
    assert "you can publish it" in message.body
    assert ReminderSent.objects.count() == 1


def test_nothing_is_recorded_where_nobody_has_an_address_or_e_mail_is_not_set_up(settings):
    make_report(ends_on=timezone.localdate() - dt.timedelta(days=1))

    assert "None of the accounts" in remind()
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    assert "E-mail is not set up" in remind()
    assert not ReminderSent.objects.exists()


def test_a_mail_that_fails_is_told_and_sent_again(settings):
    make_user(email="maria@example.org")
    make_report(ends_on=timezone.localdate() - dt.timedelta(days=1))
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    with socket.create_server(("127.0.0.1", 0)) as server:
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.getsockname()

    with pytest.raises(CommandError) as failed:
        remind()

    assert str(failed.value) == "The e-mail could not be sent (ConnectionRefusedError): nothing is on record."
    assert not ReminderSent.objects.exists()


def test_the_board_shows_them(client, user):
    make_recommendation()
    make_report()
    client.force_login(user)

    assert "you can publish it" in client.get(reverse("admin:index")).content.decode()


@pytest.mark.parametrize("rows", [1, 12])
def test_reminders_ask_the_database_as_often_for_many_as_for_one(rows, django_assert_num_queries):
    area = None
    for _number in range(rows):
        one = make_recommendation(**({"area": area} if area else {}), target_on=dt.date(2020, 5, 1))
        area = one.area
        make_update(statuses={one: ""}, published=False)
        make_update(statuses={one: "planned"})
    make_report()

    with django_assert_num_queries(14):
        due(on=dt.date(2021, 8, 1))
