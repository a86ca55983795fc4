"""Which tests tell PostgreSQL nothing new: they send it no kind of statement that others don't send it, too, and none
that it refuses for another reason.

`script/statements` finds them and writes their names to `tests/repeated.txt`; a test that isn't listed runs on both
databases.
"""

import inspect
import json
import re
import sys
import time
from collections import defaultdict
from pathlib import Path
from unittest import mock

import pytest
from django.db import DatabaseError
from django.db.backends.utils import CursorWrapper

LIST = Path(__file__).with_name("repeated.txt")
# How tables are made: sent before the first test of a process and after its last one.
SCHEMA = ("CREATE ", "ALTER ", "DROP ")
# What one database takes and the other may refuse, sorts or folds in its own way: whoever tries it runs on both.
HOSTILE = re.compile(r"%00|\\x00|\\0\b|\bNUL\b|\* ?\d[\d_]{3,}|%ff|9999|collat|sort|order|micro|accent|capital|case")


def kind_of(statement):
    """The statement without its values, however many of them there are."""
    for pattern, instead in (
        (r"SAVEPOINT .*", "SAVEPOINT"),
        (r"'[^']*'", "''"),
        (r"\b\d+\b|(?<== )NULL\b|(?<=THEN )NULL\b", "%s"),
        (r"\(%s(, ?%s)*\)", "(…)"),
        (r"\(…\)(, \(…\))+", "(…)"),
    ):
        statement = re.sub(pattern, instead, statement)
    return statement


def refusal_of(error):
    """Why the database refused a statement: the constraint, or the kind of error."""
    diagnosis = getattr(error.__cause__, "diag", None)
    return getattr(diagnosis, "constraint_name", None) or getattr(diagnosis, "sqlstate", None) or type(error).__name__


def may_be_left_out(item):
    """Whether a test's statements tell what it asks of the database: not where several act at once, where it is about
    commits or processes, nor where values decide.
    """
    marked = item.get_closest_marker("django_db")
    is_committed = (marked and marked.kwargs.get("transaction")) or "transactional_db" in item.fixturenames
    is_more = item.get_closest_marker("race") or item.get_closest_marker("process")
    return not (is_committed or is_more or HOSTILE.search(inspect.getsource(item.function)))


def name_of(item):
    return f"{item.path.name}::{item.originalname}"


def pytest_collection_modifyitems(items):
    listed = set(LIST.read_text(encoding="utf-8").split())
    for item in items:
        if name_of(item) in listed:
            item.add_marker("repeated")


def pytest_addoption(parser):
    parser.addoption("--statements", metavar="FILE", help="note there what each test sends to the database")


def pytest_configure(config):
    if path := config.getoption("statements"):
        config.pluginmanager.register(Noting(Path(path)))


class Noting:
    """Adds a line to the file for each test: its name, whether it may be left out, its seconds, what it sent."""

    def __init__(self, path):
        self.path, self.sent, self.kinds = path, set(), {}

    def note(self, statement, refused=""):
        words = str(statement)
        if words not in self.kinds:
            self.kinds[words] = kind_of(words)
        if not words.startswith(SCHEMA):
            self.sent.add(self.kinds[words] + refused)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item):
        execute = CursorWrapper._execute_with_wrappers

        def noting(cursor, sql, *args, **options):
            self.note(sql)
            try:
                return execute(cursor, sql, *args, **options)
            except DatabaseError as error:
                self.note(sql, f" is refused: {refusal_of(error)}")
                raise

        self.sent.clear()
        begun = time.process_time()
        try:
            with mock.patch.object(CursorWrapper, "_execute_with_wrappers", noting):
                return (yield)
        finally:
            told = [name_of(item), may_be_left_out(item), time.process_time() - begun, sorted(self.sent)]
            with self.path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(told) + "\n")


def needless(noted):
    """The tests that may be left out, such that those that stay send every kind of statement that all of them send."""
    sent, seconds, may_go = defaultdict(set), defaultdict(float), {}
    for name, free, took, kinds in noted:
        sent[name].update(kinds)
        seconds[name] += took
        may_go[name] = free and may_go.get(name, True)
    left_out = {name for name, free in may_go.items() if free}
    missing = set().union(*sent.values()).difference(*(sent[name] for name in may_go if name not in left_out))
    while missing:
        best = max(sorted(left_out), key=lambda name: len(sent[name] & missing) / (seconds[name] + 0.05))
        left_out.remove(best)
        missing -= sent[best]
    return left_out


def main(path):
    noted = [json.loads(line) for line in Path(path).read_text(encoding="utf-8").splitlines()]
    found = needless(noted)
    LIST.write_text("".join(f"{name}\n" for name in sorted(found)), encoding="utf-8")
    names = {name for name, *_ in noted}
    print(f"Of {len(names)} tests, {len(found)} are left out on PostgreSQL.")  # noqa: T201 (what it is asked for)


if __name__ == "__main__":
    main(sys.argv[1])
