"""What a plan calls its statuses and what it says of them; the statuses themselves are `Status`, in code."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from recommendations.text.intake import LineField, PassageField

from .plan import ActionPlan
from .saves import History
from .statuses import NOTE_LENGTH, Status


class StatusWordingQuerySet(models.QuerySet["StatusWording"]):
    def labels(self) -> dict[str, str]:
        """What each status is called, also those that the plan doesn't use, in the order of `Status`."""
        return dict(self.choices(recorded=Status.values))

    def choices(self, *, recorded: Collection[str] = ()) -> list[tuple[str, str]]:
        """The statuses that the plan uses, with what it calls them; and those that were `recorded` all the same."""
        own = {wording.status: wording for wording in self}
        return [
            (status.value, (own[status].label if status in own else "") or str(status.label))
            for status in Status
            if status not in own or own[status].is_used or status in recorded
        ]

    def labelled(self, statuses: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
        """References and statuses as people read them; “no status yet” for none. A word that is no status stays."""
        labels = self.labels()
        return [(reference, labels.get(status, status) or gettext("no status yet")) for reference, status in statuses]


class StatusWording(models.Model):
    """What the plan calls one status and says of it; whatever is empty is the software's own wording.

    A status without a row is used, in the software's wording.
    """

    status = models.CharField(_("status"), max_length=20, choices=Status)
    label = LineField(
        _("what you call it"), max_length=40, blank=True, help_text=_("A word or two, in lists, charts and reports.")
    )
    definition = PassageField(
        _("what it says"),
        max_length=NOTE_LENGTH,
        blank=True,
        help_text=_("For readers: where a recommendation with this status stands."),
    )
    evidence = PassageField(
        _("the evidence it needs"),
        max_length=NOTE_LENGTH,
        blank=True,
        help_text=_("What an update must be able to show before it records this status."),
    )
    is_used = models.BooleanField(
        _("we use it"), default=True, help_text=_("Clear this, and it is offered nowhere any more.")
    )
    plan = models.ForeignKey(ActionPlan, on_delete=models.PROTECT, related_name="status_wordings", default=1)

    objects = StatusWordingQuerySet.as_manager()
    history = History()

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
