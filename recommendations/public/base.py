"""What every public page is made with: the plan, what is true today, the page around a template, and notices.

Nothing here, in a view or in a public template touches `request.user`, the session or the messages: each would make a
page that follows its reader.
"""

import datetime as dt
import json
from functools import cached_property
from threading import Lock
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Exists, Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from recommendations.models import ActionPlan, Edition, Recommendation, SupportLink, TakeDown
from recommendations.models.content_version import content_version
from recommendations.reading import titles
from recommendations.reading.editions import newest_public
from recommendations.reading.entries import UpdateEntry
from recommendations.reading.logos import funders_logos, own_logo
from recommendations.reading.schema import Snapshot
from recommendations.reading.snapshot import logo_entry, snapshot

from .pages.updates import in_pages
from .paging import Paged


def current_plan() -> ActionPlan | None:
    """The plan with what every page shows of it, and whether it `has_parties`; None before there is one."""
    support = Prefetch("support_links", SupportLink.objects.with_checks())
    named = Recommendation.parties.through.objects.all()
    return ActionPlan.objects.annotate(has_parties=Exists(named)).prefetch_related(support).first()


def page(
    request: HttpRequest, template: str, *, plan: ActionPlan | None, status: int = 200, **context: Any
) -> HttpResponse:
    """The page that `template` makes of `context`. Its canonical address says which page of a list, no more."""
    paged: Paged | None = context.get("paged")
    address = settings.SITE_URL + request.path
    logos = [logo_entry(logo) for logo in plan.logos.with_images()] if plan else []
    shared = {
        "plan": plan,
        "logo": own_logo(logos),
        "funders": funders_logos(logos),
        # Of the first page, for citations.
        "address": address,
        "canonical": paged.canonical if paged else address,
        "site": settings.SITE_URL,
        "shown_on": timezone.localdate(),
        # Only export_site asks with it: no header of a request can.
        "copied_on": request.META.get("tracker.copied_on"),
    }
    return render(request, f"public/{template}.html", {**shared, **context}, status=status)


class Today:
    """What is true of a plan on one day, made when it is asked for first and then kept: see `today_of`."""

    def __init__(self, plan: ActionPlan, *, on: dt.date) -> None:
        self.plan, self.on = plan, on
        # Both are filled by the views that need them: how long each data file is, and what feeds say of updates.
        self.sizes: dict[str, int] = {}
        self.entries: dict[int, tuple[Any, ...]] = {}
        self._turn = Lock()

    @property
    def snapshot(self) -> Snapshot:
        """Made by the first thread that asks; the others wait for it. Each on its own would take longer for all."""
        with self._turn:
            return self._snapshot

    @cached_property
    def _snapshot(self) -> Snapshot:
        return snapshot(self.plan, on=self.on, is_live=True)

    @cached_property
    def update_pages(self) -> tuple[tuple[UpdateEntry, ...], ...]:
        """The updates, newest first, as the list of all has them on its pages."""
        return in_pages(self.snapshot.updates[::-1])

    @cached_property
    def editions(self) -> list[Edition]:
        return newest_public()

    @property
    def latest_edition(self) -> Edition | None:
        """The newest public edition of the newest report that has one."""
        return next(iter(self.editions), None)


_newest: tuple[tuple[str, dt.date], Today] | None = None
_turn = Lock()


def today_of(plan: ActionPlan | None) -> Today:
    """What is made of the plan today; a 404 before there is a plan.

    The newest one is kept, for its content version and its day, both read before anything in it. In a transaction,
    which may see what nobody else does yet, it is made anew.
    """
    global _newest
    if plan is None:
        raise Http404
    day = timezone.localdate()
    version = None if connection.in_atomic_block else content_version()
    if version is None:
        return Today(plan, on=day)
    with _turn:
        if _newest is None or _newest[0] != (version, day):
            # `plan` may have been read before the version.
            _newest = ((version, day), Today(ActionPlan.objects.get(pk=plan.pk), on=day))
        return _newest[1]


def live(plan: ActionPlan | None) -> Snapshot:
    """What is true of the plan today; a 404 before there is a plan."""
    return today_of(plan).snapshot


def gone(request: HttpRequest, plan: ActionPlan | None, take_down: TakeDown, *, title: str) -> HttpResponse:
    """The notice in place of what was taken down, with its day and its reason."""
    return page(request, "taken_down", plan=plan, status=410, take_down=take_down, title=title)


def not_now(request: HttpRequest, plan: ActionPlan | None) -> HttpResponse:
    """The notice in place of what was set aside: the same words for everything, so that it gives nothing away.

    404 doesn't say whether it is for good (RFC 9110, 15.5.5), is never cached here, and makes search engines drop
    their copies, which they would keep after a 503.
    """
    return page(request, "set_aside", plan=plan, status=404)


def notice_for(request: HttpRequest, plan: ActionPlan | None, edition: Edition) -> HttpResponse | None:
    """The answer in place of an edition that nobody may read; None for one that the public reads."""
    if edition.is_taken_down:
        title = titles.of_edition(edition.report, plan, number=edition.number)
        return gone(request, plan, edition.take_down, title=title)
    return not_now(request, plan) if edition.is_set_aside else None


def as_json(thing: dict[str, Any]) -> bytes:
    return json.dumps(thing, ensure_ascii=False, indent=1).encode()
