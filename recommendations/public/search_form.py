"""The search on the public pages: its form, and how it is read from an address.

Addresses are typed, cut short and mangled: whatever is wrong with one part is said beside its field, that part is left
out, and the rest still holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import TooManyFieldsSent
from django.forms.utils import flatatt
from django.http import HttpRequest, QueryDict
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from recommendations.reading.schema import Snapshot
from recommendations.reading.search import (
    LONGEST_SEARCH,
    NAMES,
    NO_UPDATE,
    AlsoCalled,
    Filter,
    Words,
    in_address,
    parties_of,
)
from recommendations.text.intake import REFUSED, refuse_unprintable


class PlainSelect(forms.Select):
    """Django renders a template, and one within, for each option: 7 ms for the lists of 29 recommendations."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        attributes = self.build_attrs(self.attrs, {**(attrs or {}), "name": name})
        options = ((option, " selected" if option == value else "", label) for option, label in self.choices)
        return format_html(
            "<select{}>{}</select>",
            flatatt(attributes),
            format_html_join("", '<option value="{}"{}>{}</option>', options),
        )


class FilterForm(forms.Form):
    """The filter as a GET form; its choices are those of the snapshot."""

    q = forms.CharField(
        label=gettext_lazy("Words"),
        required=False,
        max_length=LONGEST_SEARCH,
        validators=[refuse_unprintable],
        widget=forms.TextInput(attrs={"type": "search", "dir": "auto", "autocomplete": "off", "spellcheck": "false"}),
        error_messages={
            "max_length": gettext_lazy("This is longer than %(limit_value)d characters. Search for a few words."),
            "null_characters_not_allowed": gettext_lazy("This contains characters that can’t be searched for."),
        },
    )

    def __init__(self, snapshot: Snapshot, *, data: QueryDict | None = None, initial: dict[str, str] | None = None):
        super().__init__(data, initial=initial, auto_id="filter-%s")
        statuses = [(in_address(meaning.key), meaning.label) for meaning in snapshot.statuses_used]
        self.fields["status"] = _choice(
            _("Status"), [*statuses, (NO_UPDATE, _("No update yet"))], unknown=_("There is no status “%(value)s”.")
        )
        self.fields["area"] = _choice(
            _("Area"),
            [(str(area.number), _short(area.name)) for area in snapshot.shown_areas],
            unknown=_("There is no area “%(value)s”."),
        )
        self.fields["party"] = _choice(
            _("Addressed to"),
            [(party.slug, _short(party.name)) for party in parties_of(snapshot)],
            unknown=_("No recommendation is addressed to “%(value)s”."),
        )


@dataclass(frozen=True)
class Search:
    """A search as its address says it: the `filter` that could be read, its `words`, and what was wrong, by field.

    `form` shows the filter again, and of a faulty part what can be shown.
    """

    filter: Filter
    words: Words
    form: FilterForm
    problems: dict[str, str]


def read_search(request: HttpRequest, snapshot: Snapshot) -> Search:
    """The search that the address of `request` asks for. Never fails, whatever the address holds."""
    try:
        data = request.GET.copy()
    except TooManyFieldsSent:
        problems = {"q": _("The address is too long to read, so nothing was filtered.")}
        return Search(Filter(), Words(snapshot), FilterForm(snapshot), problems)
    problems = {}
    for name in NAMES:
        values = {value.strip() for value in data.getlist(name)}
        if len(values) > 1:
            problems[name] = _("The address gives this more than once, with different values.")
            data[name] = ""
    data["status"] = in_address(data.get("status", "").strip())
    form = FilterForm(snapshot, data=data)
    for name, errors in form.errors.get_json_data().items():
        problems[name] = Truncator(_printable(errors[0]["message"])).chars(160)
    read = {name: form.cleaned_data.get(name, "") for name in NAMES}
    initial = read | ({"q": _printable(data.get("q", ""))[:LONGEST_SEARCH]} if "q" in problems else {})
    read["status"] = read["status"].replace("-", " ")
    refilled = FilterForm(snapshot, initial=initial)
    for name in problems:
        attrs = {"aria-invalid": "true", "aria-describedby": f"filter-{name}-problem"}
        refilled.fields[name].widget.attrs |= attrs
    also = AlsoCalled.stored() if read["q"] else AlsoCalled()
    return Search(Filter(**read), Words(snapshot, read["q"], also), refilled, problems)


def _choice(label: str, options: list[tuple[str, str]], *, unknown: str) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label,
        required=False,
        widget=PlainSelect,
        choices=[("", _("Any")), *options],
        error_messages={"invalid_choice": unknown},
    )


def _short(name: str) -> str:
    """A name in a list to choose from: a phone cuts it at a third of that."""
    return Truncator(name).chars(100)


def _printable(text: str) -> str:
    return REFUSED.sub("\ufffd", text)
