"""`manage.py reset_second_factor USER`: for somebody who lost both the telephone and the recovery codes."""

from typing import Any

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError, CommandParser

from recommendations.accounts import second_factor


class Command(BaseCommand):
    help = "Removes an account's second factor. First make sure that its owner is the one asking."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user")

    def handle(self, *args: Any, user: str, **options: Any) -> None:
        account = User.objects.filter(username=user).first()
        if account is None:
            raise CommandError(f"There is no account {user}.")
        if not second_factor.remove(account):
            raise CommandError(f"{user} has no second factor.")
        LogEntry.objects.log_actions(
            account.pk,
            User.objects.filter(pk=account.pk),
            CHANGE,
            change_message="Second factor removed by command.",
            single_object=True,
        )
        self.stdout.write(
            f"{user} now signs in with only a password, and sets up a new second factor if one is required."
        )
