"""What script/install puts on a server, by value: its units fit the code, and no two installations share a name."""

import datetime as dt
import os
import re
import subprocess
from collections import defaultdict
from pathlib import Path
from unittest import mock
from zoneinfo import ZoneInfo, available_timezones

import pytest
from django.core.management import get_commands, load_command_class

from tests.environment import VARIABLES
from tracker import environment, serving
from tracker.settings import BASE_DIR

UNITS = BASE_DIR / "deploy/units"
OPERATIONS = (BASE_DIR / "docs/operations.md").read_text(encoding="utf-8")
INSTALL = (BASE_DIR / "script/install").read_text()
CONTAINERFILE = (BASE_DIR / "Containerfile").read_text()
SCRIPTS = [path for path in (BASE_DIR / "script").iterdir() if path.read_text().startswith("#!/usr/bin/env bash\n")]


def unit(name):
    """The settings of a unit, each with the list of its values, whichever section they stand in."""
    found = defaultdict(list)
    for line in (UNITS / name).read_text().splitlines():
        if line and line[0] not in "#[":
            key, _is, value = line.partition("=")
            found[key].append(value)
    return found


WEB, JOB, BACKUP = map(unit, ("tracker-web.service", "tracker-job@.service", "tracker-backup.service"))
HARDENING = unit("tracker-.service.d/hardening.conf")
TIMERS = {path.name: unit(path.name) for path in UNITS.glob("*.timer")}


def in_the_words_of(root, *paths, name="housing", port=8001):
    """Files of deploy/ as script/install writes them for an installation of that name."""
    (root / f"etc/{name}").mkdir(parents=True, exist_ok=True)
    (root / f"etc/{name}/environment").write_text(
        "ALLOWED_HOSTS=plan.tracker.example.com,www.example.com\nTIME_ZONE=Europe/Paris\n"
        f"SERVE_OPTIONS='--port {port} --workers 1'\n"
    )
    script = f'. deploy/steps.sh; name_all {name}; for file in "$@"; do in_our_words "$file"; printf "\\0"; done'
    environment = {"PATH": "/usr/bin:/bin", "TRACKER_ROOT": str(root)}
    command = ["bash", "-e", "-c", script, "bash", *map(str, paths)]
    run = subprocess.run(command, cwd=BASE_DIR, env=environment, capture_output=True, text=True, check=True)
    return run.stdout.split("\0")[:-1]


def test_the_site_is_served_by_the_command_that_checks_and_has_the_time_to_stop_that_it_takes():
    assert WEB["ExecStart"] == ["/opt/tracker/current/.venv/bin/python manage.py serve $SERVE_OPTIONS"]
    assert int(*WEB["TimeoutStopSec"]) > serving.STOP
    assert (WEB["Restart"], WEB["StartLimitIntervalSec"]) == (["always"], ["0"])


def test_its_options_are_those_of_the_command():
    options = re.search(r"\"SERVE_OPTIONS='(.*?)'\"", INSTALL)[1]
    filled = options.replace("$port", "8001").replace("$workers", "2").split()

    parsed = load_command_class("recommendations", "serve").create_parser("manage.py", "serve").parse_args(filled)

    assert (parsed.port, parsed.workers, parsed.threads) == (8001, 2, 8)


def test_each_timer_runs_a_command_that_is_there_and_each_daily_and_weekly_command_has_one():
    jobs = [
        re.fullmatch(r"tracker-job@(\w+)\.service", *timer["Unit"])[1] for timer in TIMERS.values() if timer["Unit"]
    ]

    assert JOB["ExecStart"] == ["/opt/tracker/current/.venv/bin/python manage.py %i"]
    assert set(jobs) <= set(get_commands())
    assert set(re.findall(r"manage\.py (\w+)`[^.]*once a (?:day|week)", OPERATIONS)) <= set(jobs)
    assert {name for name, timer in TIMERS.items() if not timer["Unit"]} == {"tracker-backup.timer"}
    assert BACKUP["ExecStart"] == ["/opt/tracker/current/.venv/bin/python manage.py backup /var/lib/tracker/backups"]
    assert {"remind", "end_notes", "clean_up", "verify_editions", "check_links"} <= set(jobs)


