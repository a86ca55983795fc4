"""What was sent, so that nothing is sent twice."""

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
