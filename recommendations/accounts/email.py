"""E-mail about accounts, sent after the page has been answered, where e-mail is set up."""

from __future__ import annotations

import logging
from collections.abc import Collection
from functools import partial

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction

from tracker.background import background

logger = logging.getLogger(__name__)


def send(message: EmailMessage, *, what: str) -> None:
    """Send `message` now. A failure is logged without the address; `what` names the message there."""
    try:
        message.send()
    except OSError as error:  # smtplib's own errors, too; their words name the address
        code = getattr(error, "smtp_code", None) or error.errno
        logger.error("%s was not sent: %s (%s).", what, type(error).__name__, code or "no code")


def send_later(subject: str, words: str, *, to: Collection[str], what: str) -> None:
    """Send one message to all of these addresses, if what is being done is saved; nobody sees who else got it."""
    addresses = sorted({address for address in to if address})
    if settings.HAS_EMAIL and addresses:
        message = EmailMessage(subject, words, bcc=addresses)
        transaction.on_commit(lambda: background.later(partial(send, message, what=what)))
