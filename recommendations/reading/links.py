"""Links to pages of this site, and those of them that lead nowhere."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _

from recommendations.models import Area, Edition, ProgressUpdate, Recommendation, Report, ResponsibleParty
from recommendations.text import markup

from .passages import Passage
from .patterns import Held

# The place of a recommendation in a report: its reference has a digit, or it isn't looked for.
RECOMMENDATION = re.compile(r"r[\w.-]*\d[\w.-]*")


def broken_links(passages: Iterable[Passage]) -> list[tuple[Passage, Held]]:
    """The links in `passages` to a page of this site, or a place on one, that isn't there."""
    links = [(passage, link) for passage in passages for link in _own_links(passage)]
    if not links:
        return []
    wanted: dict[str, set[Any]] = defaultdict(set)
    for _passage, link in links:
        wanted[link.name].add(link.key)
    there = {name: found(wanted[name]) for name, found in PAGES.items() if wanted[name]}
    anchors = {f"r{slug}" for slug in _slugs()} if any(link.fragment for _p, link in links) else set()
    message = _("A link in %(where)s leads to a page of this site that doesn't exist: %(address)s")
    return [
        (passage, Held("broken link", message % {"where": passage.name, "address": link.address}, link.address))
        for passage, link in links
        if link.name == "" or (link.name in there and link.key not in there[link.name]) or link.lacks(anchors)
    ]


@dataclass(frozen=True)
class OwnLink:
    """A link to this site: the `name` of the page in the URLconf (empty: none has this address) and what it is of."""

    address: str
    name: str
    key: Any
    fragment: str

    def lacks(self, anchors: set[str]) -> bool:
        """Whether it leads to a recommendation in a report that no report lists."""
        return (
            self.name in ("report", "edition")
            and RECOMMENDATION.fullmatch(self.fragment) is not None
            and self.fragment not in anchors
        )


def _own_links(passage: Passage) -> Iterator[OwnLink]:
    own = urlsplit(settings.SITE_URL).netloc
    # Rendering takes long, and most texts don't name the site.
    written = re.findall(r'<a [^>]*?href="([^"]*)"', markup.render(passage.text)) if own in passage.text else []
    for address in dict.fromkeys([*written, *passage.addresses]):
        parts = urlsplit(address.replace("&amp;", "&"))
        if parts.netloc != own:
            continue
        try:
            match = resolve(unquote(parts.path) or "/")
        except Resolver404:
            yield OwnLink(address, "", None, parts.fragment)
        else:
            name = match.url_name or "elsewhere"
            yield OwnLink(address, name, tuple(match.kwargs.values()), parts.fragment)


def _slugs() -> Iterable[str]:
    return Recommendation.objects.values_list("slug", flat=True)


def _editions(_keys: set[Any]) -> set[tuple[Any, ...]]:
    return set(Edition.objects.values_list("report__slug", "number"))


def _reports(_keys: set[Any]) -> set[tuple[Any, ...]]:
    return set(Report.objects.published().values_list("slug"))


# For each kind of page, those that are there among the ones that links lead to.
PAGES: dict[str, Callable[[set[Any]], set[tuple[Any, ...]]]] = {
    "area": lambda keys: set(Area.objects.filter(number__in=[key[0] for key in keys]).values_list("number")),
    "recommendation": lambda keys: {(slug,) for slug in _slugs()},
    "party": lambda keys: set(ResponsibleParty.objects.filter(slug__in=[key[0] for key in keys]).values_list("slug")),
    "update": lambda keys: set(
        ProgressUpdate.objects.ever_published().filter(pk__in=[key[0] for key in keys]).values_list("pk")
    ),
    "report": _reports,
    "report-pdf": _reports,
    "edition": _editions,
    "edition-pdf": _editions,
}
