"""Builds the plan of one size in the database of the environment, and measures what Django and the renderer do for it.

A process of its own, so that what it takes is that size's alone: `python -m bench.django_side SIZE UPDATES [PART…]`.
The last line that it prints is JSON: the figures by the names of their rows, and what the next measurements need.
"""

import io
import json
import resource
import subprocess
import sys
import time
from dataclasses import asdict
from functools import partial

from .measure import Figure, cpu_of, runs_of

# A plan of this many updates has no edition here: its PDF takes ten minutes, and shows nothing that half of it doesn't.
MOST_UPDATES_IN_A_PDF = 10_000


def weasyprint_alone(article: str) -> Figure:
    """The least that a PDF of `article` takes, in a process of its own, with the memory at its peak."""
    command = [sys.executable, "-m", "bench.weasyprint_alone"]
    done = subprocess.run(command, input=article, capture_output=True, check=True, text=True)
    seconds, megabytes = json.loads(done.stdout)
    return Figure([seconds], beside=f"{megabytes:.0f} MB")


def measure(size: int, updates: int, parts: list[str]) -> None:
    import django

    django.setup()
    from django.conf import settings
    from django.contrib.auth.models import User
    from django.core.management import CommandError, call_command
    from django.db import connection, transaction
    from django.test import Client
    from django.test.utils import CaptureQueriesContext
    from django.urls import reverse

    from bench.plans import make_plan
    from recommendations.models import Area, ProgressUpdate, ResponsibleParty
    from recommendations.reading.snapshot import report_snapshot
    from recommendations.report import document, pdf
    from recommendations.report.editions import rendered_pdf

    settings.DEBUG = False
    call_command("migrate", verbosity=0)
    with transaction.atomic():
        report = make_plan(size, updates=updates)
    by = User.objects.create_superuser("measured")
    figures: dict[str, Figure] = {}
    times = 5 if size < 1000 else 3
    has_edition = size * updates <= MOST_UPDATES_IN_A_PDF and bool({"pages", "served", "documents"} & {*parts})

    def renderer_cpu() -> float:
        return cpu_of([pdf._renderer.process.pid]) if pdf._renderer else 0.0

    if "documents" in parts and has_edition and size < 1000:
        taken = report_snapshot(report)
        words = document.article(taken)
        figures["report's article"] = Figure(runs_of(lambda: document.article(taken), times=times))
        rendered_pdf(taken, "<p>Warm.</p>")
        contents = [rendered_pdf(taken, words)]
        runs = runs_of(lambda: contents.append(rendered_pdf(taken, words)), times=3, spent=renderer_cpu)
        figures["report's PDF, warm"] = Figure(runs, beside=f"{len(contents[0]) / 1000:,.0f} kB")
        figures["report's PDF, WeasyPrint alone"] = weasyprint_alone(words)
    if has_edition:
        rendered_pdf(report_snapshot(report), "<p>Warm.</p>")
        publish = partial(call_command, "publish_report", "bench", by=by.username, stdout=io.StringIO())
        try:
            runs = runs_of(publish, times=1, spent=lambda: time.process_time() + renderer_cpu())
        except CommandError as error:  # such as a PDF that took too long: the rest is measured without an edition
            print(f"Not published: {error}", file=sys.stderr)
            has_edition = False
        else:
            figures["publish"] = Figure(runs, beside="its PDF included")
        pdf.end_renderer()
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        figures["renderer's memory at its peak"] = Figure([peak], unit="MB")

    public = {
        "progress": "/",
        "area": "/areas/1/",
        "recommendation": "/recommendations/1.1/",
        "party": f"/parties/{ResponsibleParty.objects.order_by('pk')[0].slug}/",
        "parties": "/parties/",
        "updates": "/updates/",
        "update": f"/updates/{ProgressUpdate.objects.order_by('pk')[0].pk}/",
        "corrections": "/corrections/",
        "reports": "/reports/",
        "statuses": "/statuses/",
        "media": "/media/",
        "about": "/about/",
        "data": "/data/",
        "JSON": "/data/progress.json",
        "feed": "/updates.atom",
        "recommendation's feed": "/recommendations/1.1/updates.atom",
        "sitemap": "/sitemap.xml",
    }
    files = {"CSV of updates": "/data/updates.csv", "workbook": "/data/progress.xlsx"}
    if has_edition:
        public |= {"edition": "/reports/bench/", "PDF download": "/reports/bench/report.pdf"}

    client = Client(headers={"host": "127.0.0.1"})

    def get(address: str) -> bytes:
        answer = client.get(address)
        content: bytes = b"".join(answer) if answer.streaming else answer.content
        if answer.status_code != 200:
            raise SystemExit(f"{address} answered {answer.status_code}.")
        return content

    def page(name: str, address: str) -> None:
        content = get(address)
        with CaptureQueriesContext(connection) as queries:
            get(address)
        beside = f"{len(queries)} queries, {len(content) / 1000:,.0f} kB"
        figures[name] = Figure(runs_of(partial(get, address), times=times), beside=beside)

    if "pages" in parts:
        for name, address in [*public.items(), *files.items()]:
            page(f"{name}, uncached", address)
        page("search", "/?q=community")
        area = Area.objects.order_by("pk")[0]

        def after_an_edit() -> float:
            area.save()
            return runs_of(partial(get, "/"), times=1)[0]

        figures["progress, first after an edit"] = Figure([after_an_edit() for _number in range(times)])
    client.force_login(by)
    if "staff" in parts:
        # The year as it is before its report: a tenth are drafts, a tenth are ready.
        unpublished = {"published_at": None, "published_by": None}
        with transaction.atomic():
            ProgressUpdate.objects.filter(pk__iregex="[09]$").update(**unpublished)
            ProgressUpdate.objects.filter(pk__iregex="9$").update(ready_at=None, ready_by=None)
        forms = {
            "workspace": reverse("admin:index"),
            "report form": reverse("admin:recommendations_report_change", args=[report.pk]),
            "recommendation form": reverse("admin:recommendations_recommendation_change", args=[1]),
            "update form": reverse("admin:recommendations_progressupdate_change", args=[1]),
            "list of updates": reverse("admin:recommendations_progressupdate_changelist"),
        }
        for name, address in forms.items():
            page(name, address)
    told = {
        "figures": {name: asdict(figure) for name, figure in figures.items()},
        "addresses": public,
        "session": f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}",
        "preview": reverse("admin:recommendations_report_preview_pdf", args=[report.pk]),
    }
    print(json.dumps(told))


if __name__ == "__main__":
    measure(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
