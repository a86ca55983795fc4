"""What one cell of a sheet says, beside what is stored now: one of our own files, sent back, changes nothing."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from django.utils.text import Truncator

from recommendations.data import files
from recommendations.data.files import defused
from recommendations.text.diff import as_spelled
from recommendations.text.intake import REFUSED
from recommendations.text.lookalikes import named, seen

ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def text_in(cell: str, stored: str) -> str:
    """The text that a cell gives a field: `stored`, and each of its words, where the cell looks like it."""
    if seen(cell) in (seen(stored), seen(defused(stored))):
        return stored
    return as_spelled(stored, undefused(cell))


def name_in(cell: str, stored: str) -> str:
    """The name that a cell gives: `stored` where it is the same name."""
    return stored if named(cell) in (named(stored), named(defused(stored))) else undefused(cell)


def list_in(cell: str, stored: tuple[str, ...]) -> tuple[str, ...]:
    """What a cell lists, separated by semicolons, each once: `stored` where it lists that as our files write it."""
    if seen(cell) in (seen(joined := as_text(stored)), seen(defused(joined))):
        return stored
    return tuple(dict.fromkeys(words for part in undefused(cell).split(";") if (words := part.strip())))


def day_in(cell: str) -> dt.date | None:
    """The day that a cell names, written like 2020-06-30, or None where it is empty; ValueError for anything else."""
    said = seen(cell)
    return dt.date.fromisoformat(said if ISO_DAY.fullmatch(said) else "") if said else None


def undefused(cell: str) -> str:
    """The words of a cell, without the apostrophes that our files put before what looks like a formula."""
    return files.undefused(cell.strip())


def as_text(value: Any) -> str:
    """A value as one text: several joined by semicolons, nothing for None."""
    if isinstance(value, tuple):
        return "; ".join(value)
    return "" if value is None else str(value)


def quoted(words: str) -> str:
    """A cell's words short enough for a sentence, with what can't be printed made visible."""
    return REFUSED.sub("\ufffd", Truncator(words).chars(60))
