"""What staff fill in. Bad input gets a clear message beside its field, and what was typed is kept.

A form on something that stands carries the version it was opened on (`TrackedForm`): a plain ModelForm would overwrite
what a colleague saved meanwhile.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any, ClassVar, cast

from django import forms
from django.contrib.auth.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from django.contrib.auth.models import User
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import models
from django.forms.forms import DeclarativeFieldsMetaclass
from django.forms.models import model_to_dict
from django.template.loader import render_to_string
from django.utils.datastructures import MultiValueDict
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import get_text_list
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from recommendations.accounts.roles import PURPOSES, Role, active_administrators, role_of
from recommendations.accounts.unsaved import MARK
from recommendations.data import sheets
from recommendations.data.sheets import Sheet, Unreadable
from recommendations.models import (
    Area,
    Assessment,
    EvidenceLink,
    Logo,
    LogoImage,
    ProgressUpdate,
    Recommendation,
    Report,
    Status,
)
from recommendations.models.progress import NOTE_LENGTH
from recommendations.publishing import importing, plan_changes
from recommendations.publishing.acts import put_on_record
from recommendations.publishing.history import last_change, version_of
from recommendations.publishing.publishing import Content
from recommendations.reading import findings
from recommendations.reading.adopted import FIELDS, content_of
from recommendations.reading.adopted import Content as AdoptedContent
from recommendations.text import dates
from recommendations.text.intake import (
    AddressField,
    LineField,
    PassageField,
    refuse_line_breaks,
    refuse_unprintable,
    with_plain_line_endings,
)
from recommendations.text.pictures import MAX_BYTES, Picture, taken_in

if TYPE_CHECKING:
    AnyForm = forms.BaseForm
    ModelForm = forms.ModelForm[Any]
    InlineFormSet = forms.BaseInlineFormSet[Any, Any, Any]
    FormSet = forms.BaseFormSet[Any]
    AccountChangeForm = UserChangeForm[User]
    AccountCreationForm = UserCreationForm[User]
    AccountPasswordForm = AdminPasswordChangeForm[User]
else:
    AnyForm = object
    ModelForm, InlineFormSet, FormSet = forms.ModelForm, forms.BaseInlineFormSet, forms.BaseFormSet
    AccountChangeForm, AccountCreationForm = UserChangeForm, UserCreationForm
    AccountPasswordForm = AdminPasswordChangeForm


class UncutField(forms.CharField):
    """Text whose length the server checks alone: with `maxlength`, browsers cut what is pasted, in silence."""

    default_validators = [refuse_unprintable]

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {key: value for key, value in super().widget_attrs(widget).items() if key != "maxlength"}


class Line(UncutField):
    """One line of text."""

    default_validators = [refuse_unprintable, refuse_line_breaks]


class Passage(UncutField):
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


def short(rows: int = 3) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows, "class": "passage"})


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
    LineField: {"form_class": Line, "widget": forms.TextInput(attrs={"class": "line"})},
    PassageField: {"form_class": Passage, "widget": short(8)},
    AddressField: {"form_class": Address, "widget": forms.URLInput(attrs={"class": "line"})},
    models.EmailField: {"widget": forms.EmailInput(attrs={"class": "line"})},
    models.DateField: {"widget": DayInput()},
    models.PositiveSmallIntegerField: {"widget": forms.NumberInput(attrs={"class": "number", "min": 0})},
}


def asked_for(db_field: models.Field[Any, Any], **kwargs: Any) -> forms.Field | None:
    """The form field for `db_field`: a `formfield_callback` for forms outside the admin's own machinery."""
    return db_field.formfield(**{**OVERRIDES.get(type(db_field), {}), **kwargs})


def in_words(thing: models.Model, name: str) -> str:
    """The value of the field `name` of `thing`, as a colleague reads it."""
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


class SignedOutMixin(AnyForm):
    """A form that shows what was typed before its page was sent without a session: it is looked at first, then sent."""

    def clean(self) -> Any:
        cleaned = super().clean()
        if MARK in self.data:
            self.add_error(None, _("Not saved yet: you had been signed out. All that you typed is here."))
        return cleaned


def carry(form: forms.BaseForm, name: str, value: str) -> None:
    """Let a form that is shown again carry `value` in its hidden field `name`, in the place of what was sent."""
    data = writable(form.data)
    data[form.add_prefix(name)] = value
    form.data = data


def writable(data: Any) -> MultiValueDict[str, Any]:
    """A copy of what was sent that may be changed."""
    if isinstance(data, MultiValueDict):
        return data.copy()
    return MultiValueDict({name: value if isinstance(value, list) else [value] for name, value in data.items()})


def as_sent(value: Any) -> list[str]:
    """What a browser sends for `value`, the initial one of a field; nothing for False and for what is empty."""
    if isinstance(value, list):
        return [str(getattr(one, "pk", one)) for one in value]
    if value is None or value is False:
        return []
    return ["on" if value is True else str(value)]


def plain(sent: Iterable[str]) -> list[str]:
    """What was sent, as it is compared: with plain line endings, without what is blank."""
    return [words for one in sent if (words := with_plain_line_endings(one).strip())]


