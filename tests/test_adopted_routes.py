"""Each adopted field × every route that changes it, after an edition: told with its reason, or refused whole."""

import csv
import datetime as dt
import io
import json
import re
from functools import partial
from html import unescape
from itertools import product

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import Workbook

from recommendations.models import Correction, Edition, Recommendation, ResponsibleParty
from recommendations.publishing.reports import publish_report
from recommendations.reading import adopted
from recommendations.reading.adopted import ADOPTED_FIELDS, content_of
from recommendations.reading.snapshot import report_snapshot
from recommendations.report import document
from tests.factories import make_area, make_party, make_recommendation, make_report, make_update
from tests.people import address, errors_of, sent_by
from tests.rows import make_once

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fake_pdf")]

WHY = "As the council decided."
# What each case changes of which thing, and what readers are told.
CASES = {
    "text": ("recommendation", {"text": "Offer a safe telephone."}, "Text changed from “Offer a safe phone.” to"),
    "target": ("recommendation", {"target_as_published": "fall 2035"}, "from “fall 2020” to “fall 2035”"),
    "target day": ("recommendation", {"target_on": dt.date(2035, 10, 1)}, "to “October 1, 2035”"),
    "parties": ("recommendation", {"parties": ["police"]}, "changed from “funders” to “police”"),
    "no parties": ("recommendation", {"parties": []}, "Responsible parties removed: “funders”"),
    "done": (
        "recommendation",
        {
            "done_means": "A phone rings at night.",
            "done_means_set_by": "the steering committee",
            "done_means_set_on": dt.date(2020, 7, 2),
        },
        "Done means added: “A phone rings at night.”",
    ),
    "added": ("recommendation", {"added_on": dt.date(2019, 6, 1)}, "First day in the plan added: “June 1, 2019”"),
    "retired": (
        "recommendation",
        {"retired_on": dt.date(2021, 1, 2), "retired_reason": "Split."},
        "Retired on January 2, 2021",
    ),
    "replaced": ("retired", {"replaced_by": ["1.1"]}, "Replacement added: “1.1”"),
    "reason": ("retired", {"retired_reason": "Done."}, "Reason for retirement changed from “Old.” to “Done.”"),
    "not retired": ("retired", {"retired_on": None, "retired_reason": ""}, "No longer retired"),
    "area": ("area", {"title": "Safe phones"}, "Title of the area changed from “Phones” to “Safe phones”"),
    "party": ("party", {"name": "donors"}, "Name of the responsible party changed from “funders” to “donors”"),
    "everyone": ("party", {"is_everyone": True}, "Stands for everyone changed from “no” to “yes”"),
}
NAMES = {"recommendation": "recommendation", "retired": "recommendation", "area": "area", "party": "responsibleparty"}


def make_things():
    area = make_area(title="Phones")
    funders = make_party(name="funders", slug="funders")
    make_party(name="police", slug="police")
    one = make_recommendation(
        area=area,
        text="Offer a safe phone.",
        target_as_published="fall 2020",
        target_on=dt.date(2020, 10, 1),
        parties=[funders],
    )
    make_recommendation(area=area, retired_on=dt.date(2020, 7, 1), retired_reason="Old.")
    return one


def publish_things(*, by, at):
    make_update(statuses={make_things(): "planned"})
    publish_report(make_report(), by=by, at=at)


@pytest.fixture
def plan(request, client, user, now):
    """The things of a plan by their names above, with an edition for a test that asks for one."""
    client.force_login(user)
    if "edition" in request.fixturenames:
        make_once("adopted things", lambda: publish_things(by=user, at=now), by=user)
    else:
        make_things()
    one, retired = Recommendation.objects.order_by("position")
    party = ResponsibleParty.objects.get(slug="funders")
    return {"recommendation": one, "retired": retired, "area": one.area, "party": party}


@pytest.fixture
def edition(plan):
    return Edition.objects.get()


