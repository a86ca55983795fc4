"""What happened: dated progress updates and the statuses they record.

A published update changes only by an act of `publishing/updates.py`, which leaves a correction behind.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce, Greatest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from recommendations.text import dates
from recommendations.text.intake import AddressField, LineField, PassageField

from .links import LinkedMixin, LinkedQuerySet
from .recommendations import Area, Recommendation
from .saves import History
from .statuses import Status

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from .reports import Edition, SetAside


class ProgressUpdateQuerySet(models.QuerySet["ProgressUpdate"]):
    def drafts(self) -> Self:
        return self.filter(ready_at=None, published_at=None)

    def ready(self) -> Self:
        return self.filter(ready_at__isnull=False, published_at=None)

    def ever_published(self) -> Self:
        """Those that the public could read at some time, withdrawn and taken down included."""
        return self.filter(published_at__isnull=False)

    def set_aside(self) -> Self:
        """Those that are hidden from the public until an administrator decides."""
        return self.filter(set_asides__isnull=False, set_asides__ended_at=None)

    def not_removed(self) -> Self:
        """Without those withdrawn, set aside or taken down; drafts included."""
        aside = ProgressUpdate.objects.set_aside().values("pk")
        return self.filter(withdrawn_at=None, take_down=None).exclude(pk__in=aside)

    def public(self) -> Self:
        """Those that the public reads now."""
        return self.ever_published().not_removed()

    def dated_in(self, starts_on: dt.date, ends_on: dt.date) -> Self:
        """Those dated from `starts_on` to `ends_on`, both days included."""
        return self.filter(dated_on__range=(starts_on, ends_on))

    def lacking_in(self, edition: Edition) -> Self:
        """Those that `edition` would hold if it were published now, and doesn't."""
        report = edition.report
        return self.public().dated_in(report.starts_on, report.ends_on).exclude(editions=edition)

    def covering(self, recommendations: Iterable[Recommendation]) -> Self:
        """Those that cover one of `recommendations` or more, each once."""
        return self.filter(pk__in=Assessment.objects.filter(recommendation__in=recommendations).values("update"))

    def told_about(self, recommendations: Iterable[Recommendation]) -> Self:
        """Those that cover one of `recommendations` or more, or did before they were corrected, each once."""
        references = [one.reference for one in recommendations]
        once = ProgressUpdate.objects.filter(corrections__before__statuses__has_any_keys=references).values("pk")
        covering = Assessment.objects.filter(recommendation__reference__in=references).values("update")
        return self.filter(Q(pk__in=covering) | Q(pk__in=once)) if references else self.none()

    def in_order(self) -> Self:
        """Oldest first, in the order that decides which assessment is the newest: what isn't published comes last."""
        return self.order_by("dated_on", models.F("published_at").asc(nulls_last=True), "id")

    def with_assessments(self) -> Self:
        assessments = Assessment.objects.select_related("recommendation__area")
        return self.select_related("area").prefetch_related(models.Prefetch("assessments", assessments))

    def for_snapshot(self) -> Self:
        links = models.Prefetch("evidence_links", EvidenceLink.objects.with_checks())
        return self.with_assessments().prefetch_related(links, "corrections")

    def with_removals(self) -> Self:
        """With what says whether they were set aside or taken down."""
        return self.select_related("take_down").prefetch_related("set_asides")

    def for_feed(self) -> Self:
        """Those ever published, by when the public was last told something of them (`announced_at`), newest first."""
        announced = models.Max("corrections__corrected_at", filter=Q(corrections__is_minor=False))
        asides = (models.Max("set_asides__set_aside_at"), models.Max("set_asides__ended_at"))
        moments = [announced, "withdrawn_at", *asides, "take_down__taken_down_at"]
        newest = Greatest("published_at", *(Coalesce(moment, "published_at") for moment in moments))
        return (
            self.ever_published()
            .for_snapshot()
            .with_removals()
            .annotate(announced_at=newest)
            .order_by("-announced_at", "-id")
        )

    def for_admin(self) -> Self:
        people = ("ready_by", "published_by", "withdrawn_by", "take_down__taken_down_by")
        return self.with_assessments().select_related("take_down", *people).prefetch_related("set_asides__set_aside_by")


