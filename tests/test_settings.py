"""The configuration: what it makes of the environment, and what it refuses, in sentences of one form."""

import os
import re
import runpy
import signal
import subprocess
import sys
from unittest import mock

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import ConnectionHandler

from tests.environment import VARIABLES

PUBLIC = {
    "ALLOWED_HOSTS": "tracker.example.org",
    "SECRET_KEY": "canary" * 10,
    "SITE_URL": "https://tracker.example.org",
    "TIME_ZONE": "America/Toronto",
}
KEY = "age18yygp45m5awyvfn82lg3nde08vpz49jja9zdetg2yma96km9k3hq39del4"
SITE_URL_MUST = (
    "SITE_URL must be the site's https:// address and nothing more, such as https://tracker.example.org, "
    "where ALLOWED_HOSTS names a public site"
)
ON_A_PUBLIC_SITE = "where ALLOWED_HOSTS names a public site"
ALLOWED_HOSTS_MUST = "ALLOWED_HOSTS must be host names separated by commas, such as tracker.example.org, or unset"


def settings_of(**environment):
    """The settings as a process with this environment alone gets them."""
    kept = {name: value for name, value in os.environ.items() if name not in VARIABLES}
    with mock.patch.dict(os.environ, {**kept, **environment}, clear=True):
        return runpy.run_path("tracker/settings.py")


def refusal_of(**environment):
    with pytest.raises(ImproperlyConfigured) as refused:
        settings_of(**environment)
    return str(refused.value)


def said_by_manage(*arguments, **environment):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DJANGO_")}
    run = subprocess.run(
        [sys.executable, "manage.py", *arguments], env={**kept, **environment}, capture_output=True, text=True
    )
    assert run.returncode == 1
    return run.stderr


def test_without_an_environment_it_serves_this_machine():
    settings = settings_of()

    assert settings["ALLOWED_HOSTS"] == ["localhost", "127.0.0.1", "[::1]"]
    assert (settings["DEBUG"], settings["IS_PUBLIC"], settings["HAS_EMAIL"]) == (False, False, False)
    assert (settings["SITE_URL"], settings["TIME_ZONE"]) == ("http://127.0.0.1:8000", "UTC")
    assert settings["EMAIL_BACKEND"] == "django.core.mail.backends.console.EmailBackend"


def test_installations_on_one_machine_have_cookies_of_their_own():
    addresses = ("http://127.0.0.1:8000", "http://127.0.0.1:8001", "https://tracker.example.org")
    names = [
        (settings["SESSION_COOKIE_NAME"], settings["CSRF_COOKIE_NAME"])
        for settings in (settings_of(SITE_URL=address) for address in addresses)
    ]

    assert names == [
        ("sessionid-8000", "csrftoken-8000"),
        ("sessionid-8001", "csrftoken-8001"),
        ("__Secure-sessionid", "__Secure-csrftoken"),
    ]


@pytest.mark.parametrize(("environment", "preloaded"), [({}, False), ({"HSTS_PRELOAD": "1"}, True)])
def test_browsers_list_the_domain_only_where_the_host_asks_for_it(environment, preloaded):
    settings = settings_of(**PUBLIC, **environment)

    assert (settings["SECURE_HSTS_SECONDS"], settings["SECURE_HSTS_PRELOAD"]) == (365 * 24 * 60 * 60, preloaded)


def test_a_public_site_has_what_the_environment_says():
    settings = settings_of(
        **PUBLIC | {"ALLOWED_HOSTS": "Tracker.example.org, .example.com", "TIME_ZONE": "Europe/Paris"},
        BACKUP_KEYS=KEY,
        DATABASE_URL="postgres://user:password@db.example:5433/tracker",
        EMAIL_URL="smtp+tls://tracker%40example.org:password@mail.example:587",
    )

    assert settings["ALLOWED_HOSTS"] == ["tracker.example.org", ".example.com"]
    assert settings["IS_PUBLIC"]
    assert settings["DATABASES"]["default"]["HOST"] == "db.example"
    assert (settings["EMAIL_HOST"], settings["EMAIL_PORT"], settings["EMAIL_USE_TLS"]) == ("mail.example", 587, True)
    assert settings["DEFAULT_FROM_EMAIL"] == "tracker@example.org"
    assert settings["TIME_ZONE"] == "Europe/Paris"
    assert settings["BACKUP_KEYS"] == [KEY]


@pytest.mark.parametrize("value", ["", " "])
@pytest.mark.parametrize("name", VARIABLES)
def test_an_empty_variable_is_refused_in_one_sentence(name, value):
    assert re.fullmatch(rf"{name} must be [^;\n]+, or unset; it is empty\.", refusal_of(**{name: value}))


