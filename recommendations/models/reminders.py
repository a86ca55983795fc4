"""What was sent by e-mail, so that nothing is sent twice, or too often."""

from django.contrib.auth.models import User
from django.db import models
from django.utils.translation import gettext_lazy as _


class ReminderSent(models.Model):
    """A reminder that went out by e-mail. `key` names the occasion: see `reminders.due`. It holds no words."""

    key = models.CharField(max_length=120, unique=True)
    sent_at = models.DateTimeField()

    class Meta:
        verbose_name = _("reminder sent")
        verbose_name_plural = _("reminders sent")
        ordering = ["-sent_at", "-id"]

    def __str__(self) -> str:
        return self.key


class PasswordResetSent(models.Model):
    """A link for a new password that went out, kept for an hour. It says nothing of who asked, or from where."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    sent_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("password reset sent")
        verbose_name_plural = _("password resets sent")
        ordering = ["-sent_at", "-id"]

    def __str__(self) -> str:
        return f"{self.user_id}, {self.sent_at}"