class ProgressUpdate(models.Model):
    """One dated statement of progress that covers one or several recommendations of one area.

    It is a draft, ready or published as `ready_at` and `published_at` say, and may be withdrawn afterwards.
    """

    text = PassageField(
        _("text"),
        help_text=_(
            "What happened, in plain words. Leave an empty line between paragraphs; start list lines with “- ”."
        ),
    )
    dated_as_published = LineField(
        _("date in words"),
        max_length=80,
        blank=True,
        help_text=_("Shown instead of the date, if you don't know the exact date: June 2020"),
    )
    private_note = PassageField(
        _("private note"),
        blank=True,
        help_text=_(
            "For colleagues: the role of whoever told us, and whether they allow us to say so. Never a name, a phone "
            "number or an address: a court can ask for it. It never appears in a report or file."
        ),
    )
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="updates")
    recommendations: models.ManyToManyField[Recommendation, Assessment] = models.ManyToManyField(
        Recommendation, through="Assessment", related_name="updates"
    )
    sums_up = models.BooleanField(
        _("sums up the period"),
        default=False,
        help_text=_(
            "Tick this if the update sums up earlier updates of the report's period: the report then "
            "shows this one instead of them. The website keeps them all."
        ),
    )
    dated_on = models.DateField(
        _("date"),
        help_text=_("The day it happened or became known, not the day you write it. Not in the future."),
    )
    ready_at = models.DateTimeField(null=True, blank=True, editable=False)
    ready_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )
    published_at = models.DateTimeField(null=True, blank=True, editable=False)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True, editable=False)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )

    objects = ProgressUpdateQuerySet.as_manager()
    history = History()

    class Meta:
        verbose_name = _("progress update")
        verbose_name_plural = _("progress updates")
        permissions = [
            ("publish_progressupdate", _("Can publish progress updates")),
            ("erase_note_progressupdate", _("Can erase notes for colleagues")),
        ]
        ordering = ["-dated_on", "-published_at", "-id"]
        indexes = [models.Index(fields=["dated_on", "published_at", "id"], name="update_in_order")]
        constraints = [
            *(
                models.CheckConstraint(
                    condition=Q(**{f"{act}_at": None, f"{act}_by": None})
                    | Q(**{f"{act}_at__isnull": False, f"{act}_by__isnull": False}),
                    name=f"update_{act}_by_somebody_at_some_time",
                )
                for act in ("ready", "published", "withdrawn")
            ),
            models.CheckConstraint(
                condition=Q(published_at=None) | Q(ready_at__isnull=False),
                name="update_is_ready_before_it_is_published",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None) | Q(published_at__isnull=False),
                name="update_is_published_before_it_is_withdrawn",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.short_name}, {self.beginning}" if self.pk else self.beginning

    def get_absolute_url(self) -> str:
        return reverse("update", args=[self.pk])

    @property
    def short_name(self) -> str:
        """What staff call it: U and the number that its public address has too."""
        return f"U{self.pk}"

    @property
    def beginning(self) -> str:
        """Its date and its first words: “June 2020: In early 2020…”; the date alone once it was erased."""
        words = " ".join(self.text[:90].split())
        return f"{self.dated}: {words}{'…' if len(self.text) > 90 else ''}" if words else self.dated

    def clean(self) -> None:
        if self.dated_on and self.dated_on > timezone.localdate():
            raise ValidationError({"dated_on": _("This day is in the future: an update says what has happened.")})

    @property
    def dated(self) -> str:
        """The date as precisely as it is known."""
        return dates.as_known(self.dated_on, self.dated_as_published)

    @property
    def is_taken_down(self) -> bool:
        return hasattr(self, "take_down")

    @property
    def set_aside(self) -> SetAside | None:
        """The decision that hides it for now, if there is one."""
        return next((one for one in self.set_asides.all() if one.ended_at is None), None)

    @property
    def is_set_aside(self) -> bool:
        return self.set_aside is not None

    @property
    def is_public(self) -> bool:
        """Whether the public reads it now, as `ProgressUpdateQuerySet.public` finds it."""
        return bool(self.published_at and not self.withdrawn_at and not self.is_taken_down and not self.is_set_aside)

    @property
    def state(self) -> str:
        """draft, ready, published, withdrawn, set aside or taken down."""
        if self.is_taken_down:
            return str(_("taken down"))
        if self.is_set_aside:
            return str(_("set aside"))
        if self.withdrawn_at:
            return str(_("withdrawn"))
        if self.published_at:
            return str(_("published"))
        return str(_("ready") if self.ready_at else _("draft"))

    @property
    def state_by(self) -> User | None:
        """Who brought it into its state; None for a draft."""
        return self._acted[0]

    @property
    def state_at(self) -> dt.datetime | None:
        """When it came into its state; None for a draft."""
        return self._acted[1]

    @property
    def _acted(self) -> tuple[User | None, dt.datetime | None]:
        if self.is_taken_down:
            return self.take_down.taken_down_by, self.take_down.taken_down_at
        if aside := self.set_aside:
            return aside.set_aside_by, aside.set_aside_at
        if self.withdrawn_at:
            return self.withdrawn_by, self.withdrawn_at
        if self.published_at:
            return self.published_by, self.published_at
        return self.ready_by, self.ready_at

    def obstacles(self, *, on: dt.date) -> list[str]:
        """Why it can't be published on the day `on`: sentences that staff can act on, none where it can be."""
        assessments = list(self.assessments.all())
        reasons: list[object] = []
        if not self.text.strip():
            reasons.append(_("It has no text."))
        if not assessments:
            reasons.append(_("It covers no recommendations: choose at least one."))
        if self.dated_on > on:
            reasons.append(_("It is dated %(day)s, which is in the future.") % {"day": dates.day(self.dated_on)})
        for assessment in assessments:
            reference = {"reference": assessment.recommendation.reference}
            if not assessment.status:
                reasons.append(_("It records no status for %(reference)s: choose one.") % reference)
            if assessment.recommendation.area_id != self.area_id:
                reasons.append(_("It covers %(reference)s, which belongs to another area.") % reference)
        return [str(reason) for reason in reasons]


