"""What each announced correction changed, in sentences."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from recommendations.models import Correction
from recommendations.reading.snapshot import plan_change
from recommendations.text import dates


@dataclass(frozen=True)
class CorrectionLine:
    """An announced correction, and sentences on what it changed.

    They say only that an update's text was changed, and nothing of a withdrawn one; changes of the plan are complete.
    """

    correction: Correction
    changes: tuple[str, ...]


def correction_lines(corrections: Iterable[Correction], *, labels: Mapping[str, str]) -> tuple[CorrectionLine, ...]:
    """The `corrections` in the order given, each with what it changed; `labels` say what each status is called."""
    return tuple(CorrectionLine(correction, _changed(correction, labels)) for correction in corrections)


def _changed(correction: Correction, labels: Mapping[str, str]) -> tuple[str, ...]:
    """Sentences on what `correction` changed; none where it withdrew the update, or where that was withdrawn since."""
    if correction.update is None:
        return plan_change(correction, called="").sentences
    before, after = correction.before, correction.after
    if not before or not after or correction.corrected_update.withdrawn_at:
        return ()
    changed = []
    if before["text"] != after["text"]:
        changed.append(_("The text was changed."))
    if _dated(before) != _dated(after):
        changed.append(
            _("The date was changed from %(before)s to %(after)s.") % {"before": _dated(before), "after": _dated(after)}
        )
    labels = {"": _("no status"), **labels}
    for reference in dict.fromkeys([*before["statuses"], *after["statuses"]]):
        old, new = before["statuses"].get(reference), after["statuses"].get(reference)
        names = {"reference": reference, "before": labels.get(old or ""), "after": labels.get(new or "")}
        if old is None:
            changed.append(_("It now also covers %(reference)s: %(after)s.") % names)
        elif new is None:
            changed.append(_("It no longer covers %(reference)s.") % names)
        elif old != new:
            changed.append(_("The status of %(reference)s was changed from %(before)s to %(after)s.") % names)
    if before["sums_up"] != after["sums_up"]:
        changed.append(_("It now sums up its period.") if after["sums_up"] else _("It no longer sums up its period."))
    if any(before.get(name, []) != after.get(name, []) for name in ("evidence", "archived")):
        changed.append(_("The evidence was changed."))
    return tuple(changed)


def _dated(content: Mapping[str, str]) -> str:
    """The date of a stored content as precisely as it is known."""
    return dates.as_known(dt.date.fromisoformat(content["dated_on"]), content["dated_as_published"])
