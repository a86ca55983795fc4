"""What was published never changes: the database refuses it, and verification notices it."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from recommendations.models import Area, Edition, EditionFile, Recommendation
from recommendations.models.frozen import missing_protection, protect_editions, unprotect_editions
from recommendations.publishing.reports import publish_report
from recommendations.report.proof import seal_of
from tests.factories import make_recommendation, make_report, make_update
from tests.rows import make_once, problems

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fake_pdf")]


def publish_one(*, by, at):
    make_update(statuses={make_recommendation(): "planned"})
    publish_report(make_report(), by=by, at=at)


@pytest.fixture
def edition(user, now):
    """The first edition of a report with one update."""
    make_once("an edition", lambda: publish_one(by=user, at=now), by=user)
    return Edition.objects.get()


# Immutability and verification


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE recommendations_edition SET number = 7",
        "UPDATE recommendations_edition SET note = 'other'",
        "UPDATE recommendations_editionfile SET content = 'x'",
        "UPDATE recommendations_editionfile SET content = NULL, sha256 = 'x'",
        "UPDATE recommendations_editionfile SET content = NULL",
        "UPDATE recommendations_edition SET note = '[erased]'",
        "DELETE FROM recommendations_editionfile",
        "DELETE FROM recommendations_edition",
        "UPDATE recommendations_editionupdate SET edition_id = 7",
        "DELETE FROM recommendations_editionupdate",
    ],
)
def test_the_database_refuses_to_change_what_was_published(edition, statement):
    if connection.vendor == "postgresql":
        statement = statement.replace("content = 'x'", "content = '\\x00'::bytea")

    with pytest.raises(DatabaseError, match="never changes"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)

    assert problems() == []


def test_the_database_refuses_what_row_triggers_do_not_see(edition):
    statement = {
        "sqlite": "INSERT OR REPLACE INTO recommendations_editionfile SELECT id, name, 'x', size, sha256, edition_id"
        " FROM recommendations_editionfile",
        "postgresql": "TRUNCATE recommendations_editionfile",
    }[connection.vendor]

    connection.check_constraints()

    with pytest.raises(DatabaseError, match="never changes"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def change_one_byte(name):
    file = EditionFile.objects.get(name=name)
    content = bytes(file.content)
    EditionFile.objects.filter(pk=file.pk).update(content=bytes([content[0] ^ 1]) + content[1:])


@pytest.mark.parametrize(
    ("tamper", "says"),
    [
        (lambda: EditionFile.objects.filter(name="article.html").update(content=b"x"), "article.html is not what was"),
        (lambda: change_one_byte("report.pdf"), "report.pdf is not what was published"),
        (lambda: EditionFile.objects.filter(name="report.pdf").update(content=None), "no erasure is recorded"),
        (lambda: EditionFile.objects.filter(name="report.pdf").delete(), "its files are not the three"),
        (lambda: EditionFile.objects.update(sha256="0" * 64), "its seal is broken"),
        (lambda: Edition.objects.update(published_at=dt.datetime(2020, 1, 1, tzinfo=dt.UTC)), "its seal is broken"),
        (lambda: Edition.objects.update(note="Another."), "note is not what was published"),
    ],
)
def test_verification_notices_every_tampering(edition, tamper, says):
    assert missing_protection(connection) == []
    unprotect_editions()
    try:
        tamper()

        with pytest.raises(CommandError, match=says):
            call_command("verify_editions")
        with pytest.raises(CommandError, match="lacks the triggers"):
            call_command("verify_editions")
    finally:
        protect_editions()


def test_verification_says_that_all_is_well(edition, capsys):
    call_command("verify_editions")

    assert capsys.readouterr().out == "All 1 editions are as they were published.\n"


def test_seals_chain_across_reports(edition, user, now):
    following = make_report(starts_on=dt.date(2020, 7, 1), ends_on=dt.date(2020, 7, 2))
    make_update(statuses={make_recommendation(number=2): "ongoing"}, dated_on=dt.date(2020, 7, 1))
    second = publish_report(following, by=user, at=now)

    assert second.previous == edition
    hashes = dict(second.files.values_list("name", "sha256"))
    assert seal_of(second, hashes) == second.seal
    second.previous = None
    assert seal_of(second, hashes) != second.seal


# After the first edition


def test_numbers_addresses_and_periods_are_fixed_by_the_first_edition(edition):
    recommendation = Recommendation.objects.get()
    recommendation.reference = "1.5"
    area = Area.objects.get()
    area.number = 5
    report = edition.report
    report.slug, report.ends_on = "another", dt.date(2020, 6, 29)

    for fields, thing in ((["reference"], recommendation), (["number"], area), (["slug", "ends_on"], report)):
        with pytest.raises(ValidationError, match="can't change") as caught:
            thing.full_clean()
        assert list(caught.value.message_dict) == fields


def test_what_is_added_after_the_first_edition_says_since_when(edition):
    late = Recommendation(area=Area.objects.get(), reference="1.9", position=9, text="Do more.")

    with pytest.raises(ValidationError) as caught:
        late.full_clean()
    assert list(caught.value.message_dict) == ["added_on"]

    late.added_on = dt.date(2020, 7, 1)
    late.full_clean()
