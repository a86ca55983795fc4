"""The content version: a token that changes with each change of what the public may see, whoever makes it and how.

Triggers change it, so that no code can forget to: an act, an import, a restored backup, a shell. Which tables they
watch is decided here once: all of the app's, without the history and what is for staff alone. SQLite drops a table's
triggers when a migration rebuilds it, so they are made anew after every `migrate`.
"""

import secrets
from typing import Any

from django.apps import apps
from django.db import Error as DatabaseFailure
from django.db import close_old_connections, connection, connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Q

# For staff alone: no public page, feed or file is made from these.
PRIVATE = {
    "ContentVersion",
    "ExportMade",
    "FindingAnswer",
    "GivenPassword",
    "LegalHold",
    "NoteEnding",
    "PasswordResetSent",
    "Phrase",
    "Publication",
    "ReminderSent",
    "SecondFactorReset",
    "SecurityEvent",
    "SignInTurn",
    "SiteExport",
    "VerifiedBackup",
}
TABLE = "recommendations_contentversion"
TRIGGER = "moves_the_content_version"
DIGITS = 32


class ContentVersion(models.Model):
    """The one row that holds the token. A new one is drawn for each change, so that a restored row is no old one."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    token = models.CharField(max_length=DIGITS, editable=False)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="there_is_one_content_version")]

    def __str__(self) -> str:
        return self.token


def version_for_page_cache() -> str | None:
    """The content version for who asks outside a request, where nobody else looks after the connection."""
    close_old_connections()
    return stored_token()


def content_version() -> str | None:
    """The token; None where the database can't be asked, or has none."""
    try:
        return stored_token()
    except DatabaseFailure:
        return None


def stored_token() -> str | None:
    """The token, or None where a migration is under way; the database's error where it can't be asked."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT token FROM {TABLE}")  # noqa: S608 (our own table)
        row = cursor.fetchone()
    return row[0] if row else None


def watched_tables(connection: BaseDatabaseWrapper) -> list[str]:
    """The tables that the public sees something of, without those that a migration hasn't made yet."""
    present = set(connection.introspection.table_names())
    seen = [
        model._meta.db_table
        for model in apps.get_app_config("recommendations").get_models(include_auto_created=True)
        if model.__name__ not in PRIVATE and not model.__name__.startswith("Historical")
    ]
    return sorted(present.intersection(seen))


def sqlite_statements(table: str) -> list[str]:
    change = f"BEGIN UPDATE {TABLE} SET token = lower(hex(randomblob({DIGITS // 2}))); END"  # noqa: S608 (our own table)
    return [
        statement
        for act in ("INSERT", "UPDATE", "DELETE")
        for statement in (
            f"DROP TRIGGER IF EXISTS {table}_{act.lower()}_{TRIGGER}",
            f"CREATE TRIGGER {table}_{act.lower()}_{TRIGGER} AFTER {act} ON {table} {change}",
        )
    ]


def postgresql_statements(table: str) -> list[str]:
    """The token is changed once, when the transaction commits: one that takes long holds up nobody until then."""
    execute = f"EXECUTE FUNCTION {TRIGGER}()"
    at_commit = f"DEFERRABLE INITIALLY DEFERRED FOR EACH ROW {execute}"
    return [
        f"DROP TRIGGER IF EXISTS {TRIGGER} ON {table}",
        f"CREATE CONSTRAINT TRIGGER {TRIGGER} AFTER INSERT OR UPDATE OR DELETE ON {table} {at_commit}",
        f"CREATE OR REPLACE TRIGGER {TRIGGER}_when_emptied AFTER TRUNCATE ON {table} FOR EACH STATEMENT {execute}",
    ]


POSTGRESQL_FUNCTION = f"""
    CREATE OR REPLACE FUNCTION {TRIGGER}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF current_setting('tracker.content_moved', true) IS DISTINCT FROM txid_current()::text THEN
            UPDATE {TABLE} SET token = replace(gen_random_uuid()::text, '-', '');
            PERFORM set_config('tracker.content_moved', txid_current()::text, true);
        END IF;
        RETURN NULL;
    END $$
"""  # noqa: S608 (our own table)


def unwatch_content(*, using: str = "default", **kwargs: Any) -> None:
    """Drop the row and PostgreSQL's triggers, before a `migrate`: nothing is kept until it is through.

    PostgreSQL alters no table that has rows with a trigger still to come.
    """
    connection = connections[using]
    if TABLE not in connection.introspection.table_names():
        return
    ContentVersion.objects.using(using).all().delete()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"DROP FUNCTION IF EXISTS {TRIGGER} CASCADE")


def watch_content(*, using: str = "default", **kwargs: Any) -> None:
    """Make the row and the triggers, or make them anew. Called after every `migrate`, with the signal's arguments.

    A new row has a token of its own, so that no copy of before the migration is taken for one of now.
    """
    connection = connections[using]
    if TABLE not in connection.introspection.table_names():
        # Somebody migrated back.
        return
    ContentVersion.objects.using(using).get_or_create(id=1, defaults={"token": secrets.token_hex(DIGITS // 2)})
    statements = {"sqlite": sqlite_statements, "postgresql": postgresql_statements}[connection.vendor]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(POSTGRESQL_FUNCTION)
        for table in watched_tables(connection):
            for statement in statements(table):
                cursor.execute(statement)


def missing_watch(connection: BaseDatabaseWrapper) -> list[str]:
    """What should tell of changes and isn't there, by name: none in a database that is as it should be."""
    query = {
        "sqlite": "SELECT tbl_name, name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT relname, tgname FROM pg_trigger JOIN pg_class ON tgrelid = pg_class.oid"
        " WHERE tgenabled <> 'D' AND relnamespace = current_schema()::regnamespace",
    }[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(query)
        present = set(cursor.fetchall())
    names = (
        ["{table}_insert_" + TRIGGER, "{table}_update_" + TRIGGER, "{table}_delete_" + TRIGGER]
        if connection.vendor == "sqlite"
        else [TRIGGER, f"{TRIGGER}_when_emptied"]
    )
    needed = {(table, name.format(table=table)) for table in watched_tables(connection) for name in names}
    row = [] if ContentVersion.objects.using(connection.alias).exists() else [f"the row of {TABLE}"]
    return [*(f"{name} of {table}" for table, name in sorted(needed - present)), *row]
