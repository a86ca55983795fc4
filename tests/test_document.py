"""The report's article: its words, their order, its links, and what it must not hold."""

import datetime as dt
import re
import unicodedata
from dataclasses import replace
from hashlib import sha256

import pytest

from recommendations.models import ProgressUpdate, Report
from recommendations.reading.entries import (
    AreaEntry,
    CorrectedUpdate,
    CorrectionEntry,
    EarlierReport,
    LinkEntry,
    PartyEntry,
    PhraseEntry,
    SectionEntry,
    StatusOn,
)
from recommendations.reading.snapshot import report_snapshot
from recommendations.report.document import article, document, page, qr_code
from recommendations.report.glance import YEARS, YEARS_IN_WORDS, YearColumn, beginning, references_room
from recommendations.report.languages import in_languages
from recommendations.report.proof import hash_in, without_hash
from tests.documents import MARCH_1, MEANINGS, Text, make_snapshot, make_update, missing_in_order, source_sentences


def words(taken):
    return Text(article(taken)).words


def test_an_update_over_recommendations_that_do_not_follow_one_another_is_printed_once():
    shared = make_update(id=1, text="It is printed once.", statuses=(("1.1", "planned"), ("1.3", "on hold")))
    between = make_update(id=2, text="Something else.", statuses=(("1.2", "planned"),))
    both = make_update(id=3, text="One more.", statuses=(("1.3", "on hold"),))

    html = article(make_snapshot(updates=[shared, between, both], count=3))

    assert (html.count("It is printed once."), html.count("One more.")) == (1, 1)
    assert html.count("See the update under") == 1
    assert '<a href="#r1.1">See the update under 1.1</a>' in html
    assert html.index("One more.") > html.index("See the update under 1.1") > html.index("Something else.")


def test_what_is_printed_above_is_found_whatever_the_reference_looks_like():
    shared = make_update(id=1, text="It is printed once.", statuses=(("1.1", "planned"), ("1.3", "on hold")))
    between = make_update(id=2, text="Something else.", statuses=(("1.2", "planned"),))

    html = article(make_snapshot(updates=[shared, between], count=3, changes={"1.1": {"reference": "12(b)"}}))

    assert '<a href="#r12-b">See the update under 12(b)</a>' in html
    assert 'id="r12-b"' in html


def test_an_update_that_is_referred_to_still_has_its_name_in_a_draft():
    shared = make_update(id=7, text="It is printed once.", statuses=(("1.1", "planned"), ("1.3", "on hold")))
    between = make_update(id=2, text="Something else.", statuses=(("1.2", "planned"),))

    html = article(make_snapshot(updates=[shared, between], count=3), draft="Draft")

    assert html.count('<p class="report-reference">U7</p>') == 2


def test_article_needs_a_report():
    with pytest.raises(ValueError, match="without a report"):
        article(make_snapshot(report=None))


def test_article_is_one_article_without_style_script_or_relative_links():
    html = article(make_snapshot(updates=[make_update(text="[x](https://example.org/)")]))
    page = Text(html)

    assert html.startswith("<article ")
    assert html.rstrip().endswith("</article>")
    assert {"style", "script", "link", "img", "iframe"}.isdisjoint(page.tags)
    assert page.tags.count("h1") == 1
    assert all(re.match(r"https?://|#", value) for name, value in page.attributes if name in {"href", "src"})
    assert {name for name, _ in page.attributes if name.startswith(("on", "style"))} == set()


def test_every_fragment_link_has_its_place_and_ids_are_used_once():
    sections = (SectionEntry("Thanks", "To all.", "before"), SectionEntry("News", "None.", "after"))
    taken = make_snapshot(updates=[make_update()])
    attributes = Text(article(replace(taken, report=replace(taken.report, sections=sections)))).attributes
    ids = [value for name, value in attributes if name == "id"]

    assert len(ids) == len(set(ids))
    assert {"r1.1", "r1.2", "area-1"} <= set(ids)
    assert {value[1:] for name, value in attributes if name == "href" and value.startswith("#")} <= set(ids)


