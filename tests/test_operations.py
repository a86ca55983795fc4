"""docs/operations.md, followed literally, ends at the published plan; `serve` refuses what it would fail on."""

import codecs
import os
import pty
import re
import resource
import select
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from tests.installations import bootstrapped, clean_environment, free_port
from tracker import serving

DOCUMENT = Path("docs/operations.md").read_text(encoding="utf-8")
PASSWORD = "correct horse battery"
PUBLIC = {"Host": "tracker.example.org", "Forwarded": "proto=https"}


def commands_of(title):
    """What stands in the indented blocks of a section, line by line."""
    section = DOCUMENT.split(f"## {title}\n")[1].split("\n## ")[0]
    return "".join(re.findall(r"^    (.*\n)", section, re.MULTILINE))


class Terminal:
    """A shell at a terminal, in which somebody types what is asked for."""

    def __init__(self, script, *, folder, environment):
        self.said, self.decode = "", codecs.getincrementaldecoder("utf-8")().decode
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            os.execve("/bin/bash", ["bash", "-e", "-c", script], environment)

    def read_until(self, words):
        while words not in self.said:
            if not select.select([self.terminal], [], [], 120)[0]:
                pytest.fail(f"The shell waits and has not said {words!r}:\n{self.said}")
            try:
                self.said += self.decode(os.read(self.terminal, 65536))
            except OSError:
                pytest.fail(f"The shell ended before it said {words!r}:\n{self.said}")

    def type(self, words):
        os.write(self.terminal, f"{words}\n".encode())

    def end(self):
        os.kill(self.pid, signal.SIGTERM)
        os.waitpid(self.pid, 0)
        os.close(self.terminal)


@pytest.fixture
def fresh_clone(tree):
    return bootstrapped(tree)


