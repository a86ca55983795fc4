"""Forms that two people may fill in at once: neither loses a word."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models
from django.forms.models import model_to_dict
from django.utils.text import get_text_list
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from recommendations.accounts.unsaved import MARK
from recommendations.publishing.acts import put_on_record
from recommendations.publishing.history import moved_message, version_of

from .fields import PRIVATE, LineFormField, display_value, writable

if TYPE_CHECKING:
    AnyForm = forms.BaseForm
    ModelForm = forms.ModelForm[Any]
else:
    AnyForm, ModelForm = object, forms.ModelForm


class SignedOutMixin(AnyForm):
    """A form that saves nothing when it is filled with what was typed before a password was asked."""

    def clean(self) -> Any:
        cleaned = super().clean()
        if MARK in self.data:
            self.add_error(None, _("Not saved yet. Everything you typed is here."))
        return cleaned


def set_hidden(form: forms.BaseForm, name: str, value: str) -> None:
    """Set the hidden field `name` of a form that is shown again."""
    data = writable(form.data)
    data[form.add_prefix(name)] = value
    form.data = data


def as_sent(value: Any) -> list[str]:
    """What a browser sends for the initial value of a field; nothing for False and for an empty one."""
    if isinstance(value, list):
        return [str(getattr(one, "pk", one)) for one in value]
    if value is None or value is False:
        return []
    return ["on" if value is True else str(value)]


class VersionedForm(SignedOutMixin, ModelForm):
    """A form that refuses to overwrite what a colleague saved after it was opened.

    Each field travels with a hidden copy of what it said then. What nobody touched here is taken over from the
    colleague; what both changed is shown beside the field. `apart` names the fields that are no part of the thing.
    """

    version = forms.CharField(required=False, widget=forms.HiddenInput)

    apart: ClassVar[frozenset[str]] = frozenset({"version"})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.knows_what_was_opened = False
        if self.instance._state.adding:
            return
        self.initial["version"] = version_of(self.instance)
        for name in self.content_fields:
            self.fields[name].show_hidden_initial = True
        copies = {self.add_initial_prefix(name) for name in self.content_fields}
        if self.is_bound and (missing := copies - set(self.data)) != copies:
            # Of a list that was empty, a browser sends nothing.
            self.knows_what_was_opened = True
            data = writable(self.data)
            for copy in missing:
                data.setlist(copy, [])
            self.data = data

    @property
    def content_fields(self) -> list[str]:
        return [name for name, field in self.fields.items() if name not in self.apart and not field.disabled]

    @property
    def changed_data(self) -> list[str]:
        return [name for name in super().changed_data if name not in self.apart]

    def clean(self) -> dict[str, Any]:
        super().clean()
        if not self.instance._state.adding:
            self.refuse_if_moved()
        return self.cleaned_data

    def refuse_if_moved(self) -> None:
        """Refuse if somebody else changed it since the form was opened, and show what is stored beside what was typed.

        The row stays locked until the save is through. The form then carries the version that it shows: saving once
        more is a choice, made with open eyes.
        """
        stored = type(self.instance)._base_manager.select_for_update().filter(pk=self.instance.pk).first()
        if stored is None:
            self.add_error(None, _("Somebody deleted it while you were writing. Copy what you want to keep."))
            return
        version = version_of(stored)
        if self.cleaned_data.get("version") == version:
            return
        self.instance.moved = True  # The parts' formset, made after this form was checked, asks for it.
        self.add_error(None, moved_message(stored))
        self.take_over(stored)
        set_hidden(self, "version", version)

    def take_over(self, stored: models.Model) -> None:
        """Fill untouched fields with what is stored; show it beside fields that both changed."""
        touched = set(self.changed_data) if self.knows_what_was_opened else set(self.content_fields)
        data, taken = writable(self.data), []
        for name, value in self.values_of(stored).items():
            field, bound = self.fields[name], self[name]
            copy = field.hidden_widget().value_from_datadict(data, self.files, bound.html_initial_name)
            theirs = not self.knows_what_was_opened or field.has_changed(value, copy)
            if theirs and field.has_changed(value, bound.data):
                if name in touched:
                    words = {"words": self.display_value(stored, name)}
                    self.add_error(name, gettext("What it says now: %(words)s") % words)
                else:
                    taken.append(str(bound.label))
                    for key, sent in self.as_sent(name, value).items():
                        data.setlist(self.add_prefix(key), sent)
            data.setlist(bound.html_initial_name, self.copy_of(name, value))
        self.data = data
        if taken:
            words = {"fields": get_text_list(taken, gettext("and"))}
            self.add_error(
                None, gettext("You hadn't changed these, so they show what your colleague wrote: %(fields)s.") % words
            )

    def values_of(self, stored: models.Model) -> dict[str, Any]:
        """The values of `stored`, by the name of the form's field."""
        values = model_to_dict(stored)
        return {name: values[name] for name in self.content_fields if name in values}

    def display_value(self, stored: models.Model, name: str) -> str:
        """The value of the field `name` of `stored`, in words."""
        return display_value(stored, name)

    def as_sent(self, name: str, value: Any) -> dict[str, list[str]]:
        """What a browser sends for the field `name` with `value`, by parameter."""
        return {name: as_sent(value)}

    def copy_of(self, name: str, value: Any) -> list[str]:
        """What the hidden copy of the field `name` sends for `value`."""
        return as_sent(value)


class BaseForm(VersionedForm):
    """The base of almost every form on a stored thing: it asks for the reason of the change.

    `beside` names, for each constraint that spans fields, the field whose error it is. `was_deleted` says that it was
    sent for something that a colleague deleted meanwhile: what was typed is then shown, to be saved as a new one.
    `refused` are the reasons of an act that belongs to the save and refused it.
    """

    change_reason = LineFormField(
        label=_("Reason for this change"),
        required=False,
        max_length=500,
        widget=forms.TextInput(attrs={"class": "line", **PRIVATE}),
        help_text=_("Optional. Your colleagues see this in the history; readers never do."),
    )

    apart = VersionedForm.apart | {"change_reason"}
    beside: ClassVar[Mapping[str, str]] = {}
    was_deleted: ClassVar[bool] = False
    refused: ClassVar[tuple[str, ...]] = ()

    def clean(self) -> dict[str, Any]:
        if self.was_deleted:
            self.add_error(
                None,
                _(
                    "Somebody deleted it while you were writing, so nothing was saved. Everything you "
                    "typed is still here: save again to keep it as a new one."
                ),
            )
        for reason in self.refused:
            self.add_error(None, reason)
        return super().clean()

    def _update_errors(self, errors: ValidationError) -> None:
        if hasattr(errors, "error_dict"):
            fields = {
                str(constraint.violation_error_message): self.beside[constraint.name]
                for constraint in self._meta.model._meta.constraints
                if constraint.name in self.beside
            }
            for error in errors.error_dict.pop(NON_FIELD_ERRORS, []):
                field = fields.get(str(error.message), NON_FIELD_ERRORS)
                errors.error_dict.setdefault(field, []).append(error)
        super()._update_errors(errors)  # type: ignore[misc]  # private, so the stubs lack it

    def save(self, commit: bool = True) -> Any:
        put_on_record(self.instance, reason=self.cleaned_data.get("change_reason") or None)
        return super().save(commit)
