"""Texts as words, as the search compares them, and the marks around those that it found."""

from __future__ import annotations

import re
from collections.abc import Collection

from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

from .intake import folded, without_accents

# White space and punctuation; whatever stands between them is a word, in any script, with its marks.
APART = (
    "\\s!-/:-@\\[-`{-~\u00a1-\u00a9\u00ab-\u00b4\u00b6-\u00b9\u00bb-\u00bf\u00d7\u00f7"
    "\u060c\u061b\u061f\u0964\u2000-\u206f"
)
RUN = f"[^{APART}]+"
# A point beside a digit belongs to the word: 3.2, A.1 and 18.iii are found whole.
WORD = re.compile(rf"{RUN}(?:(?:(?<=\d)\.|\.(?=\d)){RUN})*")
# What follows is no word: the address of a link, as Markdown has it or as it is typed.
ADDRESS = re.compile(r"\]\([^\s()]*\)|\b(?:https?://|mailto:|www\.)[^\s<>]*", re.IGNORECASE)
TAG = re.compile(r"""(<(?:"[^"]*"|'[^']*'|[^'">])*>)""")
NAME_OF_TAG = re.compile(r"</?([a-z0-9]+)")
# The elements that hold what was adopted or written; the site's own words, such as “Addressed to”, stand in others.
WRITTEN = re.compile(r"""\s(?:dir=|class="(?:[^"]*\s)?(?:prose|[a-z]+__(?:text|reference))[\s"])""")
IN_HTML = re.compile(rf"&#?\w+;|{ADDRESS.pattern}|(?P<word>{WORD.pattern})", re.IGNORECASE)

# More marks on a page point at nothing, and make it longer by a tenth.
MOST_MARKS = 2_000


def words_of(text: str) -> list[str]:
    """The words of `text` as they are compared: see `folded`. Addresses of links hold none."""
    return [folded(word) for word in typed_words(text)]


def typed_words(text: str) -> list[str]:
    """The same as they were typed. An accent by itself is no word: nothing of it is left to compare."""
    return [word for word in WORD.findall(ADDRESS.sub(" ", text)) if without_accents(word)]


def marked(html: SafeString, *, words: Collection[str], names: Collection[str] = ()) -> SafeString:
    """`html` with a `<mark>` around each of `words`, and around each of `names` that an element holds by itself.

    Only in what people wrote, and never in tags or in addresses; no more than the first MOST_MARKS of the words, which
    are as `words_of` gives them.
    """
    whole = {conditional_escape(name) for name in names}
    left = MOST_MARKS

    def mark(found: re.Match[str]) -> str:
        nonlocal left
        word = found["word"]
        if not (left and word and folded(word) in words):
            return found[0]
        left -= 1
        return f"<mark>{word}</mark>"

    pieces, within, depth = [], "", 0
    for place, piece in enumerate(TAG.split(html)):
        if place % 2 == 0:
            if within and piece.strip() in whole:
                piece = f"<mark>{piece}</mark>"
            elif within:
                piece = IN_HTML.sub(mark, piece)
        elif name := NAME_OF_TAG.match(piece):
            if not within and not piece.startswith("</") and WRITTEN.search(piece):
                within, depth = name[1], 0
            if name[1] == within:
                depth += -1 if piece.startswith("</") else 1
            within = within if depth else ""
        pieces.append(piece)
    # What was put in is a tag of ours around text that was safe already.
    return mark_safe("".join(pieces))  # noqa: S308
