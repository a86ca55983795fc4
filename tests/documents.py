"""Reports without a database: entries and snapshots that are made by hand, their PDFs, and what stands in them."""

import ctypes
import datetime as dt
import io
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import pikepdf
import pypdf
import pypdfium2
from django.test import override_settings
from pypdfium2 import raw

from recommendations.models import Status
from recommendations.reading.entries import (
    AreaEntry,
    CorrectedUpdate,
    CorrectionEntry,
    EarlierReport,
    EditionEntry,
    LinkEntry,
    PartyEntry,
    PhraseEntry,
    PlanEntry,
    RecommendationEntry,
    ReportEntry,
    SectionEntry,
    StatusMeaning,
    StatusOn,
    UpdateEntry,
)
from recommendations.reading.schema import Snapshot
from recommendations.reading.snapshot import logo_entry
from recommendations.report import pdf
from recommendations.report.document import article
from recommendations.report.editions import rendered_pdf
from recommendations.report.pdf import MEBIBYTE
from tests.factories import make_logo

NAMES = "X̱wməθkwəy̓əm (Musqueam), Sḵwx̱wú7meshi (Squamish), and əsəlilwətaʔt̚ (Tsleil-Waututh)"
AT = dt.datetime(2020, 7, 1, 12, 0, tzinfo=dt.UTC)
# Words of each script that the PDF has a font for beside BC Sans: Punjabi, Arabic, Farsi, Russian, Ukrainian, Greek.
PUNJABI = "ਸਾਰੇ ਇਨਸਾਨ ਆਜ਼ਾਦ ਪੈਦਾ ਹੁੰਦੇ ਹਨ। ਸਿੱਖਿਆ, ਕ੍ਰਿਪਾ ੧੨੩"
ARABIC = "يولد جميع الناس أحرار، ١٢٣"
FARSI = "تمام افراد بشر آزاد به دنیا می\u200cآیند؛ پنج چیز گفت"
CYRILLIC = "Съешь ещё этих мягких булок; їжак і ґанок"
GREEK = "Ξεσκεπάζω τὴν ψυχοφθόρα βδελυγμία"
SAMPLE = Path(__file__).parent / "snapshots" / "schema_1.json"

SOURCE = Path(__file__).parent / "source" / "one-year-update-2020.txt"
JUNE_30 = dt.date(2020, 6, 30)
MARCH_1 = dt.date(2020, 3, 1)
MEANINGS = (
    StatusMeaning("planned", "Planned", "Work was decided.", ""),
    StatusMeaning("on hold", "On hold", "Work has stopped.", ""),
    StatusMeaning("completed", "Completed", "It is done.", ""),
)
EDITION = EditionEntry(2, dt.datetime(2020, 7, 2, tzinfo=dt.UTC), dt.date(2020, 7, 1), "A name was <misspelt>.")


def make_update(id=1, **overrides):
    return UpdateEntry(
        **{
            "id": id,
            "area": 1,
            "text": f"What happened in update {id}.",
            "dated_on": JUNE_30,
            "dated_as_published": "",
            "published_at": None,
            "sums_up": False,
            "statuses": (("1.1", "on hold"),),
            "evidence": (),
            "corrections": (),
            **overrides,
        }
    )


