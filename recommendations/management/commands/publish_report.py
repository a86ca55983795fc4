"""`manage.py publish_report SLUG --by USER [--note TEXT]`: the next edition of a report, with its ready updates."""

from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from recommendations.models import ProgressUpdate, Report
from recommendations.models.saves import one_save
from recommendations.publishing.acts import Refused, Unchanged
from recommendations.publishing.reports import publish_report
from recommendations.reading import findings
from recommendations.report.pdf import RenderFailed


class Command(BaseCommand):
    help = "Publishes the next edition of a report, with every ready update of its period."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug")
        parser.add_argument("--by", required=True, metavar="USER", help="the account that publishes")
        parser.add_argument("--note", default="", help="why there is a new edition; required after the first")
        parser.add_argument(
            "--if-unpublished", action="store_true", help="do nothing if the report already has an edition"
        )

        parser.add_argument(
            "--clock-is-right",
            action="store_true",
            help="publish though something is dated later: the clock was wrong then, and is right now",
        )

    def handle(
        self, *args: Any, slug: str, by: str, note: str, if_unpublished: bool, clock_is_right: bool, **options: Any
    ) -> None:
        try:
            report = Report.objects.get(slug=slug)
        except Report.DoesNotExist as error:
            raise CommandError(f"There is no report at the address {slug}.") from error
        if if_unpublished and (newest := report.newest_edition()):
            self.stdout.write(f"{newest} was published on {newest.published_on}: nothing to do.")
            return
        try:
            user = User.objects.get_by_natural_key(by)
        except User.DoesNotExist as error:
            raise CommandError(f"There is no account named {by}.") from error
        ready = ProgressUpdate.objects.ready().dated_in(report.starts_on, report.ends_on)
        found = findings.of_report(report, on=timezone.localdate(), note=note)
        try:
            with one_save("publish"):
                edition = publish_report(
                    report,
                    by=user,
                    at=timezone.now(),
                    ready=ready.values_list("pk", flat=True),
                    note=note,
                    is_clock_right=clock_is_right,
                )
        except Unchanged as unchanged:
            self.stdout.write(str(unchanged))
        except (Refused, RenderFailed) as error:
            raise CommandError(str(error)) from error
        else:
            self.stdout.write(f"Published {edition}.")
            for finding in (one for one in found if one.is_open):
                self.stdout.write(f"Please check: {finding.message}")
