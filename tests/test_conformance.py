"""Every PDF that the tests look at, by veraPDF: PDF/UA-1 and PDF/A-3a. One start of Java judges them all."""

import io
import json
import subprocess
import sys

import pikepdf
import pytest

from recommendations.report.renderer import BASE_DIR
from tests import plans
from tests.documents import MAKERS, printed

pytestmark = pytest.mark.rendering


@pytest.mark.django_db
@pytest.mark.long
def test_verapdf_passes_both_standards_and_not_an_untagged_annotation(tmp_path, settings):
    settings.SITE_URL = "https://tracker.example.org"
    pdfs = {kind: printed(kind)[1] for kind in MAKERS} | {name: plans.pdf_of(name) for name in plans.PLANS}
    for name, content in pdfs.items():
        (tmp_path / f"{name}.pdf").write_bytes(content)
    add_untagged_annotation(pdfs["empty"], tmp_path / "untagged.pdf")

    command = [sys.executable, "-m", "tests.verapdf", *sorted(tmp_path.iterdir())]
    run = subprocess.run(command, cwd=BASE_DIR, capture_output=True, text=True, check=True, timeout=600)

    told = json.loads(run.stdout)
    untagged = {standard: result["broken"].pop("untagged.pdf") for standard, result in told.items()}
    nothing = {f"{name}.pdf": [] for name in pdfs}
    assert told == {"ua1": {"rules": 106, "broken": nothing}, "3a": {"rules": 155, "broken": nothing}}
    assert [rule.split()[0] for rule in untagged["ua1"]] == ["7.18.1-1", "7.18.1-2"]
    assert untagged["3a"]


def add_untagged_annotation(content, path):
    """A note on the first page, as a person would stick it there: no tag holds it, and nothing says what it is."""
    with pikepdf.open(io.BytesIO(content)) as opened:
        note = pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Text, Rect=[10, 10, 30, 30], F=4)
        page = opened.pages[0]
        page.Annots = pikepdf.Array([*page.get("/Annots", []), opened.make_indirect(note)])
        opened.save(path)
