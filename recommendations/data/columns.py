"""The columns of the open data, each with the function that reads its cells.

What isn't published is not in a snapshot, so no cell holds it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, Self, TypeVar

from django.utils import timezone, translation
from django.utils.translation import gettext_noop

from recommendations.reading.entries import AreaEntry, CheckedLink, LinkBeside, RecommendationEntry, UpdateEntry

Source = TypeVar("Source", contravariant=True)


class Several(str):
    """A cell with several things in it: the text that tables show, and `items`, which JSON lists."""

    items: tuple[Any, ...]

    @classmethod
    def of(cls, items: Iterable[Any], shown: Callable[[Any], str] = str) -> Self:
        """A cell of `items`, which JSON can hold; tables separate by semicolons what `shown` makes of each."""
        listed = tuple(items)
        cell = cls("; ".join(shown(item) for item in listed))
        cell.items = listed
        return cell


Cell = str | int | bool | dt.date | dt.datetime | None


@dataclass(frozen=True)
class Items:
    """What JSON lists in a cell of several things, and the description of the column there.

    `types` has the type of each value by its name; the one of the name "" is that of items without names.
    """

    description: str
    types: Mapping[str, str]


@dataclass(frozen=True)
class Column(Generic[Source]):
    """One column of a table: `read` returns its cell from the source of a row.

    `type` and `description` are as in Frictionless Table Schema. The description is stored in English and translated
    where it is shown or written. `field` is the field of a recommendation that an import fills from this column.
    `items` describes its cells in JSON where they are `Several`.
    """

    name: str
    type: str
    description: str
    read: Callable[[Source], Cell]
    field: str = ""
    items: Items | None = None


@dataclass(frozen=True)
class RecommendationSource:
    """A recommendation; `label` is what the plan calls its status."""

    entry: RecommendationEntry
    area: AreaEntry
    site: str
    label: str = ""
    language: str = ""

    @property
    def changes(self) -> Several:
        """What was changed of it, in the language of the snapshot, also in a file that staff export."""
        with translation.override(self.language or translation.get_language()):
            return Several.of(
                (
                    {"changed_on": _day(one.changed_at), "changes": list(one.sentences), "note": one.note}
                    for one in self.entry.plan_changes
                ),
                lambda one: f"{one['changed_on']}: {', '.join(one['changes'])}: {one['note']}",
            )


@dataclass(frozen=True)
class UpdateSource:
    update: UpdateEntry
    site: str


@dataclass(frozen=True)
class StatusSource:
    """One status that an update recorded for a recommendation, its label, and the status before it ("" for none)."""

    reference: str
    update: UpdateEntry
    status: str
    label: str
    before: str


def explained_in(links: Iterable[LinkBeside]) -> Several:
    """The cell that lists the explanation in other forms."""
    found = ({**_link(one.label, one.address), "kind": one.kind} for one in links if one.is_explanation)
    return Several.of(found, lambda one: f"{one['label']} [{one['kind']}] <{one['address']}>")


def see_also(links: Iterable[LinkBeside]) -> Several:
    """The cell that lists related recommendations elsewhere."""
    return Several.of((_link(one.label, one.address) for one in links if not one.is_explanation), _as_link)


def _link(label: str, address: str) -> dict[str, str]:
    return {"label": label, "address": address}


def _as_link(link: Mapping[str, str]) -> str:
    return f"{link['label']} <{link['address']}>"


def _day(at: dt.datetime) -> str:
    return timezone.localdate(at).isoformat()


TEXTS = {"": "string"}
LINKS = {"label": "string", "address": "string"}


RECOMMENDATION_COLUMNS: tuple[Column[RecommendationSource], ...] = (
    Column(
        "reference",
        "string",
        gettext_noop("Reference of the recommendation, as adopted: 3.2, 42 or 12(b). It is never reused."),
        lambda row: row.entry.reference,
    ),
    Column("area_number", "integer", gettext_noop("Number of its area."), lambda row: row.area.number),
    Column("area_title", "string", gettext_noop("Title of its area."), lambda row: row.area.title),
    Column(
        "text",
        "string",
        gettext_noop("The recommendation as adopted."),
        lambda row: row.entry.text,
        field="text",
    ),
    Column(
        "responsible_parties",
        "string",
        gettext_noop("Who it is addressed to, if it says so; separated by semicolons."),
        lambda row: Several.of(
            ({"slug": one.slug, "name": one.name, "is_everyone": one.is_everyone} for one in row.entry.parties),
            lambda one: one["name"],
        ),
        field="parties",
        items=Items(
            gettext_noop("Who it is addressed to, if it says so: `slug` is the last part of their page's address."),
            {"slug": "string", "name": "string", "is_everyone": "boolean"},
        ),
    ),
    Column(
        "status",
        "string",
        gettext_noop("Where it stands: one of the published statuses. Empty: no update yet."),
        lambda row: row.entry.status_key,
    ),
    Column(
        "status_label", "string", gettext_noop("What the pages of this site call that status."), lambda row: row.label
    ),
    Column(
        "status_dated_on",
        "date",
        gettext_noop("The date of the update that recorded the status."),
        lambda row: row.entry.status.dated_on if row.entry.status else None,
    ),
    Column(
        "status_date_as_published",
        "string",
        gettext_noop("That date in words, if the exact date isn't known."),
        lambda row: row.entry.status.dated_as_published if row.entry.status else "",
    ),
    Column(
        "target_on",
        "date",
        gettext_noop("Target date, if the exact date is known."),
        lambda row: row.entry.target_on,
        field="target_on",
    ),
    Column(
        "target_as_published",
        "string",
        gettext_noop("Target in words, as published."),
        lambda row: row.entry.target_as_published,
        field="target_as_published",
    ),
    Column(
        "done_means",
        "string",
        gettext_noop("What must be seen before it may be called completed, in Markdown, if that was decided."),
        lambda row: row.entry.done_means,
        field="done_means",
    ),
    Column(
        "done_means_set_by",
        "string",
        gettext_noop("Who decided that."),
        lambda row: row.entry.done_means_set_by,
        field="done_means_set_by",
    ),
    Column(
        "done_means_set_on",
        "date",
        gettext_noop("The day they decided it."),
        lambda row: row.entry.done_means_set_on,
        field="done_means_set_on",
    ),
    Column(
        "added_on",
        "date",
        gettext_noop("The day it was added to the plan, if it was added later."),
        lambda row: row.entry.added_on,
        field="added_on",
    ),
    Column(
        "retired_on",
        "date",
        gettext_noop("The day it was retired, if it was."),
        lambda row: row.entry.retired_on,
        field="retired_on",
    ),
    Column(
        "retired_reason",
        "string",
        gettext_noop("Why it was retired."),
        lambda row: row.entry.retired_reason,
        field="retired_reason",
    ),
    Column(
        "replaced_by",
        "string",
        gettext_noop("References of the recommendations that replace it; separated by semicolons."),
        lambda row: Several.of(row.entry.replaced_by),
        field="replaced_by",
        items=Items(gettext_noop("References of the recommendations that replace it."), TEXTS),
    ),
    Column(
        "changes",
        "string",
        gettext_noop(
            "Changes since the first report was published, to it, to its area's title and to its parties' "
            "names: dates, before and after, and why; separated by semicolons."
        ),
        lambda row: row.changes,
        items=Items(
            gettext_noop(
                "Changes since the first report was published, to it, to its area's title and to its parties' names."
            ),
            {"changed_on": "day", "changes": "strings", "note": "string"},
        ),
    ),
    Column(
        "explanation",
        "string",
        gettext_noop(
            "In plain words, in Markdown: an explanation by the publisher, not the adopted text. Empty in the data "
            "of a published report, which holds only what was adopted."
        ),
        lambda row: row.entry.explanation,
        field="explanation",
    ),
    Column(
        "explained_in",
        "string",
        gettext_noop(
            "The explanation in other forms: label, kind in brackets, then address in angle brackets; separated by "
            "semicolons."
        ),
        lambda row: explained_in(row.entry.links),
        items=Items(gettext_noop("The explanation in other forms."), {**LINKS, "kind": "string"}),
    ),
    Column(
        "see_also",
        "string",
        gettext_noop(
            "Related recommendations elsewhere, not equivalent to it: label, then address in angle brackets; "
            "separated by semicolons."
        ),
        lambda row: see_also(row.entry.links),
        items=Items(gettext_noop("Related recommendations elsewhere, not equivalent to it."), LINKS),
    ),
    Column(
        "updates",
        "integer",
        gettext_noop("How many published updates cover it."),
        lambda row: len(row.entry.timeline),
    ),
    Column(
        "address",
        "string",
        gettext_noop("Its page."),
        lambda row: f"{row.site}/recommendations/{row.entry.slug}/",
    ),
)


UPDATE_COLUMNS: tuple[Column[UpdateSource], ...] = (
    Column("id", "integer", gettext_noop("Number of the update, as in its address."), lambda row: row.update.id),
    Column("dated_on", "date", gettext_noop("The date of the update."), lambda row: row.update.dated_on),
    Column(
        "date_as_published",
        "string",
        gettext_noop("That date in words, if the exact date isn't known."),
        lambda row: row.update.dated_as_published,
    ),
    Column(
        "published_at",
        "datetime",
        gettext_noop("When it was published here (UTC)."),
        lambda row: row.update.published_at,
    ),
    Column("area_number", "integer", gettext_noop("Number of the area it belongs to."), lambda row: row.update.area),
    Column(
        "references",
        "string",
        gettext_noop("The recommendations it covers; separated by semicolons."),
        lambda row: Several.of(row.update.references),
        items=Items(gettext_noop("The recommendations it covers."), TEXTS),
    ),
    Column("text", "string", gettext_noop("The update, in Markdown."), lambda row: row.update.text),
    Column(
        "sums_up",
        "boolean",
        gettext_noop("Whether it sums up earlier updates of its period."),
        lambda row: row.update.sums_up,
    ),
    Column(
        "evidence",
        "string",
        gettext_noop("Evidence links: label, then address in angle brackets; separated by semicolons."),
        lambda row: Several.of((_link(one.label, one.address) for one in row.update.evidence), _as_link),
        items=Items(gettext_noop("Evidence links."), LINKS),
    ),
    Column(
        "evidence_archived",
        "string",
        gettext_noop("Archived copies of the evidence, in the same form."),
        lambda row: Several.of(
            (
                {**_link(one.label, one.address), "archived_address": one.archived_address}
                for one in row.update.evidence
                if one.archived_address
            ),
            lambda one: f"{one['label']} <{one['archived_address']}>",
        ),
        items=Items(
            gettext_noop("Archived copies of the evidence: `address` is that of the evidence."),
            {**LINKS, "archived_address": "string"},
        ),
    ),
    Column(
        "evidence_gone",
        "string",
        gettext_noop(
            "Evidence that is no longer there: address, then since when; separated by semicolons. Always empty in the "
            "files of published reports, which never change."
        ),
        lambda row: Several.of(
            (
                {"address": one.address, "gone_since": one.gone_since.isoformat()}
                for one in row.update.evidence
                if isinstance(one, CheckedLink) and one.gone_since
            ),
            lambda one: f"<{one['address']}> {one['gone_since']}",
        ),
        items=Items(
            gettext_noop(
                "Evidence that is no longer there, and since when. Always empty in the files of published reports, "
                "which never change."
            ),
            {"address": "string", "gone_since": "day"},
        ),
    ),
    Column(
        "corrections",
        "string",
        gettext_noop("Dates and notes of its announced corrections; separated by semicolons."),
        lambda row: Several.of(
            ({"corrected_on": _day(one.corrected_at), "note": one.note} for one in row.update.corrections),
            lambda one: f"{one['corrected_on']}: {one['note']}",
        ),
        items=Items(
            gettext_noop("Dates and notes of its announced corrections."), {"corrected_on": "day", "note": "string"}
        ),
    ),
    Column("address", "string", gettext_noop("Its page."), lambda row: f"{row.site}/updates/{row.update.id}/"),
)


STATUS_COLUMNS: tuple[Column[StatusSource], ...] = (
    Column("reference", "string", gettext_noop("The recommendation."), lambda row: row.reference),
    Column(
        "update_id",
        "integer",
        gettext_noop("The update that recorded the status."),
        lambda row: row.update.id,
    ),
    Column("dated_on", "date", gettext_noop("The date of the update."), lambda row: row.update.dated_on),
    Column(
        "date_as_published",
        "string",
        gettext_noop("That date in words, if the exact date isn't known."),
        lambda row: row.update.dated_as_published,
    ),
    Column("status", "string", gettext_noop("The status recorded."), lambda row: row.status),
    Column(
        "status_label", "string", gettext_noop("What the pages of this site call that status."), lambda row: row.label
    ),
    Column(
        "status_before",
        "string",
        gettext_noop("The status before that. Empty: none was recorded before."),
        lambda row: row.before,
    ),
    Column(
        "is_change", "boolean", gettext_noop("Whether the two are different."), lambda row: row.status != row.before
    ),
)
