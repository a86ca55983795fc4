"""A sheet of updates read beside the plan and its updates: the drafts that it would make, or why it can't."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from recommendations.data.sheets import Row, Sheet
from recommendations.models import EvidenceLink, ProgressUpdate, Recommendation, Report
from recommendations.publishing.importing.cells import undefused
from recommendations.publishing.importing.faults import Faults
from recommendations.publishing.importing.proposal import Fault
from recommendations.publishing.importing.reader import Reader
from recommendations.text import dates
from recommendations.text.lookalikes import seen

from .columns import UPDATES
from .coverage import Coverage, NotRead
from .days import NotADay, day_of
from .evidence import links_in, with_copies
from .proposal import Draft, Known, UpdatesProposal

# Where the errors of an update's fields are shown, if not beside a column of the same name.
COLUMN_OF = {"dated_as_published": "date_as_published", "label": "evidence", "address": "evidence"}
COLUMN_OF["archived_address"] = "archived_copies"
# Fields of an update that a sheet doesn't give.
NOT_GIVEN = {"area", *(f"{act}_{what}" for act in ("ready", "published", "withdrawn") for what in ("at", "by"))}
YES, NO = {"true", "1", "x", "✓", "vrai"}, {"false", "0", "", "faux"}


def check(sheet: Sheet, *, on: dt.date) -> UpdatesProposal:
    """What importing `sheet` on the day `on` would add, or all that is wrong with it, by row and column."""
    return _Check(sheet, on=on).proposal()


@dataclass(frozen=True)
class _Said:
    """A row as a draft of its own; in our own files the key tells apart updates that have the same date and text."""

    row: Row
    key: str
    draft: Draft


class _Check:
    """One reading of a sheet beside what is stored: it saves nothing, and collects all faults before it ends."""

    def __init__(self, sheet: Sheet, *, on: dt.date) -> None:
        self.on = on
        self.faults = Faults()
        self.reader = Reader(sheet, self.faults, UPDATES, references="references")
        plan = Recommendation.objects.select_related("area").in_order()
        self.recommendations = {one.reference: one for one in plan}
        self.coverage = Coverage(self.recommendations)
        self.yes, self.no = _answers()
        self.silent = 0

    def proposal(self) -> UpdatesProposal:
        notices = list(self.reader.notices)
        said: list[_Said] = []
        if not self.faults:
            said = [one for row in self.reader.rows() if (one := self.said(row))]
            if not said and not self.faults:
                self.faults.add(Row(1, ()), "", _("There are no updates below the first row."))
        drafts = self.together(said)
        if self.faults:
            return UpdatesProposal(notices=tuple(notices), faults=self.faults.in_order(self.reader.places))
        new, known, alike = self.beside_stored(drafts)
        return UpdatesProposal(tuple(new), tuple(known), self.silent, (*notices, *alike, *_too_late(new)))

    def said(self, row: Row) -> _Said | None:
        """What a row says; None where it says nothing but a reference, or where it can't be read: that is a fault."""
        cells = {name: self.reader.cell(row, name) for name in self.reader.places}
        if not any(cell.strip() for name, cell in cells.items() if name != "references"):
            self.silent += 1
            return None
        covered = self.read(row, "references", lambda: self.coverage.references(cells["references"])) or ()
        day = self.read(row, "dated_on", lambda: self.day(cells))
        statuses = self.read(row, "statuses", lambda: self.coverage.statuses(cells.get("statuses", ""), covered))
        sums_up = self.read(row, "sums_up", lambda: self.yes_or_no(cells.get("sums_up", "")))
        links = self.read(row, "evidence", lambda: links_in(cells.get("evidence", ""))) or []
        copies = self.read(row, "archived_copies", lambda: links_in(cells.get("archived_copies", ""))) or []
        with_all = self.read(row, "archived_copies", lambda: with_copies(links, copies)) or []
        dated_on, words = day or (None, "")
        update = ProgressUpdate(
            text=undefused(cells["text"]),
            dated_as_published=words,
            private_note=undefused(cells.get("private_note", "")),
            sums_up=bool(sums_up),
            **({"dated_on": dated_on} if dated_on else {}),
        )
        self.faults.add_errors_of(lambda: update.clean_fields(exclude=NOT_GIVEN), row, _column_of)
        for label, address, copy in with_all:
            link = EvidenceLink(label=label, address=address, archived_address=copy)
            self.faults.add_errors_of(_clean(link), row, _column_of)
        if not covered or dated_on is None:
            return None
        self.refuse_day(row, covered, dated_on)
        area = self.recommendations[covered[0]].area
        given = tuple((statuses or dict.fromkeys(covered, "")).items())
        draft = Draft(
            rows=(row.number,),
            area=area.pk,
            area_name=str(area),
            dated_on=dated_on,
            dated_as_published=words,
            text=update.text,
            sums_up=update.sums_up,
            statuses=given,
            status_labels=tuple((one, self.coverage.shown[status]) for one, status in given),
            links=tuple(with_all),
            private_note=update.private_note,
        )
        place = self.reader.heading.passed_over.get("id", len(row.cells))
        return _Said(row, row.cells[place] if place < len(row.cells) else "", draft)

    def read(self, row: Row, column: str, rule: Callable[[], Any]) -> Any:
        """What a rule reads; None where it can't, which is a fault of the row."""
        try:
            return rule()
        except (NotRead, NotADay) as error:
            self.faults.add(row, column, str(error))
            return None

    def day(self, cells: dict[str, str]) -> tuple[dt.date, str]:
        """The day of a row and its words: the words are those of their own column, where it says any."""
        words = undefused(cells.get("date_as_published", ""))
        if not cells["dated_on"].strip() and words:
            try:
                return day_of(words)[0], words
            except NotADay:
                message = _("Give a day too: the last day of what “%(found)s” means.") % {"found": words[:60]}
                raise NotADay(message) from None
        if not cells["dated_on"].strip():
            raise NotADay(_("Give the date. If the row belongs to the update above it, repeat its date and its text."))
        day, known_as = day_of(undefused(cells["dated_on"]))
        return day, words or known_as

    def yes_or_no(self, cell: str) -> bool:
        said = seen(undefused(cell)).casefold()
        if said in self.yes or said in self.no:
            return said in self.yes
        raise NotRead(_("Write yes or no, or leave it empty."))

    def refuse_day(self, row: Row, covered: tuple[str, ...], day: dt.date) -> None:
        if day > self.on:
            self.faults.add(
                row, "dated_on", _("%(day)s is in the future. Give a day that is over.") % {"day": dates.day(day)}
            )
        for reference in covered:
            one = self.recommendations[reference]
            if one.retired_on and one.is_retired(day):
                words = {"reference": reference, "day": dates.day(one.retired_on)}
                message = _("%(reference)s was retired on %(day)s: give an earlier date, or leave it out.")
                self.faults.add(row, "references", message % words)

    def together(self, said: list[_Said]) -> list[Draft]:
        """The drafts: rows of one area that give the same date and text are one update, which covers what all cover."""
        found: dict[Any, Draft] = {}
        whole: dict[Any, _Said] = {}
        for one in said:
            draft = one.draft
            alike = (draft.area, draft.dated_on, draft.dated_as_published, draft.sums_up, seen(draft.text))
            first = found.setdefault((one.key, *alike), draft)
            if first is draft:
                continue
            if twice := first.covered & draft.covered:
                words = {"reference": min(twice, key=self.coverage.order.index), "row": first.rows[0]}
                message = _("It repeats row %(row)d: the same date and text, and %(reference)s again.")
                self.faults.add(one.row, "references", message % words)
                continue
            if clash := _clash(first, draft):
                self.faults.add(one.row, "evidence", clash)
                continue
            found[one.key, *alike] = self.joined(first, draft)
        for (key, *_alike), draft in found.items():
            mark = (draft.dated_on, seen(draft.text), draft.covered)
            if (other := whole.setdefault(mark, _Said(Row(draft.rows[0], ()), key, draft))).draft is not draft:
                message = _("It says the same as row %(row)d: the same date, text and recommendations.")
                self.faults.add(Row(draft.rows[0], ()), "", message % {"row": other.row.number})
        return list(found.values())

    def joined(self, first: Draft, second: Draft) -> Draft:
        statuses = {**dict(first.statuses), **dict(second.statuses)}
        labelled = {**dict(first.status_labels), **dict(second.status_labels)}
        order = sorted(statuses, key=self.coverage.order.index)
        notes = dict.fromkeys(note for note in (first.private_note, second.private_note) if note)
        return replace(
            first,
            rows=first.rows + second.rows,
            statuses=tuple((one, statuses[one]) for one in order),
            status_labels=tuple((one, labelled[one]) for one in order),
            links=tuple(dict.fromkeys(first.links + second.links)),
            private_note="\n\n".join(notes),
        )

    def beside_stored(self, drafts: list[Draft]) -> tuple[list[Draft], list[Known], list[str]]:
        """Those that are new, those that an update says already, and what staff are told of those that nearly are."""
        stored: dict[Any, list[ProgressUpdate]] = defaultdict(list)
        texts: dict[str, ProgressUpdate] = {}
        updates = ProgressUpdate.objects.with_assessments().with_removals().prefetch_related("evidence_links")
        for update in updates.order_by("pk"):
            covered = frozenset(one.recommendation.reference for one in update.assessments.all())
            stored[update.dated_on, seen(update.text), covered].append(update)
            texts[seen(update.text)] = update
        new, known, alike = [], [], []
        for draft in drafts:
            if same := stored.get((draft.dated_on, seen(draft.text), draft.covered)):
                known.append(Known(draft.rows, same[0], same[0].pk, tuple(_other(draft, same[0]))))
                continue
            new.append(draft)
            if other := texts.get(seen(draft.text)):
                words = {"rows": draft.rows_in_words, "name": other.short_name, "dated": other.dated}
                message = _(
                    "The text is that of %(name)s of %(dated)s, but the date or the recommendations are "
                    "different: it would become another update."
                )
                alike.append(str(Fault(draft.rows[0], "", message % words)))
        return new, known, alike


