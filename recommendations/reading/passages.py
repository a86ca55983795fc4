"""The texts of an update, a report and the plan that readers will see, each with the name that staff know it by."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from hashlib import sha256

from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from recommendations.models import (
    ActionPlan,
    Area,
    ProgressUpdate,
    Recommendation,
    Report,
    ResponsibleParty,
    SupportLink,
    Term,
)

from .canonical import canonical
from .entries import AreaEntry, RecommendationEntry
from .schema import Snapshot


@dataclass(frozen=True)
class Passage:
    """A text that readers will see: `name` says which one, for staff; `target` is 0 where no page is its own.

    What was adopted isn't for staff to word: of it only the characters are looked at. What the search alone reads isn't
    shown, but who searches for a detail learns that it is there: of it the details and the characters are looked at.
    """

    about: str
    target: int
    name: str
    text: str
    addresses: tuple[str, ...] = ()
    is_adopted: bool = False
    is_shown: bool = True

    @property
    def targets(self) -> tuple[int, ...]:
        """The ids that a finding in it points to."""
        return (self.target,) if self.target or self.about == "update" else ()

    @property
    def basis(self) -> str:
        """What a finding in it rests on."""
        return basis_of(self.text, *self.addresses)


def basis_of(*words: object) -> str:
    """A hash that changes with each of `words`: an answer to a finding holds as long as it stays the same."""
    return sha256(canonical([str(word) for word in words]).encode()).hexdigest()


def named(update: ProgressUpdate) -> str:
    """An update as findings and drafts call it: U7 (3.1 and 3.2)."""
    references = [assessment.recommendation.reference for assessment in update.assessments.all()]
    return f"{update.short_name} ({get_text_list(references, _('and'))})" if references else update.short_name


def update_passages(updates: Iterable[ProgressUpdate]) -> list[Passage]:
    """The text of each of `updates`; apart from it what stands beside it, so that an answer to a finding in the text
    holds when a link is added."""
    found = []
    for update in updates:
        links, name = update.evidence_links.all(), named(update)
        beside = "\n".join(filter(None, [update.dated_as_published, *(link.label for link in links)]))
        addresses = tuple(filter(None, (one for link in links for one in (link.address, link.archived_address))))
        where = _("the date or the evidence of %(update)s") % {"update": name}
        found += [
            Passage("update", update.pk, name, update.text),
            Passage("update", update.pk, where, beside, addresses),
        ]
    return [passage for passage in found if passage.text or passage.addresses]


def report_passages(report: Report) -> list[Passage]:
    own = [
        (_("the report's title"), report.title),
        (_("the introduction"), report.introduction),
        (_("the closing words"), report.closing),
        (_("the approval"), report.approval),
        (_("the approval by the board"), report.shown_board_approval),
        (_("when the report was first published"), report.originally_published),
        (_("the note on statuses"), report.status_note),
    ]
    sections = [
        (_("the section “%(heading)s”") % {"heading": section.heading}, f"{section.heading}\n{section.body}")
        for section in report.sections.all()
    ]
    return [Passage("report", report.pk, name, text) for name, text in [*own, *sections] if text]


def plan_passages(printed: Snapshot) -> list[Passage]:
    """What a report prints of the plan: its own words, and the areas, recommendations and parties as adopted."""
    found = own_passages(printed)
    for area in printed.areas:
        found += area_passages(area)
    for one in printed.recommendations:
        found += recommendation_passages(one.reference, _adopted_text(one), one.retired_reason)
    for change in printed.plan_changes:
        what = {"what": change.about}
        found.append(_of_plan(_("what was changed: %(what)s") % what, "\n".join(change.sentences), is_adopted=True))
        found.append(_of_plan(_("why this was changed: %(what)s") % what, change.note))
    for name in dict.fromkeys(party.name for one in printed.recommendations for party in one.parties):
        found += party_passages(name)
    return [passage for passage in found if passage.text.strip()]


def area_passages(area: Area | AreaEntry) -> list[Passage]:
    words = {"number": area.number}
    return [
        _of_plan(_("the title of area %(number)d") % words, area.title, is_adopted=True),
        _of_plan(_("the introduction of area %(number)d") % words, area.introduction),
    ]


def recommendation_passages(reference: str, adopted: str, retired_reason: str) -> list[Passage]:
    """What was `adopted` as the recommendation `reference`, and why it was retired."""
    words = {"reference": reference}
    return [
        _of_plan(_("recommendation %(reference)s") % words, adopted, is_adopted=True),
        _of_plan(_("why %(reference)s was retired") % words, retired_reason),
    ]


def party_passages(name: str) -> list[Passage]:
    return [_of_plan(_("the name of the responsible party “%(name)s”") % {"name": name}, name, is_adopted=True)]


def other_names(thing: Area | ResponsibleParty | Recommendation) -> list[Passage]:
    """What `thing` is also called, which the search reads."""
    about, target = ("beside", thing.pk) if isinstance(thing, Recommendation) else ("plan", 0)
    called = {"name": thing.reference if isinstance(thing, Recommendation) else str(thing)}
    name = _("what “%(name)s” is also called") % called
    return [Passage(about, target, name, thing.also_called, is_shown=False)] if thing.also_called else []


def term_passages(terms: Iterable[Term]) -> list[Passage]:
    """What to say instead of each of `terms`, which the media sheet shows at once."""
    return [_of_plan(_("what to say instead of “%(word)s”") % {"word": term.word}, term.instead) for term in terms]


def _of_plan(name: str, text: str, *, is_adopted: bool = False) -> Passage:
    return Passage("plan", 0, name, text, is_adopted=is_adopted)


def own_passages(printed: Snapshot) -> list[Passage]:
    """The plan's own words as a report prints them."""
    plan = printed.plan
    dates_in_words = plan.conference_dates_as_published
    own = [
        (_("the territorial acknowledgement"), plan.acknowledgement, False),
        (_("the plan's introduction"), plan.introduction, False),
        (_("the plan's goals"), plan.goals, False),
        (_("the organization's name"), f"{plan.organisation_name} {plan.organisation_short_name}", False),
        (_("the data licence"), plan.data_licence, False),
        (_("the plan's title"), plan.title, True),
        (
            _("what the plan calls a recommendation"),
            f"{plan.recommendation_name} {plan.recommendation_name_plural}",
            True,
        ),
        (_("the conference"), f"{plan.conference_name} {dates_in_words} {plan.place}", True),
        *((_("the title of an earlier report"), earlier.title, True) for earlier in printed.previous),
        *(
            # In our words, only the characters matter; in the plan's own, everything does.
            (_("the status “%(label)s”") % {"label": one.label}, f"{one.label}\n{one.definition}", not one.is_own)
            for one in printed.statuses_used
        ),
        *((_("a logo's alternate text"), logo.alt, False) for logo in printed.logos),
    ]
    return [_of_plan(name, text, is_adopted=is_adopted) for name, text, is_adopted in own if text.strip()]