@pytest.mark.parametrize("name", TIMERS)
def test_a_timer_makes_up_for_what_was_missed_in_the_time_zone_of_the_site(name):
    assert TIMERS[name]["Persistent"] == ["true"]
    assert TIMERS[name]["OnCalendar"][0].endswith(" America/Toronto")
    assert TIMERS[name]["WantedBy"] == ["timers.target"]


def test_no_time_zone_leaves_out_a_timer_on_the_day_when_clocks_go_forward():
    """systemd waits for the next day where clocks skip the time: `systemd-analyze calendar "03:40 Europe/Helsinki"`."""
    at = {name: dt.time.fromisoformat(timer["OnCalendar"][0].split()[-2]) for name, timer in TIMERS.items()}
    days = [dt.date(2026, 1, 1) + dt.timedelta(days=number) for number in range(366)]
    left_out = set()
    for zone in map(ZoneInfo, available_timezones()):
        noons = [dt.datetime.combine(day, dt.time(12), zone).utcoffset() for day in days]
        for day in (day for day, before, after in zip(days[1:], noons, noons[1:], strict=False) if before < after):
            for name, time in at.items():
                # Clocks may change in the evening of the day before, too.
                for local in (dt.datetime.combine(one, time, zone) for one in (day - dt.timedelta(days=1), day)):
                    if local.astimezone(dt.UTC).astimezone(zone) != local:
                        left_out.add((name, zone.key))

    assert left_out == set()


def test_units_write_to_what_is_stored_and_to_nothing_else():
    assert HARDENING["User"] == ["tracker"]
    assert HARDENING["WorkingDirectory"] == ["/opt/tracker/current"]
    assert HARDENING["EnvironmentFile"] == ["/etc/tracker/environment"]
    assert (HARDENING["StateDirectory"], HARDENING["StateDirectoryMode"]) == (["tracker tracker/backups"], ["0700"])
    assert (HARDENING["ProtectSystem"], HARDENING["ProtectHome"], HARDENING["PrivateTmp"]) == (
        ["strict"],
        ["yes"],
        ["yes"],
    )
    assert "ReadWritePaths" not in HARDENING
    assert HARDENING["NoNewPrivileges"] == HARDENING["MemoryDenyWriteExecute"] == ["yes"]
    assert HARDENING["CapabilityBoundingSet"] == [""]
    # The process that makes PDFs lowers its own limits and priority.
    assert HARDENING["SystemCallFilter"] == ["@system-service", "~@privileged"]


def test_a_second_installation_shares_no_name_with_the_first(tmp_path):
    paths = [*sorted(UNITS.rglob("*.*")), BASE_DIR / "deploy/nginx.conf"]
    files = [path for path in paths if path.is_file()]

    for text in in_the_words_of(tmp_path, *files):
        said = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
        assert "tracker" not in said.replace("plan.tracker.example.com", "")
        assert "America/Toronto" not in said
        assert "8000" not in said


def test_what_an_installation_that_is_named_tracker_gets_differs_in_host_port_and_zone_alone(tmp_path):
    shipped = (BASE_DIR / "deploy/nginx.conf").read_text()

    (written,) = in_the_words_of(tmp_path, BASE_DIR / "deploy/nginx.conf", name="tracker", port=8000)

    assert written == shipped.replace("tracker.example.org", "plan.tracker.example.com")


