"""The admin of accounts. They are deactivated, never deleted: deleting one would erase who changed what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

# Imported first, so that they have registered their own admins, which are unregistered below: accounts get the admin of
# this module, and nobody edits groups or reads the secrets of a second factor here.
import django.contrib.auth.admin as auth_admin
import django_otp.plugins.otp_static.admin
import django_otp.plugins.otp_totp.admin  # noqa: F401 (registers, as the one above does)
from django import forms
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.auth.models import Group, User
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from recommendations.accounts import second_factor_resets
from recommendations.accounts.given_passwords import give
from recommendations.accounts.lockouts import lockouts
from recommendations.accounts.roles import Role, account_of, active_administrators, give_role, role_of
from recommendations.admin import exports
from recommendations.admin.forms.accounts import AccountForm, NewAccountForm, NewPasswordForm
from recommendations.models import GivenPassword
from recommendations.text import dates
from recommendations.text.intake import refuse_line_breaks, refuse_unprintable

from .account_acts import AccountActsMixin
from .base import PlainFieldsMixin, PlainListMixin, ShortSearchMixin
from .exports import ExportMixin

for model in (User, Group, TOTPDevice, StaticDevice):
    admin.site.unregister(model)

if TYPE_CHECKING:
    UserAdmin = auth_admin.UserAdmin[User]
else:
    UserAdmin = auth_admin.UserAdmin

WHO = ["username", "first_name", "last_name", "email"]


class RoleFilter(admin.SimpleListFilter):
    title = gettext_lazy("role")
    parameter_name = "role"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(Role.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() not in Role.values:
            return queryset
        wanted = Q(groups__name=self.value())
        if self.value() == Role.ADMINISTRATOR:
            wanted |= Q(is_superuser=True)
        return queryset.filter(wanted).distinct()


@admin.register(User)
class AccountAdmin(AccountActsMixin, ExportMixin, PlainFieldsMixin, ShortSearchMixin, PlainListMixin, UserAdmin):
    form = AccountForm
    add_form = NewAccountForm
    change_password_form = NewPasswordForm
    export = exports.ACCOUNTS
    purpose = gettext_lazy("Who can sign in here, and what they can do.")
    plural = gettext_lazy("Accounts")
    actions = None
    show_facets = admin.ShowFacets.NEVER
    list_display = ["username", "full_name", "email", "role_name", "state", "sign_in_method"]
    list_filter = ["is_active", RoleFilter]
    filter_horizontal = []
    add_fieldsets = (
        (None, {"fields": WHO}),
        (gettext_lazy("What this account can do"), {"fields": ["role"]}),
        (
            gettext_lazy("A first password"),
            {
                "fields": ["password1", "password2"],
                "description": gettext_lazy(
                    "Tell your colleague in person or by phone. They choose their own when they first sign in."
                ),
            },
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        factor = TOTPDevice.objects.filter(user=OuterRef("pk"), confirmed=True)
        accounts: QuerySet[User] = super().get_queryset(request)
        return accounts.prefetch_related("groups").annotate(second_factor=Exists(factor))

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return self.add_fieldsets
        if not self.has_change_permission(request, obj):
            return [(None, {"fields": [*WHO, "role_name", "state"]})]
        rights = ["is_active", "role", *(["is_superuser"] if request.user.is_superuser else []), "version"]
        words = _(
            "Accounts are never deleted, so that the history still shows who did what. When somebody "
            "leaves, press “This person leaves” above."
        )
        return [(None, {"fields": WHO}), (_("What this account can do"), {"fields": rights, "description": words})]

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        words = {
            "username": (
                _("User name"),
                _("For signing in: letters, digits, dots and hyphens, without spaces. A first name is fine."),
            ),
            "first_name": (_("First name"), _("Colleagues see this name in the history. Readers never see it.")),
            "last_name": (_("Last name"), ""),
            "email": (
                _("E-mail address"),
                _("For reminders, and for setting a new password if this person forgets theirs. Readers never see it."),
            ),
            "is_active": (_("Active"), _("Without it, this person can't sign in, for example while they are away.")),
            "is_superuser": (
                _("Superuser"),
                _("Can do everything, whatever the role. Only a superuser can change such an account."),
            ),
        }.get(db_field.name)
        if isinstance(field, forms.CharField):
            field.validators += [refuse_unprintable, refuse_line_breaks]
        if field and words:
            field.label, field.help_text = words
        return field

    # Permissions

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # Only a superuser may set the password of a superuser.
        return super().has_change_permission(request, obj) and (
            request.user.is_superuser or not (obj and obj.is_superuser)
        )

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    # Pages

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        words = {
            "title": _("Accounts"),
            "add_words": _("Add an account"),
            "one_administrator": active_administrators().count() == 1,
        }
        return super().changelist_view(request, {**words, **(extra_context or {})})

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        shown = super().get_changelist_instance(request)
        locked = lockouts(at=timezone.now())
        for account in shown.result_list:
            account.lockout = locked.get(account.get_username())
        return shown

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        context: dict[str, Any] = {"title": _("New account")}
        account = self.get_object(request, unquote(object_id)) if object_id else None
        if account:
            at = timezone.now()
            context = {
                "title": _("Account"),
                "lockout": lockouts(at=at).get(account.get_username()),
                "resets": second_factor_resets.to_tell(at=at, account=account),
                "has_given_password": GivenPassword.objects.filter(account=account).exists(),
            }
        return super().changeform_view(request, object_id, form_url, {**context, **(extra_context or {})})

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        with transaction.atomic():
            response = super().user_change_password(request, id, form_url)
            if response.status_code == 302:
                give(User.objects.get(pk=unquote(id)), by=account_of(request))
        return response

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        errors = {"errors": None, "form_errors": context.get("errors")}
        context = {"show_save_and_add_another": False, "show_save_and_continue": False, **context, **errors}
        return super().render_change_form(request, context, *args, **kwargs)

    # Saving

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        obj.is_staff = True
        super().save_model(request, obj, form, change)
        if not change:
            give(obj, by=account_of(request))

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        give_role(form.instance, form.cleaned_data["role"])

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> Any:
        """What changed; of the role and of who can sign in, also to what."""
        if "role" not in form.cleaned_data:
            return super().construct_change_message(request, form, formsets, add)
        words = {"role": Role(form.cleaned_data["role"]).label}
        if add:
            return _("Added, with the role %(role)s.") % words
        said = {
            "role": _("Role changed to %(role)s.") % words,
            "is_active": _("Activated.") if form.instance.is_active else _("Deactivated."),
            "is_superuser": _("Made a superuser.") if form.instance.is_superuser else _("No longer a superuser."),
        }
        names = [str(form.fields[name].label) for name in form.changed_data if name not in said]
        sentences = [_("Changed: %(fields)s.") % {"fields": ", ".join(names)}] if names else []
        return " ".join([*sentences, *(words for name, words in said.items() if name in form.changed_data)])

    # Columns

    @admin.display(description=gettext_lazy("name"), ordering="last_name")
    def full_name(self, user: User) -> str:
        return user.get_full_name()

    @admin.display(description=gettext_lazy("role"))
    def role_name(self, user: User) -> str:
        role = role_of(user)
        return str(role.label) if role else _("None yet")

    @admin.display(description=gettext_lazy("state"), ordering="is_active")
    def state(self, user: User) -> str:
        if not (user.is_active and user.is_staff):
            return _("Deactivated")
        if lockout := getattr(user, "lockout", None):
            words = {"since": dates.clock(lockout.since), "until": dates.clock(lockout.until)}
            return _("Locked since %(since)s, until %(until)s") % words
        return _("Active")

    @admin.display(description=gettext_lazy("sign-in"))
    def sign_in_method(self, user: Any) -> str:
        return _("With second factor") if user.second_factor else _("Password only")
