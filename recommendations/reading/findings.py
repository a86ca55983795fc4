"""What staff should look at before they publish. Findings only warn; `report_obstacles` in publishing refuses."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Q
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from recommendations.models import (
    ActionPlan,
    Area,
    Correction,
    EvidenceLink,
    FindingAnswer,
    ProgressUpdate,
    Recommendation,
    Report,
    ResponsibleParty,
    Status,
    StatusWording,
    SupportLink,
    TakeDown,
    Term,
)
from recommendations.text import dates
from recommendations.text.intake import folded, with_plain_line_endings

from .answers import with_answers, with_answers_to_the_same
from .details import Harmless, details
from .links import broken_links
from .passages import (
    Passage,
    area_passages,
    basis_of,
    beside_passages,
    named,
    note_passages,
    other_names,
    own_passages,
    party_passages,
    plan_passages,
    recommendation_passages,
    report_passages,
    site_passages,
    term_passages,
    update_passages,
)
from .patterns import IDENTIFYING, Held, identifying, invisible, overlong, unprintable, wording
from .phones import region_of
from .schema import Snapshot
from .snapshot import report_snapshot, snapshot
from .support import no_support, untried_support

# An update dated so many days before or after a period was perhaps meant for it.
MARGIN = dt.timedelta(days=14)


# What has words that readers see, and a page that says what to check in them.
Checked = ActionPlan | Area | ProgressUpdate | Recommendation | Report | ResponsibleParty

WHAT_IS_CHECKED = gettext_lazy(
    "The tracker looks for words that the plan asks people not to use, in all their forms. It looks for details that "
    "may lead to somebody: phone numbers, e-mail addresses, accounts on social networks, street addresses and "
    "corners, postal codes, licence plates, numbers of police files and badges, health, insurance and identity "
    "numbers, dates of birth, an age with a place, a first name with an initial, and a name after a title, a role or "
    "“named”. And it looks for characters that nobody can see; links to pages of this site that don't exist; "
    "evidence that was gone when it was last checked; characters missing from the report's font; and very long "
    "texts. In wording as adopted, it checks only the characters. It leaves out numbers that are free to call, and "
    "what the action plan lists as fine to publish. It recognizes only the usual forms of these details, in English "
    "and in French: it misses a name by itself, a street without a number and a number in words. It can't recognize "
    "a description that gives somebody away, and it doesn't know whether somebody agreed to be mentioned. Read for "
    "those yourself."
)


@dataclass(frozen=True)
class Finding:
    """Something to look at. `kind` says which; `targets` are the ids of what it is `about`: recommendations, what
    stands beside one, updates or reports.

    `words` are what was found, the same in every language of the staff's, and `basis` is the hash of what it rests on;
    without one it tells of a state, and there is nothing to answer. `answer` says why it is fine; `earlier` is the last
    one that was given for the same words, perhaps in another text.
    """

    kind: str
    message: str
    targets: tuple[int, ...]
    about: str = "update"
    words: str = ""
    basis: str = ""
    answer: FindingAnswer | None = None
    earlier: FindingAnswer | None = None

    @property
    def subject(self) -> tuple[str, int]:
        """What it is about, and its id; 0 for the plan, and for a text that isn't saved."""
        return self.about, self.targets[0] if self.targets else 0

    @property
    def can_be_answered(self) -> bool:
        return bool(self.basis) and (self.about == "plan" or self.subject[1] > 0)

    @property
    def is_open(self) -> bool:
        """Whether nobody has said yet why it is fine."""
        return self.answer is None

    @property
    def key(self) -> str:
        """What forms know it by: it changes with what was found and with what it was found in."""
        return basis_of(*self.subject, self.kind, self.words, self.basis)[:20]


def completeness(report: Report, *, on: dt.date) -> list[Finding]:
    """What is missing, left out or late in `report` on the day `on`, in a constant number of queries.

    Recommendations of the period that no published or ready update covers; drafts, ready updates that could not be
    published as they are, and updates that were set aside; updates dated just outside the period that no other report
    takes in; updates that were published, corrected, withdrawn or taken down after the newest edition.
    """
    return _completeness(report, _of_the_period(report), on=on)


