"""`manage.py close FOLDER --by USER (--contact WORDS | --nobody)`: when nobody will update the site any more."""

from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from recommendations.management.exporting import exported, refuse_export
from recommendations.models import ActionPlan
from recommendations.models.saves import one_save
from recommendations.publishing import closing
from recommendations.publishing.acts import Refused, Unchanged
from recommendations.report.pdf import RenderFailed


class Command(BaseCommand):
    help = (
        "Closes the site: publishes the last edition of the newest report, says everywhere since when nobody has "
        "updated the site and who still takes something down, replaces the support links by a sentence, and exports "
        "all of it to a folder that anybody can serve and check. Run it again to name somebody else, or to export it "
        "again. With --reopen, the site is updated again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, nargs="?", help="a new or empty folder, or one that an export wrote")
        parser.add_argument("--by", required=True, metavar="USER", help="the account that closes it")
        whom = parser.add_mutually_exclusive_group(required=True)
        whom.add_argument(
            "--contact",
            default="",
            metavar="WORDS",
            help='who agreed to take down what is dangerous, and their address: "Ada Ho, ada@example.org"',
        )
        whom.add_argument("--nobody", action="store_true", help="nobody takes anything down any more")
        whom.add_argument("--reopen", action="store_true", help="let the site be updated again")

    def handle(
        self, *args: Any, folder: Path | None, by: str, contact: str, nobody: bool, reopen: bool, **options: Any
    ) -> None:
        try:
            user = User.objects.get_by_natural_key(by)
        except User.DoesNotExist as error:
            raise CommandError(f"There is no account named {by}.") from error
        if not ActionPlan.objects.exists():
            raise CommandError("There is no action plan, so there is no site to close.")
        try:
            if reopen:
                self.reopen(by=user)
                return
            if folder is None:
                raise CommandError("Name the folder to export the site to.")
            if not nobody and not contact.strip():
                raise CommandError("Say after --contact who takes things down, or use --nobody.")
            refuse_export(folder)
            closing.contact_words(contact)
            self.publish(by=user)
            self.close(by=user, takes_down=contact)
        except (Refused, RenderFailed) as error:
            why = error.reasons if isinstance(error, Refused) else [str(error)]
            raise CommandError("\n".join(["The site was not closed.", *why])) from error
        try:
            self.stdout.write(exported(folder))
        except CommandError as error:
            raise CommandError(f"The site is closed, but not exported: run close again. {error}") from error
        self.stdout.write(f"{folder / 'README.txt'} says how anybody serves this copy and checks every edition.")

    def publish(self, *, by: User) -> None:
        if ActionPlan.objects.exclude(closed_at=None).exists():
            return
        with one_save("publish"):
            last = closing.publish_last_edition(by=by, at=timezone.now())
        if last.edition is None:
            self.stdout.write(last.why)
        elif last.is_new:
            self.stdout.write(f"Published {last.edition}, the last one.")
        else:
            self.stdout.write(f"{last.edition} says everything already: it is the last one.")
        if left := closing.left_unpublished():
            self.stdout.write(left)

    def close(self, *, by: User, takes_down: str) -> None:
        try:
            with one_save("close"):
                closing.close(by=by, at=timezone.now(), takes_down=takes_down)
        except Unchanged as unchanged:
            self.stdout.write(str(unchanged))
            return
        plan = ActionPlan.objects.get()
        self.stdout.write(f"The site is closed. Readers are told: {plan.not_updated} {plan.removals}")

    def reopen(self, *, by: User) -> None:
        try:
            with one_save("reopen"):
                closing.reopen(by=by)
        except Unchanged as unchanged:
            self.stdout.write(str(unchanged))
            return
        self.stdout.write("The site is open again. Try each support link now: readers see them again.")
        self.stdout.write(
            "Copies of the closed site still say that it is closed: export it again where they are yours."
        )
