"""script/update: all packages, or none. What it calls are stand-ins that write down how they were called."""

import runpy
import shutil
import signal
import subprocess
from functools import partial

import pytest

from tracker.settings import BASE_DIR

pytestmark = pytest.mark.process

LOCKS = ("requirements.txt", "requirements-dev.txt")
# As script/bootstrap says how far it is, until it has ended.
TICKING = "while sleep 0.1; do :; done >/dev/null 2>&1 & kill $!; wait $!; true"
UPGRADING = "for lock in requirements.txt requirements-dev.txt; do echo newer >>$lock; done"


class Clone:
    def __init__(self, folder):
        self.folder = folder
        (folder / "script").mkdir()
        (folder / ".venv/bin").mkdir(parents=True)
        shutil.copy(BASE_DIR / "script/update", folder / "script/update")
        for lock in LOCKS:
            (folder / lock).write_text("older\n")
        for tool in ("script/test", "script/audit", ".venv/bin/uv"):
            self.has(tool, "")
        self.has("script/bootstrap", TICKING)
        self.has("script/lock", UPGRADING)
        self.git("init", "--quiet")
        self.git("add", *LOCKS)
        self.git("-c", "user.name=N", "-c", "user.email=n@example.org", "commit", "--quiet", "--message", "Lock")

    def git(self, *arguments):
        subprocess.run(["git", *arguments], cwd=self.folder, check=True)

    def has(self, name, program):
        said = f'echo "{name.rpartition("/")[2]} $* $(cat requirements.txt | tail -n 1)" >>calls'
        (self.folder / name).write_text(f"#!/bin/bash\n{said}\n{program}\n")
        (self.folder / name).chmod(0o755)

    def update(self, *arguments):
        run = subprocess.run(
            ["bash", "script/update", *arguments], cwd=self.folder, capture_output=True, text=True, timeout=60
        )
        return run.returncode, run.stdout, run.stderr

    def calls(self):
        return (self.folder / "calls").read_text().splitlines() if (self.folder / "calls").exists() else []

    def locks(self):
        return {(self.folder / lock).read_text() for lock in LOCKS}


@pytest.fixture
def clone(tmp_path):
    return Clone(tmp_path)


LISTED = "uv pip list --outdated --exclude pip --exclude setuptools newer"


def test_everything_is_locked_installed_checked_and_audited(clone):
    code, said, told = clone.update()

    assert (code, told) == (0, "")
    assert said == "Everything passes with these packages. Commit requirements.txt requirements-dev.txt.\n"
    assert clone.locks() == {"older\nnewer\n"}
    assert clone.calls() == [
        "bootstrap --dev older",
        "lock --upgrade older",
        "bootstrap --dev newer",
        "test  newer",
        LISTED,
        "audit  newer",
    ]


@pytest.mark.parametrize("failing", ["script/test", "script/bootstrap", "script/lock"])
def test_what_fails_goes_back_to_the_packages_of_before(clone, failing):
    before = {"script/lock": UPGRADING, "script/bootstrap": TICKING}.get(failing, "")
    clone.has(failing, f"{before}\n! grep -q newer requirements.txt")

    code, _said, told = clone.update()

    assert code == 1
    assert told == (
        "Going back to the packages of before.\n"
        "The update failed, for the reason above. To try one package alone: script/lock --upgrade-package NAME\n"
    )
    assert clone.locks() == {"older\n"}
    assert clone.calls()[-1] == "bootstrap --dev older"


def test_who_stops_it_goes_back_too(clone):
    clone.has("script/test", "kill -INT -- -$(ps -o pgid= -p $$ | tr -d ' '); sleep 5")

    # What runs in the background ignores it, and so would all that it starts.
    listening = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    run = subprocess.run(
        ["bash", "script/update"],
        cwd=clone.folder,
        capture_output=True,
        text=True,
        process_group=0,
        preexec_fn=listening,
        timeout=60,
    )

    assert run.returncode != 0
    assert clone.locks() == {"older\n"}
    assert clone.calls()[-1] == "bootstrap --dev older"


def test_what_the_audit_finds_is_told_and_undoes_nothing(clone):
    clone.has("script/audit", "exit 3")

    assert clone.update()[0] == 3
    assert clone.locks() == {"older\nnewer\n"}


def test_newer_versions_that_are_not_allowed_are_told(clone):
    clone.has(".venv/bin/uv", "echo Django 5.2 6.0")

    assert clone.update()[1].endswith(
        "There are newer versions, which pyproject.toml or another package doesn't allow:\nDjango 5.2 6.0\n"
    )


def test_where_nothing_is_new_nothing_is_checked(clone):
    clone.has("script/lock", "")

    code, said, _told = clone.update()

    assert (code, said.splitlines()[0]) == (0, "There is nothing to update.")
    assert [call.split()[0] for call in clone.calls()] == ["bootstrap", "lock", "uv", "audit"]


def test_locks_that_are_not_committed_are_kept(clone):
    (clone.folder / "requirements.txt").write_text("own\n")

    code, _said, told = clone.update()

    assert (code, clone.calls()) == (2, [])
    assert told == (
        "requirements.txt or requirements-dev.txt has changes that aren't committed. "
        "Commit them, or undo them: git checkout requirements.txt requirements-dev.txt\n"
    )
    assert (clone.folder / "requirements.txt").read_text() == "own\n"


def test_it_takes_no_arguments(clone):
    assert clone.update("--all") == (2, "", "script/update takes no arguments.\n")


def test_a_lock_says_which_packages_changed():
    both = "six==1 ; python_version < '3.12'\nsix==2 ; python_version >= '3.12'\n"
    before = f"django==5.2.19 \\\n    --hash=sha256:0\n{both}"
    after = f"django==5.2.20 \\\n    --hash=sha256:1\nattrs==1\n{both}"

    changes = runpy.run_path("script/lock")["changes"]

    assert changes(before, after) == ["attrs none → 1", "django 5.2.19 → 5.2.20"]
    assert changes(after, before) == ["attrs 1 → none", "django 5.2.20 → 5.2.19"]
