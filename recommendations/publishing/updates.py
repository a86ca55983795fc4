"""The acts on updates: mark ready, publish, correct, withdraw."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any, Self

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from recommendations.models import Assessment, Correction, EvidenceLink, ProgressUpdate, Recommendation, StatusWording
from recommendations.reading import findings
from recommendations.reading.canonical import canonical
from recommendations.text import dates

from . import ledger
from .acts import Refused, Unchanged, delete, public_words, record, refuse_for, save
from .history import Moment, moved_message, version_of
from .second_reader import unread, why_not_by


@dataclass(frozen=True)
class Content:
    """What a published update says: everything of it that only a correction may change.

    `statuses` pairs references with status words, in plan order; `evidence` pairs labels with addresses, and
    `archived` those addresses that have an archived copy with the copy's.
    """

    text: str
    dated_on: dt.date
    dated_as_published: str
    sums_up: bool
    statuses: tuple[tuple[str, str], ...]
    evidence: tuple[tuple[str, str], ...]
    archived: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, update: ProgressUpdate) -> Self:
        assessments = update.assessments.select_related("recommendation__area").order_by(
            "recommendation__area__number", "recommendation__position", "recommendation__id"
        )
        links = update.evidence_links.order_by("id")
        return cls(
            text=update.text,
            dated_on=update.dated_on,
            dated_as_published=update.dated_as_published,
            sums_up=update.sums_up,
            statuses=tuple((assessment.recommendation.reference, assessment.status) for assessment in assessments),
            evidence=tuple(links.values_list("label", "address")),
            archived=tuple(links.exclude(archived_address="").values_list("address", "archived_address")),
        )

    @classmethod
    def at(cls, moment: Moment) -> Self:
        """What an update said at a moment of its history, as far as what it covered is still there."""
        rows = dict(moment.parts)
        assessed = {row.recommendation_id: row.status for row in rows[Assessment]}
        covered = Recommendation.objects.filter(pk__in=assessed, area_id=moment.own.area_id).select_related("area")
        return cls(
            text=moment.own.text,
            dated_on=moment.own.dated_on,
            dated_as_published=moment.own.dated_as_published,
            sums_up=moment.own.sums_up,
            statuses=tuple((one.reference, assessed[one.pk]) for one in covered.in_order()),
            evidence=tuple((row.label, row.address) for row in rows[EvidenceLink]),
            archived=tuple((row.address, row.archived_address) for row in rows[EvidenceLink] if row.archived_address),
        )

    @property
    def status_labels(self) -> list[tuple[str, str]]:
        """References with the statuses' labels, as people read them."""
        return StatusWording.objects.labelled(self.statuses)

    @property
    def links(self) -> tuple[tuple[str, str, str], ...]:
        """The evidence as labels, addresses, and the addresses of archived copies (empty: none)."""
        return links_of(self.evidence, self.archived)

    @property
    def addresses(self) -> list[str]:
        """All addresses that readers may find in it."""
        return [address for _label, *both in self.links for address in both if address]

    @property
    def dated(self) -> str:
        """The date as colleagues read it."""
        return dates.with_day(self.dated_on, self.dated_as_published)

    @property
    def fingerprint(self) -> str:
        """What a form carries along to notice that somebody else corrected the update meanwhile."""
        return sha256(canonical(self.as_json()).encode()).hexdigest()

    def as_json(self) -> dict[str, Any]:
        """As corrections store it before and after: ISO dates, statuses by reference; `archived` if there is one."""
        stored = {**asdict(self), "dated_on": self.dated_on.isoformat(), "statuses": dict(self.statuses)}
        return stored if self.archived else {name: value for name, value in stored.items() if name != "archived"}

    def moved_against(self, other: Content) -> list[str]:
        """What differs from `other` beside words and evidence, in words: none of it is minor."""
        moved = []
        if (self.dated_on, self.dated_as_published) != (other.dated_on, other.dated_as_published):
            moved.append(_("the date"))
        ours, theirs = dict(self.statuses), dict(other.statuses)
        if ours.keys() != theirs.keys():
            moved.append(_("the recommendations"))
        moved += [
            _("the status of %(reference)s") % {"reference": reference}
            for reference, status in ours.items()
            if theirs.get(reference, status) != status
        ]
        if self.sums_up != other.sums_up:
            moved.append(_("whether it sums up the period"))
        return moved

    def is_minor_against(self, other: Content) -> bool:
        """Whether it differs from `other` in words and evidence alone: not in date, coverage, status or summing up."""
        return not self.moved_against(other)


