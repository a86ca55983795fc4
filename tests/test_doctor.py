"""The doctor: it says in a line each what is wrong and how to fix it, and one thing that fails hides no other."""

import datetime as dt
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.utils import timezone

from recommendations.management import doctor
from recommendations.management.doctor import State
from recommendations.models import EditionFile, VerifiedBackup
from recommendations.models.content_version import missing_watch, unwatch_content, watch_content
from recommendations.models.frozen import protect_editions, unprotect_editions
from recommendations.publishing.reports import publish_report
from recommendations.report import pdf
from recommendations.report.pdf import RenderFailed
from tests.factories import make_plan, make_recommendation, make_report, make_support_link, make_update
from tests.installations import free_port
from tracker.files import keep_database_private

SUBJECTS = [
    *(
        "database",
        "migrations",
        "triggers",
        "editions",
        "clock",
        "support links",
        "backup",
        "configuration",
        "connections",
    ),
    *("disk", "files", "secret key", "static files", "e-mail", "PDFs", "errors", "upgrade"),
]


@pytest.fixture
def var(settings, tmp_path):
    tmp_path.chmod(0o700)
    settings.VAR_DIR = tmp_path
    if connection.vendor == "sqlite":
        keep_database_private(Path(connection.settings_dict["NAME"]))
    return tmp_path


@pytest.fixture
def edition(user, now, fake_pdf):
    make_update(statuses={make_recommendation(): "planned"})
    return publish_report(make_report(), by=user, at=now)


def said_of(check):
    answer = doctor.answer("it", check)
    return answer.state, answer.words


@pytest.mark.django_db
def test_where_all_is_well_each_thing_has_a_line_and_nothing_fails(var, edition, capsys):
    make_support_link(checked_on=timezone.localdate())

    call_command("doctor")

    lines = capsys.readouterr().out.splitlines()
    assert [line.partition(":")[0] for line in lines[:-1]] == [f"ok          {subject}" for subject in SUBJECTS]
    assert lines[-1] == "Nothing is to fix."


@pytest.mark.django_db
def test_where_something_is_wrong_the_command_fails_after_all_lines(var, edition, capsys):
    make_support_link(checked_on=dt.date(2020, 1, 1))

    with pytest.raises(CommandError, match=r"^1 thing is to fix\.$"):
        call_command("doctor")

    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(SUBJECTS)
    (wrong,) = [line for line in lines if not line.startswith("ok ")]
    assert wrong.startswith("to fix      support links: Nobody has tried the support link “A support line” since ")


@pytest.mark.django_db
def test_without_a_database_all_else_is_told(monkeypatch):
    def refuse(*args):
        raise OperationalError("canary")

    monkeypatch.setattr(connection, "cursor", refuse)
    monkeypatch.setattr(doctor, "OTHERS", (("another", lambda: "Well."),))

    answers = list(doctor.examined(workers=1, threads=8))

    assert [answer.subject for answer in answers] == [*SUBJECTS[:9], "another"]
    assert [answer.state for answer in answers] == [State.TO_FIX, *[State.UNKNOWN] * 8, State.OK]
    assert answers[0].words == "It can't be reached. Start it, or correct DATABASE_URL."


def test_a_check_that_fails_itself_stops_nothing():
    assert said_of(lambda: str(1 / 0)) == (
        State.UNKNOWN,
        "The check itself failed: ZeroDivisionError: division by zero.",
    )


@pytest.mark.django_db
def test_a_database_that_only_reads_is_told():
    read_only, again = {
        "sqlite": ("PRAGMA query_only = ON", "PRAGMA query_only = OFF"),
        "postgresql": ("SET TRANSACTION READ ONLY", "SELECT 1"),
    }[connection.vendor]

    with connection.cursor() as cursor:
        cursor.execute(read_only)
        state, words = said_of(doctor.database)
        cursor.execute(again)

    assert state is State.TO_FIX
    assert words.startswith("It can be read, but not written to: ")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("unmake", "make", "count"),
    [(unprotect_editions, protect_editions, "9 that"), (unwatch_content, watch_content, "")],
)
def test_triggers_that_are_gone_are_told(unmake, make, count):
    unmake()
    state, words = said_of(doctor.triggers)
    make()

    assert state is State.TO_FIX
    assert words.startswith(count)
    assert "Run manage.py migrate" in words
    assert said_of(doctor.triggers) == (State.OK, "All are there.")


@pytest.mark.django_db
def test_a_single_trigger_that_tells_of_changes_is_missed():
    name, on = (
        ("recommendations_takedown_delete_moves_the_content_version", "")
        if connection.vendor == "sqlite"
        else ("moves_the_content_version", " ON recommendations_takedown")
    )
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER {name}{on}")
    missing = missing_watch(connection)
    watch_content()

    assert missing == [f"{name} of recommendations_takedown"]
    assert missing_watch(connection) == []


