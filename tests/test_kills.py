"""Whoever is killed on the way leaves all as it was, or all done: a few times in each run, 250 with script/soak."""

import os
from functools import partial

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from recommendations.backup import databases, making, restoring
from recommendations.data.sheets import read_sheet
from recommendations.models import Report, TakeDown
from recommendations.models.content_version import missing_watch
from recommendations.models.frozen import missing_protection
from recommendations.publishing.erasure import erase
from recommendations.publishing.importing import act as plans
from recommendations.publishing.importing import check as plan_checks
from recommendations.publishing.importing.columns import READ
from recommendations.publishing.importing.updates import act as updates
from recommendations.publishing.importing.updates import check as update_checks
from recommendations.publishing.importing.updates.columns import UPDATES
from recommendations.publishing.reports import publish_report
from recommendations.publishing.takedowns import take_down
from tests.factories import make_recommendation, make_report, make_update, make_user
from tests.killed import KILLED, dying_before, in_a_child
from tests.rows import kept_rows, problems

pytestmark = [pytest.mark.process, pytest.mark.django_db(transaction=True)]

PLAN = b"reference,area_title,text,parties\n1.1,,Mended.,Police\n2.1,Second,New.,Health; Police\n"
PAST = b"date,references,status,text,evidence\n2020-06-01,1.1,planned,It began.,A <https://a.example/>\n"


def publish(user, folder):
    publish_report(Report.objects.get(), by=user, at=timezone.now())


def import_plan(user, folder):
    sheet = read_sheet(PLAN, name="plan.csv", columns=READ)
    confirmed = plan_checks.check(sheet, on=timezone.localdate()).confirmed
    plans.import_recommendations(sheet, confirmed=confirmed, by=user, at=timezone.now())


def import_updates(user, folder):
    sheet = read_sheet(PAST, name="updates.csv", columns=UPDATES.names())
    confirmed = update_checks.check(sheet, on=timezone.localdate()).confirmed
    updates.import_updates(sheet, confirmed=confirmed, by=user, at=timezone.now())


def erase_an_update(user, folder):
    erase(TakeDown.objects.get(), by=user, at=timezone.now())


def back_up(user, folder):
    (folder / "again").unlink(missing_ok=True)
    making.back_up(folder / "again", to=[], at=timezone.now())


def restore(user, folder):
    restoring.restore(folder / "older", secret=[], replace=True)


@pytest.fixture
def ledger(settings):
    """Puts the ledgers back: a restore does again what they say was done since."""
    kept = {}

    def put_back(folder):
        for path in (settings.LEDGER, folder / making.LEDGER):
            if path not in kept:
                kept[path] = path.read_bytes() if path.exists() else b""
            path.write_bytes(kept[path])

    return put_back


def how_many(found):
    return {label: len(held) for label, held in found.items()}


# All migrations take some ten seconds, and a restore one: those are for script/soak alone.
SOAKED = "SOAK_ROUNDS" in os.environ
ACTS = [publish, import_updates, *([import_plan, erase_an_update, back_up, restore] if SOAKED else [])]


@pytest.mark.parametrize("act", ACTS)
def test_nothing_is_half_done(act, backups, ledger, fake_pdf, rounds):
    user, one = make_user(), make_recommendation(text="As it was.")
    if act is restore:
        making.back_up(backups / "older", to=[], at=timezone.now())
    make_update(statuses={one: "planned"}, text="What was said.", evidence=[("Minutes", "https://a.example/m")])
    take_down(make_update(statuses={one: "ongoing"}), reason="It named somebody.", by=user, at=timezone.now())
    make_report()
    making.back_up(backups / "now", to=[], at=timezone.now())
    ledger(backups)
    before = kept_rows()

    def begin_again():
        ledger(backups)
        restoring.restore(backups / "now", secret=[], replace=True)
        assert kept_rows() == before

    with dying_before(None) as steps:
        act(user, backups)
    steps, done = steps(), how_many(kept_rows())
    begin_again()

    def killed(step):
        with dying_before(step):
            act(user, backups)

    kills, ended = 2 * rounds // 5, []
    for number in range(kills):
        step = steps - 1 - number * steps // kills
        ended.append(in_a_child(partial(killed, step)))
        found = kept_rows()
        assert found == before or how_many(found) == done, f"killed at step {step} of {steps}"
        assert (problems(), missing_protection(connection), missing_watch(connection)) == ([], [], [])
        if found != before:
            begin_again()

    # Some may have ended before: a process that has asked once asks for less.
    assert set(ended) <= {KILLED, 0}
    assert ended.count(KILLED) > kills // 2
    # Who comes next finds nothing in the way, and leaves nothing of it.
    act(user, backups)
    assert how_many(kept_rows()) == done
    assert [path for path in backups.iterdir() if path.name.startswith(".")] == []


def schema():
    """What the tables of this database are made of, and which migrations it has."""
    with connection.cursor() as cursor:
        return {
            table: sorted(column[:3] for column in connection.introspection.get_table_description(cursor, table))
            for table in connection.introspection.table_names(cursor)
        }


if SOAKED:
    # As many steps as all migrations have had from the first release on; new ones only add to them.
    STEPS_OF_MIGRATIONS = 1200

    def test_migrations_that_were_killed_go_on_where_they_were(backups, rounds):
        whole, kills = schema(), rounds // 10
        migrate = partial(call_command, "migrate", verbosity=0)

        def killed(step):
            with dying_before(step):
                migrate()

        for number in range(kills):
            with databases.scratch_folder() as folder, databases.scratch_of_the_sites_kind(folder):
                assert in_a_child(partial(killed, STEPS_OF_MIGRATIONS * number // kills)) == KILLED
                migrate()

                assert schema() == whole
                assert (missing_protection(connection), missing_watch(connection)) == ([], [])
