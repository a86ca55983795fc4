"""A snapshot as one value, and the text that editions store of it; every schema ever published stays readable."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from hashlib import sha256
from itertools import groupby
from secrets import token_hex
from typing import Self

import msgspec
from django.conf import settings

from recommendations.models import Status

from .canonical import canonical
from .entries import (
    AreaEntry,
    CorrectedUpdate,
    EarlierReport,
    EditionEntry,
    Origins,
    PhraseEntry,
    PlanChange,
    PlanEntry,
    RecommendationEntry,
    ReportEntry,
    Row,
    StatusMeaning,
    StatusNote,
    UpdateEntry,
)
from .logos import LogoEntry

SCHEMA = 3
READABLE_SCHEMAS = (1, 2, SCHEMA)


class UnknownSchema(ValueError):
    """The stored text was written by a newer version of the tracker."""


@dataclass(frozen=True)
class StatusTotal:
    """How many current recommendations have a status; `key` is empty for those that no update assessed yet."""

    key: str
    label: str
    count: int

    @property
    def is_apart(self) -> bool:
        """Whether it says nothing of the organization's own work, and is counted apart."""
        return self.key not in Status.values or not Status(self.key).is_own


@dataclass(frozen=True)
class Snapshot:
    """What is true of the plan on the day `on`, with the updates dated from `since` (None: from the beginning).

    That of a report has its words (`report`), the words in other languages that may occur in them (`phrases`), what
    the reports before it said (`previous`, oldest first), what was corrected since its newest edition (`corrected`,
    oldest first), what was changed of the plan since the report before it (`plan_changes`, oldest first), and the
    `logos` of the organization and of those who fund it.

    `language` is the one that its own words are in, as a language tag; empty where it wasn't recorded yet. `salt`, in
    hexadecimal digits, is the random value that an edition has: see `salted`.

    `notes` are those of published reports on their statuses, newest first; a report has its own `status_note` instead.
    `since_adopted` is None where the plan is as it was adopted: see `origins`. `closed_on` is the day since when nobody
    updates the site: live pages and data alone have it.
    """

    on: dt.date
    since: dt.date | None
    plan: PlanEntry
    statuses: tuple[StatusMeaning, ...]
    areas: tuple[AreaEntry, ...]
    updates: tuple[UpdateEntry, ...]
    status_note: str
    report: ReportEntry | None = None
    edition: EditionEntry | None = None
    phrases: tuple[PhraseEntry, ...] = ()
    previous: tuple[EarlierReport, ...] = ()
    corrected: tuple[CorrectedUpdate, ...] = ()
    logos: tuple[LogoEntry, ...] = ()
    plan_changes: tuple[PlanChange, ...] = ()
    language: str = ""
    salt: str = ""
    notes: tuple[StatusNote, ...] = ()
    since_adopted: Origins | None = None
    closed_on: dt.date | None = None

    @cached_property
    def updates_by_id(self) -> dict[int, UpdateEntry]:
        return {update.id: update for update in self.updates}

    @cached_property
    def newest_update(self) -> UpdateEntry | None:
        """The one that is dated last, on any recommendation; None where there is none."""
        return max(self.updates, key=lambda update: update.dated_on, default=None)

    @property
    def statuses_used(self) -> tuple[StatusMeaning, ...]:
        """Those that the plan uses, or that an update records all the same: the others are shown nowhere."""
        return tuple(meaning for meaning in self.statuses if meaning.is_used)

    @cached_property
    def labels(self) -> dict[str, str]:
        return {meaning.key: meaning.label for meaning in self.statuses}

    @property
    def shown_areas(self) -> tuple[AreaEntry, ...]:
        """Those with a title; none for a plan without areas."""
        return tuple(area for area in self.areas if area.title)

    @cached_property
    def recommendations(self) -> tuple[RecommendationEntry, ...]:
        """All of them in plan order, those retired since then included."""
        return tuple(recommendation for area in self.areas for recommendation in area.recommendations)

    @cached_property
    def places(self) -> dict[str, int]:
        """Where each recommendation stands in plan order, by its reference."""
        return {entry.reference: place for place, entry in enumerate(self.recommendations)}

    @cached_property
    def most_in_an_area(self) -> int:
        return max((len(area.recommendations) for area in self.areas), default=0)

    @cached_property
    def current(self) -> tuple[RecommendationEntry, ...]:
        """Those that were not retired on the day `on`."""
        return tuple(r for r in self.recommendations if not r.is_retired(self.on))

    @property
    def covered(self) -> tuple[RecommendationEntry, ...]:
        """The current ones that some update of the window covers."""
        return tuple(recommendation for recommendation in self.current if recommendation.timeline)

    @property
    def origins(self) -> Origins:
        """What was adopted, told apart from what was added or retired by the day `on`."""
        listed = [area for area in self.shown_areas if area.recommendations]
        return self.since_adopted or Origins(len(self.recommendations), len(listed), added=0, retired=0)

    def notes_on(self, days: Iterable[dt.date]) -> tuple[StatusNote, ...]:
        """The notes that explain statuses dated on one of `days`."""
        return notes_on(self.notes, days)

    def totals(self, recommendations: Iterable[RecommendationEntry] | None = None) -> tuple[StatusTotal, ...]:
        """The current recommendations (or those given) by status in use, in their order, the empty one last."""
        keys = [r.status_key for r in (self.current if recommendations is None else recommendations)]
        named = [StatusTotal(meaning.key, meaning.label, keys.count(meaning.key)) for meaning in self.statuses_used]
        return (*named, StatusTotal("", "", keys.count("")))

    def rows(self, area: AreaEntry) -> tuple[Row, ...]:
        """The area's recommendations, consecutive ones with the same updates together; without updates each alone."""

        def by_updates(numbered: tuple[int, RecommendationEntry]) -> tuple[int, ...]:
            position, recommendation = numbered
            return recommendation.shown or (-1 - position,)

        return tuple(
            Row(
                recommendations=(run := tuple(recommendation for _, recommendation in numbered)),
                updates=tuple(self.updates_by_id[id] for id in run[0].shown),
            )
            for _, numbered in groupby(enumerate(area.recommendations), key=by_updates)
        )

    def as_published(self, at: dt.datetime) -> Self:
        """The same, with the updates that were included unpublished published at `at`."""
        updates = (replace(update, published_at=update.published_at or at) for update in self.updates)
        return replace(self, updates=tuple(updates))

    def salted(self) -> Self:
        """The same with a new random salt. Hashes outlive an erasure: without it, a guessed name could be tested."""
        return replace(self, salt=token_hex(16))

    def to_json(self) -> str:
        """The canonical text in the newest schema, the one that publishing stores: see `canonical`."""
        return canonical({"schema": SCHEMA, **asdict(self)})

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """The snapshot that `to_json` wrote, by this version or any before it; UnknownSchema from a newer one."""
        data = json.loads(text)
        if data.pop("schema") not in READABLE_SCHEMAS:
            raise UnknownSchema("This snapshot was written by a newer version of the tracker: upgrade to read it.")
        return msgspec.convert(data, cls)

    def content_hash(self) -> str:
        """A hash to compare snapshots by, which proves nothing later: the same as long as nothing that is shown moved.

        Left out are the edition and its salt, and what was corrected since the edition before, which publishing alone
        makes another list; English as the language, because the first editions, all in it, don't record theirs; and
        what the statuses mean, in the software's wording: an upgrade alone makes no report worth an edition.
        """
        language = "" if self.language == settings.LANGUAGE_CODE else self.language
        labels = tuple(
            status if status.is_own else replace(status, definition="", evidence="") for status in self.statuses
        )
        compared = replace(self, edition=None, corrected=(), statuses=labels, language=language, salt="")
        return sha256(compared.to_json().encode()).hexdigest()

    def published_hash(self) -> str:
        """SHA-256 of the bytes that publishing stores of it, which its edition prints."""
        return sha256(self.to_json().encode()).hexdigest()


def notes_on(notes: Iterable[StatusNote], days: Iterable[dt.date]) -> tuple[StatusNote, ...]:
    """Those of `notes` that explain statuses dated on one of `days`: the statuses of their reports' periods."""
    dated = set(days)
    return tuple(note for note in notes if any(note.starts_on <= day <= note.ends_on for day in dated))
