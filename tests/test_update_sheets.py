"""Past updates from spreadsheets: what each kind of cell, row and file comes to, and that all of it stays a draft."""

import csv
import datetime as dt
import io
import re
import threading
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from openpyxl import Workbook
from openpyxl.comments import Comment

from recommendations.accounts.roles import Role
from recommendations.data.sheets import opened, read_sheet
from recommendations.models import EvidenceLink, ProgressUpdate, StatusWording
from recommendations.publishing.acts import Refused, Unchanged
from recommendations.publishing.importing.updates import act
from recommendations.publishing.importing.updates import check as checking
from recommendations.publishing.importing.updates.columns import UPDATES
from recommendations.publishing.importing.updates.coverage import Coverage, NotRead
from recommendations.publishing.importing.updates.days import NotADay, day_of
from recommendations.publishing.importing.updates.evidence import links_in, with_copies
from recommendations.publishing.updates import Content
from recommendations.reading import findings
from tests.factories import make_area, make_plan, make_recommendation, make_report, make_update
from tests.people import account, signed_in

IMPORT = "/admin/recommendations/progressupdate/import/"
HEADING = ["date", "references", "status", "text", "evidence", "private note"]
ON = dt.date(2020, 7, 1)


def rows_to_csv(rows, *, delimiter=",", encoding="utf-8"):
    file = io.StringIO()
    csv.writer(file, delimiter=delimiter).writerows(rows)
    return file.getvalue().encode(encoding)


def rows_to_workbook(rows, change=lambda sheet: None):
    workbook, file = Workbook(), io.BytesIO()
    for row in rows:
        workbook.active.append(row)
    change(workbook.active)
    workbook.save(file)
    return file.getvalue()


def read(content, name="updates.csv"):
    return read_sheet(content, name=name, columns=UPDATES.names())


def check(*rows, heading=HEADING):
    return checking.check(read(rows_to_csv([heading, *rows])), on=ON)


def check_workbook(*rows, change=lambda sheet: None, heading=HEADING):
    return checking.check(read(rows_to_workbook([heading, *rows], change)), on=ON)


def imported(sheet, *, by, reason=""):
    shown = checking.check(sheet, on=timezone.localdate())
    assert shown.faults == ()
    return act.import_updates(sheet, confirmed=shown.confirmed, by=by, at=timezone.now(), reason=reason)


def told(proposal):
    """What came of the rows, in short: the rows, the day, the words, what is covered, the text."""
    return [
        (draft.rows, draft.dated_on.isoformat(), draft.dated_as_published, dict(draft.statuses), draft.text)
        for draft in proposal.drafts
    ]


def faults_of(proposal):
    return [str(fault) for fault in proposal.faults]


@pytest.fixture
def plan(db):
    """Areas 3 and 4 with recommendations 3.1 to 3.4, 4.1 and 4.2."""
    three, four = make_area(number=3, title="Reporting"), make_area(number=4, title="Words")
    return {
        one.reference: one
        for one in [
            *(make_recommendation(area=three) for _ in range(4)),
            *(make_recommendation(area=four) for _ in range(2)),
        ]
    }


# Days


