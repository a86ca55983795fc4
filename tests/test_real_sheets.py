"""Sheets as people really have them: cells that look alike, columns of their own, statuses, and a thousand rows."""

import csv
import io
import itertools

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.translation import override

from recommendations.data.sheets import heading_name, read_sheet
from recommendations.models import ActionPlan, Area, Recommendation, ResponsibleParty, StatusWording
from recommendations.publishing.acts import Unchanged
from recommendations.publishing.importing import act
from recommendations.publishing.importing import check as checking
from recommendations.publishing.importing.columns import READ
from recommendations.publishing.importing.headings import RECOMMENDATIONS, titles
from recommendations.publishing.importing.proposal import AreaChange, Proposal
from recommendations.publishing.reports import publish_report
from recommendations.text.diff import Piece
from tests.factories import make_area, make_party, make_plan, make_recommendation, make_report, make_update

pytestmark = pytest.mark.django_db

IMPORT = "/admin/recommendations/recommendation/import/"
REPLACED = "reference,area_title,text,responsible_parties,replaced_by"
HEADING = "reference,area_title,text,responsible_parties"


def sheet(*rows, heading=HEADING):
    file = io.StringIO()
    csv.writer(file).writerows([heading.split(","), *rows])
    return read_sheet(file.getvalue().encode(), name="plan.csv", columns=RECOMMENDATIONS.names())


def check(*rows, **options):
    return checking.check(sheet(*rows, **options), on=timezone.localdate())


def confirmed(page, **typed):
    form = page.context["form"]
    return {"sheet": form["sheet"].value(), "confirmed": form["confirmed"].value(), "reason": "", **typed}


def imported(*rows, by, **options):
    """Imports the rows, with every change ticked."""
    a_sheet = sheet(*rows, **options)
    shown = checking.check(a_sheet, on=timezone.localdate())
    ticked = [part.key for change in shown.changed for part in change.parts]
    given = {"confirmed": shown.confirmed, "ticked": ticked, "note": "A slip."}
    return act.import_recommendations(a_sheet, **given, by=by, at=timezone.now())


# Cells that look alike


@pytest.mark.parametrize(
    "name",
    ["Minister\u00a0of Health", "Minister of  Health", "\u200bMinister of Health\ufeff", "Minister of Health."],
)
def test_a_party_that_looks_the_same_is_the_same(user, name):
    make_plan()

    imported(["1.1", "Health", "First.", "Minister of Health"], ["1.2", "Health", "Second.", name], by=user)

    assert [party.name for party in ResponsibleParty.objects.all()] == ["Minister of Health"]
    assert ResponsibleParty.objects.get().recommendations.count() == 2
    assert check(["1.1", "Health", "First.", name]).is_empty


def test_a_party_keeps_the_spelling_that_is_stored(user):
    make_recommendation(parties=[make_party(name="the Mayor’s office")])

    imported(["1.2", "", "Second.", "the Mayor's office."], by=user)

    assert [party.name for party in ResponsibleParty.objects.all()] == ["the Mayor’s office"]
    assert ResponsibleParty.objects.get().recommendations.count() == 2


def test_a_party_with_other_capitals_is_refused_with_the_difference_named():
    make_recommendation(parties=[make_party(name="Minister of Health")])

    found = [str(fault) for fault in check(["1.2", "", "x", "minister of héalth"]).faults]

    assert found == [
        (
            "Row 2, column responsible_parties: “minister of héalth” is written “Minister of Health” elsewhere: use "
            "the same spelling. The only difference: capital letters and accents or joined letters."
        )
    ]


@pytest.mark.parametrize("title", ["Children’s\u00a0health", "Children's health", "Children’s health."])
def test_a_title_that_looks_the_same_is_the_same(title):
    make_recommendation(area=make_area(title="Children’s health"))

    assert check(["1.1", title, "Do what 1.1 says.", ""]).is_empty


@pytest.mark.parametrize(
    "text", ["Offer\u00a0a “phone”.", "Offer  a “pho\u00adne”. ", "Offer a\u200b “phone”.\n", "\ufeffOffer a “phone”."]
)
def test_adopted_words_that_look_the_same_are_not_changed(text):
    make_recommendation(text="Offer a “phone”.")

    assert check(["1.1", "", text, ""]).is_empty


