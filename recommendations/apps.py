"""The tracker's one app."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate
from django.utils.translation import gettext_lazy as _


class RecommendationsConfig(AppConfig):
    name = "recommendations"
    verbose_name = _("Recommendations")

    def ready(self) -> None:
        from recommendations.accounts.access import watch_access
        from recommendations.accounts.roles import make_roles
        from recommendations.models.content_version import unwatch_content, watch_content
        from recommendations.models.frozen import protect_editions
        from recommendations.publishing.support_links import watch_support

        # SQLite rebuilds a table to alter it and drops its triggers: see docs/adr/0003-frozen-by-triggers.md.
        post_migrate.connect(protect_editions, sender=self)
        pre_migrate.connect(unwatch_content, sender=self)
        post_migrate.connect(watch_content, sender=self)
        post_migrate.connect(make_roles, sender=self)
        watch_access()
        watch_support()