def _completeness(report: Report, updates: list[ProgressUpdate], *, on: dt.date) -> list[Finding]:
    return [
        *_without_update(report, updates),
        *_drafts(updates),
        *_incomplete(updates, on=on),
        *_set_aside(report),
        *_just_outside(report),
        *not_in_edition(report),
    ]


def of_report(report: Report, *, on: dt.date, printed: Snapshot | None = None, note: str = "") -> list[Finding]:
    """Everything to look at in `report`: `completeness`, and what all texts hold that it prints.

    `printed` is what would be published, by default with all ready updates; `note` is that of the edition to be made.
    """
    updates = _of_the_period(report)
    if printed is None:
        ready = [update.pk for update in updates if update.ready_at and not update.published_at]
        printed = report_snapshot(report, including=ready)
    found = [
        *_support(on),
        *_completeness(report, updates, on=on),
        *_what_done_means([update for update in updates if update.ready_at]),
        *in_passages(
            [
                *report_passages(report),
                *plan_passages(printed),
                *beside_passages(Recommendation.objects.with_own_words()),
                *term_passages(Term.objects.for_readers()),
                *note_passages(report, printed, note),
                *update_passages(updates),
            ]
        ),
        *(one for update in updates for one in _gone(update, update.evidence_links.all())),
    ]
    return with_answers(found)


def of_update(update: ProgressUpdate) -> list[Finding]:
    """What the words of one update hold, as it is saved; that its day is in a period that is published already; and
    what must be seen for what it calls completed."""
    return of_updates([update])


def of_note(update: ProgressUpdate) -> list[Finding]:
    """What the note for colleagues says that leads to somebody; never its words, which may be erased."""
    if not update.private_note:
        return []
    harmless, _language = _harmless()
    held = details(update.private_note, region=harmless.region)
    found = dict.fromkeys(kind for kind, what in held if what not in harmless)
    message = _("%(what)s in the note for colleagues. Say role and permission instead, never who it was.")
    basis = basis_of(update.private_note)
    return with_answers(
        [
            Finding("note", message % {"what": IDENTIFYING[one]}, (update.pk,), words=one.value, basis=basis)
            for one in found
        ]
    )


def of_updates(updates: Collection[ProgressUpdate]) -> list[Finding]:
    """The same for each of `updates`, in a constant number of queries."""
    stored = list(ProgressUpdate.objects.filter(pk__in=[one.pk for one in updates]).for_snapshot().in_order())
    return with_answers(
        [
            *in_published_periods(stored),
            *_what_done_means(stored),
            *in_passages(update_passages(stored)),
            *(one for update in stored for one in _gone(update, update.evidence_links.all())),
        ]
    )


def of_recommendation(recommendation: Recommendation) -> list[Finding]:
    """What the words of `recommendation` hold, and those that staff put beside it: readers see them at once."""
    adopted = "\n".join([recommendation.text, recommendation.target_as_published])
    passages = recommendation_passages(recommendation.reference, adopted, recommendation.retired_reason)
    beside = [*beside_passages([recommendation]), *other_names(recommendation)]
    return with_answers(in_passages([*passages, *beside]))


def of_report_texts(report: Report) -> list[Finding]:
    """What the words hold that are the report's own."""
    return with_answers(in_passages(report_passages(report)))


def of(thing: Checked, *, on: dt.date) -> list[Finding]:
    """Everything to look at in `thing`, as it is saved, on the day `on`."""
    match thing:
        case ProgressUpdate():
            return [*of_update(thing), *of_note(thing)]
        case Report():
            return of_report(thing, on=on)
        case Recommendation():
            return of_recommendation(thing)
        case Area():
            passages = [*area_passages(thing), *other_names(thing)]
        case ResponsibleParty():
            passages = [*party_passages(thing.name), *other_names(thing)]
        case _:
            passages = [*own_passages(snapshot(thing, on=on)), *site_passages(thing)]
            return with_answers([*_support(on), *in_passages(passages)])
    return with_answers(in_passages([one for one in passages if one.text.strip()]))


