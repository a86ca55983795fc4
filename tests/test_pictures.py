"""Pages of the PDF as pictures, beside those that somebody looked at and approved: `script/pictures` makes new ones.

Small and grey, with a tolerance: another version of a library may draw an edge a little differently.
"""

import os
from functools import cache
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image, ImageChops, ImageFilter

from recommendations.reading.schema import Snapshot
from recommendations.report.document import article
from recommendations.report.editions import rendered_pdf
from tests.documents import SAMPLE, make_full_snapshot, make_logo_snapshot, make_snapshot, make_year_of_200_updates

pytestmark = pytest.mark.rendering

FOLDER = Path(__file__).parent / "pictures"
DPI = 40
# Grey levels of 255 after a blur, and the share of a page's points that may differ by more.
LEVELS, SHARE = 40, 0.002


MAKERS = {
    "real": lambda: Snapshot.from_json(SAMPLE.read_bytes()),
    "full": make_full_snapshot,
    "empty": make_snapshot,
    "many": make_year_of_200_updates,
    "logos": make_logo_snapshot,
}
PAGES = [*(("real", number) for number in range(1, 14)), *(("full", number) for number in (4, 5, 6, 7, 8))]
PAGES += [("empty", 4), ("empty", 5), ("many", 5), ("many", 6)]
PAGES += [pytest.param("logos", number, marks=pytest.mark.django_db) for number in (1, 6)]


@cache
def pictures(kind):
    taken = MAKERS[kind]()
    document = pypdfium2.PdfDocument(rendered_pdf(taken, article(taken)))
    try:
        return [page.render(scale=DPI / 72).to_pil().convert("L") for page in document]
    finally:
        document.close()


def picture(kind, number):
    return pictures(kind)[number - 1]


def difference(one, other):
    """The share of points that differ visibly between two pictures of the same size."""
    blurred = (picture.filter(ImageFilter.GaussianBlur(1)) for picture in (one, other))
    points = ImageChops.difference(*blurred).histogram()
    return sum(points[LEVELS:]) / (one.width * one.height)


@pytest.mark.parametrize(("kind", "number"), PAGES)
def test_page_looks_as_approved(kind, number, tmp_path, settings):
    settings.SITE_URL = "https://tracker.example.org"
    path = FOLDER / f"{kind}-{number:02}.png"
    now = picture(kind, number)
    if os.environ.get("APPROVE_PICTURES"):
        now.quantize(16).save(path, optimize=True)
        return

    approved = Image.open(path).convert("L")
    file = tmp_path / path.name
    now.save(file)

    assert now.size == approved.size
    assert difference(now, approved) <= SHARE, f"Look at {file}. If it is as it should be: script/pictures"


def test_comparison_sees_a_missing_line_and_not_a_softer_edge(settings):
    settings.SITE_URL = "https://tracker.example.org"
    page = picture("real", 2)
    without = page.copy()
    without.paste(255, (0, 150, page.width, 160))

    assert difference(page, page.filter(ImageFilter.GaussianBlur(0.4))) <= SHARE
    assert difference(page, without) > SHARE
    assert difference(page, picture("real", 3)) > 10 * SHARE
