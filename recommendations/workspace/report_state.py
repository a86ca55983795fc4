"""How far a report is: what its next edition would say, what was found in it, and why it can't be published yet."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from django.utils import translation
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from recommendations.models import Correction, Edition, EditionFile, ProgressUpdate, Recommendation, Report, TakeDown
from recommendations.publishing.reports import report_obstacles
from recommendations.reading import findings
from recommendations.reading.editions import stored_snapshot
from recommendations.reading.findings import Finding
from recommendations.reading.schema import Snapshot
from recommendations.reading.snapshot import report_snapshot
from recommendations.report import document
from recommendations.report.proof import without_hash
from recommendations.text.diff import ChangedBlock, articles_compared
from recommendations.workspace import drafting


@dataclass(frozen=True)
class ReportState:
    """How far a report is: its period's updates by state, how much of the plan they cover, what stops or warns.

    `snapshot` is what would be published now, with all ready updates. `day` is the one that new updates are dated.
    """

    report: Report
    newest: Edition | None
    updates: tuple[ProgressUpdate, ...]
    snapshot: Snapshot
    obstacles: tuple[str, ...]
    findings: tuple[Finding, ...]
    confirmed: str
    day: dt.date
    is_unchanged: bool

    @property
    def drafts(self) -> tuple[ProgressUpdate, ...]:
        return tuple(update for update in self.updates if not update.ready_at)

    @property
    def ready(self) -> tuple[ProgressUpdate, ...]:
        return tuple(update for update in self.updates if update.ready_at and not update.published_at)

    @property
    def published_count(self) -> int:
        return sum(update.is_public for update in self.updates)

    @property
    def covered_count(self) -> int:
        return len(self.snapshot.covered)

    @property
    def count(self) -> int:
        return len(self.snapshot.current)

    @property
    def next_number(self) -> int:
        return self.newest.number + 1 if self.newest else 1

    @property
    def missing(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.kind == "without update")

    @property
    def late(self) -> tuple[Finding, ...]:
        """What the newest edition doesn't know: reasons for another one."""
        return tuple(finding for finding in self.findings if finding.kind == "not in edition")

    @property
    def other_findings(self) -> tuple[Finding, ...]:
        """Without those that the lists of drafts and the missing ones say already."""
        return tuple(finding for finding in self.findings if finding.kind not in ("without update", "draft"))


def preview(report: Report, *, with_drafts: bool = False) -> Snapshot:
    """What would be published now: the period, with all of its ready updates; to circulate, perhaps with drafts too."""
    waiting = ProgressUpdate.objects.filter(published_at=None).dated_in(report.starts_on, report.ends_on)
    including = waiting if with_drafts else waiting.ready()
    return report_snapshot(report, including=list(including.values_list("pk", flat=True)))


def state_of(report: Report, *, on: dt.date) -> ReportState:
    updates = tuple(ProgressUpdate.objects.dated_in(report.starts_on, report.ends_on).for_admin().in_order())
    ready = [update.pk for update in updates if update.ready_at and not update.published_at]
    snapshot = report_snapshot(report, including=ready)
    newest, confirmed = report.newest_edition(), snapshot.content_hash()
    return ReportState(
        report=report,
        newest=newest,
        updates=updates,
        snapshot=snapshot,
        obstacles=tuple(report_obstacles(report, on=on, ready=ready)),
        findings=tuple(findings.of_report(report, on=on, printed=snapshot)),
        confirmed=confirmed,
        day=drafting.day_of_new(on=on),
        is_unchanged=bool(newest and not newest.is_taken_down and stored_snapshot(newest).content_hash() == confirmed),
    )


def changes_since(edition: Edition, *, at: dt.datetime) -> list[ChangedBlock]:
    """What an edition published at the instant `at` would change in the article of `edition`, word by word."""
    # The number, the list of corrections and the hash change with every edition: they are no news.
    was = stored_snapshot(edition)
    now = replace(preview(edition.report).as_published(at), edition=was.edition, corrected=was.corrected)
    stored = edition.content(EditionFile.Name.ARTICLE).decode()
    return articles_compared(without_hash(stored), without_hash(document.article(now)))


def drafts_with_obstacles(report: Report, *, on: dt.date) -> list[tuple[ProgressUpdate, list[str]]]:
    """The drafts of the period, each with why it can't be marked ready on the day `on`; nothing is best."""
    drafts = ProgressUpdate.objects.drafts().dated_in(report.starts_on, report.ends_on).for_admin().in_order()
    return [(update, update.obstacles(on=on)) for update in drafts]


def why_again(state: ReportState) -> str:
    """A first wording of the note on a new edition: what was corrected, withdrawn or published since the newest one.

    Readers get to read it, so it is in their language.
    """
    if state.newest is None:
        return ""
    with translation.override(state.snapshot.language):
        return "\n".join(_since(state.newest))


def _since(edition: Edition) -> Iterator[str]:
    ordered = Recommendation.objects.in_order().values_list("reference", flat=True)
    places = {reference: place for place, reference in enumerate(ordered)}

    def in_plan_order(references: Iterable[str]) -> list[str]:
        return sorted(references, key=lambda reference: places.get(reference, len(places)))

    for correction in Correction.objects.not_hidden().since(edition):
        covered = get_text_list(in_plan_order((correction.before or {}).get("statuses", {})), _("and"))
        yield f"{covered}{_(':')} {correction.note}" if covered else correction.note
    if removed := len(TakeDown.objects.since(edition)):
        words = ngettext(
            "An update was taken down for safety.", "%(count)d updates were taken down for safety.", removed
        )
        yield words % {"count": removed}
    added = ProgressUpdate.objects.lacking_in(edition).with_assessments()
    if covered_since := {a.recommendation.reference for one in added for a in one.assessments.all()}:
        references = get_text_list(in_plan_order(covered_since), _("and"))
        yield _("With updates on %(references)s that were not in it.") % {"references": references}
