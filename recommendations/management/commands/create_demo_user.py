"""`manage.py create_demo_user FILE`: a first administrator with a random password, where there is no account yet."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.crypto import get_random_string

from recommendations.accounts.second_factor import READABLE
from tracker.files import write_whole


class Command(BaseCommand):
    help = "Creates the account admin with a random password, saved in FILE, if the tracker has no account yet."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        if settings.IS_PUBLIC:
            raise CommandError("The demo account is not for a public site: run manage.py createsuperuser instead.")
        if User.objects.exists():
            return
        password = "-".join(get_random_string(4, READABLE) for _ in range(5))
        # Written before the account is made: a process killed between the two must not leave a password nobody knows.
        try:
            write_whole(file, f"{password}\n".encode(), mode=0o600)
        except OSError as error:
            raise CommandError(f"{file} can't be written: {error.strerror}. No account was made.") from error
        User.objects.create_superuser("admin", password=password)
        self.stdout.write(f"Created the account admin; its password is in {file}.")
