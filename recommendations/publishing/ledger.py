"""The ledger: what was published, hidden, erased, ended or revoked, and when, in a file beside the database.

A backup that is restored is older than that: `restore` applies what the ledger has from later. It has no words: it
names updates, editions, accounts and support links by their numbers, pictures by their hashes, and has of an edition
what the public list of editions says for good. `site` tells those of this site from another one's.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import logging
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from hashlib import sha256
from pathlib import Path
from typing import Any, Self

import msgspec
from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from recommendations.models import Edition

logger = logging.getLogger(__name__)
_is_paused = ContextVar("is_paused", default=False)


class Sealed(msgspec.Struct, frozen=True):
    """What the seal of an edition covers beside the edition before it, and the number and period of its report.

    `files` are their SHA-256 and size by name; `compared_with` is an edition's number in the database.
    """

    report: int
    slug: str
    starts_on: dt.date
    ends_on: dt.date
    number: int
    published_at: dt.datetime
    compared_with: int | None
    files: dict[str, tuple[str, int]]
    seal: str

    @classmethod
    def of(cls, edition: Edition) -> Self:
        report = edition.report
        return cls(
            report=report.pk,
            slug=report.slug,
            starts_on=report.starts_on,
            ends_on=report.ends_on,
            number=edition.number,
            published_at=edition.published_at,
            compared_with=edition.compared_with_id,
            files={file.name: (file.sha256, file.size) for file in edition.files.defer("content")},
            seal=edition.seal,
        )


class Entry(msgspec.Struct, frozen=True, omit_defaults=True):
    """One act, or what an account or a support link is since: `state`, which is empty where it was deleted.

    `at` is the moment after the act was committed: a backup that began later holds it.
    """

    at: dt.datetime
    what: str
    site: str
    update: int | None = None
    edition: int | None = None
    account: int | None = None
    support: int | None = None
    picture: str | None = None
    by: int | None = None
    state: dict[str, str] | None = None
    sealed: Sealed | None = None


def note(what: str, *, by: User | None = None, **about: Any) -> None:
    """Add to the ledger what is being done, once it is committed; `about` is what else an Entry has."""
    by_id = by.pk if by else None
    transaction.on_commit(lambda: append([Entry(timezone.now(), what, site_mark(), by=by_id, **about)]))


def note_edition(*, updates: Iterable[int], by: User) -> None:
    """Add that an edition was published, with each before it that the ledger lacks, and `updates` with it."""
    numbers = list(updates)

    def add() -> None:
        at, site, told = timezone.now(), site_mark(), list[Entry]()
        with suppress(OSError):
            told, _unreadable = read([settings.LEDGER])
        published = [Entry(at, "published", site, update=number, by=by.pk) for number in numbers]
        append([*published, *editions_lacking_in(told, at=at)])

    transaction.on_commit(add)


def editions_lacking_in(told: Iterable[Entry], *, at: dt.datetime) -> Iterator[Entry]:
    """What the ledger should say of the editions of this site, as far as it doesn't."""
    site = site_mark()
    noted = [entry.edition for entry in told if entry.site == site and entry.edition and entry.sealed]
    for edition in Edition.objects.exclude(pk__in=noted).select_related("report").order_by("pk"):
        sealed = Sealed.of(edition)
        yield Entry(at, "published", site, edition=edition.pk, sealed=sealed, by=edition.published_by_id)


def last_state(what: str, number: int) -> dict[str, str] | None:
    """What the ledger says last of an "account" or a "support" link of this site; None where it says nothing."""
    site, entries = site_mark(), list[Entry]()
    with suppress(OSError):
        entries, _unreadable = read([settings.LEDGER])
    told = [entry.state for entry in entries if (entry.site, getattr(entry, what)) == (site, number)]
    return told[-1] if told else None


def note_state(what: str, number: int, state: dict[str, str]) -> None:
    """Add what an "account" or a "support" link is now, unless the ledger says so already."""
    if last_state(what, number) != state:
        about: dict[str, Any] = {what: number}
        append([Entry(timezone.now(), what, site_mark(), state=state, **about)])


def site_mark() -> str:
    """What tells this site, and whatever is restored from it, from all others: the moment of its first account."""
    first = User.objects.order_by("pk").values_list("date_joined", flat=True).first()
    return sha256(first.isoformat().encode()).hexdigest()[:16] if first else ""


@contextmanager
def paused() -> Iterator[None]:
    """While it lasts nothing is added: what is done in a scratch database was done before, or may never come about."""
    token = _is_paused.set(True)
    try:
        yield
    finally:
        _is_paused.reset(token)


def append(entries: Iterable[Entry], *, path: Path | None = None) -> None:
    """Add lines, and see them on the disk. Nothing that was done is undone where that fails: the log says so."""
    if _is_paused.get():
        return
    path = path or settings.LEDGER
    lines = b"".join(msgspec.json.encode(entry) + b"\n" for entry in entries)
    try:
        with open(os.open(path, os.O_CREAT | os.O_RDWR | os.O_APPEND, 0o600), "r+b", buffering=0) as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            if size := file.seek(0, os.SEEK_END):
                file.seek(size - 1)
                if file.read(1) != b"\n":
                    # The power failed in the middle of a line.
                    lines = b"\n" + lines
            file.write(lines)
            os.fsync(file.fileno())
    except OSError as error:
        logger.error(
            "The ledger %s can't be written: %s. A restored backup could show again what was ended now.", path, error
        )


def read(paths: Iterable[Path]) -> tuple[list[Entry], int]:
    """What these files say together, oldest first, each entry once; and how many lines can't be read."""
    found: dict[bytes, Entry] = {}
    unreadable = 0
    for path in paths:
        for line in path.read_bytes().splitlines() if path.exists() else ():
            try:
                found[line] = msgspec.json.decode(line, type=Entry)
            except msgspec.MsgspecError:
                unreadable += 1
    return sorted(found.values(), key=lambda entry: entry.at), unreadable


def copy_to(path: Path) -> None:
    """Bring another ledger up to this one: for the backups, which may outlive the machine."""
    there, _unreadable = read([path])
    known = set(map(msgspec.json.encode, there))
    here, _unreadable = read([settings.LEDGER])
    append([entry for entry in here if msgspec.json.encode(entry) not in known], path=path)
