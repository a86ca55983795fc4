"""Evidence links as a cell lists them: labels and addresses, in the form of our own files or as people type them."""

from __future__ import annotations

import re
from collections import Counter
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from recommendations.publishing.importing.cells import quoted, undefused

from .coverage import NotRead

# An address ends where the next begins, or at white space: Label <address>, [label](address), label (address), address.
BARE = r"(?:https?://|www\.)(?:(?!;\s*(?:https?://|www\.))[^\s<>])+"
LINK = re.compile(
    rf"\[(?P<label>[^\]\n]{{1,300}})\]\((?P<named>{BARE})\)|<(?P<angled>{BARE})>|(?P<bare>{BARE})", re.IGNORECASE
)

Link = tuple[str, str]


def links_in(cell: str) -> list[Link]:
    """The labels and addresses that a cell lists, each address once; NotRead where it says something else.

    An address without a label is called by the site that it leads to.
    """
    found: dict[str, str] = {}
    for line in undefused(cell).split("\n"):
        end = 0
        for match in LINK.finditer(line):
            before = line[end : match.start()].lstrip(" ;,\t").rstrip()
            address, end = _address(match), match.end()
            label = match["label"] or (before.rstrip(" :(-–—") if match["bare"] else before)
            if found.setdefault(address, label or site_of(address)) != (label or site_of(address)):
                raise NotRead(_("It gives the address %(address)s twice.") % {"address": quoted(address)})
        if rest := line[end:].strip(" ;,.\t"):
            message = _(
                "“%(found)s” has no address. Write each as label <https://…>; the address behind a link in the sheet "
                "isn't read."
            )
            raise NotRead(message % {"found": quoted(rest)})
    return [(label, address) for address, label in found.items()]


def with_copies(links: list[Link], copies: list[Link]) -> list[tuple[str, str, str]]:
    """The links with the archived copies that have their labels; NotRead where one belongs to none, or to several."""
    labels = Counter(label for label, _address in links)
    found: dict[str, str] = {}
    for label, copy in copies:
        belongs = [address for name, address in links if name == label]
        if labels[label] > 1:
            belongs = [address for address in belongs if address in copy]
        if len(belongs) != 1 or belongs[0] in found:
            raise NotRead(_("It isn't clear which evidence “%(found)s” is a copy of.") % {"found": quoted(label)})
        if belongs[0] == copy:
            raise NotRead(_("The archived copy must have another address than the page itself."))
        found[belongs[0]] = copy
    return [(label, address, found.get(address, "")) for label, address in links]


def _address(match: re.Match[str]) -> str:
    """The address that was found, without the marks after one that stands in a sentence or in parentheses."""
    address = match["named"] or match["angled"] or match["bare"].rstrip(".,;")
    while match["bare"] and address.endswith(")") and address.count("(") < address.count(")"):
        address = address[:-1].rstrip(".,;")
    return address if "://" in address else f"https://{address}"


def site_of(address: str) -> str:
    try:
        return (urlsplit(address).hostname or address).removeprefix("www.")
    except ValueError:
        return address
