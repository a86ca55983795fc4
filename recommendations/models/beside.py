"""What may stand beside a recommendation: links to its explanation in other forms, and to related ones elsewhere."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from recommendations.text.intake import AddressField, LineField

from .links import LinkedMixin, LinkedQuerySet
from .saves import History


class LinkKind(models.TextChoices):
    """What a link beside a recommendation leads to: its explanation in some form, or a related recommendation."""

    SIGN_LANGUAGE = "sign language", _("In sign language")
    AUDIO = "audio", _("As audio")
    EASY_READ = "easy read", _("In Easy Read")
    OTHER_FORM = "other form", _("In another form")
    RELATED = "related", _("See also: a related recommendation elsewhere")

    @property
    def is_explanation(self) -> bool:
        return self is not LinkKind.RELATED


class RecommendationLinkQuerySet(LinkedQuerySet["RecommendationLink"]):
    pass


class RecommendationLink(LinkedMixin, models.Model):
    """One link beside a recommendation: its explanation in another form, or the official page of a related one."""

    kind = models.CharField(
        _("what it is"),
        max_length=20,
        choices=LinkKind,
        help_text=_("The explanation in plain words in another form, or an official page about something related."),
    )
    label = LineField(
        _("label"),
        help_text=_(
            "What readers see, with the language and the length if it helps: “ASL, 4 minutes”. For a related "
            "recommendation, what it is called there: “Call to Action 42”."
        ),
    )
    address = AddressField(
        _("address"), help_text=_("For a related recommendation, its page on the official site of those who made it.")
    )
    recommendation = models.ForeignKey("Recommendation", on_delete=models.CASCADE, related_name="links")

    objects = RecommendationLinkQuerySet.as_manager()
    history = History()

    class Meta:
        verbose_name = _("link beside it")
        verbose_name_plural = _("links beside it")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["recommendation", "address"],
                name="recommendation_links_to_an_address_once",
                violation_error_message=_("The recommendation already has this address."),
            ),
            models.CheckConstraint(
                condition=Q(kind__in=LinkKind.values),
                name="recommendation_link_is_of_a_known_kind",
            ),
        ]

    def __str__(self) -> str:
        return self.label
