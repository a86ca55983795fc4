"""`manage.py clean_up`: delete what has expired, such as sessions, and what killed backups left. To be run daily."""

from importlib import import_module
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from recommendations.accounts.lockouts import delete_old_failures
from recommendations.accounts.security_events import delete_old_events
from recommendations.backup.databases import remove_leftovers


class Command(BaseCommand):
    help = (
        "Deletes ended sessions, failures to sign in that no longer count, and old security events, as sign-ins do. "
        "Deletes what a backup or a restore left that was killed."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
        remove_leftovers()
        at = timezone.now()
        failures, events = delete_old_failures(at=at), delete_old_events(at=at)
        self.stdout.write(f"Ended sessions are deleted, failures to sign in: {failures}, security events: {events}.")
