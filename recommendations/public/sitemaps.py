"""The sitemap for search engines: all public pages, by their addresses under SITE_URL.

PDFs of superseded editions are left out, so that nobody lands in one without the page that says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.contrib.sitemaps import views as sitemap_views
from django.core.exceptions import TooManyFieldsSent
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from recommendations.models import ActionPlan, Edition
from recommendations.reading.search import parties_of

from .base import live

if TYPE_CHECKING:
    # The stubs' sitemap is generic, Django's own is not.
    AddressSitemap = Sitemap[str]
else:
    AddressSitemap = Sitemap

ALONE = (
    "progress",
    "parties",
    "updates",
    "corrections",
    "reports",
    "statuses",
    "data",
    "media",
    "about",
    "privacy",
    "accessibility",
    "safety",
)


class PublicPages(AddressSitemap):
    def get_protocol(self, protocol: str | None = None) -> str:
        return str(urlsplit(settings.SITE_URL).scheme)

    def get_domain(self, site: object = None) -> str:
        return str(urlsplit(settings.SITE_URL).netloc)

    def items(self) -> list[str]:
        return list(addresses())

    def location(self, item: str) -> str:
        return item


def addresses() -> Iterator[str]:
    """The paths of the public pages, in the order of the site; none before there is a plan."""
    plan = ActionPlan.objects.first()
    if plan is None:
        return
    today = live(plan)
    yield from map(reverse, ALONE)
    for area in today.shown_areas:
        yield reverse("area", args=[area.number])
    for recommendation in today.recommendations:
        yield reverse("recommendation", args=[recommendation.reference])
    for party in parties_of(today):
        yield reverse("party", args=[party.slug])
    for update in today.updates:
        yield reverse("update", args=[update.id])
    seen = set()
    for edition in Edition.objects.public().with_report().by_report():
        slug = edition.report.slug
        if slug not in seen:
            seen.add(slug)
            yield reverse("report", args=[slug])
            yield reverse("changes", args=[slug])
            yield reverse("report-pdf", args=[slug])
        yield reverse("edition", args=[slug, edition.number])


@require_safe
def everything(request: HttpRequest) -> HttpResponse:
    try:
        return sitemap_views.sitemap(request, {"pages": PublicPages})
    except TooManyFieldsSent as error:
        raise Http404 from error
