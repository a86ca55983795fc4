"""A spreadsheet to a plan: what it would change, all that is wrong with it, and the act, whole or not at all."""

import csv
import datetime as dt
import io
import threading

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from recommendations.accounts.roles import Role, give_role
from recommendations.data.sheets import read_sheet
from recommendations.models import Area, Recommendation, ResponsibleParty
from recommendations.publishing.acts import Refused, Unchanged
from recommendations.publishing.importing import act
from recommendations.publishing.importing import check as checking
from recommendations.publishing.importing.columns import READ
from recommendations.publishing.importing.proposal import Proposal
from recommendations.publishing.reports import publish_report
from recommendations.text.diff import Piece
from tests.factories import make_area, make_party, make_plan, make_recommendation, make_report, make_update, make_user

pytestmark = pytest.mark.django_db

IMPORT, EMPTY = "/admin/recommendations/recommendation/import/", "empty-sheet.xlsx"


def check(a_sheet):
    return checking.check(a_sheet, on=timezone.localdate())


def import_recommendations(a_sheet, **options):
    return act.import_recommendations(a_sheet, at=timezone.now(), **options)


def sheet(*rows, heading="reference,area_title,text", name="plan.csv"):
    file = io.StringIO()
    csv.writer(file).writerows([heading.split(","), *rows])
    return read_sheet(file.getvalue().encode(), name=name, columns=READ)


def faults(*rows, **options):
    return [str(fault) for fault in check(sheet(*rows, **options)).faults]


def read(response):
    content = response.content if hasattr(response, "content") else response
    return read_sheet(content, name="plan", columns=READ)


def done(a_sheet, user, **options):
    return import_recommendations(a_sheet, confirmed=check(a_sheet).confirmed, by=user, **options)


def said():
    """All that a sheet may say of the plan."""
    return [
        (
            *(one.reference, one.area.title, one.text, one.target_on, one.target_as_published, one.added_on),
            *(one.retired_on, one.retired_reason),
            sorted(party.name for party in one.parties.all()),
            sorted(other.reference for other in one.replaced_by.all()),
        )
        for one in Recommendation.objects.for_snapshot()
    ]


def emptied():
    for kind in (Recommendation, Area, ResponsibleParty):
        kind.objects.all().delete()


@pytest.fixture
def plan():
    """A plan with all that a sheet can say, some of it hard to say."""
    make_plan()
    area, other = make_area(title="=Area, one"), make_area(title="X̱wməθkwəy̓əm; two")
    funders, police = make_party(name="funders"), make_party(name="@police", slug="police")
    new = make_recommendation(area=area, text="'=quoted", number=10, added_on=dt.date(2020, 1, 1))
    make_recommendation(area=other, text="-1\n\n“two”; three", parties=[funders, police])
    retired = make_recommendation(
        area=area, number=1, retired_on=dt.date(2020, 2, 1), retired_reason="+Split.", target_on=dt.date(2020, 3, 1)
    )
    retired.replaced_by.set([new])
    make_recommendation(area=area, number=2, target_as_published="fall 2020", parties=[police])


@pytest.mark.parametrize("path", ["/data/recommendations.csv", "/data/progress.xlsx"])
def test_our_own_files_change_nothing(client, plan, path):
    assert check(read(client.get(path))) == Proposal(unchanged=4)


@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_the_exported_list_changes_nothing(client, user, plan, format):
    client.force_login(user)

    taken = client.get(reverse("admin:recommendations_recommendation_export"), {"format": format})

    assert check(read(taken)) == Proposal(unchanged=4)


@pytest.mark.parametrize("path", ["/data/recommendations.csv", "/data/progress.xlsx"])
def test_our_own_files_make_the_plan_again(client, user, plan, path):
    file, before = client.get(path), said()
    emptied()

    proposal = done(read(file), user)

    # An apostrophe before a formula is taken for ours.
    assert said() == [(*row[:2], row[2].removeprefix("'"), *row[3:]) for row in before]
    assert (len(proposal.added), len(proposal.areas_added), proposal.parties) == (4, 2, ("@police", "funders"))


