"""The acts that close the site, when nobody will update it any more, and that open it again.

A closed site stays as it was: only what puts somebody in danger can still be set aside, taken down and erased.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from hashlib import sha256

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from recommendations.models import ActionPlan, Edition, ProgressUpdate, Report, SetAside
from recommendations.reading import findings
from recommendations.reading.findings import Finding
from recommendations.reading.snapshot import report_snapshot
from recommendations.text import dates

from . import ledger
from .acts import Refused, Unchanged, save
from .clock import clock_obstacles
from .reports import publish_report, report_obstacles, says_the_same

# An e-mail address, a phone number or a page: a name alone leads to nobody.
REACHABLE = re.compile(r"@|[0-9]{3}|https?://")
# A closed site shows no support, whether or not somebody tried it.
OF_SUPPORT = {"no support", "untried support"}


@dataclass(frozen=True)
class LastEdition:
    """The last edition of the newest report; None with `why` there is none. `is_new` where closing published it."""

    edition: Edition | None
    is_new: bool = False
    why: str = ""


def publish_last_edition(*, by: User, at: dt.datetime) -> LastEdition:
    """Publish what the newest report that isn't empty has and its newest edition lacks, with all of its ready updates.

    Refused for what stops any publication; where another report has ready updates, which nobody would ever publish;
    while something is set aside, because nobody would decide about it; and where something was found in the
    report's words that nobody has answered, because nobody could correct it later. Nothing takes the place of an
    edition that was taken down.
    """
    if SetAside.objects.undecided().exists():
        raise Refused(
            _("Something is set aside, and readers are told that it will be decided: restore it or take it down first.")
        )
    reports = list(Report.objects.select_related("plan").order_by("-ends_on"))
    if not reports:
        return LastEdition(None, why=_("There is no report, so there is no last edition."))
    report = next((one for one in reports if not is_empty(one)), None)
    if report is None:
        why = _("“%(report)s” has no published or ready updates, so it has no edition.")
        return LastEdition(None, why=why % {"report": reports[0].title})
    ready = ready_in(report)
    for other in reports:
        if set(ready_in(other)) - set(ready):
            words = _("“%(report)s” has ready updates, too. Publish it first, or make them drafts again.")
            raise Refused(words % {"report": other.title})
    newest = report.newest_edition()
    if newest and newest.is_taken_down:
        return LastEdition(None, why=_("“%(edition)s” was taken down. Nothing takes its place.") % {"edition": newest})
    if newest and says_the_same(newest, report_snapshot(report, including=ready)):
        return LastEdition(newest)
    on = timezone.localdate(at)
    if obstacles := [*report_obstacles(report, on=on, ready=ready), *clock_obstacles(at=at)]:
        words = _(
            "“%(report)s” can’t be published as it is. Change that; or, if it was never published and nobody will "
            "publish it, delete the report. Then close again."
        )
        raise Refused(words % {"report": report.title}, *obstacles)
    with translation.override(report.plan.language):
        note = _("This is the last edition: nobody will update this site any more.") if newest else ""
    if unanswered := to_answer(report, on=on, note=note):
        words = _("Nobody can correct “%(report)s” later. First change what was found in it, or say why it is fine:")
        raise Refused(words % {"report": report.title}, *(finding.message for finding in unanswered))
    return LastEdition(publish_report(report, by=by, at=at, ready=ready, note=note), is_new=True)


def ready_in(report: Report) -> list[int]:
    """The ids of the updates in the period of `report` that are ready to be published."""
    within = ProgressUpdate.objects.dated_in(report.starts_on, report.ends_on)
    return list(within.ready().values_list("pk", flat=True))


def is_empty(report: Report) -> bool:
    """Whether `report` was never published and has nothing to publish."""
    within = ProgressUpdate.objects.dated_in(report.starts_on, report.ends_on)
    return not (report.newest_edition() or within.ready().exists() or within.public().exists())


def to_answer(report: Report, *, on: dt.date, note: str) -> list[Finding]:
    """What was found in the words of `report` that nobody has answered; not what is missing, nor about support."""
    found = findings.of_report(report, on=on, note=note)
    return [one for one in found if one.is_open and one.can_be_answered and one.kind not in OF_SUPPORT]


def contact_words(takes_down: str) -> str:
    """`takes_down` as it will be kept; Refused where it can't be, or names somebody but not how to reach them."""
    try:
        words: str = ActionPlan._meta.get_field("takes_down").clean(takes_down.strip(), None)
    except ValidationError as error:
        raise Refused(_("Say in another way who takes things down:"), *error.messages) from error
    if words and not REACHABLE.search(words):
        raise Refused(_("Say how to reach who takes things down, too: with an e-mail address or a phone number."))
    return words


def close(*, by: User, at: dt.datetime, takes_down: str) -> None:
    """Close the site: from the day of `at` on, nobody updates it. `takes_down` says who removes what puts somebody in
    danger, and how to reach them; empty where nobody does.

    Of a closed site it changes that alone. Raises Unchanged where that, too, is so already.
    """
    takes_down = contact_words(takes_down)
    with transaction.atomic():
        plan = ActionPlan.objects.select_for_update().get()
        if plan.closed_at and plan.takes_down == takes_down:
            raise Unchanged(_("The site has been closed since %(day)s.") % {"day": dates.day(plan.closed_at)})
        reason = _("Named who takes down from the closed site") if plan.closed_at else _("Closed the site")
        if not plan.closed_at:
            plan.closed_at, plan.closed_by = at, by
            ledger.note("closed", by=by)
        plan.takes_down = takes_down
        # What else the plan says may be older than its rules, and must not stop this after the last edition.
        save(plan, by=by, reason=reason, is_checked=True)
        ledger.note("contact", by=by, state=state_of_contact(plan))


def state_of_contact(plan: ActionPlan) -> dict[str, str]:
    """A mark of who takes down from the closed site, for the ledger; empty for nobody."""
    if not plan.closed_at or not plan.takes_down:
        return {"contact": ""}
    words = f"{plan.closed_at.astimezone(dt.UTC).isoformat()}\n{plan.takes_down}"
    return {"contact": sha256(words.encode()).hexdigest()[:32]}


def reopen(*, by: User) -> None:
    """Let the site be updated again, as if it had never been closed; the history of the plan says that it was."""
    with transaction.atomic():
        plan = ActionPlan.objects.select_for_update().get()
        if not plan.closed_at:
            raise Unchanged(_("The site isn’t closed."))
        plan.closed_at, plan.closed_by, plan.takes_down = None, None, ""
        save(plan, by=by, reason=_("Opened the site again"), is_checked=True)
        ledger.note("reopened", by=by)


def left_unpublished() -> str:
    """How many updates nobody will publish, in a sentence; empty for none."""
    count = ProgressUpdate.objects.filter(published_at=None).count()
    words = ngettext(
        "%(count)d update was never published. It stays where staff can read it.",
        "%(count)d updates were never published. They stay where staff can read them.",
        count,
    )
    return words % {"count": count} if count else ""
