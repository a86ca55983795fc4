"""`manage.py create_backup_key FILE`: a key that opens backups, for one person."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from recommendations.backup.keys import new_key
from recommendations.publishing.acts import Refused


class Command(BaseCommand):
    help = (
        "Makes a key for a person who keeps it away from this server. Whoever has the file can read every backup that "
        "was encrypted to its public part; without it, nobody can."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="a new file for the secret key")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        try:
            public = new_key(file, at=timezone.now())
        except Refused as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"The secret key is in {file}: give it to its holder, and delete it here.\n"
            f"Its public part, for BACKUP_KEYS:\n{public}"
        )
