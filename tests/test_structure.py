"""An adopted text keeps its structure, and each letter of it."""

import csv
import datetime as dt
import re
from html import unescape

import pytest
from django.urls import reverse
from django.utils.safestring import SafeString

from recommendations.publishing.reports import publish_report
from recommendations.text.structure import Paragraph, blocks, line_count, one_line, parts, render
from tests.effort import effort
from tests.factories import make_party, make_recommendation, make_report, make_update

LETTERED = "Cities should: a) open a night shelter; b) keep it warm; and c) say who runs it."
DASHES = "Cities should:\n\n- Open a night shelter.\n\n- Keep it warm.\n\nSay who runs it."


def tree(found):
    """Blocks as nested lists: a string for a paragraph, and pairs of a mark and what its point says for a list."""
    return [
        " / ".join(block.lines)
        if isinstance(block, Paragraph)
        else [(point.mark, tree(point.blocks)) for point in block.points]
        for block in found
    ]


def html(text, before="", attributes=""):
    return render(text, before=SafeString(before), attributes=SafeString(attributes))


def words(html):
    """The words of `html` as they are copied from a page: blocks and line breaks part them, nothing else does."""
    return unescape(re.sub("<[^>]+>", "", re.sub(r"</?(?:p|div|li|ul|ol|br)\b[^>]*>", "\n", html))).split()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Open a night shelter.", ["Open a night shelter."]),
        ("Open a night shelter,\nkeep it warm.\n\nSay so.", ["Open a night shelter, / keep it warm.", "Say so."]),
        (DASHES, [
            "Cities should:",
            [("-", ["Open a night shelter."]), ("-", ["Keep it warm."])],
            "Say who runs it.",
        ]),
        ("a) one\n b) two,\nsoftly\nc) three", [[("a)", ["one"]), ("b)", ["two, / softly"]), ("c)", ["three"])]]),
        ("(a) one:\n(i) this\n(ii) that\n(b) two", [
            [("(a)", ["one:", [("(i)", ["this"]), ("(ii)", ["that"])]]), ("(b)", ["two"])],
        ]),
        ("a. one:\n\ni. this\n\nii. that\n\nb. two", [
            [("a.", ["one:", [("i.", ["this"]), ("ii.", ["that"])]]), ("b.", ["two"])],
        ]),
        ("- one\n  - this\n  - that\n- two", [[("-", ["one", [("-", ["this"]), ("-", ["that"])]]), ("-", ["two"])]]),
        ("1. one\n- this\n- that\n2. two", [[("1.", ["one", [("-", ["this"]), ("-", ["that"])]]), ("2.", ["two"])]]),
        ("1) one\n2) two\n1) three\n2) four", [
            [("1)", ["one"]), ("2)", ["two"])], [("1)", ["three"]), ("2)", ["four"])],
        ]),
        ("h) one\ni) two\nj) three", [[("h)", ["one"]), ("i)", ["two"]), ("j)", ["three"])]]),
        ("9. one\n10. two\n12. three", [[("9.", ["one"]), ("10.", ["two"]), ("12.", ["three"])]]),
        ("12(a) one\n12(b) two\n\n1.1 one\n1.2 two", [
            [("12(a)", ["one"]), ("12(b)", ["two", [("1.1", ["one"]), ("1.2", ["two"])]])],
        ]),
        ("•One\n•Two\n– This\n– That", [[("•", ["One"]), ("•", ["Two", [("–", ["This"]), ("–", ["That"])]])]]),
        ("a) one\nb) two\n\nMeanwhile.\n\nc) three", [
            [("a)", ["one"]), ("b)", ["two"])], "Meanwhile.", [("c)", ["three"])],
        ]),
        ("a)\none\nb)\ntwo", [[("a)", ["one"]), ("b)", ["two"])]]),
        (LETTERED, [
            "Cities should:",
            [("a)", ["open a night shelter;"]), ("b)", ["keep it warm; and"]), ("c)", ["say who runs it."])],
        ]),
        ("The city should (i) listen, (ii) answer and (iii) act.", [
            "The city should", [("(i)", ["listen,"]), ("(ii)", ["answer and"]), ("(iii)", ["act."])],
        ]),
        ("To: (a) help, by (i) money, (ii) time; (b) thank.", [
            "To:", [("(a)", ["help, by", [("(i)", ["money,"]), ("(ii)", ["time;"])]]), ("(b)", ["thank."])],
        ]),
        ("La ville doit : 1° écouter; 2° aider.", ["La ville doit :", [("1°", ["écouter;"]), ("2°", ["aider."])]]),
        ("Please: 1. listen; 2. answer.", ["Please:", [("1.", ["listen;"]), ("2.", ["answer."])]]),
        ("", []),
    ],
)  # fmt: skip
def test_paragraphs_and_points_are_found(text, found):
    assert tree(blocks(text)) == found