def test_the_real_plan_comes_back_from_its_own_file(client, user, plan_2020):
    from recommendations.models import Assessment, EvidenceLink, ProgressUpdate, Term

    for path in ("/data/recommendations.csv", "/data/progress.xlsx"):
        assert check(read(client.get(path))) == Proposal(unchanged=29)
    file, before = client.get("/data/recommendations.csv"), said()
    for kind in (Assessment, EvidenceLink, ProgressUpdate, Term):
        kind.objects.all().delete()
    emptied()

    done(read(file), user)

    assert said() == before


def test_what_changes_is_shown_word_by_word(plan):
    proposal = check(
        sheet(
            ["1.2", "Area one", "Do what 1.2 says now.", "funders; unions", ""],
            ["2.1", "", "-1\n\n“two”; three", "funders; @police", ""],
            ["3.1", "Third", "New.", "", "2030-01-01"],
            heading="reference,area_title,text,responsible_parties,target_on",
        )
    )

    (changed,), (added,) = proposal.changed, proposal.added
    assert (changed.reference, [label for label, _ in changed.compared]) == ("1.2", ["Text", "Responsible parties"])
    assert changed.compared[0][1] == (
        Piece("same", "Do what 1.2 "),
        Piece("removed", "says."),
        Piece("added", "says now."),
    )
    assert added.compared == (("Text", (Piece("same", "New."),)), ("Target date", (Piece("same", "2030-01-01"),)))
    assert [(area.number, area.title, area.is_new) for area in proposal.areas] == [
        (1, "Area one", False),
        (3, "Third", True),
    ]
    assert (proposal.parties, proposal.unchanged, proposal.left_alone) == (("unions",), 1, 2)


def test_a_missing_column_leaves_what_stands_and_an_empty_cell_empties_it(plan, user):
    done(sheet(["1.2", "", "Do what 1.2 says."], ["3.1", "Third", "New."]), user)
    kept = Recommendation.objects.get(reference="1.2")
    assert (kept.target_as_published, kept.parties.count()) == ("fall 2020", 1)

    heading = "reference,area_title,text,target_as_published,responsible_parties"
    done(sheet(["1.2", "", "Do what 1.2 says.", "", ""], heading=heading), user)

    emptied = Recommendation.objects.get(reference="1.2")
    assert (emptied.target_as_published, emptied.parties.count()) == ("", 0)


def test_every_fault_is_told_at_once_by_row_and_column():
    make_recommendation(parties=[make_party(name="funders")])

    found = faults(
        ["1.1", "", "", "", "", "Funders", "", "", "1"],
        ["()", "One", "x", "", "", "", "", "", ""],
        ["3,2", "One", "x", "", "", "", "", "", ""],
        ["1.3", "Area of number 1", "x\x00y", "30/06/2020", "", "", "", "", "2"],
        ["1.3", "Area of number 1", "x", "", "", "", "", "", ""],
        ["1.4", "Another", "x" * 4_001, "", "Gone.", "p" * 401, "9.9; 1.4", "", ""],
        ["2.1", "", "x", "", "", "", "1.2", "fall\n2020", ""],
        ["2.2", "", "#REF!", "2020-02-30", "", "", "", "", "", "more"],
        heading="reference,area_title,text,retired_on,retired_reason,responsible_parties,replaced_by,"
        "target_as_published,area_number",
    )

    assert found == [
        "Row 2, column text: This field cannot be blank.",
        (
            "Row 2, column responsible_parties: “Funders” is written “funders” elsewhere: use the same spelling. "
            "The only difference: capital letters."
        ),
        "Row 3, column reference: “()” isn't a reference: it has no letter and no digit.",
        (
            "Row 4, column reference: “3,2” is written with a comma, as a number. Write 3.2, and format the column "
            "as text."
        ),
        "Row 5, column text: Character 2 (U+0000) can't be printed. Delete it, or type the text again.",
        "Row 5, column retired_on: “30/06/2020” isn't a date. Write it like 2020-06-30.",
        "Row 5, column area_number: 1.3 belongs to area 1, but this says “2”.",
        (
            "Row 6, column reference: 1.3 is already in row 5. If it should be 1.30, a "
            "spreadsheet program read it as a number and dropped the 0: format the reference "
            "column as text, type it again, and save the file as .xlsx."
        ),
        "Row 7, column area_title: Row 5 calls area 1 “Area of number 1”; this row calls it something else.",
        "Row 7, column text: Ensure this value has at most 4000 characters (it has 4001).",
        "Row 7, column retired_on: Give both a retirement date and a reason, or neither.",
        "Row 7, column responsible_parties: Ensure this value has at most 400 characters (it has 401).",
        "Row 7, column replaced_by: There is no recommendation 9.9, in the sheet or in the plan.",
        "Row 7, column replaced_by: It can't replace itself.",
        "Row 8, column area_title: Area 2 is new: give its title.",
        "Row 8, column replaced_by: There is no recommendation 1.2, in the sheet or in the plan.",
        "Row 9: This row continues beyond the last column that has a name.",
        "Row 9, column area_title: Area 2 is new: give its title.",
        "Row 9, column text: A formula failed here: the spreadsheet shows #REF!.",
        "Row 9, column retired_on: “2020-02-30” isn't a date. Write it like 2020-06-30.",
    ]


