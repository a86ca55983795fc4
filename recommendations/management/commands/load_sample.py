"""`manage.py load_sample --by USER`: an invented second year, for tests and screenshots. The demo never loads it."""

from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError, CommandParser

from recommendations.management.sample import load_sample
from recommendations.publishing.acts import Refused

SAMPLE = settings.BASE_DIR / "fixtures/sample/two-year-update.json"


class Command(BaseCommand):
    help = (
        "Adds an invented second year to the plan and publishes its report. Never use it on a public site: "
        "everything is made up."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--by", required=True, metavar="USER", help="the account to name in the history")

    def handle(self, *args: Any, by: str, **options: Any) -> None:
        if settings.IS_PUBLIC:
            raise CommandError("The sample is invented and not for a public site: nothing was loaded.")
        try:
            edition = load_sample(SAMPLE, by=User.objects.get_by_natural_key(by))
        except User.DoesNotExist as error:
            raise CommandError(f"There is no account named {by}.") from error
        except Refused as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Loaded the invented sample and published “{edition}”.")
