"""The staff's door: INSTALLED_APPS names this in the place of django.contrib.admin."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.contrib.admin import autodiscover
from django.contrib.admin.apps import SimpleAdminConfig
from django.contrib.admin.checks import check_admin_app
from django.core.checks import CheckMessage, Tags, register


class StaffAdminConfig(SimpleAdminConfig):
    """Staff's pages are loaded with the addresses (tracker/urls.py): a command that needs none starts much sooner."""

    default_site = "recommendations.accounts.site.StaffSite"

    def ready(self) -> None:
        super().ready()
        register(check_all_pages, Tags.admin)


def check_all_pages(app_configs: Sequence[AppConfig] | None, **options: Any) -> list[CheckMessage]:
    """Django's own check of the admin, which may come before the pages are loaded and would then find nothing."""
    autodiscover()
    return check_admin_app(app_configs, **options)
