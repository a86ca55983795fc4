"""Who may do what: three roles, each a group that `migrate` sets to what is written here; see docs/permissions.md.

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
ERASE_NOTE = "recommendations.erase_note_progressupdate"
PLACE_HOLD = "recommendations.add_legalhold"
LIFT_HOLD = "recommendations.change_legalhold"
SET_ASIDE = "recommendations.add_setaside"
RESTORE_SET_ASIDE = "recommendations.change_setaside"
DECIDE_LINK = "recommendations.add_linkdecision"
ACCOUNTS = "auth.change_user"
# An import adds and changes parts of the plan, and publishes corrections of what was adopted.
IMPORT_PLAN = (
    *(
        f"recommendations.{act}_{name}"
        for name in ("recommendation", "area", "responsibleparty")
        for act in ("add", "change")
    ),
    CORRECT_UPDATE,
)

# An import of updates makes drafts.
IMPORT_UPDATES = tuple(f"recommendations.add_{name}" for name in ("progressupdate", "assessment", "evidencelink"))

# With one of these an account publishes, removes what was published, or gives others access: it needs a second factor.
# Setting aside isn't one: everyone may do it, an administrator can undo it, and it must not be held up by anything.
WEIGHTY = (PUBLISH_UPDATE, CORRECT_UPDATE, PUBLISH_REPORT, TAKE_DOWN, ERASE, ERASE_NOTE, LIFT_HOLD, ACCOUNTS)


class Role(models.TextChoices):
    """What an account may do. Each role may do everything that the one before it may. The value is the group's name."""

    EDITOR = "editor", _("Editor")
    PUBLISHER = "publisher", _("Publisher")
    ADMINISTRATOR = "administrator", _("Administrator")


PURPOSES = {
    Role.EDITOR: _(
        "Writes updates and report texts, marks updates ready, sets aside what puts somebody in danger. "
        "Publishes nothing."
    ),
    Role.PUBLISHER: _(
        "Also publishes, corrects and withdraws; edits the plan, its areas, recommendations and responsible parties."
    ),
    Role.ADMINISTRATOR: _(
        "Also manages these accounts, and restores what was set aside or takes it down. Keep at least two."
    ),
}


def _all(*names: str) -> set[str]:
    return {f"recommendations.{act}_{name}" for name in names for act in ("view", "add", "change", "delete")}


_EDITOR = _all("progressupdate", "assessment", "evidencelink", "reportsection", "term") | {
    "recommendations.view_report",
    "recommendations.change_report",
    "recommendations.view_recommendation",
    "recommendations.view_recommendationlink",
    "recommendations.view_edition",
    "recommendations.view_correction",
    "recommendations.view_linkcheck",
    SET_ASIDE,
}
_PUBLISHER = (
    _EDITOR
    | _all(
        "report",
        "actionplan",
        "supportlink",
        "phrase",
        "logo",
        "statuswording",
        "area",
        "recommendation",
        "recommendationlink",
        "responsibleparty",
    )
    | {PUBLISH_UPDATE, CORRECT_UPDATE, PUBLISH_REPORT, DECIDE_LINK, PLACE_HOLD}
)
_ADMINISTRATOR = _PUBLISHER | {
    "recommendations.view_takedown",
    TAKE_DOWN,
    ERASE,
    ERASE_NOTE,
    LIFT_HOLD,
    RESTORE_SET_ASIDE,
    "auth.view_user",
    "auth.add_user",
    ACCOUNTS,
}
PERMISSIONS = {Role.EDITOR: _EDITOR, Role.PUBLISHER: _PUBLISHER, Role.ADMINISTRATOR: _ADMINISTRATOR}


def make_roles(*, using: str = "default", apps: Any = installed, **options: Any) -> None:
    """Create the three groups, or reset their permissions; runs after every `migrate`.

    Django creates permissions after migrating, app by app. Those that the roles need may not exist yet, so they are
    created here; Django's own handler skips what exists.
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
    """The account that makes the request; raises PermissionDenied if nobody is signed in."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def role_of(user: Any) -> Role | None:
    """The role of an account, or None. A superuser counts as an administrator, whatever its groups."""
    if user.is_superuser:
        return Role.ADMINISTRATOR
    names = {group.name for group in user.groups.all()}
    return next((role for role in reversed(Role) if role.value in names), None)


def give_role(user: User, role: Role | str) -> None:
    """Give a saved account `role` and nothing else: its other groups and its own permissions are removed."""
    user.groups.set([Group.objects.get(name=Role(role).value)])
    user.user_permissions.clear()


def active_administrators() -> models.QuerySet[User]:
    """The accounts that can sign in and manage accounts."""
    administrates = models.Q(is_superuser=True) | models.Q(groups__name=Role.ADMINISTRATOR.value)
    return User.objects.filter(administrates, is_active=True, is_staff=True).distinct()


def is_last_administrator(user: User) -> bool:
    """Whether nobody could manage accounts without this one. To be asked after `lock_accounts`."""
    everybody = active_administrators()
    return everybody.filter(pk=user.pk).exists() and not everybody.exclude(pk=user.pk).exists()


def lock_accounts(account: User) -> User:
    """Lock all administrators, in the same order each time, then `account`; returns its row.

    Two administrators who act on each other at once must not both succeed.
    """
    administrators = User.objects.select_for_update().filter(pk__in=active_administrators().values("pk"))
    list(administrators.order_by("pk"))
    return User.objects.select_for_update().get(pk=account.pk)


def is_weighty(user: Any) -> bool:
    """Whether the account may publish or administer, and so needs a second factor on a public site."""
    return any(user.has_perm(name) for name in WEIGHTY)
