"""Takes snapshots: what the database holds about the plan for given dates, as frozen values.

This module alone owns the status rule. It returns frozen values, knows no request, no HTML and no clock, and asks the
database the same few questions however large the plan is.

The status of a recommendation on a day is the newest assessment of the published updates dated on or before that day,
in the order (`dated_on`, `published_at`, `id`). Withdrawn and taken-down updates are as if they had never been.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable
from contextlib import nullcontext
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any, TypeVar

from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext as _

from recommendations.models import (
    ActionPlan,
    Area,
    Assessment,
    Correction,
    Edition,
    EvidenceLink,
    Logo,
    ProgressUpdate,
    Recommendation,
    Report,
    Status,
    StatusWording,
    TakeDown,
)
from recommendations.reading import adopted

from .editions import stored_snapshots
from .entries import (
    AreaEntry,
    CheckedLink,
    CorrectedUpdate,
    CorrectionEntry,
    EarlierReport,
    Latest,
    LinkBeside,
    LinkEntry,
    Origins,
    PartyEntry,
    PhraseEntry,
    PlanChange,
    PlanEntry,
    RecommendationEntry,
    ReportEntry,
    SectionEntry,
    StatusMeaning,
    StatusNote,
    StatusOn,
    UpdateEntry,
)
from .logos import LogoEntry
from .schema import Snapshot

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    from recommendations.models.progress import ProgressUpdateQuerySet

Kind = TypeVar("Kind", bound="DataclassInstance")


def snapshot(
    plan: ActionPlan,
    *,
    on: dt.date,
    since: dt.date | None = None,
    including: Collection[int] = (),
    is_live: bool = False,
    area: int | None = None,
) -> Snapshot:
    """What is true of `plan` on the day `on`, showing the updates dated from `since` on; both days are included.

    `including` names updates by id that aren't published yet and are read as if they were: see `as_published`. For
    live pages, links say since when their pages are gone. With the number of an `area`, the others are left empty.
    Recommendations that were retired before `since`, or added after `on`, are left out.
    """
    updates = _updates(on=on, including=including, is_live=is_live, area=area)
    covering: dict[str, list[UpdateEntry]] = defaultdict(list)
    for update in updates:
        for reference in update.references:
            covering[reference].append(update)
    changes = [
        (correction, plan_change(correction, called=plan.recommendation_name))
        for correction in Correction.objects.of_plan().order_by("corrected_at", "id")
    ]
    entries: dict[int, list[RecommendationEntry]] = defaultdict(list)
    stored = Recommendation.objects.for_snapshot().filter(area__plan=plan)
    if area is not None:
        stored = stored.filter(area__number=area)
    for recommendation in stored:
        if recommendation.has_begun(on) and (
            since is None or not recommendation.is_retired(since - dt.timedelta(days=1))
        ):
            entry = _recommendation(recommendation, covering[recommendation.reference], changes, since=since)
            entries[recommendation.area_id].append(entry)
    notes, counted = status_notes(plan, on=on), counted_origins(stored, on=on)
    return Snapshot(
        on=on,
        since=since,
        plan=_copied(PlanEntry, plan),
        statuses=status_meanings(plan, recorded={key for update in updates for _reference, key in update.statuses}),
        areas=tuple(
            area_entry(area, tuple(entries[area.pk]), is_numbered=plan.numbers_areas) for area in plan.areas.all()
        ),
        updates=tuple(update for update in updates if since is None or update.dated_on >= since),
        status_note=in_full(notes),
        notes=notes,
        since_adopted=counted if counted.added or counted.retired else None,
        language=plan.language,
        closed_on=plan.closed_on if is_live else None,
    )


def status_meanings(plan: ActionPlan | None, *, recorded: Collection[str] = ()) -> tuple[StatusMeaning, ...]:
    """All statuses, in the words of `plan` where it has its own, else in its language.

    `recorded` are those that updates record. Before there is a plan, the language is that in force.
    """
    wordings = {wording.status: wording for wording in plan.status_wordings.all()} if plan else {}
    found = []
    with translation.override(plan.language) if plan else nullcontext():
        for status in Status:
            own = wordings.get(status.value) or StatusWording(status=status.value)
            found.append(
                StatusMeaning(
                    key=status.value,
                    label=own.label or str(status.label),
                    definition=own.definition or status.definition,
                    evidence=own.evidence or status.evidence,
                    is_own=bool(own.definition or own.evidence),
                    is_used=own.is_used or status.value in recorded,
                )
            )
    return tuple(found)


def latest(
    recommendations: Collection[Recommendation], *, on: dt.date, including: Collection[int] = ()
) -> dict[int, Latest]:
    """What a snapshot would say of `recommendations` on the day `on`, by id; those without an update aren't in it.

    It asks the database once, and for no text; `including` as for `snapshot`.
    """
    rows = Assessment.objects.filter(
        recommendation__in=[one.pk for one in recommendations],
        update__in=_readable(on=on, including=including),
    ).values_list(
        "recommendation_id",
        "status",
        "update_id",
        "update__dated_on",
        "update__dated_as_published",
        "update__published_at",
    )
    found: dict[int, Latest] = {}
    for id, key, update_id, dated_on, words, _at in sorted(rows, key=lambda row: in_order(row[3], row[5], row[2])):
        before = found[id].status if id in found else None
        found[id] = Latest(StatusOn(key, dated_on, words, update_id) if key else before, update_id)
    return found


def area_entry(area: Area, recommendations: tuple[RecommendationEntry, ...] = (), *, is_numbered: bool) -> AreaEntry:
    return AreaEntry(area.number, area.title, area.introduction, recommendations, is_numbered)


def report_snapshot(report: Report, *, including: Collection[int] = (), area: int | None = None) -> Snapshot:
    """The snapshot of a report's period, with the report's own words; `including` and `area` as for `snapshot`."""
    sections = tuple(_copied(SectionEntry, section) for section in report.sections.all())
    taken = snapshot(report.plan, on=report.ends_on, since=report.starts_on, including=including, area=area)
    return replace(
        taken,
        areas=tuple(_as_adopted(area) for area in taken.areas),
        report=_copied(ReportEntry, report, sections=sections, board_approval=report.shown_board_approval),
        status_note=report.status_note,
        notes=(),
        phrases=tuple(_copied(PhraseEntry, phrase) for phrase in report.plan.phrases.all()),
        previous=_previous(report),
        corrected=_corrected(report),
        plan_changes=_plan_changes(report),
        logos=tuple(logo_entry(logo) for logo in report.plan.logos.with_images()),
    )


def _as_adopted(area: AreaEntry) -> AreaEntry:
    """`area` without what staff explain in their own words: an edition is cited for what was adopted."""
    entries = (replace(entry, explanation="", links=()) for entry in area.recommendations)
    return replace(area, recommendations=tuple(entries))


def logo_entry(logo: Logo) -> LogoEntry:
    """The entry of `logo`, which was fetched `with_images`."""
    image = logo.image
    return _copied(
        LogoEntry,
        logo,
        sha256=image.sha256,
        content_type=image.content_type,
        width=image.width,
        height=image.height,
    )


def _previous(report: Report) -> tuple[EarlierReport, ...]:
    """What the newest public editions of the reports before `report` said, oldest first."""
    editions = Edition.objects.public().filter(report__ends_on__lt=report.starts_on)
    newest = {edition.report_id: edition for edition in editions.order_by("report__ends_on", "number")}
    stored = stored_snapshots(newest.values())
    return tuple(_earlier(stored[edition.pk]) for edition in newest.values() if edition.pk in stored)


def _earlier(frozen: Snapshot) -> EarlierReport:
    if frozen.report is None:
        raise ValueError("An edition's snapshot has a report.")
    return _copied(
        EarlierReport,
        frozen.report,
        statuses=tuple((r.reference, r.status_key) for r in frozen.recommendations),
        note_slug=frozen.report.slug if frozen.report.status_note else "",
    )


def _corrected(report: Report) -> tuple[CorrectedUpdate, ...]:
    """What was announced since the newest edition of `report` of updates that it holds, oldest first."""
    edition = report.newest_edition()
    if edition is None:
        return ()
    corrected = [
        CorrectedUpdate(one.corrected_at, one.note, one.is_withdrawal, _references(one.corrected_update))
        for one in Correction.objects.announced().since(edition)
    ]
    # Which update was taken down is not said: the edition before may still show it.
    taken_down = [
        CorrectedUpdate(one.taken_down_at, one.reason, is_withdrawal=False, references=(), is_taken_down=True)
        for one in TakeDown.objects.since(edition)
    ]
    return tuple(sorted([*corrected, *taken_down], key=lambda one: one.corrected_at))


def _plan_changes(report: Report) -> tuple[PlanChange, ...]:
    """What was changed of the plan since the published report before `report` came out; for a first one, since it did.

    Later editions of the earlier report don't move that: a reader of the one in hand has perhaps seen none of them.
    """
    before = Report.objects.published().filter(ends_on__lt=report.starts_on).order_by("ends_on").last()
    first = Edition.objects.filter(report=before or report).order_by("number").first()
    if first is None:
        return ()
    changes = Correction.objects.of_plan().filter(corrected_at__gt=first.published_at)
    called = report.plan.recommendation_name
    return tuple(plan_change(correction, called=called) for correction in changes.order_by("corrected_at", "id"))


def plan_change(correction: Correction, *, called: str) -> PlanChange:
    """A correction that is about what was adopted; `called` is what the plan calls a recommendation, empty for ours."""
    recommendation, area, party = correction.recommendation, correction.area, correction.party
    kind, name = "party", party.name if party else ""
    if area:
        # One that lost its title is called by those that it had.
        titles = [area.title, *((content or {}).get("title", "") for content in (correction.before, correction.after))]
        kind, name = "area", next(filter(None, titles), "")
        name = str(area.number) if area.title and area.plan.numbers_areas else name
    if recommendation:
        kind, name = "recommendation", recommendation.reference
    return PlanChange(
        changed_at=correction.corrected_at,
        note=correction.note,
        kind=kind,
        name=name,
        changes=adopted.changes(correction.before or {}, correction.after or {}),
        called=called if recommendation else "",
    )


def _references(update: ProgressUpdate) -> tuple[str, ...]:
    """What `update` covers, in plan order."""
    covered = [assessment.recommendation for assessment in update.assessments.all()]
    return tuple(one.reference for one in sorted(covered, key=lambda one: one.order))


def _copied(kind: type[Kind], source: object, **given: Any) -> Kind:
    """A `kind` with the fields of the same names of `source`, but for those given."""
    names = [field.name for field in fields(kind) if field.name not in given]
    return kind(**{name: getattr(source, name) for name in names}, **given)


def status_notes(plan: ActionPlan, *, on: dt.date) -> tuple[StatusNote, ...]:
    """The status notes of the published reports whose period began by `on`, newest first."""
    reports = plan.reports.published().filter(starts_on__lte=on).exclude(status_note="")
    return tuple(_copied(StatusNote, report, text=report.status_note) for report in reports)


def in_full(notes: Collection[StatusNote]) -> str:
    """The texts of `notes`, each with the report that it is about where there are several."""
    if len(notes) == 1:
        return next(iter(notes)).text
    return "\n\n".join(_("%(label)s: %(text)s") % {"label": note.title, "text": note.text} for note in notes)


def counted_origins(recommendations: Iterable[Recommendation], *, on: dt.date) -> Origins:
    """Those of `recommendations` that belong to the plan on the day `on`, or did before it, by where they came from."""
    begun = [one for one in recommendations if one.has_begun(on)]
    adopted = [one for one in begun if one.added_on is None]
    return Origins(
        adopted=len(adopted),
        areas=len({one.area_id for one in adopted if one.area.title}),
        added=len(begun) - len(adopted),
        retired=sum(one.is_retired(on) for one in begun),
    )


def _updates(*, on: dt.date, including: Collection[int], is_live: bool, area: int | None) -> list[UpdateEntry]:
    """The published updates dated on or before `on`, and those to be included, oldest first."""
    rows = _readable(on=on, including=including).for_snapshot()
    if area is not None:
        rows = rows.filter(area__number=area)
    entries = [update_entry(update, is_live=is_live) for update in rows]
    return sorted(entries, key=lambda entry: in_order(entry.dated_on, entry.published_at, entry.id))


def _readable(*, on: dt.date, including: Collection[int]) -> ProgressUpdateQuerySet:
    """The updates dated on or before `on` that the public reads, and those of `including` that aren't published yet."""
    published = ProgressUpdate.objects.public().values("pk")
    found = ProgressUpdate.objects.filter(Q(pk__in=published) | Q(pk__in=list(including), published_at=None))
    return found.filter(dated_on__lte=on)