def links_of(evidence: Iterable[Sequence[str]], archived: Iterable[Sequence[str]]) -> tuple[tuple[str, str, str], ...]:
    """The links of a content, also of one that a correction stored: see `Content`."""
    copies = {pair[0]: pair[1] for pair in archived}
    return tuple((label, address, copies.get(address, "")) for label, address in evidence)


def mark_ready(update: ProgressUpdate, *, by: User, at: dt.datetime) -> None:
    """Record that `update` may be published; Refused where something would stand in the way."""
    with transaction.atomic():
        locked = _locked_update(update)
        if locked.published_at:
            raise Refused(_("It is already published."))
        if locked.ready_at:
            raise Unchanged(_("It is already marked ready."))
        refuse_for([*locked.obstacles(on=timezone.localdate(at)), *why_not_by(by, [locked]).values()])
        locked.ready_at, locked.ready_by = at, by
        save(locked, by=by, reason=_("Marked ready"))


def mark_draft(update: ProgressUpdate, *, by: User) -> None:
    """Take back that `update` is ready; Refused once it is published."""
    with transaction.atomic():
        locked = _locked_update(update)
        if locked.published_at:
            raise Refused(_("It is already published: correct it or withdraw it."))
        if not locked.ready_at:
            raise Unchanged(_("It is already a draft."))
        locked.ready_at = locked.ready_by = None
        save(locked, by=by, reason=_("Back to draft"))


def publish_update(update: ProgressUpdate, *, by: User, at: dt.datetime, expected: str | None = None) -> None:
    """Publish one update on the site, apart from any report; Refused where it is not the `expected` version."""
    with transaction.atomic():
        locked = _locked_update(update)
        if expected is not None and expected != version_of(locked):
            raise Refused(moved_message(locked, _("Read it again below before you publish it.")))
        refuse_for(unread([locked]) if locked.ready_at else list(why_not_by(by, [locked]).values()))
        publish_locked(locked, by=by, at=at, reason=going_on_past(_("Published"), findings.of_update(locked)))
        ledger.note("published", update=locked.pk, by=by)


def correct_update(
    update: ProgressUpdate,
    *,
    content: Content,
    note: str,
    by: User,
    at: dt.datetime,
    is_minor: bool = False,
    expected: str = "",
) -> Correction:
    """Change what a published update says, and leave a public note that says why.

    `expected` is the fingerprint of the content that was being corrected; it is refused if somebody else was first. A
    minor correction may not touch date, coverage, statuses or summing up. Unchanged where it says `content` already.
    """
    with transaction.atomic():
        locked = _locked_public_update(update)
        before = Content.of(locked)
        if expected and expected != before.fingerprint:
            raise Refused(
                _("Somebody else corrected it while you were writing. Check what it says now, and correct that.")
            )
        if content == before:
            raise Unchanged(_("You changed nothing, so there is nothing to correct."))
        if is_minor and not content.is_minor_against(before):
            raise Refused(_("A minor correction can't change the date, the recommendations covered or a status."))
        note = public_words(note, missing=_("Say in the public note what was corrected, and why."))
        found = findings.newly_completed(locked, before=before.statuses, now=content.statuses)
        found += findings.in_text(content.text, addresses=content.addresses)
        _apply(content, locked, by=by, reason=going_on_past(note, found))
        refuse_for(locked.obstacles(on=timezone.localdate(at)))
        ledger.note("corrected", update=locked.pk, by=by)
        return record(
            Correction(
                update=locked,
                note=note,
                is_minor=is_minor,
                before=before.as_json(),
                after=Content.of(locked).as_json(),
                corrected_at=at,
                corrected_by=by,
            )
        )


