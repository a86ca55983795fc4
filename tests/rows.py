"""Rows that many tests begin with: made once in a process by the tracker's own code, then put back as they were made.

Loading the plan of 2020 takes a third of a second, the invented year after it a second; putting their rows back takes
a twentieth of that. Tests about the loading itself load. Below: what may be asked of all rows there are.
"""

import json
from pathlib import Path

from django.apps import apps
from django.contrib.auth.models import User
from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.models import JSONField

from recommendations.management.sample import load_sample
from recommendations.models import ActionPlan, ContentVersion, ProgressUpdate, Report, VerifiedBackup
from recommendations.publishing.loading import load_plan
from recommendations.publishing.reports import publish_report
from recommendations.report.proof import verify_editions

FIXTURE = "fixtures/one-year-update-2020.json"
SAMPLE = "fixtures/sample/two-year-update.json"
MADE = {}


def make_once(name, make, *, by):
    """Calls `make()`, which writes as `by`, or puts back what it wrote the first time, where there is no plan yet."""
    if ActionPlan.objects.exists():
        make()
        return
    if name not in MADE:
        before = read_rows()
        make()
        made = {model: [row for row in rows if row not in before[model]] for model, rows in read_rows().items()}
        MADE[name] = by.pk, {model: rows for model, rows in made.items() if rows}
        return
    maker, made = MADE[name]
    with transaction.atomic(), connection.cursor() as cursor:
        for model, rows in made.items():
            insert(cursor, model, [belonging_to(by.pk, model, row, instead_of=maker) for row in rows])
        # PostgreSQL counts no ids that were given.
        for statement in connection.ops.sequence_reset_sql(no_style(), made):
            cursor.execute(statement)


def columns(model):
    return model._meta.concrete_fields


def quoted(names):
    return ", ".join(connection.ops.quote_name(name) for name in names)


def read_rows():
    """The rows of every table, as the database driver gives them, but the one that its triggers write."""
    found = {}
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            if model._meta.managed and not model._meta.proxy and model is not ContentVersion:
                names = quoted(field.column for field in columns(model))
                cursor.execute(f"SELECT {names} FROM {quoted([model._meta.db_table])}")
                found[model] = [tuple(map(plain, row)) for row in cursor.fetchall()]
    return found


def kept_rows():
    """All rows that a backup holds but the note of the last one, as typed values. The keys of JSON have no order."""
    found = {model._meta.label: [without_order(model, row) for row in held] for model, held in read_rows().items()}
    left_out = ("axes.", "sessions.", VerifiedBackup._meta.label, ContentVersion._meta.label)
    return {label: sorted(held, key=repr) for label, held in found.items() if not label.startswith(left_out)}


def without_order(model, row):
    fields = zip(model._meta.concrete_fields, row, strict=True)
    return tuple(json.loads(value) if isinstance(field, JSONField) and value else value for field, value in fields)


def plain(value):
    return bytes(value) if isinstance(value, memoryview) else value


def belonging_to(account, model, row, *, instead_of):
    """The row with another account wherever it names the one that made it."""
    return [
        account if field.related_model is User and value == instead_of else value
        for field, value in zip(columns(model), row, strict=True)
    ]


def insert(cursor, model, rows):
    names = quoted(field.column for field in columns(model))
    places = ", ".join(["%s"] * len(columns(model)))
    places = ", ".join([f"({places})"] * len(rows))
    values = [value for row in rows for value in row]
    cursor.execute(f"INSERT INTO {quoted([model._meta.db_table])} ({names}) VALUES {places}", values)


def problems():
    return [problem for _, found in verify_editions() for problem in found]


def any_table_holds(words):
    """Whether any cell of any table holds `words`."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            for row in cursor.fetchall():
                for cell in row:
                    text = bytes(cell).decode("latin1") if isinstance(cell, bytes | memoryview) else str(cell)
                    if words in text:
                        return True
    return False


def load_2020(*, by):
    if not ActionPlan.objects.exists():
        load_plan(Path(FIXTURE), by=by)


def publish_2020(*, by, at):
    load_2020(by=by)
    ready = ProgressUpdate.objects.ready().values_list("pk", flat=True)
    publish_report(Report.objects.get(), by=by, at=at, ready=list(ready))


def publish_sample(*, by, at):
    publish_2020(by=by, at=at)
    load_sample(Path(SAMPLE), by=by)


def database_file():
    """What SQLite's file holds, also in its free space; nothing on PostgreSQL, where that is vacuumed."""
    return connection.connection.serialize() if connection.vendor == "sqlite" else b""
