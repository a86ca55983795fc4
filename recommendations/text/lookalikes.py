"""Texts that a reader can't tell apart, or hardly: when two are the same, and what is different in words.

Only what is compared is changed here, never what is stored.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable

from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .intake import without_accents

# Soft hyphens, zero-width spaces, byte order marks, marks of direction. Joiners show where a script joins its letters.
INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u180e\u200b\u200e\u200f\u2060-\u2064\ufeff]|(?<![\u0590-\u1fff])[\u200c\u200d]"
)
# White space of one line: a no-break space looks like any other.
SPACES = re.compile(r"[^\S\n]+")
EMPTY_LINES = re.compile(r"\n{3,}")
HYPHENS = str.maketrans("\u2010\u2011", "--")
QUOTES = str.maketrans("\u2018\u2019\u201a\u201b\u02bc\u2032\u00b4`\u201c\u201d\u201e\u201f\u2033", "'" * 8 + '"' * 5)
DASHES = str.maketrans("\u2012\u2013\u2014\u2015\u2212", "-" * 5)
STOP = re.compile(r"(?<!\.)\.$")


def seen(value: str) -> str:
    """`value` as a reader sees it, for comparing: spaces of all kinds as one, accents as NFC, no invisible marks."""
    if not value.isascii():
        value = INVISIBLE.sub("", unicodedata.normalize("NFC", value)).translate(HYPHENS)
    return EMPTY_LINES.sub("\n\n", SPACES.sub(" ", value).replace(" \n", "\n")).strip()


# What makes texts alike that aren't the same, each with its name; a name is the same whatever it has of the first four.
Normal = Callable[[str], str]
SMALL: tuple[tuple[Normal, object], ...] = (
    (lambda value: value.replace("…", "..."), gettext_lazy("dots")),
    (lambda value: value.translate(QUOTES), gettext_lazy("quotation marks or apostrophes")),
    (lambda value: value.translate(DASHES), gettext_lazy("dashes")),
    (lambda value: STOP.sub("", value), gettext_lazy("the final full stop")),
)
PLAIN: tuple[tuple[Normal, object], ...] = (
    (str.casefold, gettext_lazy("capital letters")),
    (without_accents, gettext_lazy("accents or joined letters")),
)


def named(value: str) -> str:
    """A name for comparing: as it is seen, whatever its quotation marks, apostrophes, dashes and final full stop."""
    return _normal(value, SMALL)


def difference(before: str, after: str) -> str:
    """What is different in two texts that look alike, as words for a sentence: “dashes and the final full stop”.

    Empty where other words are different, or where a reader sees no difference.
    """
    kinds = (*SMALL, *PLAIN)
    if _normal(before, kinds) != _normal(after, kinds):
        return ""
    others = (([kind for kind in kinds if kind is not one], one[1]) for one in kinds)
    return get_text_list(
        [str(what) for rest, what in others if _normal(before, rest) != _normal(after, rest)], _("and")
    )


def _normal(value: str, kinds: Iterable[tuple[Normal, object]]) -> str:
    value = seen(value)
    for normal, _what in kinds:
        value = normal(value)
    return value
