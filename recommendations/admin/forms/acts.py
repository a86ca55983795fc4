"""The forms that ask before an act: delete, take down, erase, restore."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from recommendations.models.statuses import NOTE_LENGTH
from recommendations.publishing import plan_changes
from recommendations.publishing.history import moved_message, version_of
from recommendations.reading.adopted import AdoptedContent
from recommendations.reading.findings import Finding

from .conflicts import SignedOutMixin, set_hidden
from .fields import LineFormField, PassageFormField, short
from .plan import PublicReasonMixin


class DeleteForm(SignedOutMixin, forms.Form):
    """Confirms a deletion, refused if the thing was changed since; `stored` is its row, locked.

    It `asks_why` but for drafts of updates, which nobody relies on yet.
    """

    reason = LineFormField(
        label=_("Why it is deleted"),
        max_length=500,
        widget=forms.TextInput(attrs={"class": "line"}),
        help_text=_("Your colleagues see this in the history; readers never do."),
    )
    version = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, stored: models.Model, asks_why: bool = True, **kwargs: Any) -> None:
        self.stored, self.now = stored, version_of(stored)
        super().__init__(*args, **{"initial": {"version": self.now}, **kwargs})
        if not asks_why:
            del self.fields["reason"]

    def clean(self) -> dict[str, Any]:
        super().clean()
        if self.cleaned_data.get("version") != self.now:
            self.add_error(None, moved_message(self.stored, gettext("Check it again before you delete it.")))
            set_hidden(self, "version", self.now)
        return self.cleaned_data


class TakeDownForm(SignedOutMixin, forms.Form):
    reason = PassageFormField(
        label=_("Public reason"),
        max_length=NOTE_LENGTH,
        widget=short(4),
        help_text=_("Anyone can read this where the text used to be. Don't mention anything that must stay private."),
    )


class RestoreSetAsideForm(SignedOutMixin, forms.Form):
    reason = PassageFormField(
        label=_("Why readers can see it again"),
        max_length=NOTE_LENGTH,
        widget=short(3),
        help_text=_("Your colleagues see this in the history; readers never do."),
    )


class EraseNoteForm(SignedOutMixin, forms.Form):
    reason = PassageFormField(
        label=_("Why it is erased"),
        max_length=NOTE_LENGTH,
        widget=short(3),
        help_text=_("Your colleagues see this in the history. Don't repeat any of the note's words."),
    )
    understood = forms.BooleanField(
        label=_("I understand that nobody can bring it back."),
        error_messages={"required": _("Tick this to continue. Nothing has been erased yet.")},
    )
    version = forms.CharField(required=False, widget=forms.HiddenInput)


class HoldForm(SignedOutMixin, forms.Form):
    """Why a legal hold is placed, or lifted."""

    reason = PassageFormField(
        label=_("Reason"),
        max_length=NOTE_LENGTH,
        widget=short(3),
        help_text=_("All colleagues see this; readers never do. Don't name anybody who must not be named."),
    )


class AnswersForm(SignedOutMixin, forms.Form):
    """Takes why findings are fine: a field for each of `asked`; at least one must be filled in."""

    PREFIX = "answer-"

    def __init__(self, *args: Any, asked: Iterable[Finding], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for one in asked:
            label = gettext("Looked at: fine because")
            self.fields[f"{self.PREFIX}{one.key}"] = PassageFormField(
                label=label,
                required=False,
                max_length=NOTE_LENGTH,
                widget=forms.Textarea(attrs={"rows": 2, "class": "passage", "aria-describedby": f"finding-{one.key}"}),
            )

    def __getitem__(self, name: str) -> forms.BoundField:
        return super().__getitem__(name if name.startswith(self.PREFIX) else f"{self.PREFIX}{name}")

    @property
    def typed_elsewhere(self) -> list[str]:
        """What was typed for findings that are no longer there: their text has changed."""
        names = [name for name in self.data if name.startswith(self.PREFIX) and name not in self.fields]
        return [words for name in names if (words := self.data[name].strip())]

    def clean(self) -> dict[str, Any]:
        super().clean()
        if self.typed_elsewhere:
            message = gettext(
                "Nothing was kept yet: what you answered has changed since you opened this page. Please check it again."
            )
            self.add_error(None, message)
        elif not self.reasons and not self.errors:
            self.add_error(None, gettext("Say of one finding or more why it is fine."))
        return self.cleaned_data

    @property
    def reasons(self) -> dict[str, str]:
        """The answers by the findings' keys."""
        return {name.removeprefix(self.PREFIX): words for name, words in self.cleaned_data.items() if words}


class EraseForm(SignedOutMixin, forms.Form):
    understood = forms.BooleanField(
        label=_("I understand that nobody can bring it back."),
        error_messages={"required": _("Tick this to continue. Nothing has been erased yet.")},
    )


class RestoreForm(PublicReasonMixin, SignedOutMixin, forms.Form):
    """Confirms a restoration; `before` and `after` are given if what was adopted changes."""

    change_reason = LineFormField(
        label=_("Reason for this change"),
        required=False,
        max_length=400,
        widget=forms.TextInput(attrs={"class": "line"}),
        help_text=_("Optional. Your colleagues see this in the history; readers never do."),
    )
    version = forms.CharField(required=False, widget=forms.HiddenInput)

    field_order = ["text_change", "public_reason", "change_reason", "version"]

    def __init__(self, *args: Any, before: AdoptedContent | None, after: AdoptedContent | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.announced: tuple[AdoptedContent, AdoptedContent] | None = None
        if before and after and before != after and plan_changes.is_announced(before, on=timezone.localdate()):
            self.announced = (before, after)
        if not self.announced:
            del self.fields["public_reason"]
        if not self.announced or self.announced[0].get("text") == self.announced[1].get("text"):
            del self.fields["text_change"]

    def clean(self) -> dict[str, Any]:
        super().clean()
        if self.announced:
            self.check_announcement(*self.announced)
        return self.cleaned_data
