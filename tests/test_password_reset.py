"""A new password by e-mail: sent after the answer, the same for every address, and not without end."""

import datetime as dt
import os
import re
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from recommendations.accounts.password_reset import send_links
from recommendations.models import PasswordResetSent
from tests.factories import make_plan
from tests.people import LOGIN, account, guess, sign_in
from tracker.background import background


@pytest.mark.django_db(transaction=True)
def test_a_new_password_by_e_mail(client, settings):
    settings.SITE_URL = "https://tracker.example.org"
    member = account(email="maria@example.org")
    guess(member, 8)

    sent = client.post("/admin/password-reset/", {"email": "Maria@example.org"}, HTTP_HOST="localhost", follow=True)
    background.wait()
    link = re.search(r"https://tracker\.example\.org(/admin/password-reset/\S+)", mail.outbox[0].body).group(1)
    form = client.get(link, follow=True)
    new = {"new_password1": "correct horse staple", "new_password2": "correct horse staple"}
    done = client.post(form.redirect_chain[-1][0], new, follow=True)

    assert "Check your e-mail" in sent.content.decode()
    assert member.username in mail.outbox[0].body
    assert "Sign in with the new password." in done.content.decode()
    assert sign_in(client, member, password="correct horse staple").status_code == 302
    assert "no longer works" in client.get(link, follow=True).content.decode()


@pytest.mark.django_db(transaction=True)
def test_an_unknown_address_gets_the_same_answer_by_the_same_work_and_no_e_mail(client, monkeypatch):
    account(email="maria@example.org")
    monkeypatch.setattr("tracker.background.PAUSE", 3)  # longer than two requests take on a busy machine
    asked = {}

    for address in ("maria@example.org", "nobody@example.org"):
        with CaptureQueriesContext(connection) as queries:
            answer = client.post("/admin/password-reset/", {"email": address})
            page = client.get(answer.url)
        asked[address] = (answer.status_code, answer.url, page.content, [query["sql"] for query in queries])
        assert mail.outbox == []
    background.wait()

    assert asked["maria@example.org"] == asked["nobody@example.org"]
    assert [message.to for message in mail.outbox] == [["maria@example.org"]]


@pytest.mark.django_db(transaction=True)
def test_an_account_gets_three_links_within_an_hour(caplog):
    account(email="maria@example.org")

    for _ in range(5):
        send_links("maria@example.org", site_name="The tracker")
    first = len(mail.outbox)
    PasswordResetSent.objects.update(sent_at=timezone.now() - dt.timedelta(hours=1))
    send_links("maria@example.org", site_name="The tracker")

    assert (first, len(mail.outbox)) == (3, 4)
    assert PasswordResetSent.objects.count() == 1  # Older ones are not kept.


@pytest.mark.django_db
def test_all_accounts_together_get_thirty_links_within_an_hour(caplog):
    for number in range(12):
        account(username=f"member-{number}", email=f"member-{number}@example.org")

    for number in range(36):
        send_links(f"member-{number % 12}@example.org", site_name="The tracker")

    assert len(mail.outbox) == 30
    assert "30 links for new passwords were sent within an hour, so another one was not sent." in caplog.text
    assert "example.org" not in caplog.text


@pytest.mark.django_db(transaction=True)
def test_a_mail_server_that_hangs_takes_nothing_down(client, settings, caplog):
    """It accepts and says nothing; 110 visitors ask for a new password, and nobody waits."""
    make_plan()
    account(email="maria@example.org")
    with socket.create_server(("127.0.0.1", 0), backlog=200) as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.getsockname()
        settings.EMAIL_TIMEOUT = 600
        begun = time.monotonic()
        asked = [client.post("/admin/password-reset/", {"email": "maria@example.org"}) for _ in range(110)]
        page = client.get("/")
        lasted = time.monotonic() - begun
        # It goes away: what hangs fails, and says so without the address.
    background.wait()

    assert {answer.status_code for answer in asked} == {302}
    assert page.status_code == 200
    assert lasted < settings.EMAIL_TIMEOUT
    assert "Too many tasks are waiting to run after a response: one was dropped." in caplog.text
    assert "A link for a new password was not sent: Conn" in caplog.text
    assert "maria" not in caplog.text


@pytest.mark.django_db
def test_the_mail_server_is_not_waited_for_longer_than_a_while(settings, caplog):
    account(email="maria@example.org")
    with socket.create_server(("127.0.0.1", 0)) as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.getsockname()
        assert settings.EMAIL_TIMEOUT == 10
        settings.EMAIL_TIMEOUT = 0.1
        begun = time.monotonic()

        send_links("maria@example.org", site_name="The tracker")
        lasted = time.monotonic() - begun

    # Far from the ten seconds that it is given otherwise, on a busy machine too.
    assert lasted < 9
    assert "A link for a new password was not sent: SMTPServerDisconnected" in caplog.text


def test_one_job_that_fails_keeps_no_other_from_being_done(caplog):
    done = []

    background.later(lambda: int("canary"))
    background.later(lambda: done.append("the next one"))
    background.wait()

    assert done == ["the next one"]
    assert "A task after a response failed: ValueError." in caplog.text
    assert "canary" not in caplog.text


# A server's threads are daemons, whose own threads would be daemons too and end with the process.
STOPPED = """
from threading import Thread
from tracker import background as module
from tracker.background import background

module.PAUSE = 60

def answer():
    for name in ("first", "second"):
        background.later(lambda name=name: print(name, flush=True))

thread = Thread(target=answer, daemon=True)
thread.start()
thread.join()
print("stopped", flush=True)
"""


def test_what_waits_when_the_server_is_stopped_is_done_at_once():
    run = subprocess.run(
        [sys.executable, "-c", STOPPED], capture_output=True, text=True, timeout=50, env={**os.environ, "DEBUG": "1"}
    )

    assert (run.stdout.split(), run.stderr) == (["stopped", "first", "second"], "")


@pytest.mark.django_db
def test_without_e_mail_there_is_no_such_page(client, settings):
    assert "/admin/password-reset/" in client.get(LOGIN).content.decode()

    settings.HAS_EMAIL = False

    assert "/admin/password-reset/" not in client.get(LOGIN).content.decode()
    for page in ("", "sent/", "done/", "MQ/set-password/"):
        assert client.get(f"/admin/password-reset/{page}").status_code == 404


def test_no_request_sends_e_mail_itself():
    """What imports Django's mail either hands it over or is a command."""
    modules = {str(path) for path in Path("recommendations").rglob("*.py") if "django.core.mail" in path.read_text()}

    assert modules == {
        "recommendations/accounts/email.py",
        "recommendations/accounts/password_reset.py",
        "recommendations/management/commands/remind.py",
    }
