"""How far a report is: what its next edition would say, what was found in it, and why it can't be published yet."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from django.contrib.auth.models import User
from django.db.models import Q
from django.utils import translation
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from recommendations.models import (
    Assessment,
    Correction,
    Edition,
    EditionFile,
    ProgressUpdate,
    Recommendation,
    Report,
    TakeDown,
)
from recommendations.models.progress import ProgressUpdateQuerySet
from recommendations.publishing.clock import clock_obstacles
from recommendations.publishing.reports import report_obstacles, says_the_same
from recommendations.publishing.second_reader import why_not_by
from recommendations.reading import findings
from recommendations.reading.editions import stored_snapshot
from recommendations.reading.findings import Finding
from recommendations.reading.schema import Snapshot
from recommendations.reading.snapshot import report_snapshot
from recommendations.report import document
from recommendations.report.proof import without_hash
from recommendations.text import dates
from recommendations.text.diff import ChangedBlock, articles_compared
from recommendations.workspace import drafting

# A plan with more recommendations, or a period with more updates, isn't read whole to show how far its report is.
WIDE_PLAN = 100
WIDE_PERIOD = 200


@dataclass(frozen=True)
class ReportState:
    """How far `report` is on the day `on`: what is covered, what its next edition would say, what stops or warns.

    Each is found out when it is asked for. Counts ask little of the database, however wide the plan; what follows
    `snapshot` reads every word of the period, and is not for pages that are shown all day where it `is_wide`.
    """

    report: Report
    on: dt.date

    @cached_property
    def newest(self) -> Edition | None:
        return self.report.newest_edition()

    @property
    def next_number(self) -> int:
        return self.newest.number + 1 if self.newest else 1

    @cached_property
    def day(self) -> dt.date:
        """The one that new updates are dated."""
        return drafting.day_of_new(on=self.on)

    @cached_property
    def current(self) -> tuple[Recommendation, ...]:
        """The recommendations that the report speaks of, but those retired when its period ends."""
        ends_on = self.report.ends_on
        found = Recommendation.objects.filter(area__plan_id=self.report.plan_id).begun(ends_on).current(ends_on)
        return tuple(found.select_related("area").only("area__number", "reference").in_order())

    @cached_property
    def covered(self) -> frozenset[int]:
        """The ids of those that a published or ready update of the period covers."""
        said = self._within.filter(Q(pk__in=self._within.public()) | Q(ready_at__isnull=False, published_at=None))
        covered = Assessment.objects.filter(update__in=said, recommendation__in=self.current)
        return frozenset(covered.values_list("recommendation_id", flat=True))

    @property
    def covered_count(self) -> int:
        return len(self.covered)

    @property
    def count(self) -> int:
        return len(self.current)

    @cached_property
    def published_count(self) -> int:
        return self._within.public().count()

    @cached_property
    def ready_count(self) -> int:
        return self._within.ready().count()

    @cached_property
    def draft_count(self) -> int:
        return self._within.drafts().count()

    @cached_property
    def is_wide(self) -> bool:
        return self.count > WIDE_PLAN or self._within.count() > WIDE_PERIOD

    @property
    def _within(self) -> ProgressUpdateQuerySet:
        return ProgressUpdate.objects.dated_in(self.report.starts_on, self.report.ends_on)

    def updates(self, *, area: int | None = None) -> tuple[ProgressUpdate, ...]:
        """Those of the period, or of the area with that number in it, oldest first."""
        found = self._within if area is None else self._within.filter(area__number=area)
        return tuple(found.for_admin().in_order())

    @cached_property
    def drafts(self) -> tuple[ProgressUpdate, ...]:
        return tuple(self._within.drafts().for_admin().in_order())

    @cached_property
    def ready(self) -> tuple[ProgressUpdate, ...]:
        return tuple(self._within.ready().for_admin().in_order())

    @cached_property
    def snapshot(self) -> Snapshot:
        """What would be published now, with all ready updates."""
        return preview(self.report)

    def snapshot_of(self, area: int) -> Snapshot:
        """The same of one area, with nothing in the others."""
        return preview(self.report, area=area)

    @cached_property
    def confirmed(self) -> str:
        return self.snapshot.content_hash()

    @cached_property
    def is_unchanged(self) -> bool:
        """Whether the newest edition says already what would be published now."""
        return self.newest is not None and says_the_same(self.newest, self.snapshot)

    @cached_property
    def obstacles(self) -> tuple[str, ...]:
        reasons = report_obstacles(self.report, on=self.on, ready=[one.pk for one in self.ready])
        return (*reasons, *clock_obstacles(at=dates.end_of(self.on)))

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        return tuple(findings.of_report(self.report, on=self.on, printed=self.snapshot))

    @property
    def missing(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.kind == "without update")

    @cached_property
    def is_late(self) -> bool:
        """Whether the newest edition is lost, or there is something that it doesn't know: reasons for another one."""
        return (self.newest is not None and self.newest.is_lost) or bool(findings.not_in_edition(self.report))

    @property
    def to_check(self) -> tuple[Finding, ...]:
        """Those that nobody has answered yet."""
        return tuple(finding for finding in self.findings if finding.is_open)

    @property
    def other_findings(self) -> tuple[Finding, ...]:
        """Without those that the lists of drafts and the missing ones say already."""
        return tuple(finding for finding in self.findings if finding.kind not in ("without update", "draft"))


def preview(report: Report, *, with_drafts: bool = False, area: int | None = None) -> Snapshot:
    """What would be published now: the period, with all of its ready updates; to circulate, perhaps with drafts too.

    With the number of an `area`, of that alone.
    """
    waiting = ProgressUpdate.objects.filter(published_at=None).dated_in(report.starts_on, report.ends_on)
    including = waiting if with_drafts else waiting.ready()
    return report_snapshot(report, including=list(including.values_list("pk", flat=True)), area=area)


def changes_since(edition: Edition, *, at: dt.datetime) -> list[ChangedBlock]:
    """What an edition published at the instant `at` would change in the article of `edition`, word by word."""
    # The number, the list of corrections and the hash change with every edition: they are no news.
    was = stored_snapshot(edition)
    now = replace(preview(edition.report).as_published(at), edition=was.edition, corrected=was.corrected)
    stored = edition.content(EditionFile.Name.ARTICLE).decode()
    return articles_compared(without_hash(stored), without_hash(document.article(now)))


def drafts_with_obstacles(report: Report, *, on: dt.date, by: User) -> list[tuple[ProgressUpdate, list[str]]]:
    """The drafts of the period, each with why `by` can't mark it ready on the day `on`; nothing is best."""
    drafts = ProgressUpdate.objects.drafts().dated_in(report.starts_on, report.ends_on).for_admin().in_order()
    written = why_not_by(by, drafts)
    return [(one, [*one.obstacles(on=on), *([written[one.pk]] if one.pk in written else [])]) for one in drafts]


def why_again(state: ReportState) -> str:
    """A first wording of the note on a new edition: what was corrected, withdrawn or published since the newest one.
    None where that is lost.

    Readers get to read it, so it is in their language.
    """
    if state.newest is None or state.newest.is_lost:
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
