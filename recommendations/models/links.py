"""What `manage.py check_links` found out about pages elsewhere that the site links to, and what staff answered to it.

A check changes no row of what links to a page. Nothing of it is frozen: an edition says what it said.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Self, TypeVar

from django.conf import settings
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from recommendations.text.intake import AddressField, LineField

Linked = TypeVar("Linked", bound=models.Model)

# A page is said to be gone once it was missing on two checks that are this far apart.
APART = dt.timedelta(days=1)


@dataclass(frozen=True)
class LinkState:
    """Where a link to a page elsewhere stands for readers.

    `gone_since` is the day it was first found missing, once that was found twice. `hides_copy` is true from the first
    time on, until staff have looked: the page may have been removed to protect somebody.
    """

    gone_since: dt.date | None
    hides_copy: bool


class LinkCheckQuerySet(models.QuerySet["LinkCheck"]):
    def missing(self) -> Self:
        """Those that weren't there when they were last checked, the longest missing first."""
        return self.filter(failed_at__isnull=False).order_by("failed_at", "pk")


class LinkCheck(models.Model):
    """One address of a page elsewhere, and what came of checking it.

    `failed_at` is the first time it was missing since it was last there; `gone_at` the time that confirmed it.
    """

    address = AddressField(gettext_lazy("address"), unique=True)
    answer = LineField(gettext_lazy("answer"), max_length=20)
    checked_at = models.DateTimeField()
    failed_at = models.DateTimeField(null=True, blank=True)
    gone_at = models.DateTimeField(null=True, blank=True)

    objects = LinkCheckQuerySet.as_manager()

    class Meta:
        verbose_name = gettext_lazy("link that is gone")
        verbose_name_plural = gettext_lazy("links that are gone")
        ordering = ["address"]
        constraints = [
            models.CheckConstraint(
                condition=Q(gone_at=None) | Q(failed_at__isnull=False, gone_at__gt=F("failed_at")),
                name="link_was_missing_before_it_is_gone",
            )
        ]

    def __str__(self) -> str:
        return self.address

    @property
    def missing_since(self) -> dt.date | None:
        return timezone.localdate(self.failed_at) if self.failed_at else None

    def decision(self) -> LinkDecision | None:
        """What staff answered since the page is missing; None before they did, and for a page that is there."""
        since = [one for one in self.decisions.all() if self.failed_at and one.decided_at >= self.failed_at]
        return since[-1] if since else None


class LinkDecision(models.Model):
    """What a member of staff answered about a page that is missing. The newest since it went missing counts."""

    class Choice(models.TextChoices):
        SHOW = "show", gettext_lazy("show the archived copy")
        HIDE = "hide", gettext_lazy("keep the archived copy hidden")
        THERE = "there", gettext_lazy("the page is there")

    choice = models.CharField(max_length=5, choices=Choice)
    link = models.ForeignKey(LinkCheck, on_delete=models.CASCADE, related_name="decisions")
    decided_at = models.DateTimeField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = gettext_lazy("answer about a link that is gone")
        ordering = ["decided_at", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(choice__in=["show", "hide", "there"]), name="link_decision_is_known")
        ]

    def __str__(self) -> str:
        return str(self.get_choice_display())


class LinkedQuerySet(models.QuerySet[Linked]):
    """For models with an `address`."""

    def with_checks(self) -> Self:
        """With what `LinkedMixin.link_state` reads, in no further query."""
        checks = LinkCheck.objects.filter(address=OuterRef("address"))
        decisions = LinkDecision.objects.filter(link__address=OuterRef("address"), decided_at__gte=F("link__failed_at"))
        return self.annotate(
            check_failed_at=Subquery(checks.values("failed_at")),
            check_gone_at=Subquery(checks.values("gone_at")),
            check_decision=Subquery(decisions.order_by("-decided_at", "-pk").values("choice")[:1]),
        )


class LinkedMixin:
    """A row with an `address`, which was fetched `with_checks`."""

    check_failed_at: dt.datetime | None
    check_gone_at: dt.datetime | None
    check_decision: str | None

    @property
    def link_state(self) -> LinkState:
        return state_of(self.check_failed_at, self.check_gone_at, self.check_decision)

    @property
    def gone_since(self) -> dt.date | None:
        return self.link_state.gone_since


def state_of(failed_at: dt.datetime | None, gone_at: dt.datetime | None, decision: str | None) -> LinkState:
    """The state of a link from what checks found, and what staff answered since, if they did."""
    if failed_at is None or decision == LinkDecision.Choice.THERE:
        return LinkState(None, hides_copy=False)
    return LinkState(
        timezone.localdate(failed_at) if gone_at else None,
        hides_copy=decision != LinkDecision.Choice.SHOW,
    )


def answer_in_words(answer: str) -> str:
    """What an address answered to the last check, for staff."""
    if answer.isdecimal():
        return _("It answers %(status)s.") % {"status": answer}
    return _("There is no site of this name.") if answer == "no site" else _("It doesn't answer.")
