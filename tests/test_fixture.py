"""The fixture holds the June 2020 report letter for letter, and is loaded once."""

import json
import re
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from recommendations import models
from recommendations.models import ActionPlan, Area, Assessment, ProgressUpdate, Recommendation, Report
from tests.rows import FIXTURE

SOURCE = Path(__file__).parent / "source" / "one-year-update-2020.txt"


def squeezed(text):
    """`text` with every run of white space as one space: lines break elsewhere on the page."""
    return " ".join(text.split())


@pytest.fixture
def source():
    return squeezed(SOURCE.read_text(encoding="utf-8"))


@pytest.fixture
def loaded(user):
    """Loaded anew, where what loading leaves behind is tested, beside the rows."""
    call_command("load_plan", FIXTURE, by=user.username, verbosity=0)


@pytest.mark.usefixtures("plan_2020")
def test_every_published_word_is_the_sources(source):
    plan, report = ActionPlan.objects.get(), Report.objects.get()
    words = [plan.title, plan.conference_name, plan.conference_dates_as_published, plan.place, plan.goals]
    words += [
        f"{plan.acknowledgement} {plan.introduction}",
        report.title,
        report.introduction,
        report.originally_published,
    ]
    words += [f"Recommendation Area {area.number}: {area.title}" for area in Area.objects.all()]
    words += [f"{recommendation.reference} {recommendation.text}" for recommendation in Recommendation.objects.all()]
    words += [recommendation.target_as_published for recommendation in Recommendation.objects.all()]
    words += list(ProgressUpdate.objects.values_list("text", flat=True))
    words += report.closing.split("\n\n")

    missing = [word for word in words if squeezed(word) not in source]

    # The markup of the cover's title is not part of its words.
    assert missing == []


@pytest.mark.usefixtures("plan_2020")
def test_nothing_of_the_source_is_left_out(source):
    plan, report = ActionPlan.objects.get(), Report.objects.get()
    held = [plan.title, plan.conference_name, plan.conference_dates_as_published]
    held += [f"{plan.acknowledgement} {plan.introduction}", plan.goals, report.introduction, report.closing]
    held += [f"Recommendation Area {area.number}: {area.title}" for area in Area.objects.all()]
    held += [f"{recommendation.reference} {recommendation.text}" for recommendation in Recommendation.objects.all()]
    held += list(ProgressUpdate.objects.values_list("text", flat=True))
    held = squeezed(" ".join(held)).casefold()

    left_out = [
        line
        for line in SOURCE.read_text(encoding="utf-8").split("\n")
        if squeezed(line.strip("*- ")).casefold() not in held
        and line.strip()
        not in ("Recommendations from", "Recommendations", "Recommendation", "One-Year Update", "June 2020")
        and not line.endswith("(continued)")
    ]

    assert left_out == []


def test_every_code_point_is_as_given():
    """Not normalised: the names are decomposed in the source, and stay so."""
    held = "".join(re.findall(r'"(?:[^"\\]|\\.)*"', Path(FIXTURE).read_text(encoding="utf-8")))
    source = SOURCE.read_text(encoding="utf-8")

    for name in (
        "X\u0331wm\u0259\u03b8kw\u0259y\u0313\u0259m",
        "Sk\u0331wx\u0331w\u00fa7meshi",
        "\u0259s\u0259lilw\u0259ta\u0294t\u031a",
    ):
        assert source.count(name) == 1
        # In the acknowledgement, and in the list of words in other languages.
        assert held.count(name) == 2
    assert {c for c in source if ord(c) > 0x7E} == {c for c in held if ord(c) > 0x7E}


@pytest.mark.usefixtures("plan_2020")
def test_statuses_are_our_reading_of_the_text():
    read = {
        assessment.recommendation.reference: assessment.status
        for assessment in Assessment.objects.select_related("recommendation__area")
    }

    expected = {"1.1": "ongoing", "4.7": "ongoing", "4.8": "ongoing", "7.2": "planned"}
    expected |= dict.fromkeys(["1.2", "1.3", "1.4", "2.1", "2.2"], "in progress")
    expected |= dict.fromkeys(["3.1", "3.2", "3.3", "3.4"], "on hold")
    others = [f"4.{n}" for n in range(1, 7)] + ["5.1"] + [f"6.{n}" for n in range(1, 7)] + ["7.1", "8.1", "8.2"]
    expected |= dict.fromkeys(others, "for others to act on")
    assert read == expected
    assert Report.objects.get().status_note != ""


@pytest.mark.usefixtures("plan_2020")
def test_updates_cover_one_recommendation_or_the_whole_area():
    covered = [
        tuple(a.recommendation.reference for a in update.assessments.select_related("recommendation__area"))
        for update in ProgressUpdate.objects.order_by("id")
    ]

    assert covered == [
        *[("1.1",), ("1.2",), ("1.3",), ("1.4",), ("2.1",), ("2.2",)],
        ("3.1", "3.2", "3.3", "3.4"),
        tuple(f"4.{n}" for n in range(1, 9)),
        ("5.1",),
        tuple(f"6.{n}" for n in range(1, 7)),
        *[("7.1",), ("7.2",), ("8.1", "8.2")],
    ]


@pytest.mark.usefixtures("plan_2020")
def test_every_object_has_a_first_history_row(user):
    with_history = [model for name in models.__all__ if hasattr(model := getattr(models, name), "history")]

    without = [
        str(thing)
        for model in with_history
        for thing in model.objects.all()
        if thing.history.earliest().history_type != "+" or thing.history.earliest().history_user != user
    ]

    assert len(with_history) == 16
    assert without == []


@pytest.mark.usefixtures("loaded")
def test_loading_again_reverts_nothing(user, capsys):
    ProgressUpdate.objects.filter(pk=1).update(text="Edited by staff.")

    call_command("load_plan", FIXTURE, by=user.username)

    assert ProgressUpdate.objects.get(pk=1).text == "Edited by staff."
    assert "nothing was loaded" in capsys.readouterr().out


@pytest.mark.usefixtures("loaded")
def test_new_rows_get_ids_of_their_own():
    taken = set(Area.objects.values_list("pk", flat=True))

    area = Area.objects.create(number=9, title="Another")

    # SQLite goes on counting where the tests before it left off.
    assert area.pk not in taken


def test_a_broken_fixture_loads_nothing(user, tmp_path):
    objects = json.loads(Path(FIXTURE).read_text(encoding="utf-8"))
    objects[-1]["fields"]["recommendation"] = objects[-2]["fields"]["recommendation"]
    broken = tmp_path / "broken.json"
    broken.write_text(json.dumps(objects), encoding="utf-8")

    with pytest.raises(Exception, match=r"UNIQUE|unique|already"):
        call_command("load_plan", broken, by=user.username)

    assert ActionPlan.objects.count() == 0


def test_load_plan_says_what_is_missing(user):
    with pytest.raises(CommandError, match="no account named nobody"):
        call_command("load_plan", FIXTURE, by="nobody")
    with pytest.raises(CommandError, match="can't be read"):
        call_command("load_plan", "fixtures/none.json", by=user.username)
