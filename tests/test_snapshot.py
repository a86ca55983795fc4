"""The status rule, the window, the rows, and the stored text."""

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from recommendations.models import Correction, Phrase, ProgressUpdate, TakeDown
from recommendations.publishing.acts import Unchanged
from recommendations.publishing.erasure import erase
from recommendations.publishing.reports import publish_report
from recommendations.publishing.takedowns import take_down
from recommendations.publishing.updates import Content, correct_update, withdraw_update
from recommendations.reading.editions import stored_snapshot, stored_snapshots
from recommendations.reading.schema import Snapshot, UnknownSchema
from recommendations.reading.snapshot import report_snapshot, snapshot
from tests.factories import AT, make_area, make_party, make_plan, make_recommendation, make_report, make_update

pytestmark = pytest.mark.django_db
JUNE_30 = dt.date(2020, 6, 30)
DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)


def entry(taken, reference="1.1"):
    return next(r for r in taken.recommendations if r.reference == reference)


def take(*, on=JUNE_30, **options):
    return snapshot(make_plan(), on=on, **options)


def test_status_is_absent_without_any_assessment():
    make_recommendation()

    assert entry(take()).status is None


def test_status_is_the_newest_assessment_on_the_day_itself():
    recommendation = make_recommendation()
    make_update(statuses={recommendation: "planned"}, dated_on=JUNE_30 - DAY)
    newest = make_update(statuses={recommendation: "in progress"}, dated_on=JUNE_30, dated_as_published="June 2020")
    make_update(statuses={recommendation: "completed"}, dated_on=JUNE_30 + DAY)

    status = entry(take()).status

    assert (status.key, status.dated_on, status.dated_as_published) == ("in progress", JUNE_30, "June 2020")
    assert status.update_id == newest.id


@pytest.mark.parametrize("is_made_first", [True, False])
@pytest.mark.parametrize(
    ("newest", "other"),
    [
        # Its day counts before its publication, which counts before the order in which both were written.
        ({"dated_on": JUNE_30, "published_at": AT}, {"dated_on": JUNE_30 - DAY, "published_at": AT + HOUR}),
        ({"dated_on": JUNE_30, "published_at": AT + HOUR}, {"dated_on": JUNE_30, "published_at": AT}),
    ],
    ids=["day before publication", "publication before id"],
)
def test_the_status_is_that_of_the_newest_by_day_then_by_publication(newest, other, is_made_first):
    recommendation = make_recommendation()
    made = [("completed", newest), ("planned", other)]
    for status, dates in made if is_made_first else reversed(made):
        make_update(statuses={recommendation: status}, **dates)

    taken = take()

    assert entry(taken).status.key == "completed"
    assert [update.status_of("1.1") for update in taken.updates] == ["planned", "completed"]
    assert list(ProgressUpdate.objects.in_order().values_list("assessments__status", flat=True)) == [
        "planned",
        "completed",
    ]


def test_the_status_of_updates_of_one_day_published_at_once_goes_by_id():
    recommendation = make_recommendation()
    for status in ("completed", "planned", "on hold"):
        make_update(statuses={recommendation: status})
    # Whatever order the database would give them in by itself, it is not that of the ids.
    ProgressUpdate.objects.filter(assessments__status="completed").update(text="Touched last.")

    taken = take()

    assert entry(taken).status.key == "on hold"
    assert [update.status_of("1.1") for update in taken.updates] == ["completed", "planned", "on hold"]
    assert list(ProgressUpdate.objects.in_order().values_list("assessments__status", flat=True)) == [
        "completed",
        "planned",
        "on hold",
    ]


def test_drafts_and_ready_updates_count_for_nothing_unless_included(user):
    recommendation = make_recommendation()
    ready = make_update(statuses={recommendation: "completed"}, published=False, ready_at=AT, ready_by=user)
    make_update(statuses={recommendation: "on hold"}, published=False, text="canary")

    assert entry(take()).status is None
    assert take().updates == ()

    included = take(including=[ready.id])
    assert entry(included).status.key == "completed"
    assert "canary" not in included.to_json()


