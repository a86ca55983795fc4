"""The invented second year: it says that it is invented, plays every act, and is loaded once and never by itself."""

import datetime as dt
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from recommendations.management.sample import load_sample
from recommendations.models import Correction, ProgressUpdate, Recommendation, Report
from recommendations.publishing.acts import Refused
from recommendations.report.proof import verify_editions
from tests.rows import SAMPLE, publish_2020

pytestmark = pytest.mark.django_db


@pytest.fixture
def sample(published_2020, user):
    """Loaded for each test anew, since loading is what is tested."""
    return load_sample(Path(SAMPLE), by=user)


def test_every_text_of_it_says_that_it_is_invented():
    sample = json.loads(Path(SAMPLE).read_text())
    texts = [
        sample["report"]["title"],
        sample["report"]["introduction"],
        sample["report"]["status_note"],
        *(section["body"] for section in sample["report"]["sections"]),
        *(entry["text"] for entry in sample["recommendations"]),
        *(entry["retired_reason"] for entry in sample["retirements"]),
        *(update["text"] for update in sample["updates"].values()),
        *(act["note"] for act in sample["acts"] if "note" in act),
    ]

    assert [text for text in texts if "invented" not in text.lower()] == []


def test_it_names_no_address_but_example_org():
    assert set(Path(SAMPLE).read_text().split("https://")[1:]) != set()
    assert all(rest.startswith("example.org/") for rest in Path(SAMPLE).read_text().split("https://")[1:])


def test_it_has_every_case_that_pages_show(sample):
    assert (sample.report.slug, sample.number) == ("two-year-update-sample", 2)
    assert sample.compared_with.report.slug == "one-year-update-2020"
    retired = Recommendation.objects.get(retired_on__isnull=False)
    assert (retired.reference, [other.reference for other in retired.replaced_by.all()]) == ("2.2", ["2.3"])
    assert Recommendation.objects.filter(added_on__isnull=False).count() == 2
    assert ProgressUpdate.objects.exclude(withdrawn_at=None).count() == 1
    assert ProgressUpdate.objects.ready().count() == 2
    assert ProgressUpdate.objects.drafts().count() == 1
    assert Correction.objects.filter(is_minor=True).count() == 1
    assert Correction.objects.filter(is_minor=False, is_withdrawal=False).count() == 4
    assert [problems for _, problems in verify_editions() if problems] == []


def test_every_object_of_it_has_a_first_history_row(sample):
    assert all(update.history.exists() for update in ProgressUpdate.objects.all())
    assert sample.report.history.exists()
    assert Recommendation.objects.get(added_on="2021-03-01").history.exists()


def test_it_follows_a_report_that_was_published_after_its_days(user, fake_pdf):
    publish_2020(by=user, at=dt.datetime(2026, 11, 27, tzinfo=dt.UTC))

    assert load_sample(Path(SAMPLE), by=user).number == 2


def test_it_needs_the_report_that_it_follows(plan_2020, user):
    with pytest.raises(Refused, match="publish that report first"):
        load_sample(Path(SAMPLE), by=user)

    assert Report.objects.count() == 1


def test_it_is_loaded_once(sample, user):
    with pytest.raises(CommandError, match="already there"):
        call_command("load_sample", by=user.username)


def test_it_needs_an_account():
    with pytest.raises(CommandError, match="no account named nobody"):
        call_command("load_sample", by="nobody")


def test_the_demo_does_not_load_it():
    assert "sample" not in Path("script/demo").read_text()


@pytest.mark.usefixtures("plan_2020")
@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        (
            ["load_sample", "--by", "admin"],
            "The sample is invented and not for a public site: nothing was loaded.",
        ),
        (
            ["create_demo_user", "nowhere/password"],
            "The demo account is not for a public site: run manage.py createsuperuser instead.",
        ),
    ],
)
def test_what_is_for_trying_things_on_is_refused_on_a_public_site(settings, command, sentence):
    settings.IS_PUBLIC = True

    with pytest.raises(CommandError) as refused:
        call_command(*command)

    assert str(refused.value) == sentence
    assert Report.objects.count() == 1
