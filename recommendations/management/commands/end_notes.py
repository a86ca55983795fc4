"""`manage.py end_notes`: announce notes for colleagues whose term is over, then erase them. To be run daily."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone, translation

from recommendations.models import ActionPlan
from recommendations.models.saves import one_save
from recommendations.publishing.notes import end_notes, hold_in_words


class Command(BaseCommand):
    help = (
        "Announces on the workspace which notes for colleagues end within two weeks, and erases the words of those "
        "that were announced and whose term is over. Does nothing unless the action plan says after how many days."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="say what would be done, and change nothing")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        with translation.override(ActionPlan.objects.staff_language()), one_save("end_notes"):
            done = end_notes(at=timezone.now(), dry_run=dry_run)
            if done.hold:
                self.stdout.write(hold_in_words(done.hold))
        for ending in done.announced:
            self.stdout.write(f"- U{ending.update_id}: its note ends on {ending.ends_on}.")
        for update in done.ended:
            self.stdout.write(f"- U{update.pk}: its note {'would be' if dry_run else 'was'} erased.")
        if not done.announced and not done.ended:
            self.stdout.write("No note ends.")
