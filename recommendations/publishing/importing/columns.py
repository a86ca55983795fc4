"""The columns of a spreadsheet of recommendations: which an import reads, and which have to be there."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from recommendations.data.columns import RECOMMENDATION_COLUMNS, Column, explained_in, see_also
from recommendations.data.tables import Table

REQUIRED = ("reference", "text")
# The columns that are read, and the field of a recommendation that each fills.
FIELDS = {column.name: column.field for column in RECOMMENDATION_COLUMNS if column.field}
READ = ("reference", "area_number", "area_title", *FIELDS)
DATES = tuple(column.name for column in RECOMMENDATION_COLUMNS if column.field and column.type == "date")
# The columns of our own files that the tracker works out itself: an import passes over them in silence.
CALCULATED = tuple(column.name for column in RECOMMENDATION_COLUMNS if column.name not in READ)
# Those among them that list the links beside a recommendation, which are added in its form.
LINKS = {"explained_in": explained_in, "see_also": see_also}
# The fields that hold several values: of parties the names, of replacements the references.
MANY = ("parties", "replaced_by")


def columns() -> tuple[Column[Any], ...]:
    """The columns that a sheet may have, in the order of the open data, with descriptions to show."""
    read = (column for column in RECOMMENDATION_COLUMNS if column.name in READ)
    return tuple(replace(column, description=_(column.description)) for column in read)


def sheets_to_fill_in() -> tuple[Table, Table]:
    """A table to start from, its columns without rows, and an example of it: an import reads the first of the two."""
    found = columns()
    rows = tuple(tuple(cells.get(column.name, "") for column in found) for cells in _examples())
    return (
        Table("recommendations", _("Recommendations"), found, ("reference",), ()),
        Table("example", _("Example"), found, ("reference",), rows),
    )


def _examples() -> tuple[dict[str, str], ...]:
    return (
        {
            "reference": "A.1",
            "area_title": _("Housing"),
            "text": _("Example: open two more shelters, one of them for women with children."),
            "responsible_parties": _("City council; Ministry of Housing"),
            "target_as_published": _("fall 2027"),
        },
        {
            "reference": "A.2",
            "area_title": _("Housing"),
            "text": _(
                "Example: each year, publish:\na) how many people asked for a place;\nb) how many were turned away."
            ),
            "responsible_parties": _("City council"),
            "target_on": "2027-12-31",
        },
    )
