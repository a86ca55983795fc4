"""The parts of a thing, such as the sections of a report, edited together in one form.

Only a row that was touched here is saved, so a colleague's change of another row is never undone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.forms.models import model_to_dict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from .conflicts import as_sent
from .fields import display_value, plain, writable

if TYPE_CHECKING:
    InlineFormSet = forms.BaseInlineFormSet[Any, Any, Any]
    FormSet = forms.BaseFormSet[Any]
else:
    InlineFormSet, FormSet = forms.BaseInlineFormSet, forms.BaseFormSet


@dataclass(frozen=True)
class PartChange:
    """What a colleague did to one part: the verb, the part's name, and its labels and words as they are stored now."""

    verb: str
    part: str
    words: tuple[tuple[str, str], ...] = ()


class OpenedRowsMixin(FormSet):
    """Each row is sent with a hidden copy of what it said at first, which tells whether somebody touched it."""

    def add_fields(self, form: Any, index: int | None) -> None:
        if index is not None and index < self.initial_form_count():
            for field in form.fields.values():
                field.show_hidden_initial = not isinstance(field, forms.FileField)
        super().add_fields(form, index)

    def opened(self, number: int, name: str) -> list[str]:
        """What the field `name` of this row said when the form was opened; nothing where no copy was sent."""
        data = writable(self.data)
        return [str(one) for one in data.getlist(f"initial-{self.prefix}-{number}-{name}")]


class PartFormSet(OpenedRowsMixin, InlineFormSet):
    """The parts of a thing, where a colleague may have added, changed or removed some since the form was opened.

    The form of the thing was refused then (see VersionedForm). What was left untouched shows what is stored now;
    `theirs` says what the colleague did, wherever something was touched. A row that was removed comes back as a new
    one, if touched.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.theirs: tuple[PartChange, ...] = ()
        self.gone: frozenset[int] = frozenset()

    def is_valid(self) -> bool:
        # While it is checked, what is stored may take the place of what was sent.
        return self.errors is not None and super().is_valid()

    def full_clean(self) -> None:
        """Look first at what a colleague did. By now the form of the thing was checked, and the thing is locked."""
        if self.is_bound and self.management_form.is_valid():
            self.find_gone()
            if getattr(self.instance, "moved", False):
                self.compare_with_stored()
        super().full_clean()

    def find_gone(self) -> None:
        """Find the rows whose part a colleague removed, and treat each as a row for a new part."""
        self.__dict__.pop("_queryset", None)
        stored = {str(part.pk) for part in super().get_queryset()}
        sent = range(min(self.initial_form_count(), self.total_form_count()))
        gone = [number for number in sent if self.data.get(self.id_name(number)) not in stored]
        data = writable(self.data)
        for number in gone:
            data[self.id_name(number)] = ""
        if self.instance._state.adding:
            # The whole thing was deleted, and is written anew with all of its parts.
            for number in gone:
                data[f"{self.prefix}-{number}-{self.fk.name}"] = ""
            data[f"{self.prefix}-INITIAL_FORMS"] = "0"
        else:
            self.gone = frozenset(gone)
        self.show(data)

    @property
    def pk_name(self) -> str:
        kind: Any = self.model
        return str(kind._meta.pk.name)

    def id_name(self, number: int) -> str:
        return f"{self.prefix}-{number}-{self.pk_name}"

    def show(self, data: Any) -> None:
        """Read the rows again, from `data`."""
        self.data = data
        for name in ("forms", "management_form"):
            self.__dict__.pop(name, None)

    # Rows

    @cached_property
    def forms(self) -> list[Any]:
        """Without the rows that a colleague removed and nobody touched here."""
        rows: list[Any] = super().forms
        for number in self.gone:
            # Like an extra row, it is left out if it is empty.
            rows[number].empty_permitted = True
            rows[number].fields[self.pk_name].required = False
            for field in rows[number].fields.values():
                field.show_hidden_initial = False
        return [form for number, form in enumerate(rows) if number not in self.gone or self.is_touched(number)]

    def is_touched(self, number: int) -> bool:
        data, files = writable(self.data), writable(self.files or {})
        for name, field in self.form.base_fields.items():
            key = f"{self.prefix}-{number}-{name}"
            if isinstance(field, forms.FileField):
                if files.get(key):
                    return True
            elif plain(data.getlist(key)) != plain(self.opened(number, name)):
                return True
        return False

    @property
    def initial_forms(self) -> list[Any]:
        return [form for form in self.forms if form.instance.pk]

    @property
    def extra_forms(self) -> list[Any]:
        return [form for form in self.forms if not form.instance.pk]

    def get_queryset(self) -> Any:
        """The parts in the order of the rows that were sent: the admin pairs them by position."""
        found = super().get_queryset()
        if not self.is_bound:
            return found
        sent = [self.data.get(self.id_name(number)) for number in range(self.initial_form_count())]
        return sorted(found, key=lambda part: sent.index(str(part.pk)) if str(part.pk) in sent else len(sent))

    # What a colleague did meanwhile

    def compare_with_stored(self) -> None:
        """Fill what nobody touched here with what is stored now, and list what the colleague did."""
        if not self.has_changed():
            self.is_bound = False
            self.show({})
            return
        self.theirs = tuple(self.changes())
        data = writable(self.data)
        for form in self.initial_forms:
            for name, value in self.values_of(form.instance).items():
                if name not in form.changed_data:
                    data.setlist(form.add_prefix(name), as_sent(value))
                    data.setlist(form.add_initial_prefix(name), as_sent(value))
        self.show(data)

    def changes(self) -> Iterator[PartChange]:
        """What differs between the parts as the form showed them and as they are stored, in words."""
        shown = {self.data.get(self.id_name(number)): number for number in range(self.initial_form_count())}
        for part in self.get_queryset():
            number = shown.get(str(part.pk))
            values = self.values_of(part)
            if number is None:
                yield PartChange(gettext("Added"), str(part), self.words_of(part))
            elif any(plain(as_sent(value)) != plain(self.opened(number, name)) for name, value in values.items()):
                yield PartChange(gettext("Changed"), str(part), self.words_of(part))
        for number in sorted(self.gone):
            words = (plain(self.opened(number, name)) for name in self.form.base_fields)
            if name := next((said[0] for said in words if said), ""):
                yield PartChange(gettext("Removed"), name)

    def values_of(self, part: models.Model) -> dict[str, Any]:
        return model_to_dict(part, list(self.form.base_fields))

    def words_of(self, part: models.Model) -> tuple[tuple[str, str], ...]:
        labels = {name: str(self.form.base_fields[name].label) for name in self.values_of(part)}
        return tuple((label, display_value(part, name)) for name, label in labels.items())

    def clean(self) -> None:
        super().clean()
        if self.deleted_forms and not self.data.get("change_reason", "").strip():
            raise ValidationError(_("Say below, as the reason for this change, why you are removing something here."))
        if self.theirs:
            for form in self.forms:
                if form.prefix in {self.add_prefix(number) for number in self.gone}:
                    form.add_error(
                        None,
                        _(
                            "A colleague removed this while you were writing. What you typed is kept as a "
                            "new one: save again to add it, or clear its fields."
                        ),
                    )
