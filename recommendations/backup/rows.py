"""The rows of every table as typed lines of JSON, and back, as the migrations that a database has make its tables.

A line says the same whichever database it comes from: keys of JSON are sorted, instants are in UTC, bytes in Base64.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache
from itertools import islice
from typing import Any

import msgspec
from django.apps import apps
from django.db import connection, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from recommendations.publishing.acts import Refused

# What nobody should find again in a restored site: who was signed in and what they typed, failed passwords, and who
# signed in when, which is kept for 90 days and no longer. The content version is drawn anew, so that no page of before
# is taken for one of now.
LEFT_OUT = (
    "axes",
    "sessions",
    "recommendations.contentversion",
    "recommendations.securityevent",
    "recommendations.signinturn",
)
# Each kind of column, by its name in a backup.
TYPES: dict[str, Any] = {
    "boolean": bool,
    "bytes": bytes,
    "date": dt.date,
    "integer": int,
    "json": Any,
    "moment": dt.datetime,
    "text": str,
    "uuid": uuid.UUID,
}
KINDS = {
    "AutoField": "integer",
    "BigAutoField": "integer",
    "BigIntegerField": "integer",
    "BinaryField": "bytes",
    "BooleanField": "boolean",
    "CharField": "text",
    "DateField": "date",
    "DateTimeField": "moment",
    "IntegerField": "integer",
    "JSONField": "json",
    "PositiveBigIntegerField": "integer",
    "PositiveIntegerField": "integer",
    "PositiveSmallIntegerField": "integer",
    "SlugField": "text",
    "SmallIntegerField": "integer",
    "TextField": "text",
    "URLField": "text",
    "UUIDField": "uuid",
}
MOST_VALUES = 900  # in one statement: SQLite may take no more than 999
Model = type[models.Model]


class NewerThanThis(Refused):
    """The migrations of a backup are not among those of this version."""


def applied_migrations() -> list[tuple[str, str]]:
    """The migrations that the database has, without those that one squashed migration stands for."""
    loader = MigrationLoader(connection)
    return sorted(key for key in loader.graph.nodes if key in loader.applied_migrations)


def models_at(migrations: Iterable[tuple[str, str]]) -> tuple[Model, ...]:
    """The models as they are after these migrations; NewerThanThis where this version doesn't have them all."""
    return _models_at(frozenset(migrations))


@lru_cache(maxsize=2)
def _models_at(given: frozenset[tuple[str, str]]) -> tuple[Model, ...]:
    loader = MigrationLoader(None)
    squashed = {key for key, migration in loader.replacements.items() if set(migration.replaces) <= given}
    nodes = {key for key in given | squashed if key in loader.graph.nodes}
    known = nodes.union(*(loader.replacements[key].replaces for key in squashed))
    if unknown := sorted(given - known):
        raise NewerThanThis(
            "It has migrations that this version of the tracker lacks, such as "
            f"{'.'.join(unknown[-1])}: restore it with the version that made it, or a newer one."
        )
    return tuple(loader.project_state(sorted(nodes)).apps.get_models(include_auto_created=True))


def refuse_unknown(models: Iterable[Model]) -> None:
    """Raise Refused where the database has a table or a column that they don't know, which would be left out."""
    known = {
        model._meta.db_table: {str(field.column) for field in model._meta.local_concrete_fields} for model in models
    }
    ours = tuple(f"{app.label}_" for app in apps.get_app_configs())
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table.startswith(ours):
                held = {column.name for column in connection.introspection.get_table_description(cursor, table)}
                if unknown := held - known.get(table, set()):
                    raise Refused(
                        f"The database has what this version of the tracker doesn't know, such as {min(unknown)} in "
                        f"{table}: back it up with the version that it is of."
                    )


def is_stored(model: Model) -> bool:
    """Whether it has a table of its own."""
    return model._meta.managed and not model._meta.proxy


