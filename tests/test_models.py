"""Constraints that one row decides, in the database and beside the field."""

import datetime as dt
import unicodedata

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from recommendations.models import (
    ActionPlan,
    Area,
    Assessment,
    Correction,
    ProgressUpdate,
    Recommendation,
    Report,
    ResponsibleParty,
    Status,
    TakeDown,
)
from recommendations.models.recommendations import slug_of
from tests.factories import (
    AT,
    make_area,
    make_party,
    make_plan,
    make_recommendation,
    make_report,
    make_update,
    make_user,
)

pytestmark = pytest.mark.django_db


def refused_by_the_database(name, save):
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        save()
    assert name in str(caught.value)


def refused_beside(field, thing):
    with pytest.raises(ValidationError) as caught:
        thing.full_clean()
    assert field in caught.value.message_dict
    return caught.value.message_dict[field][0]


def test_there_is_one_action_plan():
    plan = make_plan()
    plan.pk = 2

    refused_by_the_database("action_plan_is_the_only_one", lambda: plan.save(force_insert=True))
    assert ActionPlan.objects.count() == 1


def test_a_conference_ends_after_it_starts():
    plan = make_plan()
    plan.conference_ends_on = plan.conference_starts_on - dt.timedelta(days=1)

    refused_by_the_database("conference_ends_after_it_starts", plan.save)


def test_an_area_number_is_used_once_and_starts_at_1():
    make_area(number=1)

    assert refused_beside("__all__", Area(number=1, title="x")) == "Another area has this number."
    with pytest.raises(IntegrityError), transaction.atomic():
        Area.objects.create(number=1, title="x")
    refused_by_the_database("area_number_is_from_1_to_9999", Area(number=0, title="x").save)


def test_a_reference_is_used_once_in_the_plan():
    recommendation = make_recommendation(reference="12(b)")
    duplicate = Recommendation(area=recommendation.area, reference="12(b)", position=2, text="x")

    assert "has this reference" in refused_beside("__all__", duplicate)
    with pytest.raises(IntegrityError), transaction.atomic():
        duplicate.save()


SHAPES = {
    "3.2": "3.2",
    "42": "42",
    "C2A 42": "c2a-42",
    "A.3": "a.3",
    "18.iii": "18.iii",
    "12(b)": "12-b",
    "1.2.3": "1.2.3",
    "H01": "h01",
    "R-7": "r-7",
    "§ 4/5": "4-5",
    "Й.1": "й.1",
    "E\u0301.1": "é.1",
    "ਸਿਫ਼ਾਰਸ਼ 12": unicodedata.normalize("NFC", "ਸਿਫ਼ਾਰਸ਼-12"),
}


@pytest.mark.parametrize(("reference", "slug"), SHAPES.items())
def test_a_reference_of_any_shape_is_kept_and_has_an_address_that_never_changes(reference, slug):
    recommendation = make_recommendation(reference=reference)

    recommendation.refresh_from_db()
    assert (recommendation.reference, recommendation.slug) == (reference, slug)


def test_an_address_may_be_longer_than_its_reference():
    assert make_recommendation(reference="İ" * 40).slug == "i̇" * 40


@pytest.mark.parametrize("reference", ["12 b", "12-B", "(12b", "12.(b)"])
def test_references_that_would_share_an_address_are_refused_with_the_cure(reference):
    make_recommendation(reference="12(b)")
    other = Recommendation(area=Area.objects.get(), reference=reference, position=2, text="x")

    if slug_of(reference) != "12-b":
        other.full_clean()
        return
    message = refused_beside("reference", other)
    assert message == (
        "Its page would have the same address as that of 12(b): 12-b. Let the two references differ in more than "
        "spaces, brackets or capitals."
    )


@pytest.mark.parametrize("reference", ["()", "…", "."])
def test_a_reference_has_a_letter_or_a_digit(reference):
    nameless = Recommendation(area=make_area(), reference=reference, position=1, text="x")

    assert refused_beside("reference", nameless) == "A reference has at least one letter or digit."
    refused_by_the_database("recommendation_has_a_reference", nameless.save)


def test_recommendations_are_in_the_order_given():
    first, second = make_area(), make_area()
    for reference, area, position in (("B", second, 1), ("10", first, 2), ("9", first, 1)):
        make_recommendation(reference=reference, area=area, position=position)

    assert [one.reference for one in Recommendation.objects.in_order()] == ["9", "10", "B"]


def test_only_the_single_area_of_a_plan_without_areas_has_no_title():
    single = make_area(title="")
    single.full_clean()

    words = refused_beside("title", Area(number=2, title="Housing"))
    assert words == "First give area 1 a title: it has none."
    single.title = "Health"
    single.save()
    assert "only a plan with a single area" in refused_beside("title", Area(number=2, title=""))


@pytest.mark.parametrize(
    ("retired_on", "reason", "allowed"),
    [
        (None, "", True),
        (dt.date(2020, 1, 1), "Split.", True),
        (None, "Split.", False),
        (dt.date(2020, 1, 1), "", False),
    ],
)
def test_a_recommendation_retires_on_a_day_and_for_a_reason(retired_on, reason, allowed):
    recommendation = make_recommendation()
    recommendation.retired_on, recommendation.retired_reason = retired_on, reason

    if allowed:
        recommendation.full_clean()
        recommendation.save()
    else:
        refused_by_the_database("recommendation_retires_with_a_reason", recommendation.save)


@pytest.mark.parametrize("reference", ["1.2", "1.02", "01.2", "1.2.3", "", "x", "1.", "1.2\0", "\ud800", "１.2"])
def test_a_reference_finds_its_recommendation_and_nothing_else(reference):
    make_recommendation(number=2)

    found = Recommendation.objects.referred_to_as(reference)

    assert [recommendation.reference for recommendation in found] == (["1.2"] if reference == "1.2" else [])