@pytest.mark.parametrize(
    ("text", "difference"),
    [
        ("Offer a “phone”", "the final full stop"),
        ('Offer a "phone".', "quotation marks or apostrophes"),
        ("offer a “phone”.", "capital letters"),
    ],
)
def test_adopted_words_that_look_alike_are_shown_with_the_difference_named(text, difference):
    make_recommendation(text="Offer a “phone”.")

    (changed,) = check(["1.1", "", text, ""]).changed

    assert changed.compared[0][0] == f"Text (the only difference: {difference})"
    assert dict(changed.values) == {"text": text}


def test_a_correction_leaves_the_spaces_of_other_words_as_they_were_adopted(user):
    make_recommendation(text="Le\u00a0Ministre\u202f: une\nou deux mesure.")

    imported(["1.1", "", "Le Ministre : une\nou deux mesures.", ""], by=user)

    assert Recommendation.objects.get().text == "Le\u00a0Ministre\u202f: une\nou deux mesures."


def test_a_line_more_is_a_difference():
    make_recommendation(text="One. Two.")

    (changed,) = check(["1.1", "", "One.\nTwo.", ""]).changed

    assert changed.compared[0][1] == (
        Piece("same", "One."),
        Piece("removed", " "),
        Piece("added", "\n"),
        Piece("same", "Two."),
    )


def test_a_reference_and_a_day_with_marks_that_cannot_be_seen_are_read():
    make_recommendation()
    heading = "reference,area_title,text,target_on"

    proposal = check(["\ufeff1.1\u00a0", "", "Do what 1.1 says.", "\u200b2030-01-01\u00a0"], heading=heading)

    assert [dict(change.values) for change in proposal.changed] == [{"target_on": timezone.datetime(2030, 1, 1).date()}]


LONG = ("Minister responsible for the many things that a ministry looks after, " * 6)[:399] + "."


def test_a_party_of_400_letters_has_a_page_whose_address_ends_with_a_word(user, client):
    make_plan()

    imported(["1.1", "Health", "One.", LONG], by=user)

    party = ResponsibleParty.objects.get()
    assert (party.name, len(LONG)) == (LONG, 400)
    assert party.slug == "minister-responsible-for-the-many-things-that-a-ministry-looks-after"
    page = client.get(f"/parties/{party.slug}/").content.decode()
    assert f'<h1 class="party__name party__name--long" dir="auto">{LONG}</h1>' in page


# Columns


def test_columns_may_be_called_as_people_read_them(monkeypatch):
    make_plan()

    same = check(["1.1", "Health", "One.", "Mayor"], heading="Reference,Area,\u00a0TEXT ,Responsible  parties")

    assert (same.faults, same.notices, same.parties) == ((), (), ("Mayor",))
    assert set(RECOMMENDATIONS.names().values()) == set(READ)
    french = check(["1.1", "Health", "One.", "Mayor"], heading="Référence,Domaine,Texte,Destinataires")
    assert french == same


@pytest.mark.parametrize("code", [code for code, _name in settings.LANGUAGES])
def test_each_column_has_a_name_of_its_own_in_each_language(code):
    with override(code):
        found = [{heading_name(title) for title in titles(column)} for column in READ]

    assert not [one & other for one, other in itertools.combinations(found, 2) if one & other]
    assert set().union(*found) <= set(RECOMMENDATIONS.names())


def test_a_column_that_is_not_read_is_named_with_what_was_perhaps_meant():
    make_plan()
    heading = "reference,area_title,text,Responsible party,Budget"

    proposal = check(["1.1", "Health", "One.", "Mayor", "3"], heading=heading)

    assert proposal.notices == (
        "These columns are not read: “Responsible party” (is it responsible_parties?) and “Budget”.",
    )


