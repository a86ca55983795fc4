"""What was changed of an update or of the plan after it was published, and why."""

from __future__ import annotations

import functools
import operator
from collections.abc import Iterable
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from recommendations.text import dates
from recommendations.text.intake import PassageField

from .progress import ProgressUpdate
from .recommendations import Area, Recommendation, ResponsibleParty
from .statuses import NOTE_LENGTH

if TYPE_CHECKING:
    from .reports import Edition


class CorrectionQuerySet(models.QuerySet["Correction"]):
    def announced(self) -> Self:
        """Those that the public reads: none of an update that was set aside or taken down, and no minor one."""
        return self.not_hidden().filter(is_minor=False)

    def not_hidden(self) -> Self:
        """Without those of updates that were set aside or taken down, whose words they may hold."""
        aside = ProgressUpdate.objects.set_aside().values("pk")
        return self.filter(update__take_down=None).exclude(update__in=aside)

    def since(self, edition: Edition) -> Self:
        """The corrections and withdrawals, after `edition` was published, of updates that it holds, oldest first.

        It goes by what the edition holds: an update whose day was corrected out of its period is among them.
        """
        held = self.filter(update__editions=edition, corrected_at__gt=edition.published_at)
        return held.prefetch_related("update__assessments__recommendation__area").order_by("corrected_at", "id")

    def about(self, updates: Iterable[ProgressUpdate]) -> Self:
        """Those about one of `updates`, with the update."""
        return self.filter(update__in=updates).select_related("update")

    def in_area(self, area: Area) -> Self:
        """Those about `area` itself or one of its recommendations; those about updates are not among them."""
        return self.filter(Q(area=area) | Q(recommendation__area=area))

    def for_list(self) -> Self:
        """With what a list says of their subjects."""
        subjects = self.select_related("update__area", "recommendation__area", "area__plan", "party")
        return subjects.prefetch_related("update__assessments__recommendation__area")

    def of_plan(self) -> Self:
        """The changes of what was adopted, with what each is about."""
        return self.filter(update=None).select_related("recommendation__area", "area__plan", "party")


# A correction is about one of these.
SUBJECTS = ("update", "recommendation", "area", "party")


class Correction(models.Model):
    """A public, dated note that something published was changed or withdrawn, and why.

    It is about an update, or about what was adopted: a recommendation, an area, a responsible party. `before` and
    `after` hold what it said, as `Content` in publishing/updates.py writes it for an update, and `content_of` in
    reading/adopted.py for the others; a withdrawal has no `after`. A minor one is not announced and touches neither
    date nor coverage nor status. The row is never changed, but for the erasure that follows a take-down, which leaves
    neither note nor content.
    """

    note = PassageField(_("note"), max_length=NOTE_LENGTH, blank=True)
    is_minor = models.BooleanField(default=False)
    before = models.JSONField(null=True, blank=True)
    after = models.JSONField(null=True, blank=True)
    is_withdrawal = models.BooleanField(default=False)
    update = models.ForeignKey(
        ProgressUpdate, on_delete=models.PROTECT, null=True, blank=True, related_name="corrections"
    )
    recommendation = models.ForeignKey(
        Recommendation, on_delete=models.PROTECT, null=True, blank=True, related_name="corrections"
    )
    area = models.ForeignKey(Area, on_delete=models.PROTECT, null=True, blank=True, related_name="corrections")
    party = models.ForeignKey(
        ResponsibleParty, on_delete=models.PROTECT, null=True, blank=True, related_name="corrections"
    )
    corrected_at = models.DateTimeField()
    corrected_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = CorrectionQuerySet.as_manager()

    class Meta:
        verbose_name = _("correction")
        ordering = ["-corrected_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(is_withdrawal=False) | Q(is_minor=False, after__isnull=True),
                name="withdrawal_is_never_minor",
            ),
            models.CheckConstraint(
                condition=functools.reduce(
                    operator.or_,
                    (Q(**{f"{name}__isnull": name != one for name in SUBJECTS}) for one in SUBJECTS),
                ),
                name="correction_is_about_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(update__isnull=False)
                | Q(is_minor=False, is_withdrawal=False, before__isnull=False, after__isnull=False) & ~Q(note=""),
                name="change_of_the_plan_is_told_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{dates.day(self.corrected_at)}: {self.note[:80]}"

    @property
    def subject(self) -> ProgressUpdate | Recommendation | Area | ResponsibleParty:
        """What it is about."""
        found = self.update or self.recommendation or self.area or self.party
        if found is None:
            raise ValueError("A correction is about one thing.")
        return found

    @property
    def corrected_update(self) -> ProgressUpdate:
        """The update it is about, for where it can't be about anything else."""
        if self.update is None:
            raise ValueError("This correction is about what was adopted.")
        return self.update

    @property
    def is_taken_down(self) -> bool:
        return self.update is not None and self.update.is_taken_down

    @property
    def is_set_aside(self) -> bool:
        return self.update is not None and self.update.is_set_aside
