"""`manage.py export_site DIR`: the whole public site as static files."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from recommendations.management.exporting import exported


class Command(BaseCommand):
    help = (
        "Writes the public site of today to a folder, for any static host or a USB stick: every page, feed, data file "
        "and edition, with links that work from a disk. Run it again after each change; only what changed is written. "
        "The search form is left out."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="a new or empty folder, or one that it wrote before")

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        self.stdout.write(exported(folder))