class VersionedForm(SignedOutMixin, ModelForm):
    """A form on something that stands: it refuses to overwrite what a colleague saved since it was opened.

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
        """Refuse where somebody else changed it since the form was opened, and show what stands beside what was typed.

        The row stays locked until the save is through. The form then carries the version that it shows: saving once
        more is a choice, made with open eyes.
        """
        standing = type(self.instance)._base_manager.select_for_update().filter(pk=self.instance.pk).first()
        if standing is None:
            self.add_error(None, _("Somebody deleted it while you were writing. Copy what you want to keep."))
            return
        version = version_of(standing)
        if self.cleaned_data.get("version") == version:
            return
        self.instance.moved = True  # The parts' formset, checked after this form, asks for it.
        self.add_error(None, moved_message(standing))
        self.take_over(standing)
        carry(self, "version", version)

    def take_over(self, standing: models.Model) -> None:
        """Let the form, shown again, say what stands wherever nobody touched it here, and be compared with that."""
        touched = set(self.changed_data) if self.knows_what_was_opened else set(self.content_fields)
        data, taken = writable(self.data), []
        for name, value in self.values_of(standing).items():
            field, bound = self.fields[name], self[name]
            copy = field.hidden_widget().value_from_datadict(data, self.files, bound.html_initial_name)
            theirs = not self.knows_what_was_opened or field.has_changed(value, copy)
            if theirs and field.has_changed(value, bound.data):
                if name in touched:
                    words = {"words": self.in_words(standing, name)}
                    self.add_error(name, gettext("What stands now: %(words)s") % words)
                else:
                    taken.append(str(bound.label))
                    for key, sent in self.as_sent(name, value).items():
                        data.setlist(self.add_prefix(key), sent)
            data.setlist(bound.html_initial_name, self.copy_of(name, value))
        self.data = data
        if taken:
            words = {"fields": get_text_list(taken, gettext("and"))}
            self.add_error(
                None, gettext("You had not touched these, so they say what your colleague wrote: %(fields)s.") % words
            )

    def values_of(self, standing: models.Model) -> dict[str, Any]:
        """The initial value of each of the form's fields that holds something of `standing`."""
        values = model_to_dict(standing)
        return {name: values[name] for name in self.content_fields if name in values}

    def in_words(self, standing: models.Model, name: str) -> str:
        """What the field `name` says of `standing`, as a colleague reads it."""
        return in_words(standing, name)

    def as_sent(self, name: str, value: Any) -> dict[str, list[str]]:
        """What a browser sends for the field `name` with `value`, by the name it sends it under."""
        return {name: as_sent(value)}

    def copy_of(self, name: str, value: Any) -> list[str]:
        """What the hidden copy of the field `name` sends for `value`."""
        return as_sent(value)


class TrackedForm(VersionedForm):
    """A form on something whose changes are kept: it asks for a reason.

    `beside` names, for each constraint that spans fields, the field whose error it is. `was_deleted` says that it was
    sent for something that a colleague deleted meanwhile: what was typed is then shown, to be saved as a new one.
    """

    change_reason = Line(
        label=_("Reason for this change"),
        required=False,
        max_length=500,
        widget=forms.TextInput(attrs={"class": "line"}),
        help_text=_("Optional. Your colleagues see it in the history; readers never do."),
    )

    apart = VersionedForm.apart | {"change_reason"}
    beside: ClassVar[Mapping[str, str]] = {}
    was_deleted: ClassVar[bool] = False

    def clean(self) -> dict[str, Any]:
        if self.was_deleted:
            self.add_error(
                None,
                _(
                    "Somebody deleted it while you were writing, so nothing was saved. All that you typed is still "
                    "here: save it again to keep it as a new one."
                ),
            )
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


def moved_message(thing: models.Model, then: str = "") -> str:
    """Who changed `thing` while somebody else had it open, when and why, and what can be done about it (`then`)."""
    keep = then or gettext(
        "Nothing of yours was saved yet, and all that you typed is still here. Where it differs from what stands now, "
        "that is shown beside the field: change what you typed, or save again to replace what stands."
    )
    change = last_change(thing)
    if change is None:
        return gettext("Somebody else changed it while you had it open.") + " " + keep
    who = gettext("%(who)s changed it on %(day)s at %(time)s, while you had it open.") % {
        "who": change.by,
        "day": dates.day(change.at),
        "time": dates.clock(change.at),
    }
    why = gettext("The reason given: “%(why)s”.") % {"why": change.why} if change.why else ""
    return " ".join(part for part in (who, why, keep) if part)


@dataclass(frozen=True)
class Row:
    """One of a thing's parts as it was sent, by field, and `files` that were; `before` is what it said when opened."""

    sent: Mapping[str, list[str]]
    before: Mapping[str, list[str]]
    files: Mapping[str, list[Any]]
    is_deleted: bool = False

    def __str__(self) -> str:
        return next((words for sent in (self.before or self.sent).values() for words in plain(sent)), "")

    def touched(self) -> set[str]:
        changed = {name for name in self.sent if plain(self.sent[name]) != plain(self.before.get(name, []))}
        return changed | {name for name, files in self.files.items() if files}