def site_passages(plan: ActionPlan) -> list[Passage]:
    """What pages show of `plan` and its support links, and no report."""
    own = [
        (_("the care line"), plan.care_line),
        (_("who reads what is sent to the contact"), plan.contact_name),
        (_("who the organization is"), plan.organisation_about),
        (_("the acknowledgement for this site"), plan.site_acknowledgement),
    ]
    for link in plan.support_links.all():
        words = "\n".join(filter(None, (getattr(link, name) for name in SupportLink.WORDS)))
        own.append((_("the support link “%(label)s”") % {"label": link.label}, words))
    return [_of_plan(name, text) for name, text in own if text.strip()]


def beside_passages(recommendations: Iterable[Recommendation]) -> list[Passage]:
    """What stands beside each of `recommendations`: its explanation with the links, and what “done” means."""
    found = []
    for one in recommendations:
        reference, links = {"reference": one.reference}, one.links.all()
        words = "\n".join([one.explanation, *(link.label for link in links)])
        addresses = tuple(link.address for link in links)
        done = "\n".join([one.done_means, one.done_means_set_by])
        found += [
            Passage("beside", one.pk, _("the explanation of %(reference)s") % reference, words, addresses),
            Passage("beside", one.pk, _("what “done” means for %(reference)s") % reference, done),
        ]
    return [passage for passage in found if passage.text.strip()]


def _adopted_text(entry: RecommendationEntry) -> str:
    """All texts of a recommendation but what staff word."""
    worded = {"retired_reason", "done_means", "done_means_set_by", "explanation"}
    names = [field.name for field in fields(entry) if field.name not in worded]
    return "\n".join(value for name in names if isinstance(value := getattr(entry, name), str))


def note_passages(report: Report, printed: Snapshot, note: str) -> list[Passage]:
    """The public notes that it prints: those on corrections, each once, and that of the edition to be made."""
    notes = [one.note for one in printed.corrected]
    notes += [correction.note for update in printed.updates for correction in update.corrections]
    said = [(_("the note on a correction"), text) for text in dict.fromkeys(notes)]
    return [Passage("report", report.pk, name, text) for name, text in [*said, (_("the edition's note"), note)] if text]
