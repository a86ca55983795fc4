"""The PDF at any size: plans of one to ten years, of twelve and forty areas, and with long references."""

import re
from collections import Counter
from functools import cache

import pypdfium2
import pytest
from pypdfium2 import raw

from recommendations.report.document import article, document
from tests.approved import assert_looks_as_approved, half_empty, pictures_of
from tests.documents import Text, missing_in_order, text_by_tags
from tests.plans import LETTERS, PLANS, RUNS, make_rows_plan, pdf_of

pytestmark = [pytest.mark.rendering, pytest.mark.long]


PAGES = [("years-01", 3), ("years-03", 4), ("years-05", 4), ("years-10", 4), ("references", 4), ("references", 5)]
PAGES += [("areas-40", 1), ("areas-40", 2), ("areas-40", 4), ("rows", 36), ("rows", 41), ("rows", 43)]


@pytest.fixture(autouse=True)
def site(settings):
    settings.SITE_URL = "https://tracker.example.org"


@cache
def pictures(name):
    return pictures_of(pdf_of(name))


def pages_of(content):
    """The text of each page, line by line."""
    document = pypdfium2.PdfDocument(content)
    try:
        return [page.get_textpage().get_text_range() for page in document]
    finally:
        document.close()


@pytest.mark.parametrize("name", PLANS)
def test_every_reference_stands_whole_on_one_line(name):
    taken = PLANS[name]()
    references = {entry.reference for entry in taken.recommendations}
    wanted = Counter(piece.strip() for piece in Text(article(taken)).pieces if piece.strip() in references)

    text = "\n".join(pages_of(pdf_of(name)))

    found = {reference: len(re.findall(rf"(?<![\w.]){re.escape(reference)}(?![\w.])", text)) for reference in wanted}
    assert min(wanted.values()) >= 1
    assert [
        (reference, found[reference], count) for reference, count in wanted.items() if found[reference] < count
    ] == []


def test_what_marks_show_is_there_in_words():
    rows = document(PLANS["years-10"]()).glance.years.rows
    said = [
        "".join(cell.label or "No update yet" if cell.is_listed else "Not listed" for cell in row.cells) for row in rows
    ]

    words = "".join(words_of("years-10"))

    assert said[-1].startswith("Not listed")
    for row, statuses in zip(rows, said, strict=True):
        assert "".join(f"{row.reference}{row.beginning}{statuses}".split()) in words


@pytest.mark.parametrize(("name", "number"), PAGES)
def test_page_looks_as_approved(name, number, tmp_path):
    assert_looks_as_approved(pictures(name)[number - 1], f"{name}-{number:02}.png", tmp_path)


@cache
def words_of(name):
    """The words of each page, without white space."""
    return ["".join(page.split()) for page in pages_of(pdf_of(name))]


def page_with(words, name):
    return next(number for number, page in enumerate(words_of(name), start=1) if words in page)


def test_cells_of_a_row_begin_on_the_same_page():
    areas = range(1, len(make_rows_plan().areas) + 1)

    asked, told = ([page_with(f"{cell}-{area}-", "rows") for area in areas] for cell in ("Left", "Right"))

    assert asked == told
    assert len(set(asked)) > 20


@pytest.mark.parametrize("name", PLANS)
def test_no_page_but_the_cover_and_the_last_is_less_than_half_full(name):
    assert half_empty(pictures(name)) == []


def test_no_heading_stands_alone_at_the_foot_of_a_page():
    for area, entry in enumerate(make_rows_plan().areas, start=1):
        page = words_of("rows")[page_with(f"{area}.1First.", "rows") - 1]
        assert f"RecommendationArea{area}:{''.join(entry.title.split())}RecommendationsOne-YearUpdate{area}.1" in page


def test_page_tops_name_the_recommendations_whose_update_goes_on():
    tops = [
        re.search(r"RecommendationArea28:Areaofwork28\(continued\)(.*)One-YearUpdate\d+$", page)
        for page in words_of("rows")
    ]

    first = page_with("Right-28-", "rows")
    begins, *goes_on = (top and top[1] for top in tops[first - 1 :])
    named = [said for said in goes_on if said]
    assert not begins
    # The first recommendation goes on as well, then the update alone; what comes after it names neither.
    assert named == goes_on[: len(named)] == [",28.2,updateon28.2to28.16", *[",updateon28.2to28.16"] * (len(named) - 1)]
    assert len(named) > 5


def test_long_update_is_whole_and_read_at_one_piece():
    text = text_by_tags(pdf_of("rows"))
    (update,) = (one for one in make_rows_plan().updates if len(one.text) >= LETTERS - 1)

    assert "".join(update.text.split()) in text
    for asked in range(2, 17):
        assert f"28.{asked}" in text[: text.index("Right-28-")]


def test_no_word_leaves_its_column():
    document = pypdfium2.PdfDocument(pdf_of("runs"))
    edges = [text.get_bounds()[::2] for page in document for text in page.get_objects(filter=[raw.FPDF_PAGEOBJ_TEXT])]
    document.close()

    # The margin of the page.
    assert max(right for _left, right in edges) <= 558.5
    text = text_by_tags(pdf_of("runs")).replace("\u200b", "")
    assert missing_in_order(["".join(run.replace("*", "").split()) for run in RUNS if run[0] not in "-("], text) == []
