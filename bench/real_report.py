"""Measures the PDF of the report of 2020, from the fixture: `python -m bench.real_report`, in an empty database.

The last line that it prints is the CPU seconds of each run, as JSON, and the kB of the PDF.
"""

import io
import json

from .measure import cpu_of, runs_of


def main() -> None:
    import django

    django.setup()
    from django.contrib.auth.models import User
    from django.core.management import call_command

    from recommendations.models import Report
    from recommendations.reading.snapshot import report_snapshot
    from recommendations.report import document, pdf
    from recommendations.report.editions import rendered_pdf

    call_command("migrate", verbosity=0)
    by = User.objects.create_superuser("measured").username
    call_command("load_plan", "fixtures/one-year-update-2020.json", by=by, stdout=io.StringIO())
    taken = report_snapshot(Report.objects.get())
    words = document.article(taken)
    content = rendered_pdf(taken, words)

    def spent() -> float:
        return cpu_of([pdf._renderer.process.pid]) if pdf._renderer else 0.0

    runs = runs_of(lambda: rendered_pdf(taken, words), times=5, spent=spent)
    pdf.end_renderer()
    print(json.dumps({"runs": runs, "beside": f"{len(content) / 1000:,.0f} kB"}))


if __name__ == "__main__":
    main()
