"""A copy of the empty database, kept from one run to the next: SQLite takes some ten seconds for all the migrations."""

import os
import sqlite3
from hashlib import sha256
from pathlib import Path

from django.conf import settings
from django.db import connection

# What decides how it looks: the migrations, what they and the triggers are made from, and the packages.
DECIDING = ("recommendations/migrations/*.py", "recommendations/models/*.py", "requirements*.txt")


def kept_copy():
    """Where the copy is that answers to what is here now, whether it was made yet or not; None on PostgreSQL."""
    if connection.vendor != "sqlite":
        return None
    digest = sha256(sqlite3.sqlite_version.encode())
    for path in sorted(path for pattern in DECIDING for path in settings.BASE_DIR.glob(pattern)):
        digest.update(path.read_bytes())
    return settings.BASE_DIR / "var/cache" / f"migrated-{digest.hexdigest()[:16]}.sqlite3"


def begin_with(copy):
    """Put the kept copy where the tests' database will be looked for."""
    Path(connection.creation._get_test_db_name()).write_bytes(copy.read_bytes())


def begin_there(folder):
    """Put the kept copy where a tracker in `folder` looks for its database, closed to others as that is."""
    (folder / "var").mkdir(mode=0o700)
    # Where the tests run on PostgreSQL none is kept, and the tracker makes its own.
    if copy := kept_copy():
        database = folder / "var/tracker.sqlite3"
        database.touch(0o600)
        database.write_bytes(copy.read_bytes())


def keep(copy):
    """Keep the tests' database, whole or not at all, and let go of those from before."""
    copy.parent.mkdir(parents=True, exist_ok=True)
    begun = copy.with_suffix(f".{os.getpid()}")
    target = sqlite3.connect(begun)
    connection.ensure_connection()
    connection.connection.backup(target)
    target.close()
    for path in copy.parent.glob("migrated-*.sqlite3"):
        path.unlink(missing_ok=True)
    begun.replace(copy)
