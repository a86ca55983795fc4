"""The logos of the organization and of its funders, and their pictures.

A picture is named by the hash of its bytes and never changes. It stays as long as a stored logo has or had it, or an
edition shows it: see `let_pictures_go` in publishing/erasure.py.
"""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from recommendations.text.intake import AddressField, LineField
from recommendations.text.pictures import ENDINGS, Picture

from .plan import ActionPlan
from .reports import Edition
from .saves import History


class LogoImageQuerySet(models.QuerySet["LogoImage"]):
    def public(self) -> Self:
        """Those that the public sees now: of the logos in use, and of public editions."""
        published = EditionLogo.objects.filter(edition__in=Edition.objects.public()).values("image")
        return self.filter(Q(pk__in=Logo.objects.values("image")) | Q(pk__in=published))

    def keep(self, picture: Picture) -> LogoImage:
        """The row of `picture`, which is made where there is none yet."""
        image, _made = self.get_or_create(
            sha256=picture.sha256,
            defaults={
                "content": picture.content,
                "content_type": picture.content_type,
                "width": picture.width,
                "height": picture.height,
            },
        )
        return image


class LogoImage(models.Model):
    """One picture, as `pictures.taken_in` drew it: in the database, so that one backup holds everything."""

    sha256 = models.CharField(max_length=64, primary_key=True, editable=False)
    content = models.BinaryField()
    content_type = models.CharField(max_length=10, choices=[(kind, kind) for kind in ENDINGS])
    width = models.PositiveSmallIntegerField()
    height = models.PositiveSmallIntegerField()

    objects = LogoImageQuerySet.as_manager()

    class Meta:
        verbose_name = _("picture")

    def __str__(self) -> str:
        # With the beginning of its name: two pictures of one size are told apart in histories.
        kind = "PNG" if self.content_type == "image/png" else "JPEG"
        return f"{kind}, {self.width} × {self.height}, {self.sha256[:8]}"

    def get_absolute_url(self) -> str:
        return picture_address(self.sha256, self.content_type)


def picture_address(sha256: str, content_type: str) -> str:
    """Where a picture is served, for good: the path alone."""
    return reverse("logo", args=[sha256, ENDINGS[content_type]])


class LogoQuerySet(models.QuerySet["Logo"]):
    def with_images(self) -> Self:
        """With what a page says of their pictures, whose bytes stay where they are."""
        return self.select_related("image").defer("image__content")


class Logo(models.Model):
    """The logo of the organization, or of one that funds its work."""

    class Whose(models.TextChoices):
        ORGANISATION = "organisation", _("your organization")
        FUNDER = "funder", _("a funder")

    alt = LineField(
        _("alternate text"),
        help_text=_("Read aloud, or shown, when people can't see the picture. The organization's name is best."),
    )
    whose = models.CharField(
        _("it belongs to"),
        max_length=12,
        choices=Whose,
        default=Whose.FUNDER,
        help_text=_(
            "Your organization's logo is at the bottom of every page and on the cover of reports; "
            "funders' logos are on the page about this site and at the end of reports."
        ),
    )
    address = AddressField(_("web address"), blank=True, help_text=_("Where the logo links to. Leave empty for none."))
    position = models.PositiveSmallIntegerField(_("position"), default=0, help_text=_("Lower numbers come first."))
    plan = models.ForeignKey(ActionPlan, on_delete=models.PROTECT, related_name="logos", default=1)
    image = models.ForeignKey(
        LogoImage, on_delete=models.PROTECT, related_name="logos", editable=False, verbose_name=_("picture")
    )

    objects = LogoQuerySet.as_manager()
    history = History()

    class Meta:
        verbose_name = _("logo")
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["plan"],
                condition=Q(whose="organisation"),
                name="organisation_has_one_logo",
                violation_error_message=_(
                    "Your organization can have only one logo. Choose “a funder” for the others."
                ),
            ),
            models.CheckConstraint(condition=Q(whose__in=["organisation", "funder"]), name="logo_owner_is_known"),
            models.CheckConstraint(condition=~Q(alt=""), name="logo_has_alternate_text"),
        ]

    def __str__(self) -> str:
        return self.alt


class EditionLogo(models.Model):
    """A picture that an edition shows, so that the database lets nobody delete it."""

    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="logos")
    image = models.ForeignKey(LogoImage, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["edition", "image"], name="edition_shows_each_picture_once")]

    def __str__(self) -> str:
        return f"{self.edition}: {self.image_id}"
