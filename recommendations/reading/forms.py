"""The forms of words to avoid: “exits” and “exited” of “exiting”, “hardest to reach” of “hard to reach”.

A stemmer of the plan's language says which words may belong together. In English it takes more for one word than we do
(addict, addiction), so there the endings must be those that a word takes: s, ed, ing and their like.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

import snowballstemmer
from django.utils.translation import get_language_info

from recommendations.text.intake import folded

WORD = re.compile(r"\w+")
# A hyphen, a space and an apostrophe stand for one another, however they were typed.
BETWEEN = re.compile(r"[\s\-‐‑‒–—'’ʼ]+")
ENDING = re.compile(r"(?:([bdglmnprt])(?=e|i))?(?:s|es|e|ed|d|ing|y|ies|ied|er|est|r|st|ier|iest)?")
# No form of a word that compares: “number” is none of “numb”, and “offer” none of “off”.
SHORTEST_COMPARED = 4


class Word(NamedTuple):
    start: int
    end: int
    text: str


class Text:
    """A folded text as its words, each with its stem in `language`, a tag such as en-ca."""

    def __init__(self, text: str, language: str) -> None:
        self.text = text
        self.words = [Word(*found.span(), found[0]) for found in WORD.finditer(text)]
        self.stems = {word: stem(word, language) for word in {one.text for one in self.words}}
        self.held = {*self.stems, *self.stems.values()}


class Part(NamedTuple):
    """A word of a term, what must stand between it and the one before it, and its forms as far as they're known."""

    text: str
    before: str
    stem: str
    compared: frozenset[str]
    is_english: bool

    def is_form(self, word: str, word_stem: str, *, alone: bool) -> bool:
        if word == self.text or word in self.compared:
            return True
        if word_stem != self.stem or (self.is_english and not _are_inflected(word, self.text)):
            return False
        # By itself, “exit” is no form of “exiting”, but “addict” is one of “addicts”.
        return not (alone and word == word_stem and self.text not in (f"{word}s", f"{word}es", f"{word}x"))


def found_in(text: Text, terms: tuple[tuple[Part, ...], ...]) -> list[str]:
    """Each form in `text` of one of `terms`, the longest first tried, as it is written there, once."""
    begins = {form for parts in terms for form in (parts[0].text, parts[0].stem, *parts[0].compared)} & text.held
    found: dict[str, None] = {}
    position = 0
    while begins and position < len(text.words):
        word = text.words[position].text
        length = 0
        if word in begins or text.stems[word] in begins:
            length = next((len(parts) for parts in terms if _stands_at(position, text, parts)), 0)
        if length:
            found[text.text[text.words[position].start : text.words[position + length - 1].end]] = None
        position += length or 1
    return list(found)


def _stands_at(position: int, text: Text, parts: tuple[Part, ...]) -> bool:
    words = text.words[position : position + len(parts)]
    if len(words) < len(parts):
        return False
    for number, (part, word) in enumerate(zip(parts, words, strict=True)):
        between = text.text[words[number - 1].end : word.start] if number else ""
        if between != part.before and (part.before or not BETWEEN.fullmatch(between)):
            return False
        if not part.is_form(word.text, text.stems[word.text], alone=len(parts) == 1):
            return False
    return True


@lru_cache(maxsize=256)
def parts_of(phrases: tuple[str, ...], language: str) -> tuple[tuple[Part, ...], ...]:
    """What to look for: the words of each phrase, those with the most words first."""
    every = []
    for phrase in dict.fromkeys(folded(phrase) for phrase in phrases):
        end = 0
        parts: list[Part] = []
        for found in WORD.finditer(phrase):
            between = phrase[end : found.start()] if parts else ""
            before = "" if BETWEEN.fullmatch(between) else between
            parts.append(_part(found[0], before, language))
            end = found.end()
        if parts:
            every.append(tuple(parts))
    return tuple(sorted(every, key=lambda parts: (-len(parts), -sum(len(part.text) for part in parts))))


def _part(word: str, before: str, language: str) -> Part:
    is_english = algorithm(language) == "english"
    compared: set[str] = set()
    if is_english and len(word) >= SHORTEST_COMPARED and word.isalpha():
        root = f"{word[:-1]}i" if word.endswith("y") else word.removesuffix("e")
        compared = {f"{root}er", f"{root}est", f"{word}{word[-1]}er", f"{word}{word[-1]}est"}
    return Part(word, before, stem(word, language), frozenset(compared), is_english)


def _are_inflected(one: str, other: str) -> bool:
    length = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return all(ENDING.fullmatch(rest) for rest in (one[length:], other[length:]))


@lru_cache
def algorithm(language: str) -> str:
    """The name of the stemmer of a language; empty where there is none."""
    try:
        name = str(get_language_info(language)["name"]).lower()
    except KeyError:
        return ""
    return name if name in snowballstemmer.algorithms() else ""


@lru_cache(maxsize=50_000)
def stem(word: str, language: str) -> str:
    """What the forms of `word` have in common. A stemmer keeps its word in itself, so threads mustn't share one."""
    name = algorithm(language)
    return str(snowballstemmer.stemmer(name).stemWord(word)) if name else word
