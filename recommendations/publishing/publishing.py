"""The acts: publish, correct and withdraw an update; publish a report; set aside, take down, erase; and the proof that
all stands.

Each act checks again what the forms checked, under a lock, and either happens whole or raises `Refused` and leaves
everything as it was. Nothing else may set `published_at`, change a published update or make an edition.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from typing import Any, Self

from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from recommendations.data import datasets
from recommendations.models import (
    ActionPlan,
    Assessment,
    Correction,
    Edition,
    EditionFile,
    EditionLogo,
    EditionUpdate,
    EvidenceLink,
    Logo,
    LogoImage,
    ProgressUpdate,
    Recommendation,
    Report,
    ReportSection,
    SetAside,
    TakeDown,
)
from recommendations.models.progress import status_label
from recommendations.reading import findings
from recommendations.reading.adopted import content_of, is_adopted
from recommendations.reading.snapshot import (
    EditionEntry,
    Snapshot,
    UnknownSchema,
    canonical,
    printed_hash,
    report_snapshot,
    stored_snapshot,
)
from recommendations.report import document, pdf
from recommendations.text import dates

from .acts import Refused, Unchanged, delete, public_words, put_on_record, record, refuse_for, save
from .history import PARTS, Moment, restorable, version_of
from .plan_changes import announce

ERASED = "[erased]"
# Of a larger plan a PDF may take as much more time and memory as it is larger.
RECOMMENDATIONS_IN_BOUNDS = 500


@dataclass(frozen=True)
class Content:
    """What a published update says: everything of it that only a correction may change.

    `statuses` pairs references with status words, in plan order; `evidence` pairs labels with addresses.
    """

    text: str
    dated_on: dt.date
    dated_as_published: str
    sums_up: bool
    statuses: tuple[tuple[str, str], ...]
    evidence: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, update: ProgressUpdate) -> Self:
        assessments = update.assessments.select_related("recommendation__area").order_by(
            "recommendation__area__number", "recommendation__number"
        )
        return cls(
            text=update.text,
            dated_on=update.dated_on,
            dated_as_published=update.dated_as_published,
            sums_up=update.sums_up,
            statuses=tuple((assessment.recommendation.reference, assessment.status) for assessment in assessments),
            evidence=tuple(update.evidence_links.order_by("id").values_list("label", "address")),
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
            statuses=tuple((one.reference, assessed[one.pk]) for one in covered.order_by("number")),
            evidence=tuple((row.label, row.address) for row in rows[EvidenceLink]),
        )

    @property
    def status_labels(self) -> tuple[tuple[str, str], ...]:
        """References with the statuses' labels, as people read them."""
        return tuple((reference, status_label(status)) for reference, status in self.statuses)

    @property
    def dated(self) -> str:
        """The date as colleagues read it."""
        return dates.with_day(self.dated_on, self.dated_as_published)

    @property
    def fingerprint(self) -> str:
        """What a form carries along to notice that somebody else corrected the update meanwhile."""
        return sha256(canonical(self.as_json()).encode()).hexdigest()

    def as_json(self) -> dict[str, Any]:
        """As corrections store it before and after: ISO dates, statuses by reference."""
        return {**asdict(self), "dated_on": self.dated_on.isoformat(), "statuses": dict(self.statuses)}

    def is_minor_against(self, other: Content) -> bool:
        """Whether it differs from `other` in words and evidence alone: not in date, coverage, status or summing up."""
        return replace(self, text="", evidence=()) == replace(other, text="", evidence=())


def mark_ready(update: ProgressUpdate, *, by: User, at: dt.datetime) -> None:
    """Record that `update` may be published; Refused where something would stand in the way."""
    with transaction.atomic():
        locked = _locked_update(update)
        if locked.published_at:
            raise Refused(_("It was published already."))
        if locked.ready_at:
            raise Unchanged(_("It was marked ready already."))
        refuse_for(locked.obstacles(on=timezone.localdate(at)))
        locked.ready_at, locked.ready_by = at, by
        save(locked, by=by, reason=_("Marked ready"))


def mark_draft(update: ProgressUpdate, *, by: User) -> None:
    """Take back that `update` is ready; Refused once it is published."""
    with transaction.atomic():
        locked = _locked_update(update)
        if locked.published_at:
            raise Refused(_("It was published already: correct or withdraw it."))
        if not locked.ready_at:
            raise Unchanged(_("It is a draft already."))
        locked.ready_at = locked.ready_by = None
        save(locked, by=by, reason=_("Back to draft"))


