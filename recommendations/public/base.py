"""The page around a template, and the notices in place of what the public can't read."""

import json
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from recommendations.models import ActionPlan, Edition, TakeDown
from recommendations.reading.entries import Snapshot
from recommendations.reading.logos import funders_logos, own_logo
from recommendations.reading.snapshot import logo_entry, snapshot


def current_plan() -> ActionPlan | None:
    """The plan with what every page shows of it; None before there is one."""
    return ActionPlan.objects.prefetch_related("support_links").first()


def page(
    request: HttpRequest, template: str, *, plan: ActionPlan | None, status: int = 200, **context: Any
) -> HttpResponse:
    """The page that `template` makes of `context`. Its one address, without what only filters it, is the canonical."""
    canonical = settings.SITE_URL + request.path
    logos = [logo_entry(logo) for logo in plan.logos.with_images()] if plan else []
    shared = {
        "plan": plan,
        "logo": own_logo(logos),
        "funders": funders_logos(logos),
        "canonical": canonical,
        "site": settings.SITE_URL,
    }
    return render(request, f"public/{template}.html", {**shared, **context}, status=status)


def live(plan: ActionPlan | None) -> Snapshot:
    """What is true of the plan today; a 404 before there is a plan."""
    if plan is None:
        raise Http404
    return snapshot(plan, on=timezone.localdate())


def gone(request: HttpRequest, plan: ActionPlan | None, take_down: TakeDown) -> HttpResponse:
    """The dated notice in the place of what was taken down."""
    return page(request, "taken_down", plan=plan, status=410, take_down=take_down)


def not_now(request: HttpRequest, plan: ActionPlan | None) -> HttpResponse:
    """The notice in the place of what was set aside: the same words for everything, which tell nothing of it.

    404 says of no answer whether it is for good (RFC 9110, 15.5.5), is never cached here, and makes search engines
    drop what they copied, which 503 would have them keep.
    """
    return page(request, "set_aside", plan=plan, status=404)


def notice_for(request: HttpRequest, plan: ActionPlan | None, edition: Edition) -> HttpResponse | None:
    """What is answered in the place of an edition that nobody may read; None for one that the public reads."""
    if edition.is_taken_down:
        return gone(request, plan, edition.take_down)
    return not_now(request, plan) if edition.is_set_aside else None


def as_json(thing: dict[str, Any]) -> bytes:
    return json.dumps(thing, ensure_ascii=False, indent=1).encode()