CURE = (
    "Statuses are not imported: an update records a status, and says what happened. Import the recommendations, then "
    "write updates for those whose status you know. Updates can come from a spreadsheet of their own."
)


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("Status", ("done", "")),
        ("status", ("in progress", "")),
        ("État d’avancement", ("fait", "en cours")),
        ("Statut 2024", ("x", "")),
        ("Where it stands", ("On hold", "COMPLETED ")),
    ],
)
def test_a_column_of_statuses_is_told_of(name, cells):
    make_plan()
    rows = [[f"1.{place}", "Health", "One.", cell] for place, cell in enumerate(cells, start=1)]

    proposal = check(*rows, heading=f"reference,area_title,text,{name}")

    assert proposal.notices == (f"The column “{name}” seems to hold statuses. {CURE}",)


def test_the_plans_own_words_for_a_status_are_known():
    make_plan()
    StatusWording.objects.create(status="completed", label="Answered")

    proposal = check(["1.1", "Health", "One.", "answered"], heading="reference,area_title,text,Where it stands")

    assert proposal.notices == (f"The column “Where it stands” seems to hold statuses. {CURE}",)


def test_a_column_with_a_word_of_a_status_here_and_there_is_an_ordinary_one():
    make_plan()
    rows = [["1.1", "Health", "One.", "Planned"], ["1.2", "Health", "Two.", "by the mayor"]]

    notices = check(*rows, heading="reference,area_title,text,Remarks").notices

    assert notices == ("These columns are not read: “Remarks”.",)


def test_a_status_that_was_changed_in_our_own_file_is_told_of(client):
    one, two = make_recommendation(), make_recommendation(number=2)
    make_update(statuses={one: "planned", two: "ongoing"})
    own = client.get("/data/recommendations.csv").content.decode()

    def notices(text):
        a_sheet = read_sheet(text.encode(), name="plan.csv", columns=RECOMMENDATIONS.names())
        return checking.check(a_sheet, on=timezone.localdate()).notices

    assert notices(own) == ()
    assert notices(own.replace(",planned,", ",Planned,")) == ()
    assert notices(own.replace(",ongoing,", ",completed,")) == (
        f"The column “status” says something else than the tracker in 1 row, about 1.2. {CURE}",
    )


# A thousand rows


def many(count, text="Text of {}."):
    return [[f"1.{place}", "Health", text.format(place), "Mayor; Council"] for place in range(1, count + 1)]


@pytest.mark.parametrize("published", [False, True])
def test_as_many_queries_whatever_the_number_of_rows(user, now, fake_pdf, published):
    if published:
        make_update(statuses={make_recommendation(area=make_area(number=2)): "planned"})
        publish_report(make_report(), by=user, at=now)
    else:
        make_plan()
    heading = f"{HEADING},added_on"

    def queries(rows):
        with CaptureQueriesContext(connection) as asked:
            imported(*([*row, "2020-01-01"] for row in rows), by=user, heading=heading)
        return len(asked)

    few, more = queries(many(2)), queries(many(32)[2:])
    few_changed = queries(many(1, "Text of number {}.")[:1])
    more_changed = queries(many(31, "Text of number {}.")[1:])

    # SQLite takes some forty rows at once; it is the first sheet that makes the area and its parties.
    assert more <= few + 5
    assert more_changed <= few_changed + 5


def test_the_history_of_each_has_one_row_with_what_it_is_related_to(user):
    make_recommendation(parties=[make_party(name="Mayor")])

    imported(["1.1", "", "New words.", "Council; Mayor", ""], ["1.2", "", "x", "", "1.1"], by=user, heading=REPLACED)

    changed, added = Recommendation.objects.get(reference="1.1"), Recommendation.objects.get(reference="1.2")
    # What the test itself made has two rows: one for its party.
    assert [row.history_type for row in changed.history.all()] == ["~", "~", "+"]
    assert [row.history_type for row in added.history.all()] == ["+"]
    newest = changed.history.first()
    assert (newest.text, newest.history_user, newest.history_change_reason) == (
        "New words.",
        user,
        "Imported from plan.csv",
    )
    assert {link.responsibleparty.name for link in newest.parties.all()} == {"Council", "Mayor"}
    assert [link.to_recommendation for link in added.history.first().replaced_by.all()] == [changed]


