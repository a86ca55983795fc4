"""The yearly report: written as a `Report`, published as `Edition`s that never change again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from recommendations.text import dates
from recommendations.text.intake import LineField, PassageField

from .corrections import Correction
from .plan import ActionPlan
from .progress import ProgressUpdate, ProgressUpdateQuerySet
from .saves import History
from .statuses import NOTE_LENGTH


class ReportQuerySet(models.QuerySet["Report"]):
    def published(self) -> Self:
        """Those with at least one edition."""
        return self.filter(editions__isnull=False).distinct()

    def overlapping(self, starts_on: dt.date, ends_on: dt.date) -> Self:
        """Those whose period shares a day with that from `starts_on` to `ends_on`, both days included."""
        return self.filter(starts_on__lte=ends_on, ends_on__gte=starts_on)


class Report(models.Model):
    """The update for a period, while it is written. What was published of it is in its editions."""

    title = LineField(_("title"), help_text=_("On the cover: One-Year Update"))
    slug = models.SlugField(
        _("address"),
        max_length=80,
        unique=True,
        help_text=_(
            "The last part of its address: two-year-update-2021. It can't change after the report is published."
        ),
    )
    introduction = PassageField(_("introduction"), blank=True, help_text=_("Comes after the plan's introduction."))
    closing = PassageField(_("closing words"), blank=True, help_text=_("The back page: how to stay up to date."))
    approval = LineField(
        _("approval"),
        blank=True,
        help_text=_("In your own words, for example: Approved by the Steering Committee on June 12, 2021."),
    )
    board_approval = LineField(
        _("approval by the board"),
        blank=True,
        help_text=_("In your own words, for example: Approved by the board on June 20, 2021."),
    )
    embargo_on = models.DateField(
        _("not for publication before"), null=True, blank=True, help_text=_("Drafts say so. It stops nothing here.")
    )
    embargo_words = LineField(
        _("or in your own words"),
        max_length=80,
        blank=True,
        help_text=_("Instead of the day: Not for publication before the council meets."),
    )
    originally_published = LineField(
        _("originally published"),
        max_length=80,
        blank=True,
        help_text=_("Only for a report first published elsewhere: June 2020"),
    )
    status_note = PassageField(
        _("status note"),
        max_length=2_000,
        blank=True,
        help_text=_("Shown wherever its statuses appear. Only if they need explaining."),
    )
    plan = models.ForeignKey(ActionPlan, on_delete=models.PROTECT, related_name="reports", default=1)
    starts_on = models.DateField(_("period from"))
    ends_on = models.DateField(
        _("period to"), help_text=_("The last day it reports on. You can publish from that day on.")
    )

    objects = ReportQuerySet.as_manager()
    history = History()

    class Meta:
        verbose_name = _("report")
        ordering = ["-ends_on"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=models.F("starts_on")),
                name="report_period_ends_after_it_starts",
                violation_error_message=_("The period can't end before it starts."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.title} ({dates.period(self.starts_on, self.ends_on)})"

    def get_absolute_url(self) -> str:
        return reverse("report", args=[self.slug])

    def shares_title(self) -> bool:
        """Whether another report has the same title: then the end of the period tells their pages apart."""
        return Report.objects.filter(title=self.title).exclude(pk=self.pk).exists()

    def clean(self) -> None:
        errors: dict[str, object] = {}
        is_period = self.starts_on and self.ends_on and self.starts_on <= self.ends_on
        if is_period and (other := self.overlapped()):
            errors["starts_on"] = _("The period overlaps that of “%(other)s”.") % {"other": other}
        if self.pk and self.editions.exists():
            stored = Report.objects.get(pk=self.pk)
            if stored.slug != self.slug:
                errors["slug"] = _("It was published at this address, so the address can't change.")
            for name in ("starts_on", "ends_on"):
                if getattr(stored, name) != getattr(self, name):
                    errors[name] = _("It was published for this period, so the period can't change.")
        if errors:
            raise ValidationError(errors)

    @property
    def shown_board_approval(self) -> str:
        """What readers see of the approval by the board: nothing unless the plan chose that."""
        return self.board_approval if self.plan.notes_board_approval else ""

    def embargo(self) -> str:
        """The line on drafts that says before when nothing is published, in the language in force; empty for none."""
        if not self.plan.marks_embargo or self.embargo_words or not self.embargo_on:
            return self.embargo_words if self.plan.marks_embargo else ""
        return gettext("Not for publication before %(day)s.") % {"day": dates.day(self.embargo_on)}

    def overlapped(self) -> Report | None:
        """Another report whose period shares a day with this one's, if there is one."""
        return Report.objects.exclude(pk=self.pk).overlapping(self.starts_on, self.ends_on).first()

    def newest_edition(self) -> Edition | None:
        """The edition published last, whether or not it was taken down."""
        return self.editions.select_related("take_down").order_by("number").last()

    def previous(self) -> Report | None:
        """The report of the period before this one's, if there is one."""
        return Report.objects.filter(ends_on__lt=self.starts_on).order_by("ends_on").last()


