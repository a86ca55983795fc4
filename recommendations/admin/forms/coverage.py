"""The recommendations that an update covers, each with the status that it records."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils.datastructures import MultiValueDict
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from recommendations.models import ProgressUpdate, Recommendation, Status, StatusWording


class CoverageWidget(forms.Widget):
    """One row for each recommendation that is offered: whether the update covers it, and the status it records.

    Its value is a mapping of ids to status words; as typed, a pair of ticked ids and statuses by id.
    """

    template_name = "admin/widgets/_coverage.html"
    offered: list[Recommendation]
    statuses: list[tuple[str, str]]

    class Media:
        js = ["js/admin-coverage.js"]

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        self.offered, self.statuses = [], []

    def id_for_label(self, id_: str) -> str:
        return ""

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> tuple[list[str], dict[str, str]]:
        ticked = data.getlist(name) if isinstance(data, MultiValueDict) else list(data.get(name, []))
        return ticked, {str(one.pk): data.get(f"{name}-{one.pk}", "") for one in self.offered}

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        return False

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        if isinstance(value, tuple):
            ticked, statuses = value
        else:
            statuses = {str(id): status for id, status in (value or {}).items()}
            ticked = list(statuses)
        rows = [(one, str(one.pk) in ticked, statuses.get(str(one.pk), "")) for one in self.offered]
        attrs = self.build_attrs(self.attrs, attrs)
        done = [status.value for status in Status if status.is_done]
        context = {"name": name, "rows": rows, "statuses": self.statuses, "done": done, "attrs": attrs}
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

    def offer(self, recommendations: Iterable[Recommendation], *, recorded: Collection[str] = ()) -> None:
        """Offer these, with the statuses that the plan uses and those that were `recorded` all the same."""
        self.offered = self.widget.offered = list(recommendations)
        self.statuses = self.widget.statuses = StatusWording.objects.choices(recorded=recorded)

    def clean(self, value: tuple[list[str], dict[str, str]]) -> dict[int, str]:
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
            if statuses.get(id) and id not in ticked
        ]
        errors += [
            gettext("Choose a status from the list for %(reference)s.") % {"reference": offered[id].reference}
            for id in offered
            if statuses.get(id) and statuses[id] not in dict(self.statuses)
        ]
        if not ticked:
            errors.append(str(self.error_messages["required"]))
        if errors:
            raise ValidationError(errors)
        return {one.pk: statuses.get(id, "") for id, one in offered.items() if id in ticked}

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
            covered = {id: statuses.get(id, "") for id in ticked}
        else:
            covered = self.to_python(data)
        return {str(id): status for id, status in (initial or {}).items()} != covered


def with_references(update: ProgressUpdate) -> str:
    """An update with what it covers: “3.1, 3.2 – June 2020: In early 2020…”."""
    references = ", ".join(assessment.recommendation.reference for assessment in update.assessments.all())
    return f"{references} – {update}"
