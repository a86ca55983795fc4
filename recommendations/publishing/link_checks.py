"""The acts on links to pages elsewhere: record what a check found, and what staff answer about a page that is gone.

A check is a machine's: it changes no update, writes no history and publishes nothing.
"""

from __future__ import annotations

import datetime as dt

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from recommendations.models import LinkCheck, LinkDecision
from recommendations.models.links import APART

from .acts import Refused


def record_answer(address: str, *, is_there: bool | None, answer: str, at: dt.datetime) -> LinkCheck:
    """Keep what `address` answered at the instant `at`; `is_there` is None where that couldn't be found out.

    A page that couldn't be checked stays what it was before. One that is there again is no longer missing.
    """
    with transaction.atomic():
        LinkCheck.objects.bulk_create([LinkCheck(address=address, answer=answer, checked_at=at)], ignore_conflicts=True)
        link = LinkCheck.objects.select_for_update().get(address=address)
        link.answer, link.checked_at = answer, at
        if is_there:
            link.failed_at = link.gone_at = None
        elif is_there is False and link.failed_at is None:
            link.failed_at = at
        elif is_there is False and link.failed_at and link.gone_at is None and at - link.failed_at >= APART:
            link.gone_at = at
        link.save()
    return link


def decide_link(link: LinkCheck, *, choice: LinkDecision.Choice, by: User, at: dt.datetime) -> LinkDecision:
    """Keep what `by` answered about a page that is missing; Refused if it answered again in the meantime."""
    with transaction.atomic():
        link = LinkCheck.objects.select_for_update().get(pk=link.pk)
        if link.failed_at is None:
            raise Refused(_("The page is there again, so there is nothing to decide."))
        return LinkDecision.objects.create(link=link, choice=choice, decided_at=at, decided_by=by)