def test_what_is_no_day_is_not_missing_as_well(plan, user, now, fake_pdf):
    make_update(statuses={Recommendation.objects.all()[0]: "planned"})
    publish_report(make_report(), by=user, at=now)

    found = faults(["1.9", "", "New.", "July 2021"], heading="reference,area_title,text,added_on")

    assert found == ["Row 2, column added_on: “July 2021” isn't a date. Write it like 2020-06-30."]


def test_a_circle_of_replacements_is_refused(plan):
    heading = "reference,area_title,text,replaced_by"

    found = faults(["1.10", "", "'=quoted", "1.2"], ["1.2", "", "Do what 1.2 says.", "1.1"], heading=heading)

    assert found == [
        "Row 2, column replaced_by: It would end up replacing itself: 1.10 → 1.2 → 1.1 → 1.10.",
        "Row 3, column replaced_by: It would end up replacing itself: 1.2 → 1.1 → 1.10 → 1.2.",
    ]


def test_a_retirement_without_a_reason_is_refused_in_the_models_words():
    make_recommendation()
    heading = "reference,area_title,text,retired_on,retired_reason"

    (found,) = faults(["1.1", "", "Do what 1.1 says.", "2020-01-01", ""], heading=heading)

    assert found.startswith("Row 2, column retired_reason: Give both a retirement date and a reason")


@pytest.mark.parametrize(
    ("heading", "words"),
    [
        ("reference,area_title", "Row 1, column text: This column is missing. It is required."),
        ("reference,area_title,text,Text", "Row 1, column text: This column appears twice in the first row."),
    ],
)
def test_a_heading_that_will_not_do_is_told_alone(heading, words):
    make_plan()

    assert faults(["nonsense"], heading=heading) == [words]


def test_a_sheet_without_rows_says_so():
    make_plan()

    assert faults() == ["Row 1: There are no recommendations below the first row."]


def test_columns_that_nobody_knows_are_named_and_those_we_reckon_are_not(plan):
    proposal = check(
        sheet(
            ["1.2", "", "Do what 1.2 says.", "", "", "", "scribbled", ""],
            heading="reference,area_title,text,status,,Cost\x07,,updates",
        )
    )

    assert proposal.notices == ("These columns are not read: “Cost�” and one without a name.",)
    assert proposal.is_empty


def test_a_file_in_an_old_encoding_is_read_and_pointed_at():
    make_recommendation(area=make_area(title="Santé"))
    content = "reference;area_title;text\n1.1;Santé;Do what 1.1 says.\n".encode("cp1252")

    proposal = check(read_sheet(content, name="plan.csv", columns=READ))

    assert (proposal.faults, proposal.is_empty) == ((), True)
    assert proposal.notices == (
        "This file is not in UTF-8. It was read as Windows-1252: check accents and quotation marks.",
    )


def test_references_kept_as_numbers_are_pointed_at():
    from openpyxl import Workbook

    make_recommendation()
    book, file = Workbook(), io.BytesIO()
    for row in (["reference", "area_title", "text"], [1.1, None, "x"], [1.10, None, "y"]):
        book.active.append(row)
    book.save(file)

    proposal = check(read(file.getvalue()))

    assert "so 3.10 becomes 3.1" in proposal.notices[0]
    assert str(proposal.faults[0]) == (
        "Row 3, column reference: 1.1 is already in row 2. If it should be 1.10, a spreadsheet "
        "program read it as a number and dropped the 0: format the reference column as text, type "
        "it again, and save the file as .xlsx."
    )


