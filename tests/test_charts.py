"""The drawings of statuses: each part has its mark, its number and its colour."""

import html5lib
import pytest

from recommendations.models import Status
from recommendations.reading.schema import StatusTotal
from recommendations.report import charts

TOTALS = (
    StatusTotal("ongoing", "Ongoing", 2),
    StatusTotal("on hold", "On hold", 0),
    StatusTotal("for others to act on", "For others to act on", 6),
    StatusTotal("", "", 1),
)


def parsed(svg):
    return html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parseFragment(svg)


def classed(tree, name):
    return [element for element in tree.iter() if name in (element.get("class") or "").split()]


def test_strip_has_a_part_for_each_status_with_its_number():
    tree = parsed(charts.strip(TOTALS, widest=9))

    assert [element.text for element in tree.iter() if element.tag.endswith("title")] == [
        "Ongoing: 2",
        "For others to act on: 6",
        "No update yet: 1",
    ]
    assert [number.text for number in classed(tree, "chart__number")] == ["2", "6", "1"]
    assert len(classed(tree, "chart__part--apart")) == 2


@pytest.mark.parametrize("large", [1, 9, 40, 290, 900])
def test_strip_fits_however_large_an_area_is(large):
    totals = [StatusTotal(status.value, str(status.label), 1) for status in Status]
    tree = parsed(charts.strip([*totals, StatusTotal("", "", large)], widest=len(Status) + large))
    shapes = classed(tree, "chart__shape")

    assert min(float(shape.get("width")) for shape in shapes) > 0
    assert max(float(shape.get("x")) + float(shape.get("width")) for shape in shapes) <= charts.WIDTH


@pytest.mark.parametrize("count", [1, 9, 10, 99, 100, 290])
def test_number_of_a_part_stays_within_it(count):
    for widest in range(count, 30 * count, count):
        tree = parsed(charts.strip([StatusTotal("ongoing", "Ongoing", count)], widest=widest))
        (shape,) = classed(tree, "chart__shape")

        ends = [float(number.get("x")) + 8.3 * len(number.text) for number in classed(tree, "chart__number")]
        assert max(ends, default=0) < float(shape.get("width"))


def test_strip_of_nothing_is_empty():
    assert classed(parsed(charts.strip([], widest=0)), "chart__part") == []


def test_strip_is_hidden_from_screen_readers_unless_it_speaks_for_itself():
    (quiet,) = classed(parsed(charts.strip(TOTALS, widest=9)), "chart--strip")
    (speaking,) = classed(parsed(charts.strip(TOTALS, widest=9, label='2 "ongoing"')), "chart--strip")

    assert quiet.get("aria-hidden") == "true"
    assert (speaking.get("role"), speaking.get("aria-label")) == ("img", '2 "ongoing"')


def test_bar_fills_its_share():
    (fill,) = classed(parsed(charts.bar(TOTALS[0], of=29)), "chart__fill")

    assert fill.get("width") == "2"


def test_charts_carry_no_style_and_take_a_palette_for_print():
    drawing = charts.strip(TOTALS, widest=9, palette={"ongoing": "#17645a", "paper": "#fbf8f3"})

    assert "style=" not in drawing
    assert 'fill="#17645a"' in drawing
    assert 'stroke="#fbf8f3"' in drawing
