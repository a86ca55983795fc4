"""Accounts. They are deactivated, never deleted: a deleted one would take along who changed what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

# Imported first, so that it has registered its own admins, which make way for these.
import django.contrib.auth.admin as auth_admin
from django import forms
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from recommendations.forms import AccountForm
from recommendations.text import refuse_line_breaks, refuse_unprintable

from .tracked import ShortSearchMixin

admin.site.unregister(User)
admin.site.unregister(Group)

if TYPE_CHECKING:
    UserAdmin = auth_admin.UserAdmin[User]
else:
    UserAdmin = auth_admin.UserAdmin


@admin.register(User)
class AccountAdmin(ShortSearchMixin, UserAdmin):
    form = AccountForm
    purpose = _("Who may sign in here, and what they may do.")
    actions = None
    list_display = ["username", "first_name", "last_name", "email", "may_sign_in", "is_administrator"]
    list_filter = ["is_active", "is_superuser"]
    filter_horizontal = []
    fieldsets = [
        (None, {"fields": ["username", "first_name", "last_name", "email"]}),
        (
            _("What this account may do"),
            {
                "fields": ["is_active", "is_staff", "is_superuser", "user_permissions", "version"],
                "description": _(
                    "An account is never deleted, so that the history goes on saying who did what. Take away “Active” "
                    "when somebody leaves: they can't sign in any more."
                ),
            },
        ),
    ]

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        return super().render_change_form(request, {"show_save_and_add_another": False, **context}, *args, **kwargs)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_superuser)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_superuser)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_superuser)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # Whoever may change accounts can make itself an administrator: so it is one.
        return bool(request.user.is_superuser)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        words = {
            "is_active": (_("Active"), _("Without it, this person can't sign in.")),
            "is_staff": (_("Staff"), _("Needed to open these pages at all.")),
            "is_superuser": (
                _("Administrator"),
                _("May do everything here, these accounts and taking down included. Keep two of them."),
            ),
        }.get(db_field.name)
        if isinstance(field, forms.CharField):
            field.validators += [refuse_unprintable, refuse_line_breaks]
        if field and words:
            field.label, field.help_text = words
        return field

    @admin.display(description=_("active"), boolean=True, ordering="is_active")
    def may_sign_in(self, user: User) -> bool:
        return user.is_active

    @admin.display(description=_("administrator"), boolean=True, ordering="is_superuser")
    def is_administrator(self, user: User) -> bool:
        return user.is_superuser