def publish_update(update: ProgressUpdate, *, by: User, at: dt.datetime) -> None:
    """Publish one update on the site, apart from any report."""
    with transaction.atomic():
        locked = _locked_update(update)
        _publish(locked, by=by, at=at, reason=_going_on(_("Published"), findings.of_update(locked)))


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
    minor correction may not touch date, coverage, statuses or summing up. Unchanged where `content` is what stands.
    """
    with transaction.atomic():
        locked = _locked_standing_update(update)
        before = Content.of(locked)
        if expected and expected != before.fingerprint:
            raise Refused(
                _("Somebody else corrected it while you were writing. Look at what it says now, and correct that.")
            )
        if content == before:
            raise Unchanged(_("Nothing was changed, so there is nothing to correct."))
        if is_minor and not content.is_minor_against(before):
            raise Refused(_("A minor correction can't change the date, the recommendations covered or a status."))
        note = public_words(note, missing=_("Say in the public note what was corrected, and why."))
        found = findings.in_words(content.text, addresses=[address for _label, address in content.evidence])
        _apply(content, locked, by=by, reason=_going_on(note, found))
        refuse_for(locked.obstacles(on=timezone.localdate(at)))
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
        locked = _locked_standing_update(update)
        note = public_words(note, missing=_("Say in the public note why it is withdrawn."))
        before = Content.of(locked).as_json()
        locked.withdrawn_at, locked.withdrawn_by = at, by
        save(locked, by=by, reason=note)
        return record(
            Correction(update=locked, note=note, is_withdrawal=True, before=before, corrected_at=at, corrected_by=by)
        )


def restore(
    thing: Any, *, moment: Moment, expected: str, by: User, reason: str, note: str = "", is_slip: bool = False
) -> None:
    """Make `thing` and its parts again what they were at `moment`: a new change, refused like any other.

    `expected` is the version that whoever restores it saw. What was published is changed by a correction alone; of what
    was adopted readers are told the public `note`, and of its text it must be said that it mends a slip.
    """
    with transaction.atomic():
        locked = type(thing)._default_manager.select_for_update().get(pk=thing.pk)
        if isinstance(locked, ProgressUpdate) and locked.published_at:
            raise Refused(_("It was published already: correct it instead."))
        if version_of(locked) != expected:
            raise Refused(_("It was changed while you were looking at it. Compare again."))
        before = content_of(locked) if is_adopted(locked) else None
        moment = restorable(moment)
        for field in moment.own.tracked_fields:
            if field.editable and not field.primary_key:
                setattr(locked, field.attname, getattr(moment.own, field.attname))
        put_on_record(locked, by=by, reason=reason)
        for name, ids in moment.many.items():
            getattr(locked, name).set(ids)
        save(locked, by=by, reason=reason)
        for kind, rows in moment.parts:
            _restore_parts(kind, locked, {row.id: row for row in rows}, by=by, reason=reason)
        if isinstance(locked, ProgressUpdate) and locked.ready_at:
            refuse_for(locked.obstacles(on=timezone.localdate()))
        if before is not None:
            announce(locked, before=before, note=note, by=by, at=timezone.now(), is_slip=is_slip)


def _restore_parts(kind: Any, whole: models.Model, rows: dict[int, Any], *, by: User, reason: str) -> None:
    link = next(link for part, link in PARTS[type(whole)] if part is kind)
    standing = {part.pk: part for part in kind.objects.filter(**{link: whole.pk})}
    for part in standing.values():
        if part.pk not in rows:
            delete(part, by=by, reason=reason)
    # The organisation's logo last: until then another one may stand in its place.
    for id, row in sorted(rows.items(), key=lambda item: getattr(item[1], "whose", "") == Logo.Whose.ORGANISATION):
        part = standing.get(id) or kind(pk=id)
        values = {field.attname: getattr(row, field.attname) for field in row.tracked_fields}
        if id not in standing or any(getattr(part, name) != value for name, value in values.items()):
            for name, value in values.items():
                setattr(part, name, value)
            save(part, by=by, reason=reason)


def report_obstacles(report: Report, *, on: dt.date, ready: Collection[int] = ()) -> list[str]:
    """Why `report` can't be published on the day `on` with the updates `ready` (ids): sentences; none is best."""
    reasons = []
    if report.ends_on > on:
        reasons.append(_("Its period ends on %(day)s, which is still to come.") % {"day": dates.day(report.ends_on)})
    if other := report.overlapped():
        reasons.append(_("Its period overlaps that of “%(other)s”.") % {"other": other})
    candidates = ProgressUpdate.objects.dated_in(report.starts_on, report.ends_on).with_assessments()
    chosen = {update.pk: update for update in candidates.ready().filter(pk__in=list(ready))}
    if len(chosen) < len(set(ready)):
        reasons.append(_("Some updates that you ticked are no longer ready, or no longer dated in its period."))
    for update in chosen.values():
        reasons += [f"“{update}”: {obstacle}" for obstacle in update.obstacles(on=on)]
    # What a published report had in it may all be withdrawn or taken down: the next edition says so by leaving it out.
    if not chosen and not candidates.published().exists() and not report.editions.exists():
        reasons.append(_("No update in its period is published or ready: there is nothing to report."))
    return reasons


