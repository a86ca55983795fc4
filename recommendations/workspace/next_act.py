"""The one thing to do next in a report's year: named, with the button that leads there."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from recommendations.text import dates

from .next_report import next_report
from .reminders import PERIOD_ENDS_IN
from .report_state import ReportState


@dataclass(frozen=True)
class NextAct:
    """Why it is next, the words on its button, the address that leads to, and the permission that page asks for."""

    why: str
    button: str
    address: str
    permission: str


def next_act(state: ReportState, *, on: dt.date) -> NextAct | None:
    """What the report with this `state` waits for on the day `on`; None where only its obstacles say what to do."""
    if state.newest:
        return _after_publication(state)
    report, has_ended = state.report, state.report.ends_on <= on
    if report.ends_on - on <= PERIOD_ENDS_IN:
        if not report.introduction:
            why = _("The report has no introduction yet.")
            return NextAct(why, _("Edit its texts"), _page("change", state), "recommendations.change_report")
        if state.draft_count:
            why = ngettext(
                "%(count)d update is still a draft. The report leaves it out until it is marked ready.",
                "%(count)d updates are still drafts. The report leaves them out until they are marked ready.",
                state.draft_count,
            ) % {"count": state.draft_count}
            permission = "recommendations.change_progressupdate"
            return NextAct(why, _("Mark all ready…"), _page("ready", state), permission)
    if has_ended and not state.obstacles:
        why = _(
            "The period has ended, and nothing prevents publishing. A page shows you first what would be published."
        )
        return NextAct(why, _("Publish…"), _page("publish", state), "recommendations.add_edition")
    if lacking := next((one for one in state.current if one.pk not in state.covered), None):
        words = {"covered": state.covered_count, "count": state.count}
        why = _("%(covered)d of %(count)d recommendations have an update so far. Write one when something happens.")
        address = f"{reverse('admin:index')}?area={lacking.area.number}#area-{lacking.area.number}"
        return NextAct(why % words, _("Go to those without one"), address, "recommendations.add_progressupdate")
    if has_ended:
        return None
    why = _("Every recommendation has an update. You can publish the report from %(day)s on.")
    why %= {"day": dates.day(report.ends_on)}
    return NextAct(why, _("Preview page"), _page("preview", state), "recommendations.view_report")


def _after_publication(state: ReportState) -> NextAct | None:
    if state.is_late or state.ready_count:
        why = _("Something changed since edition %(number)d. A new edition says so, and the old one stays.")
        why %= {"number": state.next_number - 1}
        button = _("Publish a corrected edition…")
        return NextAct(why, button, _page("publish", state), "recommendations.add_edition")
    following = next_report()
    if following is None:
        return None
    words = {"title": following.title, "period": dates.period(following.starts_on, following.ends_on)}
    why = _("It is published. The next report is filled in for you: “%(title)s”, for %(period)s.") % words
    add = reverse("admin:recommendations_report_add")
    return NextAct(why, _("Start the next report"), add, "recommendations.add_report")


def _page(name: str, state: ReportState) -> str:
    return reverse(f"admin:recommendations_report_{name}", args=[state.report.pk])
