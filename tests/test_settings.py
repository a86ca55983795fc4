"""What a server is told in words where its environment or its database won't do."""

import os
import subprocess
import sys

import pytest


def said_by_manage(*arguments, **environment):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DJANGO_")}
    run = subprocess.run(
        [sys.executable, "manage.py", *arguments], env={**kept, **environment}, capture_output=True, text=True
    )
    assert run.returncode == 1
    return run.stderr


@pytest.mark.parametrize("address", ["nonsense", "mysql://user:canary@db.example/tracker", "postgres://"])
def test_an_address_of_no_database_is_refused_in_one_sentence(address):
    said = said_by_manage("check", DATABASE_URL=address)

    assert said == "DATABASE_URL must be sqlite:///path or postgres://user:password@host/name.\n"


def test_bounds_that_are_no_numbers_are_refused_in_one_sentence():
    assert said_by_manage("check", PDF_SECONDS="a minute") == "PDF_SECONDS and PDF_MEGABYTES must be whole numbers.\n"


def test_a_database_that_cannot_be_opened_is_told_without_a_traceback(tmp_path):
    said = said_by_manage("migrate", DATABASE_URL=f"sqlite:///{tmp_path}/nowhere/tracker.sqlite3")

    assert said == "The database can't be used: unable to open database file\n"


def test_a_traceback_is_there_for_who_asks(tmp_path):
    said = said_by_manage("migrate", "--traceback", DATABASE_URL=f"sqlite:///{tmp_path}/nowhere/tracker.sqlite3")

    assert "Traceback" in said
