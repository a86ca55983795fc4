"""A status is one member of `Status`, one mark and one colour: what a new one lacks is named here."""

import re
from pathlib import Path

import pytest
from django.utils.functional import Promise

from recommendations.models import Assessment, Status
from recommendations.models.statuses import Course, status_slug
from recommendations.reading.schema import StatusTotal

CSS = Path("static/css/components/status.css")
HANDBOOK = Path("docs/handbook/statuses.md")
MIGRATIONS = Path("recommendations/migrations")


def forgotten(word, label, definition, evidence):
    """What the status `word` lacks, in words for whoever adds it."""
    slug, css = status_slug(word), CSS.read_text()
    block = (
        rf"\.status--{slug}, \.chart--{slug} \{{\s*--colour: #[0-9a-f]{{6}};\s*--colour-on-dark: #[0-9a-f]{{6}};"
        rf'\s*--mark: url\("\.\./\.\./marks/{slug}\.svg"\);\s*\}}'
    )
    told = {
        "a label": bool(label.strip()),
        "a definition": bool(definition.strip()),
        "its evidence": bool(evidence.strip()),
        "a word that fits its column": len(word) <= Assessment._meta.get_field("status").max_length,
        f"the mark static/marks/{slug}.svg": Path(f"static/marks/{slug}.svg").exists(),
        f"its block in status.css, .status--{slug}, .chart--{slug}": bool(re.search(block, css)),
        "its line in docs/handbook/statuses.md": f"| {label} | {definition} | {evidence} |" in HANDBOOK.read_text(),
    }
    return [what for what, there in told.items() if not there]


@pytest.mark.parametrize("status", Status)
def test_a_status_has_all_that_it_needs(status):
    lacking = forgotten(status.value, str(status.label), status.definition, status.evidence)

    assert lacking == [], "\n".join([f"{status.value} lacks", *lacking])
    assert isinstance(status.course, Course)
    assert isinstance(Status.PLANNED._definition, Promise)


def test_what_a_new_status_lacks_is_named():
    assert forgotten("under review at length", "", "", "") == [
        "a label",
        "a definition",
        "its evidence",
        "a word that fits its column",
        "the mark static/marks/under-review-at-length.svg",
        "its block in status.css, .status--under-review-at-length, .chart--under-review-at-length",
        "its line in docs/handbook/statuses.md",
    ]


def test_a_status_is_open_done_or_for_others():
    assert [status.value for status in Status] == [
        "not started",
        "planned",
        "in progress",
        "ongoing",
        "on hold",
        "completed",
        "for others to act on",
    ]
    assert [status.value for status in Status if status.is_done] == ["completed"]
    assert [status.value for status in Status if not status.is_own] == ["for others to act on"]
    assert [status.value for status in Status if status.is_open] == [
        "not started",
        "planned",
        "in progress",
        "ongoing",
        "on hold",
    ]


def test_what_is_not_the_organisations_own_is_counted_apart():
    totals = [StatusTotal(key, "", 1) for key in ("", "completed", "for others to act on", "a word from long ago")]

    assert [total.is_apart for total in totals] == [True, False, True, True]


def test_no_module_and_no_template_asks_for_one_status_by_name():
    named = []
    words = "|".join(re.escape(f'"{status.value}"') for status in Status if " " in status.value or status.is_done)
    for path in [*Path("templates").rglob("*.html"), *Path("recommendations").rglob("*.py")]:
        if path.parent != MIGRATIONS and path != Path("recommendations/models/statuses.py"):
            members = "|".join(rf"Status\.{status.name}\b" for status in Status)
            named += [(str(path), found) for found in re.findall(f"{members}|{words}", path.read_text())]

    assert named == []
