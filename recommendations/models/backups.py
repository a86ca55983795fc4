"""When the site was last backed up, so that staff see it."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.utils.translation import gettext_lazy as _


class VerifiedBackupQuerySet(models.QuerySet["VerifiedBackup"]):
    def note(self, *, made_at: dt.datetime, is_encrypted: bool) -> None:
        """Let this one be the last; earlier ones are forgotten."""
        last, _is_new = self.get_or_create(made_at=made_at, defaults={"is_encrypted": is_encrypted})
        self.exclude(pk=last.pk).filter(made_at__lte=made_at).delete()


class VerifiedBackup(models.Model):
    """The last backup that was restored to a scratch database to see whether it is whole."""

    made_at = models.DateTimeField(unique=True)
    is_encrypted = models.BooleanField()

    objects = VerifiedBackupQuerySet.as_manager()

    class Meta:
        verbose_name = _("verified backup")
        verbose_name_plural = _("verified backups")
        ordering = ["made_at"]

    def __str__(self) -> str:
        return f"{self.made_at}"
