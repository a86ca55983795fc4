"""The act that publishes a report as an edition, and the reasons why it can't be done yet."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from hashlib import sha256

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from recommendations.models import (
    ActionPlan,
    Edition,
    EditionFile,
    EditionLogo,
    EditionUpdate,
    ProgressUpdate,
    Publication,
    Report,
)
from recommendations.reading import findings
from recommendations.reading.editions import stored_snapshot
from recommendations.reading.entries import EditionEntry
from recommendations.reading.schema import Snapshot
from recommendations.reading.snapshot import report_snapshot
from recommendations.report.editions import rendered_files
from recommendations.report.proof import seal_of
from recommendations.text import dates

from . import ledger
from .acts import Refused, Unchanged, public_words, refuse_for, save
from .clock import clock_obstacles
from .second_reader import unread
from .updates import going_on_past, publish_locked


def report_obstacles(report: Report, *, on: dt.date, ready: Collection[int] = ()) -> list[str]:
    """Why `report` can't be published on the day `on` with the updates `ready` (ids): sentences; none is best."""
    reasons = [closed] if (closed := is_closed(report.plan)) else []
    if report.ends_on > on:
        reasons.append(_("Its period ends on %(day)s, which is in the future.") % {"day": dates.day(report.ends_on)})
    if other := report.overlapped():
        reasons.append(_("Its period overlaps that of “%(other)s”.") % {"other": other})
    candidates = ProgressUpdate.objects.dated_in(report.starts_on, report.ends_on).with_assessments()
    chosen = {update.pk: update for update in candidates.ready().filter(pk__in=list(ready))}
    if len(chosen) < len(set(ready)):
        reasons.append(_("Some updates that you ticked are no longer ready, or no longer dated in its period."))
    for update in chosen.values():
        reasons += [f"“{update}”: {obstacle}" for obstacle in update.obstacles(on=on)]
    # What a published report had in it may all be withdrawn or taken down: the next edition says so by leaving it out.
    if not chosen and not candidates.public().exists() and not report.editions.exists():
        reasons.append(_("Its period has no published or ready updates, so there is nothing to report."))
    if report.plan.needs_second_reader:
        reasons += unread(list(chosen.values()))
    return reasons


def is_closed(plan: ActionPlan) -> str:
    """That the site is closed, so that nothing is published, in a sentence; empty while it is open."""
    if plan.closed_at is None:
        return ""
    words = _("This site has been closed since %(day)s: nothing is published until it is opened again.")
    return words % {"day": dates.day(plan.closed_at)}


def says_the_same(edition: Edition, content: Snapshot) -> bool:
    """Whether `edition`, which nobody took down, says already what `content` would."""
    return not edition.is_taken_down and stored_snapshot(edition).content_hash() == content.content_hash()


@contextmanager
def under_way(report: Report, *, by: User) -> Iterator[None]:
    """While this lasts, colleagues see since when `report` is being published, and by whom."""
    publication = Publication.objects.create(report=report, began_at=timezone.now(), begun_by=by)
    try:
        yield
    finally:
        publication.delete()


def publish_report(
    report: Report,
    *,
    by: User,
    at: dt.datetime,
    ready: Collection[int] = (),
    note: str = "",
    is_clock_right: bool = False,
) -> Edition:
    """Publish the next edition of `report`, and with it the ready updates with the ids `ready`.

    Everything is rendered first, outside any transaction; then, under a lock, the snapshot is taken again and must be
    the same. An edition after the first needs a `note` that says why. Raises Unchanged where the newest edition says
    the same already; Refused for any other obstacle; pdf.RenderFailed where the PDF can't be made. Each leaves
    everything as it was. With `is_clock_right` it may be dated before what was published while the clock was wrong.
    """
    report = Report.objects.select_related("plan").get(pk=report.pk)
    at = at.astimezone(dt.UTC)
    refuse_for(
        [
            *report_obstacles(report, on=timezone.localdate(at), ready=ready),
            *([] if is_clock_right else clock_obstacles(at=at)),
        ]
    )
    newest = report.newest_edition()
    content = report_snapshot(report, including=ready).as_published(at)
    content_hash = content.content_hash()
    if newest and says_the_same(newest, content):
        raise Unchanged(
            _("Edition %(number)d already says exactly this: nothing was published.") % {"number": newest.number}
        )
    note = public_words(
        note, missing=_("Say in the note why there is a new edition: readers see it.") if newest else ""
    )
    number = newest.number + 1 if newest else 1
    frozen = replace(content, edition=EditionEntry(number, at, timezone.localdate(at), note)).salted()
    with under_way(report, by=by):
        files = rendered_files(frozen)
    found = findings.of_report(report, on=timezone.localdate(at), printed=content, note=note)

    with transaction.atomic():
        # The plan's lock makes publications queue: the seal of each edition includes the one before.
        plan = ActionPlan.objects.select_for_update().get()
        refuse_for([closed] if (closed := is_closed(plan)) else [])
        report = Report.objects.select_for_update().get(pk=report.pk, plan=plan)
        locked = list(ProgressUpdate.objects.select_for_update().filter(pk__in=list(ready)).order_by("pk"))
        refuse_for(unread(locked))
        for update in locked:
            publish_locked(update, by=by, at=at, reason=_("Published with edition %(number)d") % {"number": number})
        if report_snapshot(report).content_hash() != content_hash or report.newest_edition() != newest:
            raise Refused(
                _("The report changed while it was being published, so nothing was published. Please check it again.")
            )
        last = Edition.objects.order_by("id").last()
        if last and last.published_at > at and not is_clock_right:
            raise Refused(_("Another report was published meanwhile, so nothing was published. Please try again."))
        previous = report.previous()
        edition = Edition(
            report=report,
            number=number,
            note=note,
            previous=last,
            compared_with=previous.editions.public().order_by("number").last() if previous else None,
            published_at=at,
            published_by=by,
        )
        rows = [
            EditionFile(edition=edition, name=name, content=data, size=len(data), sha256=sha256(data).hexdigest())
            for name, data in files.items()
        ]
        edition.seal = seal_of(edition, {row.name: row.sha256 for row in rows})
        edition.save(force_insert=True)
        for row in rows:
            row.save(force_insert=True)
        for name in dict.fromkeys(logo.sha256 for logo in frozen.logos):
            EditionLogo.objects.create(edition=edition, image_id=name)
        EditionUpdate.objects.bulk_create(EditionUpdate(edition=edition, update_id=one.id) for one in frozen.updates)
        save(report, by=by, reason=going_on_past(_("Published edition %(number)d") % {"number": number}, found))
        ledger.note_edition(updates=[update.pk for update in locked], by=by)
    return edition
