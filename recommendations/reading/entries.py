"""What is true of the plan for given dates, as frozen values: what pages show and editions store.

They know no request, no HTML, no clock and no database. Every schema that was ever published stays readable, so a new
field needs a default: stored texts lack it.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from recommendations.models import LinkKind, ReportSection, Status
from recommendations.models.plan import Naming
from recommendations.models.recommendations import decided, retired_by, slug_of
from recommendations.reading import adopted
from recommendations.text import dates
from recommendations.text.intake import title_lines


@dataclass(frozen=True)
class StatusMeaning:
    """A status as it was labelled and defined at the time; `key` is the stored word.

    `is_own` where the definition or the evidence is the plan's own wording, not the software's. `is_used` where the
    plan uses it, or an update records it all the same; the others are only there to be named.
    """

    key: str
    label: str
    definition: str
    evidence: str
    is_own: bool = False
    is_used: bool = True


@dataclass(frozen=True)
class PartyEntry:
    slug: str
    name: str
    is_everyone: bool


@dataclass(frozen=True)
class LinkEntry:
    """A link to a page elsewhere; `archived_address` is that of a copy of it which readers may see, or empty."""

    label: str
    address: str
    archived_address: str = ""


@dataclass(frozen=True)
class CheckedLink(LinkEntry):
    """A link on a live page, which also says since when its page is gone: that changes, so nothing frozen has it."""

    gone_since: dt.date | None = None


@dataclass(frozen=True)
class CorrectionEntry:
    """An announced correction of an update: `note` is public."""

    corrected_at: dt.datetime
    note: str


@dataclass(frozen=True)
class UpdateEntry:
    """One published update. `statuses` pairs each reference it covers with the status it records, in plan order.

    A status is empty only in the preview of a draft.
    """

    id: int
    area: int
    text: str
    dated_on: dt.date
    dated_as_published: str
    published_at: dt.datetime | None
    sums_up: bool
    statuses: tuple[tuple[str, str], ...]
    evidence: tuple[LinkEntry, ...]
    corrections: tuple[CorrectionEntry, ...]

    @property
    def references(self) -> tuple[str, ...]:
        return tuple(reference for reference, _ in self.statuses)

    def status_of(self, reference: str) -> str:
        return dict(self.statuses)[reference]


@dataclass(frozen=True)
class StatusOn:
    """The status of a recommendation, and the update that records it."""

    key: str
    dated_on: dt.date
    dated_as_published: str
    update_id: int

    @property
    def dated(self) -> str:
        """The date as precisely as it is known."""
        return dates.as_known(self.dated_on, self.dated_as_published)


@dataclass(frozen=True)
class Latest:
    """The status of a recommendation, None where no update ever assessed it, and the newest update that covers it."""

    status: StatusOn | None
    update_id: int


@dataclass(frozen=True)
class PlanChange:
    """What was changed of what was adopted, and why: `kind` is recommendation, area or party, `name` is its reference,
    its number (its title where areas have none) or its name. `called` is what the plan calls a recommendation; empty
    for the language's own word.
    """

    changed_at: dt.datetime
    note: str
    kind: str
    name: str
    changes: tuple[adopted.FieldChange, ...]
    called: str = ""

    @property
    def is_by_number(self) -> bool:
        """Whether what was changed is called by its number or reference: parties, and some areas, have only a name."""
        return self.kind == "recommendation" or (self.kind == "area" and self.name.isdecimal())

    @property
    def about(self) -> str:
        """What was changed, as a label."""
        if not self.is_by_number:
            return self.name
        if self.kind == "area":
            return _("Area %(name)s") % {"name": self.name}
        return f"{capfirst(self.called or _('recommendation'))} {self.name}"

    @property
    def sentences(self) -> tuple[str, ...]:
        """What was changed, without full stops; the note says why."""
        return tuple(adopted.sentences(self.changes, note=self.note))


def anchor_of(reference: str) -> str:
    """The id of a recommendation within a report."""
    return f"r{slug_of(reference)}"


@dataclass(frozen=True)
class LinkBeside:
    """A link beside a recommendation; `kind` is the stored word: see `LinkKind`."""

    kind: str
    label: str
    address: str
    gone_since: dt.date | None = None

    @property
    def kind_label(self) -> str:
        return str(LinkKind(self.kind).label)

    @property
    def is_explanation(self) -> bool:
        return LinkKind(self.kind).is_explanation


@dataclass(frozen=True)
class RecommendationEntry:
    """One recommendation. `timeline` lists the updates of the window that cover it, oldest first; `shown` those of
    them that no later update of the same window sums up. `status` may be older than the window, and is None where no
    update ever assessed it. `plan_changes` are those of itself, its area and the parties it is addressed to, oldest
    first. `explanation` and `links` aren't adopted, and no report holds them: what an edition says is cited."""

    reference: str
    text: str
    parties: tuple[PartyEntry, ...]
    target_on: dt.date | None
    target_as_published: str
    retired_on: dt.date | None
    retired_reason: str
    replaced_by: tuple[str, ...]
    status: StatusOn | None
    timeline: tuple[int, ...]
    shown: tuple[int, ...]
    added_on: dt.date | None = None
    plan_changes: tuple[PlanChange, ...] = ()
    done_means: str = ""
    done_means_set_by: str = ""
    done_means_set_on: dt.date | None = None
    explanation: str = ""
    links: tuple[LinkBeside, ...] = ()

    @property
    def status_key(self) -> str:
        """Its status as it is stored; empty where no update ever assessed it."""
        return self.status.key if self.status else ""

    @property
    def target(self) -> str:
        """When it should be done, as precisely as it is known: the published words, else the day; empty for neither."""
        return self.target_as_published or (dates.day(self.target_on) if self.target_on else "")

    @property
    def target_day(self) -> dt.date | None:
        """The day that `target` says, for programs; None where it says words, or nothing."""
        return None if self.target_as_published else self.target_on

    def is_retired(self, on: dt.date) -> bool:
        return retired_by(self.retired_on, on)

    @property
    def slug(self) -> str:
        """What stands for it in addresses."""
        return slug_of(self.reference)

    @property
    def is_done(self) -> bool:
        return self.status is not None and Status(self.status.key).is_done

    @property
    def done_means_decided(self) -> str:
        return decided(self.done_means_set_by, self.done_means_set_on)

    @property
    def explained_in(self) -> tuple[LinkBeside, ...]:
        """The links to its explanation in other forms."""
        return tuple(link for link in self.links if link.is_explanation)

    @property
    def see_also(self) -> tuple[LinkBeside, ...]:
        """The links to related recommendations elsewhere."""
        return tuple(link for link in self.links if not link.is_explanation)

    @property
    def anchor(self) -> str:
        return anchor_of(self.reference)


