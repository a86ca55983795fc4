"""How a figure is measured: the CPU time of processes, as Linux counts it, in several runs; its median and spread."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Figure:
    """Seconds of CPU from several runs; of a clock for crowds, or megabytes, where `unit` says so.

    `reference` is what nginx takes for the same bytes, `beside` what else a cell says.
    """

    runs: list[float]
    reference: float | None = None
    beside: str = ""
    unit: str = "s"

    @property
    def seconds(self) -> float:
        return median(self.runs)

    @property
    def share(self) -> float | None:
        """How many of nginx's requests fit into the same CPU time, 1 for as many."""
        return self.reference / max(self.seconds, 1e-9) if self.reference else None

    def __str__(self) -> str:
        if self.unit != "s":
            return f"{self.seconds:.0f} {self.unit}"
        spread = f" ± {amount((max(self.runs) - min(self.runs)) / 2)}" if len(self.runs) > 1 else ""
        share = f", {self.share:.2g} ×" if self.share and self.share >= 1.5 else ""
        if self.share and not share:
            share = f", {self.share * 100:.2g} %" if self.share < 0.1 else f", {self.share * 100:.0f} %"
        return f"{amount(self.seconds)}{spread}{share}{', ' if self.beside else ''}{self.beside}"


def amount(seconds: float) -> str:
    """Seconds with two or three digits that mean something: 48 µs, 7.3 ms, 1.2 s."""
    for unit, size in (("µs", 1e-6), ("ms", 1e-3)):
        if seconds < 999 * size:
            return f"{seconds / size:.{0 if seconds >= 9.95 * size or unit == 'µs' else 1}f} {unit}"
    return f"{seconds:.{0 if seconds >= 99.5 else 1 if seconds >= 9.95 else 2}f} s"


def runs_of(act: Callable[[], object], *, times: int, spent: Callable[[], float] = time.process_time) -> list[float]:
    """What each of so many runs of `act` added to `spent`: the CPU seconds of this process, unless told."""
    runs = []
    for _number in range(times):
        before = spent()
        act()
        runs.append(spent() - before)
    return runs


def family(pid: int) -> list[int]:
    """The process `pid`, what it started, and what those started."""
    children: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        children += map(int, task.read_text().split())
    return [pid, *(member for child in children for member in family(child))]


def cpu_of(pids: list[int]) -> float:
    """The CPU seconds of processes that run, in all; to a hundredth of a second."""
    ticks = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / TICK


def memory_of(pids: list[int]) -> float:
    """The megabytes that processes hold together; what they share is counted once."""
    kilobytes = 0
    for pid in pids:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        kilobytes += next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return kilobytes / 1000
