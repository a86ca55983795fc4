"""Which recommendations a row covers and where it says that each stands."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from difflib import get_close_matches

from django.utils.translation import gettext as _

from recommendations.models import Recommendation, StatusWording
from recommendations.publishing.importing.cells import quoted, undefused
from recommendations.publishing.importing.references import made_of
from recommendations.publishing.importing.statuses import no_status, status_words, word
from recommendations.text.lookalikes import named, seen

PARTS = re.compile(r"[;\n]+")
LISTED = re.compile(r",| and | et | & ")
RANGE = re.compile(r"(.+?)\s*(?: to | through | à | au |\u2013|\u2014|-)\s*(.+)", re.IGNORECASE)
LONGEST = 400  # characters of what lists references, or gives some of them a status
NUMBERED = re.compile(r"(.*?)([0-9]+)(\D*)", re.DOTALL)
BETWEEN = re.compile(r"\s*(?:[:=]|\s[\u2013\u2014-]\s|\s)\s*")


class NotRead(Exception):
    """A cell that can't be read. The message tells staff why, and what to do."""


class Coverage:
    """Reads references and statuses beside the `recommendations` of the plan, in plan order, by reference."""

    def __init__(self, recommendations: Mapping[str, Recommendation]) -> None:
        self.recommendations = recommendations
        self.spelled = {named(reference): reference for reference in recommendations}
        self.order = list(recommendations)
        self.labels = dict(StatusWording.objects.choices())
        self.shown = {**self.labels, "": _("no status yet")}
        # What the plan calls a status is that status, whatever else has the same name.
        self.known = {one: status for status, words in status_words().items() if status in self.labels for one in words}
        self.known |= {word(label): status for status, label in self.labels.items()}

    def references(self, cell: str) -> tuple[str, ...]:
        """The references that a cell lists, each once, in plan order; NotRead where one isn't known, or unclear."""
        said = undefused(cell)
        found = self._listed(said)
        if len({self.recommendations[one].area_id for one in found}) > 1:
            raise NotRead(
                _("These belong to different areas: an update covers those of one. Write a row for each area.")
            )
        return tuple(sorted(found, key=self.order.index))

    def _listed(self, said: str) -> set[str]:
        if not said:
            raise NotRead(_("Say which recommendations it covers: 3.2, or 3.1, 3.2."))
        if whole := self._one(said):
            return {whole}
        found: set[str] = set()
        for part in filter(None, map(str.strip, PARTS.split(said))):
            if one := self._one(part):
                found.add(one)
                continue
            pieces = [piece.strip() for piece in LISTED.split(part) if piece.strip()]
            if len(pieces) > 1 and made_of(part) and not all(map(self._one, pieces)):
                raise NotRead(made_of(part))
            for piece in pieces:
                found |= self._one_or_range(piece)
        return found

    def _one(self, said: str) -> str:
        return self.spelled.get(named(said), "")

    def _one_or_range(self, said: str) -> set[str]:
        if one := self._one(said):
            return {one}
        if (
            (match := RANGE.fullmatch(said[:LONGEST]))
            and (first := self._one(match[1]))
            and (last := self._one(match[2]))
        ):
            return self._range(said, first, last)
        raise NotRead(
            made_of(seen(said)) or _("There is no recommendation %(found)s in the plan.") % {"found": quoted(said)}
        )

    def _range(self, said: str, first: str, last: str) -> set[str]:
        """What stands from `first` to `last` in the plan, where their numbers say the same."""
        between = self.order[self.order.index(first) : self.order.index(last) + 1]
        begin, end = NUMBERED.fullmatch(first), NUMBERED.fullmatch(last)
        if begin and end and begin.group(1, 3) == end.group(1, 3):
            numbers = range(int(begin[2]), int(end[2]) + 1)
            if 0 < len(numbers) == len(between) and {f"{begin[1]}{each}{begin[3]}" for each in numbers} == set(between):
                return set(between)
        raise NotRead(
            _("It isn't clear which ones “%(found)s” means. List each: 3.1, 3.2, 3.3.") % {"found": quoted(said)}
        )

    def statuses(self, cell: str, covered: tuple[str, ...]) -> dict[str, str]:
        """The status that a cell gives for each that is `covered`, "" for none; NotRead where it makes no sense."""
        said = undefused(cell)
        if (one := self._status(said)) is not None:
            return dict.fromkeys(covered, one)
        parts = [part for part in map(str.strip, PARTS.split(said)) if part]
        with suppress(NotRead):
            parts = [piece for part in parts for piece in self._apart(part)]
        found: dict[str, str] = {}
        for part in parts:
            references, status = self._for_some(part)
            for reference in sorted(references, key=self.order.index):
                if reference not in covered:
                    words = {"reference": reference}
                    raise NotRead(_("It gives a status for %(reference)s, which the row doesn't cover.") % words)
                if found.setdefault(reference, status) != status:
                    raise NotRead(_("It gives %(reference)s two statuses.") % {"reference": reference})
        return {reference: found.get(reference, "") for reference in covered}

    def _apart(self, part: str) -> list[str]:
        """3.1: ongoing, 3.2: completed as two parts; NotRead where a comma separates something else."""
        pieces = [piece.strip() for piece in part.split(",")]
        for piece in pieces:
            self._for_some(piece)
        return pieces

    def _for_some(self, part: str) -> tuple[set[str], str]:
        """The references and the status in 3.1: ongoing, or 3.1 and 3.2 – ongoing."""
        unknown = part
        for match in BETWEEN.finditer(part[:LONGEST]):
            try:
                references = self._listed(part[: match.start()])
            except NotRead:
                continue
            status = self._status(unknown := part[match.end() :])
            if status is not None:
                return references, status
        raise NotRead(self._unknown(unknown))

    def _status(self, said: str) -> str | None:
        """The status that words name, "" for none; None where they name nothing known."""
        plain = word(said)
        return "" if plain in no_status() else self.known.get(plain)

    def _unknown(self, said: str) -> str:
        labels = list(self.labels.values())
        words = {
            "found": quoted(said),
            "meant": "".join(get_close_matches(said.lower(), [one.lower() for one in labels], n=1)),
        }
        if words["meant"]:
            return _("“%(found)s” isn't a status. Is it “%(meant)s”?") % words
        words["known"] = ", ".join(labels)
        return _("“%(found)s” isn't a status. Write one of these: %(known)s.") % words