class ReportSection(models.Model):
    """A section of a report that stands before or after the areas: thanks, partners, news of the organization."""

    class Placement(models.TextChoices):
        BEFORE = "before", _("before the areas")
        AFTER = "after", _("after the areas")

    heading = LineField(_("heading"))
    body = PassageField(_("body"))
    placement = models.CharField(_("placement"), max_length=6, choices=Placement, default=Placement.AFTER)
    position = models.PositiveSmallIntegerField(_("position"), default=0, help_text=_("Lower numbers come first."))
    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="sections")

    history = History()

    class Meta:
        verbose_name = _("section")
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(placement__in=["before", "after"]), name="section_placement_is_known")
        ]

    def __str__(self) -> str:
        return self.heading


def _with_words_of(updates: ProgressUpdateQuerySet) -> Q:
    """The condition that an edition says words of one of `updates`: holds it, or prints the note on its correction.

    The edition after one that held it prints that note, where it was withdrawn or left the period as well.
    """
    held = EditionUpdate.objects.filter(update__in=updates).values("edition")
    noted = Correction.objects.filter(
        update__in=updates,
        update__editions__report=models.OuterRef("report"),
        update__editions__number=models.OuterRef("number") - 1,
        corrected_at__gt=models.F("update__editions__published_at"),
        corrected_at__lte=models.OuterRef("published_at"),
    )
    return Q(pk__in=held) | Q(models.Exists(noted))


class EditionQuerySet(models.QuerySet["Edition"]):
    def public(self) -> Self:
        """Those that the public reads now: neither taken down nor set aside."""
        return self.filter(take_down=None).not_set_aside()

    def not_set_aside(self) -> Self:
        """Those that a list may name: the public reads them, or a notice that they were taken down."""
        return self.exclude(pk__in=Edition.objects.set_aside().values("pk"))

    def set_aside(self) -> Self:
        """Those that were set aside, or hold words of an update that was, until an administrator decides."""
        alone = SetAside.objects.undecided().filter(edition__isnull=False).values("edition")
        return self.filter(Q(pk__in=alone) | _with_words_of(ProgressUpdate.objects.set_aside()))

    def holding(self, update: ProgressUpdate) -> Self:
        """Those whose stored files hold words of `update`, taken down or not, oldest first."""
        erased = Q(take_down__erased_at__isnull=False)
        found = self.filter(_with_words_of(ProgressUpdate.objects.filter(pk=update.pk)))
        return found.exclude(erased).select_related("report", "take_down").order_by("id")

    def newest_holding(self, update: ProgressUpdate) -> Edition | None:
        """The newest edition of a report, where that holds words of `update`: what was corrected isn't in it yet."""
        edition = self.holding(update).last()
        return edition if edition and edition == edition.report.newest_edition() else None

    def with_report(self) -> Self:
        """With what names them, and whether they were taken down."""
        return self.select_related("report", "take_down")

    def without_files(self) -> Self:
        """Newest first, with what a list of editions shows; the files stay where they are."""
        is_set_aside = models.Exists(Edition.objects.set_aside().filter(pk=models.OuterRef("pk")))
        return self.with_report().annotate(is_set_aside=is_set_aside).order_by("-number")

    def by_report(self) -> Self:
        """Those of the newest report first; of each report, the newest edition first."""
        return self.order_by("-report__ends_on", "-number")

    def for_feed(self) -> Self:
        """All of them, newest first, with when each was last hidden or shown again (None: never) and its files."""
        # From the update through what says it, the edition and what was set aside to the edition.
        update = models.OuterRef(models.OuterRef(models.OuterRef("update")))
        own = models.OuterRef(models.OuterRef("pk"))
        saying = Edition.objects.filter(_with_words_of(ProgressUpdate.objects.filter(pk=update)), pk=own)
        asides = SetAside.objects.filter(Q(edition=models.OuterRef("pk")) | Q(models.Exists(saying)))
        moment = asides.annotate(at=Coalesce("ended_at", "set_aside_at")).order_by("-at").values("at")[:1]
        return self.without_files().annotate(hidden_or_shown_at=models.Subquery(moment)).order_by("-id")

    def for_proof(self) -> Self:
        """In the order of publication, with what their seals cover, and the names and hashes of their files."""
        files = models.Prefetch("files", EditionFile.objects.defer("content"))
        related = self.select_related("report", "previous", "compared_with", "take_down")
        return related.prefetch_related(files).order_by("id")


