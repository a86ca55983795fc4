"""`manage.py verify_editions`: compute every hash and seal of what was published again, and compare."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from recommendations.models.frozen import missing_protection
from recommendations.report.proof import verify_editions


class Command(BaseCommand):
    help = "Checks that every edition is, byte for byte, what was published. Fails loudly if one isn't."

    def handle(self, *args: Any, **options: Any) -> None:
        checked, broken = 0, []
        for edition, problems in verify_editions():
            checked += 1
            broken += [f"{edition.report.slug}, edition {edition.number}: {problem}" for problem in problems]
        if missing := missing_protection(connection):
            broken.append(f"the database lacks the triggers {', '.join(missing)}: run manage.py migrate")
        if broken:
            raise CommandError("\n".join([f"{len(broken)} problems in {checked} editions:", *broken]))
        self.stdout.write(f"All {checked} editions are as they were published.")