def test_one_party_is_everyone():
    make_party(is_everyone=True)
    make_party(is_everyone=False)

    refused_by_the_database("is_everyone", ResponsibleParty(name="b", slug="b", is_everyone=True).save)


@pytest.mark.parametrize("act", ["ready", "published", "withdrawn"])
@pytest.mark.parametrize(("at", "by"), [(AT, None), (None, True)])
def test_who_and_when_go_together(act, at, by):
    update = make_update(statuses={make_recommendation(): "planned"}, published=act == "withdrawn")
    update.ready_at, update.ready_by = AT, make_user()
    setattr(update, f"{act}_at", at)
    setattr(update, f"{act}_by", make_user() if by else None)

    refused_by_the_database(f"update_{act}_by_somebody_at_some_time", update.save)


def test_an_update_is_ready_then_published_then_withdrawn():
    update = make_update(statuses={make_recommendation(): "planned"})
    update.ready_at = update.ready_by = None
    refused_by_the_database("update_is_ready_before_it_is_published", update.save)

    draft = make_update(statuses={make_recommendation(): "planned"}, published=False)
    draft.withdrawn_at, draft.withdrawn_by = AT, make_user()
    refused_by_the_database("update_is_published_before_it_is_withdrawn", draft.save)


def test_an_update_is_not_dated_in_the_future():
    update = ProgressUpdate(area=make_area(), text="x", dated_on=dt.date(2999, 1, 1))

    assert "in the future" in refused_beside("dated_on", update)


def test_an_update_without_recommendations_or_with_another_areas_or_without_status_is_not_publishable():
    here, elsewhere = make_recommendation(), make_recommendation(area=make_area(number=9))
    empty = make_update(area=here.area, statuses={}, published=False)
    mixed = make_update(area=here.area, statuses={here: "", elsewhere: "planned"}, published=False)

    assert empty.obstacles(on=AT.date()) == ["It covers no recommendations: choose at least one."]
    assert mixed.obstacles(on=AT.date()) == [
        "It records no status for 1.1: choose one.",
        "It covers 9.1, which belongs to another area.",
    ]
    assert make_update(statuses={here: "planned"}).obstacles(on=dt.date(2020, 6, 30)) == []
    assert "in the future" in make_update(statuses={here: "planned"}).obstacles(on=dt.date(2020, 6, 29))[0]


def test_a_status_is_one_of_the_known_words():
    update = make_update(statuses={make_recommendation(): "planned"})

    refused_by_the_database(
        "assessment_status_is_known", lambda: Assessment.objects.filter(update=update).update(status="done")
    )
    assert all(status.definition and status.evidence for status in Status)


def test_an_update_assesses_a_recommendation_once():
    recommendation = make_recommendation()
    update = make_update(statuses={recommendation: "planned"})

    with pytest.raises(IntegrityError), transaction.atomic():
        Assessment.objects.create(update=update, recommendation=recommendation)


def test_a_report_period_ends_after_it_starts_and_may_last_one_day():
    make_report(starts_on=dt.date(2020, 1, 1), ends_on=dt.date(2020, 1, 1))
    report = Report(title="x", slug="x", starts_on=dt.date(2021, 1, 2), ends_on=dt.date(2021, 1, 1), plan=make_plan())

    refused_by_the_database("report_period_ends_after_it_starts", report.save)


def test_a_reversed_period_is_called_that_and_not_an_overlap():
    make_report()
    report = Report(title="x", slug="x", starts_on=dt.date(2020, 6, 30), ends_on=dt.date(2020, 1, 1), plan=make_plan())

    assert refused_beside("__all__", report) == "The period can't end before it starts."


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "overlaps"),
    [
        (dt.date(2020, 6, 30), dt.date(2021, 6, 30), True),
        (dt.date(2020, 7, 1), dt.date(2021, 6, 30), False),
        (dt.date(2018, 1, 1), dt.date(2019, 5, 30), True),
        (dt.date(2018, 1, 1), dt.date(2019, 5, 29), False),
        (dt.date(2020, 1, 1), dt.date(2020, 1, 2), True),
        (dt.date(2018, 1, 1), dt.date(2022, 1, 1), True),
    ],
)
def test_periods_do_not_overlap(starts_on, ends_on, overlaps):
    make_report(starts_on=dt.date(2019, 5, 30), ends_on=dt.date(2020, 6, 30))
    report = Report(title="Next", slug="next", starts_on=starts_on, ends_on=ends_on, plan=make_plan())

    if overlaps:
        assert "overlaps" in refused_beside("starts_on", report)
    else:
        report.full_clean()


def test_a_withdrawal_is_never_minor(user):
    update = make_update(statuses={make_recommendation(): "planned"})
    correction = Correction(
        update=update, note="x", is_withdrawal=True, is_minor=True, corrected_at=AT, corrected_by=user
    )

    refused_by_the_database("withdrawal_is_never_minor", correction.save)


def test_a_take_down_is_of_one_thing_with_a_reason(user):
    update = make_update(statuses={make_recommendation(): "planned"})
    who = {"taken_down_at": AT, "taken_down_by": user}

    refused_by_the_database("take_down_is_of_one_thing", TakeDown(reason="x", **who).save)
    refused_by_the_database("take_down_says_why", TakeDown(update=update, reason="", **who).save)
    refused_by_the_database("take_down_erased", TakeDown(update=update, reason="x", erased_at=AT, **who).save)


def test_a_user_who_published_can_not_be_deleted():
    update = make_update(statuses={make_recommendation(): "planned"})

    with pytest.raises(Exception, match="protected"):
        update.published_by.delete()
