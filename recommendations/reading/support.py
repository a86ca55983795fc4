"""What is wrong with the support that readers find on the site: that there is none, or that nobody tried it lately."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext as _

from recommendations.models import SupportLink
from recommendations.text import dates

from .passages import Passage
from .patterns import Held


def no_support() -> list[tuple[Passage, Held]]:
    """That no support link is set, if so."""
    if SupportLink.objects.exists():
        return []
    message = _(
        "No support link is set, so readers who need help find none here. Add one in the action plan, or say why "
        "readers need none."
    )
    return [(Passage("plan", 0, "", ""), Held("no support", message, ""))]


def untried_support(*, on: dt.date) -> list[tuple[Passage, Held]]:
    """Each support link that nobody tried in the quarter before the day `on`, with what that rests on."""
    return [
        (
            Passage("plan", 0, "", "\n".join([link.address, str(link.checked_on)])),
            Held("untried support", untried(link), link.label),
        )
        for link in SupportLink.objects.untried(on)
    ]


def untried(link: SupportLink) -> str:
    words = {"label": link.label, "day": dates.day(link.checked_on)}
    message = _("Nobody has tried the support link “%(label)s” since %(day)s. Try it, then change the date.")
    return message % words
