"""Each adopted field × every route that changes it, after an edition: told with its reason, or refused whole."""

import datetime as dt

import pytest

from recommendations import adopted, publishing
from recommendations.adopted import FIELDS, content_of
from recommendations.models import Correction, Recommendation, ResponsibleParty
from tests.factories import make_area, make_party, make_recommendation, make_report, make_update
from tests.test_admin import address, errors_of, sent_by

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fake_pdf")]

WHY = "As the council decided."
# What each case changes of which thing, and what readers are told.
CASES = {
    "text": ("recommendation", {"text": "Offer a safe telephone."}, "Text changed from “Offer a safe phone.” to"),
    "target": ("recommendation", {"target_as_published": "fall 2035"}, "from “fall 2020” to “fall 2035”"),
    "target day": ("recommendation", {"target_on": dt.date(2035, 10, 1)}, "to “October 1, 2035”"),
    "parties": ("recommendation", {"parties": ["police"]}, "changed from “funders” to “police”"),
    "no parties": ("recommendation", {"parties": []}, "Responsible parties removed: “funders”"),
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


@pytest.fixture
def plan(client, user):
    client.force_login(user)
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
    retired = make_recommendation(area=area, retired_on=dt.date(2020, 7, 1), retired_reason="Old.")
    return {"recommendation": one, "retired": retired, "area": area, "party": funders}


@pytest.fixture
def edition(plan, user, now):
    make_update(statuses={plan["recommendation"]: "planned"})
    return publishing.publish_report(make_report(), by=user, at=now)


def keys(name, values):
    """Names and references as the ids of what bears them."""
    if name == "parties":
        return [str(ResponsibleParty.objects.get(name=one).pk) for one in values]
    return [str(Recommendation.objects.referred_to_as(one).get().pk) for one in values]


def by_form(client, thing, values, *, why):
    change = address(f"{thing._meta.model_name}_change", thing.pk)
    typed = sent_by(client.get(change))
    for name, value in values.items():
        if name in ("parties", "replaced_by"):
            typed[name] = keys(name, value)
        elif isinstance(value, bool):
            typed[name] = ["on"]
        else:
            typed[name] = [str(value or "")]
    told = {"public_reason": why, "text_change": "slip" if why and "text" in values else ""}
    return client.post(change, {**typed, **{name: words for name, words in told.items() if words}})


def by_restoring(client, thing, values, *, why):
    """The values stand in an older version, which is a year old."""
    standing = {name: list(now.all()) if hasattr(now := getattr(thing, name), "all") else now for name in values}
    related = {name: keys(name, value) for name, value in values.items() if name in ("parties", "replaced_by")}
    give(thing, {**values, **related})
    older = thing.history.latest("history_id")
    type(thing).history.filter(id=thing.pk).update(history_date=dt.datetime(2019, 1, 1, tzinfo=dt.UTC))
    give(thing, standing)
    restore = f"{address(f'{thing._meta.model_name}_restore', thing.pk)}?to=0-{older.history_id}"
    version = client.get(restore).context["form"]["version"].value()
    told = {"public_reason": why, "text_change": "slip" if why and "text" in values else ""}
    return client.post(restore, {"version": version, **told})


def give(thing, values):
    """As nothing does it but a test: without a word to anybody."""
    for name, value in values.items():
        if name in ("parties", "replaced_by"):
            getattr(thing, name).set(value)
        else:
            setattr(thing, name, value)
    thing.save()


ROUTES = {"form": by_form, "restore": by_restoring}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("route", ROUTES)
def test_a_change_is_told_with_its_reason_or_refused(client, plan, edition, route, case):
    name, values, _told = CASES[case]
    thing = plan[name]
    before = content_of(thing)

    refused = ROUTES[route](client, thing, values, why="")

    thing = type(thing).objects.get(pk=thing.pk)
    if case == "retired":
        # Its own reason is public.
        assert (refused.status_code, Correction.objects.get().note) == (302, "Split.")
        return
    assert refused.status_code == 200
    assert content_of(thing) == before
    assert not Correction.objects.exists()


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("route", ROUTES)
def test_a_change_with_a_reason_is_seen_by_readers(client, user, plan, edition, route, case):
    name, values, told = CASES[case]
    thing = plan[name]
    before = content_of(thing)

    done = ROUTES[route](client, thing, values, why=WHY)

    assert done.status_code == 302
    correction = Correction.objects.get()
    assert (correction.subject, correction.note, correction.corrected_by) == (thing, WHY, user)
    assert (correction.before, correction.after) == (before, content_of(type(thing).objects.get(pk=thing.pk)))
    assert any(told in one for one in adopted.sentences(adopted.changes(correction.before, correction.after)))


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("route", ROUTES)
def test_before_an_edition_the_plan_changes_freely(client, plan, route, case):
    name, values, _told = CASES[case]

    done = ROUTES[route](client, plan[name], values, why="")

    assert done.status_code == 302
    assert not Correction.objects.exists()


def test_every_adopted_field_has_a_case():
    fields = {name for kind in FIELDS for name in FIELDS[kind]}

    assert {name for _thing, values, _told in CASES.values() for name in values} == fields


def test_the_form_tells_what_is_missing_beside_the_field(client, plan, edition):
    one = plan["recommendation"]
    change = address("recommendation_change", one.pk)
    typed = sent_by(client.get(change)) | {"text": ["Offer a safe telephone."]}

    refused = client.post(change, typed)

    assert "readers see it" in " ".join(errors_of(refused, "public_reason"))
    assert "spelling slip" in " ".join(errors_of(refused, "text_change"))
    assert "Offer a safe telephone." in refused.content.decode()


def test_a_reason_for_nothing_is_pointed_out(client, plan, edition):
    change = address("area_change", plan["area"].pk)

    refused = client.post(change, sent_by(client.get(change)) | {"public_reason": [WHY], "introduction": ["About."]})

    assert "Nothing is changed that readers are told of" in " ".join(errors_of(refused, "public_reason"))


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
        page = f"{address('recommendation_restore', one.pk)}?to=0-{older.history_id}"
        typed = {"version": client.get(page).context["form"]["version"].value()}
    typed |= {"text": ["Offer two phones."], "text_change": ["another"], "public_reason": ["One was too few."]}

    offered = client.post(page, typed)
    begun = sent_by(offered)
    replaced = client.post(address("recommendation_replace", one.pk), begun)

    assert offered.status_code == 200
    assert (begun["text"], begun["reason"], begun["number"]) == (["Offer two phones."], ["One was too few."], ["3"])
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
    typed = sent_by(client.get(replace)) | {"number": ["1"], "reason": [""], "added_on": [""], "text": ["Kept words."]}

    refused = client.post(replace, typed)

    form = refused.context["form"]
    assert set(form.errors) == {"number", "reason", "added_on"}
    assert "Kept words." in refused.content.decode()
    assert Recommendation.objects.count() == 2