def _other(draft: Draft, update: ProgressUpdate) -> list[str]:
    """What rows say differently than the update that they repeat, and that is therefore not imported."""
    statuses = {one.recommendation.reference: one.status for one in update.assessments.all()}
    links = {(one.label, one.address, one.archived_address) for one in update.evidence_links.all()}
    given = {reference: status for reference, status in draft.statuses if status}
    found = {
        _("statuses"): any(statuses[reference] != status for reference, status in given.items()),
        _("the date in words"): draft.dated_as_published != update.dated_as_published,
        _("evidence"): not set(draft.links) <= links,
        _("the private note"): bool(draft.private_note) and seen(draft.private_note) != seen(update.private_note),
        _("whether it sums up the period"): draft.sums_up and not update.sums_up,
    }
    return [str(what) for what, is_other in found.items() if is_other]


def _clash(first: Draft, second: Draft) -> str:
    """Why the evidence of two rows can't be that of one update; else ""."""
    found = {address: (label, address, copy) for label, address, copy in first.links}
    for label, address, copy in second.links:
        if found.get(address, (label, address, copy)) != (label, address, copy):
            words = {"row": first.rows[0], "address": address[:60]}
            return _("Row %(row)d, of the same update, gives %(address)s another label or archived copy.") % words
    return ""