def of_support() -> list[Finding]:
    """That readers find no support on the site, if so."""
    return with_answers(_within(*found) for found in no_support())


def of_support_and_its_checks(*, on: dt.date) -> list[Finding]:
    """The same, and which support links nobody tried in the quarter before the day `on`."""
    return with_answers(_support(on))


def _support(on: dt.date) -> list[Finding]:
    return [_within(*found) for found in (*no_support(), *untried_support(on=on))]


def _what_done_means(updates: Iterable[ProgressUpdate]) -> list[Finding]:
    """What must be seen for each recommendation that an unpublished update calls completed, where that was set."""
    called = [
        (update, one.recommendation, one.status)
        for update in updates
        if not update.published_at
        for one in update.assessments.all()
        if one.status and Status(one.status).is_done and one.recommendation.done_means
    ]
    labels = StatusWording.objects.labels() if called else {}
    return [_what_must_be_seen(*one, labels=labels) for one in called]


def newly_completed(
    update: ProgressUpdate, *, before: Iterable[tuple[str, str]], now: Iterable[tuple[str, str]]
) -> list[Finding]:
    """What must be seen for each recommendation that a correction of `update` calls completed, and `before` didn't.

    Both pair references with status words, which nobody has checked yet.
    """
    called_done = {status.value for status in Status if status.is_done}
    done = {reference: status for reference, status in set(now) - set(before) if status in called_done}
    stored = Recommendation.objects.referred_to_as(*done).exclude(done_means="").in_order()
    labels = StatusWording.objects.labels()
    return [_what_must_be_seen(update, one, done[one.reference], labels=labels) for one in stored]


def _what_must_be_seen(
    update: ProgressUpdate, recommendation: Recommendation, status: str, *, labels: Mapping[str, str]
) -> Finding:
    words = {
        "reference": recommendation.reference,
        "status": labels[status],
        "means": recommendation.done_means,
        "decided": recommendation.done_means_decided,
    }
    message = _(
        "%(reference)s is called “%(status)s”. Done means: “%(means)s” (%(decided)s). Check that the update says "
        "where this can be seen."
    )
    basis = basis_of(update.text, status, recommendation.done_means)
    return Finding("done means", message % words, (update.pk,), words=recommendation.reference, basis=basis)


def in_published_periods(updates: Iterable[ProgressUpdate]) -> list[Finding]:
    """Of the unpublished ones, that they are dated within the period of a published report, which then lacks them."""
    published = list(Report.objects.published())
    return [
        _in_published_period(update, update.dated_on, report)
        for update in updates
        if not update.published_at
        for report in published
        if report.starts_on <= update.dated_on <= report.ends_on
    ]


def moved_into_published_period(update: ProgressUpdate, *, to: dt.date) -> list[Finding]:
    """That correcting the day of a published update moves it into the period of a published report from outside it."""
    reports = Report.objects.published()
    report = reports.overlapping(to, to).first()
    if report is None or report == reports.overlapping(update.dated_on, update.dated_on).first():
        return []
    return [_in_published_period(update, to, report)]


def _in_published_period(update: ProgressUpdate, day: dt.date, report: Report) -> Finding:
    message = _(
        "It is dated within %(period)s, the period of “%(report)s”, which is already published: that "
        "report won't include it unless you publish a new edition, and no later report will."
    ) % {"period": dates.period(report.starts_on, report.ends_on), "report": report.title}
    basis = basis_of(day, report.pk, report.starts_on, report.ends_on)
    return Finding("published period", message, (update.pk,), words=report.slug, basis=basis)


def in_text(text: str, *, addresses: Iterable[str] = (), target: int = 0, name: str = "") -> list[Finding]:
    """What a text holds that is not saved yet: a correction or a note that somebody is about to publish."""
    return in_passages([Passage("update", target, name or _("the text"), text, tuple(addresses))])