@pytest.mark.parametrize(
    ("name", "value", "found"),
    [
        ("ALLOWED_HOSTS", "*", "names “*”"),
        ("ALLOWED_HOSTS", "*.example.org", "names “*.example.org”"),
        ("ALLOWED_HOSTS", "https://tracker.example.org", "names “https://tracker.example.org”"),
        ("ALLOWED_HOSTS", "tracker.example.org:8000", "names “tracker.example.org:8000”"),
        ("ALLOWED_HOSTS", "tracker.example.org,", "names “”"),
        ("ALLOWED_HOSTS", "localhost 127.0.0.1", "names “localhost 127.0.0.1”"),
        ("BACKUP_KEYS", "age1tracker", "names “age1tracker”"),
        ("BACKUP_KEYS", "AGE-SECRET-KEY-1CANARY", "holds a secret key"),
        ("BACKUP_KEYS", f"{KEY},{KEY}", "names one twice"),
        ("ERRORS_TO", "kim@example.org, lee", "names “lee”"),
        ("DATABASE_URL", "canary", "is no address"),
        ("DATABASE_URL", "mysql://user:canary@db.example/tracker", "begins with mysql://"),
        ("DATABASE_URL", "postgres://", "names no database"),
        ("DATABASE_URL", "postgres://user:canary@db.example", "names no database"),
        ("DATABASE_URL", "postgres://user:canary@db.example:port/tracker", "can't be read as an address"),
        ("DATABASE_URL", "sqlite://var/canary.sqlite3", "lacks the third slash"),
        ("DATABASE_URL", "sqlite://", "lacks the third slash"),
        ("DATABASE_URL", "sqlite:///", "names no file"),
        ("DEBUG", "ture", "is “ture”"),
        ("EMAIL_URL", "canary", "is no address"),
        ("EMAIL_URL", "mail.example:587", "is no address"),
        ("EMAIL_URL", "gopher://user:canary@mail.example", "begins with gopher://"),
        ("EMAIL_URL", "smtp://", "names no server"),
        ("EMAIL_URL", "smtp://user:canary@mail.example:port", "can't be read as an address"),
        ("PDF_MEGABYTES", "1.5", "is “1.5”"),
        ("PDF_SECONDS", "a minute", "is “a minute”"),
        ("PDF_SECONDS", "0", "is “0”"),
        ("PDF_SECONDS", "-60", "is “-60”"),
        ("SITE_URL", "tracker.example.org", "is “tracker.example.org”"),
        ("SITE_URL", "ftp://tracker.example.org", "is “ftp://tracker.example.org”"),
        ("SITE_URL", "https://", "is “https://”"),
        ("SITE_URL", "https://tracker.example.org/plan", "is “https://tracker.example.org/plan”"),
        ("SITE_URL", "https://tracker.example.org?plan", "is “https://tracker.example.org?plan”"),
        ("SITE_URL", "https://tracker.example.org:port", "is “https://tracker.example.org:port”"),
        ("SITE_URL", "https://[tracker", "is “https://[tracker”"),
        ("SITE_URL", "https://maria:password@tracker.example.org", "holds a user name"),
        ("TIME_ZONE", "Vancouver", "is “Vancouver”"),
        ("TIME_ZONE", "America", "is “America”"),
        ("TIME_ZONE", "../etc/passwd", "is “../etc/passwd”"),
        ("TIME_ZONE", "/etc/localtime", "is “/etc/localtime”"),
    ],
)
def test_a_bogus_variable_is_refused_in_one_sentence(name, value, found):
    said = refusal_of(**{name: value})

    assert re.fullmatch(rf"{name} must be [^;\n]+, or unset; it {re.escape(found)}\.", said)
    assert "canary" not in said


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("DEBUG", "1", "DEBUG must be off where ALLOWED_HOSTS names a public site; it is on."),
        (
            "SECRET_KEY",
            "canary",
            "SECRET_KEY must be 50 random characters or more where ALLOWED_HOSTS names a public site; it has 6.",
        ),
        (
            "SECRET_KEY",
            None,
            "SECRET_KEY must be 50 random characters or more where ALLOWED_HOSTS names a public site; it is unset.",
        ),
        ("SITE_URL", "http://tracker.example.org", f"{SITE_URL_MUST}; it is “http://tracker.example.org”."),
        ("SITE_URL", None, f"{SITE_URL_MUST}; it is unset."),
        (
            "TIME_ZONE",
            None,
            f"TIME_ZONE must be the name of a time zone, such as America/Toronto, {ON_A_PUBLIC_SITE}; it is unset.",
        ),
        ("ALLOWED_HOSTS", "tracker.example.org,*", f"{ALLOWED_HOSTS_MUST}; it names “*”."),
    ],
)
def test_an_unsafe_public_site_is_refused(name, value, sentence):
    environment = {variable: found for variable, found in {**PUBLIC, name: value}.items() if found is not None}

    assert refusal_of(**environment) == sentence


