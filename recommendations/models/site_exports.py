"""Where the public site was exported to, so that a take-down can name every copy."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class SiteExport(models.Model):
    """A folder of this machine that `export_site` wrote the public site to, and when it last did."""

    folder = models.CharField(_("folder"), max_length=1000, unique=True)
    made_at = models.DateTimeField(_("exported"))

    class Meta:
        verbose_name = _("exported site")
        verbose_name_plural = _("exported sites")
        ordering = ["folder"]

    def __str__(self) -> str:
        return self.folder