def while_writing(text: str) -> list[Finding]:
    """What a text holds that somebody is writing: quiet where the same text was saved and its findings answered."""
    return with_answers_to_the_same(in_text(with_plain_line_endings(text).strip()))


def in_passages(passages: list[Passage]) -> list[Finding]:
    """What the texts hold: wording, identifying details, broken links, characters the fonts lack, undue length."""
    terms = list(Term.objects.for_readers())
    adopted = Recommendation.objects.values_list("text", flat=True) if terms else ()
    quotable = tuple(folded(text) for text in adopted)
    harmless, language = _harmless()
    found = []
    for passage in passages:
        text, where = passage.text, passage.name
        held = [*invisible(text, where), *unprintable(text, where)]
        if not passage.is_shown:
            held = [*identifying(text, where, harmless), *held]
        elif not passage.is_adopted:
            held = [
                *wording(text, where, terms, quotable, language),
                *identifying("\n".join([text, *passage.addresses]), where, harmless),
                *held,
                *overlong(text, where),
            ]
        found += [_within(passage, one) for one in held]
    broken = broken_links([passage for passage in passages if passage.is_shown and not passage.is_adopted])
    return [*found, *(_within(passage, one) for passage, one in broken)]


def _harmless() -> tuple[Harmless, str]:
    """What the plan says may be published, and shows anyway: its contact, addresses and support links; its language."""
    held = ("contact_email", "website", "exit_address", "may_be_published")
    linked = [f"support_links__{name}" for name in SupportLink.WORDS]
    rows = list(ActionPlan.objects.values_list("language", *held, "support_links__address", *linked))
    language = rows[0][0] if rows else settings.LANGUAGE_CODE
    lines = dict.fromkeys(line for row in rows for text in row[1:] if text for line in text.splitlines())
    return Harmless(lines, region=region_of(settings.TIME_ZONE, language)), language


def _within(passage: Passage, held: Held) -> Finding:
    return Finding(held.kind, held.message, passage.targets, passage.about, held.words, passage.basis)


def _of_the_period(report: Report) -> list[ProgressUpdate]:
    return list(
        ProgressUpdate.objects.dated_in(report.starts_on, report.ends_on).not_removed().for_snapshot().in_order()
    )


def _without_update(report: Report, updates: Iterable[ProgressUpdate]) -> list[Finding]:
    covered = {one.recommendation_id for update in updates if update.ready_at for one in update.assessments.all()}
    missing = [
        recommendation
        for recommendation in Recommendation.objects.filter(area__plan_id=report.plan_id)
        .begun(report.ends_on)
        .current(report.ends_on)
        .select_related("area")
        .in_order()
        if recommendation.pk not in covered
    ]
    if not missing:
        return []
    message = ngettext(
        "%(count)d recommendation has no update in this period: %(references)s.",
        "%(count)d recommendations have no update in this period: %(references)s.",
        len(missing),
    ) % {"count": len(missing), "references": get_text_list([one.reference for one in missing], _("and"))}
    return [Finding("without update", message, tuple(one.pk for one in missing), "recommendation")]


def _drafts(updates: Iterable[ProgressUpdate]) -> list[Finding]:
    return [
        Finding("draft", _("Still a draft, so not included: “%(update)s”") % {"update": update}, (update.pk,))
        for update in updates
        if not update.ready_at
    ]


def _incomplete(updates: Iterable[ProgressUpdate], *, on: dt.date) -> list[Finding]:
    found = []
    for update in updates:
        if update.ready_at and not update.published_at and (why := _why_incomplete(update, on=on)):
            words = {"update": update, "why": why}
            found.append(Finding("incomplete", _("Marked ready, but %(why)s: “%(update)s”") % words, (update.pk,)))
    return found


def _set_aside(report: Report) -> list[Finding]:
    updates = ProgressUpdate.objects.set_aside().filter(take_down=None).dated_in(report.starts_on, report.ends_on)
    message = _("Set aside, so not included: %(update)s")
    return [
        Finding("set aside", message % {"update": named(update)}, (update.pk,))
        for update in updates.with_assessments().in_order()
    ]


