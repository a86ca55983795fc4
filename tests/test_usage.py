"""Each script says how it is used when it is asked, and that an argument is wrong before it does anything."""

import runpy
import shutil
import subprocess
import sys

import pytest

from bench import run as bench
from tracker.settings import BASE_DIR

BASH = ("bootstrap", "build", "demo", "install", "pictures", "soak", "statements", "update")
PYTHON = {name: runpy.run_path(f"script/{name}")["arguments"] for name in ("audit", "faults", "lock")}
PARSERS = {**PYTHON, "bench": bench.arguments}


def run(folder, name, argument):
    """In a folder with nothing else, where a script that goes on gets nowhere."""
    (folder / "script").mkdir()
    shutil.copy(BASE_DIR / f"script/{name}", folder / "script")
    shutil.copytree(BASE_DIR / "deploy", folder / "deploy")
    environment = {"PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        ["bash", f"script/{name}", argument], cwd=folder, env=environment, capture_output=True, text=True
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.process
@pytest.mark.parametrize("name", [*BASH, "test"])
def test_a_script_says_how_it_is_used(tmp_path, name):
    code, said, told = run(tmp_path, name, "--help")

    assert (code, told) == (0, "")
    assert f"script/{name}" in said.splitlines()[0]
    assert "#" not in said
    assert "set -euo" not in said


@pytest.mark.process
@pytest.mark.parametrize("name", BASH)
def test_a_script_says_that_an_argument_is_wrong(tmp_path, name):
    code, said, told = run(tmp_path, name, "--hots")

    assert (code, said) == (2, "")
    assert told.splitlines()[0].startswith(f"script/{name} ")
    assert told.splitlines()[0].endswith(".")


@pytest.mark.parametrize("name", PARSERS)
def test_a_script_of_pythons_does_so_too(name, capsys):
    for argument, code in (("--help", 0), ("--hots", 2)):
        with pytest.raises(SystemExit) as ended:
            PARSERS[name]().parse_args([argument])
        assert ended.value.code == code

    said, told = capsys.readouterr()
    assert said.startswith(f"usage: script/{name} ")
    assert told.splitlines()[-1] == f"script/{name}: error: unrecognized arguments: --hots"


@pytest.mark.process
@pytest.mark.parametrize("arguments", [[], ["--help"], ["folder", "seal", "more"]])
def test_the_script_that_is_given_away_says_how_it_is_used(arguments):
    done = subprocess.run([sys.executable, "script/check-editions", *arguments], capture_output=True, text=True)

    assert (done.returncode, done.stdout) == (1, "")
    assert "script/check-editions FOLDER [SEAL]" in done.stderr.splitlines()[0]


@pytest.mark.process
def test_a_lock_that_can_not_be_written_is_told_without_a_traceback(tmp_path):
    (tmp_path / "script").mkdir()
    (tmp_path / ".venv/bin").mkdir(parents=True)
    shutil.copy(BASE_DIR / "script/lock", tmp_path / "script")
    (tmp_path / "requirements-dev.txt").touch()
    (tmp_path / ".venv/bin/uv").write_text("#!/bin/sh\necho no network >&2\nexit 2\n")
    (tmp_path / ".venv/bin/uv").chmod(0o755)

    done = subprocess.run([sys.executable, "script/lock"], cwd=tmp_path, capture_output=True, text=True)

    assert (done.returncode, done.stderr) == (
        1,
        "no network\nuv could not write requirements.txt, for the reason above.\n",
    )
