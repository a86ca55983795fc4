"""Files that must never be half there, and files that no other account of the machine may read."""

import errno
import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from django.core.management.utils import get_random_secret_key

OTHERS = stat.S_IRWXG | stat.S_IRWXO
ROOM = 1024 * 1024  # bytes
KEY_LENGTH = 50  # characters, as get_random_secret_key makes them
SQLITE_ENDINGS = ("", "-wal", "-shm", "-journal")


def write_whole(path: Path, content: bytes, *, mode: int = 0o666, replace: bool = True) -> None:
    """Write a file whole or not at all: what stood there before stays until the new content is on the disk.

    Raises OSError; FileExistsError where there is a file already and `replace` is false. `mode` is what the umask
    takes from.
    """
    if path.exists() and not path.is_file():
        path.write_bytes(content)  # A terminal or a pipe: nothing to put in its place.
        return
    path = path.resolve()
    beside = path.with_name(f".{secrets.token_hex(8)}")
    try:
        with open(os.open(beside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if replace:
            beside.replace(path)
        else:
            # Unlike a renaming, a link never takes the place of what another process wrote first.
            os.link(beside, path)
    finally:
        beside.unlink(missing_ok=True)


def keep_private(path: Path) -> None:
    """Take from other accounts what they may do with a file or folder of ours, if it is there."""
    try:
        if stat.S_IMODE(path.stat().st_mode) & OTHERS:
            path.chmod(0o700 if path.is_dir() else 0o600)
    except FileNotFoundError:
        pass
    except OSError as error:
        raise ImproperlyConfigured(
            f"{path} is open to other accounts on this machine, and that can't be changed: {error.strerror}."
        ) from error


def make_private_folder(path: Path) -> None:
    try:
        path.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise ImproperlyConfigured(f"{path} can't be made: {error.strerror}.") from error
    keep_private(path)


def keep_database_private(path: Path) -> None:
    """Make the file of an SQLite database before SQLite does, which would let everybody read it.

    Where its folder is missing nothing is made: whoever connects is told. On a read-only disk it stays as it is. A file
    that is there isn't opened: closing it would drop the locks that SQLite holds in this process, and another process
    would delete the log from under its connections.
    """
    if is_on_read_only_disk(path):
        return
    path = path.resolve()
    try:
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if path.exists() and not os.access(path, os.R_OK | os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        with suppress(FileExistsError):
            os.close(os.open(path, os.O_CREAT | os.O_EXCL, 0o600))
    except FileNotFoundError:
        return
    except OSError as error:
        raise ImproperlyConfigured(f"{path} can't be opened: {error.strerror}.") from error
    for ending in SQLITE_ENDINGS:
        keep_private(path.with_name(path.name + ending))


def is_on_read_only_disk(path: Path) -> bool:
    """Whether `path` is there, on a disk that takes no writes: the system makes one so that begins to fail."""
    return path.exists() and bool(os.statvfs(path).f_flag & os.ST_RDONLY)


def keep_room(path: Path) -> None:
    """Keep a file that nobody needs, and delete it when the disk is full: a program that starts then finds some room.

    SQLite, for one, makes a file beside a database before it reads it.
    """
    with suppress(OSError):
        disk = os.statvfs(path.parent)
        left = disk.f_bavail * disk.f_frsize
        if left < ROOM // 4:
            path.unlink(missing_ok=True)
        elif left > 8 * ROOM and not path.exists():
            write_whole(path, bytes(ROOM), mode=0o600)


def name_for_reading(path: Path) -> str:
    """The name by which SQLite reads a database on a read-only disk, where it can make no file beside it.

    Where no log of writes was left behind, SQLite has to be told that nobody writes.
    """
    log = path.with_name(f"{path.name}-wal")
    is_whole = not (log.exists() and log.stat().st_size)
    return f"{path.as_uri()}?mode=ro{'&immutable=1' if is_whole else ''}"


def kept_secret_key(path: Path) -> str:
    """The secret key of a machine nobody configured: made once. Processes that start together end up with one key."""
    try:
        if not path.exists():
            with suppress(FileExistsError):
                write_whole(path, get_random_secret_key().encode(), mode=0o600, replace=False)
        keep_private(path)
        key = path.read_text()
    except OSError as error:
        raise ImproperlyConfigured(f"The secret key can't be kept in {path}: {error.strerror}.") from error
    except UnicodeDecodeError:
        key = ""
    if len(key.strip()) < KEY_LENGTH:
        raise ImproperlyConfigured(
            f"{path} doesn't contain a whole key: delete it to make a new one. Everyone then has to sign in again."
        )
    return key
