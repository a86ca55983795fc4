"""The forms of an import: one to choose the file, one to confirm what it would change."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _

from recommendations.data import sheets
from recommendations.data.sheets import Sheet, Unreadable
from recommendations.models.statuses import NOTE_LENGTH
from recommendations.publishing.importing.headings import RECOMMENDATIONS, Columns
from recommendations.publishing.importing.proposal import ORDER
from recommendations.publishing.importing.updates.columns import UPDATES

from .conflicts import SignedOutMixin
from .fields import LineFormField, PassageFormField, short


class BusyForm(forms.Form):
    """A form that takes a while: its page says that it is being worked on."""

    class Media:
        js = ["js/admin-busy.js"]


class SheetForm(BusyForm):
    """The file to import; its cleaned value is a Sheet."""

    columns: Columns = RECOMMENDATIONS

    file = forms.FileField(
        label=_("The spreadsheet"),
        help_text=_("A CSV file, best in UTF-8, or a workbook (.xlsx), of at most 1,000 rows and 2 MB."),
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx"}),
        error_messages={"required": _("Choose a file."), "empty": _("The file is empty.")},
    )

    def clean_file(self) -> Sheet:
        file = self.cleaned_data["file"]
        try:
            # One byte more than is allowed shows that the file is too large.
            return sheets.read_sheet(file.read(sheets.LARGEST + 1), name=file.name, columns=self.columns.names())
        except Unreadable as unreadable:
            raise ValidationError(str(unreadable)) from unreadable


class UpdateSheetForm(SheetForm):
    columns = UPDATES


class ConfirmForm(SignedOutMixin, BusyForm):
    """Confirms an import: carries the sheet as it was read, and the fingerprint of the changes that were shown."""

    sheet = forms.CharField(widget=forms.HiddenInput)
    confirmed = forms.CharField(required=False, widget=forms.HiddenInput)
    reason = LineFormField(
        label=_("Reason for this change"),
        required=False,
        max_length=400,
        widget=forms.TextInput(attrs={"class": "line"}),
        help_text=_("Optional. Your colleagues see this in the history, after the name of the file; readers never do."),
    )

    def clean_sheet(self) -> Sheet:
        sheet = sheets.opened(self.cleaned_data["sheet"])
        if sheet is None:
            raise ValidationError(_("This preview has expired. Choose the file again."))
        return sheet


class ImportForm(ConfirmForm):
    """Confirms an import of recommendations, where changes to what was adopted are ticked and have a public reason."""

    public_reason = PassageFormField(
        label=_("Public reason"),
        required=False,
        max_length=NOTE_LENGTH,
        widget=short(),
        help_text=_("Required for what you ticked: readers see it with each of these changes."),
    )

    @property
    def ticked(self) -> list[str]:
        """The keys of the changes to adopted words that somebody ticked, and ORDER where the order was."""
        return list(self.data.getlist("ticked")) if isinstance(self.data, MultiValueDict) else []

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        if set(self.ticked) - {ORDER} and not cleaned.get("public_reason") and "public_reason" not in self.errors:
            self.add_error("public_reason", _("Say in the public reason why you are changing it: readers see it."))
        return cleaned