class PartsMixin(FormSet):
    """The parts of a thing, edited together, where a colleague may have added, changed or removed some meanwhile.

    Before anything is checked, what was sent is brought together with what stands, row by row. What nobody touched
    here says what stands; what was touched stays as it was typed, as a new part where the one it changed is gone.
    """

    pk_name = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.news: list[str] = []
        self.conflicts: list[tuple[int, str, list[str]]] = []
        self.revived = range(0)

    def key_of(self, number: int) -> str:
        """What the row of this number was known by when the form was opened."""
        raise NotImplementedError

    @property
    def file_names(self) -> list[str]:
        return [name for name, field in self.form.base_fields.items() if isinstance(field, forms.FileField)]

    def add_fields(self, form: Any, index: int | None) -> None:
        if index is not None and index < self.initial_form_count():
            for name, field in form.fields.items():
                field.show_hidden_initial = name not in self.file_names
        super().add_fields(form, index)

    def bring_together(self, standing: Mapping[str, Mapping[str, list[str]]], *, keep_all: bool = False) -> None:
        """Rewrite what was sent against the parts that stand, by key. With `keep_all` every part becomes a new one."""
        if not self.is_bound or not self.management_form.is_valid():
            return
        data: MultiValueDict[str, Any] = writable(self.data)
        files = writable(self.files or {})
        names = [name for name in self.form.base_fields if name not in self.file_names]
        total = self.total_form_count()
        count = min(self.initial_form_count(), total)
        rows = [
            Row(
                {name: data.getlist(f"{self.prefix}-{number}-{name}") for name in names},
                {name: data.getlist(f"initial-{self.prefix}-{number}-{name}") for name in names},
                {name: files.getlist(f"{self.prefix}-{number}-{name}") for name in self.file_names},
                is_deleted=f"{self.prefix}-{number}-DELETE" in data,
            )
            for number in range(total)
        ]
        if any(f"initial-{self.prefix}-{number}-{name}" not in data for number in range(count) for name in names):
            # Not sent by a page of ours: nobody can tell what was touched.
            return
        theirs = dict(standing)
        kept: list[tuple[str, Row]] = []
        revived: list[Row] = []
        for number, row in enumerate(rows[:count]):
            key = self.key_of(number)
            if key in theirs:
                kept.append((key, self.brought_up_to_date(len(kept), row, theirs.pop(key))))
            elif keep_all or (row.touched() and not row.is_deleted):
                revived.append(replace(row, is_deleted=False))
            else:
                self.news.append(gettext("“%(part)s” was removed by a colleague.") % {"part": row})
        for key, now in theirs.items():
            kept.append((key, Row(now, now, {})))
            self.news.append(gettext("“%(part)s” was added by a colleague.") % {"part": kept[-1][1]})
        if not keep_all:
            self.revived = range(len(kept), len(kept) + len(revived))
        self.rewrite(data, kept, [*revived, *rows[count:]])

    def brought_up_to_date(self, number: int, row: Row, now: Mapping[str, list[str]]) -> Row:
        """`row` with what stands `now` wherever it was not touched; notes where both were changed."""
        touched = row.touched()
        changed = {name for name in now if plain(now[name]) != plain(row.before[name])}
        self.conflicts += [
            (number, name, now[name]) for name in now if name in touched & changed and row.sent[name] != now[name]
        ]
        if changed - touched:
            self.news.append(gettext("“%(part)s” was changed by a colleague and says what stands.") % {"part": row})
        sent = {name: row.sent[name] if name in touched else now[name] for name in now}
        return Row(sent, now, row.files, row.is_deleted)

    def rewrite(self, data: MultiValueDict[str, Any], kept: list[tuple[str, Row]], new: list[Row]) -> None:
        numbered = re.compile(rf"(initial-)?{self.prefix}-\d+-")
        for name in [name for name in data if numbered.match(name)]:
            del data[name]
        files = writable(self.files or {})
        for name in [name for name in files if numbered.match(name)]:
            del files[name]
        for number, (key, row) in enumerate([*kept, *(("", row) for row in new)]):
            for name, sent in row.sent.items():
                data.setlist(f"{self.prefix}-{number}-{name}", sent)
            for name, chosen in row.files.items():
                if chosen:
                    files.setlist(f"{self.prefix}-{number}-{name}", chosen)
            if row.is_deleted:
                data[f"{self.prefix}-{number}-DELETE"] = "on"
            if number < len(kept):
                for name, sent in row.before.items():
                    data.setlist(f"initial-{self.prefix}-{number}-{name}", sent)
                if self.pk_name:
                    data[f"{self.prefix}-{number}-{self.pk_name}"] = key
        data[f"{self.prefix}-INITIAL_FORMS"] = str(len(kept))
        data[f"{self.prefix}-TOTAL_FORMS"] = str(len(kept) + len(new))
        self.data, self.files = data, files
        # Read from what was sent before, and remembered.
        del self.management_form

    def clean(self) -> None:
        super().clean()
        for number, name, now in self.conflicts:
            choices = dict(getattr(self.forms[number].fields[name], "choices", ()))
            words = ", ".join(str(choices.get(one, one)) for one in plain(now)) or gettext("(empty)")
            self.forms[number].add_error(name, gettext("What stands now: %(words)s") % {"words": words})
        for number in self.revived:
            self.forms[number].add_error(
                None,
                _(
                    "A colleague removed this while you were writing. What you typed is kept as a new one: save again "
                    "to add it, or empty its fields."
                ),
            )
        if self.news:
            raise ValidationError(self.news)


class PartFormSet(PartsMixin, InlineFormSet):
    """The parts of a thing, edited in its form."""

    pk_name = "id"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        standing = {
            str(part.pk): {
                name: as_sent(value) for name, value in model_to_dict(part, list(self.form.base_fields)).items()
            }
            for part in self.get_queryset()
        }
        self.bring_together(standing, keep_all=self.instance._state.adding)

    def key_of(self, number: int) -> str:
        return str(self.data.get(f"{self.prefix}-{number}-{self.pk_name}", ""))

    def clean(self) -> None:
        super().clean()
        if self.deleted_forms and not self.data.get("change_reason", "").strip():
            raise ValidationError(_("Say below, as the reason for this change, why something is removed here."))


class ActionPlanForm(TrackedForm):
    beside = {"conference_ends_after_it_starts": "conference_ends_on"}

    class Meta:
        help_texts = {
            "conference_starts_on": _("Readers see these days where there are no dates in words."),
            "conference_ends_on": _("The same again, if it lasted one day."),
            "place": _("The town. It is kept with the plan; pages don't show it."),
            "goals": _("What the conference was for. It follows the introduction."),
            "organisation_short_name": _("As people call it: LIC. It is kept with the plan; pages don't show it."),
            "website": _("Your organisation's own site."),
            "data_licence_address": _("The page where the licence can be read."),
        }


class SupportLinkForm(ModelForm):
    class Meta:
        help_texts = {
            "label": _("What readers see: the name of the place."),
            "address": _("Where it leads: a page, or mailto: with an e-mail address. Try it before you save."),
        }


class PictureInput(forms.FileInput):
    """A file to choose, under the picture of the `logo` that stands, if one does."""

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
    """A PNG or JPEG file, as the Picture it is stored as; without a new file, the LogoImage that stands."""

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


