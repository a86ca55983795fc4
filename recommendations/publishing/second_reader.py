"""Where the plan chose so, whoever wrote an update doesn't mark it ready: a colleague reads it first.

Who wrote is who began it and who changed last what readers will see; marking, and notes for colleagues, don't count. It
is read from the history, which every way to write leaves.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import User
from django.utils.translation import gettext as _

from recommendations.models import ActionPlan, ProgressUpdate

from .history import PARTS, name_of

WRITTEN = ("text", "dated_on", "dated_as_published", "sums_up", "area_id")


@dataclass
class Written:
    """By whom (ids of accounts) and when an update was written on, oldest first, and when it was last marked ready."""

    by: list[tuple[dt.datetime, int | None]] = field(default_factory=list)
    marked_at: dt.datetime | None = None

    @property
    def writers(self) -> set[int | None]:
        """Who began it and who changed it last."""
        ordered = [user for _at, user in sorted(self.by, key=lambda one: one[0])]
        return {*ordered[:1], *ordered[-1:]}

    @property
    def is_changed_since(self) -> bool:
        """Whether somebody wrote on it after it was marked ready."""
        return self.marked_at is not None and any(at > self.marked_at for at, _user in self.by)


def is_chosen() -> bool:
    return ActionPlan.objects.filter(needs_second_reader=True).exists()


def written(updates: Collection[ProgressUpdate]) -> dict[int, Written]:
    """What the history says of each update, by its id, in a constant number of queries."""
    ids = [update.pk for update in updates]
    found: dict[int, Written] = defaultdict(Written)
    before: dict[int, tuple[Any, ...]] = {}
    rows = ProgressUpdate.history.filter(id__in=ids).order_by("history_date", "history_id")
    for id, at, user, ready_at, *content in rows.values_list(
        "id", "history_date", "history_user", "ready_at", *WRITTEN
    ):
        was_ready, *said = before.get(id, (None, None))
        if said != content:
            found[id].by.append((at, user))
        if ready_at and ready_at != was_ready:
            found[id].marked_at = at
        before[id] = (ready_at, *content)
    for part, link in PARTS[ProgressUpdate]:
        changes = part.history.filter(**{f"{link}__in": ids}).values_list(link, "history_date", "history_user")
        for id, at, user in changes:
            found[id].by.append((at, user))
    return found


def why_not_by(by: User, updates: Collection[ProgressUpdate]) -> dict[int, str]:
    """Why `by` doesn't mark these updates ready, by their ids: a sentence for each that it is so for."""
    if not updates or not is_chosen():
        return {}
    accounts = {one.pk for one in able()}
    return {id: _reason(one, by, accounts) for id, one in written(updates).items() if by.pk in one.writers}


def _reason(one: Written, by: User, accounts: set[int]) -> str:
    """Why `by` can't mark it ready, and what to do where none of `accounts` can either."""
    reason = _("You began it or changed it last, so a colleague has to read it and mark it ready.")
    if accounts == {by.pk}:
        ask = _("There is no other account that could: add one, or change that in the settings of the action plan.")
    elif accounts <= one.writers:
        ask = _("Nobody else can either, for the same reason: whoever began it has to make the last change.")
    else:
        return reason
    return f"{reason} {ask}"


def unread(updates: Collection[ProgressUpdate]) -> list[str]:
    """Why these ready updates can't be published: sentences for those that no colleague marked ready as they are."""
    if not updates or not is_chosen():
        return []
    found, reasons = written(updates), []
    for update in updates:
        if found[update.pk].is_changed_since:
            reasons.append(
                _("U%(number)d was changed after it was marked ready: save it as a draft, and let a colleague read it.")
                % {"number": update.pk}
            )
        elif update.ready_by_id in found[update.pk].writers:
            words = {"number": update.pk, "who": name_of(update.ready_by)}
            reasons.append(
                _("%(who)s wrote U%(number)d and marked it ready: save it as a draft, and let a colleague read it.")
                % words
            )
    return reasons


def able() -> list[User]:
    """The accounts that can mark updates ready."""
    accounts = User.objects.filter(is_active=True, is_staff=True)
    return [one for one in accounts if one.has_perm("recommendations.change_progressupdate")]


def is_changed_since_ready(update: ProgressUpdate) -> bool:
    """Whether it was changed after it was marked ready, where a colleague has to read it then."""
    return is_chosen() and written([update])[update.pk].is_changed_since