@pytest.mark.parametrize(
    ("cell", "day", "words"),
    [
        ("2020-06-30", "2020-06-30", ""),
        ("2020-06-30 14:05", "2020-06-30", ""),
        ("2020/6/3", "2020-06-03", ""),
        ("30/06/2020", "2020-06-30", ""),
        ("06/30/2020", "2020-06-30", ""),
        ("5.5.2020", "2020-05-05", ""),
        ("June 30, 2020", "2020-06-30", ""),
        ("Jun. 30 2020", "2020-06-30", ""),
        ("Tuesday, June 30th, 2020", "2020-06-30", ""),
        ("30 June 2020", "2020-06-30", ""),
        ("30-Jun-2020", "2020-06-30", ""),
        ("mardi 30 juin 2020", "2020-06-30", ""),
        ("1er août 2019", "2019-08-01", ""),
        ("1 AOUT 2019", "2019-08-01", ""),
        ("Sept.\u00a05, 2019", "2019-09-05", ""),
        ("June 2020", "2020-06-30", "June 2020"),
        ("février 2020", "2020-02-29", "février 2020"),
        ("June, 2020", "2020-06-30", "June, 2020"),
        ("Jun-2020", "2020-06-30", "June 2020"),
        ("2020-06", "2020-06-30", "June 2020"),
        ("06/2020", "2020-06-30", "June 2020"),
    ],
)
def test_a_day_is_read_as_precisely_as_it_is_known(cell, day, words):
    assert day_of(cell) == (dt.date.fromisoformat(day), words)


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        ("03/04/2020", "“03/04/2020” may be April 3, 2020 or March 4, 2020. Write it like 2020-04-03."),
        ("3.4.2020", "may be April 3, 2020 or March 4, 2020"),
        ("13/13/2020", "isn't a date"),
        ("2020-02-30", "isn't a date"),
        ("June 31, 2020", "isn't a date"),
        ("30/06/20", "can be read in several ways"),
        ("Jun-20", "can be read in several ways"),
        ("30-Jun", "can be read in several ways"),
        ("2020", "is only a year"),
        ("fall 2020", "isn't a date"),
        ("44012", "isn't a date"),
        ("Total", "isn't a date"),
        ("\0", "isn't a date"),
        ("9" * 60_000, "isn't a date"),
    ],
)
def test_what_may_be_another_day_is_refused_with_the_cure(cell, why):
    with pytest.raises(NotADay) as refused:
        day_of(cell)

    assert why in str(refused.value)


# References and statuses


@pytest.mark.parametrize(
    ("cell", "references"),
    [
        ("3.1", ["3.1"]),
        (" 3.1. ", ["3.1"]),
        ("3.2, 3.1", ["3.1", "3.2"]),
        ("3.1; 3.2\n3.4", ["3.1", "3.2", "3.4"]),
        ("3.1 and 3.2", ["3.1", "3.2"]),
        ("3.1, 3.2 et 3.4", ["3.1", "3.2", "3.4"]),
        ("3.1 to 3.4", ["3.1", "3.2", "3.3", "3.4"]),
        ("3.1–3.3", ["3.1", "3.2", "3.3"]),
        ("3.1 à 3.2; 3.4", ["3.1", "3.2", "3.4"]),
        ("3.1, 3.1", ["3.1"]),
    ],
)
def test_references_are_read_as_people_list_them(plan, cell, references):
    assert list(Coverage(plan).references(cell)) == references


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        ("", "Say which recommendations it covers"),
        ("3.9", "There is no recommendation 3.9 in the plan."),
        ("Total", "There is no recommendation Total in the plan."),
        ("3.1, 3.9", "There is no recommendation 3.9 in the plan."),
        ("3,1", "“3,1” is written with a comma, as a number. Write 3.1"),
        ("2-Mar", "“2-Mar” is a date, which a spreadsheet program made of it."),
        ("3.4 to 3.1", "It isn't clear which ones “3.4 to 3.1” means."),
        ("3.1 to 4.1", "It isn't clear which ones “3.1 to 4.1” means."),
        ("3.1, 4.1", "These belong to different areas"),
        ("3.1\0", "There is no recommendation 3.1\ufffd in the plan."),
    ],
)
def test_references_that_are_unknown_or_unclear_are_refused(plan, cell, why):
    with pytest.raises(NotRead) as refused:
        Coverage(plan).references(cell)

    assert why in str(refused.value)


def test_a_range_is_refused_where_the_plan_has_another_order_or_a_gap(db):
    area = make_area(number=3)
    plan = {
        f"3.{number}": make_recommendation(area=area, reference=f"3.{number}", position=position)
        for position, number in enumerate([1, 5, 2, 3], start=1)
    }

    for cell in ("3.1 to 3.3", "3.3 to 3.5"):
        with pytest.raises(NotRead, match="It isn't clear"):
            Coverage(plan).references(cell)