def in_order(dated_on: dt.date, published_at: dt.datetime | None, id: int) -> tuple[dt.date, dt.datetime, int]:
    """What updates are sorted by to find the newest; one that isn't published yet comes after those of its day."""
    return dated_on, published_at or dt.datetime.max.replace(tzinfo=dt.UTC), id


def update_entry(update: ProgressUpdate, *, is_live: bool = False) -> UpdateEntry:
    """The entry of `update`, which was fetched by `for_snapshot`; `is_live` as for `snapshot`."""
    assessments = sorted(update.assessments.all(), key=lambda assessment: assessment.recommendation.order)
    corrections = sorted(
        (correction for correction in update.corrections.all() if not correction.is_minor),
        key=lambda correction: (correction.corrected_at, correction.pk),
    )
    return _copied(
        UpdateEntry,
        update,
        area=update.area.number,
        statuses=tuple((assessment.recommendation.reference, assessment.status) for assessment in assessments),
        evidence=tuple(_link_entry(link, is_live=is_live) for link in update.evidence_links.all()),
        corrections=tuple(CorrectionEntry(correction.corrected_at, correction.note) for correction in corrections),
    )


def _link_entry(link: EvidenceLink, *, is_live: bool) -> LinkEntry:
    if is_live:
        return CheckedLink(link.label, link.address, link.shown_copy, link.gone_since)
    return LinkEntry(link.label, link.address, link.shown_copy)


