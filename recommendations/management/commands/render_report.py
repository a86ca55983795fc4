"""`manage.py render_report SLUG [--edition N] [--html FILE] [--pdf FILE]`: a report as files."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from recommendations.models import EditionFile, Report
from recommendations.reading import findings
from recommendations.reading.editions import stored_snapshot
from recommendations.reading.schema import Snapshot
from recommendations.reading.snapshot import report_snapshot
from recommendations.report import document
from recommendations.report.editions import pictures_of, rendered_pdf
from recommendations.report.pdf import RenderFailed
from tracker.files import write_whole


class Command(BaseCommand):
    help = (
        "Writes a report as a self-contained HTML file and as a PDF: its newest edition, or the edition "
        "you name, as published. If there is no edition yet, writes a preview of what is published so "
        "far."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug")
        parser.add_argument("--edition", type=int, metavar="N")
        parser.add_argument("--html", type=Path, metavar="FILE")
        parser.add_argument("--pdf", type=Path, metavar="FILE")

    def handle(self, *args: Any, slug: str, edition: int | None, html: Path | None, pdf: Path | None, **_: Any) -> None:
        if not html and not pdf:
            raise CommandError("Say where to write: --html FILE, --pdf FILE or both.")
        try:
            report = Report.objects.get(slug=slug)
        except Report.DoesNotExist as error:
            raise CommandError(f"There is no report at the address {slug}.") from error
        if edition or report.editions.exists():
            self.write_edition(report, edition, html, pdf)
        else:
            self.write_preview(report, html, pdf)

    def write_edition(self, report: Report, number: int | None, html: Path | None, pdf: Path | None) -> None:
        editions = report.editions.public().order_by("number")
        edition = editions.filter(number=number).first() if number else editions.last()
        if edition is None:
            raise CommandError("There is no such edition, or it was taken down or set aside.")
        if html:
            article = edition.content(EditionFile.Name.ARTICLE).decode()
            self.write_html(html, article, stored_snapshot(edition))
        if pdf:
            self.write(pdf, edition.content(EditionFile.Name.PDF))

    def write_preview(self, report: Report, html: Path | None, pdf: Path | None) -> None:
        preview = report_snapshot(report)
        found = findings.of_report(report, on=timezone.localdate(), printed=preview)
        for finding in (one for one in found if one.is_open):
            self.stdout.write(f"Please check: {finding.message}")
        article = document.article(preview)
        if html:
            self.write_html(html, article, preview)
        if pdf:
            try:
                self.write(pdf, rendered_pdf(preview, article))
            except RenderFailed as error:
                raise CommandError(str(error)) from error

    def write_html(self, path: Path, article: str, snapshot: Snapshot) -> None:
        self.write(path, document.page(article, snapshot, pictures=pictures_of(snapshot)).encode())

    def write(self, path: Path, content: bytes) -> None:
        try:
            write_whole(path, content)
        except OSError as error:
            raise CommandError(f"{path} can't be written: {error.strerror}.") from error
        self.stdout.write(f"Wrote {path} ({len(content) / 1000:.0f} kB).")
