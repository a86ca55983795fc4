"""Who may do what: three roles, each a group that `migrate` keeps as it stands here; docs/permissions.md is the table.

Code asks for a permission, never for a role or for `is_superuser`: a superuser has them all.
"""

from __future__ import annotations

from typing import Any

from django.apps import apps as installed
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, User
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

PUBLISH_UPDATE = "recommendations.publish_progressupdate"
CORRECT_UPDATE = "recommendations.add_correction"
PUBLISH_REPORT = "recommendations.add_edition"
TAKE_DOWN = "recommendations.add_takedown"
ERASE = "recommendations.change_takedown"
SET_ASIDE = "recommendations.add_setaside"
RESTORE_SET_ASIDE = "recommendations.change_setaside"
ACCOUNTS = "auth.change_user"
# What a spreadsheet may do to the plan, and that readers are told of it.
IMPORT_PLAN = (
    *(
        f"recommendations.{act}_{name}"
        for name in ("recommendation", "area", "responsibleparty")
        for act in ("add", "change")
    ),
    CORRECT_UPDATE,
)

# Whoever has one of these puts words before the public, takes them away, or lets others in. Setting aside is none of
# them: everybody may, it is undone by one who administers, and it must not wait for anything.
WEIGHTY = (PUBLISH_UPDATE, CORRECT_UPDATE, PUBLISH_REPORT, TAKE_DOWN, ERASE, ACCOUNTS)


class Role(models.TextChoices):
    """What an account may do; each role may do all that the one before it may. The value is the group's name."""

    EDITOR = "editor", _("Editor")
    PUBLISHER = "publisher", _("Publisher")
    ADMINISTRATOR = "administrator", _("Administrator")


PURPOSES = {
    Role.EDITOR: _(
        "Writes updates and report texts, marks updates ready, sets aside what endangers somebody. Publishes nothing."
    ),
    Role.PUBLISHER: _(
        "Also publishes, corrects and withdraws; edits the plan, its areas, recommendations and responsible parties."
    ),
    Role.ADMINISTRATOR: _(
        "Also looks after these accounts, and restores what was set aside or takes it down. Keep two of them."
    ),
}


def _all(*names: str) -> set[str]:
    return {f"recommendations.{act}_{name}" for name in names for act in ("view", "add", "change", "delete")}


_EDITOR = _all("progressupdate", "assessment", "evidencelink", "reportsection", "term") | {
    "recommendations.view_report",
    "recommendations.change_report",
    "recommendations.view_recommendation",
    "recommendations.view_edition",
    "recommendations.view_correction",
    SET_ASIDE,
}
_PUBLISHER = (
    _EDITOR
    | _all("report", "actionplan", "supportlink", "phrase", "logo", "area", "recommendation", "responsibleparty")
    | {PUBLISH_UPDATE, CORRECT_UPDATE, PUBLISH_REPORT}
)
_ADMINISTRATOR = _PUBLISHER | {
    "recommendations.view_takedown",
    TAKE_DOWN,
    ERASE,
    RESTORE_SET_ASIDE,
    "auth.view_user",
    "auth.add_user",
    ACCOUNTS,
}
PERMISSIONS = {Role.EDITOR: _EDITOR, Role.PUBLISHER: _PUBLISHER, Role.ADMINISTRATOR: _ADMINISTRATOR}


def make_roles(*, using: str = "default", apps: Any = installed, **options: Any) -> None:
    """Make the three groups, or set them right; after every `migrate`, however often.

    Permissions are made by Django after migrating, app by app; those that the roles need are made here if they aren't
    there yet. Django's own handler passes over what exists.
    """
    try:
        groups, permissions = apps.get_model("auth", "Group"), apps.get_model("auth", "Permission")
    except LookupError:
        return
    for label in ("auth", "recommendations"):
        create_permissions(installed.get_app_config(label), verbosity=0, using=using, apps=apps)
    ids = {
        f"{app}.{codename}": id
        for id, app, codename in permissions.objects.using(using).values_list(
            "pk", "content_type__app_label", "codename"
        )
    }
    for role, wanted in PERMISSIONS.items():
        group, _made = groups.objects.using(using).get_or_create(name=role.value)
        group.permissions.set([ids[name] for name in wanted if name in ids])


def account_of(request: HttpRequest) -> User:
    """Whose request it is; PermissionDenied where nobody is signed in."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def role_of(user: Any) -> Role | None:
    """The role of an account; a superuser is an administrator whatever its groups; None where it has none yet."""
    if user.is_superuser:
        return Role.ADMINISTRATOR
    names = {group.name for group in user.groups.all()}
    return next((role for role in reversed(Role) if role.value in names), None)


def give_role(user: User, role: Role | str) -> None:
    """Make `role` all that the saved account may do: its other groups and its permissions of its own go."""
    user.groups.set([Group.objects.get(name=Role(role).value)])
    user.user_permissions.clear()


def active_administrators() -> models.QuerySet[User]:
    """Who can sign in and look after accounts."""
    administrates = models.Q(is_superuser=True) | models.Q(groups__name=Role.ADMINISTRATOR.value)
    return User.objects.filter(administrates, is_active=True, is_staff=True).distinct()


def is_weighty(user: Any) -> bool:
    """Whether the account may publish or administer: production then asks for a second factor."""
    return any(user.has_perm(name) for name in WEIGHTY)
