"""What the form of an update shows of each recommendation: its status, its newest text, and what stays as before."""

import datetime as dt
import re
from html import unescape

import pytest

from recommendations.models import ProgressUpdate, Recommendation, StatusWording
from recommendations.publishing.takedowns import take_down
from recommendations.publishing.updates import Content, mark_ready, publish_update, withdraw_update
from recommendations.reading.snapshot import latest, snapshot
from recommendations.workspace.so_far import NOTHING, so_far
from tests.factories import make_plan, make_recommendation, make_report, make_update
from tests.people import add_address, address, errors_of, granted, sent_by, typed_correction, typed_update

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fake_pdf")]

MAY, JUNE, DECEMBER = dt.date(2020, 5, 31), dt.date(2020, 6, 30), dt.date(2020, 12, 31)


@pytest.fixture
def planned():
    """A recommendation that an update of June has as planned."""
    one = make_recommendation()
    make_update(statuses={one: "planned"}, dated_on=JUNE, dated_as_published="June 2020", text="A plan was made.")
    return one


def form_of(page):
    return page.context["adminform"].form


def words_of(page):
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", "", page.content.decode())))


def statuses_of(update):
    return Content.of(update).statuses


# What is known


def test_the_latest_is_what_the_snapshot_says(user, now):
    one, two, three, four = (make_recommendation() for _ in range(4))
    make_update(statuses={one: "planned", two: "ongoing"}, dated_on=MAY)
    make_update(statuses={one: "completed"}, dated_on=MAY, published_at=now)
    gone = make_update(statuses={two: "completed"}, dated_on=JUNE)
    ready = make_update(statuses={three: "on hold", one: ""}, dated_on=MAY, published=False)
    make_update(statuses={four: "on hold"}, published=False)
    make_update(statuses={four: "on hold"}, dated_on=DECEMBER)
    withdraw_update(gone, note="Wrong.", by=user, at=now)

    found = latest([one, two, three, four], on=JUNE, including=[ready.pk])

    taken = snapshot(make_plan(), on=JUNE, including=[ready.pk])
    assert [
        found.get(one.pk) and (found[one.pk].status, found[one.pk].update_id) for one in (one, two, three, four)
    ] == [(entry.status, entry.timeline[-1]) if entry.timeline else None for entry in taken.recommendations]
    assert found[one.pk].status.key == "completed"


def test_what_is_ready_counts_and_drafts_are_named(planned, user, now):
    ready = make_update(statuses={planned: "ongoing"}, dated_on=JUNE, published=False, text="It goes on.")
    draft = make_update(statuses={planned: "completed"}, dated_on=JUNE, published=False)
    mark_ready(ready, by=user, at=now)
    other = make_recommendation()

    known = so_far([planned, other], on=DECEMBER)

    assert (known[planned.pk].status.key, known[planned.pk].last, known[planned.pk].drafts) == (
        "ongoing",
        ready,
        (draft.pk,),
    )
    assert known[other.pk] == NOTHING
    assert so_far([planned], on=DECEMBER, besides=ready.pk)[planned.pk].status.key == "planned"
    assert so_far([planned], on=DECEMBER, besides=draft.pk)[planned.pk].drafts == ()


@pytest.mark.parametrize("size", [1, 30])
def test_the_form_asks_the_database_as_often_for_30_as_for_1(staff, django_assert_num_queries, size):
    for _ in range(size):
        one = make_recommendation()
        make_update(statuses={one: "planned"}, text=f"Text of {one.reference}.")
        make_update(statuses={one: ""}, published=False)
    staff.get(add_address(area="1"))

    with django_assert_num_queries(26):
        staff.get(add_address(area="1"))


# The form


def test_the_form_shows_the_status_its_date_and_the_last_text_once(staff, planned):
    two, three = make_recommendation(), make_recommendation()
    long = make_update(statuses={two: "ongoing", three: "ongoing"}, text=f"It goes on. {'More was done. ' * 20}")

    page = staff.get(add_address(covering=planned.reference))

    words = words_of(page)
    first = ProgressUpdate.objects.get(text="A plan was made.")
    assert "Now: Planned June 2020" in words
    assert f"U{first.pk} (opens in a new tab) A plan was made." in words
    assert f"U{long.pk} (opens in a new tab) is shown under 1.2" in words
    assert page.content.decode().count(long.text) == 1
    assert "no status yet" not in words


def test_the_status_from_before_is_chosen_for_all_that_have_one(staff, planned):
    other = make_recommendation()

    sent = sent_by(staff.get(add_address(covering=planned.reference)))

    assert sent["coverage"] == [str(planned.pk)]
    assert sent[f"coverage-{planned.pk}"] == ["as before: planned"]
    assert sent[f"coverage-{other.pk}"] == [""]


def test_a_draft_leaves_open_what_stays_as_before_and_marking_it_ready_records_it(staff, planned):
    sent = sent_by(staff.get(add_address(covering=planned.reference))) | {"text": ["It goes on."]}

    saved = staff.post(add_address(area="1"), sent | {"_draft": ["1"]}, follow=True)
    draft = ProgressUpdate.objects.get(published_at=None)
    assert statuses_of(draft) == (("1.1", ""),)
    assert "No status is recorded yet for 1.1: a draft leaves it open." in words_of(saved)

    again = sent_by(staff.get(address("progressupdate_change", draft.pk)))
    saved = staff.post(address("progressupdate_change", draft.pk), again | {"_ready": ["1"]}, follow=True)
    draft.refresh_from_db()
    assert statuses_of(draft) == (("1.1", "planned"),)
    assert draft.ready_at
    assert "Recorded as before: 1.1 Planned." in words_of(saved)
    assert 'value="as before: planned"' in staff.get(address("progressupdate_change", draft.pk)).content.decode()
    assert sent_by(staff.get(address("progressupdate_change", draft.pk)))[f"coverage-{planned.pk}"] == ["planned"]