def make_snapshot(*, updates=(), changes=None, count=2, **overrides):
    """A plan of one area with `count` recommendations; `changes` overrides fields of some by reference."""
    entries = []
    for number in range(1, count + 1):
        reference = f"1.{number}"
        covering = [update for update in updates if reference in update.references]
        status = covering and StatusOn(
            covering[-1].status_of(reference), covering[-1].dated_on, covering[-1].dated_as_published, covering[-1].id
        )
        shown = tuple(update.id for update in covering)
        entry = RecommendationEntry(
            reference, f"Do {reference}.", (), None, "", None, "", (), status or None, shown, shown
        )
        entries.append(replace(entry, **(changes or {}).get(reference, {})))
    plan = PlanEntry(
        "A Safer Province: Responding Together", "May 2019 Conference", "", dt.date(2019, 5, 28), dt.date(2019, 5, 29),
        "", "On the territories of the X̱wməθkwəy̓əm.", "About it.", "Its goals.", "Example Organisation",
        "", "", "", "", "",
    )  # fmt: skip
    report = ReportEntry(
        "one-year-update-2020", "One-Year Update", "This update.", "Stay up to date:", "", "", "Assigned later.",
        dt.date(2019, 5, 30), JUNE_30, (),
    )  # fmt: skip
    areas = (AreaEntry(1, "Working & Together", "", tuple(entries)),)
    taken = Snapshot(
        JUNE_30, report.starts_on, plan, MEANINGS, areas, tuple(updates), "Assigned later.", report, EDITION
    )
    return replace(taken, **overrides)


class Text(HTMLParser):
    """Collects the words of a page without the alternatives of its drawings, and what it holds by tag."""

    def __init__(self, html):
        super().__init__()
        self.pieces, self.tags, self.attributes, self.is_alternative = [], [], [], False
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        self.is_alternative = tag == "title"

    def handle_endtag(self, tag):
        self.is_alternative = False

    def handle_data(self, data):
        if not self.is_alternative:
            self.pieces.append(data)

    @property
    def words(self):
        return " ".join("".join(self.pieces).split())


def missing_in_order(sentences, text):
    """Those of `sentences` that `text` doesn't hold after the one before."""
    position, missing = 0, []
    for sentence in sentences:
        found = text.find(sentence, position)
        if found < 0:
            missing.append(sentence)
        else:
            position = found + len(sentence)
    return missing


def source_sentences():
    """The source's paragraphs from the conference's dates on, without column heads, bullets and "(continued)"."""
    lines = SOURCE.read_text(encoding="utf-8").splitlines()
    body = [line.strip().removeprefix("- ").strip() for line in lines[lines.index("May 28-29, 2019") :]]
    heads = {"", "Recommendations", "Recommendation", "One-Year Update"}
    sentences = [" ".join(line.split()) for line in body if line not in heads and not line.endswith("(continued)")]
    # The logo's two lines are one name.
    return " | ".join(sentences).replace("Living in | Community", "Living in Community").split(" | ")


def render(html, **options):
    options = {"timeout": 60, "memory": 1536 * MEBIBYTE, **options}
    return pdf.render(
        html,
        **{"title": "One-Year Update", "author": "Example Organisation", "language": "en-CA", "created": AT, **options},
    )


def text_of(content):
    """The words of a PDF without white space: text extractors break lines at raised marks."""
    return "".join("".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages).split())


def make_full_snapshot():
    """A report with everything that the stylesheets have a rule for, long enough for tables to go on overleaf."""
    meanings = tuple(StatusMeaning(status.value, str(status.label), status.definition, "") for status in Status)
    statuses = [*Status.values, "on hold"]
    updates = [
        make_update(
            number,
            text="A **strong** and *soft* word.\n\n- one\n- two\n\n1. first\n2. second www.example.org\n\n# Heading\n\n"
            + "Many words follow. " * 60,
            statuses=((f"1.{number}", status),),
            evidence=(LinkEntry("Minutes", "https://example.org/minutes"),),
            corrections=(CorrectionEntry(AT, "Spelling only."),),
            dated_on=MARCH_1 + dt.timedelta(days=number),
        )
        for number, status in enumerate(statuses, start=1)
    ]
    changes = {
        "1.1": {"parties": (PartyEntry("a", "funders", False),), "target_as_published": "fall 2020"},
        "1.2": {"retired_on": MARCH_1, "retired_reason": "It was split.", "replaced_by": ("1.3",)},
        "1.6": {"done_means": "It *rings*:\n\n- at night", "done_means_set_by": "them", "done_means_set_on": MARCH_1},
    }
    taken = make_snapshot(updates=updates, count=10, changes=changes, statuses=meanings)
    sections = (SectionEntry("Thanks", "- To all.", "before"), SectionEntry("News", "## None\n\nYet.", "after"))
    plan = replace(taken.plan, acknowledgement=f"On the territories of the {NAMES} Nations.", data_licence="CC BY 4.0")
    return replace(
        taken,
        plan=plan,
        report=replace(taken.report, sections=sections, originally_published="June 2020"),
        phrases=(PhraseEntry(NAMES.split()[0], "hur"), PhraseEntry(NAMES.split()[2], "squ")),
        previous=(EarlierReport("Half-Year Update", MARCH_1, MARCH_1, (("1.1", "on hold"), ("1.4", "planned"))),),
        corrected=(CorrectedUpdate(AT, "A wrong year.", False, ("1.1",)),),
    )


