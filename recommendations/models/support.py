"""Where a reader finds support, and what somebody should know before they get in touch."""

from __future__ import annotations

import datetime as dt
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from recommendations.text.intake import LineField, SupportAddressField

from .links import LinkedMixin, LinkedQuerySet
from .plan import ActionPlan
from .saves import History

# Staff try each of them every quarter.
CHECKED_FOR = dt.timedelta(days=92)


class SupportLinkQuerySet(LinkedQuerySet["SupportLink"]):
    def untried(self, on: dt.date) -> Self:
        """Those that nobody tried in the quarter before the day `on`; none once the site is closed: it shows none."""
        return self.filter(plan__closed_at=None, checked_on__lt=on - CHECKED_FOR)


class SupportLink(LinkedMixin, models.Model):
    """One place where a reader finds support. Every page of the site links to these."""

    class Answer(models.TextChoices):
        YES = "yes", _("yes")
        NO = "no", _("no")
        UNKNOWN = "unknown", _("unknown")

    # What readers see of it in words.
    WORDS = ("label", "meant_for", "hours", "languages", "cost", "note")

    label = LineField(_("label"))
    address = SupportAddressField(_("address"))
    meant_for = LineField(_("who it is for"), blank=True, help_text=_("Such as: everyone; women and their children."))
    hours = LineField(_("hours"), blank=True, help_text=_("Such as: every day, 9 am to 5 pm."))
    languages = LineField(
        _("languages"), blank=True, help_text=_("Such as: English, French; others with an interpreter.")
    )
    cost = LineField(_("cost"), blank=True, help_text=_("Such as: free, also on a phone without credit."))
    may_contact_police = models.CharField(
        _("may contact police or child protection"),
        max_length=7,
        choices=Answer,
        default=Answer.UNKNOWN,
        help_text=_(
            "Whether those who answer may call the police or child protection about what they hear, even against the "
            "caller's will. Ask them; until you know, leave it at “unknown”, which readers see."
        ),
    )
    note = LineField(_("note"), blank=True, help_text=_("Anything else that somebody should know before."))
    position = models.PositiveSmallIntegerField(_("position"), default=0, help_text=_("Lower numbers come first."))
    plan = models.ForeignKey(ActionPlan, on_delete=models.PROTECT, related_name="support_links")
    checked_on = models.DateField(
        _("checked on"), help_text=_("The day somebody last tried the link. Readers see this date.")
    )

    objects = SupportLinkQuerySet.as_manager()
    history = History()

    class Meta:
        verbose_name = _("support link")
        verbose_name_plural = _("support links")
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(may_contact_police__in=["yes", "no", "unknown"]), name="support_link_answer_is_known"
            )
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def scheme(self) -> str:
        """How one gets in touch: tel, sms, mailto, or https and http for a page."""
        return self.address.partition(":")[0]

    @property
    def shown_address(self) -> str:
        """A number as people read it, +1 604 555 0123, or an e-mail address; empty for a page."""
        scheme, _colon, rest = self.address.partition(":")
        if scheme in ("tel", "sms"):
            return rest.replace("-", "\u00a0")
        return rest if scheme == "mailto" else ""