@pytest.mark.parametrize("name", ["Tracker", "a-b", "9to5", "../etc", "", "a" * 21])
def test_a_name_that_would_not_do_is_refused(name):
    run = subprocess.run(
        ["bash", "-c", '. deploy/steps.sh; name_all "$1"', "bash", name], cwd=BASE_DIR, capture_output=True, text=True
    )

    assert (run.returncode, run.stderr) == (
        1,
        f"A name is small letters and digits, such as housing, not '{name}'.\n",
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--hots", "x"], "script/install doesn't know --hots."),
        (["--host"], "--host needs a value."),
        (["--host", "tracker"], "A host name is like tracker.example.org, not 'tracker'."),
        (["--host", "t.example.org; true"], "A host name is like tracker.example.org, not 't.example.org; true'."),
        (["--email", "maria"], "An e-mail address is like you@example.org, not 'maria'."),
        (["--port", "80"], "The port is a number from 1000 to 65535, not '80'."),
    ],
)
def test_an_argument_that_would_not_do_is_refused_before_anything_is_touched(tmp_path, arguments, said):
    (tmp_path / "bin").mkdir()
    for name, program in (("id", "echo 0"), ("apt-get", "exit 9")):
        (tmp_path / "bin" / name).write_text(f"#!/bin/sh\n{program}\n")
        (tmp_path / "bin" / name).chmod(0o755)
    good = ["--host", "t.example.org", "--time-zone", "Europe/Paris", "--email", "m@example.org"]
    environment = {"PATH": f"{tmp_path}/bin:/usr/bin:/bin", "TRACKER_ROOT": str(tmp_path)}

    run = subprocess.run(
        ["bash", "script/install", *good, *arguments],
        cwd=BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )

    assert (run.returncode, run.stderr.splitlines()[0], run.stdout) == (2, said, "")
    assert [path.name for path in tmp_path.iterdir()] == ["bin"]


def test_the_environment_file_holds_nothing_that_the_tracker_does_not_read():
    written = INSTALL.split("write_environment() {")[1].split("\n}\n")[0]
    names = set(re.findall(r'"([A-Z_]+)=', written))

    assert names - {"SERVE_OPTIONS"} <= set(VARIABLES)
    assert {"SECRET_KEY", "ALLOWED_HOSTS", "SITE_URL", "TIME_ZONE", "DATABASE_URL", "BACKUP_KEYS"} < names


def test_a_container_has_no_compiler_runs_as_nobody_and_keeps_what_is_stored_apart():
    assert not re.search(r"\b(gcc|build-essential|python3-dev|make)\b", CONTAINERFILE)
    last = CONTAINERFILE.split("\nFROM ")[-1]
    assert re.search(r"^USER 10001:10001$", last, re.MULTILINE)
    assert re.search(r"^VOLUME /opt/tracker/var$", last, re.MULTILINE)
    assert "pip" not in last
    assert {"var", ".venv", ".git"} < set((BASE_DIR / ".containerignore").read_text().split())
    # The commands in the docs keep it, and nothing else can be written to.
    commands = re.findall(r"^    (podman run .*)$", OPERATIONS, re.MULTILINE)
    assert all(" -v tracker:/opt/tracker/var " in command for command in commands)
    (serves,) = [command for command in commands if command.startswith("podman run -d ")]
    assert " --read-only --tmpfs /tmp --cap-drop all " in serves
    assert {"migrate", "createsuperuser", "backup", "restore"} <= set(" ".join(commands).split())
    assert last.endswith('CMD ["serve", "--host", "0.0.0.0"]\n')


@pytest.mark.parametrize("path", [*SCRIPTS, Path(BASE_DIR / "deploy/steps.sh")], ids=lambda path: path.name)
def test_each_script_can_be_read_by_bash(path):
    subprocess.run(["bash", "-n", path], check=True)


def test_postgresql_is_reached_over_a_socket_of_the_machine():
    address = re.search(r'"DATABASE_URL=(\S+?)"', INSTALL)[1].replace("$name", "housing")

    with mock.patch.dict(os.environ, {"DATABASE_URL": address}):
        found = environment.database("DATABASE_URL", default=Path("unused"))

    assert (found["ENGINE"], found["HOST"], found["NAME"]) == (
        "django.db.backends.postgresql",
        "/run/postgresql",
        "housing",
    )