def test_a_thousand_rows_come_in_whole(user, django_assert_max_num_queries):
    make_plan()

    with django_assert_max_num_queries(200):
        done = imported(*many(1_000), by=user)

    assert (len(done.added), Recommendation.objects.count()) == (1_000, 1_000)
    assert check(*many(1_000)).unchanged == 1_000


def test_the_pages_say_what_is_being_done_and_how_long_it_takes(staff):
    make_plan()
    choose = staff.get(IMPORT).content.decode()
    few = staff.post(IMPORT, {"file": SimpleUploadedFile("plan.csv", b"reference,text\n1,x\n")}).content.decode()
    text = "reference,text\n" + "".join(f"{number},x\n" for number in range(1, 201))
    many = staff.post(IMPORT, {"file": SimpleUploadedFile("plan.csv", text.encode())}).content.decode()

    # The line is there, empty, before it speaks: screen readers then announce what comes into it.
    line = '<p class="busy" role="status" data-busy="{}"></p>'
    assert line.format("Reading the spreadsheet and comparing it with the plan…") in choose
    assert line.format("Importing one row…") in few
    assert line.format("Importing 200 rows…") in many
    assert all("js/admin-busy.js" in page for page in (choose, few, many))
    told = "The sheet has 200 rows, so this takes some seconds. The next page says what was imported."
    assert (told in many, "so this takes some seconds" in few) == (True, False)


# References and areas


def stored():
    return [(one.area.number, one.area.title, one.reference) for one in Recommendation.objects.for_snapshot()]


SHAPES = ("1", "42", "1.10", "A.3", "C2A 42", "Recommendation 12(b)", "1.2.3", "18.iii", "H01", "R-7", "§ 4/5")


def test_references_of_any_shape_come_in_as_they_are_and_in_order(user):
    make_plan()
    rows = [[reference, "Health", f"Text of {reference}."] for reference in SHAPES]

    imported(*rows, by=user, heading="reference,area_title,text")

    assert stored() == [(1, "Health", reference) for reference in SHAPES]
    assert check(*rows, heading="reference,area_title,text") == Proposal(unchanged=len(rows))


@pytest.mark.parametrize("heading", ["reference,text", "reference,text,area_title"])
def test_a_sheet_without_areas_makes_one_without_a_title(user, heading):
    make_plan()
    rows = [[reference, f"Text of {reference}.", ""] for reference in ("1.1", "2.1", "12(b)")]
    rows = [row[: heading.count(",") + 1] for row in rows]

    done = imported(*rows, by=user, heading=heading)

    assert stored() == [(1, "", reference) for reference in ("1.1", "2.1", "12(b)")]
    assert (done.areas_added[0].title, done.is_unnumbered, ActionPlan.objects.get().numbers_areas) == ("", False, True)
    assert check(*rows, heading=heading).is_empty


def test_areas_that_have_no_numbers_come_in_as_they_are_first_named(user):
    make_plan()
    rows = [["7", "Housing", "x"], ["8", "Health", "y"], ["9", "", "z"], ["10", "Housing.", "w"]]

    done = imported(*rows, by=user, heading="reference,area_title,text")

    assert stored() == [(1, "Housing", "7"), (1, "Housing", "10"), (2, "Health", "8"), (2, "Health", "9")]
    assert done.is_unnumbered
    plan = ActionPlan.objects.get()
    assert (plan.numbers_areas, plan.history.first().history_user) == (False, user)


def test_the_area_of_a_plan_without_areas_gets_a_title_and_no_number(user):
    make_plan()
    imported(["7", "x"], by=user, heading="reference,text")

    done = imported(["7", "Housing", "x"], by=user, heading="reference,area_title,text")

    assert (stored(), done.is_unnumbered) == ([(1, "Housing", "7")], True)
    assert not ActionPlan.objects.get().numbers_areas


def test_numbers_of_areas_are_hidden_only_with_the_title_that_was_ticked():
    renamed = AreaChange(1, "Housing", False, ())
    proposal = Proposal(areas=(renamed,), is_announced=True, is_unnumbered=True)

    assert proposal.only([renamed.key]).is_unnumbered
    assert not proposal.only([]).is_unnumbered


