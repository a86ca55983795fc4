"""All that staff have changed, newest first: one line for each save, each answer about a link or to a finding, and
for accounts.

It is read from what keeps itself: the histories, the answers, and the admin's log of accounts.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from django.apps import apps
from django.contrib.admin.models import ADDITION, CHANGE, DELETION, LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from recommendations.models import FindingAnswer, LinkCheck, LinkDecision, TakeDown
from recommendations.models.finding_answers import KEPT_WITH
from recommendations.models.saves import time_of
from recommendations.publishing.history import PARTS, name_of
from recommendations.text import dates

from .acts import ACTS, ANSWER, BY_TYPE, names_of, verb_of

# How many things of one save are named.
NAMED = 8
Stored = dict[type[models.Model], dict[int, Any]]
FLAGS = {ADDITION: "add", CHANGE: "change", DELETION: "delete"}


@dataclass(frozen=True)
class Filter:
    """Which changes: by whom, of which kind of thing, by which act, from and to which day, both included."""

    by: int | None = None
    kind: str = ""
    act: str = ""
    since: dt.date | None = None
    until: dt.date | None = None

    def done_by(self, field: str) -> Q:
        return Q(**{field: self.by}) if self.by else Q()

    def on_days(self, field: str) -> Q:
        """Those that `field` dates on these days, by our own time zones: PostgreSQL has a list of its own."""
        found = Q()
        # In some zone or other, the first and the last day that there is have no bounds.
        if self.since and self.since > dt.date.min:
            found &= Q(**{f"{field}__gte": dates.start_of(self.since)})
        if self.until and self.until < dt.date.max:
            found &= Q(**{f"{field}__lte": dates.end_of(self.until)})
        return found


@dataclass(frozen=True)
class ChangedThing:
    """A thing that was changed: `address` is that of its history, empty where it was deleted."""

    kind: str
    name: str
    address: str


@dataclass(frozen=True)
class Change:
    at: dt.datetime
    who: str
    verb: str
    why: str
    things: tuple[ChangedThing, ...]
    others: int = 0


class Row(NamedTuple):
    """A row of the history of a thing, or of a part of it, as far as the list of changes needs it."""

    save: UUID
    whole: type[models.Model]
    is_whole: bool
    id: int
    type: str
    at: dt.datetime
    by: int | None
    why: str | None
    act: str


class Source(Protocol):
    """Where changes come from. `newest` gives the time and key of so many, newest first."""

    def count(self) -> int: ...
    def newest(self, count: int) -> list[tuple[int, Any]]: ...
    def changes(self, keys: Collection[Any]) -> dict[Any, Change]: ...


class Changes(Sequence[Change]):
    """The changes of all that an account may see, in a constant number of queries for each slice."""

    def __init__(self, wanted: Filter, *, visible: Collection[str]) -> None:
        kinds = {name: kind for name, kind in wholes().items() if name in visible}
        sources: dict[str, Source] = {}
        if asked := {name: kind for name, kind in kinds.items() if wanted.kind in ("", name)}:
            sources["saves"] = Saves(wanted, asked.values(), seen=kinds.values())
        for name, source in (("linkcheck", Answers), ("user", Accounts)):
            if name in visible and wanted.kind in ("", name):
                sources[name] = source(wanted)
        if answered := [field for field in KEPT_WITH.values() if _model_of(field)._meta.model_name in asked]:
            sources["findings"] = FindingAnswers(wanted, answered)
        self.sources = sources

    def __len__(self) -> int:
        return sum(source.count() for source in self.sources.values())

    def __getitem__(self, place: Any) -> Any:
        if not isinstance(place, slice):
            return self[place : place + 1][0]
        found = [(at, name, key) for name, source in self.sources.items() for at, key in source.newest(place.stop or 0)]
        page = sorted(found, key=lambda one: (one[0], str(one[2])), reverse=True)[place]
        changes = {
            name: source.changes([key for _at, other, key in page if other == name])
            for name, source in self.sources.items()
        }
        return [changes[name][key] for _at, name, key in page]


def wholes() -> dict[str, type[models.Model]]:
    """What keeps a history and isn't a part of something that does, by the names of the models."""
    parts = {part for kinds in PARTS.values() for part, _link in kinds}
    found = apps.get_app_config("recommendations").get_models()
    return {
        kind._meta.model_name or "": kind
        for kind in found
        if hasattr(kind._meta, "simple_history_manager_attribute") and kind not in parts
    }


