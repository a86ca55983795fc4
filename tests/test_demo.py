"""script/demo --empty: which plan a folder is for, and what is loaded there. Its commands are stand-ins that are noted.

tests/test_any_plan.py starts a tracker with it and goes on from there.
"""

import shutil
import subprocess

import pytest

pytestmark = pytest.mark.process

PYTHON = """#!/bin/sh
echo "$2" >>calls
case "$2" in render_report) touch "$5" "$7" ;; esac
"""


class Folder:
    """A copy of the tracker in which nothing is installed and nothing is loaded."""

    def __init__(self, path):
        self.path = path
        (path / "script").mkdir()
        shutil.copy("script/demo", path / "script")
        self.program("script/bootstrap", "#!/bin/sh\n")
        (path / ".venv/bin").mkdir(parents=True)
        (path / ".venv/bootstrap").touch()
        (path / "static").mkdir()
        self.program(".venv/bin/python", PYTHON)

    def program(self, name, words):
        (self.path / name).write_text(words)
        (self.path / name).chmod(0o755)

    def demo(self, *options):
        """What it said, and the commands that it ran."""
        (self.path / "calls").write_text("")
        run = subprocess.run(
            ["bash", "script/demo", "--no-serve", *options],
            cwd=self.path,
            capture_output=True,
            text=True,
            timeout=120,
        )
        return run.returncode, run.stdout + run.stderr, (self.path / "calls").read_text().split()


@pytest.fixture
def folder(tmp_path):
    return Folder(tmp_path)


MADE = ["migrate", "collectstatic", "create_demo_user"]
LOADED = ["load_plan", "publish_report", "render_report"]


def test_an_empty_tracker_has_an_administrator_and_no_plan(folder):
    code, said, ran = folder.demo("--empty")

    assert (code, ran) == (0, MADE)
    assert "The first page for staff says how to set it up." in said


def test_a_tracker_that_was_begun_empty_stays_free_of_the_plan_of_2019(folder):
    folder.demo("--empty")

    code, _said, ran = folder.demo()

    assert (code, ran) == (0, MADE)


def test_without_the_option_the_plan_of_2019_is_loaded(folder):
    code, _said, ran = folder.demo()

    assert (code, ran) == (0, [*MADE, *LOADED])


def test_a_tracker_with_the_plan_of_2019_is_not_taken_for_empty(folder):
    folder.demo()

    code, said, ran = folder.demo("--empty")

    assert (code, ran) == (2, [])
    assert "For a plan of your own, use another copy of the tracker, in another folder." in said
