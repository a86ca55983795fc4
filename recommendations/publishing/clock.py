"""Whether the server's clock went back: no edition may be dated before what was published already."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import Max, Value
from django.utils import timezone
from django.utils.translation import gettext as _

from recommendations.models import Correction, Edition, ProgressUpdate, SetAside, TakeDown
from recommendations.text import dates
from tracker.clock import is_impossible

# What is dated by the clock and is on record for good.
DATED: tuple[tuple[type[models.Model], str], ...] = (
    (Edition, "published_at"),
    (ProgressUpdate, "published_at"),
    (Correction, "corrected_at"),
    (SetAside, "set_aside_at"),
    (TakeDown, "taken_down_at"),
)


def newest_record() -> dt.datetime | None:
    """When the newest public act was done, by the clock of then; None before there is any. One query."""
    newest = [
        model._default_manager.order_by().values(all=Value(1)).annotate(at=Max(field)).values_list("at", flat=True)
        for model, field in DATED
    ]
    return max((at for at in newest[0].union(*newest[1:], all=True) if at), default=None)


def clock_obstacles(*, at: dt.datetime) -> list[str]:
    """Why nothing can be dated `at`: the clock is wrong now, or was wrong before; none is best."""
    if is_impossible(at):
        words = {"day": dates.day(at)}
        return [_("The server's clock says %(day)s, which can't be right. Ask whoever looks after the server.") % words]
    newest = newest_record()
    if newest is None or newest <= at:
        return []
    # It was done after the caller asked what time it is.
    if newest <= timezone.now():
        return [_("Something else was published at the same moment. Please try again.")]
    return [
        _(
            "The server's clock is wrong: something was already published on %(day)s at %(time)s, which is later than "
            "it is now. Ask whoever looks after the server to set it. If it was wrong before, and is right now, "
            "docs/operations.md says how to publish."
        )
        % {"day": dates.day(newest), "time": dates.clock(newest)}
    ]