def _why_incomplete(update: ProgressUpdate, *, on: dt.date) -> str:
    assessments = update.assessments.all()
    if blank := [one.recommendation.reference for one in assessments if not one.status]:
        return _("it records no status for %(references)s") % {"references": get_text_list(blank, _("and"))}
    if not assessments:
        return _("it covers no recommendation")
    if any(one.recommendation.area_id != update.area_id for one in assessments):
        return _("it covers a recommendation of another area")
    if not update.text.strip():
        return _("it has no text")
    return _("it is dated in the future") if update.dated_on > on else ""


def not_in_edition(report: Report) -> list[Finding]:
    """What the newest edition doesn't know of: published, corrected, withdrawn or taken down since; nothing if lost."""
    newest = report.newest_edition()
    if newest is None or newest.is_lost:
        return []
    found: dict[int, tuple[str, object]] = {}
    for update in ProgressUpdate.objects.lacking_in(newest).in_order():
        is_new = update.published_at is not None and update.published_at > newest.published_at
        new, old = (
            _("Published since, not in edition %(number)d: “%(what)s”"),
            _("Not in edition %(number)d: “%(what)s”"),
        )
        found[update.pk] = (new if is_new else old, update)
    for correction in Correction.objects.not_hidden().since(newest):
        message = (
            _("Withdrawn since, but still in edition %(number)d: “%(what)s”")
            if correction.is_withdrawal
            else _("Corrected since, not in edition %(number)d: “%(what)s”")
        )
        found[correction.corrected_update.pk] = (message, correction.update)
    for removal in TakeDown.objects.since(newest):
        if removal.update:
            message = _("Taken down since, but still in edition %(number)d: “%(what)s”")
            found[removal.update.pk] = (message, removal)
    return [
        Finding("not in edition", message % {"number": newest.number, "what": what}, (id,))
        for id, (message, what) in found.items()
    ]


def _gone(update: ProgressUpdate, links: Iterable[EvidenceLink]) -> Iterator[Finding]:
    """The evidence of `update` that is gone, or whose copy is hidden; its `links` were fetched `with_checks`."""
    for link in links:
        day = dates.day(link.gone_since) if link.gone_since else ""
        words = {"update": named(update), "label": link.label, "day": day}
        messages = []
        if link.gone_since:
            messages.append(_("The evidence “%(label)s” of %(update)s has been gone since %(day)s.") % words)
        if link.archived_address and not link.shown_copy:
            hidden = _(
                "The archived copy of “%(label)s” of %(update)s is hidden, as its page was missing when last checked."
            )
            messages.append(_("Its archived copy is hidden from readers.") if messages else hidden % words)
        if messages:
            basis = basis_of(link.label, link.address, link.archived_address, link.gone_since, link.shown_copy)
            yield Finding("gone", " ".join(messages), (update.pk,), words=link.address, basis=basis)


def _just_outside(report: Report) -> list[Finding]:
    """Updates dated a few days before or after the period that are no other report's, or still unpublished."""
    near = Q(dated_on__range=(report.starts_on - MARGIN, report.starts_on - dt.timedelta(days=1))) | Q(
        dated_on__range=(report.ends_on + dt.timedelta(days=1), report.ends_on + MARGIN)
    )
    others = Report.objects.exclude(pk=report.pk).filter(ends_on__gte=report.starts_on - MARGIN)
    periods = list(others.filter(starts_on__lte=report.ends_on + MARGIN).values_list("starts_on", "ends_on"))
    message = _("Dated just outside the period, so it is not in this report: “%(update)s”")
    period = (report.starts_on, report.ends_on)
    return [
        Finding(
            "just outside",
            message % {"update": update},
            (update.pk,),
            words=report.slug,
            basis=basis_of(update.dated_on, *period),
        )
        for update in ProgressUpdate.objects.filter(near).not_removed().in_order()
        if not update.published_at or not any(start <= update.dated_on <= end for start, end in periods)
    ]
