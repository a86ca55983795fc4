"""What was recommended, to whom, in which area.

References and texts here are public at once and cited for years: after the first edition a reference is fixed.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from typing import TYPE_CHECKING, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from recommendations.text import dates
from recommendations.text.intake import REFUSED, LineField, PassageField

from .beside import LinkKind, RecommendationLink
from .plan import ActionPlan, has_editions
from .saves import History

if TYPE_CHECKING:
    # The stubs' field is generic, Django's own is not.
    CharField = models.CharField[str, str]
else:
    from django.db.models import CharField

REFERENCE_LENGTH = 40
OTHER_NAMES_LENGTH = 500
SLUG_LENGTH = 3 * REFERENCE_LENGTH  # A few letters become two or three, in lower case or composed.
NOT_IN_A_SLUG = re.compile(r"[^\w.]")


def slug_of(reference: str) -> str:
    """What stands for a reference in addresses: “3.2” stays, “C2A 42” becomes c2a-42 and “12(b)” 12-b; "" for "()".

    Addresses that were published are made of it, so it never changes. Letters of every script stay, in lower
    case, with their marks.
    """

    def instead(one: re.Match[str]) -> str:
        return one[0] if unicodedata.category(one[0]).startswith("M") else "-"

    kept = NOT_IN_A_SLUG.sub(instead, unicodedata.normalize("NFC", reference).lower())
    return re.sub("-+", "-", kept).strip("-.")


def shared_address(other: str, slug: str) -> str:
    """Why a reference is refused of which the same `slug` is made as of that of another recommendation."""
    message = _(
        "Its page would have the same address as that of %(other)s: %(slug)s. Let the two references differ in "
        "more than spaces, brackets or capitals."
    )
    return str(message) % {"other": other, "slug": slug}


def retired_by(retired_on: dt.date | None, on: dt.date) -> bool:
    """Whether what is retired on the day `retired_on` (None: never) is retired on the day `on`.

    The day it is retired on is the first without it. `RecommendationQuerySet.current` is the same rule in the database.
    """
    return retired_on is not None and retired_on <= on


def decided(who: str, day: dt.date | None) -> str:
    """Who decided what “done” means and when, without full stop; empty where nobody did."""
    return _("Set by %(who)s on %(day)s") % {"who": who, "day": dates.day(day)} if day else ""


class AreaQuerySet(models.QuerySet["Area"]):
    def without_title(self) -> Area | None:
        """The only area of a plan without areas; None where the plan has some, or no recommendations yet."""
        return self.filter(title="").first()


class Area(models.Model):
    """A recommendation area: “3 Housing”.

    Its number is its place and its address. Readers see it where the plan `numbers_areas`. A plan without areas has one
    without a title, which no reader sees.
    """

    number = models.PositiveSmallIntegerField(_("number"))
    title = LineField(
        _("title"),
        blank=True,
        help_text=_(
            "Leave it empty only if the plan has no areas: then this is the only one, and readers don't see it."
        ),
    )
    introduction = PassageField(
        _("introduction"), blank=True, help_text=_("Optional. Shown above the area's recommendations.")
    )
    also_called = LineField(
        _("also called"),
        max_length=OTHER_NAMES_LENGTH,
        blank=True,
        help_text=_(
            "Other words that readers may search for, separated by commas: homes, shelters. They find the area's "
            "recommendations, and are shown nowhere. A search for one of them shows that it is here, so give nothing "
            "away."
        ),
    )
    plan = models.ForeignKey(ActionPlan, on_delete=models.PROTECT, related_name="areas", default=1)

    objects = AreaQuerySet.as_manager()
    history = History()

    class Meta:
        verbose_name = _("area")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(
                fields=["number"],
                name="area_number_is_used_once",
                violation_error_message=_("Another area has this number."),
            ),
            models.CheckConstraint(
                condition=Q(number__range=(1, 9999)),
                name="area_number_is_from_1_to_9999",
                violation_error_message=_("Areas are numbered from 1 to 9999."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title or _('(no title)')}"

    @property
    def next_position(self) -> int:
        """The place behind its recommendations."""
        return (self.recommendations.aggregate(last=models.Max("position"))["last"] or 0) + 1

    @property
    def next_reference(self) -> str:
        """The reference that follows in an area whose references are all like 3.2; empty in any other."""
        references = self.recommendations.values_list("reference", flat=True)
        numbers = [re.fullmatch(rf"{self.number}\.([1-9][0-9]{{0,3}})", reference) for reference in references]
        return f"{self.number}.{max((int(n[1]) for n in numbers if n), default=0) + 1}" if all(numbers) else ""

    def clean(self) -> None:
        if self.pk and has_editions() and Area.objects.get(pk=self.pk).number != self.number:
            raise ValidationError({"number": _("Reports have been published with this number, so it can't change.")})
        others = Area.objects.exclude(pk=self.pk)
        if not self.title and others.exists():
            raise ValidationError({"title": _("Give it a title: only a plan with a single area can do without.")})
        if untitled := others.filter(title="").first():
            words = {"number": untitled.number}
            raise ValidationError({"title": _("First give area %(number)d a title: it has none.") % words})


class ResponsibleParty(models.Model):
    """Who recommendations are addressed to: “law enforcement agencies”. One of them is everyone."""

    name = LineField(_("name"), max_length=400)
    slug = models.SlugField(
        _("address"), max_length=80, unique=True, help_text=_("The last part of its page's address. Don't change it.")
    )
    is_everyone = models.BooleanField(
        _("everyone"), default=False, help_text=_("Tick this for the party that stands for everyone together.")
    )
    also_called = LineField(
        _("also called"),
        max_length=OTHER_NAMES_LENGTH,
        blank=True,
        help_text=_(
            "Other words that readers may search for, separated by commas: police, officers. They find what is "
            "addressed to this party, and are shown nowhere. A search for one of them shows that it is here, so give "
            "nothing away."
        ),
    )

    history = History()

    class Meta:
        verbose_name = _("responsible party")
        verbose_name_plural = _("responsible parties")
        ordering = ["is_everyone", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["name"],
                name="party_name_is_used_once",
                violation_error_message=_("Another responsible party has this name."),
            ),
            models.UniqueConstraint(
                fields=["is_everyone"],
                condition=Q(is_everyone=True),
                name="one_party_is_everyone",
                violation_error_message=_("Another responsible party already stands for everyone."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if self.pk and has_editions() and ResponsibleParty.objects.get(pk=self.pk).slug != self.slug:
            raise ValidationError({"slug": _("Its page has been published at this address, so it can't change.")})


class RecommendationQuerySet(models.QuerySet["Recommendation"]):
    def current(self, on: dt.date) -> Self:
        """Those that are not retired on the day `on`: see `retired_by`."""
        return self.filter(Q(retired_on=None) | Q(retired_on__gt=on))

    def begun(self, on: dt.date) -> Self:
        """Those that belong to the plan on the day `on`, or did before it: see `Recommendation.has_begun`."""
        return self.filter(Q(added_on=None) | Q(added_on__lte=on))

    def referred_to_as(self, *references: str) -> Self:
        """Those with one of `references`, each as it was adopted. What can't be printed refers to none."""
        return self.filter(reference__in=[one for one in references if not REFUSED.search(one)])

    def in_order(self) -> Self:
        """In plan order: by area, and in it as they were adopted."""
        return self.order_by("area__number", "position", "id")

    def for_snapshot(self) -> Self:
        links = models.Prefetch("links", RecommendationLink.objects.with_checks())
        return self.select_related("area").prefetch_related("parties", links, "replaced_by").in_order()

    def with_own_words(self) -> Self:
        """Those beside which staff put something in their own words, each once, with its links."""
        written = ~Q(explanation="") | ~Q(done_means="") | Q(links__isnull=False)
        return self.filter(written).distinct().prefetch_related("links")

    def explained(self) -> Self:
        """Those that staff explained, in plain words or in another form; one may be there several times."""
        forms = [kind for kind in LinkKind if kind.is_explanation]
        return self.filter(~Q(explanation="") | Q(links__kind__in=forms))

    def for_admin(self) -> Self:
        return self.select_related("area").prefetch_related("parties")


