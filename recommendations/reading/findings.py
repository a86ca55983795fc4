"""What staff should look at before they publish. Findings warn; only `report_obstacles` stops."""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.db.models import Q
from django.urls import Resolver404, resolve
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from recommendations.models import (
    ActionPlan,
    Area,
    Correction,
    Edition,
    ProgressUpdate,
    Recommendation,
    Report,
    ResponsibleParty,
    TakeDown,
    Term,
)
from recommendations.text import dates, markup
from recommendations.text.fonts import lacking
from recommendations.text.intake import folded

from .entries import Snapshot
from .snapshot import report_snapshot

# So many days before and after a period an update is looked for that was perhaps meant for it.
MARGIN = dt.timedelta(days=14)
# More characters than this fill the better part of a printed page in the report's narrow column.
LONG = 2_500

WHAT_IS_CHECKED = gettext_lazy(
    "Looked for: words that the plan asks people not to use, phone numbers, e-mail and street addresses, postal codes "
    "and British Columbia licence plates; links to pages of this site that aren't there; characters that the report's "
    "font lacks; very long texts. In words as they were adopted, only the characters are looked at. Only the usual "
    "forms of these details are known: “1234 Kingsway”, an address in "
    "small letters or a number in words goes unseen. No check knows a person's name, a description that gives "
    "somebody away, or whether somebody agreed to be mentioned: read for that yourself."
)


@dataclass(frozen=True)
class Finding:
    """Something to look at. `kind` says which; `targets` are the ids of what it is `about`: recommendations, updates
    or reports."""

    kind: str
    message: str
    targets: tuple[int, ...]
    about: str = "update"


@dataclass(frozen=True)
class Passage:
    """A text that readers will see: `name` says which one, for staff; `target` is 0 where no page is its own.

    What was adopted isn't for staff to word: of it only the characters are looked at.
    """

    about: str
    target: int
    name: str
    text: str
    addresses: tuple[str, ...] = ()
    is_adopted: bool = False


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
        *_not_in_edition(report),
    ]


def of_report(report: Report, *, on: dt.date, printed: Snapshot | None = None, note: str = "") -> list[Finding]:
    """Everything to look at in `report`: `completeness`, and what all texts hold that it prints.

    `printed` is what would be published, by default with all ready updates; `note` is that of the edition to be made.
    """
    updates = _of_the_period(report)
    if printed is None:
        ready = [update.pk for update in updates if update.ready_at and not update.published_at]
        printed = report_snapshot(report, including=ready)
    return [
        *_completeness(report, updates, on=on),
        *in_texts(
            [
                *_report_passages(report),
                *_plan_passages(printed),
                *_note_passages(report, printed, note),
                *_update_passages(updates),
            ]
        ),
    ]


def of_update(update: ProgressUpdate) -> list[Finding]:
    """What the words of one update hold, as it is saved; and that its day is in a period that is published already."""
    return [*in_published_period(update), *in_texts(_update_passages([update]))]


def in_published_period(update: ProgressUpdate) -> list[Finding]:
    """That an unpublished update is dated within the period of a published report, which then doesn't have it."""
    return [] if update.published_at else _in_published_period(update, update.dated_on)


def moved_into_published_period(update: ProgressUpdate, *, to: dt.date) -> list[Finding]:
    """That correcting the day of a published update moves it into the period of a published report from outside it."""
    reports = Report.objects.published()
    if reports.overlapping(update.dated_on, update.dated_on).first() == reports.overlapping(to, to).first():
        return []
    return _in_published_period(update, to)


def _in_published_period(update: ProgressUpdate, day: dt.date) -> list[Finding]:
    report = Report.objects.published().overlapping(day, day).first()
    if report is None:
        return []
    message = _(
        "It is dated within %(period)s, the period of “%(report)s”, which is published: that report doesn't have it "
        "unless a new edition is published, and no later report takes it in."
    ) % {"period": dates.period(report.starts_on, report.ends_on), "report": report.title}
    return [Finding("published period", message, (update.pk,))]


