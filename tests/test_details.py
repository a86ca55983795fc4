"""What the findings see of details that may lead to somebody: the score on two lists, and what they leave alone.

`tests/texts/labelled.json` is what the shapes are made for. `held_out.json` was written before them, and they aren't
tuned to it. `script/test tests/test_details.py -k score -s` prints the score of both.
"""

import json
import re
import sys
from pathlib import Path

import pytest

from recommendations.models import Recommendation, Term
from recommendations.reading.details import Harmless, details
from recommendations.reading.findings import WHAT_IS_CHECKED, in_text
from recommendations.reading.patterns import IDENTIFYING, invisible, wording
from recommendations.reading.phones import region_of
from recommendations.reading.shapes import Detail
from tests.effort import effort
from tests.factories import make_plan

TEXTS = Path(__file__).parent / "texts"


def held(text, region="CA"):
    """The kinds of details that are seen in `text`."""
    found = {str(detail) for detail, _words in details(text, region=region)}
    return found | {"invisible" for _one in invisible(text, "the text")}


def words(text, region="CA"):
    return [(str(detail), what) for detail, what in details(text, region=region)]


def score(name):
    """What was missed and what was wrongly seen among the texts of a list, with how many it has of each sort."""
    rows = json.loads((TEXTS / f"{name}.json").read_text())
    missed = [row["text"] for row in rows if row["holds"] and row["holds"] not in held(row["text"])]
    wrong = [row["text"] for row in rows if not row["holds"] and held(row["text"])]
    identifying = sum(bool(row["holds"]) for row in rows)
    sys.stdout.write(
        f"\n{name}: {identifying - len(missed)} of {identifying} texts with a detail are found, "
        f"{len(wrong)} of {len(rows) - identifying} without one are flagged.\n"
    )
    return rows, missed, wrong


def test_the_score_of_the_labelled_texts_is_held():
    rows, missed, wrong = score("labelled")

    assert (missed, wrong) == ([], [])
    assert len(rows) >= 120
    assert {row["holds"] for row in rows} == {*map(str, Detail), "invisible", ""}


def test_the_score_of_the_texts_held_out_does_not_fall_far():
    rows, missed, wrong = score("held_out")

    assert len(rows) >= 40
    assert len(missed) + len(wrong) <= len(rows) / 10


def texts_in(value):
    if isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from texts_in(one)
    elif isinstance(value, str):
        yield value


def test_of_the_sentences_of_real_reports_few_are_flagged():
    files = ("fixtures/one-year-update-2020.json", "fixtures/sample/two-year-update.json", "fixtures/example/plan.json")
    texts = [text for name in files for text in texts_in(json.loads(Path(name).read_text()))]
    texts.append(Path("tests/source/one-year-update-2020.txt").read_text())
    sentences = {one for text in texts for one in re.split(r"(?<=[.!?])\s+|\n+", text) if len(one.split()) > 3}

    flagged = [sentence for sentence in sentences if held(sentence)]

    sys.stdout.write(f"\n{len(flagged)} of {len(sentences)} sentences of reports are flagged.\n")
    assert len(sentences) > 200
    assert len(flagged) <= 0.05 * len(sentences)


# What is shown, and how far it reaches


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("She lives at 1234 Kingsway, by the park.", [("address", "1234 Kingsway")]),
        ("1234 Kingsway\nMinutes of the meeting", [("address", "1234 Kingsway")]),
        ("At 12 Main\nStreet.", [("address", "12 Main Street")]),
        ("Women work at Hastings and Main.", [("address", "Hastings and Main")]),
        ("Her PHN is 9123 456 789.", [("id number", "9123 456 789")]),
        ("VPD file 19-123456", [("file number", "19-123456")]),
        ("Jo Smith\u2019s jo.smith@example.org, 604\u2011555\u20110123", [
            ("email", "jo.smith@example.org"), ("phone", "604-555-0123"),
        ]),
        ("60\u200b4-555-0123 and 604-555-0123", [("phone", "604-555-0123")]),
        ("https://example.org/604-555-0123/V6B-1A1/@jo?q=x", []),
        ("The Maria Santos Fund, and our worker Maria Santos.", [("name", "Maria Santos")]),
    ],
)  # fmt: skip
def test_what_was_found_is_shown_once_and_no_more_of_it(text, found):
    assert words(text) == found


def test_a_phone_number_is_one_where_people_dial_it_so():
    assert region_of("America/Toronto", "en") == "CA"
    assert region_of("Europe/London", "en-ca") == "GB"
    assert region_of("UTC", "fr-ca") == "CA"
    assert region_of("UTC", "fr") == ""
    assert words("Call 020 7946 0958.", "GB") == [("phone", "020 7946 0958")]
    assert words("Call 020 7946 0958.") == []
    assert words("Call 0800 1111 or 0808 157 0192.", "GB") == []