def test_text_of_staff_is_escaped_everywhere():
    canary = "<script>'\"&canary</script>"
    update = make_update(
        text=canary,
        dated_as_published=canary,
        evidence=(LinkEntry(canary, 'https://example.org/"><script>'),),
        corrections=(CorrectionEntry(dt.datetime(2020, 6, 1, tzinfo=dt.UTC), canary),),
    )
    changes = {
        "1.1": {"text": canary, "parties": (PartyEntry("x", canary, False),), "target_as_published": canary},
        "1.2": {"retired_on": MARCH_1, "retired_reason": canary, "replaced_by": ("1.1",)},
    }
    taken = make_snapshot(updates=[update], changes=changes, status_note=canary)
    plan = replace(taken.plan, title=canary, conference_name=canary, acknowledgement=canary, organisation_name=canary)
    report = replace(
        taken.report, title=canary, closing=canary, approval=canary, originally_published=canary, introduction=canary,
        sections=(SectionEntry(canary, canary, "before"),),
    )  # fmt: skip
    area = replace(taken.areas[0], title=canary, introduction=canary)

    page = Text(article(replace(taken, plan=plan, report=report, areas=(area, *taken.areas[1:]))))

    assert "script" not in page.tags
    assert page.words.count("<script>'\"&canary</script>") >= 18


def test_parts_stand_in_order():
    taken = make_snapshot(updates=[make_update(text="The update.", statuses=(("1.1", "completed"),))])
    sections = (SectionEntry("News", "After.", "after"), SectionEntry("Thanks", "Before.", "before"))
    text = words(replace(taken, report=replace(taken.report, sections=sections, approval="Approved by all.")))

    parts = ["Recommendations from", "A Safer Province:", "May 2019 Conference", "One-Year Update", "On the terr",
             "About it.", "Its goals.", "This update.", "Contents", "and where they stand", "Assigned later.",
             "In numbers", "Thanks Before.", "The update.", "News After.", "It is done.", "Stay up to date:",
             "/updates.atom", "Approved by all."]  # fmt: skip
    positions = [text.rindex(part) for part in parts[5:]]
    assert positions == sorted(positions)
    assert [part in text[: positions[0]] for part in parts[:5]] == [True] * 5


def test_cover_is_dated_with_the_period_unless_first_published_elsewhere():
    taken = make_snapshot()

    assert document(taken).cover_date == "May 30, 2019 to June 30, 2020"
    originally = replace(taken, report=replace(taken.report, originally_published="June 2020"))
    assert document(originally).cover_date == "June 2020"


def test_recommendation_without_update_says_so_with_its_last_status():
    last = StatusOn("planned", dt.date(2018, 5, 4), "spring 2018", 99)

    (table,) = document(make_snapshot(changes={"1.1": {"status": last}})).tables

    assert [(item.entry.reference, item.label, item.dated) for item in table.without] == [
        ("1.1", "Planned", "spring 2018"),
        ("1.2", "", ""),
    ]
    assert (table.rows, table.parts) == ((), ())
    assert "No update in this period Last status 1.1 Do 1.1. No update yet 1.2 Do 1.2. No update yet" in words(
        make_snapshot()
    )
    # With each of the two, defined, and counted over all and by area.
    assert words(make_snapshot()).count("No update yet") == 5


def test_one_date_of_all_updates_is_said_once():
    updates = [
        make_update(1, dated_as_published="June 2020"),
        make_update(2, dated_as_published="June 2020", statuses=(("1.2", "planned"),)),
    ]

    text = words(make_snapshot(updates=updates))

    assert text.count("June 2020") == 1
    assert "All updates in this report, and the statuses they record, are dated June 2020." in text


def test_different_dates_stand_with_each_update_and_with_the_status_where_it_is_not_plain():
    both = (("1.1", "planned"), ("1.2", "planned"))
    updates = [make_update(1, dated_on=MARCH_1, statuses=both), make_update(2, statuses=both)]

    (row,) = document(make_snapshot(updates=updates)).tables[0].rows

    assert [statement.dated for statement in row.statements] == ["March 1, 2020", "June 30, 2020"]
    assert [item.dated for item in row.items] == ["June 30, 2020", "June 30, 2020"]