def in_words(text: str, *, addresses: Iterable[str] = (), target: int = 0, name: str = "") -> list[Finding]:
    """What a text holds that is not saved yet: a correction or a note that somebody is about to publish."""
    return in_texts([Passage("update", target, name or _("the text"), text, tuple(addresses))])


def in_texts(passages: list[Passage]) -> list[Finding]:
    """What the texts hold: wording, identifying details, broken links, characters the fonts lack, undue length."""
    terms = list(Term.objects.select_related("recommendation__area"))
    quotable = [folded(text) for text in Recommendation.objects.values_list("text", flat=True)] if terms else []
    known = set(ActionPlan.objects.exclude(contact_email="").values_list("contact_email", flat=True))
    found = []
    for passage in passages:
        text, where = passage.text, passage.name
        held = list(_unprintable(text, where))
        if not passage.is_adopted:
            held = [
                *_wording(text, where, terms, quotable),
                *_identifying(" ".join([text, *passage.addresses]), where, known),
                *held,
                *_overlong(text, where),
            ]
        found += [Finding(kind, message, _targets(passage), passage.about) for kind, message in held]
    return [*found, *_broken_links([passage for passage in passages if not passage.is_adopted])]


def _targets(passage: Passage) -> tuple[int, ...]:
    return (passage.target,) if passage.target or passage.about == "update" else ()


def _of_the_period(report: Report) -> list[ProgressUpdate]:
    return list(
        ProgressUpdate.objects.dated_in(report.starts_on, report.ends_on).not_removed().for_snapshot().in_order()
    )


def named(update: ProgressUpdate) -> str:
    """An update as findings and drafts call it: U7 (3.1 and 3.2)."""
    references = [assessment.recommendation.reference for assessment in update.assessments.all()]
    return f"U{update.pk} ({get_text_list(references, _('and'))})" if references else f"U{update.pk}"


def _update_passages(updates: Iterable[ProgressUpdate]) -> list[Passage]:
    return [
        Passage(
            "update",
            update.pk,
            named(update),
            "\n".join([update.text, update.dated_as_published, *(link.label for link in update.evidence_links.all())]),
            tuple(link.address for link in update.evidence_links.all()),
        )
        for update in updates
    ]


def _report_passages(report: Report) -> list[Passage]:
    own = [
        (_("the report's title"), report.title),
        (_("the introduction"), report.introduction),
        (_("the closing words"), report.closing),
        (_("the approval"), report.approval),
        (_("when the report was first published"), report.originally_published),
        (_("the note on statuses"), report.status_note),
    ]
    sections = [
        (_("the section “%(heading)s”") % {"heading": section.heading}, f"{section.heading}\n{section.body}")
        for section in report.sections.all()
    ]
    return [Passage("report", report.pk, name, text) for name, text in [*own, *sections] if text]


def _plan_passages(printed: Snapshot) -> list[Passage]:
    """What a report prints of the plan: its own words, and as adopted areas, recommendations and who is asked."""
    plan = printed.plan
    dates_in_words = plan.conference_dates_as_published
    own = [
        (_("the territorial acknowledgement"), plan.acknowledgement, False),
        (_("the plan's introduction"), plan.introduction, False),
        (_("the plan's goals"), plan.goals, False),
        (_("the organisation's name"), f"{plan.organisation_name} {plan.organisation_short_name}", False),
        (_("the licence of the data"), plan.data_licence, False),
        (_("the plan's title"), plan.title, True),
        (_("the conference"), f"{plan.conference_name} {dates_in_words} {plan.place}", True),
        *((_("the title of an earlier report"), earlier.title, True) for earlier in printed.previous),
        *((_("what stands for a logo in words"), logo.alt, False) for logo in printed.logos),
    ]
    for area in printed.areas:
        words = {"number": area.number}
        own.append((_("the title of area %(number)d") % words, area.title, True))
        own.append((_("the introduction of area %(number)d") % words, area.introduction, False))
    for one in printed.recommendations:
        reference = {"reference": one.reference}
        said = f"{one.text}\n{one.target_as_published}"
        own.append((_("recommendation %(reference)s") % reference, said, True))
        own.append((_("why %(reference)s was retired") % reference, one.retired_reason, False))
    names = dict.fromkeys(party.name for one in printed.recommendations for party in one.parties)
    for change in printed.plan_changes:
        what = {"what": change.about}
        own.append((_("what was changed: %(what)s") % what, "\n".join(change.sentences), True))
        own.append((_("why this was changed: %(what)s") % what, change.note, False))
    own += [(_("the name of the responsible party “%(name)s”") % {"name": name}, name, True) for name in names]
    return [Passage("plan", 0, name, text, is_adopted=is_adopted) for name, text, is_adopted in own if text.strip()]


