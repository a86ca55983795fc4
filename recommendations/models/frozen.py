"""The database triggers that keep editions as they were published.

They allow one change alone: after a take-down, the bytes of its files and its note may be emptied. The rows that say
which updates an edition holds never change: they decide which editions are hidden when an update is set aside.
SQLite drops a table's triggers when a migration rebuilds it, so they are made anew after every `migrate`.
"""

from typing import Any

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

EDITION, FILE = "recommendations_edition", "recommendations_editionfile"
HELD = "recommendations_editionupdate"
MESSAGE = "what was published never changes"

SQLITE_KEPT = {
    EDITION: "NEW.id IS OLD.id AND NEW.number IS OLD.number AND NEW.seal IS OLD.seal AND NEW.report_id IS OLD.report_id"
    " AND NEW.previous_id IS OLD.previous_id AND NEW.compared_with_id IS OLD.compared_with_id"
    " AND NEW.published_at IS OLD.published_at AND NEW.published_by_id IS OLD.published_by_id",
    FILE: "NEW.id IS OLD.id AND NEW.name IS OLD.name AND NEW.size IS OLD.size AND NEW.sha256 IS OLD.sha256"
    " AND NEW.edition_id IS OLD.edition_id",
}
TAKEN_DOWN = {
    table: f"EXISTS (SELECT 1 FROM recommendations_takedown WHERE edition_id = OLD.{key})"  # noqa: S608 (names of our own tables)
    for table, key in ((EDITION, "id"), (FILE, "edition_id"))
}
RULES = {
    "sqlite": ("no_update", "no_delete", "no_replace"),
    "postgresql": ("no_update", "no_delete", "no_truncate"),
}
EMPTIED = {EDITION: "NEW.note = '[erased]'", FILE: "NEW.content IS NULL"}


def allowed(table: str) -> str:
    """The condition for the one change of a row that is allowed; false where none is."""
    if table == HELD:
        return "1 = 0"
    return f"{SQLITE_KEPT[table]} AND {EMPTIED[table]} AND {TAKEN_DOWN[table]}"


def sqlite_statements(table: str) -> list[str]:
    """Triggers for SQLite: BEFORE INSERT too, because INSERT OR REPLACE passes the other two by."""
    refuse = f"BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
    rules = {
        "no_update": f"BEFORE UPDATE ON {table} WHEN NOT ({allowed(table)})",
        "no_delete": f"BEFORE DELETE ON {table}",
        "no_replace": f"BEFORE INSERT ON {table} WHEN EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id)",  # noqa: S608 (names of our own tables)
    }
    return [
        statement
        for rule, when in rules.items()
        for statement in (
            f"DROP TRIGGER IF EXISTS {table}_{rule}",
            f"CREATE TRIGGER {table}_{rule} {when} {refuse}",
        )
    ]


def postgresql_statements(table: str) -> list[str]:
    """Triggers for PostgreSQL: TRUNCATE needs one of its own, row triggers don't see it."""
    emptied = allowed(table).replace(" IS OLD.", " IS NOT DISTINCT FROM OLD.")
    rows = {
        "no_update": f"BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_guard()",
        "no_delete": f"BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_refuse()",
        "no_truncate": f"BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuse()",
    }
    refuse = f"RAISE EXCEPTION '{MESSAGE}' USING ERRCODE = 'integrity_constraint_violation';"
    function = "RETURNS trigger LANGUAGE plpgsql AS"
    guard = f"BEGIN IF {emptied} THEN RETURN NEW; END IF; {refuse} END"
    return [
        f"CREATE OR REPLACE FUNCTION {table}_refuse() {function} $$ BEGIN {refuse} END $$",
        f"CREATE OR REPLACE FUNCTION {table}_guard() {function} $$ {guard} $$",
        *(f"CREATE OR REPLACE TRIGGER {table}_{rule} {when}" for rule, when in rows.items()),
    ]


def frozen_tables(connection: BaseDatabaseWrapper) -> list[str]:
    """The tables that triggers guard, without those that a migration hasn't made yet."""
    present = connection.introspection.table_names()
    return [table for table in (EDITION, FILE, HELD) if table in present]


def protect_editions(*, using: str = "default", **kwargs: Any) -> None:
    """Make the triggers, or make them anew. Called after every `migrate`, with the signal's arguments.

    A table that isn't there yet is passed over: somebody migrated back.
    """
    connection = connections[using]
    statements = {"sqlite": sqlite_statements, "postgresql": postgresql_statements}[connection.vendor]
    with connection.cursor() as cursor:
        for table in frozen_tables(connection):
            for statement in statements(table):
                cursor.execute(statement)


def unprotect_editions(*, using: str = "default") -> None:
    """Drop the triggers: for tests, which empty their tables, and for nothing else."""
    connection = connections[using]
    with connection.cursor() as cursor:
        for table in frozen_tables(connection):
            for rule in RULES[connection.vendor]:
                on_table = "" if connection.vendor == "sqlite" else f" ON {table}"
                cursor.execute(f"DROP TRIGGER IF EXISTS {table}_{rule}{on_table}")


def missing_protection(connection: BaseDatabaseWrapper) -> list[str]:
    """The names of the triggers that should be there and aren't: none in a database that is as it should be."""
    query = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT tgname FROM pg_trigger WHERE tgenabled <> 'D'",
    }[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(query)
        present = {name for (name,) in cursor.fetchall()}
    return sorted(
        {f"{table}_{rule}" for table in frozen_tables(connection) for rule in RULES[connection.vendor]} - present
    )
