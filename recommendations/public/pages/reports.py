"""Lists of reports and of their editions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby

from recommendations.models import Edition, EditionFile, Report


@dataclass(frozen=True)
class EditionLine:
    """An edition in a list of editions; `pdf` is without its bytes, and None where they were taken down."""

    edition: Edition
    pdf: EditionFile | None
    is_newest: bool


@dataclass(frozen=True)
class ReportLine:
    """A published report in a list of reports; `edition` is the newest one not taken down, if any."""

    report: Report
    edition: Edition | None
    pdf: EditionFile | None


def report_lines(editions: Iterable[Edition], pdfs: Mapping[int, EditionFile]) -> tuple[ReportLine, ...]:
    """The reports that `editions` are of, in the order given; within a report the newest edition comes first."""
    lines = []
    for report, run in groupby(editions, key=lambda edition: edition.report):
        newest = next((edition for edition in run if not edition.is_taken_down), None)
        lines.append(ReportLine(report, newest, pdfs.get(newest.pk) if newest else None))
    return tuple(lines)


def edition_lines(editions: Iterable[Edition], pdfs: Mapping[int, EditionFile]) -> tuple[EditionLine, ...]:
    """The `editions` of one report, newest first, with their PDF files by edition."""
    return tuple(
        EditionLine(edition, None if edition.is_taken_down else pdfs.get(edition.pk), is_newest=position == 0)
        for position, edition in enumerate(editions)
    )