def test_private_notes_are_never_in_it():
    make_update(statuses={make_recommendation(): "planned"}, private_note="canary")

    assert "canary" not in take().to_json()


def test_withdrawn_and_taken_down_updates_are_as_if_they_had_never_been(user):
    recommendation = make_recommendation()
    make_update(statuses={recommendation: "planned"}, dated_on=JUNE_30 - DAY)
    withdrawn = make_update(statuses={recommendation: "on hold"}, text="canary")
    withdrawn.withdrawn_at, withdrawn.withdrawn_by = AT, user
    withdrawn.save()
    gone = make_update(statuses={recommendation: "completed"}, text="canary")
    TakeDown.objects.create(update=gone, reason="An address.", taken_down_at=AT, taken_down_by=user)

    taken = take()

    assert entry(taken).status.key == "planned"
    assert "canary" not in taken.to_json()


def test_an_update_may_record_different_statuses():
    first, second = make_recommendation(), make_recommendation()
    make_update(statuses={first: "completed", second: "on hold"})

    taken = take(since=dt.date(2019, 5, 30))

    assert [r.status.key for r in taken.recommendations] == ["completed", "on hold"]
    (row,) = taken.rows(taken.areas[0])
    assert [r.reference for r in row.recommendations] == ["1.1", "1.2"]


def test_the_window_includes_both_its_days_and_the_status_may_be_older():
    recommendation = make_recommendation()
    make_update(statuses={recommendation: "planned"}, dated_on=dt.date(2019, 5, 29))
    assert entry(take(since=dt.date(2019, 5, 30))).timeline == ()
    assert entry(take(since=dt.date(2019, 5, 30))).status.key == "planned"

    first = make_update(statuses={recommendation: "on hold"}, dated_on=dt.date(2019, 5, 30))
    last = make_update(statuses={recommendation: "on hold"}, dated_on=JUNE_30)

    assert entry(take(since=dt.date(2019, 5, 30))).timeline == (first.id, last.id)


def test_an_update_that_sums_up_hides_those_before_it_for_what_it_covers():
    first, second = make_recommendation(), make_recommendation()
    early = make_update(statuses={first: "planned", second: "planned"}, dated_on=JUNE_30 - 9 * DAY)
    summary = make_update(statuses={first: "in progress"}, dated_on=JUNE_30 - 2 * DAY, sums_up=True)
    late = make_update(statuses={first: "on hold"}, dated_on=JUNE_30)

    period = take(since=dt.date(2019, 5, 30))

    assert entry(period).shown == (summary.id, late.id)
    assert entry(period).timeline == (early.id, summary.id, late.id)
    assert entry(period, "1.2").shown == (early.id,)
    assert entry(take()).shown == (early.id, summary.id, late.id), "outside a report nothing is hidden"


def test_rows_join_neighbours_with_the_same_updates_only():
    a, b, _, d, _, _ = (make_recommendation() for _ in range(6))
    shared = make_update(statuses={a: "planned", b: "on hold", d: "planned"})
    taken = take(since=dt.date(2019, 5, 30))

    rows = taken.rows(taken.areas[0])

    references = [[r.reference for r in row.recommendations] for row in rows]
    assert references == [["1.1", "1.2"], ["1.3"], ["1.4"], ["1.5"], ["1.6"]]
    assert [[u.id for u in row.updates] for row in rows] == [[shared.id], [], [shared.id], [], []]


def test_retired_recommendations_stay_in_the_period_of_their_retirement_and_lead_on():
    replacement = make_recommendation(number=2, added_on=dt.date(2020, 1, 1))
    retired = make_recommendation(number=1, retired_on=dt.date(2020, 1, 1), retired_reason="Re-worded.")
    retired.replaced_by.add(replacement)

    year = take(since=dt.date(2019, 5, 30))
    before = take(on=dt.date(2019, 12, 31), since=dt.date(2019, 5, 30))
    after = take(on=dt.date(2021, 6, 30), since=dt.date(2020, 7, 1))

    assert [(r.reference, r.replaced_by) for r in year.recommendations] == [("1.1", ("1.2",)), ("1.2", ())]
    assert [r.reference for r in year.current] == ["1.2"]
    assert [r.reference for r in before.current] == ["1.1"]
    assert [r.reference for r in after.recommendations] == ["1.2"]
    assert [r.reference for r in take(since=dt.date(2020, 1, 1)).recommendations] == ["1.1", "1.2"], "the day itself"


