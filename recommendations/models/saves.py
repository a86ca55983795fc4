"""One save and the rows of the history that it wrote, in whatever tables: each row says which save it is of.

A request is one save, whatever it changes, and so is what runs within `one_save`; any other row is a save by itself.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any

from django.db import models
from simple_history.manager import HistoryManager
from simple_history.models import HistoricalRecords

ACT_LENGTH = 30


class SaveIds:
    """Ids in the order in which they are made: those of RFC 9562, version 7, which begin with the time."""

    def __init__(self) -> None:
        self.lock, self.last = threading.Lock(), 0

    def new(self) -> uuid.UUID:
        with self.lock:
            self.last = max(self.last + 1, id_at(time.time_ns() // 1_000_000).int)
            return uuid.UUID(int=self.last)


def id_at(milliseconds: int) -> uuid.UUID:
    """An id of the instant that is so many milliseconds after 1970 began; the rest of it is drawn at random."""
    drawn = uuid.uuid4().int & ((1 << 76) - 1)
    drawn = drawn & ~(0b11 << 62) | 0b10 << 62
    return uuid.UUID(int=milliseconds << 80 | 7 << 76 | drawn)


def time_of(save: uuid.UUID) -> int:
    """The milliseconds that `id_at` was given."""
    return save.int >> 80


class Save:
    """What one save is known by: its id, made when its first row is written, and the name of its act."""

    def __init__(self, act: str) -> None:
        self.id, self.act = IDS.new(), act[:ACT_LENGTH]


IDS = SaveIds()
_current: ContextVar[Save | None] = ContextVar("save", default=None)


@contextmanager
def one_save(act: str) -> Iterator[None]:
    """Let all rows that are written within be of one save; within another save it changes nothing."""
    token = _current.set(_current.get() or Save(act))
    try:
        yield
    finally:
        _current.reset(token)


def _of_request(request: Any) -> Save:
    if not hasattr(request, "_save"):
        # recommendations_report_set_aside: what follows the model is the act.
        name = getattr(request.resolver_match, "url_name", None) or ""
        request._save = Save(name.split("_", 2)[-1] if name.startswith("recommendations_") else name)
    save: Save = request._save
    return save


def _now() -> Save | None:
    request = getattr(HistoricalRecords.context, "request", None)
    return _current.get() or (_of_request(request) if request is not None else None)


def current_id() -> uuid.UUID:
    save = _now()
    return save.id if save else IDS.new()


def current_act() -> str:
    save = _now()
    return save.act if save else ""


class RowOfSave(models.Model):
    """The base of each row of the history: `save_id` is that of the save, `save_act` names what was done."""

    save_id = models.UUIDField(default=current_id, db_index=True, editable=False)
    save_act = models.CharField(max_length=ACT_LENGTH, default=current_act, blank=True, editable=False)

    class Meta:
        abstract = True


class OneHistoryManager(HistoryManager):  # type: ignore[misc]  # the library has no types
    """Its class is made once; the library would make another each time that a history is asked for."""

    @classmethod
    @cache
    def from_queryset(cls, queryset_class: type, class_name: str | None = None) -> type:
        made: type = super().from_queryset(queryset_class, class_name)
        return made


class History(HistoricalRecords):  # type: ignore[misc]  # the library has no types
    """The history of a model, with rows that say which save wrote them."""

    def __init__(self, **options: Any) -> None:
        super().__init__(bases=[RowOfSave], history_manager=OneHistoryManager, **options)
