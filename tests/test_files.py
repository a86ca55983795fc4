"""Files are written whole or not at all, and what is private is nobody else's to read."""

import errno
import os
import resource
import sqlite3
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.exceptions import ImproperlyConfigured

from tracker import files
from tracker.files import keep_database_private, kept_secret_key, write_whole

pytestmark = pytest.mark.process
KEPT = ("demo-password.txt", "ledger.jsonl", "room-on-the-disk", "secret-key", "tracker.sqlite3")


def modes(folder):
    return {
        path.relative_to(folder).as_posix(): oct(stat.S_IMODE(path.stat().st_mode))
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def begun(tree, *arguments, **options):
    environment = {name: os.environ[name] for name in ("PATH", "LANG", "HOME") if name in os.environ}
    return subprocess.Popen(
        [sys.executable, "-B", "manage.py", *arguments],
        cwd=tree,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        umask=0o022,
        **options,
    )


def ended(process):
    said = "".join(process.communicate(timeout=60))
    return process.returncode, said


def fill_the_disk():
    """No file gets any longer, as on a disk without space: only the number of the error differs."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def test_what_the_tracker_keeps_is_nobody_elses_to_read_and_written_whole(tree):
    nowhere = tree / "nowhere/demo-password.txt"

    # All that an account needs: the file is made in the same way for any number of tables.
    for app in ("auth", "otp_totp", "otp_static"):
        assert ended(begun(tree, "migrate", app, "-v", "0")) == (0, "")
    refused = ended(begun(tree, "create_demo_user", str(nowhere)))
    made = ended(begun(tree, "create_demo_user", "var/demo-password.txt"))

    no_file = f"{nowhere} can't be written: No such file or directory. No account was made."
    assert refused == (1, f"CommandError: {no_file}\n")
    assert made == (0, "Created the account admin; its password is in var/demo-password.txt.\n")
    assert oct(stat.S_IMODE((tree / "var").stat().st_mode)) == "0o700"
    assert modes(tree / "var") == dict.fromkeys(KEPT, "0o600")


def test_what_was_open_to_others_is_so_no_longer(tree):
    (tree / "var").mkdir(mode=0o755)
    names = ("demo-password.txt", "secret-key", "tracker.sqlite3", "tracker.sqlite3-shm", "tracker.sqlite3-wal")
    for name in names:
        (tree / "var" / name).write_text("x" * 50 if name == "secret-key" else "")
        (tree / "var" / name).chmod(0o644)

    assert ended(begun(tree, "check"))[0] == 0

    assert oct(stat.S_IMODE((tree / "var").stat().st_mode)) == "0o700"
    assert modes(tree / "var") == dict.fromkeys((*names, "room-on-the-disk"), "0o600")


def test_a_database_elsewhere_is_private_and_its_folder_is_left_alone(tmp_path):
    tmp_path.chmod(0o755)
    path = tmp_path / "tracker.sqlite3"
    (tmp_path / "tracker.sqlite3-wal").touch(0o644)

    keep_database_private(path)

    assert modes(tmp_path) == {"tracker.sqlite3": "0o600", "tracker.sqlite3-wal": "0o600"}
    assert oct(stat.S_IMODE(tmp_path.stat().st_mode)) == "0o755"


def test_a_database_in_use_keeps_its_locks(tmp_path):
    path = tmp_path / "tracker.sqlite3"
    with closing(sqlite3.connect(path)) as database:
        database.executescript("PRAGMA journal_mode = WAL; CREATE TABLE said (word)")

        keep_database_private(path)

        # The last to leave deletes the log: another process isn't.
        come_and_go = (
            f"import sqlite3; one = sqlite3.connect({str(path)!r}); one.execute('SELECT * FROM said'); one.close()"
        )
        subprocess.run([sys.executable, "-c", come_and_go], check=True)
        assert (tmp_path / "tracker.sqlite3-wal").exists()


def test_a_folder_in_the_place_of_a_database_is_left_alone(tmp_path):
    tmp_path.chmod(0o755)

    with pytest.raises(ImproperlyConfigured, match=r"can't be opened: Is a directory\.$"):
        keep_database_private(tmp_path)

    assert oct(stat.S_IMODE(tmp_path.stat().st_mode)) == "0o755"


def test_a_mode_that_cannot_be_changed_is_told(tmp_path, monkeypatch):
    def refuse(path, mode):
        raise PermissionError(errno.EPERM, "Operation not permitted")

    path = tmp_path / "tracker.sqlite3"
    path.touch(0o644)
    monkeypatch.setattr(Path, "chmod", refuse)

    with pytest.raises(ImproperlyConfigured) as refused:
        keep_database_private(path)

    assert str(refused.value) == (
        f"{path} is open to other accounts on this machine, and that can't be changed: Operation not permitted."
    )


def test_a_first_start_on_a_full_disk_says_so_and_leaves_no_key(tree):
    code, said = ended(begun(tree, "check", preexec_fn=fill_the_disk))

    assert (code, said) == (1, f"The secret key can't be kept in {tree}/var/secret-key: File too large.\n")
    assert modes(tree / "var") == {}
    assert ended(begun(tree, "check"))[0] == 0
    assert len((tree / "var/secret-key").read_text()) == 50


@pytest.mark.parametrize("content", [b"", b"\n", b"half of a k", b"\xff" * 60])
def test_a_key_that_an_earlier_fault_left_is_told_of(tmp_path, content):
    path = tmp_path / "secret-key"
    path.write_bytes(content)

    with pytest.raises(ImproperlyConfigured) as refused:
        kept_secret_key(path)

    assert str(refused.value) == (
        f"{path} doesn't contain a whole key: delete it to make a new one. Everyone then has to sign in again."
    )


def test_first_starts_at_once_end_up_with_one_key(tmp_path, monkeypatch):
    """All of them find no key, whichever writes first."""
    monkeypatch.setattr(Path, "exists", lambda path: False)

    with ThreadPoolExecutor(8) as threads:
        keys = set(threads.map(kept_secret_key, [tmp_path / "secret-key"] * 16))

    assert keys == {(tmp_path / "secret-key").read_text()}
    assert modes(tmp_path) == {"secret-key": "0o600"}


def test_a_file_that_cannot_be_written_whole_stays_as_it_was(tmp_path, monkeypatch):
    def fail(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    path = tmp_path / "report.html"
    path.write_bytes(b"The old one")
    monkeypatch.setattr(files.os, "fsync", fail)

    with pytest.raises(OSError, match="No space left"):
        write_whole(path, b"The new one")

    assert path.read_bytes() == b"The old one"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_takes_the_place_of_the_old_one_behind_a_link_too(tmp_path):
    path, link = tmp_path / "report.html", tmp_path / "link.html"
    path.write_bytes(b"The old one")
    link.symlink_to(path)

    write_whole(link, b"The new one")

    assert path.read_bytes() == b"The new one"
    assert link.is_symlink()


def test_a_pipe_is_written_to():
    read, write = os.pipe()
    try:
        write_whole(Path(f"/dev/fd/{write}"), b"The report")

        assert os.read(read, 100) == b"The report"
    finally:
        os.close(read)
        os.close(write)


def test_a_database_on_a_read_only_disk_is_read_and_not_written(tmp_path):
    path = tmp_path / "a folder?" / "tracker.sqlite3"
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as database:
        database.executescript("PRAGMA journal_mode = WAL; CREATE TABLE said (word); INSERT INTO said VALUES ('yes')")
    name = files.name_for_reading(path)

    with closing(sqlite3.connect(name, uri=True)) as database:
        assert database.execute("SELECT word FROM said").fetchall() == [("yes",)]
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            database.execute("INSERT INTO said VALUES ('no')")
    assert name.endswith("tracker.sqlite3?mode=ro&immutable=1")
    # What was written last may stand there alone.
    path.with_name("tracker.sqlite3-wal").write_bytes(b"x")
    assert files.name_for_reading(path).endswith("?mode=ro")
    assert not files.is_on_read_only_disk(path)


def test_a_full_disk_gets_back_what_was_kept_free(tmp_path, monkeypatch):
    room = tmp_path / "room"
    found = []
    for left in (10**9, 10**6, 0, 10**6, 10**9):
        disk = SimpleNamespace(f_bavail=left // 1000, f_frsize=1000)
        monkeypatch.setattr(os, "statvfs", lambda _path, disk=disk: disk)
        files.keep_room(room)
        found.append(room.stat().st_size if room.exists() else None)

    assert found == [files.ROOM, files.ROOM, None, None, files.ROOM]
