"""A password that an administrator gave: its owner replaces it when first signing in, before anything else opens.

The session remembers it, so that no page has to ask the database: giving a password ends all sessions of the account.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.forms import SetPasswordForm
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from recommendations.models import GivenPassword

from .password_again import is_right
from .records import record
from .roles import account_of
from .second_factor_pages import SecondFactorSite, half_signed_in
from .sign_in import GIVEN_PASSWORD

if TYPE_CHECKING:
    OwnPasswordForm = SetPasswordForm[User]
else:
    OwnPasswordForm = SetPasswordForm


def give(account: User, *, by: User) -> None:
    """Note that `by` set the password of `account`; one's own is no given password."""
    if account == by:
        forget(account)
    else:
        GivenPassword.objects.update_or_create(account=account, defaults={"given_at": timezone.now()})


def forget(account: User) -> None:
    """Note that the owner chose the password."""
    GivenPassword.objects.filter(account=account).delete()


class FirstPasswordForm(OwnPasswordForm):
    """The owner's own password, which isn't the one that was given."""

    def clean(self) -> Any:
        cleaned: Any = super().clean()
        password = self.cleaned_data.get("new_password2")
        if password and self.user.check_password(password):
            message = _("That is the password you were given. Choose one that nobody else knows.")
            self.add_error("new_password2", ValidationError(message))
        return cleaned


class GivenPasswordSite(SecondFactorSite):
    """The staff's site with the page on which a given password is replaced."""

    def get_urls(self) -> list[URLResolver | URLPattern]:
        return [path("first-password/", self.first_password, name="first_password"), *super().get_urls()]

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        is_wrong = request.method == "POST" and not is_right(request, request.POST.get("old_password", ""))
        # Django's form says that it is wrong, and would do so without end.
        if is_wrong and getattr(request, "axes_locked_out", False):
            return self.end_after_guesses(request)
        response: Any = super().password_change(request, extra_context)
        if response.status_code == 302:
            user = account_of(request)
            record(user, by=user, words=_("Changed their own password."))
            self.let_be_known(request, response)
        return response

    @method_decorator(sensitive_post_parameters())
    @half_signed_in
    def first_password(self, request: HttpRequest) -> HttpResponseBase:
        onward, user = self.onward(request), account_of(request)
        step = self.next_step(request, onward)
        if not self.is_half_signed_in(request):
            return HttpResponseRedirect(onward)
        if not step.startswith(request.path):
            return HttpResponseRedirect(step)
        form = FirstPasswordForm(user, request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            with transaction.atomic():
                form.save()
                forget(user)
                record(user, by=user, words=_("Replaced the password that was given."))
            update_session_auth_hash(request, user)
            del request.session[GIVEN_PASSWORD]
            messages.success(request, _("Your new password is set. Nobody else knows it."))
            return self.with_sign_in_noted(request, HttpResponseRedirect(onward))
        context = {
            **self.each_context(request),
            "title": _("Choose your own password"),
            "form": form,
            "has_error": bool(form.errors),
            "onward": onward,
        }
        return TemplateResponse(request, "admin/first_password.html", context)
