"""Pages elsewhere that the site links to and that are gone, for staff: where they are used, and what was answered."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Prefetch

from recommendations.models import LinkCheck, LinkDecision
from recommendations.models.links import answer_in_words
from recommendations.reading.elsewhere import Use, uses


@dataclass(frozen=True)
class MissingLink:
    """A page that wasn't there when it was last checked; `decision` is None until staff have looked."""

    link: LinkCheck
    uses: tuple[Use, ...]
    decision: LinkDecision | None

    @property
    def is_waiting(self) -> bool:
        """Whether staff should look: it is gone, and nobody has."""
        return self.link.gone_at is not None and self.decision is None

    @property
    def label(self) -> str:
        return next((use.label for use in self.uses if use.label), self.link.address)

    @property
    def copies(self) -> tuple[str, ...]:
        """The addresses of its archived copies, each once."""
        return tuple(dict.fromkeys(use.archived_address for use in self.uses if use.archived_address))

    @property
    def answer(self) -> str:
        return answer_in_words(self.link.answer)


def missing_links(*, on: dt.date) -> list[MissingLink]:
    """What is missing of what the public site links to on the day `on`, the longest missing first."""
    decisions = Prefetch("decisions", LinkDecision.objects.select_related("decided_by"))
    missing = list(LinkCheck.objects.missing().prefetch_related(decisions))
    places = uses(on=on) if missing else {}
    return [
        MissingLink(link, tuple(places[link.address]), link.decision()) for link in missing if link.address in places
    ]