def test_totals_count_current_recommendations_and_those_without_an_update():
    first, _, retired = make_recommendation(), make_recommendation(), make_recommendation()
    retired.retired_on, retired.retired_reason = dt.date(2020, 1, 1), "Split."
    retired.save()
    make_update(statuses={first: "completed", retired: "completed"})

    counts = {total.key: total.count for total in take().totals()}

    assert counts["completed"] == 1
    assert counts[""] == 1
    assert sum(counts.values()) == 2


def test_announced_corrections_are_in_it_and_minor_ones_are_not(user):
    update = make_update(statuses={make_recommendation(): "planned"})
    for note, is_minor in (("A wrong year.", False), ("canary", True)):
        Correction.objects.create(update=update, note=note, is_minor=is_minor, corrected_at=AT, corrected_by=user)

    (taken,) = take().updates

    assert [correction.note for correction in taken.corrections] == ["A wrong year."]


def test_it_goes_to_json_and_back_unchanged(user):
    recommendation = make_recommendation(parties=[make_party(), make_party(is_everyone=True)], target_on=JUNE_30)
    update = make_update(statuses={recommendation: "planned"}, evidence=[("Minutes", "https://example.org/a")])
    Correction.objects.create(update=update, note="Why.", corrected_at=AT, corrected_by=user)
    report = make_report()
    report.sections.create(heading="Thanks", body="To all.", placement="before")
    taken = report_snapshot(report)

    assert Snapshot.from_json(taken.to_json()) == taken


def test_the_content_hash_moves_with_anything_shown_and_not_with_the_edition(user):
    recommendation = make_recommendation()
    report = make_report()
    update = make_update(statuses={recommendation: "planned"})
    before = report_snapshot(report).content_hash()

    update.private_note = "Not shown."
    update.save()
    assert report_snapshot(report).content_hash() == before

    recommendation.text = "Do something else."
    recommendation.save()
    assert report_snapshot(report).content_hash() != before


def test_the_content_hash_stays_when_the_software_words_what_a_status_means_otherwise():
    taken = snapshot(make_plan(), on=AT.date())
    meanings = tuple(replace(one, definition="Reworded.", evidence="Reworded.") for one in taken.statuses)
    labels = tuple(replace(one, label="Renamed") for one in taken.statuses)

    assert replace(taken, statuses=meanings).content_hash() == taken.content_hash()
    assert replace(taken, statuses=labels).content_hash() != taken.content_hash()


def test_including_gives_the_hash_that_publishing_will_leave(user):
    report = make_report()
    update = make_update(statuses={make_recommendation(): "planned"}, published=False, ready_at=AT, ready_by=user)
    preview = report_snapshot(report, including=[update.id]).as_published(AT)

    update.published_at, update.published_by = AT, user
    update.save()

    assert report_snapshot(report).content_hash() == preview.content_hash()


@pytest.fixture
def two_years(user, now, fake_pdf):
    """A published report, and one of the year after that is still written: both with an update on 1.1."""
    recommendation = make_recommendation()
    make_update(statuses={recommendation: "planned"}, text="The first year.")
    make_update(statuses={recommendation: "completed"}, dated_on=JUNE_30 + DAY)
    first = make_report()
    publish_report(first, by=user, at=now)
    return first, make_report(title="Two-Year Update", starts_on=JUNE_30 + DAY, ends_on=JUNE_30 + 365 * DAY)


def test_report_knows_what_the_reports_before_it_said(two_years):
    first, second = two_years

    (earlier,) = report_snapshot(second).previous

    assert (earlier.title, earlier.ends_on, earlier.statuses) == ("One-Year Update", JUNE_30, (("1.1", "planned"),))
    assert report_snapshot(first).previous == ()