def test_areas_that_the_sheet_numbers_keep_their_numbers(user):
    make_plan()
    heading = "reference,area_number,area_title,text"

    imported(
        ["H01", "3", "Housing", "x"], ["H02", "3", "", "y"], ["J01", "5", "Justice", "z"], by=user, heading=heading
    )

    assert stored() == [(3, "Housing", "H01"), (3, "Housing", "H02"), (5, "Justice", "J01")]
    assert ActionPlan.objects.get().numbers_areas


def test_references_that_begin_with_the_number_of_their_area_number_it(user):
    make_plan()

    imported(
        ["3.1", "Housing", "x"], ["3.2", "", "y"], ["5.1", "Justice", "z"], by=user, heading="reference,area_title,text"
    )

    assert stored() == [(3, "Housing", "3.1"), (3, "Housing", "3.2"), (5, "Justice", "5.1")]
    assert ActionPlan.objects.get().numbers_areas


def test_one_area_over_several_first_numbers_is_one_area(user):
    make_plan()
    rows = [["1.1", "Housing", "x"], ["2.1", "Housing", "y"], ["3.1", "Justice", "z"]]

    imported(*rows, by=user, heading="reference,area_title,text")

    assert stored() == [(1, "Housing", "1.1"), (1, "Housing", "2.1"), (2, "Justice", "3.1")]


def test_a_new_recommendation_finds_its_area_by_title_or_by_the_row_above(user):
    make_recommendation(area=make_area(title="Housing"), reference="A.1")
    make_recommendation(area=make_area(number=2, title="Justice"), reference="B.1")
    rows = [["A.2", "housing", "x"], ["B.1", "", "Do what B.1 says."], ["B.2", "", "y"]]
    rows[0][1] = "Housing"

    imported(*rows, by=user, heading="reference,area_title,text")

    assert [row[::2] for row in stored()] == [(1, "A.1"), (1, "A.2"), (2, "B.1"), (2, "B.2")]


def test_where_the_area_cannot_be_told_it_is_asked_for():
    make_recommendation(area=make_area(title="Housing"), reference="A.1")
    make_recommendation(area=make_area(number=2, title="Justice"), reference="B.1")

    found = [str(fault) for fault in check(["C.1", "x"], heading="reference,text").faults]

    assert found == ["Row 2, column area_title: Say which area it belongs to: the plan has several."]


def test_no_sheet_moves_a_recommendation_to_another_area():
    make_recommendation(area=make_area(title="Housing"), reference="A.1")
    make_recommendation(area=make_area(number=2, title="Justice"), reference="B.1")
    heading = "reference,area_number,area_title,text"

    found = [str(fault) for fault in check(["A.1", "", "Justice", "x"], ["B.1", "1", "", "y"], heading=heading).faults]

    assert found == [
        "Row 2, column area_title: A.1 belongs to area 1: a spreadsheet can't move it to “Justice”.",
        "Row 3, column area_number: B.1 belongs to area 2, but this says “1”.",
    ]


def test_an_area_beside_one_without_a_title_is_refused_with_the_cure():
    make_recommendation(area=make_area(title=""), reference="42")

    (fault,) = check(["43", "Health", "x"], heading="reference,area_title,text").faults

    assert str(fault) == ("Row 2, column area_title: Area 1 has no title: give it one before you add “Health”.")


@pytest.mark.parametrize("other", ["12 b", "12-B", "(12) B"])
def test_references_that_would_share_an_address_are_refused_beside_the_row_with_the_cure(other):
    make_recommendation(reference="A.1", area=make_area(title=""))
    cure = "Let the two references differ in more than spaces, brackets or capitals."

    found = check(["12(b)", "x"], [other, "y"], ["a 1", "w"], ["a.1", "z"], heading="reference,text").faults

    assert [str(fault) for fault in found] == [
        f"Row 3, column reference: Its page would have the same address as that of 12(b): 12-b. {cure}",
        f"Row 5, column reference: Its page would have the same address as that of A.1: a.1. {cure}",
    ]