def keys(name, values):
    """Names and references as the ids of what bears them."""
    if name == "parties":
        return [str(ResponsibleParty.objects.get(name=one).pk) for one in values]
    return [str(Recommendation.objects.referred_to_as(one).get().pk) for one in values]


# Each route goes as far as its last press, and returns what presses: with a reason, or with none.


def by_form(client, thing, values):
    change = address(f"{thing._meta.model_name}_change", thing.pk)
    typed = sent_by(client.get(change))
    for name, value in values.items():
        if name in ("parties", "replaced_by"):
            typed[name] = keys(name, value)
        elif isinstance(value, bool):
            typed[name] = ["on"]
        else:
            typed[name] = [str(value or "")]
    return lambda why: client.post(change, typed | told(values, why))


def by_restoring(client, thing, values):
    """The values stand in an older version."""
    stored = {name: list(now.all()) if hasattr(now := getattr(thing, name), "all") else now for name in values}
    related = {name: keys(name, value) for name, value in values.items() if name in ("parties", "replaced_by")}
    give(thing, {**values, **related})
    older = thing.history.latest("history_id")
    give(thing, stored)
    restore = f"{address(f'{thing._meta.model_name}_restore', thing.pk)}?to={older.save_id}"
    version = client.get(restore).context["form"]["version"].value()
    return lambda why: client.post(restore, {"version": version} | told(values, why))


def told(values, why):
    if not why:
        return {}
    return {"public_reason": why, **({"text_change": "spelling"} if "text" in values else {})}


def give(thing, values):
    """As nothing does it but a test: without a word to anybody."""
    for name, value in values.items():
        if name in ("parties", "replaced_by"):
            getattr(thing, name).set(value)
        else:
            setattr(thing, name, value)
    thing.save()


def by_sheet(client, thing, values, *, kind):
    """The list as it is exported, with the values in the row of the thing; all that it asks about is ticked."""
    taken = client.get(address("recommendation_export"), {"format": "csv"}).content.decode()
    heading, *rows = list(csv.reader(io.StringIO(taken)))
    reference = getattr(thing, "reference", "1.1")
    columns = {"parties": "responsible_parties", "title": "area_title"}
    for row in rows:
        if row[0] == reference or "title" in values:
            for name, value in values.items():
                words = "; ".join(value) if isinstance(value, list) else str(value or "")
                row[heading.index(columns.get(name, name))] = words
    file = io.BytesIO() if kind == "xlsx" else io.StringIO()
    if kind == "xlsx":
        book = Workbook()
        for row in (heading, *rows):
            book.active.append(row)
        book.save(file)
    else:
        csv.writer(file).writerows([heading, *rows])
    content = file.getvalue() if kind == "xlsx" else file.getvalue().encode()
    page = client.post(address("recommendation_import"), {"file": SimpleUploadedFile(f"plan.{kind}", content)})
    typed = {name: page.context["form"][name].value() for name in ("sheet", "confirmed")}
    ticks = re.findall(r'name="ticked" value="([^"]+)"', page.content.decode())
    return lambda why: client.post(address("recommendation_import"), typed | {"ticked": ticks, "public_reason": why})


ROUTES = {
    "form": by_form,
    "restore": by_restoring,
    "csv": partial(by_sheet, kind="csv"),
    "xlsx": partial(by_sheet, kind="xlsx"),
}
# A sheet says who a recommendation is addressed to; a party's own name it can't change.
TABLE = [
    (route, case)
    for route, case in product(ROUTES, CASES)
    if not (route in ("csv", "xlsx") and CASES[case][0] == "party")
]


@pytest.mark.parametrize(("route", "case"), TABLE)
def test_a_change_is_refused_without_a_reason_and_told_with_one(client, user, plan, edition, route, case):
    name, values, said = CASES[case]
    thing = plan[name]
    before = content_of(thing)
    press = ROUTES[route](client, thing, values)

    # A retirement's own reason is public.
    if not (case == "retired" and route in ("form", "restore")):
        refused = press("")

        thing = type(thing).objects.get(pk=thing.pk)
        assert refused.status_code == 200
        assert content_of(thing) == before
        assert not Correction.objects.exists()

    done = press(WHY)

    assert done.status_code == 302
    correction = Correction.objects.get()
    assert (correction.subject, correction.note, correction.corrected_by) == (thing, WHY, user)
    assert (correction.before, correction.after) == (before, content_of(type(thing).objects.get(pk=thing.pk)))
    assert any(said in one for one in adopted.sentences(adopted.changes(correction.before, correction.after)))