def test_status_of_a_single_update_takes_its_date():
    updates = [make_update(1, dated_on=MARCH_1), make_update(2, statuses=(("1.2", "planned"),))]

    rows = document(make_snapshot(updates=updates)).tables[0].rows

    assert [(row.statements[0].dated, row.items[0].dated) for row in rows] == [
        ("March 1, 2020", ""),
        ("June 30, 2020", ""),
    ]


def test_recommendations_with_the_same_update_share_a_row_but_not_their_status():
    update = make_update(statuses=(("1.1", "planned"), ("1.2", "completed")))

    (row,) = document(make_snapshot(updates=[update])).tables[0].rows

    assert [(item.entry.reference, item.label) for item in row.items] == [("1.1", "Planned"), ("1.2", "Completed")]
    assert article(make_snapshot(updates=[update])).count("What happened in update 1.") == 1
    assert "rowspan" not in article(make_snapshot(updates=[update]))


def test_parties_that_a_row_shares_are_named_once():
    update = make_update(statuses=tuple((f"1.{number}", "planned") for number in (1, 2, 3)))
    funders, police = (PartyEntry("a", "funders", False),), (PartyEntry("b", "police", False),)

    def rows(*parties):
        changes = {f"1.{number}": {"parties": party} for number, party in enumerate(parties, start=1)}
        (row,) = document(make_snapshot(updates=[update], count=3, changes=changes)).tables[0].rows
        return row.parties, [item.parties for item in row.items]

    assert rows(funders, funders, funders) == (("All addressed to: funders",), ["", "", ""])
    assert rows(funders, funders, police) == (
        ("1.1 to 1.2 addressed to: funders", "1.3 addressed to: police"),
        ["", "", ""],
    )
    assert rows(funders, police, funders) == ((), ["funders", "police", "funders"])
    assert rows((), (), ()) == ((), ["", "", ""])


def test_row_whose_evidence_is_long_may_go_on_overleaf():
    link = LinkEntry("Minutes", "https://example.org/minutes")
    rows = [
        document(make_snapshot(updates=[make_update(evidence=(link,) * count)])).tables[0].rows[0] for count in (2, 20)
    ]

    assert [row.is_long for row in rows] == [False, True]


def test_long_title_of_a_report_does_not_head_its_tables():
    taken = make_snapshot(updates=[make_update()])
    longer = replace(
        taken, report=replace(taken.report, title="Update of the second year on housing, shelter and rest")
    )

    heads = [document(one).tables[0].columns[1] for one in (taken, longer)]

    assert heads == ["One-Year Update", "Updates"]


def test_retired_recommendation_leads_to_its_replacement_where_that_is_in_the_report():
    retired = {"retired_on": MARCH_1, "retired_reason": "It was split.", "replaced_by": ("1.2", "1.9")}
    html = article(make_snapshot(changes={"1.1": retired}))

    assert "Retired on March 1, 2020: It was split. Replaced by 1.2, 1.9." in Text(html).words
    assert '<a href="#r1.2">1.2</a>' in html
    assert "#r1.9" not in html


def test_only_statuses_that_occur_are_defined():
    taken = make_snapshot(updates=[make_update(statuses=(("1.1", "on hold"), ("1.2", "completed")))])

    assert [meaning.key for meaning in document(taken).meanings] == ["on hold", "completed"]
    assert [meaning.key for meaning in document(make_snapshot()).meanings] == [""]


def test_area_without_recommendations_is_left_out():
    taken = make_snapshot()

    assert (
        document(replace(taken, areas=(*taken.areas, AreaEntry(2, "Empty", "", ())))).tables == document(taken).tables
    )


def test_correction_is_told_with_its_date():
    correction = CorrectionEntry(dt.datetime(2020, 7, 1, 3, tzinfo=dt.UTC), "Spelling only.")

    assert "Corrected on June 30, 2020: Spelling only." in words(
        make_snapshot(updates=[make_update(corrections=(correction,))])
    )