@pytest.mark.parametrize(
    "text",
    [
        "Repeal section 43(a) and b) of the Act.",
        "See paragraphs (a) and (b) of Bill C-36, from a) to b), a) or b).",
        "Repeal: (a) and (b) of the Act.",
        "As Bill C-36 a) says, and as in 2019. It was 2020.",
        "A. Smith, B. Jones and C. Brown wrote it.",
        "2019. The year.\n2020. The next.",
        "A. Smith wrote it.\nSo he said.",
        "It was cold,\n-5 degrees\n-6 degrees",
        "- A dash alone.",
        "It rose from\n1. to\nanother.",
        "Vitamins a) and (b) are not 1. and 2. of these: i.e. e.g. a. m.",
        "iiii) is no numeral.\nvv) nor is this.\nXXX. and this isn't one that is known.",
    ],
)
def test_ordinary_prose_is_no_list(text):
    assert [type(block) for block in blocks(text)] == [Paragraph] * (text.count("\n\n") + 1)


@pytest.mark.parametrize(
    "text",
    [
        LETTERED,
        DASHES,
        "(a) <b>one</b> & 'two':\n(i) this\n(ii) that \"x\"\n\t(b)  two\n\n> I swear\n# not Markdown, *really*",
        "X̱wməθkwəy̓əm:\n\uf0b7 k\u0331\n\uf0b7\u1e35 e\u0301",
        "•One\n•Two\n\n\n* three\n* four\n1°\nfive\n2° six",
        "A. Smith\nB. Jones\n\n- alone\nsoft\n\n1. single:\n- this\n- that",
    ],
)
def test_no_letter_changes_and_marks_are_copied_as_typed(text):
    assert words(html(text)) == text.split()


def test_a_text_of_one_line_is_a_paragraph_as_it_was_typed():
    assert html("A  <line> & more ", "<b>3.2</b> ", ' class="text"') == (
        '<p class="text" dir="auto"><b>3.2</b> A  &lt;line&gt; &amp; more </p>'
    )


def test_a_structured_text_is_a_list_that_screen_readers_hear():
    assert html("Do:\na) one,\nsoft\nb) two\n- x\n- y", "<b>3.2</b> ", ' class="text"') == (
        '<div class="text"><p dir="auto"><b>3.2</b> Do:</p><ol type="a" class="points points--short" role="list">'
        '<li class="points__point"><span class="points__mark">a)</span> one,<br>soft</li>'
        '<li class="points__point"><span class="points__mark">b)</span> two'
        '<ul class="points points--bullets" role="list">'
        '<li class="points__point"><span class="points__mark">-</span> x</li>'
        '<li class="points__point"><span class="points__mark">-</span> y</li></ul></li></ol></div>'
    )


def test_a_list_is_written_as_its_words_are_whatever_its_marks():
    assert html("a) سلام\nb) one").startswith('<div><ol type="a" dir="rtl" class="points points--short" role="list">')


def test_what_comes_before_a_text_that_begins_with_a_list_has_a_line_of_its_own():
    assert html("- one\n- two", "<b>3.2</b> ").startswith('<div><p class="points__before"><b>3.2</b> </p><ul ')


@pytest.mark.parametrize(
    ("text", "first", "rest"),
    [
        ("A  <line> & more ", "A  &lt;line&gt; &amp; more ", ""),
        ("Do:\nsoon\n\nand well", "Do:<br>soon", '<p dir="auto">and well</p>'),
        ("Do:\n• one\n• two", "Do:", html("• one\n• two")[len("<div>") : -len("</div>")]),
        ("• one\n• two", "", html("• one\n• two")[len("<div>") : -len("</div>")]),
        ("", "", ""),
    ],
)
def test_the_first_paragraph_can_be_a_heading(text, first, rest):
    assert parts(text) == (first, rest)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("Open  it. ", "Open  it. "),
        ("Open it,\nand soon.", "Open it, and soon."),
        (LETTERED, "Cities should: …"),
        ("a) one,\nsoftly\nb) two", "a) one, softly …"),
        ("", ""),
    ],
)
def test_where_there_is_one_line_the_text_begins_on_it(text, line):
    assert one_line(text) == line


