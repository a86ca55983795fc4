"""The forms to add an account, to change it, and to set its password."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.auth.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from django.contrib.auth.models import User
from django.db import models
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from recommendations.accounts.roles import PURPOSES, Role, is_last_administrator, lock_accounts, role_of
from recommendations.models.accounts import REASON_LENGTH

from .conflicts import SignedOutMixin, VersionedForm
from .fields import LineFormField

if TYPE_CHECKING:
    AccountChangeForm = UserChangeForm[User]
    AccountCreationForm = UserCreationForm[User]
    AccountPasswordForm = AdminPasswordChangeForm[User]
else:
    AccountChangeForm, AccountCreationForm = UserChangeForm, UserCreationForm
    AccountPasswordForm = AdminPasswordChangeForm


def with_purposes() -> list[tuple[str, SafeString]]:
    """The choices of roles, each with what it may do."""
    words = "<strong>{}</strong> <span>{}</span>"
    return [(role.value, format_html(words, role.label, PURPOSES[role])) for role in Role]


class RoleField(forms.ChoiceField):
    """A choice between the roles, as radio buttons."""

    widget = forms.RadioSelect

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(label=_("Role"), choices=with_purposes, **kwargs)


class NewAccountForm(SignedOutMixin, AccountCreationForm):
    """A new account: names, e-mail address, role and first password."""

    role = RoleField()

    class Meta(UserCreationForm.Meta):
        fields = ("username", "first_name", "last_name", "email")


class NewPasswordForm(AccountPasswordForm):
    """A new password for somebody else's account. To take the password away is not offered: deactivate the account."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("usable_password", None)


class ReasonForm(SignedOutMixin, forms.Form):
    """Why an act on an account is done."""

    reason = LineFormField(
        label=_("Why"),
        max_length=REASON_LENGTH,
        widget=forms.TextInput(attrs={"class": "line"}),
        help_text=_("Your colleagues see this in the history; readers never do."),
    )


class AccountForm(VersionedForm, AccountChangeForm):
    """An account. The last administrator who can sign in must stay one, or nobody could manage accounts again."""

    role = RoleField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        role = role_of(self.instance)
        self.initial["role"] = role.value if role else None

    def values_of(self, stored: models.Model) -> dict[str, Any]:
        role = role_of(stored)
        return {**super().values_of(stored), "role": role.value if role else None}

    def display_value(self, stored: models.Model, name: str) -> str:
        role = role_of(stored)
        return super().display_value(stored, name) if name != "role" else str(role.label if role else gettext("(none)"))

    def clean(self) -> dict[str, Any]:
        stored = lock_accounts(self.instance)
        super().clean()
        is_superuser = self.cleaned_data.get("is_superuser", stored.is_superuser)
        if is_superuser and self.cleaned_data.get("role") != Role.ADMINISTRATOR:
            self.add_error("role", _("A superuser is an administrator: untick “Superuser” first."))
        stays = self.cleaned_data.get("is_active") and self.cleaned_data.get("role") == Role.ADMINISTRATOR
        if not stays and is_last_administrator(stored):
            message = _("This is the only administrator who can sign in. Make somebody else an administrator first.")
            self.add_error("role" if self.cleaned_data.get("is_active") else "is_active", message)
        return self.cleaned_data
