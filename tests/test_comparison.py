"""Two snapshots: what changed, why, and the matrix of all years."""

import datetime as dt

import pytest

from recommendations.reading.comparison import ChangeKind, compare, matrix
from recommendations.reading.snapshot import report_snapshot
from tests.factories import make_area, make_recommendation, make_report, make_update

pytestmark = pytest.mark.django_db
FIRST_YEAR = {"starts_on": dt.date(2019, 5, 30), "ends_on": dt.date(2020, 6, 30)}
SECOND_YEAR = {"starts_on": dt.date(2020, 7, 1), "ends_on": dt.date(2021, 6, 30)}


@pytest.fixture
def years():
    """Two years in which each recommendation meets another fate; 1.7 was retired before the second year began."""
    moved, first, unchanged, quiet, never = (make_recommendation() for _ in range(5))
    retired = make_recommendation(retired_on=dt.date(2020, 12, 1), retired_reason="Merged.")
    make_recommendation(retired_on=dt.date(2020, 6, 30), retired_reason="Merged.")
    new = make_recommendation(added_on=dt.date(2020, 12, 1))
    make_update(statuses={moved: "planned", unchanged: "ongoing", quiet: "on hold", retired: "planned"})
    later = dt.date(2021, 2, 3)
    make_update(statuses={moved: "in progress", first: "planned", unchanged: "ongoing"}, dated_on=later, text="Why.")
    assert [never.reference, new.reference] == ["1.5", "1.8"]
    return [report_snapshot(make_report(**year)) for year in (FIRST_YEAR, SECOND_YEAR)]


def test_each_recommendation_has_one_kind_of_change(years):
    kinds = {change.entry.reference: change.kind for change in compare(*years).changes}

    assert kinds == {
        "1.1": ChangeKind.MOVED,
        "1.2": ChangeKind.FIRST,
        "1.3": ChangeKind.UNCHANGED,
        "1.4": ChangeKind.NO_UPDATE,
        "1.5": ChangeKind.NO_UPDATE,
        "1.6": ChangeKind.RETIRED,
        "1.8": ChangeKind.NEW,
    }


def test_a_move_says_from_to_and_why(years):
    (moved,) = compare(*years).of_kind(ChangeKind.MOVED)

    assert (moved.status_before, moved.status_after) == ("planned", "in progress")
    assert [update.text for update in moved.updates] == ["Why."]


def test_a_status_that_fell_back_without_an_update_has_moved_too(years):
    before, after = years
    changed = compare(after, before).of_kind(ChangeKind.MOVED)

    assert ("1.2", "planned", "") in [(c.entry.reference, c.status_before, c.status_after) for c in changed]


def test_comparing_a_report_with_itself_moves_nothing(years):
    kinds = {change.kind for change in compare(years[0], years[0]).changes}

    assert kinds == {ChangeKind.UNCHANGED, ChangeKind.NO_UPDATE, ChangeKind.RETIRED}


def test_the_matrix_has_a_column_for_each_report_and_sorts_by_number(years):
    table = matrix(years)

    rows = {row.entry.reference: row.statuses for row in table.rows}
    assert [report.ends_on.year for report in table.reports] == [2020, 2021]
    assert rows["1.1"] == ("planned", "in progress")
    assert rows["1.4"] == ("on hold", "on hold")
    assert rows["1.5"] == ("", "")
    assert rows["1.7"] == ("", None)
    assert rows["1.8"] == (None, "")


def test_the_matrix_sorts_ten_after_nine():
    area = make_area(number=1)
    for number in (10, 9, 2):
        make_recommendation(area=area, number=number)

    table = matrix([report_snapshot(make_report())])

    assert [row.entry.reference for row in table.rows] == ["1.2", "1.9", "1.10"]
