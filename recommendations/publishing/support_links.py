"""Where support links lead, for the ledger: a restored backup must not lead readers again where one no longer does."""

from __future__ import annotations

from functools import partial
from hashlib import sha256
from typing import Any

from django.db import transaction
from django.db.models.signals import post_delete, post_save

from recommendations.models import SupportLink

from .ledger import note_state


def state_of_link(link: SupportLink) -> dict[str, str]:
    """A mark of its address, which was public, and whether those who answer may contact the police."""
    return {"address": sha256(link.address.encode()).hexdigest()[:32], "police": link.may_contact_police}


def watch_support() -> None:
    """Let the ledger know of each change, whichever page or command makes it."""
    for signal in (post_save, post_delete):
        signal.connect(link_changed, sender=SupportLink)


def link_changed(*, instance: SupportLink, **kwargs: Any) -> None:
    transaction.on_commit(partial(note_link, instance.pk))


def note_link(number: int) -> None:
    link = SupportLink.objects.filter(pk=number).first()
    note_state("support", number, state_of_link(link) if link else {})
