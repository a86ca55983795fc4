"""The keys of backups, as age has them: whoever backs up has public ones alone, key-holders the secret ones.

A file that `age` encrypted to the same keys can be read here, and `age --decrypt` reads ours.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterable
from pathlib import Path
from typing import IO

import pyrage
from pyrage.x25519 import Identity, Recipient

from recommendations.publishing.acts import Refused

from .archive import Damaged

BEGINNING = b"age-encryption.org/v1\n"
SECRET = "AGE-SECRET-KEY-"  # noqa: S105 (how each begins)


def new_key(path: Path, *, at: dt.datetime) -> str:
    """Write a new secret key to a file that only its owner can read, and return its public one."""
    identity = Identity.generate()
    try:
        opened = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        raise Refused(f"{path} exists already, and may be the only copy of a key: choose another name.") from None
    with open(opened, "w") as file:
        file.write(f"# created: {at:%Y-%m-%dT%H:%M:%SZ}\n# public key: {identity.to_public()}\n{identity}\n")
    return str(identity.to_public())


def read_keys(path: Path) -> list[Identity]:
    """The secret keys in a file; Refused where it holds none."""
    try:
        lines = [line.strip() for line in path.read_text().splitlines()]
        keys = [Identity.from_str(line) for line in lines if line.startswith(SECRET)]
    except (OSError, UnicodeDecodeError, pyrage.IdentityError) as error:
        raise Refused(f"{path} can't be read as a file of keys.") from error
    if not keys:
        raise Refused(f"{path} holds no secret key: it should have a line that begins with {SECRET}.")
    return keys


class Output:
    """A file to write to, which keeps what the disk refused: pyrage raises that without its number."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self.failure: OSError | None = None

    def write(self, content: bytes) -> int:
        try:
            return self.file.write(content)
        except OSError as error:
            self.failure = error
            raise

    def flush(self) -> None:
        self.file.flush()


def encrypt(plain: IO[bytes], to: IO[bytes], keys: Iterable[str], *, also: Identity) -> None:
    """Encrypt to the public `keys`, and to `also`, which nobody keeps: with it, what was written can be read again."""
    output = Output(to)
    try:
        pyrage.encrypt_io(plain, output, [*map(Recipient.from_str, keys), also.to_public()])
    except (pyrage.EncryptError, OSError) as error:
        raise output.failure or error from None


def decrypt(file: IO[bytes], to: IO[bytes], keys: list[Identity]) -> None:
    """Decrypt with one of the secret `keys`; Refused where none of them fits, Damaged where the file is."""
    output = Output(to)
    try:
        pyrage.decrypt_io(file, output, keys)
    except (pyrage.DecryptError, OSError) as error:
        if output.failure:
            raise output.failure from None
        if "No matching keys" in str(error):
            raise Refused("It was encrypted to other keys: this one can't read it.") from None
        raise Damaged("The file is damaged, or is no backup of the tracker.") from None