@pytest.mark.parametrize("cell", ["C2A\u00a042", "C2A  42", "\u200bC2A 42.", " C2A 42"])
def test_a_reference_that_looks_the_same_is_the_same(cell):
    make_recommendation(reference="C2A 42", area=make_area(title=""), text="x")

    assert check([cell, "x"], heading="reference,text").is_empty
    (fault,) = check(["C2A 42", "x"], [cell, "y"], heading="reference,text").faults
    assert str(fault) == "Row 3, column reference: C2A 42 is already in row 2."


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("", "Every recommendation has a reference, as it was adopted: 3.2, 42 or 12(b)."),
        ("3,2", "“3,2” is written with a comma, as a number. Write 3.2, and format the column as text."),
        ("…", "“…” isn't a reference: it has no letter and no digit."),
        ("x" * 41, "Ensure this value has at most 40 characters (it has 41)."),
        *(
            (
                day,
                (
                    f"“{day}” is a date, which a spreadsheet program made of it. Format the reference column as text, "
                    "and type it again."
                ),
            )
            for day in ("2026-03-02", "2-Mar", "02-mars", "Mar-02")
        ),
        *(
            (
                power,
                (
                    f"“{power}” is a number, which a spreadsheet program made of it. Format the reference column as "
                    "text, and type it again."
                ),
            )
            for power in ("1.00E+02", "1,00E+02", "1E+02", "1.5e-07")
        ),
    ],
)
def test_what_is_no_reference_is_refused_with_the_cure(cell, words):
    make_plan()

    (fault,) = check([cell, "x"], heading="reference,text").faults

    assert str(fault) == f"Row 2, column reference: {words}"


def test_replacements_are_found_however_they_are_spelled(user):
    make_plan()
    rows = [["C2A 1", "x", "C2A\u00a02 ; 12(B)."], ["C2A 2", "y", ""], ["12(B)", "z", ""]]

    imported(*rows, by=user, heading="reference,text,replaced_by")

    assert [other.reference for other in Recommendation.objects.get(reference="C2A 1").replaced_by.all()] == [
        "C2A 2",
        "12(B)",
    ]


def test_the_pages_tell_of_areas_without_numbers_and_of_another_order(staff):
    make_plan()
    text = "reference,area_title,text\n2,Housing,x\n1,Housing,y\n"

    page = staff.post(IMPORT, {"file": SimpleUploadedFile("plan.csv", text.encode())})
    assert "readers see their titles alone" in page.content.decode()
    assert "<li>Housing</li>" in page.content.decode()
    staff.post(IMPORT, confirmed(page))

    sorted_by_reference = "reference,area_title,text\n1,Housing,y\n2,Housing,x\n"
    page = staff.post(IMPORT, {"file": SimpleUploadedFile("plan.csv", sorted_by_reference.encode())})
    assert "these stand in another place of their area: 1, 2." in page.content.decode()
    answer = staff.post(IMPORT, confirmed(page, ticked=["order"]), follow=True)

    assert "Imported: 2 recommendations put in another place." in answer.content.decode()
    assert order() == ["1", "2"]


# The order


def order():
    return [one.reference for one in Recommendation.objects.for_snapshot()]


def test_new_recommendations_come_in_where_they_stand_in_the_sheet(user):
    area = make_area(title="")
    for reference in ("12(a)", "12(d)", "13"):
        make_recommendation(area=area, reference=reference, text="x")
    rows = [["12", "x"], ["12(a)", "x"], ["12(b)", "x"], ["12(c)", "x"], ["12(d)", "x"], ["14", "x"]]

    imported(*rows, by=user, heading="reference,text")

    assert order() == ["12", "12(a)", "12(b)", "12(c)", "12(d)", "13", "14"]


