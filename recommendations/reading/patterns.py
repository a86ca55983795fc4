"""What one text holds that staff should look at: words to avoid, details that lead to somebody, characters, length.

Each function yields what it holds; `where` names the text for staff.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from recommendations.models import Term
from recommendations.text.fonts import lacking
from recommendations.text.intake import folded

# More characters than this fill the better part of a printed page in the report's narrow column.
LONG = 2_500


class Held(NamedTuple):
    """One thing that a text holds: its kind, a message for staff, and what was found, the same in every language.

    An answer to it is for exactly these `words`, so the message shows them all.
    """

    kind: str
    message: str
    words: str


def wording(text: str, where: str, terms: Iterable[Term], quotable: list[str]) -> Iterator[Held]:
    """Words that the plan asks people not to use. Quoting a recommendation is no offence."""
    if not terms:
        return
    plain = _without_quotations(folded(text), quotable)
    for term in terms:
        forms = _any_of([term.word, *term.inflections.split(",")]).finditer(plain)
        for word in dict.fromkeys(found[0] for found in forms):
            message = _("“%(word)s” in %(where)s. Recommendation %(reference)s says instead: %(instead)s")
            words = {"word": word, "reference": term.recommendation.reference, "instead": term.instead}
            yield Held("wording", message % {**words, "where": where}, word)


def _any_of(forms: Iterable[str]) -> re.Pattern[str]:
    """Whole words alone; a hyphen or a space in a phrase stand for one another."""
    between = r"[\s\-‐‑]+"
    parts = (re.split(between, folded(form).strip()) for form in forms if form.strip())
    patterns = sorted((between.join(re.escape(part) for part in one if part) for one in parts), key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(patterns)})(?!\w)")


QUOTATION = re.compile(
    r"“([^”]{1,4000})”|«([^»]{1,4000})»|\"([^\"]{1,4000})\"|‘([^’]{1,4000})’|(?<!\w)'([^']{1,4000})'(?!\w)"
)


def _without_quotations(text: str, quotable: list[str]) -> str:
    """`text` without the recommendations' own words: whole texts anywhere, parts of one within quotation marks."""
    for whole in filter(None, quotable):
        text = text.replace(whole, " ")

    def unquoted(found: re.Match[str]) -> str:
        words = " ".join(next(group for group in found.groups() if group is not None).split()).strip(" .,;")
        return " " if any(words in " ".join(whole.split()) for whole in quotable) else found[0]

    return QUOTATION.sub(unquoted, text)


# Spaces and hyphens as people and word processors write them: each stands for the plain one.
PLAIN = str.maketrans(dict.fromkeys("\t\n\u00a0\u2002\u2003\u2007\u2009\u202f", " ") | dict.fromkeys("‐‑‒–—−", "-"))
STREET = (
    r"Street|St|Avenue|Ave|Road|Rd|Drive|Dr|Boulevard|Blvd|Lane|Ln|Crescent|Cres|Court|Crt|Place|Pl|Way|Terrace|"
    r"Highway|Hwy|Alley|Mews|Close|Square|Parkway|Pkwy|Trail"
)
# A year is no number of a court, and none of a plate: “the 2013 Supreme Court”, “ON 2020”.
YEAR = r"(?:19|20)\d\d"
IDENTIFYING: tuple[tuple[Any, re.Pattern[str]], ...] = (
    (gettext_lazy("An e-mail address"), re.compile(r"[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,5}\w{2,24}")),
    (
        gettext_lazy("A phone number"),
        # Of North America, with or without what comes before it or after it; of anywhere, with a plus; a local one.
        re.compile(
            r"(?<![\w/])(?<!\d\.)(?:(?:\+?1[-. ]?)?\(?[2-9]\d\d\)?[-./ ]{0,3}[2-9]\d\d[-. ]{0,3}\d{4}|"
            rf"\+(?:[-. ()]{{0,3}}\d){{8,15}}|(?<!-)[2-9]\d\d[-.](?!{YEAR})\d{{4}}(?![-.]\d))(?!\d|[^\W\dxe])"
        ),
    ),
    (
        gettext_lazy("A street address"),
        # The street's kind in small letters too, where no word follows it: “5 Montreal street nurses” are no address.
        re.compile(
            rf"(?<![\w.])(?!{YEAR} (?:[A-Z][\w.'’-]{{0,30}} ){{1,4}}Court(?!\w))"
            rf"\d{{1,5}}[A-Za-z]? (?:[A-Z0-9][\w.'’-]{{0,30}} ){{1,4}}"
            rf"(?:(?:{STREET})(?!\w)|(?i:{STREET})(?= ?(?:[^\w ]|$)))"
        ),
    ),
    (
        gettext_lazy("A postal code"),
        re.compile(r"(?i)(?<!\w)[ABCEGHJ-NPRSTVXY]\d[ABCEGHJ-NPRSTV-Z][ -]{0,2}\d[ABCEGHJ-NPRSTV-Z]\d(?!\w)"),
    ),
    (
        gettext_lazy("Possibly a licence plate"),
        # Forms that several provinces give out: 123 ABC, ABC 123, AB1 23C, AB 1234 and 1234 AB.
        re.compile(
            r"(?<![\w-])(?:[A-Z]{3}[ -]?\d{3}|\d{3}[ -]?[A-Z]{3}|(?i:[A-Z]{2}\d[ -]?\d{2}[A-Z])|"
            rf"[A-Z]{{2}}[ -](?!{YEAR})\d{{4}}|(?!{YEAR})\d{{4}}[ -][A-Z]{{2}})(?![\w-])"
        ),
    ),
)


def identifying(text: str, where: str, known: set[str]) -> Iterator[Held]:
    """Details that lead to somebody; `known` are addresses that the site shows anyway."""
    plain = text.translate(PLAIN)
    for what, pattern in IDENTIFYING:
        found = dict.fromkeys(one[0].strip() for one in pattern.finditer(plain))
        if words := [word for word in found if word not in known]:
            message = _("%(what)s in %(where)s: %(words)s. Is everyone safe if this is public?")
            shown = get_text_list([f"“{word}”" for word in words], _("and"))
            yield Held("identifying", message % {"what": what, "where": where, "words": shown}, "\n".join(words))


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
