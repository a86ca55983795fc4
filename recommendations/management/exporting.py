"""The export of the public site, as the commands that make one need it: this site, asked as a reader would ask."""

import io
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management.base import CommandError
from django.core.wsgi import get_wsgi_application
from django.utils import timezone

from recommendations.publishing.acts import Refused
from recommendations.publishing.site_export import Answer, Ask, export_site, refuse_unusable
from tracker.frontdoor import in_front
from tracker.page_cache import asked


def refuse_export(folder: Path) -> None:
    """CommandError where this site can't be exported to `folder`, as far as can be told beforehand."""
    if not getattr(staticfiles_storage, "hashed_files", False):
        raise CommandError("The static files are missing: without DEBUG, run manage.py collectstatic first.")
    with in_sentences(folder):
        refuse_unusable(folder.resolve())


@contextmanager
def in_sentences(folder: Path) -> Iterator[None]:
    """What stops an export to `folder`, as a CommandError."""
    try:
        yield
    except Refused as error:
        raise CommandError(str(error)) from error
    except OSError as error:
        raise CommandError(f"Nothing was exported, and {folder} is as it was. {error}.") from error


def exported(folder: Path) -> str:
    """Export the site of now to `folder`, and say in a sentence what was done; CommandError where it can't be."""
    refuse_export(folder)
    at, ask, log = timezone.now(), asking(), logging.getLogger("django.request")
    level = log.level
    # An address without a page is no part of the copy, and nothing to warn of. After `asking`, which sets up the
    # logs anew.
    log.setLevel(logging.ERROR)
    try:
        with in_sentences(folder):
            done = export_site(folder, ask=ask, at=at)
    finally:
        log.setLevel(level)
    return f"Exported {done.files} files to {folder}: {done.written} new or changed, {done.dropped} dropped."


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
