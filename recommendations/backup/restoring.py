"""Restores a backup: all is made ready in a scratch database, which then takes the place of the site's in one step."""

from __future__ import annotations

from pathlib import Path

from pyrage.x25519 import Identity

from recommendations.models import VerifiedBackup
from recommendations.publishing.acts import Refused

from . import archive, databases
from .archive import Manifest
from .making import made_ready, readable


def restore(path: Path, *, secret: list[Identity], replace: bool) -> tuple[Manifest, list[str]]:
    """Let the site's database hold what the backup does; returns what that is, and what is wrong with its editions.

    Refused where the site has a plan or accounts already, unless `replace` says so; where the file is damaged, of a
    newer version, or encrypted to other keys. Until the last step, and where that fails, the site is as it was.
    """
    with databases.scratch_folder() as scratch, path.open("rb") as file:
        if not replace and not databases.is_empty():
            raise Refused(
                "This site has a plan or accounts already. To put the backup in their place, back the site up first, "
                "stop the server, and add --replace."
            )
        with readable(file, secret, scratch) as plain:
            manifest = archive.read_manifest(plain)
            with databases.scratch_of_the_sites_kind(scratch) as site:
                archive.load(plain, manifest)
                problems = made_ready()
                VerifiedBackup.objects.note(made_at=manifest.made_at, is_encrypted=plain is not file)
                databases.take_the_place_of(site)
    return manifest, problems
