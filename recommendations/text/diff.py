"""Two texts compared word by word, for people to read: what was removed, what was added, what stayed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from html.parser import HTMLParser

from django.utils.translation import gettext as _

from .lookalikes import seen

WORD = re.compile(r"\S+\s*|\s+")
# Beyond so many pairs of words the comparison passes over frequent words: it would take seconds.
CAREFUL = 4_000_000
BLOCKS = {
    "p",
    "blockquote",
    "li",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "th",
    "td",
    "dt",
    "dd",
    "div",
    "section",
    "ul",
    "ol",
    "table",
}
HEADINGS = {"h1", "h2", "h3"}


@dataclass(frozen=True)
class Piece:
    """A run of words: `kind` is same, removed or added."""

    kind: str
    text: str


@dataclass(frozen=True)
class ChangedBlock:
    """Paragraphs that differ, under the heading they stand under."""

    heading: str
    pieces: tuple[Piece, ...]


def words_compared(before: str, after: str) -> tuple[Piece, ...]:
    """`before` and `after` as one run of pieces; all same where they are."""
    old, new = WORD.findall(before), WORD.findall(after)
    matcher = SequenceMatcher(None, old, new, autojunk=len(old) * len(new) > CAREFUL)
    pieces = []
    for kind, start, end, new_start, new_end in matcher.get_opcodes():
        if kind == "equal":
            pieces.append(Piece("same", "".join(old[start:end])))
            continue
        if end > start:
            pieces.append(Piece("removed", "".join(old[start:end])))
        if new_end > new_start:
            pieces.append(Piece("added", "".join(new[new_start:new_end])))
    return tuple(pieces)


def as_spelled(before: str, after: str) -> str:
    """`after`, where its words look as in `before` with the very characters of `before`, such as no-break spaces."""
    old, new = WORD.findall(before), WORD.findall(after)
    matcher = SequenceMatcher(None, [_look(word) for word in old], [_look(word) for word in new], autojunk=False)
    return "".join(
        "".join(old[start:end] if kind == "equal" else new[new_start:new_end])
        for kind, start, end, new_start, new_end in matcher.get_opcodes()
    )


def _look(word: str) -> tuple[str, int]:
    """A word as a reader sees it, and whether a line or a paragraph ends after it."""
    return seen(word), min(2, word.count("\n"))


def articles_compared(before: str, after: str) -> list[ChangedBlock]:
    """What differs in the words of two reports' articles: the paragraphs that were removed, added or changed."""
    old, new = list(_blocks(before)), list(_blocks(after))
    texts = [text for _heading, text in old], [text for _heading, text in new]
    changed = []
    for kind, start, end, new_start, new_end in SequenceMatcher(None, *texts, autojunk=False).get_opcodes():
        if kind == "equal":
            continue
        heading = (new[new_start:new_end] or old[start:end])[0][0]
        for was, is_now in _paired(texts[0][start:end], texts[1][new_start:new_end]):
            changed.append(ChangedBlock(heading, words_compared(was, is_now)))
    return changed


def _paired(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Paragraphs side by side, in order; those without a partner alone."""
    for position in range(max(len(old), len(new))):
        yield (old[position] if position < len(old) else "", new[position] if position < len(new) else "")


def _blocks(article: str) -> Iterator[tuple[str, str]]:
    parser = _Blocks()
    parser.feed(article)
    parser.close()
    parser.end_block()
    yield from parser.blocks


class _Blocks(HTMLParser):
    """The paragraphs of an article, each with the heading it stands under."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks: list[tuple[str, str]] = []
        self.heading = ""
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in BLOCKS:
            self.end_block()
        elif tag == "br":
            self.words.append(" ")
        elif tag == "img":
            # A picture is known by its words and by its address, which is another one where the picture is.
            told = dict(attrs)
            name = (told.get("src") or "").rpartition("/")[2][:8]
            self.words.append(_("[Picture: %(alt)s, %(name)s]") % {"alt": told.get("alt") or "", "name": name})

    def handle_endtag(self, tag: str) -> None:
        if tag in BLOCKS and (text := self.end_block()):
            self.heading = text if tag in HEADINGS else self.heading

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def end_block(self) -> str:
        text = " ".join("".join(self.words).split())
        self.words = []
        if text:
            self.blocks.append((self.heading, text))
        return text
