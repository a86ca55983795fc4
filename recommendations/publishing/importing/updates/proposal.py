"""What an import of updates would add and all that is wrong with its sheet, as frozen values."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from hashlib import sha256

from recommendations.models import ProgressUpdate
from recommendations.publishing.importing.proposal import Fault
from recommendations.text import dates


def listed(rows: tuple[int, ...]) -> str:
    return ", ".join(map(str, rows))


@dataclass(frozen=True)
class Draft:
    """An update that would be imported: from one row, or from several that give the same date and text.

    `statuses` pairs references with status words, "" for none yet; `status_labels` the same as people read them.
    `links` are labels, addresses and addresses of archived copies.
    """

    rows: tuple[int, ...]
    area: int
    area_name: str
    dated_on: dt.date
    dated_as_published: str
    text: str
    sums_up: bool
    statuses: tuple[tuple[str, str], ...]
    status_labels: tuple[tuple[str, str], ...]
    links: tuple[tuple[str, str, str], ...]
    private_note: str

    @property
    def dated(self) -> str:
        return dates.with_day(self.dated_on, self.dated_as_published)

    @property
    def evidence(self) -> tuple[tuple[str, str, str], ...]:
        return self.links

    @property
    def covered(self) -> frozenset[str]:
        return frozenset(reference for reference, _status in self.statuses)

    @property
    def rows_in_words(self) -> str:
        return listed(self.rows)


@dataclass(frozen=True)
class Known:
    """Rows that say what an update says already, which is left as it is: `other` names what they say differently."""

    rows: tuple[int, ...]
    update: ProgressUpdate = field(compare=False, repr=False)
    update_id: int = 0
    other: tuple[str, ...] = ()

    @property
    def rows_in_words(self) -> str:
        return listed(self.rows)


@dataclass(frozen=True)
class UpdatesProposal:
    """What a sheet would do. With `faults` nothing is done; `notices` are for whoever looks at it.

    `known` are the rows that the tracker has already; `silent` counts those that name a recommendation and say nothing.
    """

    drafts: tuple[Draft, ...] = ()
    known: tuple[Known, ...] = ()
    silent: int = 0
    notices: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not self.drafts

    @property
    def confirmed(self) -> str:
        """What a page carries along to notice that the sheet would do something else by now."""
        return sha256(repr((self.drafts, self.known)).encode()).hexdigest()