def test_nobody_confirms_another_status_than_the_one_they_saw(staff, planned, user, now):
    sent = sent_by(staff.get(add_address(covering=planned.reference))) | {"text": ["It goes on."], "_ready": ["1"]}
    newer = make_update(statuses={planned: "completed"}, dated_on=JUNE, published=False)
    publish_update(newer, by=user, at=now)

    refused = staff.post(add_address(area="1"), sent)

    assert errors_of(refused, "coverage") == ["The status of 1.1 is no longer “Planned”: choose one."]
    assert sent_by(refused)[f"coverage-{planned.pk}"] == [""]
    assert "It goes on." in refused.content.decode()
    assert not ProgressUpdate.objects.filter(text="It goes on.").exists()


def test_a_status_from_after_the_update_is_not_the_one_from_before(staff, planned):
    typed = typed_update({planned: "as before: planned"}, dated_on="2020-05-31", _ready="1")
    typed.pop("_draft")

    refused = staff.post(add_address(area="1"), typed)

    assert errors_of(refused, "coverage") == [
        "1.1 is “Planned” only since June 30, 2020, after this update: choose a status."
    ]
    assert "As before" not in words_of(refused)


def test_a_row_that_is_not_ticked_keeps_its_status_without_a_word(staff, planned):
    other = make_recommendation()
    typed = typed_update({other: "planned"}, **{f"coverage-{planned.pk}": "as before: planned"})

    staff.post(add_address(area="1"), typed)

    assert statuses_of(ProgressUpdate.objects.get(published_at=None)) == (("1.2", "planned"),)


@pytest.mark.parametrize("word", ["", "done", "planned "])
def test_no_word_but_a_status_stays_as_before(staff, planned, word):
    refused = staff.post(add_address(area="1"), typed_update({planned: f"as before: {word}"}))

    assert errors_of(refused, "coverage") == ["Choose a status from the list for 1.1."]


def test_a_status_that_the_plan_no_longer_uses_is_not_proposed(staff, planned):
    StatusWording.objects.create(plan=make_plan(), status="planned", is_used=False)

    page = staff.get(add_address(covering=planned.reference))

    assert "Now: Planned" in words_of(page)
    assert sent_by(page)[f"coverage-{planned.pk}"] == [""]


def test_a_correction_keeps_its_statuses_and_shows_those_of_today(staff, planned):
    update, other = ProgressUpdate.objects.get(), make_recommendation()
    make_update(statuses={other: "ongoing"}, text="Another text.")

    page = staff.get(address("progressupdate_correct", update.pk))

    words = words_of(page)
    assert sent_by(page)[f"coverage-{planned.pk}"] == ["planned"]
    assert sent_by(page)[f"coverage-{other.pk}"] == [""]
    assert "Another text." in words
    assert "As before" not in words
    sent = typed_correction(update, text="A plan is made.", **{f"coverage-{other.pk}": "as before: ongoing"})
    staff.post(address("progressupdate_correct", update.pk), sent)
    assert statuses_of(update) == (("1.1", "planned"),)


def test_summing_up_keeps_what_drafts_say(staff, planned):
    make_report()
    make_update(statuses={planned: "completed"}, published=False, text="It is done.")

    sent = sent_by(staff.get(add_address(covering=planned.reference, from_="period")))

    assert sent[f"coverage-{planned.pk}"] == ["completed"]
    assert Recommendation.objects.count() == 1


# The page of a recommendation


def test_its_page_lists_every_update_with_state_date_and_status(staff, planned, user, now):
    updates = [
        ProgressUpdate.objects.get(),
        make_update(statuses={planned: "completed"}, text="Withdrawn words."),
        make_update(statuses={planned: "ongoing"}, dated_on=MAY, text=f"Earlier. {'More was done. ' * 20}"),
        make_update(statuses={planned: ""}, published=False, dated_on=DECEMBER, text="A draft."),
    ]
    withdraw_update(updates[1], note="Wrong.", by=user, at=now)
    make_update(statuses={make_recommendation(): "completed"}, text="About another one.")

    page = staff.get(address("recommendation_change", planned.pk))

    assert [(update, update.state, label) for update, _key, label in page.context["timeline"]] == [
        (updates[3], "draft", ""),
        (updates[1], "withdrawn", "Completed"),
        (updates[0], "published", "Planned"),
        (updates[2], "published", "Ongoing"),
    ]
    words = words_of(page)
    assert "Now: Planned June 2020 Write an update" in words
    assert f"U{updates[3].pk} Draft December 31, 2020 (no status) A draft." in words
    assert address("progressupdate_change", updates[1].pk) in page.content.decode()
    assert "About another one." not in words


def test_its_page_shows_updates_to_those_alone_who_may_see_them(planned):
    page = granted("view_recommendation").get(address("recommendation_change", planned.pk))

    assert page.status_code == 200
    assert "A plan was made." not in page.content.decode()


@pytest.mark.parametrize("size", [1, 30])
def test_its_page_asks_the_database_as_often_for_30_updates_as_for_1(
    staff, planned, user, now, django_assert_num_queries, size
):
    for _ in range(size):
        take_down(make_update(statuses={planned: "planned"}), reason="An address.", by=user, at=now)
        make_update(statuses={planned: ""}, published=False)
    staff.get(address("recommendation_change", planned.pk))

    with django_assert_num_queries(36):
        staff.get(address("recommendation_change", planned.pk))
