"""Makes the files of an edition, and the PDF of a preview or a draft, from a snapshot."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from hashlib import sha256

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from recommendations.data.files import to_csv, to_json
from recommendations.data.tables import tables
from recommendations.models import EditionFile, LogoImage
from recommendations.reading.schema import Snapshot
from recommendations.report import document, pdf
from recommendations.text import dates
from recommendations.text.colours import accent_style

from .document import language_of
from .pdf import MEBIBYTE
from .renderer import Attached

# The PDF of a larger plan may take more time and memory, in proportion to its size.
RECOMMENDATIONS_IN_BOUNDS = 500


@dataclass(frozen=True)
class Making:
    """A PDF that isn't made yet: `make` makes it, without the database. RenderFailed where it can't be made.

    Two with the same `key`, a hash of all that is in the PDF, are the same bytes.
    """

    key: str
    make: Callable[[], bytes]


def draft_pdf(snapshot: Snapshot, *, at: dt.datetime, embargo: str = "") -> Making:
    """The PDF of a draft to circulate: each page says so, with its date and version.

    Each update has a reference, by which readers can speak of it.
    `embargo` is on each page as well, in place of “not for publication”.

    The version is the beginning of the content's hash, so it stays the same until something that is shown changes.
    """
    with translation.override(language_of(snapshot)):
        words = {"day": dates.day(at), "version": snapshot.content_hash()[:8]}
        title = _("DRAFT of %(day)s, version %(version)s, not for publication") % words
        if embargo:
            title = _("DRAFT of %(day)s, version %(version)s") % words
    return preview_pdf(snapshot, draft=title, embargo=embargo)


def preview_pdf(snapshot: Snapshot, *, draft: str = "", embargo: str = "") -> Making:
    """The PDF of a preview, or of a draft whose pages say `draft`. Its article is made with it, not before."""
    make = partial(_preview, snapshot, draft=draft, embargo=embargo, pictures=pictures_of(snapshot))
    return Making(sha256("\n".join([snapshot.to_json(), draft, embargo]).encode()).hexdigest(), make)


def _preview(snapshot: Snapshot, *, draft: str, embargo: str, pictures: Mapping[str, bytes]) -> bytes:
    article = document.article(snapshot, draft=draft, embargo=embargo)
    return _rendered(snapshot, article, pictures=pictures, is_draft=bool(draft))


def rendered_pdf(snapshot: Snapshot, article: str) -> bytes:
    """The PDF of `article`, the report of `snapshot`: the same bytes each time. RenderFailed where it can't be made."""
    return _rendered(snapshot, article, pictures=pictures_of(snapshot))


def _rendered(snapshot: Snapshot, article: str, *, pictures: Mapping[str, bytes], is_draft: bool = False) -> bytes:
    """As `rendered_pdf`, with the bytes of its `pictures`.

    Programs show its title on tabs and in their history, so like the titles of pages it gives little away to somebody
    who looks over a shoulder. A preview is dated by the last day of the period, so that its bytes stay the same too.
    The limits on time and memory grow with the plan, as the PDF's needs do.
    """
    share = max(1, len(snapshot.recommendations) / RECOMMENDATIONS_IN_BOUNDS)
    dated = snapshot.edition.published_at if snapshot.edition else dt.datetime.combine(snapshot.on, dt.time(), dt.UTC)
    return pdf.render(
        article,
        title=document.neutral_title(snapshot),
        author=snapshot.plan.organisation_name,
        language=language_of(snapshot),
        created=dated,
        identifier=snapshot.salt,
        is_draft=is_draft,
        style=accent_style(snapshot.plan.accent_colour),
        attachments=() if is_draft else data_of(snapshot),
        pictures=pictures,
        timeout=settings.PDF_SECONDS * share,
        memory=int(settings.PDF_MEGABYTES * share) * MEBIBYTE,
    )


def pictures_of(snapshot: Snapshot) -> dict[str, bytes]:
    """The bytes of the pictures that the article of `snapshot` shows, by the path that it uses for them."""
    if not snapshot.logos:
        return {}
    named = LogoImage.objects.filter(pk__in=[logo.sha256 for logo in snapshot.logos])
    content = dict(named.values_list("pk", "content"))
    return {logo.path: bytes(content[logo.sha256]) for logo in snapshot.logos if logo.sha256 in content}


def data_of(snapshot: Snapshot) -> list[Attached]:
    """The files attached to a report's PDF, in its language: the data of `snapshot` as JSON and as CSV tables."""
    site = settings.SITE_URL
    with translation.override(language_of(snapshot)):
        return [
            Attached("progress.json", _("The data of this report (JSON)"), to_json(snapshot, site=site)),
            *(
                Attached(f"{table.name}.csv", f"{table.title} (CSV)", to_csv(table))
                for table in tables(snapshot, site=site)
            ),
        ]


def rendered_files(frozen: Snapshot) -> dict[str, bytes]:
    """The three files of an edition, by name."""
    article = document.article(frozen)
    return {
        EditionFile.Name.SNAPSHOT.value: frozen.to_json().encode(),
        EditionFile.Name.ARTICLE.value: article.encode(),
        EditionFile.Name.PDF.value: rendered_pdf(frozen, article),
    }


def former_site_of(article: str, *, path: str) -> str:
    """Where the site was when `article` was published, if it has moved since; each edition links to its own `path`.

    Links that staff write say more than where they lead, so none of them is taken for it.
    """
    found = re.search(rf'<a href="(https?://[^/"]+){re.escape(path)}">', article)
    return found[1] if found and found[1] != settings.SITE_URL else ""


def leading_here(article: str, *, site: str) -> str:
    """`article`, which was published when the site was at `site`, with its links to the site as paths: they lead here.

    Each keeps beside it the address that was published, from which script/check-editions restores the bytes.
    """
    return re.sub(
        rf'<a href="({re.escape(site)}(?=[/?#"])[/\\]*([^"]*))"', r'<a href="/\2" data-as-published="\1"', article
    )
