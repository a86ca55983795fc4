"""What a reader asks to see of the plan: words, a status, an area, a party; all of them must hold.

A filter lives in the address, and addresses are typed, cut short and mangled: whatever is wrong with one part is said
beside its field, that part is dropped, and the rest still holds. Searching is done here, in Python, so that both
databases find the same: words are compared without case, accents or the difference between NFC and NFD.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import TooManyFieldsSent
from django.http import HttpRequest, QueryDict
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from recommendations.text.intake import REFUSED, folded, refuse_unprintable

from .snapshot import PartyEntry, RecommendationEntry, Snapshot, UpdateEntry

# In place of a status: recommendations that no update covers yet.
NO_UPDATE = "none"
NAMES = ("q", "status", "area", "party")
LONGEST_SEARCH = 200
# Phones type curly ones, the plan has straight ones.
APOSTROPHES = str.maketrans("‘’ʼ", "'''")


@dataclass(frozen=True)
class Filter:
    """What is asked for; empty parts ask for nothing. `status` is a status word, or NO_UPDATE."""

    q: str = ""
    status: str = ""
    area: str = ""
    party: str = ""

    def __bool__(self) -> bool:
        return any(getattr(self, name) for name in NAMES)

    @property
    def query(self) -> str:
        """The parts as they stand in an address, after the question mark; empty where nothing is asked."""
        asked = {**asdict(self), "status": _in_address(self.status)}
        return urlencode({name: asked[name] for name in NAMES if asked[name]})

    def without(self, name: str) -> Filter:
        return replace(self, **{name: ""})


class FilterForm(forms.Form):
    """The filter as a GET form; its choices are those of the snapshot."""

    q = forms.CharField(
        label=gettext_lazy("Words"),
        required=False,
        max_length=LONGEST_SEARCH,
        validators=[refuse_unprintable],
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off", "spellcheck": "false"}),
        error_messages={
            "max_length": gettext_lazy("This is longer than %(limit_value)d characters. Search for a few words."),
            "null_characters_not_allowed": gettext_lazy("This holds characters that can’t be searched for."),
        },
    )

    def __init__(self, snapshot: Snapshot, *, data: QueryDict | None = None, shown: dict[str, str] | None = None):
        super().__init__(data, initial=shown, auto_id="filter-%s")
        statuses = [(_in_address(meaning.key), meaning.label) for meaning in snapshot.statuses]
        self.fields["status"] = _choice(
            _("Status"), [*statuses, (NO_UPDATE, _("No update yet"))], unknown=_("There is no status “%(value)s”.")
        )
        self.fields["area"] = _choice(
            _("Area"),
            [(str(area.number), f"{area.number} {area.title}") for area in snapshot.areas],
            unknown=_("There is no area “%(value)s”."),
        )
        self.fields["party"] = _choice(
            _("Addressed to"),
            [(party.slug, party.name) for party in parties_of(snapshot)],
            unknown=_("No recommendation is addressed to “%(value)s”."),
        )


@dataclass(frozen=True)
class Asked:
    """What an address asks for: the `filter` that could be read, and what was wrong, by field.

    `form` shows the filter again, and of a faulty part what can be shown.
    """

    filter: Filter
    form: FilterForm
    problems: dict[str, str]


def asked(request: HttpRequest, snapshot: Snapshot) -> Asked:
    """What the address of `request` asks to see of `snapshot`. Never fails, whatever stands in the address."""
    try:
        data = request.GET.copy()
    except TooManyFieldsSent:
        problems = {"q": _("The address holds too much to be read, so nothing is filtered.")}
        return Asked(Filter(), FilterForm(snapshot), problems)
    problems = {}
    for name in NAMES:
        values = {value.strip() for value in data.getlist(name)}
        if len(values) > 1:
            problems[name] = _("The address gives this more than once, and not the same.")
            data[name] = ""
    data["status"] = _in_address(data.get("status", "").strip())
    form = FilterForm(snapshot, data=data)
    for name, errors in form.errors.get_json_data().items():
        problems[name] = Truncator(_printable(errors[0]["message"])).chars(160)
    read = {name: form.cleaned_data.get(name, "") for name in NAMES}
    shown = read | ({"q": _printable(data.get("q", ""))[:LONGEST_SEARCH]} if "q" in problems else {})
    read["status"] = read["status"].replace("-", " ")
    refilled = FilterForm(snapshot, shown=shown)
    for name in problems:
        attrs = {"aria-invalid": "true", "aria-describedby": f"filter-{name}-problem"}
        refilled.fields[name].widget.attrs |= attrs
    return Asked(Filter(**read), refilled, problems)


@dataclass(frozen=True)
class Match:
    """A recommendation that a filter asks for; `found_in`: the newest update that holds what its own text doesn't."""

    entry: RecommendationEntry
    found_in: UpdateEntry | None


def matches(snapshot: Snapshot, filter: Filter) -> tuple[Match, ...]:
    """The recommendations that `filter` asks for, in plan order; all where it asks for nothing.

    Each of its words must stand in the recommendation, its number included, or in one of its published updates. A
    retired one has no status to ask for; otherwise it is found like any other.
    """
    words = set(_compared(filter.q).split())
    told = {update.id: _compared(update.text) for update in snapshot.updates} if words else {}
    found = []
    for area in snapshot.areas:
        for entry in area.recommendations if filter.area in ("", str(area.number)) else ():
            if not _has_status(snapshot, entry, filter.status):
                continue
            if filter.party and filter.party not in {party.slug for party in entry.parties}:
                continue
            missing = _missing(words, _compared(f"{entry.reference} {entry.text}")) if words else words
            found_in = None
            for id in reversed(entry.timeline) if missing else ():
                if (left := _missing(missing, told[id])) != missing:
                    found_in, missing = found_in or snapshot.updates_by_id[id], left
            if not missing:
                found.append(Match(entry, found_in))
    return tuple(found)


def matching(snapshot: Snapshot, filter: Filter) -> tuple[str, ...]:
    """The references of `matches`."""
    return tuple(match.entry.reference for match in matches(snapshot, filter))


def parties_of(snapshot: Snapshot) -> tuple[PartyEntry, ...]:
    """Those that some recommendation is addressed to, by name, everyone last."""
    parties = {party.slug: party for entry in snapshot.recommendations for party in entry.parties}
    return tuple(sorted(parties.values(), key=lambda party: (party.is_everyone, folded(party.name))))


def _has_status(snapshot: Snapshot, entry: RecommendationEntry, status: str) -> bool:
    if not status:
        return True
    if entry.is_retired(snapshot.on):
        return False
    return (entry.status_key or NO_UPDATE) == status


def _missing(words: set[str], text: str) -> set[str]:
    return {word for word in words if word not in text}


def _choice(label: str, options: list[tuple[str, str]], *, unknown: str) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label,
        required=False,
        choices=[("", _("Any")), *options],
        error_messages={"invalid_choice": unknown},
    )


def _in_address(status: str) -> str:
    return status.replace(" ", "-")


def _compared(text: str) -> str:
    return folded(text).translate(APOSTROPHES)


def _printable(text: str) -> str:
    return REFUSED.sub("\ufffd", text)