def _recommendation(
    recommendation: Recommendation,
    updates: list[UpdateEntry],
    changes: list[tuple[Correction, PlanChange]],
    *,
    since: dt.date | None,
) -> RecommendationEntry:
    """The entry of `recommendation`, from the `updates` that cover it and the `changes` of the plan, oldest first."""
    timeline = [update for update in updates if since is None or update.dated_on >= since]
    summaries = [position for position, update in enumerate(timeline) if update.sums_up and since is not None]
    shown = timeline[summaries[-1] :] if summaries else timeline
    return _copied(
        RecommendationEntry,
        recommendation,
        parties=tuple(PartyEntry(party.slug, party.name, party.is_everyone) for party in recommendation.parties.all()),
        replaced_by=tuple(other.reference for other in recommendation.replaced_by.all()),
        status=_status(recommendation.reference, updates),
        timeline=tuple(update.id for update in timeline),
        shown=tuple(update.id for update in shown),
        links=tuple(_copied(LinkBeside, link) for link in recommendation.links.all()),
        plan_changes=tuple(
            change
            for one, change in changes
            if recommendation.pk == one.recommendation_id
            or recommendation.area_id == one.area_id
            or any(party.pk == one.party_id for party in recommendation.parties.all())
        ),
    )


def _status(reference: str, updates: list[UpdateEntry]) -> StatusOn | None:
    for update in reversed(updates):
        if key := update.status_of(reference):
            return StatusOn(key, update.dated_on, update.dated_as_published, update.id)
    return None
