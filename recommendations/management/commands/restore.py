"""`manage.py restore FILE`: what `backup` wrote becomes what this site stores."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from recommendations.backup.keys import read_keys
from recommendations.backup.restoring import restore
from recommendations.publishing.acts import Refused


class Command(BaseCommand):
    help = (
        "Puts what a backup holds into this site's database, on SQLite or PostgreSQL, whichever it came from, once all "
        "of it was checked. Until then, and if it is stopped, the database stays as it is."
    )
    # The database may be empty, or of another version.
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="what backup wrote")
        parser.add_argument("--key", type=Path, metavar="FILE", help="the file with a key-holder's secret key")
        parser.add_argument("--replace", action="store_true", help="also where this site has a plan or accounts")

    def handle(self, *args: Any, file: Path, key: Path | None, replace: bool, **options: Any) -> None:
        try:
            manifest, problems = restore(file, secret=read_keys(key) if key else [], replace=replace)
        except Refused as error:
            raise CommandError(f"Nothing was restored, and this site is as it was. {error}") from error
        except (OSError, DatabaseError) as error:
            raise CommandError(f"Nothing was restored, and this site is as it was. {error}.") from error
        count = sum(part.rows for part in manifest.tables)
        self.stdout.write(
            f"Restored {count} rows of {len(manifest.tables)} tables, with {manifest.editions} editions, as they were "
            f"on {manifest.made_at:%Y-%m-%d at %H:%M} UTC."
        )
        if problems:
            raise CommandError("\n".join(["Not every edition is as it was published:", *problems]))
