"""Many things of one kind saved at once, each with who and why in its history: a few queries whatever their number."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.contrib.auth.models import User

# How many rows are changed by one query: SQLite takes longer over one with many more.
AT_ONCE = 100


def save_all(
    new: Sequence[Any],
    changed: Sequence[Any] = (),
    *,
    fields: Collection[str] = (),
    related: Mapping[str, Sequence[tuple[Any, Sequence[Any]]]] | None = None,
    by: User,
    reason: str,
) -> None:
    """Save what is `new`, and of what was `changed` these `fields`; add one row to the history of each.

    `related` pairs things, by the name of a many-to-many field, with all that they are related to from now on. Nothing
    is checked: it was, under the lock that is held.
    """
    if not new and not changed:
        return
    kind = type((*new, *changed)[0])
    kind._base_manager.bulk_create(new)
    if changed and fields:
        kind._base_manager.bulk_update(changed, sorted(fields), batch_size=AT_ONCE)
    for name, pairs in (related or {}).items():
        _relate(kind._meta.get_field(name), pairs)
    for things, were_there in ((new, False), (changed, True)):
        rows = kind.history.bulk_history_create(
            things, update=were_there, default_user=by, default_change_reason=reason
        )
        for field in kind.history.model._history_m2m_fields:
            _record_relations(field, rows)


def _relate(field: Any, pairs: Sequence[tuple[Any, Sequence[Any]]]) -> None:
    through, own, other = field.remote_field.through, field.m2m_column_name(), field.m2m_reverse_name()
    through.objects.filter(**{f"{own}__in": [thing.pk for thing, _others in pairs]}).delete()
    through.objects.bulk_create(through(**{own: thing.pk, other: one.pk}) for thing, others in pairs for one in others)


def _record_relations(field: Any, rows: Sequence[Any]) -> None:
    """Add to the history `rows` what things are related to by `field` now, as django-simple-history does for one."""
    through, own = field.remote_field.through, field.m2m_column_name()
    links: dict[int, list[Any]] = defaultdict(list)
    for link in through.objects.filter(**{f"{own}__in": [row.id for row in rows]}):
        links[getattr(link, own)].append(link)
    recorded = getattr(type(rows[0]), field.name).model if rows else None
    names = [one.attname for one in through._meta.fields]
    if recorded:
        recorded.objects.bulk_create(
            recorded(history=row, **{name: getattr(link, name) for name in names})
            for row in rows
            for link in links[row.id]
        )