@pytest.mark.parametrize("route", ["form", "restore"])
def test_a_retirement_is_told_with_its_own_reason(client, plan, edition, route):
    name, values, _told = CASES["retired"]

    done = ROUTES[route](client, plan[name], values)("")

    assert (done.status_code, Correction.objects.get().note) == (302, "Split.")


# Changes of one plan, one after the other, of which none takes from another what it is told about.
TOGETHER = (
    ("text", "target", "target day", "parties", "done", "added", "area", "replaced", "reason"),
    ("party", "everyone"),
    ("no parties", "retired", "not retired"),
)


@pytest.mark.parametrize("cases", TOGETHER, ids=lambda cases: cases[0])
def test_changes_with_a_reason_are_seen_by_readers(client, plan, edition, cases):
    """By one route: what readers see comes from the correction, and each route is held to that above."""
    for case in cases:
        name, values, _told = CASES[case]
        ROUTES["form"](client, type(plan[name]).objects.get(pk=plan[name].pk), values)(f"{WHY} {case.upper()}")

    seen = told_everywhere()

    for case in cases:
        name, _values, expected = CASES[case]
        for place in places_of(name):
            assert expected in seen[place], (case, place)
            assert f"{WHY} {case.upper()}" in seen[place], (case, place)


def test_every_case_is_seen_by_readers():
    assert sorted(case for cases in TOGETHER for case in cases) == sorted(CASES)


FOR_ALL = ("/corrections/", "/updates.atom", "/data/recommendations.csv", "the next report")
OF_ONE = {reference: (f"/recommendations/{reference}/", f"the data of {reference}") for reference in ("1.1", "1.2")}
AREA, PARTY = "/areas/1/updates.atom", "/parties/funders/updates.atom"


def places_of(name):
    """Where readers are told of a change of this thing."""
    return (*FOR_ALL, *OF_ONE["1.2" if name == "retired" else "1.1"], PARTY if name == "party" else AREA)


def told_everywhere():
    """What each place says, as readers read it."""
    reader = Client()
    pages = [place for place in (*FOR_ALL, *OF_ONE["1.1"], *OF_ONE["1.2"], AREA, PARTY) if place.startswith("/")]
    seen = {page: unescape(unescape(reader.get(page).content.decode())) for page in pages}
    for row in reader.get("/data/progress.json").json()["recommendations"]:
        seen[f"the data of {row['reference']}"] = json.dumps(row["changes"], ensure_ascii=False)
    following = make_report(title="Two-Year Update", starts_on=dt.date(2020, 7, 1), ends_on=dt.date(2021, 6, 30))
    return seen | {"the next report": unescape(document.article(report_snapshot(following)))}


@pytest.mark.parametrize(("route", "case"), [one for one in TABLE if one[0] != "xlsx"])
def test_before_an_edition_the_plan_changes_freely(client, plan, route, case):
    name, values, _told = CASES[case]

    done = ROUTES[route](client, plan[name], values)("")

    assert done.status_code == 302
    assert not Correction.objects.exists()


@pytest.mark.parametrize("route", ROUTES)
def test_words_that_readers_do_not_see_yet_change_without_showing(client, plan, edition, route):
    text = "Not to be read before its day."
    coming = make_recommendation(area=plan["area"], text=text, added_on=dt.date(2999, 1, 1))

    done = ROUTES[route](client, coming, {"text": text.replace("read", "seen")})("")

    assert done.status_code == 302
    assert "seen" in Recommendation.objects.get(pk=coming.pk).text
    assert not Correction.objects.exists()


