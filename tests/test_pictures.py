"""Pages of the PDF as pictures, beside those that somebody looked at and approved: `script/pictures` makes new ones."""

from functools import cache

import pytest
from PIL import ImageFilter

from tests.approved import SHARE, assert_looks_as_approved, difference, half_empty, pictures_of
from tests.documents import printed

pytestmark = pytest.mark.rendering

PAGES = [*(("real", number) for number in range(1, 12)), *(("full", number) for number in (4, 5, 12))]
PAGES += [("empty", 3), ("many", 4)]
PAGES += [pytest.param("logos", number, marks=pytest.mark.django_db) for number in (1, 4)]


@cache
def pictures(kind):
    _html, content = printed(kind)
    return pictures_of(content)


def picture(kind, number):
    return pictures(kind)[number - 1]


@pytest.mark.parametrize(("kind", "number"), PAGES)
def test_page_looks_as_approved(kind, number, tmp_path):
    assert_looks_as_approved(picture(kind, number), f"{kind}-{number:02}.png", tmp_path)


def test_comparison_sees_a_missing_line_and_not_a_softer_edge():
    page = picture("real", 2)
    without = page.copy()
    without.paste(255, (0, 150, page.width, 160))

    assert difference(page, page.filter(ImageFilter.GaussianBlur(0.4))) <= SHARE
    assert difference(page, without) > SHARE
    assert difference(page, picture("real", 3)) > 10 * SHARE


@pytest.mark.parametrize("kind", ["real", "full", "empty", "many"])
def test_no_page_but_the_cover_and_the_last_is_less_than_half_full(kind):
    assert half_empty(pictures(kind)) == []
