"""What one text holds that staff should look at: words to avoid, details that lead to somebody, characters, length.

Each function yields what it holds; `where` names the text for staff.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from recommendations.models import Term
from recommendations.text.fonts import lacking
from recommendations.text.intake import folded

from .details import Harmless, details
from .forms import Text, found_in, parts_of
from .shapes import Detail

# More characters than this fill the better part of a printed page in the report's narrow column.
LONG = 2_500


class Held(NamedTuple):
    """One thing that a text holds: its kind, a message for staff, and what was found, the same in every language.

    An answer to it is for exactly these `words`, so the message shows them all.
    """

    kind: str
    message: str
    words: str


def wording(text: str, where: str, terms: Sequence[Term], quotable: tuple[str, ...], language: str) -> Iterator[Held]:
    """Words that the plan asks people not to use, in their forms. Quoting a recommendation is no offence."""
    phrases = tuple((term.word, *term.inflections.split(",")) for term in terms)
    for term, found in zip(terms, _words_to_avoid(text, phrases, quotable, language), strict=True):
        for word in found:
            message = _("“%(word)s” in %(where)s. Recommendation %(reference)s says instead: %(instead)s")
            words = {"word": word, "reference": term.recommendation.reference, "instead": term.instead}
            yield Held("wording", message % {**words, "where": where}, word)


@lru_cache(maxsize=4096)
def _words_to_avoid(
    text: str, phrases: tuple[tuple[str, ...], ...], quotable: tuple[str, ...], language: str
) -> tuple[list[str], ...]:
    """What `text` holds of each of the `phrases`."""
    if not phrases:
        return ()
    plain = Text(_without_quotations(folded(text), quotable), language)
    return tuple(found_in(plain, parts_of(forms, language)) for forms in phrases)


QUOTATION = re.compile(
    r"“([^“”]{1,4000})”|«([^«»]{1,4000})»|\"([^\"]{1,4000})\"|‘([^‘’]{1,4000})’|(?<!\w)'([^']{1,4000})'(?!\w)"
)


def _without_quotations(text: str, quotable: Iterable[str]) -> str:
    """`text` without the recommendations' own words: whole texts anywhere, parts of one within quotation marks."""
    for whole in quotable:
        if 0 < len(whole) <= len(text):
            text = text.replace(whole, " ")

    def unquoted(found: re.Match[str]) -> str:
        words = " ".join(next(group for group in found.groups() if group is not None).split()).strip(" .,;")
        return " " if any(words in " ".join(whole.split()) for whole in quotable) else found[0]

    return QUOTATION.sub(unquoted, text)


IDENTIFYING = {
    Detail.EMAIL: gettext_lazy("An e-mail address"),
    Detail.PHONE: gettext_lazy("A phone number"),
    Detail.ACCOUNT: gettext_lazy("Somebody's account or profile"),
    Detail.ADDRESS: gettext_lazy("An address or a street corner"),
    Detail.POSTAL: gettext_lazy("A postal code"),
    Detail.PLATE: gettext_lazy("Possibly a licence plate"),
    Detail.FILE: gettext_lazy("The number of a file or a badge"),
    Detail.ID: gettext_lazy("A health, insurance or identity number"),
    Detail.BIRTH: gettext_lazy("A date of birth"),
    Detail.AGE: gettext_lazy("An age with a place or a nation"),
    Detail.NAME: gettext_lazy("Possibly somebody's name"),
}


def identifying(text: str, where: str, harmless: Harmless) -> Iterator[Held]:
    """Details that lead to somebody, but those that the plan says are `harmless`."""
    found: dict[Detail, list[str]] = {}
    for detail, what in details(text, region=harmless.region):
        if what not in harmless:
            found.setdefault(detail, []).append(what)
    for detail, words in found.items():
        message = _("%(what)s in %(where)s: %(words)s. Is everyone safe if this is public?")
        shown = _quoted(words)
        named = {"what": IDENTIFYING[detail], "where": where, "words": shown}
        yield Held("identifying", message % named, "\n".join(words))


# Marks that turn what follows them, and characters that can't be seen. Some scripts, and emoji, need the joiners and
# the marks of direction, so beside those they are let be.
TURNING = "\u202a-\u202e\u2066-\u2069"
UNSEEN = (
    "\u00ad\u034f\u061c\u115f\u1160\u180e\u200b\u2060-\u2064\u206a-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb"
    "\U000e0000-\U000e007f"
)
JOINERS = r"(?<![\u0590-\u1cff\u2600-\U0010ffff])[\u200c-\u200f](?![\u0590-\u1cff\u2600-\U0010ffff])"
INVISIBLE = re.compile(rf"[{TURNING}{UNSEEN}]|{JOINERS}")


def invisible(text: str, where: str) -> Iterator[Held]:
    """Characters that can't be seen, with the words in which they are, and marks that turn the direction of writing."""
    if text.isascii() or not INVISIBLE.search(text):
        return
    shown = INVISIBLE.sub(lambda one: f"[U+{ord(one[0]):04X}]", text)
    words = list(dict.fromkeys(re.findall(r"\S{0,40}\[U\+[0-9A-F]{4,5}\]\S{0,40}", shown)))
    message = (
        _(
            "Marks that change the direction of writing, in %(where)s: %(words)s. Readers may see the words in another "
            "order than you typed. Delete the marks, or type the words again."
        )
        if re.search(f"[{TURNING}]", text)
        else _(
            "Characters that nobody can see, in %(where)s: %(words)s. Searches miss such words. Delete the characters, "
            "or type the words again."
        )
    )
    yield Held("invisible", message % {"where": where, "words": _quoted(words)}, "\n".join(words))


def unprintable(text: str, where: str) -> Iterator[Held]:
    """Characters that the report's fonts lack."""
    if missing := lacking(text):
        named = [f"{one} (U+{ord(one):04X})" for one in missing[:5]]
        if more := len(missing) - len(named):
            named.append(ngettext("%(count)d more", "%(count)d more", more) % {"count": more})
        shown = get_text_list(named, _("and"))
        message = _("The PDF can't show %(characters)s and prints the code instead, in %(where)s.")
        yield Held("characters", message % {"characters": shown, "where": where}, "".join(missing))


def overlong(text: str, where: str) -> Iterator[Held]:
    """That it is longer than readers bear."""
    if len(text) > LONG:
        message = _("Very long (%(count)d characters), so few people will read it to the end: %(where)s.")
        yield Held("long", message % {"count": len(text), "where": where}, "")


def _quoted(words: Iterable[str]) -> str:
    """“a”, “b” and “c”, as the language of whoever reads the message writes it."""
    return get_text_list([_("“%(words)s”") % {"words": word} for word in words], _("and"))
