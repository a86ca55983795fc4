"""One sentence that sums up what changed between two reports, or where everything stands."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext_lazy, override

from recommendations.models import Status

from .comparison import Change, ChangeKind, Comparison
from .schema import Snapshot, StatusTotal

WITHOUT_A_MOVE = {
    ChangeKind.NEW: ngettext_lazy("%(count)d new", "%(count)d new", "count"),
    ChangeKind.RETIRED: ngettext_lazy("%(count)d retired", "%(count)d retired", "count"),
    ChangeKind.UNCHANGED: ngettext_lazy(
        "%(count)d has an update and the same status", "%(count)d have an update and the same status", "count"
    ),
    ChangeKind.NO_UPDATE: ngettext_lazy("%(count)d has no update", "%(count)d have no update", "count"),
}
NOW = ngettext_lazy("%(count)d now %(label)s", "%(count)d now %(label)s", "count")
NOW_NONE = ngettext_lazy("%(count)d no longer has a status", "%(count)d no longer have a status", "count")


def sentence_of_changes(comparison: Comparison) -> str:
    """“3 completed, 1 began, 2 put on hold; 9 have no update.” Each recommendation is counted once."""
    kinds = Counter(change.kind for change in comparison.changes)
    others = {kind: words % {"count": kinds[kind]} for kind, words in WITHOUT_A_MOVE.items() if kinds[kind]}
    moved = _moves(comparison)
    came_and_went = [others[kind] for kind in (ChangeKind.NEW, ChangeKind.RETIRED) if kind in others]
    stayed = [others[kind] for kind in (ChangeKind.UNCHANGED, ChangeKind.NO_UPDATE) if kind in others]
    if not moved:
        return _sentence([_("no status changed")], came_and_went, stayed)
    return _sentence([*moved, *came_and_went], stayed)


def sentence_of_totals(snapshot: Snapshot) -> str:
    """“30 calls: 3 completed, 12 planned; 15 for others to act on.” What is done comes first; empty for none."""
    present = [total for total in snapshot.totals() if total.count]
    if not present:
        return ""
    own = sorted((total for total in present if not total.is_apart), key=lambda total: not Status(total.key).is_done)
    apart = [total for total in present if total.is_apart]
    found = {
        "counted": snapshot.plan.counted(len(snapshot.current)),
        "parts": _clauses(map(_total, own), map(_total, apart)),
    }
    return _("%(counted)s: %(parts)s.") % found


def _moves(comparison: Comparison) -> list[str]:
    """How many came to each status, those that are done first, then in the order of the statuses."""
    moves = [*comparison.of_kind(ChangeKind.MOVED), *comparison.of_kind(ChangeKind.FIRST)]
    words = [_move(comparison.after, change) for change in sorted(moves, key=_place)]
    as_one = [str(told % {"count": 1, "label": label}) for told, label in words]
    several = dict(zip(as_one, words, strict=True)).items()
    return [str(told % {"count": as_one.count(one), "label": label}) for one, (told, label) in several]


def _move(after: Snapshot, change: Change) -> tuple[Any, str]:
    """Words for a change of status with the label they take: a verb, unless the plan has its own name for it."""
    key = change.status_after
    if not key:
        return NOW_NONE, ""
    if key not in Status.values:
        return NOW, after.labels.get(key, key).lower()
    status = Status(key)
    with override(after.language or settings.LANGUAGE_CODE):
        is_ours = after.labels.get(key) == str(status.label)
    if is_ours and (verb := status.came_from(change.status_before)):
        return verb, ""
    return NOW, (str(status.label) if is_ours else after.labels[key]).lower()


def _place(change: Change) -> tuple[bool, int]:
    key = change.status_after
    if key not in Status.values:
        return True, len(Status.values)
    return not Status(key).is_done, Status.values.index(key)


def _total(total: StatusTotal) -> str:
    label = total.label.lower() if total.key else _("without an update")
    return _("%(count)s %(label)s") % {"count": total.count, "label": label}


def _sentence(*clauses: Iterable[str]) -> str:
    return f"{capfirst(_clauses(*clauses))}."


def _clauses(*clauses: Iterable[str]) -> str:
    """The `clauses`, each of several parts; empty ones are left out. A number stays on the line of what it counts."""
    said = "; ".join(filter(None, (", ".join(clause) for clause in clauses)))
    return re.sub(r"(?<=\d) ", "\xa0", said)