class AssessmentQuerySet(models.QuerySet["Assessment"]):
    def timeline(self) -> Self:
        """Newest first, with what says the state of their updates."""
        updates = ("update", "update__take_down")
        newest = ("-update__dated_on", models.F("update__published_at").desc(nulls_first=True), "-update_id")
        return self.select_related(*updates).prefetch_related("update__set_asides").order_by(*newest)


class Assessment(models.Model):
    """The status that an update records for one recommendation it covers. It may be blank until publication."""

    status = models.CharField(
        _("status"),
        max_length=20,
        choices=Status,
        blank=True,
        help_text=_("Can stay empty in a draft; required to publish."),
    )
    update = models.ForeignKey(ProgressUpdate, on_delete=models.CASCADE, related_name="assessments")
    recommendation = models.ForeignKey(Recommendation, on_delete=models.PROTECT, related_name="assessments")

    objects = AssessmentQuerySet.as_manager()
    history = History()

    class Meta:
        verbose_name = _("recommendation covered")
        verbose_name_plural = _("recommendations covered, and where each stands")
        ordering = ["recommendation__area__number", "recommendation__position", "recommendation__id"]
        constraints = [
            models.UniqueConstraint(
                fields=["update", "recommendation"],
                name="update_assesses_a_recommendation_once",
                violation_error_message=_("The update already covers this recommendation."),
            ),
            models.CheckConstraint(condition=Q(status__in=["", *Status.values]), name="assessment_status_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.recommendation.reference}: {self.get_status_display() or _('no status yet')}"


class EvidenceLinkQuerySet(LinkedQuerySet["EvidenceLink"]):
    pass


class EvidenceLink(LinkedMixin, models.Model):
    """Where a reader can check what an update says."""

    label = LineField(_("label"), help_text=_("What readers will find there."))
    address = AddressField(_("address"))
    archived_address = AddressField(
        _("archived copy"),
        blank=True,
        help_text=_(
            "The address of a copy that lasts, such as one in the Internet Archive (web.archive.org). "
            "Leave empty for none."
        ),
    )
    update = models.ForeignKey(ProgressUpdate, on_delete=models.CASCADE, related_name="evidence_links")

    objects = EvidenceLinkQuerySet.as_manager()
    history = History()

    class Meta:
        verbose_name = _("evidence link")
        verbose_name_plural = _("evidence links")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["update", "address"],
                name="update_cites_an_address_once",
                violation_error_message=_("The update already has this address."),
            ),
            models.CheckConstraint(
                condition=Q(archived_address="") | ~Q(archived_address=models.F("address")),
                name="archived_copy_is_elsewhere",
                violation_error_message=_("The archived copy must have another address than the page itself."),
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def shown_copy(self) -> str:
        """The address of the archived copy as far as readers may see it: see `LinkState`."""
        return "" if self.link_state.hides_copy else self.archived_address