def test_edition_says_its_number_day_and_reason_and_a_preview_says_that_it_is_one(settings):
    settings.SITE_URL = "https://tracker.example.org"

    published, preview = words(make_snapshot()), words(make_snapshot(edition=None))

    assert "2, published on July 1, 2020" in published
    assert "A name was <misspelt>." in published
    assert "https://tracker.example.org/reports/one-year-update-2020/editions/2/" in published
    assert "Preview" not in published
    assert preview.count("Preview, not published") == 2
    assert "/editions/" not in preview


def test_page_needs_no_other_file():
    taken = make_snapshot()

    html = page(article(taken), taken, pictures={})

    assert article(taken) in html
    assert f"<title>{taken.report.title} – {taken.plan.organisation_name}</title>" in html
    assert 'url("data:font/woff2' in html
    assert re.findall(r"url\(\"(?!data:)[^)]*\)|<link|<script|src=", html) == []


def make_earlier(*, statuses, title="Half-Year Update", ends_on=dt.date(2019, 5, 29)):
    return EarlierReport(title, ends_on.replace(month=1), ends_on, tuple(statuses.items()))


def test_glance_counts_what_is_current_by_status_and_area():
    updates = [make_update(statuses=(("1.1", "on hold"), ("1.2", "on hold"), ("1.3", "completed")))]
    taken = make_snapshot(updates=updates, count=5, changes={"1.1": {"retired_on": MARCH_1, "retired_reason": "Why."}})

    glance = document(taken).glance

    assert (glance.count, glance.covered) == (4, 2)
    assert [(total.label, total.count) for total in glance.totals] == [
        ("On hold", 1),
        ("Completed", 1),
        ("No update yet", 2),
    ]
    assert [area.totals for area in glance.areas] == [glance.totals]
    assert "Working &amp; Together. On hold: 1, Completed: 1, No update yet: 2." in glance.areas[0].drawing
    assert "4 recommendations, and where they stand 1 On hold 1 Completed 2 No update yet 2 of them have" in words(
        taken
    )


def test_first_report_says_nothing_of_changes_or_years():
    glance = document(make_snapshot(updates=[make_update()])).glance

    assert (glance.changes, glance.years) == (None, None)


def test_changes_since_the_report_before():
    keys = ["completed", "planned", "on hold", "on hold", "planned"]
    update = make_update(statuses=tuple((f"1.{number}", key) for number, key in enumerate(keys, start=1)))
    retired = {"retired_on": MARCH_1, "retired_reason": "Why."}
    before = {"1.1": "on hold", "1.2": "", "1.3": "on hold", "1.5": "planned", "1.6": "", "1.9": "planned"}
    taken = make_snapshot(
        updates=[update], count=6, changes={"1.5": retired}, previous=(make_earlier(statuses=before),)
    )

    changes = document(taken).glance.changes

    assert changes.since == "Half-Year Update"
    assert [(row.reference, *(cell.label for cell in row.cells)) for row in changes.moved] == [
        ("1.1", "On hold", "Completed"),
        ("1.2", "", "Planned"),
    ]
    assert [(label, [reference for reference, _ in members]) for label, members in changes.groups] == [
        ("New", ["1.4"]),
        ("Retired", ["1.5"]),
        ("Updated, with the same status", ["1.3"]),
        ("No update in this period", ["1.6"]),
    ]
    assert "What changed since the Half-Year Update Status changed From To 1.1 Do 1.1. On hold Completed" in words(
        taken
    )
    assert "No status changed." in words(make_snapshot(previous=(make_earlier(statuses={"1.1": "", "1.2": ""}),)))


def years_after(*ends):
    """The table of years of a report of June 2020 after reports that ended in May of the years `ends`."""
    earlier = [
        make_earlier(statuses={"1.1": "planned"}, title=f"Update {year}", ends_on=dt.date(year, 5, 29)) for year in ends
    ]
    update = make_update(statuses=(("1.1", "completed"), ("1.2", "on hold")))
    return document(make_snapshot(updates=[update], previous=tuple(earlier))).glance.years


