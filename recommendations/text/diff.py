"""Two texts compared word by word, for people to read: what was removed, what was added, what stayed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from html.parser import HTMLParser
from itertools import groupby
from operator import attrgetter

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .lookalikes import seen

WORD = re.compile(r"\S+\s*|\s+")
WORD_OR_SPACES = re.compile(r"\S+|\s+")
# What a reader can't see, or can't tell from a space; spaces count where there are several, or nothing else.
UNSEEN = re.compile(
    "(["
    "\u0000-\u001f\u007f-\u00a0\u00ad\u034f\u061c\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff"
    "]|  +|^ $)"
)
UNSEEN_NAMES = {
    " ": gettext_lazy("space"),
    "\t": gettext_lazy("tab"),
    "\n": gettext_lazy("line break"),
    "\u00a0": gettext_lazy("no-break space"),
    "\u00ad": gettext_lazy("soft hyphen"),
    "\u200b": gettext_lazy("zero-width space"),
    "\u202f": gettext_lazy("narrow no-break space"),
}
# How many words that stayed are shown on each side of a change, where not all are.
AROUND = 12
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
    """A run of words: `kind` is same, removed or added; or gap, where words that stayed were left out."""

    kind: str
    text: str

    @property
    def marked(self) -> list[tuple[str, str]]:
        """Its text in parts: words with "", and what can't be seen, such as a no-break space, with its name.

        A line break between words is seen well enough.
        """
        parts = []
        # Every second part of the split is what was found.
        for place, run in enumerate(UNSEEN.split(self.text)):
            if run == "\n" and not self.text.isspace():
                parts.append((run, ""))
            elif place % 2:
                parts += [(one, name_of_unseen(one)) for one in run]
            elif run:
                parts.append((run, ""))
        return parts


@dataclass(frozen=True)
class ChangedBlock:
    """Paragraphs that differ, under the heading they stand under."""

    heading: str
    pieces: tuple[Piece, ...]


def words_compared(before: str, after: str) -> tuple[Piece, ...]:
    """`before` and `after` as one run of pieces; all same where they are. Words stay the same if only spaces differ."""
    pieces: list[Piece] = []
    for was, now in _runs(WORD.findall(before), WORD.findall(after)):
        if was != now and was.split() == now.split() != []:
            for part, other in _runs(WORD_OR_SPACES.findall(was), WORD_OR_SPACES.findall(now)):
                pieces += _pieces(part, other)
        else:
            pieces += _pieces(was, now)
    runs = groupby(pieces, key=attrgetter("kind"))
    return tuple(Piece(kind, "".join(one.text for one in run)) for kind, run in runs)


def _runs(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[str, str]]:
    """`old` and `new` side by side: what is in both, and what stands in one in place of what stands in the other."""
    matcher = SequenceMatcher(None, old, new, autojunk=len(old) * len(new) > CAREFUL)
    for _kind, start, end, new_start, new_end in matcher.get_opcodes():
        yield "".join(old[start:end]), "".join(new[new_start:new_end])


def _pieces(was: str, now: str) -> list[Piece]:
    if was == now:
        return [Piece("same", was)]
    return [Piece(kind, text) for kind, text in (("removed", was), ("added", now)) if text]


def around_changes(pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    """`pieces` with only the words next to each change, and a gap in place of the others."""
    shown = []
    for place, piece in enumerate(pieces):
        words = WORD.findall(piece.text)
        before = AROUND if place else 0
        after = AROUND if place < len(pieces) - 1 else 0
        if piece.kind != "same" or len(words) <= before + after + AROUND:
            shown.append(piece)
            continue
        ends = ("".join(words[:before]), "".join(words[len(words) - after :] if after else ()))
        parts = (Piece("same", ends[0]), Piece("gap", " … "), Piece("same", ends[1]))
        shown += [part for part in parts if part.text]
    return tuple(shown)


def name_of_unseen(character: str) -> str:
    return str(UNSEEN_NAMES.get(character, f"U+{ord(character):04X}"))


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
