"""What staff should be reminded of: what is stale, ready or due. Shown on the board, sent by e-mail once.

What was set aside is apart: administrators are reminded of it each day until they decide.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from recommendations.models import (
    ActionPlan,
    LegalHold,
    NoteEnding,
    ProgressUpdate,
    Recommendation,
    ReminderSent,
    Report,
    SetAside,
    Status,
    SupportLink,
)
from recommendations.publishing.history import name_of
from recommendations.publishing.notes import hold_in_words
from recommendations.reading.entries import StatusOn
from recommendations.reading.passages import named
from recommendations.reading.snapshot import latest
from recommendations.reading.support import untried
from recommendations.text import dates

from .missing_links import missing_links
from .next_report import next_report

# A draft that nobody finished, a ready update that nobody published, a recommendation that nobody spoke of.
DRAFT_WAITS = dt.timedelta(days=30)
READY_WAITS = dt.timedelta(days=30)
STALE_AFTER = dt.timedelta(days=365)
PERIOD_ENDS_IN = dt.timedelta(days=30)
# When more of a kind wait, they are counted, not named, and it is told once a month.
NAMED = 12


@dataclass(frozen=True)
class Reminder:
    """Something to do. `key` names the occasion: it is sent once, and again only when the occasion is another.

    `address` leads to where it is done, where one page is the place; `permission` is what that page asks for.
    """

    key: str
    message: str
    address: str = ""
    permission: str = ""


def due(*, on: dt.date) -> list[Reminder]:
    """What to be reminded of on the day `on`, in a constant number of queries; nothing once the site is closed."""
    if not ActionPlan.objects.filter(closed_at=None).exists():
        return []
    current = list(Recommendation.objects.begun(on).current(on).only("area_id", "reference", "target_on").in_order())
    known = {id: said.status for id, said in latest(current, on=on).items() if said.status}
    still_open = [one for one in current if _is_open(known.get(one.pk))]
    return [
        *_reports(on),
        *_waiting(on),
        *_targets(still_open, on),
        *_stale(still_open, known, on),
        *_gone(on),
        *_support(on),
        *_notes(),
    ]


@dataclass(frozen=True)
class Undecided:
    """Something that was set aside and waits for an administrator: who did it and when, and how long there is left."""

    aside: SetAside
    name: str
    what_happened: str
    days: str
    is_late: bool

    @property
    def message(self) -> str:
        return f"{self.name} {self.what_happened} {self.days}"


def undecided(*, on: dt.date) -> list[Undecided]:
    """What waits on the day `on`, oldest first, in words that hold none of its own."""
    asides = SetAside.objects.undecided().select_related("edition__report", "set_aside_by")
    asides = asides.prefetch_related("update__assessments__recommendation__area", "update__take_down")
    return [_undecided(aside, on=on) for aside in asides]


def _undecided(aside: SetAside, *, on: dt.date) -> Undecided:
    words = {"who": name_of(aside.set_aside_by), "day": dates.day(timezone.localdate(aside.set_aside_at))}
    what_happened = _("was set aside by %(who)s on %(day)s.") % words
    left = (aside.due_on - on).days
    if aside.update and aside.update.is_taken_down:
        what_happened = " ".join([what_happened, _("It was taken down, but some editions still contain it.")])
        days = _("Take them down too by %(day)s.") % {"day": dates.day(aside.due_on)}
    elif left == 0:
        days = _("Today is the last day to restore it or take it down.")
    elif left < 0:
        days = _("The decision was due on %(day)s: restore it or take it down.") % {"day": dates.day(aside.due_on)}
    else:
        days = ngettext(
            "You have %(count)d day left to restore it or take it down.",
            "You have %(count)d days left to restore it or take it down.",
            left,
        ) % {"count": left}
    name = named(aside.update) if aside.update else str(aside)
    return Undecided(aside, name, what_happened, days, left < 0)


def to_decide(*, on: dt.date) -> list[Reminder]:
    """For administrators, each day anew until it is decided."""
    return [Reminder(f"aside-{one.aside.pk}-{on.isoformat()}", one.message) for one in undecided(on=on)]


def unsent(reminders: list[Reminder]) -> list[Reminder]:
    """Those that were not sent yet."""
    sent = set(ReminderSent.objects.filter(key__in=[one.key for one in reminders]).values_list("key", flat=True))
    return [one for one in reminders if one.key not in sent]


def recipients(*, able_to: str = "change_progressupdate") -> list[str]:
    """The addresses of the accounts that have the permission `able_to` and can sign in, each once."""
    accounts = User.objects.filter(is_active=True, is_staff=True).exclude(email="")
    able = Q(is_superuser=True)
    for path in ("user_permissions", "groups__permissions"):
        able |= Q(**{f"{path}__codename": able_to})
    return sorted(set(accounts.filter(able).values_list("email", flat=True)))


def _reports(on: dt.date) -> Iterator[Reminder]:
    newest = Report.objects.prefetch_related("editions").order_by("ends_on").last()
    if newest is None:
        return
    if newest.editions.all():
        if following := next_report():
            words = {"report": newest.title, "period": dates.period(following.starts_on, following.ends_on)}
            message = _("“%(report)s” is published: start the next report, for %(period)s.") % words
            add = reverse("admin:recommendations_report_add")
            yield Reminder(f"next-{newest.pk}", message, add, "recommendations.add_report")
        return
    key = f"report-{newest.pk}-{newest.ends_on.isoformat()}"
    words = {"report": newest.title, "day": dates.day(newest.ends_on)}
    if newest.ends_on < on:
        yield Reminder(f"{key}-ended", _("The period of “%(report)s” ended on %(day)s: you can publish it.") % words)
    elif newest.ends_on - on <= PERIOD_ENDS_IN:
        yield Reminder(f"{key}-ends", _("The period of “%(report)s” ends on %(day)s.") % words)


def _waiting(on: dt.date) -> Iterator[Reminder]:
    """Ready updates and drafts that have waited for long: each by name where they are few, else how many they are."""
    unpublished = ProgressUpdate.objects.filter(published_at=None).order_by("dated_on", "id")
    ready = unpublished.filter(ready_at__lt=dates.start_of(on - READY_WAITS))
    drafts = unpublished.filter(ready_at=None, dated_on__lt=on - DRAFT_WAITS)
    for key, waiting, of_one, of_many in (
        (
            "ready",
            ready,
            _("%(update)s has been ready for over a month and isn't published."),
            _("%(count)d updates have been ready for over a month and aren't published."),
        ),
        (
            "draft",
            drafts,
            _("%(update)s, dated %(day)s, is still a draft."),
            _("%(count)d updates dated over a month ago are still drafts."),
        ),
    ):
        count = waiting.count()
        if count > NAMED:
            yield Reminder(f"{key}-{on.year}-{on.month}", of_many % {"count": count})
            continue
        for update in waiting.with_assessments():
            since = update.ready_at.date() if update.ready_at else update.dated_on
            words = {"update": named(update), "day": update.dated}
            yield Reminder(f"{key}-{update.pk}-{since.isoformat()}", of_one % words)


def _targets(still_open: Iterable[Recommendation], on: dt.date) -> Iterator[Reminder]:
    for one in still_open:
        if one.target_on and one.target_on < on:
            message = _("The target date of %(reference)s, %(day)s, has passed.")
            words = {"reference": one.reference, "day": dates.day(one.target_on)}
            yield Reminder(f"target-{one.reference}-{one.target_on.isoformat()}", message % words)


def _stale(still_open: Iterable[Recommendation], known: dict[int, StatusOn], on: dt.date) -> Iterator[Reminder]:
    dated = {one.reference: known[one.pk].dated_on for one in still_open if one.pk in known}
    old = {reference: day for reference, day in dated.items() if on - day > STALE_AFTER}
    if old:
        message = ngettext(
            "%(count)d open recommendation has had no update for over a year: %(references)s.",
            "%(count)d open recommendations have had no update for over a year: %(references)s.",
            len(old),
        )
        named_ones = list(old)[:NAMED]
        if more := len(old) - len(named_ones):
            named_ones.append(ngettext("and %(count)d more", "and %(count)d more", more) % {"count": more})
        # Told once a year for each set of them: the key holds the newest of their dates.
        key = f"stale-{on.year}-{max(old.values()).isoformat()}-{len(old)}"
        yield Reminder(key, message % {"count": len(old), "references": ", ".join(named_ones)})


def _gone(on: dt.date) -> Iterator[Reminder]:
    if waiting := [one for one in missing_links(on=on) if one.is_waiting]:
        message = ngettext(
            "%(count)d page elsewhere that this site links to is gone. Check what readers should see.",
            "%(count)d pages elsewhere that this site links to are gone. Check what readers should see.",
            len(waiting),
        ) % {"count": len(waiting)}
        newest = max(one.link.gone_at for one in waiting if one.link.gone_at)
        address = reverse("admin:recommendations_linkcheck_changelist")
        key = f"gone-{newest.isoformat()}-{len(waiting)}"
        yield Reminder(key, message, address, "recommendations.view_linkcheck")


def _support(on: dt.date) -> Iterator[Reminder]:
    address = reverse("admin:recommendations_actionplan_change", args=[1])
    for link in SupportLink.objects.untried(on):
        key = f"support-{link.pk}-{link.checked_on.isoformat()}"
        yield Reminder(key, untried(link), address, "recommendations.change_actionplan")


def _notes() -> Iterator[Reminder]:
    """The notes for colleagues that end soon, those of the first day, and a legal hold that keeps all."""
    if hold := LegalHold.objects.current().first():
        yield Reminder(f"hold-{hold.pk}", hold_in_words(hold))
    endings = list(NoteEnding.objects.all())
    first = [one for one in endings if one.ends_on == endings[0].ends_on]
    if first:
        names = [f"U{one.update_id}" for one in first[:NAMED]] + ["…"] * (len(first) > NAMED)
        message = ngettext(
            "The note for colleagues of %(count)d update ends on %(day)s, and its words are erased: %(names)s. "
            "Publish or correct first what you still need it for.",
            "The notes for colleagues of %(count)d updates end on %(day)s, and their words are erased: %(names)s. "
            "Publish or correct first what you still need them for.",
            len(first),
        ) % {"count": len(first), "day": dates.day(first[0].ends_on), "names": ", ".join(names)}
        yield Reminder(f"notes-{first[0].ends_on.isoformat()}-{len(first)}", message)


def _is_open(known: StatusOn | None) -> bool:
    """Whether something is left to do on a recommendation; so it is before its first update."""
    return known is None or Status(known.key).is_open