class SlugField(CharField):
    """What stands for the `reference` in addresses: see `slug_of`. It is worked out whenever the row is saved."""

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        slug = slug_of(getattr(model_instance, "reference"))  # noqa: B009 (of every model that has one)
        setattr(model_instance, self.attname, slug)
        return slug


class Recommendation(models.Model):
    """One recommendation, its text as adopted.

    Its `reference` ("3.2", "C2A 42", "12(b)") is what the adopted plan calls it, and is never used again for something
    else: re-wording, splitting or merging retires it, with a reason, and leads to the ones that replace it. `position`
    is its place in its area.
    """

    reference = LineField(
        _("reference"),
        max_length=REFERENCE_LENGTH,
        help_text=_("As adopted: 3.2, 42 or 12(b). It can't change after a report is published, and is never reused."),
    )
    slug = SlugField(_("address"), max_length=SLUG_LENGTH, unique=True, editable=False, blank=True)
    position = models.PositiveSmallIntegerField(_("place in its area"), help_text=_("Lower numbers come first."))
    text = PassageField(_("text"), max_length=4_000, help_text=_("As adopted, word for word."))
    target_as_published = LineField(
        _("target in words"),
        max_length=80,
        blank=True,
        help_text=_("As published: fall 2020. Shown instead of the date."),
    )
    retired_reason = PassageField(
        _("retired reason"), max_length=2_000, blank=True, help_text=_("Shown to the public.")
    )
    explanation = PassageField(
        _("in plain words"),
        max_length=4_000,
        blank=True,
        help_text=_(
            "Optional. What it asks for, in everyday words. Readers see it below the text, marked as your "
            "explanation and not as what was adopted. It is never part of a citation or a report."
        ),
    )
    also_called = LineField(
        _("also called"),
        max_length=OTHER_NAMES_LENGTH,
        blank=True,
        help_text=_(
            "Optional. Other words that readers may search for, separated by commas. They find this recommendation, "
            "and are shown nowhere. A search for one of them shows that it is here, so give nothing away."
        ),
    )
    done_means = PassageField(
        _("done means"),
        max_length=2_000,
        blank=True,
        help_text=_(
            "Optional. What must be seen before it may be called completed: “Three shelters are open at "
            "night, all year.” Readers see it from the beginning, and beside the status once it is completed."
        ),
    )
    done_means_set_by = LineField(
        _("set by"), blank=True, help_text=_("Who decided that, as readers should read it: the steering committee")
    )
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="recommendations")
    parties = models.ManyToManyField(
        ResponsibleParty,
        blank=True,
        related_name="recommendations",
        verbose_name=_("responsible parties"),
        help_text=_("Who it is addressed to, if it says so."),
    )
    replaced_by = models.ManyToManyField(
        "self", symmetrical=False, blank=True, related_name="replaces", help_text=_("The ones that replace it.")
    )
    added_on = models.DateField(
        _("added on"),
        null=True,
        blank=True,
        help_text=_(
            "Leave empty if it was part of the plan from the start. Reports for periods before this day leave it out."
        ),
    )
    target_on = models.DateField(
        _("target date"), null=True, blank=True, help_text=_("Only if the exact day is known.")
    )
    retired_on = models.DateField(_("retired on"), null=True, blank=True)
    done_means_set_on = models.DateField(_("set on"), null=True, blank=True, help_text=_("The day they decided it."))

    objects = RecommendationQuerySet.as_manager()
    history = History(m2m_fields=[parties, replaced_by])

    class Meta:
        verbose_name = _("recommendation")
        ordering = ["area__number", "position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["reference"],
                name="recommendation_reference_is_used_once",
                violation_error_message=_("Another recommendation has this reference."),
            ),
            models.CheckConstraint(
                condition=~Q(reference="") & ~Q(slug=""),
                name="recommendation_has_a_reference",
                violation_error_message=_("A reference has at least one letter or digit."),
            ),
            models.CheckConstraint(
                condition=Q(retired_on=None, retired_reason="") | (Q(retired_on__isnull=False) & ~Q(retired_reason="")),
                name="recommendation_retires_with_a_reason",
                violation_error_message=_("Give both a retirement date and a reason, or neither."),
            ),
            models.CheckConstraint(
                condition=Q(done_means="", done_means_set_by="", done_means_set_on=None)
                | ~Q(done_means="") & ~Q(done_means_set_by="") & Q(done_means_set_on__isnull=False),
                name="done_means_is_set_by_somebody_on_a_day",
                violation_error_message=_("Say what “done” means, who decided it and on which day, or none of these."),
            ),
        ]

    def __str__(self) -> str:
        text = " ".join(self.text.split())
        beginning = text if len(text) <= 80 else f"{text[:79].rstrip()}…"
        return f"{self.reference} {beginning}"

    def clean(self) -> None:
        self._refuse_reference()
        self.refuse_half_of_what_done_means()
        if has_editions():
            self.clean_beside(Recommendation.objects.get(pk=self.pk) if self.pk else None)

    def clean_beside(self, stored: Recommendation | None) -> None:
        """Refuse what can't be changed of it, as it is `stored`, once reports have been published."""
        if stored is None:
            if not self.added_on:
                since = _("Say when it became part of the plan: reports for earlier periods leave it out.")
                raise ValidationError({"added_on": since})
            return
        if stored.reference != self.reference:
            message = _("Reports have been published with this reference, so it can't change.")
            raise ValidationError({"reference": message})
        if stored.area_id != self.area_id:
            raise ValidationError({"area": _("Reports have been published with it in its area, so it can't move.")})
        today = timezone.localdate()
        if self.added_on and self.added_on > today and stored.has_begun(today):
            raise ValidationError({"added_on": _("Readers can already see it, so this date can't be in the future.")})

    @property
    def order(self) -> tuple[int, int, int]:
        """What plan order sorts by: see `in_order`."""
        return self.area.number, self.position, self.pk

    def _refuse_reference(self) -> None:
        """Raise ValidationError where no address can be made of the reference, or another one already has it."""
        slug = self.slug = slug_of(self.reference)
        if not slug:
            raise ValidationError({"reference": _("A reference has at least one letter or digit.")})
        others = Recommendation.objects.filter(slug=slug).exclude(pk=self.pk)
        if (other := others.first()) and other.reference != self.reference:
            raise ValidationError({"reference": shared_address(other.reference, slug)})

    def refuse_half_of_what_done_means(self) -> None:
        """Refuse what is said of “done” without who decided it and when, each beside the field that is missing."""
        missing = {
            "done_means": _(
                "Say what must be seen before it may be called completed, or clear who decided it and when."
            ),
            "done_means_set_by": _("Say who decided what “done” means: readers see it."),
            "done_means_set_on": _("Say on which day they decided it: readers see it."),
        }
        given = [name for name in missing if getattr(self, name)]
        if given and (errors := {name: words for name, words in missing.items() if name not in given}):
            raise ValidationError(errors)
        if self.done_means_set_on and self.done_means_set_on > timezone.localdate():
            raise ValidationError({"done_means_set_on": _("This day is in the future: say when it was decided.")})

    def has_begun(self, on: dt.date) -> bool:
        """Whether it belongs to the plan on the day `on`, or did before it; what the plan began with always does."""
        return self.added_on is None or self.added_on <= on

    def is_retired(self, on: dt.date) -> bool:
        return retired_by(self.retired_on, on)

    @property
    def done_means_decided(self) -> str:
        return decided(self.done_means_set_by, self.done_means_set_on)
