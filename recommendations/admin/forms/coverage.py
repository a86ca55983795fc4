"""The recommendations that an update covers, each with the status that it records."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils.datastructures import MultiValueDict
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from recommendations.models import ProgressUpdate, Recommendation, Status, StatusWording
from recommendations.text import dates
from recommendations.workspace.so_far import NOTHING, SoFar

# Before the status that a recommendation has already: chosen by itself, and recorded only once somebody confirms it by
# marking the update ready. It names the status that was shown, so that nobody confirms another one.
AS_BEFORE = "as before: "


def status_word(status: str) -> str:
    """The status that was chosen, also where it is the one from before."""
    return status.removeprefix(AS_BEFORE)


@dataclass(frozen=True)
class CoverageRow:
    """A row of the widget. `as_before` is the status that can stay, empty for none; `chosen` is what the list shows.

    `repeats` is the reference above that has the same last text, empty for none.
    """

    recommendation: Recommendation
    so_far: SoFar
    label: str
    is_covered: bool
    chosen: str
    as_before: str
    repeats: str

    @property
    def keeps(self) -> str:
        """The choice that keeps the status from before; empty where there is none to keep."""
        return f"{AS_BEFORE}{self.as_before}" if self.as_before else ""

    @property
    def must_choose(self) -> bool:
        """Whether the list begins with no status: there is none to keep, or no longer the one that was shown."""
        return not self.keeps or (self.chosen.startswith(AS_BEFORE) and self.chosen != self.keeps)


class CoverageWidget(forms.Widget):
    """One row for each recommendation that is offered: whether the update covers it, and the status it records.

    Its value is a mapping of ids to status words; as typed, a pair of ticked ids and statuses by id.
    """

    template_name = "admin/widgets/_coverage.html"
    offered: list[Recommendation]
    statuses: list[tuple[str, str]]
    so_far: Mapping[int, SoFar]
    as_before: Mapping[int, str]

    class Media:
        js = ["js/admin-coverage.js"]

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        self.offered, self.statuses, self.so_far, self.as_before = [], [], {}, {}

    def id_for_label(self, id_: str) -> str:
        return ""

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> tuple[list[str], dict[str, str]]:
        ticked = data.getlist(name) if isinstance(data, MultiValueDict) else list(data.get(name, []))
        return ticked, {str(one.pk): data.get(f"{name}-{one.pk}", "") for one in self.offered}

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        return False

    def rows(self, ticked: Collection[str], statuses: Mapping[str, str]) -> Iterator[CoverageRow]:
        labels = StatusWording.objects.labels()
        first_with: dict[int, str] = {}
        for one in self.offered:
            known = self.so_far.get(one.pk, NOTHING)
            as_before = self.as_before.get(one.pk, "")
            first = first_with.setdefault(known.last.pk, one.reference) if known.last else ""
            yield CoverageRow(
                recommendation=one,
                so_far=known,
                label=labels.get(known.status.key, "") if known.status else "",
                is_covered=str(one.pk) in ticked,
                chosen=statuses.get(str(one.pk), "") or (f"{AS_BEFORE}{as_before}" if as_before else ""),
                as_before=as_before,
                repeats="" if first == one.reference else first,
            )

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        if isinstance(value, tuple):
            ticked, statuses = value
        else:
            statuses = {str(id): status for id, status in (value or {}).items()}
            ticked = list(statuses)
        context = {
            "name": name,
            "rows": list(self.rows(ticked, statuses)),
            "statuses": self.statuses,
            "done": [status.value for status in Status if status.is_done],
            "attrs": self.build_attrs(self.attrs, attrs),
        }
        return render_to_string(self.template_name, context)


class CoverageCopy(forms.HiddenInput):
    """The hidden copy of a coverage as the form was opened with it, as JSON."""

    def format_value(self, value: Any) -> str:
        return value if isinstance(value, str) else json.dumps(value or {})


class CoverageField(forms.Field):
    """Which recommendations an update covers, with the status of each: ids to status words, empty for none yet."""

    widget = CoverageWidget
    hidden_widget = CoverageCopy
    default_error_messages = {"required": _("It covers no recommendations: tick at least one.")}

    def offer(
        self,
        recommendations: Iterable[Recommendation],
        *,
        recorded: Collection[str] = (),
        so_far: Mapping[int, SoFar] | None = None,
    ) -> None:
        """Offer these, with the statuses that the plan uses and those that were `recorded` all the same.

        `so_far` is what is known of each; what can stay as before is told by `propose`.
        """
        self.offered = self.widget.offered = list(recommendations)
        self.statuses = self.widget.statuses = StatusWording.objects.choices(recorded=recorded)
        self.so_far = self.widget.so_far = so_far or {}

    def propose(self, *, on: dt.date) -> dict[int, str]:
        """Propose for an update dated `on` that each recommendation keeps the status that it has; by id.

        A status that the plan no longer uses isn't proposed, nor one that came later than the update.
        """
        used = dict(self.statuses)
        self.widget.as_before = {
            id: known.status.key
            for id, known in self.so_far.items()
            if known.status and known.status.key in used and known.status.dated_on <= on
        }
        return dict(self.widget.as_before)

    def clean(self, value: tuple[list[str], dict[str, str]]) -> dict[int, str]:
        """Ids to statuses; one that shall stay is still marked as such: see `settled`."""
        ticked, statuses = value
        offered = {str(one.pk): one for one in self.offered}
        if not set(ticked) <= set(offered):
            raise ValidationError(
                _("One of the recommendations isn't in this area. An update covers recommendations from one area.")
            )
        errors = [
            gettext("%(reference)s has a status but isn't ticked: tick it, or remove the status.")
            % {"reference": one.reference}
            for id, one in offered.items()
            if statuses.get(id) and id not in ticked and not statuses[id].startswith(AS_BEFORE)
        ]
        errors += [
            gettext("Choose a status from the list for %(reference)s.") % {"reference": offered[id].reference}
            for id in offered
            if statuses.get(id) and status_word(statuses[id]) not in dict(self.statuses)
        ]
        if not ticked:
            errors.append(str(self.error_messages["required"]))
        if errors:
            raise ValidationError(errors)
        return {one.pk: statuses.get(id, "") for id, one in offered.items() if id in ticked}

    def settled(
        self, coverage: Mapping[int, str], *, on: dt.date | None, is_confirmed: bool
    ) -> tuple[dict[int, str], list[str]]:
        """`coverage` without marks, and why a status can't stay as before; `on` is the day of the update, if known.

        What nobody confirmed is left without a status. What was confirmed is the status that was shown, no other.
        """
        references = {one.pk: one.reference for one in self.offered}
        labels = dict(self.statuses)
        found, errors = {}, []
        for id, chosen in coverage.items():
            found[id] = word = status_word(chosen)
            if word == chosen:
                continue
            if not is_confirmed:
                found[id] = ""
                continue
            status = self.so_far.get(id, NOTHING).status
            words = {"reference": references[id], "status": labels[word]}
            if status is None or status.key != word:
                message = gettext("The status of %(reference)s is no longer “%(status)s”: choose one.")
                errors.append(message % words)
            elif on and status.dated_on > on:
                message = gettext(
                    "%(reference)s is “%(status)s” only since %(day)s, after this update: choose a status."
                )
                errors.append(message % {**words, "day": dates.day(status.dated_on)})
        return found, errors

    def to_python(self, value: Any) -> dict[str, str]:
        """The coverage in a hidden copy; empty if it holds none."""
        try:
            copy = json.loads(value or "{}")
        except ValueError:
            copy = {}
        return copy if isinstance(copy, dict) else {}

    def has_changed(self, initial: Mapping[Any, str] | None, data: Any) -> bool:
        """Whether `data`, as typed or as a hidden copy, differs from `initial`."""
        if isinstance(data, tuple):
            ticked, statuses = data
            # What shall stay as before was not recorded before either.
            covered = {id: "" if (chosen := statuses.get(id, "")).startswith(AS_BEFORE) else chosen for id in ticked}
        else:
            covered = self.to_python(data)
        return {str(id): status for id, status in (initial or {}).items()} != covered


def with_references(update: ProgressUpdate) -> str:
    """An update with what it covers: “3.1, 3.2 – June 2020: In early 2020…”."""
    references = ", ".join(assessment.recommendation.reference for assessment in update.assessments.all())
    return f"{references} – {update}"