def publish_report(
    report: Report, *, by: User, at: dt.datetime, ready: Collection[int] = (), note: str = ""
) -> Edition:
    """Publish the next edition of `report`, and with it the ready updates with the ids `ready`.

    Everything is rendered first, outside any transaction; then, under a lock, the snapshot is taken again and must be
    the same. An edition after the first needs a `note` that says why. Raises Unchanged where the newest edition says
    the same already; Refused for any other obstacle; pdf.RenderFailed where the PDF can't be made. Each leaves
    everything as it was.
    """
    report = Report.objects.select_related("plan").get(pk=report.pk)
    at = at.astimezone(dt.UTC)
    refuse_for(report_obstacles(report, on=timezone.localdate(at), ready=ready))
    newest = report.newest_edition()
    content = report_snapshot(report, including=ready).as_published(at)
    content_hash = content.content_hash()
    if newest and not newest.is_taken_down and stored_snapshot(newest).content_hash() == content_hash:
        raise Unchanged(
            _("Edition %(number)d says exactly this already: nothing was published.") % {"number": newest.number}
        )
    note = public_words(
        note, missing=_("Say in the note why there is a new edition: readers see it.") if newest else ""
    )
    number = newest.number + 1 if newest else 1
    frozen = replace(content, edition=EditionEntry(number, at, timezone.localdate(at), note)).salted()
    files = _rendered(frozen)
    found = findings.of_report(report, on=timezone.localdate(at), printed=content, note=note)

    with transaction.atomic():
        # The plan's lock makes publications queue: the seal of each edition includes the one before.
        plan = ActionPlan.objects.select_for_update().get()
        report = Report.objects.select_for_update().get(pk=report.pk, plan=plan)
        for update in ProgressUpdate.objects.select_for_update().filter(pk__in=list(ready)).order_by("pk"):
            _publish(update, by=by, at=at, reason=_("Published with edition %(number)d") % {"number": number})
        if report_snapshot(report).content_hash() != content_hash or report.newest_edition() != newest:
            raise Refused(_("The report was changed while it was being made: nothing was published. Look at it again."))
        previous = report.previous()
        edition = Edition(
            report=report,
            number=number,
            note=note,
            previous=Edition.objects.order_by("id").last(),
            compared_with=previous.editions.standing().order_by("number").last() if previous else None,
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
        save(report, by=by, reason=_going_on(_("Published edition %(number)d") % {"number": number}, found))
    return edition


def draft_pdf(snapshot: Snapshot, *, at: dt.datetime) -> bytes:
    """A draft to circulate: each page says that, its date and its version, and each update has a reference.

    The version is the beginning of the content's hash: the same as long as nothing that is shown has moved.
    """
    words = {"day": dates.day(at), "version": snapshot.content_hash()[:8]}
    title = _("DRAFT of %(day)s, version %(version)s, not for publication") % words
    return rendered_pdf(snapshot, document.article(snapshot, draft=title), is_draft=True)


def rendered_pdf(snapshot: Snapshot, article: str, *, is_draft: bool = False) -> bytes:
    """The PDF of `article`, the report of `snapshot`, with its title, organisation and dates: the same bytes each time.

    Programs show its title on their tabs and in their history: like those of the pages it says little over a shoulder.
    A preview is dated by the period's last day, so that it too is the same as long as it says the same.
    The bounds in time and memory grow with the plan, as what a PDF takes does.
    """
    share = max(1, len(snapshot.recommendations) / RECOMMENDATIONS_IN_BOUNDS)
    dated = snapshot.edition.published_at if snapshot.edition else dt.datetime.combine(snapshot.on, dt.time(), dt.UTC)
    return pdf.render(
        article,
        title=document.neutral_title(snapshot),
        author=snapshot.plan.organisation_name,
        language=snapshot.language or settings.LANGUAGE_CODE,
        created=dated,
        identifier=snapshot.salt,
        is_draft=is_draft,
        attachments=() if is_draft else data_of(snapshot),
        pictures=pictures_of(snapshot),
        timeout=settings.PDF_SECONDS * share,
        memory=int(settings.PDF_MEGABYTES * share) * pdf.MEBIBYTE,
    )


def pictures_of(snapshot: Snapshot) -> dict[str, bytes]:
    """The bytes of the pictures that the article of `snapshot` shows, by the path that it names them by."""
    if not snapshot.logos:
        return {}
    named = LogoImage.objects.filter(pk__in=[logo.sha256 for logo in snapshot.logos])
    content = dict(named.values_list("pk", "content"))
    return {logo.path: bytes(content[logo.sha256]) for logo in snapshot.logos if logo.sha256 in content}


def data_of(snapshot: Snapshot) -> list[pdf.Attached]:
    """What a report's PDF carries within it: the data of `snapshot` as JSON and as the three CSV tables."""
    site = settings.SITE_URL
    return [
        pdf.Attached("progress.json", _("The data of this report (JSON)"), datasets.to_json(snapshot, site=site)),
        *(
            pdf.Attached(f"{table.name}.csv", f"{table.title} (CSV)", datasets.to_csv(table))
            for table in datasets.tables(snapshot, site=site)
        ),
    ]


def seal_of(edition: Edition, hashes: dict[str, str]) -> str:
    """The SHA-256 that chains `edition` to the one published before it, whichever report that was of."""
    return sha256(canonical(covered_by_seal(edition, hashes)).encode()).hexdigest()


def covered_by_seal(edition: Edition, hashes: dict[str, str]) -> dict[str, Any]:
    """What the seal of `edition` is the SHA-256 of; `hashes` are those of its files, by name.

    It covers the previous seal, the report's address, number, time of publication and what it was compared with, and
    the name and SHA-256 of each file. The note is covered by the snapshot's file, so that an erasure leaves it valid.
    """
    return {
        "previous": edition.previous.seal if edition.previous else "",
        "report": edition.report.slug,
        "number": edition.number,
        "published_at": edition.published_at.astimezone(dt.UTC).isoformat(),
        "compared_with": edition.compared_with.seal if edition.compared_with else "",
        "files": hashes,
    }


def verify_editions() -> Iterator[tuple[Edition, list[str]]]:
    """Every edition in the order of publication, each with what is wrong with it: an empty list where all is well.

    Every hash is computed anew from the stored bytes, every seal from the hashes. Bytes may be missing only where an
    erasure after a take-down is on record.
    """
    last: Edition | None = None
    editions = Edition.objects.select_related("report", "previous", "compared_with", "take_down").order_by("id")
    for edition in editions.iterator(chunk_size=10):
        problems = []
        erased = edition.is_taken_down and edition.take_down.erased_at is not None
        if edition.previous != last:
            problems.append(_("it doesn't follow the edition before it"))
        files = {file.name: file for file in edition.files.all()}
        if set(files) != set(EditionFile.Name.values):
            problems.append(_("its files are not the three that an edition has"))
        for name, file in files.items():
            if file.content is None:
                if not erased:
                    problems.append(_("%(name)s is missing, and no erasure is on record") % {"name": name})
            elif len(file.content) != file.size or sha256(file.content).hexdigest() != file.sha256:
                problems.append(_("%(name)s is not what was published") % {"name": name})
        if seal_of(edition, {name: file.sha256 for name, file in files.items()}) != edition.seal:
            problems.append(_("its seal is broken: number, time, order or a hash was changed"))
        if not problems and not erased:
            problems += _disagreements(edition)
        yield edition, problems
        last = edition


def set_aside(thing: ProgressUpdate | Edition, *, by: User, at: dt.datetime) -> SetAside:
    """Put an update, with every edition that holds it, or an edition out of the public's sight, until it is decided.

    Whoever does it second gets what the first did. The plan's lock lets no publication pass that began before.
    """
    with transaction.atomic():
        ActionPlan.objects.select_for_update().get()
        locked: ProgressUpdate | Edition = type(thing)._default_manager.select_for_update().get(pk=thing.pk)
        if found := locked.set_asides.undecided().first():
            return found
        if isinstance(locked, ProgressUpdate):
            if not locked.published_at:
                raise Refused(_("It was never published: nobody outside has seen it."))
            aside = SetAside(update=locked, set_aside_at=at, set_aside_by=by)
        else:
            aside = SetAside(edition=locked, set_aside_at=at, set_aside_by=by)
        if _is_decided(aside):
            raise Refused(_("It was taken down already."))
        aside.save()
        _note_in_history(aside, by=by, reason=_("Set aside"))
    return aside


def restore_set_aside(aside: SetAside, *, reason: str, by: User, at: dt.datetime) -> None:
    """Let the public read again what was set aside, as far as it wasn't taken down; `reason` is for colleagues."""
    with transaction.atomic():
        ActionPlan.objects.select_for_update().get()
        aside = SetAside.objects.select_for_update(of=("self",)).select_related("update", "edition").get(pk=aside.pk)
        if aside.ended_at:
            raise Unchanged(_("It was decided already."))
        reason = public_words(reason, missing=_("Say for your colleagues why it can be read again."))
        aside.ended_at, aside.ended_by = at, by
        aside.save()
        _note_in_history(aside, by=by, reason=_("Restored after it was set aside: %(reason)s") % {"reason": reason})


def _is_decided(aside: SetAside) -> bool:
    """Whether all that `aside` keeps out of sight was taken down."""
    if aside.update is None:
        return aside.edition is None or aside.edition.is_taken_down
    return aside.update.is_taken_down and not Edition.objects.holding(aside.update).filter(take_down=None).exists()


def _note_in_history(aside: SetAside, *, by: User, reason: str) -> None:
    """Leave `reason` in the history of what was set aside: an edition has none, its report has.

    Nothing is checked, so that nothing stands in the way: nothing else is changed.
    """
    kind: Any = ProgressUpdate if aside.update else Report
    thing = kind.objects.select_for_update().get(pk=aside.update_id or (aside.edition and aside.edition.report_id))
    if aside.edition:
        reason = f"{reason} ({aside.edition})"
    put_on_record(thing, by=by, reason=reason)
    thing.save()


def take_down(thing: ProgressUpdate | Edition, *, reason: str, by: User, at: dt.datetime) -> TakeDown:
    """Remove an update or an edition from public view at once, for safety; its address answers 410 with `reason`.

    What was set aside with it stays so until all of it was taken down, or an administrator restores the rest.
    """
    reason = public_words(reason, missing=_("Say why, in words that anybody may read."))
    with transaction.atomic():
        ActionPlan.objects.select_for_update().get()
        locked = type(thing)._default_manager.select_for_update().get(pk=thing.pk)
        if locked.is_taken_down:
            raise Unchanged(_("It was taken down already."))
        if isinstance(locked, ProgressUpdate):
            if not locked.published_at:
                raise Refused(_("It was never published: nobody outside has seen it."))
            removal = TakeDown(update=locked)
        else:
            removal = TakeDown(edition=locked)
        removal.reason, removal.taken_down_at, removal.taken_down_by = reason, at, by
        removal.full_clean()
        save(removal, by=by, reason=_("Taken down"))
        for aside in SetAside.objects.undecided().select_related("update__take_down", "edition__take_down"):
            if _is_decided(aside):
                aside.ended_at, aside.ended_by = at, by
                aside.save()
    return removal


def take_down_editions(removal: TakeDown, *, reason: str, by: User, at: dt.datetime) -> list[TakeDown]:
    """Take down every edition that still shows an update that was taken down, all or none, with one public `reason`."""
    with transaction.atomic():
        if removal.update is None:
            raise Refused(_("It is the take-down of an edition: there is nothing else that shows it."))
        removals = [take_down(edition, reason=reason, by=by, at=at) for edition in removal.editions_left]
        if not removals:
            raise Unchanged(_("No edition shows it any more."))
    return removals


def erase(removal: TakeDown, *, by: User, at: dt.datetime) -> list[str]:
    """Erase what was taken down: bytes, text, evidence, corrections, history. Hashes stay. It can't be undone.

    Returns where copies may remain, in sentences for whoever looks after the server.
    """
    with transaction.atomic():
        removal = (
            TakeDown.objects.select_for_update(of=("self",)).select_related("update", "edition").get(pk=removal.pk)
        )
        if removal.erased_at:
            raise Unchanged(_("It was erased already."))
        copies = [
            _("backups and database copies made before today"),
            _("exported sites and files, and the PDF and data that readers have saved"),
            _("caches and archives of others on the web"),
            _("the database's own free space and logs, until it is vacuumed (see docs/operations.md)"),
        ]
        if removal.update:
            copies += [str(edition) for edition in Edition.objects.holding(removal.update)]
            if removal.update.dated_as_published:
                copies.append(_("reports of later periods, where they print its date in words beside the last status"))
            _erase_update(removal.update, by=by)
        elif removal.edition:
            pictures = list(removal.edition.logos.values_list("image_id", flat=True))
            copies += [
                _("the report as it is written now, the plan, its recommendations and updates, where they say it too"),
                _("the history of the plan, its recommendations and updates, where they said it"),
            ]
            _erase_edition(removal.edition, by=by)
            if LogoImage.objects.filter(pk__in=pictures).exists():
                copies.append(_("its logos: the plan, its history or another edition has them too"))
        removal.erased_at, removal.erased_by = at, by
        save(removal, by=by, reason=_("Erased"))
    return copies


def let_pictures_go() -> None:
    """Delete the pictures that no edition shows, and that no logo that stands has or had."""
    had = Logo.history.filter(id__in=Logo.objects.values("pk")).values("image_id")
    shown = EditionLogo.objects.values("image_id")
    LogoImage.objects.exclude(pk__in=had).exclude(pk__in=shown).filter(logos=None).delete()


def _publish(update: ProgressUpdate, *, by: User, at: dt.datetime, reason: str) -> None:
    if update.published_at:
        raise Refused(_("“%(update)s” was published already.") % {"update": update})
    refuse_for(update.obstacles(on=timezone.localdate(at)))
    if not update.ready_at:
        update.ready_at, update.ready_by = at, by
    update.published_at, update.published_by = at, by
    save(update, by=by, reason=reason)


def _going_on(reason: str, found: Collection[findings.Finding]) -> str:
    """`reason` for the history, with what was found and did not keep whoever acted from going on."""
    if not found:
        return reason
    return "\n".join([reason, _("Went on past these findings:"), *(f"– {finding.message}" for finding in found)])


def _rendered(frozen: Snapshot) -> dict[str, bytes]:
    """The three files of an edition, by name."""
    article = document.article(frozen)
    return {
        EditionFile.Name.SNAPSHOT.value: frozen.to_json().encode(),
        EditionFile.Name.ARTICLE.value: article.encode(),
        EditionFile.Name.PDF.value: rendered_pdf(frozen, article),
    }


def _disagreements(edition: Edition) -> list[str]:
    """Whether the row of a whole `edition` says what its frozen snapshot says, and its logos are what they were.

    What it prints is checked without reading the snapshot into today's fields.
    """
    printed = document.hash_in(edition.content(EditionFile.Name.ARTICLE).decode())
    if printed and printed != printed_hash(edition.content(EditionFile.Name.SNAPSHOT)):
        return [_("the hash that it prints is not that of its content")]
    try:
        snapshot = stored_snapshot(edition)
    except UnknownSchema as error:
        return [str(error)]
    problems = []
    frozen = snapshot.edition
    if frozen is None or (frozen.number, frozen.note) != (edition.number, edition.note):
        problems.append(_("its number or note is not what was published"))
    if set(edition.updates.values_list("pk", flat=True)) != set(snapshot.updates_by_id):
        problems.append(_("which updates it holds is not on record as its snapshot says"))
    held = set(edition.logos.values_list("image_id", flat=True))
    pictures = pictures_of(snapshot)
    for logo in snapshot.logos:
        content = pictures.get(logo.path)
        if content is None:
            problems.append(_("the logo “%(logo)s” is missing") % {"logo": logo.alt})
        elif sha256(content).hexdigest() != logo.sha256:
            problems.append(_("the logo “%(logo)s” is not what was published") % {"logo": logo.alt})
        elif logo.sha256 not in held:
            problems.append(_("nothing keeps the logo “%(logo)s” from being deleted") % {"logo": logo.alt})
    return problems


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
                raise Refused(_("It can't cover %(reference)s, which is not of its area.") % {"reference": reference})
            assessment = Assessment(update=update, recommendation=recommendation)
        if assessment.pk is None or assessment.status != status:
            assessment.status = status
            save(assessment, by=by, reason=reason)
    for label, address in content.evidence:
        link = cited.pop(address, None) or EvidenceLink(update=update, address=address)
        if link.pk is None or link.label != label:
            link.label = label
            save(link, by=by, reason=reason)
    leftovers: list[Any] = [*covered.values(), *cited.values()]
    for leftover in leftovers:
        delete(leftover, by=by, reason=reason)


def _erase_update(update: Any, *, by: User) -> None:
    """Leave of `update` its area, its references, its day and who did what when."""
    for link in update.evidence_links.all():
        link.delete()
    for part in (EvidenceLink, Assessment):
        part.history.filter(update_id=update.pk).delete()
    update.corrections.update(note="", before=None, after=None)
    update.text = update.dated_as_published = update.private_note = ""
    ProgressUpdate.history.filter(id=update.pk).delete()
    _erase_findings()
    put_on_record(update, by=by, reason=_("Erased"))
    update.save()
    _erase_log(update)
    _erase_sessions(f"/progressupdate/{update.pk}/")


def _erase_findings() -> None:
    """Leave of what publications went on past that there was something: it quotes updates, as they were then."""
    for row in Report.history.filter(history_change_reason__contains="\n"):
        row.history_change_reason = f"{row.history_change_reason.splitlines()[0]}\n{ERASED}"
        row.save(update_fields=["history_change_reason"])


def _erase_edition(edition: Edition, *, by: User) -> None:
    """Leave of `edition` its number, its time and its hashes, and of its report's words those that stand now."""
    edition.files.update(content=None)
    edition.logos.all().delete()
    let_pictures_go()
    Edition.objects.filter(pk=edition.pk).exclude(note="").update(note=ERASED)
    report: Any = edition.report
    Report.history.filter(id=report.pk).delete()
    ReportSection.history.filter(report_id=report.pk).delete()
    for thing in (report, *report.sections.all()):
        put_on_record(thing, by=by, reason=_("Erased"))
        thing.save()
        _erase_log(thing)
    _erase_log(edition)
    _erase_sessions(f"/edition/{edition.pk}/", f"/report/{report.pk}/")


def _erase_sessions(*pages: str) -> None:
    """Drop from all sessions the messages that wait to be shown, which quote, and what was typed into these pages."""
    for session in Session.objects.select_for_update():
        held = session.get_decoded()
        left = {name: value for name, value in held.items() if name != "_messages"}
        if any(page in left.get("kept", {}).get("path", "") for page in pages):
            del left["kept"]
        if left != held:
            session.session_data = SessionStore().encode(left)
            session.save()


def _erase_log(thing: models.Model) -> None:
    """Blank what the admin's log quotes of `thing`: its name holds the beginning of the text."""
    LogEntry.objects.filter(content_type=ContentType.objects.get_for_model(thing), object_id=str(thing.pk)).update(
        object_repr=ERASED, change_message=""
    )


def _locked_update(update: ProgressUpdate) -> ProgressUpdate:
    return ProgressUpdate.objects.select_for_update().get(pk=update.pk)


def _locked_standing_update(update: ProgressUpdate) -> ProgressUpdate:
    locked = _locked_update(update)
    if not locked.published_at:
        raise Refused(_("It was not published: change it as it is."))
    if locked.withdrawn_at:
        raise Refused(_("It was withdrawn."))
    if locked.is_taken_down:
        raise Refused(_("It was taken down."))
    if locked.is_set_aside:
        raise Refused(_("It is set aside: an administrator restores it or takes it down first."))
    return locked
