"""Makes a backup: written whole or not at all, and restored to a scratch database before it counts."""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from django.core.management import call_command
from django.db import DatabaseError, connection
from pyrage.x25519 import Identity

from recommendations.models import VerifiedBackup
from recommendations.models.frozen import missing_protection
from recommendations.publishing import ledger
from recommendations.publishing.acts import Refused
from recommendations.report.proof import verify_editions

from . import archive, databases, keys
from .archive import Manifest
from .revoking import complete_the_ledger

KEPT_FOR = dt.timedelta(days=90)
NAME = re.compile(r"tracker-([0-9]{8}T[0-9]{6}Z)\.backup(?:\.age)?")
UNFINISHED = re.compile(rf"\.{NAME.pattern}\.part")
STAMP = "%Y%m%dT%H%M%SZ"
# Beside the backups, for who restores one on another machine.
LEDGER = "tracker-ledger.jsonl"
BEGINNINGS = (b"PK\x03\x04", keys.BEGINNING)


class NotNoted(Refused):
    """The backup is there, and its moment, or the ledger beside it, couldn't be stored."""


@dataclass(frozen=True)
class Made:
    """A backup: what it holds, what is wrong with the site's editions, and which old backups were removed."""

    path: Path
    size: int
    manifest: Manifest
    problems: list[str]
    removed: list[Path]


def back_up(target: Path, *, to: Sequence[str], at: dt.datetime) -> Made:
    """Back up the site to a new file, or to a folder, which then keeps no backup of more than 90 days.

    It is encrypted to the public keys `to`, if there are any. Refused where there is such a file, or where what was
    written can't be restored; OSError where the disk fails. There is no file then.
    """
    is_folder = target.is_dir()
    path = target / f"tracker-{at:{STAMP}}.backup{'.age' if to else ''}" if is_folder else target
    with databases.scratch_folder() as scratch:
        with new_file(path) as file:
            manifest, problems = written(file, to=to, at=at, scratch=scratch)
        # Also where an edition isn't as it was: what was erased since must not stay in old ones.
        removed = rotate(target, newest=path, at=at) if is_folder else []
    failure = None
    try:
        complete_the_ledger()
        ledger.copy_to(path.with_name(LEDGER))
    except OSError as error:
        failure = error
    if not problems:
        try:
            VerifiedBackup.objects.note(made_at=at, is_encrypted=bool(to))
        except DatabaseError as error:
            raise NotNoted(f"The backup {path} is whole, but the workspace can't be told of it: {error}.") from error
    if failure:
        raise NotNoted(f"The backup {path} is whole, but the ledger beside it can't be brought up to date: {failure}.")
    return Made(path, path.stat().st_size, manifest, problems, removed)


def written(file: IO[bytes], *, to: Sequence[str], at: dt.datetime, scratch: Path) -> tuple[Manifest, list[str]]:
    """Write the backup to a file, and verify what the disk then holds; returns what that is, and what `verify` does."""
    # Nobody keeps this key. It opens what was written here, once.
    once = Identity.generate()
    with TemporaryFile(dir=scratch) as plain:
        with databases.still_look():
            manifest = archive.write(plain if to else file, made_at=at)
        if to:
            plain.seek(0)
            keys.encrypt(plain, file, to, also=once)
    file.flush()
    os.fsync(file.fileno())
    with readable(file, [once], scratch) as read_again:
        return manifest, verify(read_again, manifest, scratch / "verified.sqlite3")


@contextmanager
def new_file(path: Path) -> Iterator[IO[bytes]]:
    """A file for its owner alone that gets its name once it is whole and all went well; nothing is left otherwise."""
    if path.exists():
        raise Refused(f"{path} exists already: name a new file, or a folder.")
    # By its name the next backup finds, and replaces, what a process that was killed left.
    making = path.with_name(f".{path.name}.part")
    making.unlink(missing_ok=True)
    try:
        with open(os.open(making, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600), "w+b") as file:
            yield file
        making.rename(path)
        sync(path.parent)
    finally:
        making.unlink(missing_ok=True)


def sync(folder: Path) -> None:
    """Let the names in a folder outlive a power cut."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


@contextmanager
def readable(file: IO[bytes], secret: list[Identity], scratch: Path) -> Iterator[IO[bytes]]:
    """The archive that a file is or that it holds encrypted. Decrypted, it has no name on the disk."""
    file.seek(0)
    is_encrypted = file.read(len(keys.BEGINNING)) == keys.BEGINNING
    file.seek(0)
    if not is_encrypted:
        yield file
        return
    if not secret:
        raise Refused("It is encrypted: give --key FILE with the secret key of a key-holder.")
    with TemporaryFile(dir=scratch) as plain:
        keys.decrypt(file, plain, secret)
        plain.seek(0)
        yield plain


def verify(file: IO[bytes], written: Manifest, scratch: Path) -> list[str]:
    """Restore what was written to a scratch database; return what is wrong with its editions, as it was on the site.

    Refused where a row, a column or a table differs from what was read.
    """
    with ledger.paused(), databases.scratch_file(scratch):
        manifest = archive.read_manifest(file)
        if manifest != written:
            raise archive.Damaged("What was written can't be read back: nothing was kept.")
        archive.load(file, manifest)
        return made_ready()


def made_ready() -> list[str]:
    """Bring the loaded database to this version, with its triggers; returns what is wrong with its editions."""
    call_command("migrate", interactive=False, verbosity=0)
    found = [
        f"{edition.report.slug}, edition {edition.number}: {problem}"
        for edition, problems in verify_editions()
        for problem in problems
    ]
    if missing := missing_protection(connection):
        found.append(f"the database lacks the triggers {', '.join(missing)}")
    return found


def rotate(folder: Path, *, newest: Path, at: dt.datetime) -> list[Path]:
    """Remove the backups of the folder that are older than 90 days, but for `newest`; other files are left alone.

    What a process that was killed left of one goes too: while this one runs, no other does.
    """
    old = [
        path
        for path in sorted(folder.iterdir())
        if path != newest and (UNFINISHED.fullmatch(path.name) or is_over(path, at=at))
    ]
    for path in old:
        path.unlink()
    return old


def is_over(path: Path, *, at: dt.datetime) -> bool:
    """Whether it is a backup of ours, by its name and by how it begins, of more than 90 days before."""
    named = NAME.fullmatch(path.name)
    if named is None or not path.is_file() or path.is_symlink():
        return False
    try:
        made_at = dt.datetime.strptime(named[1], STAMP).replace(tzinfo=dt.UTC)
    except ValueError:
        return False
    with path.open("rb") as file:
        is_ours = file.read(len(keys.BEGINNING)).startswith(BEGINNINGS)
    return is_ours and at - made_at > KEPT_FOR
