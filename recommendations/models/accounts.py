"""What is stored about accounts beside Django's own: given passwords, resets of a second factor, exports."""

from django.contrib.auth.models import User
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from recommendations.text.intake import LineField

REASON_LENGTH = 500


class GivenPassword(models.Model):
    """An account has the password that an administrator gave it. Its owner chooses one first, which ends the row."""

    account = models.OneToOneField(User, models.CASCADE, related_name="given_password")
    given_at = models.DateTimeField()

    class Meta:
        verbose_name = _("given password")
        verbose_name_plural = _("given passwords")
        ordering = ["id"]

    def __str__(self) -> str:
        return str(self.account)


class SecondFactorReset(models.Model):
    """An administrator asked to remove a colleague's second factor; `confirmed_by` is the other one who agreed.

    An account has one row at most, the newest. What was asked, declined and done stays in the account's history.
    """

    reason = LineField(max_length=REASON_LENGTH)
    account = models.OneToOneField(User, models.CASCADE, related_name="second_factor_reset")
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(User, models.CASCADE, related_name="+")
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = models.ForeignKey(User, models.CASCADE, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("reset of a second factor")
        verbose_name_plural = _("resets of second factors")
        ordering = ["asked_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(asked_by=F("account")), name="second_factor_reset_is_asked_for_somebody_else"
            ),
            models.CheckConstraint(
                condition=Q(confirmed_at=None, confirmed_by=None)
                | (
                    Q(confirmed_at__isnull=False, confirmed_by__isnull=False)
                    & ~Q(confirmed_by=F("account"))
                    & ~Q(confirmed_by=F("asked_by"))
                ),
                name="second_factor_reset_is_confirmed_by_another_administrator",
            ),
        ]

    def __str__(self) -> str:
        return str(self.account)


class ExportMade(models.Model):
    """Somebody exported a list of the staff's: which one, when, how many rows. Never changed, never deleted."""

    what = models.CharField(max_length=200)
    format = models.CharField(max_length=10)
    rows = models.PositiveIntegerField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("export made")
        verbose_name_plural = _("exports made")
        ordering = ["-made_at", "-id"]

    def __str__(self) -> str:
        return f"{self.what} ({self.format})"
