"""What somebody typed into a form after the session had ended: it is carried through sign-in, and never saved unasked.

Signed, it waits in the sign-in page itself, so that nobody who isn't signed in fills the database; after sign-in it
waits in the session until it is saved or let go. Passwords and files are not carried.
"""

from __future__ import annotations

import re
from typing import Any, TypedDict

from django.core import signing
from django.http import HttpRequest, QueryDict
from django.utils.datastructures import MultiValueDict

MARK = "_kept"  # In the data of a form that shows what was kept: such a form saves nothing.
FIELD = "kept"
SESSION_KEY = "kept"
LONGEST = 1_000_000  # characters; ten times a long report
SALT = "recommendations.accounts.unsaved"
DAY = 24 * 60 * 60
NOT_TYPED = re.compile(r"csrfmiddlewaretoken|.*password.*|kept|_kept|code", re.IGNORECASE)
# The pages whose form refuses to save what is marked: see forms.SignedOutMixin.
SHOWS_IT_AGAIN = re.compile(
    r"recommendations_[a-z]+_(add|change|delete|correct|withdraw|take_down|take_down_editions|restore_set_aside|erase|publish|import)"
    r"|auth_user_(add|change)"
)


class Typed(TypedDict):
    """A form's page with its query string, the fields in their order, and whether files were left behind."""

    path: str
    fields: list[tuple[str, list[str]]]
    files: bool


def typed_in(request: HttpRequest) -> Typed | None:
    """What the form that was sent holds; None where that is nothing, or too much to carry."""
    fields = [(name, values) for name, values in request.POST.lists() if not NOT_TYPED.fullmatch(name)]
    if not fields or sum(len(name) + sum(map(len, values)) for name, values in fields) > LONGEST:
        return None
    return {"path": request.get_full_path(), "fields": fields, "files": bool(request.FILES)}


def sealed(typed: Typed) -> str:
    """The text that a page can carry, a day at most."""
    return signing.dumps(typed, salt=SALT, compress=True)


def opened(text: str) -> Typed | None:
    """What `sealed` was given; None for anything else."""
    try:
        typed: Typed = signing.loads(text, salt=SALT, max_age=DAY)
    except signing.BadSignature:
        return None
    return typed


def take_along(request: HttpRequest, typed: Typed) -> None:
    request.session[SESSION_KEY] = typed


def let_go(request: HttpRequest) -> None:
    request.session.pop(SESSION_KEY, None)


def waiting(request: HttpRequest, path: str) -> Typed | None:
    """What was typed into the page at `path` before the session ended, if it still waits."""
    typed: Typed | None = request.session.get(SESSION_KEY)
    return typed if typed and typed["path"] == path else None


def fill_in(request: Any, typed: Typed) -> None:
    """Turn the request for a form's page into one that sends what was typed, marked so that nothing is saved."""
    data = QueryDict(mutable=True)
    for name, values in typed["fields"]:
        data.setlist(name, values)
    data[MARK] = "1"
    request.method, request.POST, request._files = "POST", data, MultiValueDict()
