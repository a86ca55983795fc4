"""The measurements run: on a small plan, without their figures."""

import os
import subprocess
import sys

import pytest

from bench.plans import make_plan
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
    names = ["run", "sheets", "visitors", "workspace"]
    code = "; ".join(f"import bench.{name}" for name in names)
    subprocess.run([sys.executable, "-c", code], check=True, env={**os.environ, "PYTHONPATH": "."})