class Edition(models.Model):
    """What was published of a report at one moment. Never changed, never rebuilt; database triggers see to it.

    `seal` chains it to the edition published before it, of whichever report: see report/proof.py.
    """

    number = models.PositiveIntegerField()
    note = PassageField(_("note"), max_length=NOTE_LENGTH, blank=True)
    seal = models.CharField(max_length=64, unique=True)
    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="editions")
    previous = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="next")
    compared_with = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    updates: models.ManyToManyField[ProgressUpdate, EditionUpdate] = models.ManyToManyField(
        ProgressUpdate, through="EditionUpdate", related_name="editions"
    )
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    hidden_or_shown_at: dt.datetime | None  # only of those fetched by `for_feed`

    objects = EditionQuerySet.as_manager()

    class Meta:
        verbose_name = _("edition")
        ordering = ["-published_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["report", "number"], name="edition_number_is_used_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="edition_number_is_at_least_1"),
            models.CheckConstraint(condition=Q(number=1) | ~Q(note=""), name="later_edition_says_why"),
        ]

    def __str__(self) -> str:
        return str(_("%(title)s, edition %(number)d") % {"title": self.report.title, "number": self.number})

    def get_absolute_url(self) -> str:
        return reverse("edition", args=[self.report.slug, self.number])

    @property
    def published_on(self) -> dt.date:
        return timezone.localdate(self.published_at)

    @property
    def is_taken_down(self) -> bool:
        return hasattr(self, "take_down")

    @property
    def is_lost(self) -> bool:
        """Whether nobody knows which updates it held: a restored backup lacked it, so that its place alone is kept."""
        return self.is_taken_down and self.take_down.erased_at is not None and not self.updates.exists()

    @cached_property
    def is_set_aside(self) -> bool:
        """Whether it waits out of the public's sight; lists bring the answer along (`without_files`)."""
        return Edition.objects.set_aside().filter(pk=self.pk).exists()

    @property
    def is_public(self) -> bool:
        """Whether the public reads it now, as `EditionQuerySet.public` finds it."""
        return not self.is_taken_down and not self.is_set_aside

    @property
    def why_set_aside(self) -> models.QuerySet[SetAside]:
        """What hides it: that it was set aside itself, or an update whose words it holds."""
        # From the update through what says it and the edition to what was set aside.
        update = models.OuterRef(models.OuterRef(models.OuterRef("update")))
        saying = Edition.objects.filter(_with_words_of(ProgressUpdate.objects.filter(pk=update)), pk=self.pk)
        asides = SetAside.objects.undecided().select_related("update__area", "edition__report", "set_aside_by")
        return asides.filter(Q(edition=self) | Q(models.Exists(saying)))

    def content(self, name: str) -> bytes:
        """The stored bytes of the file `name`; EditionFile.DoesNotExist where they were erased."""
        return bytes(self.files.get(name=name, content__isnull=False).content or b"")


class EditionFile(models.Model):
    """The bytes of one file of an edition, kept apart so that lists never load them.

    `content` is null only after the erasure that follows a take-down; name, size and hash stay.
    """

    class Name(models.TextChoices):
        SNAPSHOT = "snapshot.json"
        ARTICLE = "article.html"
        PDF = "report.pdf"

    name = models.CharField(max_length=20, choices=Name)
    content = models.BinaryField(null=True)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="files")

    class Meta:
        verbose_name = _("file of an edition")
        verbose_name_plural = _("files of editions")
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["edition", "name"], name="edition_has_each_file_once")]

    def __str__(self) -> str:
        return self.name


class EditionUpdate(models.Model):
    """An update that the frozen snapshot of an edition holds. `verify_editions` compares the two.

    It outlives an erasure, and no update that an edition holds can be deleted.
    """

    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="+")
    update = models.ForeignKey(ProgressUpdate, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["edition", "update"], name="edition_holds_each_update_once")]

    def __str__(self) -> str:
        return f"{self.edition}: U{self.update_id}"


# An administrator has this long to decide. What is late stays out of sight; reminders say that it is late.
DECIDED_WITHIN = dt.timedelta(days=7)


class SetAsideQuerySet(models.QuerySet["SetAside"]):
    def undecided(self) -> Self:
        """Those that still keep something out of the public's sight."""
        return self.filter(ended_at=None)


