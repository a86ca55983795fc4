"""Words that the plan asks people not to use."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from recommendations.text.intake import LineField

from .recommendations import Recommendation
from .saves import History


class TermQuerySet(models.QuerySet["Term"]):
    def for_readers(self) -> Self:
        """By word, each with the recommendation that says so."""
        return self.select_related("recommendation__area")


class Term(models.Model):
    """A word that the plan asks people not to use, what to say instead, and which recommendation says so."""

    word = LineField(
        _("word"),
        max_length=80,
        help_text=_("The word or phrase to look for, with its endings: exiting, exits, exited."),
    )
    inflections = LineField(
        _("inflections"),
        blank=True,
        help_text=_("Other words to look for, separated by commas, with their endings: exit program, leave the trade"),
    )
    instead = LineField(_("instead"), help_text=_("What to say instead, in the plan's own words."))
    recommendation = models.ForeignKey(
        Recommendation,
        on_delete=models.PROTECT,
        related_name="terms",
        verbose_name=_("recommendation"),
        help_text=_("The recommendation that says so."),
    )

    objects = TermQuerySet.as_manager()
    history = History()

    class Meta:
        verbose_name = _("term to avoid")
        verbose_name_plural = _("terms to avoid")
        ordering = ["word"]
        constraints = [
            models.UniqueConstraint(
                fields=["word"],
                name="term_is_listed_once",
                violation_error_message=_("This word is already on the list."),
            )
        ]

    def __str__(self) -> str:
        return self.word