class LogoForm(ModelForm):
    """A logo in the form of the plan."""

    picture = PictureField(
        label=_("Picture"),
        help_text=_(
            "PNG or JPEG, up to 2 MB, best on a transparent or white ground and 500 pixels wide or more. Only the "
            "picture itself is kept: no place, no name of a camera or a person. Logos only, no photographs of people: "
            "a face can be searched for, and once published it can't be taken back."
        ),
    )

    class Meta:
        model = Logo
        fields = ["picture", "alt", "whose", "address", "position"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.image_id:
            picture = self.fields["picture"]
            picture.initial, picture.help_text = self.instance.image, ""
            picture.widget.logo = self.instance

    def validate_constraints(self) -> None:
        """The formset looks at all of them together: the organisation's logo may change places with another."""

    def save(self, commit: bool = True) -> Any:
        picture = self.cleaned_data["picture"]
        if isinstance(picture, Picture):
            self.instance.image = LogoImage.objects.keep(picture)
        return super().save(commit)


class LogoFormSet(PartFormSet):
    """The logos of the plan: one of the organisation, at most."""

    def clean(self) -> None:
        super().clean()
        standing = [form for form in self.forms if form not in self.deleted_forms and hasattr(form, "cleaned_data")]
        own = [form for form in standing if form.cleaned_data.get("whose") == Logo.Whose.ORGANISATION]
        for form in own[1:]:
            form.add_error("whose", _("Your organisation has one logo. Choose “a funder” for the others."))

    def save(self, commit: bool = True) -> list[Any]:
        # The organisation's last: until then another one may stand in its place.
        return sorted(super().save(commit), key=lambda logo: logo.whose == Logo.Whose.ORGANISATION)


class TextChange(models.TextChoices):
    """What staff say of a changed text; nobody else can tell."""

    SLIP = "slip", _("A spelling slip is mended: readers are shown both texts")
    ANOTHER = "another", _("Another wording: the old one is retired, and a new recommendation takes its place")


class PublicReasonMixin(AnyForm, metaclass=DeclarativeFieldsMetaclass):
    """What readers are told of a change of what was adopted: why, and of a text that only a slip was mended."""

    public_reason = Passage(
        label=_("Public reason"),
        required=False,
        max_length=NOTE_LENGTH,
        widget=short(),
        help_text=_(
            "Needed where you change what was adopted: reports have been published with it. Readers see the reason, "
            "with what it said before and what it says now, on its page, among the corrections, in feeds and in the "
            "data."
        ),
    )
    text_change = forms.ChoiceField(
        label=_("If you changed the text"),
        required=False,
        choices=TextChange,
        widget=forms.RadioSelect,
        help_text=_("You decide which it is: nobody can see it from the words alone."),
    )

    def refuse_untold(self, before: AdoptedContent, after: AdoptedContent) -> None:
        """Refuse beside the fields what can't be told to readers as it stands."""
        note = self.cleaned_data.get("public_reason", "")
        is_slip = self.cleaned_data.get("text_change") == TextChange.SLIP
        found = plan_changes.obstacles(before, after, note=note, is_slip=is_slip)
        for name, field in (("note", "public_reason"), ("text", "text_change")):
            if name in found and field not in self.errors:
                self.add_error(field, found[name])
        if note and before == after:
            message = _("Nothing is changed that readers are told of. Empty this, or change what you meant to change.")
            self.add_error("public_reason", message)


class AdoptedForm(PublicReasonMixin, TrackedForm):
    """A form on what was adopted. `before` is what stood when it was checked, under its lock; None for a new one."""

    apart = TrackedForm.apart | {"public_reason", "text_change"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.before: AdoptedContent | None = None
        is_told = not self.instance._state.adding and plan_changes.is_told(content_of(self.instance))
        if not is_told:
            del self.fields["public_reason"]
        if not is_told or "text" not in self.fields:
            del self.fields["text_change"]

    def clean(self) -> dict[str, Any]:
        super().clean()
        standing = type(self.instance)._base_manager.filter(pk=self.instance.pk).first()
        if standing and "public_reason" in self.fields:
            typed = {name: value for name, value in self.cleaned_data.items() if name in FIELDS[type(standing)]}
            self.before = content_of(standing)
            self.refuse_untold(self.before, content_of(standing, typed))
        return self.cleaned_data

    def save(self, commit: bool = True) -> Any:
        saved = super().save(commit)
        # Colleagues see in the history what readers are told, where nothing else was said.
        put_on_record(saved, reason=saved._change_reason or self.cleaned_data.get("public_reason") or None)
        return saved


class AreaForm(AdoptedForm):
    beside = {"area_number_is_used_once": "number", "area_number_is_from_1_to_9999": "number"}

    class Meta:
        help_texts = {
            "number": _("The 3 of 3.2. Fixed once a report was published."),
            "title": _("Shown with the number, on the website and in reports."),
        }


class PartyForm(AdoptedForm):
    beside = {"party_name_is_used_once": "name", "one_party_is_everyone": "is_everyone"}

    class Meta:
        help_texts = {"name": _("As readers see it: law enforcement agencies.")}


class TermForm(TrackedForm):
    beside = {"term_is_listed_once": "word"}


class RecommendationForm(AdoptedForm):
    beside = {
        "recommendation_number_is_used_once": "number",
        "recommendation_number_is_from_1_to_9999": "number",
        "recommendation_retires_with_a_reason": "retired_reason",
    }

    class Meta:
        help_texts = {
            "area": _("Fixed once a report was published."),
            "retired_on": _(
                "The first day on which it is no longer in force. Reports of earlier periods still list it."
            ),
        }

    def clean(self) -> dict[str, Any]:
        super().clean()
        retired_on, reason = self.cleaned_data.get("retired_on"), self.cleaned_data.get("retired_reason")
        if reason and not retired_on and "retired_on" not in self.errors:
            self.add_error("retired_on", _("Say when it was retired, or empty the reason."))
        if retired_on and not reason and "retired_reason" not in self.errors:
            self.add_error("retired_reason", _("Say why it was retired: readers see it."))
        if self.instance.pk and self.instance in (self.cleaned_data.get("replaced_by") or ()):
            self.add_error("replaced_by", _("It can't take its own place."))
        return self.cleaned_data


class ReplacementForm(TrackedForm):
    """A new recommendation that takes the place of `old`. It saves nothing: publishing does, with the retirement."""

    reason = Passage(
        label=_("Why it is replaced"),
        max_length=NOTE_LENGTH,
        widget=short(),
        help_text=_("Readers see it on the page of the old one, which stays with its words and leads to the new one."),
    )
    expected = forms.CharField(required=False, widget=forms.HiddenInput)

    apart = TrackedForm.apart | {"reason", "expected"}
    beside = RecommendationForm.beside

    class Meta:
        model = Recommendation
        fields = ["number", "text", "parties", "target_as_published", "target_on", "added_on"]
        formfield_callback = asked_for
        labels = {"added_on": _("From which day on")}
        help_texts = {
            "text": _("The new wording, word for word."),
            "added_on": _("From this day on the new one belongs to the plan, and the old one is retired."),
        }
        widgets = {"parties": forms.CheckboxSelectMultiple(attrs={"class": "choices"})}

    def __init__(self, *args: Any, old: Recommendation, **kwargs: Any) -> None:
        super().__init__(*args, instance=Recommendation(area=old.area), **kwargs)
        del self.fields["change_reason"], self.fields["version"]
        self.fields["added_on"].required = True
        self.initial.setdefault("expected", version_of(old))

    def _get_validation_exclusions(self) -> set[str]:
        # The number is checked against those of the area, which is no field here.
        exclusions: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]  # private
        return exclusions - {"area"}


class SheetForm(forms.Form):
    """The spreadsheet to bring in; cleaned, it is read: a Sheet."""

    file = forms.FileField(
        label=_("The spreadsheet"),
        help_text=_("A CSV file in UTF-8, or a workbook (.xlsx), of at most 2 MB."),
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx"}),
        error_messages={"required": _("Choose a file."), "empty": _("The file is empty.")},
    )

    def clean_file(self) -> Sheet:
        file = self.cleaned_data["file"]
        try:
            # One byte more than is welcome tells that it is too large.
            return sheets.read_sheet(file.read(sheets.LARGEST + 1), name=file.name, columns=importing.READ)
        except Unreadable as unreadable:
            raise ValidationError(str(unreadable)) from unreadable


class BringInForm(SignedOutMixin, forms.Form):
    """The confirmation of what a sheet changes: the sheet as it was read, and the fingerprint of what was shown."""

    sheet = forms.CharField(widget=forms.HiddenInput)
    confirmed = forms.CharField(required=False, widget=forms.HiddenInput)
    reason = Line(
        label=_("Reason for this change"),
        required=False,
        max_length=400,
        widget=forms.TextInput(attrs={"class": "line"}),
        help_text=_("Optional. Your colleagues see it in the history, after the name of the file; readers never do."),
    )
    public_reason = Passage(
        label=_("Public reason"),
        required=False,
        max_length=NOTE_LENGTH,
        widget=short(),
        help_text=_("Needed for what you ticked: readers see it with each of these changes."),
    )

    def clean_sheet(self) -> Sheet:
        sheet = sheets.opened(self.cleaned_data["sheet"])
        if sheet is None:
            raise ValidationError(_("This page was kept too long to go on from it. Choose the file again."))
        return sheet

    @property
    def ticked(self) -> list[str]:
        """The keys of the changes of what was adopted that are to be made."""
        return list(self.data.getlist("ticked")) if isinstance(self.data, MultiValueDict) else []

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        if self.ticked and not cleaned.get("public_reason") and "public_reason" not in self.errors:
            self.add_error("public_reason", _("Say in the public reason why it is changed: readers see it."))
        return cleaned


class ReportForm(TrackedForm):
    beside = {"report_period_ends_after_it_starts": "ends_on"}

    class Meta:
        help_texts = {"starts_on": _("The day after the last report's period ended.")}


class SectionForm(ModelForm):
    class Meta:
        help_texts = {
            "heading": _("It stands in the report's table of contents."),
            "body": _("Leave an empty line between paragraphs; start list lines with “- ”."),
            "placement": _("What a reader should know first stands before; thanks and news after."),
        }


class CoverageWidget(forms.Widget):
    """One row for each recommendation that is offered: whether the update covers it, and the status it records.

    Its value is a mapping of ids to status words; as typed, a pair of ticked ids and statuses by id.
    """

    template_name = "admin/widgets/_coverage.html"
    offered: list[Recommendation]

    class Media:
        js = ["js/admin-coverage.js"]

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        self.offered = []

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
        context = {"name": name, "rows": rows, "statuses": Status.choices, "attrs": attrs}
        return render_to_string(self.template_name, context)


class CoverageCopy(forms.HiddenInput):
    """A coverage as it was when the form was opened, as JSON."""

    def format_value(self, value: Any) -> str:
        return value if isinstance(value, str) else json.dumps(value or {})


class CoverageField(forms.Field):
    """Which recommendations an update covers, with the status of each: ids to status words, empty for none yet."""

    widget = CoverageWidget
    hidden_widget = CoverageCopy
    default_error_messages = {"required": _("It covers no recommendation: tick at least one.")}

    def offer(self, recommendations: Iterable[Recommendation]) -> None:
        self.offered = self.widget.offered = list(recommendations)

    def clean(self, value: tuple[list[str], dict[str, str]]) -> dict[int, str]:
        ticked, statuses = value
        offered = {str(one.pk): one for one in self.offered}
        if not set(ticked) <= set(offered):
            raise ValidationError(
                _("One of the recommendations you sent is not of this area. An update covers those of one area.")
            )
        errors = [
            gettext("%(reference)s has a status but is not ticked: tick it, or take the status away.")
            % {"reference": one.reference}
            for id, one in offered.items()
            if statuses.get(id) and id not in ticked
        ]
        errors += [
            gettext("The status of %(reference)s is none of those offered.") % {"reference": offered[id].reference}
            for id in offered
            if statuses.get(id) and statuses[id] not in Status.values
        ]
        if not ticked:
            errors.append(str(self.error_messages["required"]))
        if errors:
            raise ValidationError(errors)
        return {one.pk: statuses.get(id, "") for id, one in offered.items() if id in ticked}

    def to_python(self, value: Any) -> dict[str, str]:
        """The coverage that a hidden copy holds; nothing for what is none."""
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


class UpdateForm(TrackedForm):
    """A progress update with its assessments. `area` must be set on the class, or stand in the instance.

    Sent with the button “_ready” or “_publish” it must be complete; a ready one stays so unless it goes back to draft.
    """

    coverage = CoverageField(
        label=_("Recommendations covered, and where each stands"),
        help_text=_(
            "Tick each one that the text is about, and choose where it stands now. The others keep their status."
        ),
    )

    area: Area | None = None

    class Meta:
        model = ProgressUpdate
        fields = ["text", "dated_on", "dated_as_published", "sums_up", "private_note"]
        formfield_callback = asked_for
        widgets = {"text": Prose}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.covered: dict[int, str] = {}
        if self.instance._state.adding and self.area:
            self.instance.area = self.area
        elif not self.instance._state.adding:
            self.covered = dict(self.instance.assessments.values_list("recommendation_id", "status"))
        of_area = Recommendation.objects.filter(area_id=self.instance.area_id)
        offered = of_area.current(self.earliest_day()) | of_area.filter(pk__in=[*self.covered, *self.ticked()])
        self.coverage_field.offer(offered.select_related("area").order_by("number"))
        self.initial.setdefault("coverage", self.covered)
        if not self.instance.published_at and (last := Report.objects.published().order_by("ends_on").last()):
            told = gettext("Reports are published up to %(day)s: a new update dated by then is in none of them.")
            help_text = f"{self.fields['dated_on'].help_text} {told % {'day': dates.day(last.ends_on)}}"
            self.fields["dated_on"].help_text = help_text

    @property
    def coverage_field(self) -> CoverageField:
        return cast(CoverageField, self.fields["coverage"])

    def earliest_day(self) -> dt.date:
        """The earliest day that the update has, begins with or is being given: what was in force then is offered."""
        days = [self.instance.dated_on, self.initial.get("dated_on")]
        if self.is_bound:
            with suppress(ValidationError):
                days.append(self.fields["dated_on"].clean(self.data.get(self.add_prefix("dated_on"))))
        return min((day for day in days if isinstance(day, dt.date)), default=dt.date.min)

    def ticked(self) -> list[int]:
        """The recommendations that were ticked: one that was in force when the page was opened is answered in words."""
        ticked = self.data.getlist("coverage") if isinstance(self.data, MultiValueDict) else []
        return [int(id) for id in ticked if id.isascii() and id.isdecimal() and len(id) < 10]

    @property
    def must_be_complete(self) -> bool:
        return bool({"_ready", "_publish"} & set(self.data)) or (
            bool(self.instance.ready_at) and "_draft" not in self.data
        )

    def clean(self) -> dict[str, Any]:
        super().clean()
        self.refuse_retired()
        if self.must_be_complete:
            self.refuse_blank_statuses()
        return self.cleaned_data

    def refuse_retired(self) -> None:
        """Nothing new is written about a recommendation from the day on that it is retired."""
        day, coverage = self.cleaned_data.get("dated_on"), self.cleaned_data.get("coverage") or {}
        for one in self.coverage_field.offered:
            if day and one.retired_on and one.pk in coverage and one.pk not in self.covered and one.is_retired(day):
                words = {"reference": one.reference, "day": dates.day(one.retired_on)}
                message = gettext("%(reference)s was retired on %(day)s: give an earlier date, or take its tick away.")
                self.add_error("coverage", message % words)

    def refuse_blank_statuses(self) -> None:
        references = {one.pk: one.reference for one in self.coverage_field.offered}
        for id, status in (self.cleaned_data.get("coverage") or {}).items():
            if not status:
                words = {"reference": references[id]}
                self.add_error("coverage", gettext("Choose a status for %(reference)s.") % words)

    def values_of(self, standing: models.Model) -> dict[str, Any]:
        now = Assessment.objects.filter(update_id=standing.pk).values_list("recommendation_id", "status")
        return {**super().values_of(standing), "coverage": dict(now)}

    def in_words(self, standing: models.Model, name: str) -> str:
        if name != "coverage":
            return super().in_words(standing, name)
        stands = Assessment.objects.filter(update_id=standing.pk).select_related("recommendation__area")
        return "; ".join(str(assessment) for assessment in stands) or gettext("(none)")

    def as_sent(self, name: str, value: Any) -> dict[str, list[str]]:
        if name != "coverage":
            return super().as_sent(name, value)
        return {"coverage": [str(id) for id in value]} | {
            f"coverage-{one.pk}": as_sent(value.get(one.pk) or None) for one in self.coverage_field.offered
        }

    def copy_of(self, name: str, value: Any) -> list[str]:
        return super().copy_of(name, value) if name != "coverage" else [json.dumps(value)]

    def _save_m2m(self) -> None:
        super()._save_m2m()  # type: ignore[misc]  # private, so the stubs lack it
        wanted, reason = dict(self.cleaned_data["coverage"]), self.instance._change_reason
        for assessment in self.instance.assessments.all():
            status = wanted.pop(assessment.recommendation_id, None)
            put_on_record(assessment, reason=reason)
            if status is None:
                assessment.delete()
            elif status != assessment.status:
                assessment.status = status
                assessment.save()
        for id, status in wanted.items():
            added: Any = Assessment(update=self.instance, recommendation_id=id, status=status)
            put_on_record(added, reason=reason)
            added.save()


class PublishedUpdateForm(TrackedForm):
    """What stays editable of an update once it was published: the note for colleagues."""

    class Meta:
        model = ProgressUpdate
        fields = ["private_note"]


class EvidenceForm(ModelForm):
    """A link under an update. Plain: publishing.correct_update saves it, not this form."""

    class Meta:
        model = EvidenceLink
        fields = ["label", "address"]
        formfield_callback = asked_for
        help_texts = {"address": _("A page that anybody can open. It must name or show nobody who is at risk.")}


class EvidenceBase(PartsMixin, FormSet):
    """The links that a corrected update will have, each address once; `standing` are those it has, by address."""

    def __init__(self, *args: Any, standing: Iterable[tuple[str, str]] = (), **kwargs: Any) -> None:
        initial = [{"label": label, "address": address} for label, address in standing]
        bound = bool(args) or kwargs.get("data") is not None
        super().__init__(*args, initial=None if bound else initial, **kwargs)
        self.bring_together({link["address"]: {name: [words] for name, words in link.items()} for link in initial})

    def key_of(self, number: int) -> str:
        return str(self.data.get(f"initial-{self.prefix}-{number}-address", ""))

    def clean(self) -> None:
        super().clean()
        seen = set()
        for form in self.forms:
            address = form.cleaned_data.get("address") if hasattr(form, "cleaned_data") else None
            if address and not form.cleaned_data.get("DELETE"):
                if address in seen:
                    form.add_error("address", _("The update has this address already."))
                seen.add(address)


def kept_links(evidence: FormSet) -> tuple[tuple[str, str], ...]:
    """Label and address of each link of a valid formset that stays."""
    kept = (form.cleaned_data for form in evidence.forms if form.cleaned_data and not form.cleaned_data.get("DELETE"))
    return tuple((link["label"], link["address"]) for link in kept)


EvidenceFormSet: Any = forms.formset_factory(
    EvidenceForm, formset=EvidenceBase, extra=2, can_delete=True, can_delete_extra=False, max_num=100, absolute_max=200
)


class CorrectionForm(UpdateForm):
    """What a published update shall say, with the public note that says why. It saves nothing: see `content`."""

    note = Passage(
        label=_("Public note: what was corrected, and why"),
        max_length=NOTE_LENGTH,
        widget=short(),
        help_text=_("Readers see it under the update and on the list of corrections. “Spelling only” is a good note."),
    )
    is_minor = forms.BooleanField(
        label=_("Minor: it is not announced"),
        required=False,
        help_text=_("For spelling and the like. A minor correction can't change date, recommendations or statuses."),
    )
    expected = forms.CharField(required=False, widget=forms.HiddenInput)

    apart = UpdateForm.apart | {"note", "is_minor", "expected"}

    class Meta(UpdateForm.Meta):
        fields = ["text", "dated_on", "dated_as_published", "sums_up"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The fingerprint of what is published takes the version's place: a colleague's private note is no conflict.
        del self.fields["version"], self.fields["change_reason"]
        self.initial["expected"] = Content.of(self.instance).fingerprint

    @property
    def coverage_field(self) -> CoverageField:
        return cast(CoverageField, self.fields["coverage"])

    @property
    def must_be_complete(self) -> bool:
        return True

    def refuse_if_moved(self) -> None:
        """Nothing to refuse here: publishing.correct_update looks at the fingerprint, under its own lock."""

    def meet(self, standing: ProgressUpdate) -> None:
        """Let the form, shown again, be sent against what stands now."""
        self.take_over(standing)
        carry(self, "expected", Content.of(standing).fingerprint)

    def content(self, evidence: tuple[tuple[str, str], ...]) -> Content:
        """What the update shall say, once the form is valid."""
        coverage = self.cleaned_data["coverage"]
        offered = self.coverage_field.offered
        return Content(
            text=self.instance.text,
            dated_on=self.instance.dated_on,
            dated_as_published=self.instance.dated_as_published,
            sums_up=self.instance.sums_up,
            statuses=tuple((one.reference, coverage[one.pk]) for one in offered if one.pk in coverage),
            evidence=evidence,
        )


class WithdrawForm(SignedOutMixin, forms.Form):
    note = Passage(
        label=_("Public note: why it is withdrawn"),
        max_length=NOTE_LENGTH,
        widget=short(4),
        help_text=_("Readers see it in the update's place."),
    )


class DeleteForm(SignedOutMixin, forms.Form):
    """The confirmation of a deletion, of what stood when it was shown; `standing` is locked where it is sent."""

    reason = Line(
        label=_("Why it is deleted"),
        max_length=500,
        widget=forms.TextInput(attrs={"class": "line"}),
        help_text=_("Your colleagues see it in the history; readers never do."),
    )
    version = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, standing: models.Model, **kwargs: Any) -> None:
        self.standing, self.now = standing, version_of(standing)
        super().__init__(*args, **{"initial": {"version": self.now}, **kwargs})

    def clean(self) -> dict[str, Any]:
        super().clean()
        if self.cleaned_data.get("version") != self.now:
            self.add_error(None, moved_message(self.standing, gettext("Look at it again before you delete it.")))
            carry(self, "version", self.now)
        return self.cleaned_data


class TakeDownForm(SignedOutMixin, forms.Form):
    reason = Passage(
        label=_("Public reason"),
        max_length=NOTE_LENGTH,
        widget=short(4),
        help_text=_("Anybody may read it, in the place of what is taken down. Name nothing that must not be read."),
    )


class RestoreSetAsideForm(SignedOutMixin, forms.Form):
    reason = Passage(
        label=_("Why it can be read again"),
        max_length=NOTE_LENGTH,
        widget=short(3),
        help_text=_("Your colleagues see it in the history; readers never do."),
    )


class EraseForm(SignedOutMixin, forms.Form):
    understood = forms.BooleanField(
        label=_("I understand that nobody can bring it back."),
        error_messages={"required": _("Tick this to go on. Nothing was erased yet.")},
    )


class PublishUpdateForm(SignedOutMixin, forms.Form):
    version = forms.CharField(required=False, widget=forms.HiddenInput)


class RestoreForm(PublicReasonMixin, SignedOutMixin, forms.Form):
    """The confirmation of a restoration; `before` and `after` are what was adopted, where that changes."""

    change_reason = Line(
        label=_("Reason for this change"),
        required=False,
        max_length=400,
        widget=forms.TextInput(attrs={"class": "line"}),
        help_text=_("Optional. Your colleagues see it in the history; readers never do."),
    )
    version = forms.CharField(required=False, widget=forms.HiddenInput)

    field_order = ["text_change", "public_reason", "change_reason", "version"]

    def __init__(self, *args: Any, before: AdoptedContent | None, after: AdoptedContent | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.told: tuple[AdoptedContent, AdoptedContent] | None = None
        if before and after and before != after and plan_changes.is_told(before):
            self.told = (before, after)
        if not self.told:
            del self.fields["public_reason"]
        if not self.told or self.told[0].get("text") == self.told[1].get("text"):
            del self.fields["text_change"]

    def clean(self) -> dict[str, Any]:
        super().clean()
        if self.told:
            self.refuse_untold(*self.told)
        return self.cleaned_data


class PublishForm(SignedOutMixin, forms.Form):
    """The confirmation of a publication: which ready updates go out, the note, and what was on the page confirmed.

    `confirmed` is the hash of the report with all its ready updates; `number` that of the edition to be made;
    `looked_at` that of a note whose findings were shown.
    """

    ready = forms.MultipleChoiceField(
        label=_("Updates that are published with it"), required=False, widget=forms.CheckboxSelectMultiple
    )
    note = Passage(
        label=_("Public note: why there is a new edition"),
        max_length=NOTE_LENGTH,
        widget=short(),
        help_text=_("Readers see it on the new edition and in the list of editions."),
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
        """The note, which readers see for good: what it holds to look at is shown once, and may then be gone past."""
        note: str = self.cleaned_data["note"]
        fingerprint = sha256(note.encode()).hexdigest()
        found = findings.in_words(note, name=gettext("the note"))
        if found and self.data.get("looked_at") != fingerprint:
            carry(self, "looked_at", fingerprint)
            ask = gettext("Change the note, or publish once more to go on past this.")
            raise ValidationError([*(finding.message for finding in found), ask])
        return note


class MarkReadyForm(forms.Form):
    """Which drafts are marked ready; `version` is that of all that were offered."""

    updates = forms.MultipleChoiceField(
        label=_("Mark these ready"), widget=forms.CheckboxSelectMultiple, error_messages={"required": _("Tick one.")}
    )
    version = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, updates: Iterable[ProgressUpdate], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "updates", updates)


def offer(form: forms.BaseForm, name: str, updates: Iterable[ProgressUpdate]) -> None:
    """Let the field `name` of `form` offer `updates`, each with what it covers."""
    field = cast(forms.MultipleChoiceField, form.fields[name])
    field.choices = [(str(one.pk), with_references(one)) for one in updates]


def with_references(update: ProgressUpdate) -> str:
    """An update with what it covers: “3.1, 3.2 – June 2020: In early 2020…”."""
    references = ", ".join(assessment.recommendation.reference for assessment in update.assessments.all())
    return f"{references} – {update}"


def with_purposes() -> list[tuple[str, SafeString]]:
    """The roles to choose from, each with what it may do."""
    words = "<strong>{}</strong> <span>{}</span>"
    return [(role.value, format_html(words, role.label, PURPOSES[role])) for role in Role]


class RoleField(forms.ChoiceField):
    """What an account may do: one of the roles, in words."""

    widget = forms.RadioSelect

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(label=_("Role"), choices=with_purposes, **kwargs)


class NewAccountForm(SignedOutMixin, AccountCreationForm):
    """A new account: who it is, its role, a first password."""

    role = RoleField()

    class Meta(UserCreationForm.Meta):
        fields = ("username", "first_name", "last_name", "email")


class NewPasswordForm(AccountPasswordForm):
    """A new password for somebody else's account; one without password is a deactivated one, so that isn't offered."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("usable_password", None)


class AccountForm(VersionedForm, AccountChangeForm):
    """An account. The last administrator who can sign in stays one: nobody could let the others in again."""

    role = RoleField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        role = role_of(self.instance)
        self.initial["role"] = role.value if role else None

    def values_of(self, standing: models.Model) -> dict[str, Any]:
        role = role_of(standing)
        return {**super().values_of(standing), "role": role.value if role else None}

    def in_words(self, standing: models.Model, name: str) -> str:
        role = role_of(standing)
        return super().in_words(standing, name) if name != "role" else str(role.label if role else gettext("(none)"))

    def clean(self) -> dict[str, Any]:
        # All of them, in one order: two administrators who demote each other at once must not both pass.
        administrators = User.objects.select_for_update().filter(pk__in=active_administrators().values("pk"))
        list(administrators.order_by("pk"))
        super().clean()
        standing = User.objects.select_for_update().get(pk=self.instance.pk)
        is_superuser = self.cleaned_data.get("is_superuser", standing.is_superuser)
        if is_superuser and self.cleaned_data.get("role") != Role.ADMINISTRATOR:
            self.add_error("role", _("A superuser is an administrator: take away “Superuser” first."))
        stays = self.cleaned_data.get("is_active") and self.cleaned_data.get("role") == Role.ADMINISTRATOR
        everybody = active_administrators()
        if not stays and everybody.filter(pk=standing.pk).exists() and not everybody.exclude(pk=standing.pk).exists():
            message = _("This is the last administrator who can sign in. Make somebody else an administrator first.")
            self.add_error("role" if self.cleaned_data.get("is_active") else "is_active", message)
        return self.cleaned_data
