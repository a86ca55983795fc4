"""script/upgrade, wherever it fails or is killed: the code, the units and the database are those of before, or all new.

It runs under a root of its own, where systemd, the database and the new release's commands are stand-ins.
"""

import os
import shutil
import subprocess
import time
from types import SimpleNamespace

import pytest

from tracker.settings import BASE_DIR

pytestmark = pytest.mark.process

STANDINS = {
    "chown": "",
    "id": "echo 0",
    "install": 'mkdir -p "${!#}"',
    "nginx": "",
    "sync": "",
    # The site answers as the release does that it is started from.
    "systemctl": """
echo "systemctl $*" >>"$TRACKER_ROOT/calls"
if [ "$*" = "restart tracker-web.service" ] && [ "${KILLED_AT-}" = start ]; then kill -9 0; fi
""",
}
MANAGE = """#!/bin/bash
version=$(cat "$(dirname "$0")/../version") data=$TRACKER_ROOT/var/lib/tracker
echo "$version $*" >>"$TRACKER_ROOT/calls"
if [ "$1" = "${FAILS_AT-}" ]; then exit 1; fi
case $1 in
  create_backup_key) echo "# public key: age1once" >"$2" ;;
  backup) echo "$UPGRADE_KEY: $(cat "$data/database")" >"$2/tracker-20261127T120000Z.backup.age"
    echo "of today" >"$2/tracker-ledger.jsonl" ;;
  migrate) echo "migrated" >"$data/database" ;;
  restore) sed "s/age1once: //" "${!#}" >"$data/database" ;;
esac
if [ "$1" = "${KILLED_AT-}" ]; then kill -9 0; fi
if [ "$1" = "${KILLED_ALONE_AT-}" ]; then kill -9 $PPID; fi
if [ "$1" = "${FAILS_AFTER-}" ]; then exit 1; fi
"""
BUILD = """#!/bin/bash
cd "$(dirname "$0")/.."
mkdir -p var .venv/bin
touch var/made-by-settings
printf '#!/bin/bash\\n[ "${FAILS_AT-}" != start ] || grep -q 1 "%s/version"\\n' "$PWD" >.venv/bin/python
chmod +x .venv/bin/python
if [ "${FAILS_AT-}" = build ]; then exit 1; fi
"""


def code(folder, *, version):
    """The tracker of a version, as far as an upgrade looks at it; each version has a unit that the other lacks."""
    units, shipped = folder / "deploy/units", BASE_DIR / "deploy"
    shutil.copytree(shipped / "units/tracker-.service.d", units / "tracker-.service.d")
    shutil.copy(shipped / "units/tracker-web.service", units)
    shutil.copy(shipped / "units/tracker-remind.timer", units / f"tracker-only-{version}.timer")
    for name in ("nginx.conf", "steps.sh"):
        shutil.copy(shipped / name, folder / "deploy")
    (folder / "version").write_text(f"{version}\n")
    (folder / "script").mkdir()
    shutil.copy(BASE_DIR / "script/upgrade", folder / "script")
    for name, text in (("manage", MANAGE), ("build", BUILD)):
        (folder / "script" / name).write_text(text)
        (folder / "script" / name).chmod(0o755)
    return folder


def until(there):
    for _tenth in range(300):
        if there():
            return
        time.sleep(0.1)
    raise AssertionError("It takes too long.")