def test_after_the_first_edition_a_new_one_says_since_when(user, now, fake_pdf):
    make_update(statuses={make_recommendation(): "planned"})
    publish_report(make_report(), by=user, at=now)
    rows = [["1.1", "", "Do what 1.1 says"], ["1.2", "", "New."]]

    assert faults(*rows) == [
        ("Row 3, column added_on: Say when it became part of the plan: reports for earlier periods leave it out.")
    ]

    dated = [[*rows[0], ""], [*rows[1], "2020-07-01"]]
    options = {"ticked": ["1.1 text"], "note": "A slip."}
    assert len(done(sheet(*dated, heading="reference,area_title,text,added_on"), user, **options).changes) == 2


def test_each_history_says_who_when_and_from_which_file(plan, user):
    new = ["3.1", "Third", "New.", "unions", "1.2"]
    changed = ["1.2", "Renamed", "Mended.", "unions", ""]

    done(
        sheet(new, changed, heading="reference,area_title,text,responsible_parties,replaced_by", name="plan.csv"),
        user,
        reason="As adopted",
    )

    for thing in (
        Recommendation.objects.get(area__number=3),
        Recommendation.objects.get(reference="1.2"),
        *Area.objects.filter(title__in=["Third", "Renamed"]),
        ResponsibleParty.objects.get(name="unions"),
    ):
        row = thing.history.first()
        assert (row.history_user, row.history_change_reason) == (user, "Imported from plan.csv: As adopted")
    assert Area.objects.get(number=2).history.first().history_change_reason is None


def test_addresses_of_parties_are_made_from_their_names_and_never_twice(user):
    make_plan()
    make_party(name="Police", slug="police")

    done(sheet(["1.1", "One", "x", "police?; ʔ; ə"], heading="reference,area_title,text,responsible_parties"), user)

    assert dict(ResponsibleParty.objects.values_list("name", "slug")) == {
        "Police": "police",
        "police?": "police-2",
        "ʔ": "party",
        "ə": "party-2",
    }


def test_what_moved_since_it_was_shown_is_refused_whole(plan, user):
    a_sheet = sheet(["1.2", "", "Mended."], ["3.1", "Third", "New."])
    shown = check(a_sheet).confirmed
    colleague = Recommendation.objects.get(reference="1.2")
    colleague.text = "Mended by a colleague."
    colleague.save()
    before = said()

    with pytest.raises(Refused, match="The plan changed"):
        import_recommendations(a_sheet, confirmed=shown, by=user)

    assert said() == before
    assert not Area.objects.filter(number=3).exists()


def test_what_a_colleague_changed_elsewhere_is_no_conflict(plan, user):
    a_sheet = sheet(["1.2", "", "Mended."])
    shown = check(a_sheet).confirmed
    colleague = Recommendation.objects.get(area__number=2)
    colleague.text = "Mended by a colleague."
    colleague.save()

    import_recommendations(a_sheet, confirmed=shown, by=user)

    assert {one.text for one in Recommendation.objects.all()} >= {"Mended.", "Mended by a colleague."}


