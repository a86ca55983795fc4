"""What each announced correction changed, in sentences."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from recommendations.models import Correction
from recommendations.reading.snapshot import plan_change
from recommendations.text import dates

# How many of the recommendations that a corrected update covers are named in the list of all corrections, and how many
# changes of statuses are told one by one.
MOST_COVERED = 50


@dataclass(frozen=True)
class CorrectionLine:
    """An announced correction, and sentences on what it changed.

    They say only that an update's text was changed, and nothing of a withdrawn one; changes of the plan are complete.
    """

    correction: Correction
    changes: tuple[str, ...]

    @property
    def references(self) -> tuple[str, ...]:
        """The first recommendations that the corrected update covers."""
        return self._covered[:MOST_COVERED]

    @property
    def more(self) -> int:
        """How many it covers beyond them."""
        return len(self._covered[MOST_COVERED:])

    @cached_property
    def _covered(self) -> tuple[str, ...]:
        covered = self.correction.corrected_update.assessments.all()
        return tuple(assessment.recommendation.reference for assessment in covered)


def correction_lines(corrections: Iterable[Correction], *, labels: Mapping[str, str]) -> tuple[CorrectionLine, ...]:
    """The `corrections` in the order given, each with what it changed; `labels` say what each status is called."""
    return tuple(CorrectionLine(correction, changed(correction, labels)) for correction in corrections)


def parts_changed(correction: Correction) -> tuple[str, ...]:
    """What `correction` changed of an update, a few words each, without what it said; none where `changed` has none."""
    if not _is_told(correction):
        return ()
    before, after = correction.before or {}, correction.after or {}
    differ = {name for name in {*before, *after} if before.get(name) != after.get(name)}
    parts = {
        _("text"): {"text"},
        _("date"): {"dated_on", "dated_as_published"},
        _("status"): {"statuses"},
        _("evidence links"): {"evidence", "archived"},
        _("whether it sums up its period"): {"sums_up"},
    }
    return tuple(part for part, names in parts.items() if names & differ)


def _is_told(correction: Correction) -> bool:
    """Whether readers are told what `correction` changed: not where it withdrew the update, or that was withdrawn."""
    return bool(correction.before and correction.after and not correction.corrected_update.withdrawn_at)


def changed(correction: Correction, labels: Mapping[str, str]) -> tuple[str, ...]:
    """Sentences on what `correction` changed; none where it withdrew the update, or where that was withdrawn since."""
    if correction.update is None:
        return plan_change(correction, called="").sentences
    if not _is_told(correction):
        return ()
    before, after = correction.before or {}, correction.after or {}
    told = []
    if before["text"] != after["text"]:
        told.append(_("The text was changed."))
    if _dated(before) != _dated(after):
        told.append(
            _("The date was changed from %(before)s to %(after)s.") % {"before": _dated(before), "after": _dated(after)}
        )
    labels = {"": _("no status"), **labels}
    statuses = []
    for reference in dict.fromkeys([*before["statuses"], *after["statuses"]]):
        old, new = before["statuses"].get(reference), after["statuses"].get(reference)
        names = {"reference": reference, "before": labels.get(old or ""), "after": labels.get(new or "")}
        if old is None:
            statuses.append(_("It now also covers %(reference)s: %(after)s.") % names)
        elif new is None:
            statuses.append(_("It no longer covers %(reference)s.") % names)
        elif old != new:
            statuses.append(_("The status of %(reference)s was changed from %(before)s to %(after)s.") % names)
    told += statuses[:MOST_COVERED]
    if more := len(statuses[MOST_COVERED:]):
        told.append(
            ngettext("One more status was changed.", "%(count)d more statuses were changed.", more) % {"count": more}
        )
    if before["sums_up"] != after["sums_up"]:
        told.append(_("It now sums up its period.") if after["sums_up"] else _("It no longer sums up its period."))
    if any(before.get(name, []) != after.get(name, []) for name in ("evidence", "archived")):
        told.append(_("The evidence was changed."))
    return tuple(told)


def _dated(content: Mapping[str, str]) -> str:
    """The date of a stored content as precisely as it is known."""
    return dates.as_known(dt.date.fromisoformat(content["dated_on"]), content["dated_as_published"])
