"""What is stored about who signed in, and which accounts were locked: for administrators alone, and for 90 days."""

import datetime as dt

from django.contrib.auth.models import User
from django.db import models
from django.utils.translation import gettext_lazy as _

KEPT = dt.timedelta(days=90)


class SecurityEvent(models.Model):
    """Something happened to an account that its history doesn't hold. It says neither from where nor with what device.

    `account` is empty where it was about all, and where a name was locked that no account has: it isn't kept, it may be
    a password.
    What administrators do to accounts, exports and erasures are on record elsewhere: see workspace/security.py.
    """

    class Kind(models.TextChoices):
        SIGNED_IN = "signed_in", _("Signed in.")
        HALF_SIGNED_IN = "half_signed_in", _("Gave the right password; another step was still to come.")
        LOCKED = "locked", _("Locked after too many wrong passwords.")
        SLOWED = "slowed", _("Many wrong passwords in all: browsers that weren’t known took turns to sign in.")

    kind = models.CharField(max_length=20, choices=Kind)
    account = models.ForeignKey(User, models.CASCADE, null=True, blank=True, related_name="+")
    happened_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("security event")
        verbose_name_plural = _("security events")
        ordering = ["-happened_at", "-id"]

    def __str__(self) -> str:
        return str(self.get_kind_display())


class SignInTurn(models.Model):
    """One row: from when on a password of a browser that isn't known is checked, while many wrong ones are tried."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    next_at = models.DateTimeField()

    class Meta:
        verbose_name = _("turn to sign in")
        verbose_name_plural = _("turns to sign in")
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="there_is_one_turn_to_sign_in")]

    def __str__(self) -> str:
        return str(self.next_at)
