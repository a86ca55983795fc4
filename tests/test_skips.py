"""A skip fails where it was asked to: seen from outside, in another pytest with files of its own."""

import subprocess
import sys

import pytest

from tracker.settings import BASE_DIR

pytestmark = pytest.mark.process

SKIPS = """
import pytest

@pytest.mark.skipif(True, reason="no moon tonight")
def test_by_mark():
    pass

def test_in_its_body():
    pytest.skip("too dark to see")

@pytest.mark.xfail(reason="known")
def test_known_fault():
    raise AssertionError
"""
MODULE = 'import pytest\npytest.importorskip("no_such_module")\n'


def run_pytest(folder, *options):
    command = [sys.executable, "-m", "pytest", "-p", "tests.skips", "-p", "no:django", "-c", "/dev/null"]
    command += ["--rootdir", folder, "-p", "no:cacheprovider", "-q", *options, folder]
    run = subprocess.run(command, cwd=BASE_DIR, capture_output=True, text=True, timeout=120)
    return run.returncode, run.stdout


@pytest.mark.parametrize("workers", ["0", "1"])
def test_a_skip_fails_where_asked_and_says_which_and_why(tmp_path, workers):
    (tmp_path / "test_some.py").write_text(SKIPS)
    (tmp_path / "test_module.py").write_text(MODULE)

    code, said = run_pytest(tmp_path, "--fail-on-skip", "--continue-on-collection-errors", "-n", workers)

    assert code == 1
    assert "test_some.py::test_by_mark was not run. Skipped: no moon tonight" in said
    assert "test_some.py::test_in_its_body was not run. Skipped: too dark to see" in said
    assert "test_module.py was not run. Skipped: could not import 'no_such_module'" in said
    assert "1 failed, 1 xfailed, 2 errors" in said


def test_otherwise_a_skip_is_shown(tmp_path):
    (tmp_path / "test_some.py").write_text(SKIPS)

    code, said = run_pytest(tmp_path, "-rs")

    assert code == 0
    assert "no moon tonight" in said
    assert "2 skipped, 1 xfailed" in said
