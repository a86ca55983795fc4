"""Errors reach somebody, each kind once, and nothing of what was sent goes with them."""

import datetime as dt
import logging
import os
import runpy
import sys

import pytest
from django.core import mail
from django.core.management import CommandError
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from recommendations.management import doctor
from recommendations.management.commands.doctor import Command
from tests.people import account
from tracker import errors
from tracker.background import background

AT = dt.datetime(2020, 7, 1, 12, tzinfo=dt.UTC)
CANARIES = ("CANARY", "192.0.2.77", "sessionid")


@pytest.fixture
def handled(settings, tmp_path):
    """The handler at work, in a folder of its own; what is logged here reaches it."""
    settings.ERRORS_FOLDER, settings.ERRORS_TO = tmp_path / "errors", ["kim@example.org", "lee@example.org"]
    settings.LOGGING_CONFIG = None
    root = logging.getLogger()
    handler, loggers = errors.Errors(), [root, errors.of_commands]
    # It may write to what an earlier test, which set up the logs anew, had for its standard error.
    consoles = [one for one in root.handlers if type(one) is logging.StreamHandler]
    for console in consoles:
        root.removeHandler(console)
    for logger in loggers:
        logger.addHandler(handler)
    yield tmp_path / "errors"
    for logger in loggers:
        logger.removeHandler(handler)
    for console in consoles:
        root.addHandler(console)
    background.wait()


def kind(number, *, at=AT):
    return errors.Kind(what=f"Error{number}", where="a.py:1", route="", first_at=at, last_at=at)


def names(folder, *, at=AT):
    return {one.what for one in errors.all_kept(folder, at=at)}


@pytest.mark.django_db
def test_a_failure_is_told_once_and_nothing_of_what_was_sent_with_it(handled, plan_2020, monkeypatch):
    def fail(request=None):
        secret = "CANARY in a variable"
        raise ValueError(f"CANARY in words: {secret}")

    monkeypatch.setattr("recommendations.public.views.current_plan", fail)
    visitor = Client(raise_request_exception=False, REMOTE_ADDR="192.0.2.77")
    visitor.cookies["sessionid"] = "CANARY"

    for number in range(3):
        assert visitor.get(f"/?q=CANARY{number}", headers={"user-agent": "CANARY"}).status_code == 500
    background.wait()

    (kept,) = errors.all_kept(handled, at=timezone.now())
    (message,) = mail.outbox
    assert (kept.what, kept.route) == ("ValueError", "")
    assert kept.where.startswith("tests/test_errors.py:")
    assert message.subject == "127.0.0.1: ValueError"
    assert (message.to, message.bcc) == ([], ["kim@example.org", "lee@example.org"])
    assert "in fail" in message.body
    # The lines of code that failed are ours, as they stand in the tree.
    said = message.body.replace('raise ValueError(f"CANARY in words: {secret}")', "")
    stored = "".join(path.read_text() for path in handled.iterdir())
    for canary in CANARIES:
        assert canary not in said + stored


def test_what_our_own_code_says_is_kept_without_what_it_filled_in(handled):
    logging.getLogger("recommendations.accounts.email").error("%s was not sent: %s.", "CANARY", "CANARY")
    logging.getLogger("of.another.library").error("CANARY said by a library")
    background.wait()

    assert {one.what for one in errors.all_kept(handled, at=timezone.now())} == {
        "%s was not sent: %s.",
        "of.another.library",
    }
    assert "CANARY" not in "".join(message.subject + message.body for message in mail.outbox)


def test_requests_that_were_refused_are_no_errors(handled):
    logging.getLogger("django.security.DisallowedHost").error("Invalid HTTP_HOST header")
    logging.getLogger("django.request").warning("Not Found: /nope")

    assert not handled.exists()


def test_a_storm_of_errors_sends_ten_messages_and_keeps_fifty_kinds(handled):
    for number in range(60):
        try:
            raise type(f"Error{number}", (Exception,), {})("CANARY")
        except Exception:
            logging.getLogger("django.request").exception("Internal Server Error: %s", "/CANARY")
    background.wait()

    assert len(mail.outbox) == errors.MOST_MESSAGES == 10
    assert len(list(handled.iterdir())) == errors.MOST_KINDS == 50


def test_a_kind_is_new_once_for_all_processes_and_again_after_a_month(tmp_path):
    folder = tmp_path / "errors"
    day = dt.timedelta(days=1)

    assert errors.is_new(kind(1), folder=folder, is_known=False)
    assert not errors.is_new(kind(1, at=AT + 20 * day), folder=folder, is_known=False)
    assert not errors.is_new(kind(1, at=AT + 50 * day), folder=folder, is_known=False)
    assert errors.all_kept(folder, at=AT + 50 * day)[0].first_at == AT
    assert errors.is_new(kind(1, at=AT + 81 * day), folder=folder, is_known=True)
    assert oct(folder.stat().st_mode)[-3:] == "700"


def test_many_kinds_of_a_bad_day_hide_no_later_one(tmp_path):
    folder, later = tmp_path / "errors", AT + dt.timedelta(days=2)
    for number in range(errors.MOST_KINDS):
        errors.is_new(kind(number, at=AT + dt.timedelta(minutes=number)), folder=folder, is_known=False)

    assert errors.is_new(kind(99, at=later), folder=folder, is_known=False)

    kept = [one.what for one in errors.all_kept(folder, at=later)]
    assert (len(kept), kept[0], kind(0).what in kept) == (errors.MOST_KINDS, kind(99).what, False)


