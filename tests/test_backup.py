"""`backup` and `restore`: everything is there again, on both databases, or nothing has happened."""

import datetime as dt
import io
import json
import os
import re
import resource
import signal
import threading
import zipfile
from functools import partial
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django_otp.plugins.otp_totp.models import TOTPDevice

from recommendations.accounts.roles import Role, give_role
from recommendations.backup import archive, databases, making, restoring, rows
from recommendations.backup.keys import read_keys
from recommendations.models import (
    ActionPlan,
    Area,
    Edition,
    ProgressUpdate,
    Recommendation,
    SignInTurn,
    Term,
    VerifiedBackup,
)
from recommendations.models.content_version import content_version
from recommendations.models.frozen import missing_protection, protect_editions, unprotect_editions
from recommendations.publishing.acts import Refused, save
from recommendations.publishing.reports import publish_report
from recommendations.publishing.takedowns import take_down
from recommendations.publishing.updates import correct_update
from tests.factories import (
    changed_content,
    make_area,
    make_logo,
    make_recommendation,
    make_report,
    make_update,
    make_user,
)
from tests.killed import KILLED, die, in_a_child
from tests.rows import kept_rows, problems

MADE_AT = dt.datetime(2020, 8, 1, 9, 30, 0, 123456, tzinfo=dt.UTC)
# Each kind of column is in it: bytes of files, JSON, instants to the microsecond, ids of saves.
LATE = dt.datetime(2020, 7, 2, 23, 59, 59, 999999, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def folder(backups):
    return backups


@pytest.fixture
def site(transactional_db, fake_pdf):
    """A site with something of each kind in it: published, corrected, taken down, deleted, signed in with a code."""
    user = make_user(username="zoë")
    make_logo()
    one = make_recommendation(text="Ask first.\n\nThen “listen”:\tπ, 𝒳, e\u0301.")
    first = make_update(statuses={one: "planned"}, published_at=LATE, evidence=[("Minutes", "https://a.example/m")])
    second = make_update(statuses={one: "ongoing"}, private_note="For colleagues.")
    gone = make_update(statuses={one: ""}, published=False)
    save(gone, by=user, reason="It was never wanted.")
    ProgressUpdate.objects.filter(pk=gone.pk).delete()
    correct_update(first, content=changed_content(first, text="What is right."), note="It was wrong.", by=user, at=LATE)
    publish_report(make_report(), by=user, at=LATE)
    take_down(second, reason="It named somebody.", by=user, at=LATE)
    TOTPDevice.objects.create(user=user, name="app", key="ab" * 20, confirmed=True)
    give_role(make_user(is_superuser=False), Role.PUBLISHER)
    return user


def last_ids():
    return {model: rows.last_id(model) for model in rows.kept(rows.models_at(rows.applied_migrations()))}


def test_what_was_backed_up_is_there_again(site, folder):
    before, ids, version = kept_rows(), {str(key): last for key, last in last_ids().items()}, content_version()

    made = making.back_up(folder, to=[], at=MADE_AT)
    make_area(title="Written since.")
    # As an upgrade that failed leaves it behind.
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE later_thing (id integer)")
        cursor.execute("INSERT INTO django_migrations (app, name, applied) VALUES ('later', '0001', '2020-01-01')")
    done = restoring.restore(made.path, secret=[], replace=True)

    assert "later_thing" not in connection.introspection.table_names()
    assert kept_rows() == before
    assert {str(key): last for key, last in last_ids().items() if "VerifiedBackup" not in str(key)} == {
        key: last for key, last in ids.items() if "VerifiedBackup" not in key
    }
    assert (done.problems, problems(), missing_protection(connection)) == ([], [], [])
    assert (done.revoked, done.unreadable, done.nobody_gets_in) == ({}, 0, False)
    assert content_version() not in (version, None)
    assert VerifiedBackup.objects.get().made_at == MADE_AT
    assert done.manifest == made.manifest
    assert (made.path.name, made.path.stat().st_mode & 0o777) == ("tracker-20200801T093000Z.backup", 0o600)
    assert make_area().pk == max(row[0] for row in before["recommendations.Area"]) + 1
    assert {path.name for path in folder.iterdir()} == {made.path.name, "tracker-ledger.jsonl"}
    assert not list(databases.settings.VAR_DIR.glob("scratch/*"))


def test_the_other_database_gives_back_what_it_was_given(site, folder, tmp_path):
    """On PostgreSQL this is the way to SQLite and back; the lines of each table are the same on both."""
    before = kept_rows()
    first, second = making.back_up(folder / "first", to=[], at=MADE_AT), folder / "second"

    with databases.scratch_file(tmp_path / "other.sqlite3"):
        with first.path.open("rb") as file:
            archive.load(file, first.manifest)
        with second.open("wb") as file:
            moved = archive.write(file, made_at=MADE_AT)
    restoring.restore(second, secret=[], replace=True)

    assert moved.tables == first.manifest.tables
    assert moved.database == "sqlite"
    assert kept_rows() == before
    assert problems() == []


def test_it_is_of_one_moment_and_keeps_nobody_waiting(site, folder):
    def save_both(title):
        try:
            with transaction.atomic():
                Area.objects.update(title=title)
                ActionPlan.objects.update(title=title)
        finally:
            connection.close()

    def saved(title):
        thread = threading.Thread(target=save_both, args=[title])
        thread.start()
        thread.join(timeout=15)
        assert not thread.is_alive()

    saved("before")
    with databases.still_look():
        first = Area.objects.first().title
        saved("meanwhile")
        with (folder / "made").open("wb") as file:
            archive.write(file, made_at=MADE_AT)

    assert first == "before"
    assert Area.objects.first().title == ActionPlan.objects.get().title == "meanwhile"
    restoring.restore(folder / "made", secret=[], replace=True)
    assert Area.objects.first().title == ActionPlan.objects.get().title == "before"


def test_a_backup_of_an_older_version_is_brought_to_this_one(site, folder, tmp_path):
    older = [(app, name) for app, name in rows.applied_migrations() if app != "recommendations" or name < "0035"]
    with databases.scratch_file(tmp_path / "older.sqlite3"):
        models = {model._meta.label: model for model in rows.models_at(older)}
        rows.create_tables(models.values(), older)
        models["recommendations.ActionPlan"].objects.create(id=1, title="As it was", organisation_name="Org")
        with (folder / "older").open("wb") as file:
            manifest = archive.write(file, made_at=MADE_AT)

    restoring.restore(folder / "older", secret=[], replace=True)

    assert manifest.migrations == older
    assert ActionPlan.objects.get().title == "As it was"
    assert set(rows.applied_migrations()) > set(older)
    assert VerifiedBackup.objects.get().made_at == MADE_AT
    assert not Edition.objects.exists()


def test_nothing_that_is_unknown_is_left_out_unsaid(transactional_db, folder):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE recommendations_term ADD COLUMN later text")
    try:
        with pytest.raises(Refused, match="what this version of the tracker doesn't know, such as later in"):
            making.back_up(folder / "made", to=[], at=MADE_AT)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE recommendations_term DROP COLUMN later")

    assert list(folder.iterdir()) == []


@pytest.mark.repeated
def test_what_cannot_be_restored_is_a_sentence_and_leaves_the_site_as_it_was(site, folder):
    key, other = folder / "key", folder / "other"
    public = public_key(key)
    public_key(other)
    plain = making.back_up(folder / "plain", to=[], at=MADE_AT).path
    secret = making.back_up(folder / "secret", to=[public], at=MADE_AT).path
    before = kept_rows()
    newer = folder / "newer"
    rewritten(plain, newer, migrations=[["recommendations", "9999_later"]])
    stranger = folder / "stranger"
    rewritten(plain, stranger, format=2)
    swapped = folder / "swapped"
    rewritten(plain, swapped, part="auth_group.jsonl", old=b"publisher", new=b"published")

    def refused(content, **options):
        (folder / "tried").write_bytes(content)
        with pytest.raises(CommandError) as error:
            call_command("restore", folder / "tried", **{"replace": True, **options})
        words = str(error.value)
        assert words.startswith("Nothing was restored, and this site is as it was. ")
        return words.removeprefix("Nothing was restored, and this site is as it was. ")

    whole, sealed, damaged = (
        plain.read_bytes(),
        secret.read_bytes(),
        "The file is damaged, or is no backup of the tracker.",
    )
    assert refused(b"") == damaged
    assert refused(whole[:-100]) == damaged
    assert refused(with_another_byte(whole, at=begin_of(plain, "auth_permission.jsonl") + 100)) == damaged
    assert refused(sealed[:-100], key=key) == damaged
    assert refused(with_another_byte(sealed, at=len(sealed) // 2), key=key) == damaged
    assert refused(sealed[:2000], key=key) == damaged
    assert refused(sealed, key=other) == "It was encrypted to other keys: this one can't read it."
    assert refused(sealed) == "It is encrypted: give --key FILE with the secret key of a key-holder."
    assert refused(sealed, key=plain) == f"{plain} can't be read as a file of keys."
    assert refused(newer.read_bytes()).startswith("It has migrations that this version of the tracker lacks")
    assert refused(stranger.read_bytes()).startswith("It was made by a newer version of the tracker")
    assert refused(swapped.read_bytes()) == "What it holds of auth_group is not what was written."
    assert refused(whole, replace=False).startswith("This site has a plan or accounts already.")
    assert kept_rows() == before
    restoring.restore(secret, secret=read_keys(key), replace=True)
    assert kept_rows() == before


def public_key(path):
    out = io.StringIO()
    call_command("create_backup_key", path, stdout=out)
    assert path.stat().st_mode & 0o777 == 0o600
    return out.getvalue().splitlines()[-1]


def with_another_byte(content, *, at):
    return content[:at] + bytes([content[at] ^ 255]) + content[at + 1 :]


def begin_of(path, part):
    """Where the content of a part begins, after its head of 30 bytes and its name."""
    with zipfile.ZipFile(path) as file:
        return file.getinfo(part).header_offset + 30 + len(part)


def rewritten(path, to, *, part="", old=b"", new=b"", **changes):
    """A copy of a backup with another manifest, or another content of a part, whole as an archive."""
    with zipfile.ZipFile(path) as read, zipfile.ZipFile(to, "w") as written:
        for name in read.namelist():
            held = read.read(name)
            if name == archive.MANIFEST and changes:
                held = json.dumps({**json.loads(held), **changes}).encode()
            written.writestr(name, held.replace(old, new) if name == part else held)


@pytest.mark.process
def test_a_process_that_is_killed_leaves_all_as_it_was(site, folder, monkeypatch):
    made, before = making.back_up(folder / "made", to=[], at=MADE_AT), kept_rows()

    def killed_in(module, name, act):
        def killed():
            monkeypatch.setattr(module, name, die)
            act()

        assert in_a_child(killed) == KILLED
        assert kept_rows() == before

    def back_up():
        making.back_up(folder / "killed", to=[], at=MADE_AT)

    def restore():
        restoring.restore(made.path, secret=[], replace=True)

    killed_in(making, "verify", back_up)
    assert not (folder / "killed").exists()
    killed_in(databases, "take_the_place_of", restore)
    # Who comes next finds nothing in the way, and leaves nothing of it: it may hold what was erased since.
    back_up()
    assert not list((folder.parent / "var/scratch").iterdir())
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT nspname FROM pg_namespace WHERE nspname = %s", [databases.SCHEMA])
            assert cursor.fetchall() == []
    restore()
    assert sorted(path.name for path in folder.iterdir()) == ["killed", "made", "tracker-ledger.jsonl"]
    assert kept_rows() == before
    assert not list((folder.parent / "var/scratch").iterdir())


@pytest.mark.process
@pytest.mark.repeated
def test_a_full_disk_is_a_sentence_and_leaves_nothing(site, folder, capfd):
    def back_up(most):
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
        try:
            call_command("backup", folder / "made.backup")
        except CommandError as error:
            os.write(2, str(error).encode())

    for most in (40_000, 300_000):
        in_a_child(partial(back_up, most))

        assert capfd.readouterr().err.startswith("Nothing was backed up: ")
    assert list(folder.iterdir()) == []

    def restore(most):
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
        try:
            call_command("restore", folder / "made", replace=True)
        except CommandError as error:
            os.write(2, str(error).encode())

    making.back_up(folder / "made", to=[], at=MADE_AT)
    restoring.restore(folder / "made", secret=[], replace=True)
    make_area(title="Written since.")
    # The scratch database fits in; the log of the step in which it takes the place of the site's is a little larger.
    for most in (300_000, Path(connection.settings_dict["NAME"]).stat().st_size):
        in_a_child(partial(restore, most))

        assert capfd.readouterr().err.startswith("Nothing was restored, and this site is as it was. ")
        assert Area.objects.filter(title="Written since.").exists()


def test_tables_are_made_as_migrations_make_them(transactional_db, tmp_path):
    """A restored database has what a migrated one has: columns, keys, indexes and what is checked."""

    def tables():
        with connection.cursor() as cursor:
            return {table: described(cursor, table) for table in connection.introspection.table_names(cursor)}

    def described(cursor, table):
        columns = {
            (column.name, column.type_code, column.null_ok, column.internal_size)
            for column in connection.introspection.get_table_description(cursor, table)
        }
        constraints = connection.introspection.get_constraints(cursor, table).values()
        return columns, sorted(
            repr(
                [(key, held.get(key)) for key in ("columns", "primary_key", "unique", "foreign_key", "check", "index")]
            )
            for held in constraints
        )

    before = tables()
    migrations = rows.applied_migrations()
    with databases.scratch_of_the_sites_kind(tmp_path):
        rows.create_tables(rows.models_at(migrations), migrations)
        making.made_ready()

        assert tables() == before


def test_old_backups_are_removed_but_nothing_else(folder):
    at = dt.datetime(2021, 1, 1, tzinfo=dt.UTC)
    names = {
        "tracker-20201002T000000Z.backup": b"PK\x03\x04",
        "tracker-20201003T000001Z.backup": b"PK\x03\x04",
        "tracker-20200101T000000Z.backup.age": b"age-encryption.org/v1\n",
        "tracker-20200102T000000Z.backup": b"Not ours.",
        "tracker-20200103T000000Z.backup": b"PK\x03\x04",
        "tracker-20209999T000000Z.backup": b"PK\x03\x04",
        "notes-of-2019.txt": b"PK\x03\x04",
        ".tracker-20201231T000000Z.backup.part": b"",
        ".notes.part": b"",
    }
    for name, content in names.items():
        (folder / name).write_bytes(content)

    removed = making.rotate(folder, newest=folder / "tracker-20200103T000000Z.backup", at=at)

    assert [path.name for path in removed] == [
        ".tracker-20201231T000000Z.backup.part",
        "tracker-20200101T000000Z.backup.age",
        "tracker-20201002T000000Z.backup",
    ]
    assert {path.name for path in folder.iterdir()} == set(names) - {path.name for path in removed}


@pytest.mark.repeated
def test_old_backups_are_removed_also_where_an_edition_is_not_as_it_was(transactional_db, folder, fake_pdf):
    make_update(statuses={make_recommendation(): "planned"})
    publish_report(make_report(), by=make_user(), at=LATE)
    unprotect_editions()
    Edition.objects.update(number=2, note="Not so.")
    protect_editions()
    old = folder / "tracker-20200101T000000Z.backup"
    old.write_bytes(b"PK\x03\x04")

    made = making.back_up(folder, to=[], at=MADE_AT)

    assert made.removed == [old]
    assert len(made.problems) == 1
    assert not VerifiedBackup.objects.exists()


@pytest.mark.django_db
def test_a_backup_of_a_version_that_leaves_out_other_tables_is_taken(folder, tmp_path, monkeypatch):
    Term.objects.create(word="bodies", instead="agencies", recommendation=make_recommendation())
    SignInTurn.objects.create(next_at=LATE)
    with monkeypatch.context() as other_version, (folder / "made").open("wb") as file:
        other_version.setattr(rows, "LEFT_OUT", (*rows.LEFT_OUT[:-1], "recommendations.term"))
        manifest = archive.write(file, made_at=MADE_AT)

    with databases.scratch_file(tmp_path / "scratch.sqlite3"), (folder / "made").open("rb") as file:
        archive.load(file, manifest)

        assert Recommendation.objects.exists()
        assert not Term.objects.exists()
        assert not SignInTurn.objects.exists()


@pytest.mark.repeated
def test_a_folder_that_is_not_there_is_a_sentence(folder):
    with pytest.raises(CommandError, match=r"^There is no folder .*/backup\. Make it first"):
        call_command("backup", folder / "backup")
    with pytest.raises(CommandError, match=r"^Nothing was backed up: No such file or directory: .*/nowhere/"):
        call_command("backup", folder / "nowhere/made.backup")

    assert list(folder.iterdir()) == []


def test_what_a_killed_backup_left_is_removed_by_the_daily_command_unless_one_runs(db, folder, settings):
    with databases.scratch_folder() as scratch:
        (scratch / "restored.sqlite3").touch()
        databases.remove_leftovers()
        assert list(scratch.iterdir())
    (scratch / "restored.sqlite3").touch()

    call_command("clean_up", stdout=io.StringIO())

    assert not list(scratch.iterdir())


@pytest.mark.repeated
def test_a_public_site_must_encrypt(site, folder, settings):
    settings.IS_PUBLIC = True
    with pytest.raises(CommandError, match="A public site's backup must be encrypted"):
        call_command("backup", folder / "made.backup")
    settings.BACKUP_KEYS = [public_key(folder.parent / "key")]
    out = io.StringIO()

    call_command("backup", folder, stdout=out)

    (made,) = folder.glob("*.age")
    said = out.getvalue()
    assert re.match(
        r"Backed up \d+ rows of \d+ tables, with 1 editions, to .*\.backup\.age \([\d.]+ MB, encrypted to", said
    )
    assert said.endswith("One key alone can open it: give BACKUP_KEYS a second one, of another person.\n")
    assert b"Do what" not in made.read_bytes()
    assert made.read_bytes().startswith(b"age-encryption.org/v1\n")
    assert VerifiedBackup.objects.get().is_encrypted
