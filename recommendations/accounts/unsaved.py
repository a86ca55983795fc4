"""What was typed into a form whose session had ended is carried through sign-in, and saved only when sent again.

The sign-in page itself carries it, signed, so that nobody who isn't signed in can fill the database. After sign-in it
waits in the session until it is saved or discarded. Passwords and files are not carried.
"""

from __future__ import annotations

import re
from typing import Any, NotRequired, TypedDict

from django.contrib import admin, messages
from django.core import signing
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.utils.datastructures import MultiValueDict
from django.utils.html import format_html
from django.utils.translation import gettext as _

from .sessions import View

MARK = "_unsaved"  # In the data of a form that is filled in again: such a form saves nothing.
FIELD = "unsaved"
SESSION_KEY = "unsaved"
# What the browser keeps while it is typed: see static/js/admin-typed.js. A form is sent with the name that its page
# keeps it under. The next page tells the browser which were saved, and it lets go of their words.
KEPT, SAVED, NOT_HERE = "_kept", "saved_forms", "shared_computer"
LONGEST = 1_000_000  # characters; ten times a long report
SALT = "recommendations.accounts.unsaved"
DAY = 24 * 60 * 60
NOT_TYPED = re.compile(r"csrfmiddlewaretoken|.*password.*|unsaved|_unsaved|_kept|code", re.IGNORECASE)
# The pages whose form refuses to save marked data: see SignedOutMixin in admin/forms/conflicts.py.
FORM_PAGES = re.compile(
    r"recommendations_[a-z]+_(add|change|delete|correct|withdraw|take_down|take_down_editions|restore_set_aside|erase|erase_note|legal_hold|publish|import)"
    r"|auth_user_(add|change|unlock|sign_out|reset_second_factor|leave)"
)


class Typed(TypedDict):
    """A form that was sent: its address with the query string, its fields in order, and whether it had files.

    `was_asked` says that it waited for the password, as password_again.py asks for it, and not for a session.
    """

    path: str
    fields: list[tuple[str, list[str]]]
    files: bool
    was_asked: NotRequired[bool]


def typed_in(request: HttpRequest) -> Typed | None:
    """The fields of the form in this request; None if there are none, or too much to carry."""
    fields = [(name, values) for name, values in request.POST.lists() if not NOT_TYPED.fullmatch(name)]
    if not fields or sum(len(name) + sum(map(len, values)) for name, values in fields) > LONGEST:
        return None
    return {"path": request.get_full_path(), "fields": fields, "files": bool(request.FILES)}


def sealed(typed: Typed) -> str:
    """`typed` as signed text for a page, valid for a day."""
    return signing.dumps(typed, salt=SALT, compress=True)


def opened(text: str) -> Typed | None:
    """What `sealed` was given; None for any other text, or after a day."""
    try:
        typed: Typed = signing.loads(text, salt=SALT, max_age=DAY)
    except signing.BadSignature:
        return None
    return typed


def store(request: HttpRequest, typed: Typed) -> None:
    request.session[SESSION_KEY] = typed


def discard(request: HttpRequest) -> None:
    request.session.pop(SESSION_KEY, None)


def waiting(request: HttpRequest, path: str) -> Typed | None:
    """What the session holds for the page at `path`, or None."""
    typed: Typed | None = request.session.get(SESSION_KEY)
    return typed if typed and typed["path"] == path else None


def fill_in(request: Any, typed: Typed) -> None:
    """Turn the request for a form's page into one that sends what was typed, marked so that it isn't saved."""
    data = QueryDict(mutable=True)
    for name, values in typed["fields"]:
        data.setlist(name, values)
    data[MARK] = "1"
    request.method, request.POST, request._files = "POST", data, MultiValueDict()


def with_unsaved(request: HttpRequest, view: View, *args: Any, **kwargs: Any) -> HttpResponseBase:
    """The page of `view`; if its form was sent after the session had ended, the form is filled with what was typed.

    Whatever the view then writes is rolled back: nothing is saved until the form is sent again.
    """
    if request.method == "POST":
        response = view(request, *args, **kwargs)
        if response.status_code == 302 and waiting(request, request.get_full_path()):
            discard(request)
        return response
    if SESSION_KEY not in request.session:
        return view(request, *args, **kwargs)
    if request.GET.get("discard") == "1":
        typed: Typed = request.session[SESSION_KEY]
        discard(request)
        return HttpResponseRedirect(typed["path"])
    waits = waiting(request, request.get_full_path())
    if waits is None:
        return view(request, *args, **kwargs)
    name = request.resolver_match.url_name if request.resolver_match else ""
    if not FORM_PAGES.fullmatch(name or ""):
        context = {**admin.site.each_context(request), "typed": waits, "title": _("What you typed")}
        return TemplateResponse(request, "admin/signed_out.html", context)
    messages.warning(request, notice(waits))
    fill_in(request, waits)
    with transaction.atomic():
        response = view(request, *args, **kwargs)
        if isinstance(response, TemplateResponse):
            response.render()
        transaction.set_rollback(True)
    return response


def mark_saved(request: HttpRequest) -> None:
    """Let the browser know that it need no longer keep what was typed in the form of this request."""
    if page := request.POST.get(KEPT, "")[:50]:
        request.session[SAVED] = [*request.session.get(SAVED, []), page][-20:]


def notice(typed: Typed) -> str:
    words = _("You had been signed out, so nothing was saved. What you typed is here again: check it, then save it.")
    if typed.get("was_asked"):
        words = _("Your password was asked first, so nothing was saved. What you typed is here: check and save it.")
    files = _("Choose the files again: we couldn’t keep them.") if typed["files"] else ""
    link = format_html('<a href="?discard=1">{}</a>', _("Discard it and show what is saved"))
    return format_html("{} {} {}", words, files, link)
