"""Atom feeds of updates, corrections, withdrawals and take-downs: of everything, of an area, or of a party.

An entry keeps its id for good, whatever the site's address becomes (docs/adr/0006-ids-in-feeds.md). What was withdrawn,
set aside or taken down stays under its id without its text, so that readers that kept the text put the notice in its
place.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from recommendations.models import ActionPlan, Area, Correction, ProgressUpdate, ResponsibleParty, StatusWording
from recommendations.models.progress import ProgressUpdateQuerySet
from recommendations.reading.entries import StatusNote
from recommendations.reading.schema import notes_on
from recommendations.reading.snapshot import plan_change, status_notes
from recommendations.text import dates

ENTRIES = 100
# Ours alone: made once, for the ids below.
NAMESPACE = uuid.UUID("6a6e0d3c-5d0b-4a58-9a0e-3c1f5e1b7a64")


@dataclass(frozen=True)
class Channel:
    """One feed: the updates and changes of the plan that it announces, and the page it belongs to.

    `key` is part of its id and never changes.
    """

    key: str
    plan: ActionPlan
    title: str
    page: str
    address: str
    updates: ProgressUpdateQuerySet
    changes: list[Correction]

    @cached_property
    def begun_at(self) -> dt.datetime:
        """When the plan was entered here; its first history row is never removed."""
        rows = self.plan.history.order_by("history_id").values_list("history_date", flat=True)
        first: dt.datetime | None = rows.first()
        # Only a plan that was written past every form has no history.
        day = self.plan.conference_starts_on or dt.date(2000, 1, 1)
        return first or dt.datetime.combine(day, dt.time(), dt.UTC)


@dataclass(frozen=True)
class Entry:
    id: str
    title: str
    link: str
    content: str
    published_at: dt.datetime
    updated_at: dt.datetime


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
            changes=list(Correction.objects.of_plan()),
        )

    def title(self, channel: Channel) -> str:
        return f"{channel.title} – {channel.plan.organisation_name}"

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
        notes = status_notes(channel.plan, on=timezone.localdate())
        labels = StatusWording.objects.labels()
        entries = [
            entry for update in channel.updates[:ENTRIES] for entry in entries_of(update, notes=notes, labels=labels)
        ]
        entries += [entry_of_change(change, channel.plan) for change in channel.changes]
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
        return Channel(
            key=f"area {area.number}",
            plan=area.plan,
            title=(
                _("Progress updates, area %(number)d") % {"number": area.number}
                if area.plan.numbers_areas
                else _("Progress updates: %(title)s") % {"title": area.title}
            ),
            page=reverse("area", args=[area.number]),
            address=reverse("area-feed", args=[area.number]),
            updates=ProgressUpdate.objects.for_feed().filter(area=area),
            changes=list(Correction.objects.of_plan().in_area(area)),
        )


class PartyFeed(UpdatesFeed):
    """Updates on recommendations addressed to the party by name; everyone has a feed of its own."""

    def get_object(self, request: HttpRequest, *args: Any, slug: str, **kwargs: Any) -> Channel:
        party = get_object_or_404(ResponsibleParty, slug=slug)
        changes = Correction.objects.of_plan().prefetch_related("recommendation__parties")
        return Channel(
            key=f"party {party.slug}",
            plan=get_object_or_404(ActionPlan),
            title=_("Progress updates for %(party)s") % {"party": party.name},
            page=reverse("party", args=[party.slug]),
            address=reverse("party-feed", args=[party.slug]),
            updates=ProgressUpdate.objects.for_feed().addressed_to(party),
            changes=[change for change in changes if concerns(change, party)],
        )


updates = require_safe(UpdatesFeed())
area = require_safe(AreaFeed())
party = require_safe(PartyFeed())


def entries_of(update: ProgressUpdate, *, notes: Iterable[StatusNote], labels: Mapping[str, str]) -> Iterator[Entry]:
    """The entries for `update`, fetched by `for_feed`: itself or the notice in its place, and its corrections.

    `notes` are those that reports give on their statuses, `labels` what each status is called.
    """
    if update.published_at is None:
        raise ValueError("Only published updates have entries.")
    references = ", ".join(assessment.recommendation.reference for assessment in update.assessments.all())
    named = {"references": references, "dated": update.dated}
    link = f"{settings.SITE_URL}{update.get_absolute_url()}"
    corrections = [correction for correction in update.corrections.all() if not correction.is_minor]
    asides = update.set_asides.all()
    moments = [moment for one in asides for moment in (one.set_aside_at, one.ended_at) if moment]
    if update.is_taken_down or update.is_set_aside:
        # In the place of its corrections too: their notes may say what the text said.
        ids = [(update_id(update), update.published_at), *((_id_of(one), one.corrected_at) for one in corrections)]
        if update.is_taken_down:
            removal = update.take_down
            title = _("Taken down: update on %(references)s") % named
            content = notice(_("It was taken down for safety on %(day)s."), removal.taken_down_at, removal.reason)
            moments = [removal.taken_down_at]
        else:
            title = _("Not available at the moment")
            content = notice(_("You can’t read this for now."), max(moments), "")
        for id, published_at in ids:
            yield Entry(id, title, link, content, published_at, max(moments))
        return
    for correction in corrections:
        if correction.is_withdrawal:
            sentence, title = _("It was withdrawn on %(day)s."), _("Withdrawn: update on %(references)s, %(dated)s")
        else:
            sentence, title = _("It was corrected on %(day)s."), _("Corrected: update on %(references)s, %(dated)s")
        content = notice(sentence, correction.corrected_at, correction.note)
        at = correction.corrected_at
        yield Entry(_id_of(correction), title % named, link, content, at, max([at, *moments]))
    if update.withdrawn_at:
        title = _("Withdrawn: update on %(references)s, %(dated)s") % named
        withdrawal = next((correction for correction in corrections if correction.is_withdrawal), None)
        reason = withdrawal.note if withdrawal else ""
        content = notice(_("It was withdrawn on %(day)s."), update.withdrawn_at, reason)
    else:
        title = _("Update on %(references)s, %(dated)s") % named
        content = text_of(update, notes=notes_on(notes, [update.dated_on]), labels=labels)
    updated_at = max([update.published_at, *moments, *(correction.corrected_at for correction in corrections)])
    yield Entry(update_id(update), title, link, content, update.published_at, updated_at)


def concerns(change: Correction, party: ResponsibleParty) -> bool:
    """Whether a change of the plan is about `party`, or about a recommendation that is or was addressed to it."""
    if change.recommendation is None:
        return change.party == party
    named: list[str] = (change.before or {}).get("parties", [])
    return party in change.recommendation.parties.all() or party.name in named


def entry_of_change(correction: Correction, plan: ActionPlan) -> Entry:
    """The entry for a change of what was adopted."""
    change, at = plan_change(correction, called=plan.recommendation_name), correction.corrected_at
    sentence = _("It was changed on %(day)s.") % {"day": dates.day(at)}
    context = {"sentence": sentence, "sentences": change.sentences, "reason": change.note}
    return Entry(
        id=urn(f"correction {correction.pk}", at),
        title=_("Changed: %(about)s") % {"about": change.about},
        link=f"{settings.SITE_URL}{_page_about(correction)}",
        content=render_to_string("public/_feed_change.html", context),
        published_at=at,
        updated_at=at,
    )


def _page_about(change: Correction) -> str:
    """The address of the page of what was changed; of an area without a title, which has none, the front page."""
    if change.recommendation:
        return reverse("recommendation", args=[change.recommendation.reference])
    if change.party:
        return reverse("party", args=[change.party.slug])
    return reverse("area", args=[change.area.number]) if change.area and change.area.title else reverse("progress")


def text_of(update: ProgressUpdate, *, notes: Iterable[StatusNote], labels: Mapping[str, str]) -> SafeString:
    """What a public update says, with its evidence, its statuses, and what explains them, as HTML."""
    statuses = [
        (assessment.recommendation.reference, labels[assessment.status]) for assessment in update.assessments.all()
    ]
    context = {"update": update, "statuses": statuses, "notes": notes, "site": settings.SITE_URL}
    return render_to_string("public/_feed_update.html", context)


def notice(sentence: str, at: dt.datetime, reason: str) -> SafeString:
    """The notice that a text was changed, or is gone: what was done on which day, and why."""
    filled = sentence % {"day": dates.day(at)}
    return render_to_string("public/_feed_notice.html", {"sentence": filled, "reason": reason})


def update_id(update: ProgressUpdate) -> str:
    return urn(f"update {update.pk}", update.published_at)


def _id_of(correction: Correction) -> str:
    return urn(f"correction {correction.pk}", correction.corrected_at)


def urn(thing: str, at: dt.datetime | None) -> str:
    """A permanent and unique name for `thing`, made from it and the instant it came to be."""
    instant = at.astimezone(dt.UTC).isoformat(timespec="microseconds") if at else ""
    return uuid.uuid5(NAMESPACE, f"{thing} {instant}").urn
