"""Plans of many sizes, without a database: of one to ten years, of twelve and of forty areas, with long rows.

Each is rendered once for all tests of a worker that look at its PDF.
"""

import datetime as dt
from dataclasses import replace
from functools import cache

from recommendations.models import Status
from recommendations.reading.entries import (
    AreaEntry,
    EarlierReport,
    LinkEntry,
    PartyEntry,
    RecommendationEntry,
    SectionEntry,
    StatusMeaning,
    StatusOn,
)
from recommendations.report.document import article
from recommendations.report.editions import rendered_pdf
from tests.documents import JUNE_30, MARCH_1, make_snapshot, make_update

MEANINGS = tuple(StatusMeaning(status.value, str(status.label), status.definition, "") for status in Status)
WORDS = (
    "Bring those who were in care, and those who look after them, together once a year, and say in public what came "
    "of what they asked for."
)
TOLD = "The cities met, listened and wrote down what they heard, and will answer in the fall. "
LONG_TITLE = "Housing, shelter and a place to rest by day for everyone who works, lives or waits outdoors in any season"
# References as plans that were adopted elsewhere have them.
LONG_REFERENCES = {
    "Child welfare": ["1(a)", "1(b)", "1(c)"],
    "Education": ["C2A 42", "C2A 43", "C2A 44"],
    "Language": ["TRC-CTA-13", "TRC-CTA-14", "TRC-CTA-15"],
    "Health": ["4.18", "4.19", "4.20"],
    "Justice": ["12(b)", "12(b)(iii)", "12(c)"],
    "Extreme and dangerous weather": ["Article 22, paragraph 2 of the Protocol", "6.1", "6.2"],
    "Legacy": ["№ 7", "№ 8", "№ 9"],
    "Reconciliation": ["C2A 108", "C2A 109", "C2A 110"],
    "Media": ["9-a", "9-b", "9-c"],
    "Sports": ["10.10", "10.11", "10.12"],
    "Business": ["MMIWG 4.6", "MMIWG 4.7", "MMIWG 4.8"],
    "Museums and archives": ["17.79", "17.80", "17.81"],
}


def make_plan(areas, *, years=1, told=1, **overrides):
    """A plan with the recommendations that `areas` lists by title, as the last of so many yearly reports tells it.

    Every second recommendation has an update of `told` sentences. The statuses take turns, from year to year too.
    """
    references = [reference for listed in areas.values() for reference in listed]
    turns = list(Status.values)
    updates = [
        make_update(
            number,
            text=TOLD * told,
            area=area,
            statuses=((reference, turns[number % len(turns)]),),
            dated_on=dt.date(2020, 5, 1) + dt.timedelta(days=number % 50),
        )
        for area, listed in enumerate(areas.values(), start=1)
        for number, reference in enumerate(references)
        if number and number % 2 and reference in listed
    ]
    earlier = tuple(_earlier(references, year, of=years) for year in range(1, years))
    covering = {reference: update for update in updates for reference in update.references}

    def entry(number, reference):
        shown = (covering[reference].id,) if reference in covering else ()
        key = turns[number % len(turns)] if shown else dict(earlier[-1].statuses).get(reference) if earlier else ""
        status = StatusOn(key, JUNE_30, "", number) if key else None
        parties = (PartyEntry("a", "law enforcement agencies", False),) if number % 3 else ()
        text = WORDS if number % 4 else "Pay for it."
        return RecommendationEntry(reference, text, parties, None, "", None, "", (), status, shown, shown)

    entries = {reference: entry(number, reference) for number, reference in enumerate(references)}
    taken = make_snapshot(updates=updates)
    return replace(
        taken,
        areas=tuple(
            AreaEntry(number, title, "", tuple(entries[reference] for reference in listed))
            for number, (title, listed) in enumerate(areas.items(), start=1)
        ),
        statuses=MEANINGS,
        previous=earlier,
        report=replace(taken.report, title=f"Update after year {years}"),
        **overrides,
    )


