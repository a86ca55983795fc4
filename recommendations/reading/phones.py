"""Phone numbers in a text, and the country in which they are dialled.

No country stands in the code: the region is that of the server's time zone, or else that of the plan's language.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files
from itertools import islice

import phonenumbers
from phonenumbers import Leniency, NumberParseException, PhoneNumberMatcher, PhoneNumberType, ValidationResult

YEAR = r"(?:19|20)\d\d"
# Of North America, with or without what comes before it or after it; of anywhere, with a plus; a local one.
USUAL = re.compile(
    r"(?<![\w/#])(?<!\d\.)(?:(?:\+?1[-. ]?)?\(?[2-9]\d\d\)?[-./ ]{0,3}[2-9]\d\d[-. ]{0,3}\d{4}|"
    rf"\+(?:[-. ()]{{0,3}}\d){{8,15}}|(?<!-)[2-9]\d\d[-.](?!{YEAR})\d{{4}}(?![-.]\d))(?!\d|[^\W\dxe])"
)
# A local number has as many.
FEWEST_DIGITS = 7
# Digits enough for the number of any country: only these are asked about, which takes time.
DIGITS = re.compile(r"(?<![\w.,$€£#-])[+(]{0,2}\d(?:[-./ ()]{0,3}\d){7,14}(?!\w)")
# How staff write a number in a support link: after what it is for, or by itself. 211.example is a web address.
TO_CALL = re.compile(r"(?i)(tel|sms)(?:\s*:|\s)\s*(.*)", re.DOTALL)
LIKE_NUMBER = re.compile(r"[+(]{0,2}[0-9](?:[0-9\s()/\u2010-\u2015-]|\.(?![^\W\d])|[^\W_])*")
NAMES_A_SITE = re.compile(r"@|://|\.[^\W\d_]")


@lru_cache
def region_of(time_zone: str, language: str) -> str:
    """The country of a time zone, or else that of a language's tag, as two letters; empty for none."""
    for line in files("tzdata.zoneinfo").joinpath("zone.tab").read_text("utf-8").splitlines():
        if not line.startswith("#") and line.split("\t")[2] == time_zone:
            return line[:2]
    country = language.rpartition("-")[2]
    return country.upper() if "-" in language and len(country) == 2 else ""


def phone_numbers(text: str, *, region: str) -> Iterator[tuple[int, int]]:
    """The place of each phone number in `text` but those that are free to call, which are an organization's."""
    usual = []
    for found in USUAL.finditer(text):
        usual.append(found.span())
        if "8" not in found[0][:5] or not _is_free(found[0]):
            yield found.span()
    ends = [end for _start, end in usual]
    # Whoever writes more of them has a list, which is found by these.
    for found in islice(DIGITS.finditer(text), 40):
        place = bisect_right(ends, found.start())
        if place < len(usual) and usual[place][0] < found.end():
            continue
        for match in PhoneNumberMatcher(found[0], region or None, leniency=Leniency.VALID):
            if phonenumbers.number_type(match.number) != PhoneNumberType.TOLL_FREE:
                yield found.start() + match.start, found.start() + match.end


def dialled(words: str, *, region: str) -> str:
    """A phone number as it is dialled from anywhere, +16045550123; empty where `words` are none."""
    try:
        number = phonenumbers.parse(words, region or None)
    except NumberParseException:
        return ""
    is_one = phonenumbers.is_possible_number(number) and len(re.findall(r"\d", words)) > 6
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) if is_one else ""


def support_address(words: str, *, region: str) -> str:
    """The address of what staff typed for a support link; empty where that looks like a number but is no whole one.

    A number to call or to text is dialled from anywhere: “604-555-0123” gives tel:+1-604-555-0123. Short ones are
    dialled as they are: “988” gives tel:988, “sms: 741741” sms:741741. Any other is a mailbox or a web address.
    """
    words = words.strip()
    said = TO_CALL.match(words)
    scheme, rest = (said[1].lower(), said[2]) if said else ("", words)
    if said or LIKE_NUMBER.fullmatch(words):
        return _to_dial(scheme or "tel", rest, region)
    if re.search(r"\d", words) and not NAMES_A_SITE.search(words):
        return ""
    mailbox = re.sub(r"(?i)^mailto:/*", "", words).strip()
    if "@" in mailbox and "/" not in mailbox:
        return f"mailto:{mailbox}"
    return words if "://" in words else f"https://{words}"


def _to_dial(scheme: str, words: str, region: str) -> str:
    digits = re.sub(r"[\s().-]", "", words)
    if re.fullmatch(r"[0-9]{3,6}", digits):
        return f"{scheme}:{digits}"
    try:
        number = phonenumbers.parse(words, region or None)
    except NumberParseException:
        return ""
    if phonenumbers.is_possible_number_with_reason(number) != ValidationResult.IS_POSSIBLE or number.extension:
        return ""
    address = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.RFC3966)
    return scheme + address.removeprefix("tel")


def _is_free(words: str) -> bool:
    """Whether it is a number of North America, which one country stands for here, that is free to call."""
    try:
        number = phonenumbers.parse(words, "US")
    except NumberParseException:
        return False
    return phonenumbers.number_type(number) == PhoneNumberType.TOLL_FREE