def test_another_order_is_told_and_changes_nothing_unless_it_is_ticked(user):
    area = make_area(title="")
    for reference in "1234":
        make_recommendation(area=area, reference=reference, text="x")
    rows = [["3", "x"], ["1", "x"], ["5", "x"], ["4", "x"]]
    a_sheet = sheet(*rows, heading="reference,text")
    proposal = checking.check(a_sheet, on=timezone.localdate())

    assert proposal.reordered == ("3", "1")
    given = {"confirmed": proposal.confirmed, "by": user, "at": timezone.now()}
    act.import_recommendations(a_sheet, **given)
    assert order() == ["1", "2", "3", "5", "4"]

    again = checking.check(a_sheet, on=timezone.localdate())
    assert not again.is_empty
    with pytest.raises(Unchanged, match="ticked nothing"):
        act.import_recommendations(a_sheet, **{**given, "confirmed": again.confirmed})
    done = act.import_recommendations(a_sheet, **{**given, "confirmed": again.confirmed, "ticked": ["order"]})

    assert done.reordered == ("3", "1")
    assert order() == ["3", "2", "1", "5", "4"]
    assert check(*rows, heading="reference,text").is_empty
    assert Recommendation.objects.get(reference="3").history.first().history_change_reason == "Imported from plan.csv"


# Out and in again


def every_shape():
    """A plan without areas that has a reference of each shape, and texts that are hard to carry."""
    make_plan()
    area = make_area(title="")
    parties = [make_party(name=name, slug=f"party-{place}") for place, name in enumerate(PARTIES)]
    for place, (reference, text) in enumerate(zip(SHAPES, itertools.cycle(TEXTS), strict=False)):
        make_recommendation(area=area, reference=reference, text=text, parties=parties[: place % 4], position=place + 1)


PARTIES = ("the Mayor’s\u00a0office", "Council, “the”", "Île-de-France", "=Treasury")
TEXTS = (
    "First:\na) one; “two”\nb) 'three', \"four\"\n\n- five\n- six",
    "=1+1 and\u00a0more…",
    "- a list\n- alone",
    "'quoted' ; 42,5\u202f%",
    "Two  spaces, a tab\tand a zero-width\u200bspace.",
    "-5 degrees",
)


def taken_out(client, path):
    if path.startswith("/data/"):
        return client.get(path).content
    return client.get("/admin/recommendations/recommendation/export/", {"format": path}).content


def whole():
    return [
        (one.reference, one.area.number, one.area.title, one.text, {party.name for party in one.parties.all()})
        for one in Recommendation.objects.for_snapshot()
    ]


@pytest.mark.parametrize("path", ["/data/recommendations.csv", "/data/progress.xlsx", "csv", "xlsx"])
def test_the_same_sheet_out_and_in_again_changes_nothing(staff, user, path):
    every_shape()
    content, before = taken_out(staff, path), whole()
    a_sheet = read_sheet(content, name="plan", columns=RECOMMENDATIONS.names())
    assert checking.check(a_sheet, on=timezone.localdate()) == Proposal(unchanged=len(SHAPES))

    for kind in (Recommendation, Area, ResponsibleParty):
        kind.objects.all().delete()
    shown = checking.check(a_sheet, on=timezone.localdate())
    act.import_recommendations(a_sheet, confirmed=shown.confirmed, by=user, at=timezone.now())

    assert whole() == before
    assert taken_out(staff, path) == content or path.endswith("xlsx")


@pytest.mark.parametrize(("encoding", "delimiter"), [("utf-8-sig", ";"), ("utf-16", "\t"), ("utf-8", ",")])
def test_our_own_file_saved_anew_by_a_spreadsheet_program_changes_nothing(client, encoding, delimiter):
    every_shape()
    rows = list(csv.reader(io.StringIO(client.get("/data/recommendations.csv").content.decode(), newline="")))
    file = io.StringIO(newline="")
    # Programs write no-break spaces as they are, and end a line within a cell as they end a row.
    csv.writer(file, delimiter=delimiter).writerows([cell.replace("\n", "\r\n") for cell in row] for row in rows)
    content = f"sep={delimiter}\r\n{file.getvalue()}".encode(encoding)

    proposal = checking.check(
        read_sheet(content, name="plan.csv", columns=RECOMMENDATIONS.names()), on=timezone.localdate()
    )

    assert proposal == Proposal(unchanged=len(SHAPES))
