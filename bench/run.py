"""Measures plans of several sizes and prints one table in Markdown; called by script/bench.

What is going on is said on the error output meanwhile, so that the table alone goes to a file.
"""

import argparse
import json
import math
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from . import load, served
from .load import ROOT
from .measure import Figure
from .reach import REACH, SMALL

SIZES = (29, 290, 2900)
UPDATES = (2, 10)
PARTS = ("pages", "served", "documents", "staff", "crowds")

Plan = tuple[int, int]  # recommendations, and updates on each
Table = dict[str, dict[Plan, Figure]]


def measured(plan: Plan, parts: list[str], *, all_pages: bool) -> dict[str, Figure]:
    """The figures of one plan, from an empty database in a folder that is gone afterwards."""
    size, updates = plan
    with tempfile.TemporaryDirectory(prefix="tracker-bench-") as folder:
        environment = {**os.environ, "DATABASE_URL": f"sqlite:///{folder}/bench.sqlite3"}
        told = told_by("django_side", str(size), str(updates), *parts, environment=environment)
        figures = {name: Figure(**figure) for name, figure in told["figures"].items()}
        if "documents" in parts and plan == (SMALL, UPDATES[0]):
            own = {**os.environ, "DATABASE_URL": f"sqlite:///{folder}/real.sqlite3"}
            figures["PDF of the report of 2020, warm"] = Figure(**told_by("real_report", environment=own))
        # The server takes the same time however many updates there are: the bytes are what counts.
        if updates == UPDATES[0] and {"served", "crowds"} & {*parts}:
            figures |= served.measure(environment, told, parts=parts, own=Path(folder), all_pages=all_pages)
    for name, cached in figures.items():
        page, _, how = name.rpartition(", ")
        if how == "cached" and (uncached := figures.get(f"{page}, uncached")):
            figures[f"{page}, uncached"] = replace(uncached, reference=cached.reference)
    return figures


def told_by(module: str, *arguments: str, environment: Mapping[str, str]) -> Any:
    """What a module of ours says in JSON in its last line, run as a process of its own."""
    command = [sys.executable, "-m", f"bench.{module}", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def exponent(cells: Mapping[Plan, Figure]) -> str:
    """By which power of the plan's size a figure grows, from the smallest to the largest plan with as many updates."""
    plans = sorted(plan for plan in cells if plan[1] == UPDATES[0])
    if len(plans) < 2 or not min(cells[plan].seconds for plan in plans) > 0:
        return ""
    first, last = plans[0], plans[-1]
    return f"{math.log(cells[last].seconds / cells[first].seconds) / math.log(last[0] / first[0]):.2f}"


def as_markdown(table: Table, plans: list[Plan]) -> str:
    heads = ["work", *(f"{size:,} × {updates}" for size, updates in plans), "growth", "reach", "met"]
    lines = [heads, ["---"] * len(heads)]
    for name, cells in table.items():
        reaches = REACH.get(name, ())
        said, verdicts = (", ".join(map(str, reaches)), ", ".join(reach.verdict(cells) for reach in reaches))
        row = [str(cells.get(plan, "")) for plan in plans]
        lines.append([name, *row, exponent(cells), said, verdicts])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def machine() -> str:
    """The machine and the programs, in a line."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    nginx = subprocess.run(
        [shutil.which("nginx") or "nginx", "-v"], capture_output=True, text=True, check=False
    ).stderr.strip()
    version = nginx.rpartition("/")[2].split()[0] if nginx else "none"
    commit = subprocess.run(
        [shutil.which("git") or "git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    )
    return (
        f"{time.strftime('%B %Y')}, commit {commit.stdout.strip() or 'unknown'}; {os.cpu_count()} cores"
        f"{f' ({model})' if model else ''}, {platform.system()} {platform.machine()}, load {os.getloadavg()[0]:.1f} "
        f"before; Python {platform.python_version()}, nginx {version}."
    )


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="script/bench", description="Measures plans of so many recommendations.")
    parser.add_argument("sizes", nargs="*", type=int, default=SIZES, help="29, 290 and 2,900 unless told")
    parser.add_argument("--only", action="append", choices=PARTS, help="measure this part; may be given again")
    return parser


def main() -> None:
    options = arguments().parse_args()
    parts = options.only or [*PARTS]
    load.find_tools()
    subprocess.run(
        [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity", "0"], cwd=ROOT, check=True
    )
    said, begun = machine(), time.monotonic()
    plans = [(size, updates) for size in sorted(options.sizes) for updates in UPDATES]
    table: Table = {}
    for plan in plans:
        print(f"{plan[0]:,} recommendations × {plan[1]} updates …", file=sys.stderr, flush=True)
        for name, figure in measured(plan, parts, all_pages=plan[0] == min(options.sizes)).items():
            table.setdefault(name, {})[plan] = figure
    minutes = (time.monotonic() - begun) / 60
    print(f"{said} It took {minutes:.0f} minutes.\n\n{as_markdown(table, plans)}")


if __name__ == "__main__":
    main()
