"""The columns of a spreadsheet of recommendations: which an import reads, and which have to be there."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from recommendations.data.tables import RECOMMENDATION_COLUMNS, Column, Table

REQUIRED = ("reference", "area_title", "text")
# The columns that are read, and the field of a recommendation that each fills.
FIELDS = {column.name: column.field for column in RECOMMENDATION_COLUMNS if column.field}
READ = ("reference", "area_number", "area_title", *FIELDS)
DATES = tuple(column.name for column in RECOMMENDATION_COLUMNS if column.field and column.type == "date")
# The columns of our own files that the tracker works out itself: an import passes over them in silence.
CALCULATED = tuple(column.name for column in RECOMMENDATION_COLUMNS if column.name not in READ)
# The fields that hold several values: of parties the names, of replacements the references.
MANY = ("parties", "replaced_by")


def columns() -> tuple[Column[Any], ...]:
    """The columns that a sheet may have, in the order of the open data, with descriptions to show."""
    read = (column for column in RECOMMENDATION_COLUMNS if column.name in READ)
    return tuple(replace(column, description=_(column.description)) for column in read)


def empty_sheet() -> Table:
    """A table to start from: its columns and no rows."""
    return Table("recommendations", _("Recommendations"), columns(), ("reference",), ())