def test_years_stand_side_by_side_oldest_first():
    years = years_after(2018, 2019)

    assert years.columns == (
        YearColumn("Update 2018", "May 2018", "May 2018"),
        YearColumn("Update 2019", "May 2019", "May 2019"),
        YearColumn("One-Year Update", "June 2020", "June 2020"),
    )
    assert [cell.label for cell in years.rows[0].cells] == ["Planned", "Planned", "Completed"]
    assert [cell.is_listed for cell in years.rows[1].cells] == [False, False, True]
    assert (years.marks, years.has_blanks, years.left_out) == ((), False, ())


def test_more_years_than_words_fit_for_are_shown_by_marks_that_are_explained():
    years = years_after(*range(2017, 2020))

    assert len(years.columns) == YEARS_IN_WORDS + 1
    assert years.marks == (("planned", "Planned"), ("on hold", "On hold"), ("completed", "Completed"))
    assert years.has_blanks
    assert [cell.label for cell in years.rows[0].cells] == ["Planned"] * 3 + ["Completed"]


def test_the_first_report_and_the_newest_stay_when_years_do_not_fit():
    years = years_after(*range(2007, 2020))

    assert len(years.columns) == YEARS
    assert [column.title for column in years.columns[:2]] == ["Update 2007", "Update 2010"]
    assert [column.title for column in years.columns[-2:]] == ["Update 2019", "One-Year Update"]
    assert [column.title for column in years.left_out] == ["Update 2008", "Update 2009"]


def test_years_that_are_left_out_are_named():
    taken = make_snapshot(
        previous=tuple(
            make_earlier(statuses={}, title=f"Update {year}", ends_on=dt.date(year, 9, 30))
            for year in range(2008, 2020)
        )
    )

    said = words(taken)

    assert "Not shown for lack of room: Update 2009 (September 2009)." in said
    assert "Recommendation Sept. 2008Sept. 2010" in said


def test_labels_that_do_not_fit_in_every_column_are_known():
    taken = make_snapshot()
    meanings = (
        replace(MEANINGS[0], label="For others to act on"),
        replace(MEANINGS[1], label="Held back until they answer"),
    )

    assert not document(replace(taken, statuses=meanings[:1])).glance.has_long_labels
    assert document(replace(taken, statuses=meanings)).glance.has_long_labels
    assert article(replace(taken, statuses=meanings)).startswith('<article class="report report--long-labels"')


@pytest.mark.parametrize(
    ("references", "room"),
    [
        ([], 0),
        (["1.1", "10.1"], 0),
        (["10.1"], 4),
        (["17.79"], 6),
        (["12(b)", "C2A 42"], 6),
        (["C2A 108"], 10),
        (["1"] * 9 + ["Article 22, paragraph 2"], 0),
        (["Article 22, paragraph 2"], 10),
    ],
)
def test_there_is_room_for_most_references(references, room):
    assert references_room(references) == room


def test_status_that_only_an_earlier_report_gave_is_defined_too():
    taken = make_snapshot(updates=[make_update()], count=1, previous=(make_earlier(statuses={"1.1": "completed"}),))

    assert [meaning.key for meaning in document(taken).meanings] == ["on hold", "completed"]


def test_beginning_ends_at_a_word():
    assert beginning("Short.") == "Short."
    assert beginning("word " * 40) == "word word word word word word word word word word…"
    assert beginning("w" * 100) == "w" * 53 + "…"


def test_corrections_since_the_last_edition_are_told():
    at = dt.datetime(2020, 7, 1, 3, tzinfo=dt.UTC)
    corrected = (
        CorrectedUpdate(at, "A wrong year.", False, ("1.1", "1.2")),
        CorrectedUpdate(at, "Of no use.", True, ("1.2",)),
    )

    text = words(make_snapshot(corrected=corrected))

    assert "June 30, 2020 The update on 1.1, 1.2 was corrected: A wrong year." in text
    assert "June 30, 2020 The update on 1.2 was withdrawn: Of no use." in text
    assert "Corrections since" not in words(make_snapshot())