def _too_late(drafts: list[Draft]) -> list[str]:
    """What staff are told of drafts that are dated within the period of a published report."""
    found = []
    for report in Report.objects.published().order_by("starts_on"):
        if count := sum(report.starts_on <= draft.dated_on <= report.ends_on for draft in drafts):
            message = ngettext(
                "%(count)d update is dated within the period of “%(report)s”, which is already published: that report "
                "won't include it unless you publish a new edition, and no later report will.",
                "%(count)d updates are dated within the period of “%(report)s”, which is already published: that "
                "report won't include them unless you publish a new edition, and no later report will.",
                count,
            )
            found.append(message % {"count": count, "report": report.title})
    return found


def _clean(link: EvidenceLink) -> Callable[[], None]:
    def rule() -> None:
        try:
            link.clean_fields(exclude={"update"})
        except ValidationError as error:
            # Which of several it is.
            raise ValidationError(
                {
                    name: [f"{link.label[:60]}: {one}" for one in messages]
                    for name, messages in error.message_dict.items()
                }
            ) from error

    return rule


def _column_of(name: str) -> str:
    return COLUMN_OF.get(name, name)


def _answers() -> tuple[set[str], set[str]]:
    """The words for yes and for no, in each language."""
    yes, no = set(YES), set(NO)
    for code, _name in settings.LANGUAGES:
        with override(code):
            yes.add(_("yes").casefold())
            no.add(_("no").casefold())
    return yes, no
