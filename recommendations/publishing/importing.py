"""Bringing in recommendations from a sheet: what it would change, all that is wrong with it, and the act itself.

The sheet has the columns of the open data. `check` saves nothing; `bring_in` saves exactly what was checked, or
nothing. What a sheet doesn't name is left as it is: nothing is ever removed by leaving it out.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, models, transaction
from django.utils import timezone
from django.utils.text import Truncator, get_text_list, slugify
from django.utils.translation import gettext as _

from recommendations.data.files import FORMULA, defused
from recommendations.data.sheets import Row, Sheet, heading_name
from recommendations.data.tables import RECOMMENDATION_COLUMNS, Column, Table
from recommendations.models import ActionPlan, Area, Recommendation, ResponsibleParty
from recommendations.models.plan import REFERENCE, has_editions
from recommendations.reading.adopted import Content, content_of
from recommendations.text.diff import Piece, words_compared
from recommendations.text.intake import REFUSED, folded, seen, with_plain_line_endings

from .acts import Refused, Unchanged, put_on_record, save
from .plan_changes import announce, is_told

REQUIRED = ("reference", "area_title", "text")
# The columns that are read, and the field of a recommendation that each fills.
FIELDS = {column.name: column.field for column in RECOMMENDATION_COLUMNS if column.field}
READ = ("reference", "area_number", "area_title", *FIELDS)
DATES = tuple(column.name for column in RECOMMENDATION_COLUMNS if column.field and column.type == "date")
MANY = ("parties", "replaced_by")
# What stands and falls together of what was adopted, where each change has a tick of its own.
TOGETHER = {
    "text": ("text",),
    "parties": ("parties",),
    "target": ("target_on", "target_as_published"),
    "added": ("added_on",),
    "retirement": ("retired_on", "retired_reason", "replaced_by"),
}
# What the tracker reckons itself, and says in its own files.
RECKONED = tuple(column.name for column in RECOMMENDATION_COLUMNS if column.name not in READ)
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
# What a spreadsheet program shows where a formula failed.
FAILED = {"#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A"}


@dataclass(frozen=True)
class Fault:
    """What is wrong in one place of a sheet; `column` is empty where it is the whole row."""

    row: int
    column: str
    message: str

    def __str__(self) -> str:
        words = {"row": self.row, "column": self.column, "message": self.message}
        if not self.column:
            return _("Row %(row)d: %(message)s") % words
        return _("Row %(row)d, column %(column)s: %(message)s") % words


@dataclass(frozen=True)
class AreaChange:
    """An area that is new, or gets another title: `compared` has the two word by word."""

    number: int
    title: str
    is_new: bool
    compared: tuple[Piece, ...]

    @property
    def key(self) -> str:
        """What its tick is called, where readers are told of it."""
        return f"area {self.number}"


@dataclass(frozen=True)
class Part:
    """Changes of one recommendation that stand and fall together; `key` is what their tick is called."""

    key: str
    names: tuple[str, ...]
    compared: tuple[tuple[str, tuple[Piece, ...]], ...]

    @property
    def is_text(self) -> bool:
        return self.names == ("text",)


@dataclass(frozen=True)
class Change:
    """One recommendation that is new, or differs: `values` by field, and `compared` the same in words, by label.

    Of parties the values are names, of those that replace it references. `is_told` says that readers are told of it.
    """

    reference: str
    text: str
    is_new: bool
    values: tuple[tuple[str, Any], ...]
    compared: tuple[tuple[str, tuple[Piece, ...]], ...]
    is_told: bool = False

    @property
    def parts(self) -> tuple[Part, ...]:
        """Of one that differs, what has a tick of its own where readers are told of it."""
        names = [name for name in FIELDS.values() if name in dict(self.values)]
        compared = dict(zip(names, self.compared, strict=True))
        kept = {word: tuple(name for name in together if name in compared) for word, together in TOGETHER.items()}
        return tuple(
            Part(f"{self.reference} {word}", found, tuple(compared[name] for name in found))
            for word, found in kept.items()
            if found
        )

    def only(self, ticked: Collection[str]) -> Change:
        """The same with those of its parts alone that were `ticked`."""
        kept = {name for part in self.parts if part.key in ticked for name in part.names}
        return replace(self, values=tuple(pair for pair in self.values if pair[0] in kept), compared=())


@dataclass(frozen=True)
class Proposal:
    """What a sheet would do. With `faults` nothing is done; `notices` are for whoever looks at it.

    `unchanged` counts the rows that say what stands, `left_alone` the recommendations that no row names. `is_told` says
    that reports have been published: what changes of what was adopted then has a tick each, and a public reason.
    """

    areas: tuple[AreaChange, ...] = ()
    parties: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()
    unchanged: int = 0
    left_alone: int = 0
    notices: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()
    is_told: bool = False

    @property
    def asks(self) -> bool:
        """Whether it would change something that readers are told of, and so has ticks."""
        return any(change.is_told for change in self.changes) or (self.is_told and bool(self.areas_renamed))

    @property
    def added(self) -> tuple[Change, ...]:
        return tuple(change for change in self.changes if change.is_new)

    @property
    def changed(self) -> tuple[Change, ...]:
        return tuple(change for change in self.changes if not change.is_new)

    @property
    def retired(self) -> tuple[Change, ...]:
        return tuple(change for change in self.changed if dict(change.values).get("retired_on"))

    @property
    def areas_added(self) -> tuple[AreaChange, ...]:
        return tuple(area for area in self.areas if area.is_new)

    @property
    def areas_renamed(self) -> tuple[AreaChange, ...]:
        return tuple(area for area in self.areas if not area.is_new)

    @property
    def is_empty(self) -> bool:
        return not (self.areas or self.parties or self.changes)

    @property
    def confirmed(self) -> str:
        """What a page carries along to notice that the sheet would do something else by now."""
        return sha256(repr((self.areas, self.parties, self.changes, self.is_told)).encode()).hexdigest()

    def only(self, ticked: Collection[str]) -> Proposal:
        """What is brought in: what is new, and of the changes that readers are told of those that were `ticked`."""
        if not self.is_told:
            return self
        changes = tuple(one.only(ticked) if one.is_told else one for one in self.changes)
        changes = tuple(one for one in changes if one.values)
        named = {name for one in changes for name in dict(one.values).get("parties", ())}
        return replace(
            self,
            areas=tuple(area for area in self.areas if area.is_new or area.key in ticked),
            parties=tuple(name for name in self.parties if name in named),
            changes=changes,
        )


def columns() -> tuple[Column, ...]:
    """The columns that a sheet may have, in the order of the open data, with descriptions to show."""
    read = (column for column in RECOMMENDATION_COLUMNS if column.name in READ)
    return tuple(replace(column, description=_(column.description)) for column in read)


def empty_sheet() -> Table:
    """A table to start from: its columns and no rows."""
    return Table("recommendations", _("Recommendations"), columns(), ("reference",), ())


def check(sheet: Sheet) -> Proposal:
    """What `sheet` would change, or all that is wrong with it, by row and column. It saves nothing."""
    return _Check(sheet).proposal()


def bring_in(
    sheet: Sheet,
    *,
    confirmed: str,
    by: User,
    reason: str = "",
    ticked: Collection[str] = (),
    note: str = "",
    at: dt.datetime | None = None,
) -> Proposal:
    """Make the plan what `sheet` says, whole or not at all, with `reason` in each history; returns what was brought in.

    `confirmed` is the fingerprint of the proposal that was shown: refused where the plan moved meanwhile. Once reports
    have been published, what was adopted is changed where `ticked` names it, and readers are told `note`; what isn't
    ticked is left as it is.
    """
    why = _("Imported from %(file)s") % {"file": sheet.name}
    why = f"{why}: {reason}" if reason else why
    moved = _(
        "The plan was changed after this page was shown to you, so nothing was brought in. Look at what the sheet "
        "would change now, and confirm again."
    )
    try:
        with transaction.atomic():
            plan = ActionPlan.objects.select_for_update().get()
            for kind in (Area, ResponsibleParty, Recommendation):
                list(kind._default_manager.select_for_update().order_by("pk"))
            proposal = check(sheet)
            if proposal.is_empty and not proposal.faults:
                raise Unchanged(_("The plan says all that by now: there was nothing to bring in."))
            if proposal.faults or proposal.confirmed != confirmed:
                raise Refused(moved)
            proposal = proposal.only(ticked)
            if proposal.is_empty:
                raise Unchanged(_("Nothing of it was ticked, so nothing was brought in."))
            _apply(proposal, plan, by=by, reason=why, note=note, at=at or timezone.now())
    except IntegrityError as error:
        # A colleague added the same area, party or recommendation since it was looked for.
        raise Refused(moved) from error
    return proposal


def _apply(proposal: Proposal, plan: ActionPlan, *, by: User, reason: str, note: str, at: dt.datetime) -> None:
    areas = {area.number: area for area in Area.objects.all()}
    before: list[tuple[models.Model, Content]] = []
    for one in proposal.areas:
        area = areas.setdefault(one.number, Area(plan=plan, number=one.number))
        if not one.is_new:
            before.append((area, content_of(area)))
        area.title = one.title
        save(area, by=by, reason=reason, is_checked=True)
    slugs = set(ResponsibleParty.objects.values_list("slug", flat=True))
    for name in proposal.parties:
        save(_party(name, slugs), by=by, reason=reason, is_checked=True)
    parties = {party.name: party for party in ResponsibleParty.objects.all()}
    standing = {one.reference: one for one in Recommendation.objects.select_related("area")}
    # New ones first, and what replaces what last: whatever is pointed at is there by then.
    ordered = sorted(proposal.changes, key=lambda change: not change.is_new)
    for change in ordered:
        values = dict(change.values)
        if change.is_new:
            area_number, number = map(int, change.reference.split("."))
            standing[change.reference] = Recommendation(area=areas[area_number], number=number)
        recommendation = standing[change.reference]
        if not change.is_new:
            before.append((recommendation, content_of(recommendation)))
        plain = {name: value for name, value in values.items() if name not in MANY}
        for name, value in plain.items():
            setattr(recommendation, name, value)
        if plain:
            save(recommendation, by=by, reason=reason, is_checked=True)
        put_on_record(recommendation, by=by, reason=reason)
        if "parties" in values:
            recommendation.parties.set([parties[name] for name in values["parties"]])
    for change in ordered:
        values = dict(change.values)
        if "replaced_by" in values:
            recommendation = standing[change.reference]
            recommendation.replaced_by.set([standing[reference] for reference in values["replaced_by"]])
    leads_to = {one.reference: _replacements(one) for one in Recommendation.objects.for_snapshot()}
    for change in ordered:
        if "replaced_by" in dict(change.values) and (way := _way_back(change.reference, leads_to)):
            # Only where part of it was ticked: the whole was looked at before.
            raise Refused(_("With what you ticked it leads back to itself: %(way)s.") % {"way": " → ".join(way)})
    for thing, content in before:
        announce(thing, before=content, note=note, is_slip=True, by=by, at=at)


def _party(name: str, slugs: set[str]) -> ResponsibleParty:
    """A new party with an address of its own, which joins `slugs`."""
    beginning = slugify(name)[:70].strip("-") or "party"
    slug, number = beginning, 1
    while slug in slugs:
        number += 1
        slug = f"{beginning}-{number}"
    slugs.add(slug)
    return ResponsibleParty(name=name, slug=slug)


@dataclass
class _Line:
    """A row with a reference, and what it says by field."""

    row: Row
    reference: str
    area: int
    number: int
    values: dict[str, Any] = field(default_factory=dict)


class _Check:
    """One look at a sheet beside the plan that stands; it collects all faults before it says anything."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.faults: list[Fault] = []
        self.notices: list[str] = []
        self.places = self.read_heading()
        self.areas = {area.number: area for area in Area.objects.all()}
        self.standing = {one.reference: one for one in Recommendation.objects.for_snapshot()}
        self.parties = {party.name for party in ResponsibleParty.objects.all()}
        self.spelled = {folded(name): name for name in self.parties}
        self.looks = {seen(name): name for name in self.parties}
        self.slugs = set(ResponsibleParty.objects.values_list("slug", flat=True))
        self.new_parties: list[str] = []
        self.is_told = has_editions()

    def proposal(self) -> Proposal:
        if self.faults:
            return self.refused()
        lines = list(self.lines())
        if not lines and not self.faults:
            self.fault(Row(1, ()), "", _("There is no recommendation under the heading."))
        areas = self.area_changes(lines)
        self.refuse_unknown_and_circular(lines)
        changes, unchanged = [], 0
        new_areas = {area.number: Area(number=area.number, title=area.title) for area in areas if area.is_new}
        for line in lines:
            if change := self.change(line, new_areas):
                changes.append(change)
            else:
                unchanged += 1
        if self.faults:
            return self.refused()
        return Proposal(
            areas=tuple(areas),
            parties=tuple(self.new_parties),
            changes=tuple(changes),
            unchanged=unchanged,
            left_alone=len(set(self.standing) - {line.reference for line in lines}),
            notices=tuple(self.notices),
            is_told=self.is_told,
        )

    def refused(self) -> Proposal:
        faults = sorted(dict.fromkeys(self.faults), key=lambda one: (one.row, self.places.get(one.column, -1)))
        return Proposal(notices=tuple(self.notices), faults=tuple(faults))

    def fault(self, row: Row, column: str, message: str) -> None:
        self.faults.append(Fault(row.number, column, message))

    def read_heading(self) -> dict[str, int]:
        """Where each column that is read stands."""
        heading = Row(1, self.sheet.heading)
        places: dict[str, int] = {}
        unknown = []
        for place, cell in enumerate(self.sheet.heading):
            name = heading_name(cell)
            if name in places:
                self.fault(heading, name, _("It stands in the heading twice."))
            elif name in READ:
                places[name] = place
            elif name and name not in RECKONED:
                unknown.append(f"“{_quoted(cell)}”")
            elif not name and any(row.cells[place : place + 1] not in ((), ("",)) for row in self.sheet.rows):
                unknown.append(_("one without a name"))
        for name in REQUIRED:
            if name not in places:
                self.fault(heading, name, _("It is missing: there has to be a column of this name."))
        if unknown:
            words = {"columns": get_text_list(unknown, _("and"))}
            self.notices.append(_("Nobody here knows these columns, so they are passed over: %(columns)s.") % words)
        if places.get("reference") in self.sheet.decimals:
            self.notices.append(
                _(
                    "The workbook keeps some references as numbers, and so takes 3.10 for 3.1. Look at the references "
                    "below, or make that column text and type them again."
                )
            )
        return places

    def cell(self, row: Row, column: str) -> str:
        place = self.places[column]
        return with_plain_line_endings(row.cells[place]) if place < len(row.cells) else ""

    def lines(self) -> Iterator[_Line]:
        """The rows with a reference of their own; faults for the others."""
        rows_of: dict[str, int] = {}
        for row in self.sheet.rows:
            self.refuse_failed_formulas(row)
            if len(row.cells) > len(self.sheet.heading):
                self.fault(row, "", _("It goes on beyond the last column that has a name."))
            reference = _undefused(self.cell(row, "reference"))
            match = REFERENCE.fullmatch(reference)
            if not match:
                message = _("“%(found)s” is no reference. Write area and number with a point: 3.2")
                self.fault(row, "reference", message % {"found": _quoted(reference)})
                continue
            if reference in rows_of:
                words = {"reference": reference, "row": rows_of[reference]}
                message = _("%(reference)s stands in row %(row)d already.") % words
                self.fault(row, "reference", f"{message} {_shortened(reference)}")
                continue
            if self.is_shortened(match, before=next(reversed(rows_of), "")):
                message = _("%(reference)s stands where %(reference)s0 is expected.") % {"reference": reference}
                self.fault(row, "reference", f"{message} {_shortened(reference)}")
            rows_of[reference] = row.number
            line = _Line(row, reference, int(match[1]), int(match[2]))
            self.read(line)
            yield line

    def is_shortened(self, match: re.Match[str], *, before: str) -> bool:
        """Whether a reference comes right after the one that 3.10 follows, in a sheet that has none like 3.10."""
        follows = f"{match[1]}.{int(match[2]) * 10 - 1}"
        return before == follows and not any(
            (found := REFERENCE.fullmatch(_undefused(self.cell(row, "reference")))) and found[2].endswith("0")
            for row in self.sheet.rows
        )

    def refuse_failed_formulas(self, row: Row) -> None:
        for column in self.places:
            if (cell := self.cell(row, column).strip()) in FAILED:
                self.fault(row, column, _("A formula failed here: the spreadsheet shows %(error)s.") % {"error": cell})

    def read(self, line: _Line) -> None:
        """Read the cells of a row into values by field, each beside what stands."""
        stands = self.standing.get(line.reference)
        if "area_number" in self.places:
            said = self.cell(line.row, "area_number").strip()
            if said and said != str(line.area):
                words = {"reference": line.reference, "area": line.area, "found": _quoted(said)}
                message = _("%(reference)s belongs to area %(area)d, and this says “%(found)s”.") % words
                self.fault(line.row, "area_number", message)
        for column, name in FIELDS.items():
            if column not in self.places:
                continue
            cell = self.cell(line.row, column)
            if column in DATES:
                line.values[name] = self.day(line.row, column, cell)
            elif name == "parties":
                line.values[name] = self.named(line.row, cell, _names(stands))
            elif name == "replaced_by":
                line.values[name] = _listed(cell, _replacements(stands))
            else:
                line.values[name] = _taken(cell, getattr(stands, name) if stands else "")

    def day(self, row: Row, column: str, cell: str) -> dt.date | None:
        said = cell.strip()
        if not said:
            return None
        try:
            return dt.date.fromisoformat(said if DAY.fullmatch(said) else "")
        except ValueError:
            self.fault(row, column, _("“%(found)s” is no day. Write it like 2020-06-30.") % {"found": _quoted(said)})
            return None

    def named(self, row: Row, cell: str, stands: tuple[str, ...]) -> tuple[str, ...]:
        """The parties that a cell names, those that nobody knows yet noted as new."""
        names = tuple(
            dict.fromkeys(
                name if name in self.parties else self.looks.setdefault(seen(name), name)
                for name in _listed(cell, stands)
            )
        )
        for name in names:
            if name in self.parties:
                continue
            if (other := self.spelled.get(folded(name))) is not None:
                words = {"found": _quoted(name), "other": other}
                message = _("“%(found)s” is written “%(other)s” elsewhere: write the two alike.") % words
                self.fault(row, "responsible_parties", message)
                continue
            party = _party(name, self.slugs)
            self.validate(row, party, lambda _field: "responsible_parties")
            self.parties.add(name)
            self.spelled[folded(name)] = name
            self.new_parties.append(name)
        return names

    def area_changes(self, lines: list[_Line]) -> list[AreaChange]:
        said: dict[int, tuple[str, Row]] = {}
        for line in lines:
            stands = self.areas.get(line.area)
            title = _taken(self.cell(line.row, "area_title"), stands.title if stands else "")
            first = said.get(line.area)
            if title and first is None:
                said[line.area] = (title, line.row)
            elif title and first and seen(first[0]) != seen(title):
                words = {"area": line.area, "title": _quoted(first[0]), "row": first[1].number}
                message = _("Row %(row)d calls area %(area)d “%(title)s”, and this row something else.") % words
                self.fault(line.row, "area_title", message)
        for line in lines:
            if line.area not in self.areas and line.area not in said:
                self.fault(line.row, "area_title", _("Area %(area)d is new: say its title.") % {"area": line.area})
        changes = []
        for number, (title, row) in sorted(said.items()):
            area = self.areas.get(number)
            before = area.title if area else ""
            if title == before:
                continue
            if area is None:
                area = Area(number=number)
            area.title = title
            self.validate(row, area, lambda name: "area_title" if name == "title" else "reference")
            compared = words_compared(before, title) if before else (Piece("same", title),)
            changes.append(AreaChange(number, title, not before, compared))
        return changes

    def refuse_unknown_and_circular(self, lines: list[_Line]) -> None:
        leads_to = {reference: _replacements(one) for reference, one in self.standing.items()}
        known = set(self.standing) | {line.reference for line in lines}
        moved = []
        for line in lines:
            if "replaced_by" not in line.values:
                continue
            others: tuple[str, ...] = line.values["replaced_by"]
            if set(others) == set(leads_to.get(line.reference, ())):
                continue
            moved.append(line)
            leads_to[line.reference] = others
            for other in others:
                if other not in known:
                    message = _("There is no recommendation %(found)s, in the sheet or in the plan.")
                    self.fault(line.row, "replaced_by", message % {"found": _quoted(other)})
        for line in moved:
            if line.reference in leads_to[line.reference]:
                self.fault(line.row, "replaced_by", _("It can't take its own place."))
            elif way := _way_back(line.reference, leads_to):
                message = _("It leads back to itself: %(way)s.") % {"way": " → ".join(way)}
                self.fault(line.row, "replaced_by", message)

    def change(self, line: _Line, new_areas: Mapping[int, Area]) -> Change | None:
        """What a row changes; None where it says what stands."""
        stands = self.standing.get(line.reference)
        area = self.areas.get(line.area) or new_areas.get(line.area)
        if area is None:
            return None
        recommendation = stands or Recommendation(area=area, number=line.number)
        before = {name: _value(stands, name) for name in line.values}
        values = {name: value for name, value in line.values.items() if _differ(name, before[name], value)}
        if stands and not values:
            return None
        told = stands is not None and is_told(content_of(stands))
        title = stands.text if stands else line.values["text"]
        if stands and "text" in values and mostly_new(before["text"], values["text"]):
            words = {"reference": line.reference}
            message = _("Most of these words are new: %(reference)s would become another recommendation.") % words
            message += " " + _shortened(line.reference)
            if self.is_told:
                another = _("If it is another wording, give it a new reference, and retire %(reference)s.")
                self.fault(line.row, "reference", f"{message} {another % words}")
            else:
                self.notices.append(str(Fault(line.row.number, "reference", message)))
        for name, value in values.items():
            if name not in MANY:
                setattr(recommendation, name, value)
        self.validate(line.row, recommendation, lambda name: _column_of(name, recommendation))
        compared = []
        for name in FIELDS.values():
            if name not in values:
                continue
            field: Any = Recommendation._meta.get_field(name)
            label = str(field.verbose_name).capitalize()
            now = _in_words(values[name])
            if stands:
                compared.append((label, words_compared(_in_words(before[name]), now)))
            elif now:
                compared.append((label, (Piece("same", now),)))
        kept = tuple(values.items()) if stands else tuple(line.values.items())
        return Change(line.reference, Truncator(title).chars(80), not stands, kept, tuple(compared), told)

    def validate(self, row: Row, thing: models.Model, column_of: Callable[[str], str]) -> None:
        """Note what the model itself has against `thing`."""
        area = getattr(thing, "area", None)
        try:
            # An area that is not there yet can't be looked up.
            thing.full_clean(exclude={"area"} if area is not None and area.pk is None else None)
        except ValidationError as error:
            for name, messages in error.message_dict.items():
                column = column_of(name)
                if any((fault.row, fault.column) == (row.number, column) for fault in self.faults):
                    # What was no day is missing now: the one sentence is enough.
                    continue
                for message in messages:
                    self.fault(row, column, message)


