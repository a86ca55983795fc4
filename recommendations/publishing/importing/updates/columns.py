"""The columns of a spreadsheet of updates: those of our own files, and what people call them."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from recommendations.data.columns import Column
from recommendations.data.tables import Table
from recommendations.models import Recommendation, Status, StatusWording
from recommendations.publishing.importing.headings import Columns

REQUIRED = ("dated_on", "references", "text")
# What each column holds, in the order of the template.
DESCRIPTIONS = {
    "dated_on": gettext_noop(
        "The day it happened: 2020-06-30, June 30, 2020 or a date of your program. “June 2020” is taken as its last "
        "day, and readers see “June 2020”."
    ),
    "date_as_published": gettext_noop("The date in words, if the exact date isn't known: fall 2020."),
    "references": gettext_noop(
        "The recommendations it covers, all of one area: 3.1, 3.2 or 3.1 to 3.4. Separate several with commas or "
        "semicolons."
    ),
    "statuses": gettext_noop(
        "Where they stand: one status for all, or one for each, such as 3.1: ongoing; 3.2: completed. Empty: no "
        "status yet."
    ),
    "text": gettext_noop("What happened, in Markdown."),
    "sums_up": gettext_noop("Whether it sums up earlier updates of its period: yes or no."),
    "evidence": gettext_noop(
        "Evidence links: label, then address, such as Minutes <https://example.org/minutes>. Put each on its own "
        "line, or separate them with semicolons."
    ),
    "archived_copies": gettext_noop("Archived copies of the evidence, in the same form and with the same labels."),
    "private_note": gettext_noop("A note for colleagues. It never leaves the staff's pages."),
}
# Other names, in each language that a plan may have; several are separated by semicolons.
TITLES: dict[str, tuple[object, ...]] = {
    "dated_on": (gettext_lazy("Date"), gettext_lazy("Day")),
    "date_as_published": (gettext_lazy("Date in words"),),
    "references": (
        gettext_lazy("Reference"),
        gettext_lazy("References"),
        gettext_lazy("Recommendation"),
        gettext_lazy("Recommendations"),
        gettext_lazy("Recommendations covered"),
    ),
    "statuses": (gettext_lazy("Status"), gettext_lazy("Statuses")),
    "text": (
        gettext_lazy("Text"),
        gettext_lazy("Update"),
        gettext_lazy("Progress update"),
        gettext_lazy("What happened"),
    ),
    "sums_up": (gettext_lazy("Sums up the period"),),
    "evidence": (gettext_lazy("Evidence"), gettext_lazy("Source"), gettext_lazy("Sources"), gettext_lazy("Links")),
    # The first is what the public file calls it.
    "archived_copies": ("evidence_archived", gettext_lazy("Archived copies")),
    "private_note": (gettext_lazy("Private note"), gettext_lazy("Note for colleagues")),
}


def titles(column: str) -> list[str]:
    return [str(title) for title in TITLES[column]]


UPDATES = Columns(
    read=tuple(DESCRIPTIONS),
    required=REQUIRED,
    passed_over=(
        *("id", "state", "area_number", "ready_at", "ready_by", "published_at", "published_by", "withdrawn_at"),
        *("withdrawn_by", "evidence_gone", "corrections", "address"),
    ),
    ours="published_at",
    titles=titles,
)


def columns() -> tuple[Column[Any], ...]:
    """The columns that a sheet may have, with descriptions to show."""
    return tuple(Column(name, "string", _(words), lambda row: "") for name, words in DESCRIPTIONS.items())


def sheets_to_fill_in() -> tuple[Table, ...]:
    """A table to start from, an example of it, and what may stand in it: the plan's references and its statuses."""
    found = columns()
    plan = [
        (one.reference, str(one.area), one.text) for one in Recommendation.objects.select_related("area").in_order()
    ]
    example = tuple(
        tuple(cells.get(column.name, "") for column in found) for cells in _examples([one[0] for one in plan])
    )
    return (
        Table("updates", _("Progress updates"), found, (), ()),
        Table("example", _("Example"), found, (), example),
        Table("plan", _("Recommendations"), _named("reference", "area", "text"), (), tuple(plan)),
        Table(
            "known_statuses",
            _("Statuses"),
            _named("status", "label"),
            (),
            tuple(StatusWording.objects.labels().items()),
        ),
    )


def _named(*names: str) -> tuple[Column[Any], ...]:
    return tuple(Column(name, "string", "", lambda row: "") for name in names)


def _examples(references: list[str]) -> tuple[dict[str, str], ...]:
    first, done = references[0] if references else "1.1", next(status.value for status in Status if status.is_done)
    return (
        {
            "dated_on": "2020-06-30",
            "references": first,
            "statuses": f"{first}: {done}",
            "text": _("Example: the guide was sent to all members."),
            "evidence": _("Minutes of the working group") + " <https://example.org/minutes>",
            "private_note": _("Told by the coordinator. We may say it, without her name."),
        },
        {
            "dated_on": _("June 2020"),
            "references": first,
            "text": _("Example: the working group met twice and wrote a draft of the guide."),
        },
    )