@pytest.mark.parametrize(
    ("cell", "statuses"),
    [
        ("", ["", ""]),
        ("no status yet", ["", ""]),
        ("Ongoing", ["ongoing", "ongoing"]),
        ("in progress.", ["in progress", "in progress"]),
        ("travail termine", ["completed", "completed"]),
        ("3.1: ongoing; 3.2: completed", ["ongoing", "completed"]),
        ("3.1: Ongoing, 3.2: On hold", ["ongoing", "on hold"]),
        ("3.1 – ongoing\n3.2 = planned", ["ongoing", "planned"]),
        ("3.1 and 3.2: planned", ["planned", "planned"]),
        ("3.1-3.2 not started", ["not started", "not started"]),
        ("3.2: completed", ["", "completed"]),
        ("3.1: Ongoing; 3.2: no status yet", ["ongoing", ""]),
        ("Well under way", ["in progress", "in progress"]),
        ("3.1: well under way; 3.2: ongoing", ["in progress", "ongoing"]),
    ],
)
def test_statuses_are_read_for_all_or_one_by_one(plan, cell, statuses):
    StatusWording.objects.create(plan=make_plan(), status="in progress", label="Well under way")

    assert list(Coverage(plan).statuses(cell, ("3.1", "3.2")).values()) == statuses


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        ("Complete", "“Complete” isn't a status. Is it “completed”?"),
        ("quite good", "“quite good” isn't a status. Write one of these: Not started, Planned,"),
        ("3.1: done", "“done” isn't a status"),
        ("3.3: ongoing", "It gives a status for 3.3, which the row doesn't cover."),
        ("3.1: ongoing; 3.1: planned", "It gives 3.1 two statuses."),
        ("9.9: ongoing", "“9.9: ongoing” isn't a status"),
        ("x" * 60_000, "isn't a status"),
    ],
)
def test_what_is_no_status_is_refused(plan, cell, why):
    with pytest.raises(NotRead) as refused:
        Coverage(plan).statuses(cell, ("3.1", "3.2"))

    assert why in str(refused.value)


def test_a_status_that_the_plan_does_not_use_is_refused(plan):
    StatusWording.objects.create(plan=make_plan(), status="on hold", is_used=False)

    with pytest.raises(NotRead, match="isn't a status"):
        Coverage(plan).statuses("on hold", ("3.1",))


# Evidence


@pytest.mark.parametrize(
    ("cell", "links"),
    [
        ("", []),
        ("Minutes <https://a.org/m>", [("Minutes", "https://a.org/m")]),
        (
            "Minutes of May; June <https://a.org/m>; Act <http://b.org>",
            [("Minutes of May; June", "https://a.org/m"), ("Act", "http://b.org")],
        ),
        ("Report <2020> <https://a.org/m>", [("Report <2020>", "https://a.org/m")]),
        (
            "Minutes: https://a.org/m.\nAct – www.b.org/x?y=1;z",
            [("Minutes", "https://a.org/m"), ("Act", "https://www.b.org/x?y=1;z")],
        ),
        ("[Minutes (May)](https://a.org/m)", [("Minutes (May)", "https://a.org/m")]),
        ("Minutes (https://a.org/m)", [("Minutes", "https://a.org/m")]),
        ("https://www.a.org/m; https://b.org", [("a.org", "https://www.a.org/m"), ("b.org", "https://b.org")]),
        ("https://a.org/m;https://b.org", [("a.org", "https://a.org/m"), ("b.org", "https://b.org")]),
        ("Wiki https://a.org/B_(c)", [("Wiki", "https://a.org/B_(c)")]),
    ],
)
def test_evidence_is_read_with_labels_and_addresses(cell, links):
    assert links_in(cell) == links


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        ("Minutes", "“Minutes” has no address."),
        ("Minutes <javascript:alert(1)>", "has no address"),
        ("A <https://a.org>; Minutes", "“Minutes” has no address."),
        ("A <https://a.org>\nB <https://a.org>", "It gives the address https://a.org twice."),
        ("[" * 60_000, "has no address"),
    ],
)
def test_evidence_without_an_address_is_refused(cell, why):
    with pytest.raises(NotRead) as refused:
        links_in(cell)

    assert why in str(refused.value)


def test_archived_copies_belong_to_the_evidence_of_their_label():
    links = [("Minutes", "https://a.org/1"), ("Minutes", "https://a.org/2"), ("Act", "https://b.org")]
    copy = "https://web.archive.org/web/2020/https://a.org/2"

    assert with_copies(links, [("Minutes", copy)])[1] == ("Minutes", "https://a.org/2", copy)
    for label, address in [("Other", copy), ("Minutes", "https://c.org"), ("Act", "https://b.org")]:
        with pytest.raises(NotRead):
            with_copies(links, [(label, address)])