def mostly_new(before: str, after: str) -> bool:
    """Whether two texts have fewer than half of their words in common, by the longer of the two."""
    old, new = (Counter(re.findall(r"\w+", folded(text))) for text in (before, after))
    return 2 * (old & new).total() < max(old.total(), new.total())


def _shortened(reference: str) -> str:
    """What may have happened to a reference, and the cure."""
    return _(
        "If it is %(reference)s0, a spreadsheet program took it for a number and dropped the 0: make the column of "
        "references text, type it again, and save it as .xlsx."
    ) % {"reference": reference}


def _column_of(name: str, recommendation: Recommendation) -> str:
    if name == NON_FIELD_ERRORS:
        # The one rule that spans fields: it is retired on a day and for a reason.
        return "retired_reason" if recommendation.retired_on else "retired_on"
    return next((column for column, of in FIELDS.items() if of == name), "reference")


def _taken(cell: str, stands: str) -> str:
    """What a cell says where `stands` stood: the same if it looks like that as our files write it, else its words."""
    return stands if seen(cell) in (seen(stands), seen(defused(stands))) else _undefused(cell)


def _undefused(cell: str) -> str:
    """The words of a cell, without the apostrophe that our files put before what looks like a formula."""
    words = cell.strip()
    return words[1:] if words.startswith("'") and FORMULA.match(words[1:]) else words


