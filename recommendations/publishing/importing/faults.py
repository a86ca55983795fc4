"""All that is wrong with a sheet, collected while it is read."""

from __future__ import annotations

from collections.abc import Callable

from django.core.exceptions import ValidationError

from recommendations.data.sheets import Row

from .proposal import Fault


class Faults:
    """The faults found in a sheet so far."""

    def __init__(self) -> None:
        self.found: list[Fault] = []

    def __bool__(self) -> bool:
        return bool(self.found)

    def add(self, row: Row, column: str, message: str) -> None:
        self.found.append(Fault(row.number, column, message))

    def add_errors_of(self, rule: Callable[[], None], row: Row, column_of: Callable[[str], str]) -> None:
        """Add what a `rule` of a model has against what a row says, each error beside the column of its field."""
        try:
            rule()
        except ValidationError as error:
            for name, messages in error.message_dict.items():
                column = column_of(name)
                if self.has(row, column):
                    # What was no day is missing now: the one sentence is enough.
                    continue
                for message in messages:
                    self.add(row, column, message)

    def has(self, row: Row, column: str) -> bool:
        return any((fault.row, fault.column) == (row.number, column) for fault in self.found)

    def in_order(self, places: dict[str, int]) -> tuple[Fault, ...]:
        """Each once, by row and by the place of its column."""
        return tuple(sorted(dict.fromkeys(self.found), key=lambda one: (one.row, places.get(one.column, -1))))
