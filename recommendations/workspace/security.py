"""What happened to accounts and by them in the last 90 days, for administrators: one line each, newest first.

Each kind is read from where it is on record; SecurityEvent holds only what is recorded nowhere else.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.admin.models import ADDITION, LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Cast
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from recommendations.models import ExportMade, ProgressUpdate, SecurityEvent, TakeDown
from recommendations.models.security import KEPT
from recommendations.publishing.history import name_of

KINDS = {
    "sign_in": gettext_lazy("Sign-ins"),
    "lock_out": gettext_lazy("Lock-outs"),
    "account": gettext_lazy("Accounts: passwords, second factors, roles"),
    "export": gettext_lazy("Exports"),
    "erasure": gettext_lazy("Erasures"),
}
NOTES_ENDED = "end_notes"  # What the history calls the daily command, which nobody runs by hand.
NOBODY = Cast(Value(None), models.BigIntegerField())


@dataclass(frozen=True)
class Line:
    """What happened, in a sentence. `who` did it, if it is known, to the `account` of somebody else, if it was one."""

    at: dt.datetime
    who: str
    account: str
    what: str


@dataclass(frozen=True)
class Source:
    """Rows of one kind, the field with their time, who did it, to whose account, and their sentence."""

    kind: str
    rows: Callable[[], models.QuerySet[Any]]
    at: str
    by: Any
    of: Any
    words: Callable[[Any], str]


class SecurityLog(Sequence[Line]):
    """The lines of a kind, or of all, and of an account, or of all, in a constant number of queries for each slice."""

    def __init__(self, *, at: dt.datetime, kind: str = "", account: int | None = None) -> None:
        found = []
        for number, source in enumerate(SOURCES):
            if kind in ("", source.kind):
                rows = source.rows().filter(**{f"{source.at}__gt": at - KEPT}).order_by()
                rows = rows.annotate(line_by=source.by, line_of=source.of, line_source=Value(number))
                rows = rows.annotate(line_at=F(source.at), line_key=F("pk"))
                if account is not None:
                    rows = rows.filter(Q(line_by=account) | Q(line_of=account))
                found.append(rows.values_list("line_at", "line_source", "line_key", "line_by", "line_of"))
        self.rows = found[0].union(*found[1:], all=True)

    def __len__(self) -> int:
        return int(self.rows.count())

    def __getitem__(self, place: Any) -> Any:
        if not isinstance(place, slice):
            return self[place : place + 1][0]
        page = list(self.rows.order_by("-line_at", "-line_source", "-line_key")[place])
        keys: dict[int, list[int]] = defaultdict(list)
        for _at, source, key, _by, _of in page:
            keys[source].append(key)
        stored = {source: SOURCES[source].rows().in_bulk(wanted) for source, wanted in keys.items()}
        people = User.objects.in_bulk({id for *_row, by, of in page for id in (by, of) if id})
        return [
            Line(
                at,
                name_of(people[by]) if by in people else "",
                name_of(people[of]) if of in people and of != by else "",
                SOURCES[source].words(stored[source][key]),
            )
            for at, source, key, by, of in page
        ]


def _events(*kinds: str) -> Callable[[], models.QuerySet[Any]]:
    return lambda: SecurityEvent.objects.filter(kind__in=kinds)


def _of_accounts() -> models.QuerySet[Any]:
    return LogEntry.objects.filter(content_type=ContentType.objects.get_for_model(User))


def _erased() -> models.QuerySet[Any]:
    return TakeDown.objects.for_list().exclude(erased_at=None)


def _notes() -> models.QuerySet[Any]:
    rows: models.QuerySet[Any] = ProgressUpdate.history.filter(save_act__in=["erase_note", NOTES_ENDED])
    return rows


def _lock_out(event: SecurityEvent) -> str:
    is_told = event.account_id or event.kind != SecurityEvent.Kind.LOCKED
    return str(event) if is_told else _("Too many wrong passwords for a user name that no account has.")


def _change(entry: LogEntry) -> str:
    return entry.get_change_message() or (_("Added.") if entry.action_flag == ADDITION else _("Changed."))


def _export(made: ExportMade) -> str:
    words = ngettext(
        "Exported %(what)s: one row, %(format)s.", "Exported %(what)s: %(rows)d rows, %(format)s.", made.rows
    )
    return words % {"what": capfirst(made.what), "rows": made.rows, "format": made.format.upper()}


def _erasure(removal: TakeDown) -> str:
    return _("Erased what was taken down: %(what)s.") % {"what": removal}


def _note(version: Any) -> str:
    words = {"update": f"U{version.id}"}
    if version.save_act == NOTES_ENDED:
        return _("The note for colleagues of %(update)s was erased at the end of its term.") % words
    return _("Erased the note for colleagues of %(update)s.") % words


_kinds = SecurityEvent.Kind
SOURCES = (
    Source("sign_in", _events(_kinds.SIGNED_IN, _kinds.HALF_SIGNED_IN), "happened_at", F("account_id"), NOBODY, str),
    Source("lock_out", _events(_kinds.LOCKED, _kinds.SLOWED), "happened_at", NOBODY, F("account_id"), _lock_out),
    Source("account", _of_accounts, "action_time", F("user_id"), Cast("object_id", models.BigIntegerField()), _change),
    Source("export", ExportMade.objects.all, "made_at", F("made_by_id"), NOBODY, _export),
    Source("erasure", _erased, "erased_at", F("erased_by_id"), NOBODY, _erasure),
    Source("erasure", _notes, "history_date", F("history_user_id"), NOBODY, _note),
)
