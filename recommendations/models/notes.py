"""When notes for colleagues end, and the legal holds that keep them."""

from __future__ import annotations

import datetime as dt
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from recommendations.text.intake import PassageField

from .plan import ActionPlan
from .progress import ProgressUpdate
from .statuses import NOTE_LENGTH

# How long staff are told beforehand.
NOTICE = dt.timedelta(days=14)


class NoteEnding(models.Model):
    """Staff were told that the note of an update ends on `ends_on`: `manage.py end_notes` then erases its words."""

    update = models.OneToOneField(ProgressUpdate, on_delete=models.CASCADE, related_name="note_ending")
    ends_on = models.DateField()

    class Meta:
        verbose_name = _("end of a note")
        verbose_name_plural = _("ends of notes")
        ordering = ["ends_on", "update_id"]

    def __str__(self) -> str:
        return f"{self.update_id}: {self.ends_on}"


class LegalHoldQuerySet(models.QuerySet["LegalHold"]):
    def current(self) -> Self:
        """The one that is on, if there is one."""
        return self.filter(lifted_at=None).select_related("placed_by")


class LegalHold(models.Model):
    """Somebody may ask for the notes by law: until it is lifted, none is erased, by its term or by anybody."""

    reason = PassageField(_("why"), max_length=NOTE_LENGTH)
    lifted_reason = PassageField(_("why it was lifted"), max_length=NOTE_LENGTH, blank=True)
    plan = models.ForeignKey(ActionPlan, on_delete=models.PROTECT, related_name="legal_holds", default=1)
    placed_at = models.DateTimeField()
    placed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = LegalHoldQuerySet.as_manager()

    class Meta:
        verbose_name = _("legal hold")
        verbose_name_plural = _("legal holds")
        ordering = ["-placed_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["plan"], condition=Q(lifted_at=None), name="one_legal_hold_is_on"),
            models.CheckConstraint(
                condition=Q(lifted_at=None, lifted_by=None, lifted_reason="")
                | (Q(lifted_at__isnull=False, lifted_by__isnull=False) & ~Q(lifted_reason="")),
                name="legal_hold_is_lifted_by_somebody_for_a_reason",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="legal_hold_says_why"),
        ]

    def __str__(self) -> str:
        return self.reason[:90]
