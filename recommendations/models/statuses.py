"""The statuses that a recommendation can have, and what each means."""

from __future__ import annotations

from enum import Enum
from typing import Any, Self

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

# The longest public note or reason, in characters.
NOTE_LENGTH = 2_000


class Course(Enum):
    """What follows from a status: the organization has something left to do, nothing, or it is for others to do."""

    OPEN = "open"
    DONE = "done"
    OTHERS = "others"


class Status(models.TextChoices):
    """Where a recommendation stands. Stored as words; what each means is published at /statuses/.

    A member gives its word, its course, what it says, what an update must be able to show before it records it, and its
    label. A new one needs a mark, a colour and a line in the handbook: tests/test_statuses.py names what is missing.
    """

    course: Course
    _definition: object
    _evidence: object

    def __new__(cls, word: str, *given: Any) -> Self:
        status = str.__new__(cls, word)
        status._value_ = word
        status.course, status._definition, status._evidence = given
        return status

    NOT_STARTED = (
        "not started",
        Course.OPEN,
        _("As far as we know, nobody has begun work on it."),
        _("A check with the people it is addressed to, and the date of that check."),
        _("Not started"),
    )
    PLANNED = (
        "planned",
        Course.OPEN,
        _("The work has been decided on, but has not begun or is only being prepared."),
        _("A decision, a plan or a funding application."),
        _("Planned"),
    )
    IN_PROGRESS = (
        "in progress",
        Course.OPEN,
        _("Work has begun and is meant to be finished."),
        _("Something that was done in the period."),
        _("In progress"),
    )
    ONGOING = (
        "ongoing",
        Course.OPEN,
        _("Work is under way and has no end: it continues year after year."),
        _("Something that was done in the period, or when it is next due."),
        _("Ongoing"),
    )
    ON_HOLD = (
        "on hold",
        Course.OPEN,
        _("Work was begun or planned, but has stopped for now."),
        _("What it is waiting for."),
        _("On hold"),
    )
    COMPLETED = (
        "completed",
        Course.DONE,
        _("What the recommendation asks for has been done."),
        _("The result: a publication, a service that is running, a decision in force."),
        _("Completed"),
    )
    FOR_OTHERS = (
        "for others to act on",
        Course.OTHERS,
        _(
            "It is addressed to other organizations and agencies. The update says what this organization "
            "did in support, not whether they acted."
        ),
        _("Who it is addressed to, and what was done in support, if anything."),
        _("For others to act on"),
    )

    @property
    def is_open(self) -> bool:
        """Whether the organization has something left to do."""
        return self.course is Course.OPEN

    @property
    def is_done(self) -> bool:
        return self.course is Course.DONE

    @property
    def is_own(self) -> bool:
        """Whether it says something of the organization's own work; charts count the others apart."""
        return self.course is not Course.OTHERS

    def came_from(self, before: str) -> Any | None:
        """How a sentence counts those that came to it from `before`; None where it has no verb for that.

        `before` is empty for no status. What was in progress when it was first told of may have begun long ago.
        """
        if self.is_done:
            return ngettext_lazy("%(count)d completed", "%(count)d completed", "count")
        if self is Status.ON_HOLD and before:
            return ngettext_lazy("%(count)d put on hold", "%(count)d put on hold", "count")
        if self in {Status.IN_PROGRESS, Status.ONGOING}:
            if before in {Status.NOT_STARTED, Status.PLANNED}:
                return ngettext_lazy("%(count)d began", "%(count)d began", "count")
            if before == Status.ON_HOLD:
                return ngettext_lazy("%(count)d taken up again", "%(count)d taken up again", "count")
        return None

    @property
    def definition(self) -> str:
        """What the status says, in words for the public."""
        return str(self._definition)

    @property
    def evidence(self) -> str:
        """What an update must be able to show before it records the status."""
        return str(self._evidence)


def status_slug(word: str) -> str:
    """The name of a status in style sheets and of its mark: “on-hold”; “none” for none."""
    return word.replace(" ", "-") or "none"
