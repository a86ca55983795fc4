"""Restores a backup: all is made ready in a scratch database, which then takes the place of the site's in one step."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError
from django.utils import timezone
from pyrage.x25519 import Identity

from recommendations.models import VerifiedBackup
from recommendations.publishing import ledger
from recommendations.publishing.acts import Refused

from . import archive, databases, revoking
from .archive import Manifest
from .lost import Lost
from .making import LEDGER, made_ready, readable


@dataclass(frozen=True)
class Restored:
    """What was restored, what is wrong with its editions, how much of the ledger was done again, and what is lost.

    `unreadable` are the lines of ledgers that can't be read, `has_ledger` says whether there was one at all, and
    `nobody_gets_in` whether every administrator needs a new password.
    """

    manifest: Manifest
    problems: list[str]
    revoked: Counter[str]
    lost: Lost
    unreadable: int
    has_ledger: bool
    nobody_gets_in: bool


def restore(path: Path, *, secret: list[Identity], replace: bool, ledgers: Sequence[Path] = ()) -> Restored:
    """Let the site's database hold what the backup does, without what was hidden, erased, ended or revoked since.

    That is in this machine's ledger, in the one beside the backup, and in `ledgers`. Refused where one of `ledgers` is
    missing; where the site has a plan or accounts already, unless `replace` says so; where the file is damaged, of a
    newer version, or encrypted to other keys. Until the last step, and where that fails, the site is as it was.
    """
    if missing := [str(one) for one in ledgers if not one.is_file()]:
        raise Refused(f"There is no ledger {missing[0]}.")
    told = [settings.LEDGER, path.with_name(LEDGER), *ledgers]
    has_ledger = any(one.exists() for one in told)
    with databases.scratch_folder() as scratch, path.open("rb") as file:
        if not replace and not databases.is_empty():
            raise Refused(
                "This site has a plan or accounts already. To put the backup in their place, back the site up first, "
                "stop the server, and add --replace."
            )
        with readable(file, secret, scratch) as plain:
            manifest = archive.read_manifest(plain)
            entries, unreadable = ledger.read(told)
            with suppress(DatabaseError):  # There may be no tables yet, or those of another version.
                entries += revoking.numbered(entries, at=timezone.now())
            with ledger.paused(), databases.scratch_of_the_sites_kind(scratch) as site:
                archive.load(plain, manifest)
                problems = made_ready()
                VerifiedBackup.objects.note(made_at=manifest.made_at, is_encrypted=plain is not file)
                revoked, lost = revoking.revoke(entries, since=manifest.made_at, at=timezone.now())
                if revoked:
                    databases.forget_what_was_there()
                nobody_gets_in = revoking.nobody_gets_in()
                mark = ledger.site_mark()
                databases.take_the_place_of(site)
        # On another machine the ledger goes on here.
        known, _unreadable = ledger.read([settings.LEDGER])
        ledger.append([entry for entry in entries if entry.site == mark and entry not in known])
    return Restored(manifest, problems, revoked, lost, unreadable, has_ledger, nobody_gets_in)