class SetAside(models.Model):
    """A decision to hide for now: an update with every edition that holds it, or one edition alone.

    Any member of staff may begin it. It ends when an administrator restores, or has taken down all of it.
    """

    update = models.ForeignKey(
        ProgressUpdate, on_delete=models.PROTECT, null=True, blank=True, related_name="set_asides"
    )
    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, null=True, blank=True, related_name="set_asides")
    set_aside_at = models.DateTimeField()
    set_aside_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = SetAsideQuerySet.as_manager()

    class Meta:
        verbose_name = _("set aside")
        ordering = ["set_aside_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(update=None, edition__isnull=False) | Q(update__isnull=False, edition=None),
                name="set_aside_is_of_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by=None) | Q(ended_at__isnull=False, ended_by__isnull=False),
                name="set_aside_ended_by_somebody_at_some_time",
            ),
            models.UniqueConstraint(
                fields=["update"], condition=Q(ended_at=None), name="update_is_set_aside_once_at_a_time"
            ),
            models.UniqueConstraint(
                fields=["edition"], condition=Q(ended_at=None), name="edition_is_set_aside_once_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        """What was set aside, in words that hold none of its own."""
        return without_its_words(self.update) if self.update else str(self.edition)

    @property
    def due_on(self) -> dt.date:
        """The last day of those that an administrator has to decide."""
        return timezone.localdate(self.set_aside_at) + DECIDED_WITHIN


class TakeDownQuerySet(models.QuerySet["TakeDown"]):
    def unfinished(self) -> Self:
        """Those of updates that an edition still shows, or would show if it weren't set aside; oldest first."""
        # From the update through what says it and the edition to the take-down.
        update = models.OuterRef(models.OuterRef(models.OuterRef("update")))
        saying = Edition.objects.filter(_with_words_of(ProgressUpdate.objects.filter(pk=update)), take_down=None)
        return self.filter(models.Exists(saying)).select_related("update__area").order_by("taken_down_at", "id")

    def since(self, edition: Edition) -> Self:
        """The take-downs, after `edition` was published, of updates that it holds, oldest first."""
        held = self.filter(update__editions=edition, taken_down_at__gt=edition.published_at)
        return held.select_related("update__area").order_by("taken_down_at", "id")

    def about(self, updates: Iterable[ProgressUpdate]) -> Self:
        """Those of one of `updates`, with the update."""
        return self.filter(update__in=updates).select_related("update")

    def for_list(self) -> Self:
        """With what a list says of what was taken down."""
        return self.select_related("update", "edition__report")


class TakeDown(models.Model):
    """The removal, for safety, of one edition or one update from public view, at once and with a public reason.

    A second act erases what it held; hashes stay. See publishing/takedowns.py and publishing/erasure.py.
    """

    reason = PassageField(
        _("reason"), max_length=NOTE_LENGTH, help_text=_("Public. Say why, but nothing that must stay private.")
    )
    update = models.OneToOneField(
        ProgressUpdate, on_delete=models.PROTECT, null=True, blank=True, related_name="take_down"
    )
    edition = models.OneToOneField(Edition, on_delete=models.PROTECT, null=True, blank=True, related_name="take_down")
    taken_down_at = models.DateTimeField()
    taken_down_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    erased_at = models.DateTimeField(null=True, blank=True)
    erased_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = TakeDownQuerySet.as_manager()
    history = History()

    class Meta:
        verbose_name = _("take-down")
        verbose_name_plural = _("take-downs")
        ordering = ["-taken_down_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(update=None, edition__isnull=False) | Q(update__isnull=False, edition=None),
                name="take_down_is_of_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(erased_at=None, erased_by=None) | Q(erased_at__isnull=False, erased_by__isnull=False),
                name="take_down_erased_by_somebody_at_some_time",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="take_down_says_why"),
        ]

    def __str__(self) -> str:
        """What was taken down, in words that hold none of its own: it may have been a name."""
        return without_its_words(self.update) if self.update else str(self.edition)

    @property
    def editions_left(self) -> models.QuerySet[Edition]:
        """The editions that still show the update that was taken down; none where an edition was."""
        return Edition.objects.holding(self.update).filter(take_down=None) if self.update else Edition.objects.none()

    @property
    def editions_to_erase(self) -> models.QuerySet[Edition]:
        """The editions that were taken down too and whose files still hold the update."""
        return Edition.objects.holding(self.update).exclude(take_down=None) if self.update else Edition.objects.none()


def without_its_words(update: ProgressUpdate) -> str:
    """An update as it is named where its own words must not stand."""
    words = {"day": dates.day(update.dated_on), "number": update.area.number}
    if not update.area.title:
        return str(_("Update of %(day)s") % words)
    return str(_("Update of %(day)s in area %(number)d") % words)
