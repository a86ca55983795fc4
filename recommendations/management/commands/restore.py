"""`manage.py restore FILE`: what `backup` wrote becomes what this site stores."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from recommendations.backup.keys import read_keys
from recommendations.backup.lost import Lost
from recommendations.backup.restoring import restore
from recommendations.publishing.acts import Refused

UNKNOWN = (
    "Nobody can tell from here what else was changed after that, and is lost: texts, the action plan's settings, the "
    "words of support links, exports. Ask your colleagues. Run manage.py check_links, so that readers aren't led to "
    "copies of pages that were removed since."
)
CLOSED_AGAIN = (
    "The site was closed after that, and is closed again, but names nobody who takes things down: run close again. If "
    "something was lost, first open the site with close --reopen, enter it and publish it anew: close publishes "
    "nothing in the place of a lost edition."
)


class Command(BaseCommand):
    help = (
        "Puts what a backup holds into this site's database, on SQLite or PostgreSQL, whichever it came from, once all "
        "of it was checked. Until then, and if it is stopped, the database stays as it is."
    )
    # The database may be empty, or of another version.
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="what backup wrote")
        parser.add_argument("--key", type=Path, metavar="FILE", help="the file with a key-holder's secret key")
        parser.add_argument(
            "--ledger", type=Path, action="append", default=[], metavar="FILE", help="a ledger that was kept elsewhere"
        )
        parser.add_argument("--replace", action="store_true", help="also where this site has a plan or accounts")

    def handle(
        self, *args: Any, file: Path, key: Path | None, replace: bool, ledger: list[Path], **options: Any
    ) -> None:
        try:
            done = restore(file, secret=read_keys(key) if key else [], replace=replace, ledgers=ledger)
        except Refused as error:
            raise CommandError(f"Nothing was restored, and this site is as it was. {error}") from error
        except (OSError, DatabaseError) as error:
            raise CommandError(f"Nothing was restored, and this site is as it was. {error}.") from error
        tables, editions, made_at = done.manifest.tables, done.manifest.editions, done.manifest.made_at
        self.stdout.write(
            f"Restored {sum(part.rows for part in tables)} rows of {len(tables)} tables, with {editions} editions, as "
            f"they were on {made_at:%Y-%m-%d at %H:%M} UTC."
        )
        if done.revoked:
            again = ", ".join(f"{count} {what}" for what, count in done.revoked.items())
            self.stdout.write(f"Done again, because it was done after that: {again}.")
        for sentence in what_is_lost(done.lost):
            self.stdout.write(sentence)
        if done.revoked.get("site closed"):
            self.stdout.write(CLOSED_AGAIN)
        if options["verbosity"]:
            self.stdout.write(UNKNOWN)
        if not done.has_ledger:
            self.stderr.write(
                "There was no ledger, here or beside the backup: what was hidden, erased, ended or revoked since may "
                "be there again. If you have one elsewhere, restore again with --ledger FILE before the site starts."
            )
        if done.unreadable:
            self.stderr.write(f"{done.unreadable} lines of the ledger can't be read: check what they were about.")
        if done.nobody_gets_in:
            self.stderr.write("No administrator has a password: run manage.py changepassword USER.")
        if done.problems:
            raise CommandError("\n".join(["Not every edition is as it was published:", *done.problems]))


def what_is_lost(lost: Lost) -> Iterator[str]:
    """What whoever restores should know before the site starts."""
    if lost.updates or lost.editions:
        numbers = named([*(f"U{number}" for number in lost.updates), *lost.editions])
        yield f"Published after that, and lost: {numbers}. Nothing else gets their numbers and addresses."
    if lost.drafts:
        yield f"Published after that, and drafts again: {named(f'U{number}' for number in lost.drafts)}."
    if lost.corrected:
        numbers = named(f"U{number}" for number in lost.corrected)
        yield f"Corrected after that, and as before again: {numbers}. Correct them anew, or take them down."
    if lost.unsealed:
        yield (
            f"Published after that, and lost without a trace: {named(lost.unsealed)}. The ledger has gaps, or the "
            "backup is from before there was an action plan. The next edition of such a report gets that address "
            "again: let its note say so."
        )


def named(names: Iterable[str]) -> str:
    """The first twenty names, and how many more there are."""
    some = list(names)
    return ", ".join(some[:20]) + (f" and {len(some) - 20} more" if len(some) > 20 else "")
