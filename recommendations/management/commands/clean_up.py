"""`manage.py clean_up`: delete what has expired: sessions, and failures to sign in. To be run daily."""

from importlib import import_module
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from recommendations.accounts.lockouts import delete_old_failures


class Command(BaseCommand):
    help = "Deletes ended sessions, and failures to sign in that no longer count. Otherwise the next sign-in does."

    def handle(self, *args: Any, **options: Any) -> None:
        import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
        deleted = delete_old_failures(at=timezone.now())
        self.stdout.write(f"Ended sessions are deleted, and failures to sign in: {deleted}.")