class Server:
    """One where version 1 runs, and version 2 is in the folder `new`."""

    def __init__(self, root):
        self.root, self.home, self.data = root, root / "opt/tracker", root / "var/lib/tracker"
        self.before = code(self.home / "releases/20261101-000000", version=1)
        self.new = code(root / "new", version=2)
        for folder in (self.data, root / "etc/tracker", root / "etc/systemd/system", root / "bin"):
            folder.mkdir(parents=True)
        for folder in ("available", "enabled"):
            (root / f"etc/nginx/sites-{folder}").mkdir(parents=True)
        (root / "etc/tracker/environment").write_text(
            "ALLOWED_HOSTS=t.example.org\nBACKUP_KEYS=age1one\nTIME_ZONE=Europe/Paris\n"
            "SERVE_OPTIONS='--port 8000 --workers 1'\n"
        )
        for name, text in STANDINS.items():
            (root / "bin" / name).write_text(f"#!/bin/bash\n{text}\n")
            (root / "bin" / name).chmod(0o755)
        self.environment = {"PATH": f"{root / 'bin'}:{os.environ['PATH']}", "TRACKER_ROOT": str(root)}
        subprocess.run([self.before / "script/build"], env=self.environment, check=True)
        (self.before / "made").write_text("1\n")
        (self.home / "current").symlink_to(self.before)
        (self.data / "database").write_text("as before\n")

    def upgrade(self, *arguments, by=None, **environment):
        run = subprocess.run(
            [by or self.home / "current/script/upgrade", *(arguments or [self.new])],
            env=self.environment | environment,
            capture_output=True,
            text=True,
            timeout=30,
            # Where the machine stops, all of it does.
            start_new_session=True,
        )
        return SimpleNamespace(code=run.returncode, said=run.stdout, told=run.stderr)

    def state(self):
        """The version of the code, the words in the database, and of which version there are units."""
        units = sorted(path.name for path in (self.root / "etc/systemd/system").glob("*only*"))
        version = (self.home / "current/version").read_text().strip()
        return version, (self.data / "database").read_text().strip(), units

    def calls(self):
        return (self.root / "calls").read_text().splitlines()


BEFORE = ("1", "as before", ["tracker-only-1.timer"])
AFTER = ("2", "migrated", ["tracker-only-2.timer"])


@pytest.fixture
def server(tmp_path):
    return Server(tmp_path)


def test_an_upgrade_backs_up_migrates_verifies_and_leaves_nothing_to_heal(server):
    run = server.upgrade()

    assert (run.code, run.told, server.state()) == (0, "", AFTER)
    assert run.said.endswith("The tracker is upgraded.\n")
    done = [call.split()[1] for call in server.calls() if call[0] in "12"]
    assert done == ["create_backup_key", "backup", "migrate", "check", "verify_editions"]
    backup, ledger = sorted((server.data / "backups").iterdir())
    assert (backup.read_text(), ledger.read_text()) == ("age1once: as before\n", "of today\n")
    assert not (server.home / "upgrading").exists()
    assert not (server.data / "upgrade").exists()
    assert (server.home / "current/var").resolve() == server.data


def test_the_ledger_beside_the_backups_is_never_replaced_by_a_shorter_one(server):
    (server.data / "backups").mkdir()
    kept = server.data / "backups/tracker-ledger.jsonl"
    kept.write_text("of long ago\n")

    run = server.upgrade()

    assert (run.code, kept.read_text()) == (0, "of long ago\n")
    assert {path.name for path in kept.parent.iterdir()} == {kept.name, "tracker-20261127T120000Z.backup.age"}


def test_the_new_code_upgrades_where_the_old_code_cannot(server):
    (server.before / "deploy/steps.sh").write_text("exit 1\n")

    run = server.upgrade("--name", "tracker", server.new, by=server.new / "script/upgrade")

    assert (run.code, server.state()) == (0, AFTER)


@pytest.mark.parametrize("step", ["build", "backup", "migrate", "verify_editions", "start"])
def test_what_fails_goes_back_to_what_was_before(server, step):
    run = server.upgrade(FAILS_AT=step)

    assert run.code != 0
    assert run.told.endswith("The upgrade failed, for the reason above. The tracker is what it was before.\n")
    assert server.state() == (BEFORE if step != "build" else (*BEFORE[:2], []))
    assert [path.name for path in (server.home / "releases").iterdir()] == [server.before.name]
    assert not (server.home / "upgrading").exists()
    assert step == "build" or "systemctl restart tracker-web.service" in server.calls()[-8:]