class Saves:
    """Saves of things of `kinds`; what else they changed is named too, as far as it may be `seen`."""

    def __init__(
        self, wanted: Filter, kinds: Iterable[type[models.Model]], *, seen: Iterable[type[models.Model]]
    ) -> None:
        self.seen = [one for kind in seen for one in _with_parts(kind)]
        condition = wanted.on_days("history_date") & wanted.done_by("history_user") & _of_act(wanted.act)
        rows = [
            part.history.filter(condition).order_by().values_list("save_id")
            for kind in kinds
            for part, _whole, _link in _with_parts(kind)
        ]
        self.ids = rows[0].union(*rows[1:])

    def count(self) -> int:
        return int(self.ids.count())

    def newest(self, count: int) -> list[tuple[int, Any]]:
        return [(time_of(save), save) for (save,) in self.ids.order_by("-save_id")[:count]]

    def changes(self, keys: Collection[UUID]) -> dict[UUID, Change]:
        saves: dict[UUID, list[Row]] = defaultdict(list)
        touched: dict[type[models.Model], set[int]] = defaultdict(set)
        for part, whole, link in self.seen:
            names = (link, "history_type", "history_date", "history_user_id", "history_change_reason", "save_act")
            for save, id, *values in part.history.filter(save_id__in=keys).values_list("save_id", *names):
                saves[save].append(Row(save, whole, part is whole, id, *values))
                touched[whole].add(id)
        stored = {whole: _stored(whole, ids) for whole, ids in touched.items()}
        people = User.objects.in_bulk({row.by for rows in saves.values() for row in rows if row.by})
        return {save: _change(rows, stored, people) for save, rows in saves.items()}


class Answers:
    """What staff answered about links that are gone."""

    def __init__(self, wanted: Filter) -> None:
        rows = LinkDecision.objects.filter(wanted.on_days("decided_at"), wanted.done_by("decided_by"))
        self.rows = rows if wanted.act in ("", ANSWER) else rows.none()

    def count(self) -> int:
        return self.rows.count()

    def newest(self, count: int) -> list[tuple[int, Any]]:
        rows = self.rows.order_by("-decided_at", "-pk").values_list("decided_at", "pk")[:count]
        return [(_milliseconds(at), pk) for at, pk in rows]

    def changes(self, keys: Collection[int]) -> dict[int, Change]:
        rows = self.rows.filter(pk__in=keys).select_related("link", "decided_by")
        kind, address = _kind(LinkCheck), reverse("admin:recommendations_linkcheck_changelist")
        return {
            one.pk: Change(
                one.decided_at,
                name_of(one.decided_by),
                str(ACTS[ANSWER]),
                str(one),
                (ChangedThing(kind, one.link.address, address),),
            )
            for one in rows
        }


class FindingAnswers:
    """Why what was found is fine, in things that the answers' `fields` name."""

    def __init__(self, wanted: Filter, fields: Iterable[str]) -> None:
        kept = Q(*((f"{field}__isnull", False) for field in fields), _connector=Q.OR)
        rows = FindingAnswer.objects.filter(kept, wanted.on_days("answered_at"), wanted.done_by("answered_by"))
        self.rows = rows if wanted.act in ("", ANSWER) else rows.none()

    def count(self) -> int:
        return self.rows.count()

    def newest(self, count: int) -> list[tuple[int, Any]]:
        rows = self.rows.order_by("-answered_at", "-pk").values_list("answered_at", "pk")[:count]
        return [(_milliseconds(at), pk) for at, pk in rows]

    def changes(self, keys: Collection[int]) -> dict[int, Change]:
        rows = self.rows.filter(pk__in=keys).select_related("answered_by", *KEPT_WITH.values())
        return {one.pk: _answered(one) for one in rows}


