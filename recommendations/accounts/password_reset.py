"""A new password by e-mail. Accounts are looked up and links sent only after the page has been answered.

So nobody can tell from the answer, or from how long it takes, whether an address has an account.
"""

import datetime as dt
import logging
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.auth import views
from django.contrib.auth.forms import PasswordResetForm
from django.contrib.auth.models import User
from django.contrib.auth.tokens import default_token_generator
from django.core.mail import EmailMessage
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.template.loader import render_to_string
from django.urls import URLPattern, URLResolver, path, reverse_lazy
from django.utils import timezone, translation
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _

from recommendations.models import PasswordResetSent
from tracker.background import background

from .email import send
from .failures import forget_failures
from .given_passwords import forget
from .records import record
from .sessions import View

logger = logging.getLogger(__name__)

PERIOD = dt.timedelta(hours=1)
MOST_EACH = 3  # to an account in the period
MOST = 30  # to all of them together


class ConfirmView(views.PasswordResetConfirmView):
    """Sets the new password, and unlocks the account: whoever could read the e-mail owns it."""

    def form_valid(self, form: Any) -> HttpResponse:
        forget_failures(form.user.get_username())
        forget(form.user)
        record(form.user, by=form.user, words=_("Chose a new password, by a link in an e-mail."))
        return super().form_valid(form)


class ResetForm(PasswordResetForm):
    # The stubs want every option named.
    def save(self, **options: Any) -> None:  # type: ignore[override]
        """Look up the address after the answer. Django's view calls this for every address, known or not."""
        link = partial(send_links, self.cleaned_data["email"], language=translation.get_language())
        background.later(partial(link, **options["extra_email_context"]))


def send_links(address: str, *, site_name: str, language: str | None = None) -> None:
    """Send a link to each account with this address that may still ask for one, in the language of the page."""
    with translation.override(language):
        for user in PasswordResetForm().get_users(address):
            if is_counted(user, at=timezone.now()):
                send_link(user, site_name=site_name)


def is_counted(user: User, *, at: dt.datetime) -> bool:
    """Whether the account may have another link at that time; if so, it is counted. Older counts are deleted."""
    PasswordResetSent.objects.filter(sent_at__lte=at - PERIOD).delete()
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        if PasswordResetSent.objects.filter(user=user).count() >= MOST_EACH:
            return False
        if PasswordResetSent.objects.count() >= MOST:
            logger.warning("%d links for new passwords were sent within an hour, so another one was not sent.", MOST)
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
    send(EmailMessage(" ".join(subject.split()), body, to=[user.email]), what="A link for a new password")


class PasswordResetSite(AdminSite):
    """The pages for a new password by e-mail, which exist only where e-mail is set up."""

    def get_urls(self) -> list[URLResolver | URLPattern]:
        return [
            path("password-reset/", self.password_reset, name="password_reset"),
            path("password-reset/sent/", self.password_reset_sent, name="password_reset_sent"),
            path("password-reset/done/", self.password_reset_done, name="password_reset_done"),
            path("password-reset/<uidb64>/<token>/", self.password_reset_confirm, name="password_reset_confirm"),
            *super().get_urls(),
        ]

    def password_reset(self, request: HttpRequest) -> HttpResponseBase:
        page = self.password_page(
            request,
            views.PasswordResetView,
            template="password_reset_form",
            title=_("A new password"),
            form_class=ResetForm,
            extra_email_context={"site_name": str(self.each_context(request)["site_header"])},
            success_url=reverse_lazy("admin:password_reset_sent"),
        )
        return page(request)

    def password_reset_sent(self, request: HttpRequest) -> HttpResponseBase:
        page = self.password_page(
            request, views.PasswordResetDoneView, template="password_reset_done", title=_("Check your e-mail")
        )
        return page(request)

    def password_reset_confirm(self, request: HttpRequest, uidb64: str, token: str) -> HttpResponseBase:
        page = self.password_page(
            request,
            ConfirmView,
            template="password_reset_confirm",
            title=_("A new password"),
            success_url=reverse_lazy("admin:password_reset_done"),
        )
        return page(request, uidb64=uidb64, token=token)

    def password_reset_done(self, request: HttpRequest) -> HttpResponseBase:
        page = self.password_page(
            request,
            views.PasswordResetCompleteView,
            template="password_reset_complete",
            title=_("Your new password is set"),
        )
        return page(request)

    def password_page(self, request: HttpRequest, view: Any, *, template: str, title: str, **options: Any) -> View:
        """One of Django's views for a new password, dressed as a page of this site; 404 where e-mail isn't set up."""
        if not settings.HAS_EMAIL:
            raise Http404
        context = {**self.each_context(request), "title": title}
        page: View = view.as_view(template_name=f"registration/{template}.html", extra_context=context, **options)
        return page