# Rows


def test_a_row_is_one_update(plan):
    proposal = check(["June 2020", "3.1, 3.2", "ongoing", "We met.\n\n- twice", "Minutes <https://a.org>", "By phone."])

    assert told(proposal) == [
        ((2,), "2020-06-30", "June 2020", {"3.1": "ongoing", "3.2": "ongoing"}, "We met.\n\n- twice")
    ]
    (draft,) = proposal.drafts
    assert (draft.links, draft.private_note) == ((("Minutes", "https://a.org", ""),), "By phone.")
    assert (proposal.notices, proposal.known, proposal.silent) == ((), (), 0)


def test_rows_with_the_same_date_and_text_are_one_update_that_covers_what_all_cover(plan):
    proposal = check(
        ["2020-06-30", "3.2", "completed", "We met.", "A <https://a.org>", "One."],
        ["2020-06-30", "4.1", "planned", "We met.", "", ""],
        ["2020-06-30", "3.1", "ongoing", "We  met. ", "B <https://b.org>", "Two."],
        ["2020-06-29", "3.1", "ongoing", "We met.", "", ""],
    )

    assert told(proposal) == [
        ((2, 4), "2020-06-30", "", {"3.1": "ongoing", "3.2": "completed"}, "We met."),
        ((3,), "2020-06-30", "", {"4.1": "planned"}, "We met."),
        ((5,), "2020-06-29", "", {"3.1": "ongoing"}, "We met."),
    ]
    assert [len(draft.links) for draft in proposal.drafts] == [2, 0, 0]
    assert proposal.drafts[0].private_note == "One.\n\nTwo."


def test_each_fault_is_told_by_row_and_column(plan):
    plan["3.4"].retired_on, plan["3.4"].retired_reason = dt.date(2020, 1, 1), "Done."
    plan["3.4"].save()

    found = faults_of(
        check(
            ["03/04/2020", "3.9", "good", "x" * 20_001, "Minutes", "a\0b"],
            ["", "3.1", "ongoing", "", "", ""],
            ["2020-07-02", "3.4", "ongoing", "Text", "A <https://a b>", ""],
            ["2020-06-01", "3.1", "#N/A", "Text", "", ""],
            ["2020-06-02", "3.1", "ongoing", "Same.", "", ""],
            ["2020-06-02", "3.1", "ongoing", "Same.", "", ""],
            ["Total", "13", "", "", "", "", "more"],
        )
    )

    assert [one.partition(": ")[0] for one in found] == [
        "Row 2, column dated_on",
        "Row 2, column references",
        "Row 2, column statuses",
        "Row 2, column text",
        "Row 2, column evidence",
        "Row 2, column private_note",
        "Row 3, column dated_on",
        "Row 3, column text",
        "Row 4, column dated_on",
        "Row 4, column references",
        "Row 4, column evidence",
        "Row 5, column statuses",
        "Row 5, column statuses",
        "Row 7, column references",
        "Row 8",
        "Row 8, column dated_on",
        "Row 8, column references",
        "Row 8, column text",
    ]
    assert "Row 7, column references: It repeats row 6: the same date and text, and 3.1 again." in found
    assert (
        "Row 4, column references: 3.4 was retired on January 1, 2020: give an earlier date, or leave it out." in found
    )


def test_a_template_row_that_says_nothing_is_passed_over_and_an_empty_sheet_is_refused(plan):
    assert check(["", "3.1"], ["2020-06-30", "3.2", "", "Text."], []).silent == 1
    assert faults_of(check()) == ["Row 1: There are no updates below the first row."]


@pytest.mark.parametrize(
    "heading",
    [
        ["Date", "Recommendations", "Status", "What happened", "Sources", "Note for colleagues"],
        ["Date", "Recommandations", "État", "Texte", "À l’appui", "Note pour les collègues"],
        ["dated_on", "references", "statuses", "text", "evidence", "private_note"],
    ],
)
def test_columns_are_known_by_the_names_that_people_use(plan, heading):
    proposal = check(["2020-06-30", "3.1", "ongoing", "Text.", "A <https://a.org>", "Note."], heading=heading)

    assert told(proposal) == [((2,), "2020-06-30", "", {"3.1": "ongoing"}, "Text.")]
    assert (proposal.drafts[0].private_note, proposal.notices) == ("Note.", ())


