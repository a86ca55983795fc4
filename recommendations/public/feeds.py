"""Atom feeds: of everything, editions of reports included, of an area, of a party, or of one recommendation."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from recommendations.models import (
    ActionPlan,
    Area,
    Correction,
    Edition,
    ProgressUpdate,
    Recommendation,
    ResponsibleParty,
    StatusWording,
)
from recommendations.models.progress import ProgressUpdateQuerySet
from recommendations.models.recommendations import slug_of
from recommendations.reading import titles
from recommendations.reading.snapshot import status_notes

from .base import Today, today_of
from .feed_entries import Entry, entries_of, entry_of_change, entry_of_closing, entry_of_edition, urn

ENTRIES = 100
MOST_KEPT = 1_000  # updates whose entries are kept, of a kilobyte or two each


@dataclass(frozen=True)
class Channel:
    """One feed: the updates, changes of the plan and editions that it announces, and the page it belongs to.

    `key` is part of its id and never changes.
    """

    key: str
    plan: ActionPlan
    title: str
    page: str
    address: str
    updates: ProgressUpdateQuerySet
    changes: Iterable[Correction]
    editions: Iterable[Edition] = ()

    @cached_property
    def begun_at(self) -> dt.datetime:
        """When the plan was entered here; its first history row is never removed."""
        rows = self.plan.history.order_by("history_id").values_list("history_date", flat=True)
        first: dt.datetime | None = rows.first()
        # Only a plan that was written past every form has no history.
        day = self.plan.conference_starts_on or dt.date(2000, 1, 1)
        return first or dt.datetime.combine(day, dt.time(), dt.UTC)


if TYPE_CHECKING:
    # The stubs' feed is generic, Django's own is not.
    EntryFeed = Feed[Entry, Channel]
else:
    EntryFeed = Feed


class AtomWithContent(Atom1Feed):
    """Django's Atom, with what an entry says as its content rather than its summary, and no clock in an empty feed."""

    def add_item_elements(self, handler: Any, item: dict[str, Any]) -> None:
        content, item["description"] = item["description"], None
        super().add_item_elements(handler, item)
        handler.addQuickElement("content", content, {"type": "html"})

    def latest_post_date(self) -> dt.datetime:
        begun_at: dt.datetime = self.feed["begun_at"]
        return max((item["updateddate"] for item in self.items), default=begun_at)


class UpdatesFeed(EntryFeed):
    """The feed of everything, newest first; its subclasses choose a part."""

    feed_type = AtomWithContent

    def __call__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().__call__(request, *args, **kwargs)
        # A minor correction moves no date, but must reach who asks "anything since?": the ETag tells them apart.
        del response["Last-Modified"]
        return response

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Channel:
        plan = get_object_or_404(ActionPlan)
        return Channel(
            key="all",
            plan=plan,
            title=_("Progress updates"),
            page=reverse("updates"),
            address=reverse("updates-feed"),
            updates=ProgressUpdate.objects.for_feed(),
            changes=Correction.objects.of_plan(),
            editions=Edition.objects.for_feed(),
        )

    def title(self, channel: Channel) -> str:
        return " – ".join(filter(None, [channel.title, titles.of_site(channel.plan)]))

    def link(self, channel: Channel) -> str:
        return f"{settings.SITE_URL}{channel.page}"

    def feed_url(self, channel: Channel) -> str:
        return f"{settings.SITE_URL}{channel.address}"

    def feed_guid(self, channel: Channel) -> str:
        return urn(f"feed {channel.key}", channel.begun_at)

    def feed_extra_kwargs(self, channel: Channel) -> dict[str, Any]:
        return {"begun_at": channel.begun_at}

    def author_name(self, channel: Channel) -> str:
        return channel.plan.organisation_name

    def feed_copyright(self, channel: Channel) -> str | None:
        return " ".join(filter(None, [channel.plan.data_licence, channel.plan.data_licence_address])) or None

    def items(self, channel: Channel) -> list[Entry]:
        entries = entries_on(channel.updates, today_of(channel.plan))
        entries += [entry_of_change(change, channel.plan) for change in channel.changes]
        entries += [entry_of_edition(edition, channel.plan) for edition in channel.editions]
        entries += entry_of_closing(channel.plan)
        return sorted(entries, key=lambda entry: entry.updated_at, reverse=True)[:ENTRIES]

    def item_title(self, entry: Entry) -> str:
        return entry.title

    def item_description(self, entry: Entry) -> str:
        return entry.content

    def item_link(self, entry: Entry) -> str:
        return entry.link

    def item_guid(self, entry: Entry) -> str:
        return entry.id

    def item_pubdate(self, entry: Entry) -> dt.datetime:
        return entry.published_at

    def item_updateddate(self, entry: Entry) -> dt.datetime:
        return entry.updated_at


