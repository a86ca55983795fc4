"""The forms of the yearly report and of its publication."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from recommendations.models import ProgressUpdate
from recommendations.models.statuses import NOTE_LENGTH
from recommendations.reading import findings

from .conflicts import BaseForm, SignedOutMixin, set_hidden
from .fields import PassageFormField, offer, short
from .imports import BusyForm

if TYPE_CHECKING:
    ModelForm = forms.ModelForm[Any]
else:
    ModelForm = forms.ModelForm


class ReportForm(BaseForm):
    beside = {"report_period_ends_after_it_starts": "ends_on"}

    class Meta:
        help_texts = {
            "introduction": _("Comes after the plan's introduction. Start quoted lines with “> ”."),
            "starts_on": _("The day after the last report's period ended."),
        }


class SectionForm(ModelForm):
    class Meta:
        help_texts = {
            "heading": _("It appears in the report's table of contents."),
            "body": _("Leave an empty line between paragraphs; start list lines with “- ” and quoted lines with “> ”."),
            "placement": _("Put what readers should know first before the areas; put thanks and news after them."),
        }


class PublishForm(SignedOutMixin, BusyForm):
    """Confirms a publication: which ready updates go out, and the public note.

    `confirmed` is the hash of the report with all its ready updates; `number` that of the edition to be made;
    `looked_at` that of a note whose findings were shown.
    """

    ready = forms.MultipleChoiceField(
        label=_("Updates that are published with it"), required=False, widget=forms.CheckboxSelectMultiple
    )
    note = PassageFormField(
        label=_("Public note: why there is a new edition"),
        max_length=NOTE_LENGTH,
        widget=short(),
        help_text=_("Readers see this on the new edition and in the list of editions."),
    )
    confirmed = forms.CharField(widget=forms.HiddenInput)
    number = forms.IntegerField(widget=forms.HiddenInput)
    looked_at = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, ready: Iterable[ProgressUpdate], is_first: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "ready", ready)
        if is_first:
            del self.fields["note"]

    def clean_note(self) -> str:
        """Show once what was found in the note, which readers see for good; sent again, it is accepted."""
        note: str = self.cleaned_data["note"]
        fingerprint = sha256(note.encode()).hexdigest()
        found = findings.in_text(note, name=gettext("the note"))
        if found and self.data.get("looked_at") != fingerprint:
            set_hidden(self, "looked_at", fingerprint)
            ask = gettext("Change the note, or press publish again to continue anyway.")
            raise ValidationError([*(finding.message for finding in found), ask])
        return note
