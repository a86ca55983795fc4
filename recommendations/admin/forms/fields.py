"""The fields that staff's forms share. Bad input gets a clear message, and what was typed is kept."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.db import models
from django.template.loader import render_to_string
from django.utils.datastructures import MultiValueDict
from django.utils.safestring import SafeString
from django.utils.text import get_text_list
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from recommendations.models import Logo, ProgressUpdate
from recommendations.text import dates
from recommendations.text.intake import (
    AddressField,
    LineField,
    PassageField,
    refuse_line_breaks,
    refuse_unprintable,
    with_plain_line_endings,
)
from recommendations.text.pictures import MAX_BYTES, taken_in

from .coverage import with_references


class UncutField(forms.CharField):
    """Text in any script. Only the server checks its length: with `maxlength`, browsers silently cut what is pasted."""

    default_validators = [refuse_unprintable]

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        attrs = {key: value for key, value in super().widget_attrs(widget).items() if key != "maxlength"}
        return {**attrs, "dir": "auto"}


class LineFormField(UncutField):
    """One line of text."""

    default_validators = [refuse_unprintable, refuse_line_breaks]


class PassageFormField(UncutField):
    """Paragraphs of text, compared and cleaned with plain line endings: browsers send CRLF."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> str:
        return with_plain_line_endings(super().to_python(value) or "")

    def has_changed(self, initial: Any, data: Any) -> bool:
        return with_plain_line_endings((initial or "").strip()) != with_plain_line_endings((data or "").strip())


class Address(UncutField, forms.URLField):
    """A web address."""


class DayInput(forms.DateInput):
    """The browser's own day field: it needs no script and speaks to screen readers."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs={"class": "day", **(attrs or {})}, format="%Y-%m-%d")


# Marks a field whose words the browser never keeps: see static/js/admin-typed.js.
PRIVATE = {"data-private": "1", "autocomplete": "off"}


def short(rows: int = 3, *, is_private: bool = False) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows, "class": "passage", **(PRIVATE if is_private else {})})


class Prose(forms.Textarea):
    """A passage in staff's Markdown subset: a preview beside it, and what is pasted from Word keeps its structure."""

    class Media:
        js = ["js/admin-prose.js"]

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs={"rows": 8, "class": "passage", **(attrs or {})})

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        context = {"area": super().render(name, value, attrs, renderer), "name": name}
        return render_to_string("admin/widgets/_prose.html", context)


# How a kind of model field is asked for, in the admin and in the forms below.
OVERRIDES: dict[Any, dict[str, Any]] = {
    LineField: {"form_class": LineFormField, "widget": forms.TextInput(attrs={"class": "line"})},
    PassageField: {"form_class": PassageFormField, "widget": short(8)},
    AddressField: {"form_class": Address, "widget": forms.URLInput(attrs={"class": "line"})},
    models.EmailField: {"widget": forms.EmailInput(attrs={"class": "line"})},
    models.DateField: {"widget": DayInput()},
    models.PositiveSmallIntegerField: {"widget": forms.NumberInput(attrs={"class": "number", "min": 0})},
}


def asked_for(db_field: models.Field[Any, Any], **kwargs: Any) -> forms.Field | None:
    """The form field for `db_field`: a `formfield_callback` for forms outside the admin's own machinery."""
    return db_field.formfield(**{**OVERRIDES.get(type(db_field), {}), **kwargs})


def display_value(thing: models.Model, name: str) -> str:
    """The value of the field `name` of `thing`, in words."""
    field = thing._meta.get_field(name)
    if field.many_to_many:
        return get_text_list([str(one) for one in getattr(thing, name).all()], gettext("and")) or gettext("(none)")
    value = getattr(thing, name)
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, dt.date):
        return dates.day(value)
    if getattr(field, "choices", None):
        value = getattr(thing, f"get_{name}_display")()
    return gettext("(empty)") if value in (None, "") else str(value)


def writable(data: Any) -> MultiValueDict[str, Any]:
    """A copy of what was sent that may be changed."""
    if isinstance(data, MultiValueDict):
        return data.copy()
    return MultiValueDict({name: value if isinstance(value, list) else [value] for name, value in data.items()})


def plain(sent: Iterable[str]) -> list[str]:
    """The values sent for a field, ready to compare: with plain line endings, without blank ones."""
    return [words for one in sent if (words := with_plain_line_endings(one).strip())]


class PictureInput(forms.FileInput):
    """An input for a file, below the picture of the stored `logo`, if there is one."""

    template_name = "admin/widgets/_picture.html"
    logo: Logo | None = None

    def __init__(self) -> None:
        super().__init__(attrs={"accept": "image/png,image/jpeg"})

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        context = {
            "name": name,
            "attrs": self.build_attrs(self.attrs, attrs),
            "logo": self.logo,
            # A bound form is shown again where something in it is wrong.
            "was_sent": isinstance(value, UploadedFile),
        }
        return render_to_string(self.template_name, context)


class PictureField(forms.FileField):
    """A PNG or JPEG file as a Picture to store; without a new file, the stored LogoImage."""

    widget = PictureInput
    default_error_messages = {
        "required": _("Choose the file of the logo."),
        "empty": _("The file is empty. Choose another one."),
        "missing": _("Choose the file of the logo."),
    }

    def bound_data(self, data: Any, initial: Any) -> Any:
        return data or initial

    def to_python(self, data: Any) -> Any:
        sent = super().to_python(data)
        # One byte more than may be, so that too large a file is told apart without being read whole.
        return taken_in(sent.read(MAX_BYTES + 1)) if sent else None


def offer(form: forms.BaseForm, name: str, updates: Iterable[ProgressUpdate]) -> None:
    """Let the field `name` of `form` offer `updates`, each with what it covers."""
    field = cast(forms.MultipleChoiceField, form.fields[name])
    field.choices = [(str(one.pk), with_references(one)) for one in updates]