def test_a_column_that_is_not_read_is_named_and_one_that_is_missing_is_a_fault(plan):
    row = ["2020-06-30", "3.1", "Text.", "said by Kim", "7"]

    assert check(row, heading=["date", "reference", "text", "notes", "id"]).notices == (
        "These columns are not read: “notes” and “id”.",
    )
    assert faults_of(check(row[:4], heading=["when", "reference", "text", "notes"])) == [
        "Row 1, column dated_on: This column is missing. It is required."
    ]


def test_words_for_the_date_have_a_column_and_a_month_in_words_is_enough(plan):
    heading = ["date", "date_as_published", "reference", "text", "sums_up"]

    proposal = check(
        ["2020-03-20", "winter 2020", "3.1", "A.", "yes"], ["", "May 2020", "3.1", "B.", "Non"], heading=heading
    )

    assert [one[1:3] for one in told(proposal)] == [("2020-03-20", "winter 2020"), ("2020-05-31", "May 2020")]
    assert [draft.sums_up for draft in proposal.drafts] == [True, False]
    assert faults_of(check(["", "winter 2020", "3.1", "A.", "perhaps"], heading=heading)) == [
        "Row 2, column dated_on: Give a day too: the last day of what “winter 2020” means.",
        "Row 2, column sums_up: Write yes or no, or leave it empty.",
    ]


# Files


@pytest.mark.parametrize(
    ("delimiter", "encoding", "before"),
    [(",", "utf-8-sig", b""), (";", "cp1252", b""), (";", "utf-8", b"sep=;\r\n"), ("\t", "utf-16", b"")],
)
def test_a_csv_file_is_read_as_programs_save_it(plan, delimiter, encoding, before):
    rows = [HEADING, [], ["2020-06-30", "3.1, 3.2", "ongoing", "Une réunion – à l’hôtel de ville.", "", ""]]

    proposal = checking.check(read(before + rows_to_csv(rows, delimiter=delimiter, encoding=encoding)), on=ON)

    assert [one[4] for one in told(proposal)] == ["Une réunion – à l’hôtel de ville."]


def test_a_workbook_gives_dates_as_precisely_as_it_shows_them(plan):
    rows = [[dt.date(2020, 6, day), "3.1", "ongoing", f"Text {day}."] for day in (1, 2, 3)]

    def change(sheet):
        sheet["A2"].number_format = "mmm\\-yy"
        sheet["A3"].number_format = '[$-409]d" of "mmm'
        sheet["A4"].number_format = "yyyy"

    proposal = check_workbook(*rows, change=change)

    assert faults_of(proposal)[0].startswith("Row 4, column dated_on: “2020” is only a year.")
    assert [one[1:3] for one in told(check_workbook(*rows[:2], change=change))] == [
        ("2020-06-30", "June 2020"),
        ("2020-06-02", ""),
    ]


def test_hidden_rows_columns_and_sheets_and_comments_are_not_read_and_what_was_hidden_is_named(plan):
    rows = [
        ["2020-06-30", "3.1", "ongoing", "Shown.", "", "Kim said so"],
        ["2020-06-30", "3.2", "ongoing", "Secret name.", "", ""],
        ["2020-06-30", "3.3", "ongoing", "Shown too.", "", "Kim again"],
    ]

    def change(sheet):
        sheet.row_dimensions[3].hidden = True
        sheet.row_dimensions[9].hidden = True
        sheet.column_dimensions["F"].hidden = True
        sheet["D2"].comment = Comment("Kim Secret, 604 555 0100", "Kim")
        other = sheet.parent.create_sheet("old")
        other.append([*HEADING, "sums_up"])
        other.sheet_state = "hidden"

    proposal = check_workbook(*rows, change=change)

    assert [one[4] for one in told(proposal)] == ["Shown.", "Shown too."]
    assert [draft.private_note for draft in proposal.drafts] == ["", ""]
    assert proposal.notices == (
        "One row is hidden in the workbook, and is not read: 3. Unhide it if it should be.",
        "One column is hidden in the workbook, and is not read: private note. Unhide it if it should be.",
    )
    sheet = read(rows_to_workbook([HEADING, *rows], change))
    assert opened(sheet.sealed()) == sheet
    assert "Secret" not in repr(sheet)