def test_earlier_report_is_known_by_its_newest_public_edition(two_years, user, now):
    first, second = two_years
    update = first.plan.areas.get().updates.get(text="The first year.")
    content = replace(Content.of(update), statuses=(("1.1", "on hold"),))
    correct_update(update, content=content, note="Misread.", by=user, at=now + DAY)
    newest = publish_report(first, by=user, at=now + 2 * DAY, note="Misread.")
    assert report_snapshot(second).previous[0].statuses == (("1.1", "on hold"),)

    take_down(newest, reason="For safety.", by=user, at=now + 3 * DAY)
    assert report_snapshot(second).previous[0].statuses == (("1.1", "planned"),)


def test_new_edition_of_last_year_changes_this_year_only_where_it_says_another_status(two_years, user, now):
    first, second = two_years
    before = report_snapshot(second).content_hash()
    update = first.plan.areas.get().updates.get(text="The first year.")

    correct_update(update, content=replace(Content.of(update), text="Year one."), note="Words.", by=user, at=now + DAY)
    publish_report(first, by=user, at=now + 2 * DAY, note="Words.")
    assert report_snapshot(second).content_hash() == before

    content = replace(Content.of(update), statuses=(("1.1", "on hold"),))
    correct_update(update, content=content, note="Misread.", by=user, at=now + 3 * DAY)
    publish_report(first, by=user, at=now + 4 * DAY, note="Misread.")
    assert report_snapshot(second).content_hash() != before


def test_later_report_does_not_change_an_earlier_one(two_years, user, now):
    first, second = two_years
    before = report_snapshot(first).content_hash()

    publish_report(second, by=user, at=now + 365 * DAY)

    assert report_snapshot(first).content_hash() == before
    with pytest.raises(Unchanged):
        publish_report(first, by=user, at=now + 366 * DAY, note="Again.")


def test_corrections_since_the_newest_edition_are_frozen_into_the_next(two_years, user, now):
    first, _second = two_years
    recommendations = [make_recommendation(), make_recommendation()]
    update = first.plan.areas.get().updates.get(text="The first year.")
    withdrawn = make_update(statuses=dict.fromkeys(recommendations, "planned"))
    publish_report(first, by=user, at=now + DAY / 2, note="One more.")
    late = make_update(statuses={recommendations[0]: "planned"}, published_at=now + DAY)
    assert report_snapshot(first).corrected == ()

    def correct(update, text, note, at, **options):
        content = replace(Content.of(update), text=text)
        correct_update(update, content=content, note=note, by=user, at=at, **options)

    correct(update, "Year one.", "Words.", now + 2 * DAY)
    correct(update, "Year 1.", "canary", now + 2 * DAY, is_minor=True)
    correct(late, "Another.", "canary", now + 2 * DAY)
    withdraw_update(withdrawn, note="Of no use.", by=user, at=now + 3 * DAY)
    before = report_snapshot(first).content_hash()
    edition = publish_report(first, by=user, at=now + 4 * DAY, note="Corrected.")

    frozen = stored_snapshot(edition).corrected
    assert [(one.references, one.note, one.is_withdrawal) for one in frozen] == [
        (("1.1",), "Words.", False),
        (("1.2", "1.3"), "Of no use.", True),
    ]
    assert report_snapshot(first).corrected == ()
    assert report_snapshot(first).content_hash() == before == stored_snapshot(edition).content_hash()
    with pytest.raises(Unchanged):
        publish_report(first, by=user, at=now + 5 * DAY, note="Again.")


def test_phrases_of_the_plan_are_frozen_with_a_report():
    Phrase.objects.create(plan=make_plan(), text="l'été", language="fr-CA")
    make_recommendation()

    (phrase,) = report_snapshot(make_report()).phrases

    assert (phrase.text, phrase.language) == ("l'été", "fr-CA")


@pytest.mark.parametrize("years", [1, 4])
def test_report_queries_are_constant(user, now, fake_pdf, django_assert_num_queries, years):
    update = make_update(statuses={make_recommendation(): "planned"})
    for year in range(years):
        start = JUNE_30 - 365 * DAY * (years - year)
        make_update(statuses={update.recommendations.get(): "planned"}, dated_on=start)
        publish_report(make_report(starts_on=start, ends_on=start + DAY), by=user, at=now)
    report = make_report(starts_on=JUNE_30, ends_on=JUNE_30)
    publish_report(report, by=user, at=now)
    correct_update(
        update, content=replace(Content.of(update), text="Other."), note="Words.", by=user, at=now + years * DAY
    )

    with django_assert_num_queries(27):
        taken = report_snapshot(report)

    assert (len(taken.previous), len(taken.corrected)) == (years, 1)


