"""`manage.py take_down`: remove an edition or an update from public view, for safety; then, if need be, erase it."""

from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from recommendations.models import Edition, ProgressUpdate, TakeDown
from recommendations.models.saves import one_save
from recommendations.publishing.acts import Refused, Unchanged
from recommendations.publishing.erasure import erase
from recommendations.publishing.site_export import exported_with
from recommendations.publishing.takedowns import take_down, take_down_editions


class Command(BaseCommand):
    help = (
        "Takes down an update (update ID) or an edition (edition SLUG NUMBER) right away, with a public "
        "reason. With --erase, also erases its content, which can't be undone."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        kinds = parser.add_subparsers(dest="kind", required=True)
        update = kinds.add_parser("update")
        update.add_argument("id", type=int)
        edition = kinds.add_parser("edition")
        edition.add_argument("slug")
        edition.add_argument("number", type=int)
        update.add_argument("--editions", action="store_true", help="also take down every edition that contains it")
        for kind in (update, edition):
            kind.add_argument("--by", required=True, metavar="USER", help="the account that takes it down")
            kind.add_argument(
                "--reason", required=True, help="public: say why, without anything that must stay private"
            )
            kind.add_argument("--erase", action="store_true", help="also erase bytes, text, corrections and history")

    def handle(self, *args: Any, kind: str, by: str, reason: str, **options: Any) -> None:
        try:
            user = User.objects.get_by_natural_key(by)
            thing = self.thing(kind=kind, **options)
        except User.DoesNotExist as error:
            raise CommandError(f"There is no account named {by}.") from error
        except (ProgressUpdate.DoesNotExist, Edition.DoesNotExist) as error:
            raise CommandError("There is no such update or edition.") from error
        try:
            with one_save("take_down"):
                take_down(thing, reason=reason, by=user, at=timezone.now())
            self.stdout.write("Taken down: its address answers 410 from now on.")
        except Unchanged as unchanged:
            self.stdout.write(str(unchanged))
        except Refused as refused:
            raise CommandError(str(refused)) from refused
        removals = [TakeDown.objects.get(**{kind: thing})]
        if options.get("editions"):
            for removal in self.editions_of(removals[0], reason=reason, by=user):
                self.stdout.write(f"Taken down too: “{removal}”.")
            removals += [edition.take_down for edition in removals[0].editions_to_erase]
        for edition in removals[0].editions_left:
            self.stdout.write(f"Its text is also in “{edition}”: take that down as well (all of them with --editions).")
        for copy in exported_with(removals[0]):
            self.stdout.write(f"It may still be in {copy}.")
        if options["erase"]:
            # First the editions: an update that was erased is held by none.
            for removal in reversed(removals):
                self.erase(removal, by=user)

    @staticmethod
    def editions_of(removal: TakeDown, *, reason: str, by: User) -> list[TakeDown]:
        try:
            with one_save("take_down"):
                return take_down_editions(removal, reason=reason, by=by, at=timezone.now())
        except Unchanged:
            return []
        except Refused as refused:
            raise CommandError(str(refused)) from refused

    def erase(self, removal: TakeDown, *, by: User) -> None:
        try:
            with one_save("erase"):
                copies = erase(removal, by=by, at=timezone.now())
        except Unchanged as unchanged:
            self.stdout.write(f"{removal}: {unchanged}")
        except Refused as refused:
            raise CommandError(str(refused)) from refused
        else:
            self.stdout.write(f"{removal}: erased. Copies may remain in:")
            for copy in copies:
                self.stdout.write(f"- {copy}")

    @staticmethod
    def thing(*, kind: str, **options: Any) -> ProgressUpdate | Edition:
        if kind == "update":
            return ProgressUpdate.objects.get(pk=options["id"])
        return Edition.objects.get(report__slug=options["slug"], number=options["number"])