def _note_passages(report: Report, printed: Snapshot, note: str) -> list[Passage]:
    """The public notes that it prints: those on corrections, each once, and that of the edition to be made."""
    notes = [one.note for one in printed.corrected]
    notes += [correction.note for update in printed.updates for correction in update.corrections]
    told = [(_("the note on a correction"), text) for text in dict.fromkeys(notes)]
    return [Passage("report", report.pk, name, text) for name, text in [*told, (_("the edition's note"), note)] if text]


# What is missing


def _without_update(report: Report, updates: Iterable[ProgressUpdate]) -> list[Finding]:
    covered = {one.recommendation_id for update in updates if update.ready_at for one in update.assessments.all()}
    missing = [
        recommendation
        for recommendation in Recommendation.objects.filter(area__plan_id=report.plan_id)
        .begun(report.ends_on)
        .current(report.ends_on)
        .select_related("area")
        .order_by("area__number", "number")
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


def _not_in_edition(report: Report) -> list[Finding]:
    """What the newest edition doesn't know of: published, corrected, withdrawn or taken down since."""
    newest = report.newest_edition()
    if newest is None:
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


def _just_outside(report: Report) -> list[Finding]:
    """Updates dated a few days before or after the period that are no other report's, or still unpublished."""
    near = Q(dated_on__range=(report.starts_on - MARGIN, report.starts_on - dt.timedelta(days=1))) | Q(
        dated_on__range=(report.ends_on + dt.timedelta(days=1), report.ends_on + MARGIN)
    )
    others = Report.objects.exclude(pk=report.pk).filter(ends_on__gte=report.starts_on - MARGIN)
    periods = list(others.filter(starts_on__lte=report.ends_on + MARGIN).values_list("starts_on", "ends_on"))
    message = _("Dated just outside the period, so it is not in this report: “%(update)s”")
    return [
        Finding("just outside", message % {"update": update}, (update.pk,))
        for update in ProgressUpdate.objects.filter(near).not_removed().in_order()
        if not update.published_at or not any(start <= update.dated_on <= end for start, end in periods)
    ]


# What a text holds. Each yields the kind and the message; `where` names the text.


def _wording(text: str, where: str, terms: Iterable[Term], quotable: list[str]) -> Iterator[tuple[str, str]]:
    """Words that the plan asks people not to use. Quoting a recommendation is no offence."""
    if not terms:
        return
    plain = _without_quotations(folded(text), quotable)
    for term in terms:
        if found := _any_of([term.word, *term.inflections.split(",")]).search(plain):
            message = _("“%(word)s” in %(where)s. Recommendation %(reference)s says instead: %(instead)s")
            words = {"word": found[0], "reference": term.recommendation.reference, "instead": term.instead}
            yield "wording", message % {**words, "where": where}


def _any_of(forms: Iterable[str]) -> re.Pattern[str]:
    """Whole words alone; a hyphen or a space in a phrase stand for one another."""
    between = r"[\s\-‐‑]+"
    parts = (re.split(between, folded(form).strip()) for form in forms if form.strip())
    patterns = sorted((between.join(re.escape(part) for part in one if part) for one in parts), key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(patterns)})(?!\w)")


QUOTATION = re.compile(r"“([^”]{1,4000})”|\"([^\"]{1,4000})\"|‘([^’]{1,4000})’|(?<!\w)'([^']{1,4000})'(?!\w)")


