"""Publications of reports that are under way, so that colleagues see what is being done."""

from __future__ import annotations

import datetime as dt

from django.contrib.auth.models import User
from django.db import models
from django.utils.translation import gettext_lazy as _

from .reports import Report

# No publication takes longer: what began before was interrupted, perhaps by a failure of power.
LONGEST = dt.timedelta(minutes=15)


class PublicationQuerySet(models.QuerySet["Publication"]):
    def of(self, report: Report, *, at: dt.datetime) -> Publication | None:
        """The one of `report` that is under way at the instant `at`; the first, if there are several."""
        return self.filter(report=report, began_at__gt=at - LONGEST).select_related("begun_by").first()


class Publication(models.Model):
    """A report that is being published: the row is there while its files are made, and gone afterwards."""

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="publications")
    began_at = models.DateTimeField()
    begun_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    objects = PublicationQuerySet.as_manager()

    class Meta:
        verbose_name = _("publication under way")
        verbose_name_plural = _("publications under way")
        ordering = ["began_at", "id"]

    def __str__(self) -> str:
        return f"{self.report}, {self.began_at}"
