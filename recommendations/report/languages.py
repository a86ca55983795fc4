"""Marks phrases in other languages in HTML, such as names of First Nations, so that screen readers say them right."""

import re
import unicodedata
from collections.abc import Sequence
from html import escape

from django.utils.html import escape as escape_as_templates_do

from recommendations.reading.entries import PhraseEntry

TAG = re.compile(r"""(<(?:[^<>"']|"[^"]*"|'[^']*')*>)""")


def in_languages(html: str, phrases: Sequence[PhraseEntry]) -> str:
    """`html` with a language on each of `phrases` that occurs in its text. Not one letter of the text changes.

    Composed and decomposed letters count as the same. A phrase inside a longer word isn't marked.
    """
    language_of: dict[str, str] = {}
    for phrase in phrases:
        for text in dict.fromkeys(
            [phrase.text, *(unicodedata.normalize(form, phrase.text) for form in ("NFC", "NFD"))]
        ):
            for escaped in (escape_as_templates_do(text), escape(text, quote=False)):
                language_of.setdefault(str(escaped), phrase.language)
    if not language_of:
        return html
    longest_first = sorted(language_of, key=len, reverse=True)
    pattern = re.compile(rf"(?<![\w\u0300-\u036f])(?:{'|'.join(map(re.escape, longest_first))})(?![\w\u0300-\u036f])")
    pieces, drawings = TAG.split(html), 0
    for position, piece in enumerate(pieces):
        if position % 2:
            drawings += piece.startswith("<svg") - piece.startswith("</svg")
        elif not drawings:
            pieces[position] = pattern.sub(
                lambda found: f'<span lang="{escape(language_of[found[0]])}">{found[0]}</span>', piece
            )
    return "".join(pieces)