def test_an_edition_that_is_not_as_it_was_published_keeps_an_upgrade_away_but_not_the_site(server):
    """`backup` then fails once its file is there, and `restore` would fail too: there is nothing to go back to."""
    run = server.upgrade(FAILS_AFTER="backup")

    assert run.told.endswith("The upgrade failed, for the reason above. The tracker is what it was before.\n")
    assert server.state() == BEFORE
    assert not [call for call in server.calls() if call.startswith("1 restore")]
    assert "systemctl restart tracker-web.service" in server.calls()[-8:]


@pytest.mark.parametrize("step", ["backup", "migrate"])
def test_what_is_killed_goes_back_at_the_next_start(server, step):
    killed = server.upgrade(KILLED_AT=step)
    restarts = len([call for call in server.calls() if "restart" in call])

    run = server.upgrade("--heal", STARTING="starting")

    assert (killed.code, run.code, server.state()) == (-9, 0, BEFORE)
    assert not (server.home / "upgrading").exists()
    assert not (server.data / "upgrade").exists()
    # The unit that asks for it starts by itself.
    assert len([call for call in server.calls() if "restart" in call]) == restarts


def test_what_is_killed_alone_goes_back_by_itself(server):
    killed = server.upgrade(KILLED_ALONE_AT="migrate")

    until(lambda: not (server.home / "upgrading").exists())
    assert (killed.code, server.state()) == (-9, BEFORE)
    assert "systemctl restart tracker-web.service" in server.calls()
    assert (server.home / "upgrade.log").read_text().startswith("An upgrade was stopped on its way.\nGoing back to")


def test_no_backup_is_made_that_nobody_could_open(server):
    environment = server.root / "etc/tracker/environment"
    environment.write_text(environment.read_text().replace("age1one", ""))

    run = server.upgrade()

    assert run.code == 1
    assert run.told.startswith("Nothing was done: BACKUP_KEYS in ")
    assert server.state() == (*BEFORE[:2], [])


def test_a_second_run_heals_what_was_killed_and_upgrades(server):
    server.upgrade(KILLED_AT="migrate")

    run = server.upgrade()

    assert (run.code, server.state()) == (0, AFTER)
    assert "An upgrade was stopped on its way.\nGoing back to" in run.told


def test_a_release_that_may_have_been_written_to_is_not_gone_back_from(server):
    server.upgrade(KILLED_AT="start")
    (server.data / "database").write_text("written since\n")

    run = server.upgrade("--heal")

    assert (run.code, server.state()) == (0, ("2", "written since", AFTER[2]))


def test_what_was_gone_back_to_and_written_to_since_stays(server):
    server.upgrade(KILLED_AT="migrate")
    server.upgrade("--heal", KILLED_AT="start")
    (server.data / "database").write_text("written since\n")

    run = server.upgrade("--heal")

    assert (run.code, server.state()) == (0, ("1", "written since", BEFORE[2]))


def test_what_cannot_go_back_is_kept_for_the_next_try(server):
    manage = server.before / "script/manage"
    manage.write_text(MANAGE.replace('if [ "$1" = ', 'if [ "$1" = restore ] || [ "$1" = ', 1))

    run = server.upgrade(FAILS_AT="check")

    assert "It couldn't go back" in run.told
    assert (server.home / "upgrading").exists()
    assert [*(server.data / "upgrade").glob("*.age")]

    manage.write_text(MANAGE)
    assert server.upgrade("--heal").code == 0
    assert server.state() == BEFORE


def test_two_upgrades_are_not_made_at_once(server):
    with subprocess.Popen(
        ["flock", server.home / "lock", "cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    ) as other:
        print("locked", file=other.stdin)
        other.stdout.readline()
        second, healing = server.upgrade(), server.upgrade("--heal")

    assert (second.code, second.told) == (1, "Another upgrade is running.\n")
    assert (healing.code, healing.told, healing.said) == (0, "", "")
