"""Which characters the report's fonts have, and what is printed instead of those they lack."""

import re
import unicodedata
from functools import cache
from pathlib import Path

FONTS = Path(__file__).resolve().parents[2] / "static" / "fonts"
# Pango takes a mark from the first font that has it, and BC Sans doesn't know where Cyrillic letters want theirs.
CYRILLIC_WITH_MARKS = re.compile("[\u0400-\u052f][\u0300-\u036f]+")


def lacking(text: str) -> list[str]:
    """The characters of `text` that the report's fonts lack, each once and in order; a PDF shows their code points."""
    others = (character for character in dict.fromkeys(text) if not character.isascii())
    return [character for character in others if len(printable(character)) > 1]


def printable(text: str) -> str:
    """`text` with the characters that the fonts lack as [U+1F600]: a missing glyph tells nothing and fails PDF/UA."""
    text = CYRILLIC_WITH_MARKS.sub(lambda found: unicodedata.normalize("NFC", found.group()), text)
    return re.sub(r"[^\x00-\x7f]", lambda found: _shown(found.group()), text)


@cache
def _shown(character: str) -> str:
    category = unicodedata.category(character)
    # What sets the direction of all that follows would turn code points and addresses round, too. Isolates end.
    if unicodedata.bidirectional(character) in {"LRE", "RLE", "LRO", "RLO", "PDF"}:
        return ""
    if category in {"Zl", "Zp"}:
        return " "
    # HarfBuzz uses the glyph of a character or, failing that, those of its parts.
    parts = {ord(part) for part in unicodedata.normalize("NFD", character)}
    if any(ord(character) in font or parts <= font for font in _characters_by_font()):
        return character
    if category == "Zs":
        return " "
    if category == "Cf" or 0xFE00 <= ord(character) <= 0xFE0F or 0xE0100 <= ord(character) <= 0xE01EF:
        return ""
    return f"[U+{ord(character):04X}]"


@cache
def _characters_by_font() -> tuple[frozenset[int], ...]:
    """The code points that all faces of each print font have, such as those of BCSans-Regular.woff and its like."""
    from fontTools.ttLib import TTFont

    fonts: dict[str, frozenset[int]] = {}
    for path in sorted(FONTS.glob("*.woff")):
        name = path.name.partition("-")[0]
        with TTFont(path, lazy=True) as face:
            characters = frozenset(face.getBestCmap())
        fonts[name] = fonts.get(name, characters) & characters
    return tuple(fonts.values())