def test_a_file_that_is_half_there_hides_no_other(tmp_path):
    errors.is_new(kind(1), folder=tmp_path, is_known=False)
    (tmp_path / "half.json").write_text('{"what": "x"')
    (tmp_path / "other.json").write_text("[]")

    assert names(tmp_path) == {"Error1"}


def test_where_nothing_can_be_kept_each_process_tells_once(tmp_path):
    nowhere = tmp_path / "none" / "errors"

    assert errors.is_new(kind(1), folder=nowhere, is_known=False)
    assert not errors.is_new(kind(1), folder=nowhere, is_known=True)


def test_a_message_that_is_not_sent_is_no_endless_story(handled, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9

    logging.getLogger("recommendations").error("It failed.")
    background.wait()

    assert names(handled, at=timezone.now()) == {"It failed.", "A message about an error was not sent: %s."}


@pytest.mark.django_db
def test_administrators_see_that_something_failed_and_the_doctor_says_where(handled, client):
    errors.is_new(kind(1, at=timezone.now()), folder=handled, is_known=False)
    errors.is_new(kind(2, at=timezone.now() - dt.timedelta(days=8)), folder=handled, is_known=False)

    seen = {}
    for role in ("administrator", "publisher"):
        client.force_login(account(role))
        seen[role] = "Something failed on the server" in client.get("/admin/").content.decode()
    answer = doctor.answer("errors", doctor.failures)

    assert seen == {"administrator": True, "publisher": False}
    assert answer.state is doctor.State.UNKNOWN
    assert answer.words.startswith("1 kind of error happened within seven days: Error1 at a.py:1, last on ")


def test_the_same_error_a_thousand_times_writes_once(handled):
    for _number in range(1000):
        logging.getLogger("recommendations").error("It failed.")
    (file,) = handled.iterdir()
    background.wait()

    assert file.stat().st_size < 500
    assert len(mail.outbox) == 1


# Commands


def run(monkeypatch, *arguments, error=None, process=None):
    """What manage.py ends with where systemd started `process`, ours unless told, and the command raises `error`."""

    def handle(self, **options):
        raise error

    monkeypatch.setattr(Command, "handle", handle)
    monkeypatch.setattr(sys, "argv", ["manage.py", *arguments])
    monkeypatch.setenv("SYSTEMD_EXEC_PID", str(process or os.getpid()))
    with pytest.raises((SystemExit, ValueError)) as ended:
        runpy.run_path("manage.py", run_name="__main__")
    background.wait()
    return ended.value.code if ended.type is SystemExit else ended.type


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (CommandError("CANARY"), 1, "CommandError: CANARY\n"),
        (CommandError("CANARY", returncode=3), 3, "CommandError: CANARY\n"),
        (OperationalError("CANARY"), "The database can't be used: CANARY", ""),
        (ValueError("CANARY"), 1, ""),
    ],
)
def test_a_timer_s_command_that_fails_is_told_without_its_words(
    handled, monkeypatch, capsys, caplog, error, code, said
):
    assert run(monkeypatch, "doctor", error=error) == code

    (kept,), (message,) = errors.all_kept(handled, at=timezone.now()), mail.outbox
    assert (kept.what, message.subject) == ("manage.py doctor failed", "127.0.0.1: manage.py doctor failed")
    assert kept.where.startswith("tests/test_errors.py:")
    assert f"{type(error).__name__}\n" in f"{message.body}\n"
    assert "CANARY" not in message.body + message.subject + next(handled.iterdir()).read_text()
    assert capsys.readouterr().err == said
    # The log says once what failed: by the command's own words, or with the traceback in one line.
    (record,) = caplog.records
    assert record.name == ("tracker.errors" if isinstance(error, ValueError) else "tracker.commands")


def test_a_command_that_a_unit_calls_wrongly_is_told(handled, monkeypatch):
    assert run(monkeypatch, "doctor", "--nonsense") == 2
    assert run(monkeypatch, "nonsense") == 1

    assert names(handled, at=timezone.now()) == {"manage.py doctor failed", "manage.py nonsense failed"}


def test_who_runs_a_command_is_told_by_it_alone(handled, monkeypatch, capsys):
    assert run(monkeypatch, "doctor", error=CommandError("Nothing is there."), process=1) == 1
    assert run(monkeypatch, "doctor", "--nonsense", process=1) == 2
    assert run(monkeypatch, "doctor", error=ValueError("It is none."), process=1) is ValueError

    assert not handled.exists()
    assert mail.outbox == []


def test_a_server_that_is_started_again_and_again_is_told_only_where_that_can_be_kept(handled, settings):
    failure = logging.makeLogRecord({"name": "tracker.commands", "levelno": logging.ERROR, "command": "serve"})
    settings.ERRORS_FOLDER = handled / "nowhere"
    errors.Errors().emit(failure)
    assert mail.outbox == []

    settings.ERRORS_FOLDER = handled
    for _start in range(2):
        errors.Errors().emit(failure)
    background.wait()

    assert [message.subject for message in mail.outbox] == ["127.0.0.1: manage.py serve failed"]
