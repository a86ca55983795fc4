"""What is known of recommendations when somebody writes about them: the status now, the newest text, and drafts."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from recommendations.models import Assessment, ProgressUpdate, Recommendation
from recommendations.reading.entries import StatusOn
from recommendations.reading.snapshot import latest


@dataclass(frozen=True)
class SoFar:
    """Of one recommendation: its status (None: never assessed), the newest update, and ids of drafts that cover it.

    What is ready counts as if it were published, as on the board.
    """

    status: StatusOn | None = None
    last: ProgressUpdate | None = None
    drafts: tuple[int, ...] = ()


NOTHING = SoFar()


def so_far(recommendations: Collection[Recommendation], *, on: dt.date, besides: int | None = None) -> dict[int, SoFar]:
    """By the ids of `recommendations`, what is known on the day `on`, for who writes the update `besides`.

    Its own text isn't shown to them again; its statuses count once it is published.
    """
    ids = [one.pk for one in recommendations]
    waiting = Assessment.objects.filter(recommendation__in=ids, update__published_at=None).exclude(update=besides)
    ready: set[int] = set()
    drafts: dict[int, list[int]] = defaultdict(list)
    for id, update_id, ready_at in waiting.order_by("update_id").values_list(
        "recommendation_id", "update_id", "update__ready_at"
    ):
        if ready_at:
            ready.add(update_id)
        else:
            drafts[id].append(update_id)
    found = latest(recommendations, on=on, including=ready)
    texts = ProgressUpdate.objects.in_bulk({one.update_id for one in found.values()} - {besides})
    return {
        id: SoFar(
            status=found[id].status if id in found else None,
            last=texts.get(found[id].update_id) if id in found else None,
            drafts=tuple(drafts[id]),
        )
        for id in ids
    }