def test_a_second_click_imports_nothing_twice(plan, user):
    a_sheet = sheet(["1.2", "", "Mended."])
    shown = check(a_sheet).confirmed
    import_recommendations(a_sheet, confirmed=shown, by=user)
    histories = Recommendation.history.count()

    with pytest.raises(Unchanged):
        import_recommendations(a_sheet, confirmed=shown, by=user)

    assert Recommendation.history.count() == histories


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_of_four_who_confirm_at_once_one_imports_it(user, rounds):
    make_recommendation()
    for turn in range(rounds):
        a_sheet = sheet(["1.1", "", f"Mended {turn}."], [f"{turn + 2}.1", "Another", "New."])
        shown = check(a_sheet).confirmed
        start, answers = threading.Barrier(4), []

        def act(a_sheet=a_sheet, shown=shown, start=start, answers=answers):
            start.wait()
            try:
                answers.append(import_recommendations(a_sheet, confirmed=shown, by=user))
            except Refused as refused:
                answers.append(refused)
            finally:
                connection.close()

        threads = [threading.Thread(target=act) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert sorted(type(one).__name__ for one in answers) == ["Proposal", "Unchanged", "Unchanged", "Unchanged"]
        assert Recommendation.objects.count() == turn + 2


def test_what_a_colleague_adds_at_the_last_moment_is_refused_too(user, monkeypatch):
    make_recommendation()
    a_sheet = sheet(["1.2", "", "New."])
    shown, put = check(a_sheet).confirmed, act.save_all

    def meanwhile(new, *given, **options):
        for thing in new:
            Recommendation.objects.create(
                area_id=thing.area_id, reference=thing.reference, position=2, text="By a colleague."
            )
        put(new, *given, **options)

    monkeypatch.setattr(act, "save_all", meanwhile)

    with pytest.raises(Refused, match="The plan changed"):
        import_recommendations(a_sheet, confirmed=shown, by=user)

    assert Recommendation.objects.count() == 1


# The pages


def upload(client, text, name="plan.csv"):
    return client.post(IMPORT, {"file": SimpleUploadedFile(name, text.encode())})


def confirmed(page, **typed):
    form = page.context["form"]
    return {"sheet": form["sheet"].value(), "confirmed": form["confirmed"].value(), "reason": "", **typed}


def test_the_three_steps(staff, plan):
    assert "download the template" in staff.get(IMPORT).content.decode()

    page = upload(staff, "reference,area_title,text\n1.2,,Mended <b>.\n3.1,Third,New.\n")
    assert Recommendation.objects.count() == 4
    for words in ("From plan.csv", "Areas to be added", "Mended &lt;b&gt;.", "2 recommendations have no row"):
        assert words in page.content.decode() or words.startswith("2 ")
    assert "3 recommendations have no row" in page.content.decode()

    response = staff.post(IMPORT, confirmed(page), follow=True)
    assert response.redirect_chain == [("/admin/recommendations/recommendation/", 302)]
    assert "Imported: 1 recommendation added, 1 recommendation changed and 1 area added or renamed." in (
        response.content.decode()
    )
    assert Recommendation.objects.get(reference="1.2").text == "Mended <b>."


def test_faults_are_shown_and_nothing_can_be_confirmed(staff, plan):
    page = upload(staff, "reference,area_title,text\n1.2,,\n")

    assert "Row 2, column text: This field cannot be blank." in page.content.decode()
    assert 'name="sheet"' not in page.content.decode()
    before = said()
    refused = staff.post(IMPORT, confirmed(page))
    assert refused.status_code == 200
    assert said() == before


def test_a_file_that_is_no_sheet_says_so_beside_the_field(staff, plan):
    page = staff.post(IMPORT, {"file": SimpleUploadedFile("plan.csv", "Žižek, médecin".encode("cp1252"))})

    assert "not in UTF-8" in str(page.context["form"].errors["file"])
    assert "Choose a file." in str(staff.post(IMPORT).context["form"].errors["file"])


def test_what_moved_is_shown_again_with_the_reason_that_was_typed(staff, plan):
    page = upload(staff, "reference,area_title,text\n1.2,,Mended.\n")
    colleague = Recommendation.objects.get(reference="1.2")
    colleague.text = "By a colleague."
    colleague.save()

    again = staff.post(IMPORT, confirmed(page, reason="As adopted"))

    assert "The plan changed after you opened this page" in again.content.decode()
    assert again.context["form"]["reason"].value() == "As adopted"
    assert staff.post(IMPORT, confirmed(again)).status_code == 302
    assert Recommendation.objects.get(pk=colleague.pk).text == "Mended."


def test_a_page_that_was_forged_or_kept_too_long_starts_again(staff, plan):
    page = staff.post(IMPORT, {"sheet": "forged", "confirmed": "x"})

    assert "Choose the file again" in page.content.decode()
    assert "The spreadsheet" in page.content.decode()


def test_a_confirmation_after_the_session_ended_is_looked_at_again(staff, plan, user):
    page = upload(staff, "reference,area_title,text\n1.2,,Mended.\n")
    staff.logout()
    signed_out = staff.post(IMPORT, confirmed(page, reason="As adopted"))
    user.set_password("correct horse staple")
    user.save()
    signed_in = staff.post(
        "/admin/login/",
        {
            "username": user.username,
            "password": "correct horse staple",
            "next": IMPORT,
            "unsaved": signed_out.context["unsaved"],
        },
    )

    again = staff.get(signed_in.url)

    assert "Mended." in again.content.decode()
    assert again.context["form"]["reason"].value() == "As adopted"
    assert Recommendation.objects.get(reference="1.2").text != "Mended."
    assert staff.post(IMPORT, confirmed(again)).status_code == 302
    assert Recommendation.objects.get(reference="1.2").text == "Mended."


def test_what_the_columns_mean_can_be_translated(staff, monkeypatch):
    make_plan()
    monkeypatch.setattr("django.utils.translation._trans.gettext", lambda message: f"⟦{message}⟧")

    page = staff.get(IMPORT).content.decode()

    assert "⟦The recommendation as adopted.⟧" in page
    assert "⟦The day it was added to the plan, if it was added later.⟧" in page


def test_the_template_names_the_columns_keeps_references_as_text_and_its_example_is_not_imported(staff):
    make_plan()
    content = staff.get(IMPORT + EMPTY).content

    book = load_workbook(io.BytesIO(content))
    empty, example = book["recommendations"], book["example"]
    assert [cell.value for cell in empty[1]] == [cell.value for cell in example[1]] == list(READ)
    assert empty.column_dimensions["A"].number_format == "@"
    assert (empty.max_row, example.max_row) == (1, 3)
    assert [str(fault) for fault in check(read(content)).faults] == [
        "Row 1: There are no recommendations below the first row."
    ]


def test_the_example_of_the_template_can_be_imported_as_it_is(staff):
    make_plan()
    book = load_workbook(io.BytesIO(staff.get(IMPORT + EMPTY).content))
    book.remove(book["recommendations"])
    file = io.BytesIO()
    book.save(file)

    proposal = check(read(file.getvalue()))

    assert (proposal.faults, len(proposal.added)) == ((), 2)


def test_without_a_plan_it_says_what_comes_first(staff):
    home, page = staff.get("/admin/").content.decode(), staff.get(IMPORT).content.decode()

    for said in (home, page):
        assert "/admin/recommendations/actionplan/add/" in said
    assert 'name="file"' not in page


def test_the_home_page_and_the_list_lead_there(staff):
    make_plan()
    assert IMPORT in staff.get("/admin/").content.decode()

    make_recommendation()

    assert IMPORT not in staff.get("/admin/").content.decode()
    assert IMPORT in staff.get("/admin/recommendations/recommendation/").content.decode()


def test_editors_are_neither_led_there_nor_let_in(plan):
    editor = make_user(is_superuser=False)
    give_role(editor, Role.EDITOR)
    client = Client()
    client.force_login(editor)

    assert IMPORT not in client.get("/admin/recommendations/recommendation/").content.decode()
    assert IMPORT not in client.get("/admin/").content.decode()
    for path in (IMPORT, IMPORT + EMPTY):
        assert client.get(path).status_code == 403


def test_what_looks_the_same_is_the_same():
    mayor = make_party(name="the Mayor")
    make_recommendation(area=make_area(title="Santé publique"), text="Offer  a phone.", parties=[mayor])
    heading = "reference,area_title,text,responsible_parties"

    same = check(sheet(["1.1", "Sante\u0301\u00a0publique", "Offer\u00a0a phone.", "the\u00a0Mayor"], heading=heading))
    added = check(
        sheet(
            ["1.2", "", "Second.", "the\u00a0Mayor; chief of police"],
            ["1.3", "", "Third.", "chief\u00a0of police"],
            ["2.1", "Two words", "Fourth.", ""],
            ["2.2", "Two\u00a0words", "Fifth.", ""],
            heading=heading,
        )
    )

    assert (same.is_empty, same.faults) == (True, ())
    assert (added.faults, added.parties) == ((), ("chief of police",))
    assert [dict(one.values).get("parties") for one in added.changes[:2]] == [
        ("the Mayor", "chief of police"),
        ("chief of police",),
    ]
