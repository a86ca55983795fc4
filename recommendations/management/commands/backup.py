"""`manage.py backup FILE`: everything that the site stores, in one file, verified."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError
from django.utils import timezone

from recommendations.backup.making import Made, back_up
from recommendations.publishing.acts import Refused


class Command(BaseCommand):
    help = (
        "Writes everything that the site stores to a new file, also while the site is in use, and restores it to a "
        "scratch database to check it. Given a folder, names the file itself, and removes backups there that are older "
        "than 90 days. Encrypts it to the keys in BACKUP_KEYS, which a public site must have."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="a new file, with an ending, or a folder")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        if not file.is_dir() and not file.suffix:
            raise CommandError(
                f"There is no folder {file}. Make it first, for the account of the site alone, or name a file with an "
                f"ending, such as {file}.backup."
            )
        keys = settings.BACKUP_KEYS
        if settings.IS_PUBLIC and not keys:
            raise CommandError(
                "A public site's backup must be encrypted: make a key with manage.py create_backup_key FILE, and put "
                "its public part into BACKUP_KEYS."
            )
        try:
            made = back_up(file, to=keys, at=timezone.now())
        except Refused as error:
            raise CommandError(str(error)) from error
        except (OSError, DatabaseError) as error:
            raise CommandError(f"Nothing was backed up: {what_failed(error)}.") from error
        self.stdout.write(words(made, keys))
        if made.removed:
            names = ", ".join(path.name for path in made.removed)
            self.stdout.write(f"Removed what was older than 90 days, or never finished: {names}.")
        if settings.IS_PUBLIC and len(keys) == 1:
            self.stdout.write("One key alone can open it: give BACKUP_KEYS a second one, of another person.")
        if made.problems:
            raise CommandError(
                "\n".join(
                    ["It holds what the site does, but not every edition is as it was published:", *made.problems]
                )
            )


def what_failed(error: Exception) -> str:
    if not isinstance(error, OSError) or not error.strerror:
        return str(error)
    return f"{error.strerror}: {error.filename}" if error.filename else error.strerror


def words(made: Made, keys: list[str]) -> str:
    count = sum(part.rows for part in made.manifest.tables)
    encrypted = f", encrypted to {len(keys)} {'key' if len(keys) == 1 else 'keys'}" if keys else ""
    return (
        f"Backed up {count} rows of {len(made.manifest.tables)} tables, with {made.manifest.editions} editions, to "
        f"{made.path} ({made.size / 1_000_000:.1f} MB{encrypted}). Restored it to a scratch database: all is there."
    )
