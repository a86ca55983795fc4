"""The statuses in the form of the plan: all of them, each with the plan's own words or, in grey, the software's."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import translation
from django.utils.translation import gettext as _

from recommendations.models import Status, StatusWording
from recommendations.text.intake import folded

from .conflicts import as_sent
from .fields import writable
from .parts import PartFormSet

if TYPE_CHECKING:
    ModelForm = forms.ModelForm[StatusWording]
else:
    ModelForm = forms.ModelForm


class StatusWordingForm(ModelForm):
    """One status, `word`. `ours` are the software's own words for it, shown in grey; none in the form for no status."""

    formset: StatusWordingFormSet

    class Meta:
        model = StatusWording
        fields = ["status", "is_used", "label", "definition", "evidence"]
        widgets = {"status": forms.HiddenInput}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.word = self.instance.status or self.initial.get("status", "")
        self.ours: dict[str, str] = {}

    def has_changed(self) -> bool:
        return self.is_touched() or (not self.instance.pk and self.formset.is_worded())

    def is_touched(self) -> bool:
        return super().has_changed()


class StatusWordingFormSet(PartFormSet):
    """All statuses: those that are stored, and then a row for each that isn't.

    Once one is worded, all are stored, so that they stay in their order.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        stored = {wording.status for wording in self.get_queryset()}
        missing = [status.value for status in Status if status.value not in stored]
        self.extra, self.initial_extra = len(missing), [{"status": word} for word in missing]

    @cached_property
    def ours(self) -> dict[str, dict[str, str]]:
        """The software's own words for each status, in the language of the plan."""
        with translation.override(self.instance.language):
            return {
                status.value: {
                    "label": str(status.label),
                    "definition": status.definition,
                    "evidence": status.evidence,
                }
                for status in Status
            }

    def add_fields(self, form: Any, index: int | None) -> None:
        form.formset, form.ours = self, self.ours.get(form.word, {})
        for name, words in form.ours.items():
            form.fields[name].widget.attrs["placeholder"] = words
        for name in ("definition", "evidence"):
            form.fields[name].widget.attrs["rows"] = 3
        super().add_fields(form, index)

    def full_clean(self) -> None:
        if self.is_bound and self.management_form.is_valid():
            self.find_worded()
        super().full_clean()

    def find_worded(self) -> None:
        """Where a colleague worded the statuses since the form was opened, treat its new rows as those stored by now.

        What each new row said at first is what a status says that nobody worded.
        """
        stored = {wording.status: wording for wording in self.instance.status_wordings.all()}
        data = writable(self.data)
        new = range(self.initial_form_count(), self.total_form_count())
        statuses = {number: str(data.get(f"{self.prefix}-{number}-status")) for number in new}
        if not new or not set(statuses.values()) <= set(stored):
            return
        for number, status in statuses.items():
            data[self.id_name(number)] = str(stored[status].pk)
            for name, value in self.values_of(StatusWording(status=status)).items():
                data.setlist(f"initial-{self.prefix}-{number}-{name}", as_sent(value))
        data[f"{self.prefix}-INITIAL_FORMS"] = str(self.total_form_count())
        self.show(data)

    def is_worded(self) -> bool:
        return any(form.is_touched() for form in self.forms)

    def clean(self) -> None:
        super().clean()
        used = [form for form in self.forms if form.is_valid() and form.cleaned_data.get("is_used", True)]
        if self.forms and not used:
            raise ValidationError(_("Leave at least one status in use."))
        called = set()
        for form in used:
            label = folded(form.cleaned_data.get("label") or form.ours.get("label", ""))
            if label in called:
                form.add_error("label", _("Another status is called this."))
            called.add(label)
