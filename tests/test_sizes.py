"""The PDF at any size: plans of one to ten years, of twelve and forty areas, and with long references."""

import json
import re
import subprocess
import sys
from collections import Counter
from functools import cache

import pypdfium2
import pytest

from recommendations.report.document import article
from recommendations.report.renderer import BASE_DIR
from tests.approved import assert_looks_as_approved, pictures_of
from tests.documents import Text
from tests.plans import PLANS, pdf_of

pytestmark = [pytest.mark.rendering, pytest.mark.long]


PAGES = [("years-01", 3), ("years-03", 4), ("years-05", 4), ("years-10", 4), ("references", 4), ("references", 5)]
PAGES += [("areas-40", 1), ("areas-40", 2), ("areas-40", 4)]


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


@pytest.mark.parametrize(("name", "number"), PAGES)
def test_page_looks_as_approved(name, number, tmp_path):
    assert_looks_as_approved(pictures(name)[number - 1], f"{name}-{number:02}.png", tmp_path)


def test_plans_of_every_size_conform_to_both_standards(tmp_path):
    for name in PLANS:
        (tmp_path / f"{name}.pdf").write_bytes(pdf_of(name))

    command = [sys.executable, "-m", "tests.verapdf", *sorted(tmp_path.iterdir())]
    run = subprocess.run(command, cwd=BASE_DIR, capture_output=True, text=True, check=True, timeout=300)

    nothing = {f"{name}.pdf": [] for name in PLANS}
    assert {standard: told["broken"] for standard, told in json.loads(run.stdout).items()} == {
        "ua1": nothing,
        "3a": nothing,
    }
