"""How an organization that a recommendation is addressed to can reply: whom it writes to, and with which subject."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from recommendations.models import ActionPlan

# So many references stand in a subject; of more, the first and the last, with how many there are.
NAMED = 12


@dataclass(frozen=True)
class Reply:
    """A message about some recommendations.

    The subject holds what the plan calls them and their references, never what they say: it may be read on a locked
    phone, or over a shoulder. `address` is a mailto: address with that subject, and empty where the plan has no e-mail
    address.
    """

    subject: str
    address: str
    count: int


def reply_about(plan: ActionPlan, references: Sequence[str]) -> Reply:
    """The message about the recommendations with these `references`, of which there is at least one (RFC 6068)."""
    count = len(references)
    if count == 1:
        subject = f"{plan.heading_of_one} {references[0]}"
    elif count <= NAMED:
        subject = f"{plan.heading_of_several} {', '.join(references)}"
    else:
        subject = f"{plan.heading_of_several} {references[0]} … {references[-1]} ({count})"
    email = plan.contact_email
    address = f"mailto:{quote(email, safe='@')}?subject={quote(subject, safe='')}" if email else ""
    return Reply(subject, address, count)