def test_a_merged_cell_counts_for_each_row_it_reaches_over(plan):
    rows = [
        ["2020-06-30", "3.1", "ongoing", "Together.", "", ""],
        [None, "3.2", "completed", None, "", ""],
        [None, "4.1", "planned", None, "", ""],
        ["2020-06-01", "4.2", "planned", "Apart.", "", ""],
    ]

    def change(sheet):
        sheet.merge_cells("A2:A4")
        sheet.merge_cells("D2:D4")
        sheet.merge_cells("A5:A9")

    assert [one[0] for one in told(check_workbook(*rows, change=change))] == [(2, 3), (4,), (5,)]
    # Without the merge they have no date.
    assert len(faults_of(check_workbook(*rows))) == 4


def test_a_formula_gives_what_was_last_shown_and_one_that_failed_is_a_fault(plan):
    content = rows_to_workbook([HEADING, ["2020-06-30", "3.1", "ongoing", '="a"&"b"', "", ""]])
    shown = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(shown, "w") as new:
        for part in old.infolist():
            xml = old.read(part)
            new.writestr(
                part,
                re.sub(rb'(<c r="D2")[^>]*>(.*?)<v ?/?>(</v>)?', rb'\1 t="str">\2<v>ab</v>', xml),
            )

    assert [one[4] for one in told(checking.check(read(shown.getvalue()), on=ON))] == ["ab"]
    assert faults_of(check_workbook(["2020-06-30", "3.1", "ongoing", "#REF!", "", ""])) == [
        "Row 2, column text: A formula failed here: the spreadsheet shows #REF!."
    ]


def test_more_rows_than_any_import_takes_are_refused():
    with pytest.raises(Exception, match="more than 1000 rows"):
        read(rows_to_csv([HEADING, *(["2020-06-30", "3.1", "", f"T{n}."] for n in range(1001))]))


# What is there already


def test_the_same_sheet_again_adds_nothing_and_says_what_is_there(plan, user):
    sheet = read(rows_to_csv([HEADING, ["June 2020", "3.1, 3.2", "ongoing", "We met.", "A <https://a.org>", "N."]]))
    (update,) = imported(sheet, by=user)

    again = checking.check(sheet, on=timezone.localdate())

    assert (again.drafts, [(one.rows, one.update, one.other) for one in again.known]) == ((), [((2,), update, ())])
    with pytest.raises(Unchanged, match="in the tracker by now"):
        act.import_updates(sheet, confirmed=again.confirmed, by=user, at=timezone.now())


def test_what_a_row_says_differently_than_the_update_it_repeats_is_told(plan):
    update = make_update(statuses={plan["3.1"]: "planned"}, text="We  met.", private_note="Old.")

    proposal = check(["June 30, 2020", "3.1", "ongoing", "We met.", "A <https://a.org>", "New."])

    assert proposal.drafts == ()
    (known,) = proposal.known
    assert (known.update, known.other) == (update, ("statuses", "evidence", "the private note"))


def test_the_same_text_of_another_day_comes_in_and_is_told(plan):
    update = make_update(statuses={plan["3.1"]: "planned"}, text="We met.")

    proposal = check(["2020-06-29", "3.1", "ongoing", "We met.", "", ""])

    assert len(proposal.drafts) == 1
    (notice,) = proposal.notices
    assert notice == (
        f"Row 2: The text is that of U{update.pk} of June 30, 2020, but the date or the recommendations are "
        "different: it would become another update."
    )


def test_the_period_of_a_published_report_is_told(plan, published_report):
    proposal = check(["2020-06-29", "3.1", "ongoing", "We met.", "", ""])

    assert [one[:66] for one in proposal.notices] == [
        "1 update is dated within the period of “One-Year Update”, which is"
    ]


@pytest.fixture
def published_report(plan, user, fake_pdf):
    from recommendations.publishing.reports import publish_report

    make_update(statuses={plan["4.1"]: "planned"}, text="Published.")
    report = make_report()
    publish_report(report, by=user, at=timezone.now())
    return report


# The act


