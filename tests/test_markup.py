"""Staff's text comes out safe, and letter for letter."""

import re
from html import unescape

import pytest

from recommendations.text.direction import direction
from recommendations.text.markup import plain, render
from tests.effort import effort


def words(html):
    """The text of `html` as a browser shows it."""
    return unescape(re.sub(r"<[^>]+>", "", html.replace("<br>", "")))


@pytest.mark.parametrize(
    "text",
    [
        "Responding to… 'ethical alignment' \"so\" (i.e. this) & that -- 3 < 4 > 2",
        "X̱wməθkwəy̓əm, Sḵwx̱wú7meshi and əsəlilwətaʔt̚",
        "k\u0331 \u1e35 e\u0301 \u00e9",
        "&copy; &nbsp; &#60;b&#62; (c) (tm) ...",
        "<b>bold</b> <script>alert(1)</script>",
        "`code` ~~gone~~ ![picture] > quoted | cell |",
        "2020. was a year",
        "+1 604 555 0100",
        "#hashtag\n\n#\n\n# ",
        "*\n\n_\n\n-\n\n1.\n\n---",
        "> 50 people\n>\n>no space\n\na > b",
        "snake_case_words and 2 * 3 * 4",
        "    four leading spaces",
        "@livingincommunitybc\n\n@livingincommunity.ca",
        "[label](javascript:alert(1)) [label](/relative/) [label](data:text/html,x)",
    ],
)
def test_text_that_is_no_markup_comes_out_letter_for_letter(text):
    html = render(text)

    assert words(html).split() == text.split()
    assert set(re.findall(r"<(\w+)", html)) <= {"p", "br"}


def test_markup_of_the_subset():
    text = "**strong** and *soft*,\nnext line\n\n- one\n- two\n\n1. first\n2. second\n\n3) third\n\n# Heading"

    html = render(text, heading_level=4)

    assert html.replace("\n", "") == (
        "<p><strong>strong</strong> and <em>soft</em>,<br>next line</p><ul><li>one</li><li>two</li></ul>"
        '<ol><li>first</li><li>second</li></ol><ol start="3"><li>third</li></ol><h4>Heading</h4>'
    )


def test_headings_go_down_one_level_at_a_time_and_end_at_h6():
    text = "### a\n\n# b\n\n### c\n\n#### d\n\n# e"

    assert re.findall(r"<h(\d)>(\w)", render(text, heading_level=4)) == [
        ("4", "a"), ("4", "b"), ("5", "c"), ("6", "d"), ("4", "e"),
    ]  # fmt: skip
    assert render("# a\n\n## b", heading_level=6).replace("\n", "") == "<h6>a</h6><h6>b</h6>"


def test_quotation_holds_paragraphs_and_lists_and_its_marks_vanish():
    text = "They said:\n> First **thing**,\n> on two lines.\n>\n> - one\n> - two\n\nThen no more."

    html = render(text).replace("\n", "")

    assert html == (
        "<p>They said:</p><blockquote><p>First <strong>thing</strong>,<br>on two lines.</p>"
        "<ul><li>one</li><li>two</li></ul></blockquote><p>Then no more.</p>"
    )
    assert plain(text) == "They said:\n\nFirst thing,\non two lines.\n\none\ntwo\n\nThen no more."


def test_nothing_is_lost_below_the_deepest_quotation():
    html = render("> " * 40 + "word")

    assert html.count("<blockquote>") < 20
    assert words(html).replace(">", "").split() == ["word"]


def test_escaped_marks_are_shown():
    assert render(r"\*not soft\*") == "<p>*not soft*</p>"


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("www.example.org.", '<a href="https://www.example.org" rel="noreferrer">www.example.org</a>.'),
        (
            "(https://example.org/a_b_c)",
            '(<a href="https://example.org/a_b_c" rel="noreferrer">https://example.org/a_b_c</a>)',
        ),
        ("[here](https://example.org)", '<a href="https://example.org" rel="noreferrer">here</a>'),
        ('[here](https://example.org "title")', '<a href="https://example.org" rel="noreferrer">here</a>'),
        ("[write](mailto:a@example.org)", '<a href="mailto:a@example.org" rel="noreferrer">write</a>'),
        (
            "https://example.org/%C3%A9",
            '<a href="https://example.org/%C3%A9" rel="noreferrer">https://example.org/%C3%A9</a>',
        ),
        ("reduction.In example.org a@example.org ftp://example.org", None),
    ],
)
def test_links(text, html):
    assert render(text) == f"<p>{html or text}</p>"


@pytest.mark.parametrize(
    "address",
    ["/admin/", "//evil.example/", "evil.example", "javascript:alert(1)", "data:text/html,x", "https:///x", "#a"],
)
def test_a_link_to_no_absolute_address_stays_text(address):
    assert render(f"[here]({address})") == f"<p>[here]({address})</p>"


def test_images_never_appear():
    assert "<img" not in render("![x](https://example.org/x.png) <img src=https://example.org/x.png>")


def test_nothing_is_lost_below_the_deepest_list():
    text = "\n".join("  " * depth + f"- item {depth}" for depth in range(40))

    html = render(text)

    assert [f"item {depth}" in html for depth in range(40)] == [True] * 40


def test_no_text_gives_nothing():
    assert (render(""), plain("")) == ("", "")


def test_plain_text_has_no_marks():
    assert plain("# A *soft* [link](https://example.org)\n\nline\nline\n\n- one\n- two\n\nend &amp;") == (
        "A soft link\n\nline\nline\n\none\ntwo\n\nend &amp;"
    )


def test_address_that_is_too_long_stays_text():
    address = f"https://example.org/{'a' * 2_000}"

    assert render(address) == f"<p>{address}</p>"


@pytest.mark.parametrize(
    "piece",
    ["[", "[](", "[a](", "*", "*a ", "*a**b_", "a*", ">", "> ", "> a\n", "> - ", "> a\n\n", "- ", "1. ",
     "www.", "https://", "*www.a.ca* ", "_a", "\\",
     "https://a.ca/(", '[a](https://x.ca"', "a\n", "- a\n", "- *[a", "[[[a]", "<", "&", "@", "www.a-"],
)  # fmt: skip
def test_hostile_text_takes_no_time(piece):
    text = (piece * 20_000)[:20_000]
    render("ready")

    assert effort(lambda: render(text), limit=1) < 1


def test_blocks_that_begin_from_right_to_left_say_so_and_others_say_nothing():
    shown = render("**سلام** to all\n\nTo سلام\n\n- 1\n- یک\n  - two\n\n# عنوان\n\n2020")

    assert re.findall(r"<[^/>]+>", shown) == [
        '<p dir="rtl">',
        "<strong>",
        "<p>",
        '<ul dir="rtl">',
        "<li>",
        "<li>",
        "<ul>",
        "<li>",
        '<h3 dir="rtl">',
        "<p>",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("2020: (–)", ""),
        ("12 ئەمە", "rtl"),
        ("שלום", "rtl"),
        ("ਪੰਜਾਬੀ سلام", "ltr"),
        ("\u2067سلام\u2069 said", "ltr"),
        ("\u2069\u2068a", ""),
    ],
)
def test_direction_of_a_text_is_that_of_its_first_letter(text, expected):
    assert direction(text) == expected
