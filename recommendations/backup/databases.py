"""The databases beside the site's own: a still look at that one, and scratch ones, which are made and thrown away.

While one of them is used it takes the place of `default` in this thread, so that all code works on it as it is.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.db import DatabaseError, connection, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import ConnectionHandler

from recommendations.models import ActionPlan
from recommendations.publishing.acts import Refused
from recommendations.publishing.site_export import alone_in
from tracker.files import make_private_folder

SCHEMA = "tracker_scratch"
FUNCTIONS = "SELECT p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = %s"


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """An empty folder for what is thrown away, for one process at a time.

    What a killed one left is removed first, in PostgreSQL too: it may hold what was erased since.
    """
    folder = settings.VAR_DIR / "scratch"
    make_private_folder(folder)
    with alone_in(folder, otherwise="Another backup or restore is running: try again when it has ended."):
        empty(folder)
        drop_schema(connections["default"])
        try:
            yield folder
        finally:
            empty(folder)


def remove_leftovers() -> None:
    """Remove what a killed backup or restore left, unless one runs: it may hold what was erased since."""
    with suppress(Refused), scratch_folder():
        pass


def empty(folder: Path) -> None:
    for path in folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


@contextmanager
def default_is(other: BaseDatabaseWrapper) -> Iterator[None]:
    site = connections["default"]
    connections["default"] = other
    # It keeps the numbers that models have in a database.
    ContentType.objects.clear_cache()
    try:
        yield
    finally:
        other.close()
        connections["default"] = site
        ContentType.objects.clear_cache()


@contextmanager
def still_look() -> Iterator[None]:
    """The site as it is at one moment, however long one reads; whoever writes meanwhile isn't kept waiting."""
    look = connections["default"].copy()
    if look.vendor == "sqlite":
        # The site's own transactions begin as writers.
        look.settings_dict["OPTIONS"]["transaction_mode"] = "DEFERRED"
    with default_is(look), transaction.atomic():
        if look.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


@contextmanager
def scratch_file(path: Path) -> Iterator[None]:
    """An empty SQLite database that nothing has to outlive; what is erased in it is overwritten."""
    pragmas = "PRAGMA journal_mode=MEMORY; PRAGMA synchronous=OFF; PRAGMA secure_delete=ON;"
    database = {"ENGINE": "django.db.backends.sqlite3", "NAME": str(path), "OPTIONS": {"init_command": pragmas}}
    path.touch(0o600)
    with default_is(ConnectionHandler({"default": database})["default"]):
        yield


@contextmanager
def scratch_schema() -> Iterator[None]:
    """An empty schema of the site's PostgreSQL database."""
    site = connections["default"]
    scratch = site.copy()
    options = scratch.settings_dict["OPTIONS"]
    options["options"] = f"{options.get('options', '')} -c search_path={SCHEMA}".strip()
    drop_schema(site)
    with site.cursor() as cursor:
        cursor.execute(f"CREATE SCHEMA {SCHEMA}")
    try:
        with default_is(scratch):
            yield
    finally:
        drop_schema(site)


def drop_schema(site: BaseDatabaseWrapper) -> None:
    if site.vendor == "postgresql":
        with site.cursor() as cursor:
            cursor.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")


@contextmanager
def scratch_of_the_sites_kind(folder: Path) -> Iterator[BaseDatabaseWrapper]:
    """A scratch database that can take the place of the site's, which is given."""
    site = connections["default"]
    scratch = scratch_file(folder / "restored.sqlite3") if site.vendor == "sqlite" else scratch_schema()
    with scratch:
        yield site


def is_empty() -> bool:
    """Whether nobody has entered anything: neither a plan nor an account."""
    tables = connection.introspection.table_names()
    return not any(model._meta.db_table in tables and model._default_manager.exists() for model in (ActionPlan, User))


def forget_what_was_there() -> None:
    """Leave nothing of what was changed or deleted in PostgreSQL's free space; SQLite overwrites it at once."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            for table in connection.introspection.table_names(cursor):
                cursor.execute(f"VACUUM FULL {connection.ops.quote_name(table)}")


def take_the_place_of(site: BaseDatabaseWrapper) -> None:
    """Let the site's database hold what the scratch one, now the default, does: in one step, or not at all."""
    if site.vendor == "sqlite":
        site.ensure_connection()
        connection.ensure_connection()
        source: Any = connection.connection
        with site.wrap_database_errors:
            source.backup(site.connection)
        # It is done now; whoever writes next can empty the log, too.
        with suppress(DatabaseError), site.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    else:
        move_in(site)


def move_in(site: BaseDatabaseWrapper) -> None:
    """Move what is in the scratch schema into the site's own, in the place of what that has of the tracker's."""
    quote = site.ops.quote_name
    labels = {"django", *(app.label for app in apps.get_app_configs())}
    with site.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        schema = quote(cursor.fetchone()[0])
        tables = site.introspection.table_names(cursor)
        if "django_migrations" in tables:
            # An upgrade that goes back leaves nothing of the newer version.
            cursor.execute("SELECT DISTINCT app FROM django_migrations")
            labels.update(app for (app,) in cursor.fetchall())
        before = [table for table in tables if table.startswith(tuple(f"{label}_" for label in labels))]
    with transaction.atomic(), connection.cursor() as cursor:
        for table in before:
            cursor.execute(f"DROP TABLE {schema}.{quote(table)} CASCADE")
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"ALTER TABLE {quote(table)} SET SCHEMA {schema}")
        cursor.execute(FUNCTIONS, [SCHEMA])
        for (function,) in cursor.fetchall():
            cursor.execute(f"DROP FUNCTION IF EXISTS {schema}.{quote(function)}() CASCADE")
            cursor.execute(f"ALTER FUNCTION {quote(function)}() SET SCHEMA {schema}")
