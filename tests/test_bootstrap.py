"""script/bootstrap on a machine where everything is missing: what it asks for, and what it says while it works.

It runs in a copy of its own, where the commands it calls are stand-ins that write down how they were called.
"""

import re
import shutil
import subprocess

import pytest

from tracker.settings import BASE_DIR

pytestmark = pytest.mark.process

TOOLS = ("bash", "cat", "dirname", "env", "mktemp", "readlink", "rm", "tail", "tr")
PACKAGES = "python3.11-venv libpangoft2-1.0-0 chromium libatomic1 libharfbuzz-subset0"
# A Python without its venv module, in which no library is found until apt-get has installed it. Its pip works until
# two more lines of progress are out, however slow the machine is: each comes before the next sleep.
PYTHON = """
case "$*" in
  *ensurepip*) [ -f installed ] ;;
  *ctypes*) [ -f installed ] ;;
  *version_info*print*|*print*version_info*) echo python3.11-venv ;;
  --version) echo Python 3.11.2 ;;
  "-m venv .venv") mkdir -p .venv/bin; cp "$0" .venv/bin/python ;;
  *pip*)
    echo Downloading a large wheel
    before=$(/bin/grep -c ^sleep calls)
    for ((turn = 0; turn < 200; turn++)); do
      [ "$(/bin/grep -c ^sleep calls)" -lt $((before + 2)) ] || break
      /bin/sleep 0.1
    done
    [ ! -f broken ] || exit 1
    ;;
esac
"""
STANDINS = {
    "python3.11": PYTHON,
    "apt-get": 'case "$*" in *install*) touch installed ;; esac',
    "apt-cache": "echo Package: known",
    "chromium": "[ -f installed ]",
    "id": "echo ${USER_ID:-1000}",
    "mkdir": 'exec /bin/mkdir "$@"',
    "sleep": "exec /bin/sleep 0.2",
    "touch": 'exec /bin/touch "$@"',
    "cp": 'exec /bin/cp "$@"',
    "uname": "echo Linux",
}


class Machine:
    def __init__(self, folder):
        self.folder, self.bin, self.calls = folder, folder / "bin", folder / "calls"
        (folder / "script").mkdir()
        self.bin.mkdir()
        shutil.copy(BASE_DIR / "script/bootstrap", folder / "script/bootstrap")
        for lock in ("requirements.txt", "requirements-dev.txt"):
            (folder / lock).touch()
        for tool in TOOLS:
            (self.bin / tool).symlink_to(shutil.which(tool))
        for name, program in STANDINS.items():
            self.has(name, program)

    def has(self, name, program):
        (self.bin / name).write_text(f'#!/bin/bash\necho "${{0##*/}} $*" >>{self.calls}\n{program}\n')
        (self.bin / name).chmod(0o755)

    def bootstrap(self, *arguments, user_id=1000):
        run = subprocess.run(
            ["bash", "script/bootstrap", *arguments],
            cwd=self.folder,
            env={"PATH": str(self.bin), "USER_ID": str(user_id)},
            capture_output=True,
            text=True,
            timeout=120,
        )
        return run.returncode, run.stdout, run.stderr

    def called(self, word):
        return [line for line in self.calls.read_text().splitlines() if word in line]


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path)


def test_who_may_not_install_is_told_once_before_pip_of_everything_and_how_root_installs_it(machine):
    code, said, told = machine.bootstrap("--dev")

    assert (code, machine.called("-m pip"), machine.called("apt-get")) == (1, [], [])
    assert said.count("\n  ") == len(PACKAGES.split())
    assert told.splitlines() == [
        "Root installs all of it with:",
        f"  apt-get update && apt-get install -y --no-install-recommends {PACKAGES}",
        "Then run this again.",
    ]


def test_sudo_is_named_where_there_is_one(machine):
    machine.has("sudo", "exit 1")

    code, _said, told = machine.bootstrap("--dev")

    command = f"apt-get update && apt-get install -y --no-install-recommends {PACKAGES}"
    assert (code, f"  {command}\n" in told, f"  sudo sh -c '{command}'\n" in told) == (1, True, True)


def test_to_run_it_nothing_is_asked_that_only_tests_need(machine):
    code, said, told = machine.bootstrap()

    assert (code, "Chromium" in said, "chromium" in told, "libatomic" in told) == (1, False, False, False)
    assert "python3.11-venv libpangoft2-1.0-0 libharfbuzz-subset0" in told


def test_where_even_python_is_missing_it_is_asked_for_with_the_rest(machine):
    (machine.bin / "python3.11").unlink()

    code, _said, told = machine.bootstrap()

    assert (code, "python3 python3-venv libpangoft2-1.0-0 libharfbuzz-subset0" in told) == (1, True)


def test_without_harfbuzz_alone_it_goes_on(machine):
    missing = PYTHON.replace("*ctypes*)", "*libharfbuzz*) false ;; *ctypes*)")
    machine.has("python3.11", missing)
    (machine.folder / "installed").touch()

    code, _said, told = machine.bootstrap()

    assert (code, "install -y --no-install-recommends libharfbuzz-subset0" in told) == (0, True)


def test_root_installs_everything_in_one_go_before_pip(machine):
    code, _said, told = machine.bootstrap("--dev", user_id=0)

    (installed,) = machine.called("install -y")
    assert (code, told) == (0, "")
    assert installed.endswith(f"--no-install-recommends {PACKAGES}")
    assert machine.calls.read_text().index("install -y") < machine.calls.read_text().index("-m pip")


def test_it_says_every_few_seconds_how_far_a_long_step_is(machine):
    """The stand-in for sleep returns early; the real one is asked for at most 20 seconds."""
    (machine.folder / "installed").touch()

    code, said, _told = machine.bootstrap()

    assert code == 0
    assert re.search(r"\nInstalling what requirements.txt lists\n  \d+ s: Downloading a large wheel\n", said)
    assert all(int(call.split()[1]) <= 20 for call in machine.called("sleep"))


def test_what_fails_says_why(machine):
    (machine.folder / "installed").touch()
    (machine.folder / "broken").touch()

    code, _said, told = machine.bootstrap()

    assert code == 1
    assert told.startswith("Downloading a large wheel\npip could not install what requirements.txt lists.")