def test_each_detail_has_words_for_staff():
    assert list(IDENTIFYING) == list(Detail)
    assert "social networks" in WHAT_IS_CHECKED


# Characters that can't be seen


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("She is sa\u200bfe.", "sa[U+200B]fe."),
        ("Ask \u202eeiraM\u202c now.", "[U+202E]eiraM[U+202C]"),
        ("A soft\u00adhyphen, a soft\u00adhyphen", "soft[U+00AD]hyphen,\nsoft[U+00AD]hyphen"),
        ("A mark\u200f alone", "mark[U+200F]"),
        ("می\u200cخواهم and 👩\u200d⚕️", None),
        ("X̱wməθkwəy̓əm, “yes” – 1\u00a0000", None),
    ],
)
def test_characters_that_nobody_sees_are_named_where_they_stand(text, found):
    assert [one.words for one in invisible(text, "the text")] == ([found] if found else [])


def test_marks_that_turn_the_writing_say_so():
    (turning,), (unseen,) = invisible("\u202ea\u200b", "the text"), invisible("a\u200b", "the text")

    assert turning.message == (
        "Marks that change the direction of writing, in the text: “[U+202E]a[U+200B]”. Readers may see the words in "
        "another order than you typed. Delete the marks, or type the words again."
    )
    assert unseen.message == (
        "Characters that nobody can see, in the text: “a[U+200B]”. Searches miss such words. Delete the characters, or "
        "type the words again."
    )


# What the plan says may be published


@pytest.mark.parametrize(
    ("text", "is_harmless"),
    [
        ("Call 604-555-0123.", True),
        ("Call +1 (604) 555 0123.", True),
        ("Call 604-555-0124.", False),
        ("Write to Office@Example.org.", True),
        ("See https://www.facebook.com/riverhouse/posts/12", True),
        ("See https://www.facebook.com/riverhouse2", False),
        ("We are at 88 Main Street.", True),
        ("We are at 880 Main Street.", False),
        ("Ask @riverhouse.", True),
        ("Mme Gagnon a parlé.", True),
    ],
)
def test_what_is_listed_is_left_out_however_it_is_written(text, is_harmless):
    lines = [
        "Office: 604 555-0123",
        "office@example.org",
        "facebook.com/riverhouse/",
        "88 Main Street",
        "@RiverHouse",
        "Mme Gagnon",
    ]

    harmless = Harmless(lines, region="CA")

    assert all(what in harmless for _detail, what in details(text, region="CA")) is is_harmless
    assert words(text) != []


@pytest.mark.django_db
def test_what_the_plan_shows_or_lists_is_left_out():
    plan = make_plan(
        contact_email="info@example.org",
        website="https://www.instagram.com/riverhouse/",
        may_be_published="604-555-0123\n12 Main Street",
    )
    plan.support_links.create(
        label="Crisis line", address="tel:+1-604-555-0199", note="Or text 604-555-0188", checked_on="2020-01-01"
    )
    text = "info@example.org, instagram.com/riverhouse, 604-555-0123, 12 Main Street, 604-555-0199, 604-555-0188"

    assert in_text(text) == []
    assert [finding.words for finding in in_text(f"{text} and 604-555-0111")] == ["604-555-0111"]


# Text of any length, meant or not

UNITS = (
    *(
        "a",
        "1 ",
        "a.",
        "@",
        "(",
        "a at b dot ",
        "12 Aa, ",
        "Aa and Bb ",
        "Jane D. ",
        "elle a 34 ans ",
        "née le ",
        "SIN a",
    ),
    *("on instagram as ", "www.", "http://a", "Aa Bb, a ", "604-555-0123 ", "Aa St and ", "1st and ", "é", " ", "\n"),
)


def test_a_hostile_text_takes_no_time():
    slow = {}
    for unit in UNITS:
        text = (unit * 60_000)[:60_000]
        slow[unit] = effort(lambda text=text: held(text), limit=0.5)

    assert {unit: taken for unit, taken in slow.items() if taken > 0.5} == {}


def test_many_quotation_marks_take_no_time():
    term = Term(word="hard to reach", recommendation=Recommendation(reference="3.2"))

    def words_of_all():
        return [list(wording(mark * 60_000, "the text", [term], ("of the",), "en-ca")) for mark in "“‘«"]

    assert words_of_all() == [[], [], []]
    assert effort(words_of_all, limit=0.5) < 0.5


def test_many_numbers_take_no_time():
    text = " ".join(f"604-555-{number:04} {number * 7919 % 10**9:09}" for number in range(2_600))

    assert held(text) >= {"phone"}
    assert effort(lambda: held(text), limit=0.5) < 0.5
