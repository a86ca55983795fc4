"""The accent colour of a plan: its contrast, what is made of it, and where it is used."""

import re
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError

from recommendations.models import ActionPlan
from recommendations.reading.snapshot import report_snapshot
from recommendations.report.document import article, page
from recommendations.report.editions import rendered_pdf
from recommendations.text import colours
from recommendations.text.colours import accent_tokens, check_accent, contrast
from tests.factories import make_plan, make_report

TOKENS = Path("static/css/tokens.css").read_text()
# Dark, bright, grey, and as light as may be.
MANY = ["#000000", "#1f4e79", "#6b2147", "#0000ff", "#7a0000", "#6b6b6b", "#006b00", "#5a2ca0", "#a3201b", "#76520e"]


def token(name, *, dark):
    light, _screen, rest = TOKENS.partition("@media screen")
    return re.search(rf"{name}: (#[0-9a-f]{{3,6}});", rest if dark else light)[1]


def test_contrast_is_that_of_the_guidelines():
    assert contrast("#000000", "#ffffff") == 21
    assert contrast("#ffffff", "#ffffff") == 1
    assert round(contrast("#777777", "#ffffff"), 2) == 4.48


def test_the_grounds_are_those_of_the_style_sheets():
    light = (token("--paper", dark=False), token("--paper-deep", dark=False), token("--on-accent", dark=False))
    dark = (token("--paper", dark=True), token("--paper-deep", dark=True))

    assert light == (colours.PAPER, colours.PAPER_DEEP, colours.ON_ACCENT)
    assert dark == (colours.DARK_PAPER, colours.DARK_PAPER_DEEP)


@pytest.mark.parametrize("colour", MANY)
@pytest.mark.parametrize("dark", [False, True])
def test_whatever_is_made_of_a_colour_can_be_read(colour, dark):
    check_accent(colour)
    made = accent_tokens(colour, dark=dark)

    pairs = [
        *(
            (made[name], token(ground, dark=dark))
            for name in ("--accent", "--accent-deep")
            for ground in ("--paper", "--paper-deep")
        ),
        *((made["--on-accent"], made[name]) for name in ("--accent", "--accent-deep")),
        (made["--accent-deep"], made["--accent-tint"]),
        (token("--ink", dark=dark), made["--accent-tint"]),
    ]
    assert [pair for pair in pairs if contrast(*pair) < 4.5] == []


@pytest.mark.parametrize("value", ["red", "#fff", "#12345g", "123456", "#1234567", "#123456 ", "#12345é"])
def test_what_is_no_colour_is_refused(value):
    with pytest.raises(ValidationError, match="six digits"):
        check_accent(value)


def test_a_light_colour_is_refused_with_its_contrast_and_a_darker_one():
    with pytest.raises(ValidationError) as caught:
        check_accent("#ff8800")

    (said,) = caught.value.messages
    assert said == (
        "On our pages this colour has a contrast of 2.05 to 1, and text needs at least 4.5 to 1. "
        "Choose a darker one: #a35700 would do."
    )
    check_accent("#a35700")


def test_a_colour_just_too_light_is_refused():
    with pytest.raises(ValidationError, match=r"4\.44 to 1"):
        check_accent("#6d6d6d")


@pytest.mark.django_db
def test_pages_have_the_colour_in_a_style_sheet_of_its_own_that_browsers_keep(client):
    make_plan(accent_colour="#1f4e79")

    (address,) = re.findall(r'href="(/accent-[^"]+)"', client.get("/").content.decode())
    response = client.get(address)

    assert "--accent: #1f4e79;" in response.content.decode()
    assert response["Content-Type"] == "text/css; charset=utf-8"
    assert response["Cache-Control"] == "private, max-age=31536000, immutable"
    assert client.get(address.replace("1f4e79", "1f4e78")).status_code == 404
    assert client.get("/accent-red-0.css").status_code == 404


@pytest.mark.django_db
def test_without_a_colour_of_its_own_a_page_has_no_such_sheet(client):
    make_plan()

    assert "accent-" not in client.get("/").content.decode()


@pytest.mark.django_db
def test_a_report_has_the_colour_in_its_file_and_its_pdf(fake_pdf, monkeypatch):
    plain = report_snapshot(make_report())
    ActionPlan.objects.update(accent_colour="#1f4e79")
    coloured = report_snapshot(type(make_report()).objects.first())
    asked = {}
    monkeypatch.setattr("recommendations.report.pdf.render", lambda article, **given: asked.update(given) or b"")
    rendered_pdf(coloured, article(coloured))

    assert "#1f4e79" in page(article(coloured), coloured, pictures={})
    assert "--accent: #1f4e79;" in asked["style"]
    assert coloured.content_hash() != plain.content_hash()
    rendered_pdf(plain, article(plain))
    assert asked["style"] == ""
