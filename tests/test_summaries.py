"""The sentence that sums up what changed, and the one that sums up where everything stands."""

from types import SimpleNamespace

import pytest
from django.utils.translation import override

from recommendations.models import Status
from recommendations.reading.comparison import ChangeKind, Comparison
from recommendations.reading.schema import StatusTotal
from recommendations.reading.summaries import sentence_of_changes, sentence_of_totals

LABELS = {status.value: str(status.label) for status in Status}


def after(*, language="", **labels):
    return SimpleNamespace(
        labels={**LABELS, **{key.replace("_", " "): own for key, own in labels.items()}}, language=language
    )


def moved(before, status, *, times=1):
    change = SimpleNamespace(
        kind=ChangeKind.MOVED if before else ChangeKind.FIRST, status_before=before, status_after=status
    )
    return [change] * times


def of_kind(kind, times):
    return [SimpleNamespace(kind=kind, status_before="planned", status_after="planned")] * times


def said(*groups, as_printed=False, **given):
    told = sentence_of_changes(Comparison(None, after(**given), tuple(change for group in groups for change in group)))
    return told if as_printed else told.replace("\xa0", " ")


def test_what_changed_is_said_in_one_sentence_what_is_done_first():
    assert (
        said(
            of_kind(ChangeKind.NO_UPDATE, 9),
            moved("planned", "in progress"),
            moved("in progress", "on hold", times=2),
            moved("in progress", "completed", times=2),
            moved("", "completed"),
        )
        == "3 completed, 1 began, 2 put on hold; 9 have no update."
    )


@pytest.mark.parametrize(
    ("before", "status", "sentence"),
    [
        ("planned", "ongoing", "1 began."),
        ("on hold", "in progress", "1 taken up again."),
        ("in progress", "ongoing", "1 now ongoing."),
        # What an update tells of for the first time may have begun, or stopped, long before.
        ("", "in progress", "1 now in progress."),
        ("", "on hold", "1 now on hold."),
        ("completed", "not started", "1 now not started."),
        ("planned", "for others to act on", "1 now for others to act on."),
        ("planned", "", "1 no longer has a status."),
        ("planned", "a word from long ago", "1 now a word from long ago."),
    ],
)
def test_a_change_is_told_by_what_is_known_of_it(before, status, sentence):
    assert said(moved(before, status)) == sentence


def test_zero_one_and_many():
    assert said() == "No status changed."
    assert said(of_kind(ChangeKind.NO_UPDATE, 1)) == "No status changed; 1 has no update."
    assert (
        said(*(of_kind(kind, 1) for kind in (ChangeKind.NEW, ChangeKind.RETIRED, ChangeKind.UNCHANGED)))
        == "No status changed; 1 new, 1 retired; 1 has an update and the same status."
    )
    assert (
        said(moved("", "completed"), *(of_kind(kind, 2) for kind in ChangeKind if kind not in {"moved", "first"}))
        == "1 completed, 2 new, 2 retired; 2 have an update and the same status, 2 have no update."
    )


def test_a_status_that_the_plan_calls_otherwise_is_told_by_its_name():
    assert said(moved("planned", "completed"), completed="Delivered") == "1 now delivered."


def test_the_sentence_is_in_the_readers_language():
    with override("fr-ca"):
        told = [
            said(
                moved("planned", "completed", times=count),
                moved("planned", "in progress", times=count),
                moved("planned", "on hold", times=count),
                moved("in progress", "ongoing", times=count),
                of_kind(ChangeKind.NO_UPDATE, count),
            )
            for count in (1, 2)
        ]

    one, several = told
    assert one == (
        "1 travail terminé, 1 travail entamé, 1 passage à « en continu », 1 mise en suspens; 1 n’a aucune mise à jour."
    )
    assert several == (
        "2 travaux terminés, 2 travaux entamés, 2 passages à « en continu », 2 mises en suspens; "
        "2 n’ont aucune mise à jour."
    )


def standing(**counts):
    named = [StatusTotal(status.value, str(status.label), counts.get(status.name.lower(), 0)) for status in Status]
    plan = SimpleNamespace(counted=lambda count: f"{count} calls")
    found = [*named, StatusTotal("", "", counts.get("none", 0))]
    told = sentence_of_totals(
        SimpleNamespace(totals=lambda: found, current=range(sum(one.count for one in found)), plan=plan)
    )
    return told.replace("\xa0", " ")


def test_where_everything_stands_is_said_in_one_sentence():
    assert standing() == ""
    assert standing(none=1) == "1 calls: 1 without an update."
    assert (
        standing(planned=2, on_hold=1, completed=3, for_others=15, none=1)
        == "22 calls: 3 completed, 2 planned, 1 on hold; 15 for others to act on, 1 without an update."
    )


def test_a_number_stays_on_the_line_of_what_it_counts():
    assert said(moved("", "completed"), of_kind(ChangeKind.NEW, 2), as_printed=True) == "1\xa0completed, 2\xa0new."
