"""The intake of all pictures: each is drawn anew and stored so, without anything that can't be seen.

A file from outside is hostile until `taken_in` took it in. Its own bytes are never stored: metadata, thumbnails,
comments, whatever follows the picture, and what is hidden by full transparency are not carried over.
"""

from __future__ import annotations

import contextlib
import io
from dataclasses import dataclass
from hashlib import sha256

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

MAX_BYTES = 2 * 1024 * 1024
# Checked before any pixel is decoded: a file of a few kilobytes may unfold to gigabytes.
MAX_SIDE = 4_000
# How many pixels a side are stored: the first of these that makes the file light, or else the last. 800 are plenty for
# two inches of print; light is what leaves the first view of a page, with the logo at its foot, within 100 KB.
STORED_SIDES = (800, 560, 400)
LIGHT = 20_000
# A drawing has no more colours than this; what has more is a photograph.
COLOURS_OF_A_DRAWING = 4_096
# Lightness, of 255, from which a drawing on a transparent ground can't be seen on paper.
NEARLY_WHITE = 240

ENDINGS = {"image/png": "png", "image/jpeg": "jpg"}


@dataclass(frozen=True)
class Picture:
    """A picture as it is stored; `sha256` is that of its bytes, and its name."""

    content: bytes
    content_type: str
    width: int
    height: int

    @property
    def sha256(self) -> str:
        return sha256(self.content).hexdigest()


def taken_in(content: bytes) -> Picture:
    """The PNG or JPEG in `content`, drawn anew: upright, in sRGB, light, without anything else.

    PNG stays PNG, with its transparency and without transparent margins, unless it is a heavy photograph; JPEG stays
    JPEG. The same bytes for the same input under the same library. ValidationError, a sentence for staff, for anything
    else.
    """
    if len(content) > MAX_BYTES:
        raise ValidationError(_("The file is larger than 2 MB. Save a smaller version of the picture and choose that."))
    try:
        with Image.open(io.BytesIO(content), formats=("PNG", "JPEG")) as opened:
            _refuse_size(*opened.size)
            if opened.format == "PNG" and getattr(opened, "n_frames", 1) > 1:
                raise ValidationError(_("This picture is animated. Choose a still one."))
            opened.load()
            picture = _upright_in_srgb(opened)
    except ValidationError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ValidationError(_too_many_pixels()) from error
    except UnidentifiedImageError as error:
        raise ValidationError(
            _("This is neither a PNG nor a JPEG file, whatever its name says. Save the logo as PNG and choose that.")
        ) from error
    except Exception as error:  # a decoder that is fed with hostile bytes may raise whatever it likes
        raise ValidationError(
            _("The picture is damaged or incomplete and can't be read. Save it again, then choose it again.")
        ) from error
    return _made_light(_cleared(picture), is_jpeg=opened.format != "PNG")


def _refuse_size(width: int, height: int) -> None:
    if max(width, height) > MAX_SIDE:
        raise ValidationError(_too_many_pixels())


def _too_many_pixels() -> str:
    return _("The picture has too many pixels. Make it at most %(side)d pixels wide and high.") % {"side": MAX_SIDE}


def _upright_in_srgb(opened: Image.Image) -> Image.Image:
    """The picture as it is meant to be seen, as RGB or RGBA; its colours by its profile, where that can be read."""
    profile = opened.info.get("icc_profile")
    picture: Image.Image = ImageOps.exif_transpose(opened)
    if picture.mode == "CMYK":
        if not profile:
            raise ValidationError(
                _(
                    "The picture is made for printing (CMYK) and doesn't say how its colours should look. "
                    "Choose the version for screens (RGB)."
                )
            )
        return _by_profile(picture, profile)
    if picture.mode.startswith("I"):
        picture = picture.convert("I").point([value // 256 for value in range(65536)], "L")
    alpha = None
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        alpha = picture.getchannel("A")
    if picture.mode not in ("L", "RGB"):
        picture = picture.convert("RGB")
    if profile:
        # One that can't be read is passed over, as browsers do.
        with contextlib.suppress(ImageCms.PyCMSError, OSError):
            picture = _by_profile(picture, profile)
    picture = picture.convert("RGB")
    if alpha and alpha.getextrema() != (255, 255):
        picture.putalpha(alpha)
    return picture


def _by_profile(picture: Image.Image, profile: bytes) -> Image.Image:
    source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    converted = ImageCms.profileToProfile(picture, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    if converted is None:
        raise OSError("The profile made nothing of the picture.")
    return converted


def _cleared(picture: Image.Image) -> Image.Image:
    """The picture without what nobody sees: transparent margins, and colours where nothing shows through."""
    if picture.mode != "RGBA":
        return picture
    alpha = picture.getchannel("A")
    drawn = alpha.getbbox()
    if drawn is None:
        raise ValidationError(_("The picture is completely transparent: there is nothing to see."))
    seen = alpha.point([0, *[255] * 255])
    lightness = picture.convert("L").histogram(seen)
    if sum(lightness[NEARLY_WHITE:]) > 0.98 * sum(lightness):
        raise ValidationError(
            _(
                "The logo is white on a transparent background, so it would be invisible on paper. Choose its "
                "dark version."
            )
        )
    nothing = Image.new("RGBA", picture.size, (255, 255, 255, 0))
    return Image.composite(picture, nothing, seen).crop(drawn)


def _made_light(picture: Image.Image, *, is_jpeg: bool) -> Picture:
    is_photograph = picture.mode == "RGB" and picture.getcolors(COLOURS_OF_A_DRAWING) is None
    for side in STORED_SIDES[:-1]:
        made = _made(picture, side, is_jpeg=is_jpeg, is_photograph=is_photograph)
        if len(made.content) <= LIGHT:
            return made
    return _made(picture, STORED_SIDES[-1], is_jpeg=is_jpeg, is_photograph=is_photograph)


def _made(picture: Image.Image, side: int, *, is_jpeg: bool, is_photograph: bool) -> Picture:
    """The picture, at most `side` pixels a side: as a JPEG, or as a PNG in full or else in 256 colours."""
    bounded = picture.copy()
    bounded.thumbnail((side, side), Image.Resampling.LANCZOS)
    # From the bare pixels: a copy of a picture carries along what was said in its file.
    bare = Image.frombytes(bounded.mode, bounded.size, bounded.tobytes())
    if not is_jpeg and (len(png := _saved(bare, "PNG", optimize=True)) <= LIGHT or not is_photograph):
        if len(png) > LIGHT:
            method = Image.Quantize.FASTOCTREE if bare.mode == "RGBA" else Image.Quantize.MEDIANCUT
            png = _saved(bare.quantize(256, method), "PNG", optimize=True)
        return Picture(png, "image/png", *bare.size)
    return Picture(_saved(bare, "JPEG", quality=88, subsampling=0), "image/jpeg", *bare.size)


def _saved(picture: Image.Image, kind: str, **options: int) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()
