"""A site that was closed: staff read everything, and send only what keeps people safe, and what is about accounts."""

from __future__ import annotations

import re
from functools import update_wrapper
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from recommendations.models import ActionPlan

from . import unsaved
from .sessions import View
from .sign_in import SignInSite

# By the names of their addresses: what may still be sent of what is about the plan, its updates and its reports.
STILL_SENT = re.compile(
    r"recommendations_[a-z]+_(set_aside|restore_set_aside|take_down|take_down_editions|erase|erase_note|legal_hold)"
)


def is_closed_to(request: HttpRequest) -> bool:
    """Whether the request sends what would update a site that is closed."""
    name = (request.resolver_match.url_name if request.resolver_match else "") or ""
    is_update = request.method == "POST" and name.startswith("recommendations_") and not STILL_SENT.fullmatch(name)
    return is_update and ActionPlan.objects.exclude(closed_at=None).exists()


class ClosedSite(SignInSite):
    """The staff's site, which takes no updates once it was closed."""

    # The stubs promise the very type of the view, which no wrapper keeps.
    def admin_view(self, view: View, cacheable: bool = False) -> View:  # type: ignore[override]
        def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            return self.say_closed(request) if is_closed_to(request) else view(request, *args, **kwargs)

        return super().admin_view(update_wrapper(inner, view), cacheable)

    def say_closed(self, request: HttpRequest) -> HttpResponseBase:
        """The answer to what isn't saved any more, with what was typed: it may have been begun before."""
        typed = unsaved.typed_in(request)
        values = [value.strip() for _name, values in (typed["fields"] if typed else []) for value in values]
        words = [value for value in values if value and value != "on" and not value.isdecimal()]
        context = {**self.each_context(request), "title": _("Nothing was saved"), "typed": words}
        return TemplateResponse(request, "admin/closed.html", context, status=403)
