"""Texts as words, and the marks around those that a search found."""

import pytest
from django.utils.safestring import SafeString

from recommendations.text import words
from recommendations.text.words import marked, words_of


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Non-profits, don’t “stop”!", ["non", "profits", "don", "t", "stop"]),
        ("In 3.2, A.1, 18.iii and 12(b).", ["in", "3.2", "a.1", "18.iii", "and", "12", "b"]),
        ("Sḵwx̱wú7meshi CAFÉ", ["skwxwu7meshi", "cafe"]),
        ("ਪੰਜਾਬੀ ، می‌خواهم", ["ਪੰਜਾਬੀ", "می", "خواهم"]),
        ("[Minutes](https://police.example/x) at https://police.example/y, www.police.ca", ["minutes", "at"]),
        ("%… – ", []),
        ("\u0301 x \u0301\u0301", ["x"]),
    ],
)
def test_words_stand_between_spaces_and_punctuation(text, words):
    assert words_of(text) == words


def test_what_is_found_everywhere_is_marked_so_often_and_no_more(monkeypatch):
    monkeypatch.setattr(words, "MOST_MARKS", 2)

    found = marked(SafeString('<p class="prose">the one, the two, the three</p>'), words={"the"})

    assert found == '<p class="prose"><mark>the</mark> one, <mark>the</mark> two, the three</p>'


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ('<p dir="auto">The Police.</p>', '<p dir="auto">The <mark>Police</mark>.</p>'),
        ("<p>Police</p>", "<p>Police</p>"),
        (
            '<div class="a prose"><p>A <a href="/police">café</a></p></div><b>police</b>',
            '<div class="a prose"><p>A <a href="/police"><mark>café</mark></a></p></div><b>police</b>',
        ),
        (
            '<p class="prose">Police &amp; amp; <a href="//police">https://a.ca/police</a></p>',
            '<p class="prose"><mark>Police</mark> &amp; <mark>amp</mark>; <a href="//police">https://a.ca/police</a></p>',
        ),
        (
            '<a title=">police" dir="auto">Law &amp; order</a>',
            '<a title=">police" dir="auto"><mark>Law &amp; order</mark></a>',
        ),
    ],
)
def test_marks_stand_around_words_in_what_people_wrote_and_nowhere_else(html, expected):
    found = marked(SafeString(html), words={"police", "cafe", "amp"}, names={"Law & order"})

    assert found == expected
