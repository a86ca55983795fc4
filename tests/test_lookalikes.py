"""Texts that look alike: which are the same, and what is different in the others, in words."""

import pytest

from recommendations.text.lookalikes import difference, named, seen


@pytest.mark.parametrize(
    "other",
    [
        "Minister\u00a0of Santé",
        "Minister\u202fof Santé",
        "Minister  of  Santé ",
        "\ufeffMinister of Santé",
        "Minis\u00adter of\u200b Santé",
        "Minister\u200e of Sante\u0301",
        "Mini\u200cster of Santé\u200d",
    ],
)
def test_what_a_reader_cannot_tell_apart_is_the_same(other):
    assert seen(other) == seen("Minister of Santé")


def test_spaces_at_the_end_of_a_line_and_a_third_line_feed_are_not_seen():
    assert seen("one \n\n\u00a0\n\ntwo\t\tthree") == "one\n\ntwo three"
    assert seen("one\ntwo") != seen("one\n\ntwo") != seen("one two")


def test_a_hyphen_that_does_not_break_is_a_hyphen():
    assert seen("co\u2011chairs") == seen("co\u2010chairs") == "co-chairs"
    assert seen("co\u2013chairs") != "co-chairs"


def test_a_joiner_between_letters_that_join_is_seen():
    assert seen("می\u200cروم") != seen("میروم")


@pytest.mark.parametrize("other", ["the “Mayor's” office", 'the "Mayor’s" office.', "the „Mayorʼs” office"])
def test_a_name_is_the_same_with_other_quotation_marks_or_a_final_stop(other):
    assert named(other) == named("the “Mayor’s” office")


@pytest.mark.parametrize("other", ["The “Mayor’s” office", "the «Mayor’s» office", "the “Mayor’s” offices"])
def test_a_name_with_other_letters_or_marks_is_another(other):
    assert named(other) != named("the “Mayor’s” office")


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ("Offer the mayor’s phone", "the final full stop"),
        ("Offer the mayor's phone.", "quotation marks or apostrophes"),
        ("offer the mayor's phone", "quotation marks or apostrophes, the final full stop and capital letters"),
        ("Ôffer the mayor’s phone.", "accents or joined letters"),
        ("Offer\u00a0the mayor’s phone.", ""),
        ("Offer the mayor’s phones.", ""),
        ("Offer the mayor’s phone…", ""),
    ],
)
def test_what_is_different_is_named(other, words):
    assert difference("Offer the mayor’s phone.", other) == words