def _listed(cell: str, stands: tuple[str, ...]) -> tuple[str, ...]:
    """What a cell lists, separated by semicolons, each once; `stands` if it is that as our files write it."""
    if cell in ((joined := _in_words(stands)), defused(joined)):
        return stands
    return tuple(dict.fromkeys(words for part in _undefused(cell).split(";") if (words := part.strip())))


def _names(recommendation: Recommendation | None) -> tuple[str, ...]:
    return tuple(party.name for party in recommendation.parties.all()) if recommendation else ()


def _replacements(recommendation: Recommendation | None) -> tuple[str, ...]:
    return tuple(other.reference for other in recommendation.replaced_by.all()) if recommendation else ()


def _value(recommendation: Recommendation | None, name: str) -> Any:
    """What stands in a field, as a sheet's values are; of one that is new, what it holds from the beginning."""
    if name == "parties":
        return _names(recommendation)
    if name == "replaced_by":
        return _replacements(recommendation)
    return getattr(recommendation or Recommendation(), name)


def _differ(name: str, before: Any, now: Any) -> bool:
    return set(before) != set(now) if name in MANY else bool(before != now)


def _in_words(value: Any) -> str:
    if isinstance(value, tuple):
        return "; ".join(value)
    return "" if value is None else str(value)


def _way_back(reference: str, leads_to: Mapping[str, tuple[str, ...]]) -> list[str]:
    """The shortest way on from `reference` that comes back to it; none where there is none."""
    ways, seen = [[reference]], set()
    for way in ways:
        for other in leads_to.get(way[-1], ()):
            if other == reference:
                return [*way, other]
            if other not in seen:
                seen.add(other)
                ways.append([*way, other])
    return []


def _quoted(words: str) -> str:
    """A cell's words short enough for a sentence, with what can't be printed made visible."""
    return REFUSED.sub("\ufffd", Truncator(words).chars(60))
