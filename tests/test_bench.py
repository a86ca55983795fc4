"""The measurements run: on a small plan, without their figures."""

import os
import subprocess
import sys

import pytest

from bench.measure import Figure
from bench.plans import make_plan
from bench.reach import Reach
from recommendations.reading.snapshot import report_snapshot
from recommendations.report.document import article


@pytest.mark.django_db
def test_invented_plan_is_of_the_size_asked_for_and_makes_a_report():
    taken = report_snapshot(make_plan(30))

    assert len(taken.current) == len(taken.covered) == 30
    assert 20 < len(taken.updates) < 30
    assert article(taken).count('class="report-recommendation"') == 30


def test_every_measurement_starts_from_nothing_but_its_settings():
    """As script/bench starts them: what they measure is imported once Django is set up."""
    names = ["crowds", "django_side", "load", "reach", "run", "served", "sheets"]
    code = "; ".join(f"import bench.{name}" for name in names)
    subprocess.run([sys.executable, "-c", code], check=True, env={**os.environ, "PYTHONPATH": "."})


def test_cell_says_the_median_its_spread_and_the_share_of_nginx():
    assert str(Figure([40e-6, 50e-6, 48e-6], reference=15e-6, beside="5.1 kB")) == "48 µs ± 5 µs, 31 %, 5.1 kB"


def test_reach_is_met_by_the_plans_that_it_is_about():
    cells = {(29, 2): Figure([0.01]), (290, 2): Figure([0.05])}

    assert Reach(seconds=0.02, size=29).verdict(cells) == "yes"
    assert Reach(seconds=0.02).verdict(cells) == "no"
    assert Reach(seconds=0.02, size=2900).verdict(cells) == "not measured"