@dataclass(frozen=True)
class Row:
    """A run of consecutive recommendations that the same updates cover, as a report's table shows it."""

    recommendations: tuple[RecommendationEntry, ...]
    updates: tuple[UpdateEntry, ...]


@dataclass(frozen=True)
class AreaEntry:
    """An area. Readers see its number where `is_numbered`, and nothing of an area without a title."""

    number: int
    title: str
    introduction: str
    recommendations: tuple[RecommendationEntry, ...]
    is_numbered: bool = True

    @property
    def name(self) -> str:
        """How readers know it on one line: “3 Housing”, “Housing”; empty for one without a title."""
        return f"{self.number} {self.title}" if self.title and self.is_numbered else self.title

    @property
    def short_name(self) -> str:
        """The same where its title stands elsewhere: “Area 3”, else its title."""
        return _("Area %(name)s") % {"name": self.number} if self.title and self.is_numbered else self.title


@dataclass(frozen=True)
class PlanEntry(Naming):
    title: str
    conference_name: str
    conference_dates_as_published: str
    conference_starts_on: dt.date | None
    conference_ends_on: dt.date | None
    place: str
    acknowledgement: str
    introduction: str
    goals: str
    organisation_name: str
    organisation_short_name: str
    website: str
    contact_email: str
    data_licence: str
    data_licence_address: str
    recommendation_name: str = ""
    recommendation_name_plural: str = ""
    accent_colour: str = ""

    @property
    def title_lines(self) -> tuple[str, ...]:
        return title_lines(self.title)

    @property
    def conference_dates(self) -> str:
        """When the conference was, as precisely as it is known; empty where there was none."""
        if self.conference_dates_as_published or not self.conference_starts_on or not self.conference_ends_on:
            return self.conference_dates_as_published
        return dates.period(self.conference_starts_on, self.conference_ends_on)


@dataclass(frozen=True)
class SectionEntry:
    heading: str
    body: str
    placement: str


@dataclass(frozen=True)
class ReportEntry:
    slug: str
    title: str
    introduction: str
    closing: str
    approval: str
    originally_published: str
    status_note: str
    starts_on: dt.date
    ends_on: dt.date
    sections: tuple[SectionEntry, ...]
    board_approval: str = ""

    @property
    def sections_before(self) -> tuple[SectionEntry, ...]:
        return tuple(section for section in self.sections if section.placement == ReportSection.Placement.BEFORE)

    @property
    def sections_after(self) -> tuple[SectionEntry, ...]:
        return tuple(section for section in self.sections if section.placement == ReportSection.Placement.AFTER)


@dataclass(frozen=True)
class EditionEntry:
    """What an edition says of itself. Who published it is for staff only, and not here."""

    number: int
    published_at: dt.datetime
    published_on: dt.date
    note: str


@dataclass(frozen=True)
class PhraseEntry:
    """Words in another language; `language` is its BCP 47 tag."""

    text: str
    language: str


@dataclass(frozen=True)
class StatusNote:
    """What a published report says of the statuses of its period; `slug` is that of its address."""

    slug: str
    title: str
    starts_on: dt.date
    ends_on: dt.date
    text: str


@dataclass(frozen=True)
class Origins:
    """How many recommendations were adopted, in how many areas, and what became of the plan since.

    `areas` is 0 for a plan without areas.
    `adopted` counts those that the plan began with, also those that were retired; `retired` counts among all of them.
    """

    adopted: int
    areas: int
    added: int
    retired: int

    @property
    def current(self) -> int:
        return self.adopted + self.added - self.retired


@dataclass(frozen=True)
class EarlierReport:
    """What the newest public edition of an earlier report said of each recommendation that it listed.

    `statuses` pairs references with status words, empty for none. Which edition it was is not part of it: only a new
    one that says something else of a status changes the reports that come after. `note_slug` is that of its address
    where it explains its statuses, and empty where it doesn't.
    """

    title: str
    starts_on: dt.date
    ends_on: dt.date
    statuses: tuple[tuple[str, str], ...]
    note_slug: str = ""


@dataclass(frozen=True)
class CorrectedUpdate:
    """An announced correction, the withdrawal or the take-down of an update that the report's newest edition held."""

    corrected_at: dt.datetime
    note: str
    is_withdrawal: bool
    references: tuple[str, ...]
    is_taken_down: bool = False