def _without_quotations(text: str, quotable: list[str]) -> str:
    """`text` without the recommendations' own words: whole texts anywhere, parts of one within quotation marks."""
    for whole in filter(None, quotable):
        text = text.replace(whole, " ")

    def kept(found: re.Match[str]) -> str:
        words = " ".join(next(group for group in found.groups() if group is not None).split()).strip(" .,;")
        return " " if any(words in " ".join(whole.split()) for whole in quotable) else found[0]

    return QUOTATION.sub(kept, text)


# Spaces and hyphens as people and word processors write them: each stands for the plain one.
PLAIN = str.maketrans(dict.fromkeys("\t\n\u00a0\u2002\u2003\u2007\u2009\u202f", " ") | dict.fromkeys("‐‑‒–—−", "-"))
STREET = (
    r"Street|St|Avenue|Ave|Road|Rd|Drive|Dr|Boulevard|Blvd|Lane|Ln|Crescent|Cres|Court|Crt|Place|Pl|Way|Terrace|"
    r"Highway|Hwy|Alley|Mews|Close|Square|Parkway|Pkwy|Trail"
)
# A year is no number of a court, and none of a plate: “the 2013 Supreme Court”, “BC 2020”.
YEAR = r"(?:19|20)\d\d"
IDENTIFYING: tuple[tuple[Any, re.Pattern[str]], ...] = (
    (gettext_lazy("An e-mail address"), re.compile(r"[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,5}\w{2,24}")),
    (
        gettext_lazy("A phone number"),
        # Of North America, with or without what comes before it or after it; of anywhere, with a plus; a local one.
        re.compile(
            r"(?<![\w/])(?<!\d\.)(?:(?:\+?1[-. ]?)?\(?[2-9]\d\d\)?[-./ ]{0,3}[2-9]\d\d[-. ]{0,3}\d{4}|"
            rf"\+(?:[-. ()]{{0,3}}\d){{8,15}}|(?<!-)[2-9]\d\d[-.](?!{YEAR})\d{{4}}(?![-.]\d))(?!\d|[^\W\dxe])"
        ),
    ),
    (
        gettext_lazy("A street address"),
        # The street's kind in small letters too, where no word follows it: “5 Vancouver street nurses” are no address.
        re.compile(
            rf"(?<![\w.])(?!{YEAR} (?:[A-Z][\w.'’-]{{0,30}} ){{1,4}}Court(?!\w))"
            rf"\d{{1,5}}[A-Za-z]? (?:[A-Z0-9][\w.'’-]{{0,30}} ){{1,4}}"
            rf"(?:(?:{STREET})(?!\w)|(?i:{STREET})(?= ?(?:[^\w ]|$)))"
        ),
    ),
    (
        gettext_lazy("A postal code"),
        re.compile(r"(?i)(?<!\w)[ABCEGHJ-NPRSTVXY]\d[ABCEGHJ-NPRSTV-Z][ -]{0,2}\d[ABCEGHJ-NPRSTV-Z]\d(?!\w)"),
    ),
    (
        gettext_lazy("What may be a licence plate"),
        # As British Columbia gives them out: 123 ABC, ABC 123, AB1 23C and, for trucks, AB 1234 or 1234 AB.
        re.compile(
            r"(?<![\w-])(?:[A-Z]{3}[ -]?\d{3}|\d{3}[ -]?[A-Z]{3}|(?i:[A-Z]{2}\d[ -]?\d{2}[A-Z])|"
            rf"[A-Z]{{2}}[ -](?!{YEAR})\d{{4}}|(?!{YEAR})\d{{4}}[ -][A-Z]{{2}})(?![\w-])"
        ),
    ),
)


def _identifying(text: str, where: str, known: set[str]) -> Iterator[tuple[str, str]]:
    """Details that lead to somebody; `known` are addresses that the site shows anyway."""
    plain = text.translate(PLAIN)
    for what, pattern in IDENTIFYING:
        words = dict.fromkeys(found[0].strip() for found in pattern.finditer(plain))
        if shown := [f"“{word}”" for word in words if word not in known][:3]:
            message = _("%(what)s in %(where)s: %(words)s. Is everybody safe if it is public?")
            yield "identifying", message % {"what": what, "where": where, "words": get_text_list(shown, _("and"))}