def test_lines_are_counted_by_paragraph_and_point():
    assert [line_count(text, width=20) for text in ("", "x" * 39, "a) one\nb) two\nc) " + "x" * 30)] == [0, 1, 3]


@pytest.mark.parametrize(
    "piece",
    ["- ", "- a\n", "a) ", "a) x; ", "(i) a; (ii) b; ", "1. a\n", "i) a\n", "•", "• a\n\nx\n\n", "1.", "1.1.1", "a)\n",
     " ", "\t\n", "a) b) ", "- a\n\n", "  - a\n", "a) i) 1) b) ii) 2) ", "1) a\na) b\ni) c\n- d\n"],
)  # fmt: skip
def test_hostile_text_takes_no_time(piece):
    text = (piece * 20_000)[:20_000]
    html("ready")

    assert effort(lambda: html(text), limit=1) < 1
    assert words(html(text)) == text.split()


@pytest.mark.django_db
@pytest.mark.usefixtures("fake_pdf")
def test_points_are_a_list_on_every_page_and_letters_in_the_data(client, staff, user, now):
    typed = "Cities should:\n\na) open a night shelter;\n\nb) keep it warm."
    one = make_recommendation(text=typed, parties=[make_party(name="cities", slug="cities")])
    update = make_update(statuses={one: "planned"})
    publish_report(report := make_report(), by=user, at=now)
    shown = html(typed)[len("<div>") :]
    public = [
        "/", "/?q=shelter", "/areas/1/", "/recommendations/1.1/", "/parties/cities/",
        update.get_absolute_url(), report.get_absolute_url(),
    ]  # fmt: skip

    pages = {address: client.get(address).content.decode() for address in public}
    replacing = staff.get(reverse("admin:recommendations_recommendation_replace", args=[one.pk])).content.decode()
    covering = staff.get("/admin/recommendations/progressupdate/add/?area=1").content.decode()
    (row,) = csv.DictReader(
        client.get("/data/recommendations.csv").content.decode("utf-8-sig").splitlines(keepends=True)
    )
    (recommendation,) = client.get("/data/progress.json").json()["recommendations"]

    assert [address for address, page in pages.items() if '<li class="points__point"' not in page] == []
    assert shown in pages["/recommendations/1.1/"]
    assert shown in replacing
    assert str(one) == "1.1 Cities should: a) open a night shelter; b) keep it warm."
    assert "Cities should: …" in covering
    assert (row["text"], recommendation["text"]) == (typed, typed)


@pytest.mark.django_db
def test_the_board_shows_how_a_text_begins(staff):
    make_recommendation(text=LETTERED)
    make_report()

    assert "<strong>1.1</strong> Cities should: …</label>" in staff.get("/admin/").content.decode()


@pytest.mark.django_db
@pytest.mark.usefixtures("fake_pdf")
def test_where_years_are_compared_a_text_begins_on_one_line(client, user, now):
    one = make_recommendation(text=LETTERED)
    make_update(statuses={one: "planned"})
    publish_report(make_report(), by=user, at=now)
    second = make_report(starts_on=dt.date(2020, 7, 1), ends_on=dt.date(2020, 7, 2), slug="second")
    make_update(statuses={one: "completed"}, dated_on=dt.date(2020, 7, 2))
    publish_report(second, by=user, at=now)

    page = client.get("/reports/second/changes/").content.decode()

    assert '<span class="matrix__text">Cities should: …</span>' in page
    assert page.count('<li class="points__point">') == 3


@pytest.mark.parametrize(
    ("text", "size"),
    [("• a\n• b", "bullets"), ("9. a\n10. b", "short"), ("(ii) a\n(iii) b", "long"), ("ii. a\niii. b", "short")],
)
def test_wide_marks_have_a_wider_margin(text, size):
    assert f'class="points points--{size}"' in html(text)