def kept(models: Iterable[Model], *, left_out: Collection[str] | None = None) -> list[Model]:
    """Those that a backup holds, by the name of their table; another version may leave out others."""
    left_out = LEFT_OUT if left_out is None else left_out
    held = [
        model
        for model in models
        if is_stored(model) and model._meta.app_label not in left_out and model._meta.label_lower not in left_out
    ]
    return sorted(held, key=lambda model: model._meta.db_table)


def columns(model: Model) -> list[tuple[str, str]]:
    """The columns of a table, each with its kind."""
    return [(str(field.column), kind_of(field)) for field in model._meta.local_concrete_fields]


def kind_of(field: Any) -> str:
    while field.remote_field:
        field = field.target_field
    return KINDS[field.get_internal_type()]


def lines_of(model: Model) -> Iterator[bytes]:
    """A line for each row, by the key of the table. Few rows are held at a time, and of files a single one."""
    names = [field.attname for field in model._meta.local_concrete_fields]
    rows = model._base_manager.order_by("pk").values_list(*names)
    for row in rows.iterator(chunk_size=1 if has_bytes(model) else 500):
        yield msgspec.json.encode(row, order="sorted") + b"\n"


def has_bytes(model: Model) -> bool:
    return any(kind == "bytes" for _column, kind in columns(model))


def create_tables(models: Iterable[Model], migrations: Iterable[tuple[str, str]]) -> None:
    """Make all tables in an empty database, as these migrations would have, and record those as done."""
    with connection.schema_editor() as editor:
        for model in models:
            if is_stored(model) and not model._meta.auto_created:
                editor.create_model(model)
    replaced = MigrationLoader(None).replacements
    recorder = MigrationRecorder(connection)
    recorder.ensure_schema()
    done = {key: None for one in migrations for key in (*(replaced[one].replaces if one in replaced else ()), one)}
    for app, name in done:
        recorder.record_applied(app, name)


def load(model: Model, lines: Iterable[bytes]) -> None:
    """Put the rows into the table. msgspec.MsgspecError where a line isn't one of its rows."""
    fields = model._meta.local_concrete_fields
    types = tuple(TYPES[kind_of(field)] | None if field.null else TYPES[kind_of(field)] for field in fields)
    decode = msgspec.json.Decoder(tuple[types]).decode  # type: ignore[valid-type]
    at_once = 1 if has_bytes(model) else max(1, MOST_VALUES // len(fields))
    quote = connection.ops.quote_name
    places = f"({', '.join(['%s'] * len(fields))})"
    into = (
        f"INSERT INTO {quote(model._meta.db_table)} ({', '.join(quote(str(field.column)) for field in fields)}) VALUES "  # noqa: S608
    )
    waiting = iter(lines)
    with connection.cursor() as cursor:
        while some := list(islice(waiting, at_once)):
            values = [
                field.get_db_prep_save(value, connection)
                for line in some
                for field, value in zip(fields, decode(line), strict=True)
            ]
            if connection.vendor == "postgresql" and any(isinstance(one, str) and "\0" in one for one in values):
                raise Refused(f"A text in {model._meta.db_table} has a NUL character, which PostgreSQL can't hold.")
            cursor.execute(into + ", ".join([places] * len(some)), values)


def last_id(model: Model) -> int | None:
    """The highest number that a row of the table ever had, or None where it isn't numbered: none is given twice."""
    key, table = model._meta.pk, model._meta.db_table
    if not isinstance(key, models.AutoField):
        return None
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
            row = cursor.fetchone()
            return row[0] if row else 0
        quote = connection.ops.quote_name
        cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", [quote(table), key.column])
        cursor.execute(f"SELECT last_value, is_called FROM {cursor.fetchone()[0]}")  # noqa: S608 (the database's name)
        value, is_called = cursor.fetchone()
        return int(value if is_called else value - 1)


def go_on_after(model: Model, last: int) -> None:
    """Let the table give numbers above `last` alone."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [table])
            cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, last])
        elif last:
            quoted = connection.ops.quote_name(table)
            cursor.execute("SELECT setval(pg_get_serial_sequence(%s, %s), %s)", [quoted, model._meta.pk.column, last])