def _unprintable(text: str, where: str) -> Iterator[tuple[str, str]]:
    if missing := lacking(text):
        shown = get_text_list([f"{one} (U+{ord(one):04X})" for one in missing[:5]], _("and"))
        message = _("The PDF can't show %(characters)s and prints the code instead, in %(where)s.")
        yield "characters", message % {"characters": shown, "where": where}


def _overlong(text: str, where: str) -> Iterator[tuple[str, str]]:
    if len(text) > LONG:
        message = _("So long (%(count)d characters) that few will read it to the end: %(where)s.")
        yield "long", message % {"count": len(text), "where": where}


# Links to this site's own pages


def _broken_links(passages: Iterable[Passage]) -> list[Finding]:
    """Links that lead to this site, to a page or a place on it that isn't there."""
    links = [(passage, link) for passage in passages for link in _own_links(passage)]
    if not links:
        return []
    wanted: dict[str, set[Any]] = defaultdict(set)
    for _passage, link in links:
        wanted[link.name].add(link.key)
    there = {name: found(wanted[name]) for name, found in PAGES.items() if wanted[name]}
    anchors = (
        {f"r{area}.{number}" for area, number in _references()} if any(link.fragment for _p, link in links) else set()
    )
    message = _("A link in %(where)s leads to a page of this site that isn't there: %(address)s")
    return [
        Finding(
            "broken link",
            message % {"where": passage.name, "address": link.address},
            _targets(passage),
            passage.about,
        )
        for passage, link in links
        if link.name == "" or (link.name in there and link.key not in there[link.name]) or link.lacks(anchors)
    ]


@dataclass(frozen=True)
class OwnLink:
    """A link to this site: the `name` of the page in the URLconf (empty: none has this address) and what it is of."""

    address: str
    name: str
    key: Any
    fragment: str

    def lacks(self, anchors: set[str]) -> bool:
        """Whether it leads to a recommendation in a report that no report lists."""
        return (
            self.name in ("report", "edition")
            and self.fragment.startswith("r")
            and (re.fullmatch(r"r[0-9.]+", self.fragment) is not None and self.fragment not in anchors)
        )


def _own_links(passage: Passage) -> Iterator[OwnLink]:
    written = re.findall(r'<a [^>]*?href="([^"]*)"', markup.render(passage.text))
    own = urlsplit(settings.SITE_URL).netloc
    for address in dict.fromkeys([*written, *passage.addresses]):
        parts = urlsplit(address.replace("&amp;", "&"))
        if parts.netloc != own:
            continue
        try:
            match = resolve(unquote(parts.path) or "/")
        except Resolver404:
            yield OwnLink(address, "", None, parts.fragment)
        else:
            name = match.url_name or "elsewhere"
            yield OwnLink(address, name, tuple(match.kwargs.values()), parts.fragment)


def _references() -> Iterable[tuple[int, int]]:
    return Recommendation.objects.values_list("area__number", "number")


def _editions(_keys: set[Any]) -> set[tuple[Any, ...]]:
    return set(Edition.objects.values_list("report__slug", "number"))


def _reports(_keys: set[Any]) -> set[tuple[Any, ...]]:
    return set(Report.objects.published().values_list("slug"))


# For each kind of page, those that are there among the ones that links lead to.
PAGES: dict[str, Callable[[set[Any]], set[tuple[Any, ...]]]] = {
    "area": lambda keys: set(Area.objects.filter(number__in=[key[0] for key in keys]).values_list("number")),
    "recommendation": lambda keys: {(f"{area}.{number}",) for area, number in _references()},
    "party": lambda keys: set(ResponsibleParty.objects.filter(slug__in=[key[0] for key in keys]).values_list("slug")),
    "update": lambda keys: set(
        ProgressUpdate.objects.ever_published().filter(pk__in=[key[0] for key in keys]).values_list("pk")
    ),
    "report": _reports,
    "report-pdf": _reports,
    "edition": _editions,
    "edition-pdf": _editions,
}
