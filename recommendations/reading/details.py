"""The details in a text that may lead to somebody, and those that the plan says are nobody's."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache

from recommendations.text.intake import without_accents

from .phones import FEWEST_DIGITS, dialled, phone_numbers
from .shapes import ACCOUNTS, BIRTHS, EMAILS, FILES, IDS, PERHAPS_PLATE, PLATES, VEHICLE, Detail, Shape, shape
from .whereabouts import ADDRESSES, AGES, MAPS, NAMES, POSTAL

# Spaces and hyphens as people and word processors write them: each stands for the plain one.
PLAIN = str.maketrans(
    dict.fromkeys("\t\u00a0\u2002\u2003\u2007\u2009\u202f", " ") | dict.fromkeys("‐‑‒–—−", "-") | {"’": "'"}
)
UNSEEN = re.compile("[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")
WEB = re.compile(r"(?i)(?:\bhttps?://|\bwww\.)[^\s<>\"]{1,500}")
# What was searched for, or is to be dialled, stands in web addresses so. In a path, it is mostly an article's number.
DIALLED = shape(Detail.PHONE, r"(?<=[=:])[2-9]\d\d([-.])[2-9]\d\d\1\d{4}(?![\w-]|\.\d)", digits=10)
# What is looked for in web addresses too: other numbers, and names in them, are nobody's.
IN_ADDRESSES = (*EMAILS, *ACCOUNTS, *MAPS, DIALLED)
BEFORE_PHONES = (*IDS, *FILES, *BIRTHS, *PLATES)
AFTER_PHONES = (*POSTAL, *ADDRESSES, *AGES, *NAMES)
# How far back a shape looks at what stands before it.
BACK = 80


@lru_cache(maxsize=4096)
def details(text: str, *, region: str = "") -> tuple[tuple[Detail, str], ...]:
    """What in `text` may lead to somebody, each with its words, once; phone numbers as people in `region` dial them.

    The words are as in the text, with plain spaces and hyphens. Where two overlap, the surer one is taken.
    """
    lines = UNSEEN.sub("", unicodedata.normalize("NFC", text)).translate(PLAIN)
    plain = lines.replace("\n", " ")
    taken = bytearray(len(plain))
    found: dict[tuple[Detail, str], None] = {}
    for detail, start, end in _spans(plain, lines, region):
        if not any(taken[start:end]):
            taken[start:end] = b"\1" * (end - start)
            found[detail, plain[start:end].strip()] = None
    order = list(Detail)
    return tuple(sorted(found, key=lambda one: order.index(one[0])))


def _spans(plain: str, lines: str, region: str) -> Iterator[tuple[Detail, int, int]]:
    """Each detail with its place, the surer ones first."""
    small = plain.lower()
    if len(small) != len(plain):
        small = "".join(one.lower() if len(one.lower()) == 1 else one for one in plain)
    if "//" in small or "www." in small:
        blank = [found.span() for found in WEB.finditer(lines)]
        without_web, lines = _blanked(plain, blank), _blanked(lines, blank)
    else:
        without_web = plain

    digits = sum(map(str.isdecimal, plain))

    def seen(shapes: Iterable[Shape], text: str) -> Iterator[tuple[Detail, int, int]]:
        for one in shapes:
            if digits >= one.digits and (not one.needs or any(word in small for word in one.needs)):
                for start, end in _places(one, lines if one.in_a_line else text, small):
                    yield one.detail, start, end

    yield from seen(IN_ADDRESSES, plain)
    yield from seen(BEFORE_PHONES, without_web)
    perhaps = list(seen([PERHAPS_PLATE], without_web))
    if perhaps and VEHICLE.search(small):
        yield from perhaps
    if digits >= FEWEST_DIGITS:
        for start, end in phone_numbers(without_web, region=region):
            yield Detail.PHONE, start, end
    yield from seen(AFTER_PHONES, without_web)


def _blanked(text: str, places: list[tuple[int, int]]) -> str:
    parts, last = [], 0
    for start, end in places:
        parts += [text[last:start], " " * (end - start)]
        last = end
    return "".join([*parts, text[last:]])


def _places(one: Shape, text: str, small: str) -> Iterator[tuple[int, int]]:
    position = 0
    while found := one.pattern.search(text, position):
        start, end = found.span()
        if (one.after and not one.after.search(small[max(0, start - BACK) : start])) or (
            one.without and one.without.search(found[0])
        ):
            position = start + 1
        else:
            position = max(end, start + 1)
            yield found.span("what") if "what" in one.pattern.groupindex else (start, end)


class Harmless:
    """What may be published: `lines`, each of which is an e-mail or web address, a number or words, and what they hold.

    An address stands for all that is under it.
    """

    def __init__(self, lines: Iterable[str] = (), *, region: str = "") -> None:
        self.region = region
        lines = [line for line in lines if line.strip()]
        held = [words for line in lines for _detail, words in details(line, region=region)]
        self.known = {self._compared(words) for words in (*lines, *held)}

    def __contains__(self, words: str) -> bool:
        compared = self._compared(words)
        return compared in self.known or any(compared.startswith(f"{one}/") for one in self.known)

    def _compared(self, words: str) -> str:
        plain = without_accents(UNSEEN.sub("", words).translate(PLAIN).casefold()).strip(" .,;")
        for start in ("https://", "http://", "mailto:", "tel:", "sms:", "www."):
            plain = plain.removeprefix(start)
        return dialled(plain, region=self.region) or plain.rstrip("/")
