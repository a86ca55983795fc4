"""A sheet compared with the plan as it is stored: what importing it would change, or why it can't be imported."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from copy import copy
from functools import partial
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models
from django.utils.text import Truncator, slugify
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from recommendations.data.sheets import Row, Sheet
from recommendations.models import Area, Recommendation, ResponsibleParty
from recommendations.models.plan import has_editions
from recommendations.reading.adopted import ADOPTED_FIELDS
from recommendations.reading.entries import LinkBeside
from recommendations.text.diff import Piece, words_compared
from recommendations.text.intake import folded
from recommendations.text.lookalikes import difference, named

from .areas import Areas
from .cells import as_text, quoted, text_in
from .columns import FIELDS, LINKS, MANY
from .faults import Faults
from .order import in_order
from .proposal import Fault, Proposal, RecommendationChange
from .references import dropped_zero
from .rows import Line, RecommendationReader, StoredPlan, party_names, replacements
from .statuses import changed_statuses

# What the fields of a new recommendation hold.
BLANK = Recommendation()


def check(sheet: Sheet, *, on: dt.date) -> Proposal:
    """What importing `sheet` on the day `on` would change, or all that is wrong with it, by row and column."""
    return _Check(sheet, on=on).proposal()


class _Check:
    """One comparison of a sheet with the stored plan: it saves nothing, and collects all faults before it ends."""

    def __init__(self, sheet: Sheet, *, on: dt.date) -> None:
        self.on = on
        self.stored = StoredPlan.load()
        self.faults = Faults()
        self.reader = RecommendationReader(sheet, self.stored, self.faults)
        self.notices = self.reader.notices
        self.has_editions = has_editions()

    def proposal(self) -> Proposal:
        if self.faults:
            return self.refused()
        lines = list(self.reader.lines())
        if not lines and not self.faults:
            self.faults.add(Row(1, ()), "", _("There are no recommendations below the first row."))
        parties = self.new_parties(lines)
        found = Areas(lines, self.stored, self.faults)
        areas = found.changes()
        self.refuse_wrong_replacements(lines)
        new_areas = {area.number: Area(number=area.number, title=area.title) for area in areas if area.is_new}
        changes = [change for line in lines if (change := self.change(line, new_areas))]
        if (place := self.reader.heading.passed_over.get("status")) is not None:
            said = {line.reference: line.row.cells[place] for line in lines if place < len(line.row.cells)}
            self.notices.extend(filter(None, [changed_statuses(said, on=self.on)]))
        self.notices.extend(self.changed_links(lines))
        if self.faults:
            return self.refused()
        positions, positions_as_in_sheet, reordered = in_order(lines, self.stored)
        return Proposal(
            areas=tuple(areas),
            parties=tuple(parties),
            changes=tuple(changes),
            unchanged=len(lines) - len(changes),
            left_alone=len(set(self.stored.recommendations) - {line.reference for line in lines}),
            notices=tuple(self.notices),
            is_announced=self.has_editions,
            positions=positions,
            positions_as_in_sheet=positions_as_in_sheet if reordered else (),
            reordered=reordered,
            is_unnumbered=any(area.title for area in areas) and not found.are_numbered,
        )

    def changed_links(self, lines: list[Line]) -> Iterator[str]:
        """What staff are told where our own file says other links beside a recommendation than the tracker."""
        places = self.reader.heading.passed_over
        for name, place in ((name, places[name]) for name in LINKS if name in places):
            other = []
            for line in lines:
                stored = self.stored.recommendations.get(line.reference)
                rows = stored.links.all() if stored else ()
                links = LINKS[name](LinkBeside(row.kind, row.label, row.address) for row in rows)
                if place < len(line.row.cells) and text_in(line.row.cells[place], links) != links:
                    other.append(line.reference)
            if other:
                found = ngettext(
                    "The column “%(column)s” says something else than the tracker in %(count)d row, about %(first)s.",
                    "The column “%(column)s” says something else than the tracker in %(count)d rows, first about "
                    "%(first)s.",
                    len(other),
                ) % {"column": name, "count": len(other), "first": other[0]}
                cure = _("Links are not imported: add them in the form of each recommendation.")
                yield f"{found} {cure}"

    def refused(self) -> Proposal:
        return Proposal(notices=tuple(self.notices), faults=self.faults.in_order(self.reader.places))

    def new_parties(self, lines: list[Line]) -> list[str]:
        """The parties that the rows name and nobody knows yet."""
        spelled = {folded(name): name for name in self.stored.parties}
        slugs = set(ResponsibleParty.objects.values_list("slug", flat=True))
        found: list[str] = []
        for line in lines:
            for name in line.values.get("parties", ()):
                if name in self.stored.parties or name in found:
                    continue
                if (other := spelled.get(folded(name))) is not None:
                    words = {"found": quoted(name), "other": other}
                    message = _("“%(found)s” is written “%(other)s” elsewhere: use the same spelling.") % words
                    if what := difference(name, other):
                        message += " " + _("The only difference: %(difference)s.") % {"difference": what}
                    self.faults.add(line.row, "responsible_parties", message)
                    continue
                # Nobody has the name: it was looked for.
                self.faults.add_errors_of(
                    new_party(name, slugs).clean_fields, line.row, lambda _field: "responsible_parties"
                )
                spelled[folded(name)] = name
                found.append(name)
        return found

    def refuse_wrong_replacements(self, lines: list[Line]) -> None:
        """Refuse what is replaced by something unknown, by itself, or in a circle."""
        leads_to = {reference: replacements(one) for reference, one in self.stored.recommendations.items()}
        known = set(self.stored.recommendations) | {line.reference for line in lines}
        moved = []
        for line in lines:
            if "replaced_by" not in line.values:
                continue
            spelled = self.reader.references.spelled
            others = tuple(spelled.get(named(each), each) for each in line.values["replaced_by"])
            line.values["replaced_by"] = others
            if set(others) == set(leads_to.get(line.reference, ())):
                continue
            moved.append(line)
            leads_to[line.reference] = others
            for other in others:
                if other not in known:
                    message = _("There is no recommendation %(found)s, in the sheet or in the plan.")
                    self.faults.add(line.row, "replaced_by", message % {"found": quoted(other)})
        for line in moved:
            if line.reference in leads_to[line.reference]:
                self.faults.add(line.row, "replaced_by", _("It can't replace itself."))
            elif way := way_back(line.reference, leads_to):
                message = _("It would end up replacing itself: %(way)s.") % {"way": " → ".join(way)}
                self.faults.add(line.row, "replaced_by", message)

    def change(self, line: Line, new_areas: Mapping[int, Area]) -> RecommendationChange | None:
        """What a row changes; None where it says what is stored."""
        stored = self.stored.recommendations.get(line.reference)
        area = self.stored.areas.get(line.area) or new_areas.get(line.area)
        if area is None:
            return None
        recommendation = copy(stored) if stored else Recommendation(area=area, reference=line.reference, position=1)
        before = {name: _value(stored, name) for name in line.values}
        values = {name: value for name, value in line.values.items() if _differ(name, before[name], value)}
        if stored and not values:
            return None
        is_told = bool(set(values) & set(ADOPTED_FIELDS[Recommendation]))
        announced = stored is not None and is_told and self.has_editions and stored.has_begun(self.on)
        title = stored.text if stored else line.values["text"]
        if stored and "text" in values and mostly_new(before["text"], values["text"]):
            self.warn_of_another_recommendation(line)
        for name, value in values.items():
            if name not in MANY:
                setattr(recommendation, name, value)
        rule = partial(_clean, recommendation, stored=stored, names=set(values), has_editions=self.has_editions)
        self.faults.add_errors_of(rule, line.row, lambda name: _column_of(name, recommendation))
        compared = []
        for name in FIELDS.values():
            if name not in values:
                continue
            field: Any = Recommendation._meta.get_field(name)
            label = str(field.verbose_name).capitalize()
            now = as_text(values[name])
            if stored:
                was = as_text(before[name])
                if what := difference(was, now):
                    words = {"label": label, "difference": what}
                    label = _("%(label)s (the only difference: %(difference)s)") % words
                compared.append((label, words_compared(was, now)))
            elif now:
                compared.append((label, (Piece("same", now),)))
        given = tuple(values.items()) if stored else tuple(line.values.items())
        return RecommendationChange(
            line.reference, Truncator(title).chars(80), not stored, given, tuple(compared), announced, line.area
        )

    def warn_of_another_recommendation(self, line: Line) -> None:
        """Say that a new text is perhaps another recommendation: once reports have been published, that is a fault."""
        words = {"reference": line.reference}
        message = _("Most of these words are new: %(reference)s would become a different recommendation.") % words
        message = f"{message} {dropped_zero(line.reference)}".strip()
        if self.has_editions:
            another = _("If you reworded it, give it a new reference, and retire %(reference)s.")
            self.faults.add(line.row, "reference", f"{message} {another % words}")
        else:
            self.notices.append(str(Fault(line.row.number, "reference", message)))


def _clean(
    recommendation: Recommendation, *, stored: Recommendation | None, names: Collection[str], has_editions: bool
) -> None:
    """What `full_clean` does, for a recommendation whose reference was looked at and of which these fields change.

    It asks the database only about the constraints that look at one of them: a sheet has a thousand rows.
    """
    rules: list[Callable[[], None]] = [
        lambda: recommendation.clean_fields(exclude={"area"}),
        recommendation.refuse_half_of_what_done_means,
    ]
    if has_editions:
        rules.append(lambda: recommendation.clean_beside(stored))
    found: dict[str, Any] = {}
    for rule in rules:
        try:
            rule()
        except ValidationError as error:
            found = error.update_error_dict(found)
    for constraint in Recommendation._meta.constraints:
        condition = constraint.condition if isinstance(constraint, models.CheckConstraint) else None
        if isinstance(condition, models.Q) and not condition.referenced_base_fields.isdisjoint(names):
            try:
                constraint.validate(Recommendation, recommendation, exclude=set(found))
            except ValidationError as error:
                found = error.update_error_dict(found)
    if found:
        raise ValidationError(found)


def mostly_new(before: str, after: str) -> bool:
    """Whether two texts have fewer than half of their words in common, by the longer of the two."""
    old, new = (Counter(re.findall(r"\w+", folded(text))) for text in (before, after))
    return 2 * (old & new).total() < max(old.total(), new.total())


def new_party(name: str, slugs: set[str]) -> ResponsibleParty:
    """A new party with an address of its own, which joins `slugs`."""
    whole = slugify(name)
    # A long one ends with a word, where it has several.
    beginning = (whole if len(whole) <= 70 else whole[:71].rpartition("-")[0] or whole[:70]).strip("-") or "party"
    slug, number = beginning, 1
    while slug in slugs:
        number += 1
        slug = f"{beginning}-{number}"
    slugs.add(slug)
    return ResponsibleParty(name=name, slug=slug)


def way_back(reference: str, leads_to: Mapping[str, tuple[str, ...]]) -> list[str]:
    """The shortest way on from `reference` that comes back to it; none where there is none."""
    ways, visited = [[reference]], set()
    for way in ways:
        for other in leads_to.get(way[-1], ()):
            if other == reference:
                return [*way, other]
            if other not in visited:
                visited.add(other)
                ways.append([*way, other])
    return []


def _column_of(name: str, recommendation: Recommendation) -> str:
    if name == NON_FIELD_ERRORS:
        # The one rule that spans fields and no field's check says first: it is retired on a day and for a reason.
        return "retired_reason" if recommendation.retired_on else "retired_on"
    return next((column for column, of in FIELDS.items() if of == name), "reference")


def _value(recommendation: Recommendation | None, name: str) -> Any:
    """What is stored in a field, as a sheet's values are; of a new one, what the field holds from the beginning."""
    if name == "parties":
        return party_names(recommendation)
    if name == "replaced_by":
        return replacements(recommendation)
    return getattr(recommendation or BLANK, name)


def _differ(name: str, before: Any, now: Any) -> bool:
    return set(before) != set(now) if name in MANY else bool(before != now)
