"""`manage.py serve [--host HOST] [--port PORT] [--workers N] [--threads N]`: the site, once all it needs is there."""

from contextlib import suppress
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections

from recommendations.backup.databases import remove_leftovers
from tracker import serving


def add_sizes(parser: CommandParser) -> None:
    """How large the server is, as `serve` and the doctor are told."""
    parser.add_argument("--workers", type=int, default=1, choices=range(1, 65), metavar="N", help="processes (1)")
    parser.add_argument(
        "--threads",
        type=int,
        default=8,
        choices=range(4, 513),
        metavar="N",
        help="requests each process answers at a time (8)",
    )


class Command(BaseCommand):
    help = (
        "Serves the site, on this machine unless you say otherwise. First checks for anything that would make "
        "the server fail."
    )

    # They are of the code, and would load all of it here, too: migrate has done them.
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (127.0.0.1)")
        parser.add_argument("--port", type=int, default=8000, choices=range(1, 65536), metavar="PORT", help="(8000)")
        add_sizes(parser)

    def handle(self, *args: Any, host: str, port: int, workers: int, threads: int, **options: Any) -> None:
        try:
            serving.check(host=host, port=port, workers=workers, threads=threads)
            # Where the disk refuses it, readers can read on.
            with suppress(OSError):
                remove_leftovers()
            connections.close_all()
            if options["verbosity"]:
                self.stdout.write(f"Serving http://{host}:{port}/ with {workers} × {threads} threads.")
            self.stdout.flush()
            serving.serve(host=host, port=port, workers=workers, threads=threads)
        except serving.CannotServe as error:
            raise CommandError(str(error)) from error