def test_every_adopted_field_has_a_case():
    fields = {name for kind in ADOPTED_FIELDS for name in ADOPTED_FIELDS[kind]}

    assert {name for _thing, values, _told in CASES.values() for name in values} == fields


def test_the_form_tells_what_is_missing_beside_the_field(client, plan, edition):
    one = plan["recommendation"]
    change = address("recommendation_change", one.pk)
    typed = sent_by(client.get(change)) | {"text": ["Offer a safe telephone."]}

    refused = client.post(change, typed)

    assert "readers see it" in " ".join(errors_of(refused, "public_reason"))
    assert "spelling mistake" in " ".join(errors_of(refused, "text_change"))
    assert "Offer a safe telephone." in refused.content.decode()


def test_a_reason_for_nothing_is_pointed_out(client, plan, edition):
    change = address("area_change", plan["area"].pk)

    refused = client.post(change, sent_by(client.get(change)) | {"public_reason": [WHY], "introduction": ["About."]})

    assert "You changed nothing that needs a public reason" in " ".join(errors_of(refused, "public_reason"))


@pytest.mark.parametrize("route", ["form", "restore"])
def test_another_wording_goes_on_as_a_new_recommendation_with_all_that_was_typed(client, plan, edition, route):
    one = plan["recommendation"]
    if route == "form":
        page = address("recommendation_change", one.pk)
        typed = sent_by(client.get(page)) | {
            "target_as_published": ["fall 2035"],
            "parties": keys("parties", ["police"]),
        }
    else:
        older = one.history.first()
        type(older).objects.filter(history_id=older.history_id).update(text="Offer two phones.")
        page = f"{address('recommendation_restore', one.pk)}?to={older.save_id}"
        typed = {"version": client.get(page).context["form"]["version"].value()}
    typed |= {"text": ["Offer two phones."], "text_change": ["another"], "public_reason": ["One was too few."]}

    offered = client.post(page, typed)
    begun = sent_by(offered)
    replaced = client.post(address("recommendation_replace", one.pk), begun)

    assert offered.status_code == 200
    assert (begun["text"], begun["reason"], begun["reference"]) == (
        ["Offer two phones."],
        ["One was too few."],
        ["1.3"],
    )
    assert replaced.status_code == 302
    one.refresh_from_db()
    new = Recommendation.objects.referred_to_as("1.3").get()
    assert (one.text, one.retired_reason, [*one.replaced_by.all()]) == (
        "Offer a safe phone.",
        "One was too few.",
        [new],
    )
    if route == "form":
        assert (new.target_as_published, new.parties.get().name) == ("fall 2035", "police")


def test_a_replacement_is_refused_beside_its_fields(client, plan, edition):
    replace = address("recommendation_replace", plan["recommendation"].pk)
    typed = sent_by(client.get(replace)) | {
        "reference": ["1.1"],
        "reason": [""],
        "added_on": [""],
        "text": ["Kept words."],
    }

    refused = client.post(replace, typed)

    form = refused.context["form"]
    assert set(form.errors) == {"reference", "reason", "added_on"}
    assert "Kept words." in refused.content.decode()
    assert Recommendation.objects.count() == 2


# What a spreadsheet asks about


def upload(client, text, name="plan.csv"):
    return client.post(address("recommendation_import"), {"file": SimpleUploadedFile(name, text.encode())})


def confirm(client, page, **typed):
    sent = {name: page.context["form"][name].value() for name in ("sheet", "confirmed")}
    return client.post(address("recommendation_import"), sent | typed)


def test_what_is_not_ticked_is_left_as_it_is(client, plan, edition):
    one = plan["recommendation"]
    page = upload(
        client,
        "reference,area_title,text,responsible_parties,target_as_published,added_on\n"
        "1.1,Lines,Offer a safe telephone.,unions,fall 2035,\n1.3,,A new one.,,,2020-07-02\n",
    )

    done = confirm(client, page, ticked=["1.1 target"], public_reason=WHY)

    one = Recommendation.objects.get(pk=one.pk)
    assert done.status_code == 302
    assert (one.text, one.target_as_published, one.area.title) == ("Offer a safe phone.", "fall 2035", "Phones")
    assert [party.name for party in one.parties.all()] == ["funders"]
    assert not ResponsibleParty.objects.filter(name="unions").exists()
    assert Recommendation.objects.referred_to_as("1.3").exists()
    assert Correction.objects.count() == 1


