"""What staff answered to findings: why something that the tracker pointed out is fine. For colleagues alone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from recommendations.text.intake import PassageField

from .plan import ActionPlan
from .progress import ProgressUpdate
from .recommendations import Recommendation
from .reports import Report
from .statuses import NOTE_LENGTH

# What a finding is about, and what its answers are kept with.
KEPT_WITH = {"update": "update", "report": "report", "beside": "recommendation", "plan": "plan"}


class FindingAnswerQuerySet(models.QuerySet["FindingAnswer"]):
    def with_people(self) -> Self:
        return self.select_related("answered_by").order_by("answered_at", "id")

    def kept_with(self, thing: models.Model) -> Self:
        """Those that are kept with `thing`, the newest first; none for a kind of thing that has none."""
        names = (name for name in KEPT_WITH.values() if self.model._meta.get_field(name).related_model is type(thing))
        name = next(names, "")
        return self.filter(**{name: thing}).with_people().reverse() if name else self.none()

    def about(self, subjects: Iterable[tuple[str, int]]) -> Self:
        """Those that are kept with `subjects`, pairs as `FindingAnswer.subject` gives them; the newest last."""
        wanted = Q(pk__in=[])
        pairs = set(subjects)
        for about, name in KEPT_WITH.items():
            if ids := [id for kind, id in pairs if kind == about]:
                wanted |= Q(plan__isnull=False) if about == "plan" else Q(**{f"{name}__in": ids})
        return self.filter(wanted).with_people()


class FindingAnswer(models.Model):
    """Why what a finding pointed out is fine, in the words of whoever looked. It is never changed: the newest counts.

    It holds for a kind of finding, the words that were found, and what they were found in (`basis`, a hash), and for
    nothing else: as soon as any of it changes, the finding asks again. `message` is what was asked.
    """

    kind = models.CharField(max_length=30)
    words = PassageField(blank=True)
    basis = models.CharField(max_length=64, validators=[RegexValidator(r"\A[0-9a-f]{64}\Z")])
    message = PassageField()
    reason = PassageField(max_length=NOTE_LENGTH)
    plan = models.ForeignKey(
        ActionPlan, on_delete=models.CASCADE, null=True, blank=True, related_name="finding_answers"
    )
    recommendation = models.ForeignKey(
        Recommendation, on_delete=models.CASCADE, null=True, blank=True, related_name="finding_answers"
    )
    report = models.ForeignKey(Report, on_delete=models.CASCADE, null=True, blank=True, related_name="finding_answers")
    update = models.ForeignKey(
        ProgressUpdate, on_delete=models.CASCADE, null=True, blank=True, related_name="finding_answers"
    )
    answered_at = models.DateTimeField()
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = FindingAnswerQuerySet.as_manager()

    class Meta:
        verbose_name = _("answer to a finding")
        verbose_name_plural = _("answers to findings")
        ordering = ["answered_at", "id"]
        indexes = [models.Index(fields=["basis"], name="finding_answer_by_basis")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    *(
                        Q(**{f"{name}__isnull": name != kept for name in KEPT_WITH.values()})
                        for kept in KEPT_WITH.values()
                    ),
                    _connector=Q.OR,
                ),
                name="finding_answer_is_kept_with_one_thing",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="finding_answer_has_a_reason"),
        ]

    def __str__(self) -> str:
        return self.reason[:90]

    @property
    def subject(self) -> tuple[str, int]:
        """What the finding is about, and its id; 0 for the plan, of which there is one."""
        about, name = self._kept
        return about, 0 if about == "plan" else getattr(self, f"{name}_id")

    @property
    def thing(self) -> models.Model:
        """What it is kept with."""
        thing: models.Model = getattr(self, self._kept[1])
        return thing

    @property
    def _kept(self) -> tuple[str, str]:
        return next(pair for pair in KEPT_WITH.items() if getattr(self, f"{pair[1]}_id"))
