"""Makes a PDF give back the letters of scripts that BC Sans lacks, to whoever searches it, copies it or has it read.

WeasyPrint says for each shape which letters it was first drawn for: wrong where several shapes make up a syllable.
"""

import io
import re
import unicodedata
from functools import cache
from typing import Any

# Gurmukhi draws some vowels before the consonant that they are spoken after.
REORDERED = re.compile("[\u0a00-\u0a7f]")
RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
NOTHING = "\u200b"


@cache
def complete_letters() -> None:
    """Make WeasyPrint write the letters as they were typed. Private functions, as in `tags.complete_tags`."""
    from weasyprint.draw import text
    from weasyprint.pdf.fonts import Font

    draw, clean = text.draw_first_line, Font.clean

    def draw_with_letters(stream: Any, textbox: Any, *args: Any) -> Any:
        import pydyf

        # Readers put right-to-left text into its order themselves, and would turn what is in order already.
        if not REORDERED.search(textbox.text) or RIGHT_TO_LEFT.search(textbox.text):
            return draw(stream, textbox, *args)
        letters = pydyf.Dictionary({"ActualText": pydyf.String(textbox.text)})
        # Not as WeasyPrint's own stream does it: what is within needs no tag of its own.
        pydyf.Stream.begin_marked_content(stream, "Span", letters)
        drawn = draw(stream, textbox, *args)
        pydyf.Stream.end_marked_content(stream)
        return drawn

    def clean_with_letters(font: Any, *args: Any) -> None:
        if font.family.startswith("Print "):
            known = letters_of(font.file_content)
            for glyph, letters in font.to_unicode.items():
                font.to_unicode[glyph] = known.get(glyph) or letters or NOTHING
        clean(font, *args)

    text.draw_first_line = draw_with_letters
    Font.clean = clean_with_letters


def letters_of(content: bytes) -> dict[int, str]:
    """The letters that each glyph of a font stands for, where it says so: by its character, or as a shape of others."""
    from fontTools.ttLib import TTFont

    with TTFont(io.BytesIO(content)) as font:
        letters: dict[str, str] = {}
        for code, name in sorted(font.getBestCmap().items()):
            # A shape of one letter is that letter. A ligature of two stays one, or readers would turn it round.
            letter = unicodedata.normalize("NFKC", chr(code))
            letters.setdefault(name, letter if len(letter) == 1 else chr(code))
        for lookup in font["GSUB"].table.LookupList.Lookup:
            for table in lookup.SubTable:
                table = getattr(table, "ExtSubTable", table)
                for shape, name in (getattr(table, "mapping", None) or {}).items():
                    if isinstance(name, str) and shape in letters:
                        letters.setdefault(name, letters[shape])
                for first, ligatures in (getattr(table, "ligatures", None) or {}).items():
                    for ligature in ligatures:
                        parts = [first, *ligature.Component]
                        if all(part in letters for part in parts):
                            letters.setdefault(ligature.LigGlyph, "".join(letters[part] for part in parts))
        return {font.getGlyphID(name): text for name, text in letters.items()}