def test_ticks_need_a_public_reason_and_are_kept(client, plan, edition):
    page = upload(client, "reference,area_title,text\n1.1,Lines,Offer a safe telephone.\n")

    refused = confirm(client, page, ticked=["1.1 text", "area 1"], public_reason=" ")

    assert "readers see it" in " ".join(refused.context["form"].errors["public_reason"])
    assert refused.content.decode().count(" checked") == 2
    assert not Correction.objects.exists()


def test_nothing_ticked_imports_nothing(client, plan, edition):
    page = upload(client, "reference,area_title,text\n1.1,,Offer a safe telephone.\n")

    done = client.get(confirm(client, page).url)

    assert "You ticked nothing" in done.content.decode()
    assert not Correction.objects.exists()


def test_ticks_that_lead_in_a_circle_are_refused(client, plan, edition):
    one, retired = plan["recommendation"], plan["retired"]
    retired.replaced_by.set([one])
    page = upload(
        client,
        "reference,area_title,text,retired_on,retired_reason,replaced_by\n"
        f"1.1,,{one.text},2020-07-02,Split.,1.2\n1.2,,{retired.text},2020-07-01,Old.,\n",
    )

    refused = confirm(client, page, ticked=["1.1 retirement"], public_reason=WHY)

    assert "1.1 → 1.2 → 1.1" in refused.content.decode()
    assert not Correction.objects.exists()


def workbook(*rows):
    file = io.BytesIO()
    book = Workbook()
    for row in rows:
        book.active.append(row)
    book.save(file)
    return file.getvalue()


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_mostly_new_words_are_stopped_with_the_reason_and_the_cure(client, plan, edition, kind):
    row = ["1.1", "Phones", "A tenth one, typed as 1.10 and saved as a number."]
    text = f'reference,area_title,text\n{row[0]},{row[1]},"{row[2]}"\n'
    content = text.encode() if kind == "csv" else workbook(["reference", "area_title", "text"], [1.1, *row[1:]])

    page = client.post(address("recommendation_import"), {"file": SimpleUploadedFile(f"plan.{kind}", content)})

    (fault,) = map(str, page.context["proposal"].faults)
    assert fault.startswith("Row 2, column reference: Most of these words are new")
    assert "If it should be 1.10, a spreadsheet program read it as a number" in fault
    assert "give it a new reference, and retire 1.1" in fault


def test_before_an_edition_mostly_new_words_are_pointed_at(client, plan):
    page = upload(client, "reference,area_title,text\n1.1,,All of these are other words.\n")

    assert not page.context["proposal"].faults
    assert "If it should be 1.10" in " ".join(page.context["proposal"].notices)


@pytest.mark.parametrize(
    ("references", "is_stopped"),
    [
        (["1.8", "1.9", "1.1"], True),
        (["1.19", "1.2"], True),
        (["1.9", "1.10", "1.1"], False),
        (["1.1", "1.10", "1.19", "1.2"], False),
        (["1.9", "2.1"], False),
    ],
)
def test_a_reference_in_the_place_of_another_is_stopped(client, plan, references, is_stopped):
    rows = [f"{reference},A title,Words of {reference}." for reference in references]

    page = upload(client, "\n".join(["reference,area_title,text", *rows]))

    stopped = [one for one in map(str, page.context["proposal"].faults) if "0 is expected" in one]
    assert bool(stopped) == is_stopped


def test_a_repeated_reference_is_told_with_the_cure(client, plan):
    page = upload(client, "reference,area_title,text\n1.1,,Offer a safe phone.\n1.1,,Another.\n")

    (fault,) = map(str, page.context["proposal"].faults)
    assert "1.1 is already in row 2. If it should be 1.10" in fault
