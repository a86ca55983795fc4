"""A logo as pages and reports show it: whose it is, where its picture is, and what shape it has."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from recommendations.models import Logo
from recommendations.models.logos import picture_address

# Width by height from which on a logo has a shape.
SHAPES = ((4.5, "banner"), (2.2, "wide"), (1.3, "broad"), (0.75, "square"), (0, "tall"))


@dataclass(frozen=True)
class LogoEntry:
    """A logo: `alt` says whose it is in words, `whose` is the stored word, `address` may be empty.

    `sha256` names its picture, which is kept as long as an edition shows it; width and height are in pixels.
    """

    alt: str
    whose: str
    address: str
    sha256: str
    content_type: str
    width: int
    height: int

    @property
    def path(self) -> str:
        return picture_address(self.sha256, self.content_type)

    @property
    def shape(self) -> str:
        """Its shape in a word: logos side by side look equal where their areas are, not their heights."""
        ratio = self.width / self.height
        return next(word for least, word in SHAPES if ratio >= least)


def own_logo(logos: Iterable[LogoEntry]) -> LogoEntry | None:
    """The organization's among `logos`, if it has one."""
    return next((logo for logo in logos if logo.whose == Logo.Whose.ORGANISATION), None)


def funders_logos(logos: Iterable[LogoEntry]) -> tuple[LogoEntry, ...]:
    return tuple(logo for logo in logos if logo.whose == Logo.Whose.FUNDER)
