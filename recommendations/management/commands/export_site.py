"""`manage.py export_site DIR`: the whole public site as static files."""

import io
import logging
import sys
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.wsgi import get_wsgi_application
from django.utils import timezone

from recommendations.publishing.acts import Refused
from recommendations.publishing.site_export import Answer, Ask, export_site
from tracker.frontdoor import in_front
from tracker.page_cache import asked


class Command(BaseCommand):
    help = (
        "Writes the public site of today to a folder, for any static host or a USB stick: every page, feed, data file "
        "and edition, with links that work from a disk. Run it again after each change; only what changed is written. "
        "The search form is left out."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="a new or empty folder, or one that it wrote before")

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        if not getattr(staticfiles_storage, "hashed_files", False):
            raise CommandError("The static files are missing: without DEBUG, run manage.py collectstatic first.")
        at, ask, log = timezone.now(), asking(), logging.getLogger("django.request")
        level = log.level
        # An address without a page is no part of the copy, and nothing to warn of. After `asking`, which sets up the
        # logs anew.
        log.setLevel(logging.ERROR)
        try:
            done = export_site(folder, ask=ask, at=at)
        except Refused as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"Nothing was exported, and {folder} is as it was. {error}.") from error
        finally:
            log.setLevel(level)
        self.stdout.write(
            f"Exported {done.files} files to {folder}: {done.written} new or changed, {done.dropped} dropped."
        )


def asking() -> Ask:
    """Asks this site as a reader would, for the copy of today."""
    application, site = in_front(get_wsgi_application()), urlsplit(settings.SITE_URL)
    day = timezone.localdate()

    def ask(address: str) -> Answer:
        path, _mark, query = address.partition("?")
        answer = asked(
            application,
            {
                "REQUEST_METHOD": "GET",
                "PATH_INFO": unquote(path),
                "QUERY_STRING": query,
                "HTTP_HOST": site.netloc,
                "HTTP_FORWARDED": f"proto={site.scheme}",
                "SERVER_NAME": site.hostname or "",
                "SERVER_PORT": str(site.port or 80),
                "wsgi.url_scheme": site.scheme,
                "wsgi.input": io.BytesIO(),
                "wsgi.errors": sys.stderr,
                "tracker.copied_on": day,
            },
        )
        return Answer(int(answer.status[:3]), answer.header("content-type"), answer.body)

    return ask