@pytest.mark.django_db
def test_an_edition_that_was_changed_is_named(edition):
    unprotect_editions()
    EditionFile.objects.filter(name=EditionFile.Name.PDF).update(content=b"%PDF-1.7 other")
    protect_editions()

    state, words = said_of(doctor.editions)

    assert state is State.TO_FIX
    assert words.startswith(f"1 of 1 aren't what was published ({edition.report.slug} 1).")


@pytest.mark.django_db
def test_a_clock_that_went_back_is_told():
    make_update(statuses={make_recommendation(): "planned"}, published_at=dt.datetime(2999, 6, 1, 19, tzinfo=dt.UTC))

    state, words = said_of(doctor.clock)

    assert state is State.TO_FIX
    assert "already published on June 1, 2999 at 12:00" in words


@pytest.mark.django_db
def test_a_site_without_support_links_is_told():
    make_plan()

    assert said_of(doctor.support)[0] is State.TO_FIX


def test_a_disk_without_room_is_told(var, monkeypatch):
    monkeypatch.setattr(doctor, "LEAST_FREE", 1 << 60)

    state, words = said_of(doctor.disk)

    assert state is State.TO_FIX
    assert "MB free; it should have 1099511627776. Delete what isn't needed" in words


def test_a_file_that_others_read_is_named(var):
    environment = var / "environment"
    environment.touch(0o600)
    private = said_of(doctor.file_modes)
    environment.chmod(0o644)

    assert private[0] is State.OK
    assert said_of(doctor.file_modes) == (
        State.TO_FIX,
        f"Other accounts of this machine may read {environment}. Run chmod go= on each.",
    )


def test_a_mail_server_that_does_not_answer_is_told(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_HOST_PASSWORD = "127.0.0.1", free_port(), "CANARY"

    state, words = said_of(doctor.email)

    assert state is State.TO_FIX
    assert words.startswith("The server didn't let us in (ConnectionRefusedError, ")
    assert "CANARY" not in words


def test_without_a_mail_server_it_says_so(settings):
    settings.HAS_EMAIL = False

    state, words = said_of(doctor.email)

    assert (state, words.partition(":")[0]) == (State.OK, "Not set up")


def test_a_weak_secret_key_is_told(settings):
    settings.SECRET_KEY = "a" * 60

    assert said_of(doctor.secret_key)[0] is State.TO_FIX


def test_a_pdf_that_can_not_be_made_is_told(monkeypatch):
    def fail(article, **options):
        raise RenderFailed("PDFs need the Pango library, which isn't installed.")

    monkeypatch.setattr(pdf, "render", fail)

    assert said_of(doctor.pdfs) == (State.TO_FIX, "PDFs need the Pango library, which isn't installed.")


@pytest.mark.rendering
def test_the_letters_of_every_font_are_tried():
    assert said_of(doctor.pdfs)[1].startswith("One was made, by WeasyPrint ")


@pytest.mark.django_db
def test_a_public_site_needs_keys_and_a_backup_of_this_week(settings):
    assert said_of(doctor.backup)[0] == State.OK
    settings.IS_PUBLIC = True
    assert said_of(doctor.backup) == (
        State.TO_FIX,
        "None can be made without a key: manage.py create_backup_key FILE makes one for BACKUP_KEYS.",
    )
    settings.BACKUP_KEYS = ["age1one"]
    assert said_of(doctor.backup)[1].startswith("There is none. Run manage.py backup FOLDER each day")
    VerifiedBackup.objects.note(made_at=timezone.now() - dt.timedelta(days=10), is_encrypted=False)
    assert said_of(doctor.backup)[1].startswith("There is none.")
    VerifiedBackup.objects.note(made_at=timezone.now() - dt.timedelta(days=9), is_encrypted=True)
    assert said_of(doctor.backup)[1].startswith("The last one is 9 days old. See why")
    VerifiedBackup.objects.note(made_at=timezone.now() - dt.timedelta(days=1, hours=1), is_encrypted=True)
    assert said_of(doctor.backup) == (
        State.OK,
        (
            "The last one is 1 day old, and was restored as a test. "
            "One key alone can open it: give BACKUP_KEYS a second one."
        ),
    )


def test_an_upgrade_that_was_stopped_on_its_way_is_told(settings, tmp_path):
    settings.BASE_DIR = tmp_path / "tracker/releases/20261101"
    settings.BASE_DIR.mkdir(parents=True)
    assert said_of(doctor.upgrade) == (State.OK, "None was stopped on its way.")
    (tmp_path / "tracker/upgrading").touch()

    assert said_of(doctor.upgrade) == (
        State.TO_FIX,
        "One was stopped on its way. Run tracker-upgrade --heal, which goes back.",
    )