def withdraw_update(update: ProgressUpdate, *, note: str, by: User, at: dt.datetime) -> Correction:
    """Withdraw a published update: its address then shows its references, its date and `note`, never its text."""
    with transaction.atomic():
        locked = _locked_public_update(update)
        note = public_words(note, missing=_("Say in the public note why it is withdrawn."))
        before = Content.of(locked).as_json()
        locked.withdrawn_at, locked.withdrawn_by = at, by
        save(locked, by=by, reason=note)
        ledger.note("withdrawn", update=locked.pk, by=by)
        return record(
            Correction(update=locked, note=note, is_withdrawal=True, before=before, corrected_at=at, corrected_by=by)
        )


def publish_locked(update: ProgressUpdate, *, by: User, at: dt.datetime, reason: str) -> None:
    """Publish an update that is locked already."""
    if update.published_at:
        raise Refused(_("“%(update)s” is already published.") % {"update": update})
    refuse_for(update.obstacles(on=timezone.localdate(at)))
    if not update.ready_at:
        update.ready_at, update.ready_by = at, by
    update.published_at, update.published_by = at, by
    save(update, by=by, reason=reason)


def going_on_past(reason: str, found: Collection[findings.Finding]) -> str:
    """`reason` for the history, with what was found, is unanswered and did not keep whoever acted from going on."""
    if not (unanswered := [f"– {finding.message}" for finding in found if finding.is_open]):
        return reason
    return "\n".join([reason, _("Went ahead despite these findings:"), *unanswered])


def _apply(content: Content, update: ProgressUpdate, *, by: User, reason: str) -> None:
    """Make a locked `update` say `content`; Refused where a field or a reference in it is not valid."""
    update.text = content.text
    update.dated_on = content.dated_on
    update.dated_as_published = content.dated_as_published
    update.sums_up = content.sums_up
    covered = {
        assessment.recommendation.reference: assessment
        for assessment in update.assessments.select_related("recommendation__area")
    }
    cited = {link.address: link for link in update.evidence_links.all()}
    save(update, by=by, reason=reason)
    for reference, status in content.statuses:
        assessment = covered.pop(reference, None)
        if assessment is None:
            recommendation = Recommendation.objects.referred_to_as(reference).filter(area_id=update.area_id).first()
            if recommendation is None:
                raise Refused(_("It can't cover %(reference)s, which is in another area.") % {"reference": reference})
            assessment = Assessment(update=update, recommendation=recommendation)
        if assessment.pk is None or assessment.status != status:
            assessment.status = status
            save(assessment, by=by, reason=reason)
    for label, address, archived in content.links:
        link = cited.pop(address, None) or EvidenceLink(update=update, address=address)
        if link.pk is None or (link.label, link.archived_address) != (label, archived):
            link.label, link.archived_address = label, archived
            save(link, by=by, reason=reason)
    leftovers: list[Any] = [*covered.values(), *cited.values()]
    for leftover in leftovers:
        delete(leftover, by=by, reason=reason)


def _locked_update(update: ProgressUpdate) -> ProgressUpdate:
    """The row of `update` as it is stored now, locked until the transaction ends."""
    return ProgressUpdate.objects.select_for_update().get(pk=update.pk)


def _locked_public_update(update: ProgressUpdate) -> ProgressUpdate:
    """The same, or Refused unless the public reads it now."""
    locked = _locked_update(update)
    if not locked.published_at:
        raise Refused(_("It isn't published: just change it."))
    if locked.withdrawn_at:
        raise Refused(_("It was withdrawn."))
    if locked.is_taken_down:
        raise Refused(_("It was taken down."))
    if locked.is_set_aside:
        raise Refused(_("It is set aside: an administrator must restore it or take it down first."))
    return locked
