"""A link for a new password, by e-mail: found, counted and sent after the answer.

So nobody can tell from the answer, or from how long it takes, whether an address has an account.
"""

import datetime as dt
import logging
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.forms import PasswordResetForm
from django.contrib.auth.models import User
from django.contrib.auth.tokens import default_token_generator
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from recommendations.models import PasswordResetSent
from tracker.background import background

logger = logging.getLogger(__name__)

PERIOD = dt.timedelta(hours=1)
MOST_EACH = 3  # to an account in the period
MOST = 30  # to all of them together


class ResetForm(PasswordResetForm):
    # The stubs want every option named.
    def save(self, **options: Any) -> None:  # type: ignore[override]
        """Django's view calls it for every address alike; `extra_email_context` is all that it uses of the options."""
        background.later(partial(send_links, self.cleaned_data["email"], **options["extra_email_context"]))


def send_links(address: str, *, site_name: str) -> None:
    """Send a link to each account with this address that may still ask for one."""
    for user in PasswordResetForm().get_users(address):
        if is_counted(user, at=timezone.now()):
            send_link(user, site_name=site_name)


def is_counted(user: User, *, at: dt.datetime) -> bool:
    """Whether the account gets a link at that time, which is then on record. Older records go."""
    PasswordResetSent.objects.filter(sent_at__lte=at - PERIOD).delete()
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        if PasswordResetSent.objects.filter(user=user).count() >= MOST_EACH:
            return False
        if PasswordResetSent.objects.count() >= MOST:
            logger.warning("%d links for new passwords were sent within an hour: another one was not.", MOST)
            return False
        PasswordResetSent.objects.create(user=user, sent_at=at)
        return True


def send_link(user: User, *, site_name: str) -> None:
    site = urlsplit(settings.SITE_URL)
    context = {
        "domain": site.netloc,
        "protocol": site.scheme,
        "site_name": site_name,
        "uid": urlsafe_base64_encode(force_bytes(user.pk)),
        "token": default_token_generator.make_token(user),
        "user": user,
    }
    subject = render_to_string("registration/password_reset_subject.txt", context)
    body = render_to_string("registration/password_reset_email.txt", context)
    try:
        EmailMessage(" ".join(subject.split()), body, to=[user.email]).send()
    except OSError as error:  # smtplib's own errors, too; their words name the address
        code = getattr(error, "smtp_code", None) or error.errno
        logger.error("A link for a new password was not sent: %s (%s).", type(error).__name__, code or "no code")
