"""What pages are called on tabs, in histories and in bookmarks, where somebody beside the reader may see it.

A name with one of the words that the plan keeps from titles is in none; no name is while the plan has no such words,
unless “Leave this site” is off: then nobody could be harmed for reading it. In its place stands a number, so that no
two pages share a title. The plan's own title is in none.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from recommendations.models import ActionPlan, Area, Report
from recommendations.text import dates
from recommendations.text.words import words_of

from .entries import AreaEntry
from .forms import stem

# So many references are named in the title of an update.
NAMED = 3


def may_be_seen(name: str, plan: ActionPlan | None) -> bool:
    """Whether `name` may be in a title of the site of `plan`."""
    if plan is None:
        return False
    return not tells(name, plan) and (not plan.offers_leave or bool(words_of(plan.kept_from_titles)))


def tells(name: str, plan: ActionPlan) -> bool:
    """Whether `name` has one of the words, or all words of one of the phrases, that are kept from titles.

    A longer word that begins with a kept one, and any form of it, is the same.
    """
    held = words_of(name)

    def has(kept: str) -> bool:
        return any(word.startswith(kept) or stem(word, plan.language) == stem(kept, plan.language) for word in held)

    phrases = (words_of(phrase) for phrase in plan.kept_from_titles.split(","))
    return any(all(map(has, phrase)) for phrase in phrases if phrase)


def of_site(plan: ActionPlan | None) -> str:
    """The name of the organization, or its short name where the long one tells; empty where both do."""
    names = [plan.organisation_name, plan.organisation_short_name] if plan else []
    return next((name for name in names if name and plan and not tells(name, plan)), "")


def of_area(area: Area | AreaEntry, plan: ActionPlan | None, *, first: str) -> str:
    """An area: its title, with its number where readers see that; else by its number, or its `first` reference."""
    is_numbered = plan is None or plan.numbers_areas
    words = {"number": area.number, "title": area.title}
    if may_be_seen(area.title, plan):
        return _("Area %(number)s: %(title)s") % words if is_numbered else area.title
    return _("Area %(name)s") % {"name": area.number} if is_numbered else _("Area with %(first)s") % {"first": first}


def of_recommendation(reference: str, plan: ActionPlan | None) -> str:
    """A recommendation by its reference, after the plan's own word for one."""
    return f"{plan.heading_of_one} {reference}" if plan and plan.recommendation_name else reference


def of_party(name: str, plan: ActionPlan | None, *, number: int) -> str:
    """The party called `name`; `number` is its id."""
    return capfirst(name) if may_be_seen(name, plan) else _("Addressed to, %(number)d") % {"number": number}


def of_report(report: Report, plan: ActionPlan | None, *, shares_title: bool = False) -> str:
    """A report: its title, or the end of its period where another report `shares_title`; no other one has that end."""
    if may_be_seen(report.title, plan) and not shares_title:
        return report.title
    return _("Report to %(day)s") % {"day": dates.day(report.ends_on)}


def of_edition(report: Report, plan: ActionPlan | None, *, number: int, shares_title: bool = False) -> str:
    title = of_report(report, plan, shares_title=shares_title)
    return _("%(title)s, edition %(number)d") % {"title": title, "number": number}


def of_update(id: int, references: Sequence[str] = ()) -> str:
    """An update by its number, with what it covers."""
    if not references:
        return _("Update %(number)d") % {"number": id}
    more = " …" if len(references) > NAMED else ""
    return _("Update %(number)d: %(references)s") % {"number": id, "references": ", ".join(references[:NAMED]) + more}
