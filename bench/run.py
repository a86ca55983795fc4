"""Measures snapshots, articles, PDFs and pages of plans of several sizes; called by script/bench.

Each size has a process and a database of its own, so that memory is that size's alone.
"""

import argparse
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

SIZES = (29, 290, 2900)
ROOT = Path(__file__).resolve().parent.parent


def cost(act: Callable[[], object], *, times: int, pid: int = 0) -> float:
    """The CPU seconds of the cheapest of several runs, in this process or in that with `pid`.

    On a machine with nothing else to do that is how long it takes; on a busy one it is what can still be measured.
    """
    return min(_spent(act, pid) for _number in range(times))


def _spent(act: Callable[[], object], pid: int) -> float:
    before = _cpu_seconds(pid)
    act()
    return _cpu_seconds(pid) - before


def _cpu_seconds(pid: int) -> float:
    if not pid:
        return time.process_time()
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(size: int) -> None:
    """Print one row of the table for a plan of `size`, from an empty database in the environment."""
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection, transaction
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from bench.plans import make_plan
    from recommendations.reading.snapshot import report_snapshot
    from recommendations.report import document, pdf
    from recommendations.report.editions import rendered_pdf

    settings.DEBUG = False
    call_command("migrate", verbosity=0)
    with transaction.atomic():
        report = make_plan(size)
    times = 5 if size < 1000 else 1

    with CaptureQueriesContext(connection) as queries:
        taken = report_snapshot(report)
    asked = len(queries)
    snapshot = cost(lambda: report_snapshot(report), times=times)
    words = document.article(taken)
    article = cost(lambda: document.article(taken), times=times)

    def render(words: str) -> bytes:
        return rendered_pdf(taken, words)

    render("<p>Warm.</p>")
    contents: list[bytes] = []
    renderer = pdf._renderer.process.pid if pdf._renderer else 0
    printed = cost(lambda: contents.append(render(words)), times=times, pid=renderer)
    pdf.end_renderer()
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024

    client = Client(headers={"host": "127.0.0.1"})
    with CaptureQueriesContext(connection) as page_queries:
        answer = client.get("/")
    asked_by_page = len(page_queries)
    page = cost(lambda: client.get("/"), times=times)
    print(
        f"| {size:,} | {snapshot * 1000:.0f} ms, {asked} queries | {article:.2f} s | {printed:.2f} s"
        f" | {memory:.0f} MB | {len(contents[0]) / 1000:.0f} kB | {page * 1000:.0f} ms, {asked_by_page} queries"
        f", {len(answer.content) / 1000:.0f} kB |",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=SIZES, help="numbers of recommendations")
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        measure(options.one)
        return
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}\n")
    print(
        "In CPU seconds:\n\n"
        "| recommendations | snapshot | article | PDF, warm | renderer's memory | PDF size | progress page |"
    )
    print("|---|---|---|---|---|---|---|", flush=True)
    for size in options.sizes:
        with tempfile.TemporaryDirectory(prefix="tracker-bench-") as folder:
            environment = {**os.environ, "DATABASE_URL": f"sqlite:///{folder}/bench.sqlite3", "DEBUG": "1"}
            command = [sys.executable, "-m", "bench.run", "--one", str(size)]
            subprocess.run(command, cwd=ROOT, env=environment, check=True)


if __name__ == "__main__":
    main()