def make_year_of_200_updates():
    """Twenty updates on each of ten recommendations."""
    updates = [
        make_update(
            number + 1,
            text=f"In week {number} " + "something happened. " * (number % 9),
            statuses=((f"1.{number % 10 + 1}", Status.values[number % 7]),),
            dated_on=MARCH_1 + dt.timedelta(days=number // 2),
        )
        for number in range(200)
    ]
    return make_snapshot(updates=updates, count=10)


def make_logo_snapshot():
    """A report of the organisation and five funders, with logos of odd shapes; their pictures are in the database."""
    drawn = [
        {"alt": "Example Organisation", "whose": "organisation", "size": (300, 160), "colour": (107, 33, 71, 255)},
        {"alt": "Very wide", "size": (1200, 160), "address": "https://example.org/wide"},
        {"alt": "Very tall", "size": (60, 1200), "colour": (20, 90, 60, 255)},
        {"alt": "Tiny", "size": (24, 24), "colour": (0, 0, 0, 255)},
        {"alt": "Photographic", "size": (400, 400), "mode": "RGB", "kind": "JPEG", "colour": (20, 40, 90, 255)},
        {"alt": "Half transparent", "size": (500, 400), "colour": (0, 0, 0, 120)},
    ]
    logos = [make_logo(position=position, **one) for position, one in enumerate(drawn)]
    return replace(make_snapshot(), logos=tuple(logo_entry(logo) for logo in logos))


def make_points_snapshot(*, lines=1):
    """Adopted texts that list points, in a row that goes on overleaf; its first update takes so many `lines`."""
    told = "\n\n".join("The cities met, listened and wrote down what they heard. " * 6 for _number in range(8))
    shared = (("1.2", "on hold"), ("1.3", "planned"))
    updates = [
        make_update(1, text="Line. " + "\nLine." * (lines - 1)),
        make_update(2, text=told, statuses=shared, dated_on=MARCH_1),
    ]
    points = "Cities should:\n\na) open a night shelter;\n\nb) by a plan that says\n- where,\n- when; and\n\nc) "
    section = SectionEntry("News", "They said:\n\n> It is open.\n>\n> Come in.", "after")
    changes = {
        "1.2": {"text": points + "keep it warm, " * 30 + "and open."},
        "1.3": {"text": "Please (i) listen, (ii) answer, and (iii) act."},
        "1.4": {"text": "- Ask.\n- Tell."},
    }
    taken = make_snapshot(updates=updates, count=4, changes=changes)
    return replace(taken, report=replace(taken.report, sections=(section,)))


def make_hostile_snapshot():
    hostile = "\u202eשלום \U0001f600\U0001f3fd\ufe0f 中文 a\u0331\u0331\u0331 \u2028 " + "word" * 2500
    update = make_update(text=hostile, evidence=(LinkEntry("x" * 300, "https://example.org/" + "y" * 400),))
    taken = make_snapshot(updates=[update], changes={"1.1": {"text": hostile[:100]}})
    return replace(taken, report=replace(taken.report, sections=(SectionEntry(hostile[:100], hostile, "before"),)))


def make_scripts_snapshot():
    """A report in which each text is written in another script, and some in several."""
    update = make_update(
        text="\n\n".join(
            [
                f"In English. **{PUNJABI}** *{PUNJABI}*",
                f"{ARABIC} **{ARABIC}** *{ARABIC}*",
                f"- {FARSI}\n- 2020",
                f"# {CYRILLIC}",
                f"*{CYRILLIC}* **{CYRILLIC}** за\u0301мок и\u0306 e\u0301",
                GREEK,
            ]
        ),
        evidence=(LinkEntry(PUNJABI, "https://example.org/pa"), LinkEntry(FARSI, "https://example.org/fa")),
    )
    changes = {
        "1.1": {"text": FARSI, "parties": (PartyEntry("a", ARABIC, False), PartyEntry("b", PUNJABI, False))},
        "1.2": {"text": CYRILLIC},
    }
    taken = make_snapshot(updates=[update], changes=changes)
    sections = (SectionEntry(ARABIC, f"{FARSI}\n\n{GREEK}", "before"), SectionEntry(PUNJABI, CYRILLIC, "after"))
    plan = replace(taken.plan, title=FARSI, acknowledgement=ARABIC, organisation_name=CYRILLIC)
    return replace(taken, plan=plan, report=replace(taken.report, title=PUNJABI, sections=sections))


def elements(opened, kind=None):
    """The structure elements of a PDF in reading order, all or those of one kind."""

    def walk(element):
        kids = element.get("/K", [])
        for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
            if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
                yield kid
                yield from walk(kid)

    return [one for one in walk(opened.Root.StructTreeRoot) if kind is None or kind == one.S]


def text_by_tags(content):
    """The words of a PDF in the order in which its tags have them read, without white space."""
    with pikepdf.open(io.BytesIO(content)) as opened:
        numbers = {page.objgen: number for number, page in enumerate(opened.pages)}
        by_mark = _text_by_mark(content)

        def of(element):
            for kid in element.K:
                if isinstance(kid, int):
                    yield from by_mark[numbers[element.Pg.objgen]].get(kid, [])
                elif "/S" in kid:
                    yield from of(kid)

        said = "".join(piece for root in opened.Root.StructTreeRoot.K for piece in of(root))
    # PDFium gives a hyphen at the end of a line as a control character.
    return "".join(said.replace("\x02", "-").split())


def _text_by_mark(content):
    """For each page, the texts that stand under each of its marks."""
    document, pages = pypdfium2.PdfDocument(content), []
    for page in document:
        words, found = page.get_textpage(), {}
        for number in range(raw.FPDFPage_CountObjects(page)):
            thing = raw.FPDFPage_GetObject(page, number)
            if raw.FPDFPageObj_GetType(thing) == raw.FPDF_PAGEOBJ_TEXT:
                units = (ctypes.c_ushort * (raw.FPDFTextObj_GetText(thing, words, None, 0) // 2))()
                raw.FPDFTextObj_GetText(thing, words, units, ctypes.sizeof(units))
                text = bytes(units).decode("utf-16-le").rstrip("\0")
                found.setdefault(raw.FPDFPageObj_GetMarkedContentID(thing), []).append(text)
        pages.append(found)
    document.close()
    return pages


MAKERS = {
    "real": lambda: Snapshot.from_json(SAMPLE.read_bytes()),
    "salted": lambda: Snapshot.from_json(SAMPLE.with_name("schema_2.json").read_bytes()),
    "full": make_full_snapshot,
    "empty": make_snapshot,
    "many": make_year_of_200_updates,
    "hostile": make_hostile_snapshot,
    "points": lambda: make_points_snapshot(lines=20),
    "logos": make_logo_snapshot,
    "scripts": make_scripts_snapshot,
}


@cache
def printed(kind):
    """The article and the PDF of such a report, made once for all tests of a worker."""
    with override_settings(SITE_URL="https://tracker.example.org"):
        taken = MAKERS[kind]()
        html = article(taken)
        return html, rendered_pdf(taken, html)
