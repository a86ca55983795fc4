"""What is stored of a wrong password: the user name and the time, until it no longer counts.

Those of browsers that are known to the account are counted apart, and so are those of whoever is signed in: nobody
outside can use up the tries of either.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from axes.utils import reset
from django.http import HttpRequest, QueryDict

# Before the user name, under which all others are counted. No name that is typed begins with a space.
AGAIN, KNOWN = " ", "  "


def forget_failures(name: str, *, counted: Sequence[str] = ("", KNOWN)) -> None:
    """Count the wrong passwords of this user name no longer: unlock its account, or give its owner all tries anew."""
    for prefix in counted:
        reset(username=f"{prefix}{name}")


class Failures(AxesDatabaseHandler):  # type: ignore[misc]  # axes has no types
    """django-axes' store, which would keep the browser's name, what it accepts, and what was sent.

    Each failure is a row of its own. axes looks for one of the same name and browser, and adds to it; two that arrive
    at once would both make one, and each later failure would then find two and end in an error.
    """

    def user_login_failed(
        self, sender: Any, credentials: dict[str, Any], request: HttpRequest | None = None, **kwargs: Any
    ) -> None:
        if request is None:
            return
        mine: Any = request
        sent = mine.GET, mine.POST
        mine.GET = mine.POST = QueryDict()
        mine.axes_user_agent, mine.axes_http_accept, mine.axes_path_info = secrets.token_hex(8), "", ""
        try:
            super().user_login_failed(sender, credentials, request, **kwargs)
        finally:
            mine.GET, mine.POST = sent
