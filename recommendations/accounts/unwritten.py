"""What staff see when nothing can be stored, because the disk is full or can only be read: a sentence, and their words.

Readers are not concerned: no public page writes. A page of staff's that only wanted to note that they are there is
shown all the same; nobody can sign in, as wrong passwords couldn't be counted.
"""

from __future__ import annotations

import errno
import logging
from collections.abc import Callable

from django.contrib import admin
from django.contrib.sessions import middleware as sessions
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _

from . import unsaved

STATUS = 507  # Insufficient Storage: RFC 4918, 11.5
NEVER_SENT_AGAIN = "csrfmiddlewaretoken"
FULL_OR_READ_ONLY = {errno.ENOSPC, errno.EDQUOT, errno.EROFS}
# How SQLite names it, and PostgreSQL: read_only_sql_transaction, disk_full, io_error.
OF_SQLITE = ("SQLITE_FULL", "SQLITE_READONLY", "SQLITE_IOERR", "SQLITE_CANTOPEN")
OF_POSTGRESQL = {"25006", "53100", "58030"}

log = logging.getLogger(__name__)


def nothing_can_be_stored(error: BaseException | None) -> bool:
    """Whether `error` comes from a disk or a database that takes no writes."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in FULL_OR_READ_ONLY:
            return True
        if str(getattr(error, "sqlite_errorname", "")).startswith(OF_SQLITE):
            return True
        if getattr(error, "pgcode", None) in OF_POSTGRESQL:
            return True
        error = error.__cause__ or error.__context__
    return False


class SessionMiddleware(sessions.SessionMiddleware):
    """Django's, which sends a page also where the session can't be stored: it says when somebody was last here."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        try:
            return super().process_response(request, response)
        except Exception as error:
            if not nothing_can_be_stored(error):
                raise
            log.error("A session couldn’t be stored: %s", cause_of(error))
            # What waited for the password would be in it.
            return page(request) if waiting(request) else response


class Unwritten:
    """Middleware that answers staff when an act failed because nothing can be stored; no other error is its matter."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not request.path_info.startswith("/admin/") or not nothing_can_be_stored(error):
            return None
        log.error("Nothing can be stored: %s", cause_of(error))
        return page(request)


def cause_of(error: BaseException) -> BaseException:
    """The first of the errors that led to `error`."""
    while before := error.__cause__ or error.__context__:
        error = before
    return error


def waiting(request: HttpRequest) -> unsaved.Typed | None:
    """What a page that asked for a password carried, if this is its answer."""
    return unsaved.opened(request.POST.get(unsaved.FIELD, ""))


def page(request: HttpRequest) -> HttpResponse:
    """What was typed can be copied, and sent again as it was; a form with a password can't, but what waited for it."""
    sent, address, files = request.POST.lists(), request.get_full_path(), bool(request.FILES)
    if typed := waiting(request):
        sent, address, files = typed["fields"], typed["path"], typed["files"]
    kept = [(name, value) for name, values in sent for value in values if name != NEVER_SENT_AGAIN]
    if any(unsaved.NOT_TYPED.fullmatch(name) and "password" in name.lower() for name, _value in kept):
        kept = []
    context = {
        **admin.site.each_context(request),
        "title": _("Nothing can be stored at the moment"),
        "address": address,
        "kept": kept,
        # What anybody would mind typing again.
        "words": [(name, value) for name, value in kept if " " in value.strip()],
        "files": files,
    }
    return render(request, "admin/unwritten.html", context, status=STATUS)
