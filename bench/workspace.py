"""Measures staff's pages of a wide plan: the CPU time, the questions to the database and the bytes of each.

`python -m bench.workspace [RECOMMENDATIONS [UPDATES]]`: so many (290), with so many updates on each (10).
"""

import os
import sys
import tempfile
from functools import partial

from .run import cost


def measure(size: int, updates: int) -> None:
    """Print a table of the pages, from an empty database in the environment."""
    import django

    django.setup()
    from django.conf import settings
    from django.contrib.auth.models import User
    from django.core.management import call_command
    from django.db import connection, transaction
    from django.test import Client
    from django.test.utils import CaptureQueriesContext
    from django.urls import reverse

    from bench.plans import make_plan
    from recommendations.models import ProgressUpdate

    settings.DEBUG = False
    call_command("migrate", verbosity=0)
    with transaction.atomic():
        report = make_plan(size, updates=updates)
        # The year as it is before its report: a tenth are drafts, a tenth are ready.
        unpublished = {"published_at": None, "published_by": None}
        ProgressUpdate.objects.filter(pk__iregex="[09]$").update(**unpublished)
        ProgressUpdate.objects.filter(pk__iregex="9$").update(ready_at=None, ready_by=None)
        by = User.objects.create_superuser("measured")
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(by)
    pages = {
        "workspace": reverse("admin:index"),
        "report form": reverse("admin:recommendations_report_change", args=[report.pk]),
    }
    print(f"{size:,} recommendations, {ProgressUpdate.objects.count():,} updates\n")
    print("| page | CPU | queries | HTML |\n|---|---|---|---|")
    for name, address in pages.items():
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(address)
        asked = len(queries)  # before the next page, which begins the log anew
        if answer.status_code != 200:
            raise SystemExit(f"{address} answered {answer.status_code}.")
        seconds = cost(partial(client.get, address), times=3)
        print(f"| {name} | {seconds:.2f} s | {asked} | {len(answer.content) / 1000:.0f} kB |", flush=True)


if __name__ == "__main__":
    size, updates = [*map(int, sys.argv[1:]), *(290, 10)[len(sys.argv) - 1 :]]
    with tempfile.TemporaryDirectory(prefix="tracker-bench-") as folder:
        os.environ |= {"DATABASE_URL": f"sqlite:///{folder}/bench.sqlite3", "DEBUG": "1"}
        os.environ["DJANGO_SETTINGS_MODULE"] = "tracker.settings"
        measure(size, updates)