class AreaFeed(UpdatesFeed):
    def get_object(self, request: HttpRequest, *args: Any, number: int, **kwargs: Any) -> Channel:
        area = get_object_or_404(Area.objects.select_related("plan").exclude(title=""), number=number)
        references = area.recommendations.values_list("reference", flat=True)
        first = None if area.plan.numbers_areas else references.first()
        return Channel(
            key=f"area {area.number}",
            plan=area.plan,
            title=_("Progress updates: %(title)s") % {"title": titles.of_area(area, area.plan, first=first or "")},
            page=reverse("area", args=[area.number]),
            address=reverse("area-feed", args=[area.number]),
            updates=ProgressUpdate.objects.for_feed().filter(area=area),
            changes=Correction.objects.of_plan().in_area(area),
        )


class PartyFeed(UpdatesFeed):
    """Updates on recommendations addressed to the party by name; everyone has a feed of its own."""

    def get_object(self, request: HttpRequest, *args: Any, slug: str, **kwargs: Any) -> Channel:
        party = get_object_or_404(ResponsibleParty, slug=slug)
        changes = Correction.objects.of_plan().prefetch_related("recommendation__parties")
        plan = get_object_or_404(ActionPlan)
        return Channel(
            key=f"party {party.slug}",
            plan=plan,
            title=_("Progress updates: %(title)s") % {"title": titles.of_party(party.name, plan, number=party.pk)},
            page=reverse("party", args=[party.slug]),
            address=reverse("party-feed", args=[party.slug]),
            updates=ProgressUpdate.objects.for_feed().told_about(Recommendation.objects.filter(parties=party)),
            changes=[change for change in changes if concerns(change, party)],
        )


class RecommendationFeed(UpdatesFeed):
    """Updates on one recommendation, and the changes that its page tells of: those of its area and parties too."""

    def get_object(self, request: HttpRequest, *args: Any, slug: str, **kwargs: Any) -> Channel:
        recommendation = get_object_or_404(Recommendation.objects.select_related("area__plan"), slug=slug_of(slug))
        if not recommendation.has_begun(timezone.localdate()):
            raise Http404
        about = (
            Q(recommendation=recommendation) | Q(area=recommendation.area) | Q(party__recommendations=recommendation)
        )
        return Channel(
            key=f"recommendation {recommendation.reference}",
            plan=recommendation.area.plan,
            title=_("Progress updates on %(reference)s") % {"reference": recommendation.reference},
            page=reverse("recommendation", args=[recommendation.reference]),
            address=reverse("recommendation-feed", args=[recommendation.reference]),
            updates=ProgressUpdate.objects.for_feed().told_about([recommendation]),
            changes=Correction.objects.of_plan().filter(about).distinct(),
        )


def entries_on(updates: ProgressUpdateQuerySet, today: Today) -> list[Entry]:
    """The entries of the newest of `updates`. An update stands in some four feeds: what they say of it is kept."""
    newest = list(updates.prefetch_related(None).values_list("pk", flat=True)[:ENTRIES])
    kept = today.entries if len(today.entries) < MOST_KEPT else {}
    if missing := set(newest) - kept.keys():
        notes, labels = status_notes(today.plan, on=today.on), StatusWording.objects.labels()
        made = {
            update.pk: tuple(entries_of(update, notes=notes, labels=labels))
            for update in ProgressUpdate.objects.filter(pk__in=missing).for_snapshot().with_removals()
        }
        kept = today.entries = {**kept, **made}
    return [entry for id in newest for entry in kept[id]]


updates = require_safe(UpdatesFeed())
area = require_safe(AreaFeed())
party = require_safe(PartyFeed())
read_recommendation = RecommendationFeed()


@require_safe
def recommendation(request: HttpRequest, slug: str) -> HttpResponse:
    """The feed of a recommendation. An address that is written as its reference is (“12(b)”) leads to its own."""
    if slug_of(slug) not in ("", slug):
        return redirect("recommendation-feed", slug, permanent=True)
    return read_recommendation(request, slug=slug)


def concerns(change: Correction, party: ResponsibleParty) -> bool:
    """Whether a change of the plan is about `party`, or about a recommendation that is or was addressed to it."""
    if change.recommendation is None:
        return change.party == party
    named: list[str] = (change.before or {}).get("parties", [])
    return party in change.recommendation.parties.all() or party.name in named
