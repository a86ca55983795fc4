"""A plan's accent colour: whether it can be read on our pages, and the tints and the dark mode that are made of it.

Contrast is that of WCAG 2.2 (1.4.3): text needs 4.5 to 1. The grounds are those of static/css/tokens.css.
"""

import re
from hashlib import sha256

from django.core.exceptions import ValidationError
from django.utils.formats import number_format
from django.utils.translation import gettext as _

LEAST_CONTRAST = 4.5
COLOUR = re.compile("#[0-9a-fA-F]{6}")
# Each with the ground that gives the least contrast: the deeper paper.
PAPER, PAPER_DEEP, ON_ACCENT = "#fbf8f3", "#f3ede3", "#fffaf5"
DARK_PAPER, DARK_PAPER_DEEP = "#1a1613", "#241f1a"
BLACK, WHITE = "#000000", "#ffffff"


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, from 1 to 21."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def mixed(colour: str, with_: str, share: float) -> str:
    """`colour` with `share`, from 0 to 1, of another one in it."""
    pairs = zip(_channels(colour), _channels(with_), strict=True)
    return "#" + "".join(f"{round(one * (1 - share) + other * share):02x}" for one, other in pairs)


def readable(colour: str, *, ground: str, towards: str, least: float = LEAST_CONTRAST) -> str:
    """`colour`, with as little of `towards` in it as gives `least` contrast with `ground`."""
    steps = (mixed(colour, towards, step / 50) for step in range(51))
    return next((one for one in steps if contrast(one, ground) >= least), towards)


def check_accent(value: str) -> None:
    """Raise ValidationError where `value` is no colour, or can't be read as text on our paper; it names one that can.

    In the dark the colour is lightened until it can be read, so that any will do there.
    """
    if not COLOUR.fullmatch(value):
        raise ValidationError(_("Write a colour as # and six digits from 0 to f, such as #1f4e79."), code="no_colour")
    found = contrast(value, PAPER_DEEP)
    if found < LEAST_CONTRAST:
        raise ValidationError(
            _(
                "On our pages this colour has a contrast of %(found)s to 1, and text needs at least %(least)s to 1. "
                "Choose a darker one: %(suggestion)s would do."
            ),
            code="contrast",
            params={
                # Rounded down: 4.49 isn't said to be 4.5.
                "found": number_format(int(found * 100) / 100, 2),
                "least": number_format(LEAST_CONTRAST, 1),
                "suggestion": readable(value, ground=PAPER_DEEP, towards=BLACK),
            },
        )


def accent_tokens(colour: str, *, dark: bool) -> dict[str, str]:
    """The tokens of static/css/tokens.css that an accent colour replaces; in dark mode `dark`."""
    if dark:
        accent = readable(colour, ground=DARK_PAPER_DEEP, towards=WHITE, least=7)
        deep, tint, on_accent = mixed(accent, WHITE, 0.4), mixed(DARK_PAPER, accent, 0.15), mixed(accent, BLACK, 0.85)
    else:
        accent, on_accent = colour, ON_ACCENT
        deep, tint = mixed(accent, BLACK, 0.25), mixed(PAPER, accent, 0.1)
    return {"--accent": accent, "--accent-deep": deep, "--accent-tint": tint, "--on-accent": on_accent}


def accent_style(colour: str) -> str:
    """The style sheet that gives pages, reports and PDFs the accent `colour`; to be read after the others.

    Empty for what is no colour.
    """
    if not COLOUR.fullmatch(colour):
        return ""
    light, dark = (
        "".join(f"{name}: {value}; " for name, value in accent_tokens(colour, dark=is_dark).items())
        for is_dark in (False, True)
    )
    # Nested, and without a layer, as WeasyPrint needs it: see tokens.css.
    return f":root {{ {light}}}\n@media screen {{\n@media (prefers-color-scheme: dark) {{\n:root {{ {dark}}}\n}}\n}}\n"


def accent_version(colour: str) -> str:
    """What changes when `accent_style` gives another sheet for `colour`: a part of its address, which is kept."""
    return sha256(accent_style(colour).encode()).hexdigest()[:12]


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    red, green, blue = (
        channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
        for channel in (number / 255 for number in _channels(colour))
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
