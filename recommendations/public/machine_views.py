"""What programs ask for: robots.txt, security.txt, the health check, the icon, the logos and the accent colour."""

import datetime as dt

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.middleware import common
from django.shortcuts import get_object_or_404, redirect
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from recommendations.models import LogoImage
from recommendations.text.colours import COLOUR, accent_style, accent_version
from tracker.health import ailment

from .base import current_plan

HEALTH = "/healthz"
KEPT_BY_READERS = "private, max-age=31536000, immutable"
SECURITY_CONTACT_HOLDS = dt.timedelta(days=180)


class CommonMiddleware(common.CommonMiddleware):
    """Django's own, which asks each request for a host name of ours, but for /healthz: a probe may know none."""

    def process_request(self, request: HttpRequest) -> HttpResponsePermanentRedirect | None:
        return None if request.path_info == HEALTH else super().process_request(request)


@require_safe
def logo(request: HttpRequest, sha256: str, ending: str) -> HttpResponse:
    """The picture of a logo in use, or of one that a public edition shows.

    It is named by its hash, so browsers may keep it for good, but no cache in between: see frontdoor.py.
    """
    image = get_object_or_404(LogoImage.objects.public(), sha256=sha256)
    if image.get_absolute_url() != request.path:
        raise Http404
    content = bytes(image.content)
    kept = {"Cache-Control": KEPT_BY_READERS, "Content-Length": str(len(content)), "ETag": f'"{sha256}"'}
    return HttpResponse(content, content_type=image.content_type, headers=kept)


@require_safe
def accent(request: HttpRequest, colour: str, version: str) -> HttpResponse:
    """The style sheet of an accent colour: made of its address alone, which changes with what it holds."""
    colour = f"#{colour}"
    if not COLOUR.fullmatch(colour) or version != accent_version(colour):
        raise Http404
    return HttpResponse(
        accent_style(colour), content_type="text/css; charset=utf-8", headers={"Cache-Control": KEPT_BY_READERS}
    )


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Whether the site can answer: one round trip to the database, and no details for strangers."""
    words = ailment(now=timezone.now())
    return HttpResponse(
        f"{words or 'ok'}\n",
        content_type="text/plain; charset=utf-8",
        status=503 if words else 200,
        headers={"Cache-Control": "no-store"},
    )


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    lines = ["User-agent: *", "Disallow: /admin/", "", f"Sitemap: {settings.SITE_URL}{reverse('sitemap')}"]
    return HttpResponse("\n".join([*lines, ""]), content_type="text/plain; charset=utf-8")


@require_safe
def security_txt(request: HttpRequest) -> HttpResponse:
    """Whom to tell about a security problem, by RFC 9116; 404 where no contact was given, or the site is closed."""
    plan = current_plan()
    contact = (f"mailto:{plan.contact_email}" if plan.contact_email else plan.website) if plan else ""
    if plan is None or plan.closed_at or not contact:
        raise Http404
    expires = timezone.localdate() + SECURITY_CONTACT_HOLDS
    lines = [
        f"Contact: {contact}",
        f"Expires: {expires.isoformat()}T00:00:00Z",
        f"Preferred-Languages: {plan.language.partition('-')[0]}",
        f"Canonical: {settings.SITE_URL}{reverse('security-txt')}",
    ]
    return HttpResponse("\n".join([*lines, ""]), content_type="text/plain; charset=utf-8")


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """The icon, for browsers that ask for it at its traditional address."""
    return redirect(static("icon.svg"))
