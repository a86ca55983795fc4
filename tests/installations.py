"""Trackers in folders of their own, each with its own database, beside the one that the tests run in."""

import os
import shutil
import socket
import sys
from contextlib import suppress
from itertools import count
from pathlib import Path

from tests.environment import VARIABLES

PORTS = count(20_000 + os.getpid() % 10_000)
LINKED = ("docs", "fixtures", "locale", "recommendations", "static", "templates")


def copied(folder):
    """The tracker in `folder`, with no var/ yet: only what says where it is has to be copied."""
    shutil.copytree("tracker", folder / "tracker", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy("manage.py", folder)
    for name in LINKED:
        if (path := Path(name).resolve()).exists():
            (folder / name).symlink_to(path)
    return folder


def bootstrapped(folder):
    """A copy as script/bootstrap leaves it: with the environment that the tests run in, and nothing to install."""
    (folder / ".venv").symlink_to(sys.prefix)
    (folder / "script").mkdir()
    shutil.copy("script/demo", folder / "script")
    (folder / "script/bootstrap").write_text("#!/bin/sh\n")
    (folder / "script/bootstrap").chmod(0o755)
    return folder


def clean_environment():
    """What a terminal has in which nobody has set anything."""
    kept = {name: value for name, value in os.environ.items() if name not in VARIABLES}
    return {name: value for name, value in kept.items() if not name.startswith("DJANGO_")}


def free_port():
    """A port that nothing has, below those that systems give away by themselves: it is still free when it is used."""
    while True:
        with socket.socket() as taken, suppress(OSError):
            taken.bind(("127.0.0.1", port := next(PORTS)))
            return port