class Accounts:
    """What administrators changed of accounts, and what each changed of their own: the admin's log says so."""

    def __init__(self, wanted: Filter) -> None:
        condition = wanted.on_days("action_time") & wanted.done_by("user")
        rows = LogEntry.objects.filter(condition, content_type=ContentType.objects.get_for_model(User))
        flags = [flag for flag, act in FLAGS.items() if wanted.act in ("", act)]
        self.rows = rows.filter(action_flag__in=flags)

    def count(self) -> int:
        return self.rows.count()

    def newest(self, count: int) -> list[tuple[int, Any]]:
        rows = self.rows.order_by("-action_time", "-pk").values_list("action_time", "pk")[:count]
        return [(_milliseconds(at), pk) for at, pk in rows]

    def changes(self, keys: Collection[int]) -> dict[int, Change]:
        rows = list(self.rows.filter(pk__in=keys).select_related("user"))
        stored = _stored(User, {int(row.object_id or 0) for row in rows})
        return {
            row.pk: Change(
                row.action_time,
                name_of(row.user),
                str(ACTS[FLAGS[row.action_flag]]),
                row.get_change_message() if row.action_flag == CHANGE else "",
                (_thing(User, int(row.object_id or 0), stored),),
            )
            for row in rows
        }


def _with_parts(kind: type[models.Model]) -> list[tuple[Any, type[models.Model], str]]:
    """`kind` and its parts: what has the history, the whole, and the field of the history that names the whole."""
    return [(kind, kind, "id"), *((part, kind, link) for part, link in PARTS.get(kind, ()))]


def _of_act(act: str) -> Q:
    """The history rows of an act; adding, changing and deleting are also the rows that no act was named for."""
    if not act:
        return Q()
    unnamed = ~Q(save_act__in=[name for one in ACTS for name in names_of(one)])
    types = [one for one, name in BY_TYPE.items() if name == act]
    return Q(save_act__in=names_of(act)) | (unnamed & Q(history_type__in=types))


def _change(rows: list[Row], stored: Stored, people: dict[int, User]) -> Change:
    """One save from its rows, the things themselves before their parts."""
    rows = sorted(rows, key=lambda row: not row.is_whole)
    things = dict.fromkeys((row.whole, row.id) for row in rows)
    whole = rows[0]
    return Change(
        at=max(row.at for row in rows),
        who=name_of(people.get(whole.by or 0)),
        verb=verb_of(whole.act, whole.type if whole.is_whole else "~"),
        why="\n".join(dict.fromkeys(row.why for row in rows if row.why)),
        things=tuple(_thing(kind, id, stored[kind], save=whole.save) for kind, id in list(things)[:NAMED]),
        others=max(0, len(things) - NAMED),
    )


def _stored(kind: type[models.Model], ids: Collection[int]) -> dict[int, Any]:
    """The things as they are now, with what their names need."""
    rows = kind._base_manager.all()
    if kind is TakeDown:
        rows = rows.select_related("update__area", "edition__report")
    return rows.in_bulk(ids)


def _thing(kind: type[models.Model], id: int, stored: dict[int, Any], save: UUID | None = None) -> ChangedThing:
    """How a thing is named. What was deleted is known by its number alone: its words are not shown any more."""
    if id not in stored:
        return ChangedThing(_kind(kind), _("number %(number)d, deleted since") % {"number": id}, "")
    address = reverse(f"admin:{kind._meta.app_label}_{kind._meta.model_name}_history", args=[id])
    return ChangedThing(_kind(kind), str(stored[id]), f"{address}?save={save}#save-{save}" if save else address)


def _answered(answer: FindingAnswer) -> Change:
    thing = answer.thing
    address = reverse(f"admin:{thing._meta.app_label}_{thing._meta.model_name}_check", args=[thing.pk])
    return Change(
        answer.answered_at,
        name_of(answer.answered_by),
        str(ACTS[ANSWER]),
        f"{answer.message}\n{answer.reason}",
        (ChangedThing(_kind(type(thing)), str(thing), address),),
    )


def _model_of(field: str) -> type[models.Model]:
    return FindingAnswer._meta.get_field(field).related_model  # type: ignore[return-value]  # these are relations


def _kind(kind: type[models.Model]) -> str:
    return str(capfirst(kind._meta.verbose_name))


def _milliseconds(at: dt.datetime) -> int:
    return int(at.timestamp() * 1000)
