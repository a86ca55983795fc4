"""What a plan calls its statuses and what it says of them; the statuses themselves are `Status`, in code."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from recommendations.text.intake import LineField, PassageField

from .plan import ActionPlan
from .statuses import NOTE_LENGTH, Status


class StatusWordingQuerySet(models.QuerySet["StatusWording"]):
    def labels(self) -> dict[str, str]:
        """What each status is called, also those that the plan doesn't use, in the order of `Status`."""
        own = dict(self.exclude(label="").values_list("status", "label"))
        return {status.value: own.get(status.value) or str(status.label) for status in Status}

    def unused(self) -> set[str]:
        """The statuses that the plan doesn't use."""
        return set(self.filter(is_used=False).values_list("status", flat=True))


class StatusWording(models.Model):
    """What the plan calls one status and says of it; whatever is empty is the software's own wording.

    A status without a row is used, in the software's wording.
    """

    status = models.CharField(max_length=20, choices=Status)
    label = LineField(_("what you call it"), max_length=40, blank=True)
    definition = PassageField(_("what it says"), max_length=NOTE_LENGTH, blank=True)
    evidence = PassageField(_("the evidence it needs"), max_length=NOTE_LENGTH, blank=True)
    is_used = models.BooleanField(
        _("used"),
        default=True,
        help_text=_("An unused status is offered nowhere. Where an update has recorded it already, it stays shown."),
    )
    plan = models.ForeignKey(ActionPlan, on_delete=models.PROTECT, related_name="status_wordings", default=1)

    objects = StatusWordingQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("status")
        verbose_name_plural = _("statuses")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "status"],
                name="status_is_worded_once",
                violation_error_message=_("This status is already listed."),
            ),
            models.UniqueConstraint(
                fields=["plan", "label"],
                condition=~Q(label=""),
                name="status_label_is_used_once",
                violation_error_message=_("Another status is called this."),
            ),
            models.CheckConstraint(
                condition=Q(status__in=[status.value for status in Status]), name="worded_status_is_known"
            ),
        ]

    def __str__(self) -> str:
        return self.label or str(Status(self.status).label)
