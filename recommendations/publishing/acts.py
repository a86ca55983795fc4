"""What all acts share: how one is refused, how a public note is taken in, how a change is saved with who and why."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from recommendations.models import Correction
from recommendations.models.statuses import NOTE_LENGTH
from recommendations.text.intake import refuse_unprintable, with_plain_line_endings

from .history import PARTS


class Refused(Exception):
    """An act that can't be done as things stand; `reasons` are sentences that staff can act on."""

    def __init__(self, *reasons: str) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = reasons


class Unchanged(Refused):
    """There is nothing to do: what was asked for is so already."""


def save(thing: Any, *, by: User | None, reason: str, is_checked: bool = False, is_new: bool = False) -> None:
    """Check and save `thing`, with who and why in its history; Refused with what the check says.

    With `is_checked` it isn't checked: it was, under the lock that is held, or nothing of it was changed. With `is_new`
    it never overwrites a row that has its id. Without `by`, nobody did it: a daily command.
    """
    if not is_checked:
        try:
            thing.full_clean()
        except ValidationError as error:
            raise Refused(*error.messages) from error
    put_on_record(thing, by=by, reason=reason)
    thing.save(force_insert=is_new)


def delete(thing: Any, *, by: User | None, reason: str) -> None:
    """Delete `thing`, with who and why in its history."""
    put_on_record(thing, by=by, reason=reason)
    thing.delete()


def delete_whole(thing: Any, *, by: User, reason: str) -> None:
    """Delete `thing`, its parts first, with who and why in the history of each, and of what is related to it."""
    for relation in thing._meta.related_objects:
        if relation.many_to_many:
            for other in getattr(thing, relation.get_accessor_name()).all():
                put_on_record(other, by=by, reason=reason)
                getattr(other, relation.field.name).remove(thing)
    parts = [part for kind, link in PARTS.get(type(thing), ()) for part in kind.objects.filter(**{link: thing.pk})]
    for one in (*parts, thing):
        delete(one, by=by, reason=reason)


def put_on_record(thing: Any, *, by: User | None = None, reason: str | None) -> None:
    """Name who and why for the next row in the history of `thing`, where `save` and `delete` don't do it.

    That is for what it is related to, which Django saves apart, and for the admin's forms, which save by themselves.
    Without `by`, the account that is signed in is named.
    """
    if by is not None:
        thing._history_user = by
    thing._change_reason = reason


def record(correction: Correction) -> Correction:
    """Check and keep a correction, which has no history of its own."""
    try:
        correction.full_clean()
    except ValidationError as error:
        raise Refused(*error.messages) from error
    correction.save()
    return correction


def refuse_for(reasons: list[str]) -> None:
    if reasons:
        raise Refused(*reasons)


def public_words(words: str, *, missing: str) -> str:
    """A public note or reason as it will be kept: trimmed, printable, not too long; `missing` refuses an empty one."""
    words = with_plain_line_endings(words).strip()
    if missing and not words:
        raise Refused(missing)
    if len(words) > NOTE_LENGTH:
        raise Refused(_("The note is longer than %(length)d characters. Shorten it.") % {"length": NOTE_LENGTH})
    try:
        refuse_unprintable(words)
    except ValidationError as error:
        raise Refused(*error.messages) from error
    return words