def page(port, address):
    """The status and text of a page, once the server is up."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}{address}", headers=PUBLIC)
    deadline = time.monotonic() + 30
    while True:
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, answer.read().decode()
        except (urllib.error.URLError, ConnectionError) as error:
            if isinstance(error, urllib.error.HTTPError) or time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def youngest(process):
    """The process that a line of processes with one child each ends with."""
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return youngest(int(children[0])) if children else process


@pytest.mark.long
@pytest.mark.rendering
def test_the_document_followed_literally_ends_at_the_published_plan(fresh_clone):
    script, port = commands_of("Run it by hand"), free_port()
    assert script.endswith("manage.py serve\n")

    terminal = Terminal(f"{script.rstrip()} --port {port}", folder=fresh_clone, environment=clean_environment())
    try:
        for prompt in ("Password: ", "Password (again): "):
            terminal.read_until(prompt)
            terminal.type(PASSWORD)
        terminal.read_until(f"Serving http://127.0.0.1:{port}/ with 1 × 8 threads.")
        home, report, door = (page(port, address) for address in ("/", "/reports/one-year-update-2020/", "/admin/"))
        with ExitStack() as lines:
            for number in range(16):
                line = lines.enter_context(socket.create_connection(("127.0.0.1", port), timeout=10))
                address = "/admin/login/" if number % 2 else "/"
                line.sendall(f"POST {address} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9\r\n\r\nslow".encode())
            # More than came by granian's own bound.
            for _number in range(1100):
                lines.enter_context(socket.create_connection(("127.0.0.1", port), timeout=10))
            begun = time.monotonic()
            health, waited = page(port, "/healthz"), time.monotonic() - begun
        os.kill(youngest(terminal.pid), signal.SIGKILL)
        after = page(port, "/")
    finally:
        terminal.end()

    assert home[0] == report[0] == door[0] == 200
    assert health == (200, "ok\n")
    assert waited < 10
    assert after == home
    assert "A Safer Province for Everyone" in home[1]
    assert "/reports/one-year-update-2020/" in home[1]
    assert "One-Year Update" in report[1]
    assert "/static/css/site.css" not in home[1]  # but with a hash, as collectstatic names it
    assert oct((fresh_clone / "var").stat().st_mode)[-3:] == "700"
    assert oct((fresh_clone / "var/environment").stat().st_mode)[-3:] == "600"


# What `serve` refuses; the database of the tests is up to date, and development finds static files where they are.


def serve(**options):
    """What is said of a start that does not get as far as the server."""
    with pytest.raises(CommandError) as refused:
        call_command("serve", **{"port": free_port(), **options})
    return str(refused.value)


def test_more_threads_than_the_database_has_connections_are_refused():
    with pytest.raises(serving.CannotServe) as refused:
        serving.refuse_too_many(workers=4, threads=24, free=99)

    assert str(refused.value) == (
        "4 × 24 threads, and e-mail, may need 100 connections to the database, which gives 99: ask for fewer --workers "
        "or --threads, or raise its max_connections."
    )


@pytest.mark.parametrize("free", [100, None])
def test_as_many_threads_as_the_database_has_connections_are_served(free):
    serving.refuse_too_many(workers=4, threads=24, free=free)


@pytest.mark.django_db
def test_the_connections_are_those_that_postgresql_gives_to_an_account_like_ours():
    if connection.vendor == "sqlite":
        assert serving.connections_free() is None
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('max_connections'), current_setting('superuser_reserved_connections')")
        most, reserved = map(int, cursor.fetchone())
        free = serving.connections_free()
        cursor.execute("ALTER ROLE CURRENT_USER CONNECTION LIMIT 4")

    assert free == most - reserved
    assert serve(threads=4).startswith(
        "1 × 4 threads, and e-mail, may need 5 connections to the database, which gives 4"
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("taken_at", "host"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("0.0.0.0", "127.0.0.1"),
        ("127.0.0.1", "0.0.0.0"),
        ("127.0.0.1", "localhost"),
        ("::", "127.0.0.1"),
        ("::1", "::1"),
        ("::1", "::"),
    ],
)
def test_a_port_that_is_taken_is_refused(taken_at, host):
    """By a server like ours, which would let another one share it, at this address or at one that includes it."""
    with socket.socket(socket.AF_INET6 if ":" in taken_at else socket.AF_INET) as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        taken.bind((taken_at, 0))
        taken.listen()
        port = taken.getsockname()[1]

        with pytest.raises(serving.CannotServe) as refused:
            serving.check(host=host, port=port, workers=1, threads=4)

    assert str(refused.value) == f"Port {port} of {host} can't be served: Address already in use."


def test_of_two_servers_that_start_in_the_same_moment_one_is_refused():
    """Neither listens yet: both have found the port free."""
    port = free_port()

    with (
        serving.sole_server("localhost", port),
        pytest.raises(serving.CannotServe) as refused,
        serving.sole_server("127.0.0.1", port),
    ):
        pytest.fail("Both serve.")

    assert str(refused.value) == f"Port {port} of 127.0.0.1 can't be served: Address already in use."
    with serving.sole_server("127.0.0.1", port), serving.sole_server("127.0.0.1", free_port()):
        pass


def test_a_process_may_hold_as_many_lines_as_the_system_lets_it():
    given = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (1024, given[1]))
        allowed, (soft, _hard) = serving.allow_lines(), resource.getrlimit(resource.RLIMIT_NOFILE)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, given)

    assert allowed == soft - serving.OTHER_FILES == min(serving.LINES, given[1] - serving.OTHER_FILES)


def test_a_host_may_be_a_name():
    assert serving.found("localhost", 8000)[1][0] in ("127.0.0.1", "::1")


@pytest.mark.django_db
def test_a_host_that_is_not_ours_is_refused():
    assert re.fullmatch(r"Port \d+ of 192\.0\.2\.1 can't be served: [\w ]+\.", serve(host="192.0.2.1"))


@pytest.mark.django_db
def test_a_site_without_its_static_files_is_refused(monkeypatch):
    monkeypatch.setattr(serving, "staticfiles_storage", SimpleNamespace(hashed_files={}))

    assert serve() == "The static files are missing: run manage.py collectstatic --noinput first."


@pytest.mark.django_db
def test_no_migration_is_missing_from_an_up_to_date_database():
    assert serving.unapplied_migrations() == set()


@pytest.mark.django_db
def test_a_migration_that_was_not_applied_is_named():
    MigrationRecorder(connection).record_unapplied("recommendations", "0009_set_aside")

    assert serving.unapplied_migrations() == {("recommendations", "0009_set_aside")}


def test_staffs_pages_are_loaded_by_what_needs_them_alone():
    """The server's first process doesn't; the check of the admin does, whatever was checked before."""
    code = """
import sys
import django
from django.core.checks import run_checks
django.setup()
print("recommendations.admin" in sys.modules)
print(run_checks(tags=["admin"]))
from django.contrib import admin
from recommendations.models import Report
print(admin.site.is_registered(Report))
"""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tracker.settings"}

    run = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)

    assert run.stdout.splitlines() == ["False", "[]", "True"]


def test_a_database_that_is_not_up_to_date_is_refused(tree):
    environment = {**clean_environment(), "DJANGO_SETTINGS_MODULE": "tracker.settings"}

    run = subprocess.run(
        [sys.executable, "manage.py", "serve", "--port", str(free_port())],
        cwd=tree,
        env=environment,
        capture_output=True,
        text=True,
    )

    assert run.returncode == 1
    assert run.stderr == "CommandError: The database is not up to date: run manage.py migrate first.\n"


def test_a_server_started_by_hand_refuses_a_bad_environment_in_one_sentence():
    """By granian's own command line: the entry point says it, and no traceback."""
    command = ["-m", "granian", "--interface", "wsgi", "--port", str(free_port()), "tracker.wsgi:application"]
    environment = {**os.environ, "TIME_ZONE": "", "DJANGO_SETTINGS_MODULE": "tracker.settings"}

    run = subprocess.run([sys.executable, *command], env=environment, capture_output=True, text=True, timeout=60)

    assert run.returncode == 1
    assert "Traceback" not in run.stdout + run.stderr
    assert "TIME_ZONE must be the name of a time zone, such as America/Toronto, or unset; it is empty.\n" in run.stderr
