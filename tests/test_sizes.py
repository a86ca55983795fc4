"""The PDF at any size: plans of one to ten years, of twelve and forty areas, and with long references."""

import json
import subprocess
import sys

import pytest

from recommendations.report.renderer import BASE_DIR
from tests.plans import PLANS, pdf_of

pytestmark = [pytest.mark.rendering, pytest.mark.long]


@pytest.fixture(autouse=True)
def site(settings):
    settings.SITE_URL = "https://tracker.example.org"


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
