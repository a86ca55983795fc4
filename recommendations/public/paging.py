"""Long lists in pages: which page an address asks for, and the addresses of the pages beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.exceptions import TooManyFieldsSent
from django.core.paginator import Page, Paginator
from django.http import HttpRequest
from django.utils.translation import gettext as _

# Of things that take a few lines each, such as updates.
ON_A_PAGE = 25


@dataclass(frozen=True)
class Paged:
    """The page of a list that an address asks for: the nearest one where it asks for one that isn't there.

    `path` and `query` are the address of the first page. `is_misread` says that another one was asked for.
    """

    page: Page[Any]
    is_misread: bool
    path: str
    query: str

    @property
    def is_several(self) -> bool:
        return self.page.paginator.num_pages > 1

    @property
    def before(self) -> str:
        """The address of the page before; empty on the first one."""
        return self.address(self.page.number - 1) if self.page.has_previous() else ""

    @property
    def after(self) -> str:
        return self.address(self.page.number + 1) if self.page.has_next() else ""

    @property
    def canonical(self) -> str:
        """Each page of a list has its own; what a filter finds has that of the list."""
        return settings.SITE_URL + (self.path if self.query else self.address(self.page.number))

    def address(self, number: int) -> str:
        parts = [part for part in (self.query, f"page={number}" if number > 1 else "") if part]
        return f"{self.path}?{'&'.join(parts)}" if parts else self.path

    def place(self, id: str, number: int) -> str:
        """The address of the element `id` on the page `number`."""
        return f"#{id}" if number == self.page.number else f"{self.address(number)}#{id}"

    def titled(self, title: str) -> str:
        """`title` with the number of the page, from the second one on."""
        if self.page.number == 1:
            return title
        return _("%(title)s, page %(number)d") % {"title": title, "number": self.page.number}


def paged(request: HttpRequest, things: Any, *, size: int = ON_A_PAGE, query: str = "") -> Paged:
    """The page of `things` that the address of `request` asks for, with so many on each; `query` is its filter."""
    asked = page_number(request)
    page = Paginator(things, size).get_page(asked or 1)
    return Paged(page, is_misread=asked != page.number, path=request.path, query=query)


def page_number(request: HttpRequest) -> int:
    """The number of the page that the address asks for; 1 where it asks for none, 0 where it can't be read."""
    try:
        given = request.GET.getlist("page") or ["1"]
    except TooManyFieldsSent:
        return 0
    return int(given[0]) if len(given) == 1 and given[0].isascii() and given[0].isdigit() and len(given[0]) < 7 else 0