SQUAMISH = PhraseEntry("Sk\u0331wx\u0331w\u00fa7meshi", "squ")


@pytest.mark.parametrize("form", ["NFC", "NFD", ""])
def test_phrase_is_marked_with_its_language_and_stays_letter_for_letter(form):
    text = unicodedata.normalize(form, SQUAMISH.text) if form else SQUAMISH.text

    marked = in_languages(f"<p>the {text}, and {text}.</p>", [SQUAMISH])

    span = f'<span lang="squ">{text}</span>'
    assert marked == f"<p>the {span}, and {span}.</p>"


@pytest.mark.parametrize(
    "html",
    [
        "<p>{}m</p>",
        "<p>a{}</p>",
        "<p>{}\u0301</p>",
        '<p title="{}">x</p>',
        "<p title='> {}'>x</p>",
        "<svg><title>{}</title><g><text>{}</text></g></svg>",
    ],
)
def test_phrase_is_marked_neither_in_longer_words_nor_in_attributes_and_drawings(html):
    html = html.replace("{}", SQUAMISH.text)

    assert in_languages(html, [SQUAMISH]) == html


def test_longer_phrase_goes_before_a_shorter_one_and_markup_is_escaped():
    phrases = [PhraseEntry("l'été", "fr"), PhraseEntry("pendant l'été", "fr-CA"), PhraseEntry("<b> & x", "und")]

    assert in_languages("pendant l'été, l&#x27;été &lt;b&gt; &amp; x", phrases) == (
        '<span lang="fr-CA">pendant l\'été</span>, <span lang="fr">l&#x27;été</span> '
        '<span lang="und">&lt;b&gt; &amp; x</span>'
    )


def test_acknowledgement_names_are_marked_in_the_article():
    taken = make_snapshot(phrases=(PhraseEntry("X\u0331wm\u0259\u03b8kw\u0259y\u0313\u0259m", "hur"),))

    assert '<span lang="hur">X̱wməθkwəy̓əm</span>.' in article(taken)
    assert Text(without_hash(article(taken))).words == Text(without_hash(article(replace(taken, phrases=())))).words


def test_qr_code_is_a_drawing_that_says_where_it_leads():
    drawing = qr_code("https://tracker.example.org/?a=<b>&c")

    assert drawing.startswith('<svg role="img" ')
    assert "<title>QR code of the address https://tracker.example.org/?a=&lt;b&gt;&amp;c</title>" in drawing
    assert qr_code("https://tracker.example.org/") != qr_code("https://tracker.example.org/x")


def test_colophon_says_what_can_be_checked(settings):
    settings.SITE_URL = "https://tracker.example.org"
    taken = make_snapshot()
    originally = replace(taken, report=replace(taken.report, originally_published="June 2019"))

    stored = sha256(taken.to_json().encode()).hexdigest()

    assert (
        f"Content, SHA-256 {stored} of "
        "https://tracker.example.org/reports/one-year-update-2020/editions/2/snapshot.json"
    ) in words(taken)
    assert hash_in(article(taken)) == stored
    assert without_hash(article(taken)).count("<li") == article(taken).count("<li") - 1
    assert stored not in without_hash(article(taken))
    assert "SHA-256" not in words(make_snapshot(edition=None))
    assert hash_in(article(make_snapshot(edition=None))) == ""
    assert "June 2019. This edition is a new layout of the same text." in words(originally)
    assert "Assigned later." not in words(taken).partition("About this edition Edition")[2]
    assert "https://tracker.example.org/updates.atom" in words(taken)


@pytest.mark.usefixtures("plan_2020")
def test_article_of_2020_holds_the_sources_sentences_in_order():
    report = Report.objects.get()
    ready = ProgressUpdate.objects.ready().values_list("pk", flat=True)
    text = words(report_snapshot(report, including=list(ready)))

    assert missing_in_order(source_sentences(), text) == []