def _earlier(references, year, *, of):
    """The report of the year `year`; the last recommendation came into the plan after the first one."""
    turns = [*Status.values, ""]
    statuses = [
        (reference, turns[(number + max(0, year - 1 - number % 4)) % len(turns)])
        for number, reference in enumerate(references[:-1] if year == 1 else references)
    ]
    ends_on = JUNE_30.replace(year=JUNE_30.year - of + year)
    return EarlierReport(f"Update after year {year}", ends_on - dt.timedelta(days=364), ends_on, tuple(statuses))


def make_years_plan(years):
    areas = {"Bad date reporting": 5, "Policing": 4, "Housing": 3}
    return make_plan(
        {
            title: [f"{area}.{number}" for number in range(1, count + 1)]
            for area, (title, count) in enumerate(areas.items(), start=1)
        },
        years=years,
    )


def make_forty_areas_plan():
    """One or three recommendations in each area; some titles, the plan's and the report's too, and a label are long."""
    titles = {number: f"Area of work {number}" for number in range(1, 41)}
    titles |= {3: LONG_TITLE, 12: LONG_TITLE.replace("any season", "the rain"), 40: "Follow-up"}
    areas = {
        title: [f"{area}.{number}" for number in range(1, 4 if area % 20 == 0 else 2)] for area, title in titles.items()
    }
    taken = make_plan(areas)
    labels = {"on hold": "Held back until the province answers us"}
    title = f"A Safer Province, 2019 to 2029: {LONG_TITLE}"
    return replace(
        taken,
        statuses=tuple(replace(meaning, label=labels.get(meaning.key, meaning.label)) for meaning in MEANINGS),
        plan=replace(
            taken.plan,
            title=title,
            conference_name=f"Conference of May 2019 on {LONG_TITLE}",
            organisation_name=f"Society for {LONG_TITLE}",
        ),
        report=replace(taken.report, title=f"Update of the second year on {LONG_TITLE}"),
    )


# What may begin a cell; `{0}` is a word to find it by.
BEGINNINGS = (
    (f"{{0}} {TOLD * 9}", f"{{0}} {TOLD * 25}"),
    (f"{{0}} {TOLD * 2} as follows:\n\n- " + f"\n\n- {TOLD}" * 9, f"# {{0}} {TOLD}\n\n## Then\n\n{TOLD * 20}"),
    (f"- {{0}} {TOLD}\n\n- {TOLD}\n\n- {TOLD * 5}", f"> {{0}} {TOLD}\n>\n> {TOLD}\n\n{TOLD * 12}"),
    (f"a) {{0}} {TOLD * 3}\n\nb) {TOLD * 9}", f"- {{0}} {TOLD * 2}\n- {TOLD * 7}\n- {TOLD * 3}"),
    (f"{{0}} (i) {TOLD}; (ii) {TOLD}; and (iii) {TOLD}", f"1. {{0}} {TOLD}\n2. {TOLD * 9}"),
    (f"{{0}} {TOLD * 3}", f"{{0}} in short.\n\n> {TOLD * 6}\n\n{TOLD * 7}"),
    (f"{{0}} {TOLD}\n\n{TOLD * 6}", f"{{0}} {TOLD} {TOLD[:40]}\n\n- {TOLD * 3}\n\n> {TOLD * 9}"),
)
LETTERS = 20_000


