"""The intake: what is refused, what is kept as typed, how text is compared."""

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction

from recommendations.models import EvidenceLink, ProgressUpdate
from recommendations.text.intake import folded
from tests.factories import make_area, make_recommendation, make_update

NAMES = "X̱wməθkwəy̓əm, Sḵwx̱wú7meshi, əsəlilwətaʔt̚"
HOSTILE = ["\x00", "\x07", "\x1b", "\x7f", "\x85", "\ud800", "\ufffe", "\ufdd0"]


@pytest.mark.django_db
@pytest.mark.parametrize("character", HOSTILE)
def test_unprintable_text_is_refused_beside_its_field(character):
    update = ProgressUpdate(area=make_area(), text=f"abc{character}", dated_on="2020-06-30")

    with pytest.raises(ValidationError) as caught:
        update.full_clean()

    assert list(caught.value.message_dict) == ["text"]
    assert f"Character 4 (U+{ord(character):04X})" in caught.value.message_dict["text"][0]


@pytest.mark.django_db
@pytest.mark.parametrize("character", HOSTILE)
def test_unprintable_text_does_not_get_past_the_forms_either(character):
    update = make_update(statuses={make_recommendation(): "planned"})
    update.text = f"abc{character}"

    with pytest.raises(ValidationError), transaction.atomic():
        update.save()

    update.refresh_from_db()
    assert update.text == "Something happened."


@pytest.mark.django_db
def test_text_is_stored_as_typed_but_for_its_line_endings():
    update = ProgressUpdate(area=make_area(), text=f"{NAMES}\r\nnext\rlast\x0bword\ttab", dated_on="2020-06-30")
    update.full_clean()
    update.save()

    update.refresh_from_db()

    assert update.text == f"{NAMES}\nnext\nlast\nword\ttab"


@pytest.mark.django_db
def test_text_has_a_length_cap():
    update = ProgressUpdate(area=make_area(), text="x" * 20_001, dated_on="2020-06-30")

    with pytest.raises(ValidationError) as caught:
        update.full_clean()

    assert list(caught.value.message_dict) == ["text"]


@pytest.mark.django_db
@pytest.mark.parametrize("title", ["Two\nlines", "A\ttab", "Turned \u202eround", "\u2067isolated"])
def test_a_line_is_one_line(title):
    area = make_area()
    area.title = title

    with pytest.raises(ValidationError) as caught:
        area.full_clean()

    assert list(caught.value.message_dict) == ["title"]
    assert "on one line" in caught.value.message_dict["title"][0]


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["javascript:alert(1)", "ftp://example.org/", "data:text/html,x", "//example.org"])
def test_addresses_are_http_or_https(address):
    link = EvidenceLink(update=make_update(statuses={make_recommendation(): "planned"}), label="x", address=address)

    with pytest.raises(ValidationError) as caught:
        link.full_clean()

    assert list(caught.value.message_dict) == ["address"]


def test_folded_text_compares_without_case_accents_or_normal_form():
    assert folded("Sḵwx̱wú7mesh") == folded("S\u1e35wx\u0331w\u00fa7MESH") == "skwxwu7mesh"
