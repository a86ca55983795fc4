"""What was published after a backup and is lost with its restoring: its address and number are given to nothing else.

An edition keeps its place in the chain of seals, in public lists and at its address, as one that was taken down and
erased does: whoever kept its hash or a later seal can still check them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.urls import reverse
from django.utils.translation import gettext as _

from recommendations.models import ActionPlan, Edition, EditionFile, ProgressUpdate, Report
from recommendations.publishing.acts import save
from recommendations.publishing.erasure import ERASED
from recommendations.publishing.ledger import Entry, Sealed
from recommendations.publishing.takedowns import take_down
from recommendations.report.proof import seal_of

from . import rows
from .later import Later, who


@dataclass(frozen=True)
class Lost:
    """What was published or corrected since: updates by their number, editions by their address.

    `drafts` are there as drafts, as they were then; `corrected` are as they were before that. `unsealed` are the
    editions that have no place, because the ledger lacks one before them or the backup has no action plan.
    """

    drafts: list[int] = field(default_factory=list)
    updates: list[int] = field(default_factory=list)
    corrected: list[int] = field(default_factory=list)
    editions: list[str] = field(default_factory=list)
    unsealed: list[str] = field(default_factory=list)


def keep_places(published: Iterable[Entry]) -> tuple[list[Edition], list[str]]:
    """Make anew, without their content, the editions that the restored backup lacks, in the order of publication.

    Returns them, and the addresses of those that can't be: the ledger lacks one before, so that the seal doesn't follow
    from what is there, or the backup is from before there was a plan.
    """
    kept, unsealed = [], []
    plan = ActionPlan.objects.first()
    for entry in sorted(published, key=lambda one: one.edition or 0):
        sealed = entry.sealed
        if sealed is None or entry.edition is None or Edition.objects.filter(pk=entry.edition).exists():
            continue
        if plan is None:
            unsealed.append(reverse("edition", args=[sealed.slug, sealed.number]))
            continue
        last = Edition.objects.order_by("id").last()
        edition = Edition(
            pk=entry.edition,
            number=sealed.number,
            note=ERASED if sealed.number > 1 else "",
            seal=sealed.seal,
            report=report_at(sealed, plan=plan),
            previous=last,
            compared_with=Edition.objects.filter(pk=sealed.compared_with or 0).first(),
            published_at=sealed.published_at,
            published_by=who(entry),
        )
        if seal_of(edition, {name: sha256 for name, (sha256, _size) in sealed.files.items()}) != sealed.seal:
            unsealed.append(edition.get_absolute_url())
            continue
        save(edition.report, by=who(entry), reason=_("Published after the backup that was restored"), is_checked=True)
        edition.report_id = edition.report.pk
        edition.save(force_insert=True)
        for name, (sha256, size) in sealed.files.items():
            EditionFile.objects.create(edition=edition, name=name, content=None, size=size, sha256=sha256)
        kept.append(edition)
    return kept, unsealed


def report_at(sealed: Sealed, *, plan: ActionPlan) -> Report:
    """The report that an edition was published of, at its address and with its period; not saved yet."""
    report = (
        Report.objects.filter(slug=sealed.slug).first()
        or Report.objects.filter(pk=sealed.report, editions=None).first()
        or Report(title=sealed.slug, plan=plan)
    )
    report.slug, report.starts_on, report.ends_on = sealed.slug, sealed.starts_on, sealed.ends_on
    return report


def say_what_is_lost(editions: Iterable[Edition], *, at: dt.datetime) -> None:
    """Put a notice in the place of each that wasn't taken down before; what is missing of it was erased."""
    for edition in editions:
        by = edition.published_by
        if not edition.is_taken_down:
            reason = _(
                "It was lost when the site was restored from an earlier backup, not taken down for anything in it."
            )
            take_down(edition, reason=reason, by=by, at=at)
        removal = Edition.objects.get(pk=edition.pk).take_down
        if not removal.erased_at:
            removal.erased_at, removal.erased_by = at, by
            save(removal, by=by, reason=_("Lost when an earlier backup was restored"))


def lost_with(found: Later, *, editions: Iterable[Edition], unsealed: list[str]) -> Lost:
    """What is lost of what was `found`; the places of `editions` are kept."""
    there = dict(ProgressUpdate.objects.filter(pk__in=found.updates).values_list("pk", "published_at"))
    public = set(ProgressUpdate.objects.public().filter(pk__in=found.corrected).values_list("pk", flat=True))
    return Lost(
        drafts=sorted(number for number, published_at in there.items() if published_at is None),
        updates=sorted(found.updates.keys() - there.keys()),
        corrected=sorted(public),
        editions=[edition.get_absolute_url() for edition in editions],
        unsealed=unsealed,
    )


def give_no_number_twice(kind: rows.Model, numbers: Iterable[int]) -> None:
    """Let what is made next have a higher number than `numbers`: readers may know its address."""
    rows.go_on_after(kind, max([*numbers, rows.last_id(kind) or 0]))