def test_what_comes_in_is_a_draft_whose_history_names_the_file_and_the_row(plan, user):
    sheet = read(
        rows_to_csv(
            [
                HEADING,
                ["2020-06-30", "3.1", "ongoing", "One.", "A <https://a.org>\nB <https://b.org>", "Note."],
                ["2020-06-30", "3.2", "", "Call 604-555-0123.", "", ""],
                ["2020-06-30", "3.3", "planned", "Call 604-555-0123.", "", ""],
            ]
        ),
        name="old.csv",
    )

    one, two = imported(sheet, by=user, reason="From Kim’s list")

    assert list(ProgressUpdate.objects.drafts().order_by("pk")) == [one, two]
    assert Content.of(one) == Content(
        text="One.",
        dated_on=dt.date(2020, 6, 30),
        dated_as_published="",
        sums_up=False,
        statuses=(("3.1", "ongoing"),),
        evidence=(("A", "https://a.org"), ("B", "https://b.org")),
    )
    assert Content.of(two).statuses == (("3.2", ""), ("3.3", "planned"))
    assert one.private_note == "Note."
    assert {found.kind for found in findings.of_update(two)} == {"identifying"}
    for update, why in ((one, "row 2"), (two, "rows 3, 4")):
        parts = [*update.assessments.all(), *update.evidence_links.all()]
        said = [
            (row.history_change_reason, row.history_user) for part in (update, *parts) for row in part.history.all()
        ]
        assert set(said) == {(f"Imported from old.csv, {why}: From Kim’s list", user)}
        assert len(said) == 1 + len(parts)


def test_all_or_nothing(plan, user, monkeypatch):
    sheet = read(rows_to_csv([HEADING, ["2020-06-30", "3.1", "ongoing", "One.", "A <https://a.org>", ""]]))
    put = act.save_all

    def failing(new, **options):
        if new and isinstance(new[0], EvidenceLink):
            raise OSError("no space left")
        put(new, **options)

    monkeypatch.setattr(act, "save_all", failing)
    with pytest.raises(OSError, match="no space"):
        imported(sheet, by=user)

    assert not ProgressUpdate.history.exists()
    assert not ProgressUpdate.objects.exists()


def test_what_moved_since_the_preview_is_refused(plan, user):
    sheet = read(rows_to_csv([HEADING, ["2020-06-30", "3.1", "", "One."], ["2020-06-30", "3.1", "", "Two."]]))
    shown = checking.check(sheet, on=timezone.localdate()).confirmed
    make_update(statuses={plan["3.1"]: ""}, text="Two.", published=False)

    with pytest.raises(Refused, match="nothing was imported"):
        act.import_updates(sheet, confirmed=shown, by=user, at=timezone.now())

    assert ProgressUpdate.objects.count() == 1


