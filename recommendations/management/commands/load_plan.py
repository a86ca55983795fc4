"""`manage.py load_plan FIXTURE --by USER`: load the plan of a fixture, where there is none yet."""

from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError, CommandParser

from recommendations.models import ActionPlan
from recommendations.models.saves import one_save
from recommendations.publishing.loading import load_plan


class Command(BaseCommand):
    help = "Loads a plan from a fixture, with its updates ready to publish, if the tracker has no plan yet."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("fixture", type=Path)
        parser.add_argument("--by", required=True, metavar="USER", help="the account to name in the history")

    def handle(self, *args: Any, fixture: Path, by: str, **options: Any) -> None:
        if ActionPlan.objects.exists():
            self.stdout.write("The tracker already has a plan: nothing was loaded.")
            return
        try:
            with one_save("load"):
                count = load_plan(fixture, by=User.objects.get_by_natural_key(by))
        except User.DoesNotExist as error:
            raise CommandError(f"There is no account named {by}.") from error
        except OSError as error:
            raise CommandError(f"The fixture can't be read: {error}") from error
        else:
            self.stdout.write(f"Loaded {count} objects from {fixture.name}.")
