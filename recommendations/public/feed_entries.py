"""What feeds say: the entries for updates and their corrections, for changes of the plan, and for editions of reports.

An entry keeps its id for good, whatever the site's address becomes (docs/adr/0006-ids-in-feeds.md). What was withdrawn,
set aside or taken down stays under its id without its text, so that readers that kept the text put the notice in its
place. A phone may show a title to anyone who looks at it: it holds references, statuses and what pages are called on
tabs, and nothing that somebody wrote about people.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from recommendations.models import ActionPlan, Correction, Edition, ProgressUpdate
from recommendations.public.pages.corrections import changed, parts_changed
from recommendations.reading import adopted, titles
from recommendations.reading.entries import PlanChange, StatusNote
from recommendations.reading.schema import notes_on
from recommendations.reading.snapshot import plan_change
from recommendations.text import dates

# Ours alone: made once, for the ids below.
NAMESPACE = uuid.UUID("6a6e0d3c-5d0b-4a58-9a0e-3c1f5e1b7a64")
RETIREMENT = {"retired_on", "retired_reason", "replaced_by"}


@dataclass(frozen=True)
class Entry:
    id: str
    title: str
    link: str
    content: str
    published_at: dt.datetime
    updated_at: dt.datetime


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
            title, content = _not_now(max(moments))
        for id, published_at in ids:
            yield Entry(id, title, link, content, published_at, max(moments))
        return
    for correction in corrections:
        at = correction.corrected_at
        if correction.is_withdrawal:
            title = _("Withdrawn: update on %(references)s (%(dated)s)") % named
            content = notice(_("It was withdrawn on %(day)s."), at, correction.note)
        else:
            title = _correction_title(correction, references)
            sentences = changed(correction, labels)
            content = notice(_("It was corrected on %(day)s."), at, correction.note, sentences=sentences)
        yield Entry(_id_of(correction), title, link, content, at, max([at, *moments]))
    if update.withdrawn_at:
        title = _("Withdrawn: update on %(references)s (%(dated)s)") % named
        withdrawal = next((correction for correction in corrections if correction.is_withdrawal), None)
        reason = withdrawal.note if withdrawal else ""
        content = notice(_("It was withdrawn on %(day)s."), update.withdrawn_at, reason)
    else:
        title = _("%(what)s (%(dated)s)") % {"what": _recorded(update, labels), "dated": update.dated}
        content = text_of(update, notes=notes_on(notes, [update.dated_on]), labels=labels)
    updated_at = max([update.published_at, *moments, *(correction.corrected_at for correction in corrections)])
    yield Entry(update_id(update), title, link, content, update.published_at, updated_at)


def entry_of_change(correction: Correction, plan: ActionPlan) -> Entry:
    """The entry for a change of what was adopted."""
    change, at = plan_change(correction, called=plan.recommendation_name), correction.corrected_at
    return Entry(
        id=urn(f"correction {correction.pk}", at),
        title=_change_title(change),
        link=f"{settings.SITE_URL}{_page_about(correction)}",
        content=notice(_("Changed on %(day)s:"), at, change.note, sentences=change.sentences),
        published_at=at,
        updated_at=at,
    )


def entry_of_edition(edition: Edition, plan: ActionPlan) -> Entry:
    """The entry for `edition`, fetched by `for_feed`: what was published, or the notice in its place."""
    moments = [edition.published_at, edition.hidden_or_shown_at or edition.published_at]
    content: str
    named = {"title": titles.of_report(edition.report, plan), "number": edition.number}
    if edition.is_taken_down:
        removal = edition.take_down
        moments.append(removal.taken_down_at)
        title = _("Taken down: %(title)s, edition %(number)d") % named
        content = notice(_("It was taken down for safety on %(day)s."), removal.taken_down_at, removal.reason)
    elif edition.is_set_aside:
        title, content = _not_now(max(moments))
    else:
        title = (_("%(title)s published") if edition.number == 1 else _("%(title)s: edition %(number)d")) % named
        context = {"edition": edition, "address": edition.get_absolute_url(), "site": settings.SITE_URL}
        content = render_to_string("public/_feed_edition.html", context)
    return Entry(
        id=urn(f"edition {edition.pk}", edition.published_at),
        title=title,
        link=f"{settings.SITE_URL}{edition.get_absolute_url()}",
        content=content,
        published_at=edition.published_at,
        updated_at=max(moments),
    )


def entry_of_closing(plan: ActionPlan) -> Iterator[Entry]:
    """The entry that says that nobody updates the site any more, where it was closed."""
    if plan.closed_at:
        content = render_to_string("public/_feed_closed.html", {"plan": plan})
        id, link = urn("closing", plan.closed_at), f"{settings.SITE_URL}{plan.get_absolute_url()}"
        yield Entry(id, plan.not_updated, link, content, plan.closed_at, plan.closed_at)


def _recorded(update: ProgressUpdate, labels: Mapping[str, str]) -> str:
    """The statuses that `update` records, each after the references that it recorded it for."""
    references = defaultdict(list)
    for assessment in update.assessments.all():
        references[labels[assessment.status]].append(assessment.recommendation.reference)
    lines = (
        _("%(label)s: %(text)s") % {"label": ", ".join(covered), "text": label} for label, covered in references.items()
    )
    return "; ".join(lines)


def _correction_title(correction: Correction, references: str) -> str:
    words = {"references": references, "what": ", ".join(parts_changed(correction))}
    if not words["what"]:
        return _("Correction of %(references)s") % words
    return _("Correction of %(references)s: %(what)s") % words


def _change_title(change: PlanChange) -> str:
    """What was changed, but not to what. A party, and an area without a number, isn't named: its name may say much."""
    fields = {one.field: one for one in change.changes}
    words = {"about": change.about, "what": ", ".join(adopted.label_of(field) for field in fields)}
    if not change.is_by_number:
        return _("Changed: %(what)s") % words
    if "retired_on" in fields and fields.keys() <= RETIREMENT:
        return (_("%(about)s retired") if fields["retired_on"].after else _("%(about)s no longer retired")) % words
    return _("%(about)s changed: %(what)s") % words


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


def notice(sentence: str, at: dt.datetime, reason: str, *, sentences: Iterable[str] = ()) -> SafeString:
    """The notice that something was changed, or is gone: what was done on which day, what was changed, and why."""
    context = {"sentence": sentence % {"day": dates.day(at)}, "sentences": tuple(sentences), "reason": reason}
    return render_to_string("public/_feed_notice.html", context)


def _not_now(at: dt.datetime) -> tuple[str, SafeString]:
    """Title and content of the notice in place of what was set aside: the same for everything, as on pages."""
    return _("Not available at the moment"), notice(_("You can’t read this for now."), at, "")


def update_id(update: ProgressUpdate) -> str:
    return urn(f"update {update.pk}", update.published_at)


def _id_of(correction: Correction) -> str:
    return urn(f"correction {correction.pk}", correction.corrected_at)


def urn(thing: str, at: dt.datetime | None) -> str:
    """A permanent and unique name for `thing`, made from it and the instant it came to be."""
    instant = at.astimezone(dt.UTC).isoformat(timespec="microseconds") if at else ""
    return uuid.uuid5(NAMESPACE, f"{thing} {instant}").urn