def test_queries_do_not_grow_with_the_rows(plan, user):
    def queries(count, start):
        rows = [
            ["2020-06-30", "3.1, 3.2", "ongoing", f"Text {start + n}.", f"A <https://a.org/{n}>", ""]
            for n in range(count)
        ]
        sheet = read(rows_to_csv([HEADING, *rows]))
        with CaptureQueriesContext(connection) as captured:
            imported(sheet, by=user)
        return len(captured)

    queries(1, 0)
    assert queries(2, 10) == queries(20, 100) == 28


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_of_four_who_confirm_at_once_one_imports_it(user, rounds):
    make_recommendation()
    for turn in range(rounds):
        sheet = read(rows_to_csv([HEADING, ["2020-06-30", "1.1", "ongoing", f"Turn {turn}.", "", ""]]))
        shown = checking.check(sheet, on=timezone.localdate()).confirmed
        start, answers = threading.Barrier(4), []

        def confirm(sheet=sheet, shown=shown, start=start, answers=answers):
            start.wait()
            try:
                answers.append(act.import_updates(sheet, confirmed=shown, by=user, at=timezone.now()))
            except Refused as refused:
                answers.append(refused)
            finally:
                connection.close()

        threads = [threading.Thread(target=confirm) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert sorted(type(one).__name__ for one in answers) == ["Unchanged", "Unchanged", "Unchanged", "list"]
        assert ProgressUpdate.objects.count() == turn + 1


# Our own files, and the pages


def test_the_exported_list_comes_back_as_equal_drafts(plan, user, staff):
    updates = [
        make_update(
            statuses={plan["3.1"]: "ongoing", plan["3.2"]: "for others to act on"},
            text="- A list\n- of “two”; with 3,2\n\n=SUM(A1)",
            dated_as_published="June 2020",
            sums_up=True,
            evidence=[("Minutes; of May <draft>", "https://a.org/m?x=1;y=2"), ("Act", "https://b.org/(c)")],
        ),
        make_update(statuses={plan["3.1"]: "", plan["3.2"]: "planned"}, text="The same.", published=False),
        make_update(statuses={plan["3.3"]: "planned"}, text="The same.", published=False),
    ]
    link = updates[0].evidence_links.get(label="Act")
    link.archived_address = "https://web.archive.org/web/2020/https://b.org/(c)"
    link.save()
    before = [Content.of(update) for update in updates]
    files = {
        kind: staff.get(f"/admin/recommendations/progressupdate/export/?format={kind}").content
        for kind in ("csv", "xlsx")
    }

    for kind, content in files.items():
        sheet = read(content, name=f"updates.{kind}")
        again = checking.check(sheet, on=timezone.localdate())
        assert (len(again.known), [one.other for one in again.known]) == (3, [()] * 3)
        for update in ProgressUpdate.objects.all():
            update.assessments.all().delete()
            update.delete()
        proposal = checking.check(sheet, on=timezone.localdate())
        assert (proposal.notices, proposal.faults) == ((), ())
        found = imported(sheet, by=user)
        assert sorted(map(repr, map(Content.of, found))) == sorted(map(repr, before))
        assert all(update.state == "draft" for update in found)


def test_the_public_file_is_read_too_without_statuses(plan, client, staff):
    make_update(statuses={plan["3.1"]: "ongoing"}, text="Seen.", evidence=[("A", "https://a.org")])
    content = client.get("/data/updates.csv").content
    ProgressUpdate.objects.all()[0].assessments.all().delete()

    proposal = checking.check(read(content), on=ON)

    assert told(proposal) == [((2,), "2020-06-30", "", {"3.1": ""}, "Seen.")]


def test_the_template_has_the_columns_and_the_references_and_nothing_to_import(plan, staff):
    content = staff.get(f"{IMPORT}empty-sheet.xlsx").content

    sheet = read(content, name="updates.xlsx")

    assert (sheet.heading, sheet.rows) == (UPDATES.read, ())


def test_an_editor_imports_drafts_through_the_pages(plan):
    editor = signed_in(account(Role.EDITOR))
    content = rows_to_csv(
        [HEADING, ["2020-06-30", "3.1", "ongoing", "<b>One</b>.", "", "Note."], ["2020-06-30", "3.2", "", "Two."]]
    )

    preview = editor.post(IMPORT, {"file": SimpleUploadedFile("old.csv", content)})

    assert preview.context["proposal"].faults == ()
    assert not ProgressUpdate.objects.exists()
    page = preview.content.decode()
    assert "2 updates would be imported as drafts" in page
    assert "&lt;b&gt;One&lt;/b&gt;" in page

    done = editor.post(IMPORT, confirmed_of(preview), follow=True)

    updates = list(ProgressUpdate.objects.order_by("pk"))
    (message,) = [str(one) for one in done.context["messages"]]
    first, last = updates[0].pk, updates[-1].pk
    these = f"/admin/recommendations/progressupdate/?imported={first}-{last}"
    assert message == (
        f'2 updates were imported as drafts. Nobody but your colleagues can see them. <a href="{these}">See them</a>'
    )
    listed = editor.get(these)
    assert [one.pk for one in listed.context["cl"].queryset] == [last, first]
    assert (
        "Imported from old.csv, row 2"
        in editor.get(f"/admin/recommendations/progressupdate/{first}/history/").content.decode()
    )

    again = editor.post(IMPORT, {"file": SimpleUploadedFile("old.csv", content)}).content.decode()

    assert "Nothing would be imported." in again
    assert "2 updates are in the tracker already" in again


def confirmed_of(page, **typed):
    form = page.context["form"]
    return {"sheet": form["sheet"].value(), "confirmed": form["confirmed"].value(), "reason": "", **typed}