@pytest.mark.parametrize("count", [1, 3])
def test_stored_snapshots_are_read_in_one_query_without_those_erased(
    user, now, fake_pdf, django_assert_num_queries, count
):
    make_update(statuses={make_recommendation(): "planned"})
    report = make_report()
    editions = [publish_report(report, by=user, at=now)]
    for number in range(1, count + 1):
        report.sections.create(heading=f"Section {number}", body="News.")
        editions.append(publish_report(report, by=user, at=now + number * DAY, note="A section more."))
    erase(take_down(editions[0], reason="For safety.", by=user, at=now), by=user, at=now)

    with django_assert_num_queries(1):
        stored = stored_snapshots(editions)

    assert {id: len(read.report.sections) for id, read in stored.items()} == {
        edition.pk: number for number, edition in enumerate(editions[1:], start=1)
    }
    with pytest.raises(KeyError):
        stored_snapshot(editions[0])


def test_every_schema_ever_published_stays_readable():
    samples = sorted((Path(__file__).parent / "snapshots").glob("schema_*.json"))

    read = [Snapshot.from_json(sample.read_bytes()) for sample in samples]

    assert [sample.name for sample in samples] == ["schema_1.json", "schema_2.json", "schema_3.json"]
    assert [len(taken.recommendations) for taken in read] == [29, 31, 40]
    assert [taken.areas[2].recommendations[1].status_key for taken in read] == ["on hold", "planned", ""]
    assert [len(taken.phrases) for taken in read] == [3, 3, 0]
    assert [taken.language for taken in read] == ["", "en-ca", "fr-ca"]
    newest = read[-1]
    assert (newest.plan.heading_of_one, newest.labels["completed"]) == ("Engagement", "Tenu")
    assert newest.current[0].done_means == "Le registre annuel montre 15 %."
    assert newest.shown_areas[0].name == "Trouver un logement"


def test_text_from_before_a_field_was_there_is_read_with_its_default():
    text = (Path(__file__).parent / "snapshots" / "schema_1.json").read_text(encoding="utf-8")
    data = {name: value for name, value in json.loads(text).items() if name not in ("phrases", "previous", "corrected")}

    read = Snapshot.from_json(json.dumps(data))

    assert (read.phrases, read.previous, read.corrected) == ((), (), ())


def test_a_newer_schema_is_refused_in_words():
    with pytest.raises(UnknownSchema, match="newer version"):
        Snapshot.from_json('{"schema":999}')


def test_stored_text_with_a_value_of_another_type_is_refused_with_its_place():
    data = json.loads((Path(__file__).parent / "snapshots" / "schema_2.json").read_text(encoding="utf-8"))
    data["areas"][0]["number"] = "one"

    with pytest.raises(msgspec.ValidationError, match=r"Expected `int`, got `str` - at `\$.areas\[0\].number`"):
        Snapshot.from_json(json.dumps(data))


@pytest.mark.parametrize("size", [1, 30])
def test_queries_are_constant(django_assert_num_queries, size):
    area = make_area()
    for _ in range(size):
        recommendation = make_recommendation(area=area, parties=[make_party()])
        make_update(statuses={recommendation: "planned"}, evidence=[("Minutes", "https://example.org/")])
    plan = make_plan()

    with django_assert_num_queries(12):
        taken = snapshot(plan, on=JUNE_30)

    assert len(taken.current) == size


def test_the_status_note_of_a_report_in_writing_is_not_public():
    make_update(statuses={make_recommendation(): "planned"})
    make_report(status_note="canary")

    assert "canary" not in take().to_json()


def test_it_is_frozen():
    with pytest.raises(AttributeError):
        take().on = None

    assert replace(take(), status_note="x").status_note == "x"
