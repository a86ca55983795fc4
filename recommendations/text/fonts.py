"""Which characters the report's font has, and what is printed instead of those it lacks."""

import re
import unicodedata
from functools import cache
from pathlib import Path

FONTS = Path(__file__).resolve().parents[2] / "static" / "fonts"


def lacking(text: str) -> list[str]:
    """The characters of `text` that the report's font lacks, each once and in order; a PDF shows their code points."""
    return [character for character in dict.fromkeys(text) if len(printable(character)) > 1]


def printable(text: str) -> str:
    """`text` with the characters that the font lacks as [U+1F600]: a missing glyph tells nothing and fails PDF/UA."""
    return re.sub(r"[^\x00-\x7f]", lambda found: _shown(found.group()), text)


@cache
def _shown(character: str) -> str:
    characters = _font_characters()
    category = unicodedata.category(character)
    # The font has no right-to-left script, so a change of direction would only garble the code points.
    if unicodedata.bidirectional(character) in {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}:
        return ""
    if category in {"Zl", "Zp"}:
        return " "
    # HarfBuzz uses the glyph of a character or, failing that, those of its parts.
    if all(ord(part) in characters for part in unicodedata.normalize("NFD", character)) or ord(character) in characters:
        return character
    if category == "Zs":
        return " "
    if category == "Cf" or 0xFE00 <= ord(character) <= 0xFE0F or 0xE0100 <= ord(character) <= 0xE01EF:
        return ""
    return f"[U+{ord(character):04X}]"


@cache
def _font_characters() -> frozenset[int]:
    """The code points that all faces of the print font have."""
    from fontTools.ttLib import TTFont

    faces = []
    for path in FONTS.glob("*.woff"):
        with TTFont(path, lazy=True) as face:
            faces.append(frozenset(face.getBestCmap()))
    return frozenset.intersection(*faces)
