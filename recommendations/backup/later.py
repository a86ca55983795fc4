"""What the ledger has from after a backup: what became of each update, edition, account, support link and picture."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import User

from recommendations.models import Edition, ProgressUpdate
from recommendations.publishing.ledger import Entry

WITHDRAWN = "withdrawn"
HIDING, SHOWING = ("set_aside", WITHDRAWN), "restored"
HOLD = PLACED, LIFTED = "hold_placed", "hold_lifted"
SITE = CLOSED, REOPENED = "closed", "reopened"
CONTACT = "contact"
Key = tuple[str, int]


@dataclass
class Later:
    """What became of each thing since a backup was made, by its number; of pictures, by their hash.

    `updates` and `editions` are those that were published.
    """

    updates: dict[int, Entry] = field(default_factory=dict)
    editions: dict[int, Entry] = field(default_factory=dict)
    corrected: dict[int, Entry] = field(default_factory=dict)
    taken_down: dict[Key, Entry] = field(default_factory=dict)
    erased: dict[Key, Entry] = field(default_factory=dict)
    hidden: dict[Key, Entry] = field(default_factory=dict)
    notes: dict[int, Entry] = field(default_factory=dict)
    pictures: dict[str, Entry] = field(default_factory=dict)
    accounts: dict[int, dict[str, str]] = field(default_factory=dict)
    support: dict[int, dict[str, str]] = field(default_factory=dict)
    hold: Entry | None = None
    closed: Entry | None = None
    contact: Entry | None = None


def later(entries: Iterable[Entry], *, since: dt.datetime) -> Later:
    """The entries that are later; of an account the last, of what was set aside what is so still."""
    found = Later()
    for entry in entries:
        if entry.at < since:
            continue
        if entry.picture is not None:
            found.pictures[entry.picture] = entry
        elif entry.account is not None:
            found.accounts[entry.account] = entry.state or {}
        elif entry.support is not None:
            found.support[entry.support] = entry.state or {}
        elif entry.what in HOLD:
            found.hold = entry if entry.what == PLACED else None
        elif entry.what in SITE:
            found.closed = entry if entry.what == CLOSED else None
        elif entry.what == CONTACT:
            found.contact = entry
        elif entry.what == "note_erased" and entry.update is not None:
            found.notes[entry.update] = entry
        elif entry.what == "corrected" and entry.update is not None:
            found.corrected[entry.update] = entry
        elif entry.what == "published" and entry.update is not None:
            found.updates[entry.update] = entry
        elif entry.what == "published" and entry.edition is not None:
            found.editions[entry.edition] = entry
        else:
            key = ("update", entry.update) if entry.update is not None else ("edition", entry.edition or 0)
            if entry.what == "taken_down":
                found.taken_down[key] = entry
            elif entry.what == "erased":
                found.erased[key] = entry
            elif entry.what in HIDING:
                if not is_withdrawn(found, key):
                    found.hidden[key] = entry
            elif entry.what == SHOWING and not is_withdrawn(found, key):
                found.hidden.pop(key, None)
    return found


def is_withdrawn(found: Later, key: Key) -> bool:
    """Whether it was withdrawn, which lasts, whatever becomes of it when it is set aside."""
    return key in found.hidden and found.hidden[key].what == WITHDRAWN


def about_what(thing: Any) -> tuple[Key, dict[str, Any]]:
    """What was set aside or taken down: its key, and what an entry says of it."""
    key = ("update", thing.update_id) if thing.update_id else ("edition", thing.edition_id)
    return key, {"update": thing.update_id, "edition": thing.edition_id}


def find(key: Key) -> Any:
    kind: Any = ProgressUpdate if key[0] == "update" else Edition
    return kind.objects.filter(pk=key[1]).first()


def who(entry: Entry) -> User:
    """Who did it, or another account where that one isn't in the backup: an act has somebody who did it."""
    by = User.objects.filter(pk=entry.by).first() if entry.by else None
    return by or User.objects.order_by("-is_superuser", "pk")[0]