def make_rows_plan(areas=28):
    """Long rows that begin at all heights of a page, and one of 15 recommendations whose update has 20,000 letters.

    In area n, Left-n- begins the first recommendation of the long row and Right-n- its update.
    """
    listed, updates = [], []
    for area in range(1, areas + 1):
        count = 15 if area == areas else 1 + area % 3
        references = [f"{area}.{number}" for number in range(1, count + 3)]
        row = tuple((reference, "planned") for reference in references[1:-1])
        asked, told = BEGINNINGS[area % len(BEGINNINGS)]
        texts = {references[0]: "First.", references[1]: asked.format(f"Left-{area}-")}
        text = told.format(f"Right-{area}-")
        updates += [
            make_update(3 * area, text="Filled. " * (3 + area * 37 % 90), statuses=((references[0], "planned"),)),
            make_update(3 * area + 1, text=TOLD * 3 if area == areas else text, statuses=row, dated_on=MARCH_1),
        ]
        if area == areas:
            # Longer than a page, it goes on overleaf wherever it begins.
            texts[references[1]] = f"Left-{area}- " + f"{WORDS} " * 14
            words = f"Right-{area}- " + f"{TOLD * 5}\n\n" * 60
            updates[-1] = make_update(3 * area + 1, text=words[:LETTERS], statuses=row, dated_on=MARCH_1)
        shown = {reference: update for update in updates[-2:] for reference in update.references}
        listed.append(
            AreaEntry(
                area,
                f"Area of work {area}",
                "",
                tuple(
                    RecommendationEntry(
                        reference, texts.get(reference, WORDS), (), None, "", None, "", (),
                        StatusOn("planned", update.dated_on, "", update.id) if update else None,
                        (update.id,) if update else (),
                        (update.id,) if update else (),
                    )
                    for reference in references
                    for update in [shown.get(reference)]
                ),
            )
        )  # fmt: skip
    return replace(make_snapshot(updates=updates), areas=tuple(listed), statuses=MEANINGS)


WORD = "unselfconsciousnessesandtheirinterrelationshipsintheinterior"
ADDRESS = "https://www.example.org/reports/2020/an_update_on_all_that_was_asked_for/index.php?lang=en&page=12"
# Words and addresses without a place to break at, and emphasis or a link that begins or ends within them.
RUNS = (
    f"See **{WORD}**{WORD}",
    f"{WORD[:20]}**{WORD}**, then **{WORD[:10]}**{WORD[:45]}.",
    f"**{WORD}**{WORD[:30]}*{WORD}*{WORD}",
    f"({ADDRESS}), (**{ADDRESS}**), ({ADDRESS}/{WORD}).{WORD}",
    "a**b**" * 60,
    f"- {WORD[:10]}**{WORD}**\n- *{WORD}*x{WORD}\n\n> x**{WORD}**",
    "**X̱wməθkwəy̓əm**" * 12,
    "A" * 300 + "**" + "B" * 300 + "**" + "C" * 40,
)


def make_runs_plan():
    """Each of RUNS as an adopted text, without emphasis, and as an update; all of them in a section.

    The first update has more evidence than a page holds, and the note on the statuses goes on overleaf.
    """
    updates = [
        make_update(
            number,
            text=run,
            statuses=((f"1.{number}", "planned"),),
            evidence=(LinkEntry(WORD * 2, ADDRESS),) * (20 if number == 1 else 1),
        )
        for number, run in enumerate(RUNS, start=1)
    ]
    changes = {f"1.{number}": {"text": run.replace("*", "")} for number, run in enumerate(RUNS, start=1)}
    taken = make_snapshot(updates=updates, count=len(RUNS), changes=changes)
    return replace(
        taken,
        status_note=f"{TOLD * 5}\n\n" * 14,
        report=replace(taken.report, sections=(SectionEntry(WORD, "\n\n".join(RUNS), "before"),)),
    )


PLANS = {
    **{f"years-{years:02}": lambda years=years: make_years_plan(years) for years in (1, 3, 5, 10)},
    "references": lambda: make_plan(LONG_REFERENCES, years=4, told=3),
    "areas-40": make_forty_areas_plan,
    "rows": make_rows_plan,
    "runs": make_runs_plan,
}


@cache
def pdf_of(name):
    taken = PLANS[name]()
    return rendered_pdf(taken, article(taken))
