"""Measures snapshots, articles, PDFs and pages of plans of several sizes; called by script/bench.

Each size has a process and a database of its own, so that memory is that size's alone.
"""

import argparse
import datetime as dt
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


def best(act: Callable[[], object], *, times: int) -> float:
    """The seconds of the quickest of several runs: the others waited for something."""
    seconds = []
    for _number in range(times):
        begun = time.perf_counter()
        act()
        seconds.append(time.perf_counter() - begun)
    return min(seconds)


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
    from recommendations import document, pdf, publishing
    from recommendations.snapshot import report_snapshot

    settings.DEBUG = False
    call_command("migrate", verbosity=0)
    with transaction.atomic():
        report = make_plan(size)
    times = 5 if size < 1000 else 1

    with CaptureQueriesContext(connection) as queries:
        taken = report_snapshot(report)
    asked = len(queries)
    snapshot = best(lambda: report_snapshot(report), times=times)
    words = document.article(taken)
    article = best(lambda: document.article(taken), times=times)

    def render(words: str) -> bytes:
        # The defaults bound what is published; here the largest is to be seen whole.
        return pdf.render(
            words,
            title="One-Year Update",
            author="Example Organisation",
            language="en",
            created=dt.datetime(2020, 7, 1, tzinfo=dt.UTC),
            attachments=publishing.data_of(taken),
            timeout=900,
            memory=8192 * pdf.MEBIBYTE,
        )

    render("<p>Warm.</p>")
    content = render(words) if size < 1000 else b""
    begun = time.perf_counter()
    content = content or render(words)
    printed = best(lambda: render(words), times=times) if size < 1000 else time.perf_counter() - begun
    pdf.end_renderer()
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024

    client = Client(headers={"host": "127.0.0.1"})
    with CaptureQueriesContext(connection) as page_queries:
        answer = client.get("/")
    asked_by_page = len(page_queries)
    page = best(lambda: client.get("/"), times=times)
    print(
        f"| {size:,} | {snapshot * 1000:.0f} ms, {asked} queries | {article:.2f} s | {printed:.2f} s"
        f" | {memory:.0f} MB | {len(content) / 1000:.0f} kB | {page * 1000:.0f} ms, {asked_by_page} queries"
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
    print("| recommendations | snapshot | article | PDF, warm | renderer's memory | PDF size | progress page |")
    print("|---|---|---|---|---|---|---|", flush=True)
    for size in options.sizes:
        with tempfile.TemporaryDirectory(prefix="tracker-bench-") as folder:
            environment = {**os.environ, "DATABASE_URL": f"sqlite:///{folder}/bench.sqlite3", "DEBUG": "1"}
            command = [sys.executable, "-m", "bench.run", "--one", str(size)]
            subprocess.run(command, cwd=ROOT, env=environment, check=True)


if __name__ == "__main__":
    main()