def test_a_relative_path_is_the_same_database_wherever_a_command_is_called_from(tree, tmp_path):
    program = "from django.conf import settings; print(settings.DATABASES['default']['NAME'])"
    kept = {name: value for name, value in os.environ.items() if name not in VARIABLES}
    environment = {**kept, "DJANGO_SETTINGS_MODULE": "tracker.settings", "DATABASE_URL": "sqlite:///var/x.sqlite3"}

    run = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env={**environment, "PYTHONPATH": str(tree)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert run.stdout == f"{tree}/var/x.sqlite3\n"


def test_a_folder_may_have_any_name(tree):
    """No address is made of it, in which some characters would mean something."""
    odd = tree.rename(tree.with_name("50% #1?"))
    program = "from django.conf import settings; print(settings.DATABASES['default']['NAME'])"
    kept = {name: value for name, value in os.environ.items() if name not in VARIABLES}

    run = subprocess.run(
        [sys.executable, "-c", program],
        cwd=odd,
        env={**kept, "DJANGO_SETTINGS_MODULE": "tracker.settings"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert run.stdout == f"{odd}/var/tracker.sqlite3\n"


def test_manage_says_it_without_a_traceback():
    said = said_by_manage("check", TIME_ZONE="Vancouver")

    assert said == (
        "TIME_ZONE must be the name of a time zone, such as America/Toronto, or unset; it is “Vancouver”.\n"
    )


@pytest.mark.django_db
def test_sqlite_overwrites_what_is_erased_and_lets_readers_go_on(tmp_path):
    """Its settings as they are in production, whatever database the tests run on."""
    default = settings_of(DATABASE_URL=f"sqlite:///{tmp_path}/tracker.sqlite3")["DATABASES"]["default"]
    connection = ConnectionHandler({"default": default})["default"]
    try:
        with connection.cursor() as cursor:
            found = {
                name: cursor.execute(f"PRAGMA {name}").fetchone()[0]
                for name in ("journal_mode", "secure_delete", "busy_timeout")
            }
    finally:
        connection.close()

    assert found == {"journal_mode": "wal", "secure_delete": 1, "busy_timeout": 20_000}
    assert default["OPTIONS"]["transaction_mode"] == "IMMEDIATE"


@pytest.mark.django_db
def test_on_a_public_site_all_but_healthz_is_led_to_https(client, settings):
    for name, value in settings_of(**PUBLIC).items():
        if name.startswith("SECURE_") or name == "ALLOWED_HOSTS":
            setattr(settings, name, value)

    answers = {
        address: client.get(address, headers={"host": "tracker.example.org"})
        for address in ("/", "/healthz", "/healthz/", "/admin/login/")
    }
    behind = client.get("/healthz", headers={"host": "tracker.example.org", "forwarded": "proto=https"})
    # As X_Forwarded_Proto arrives, too: a server can't tell the two from one another.
    pretended = client.get("/", headers={"host": "tracker.example.org", "x-forwarded-proto": "https"})

    assert {address: answer.status_code for address, answer in answers.items()} == {
        "/": 301,
        "/healthz": 200,
        "/healthz/": 301,
        "/admin/login/": 301,
    }
    assert answers["/"]["Location"] == pretended["Location"] == "https://tracker.example.org/"
    assert behind["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


def test_a_database_that_cannot_be_opened_is_told_without_a_traceback(tmp_path):
    said = said_by_manage("migrate", DATABASE_URL=f"sqlite:///{tmp_path}/nowhere/tracker.sqlite3")

    assert said == "The database can't be used: unable to open database file\n"


def test_a_traceback_is_there_for_who_asks(tmp_path):
    said = said_by_manage("migrate", "--traceback", DATABASE_URL=f"sqlite:///{tmp_path}/nowhere/tracker.sqlite3")

    assert "Traceback" in said


@pytest.mark.process
def test_a_command_that_is_interrupted_ends_in_a_word():
    # Whoever was started in the background ignores Ctrl-C, and so would the command.
    kept = signal.signal(signal.SIGINT, signal.default_int_handler)
    command = [sys.executable, "-u", "manage.py", "flush"]
    environment = {**os.environ, "DATABASE_URL": "sqlite://:memory:", "DJANGO_SETTINGS_MODULE": "tracker.settings"}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    try:
        with subprocess.Popen(command, env=environment, text=True, **pipes) as run:
            assert "You have requested a flush" in run.stdout.readline()
            run.send_signal(signal.SIGINT)
            said = run.communicate()[1]
    finally:
        signal.signal(signal.SIGINT, kept)

    assert (run.returncode, said.strip()) == (130, "Stopped.")
