"""Restoring a backup never shows again what was hidden, erased, ended or revoked after it was made."""

import datetime as dt
import io
import json
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.utils import timezone

from recommendations.accounts import second_factor
from recommendations.accounts.leaving import leave
from recommendations.accounts.roles import Role, give_role, role_of
from recommendations.backup import making, restoring, rows
from recommendations.backup.revoking import later
from recommendations.models import Edition, Logo, LogoImage, ProgressUpdate, SetAside, TakeDown, VerifiedBackup
from recommendations.publishing import ledger
from recommendations.publishing.erasure import erase, let_pictures_go
from recommendations.publishing.history import version_of
from recommendations.publishing.notes import erase_note
from recommendations.publishing.reports import publish_report
from recommendations.publishing.takedowns import restore_set_aside, set_aside, take_down
from recommendations.publishing.updates import publish_update, withdraw_update
from tests.factories import make_logo, make_recommendation, make_report, make_update, make_user
from tests.rows import any_table_holds, problems

AT = dt.datetime(2020, 7, 2, 17, 0, tzinfo=dt.UTC)
KEYS = ("ab" * 20, "cd" * 20)


@pytest.fixture(autouse=True)
def folder(backups):
    return backups


def with_second_factor(account, key):
    second_factor.TOTPDevice.objects.filter(user=account).delete()
    second_factor.TOTPDevice.objects.create(user=account, name="app", key=key, confirmed=True)
    return second_factor.new_codes(account)


def what_is_told(path):
    """The lines of a ledger: of each, what it says and about what."""
    found = [json.loads(line) for line in path.read_text().splitlines()]
    return [(one["what"], one.get("update") or one.get("edition") or one.get("account")) for one in found]


@pytest.fixture
def people(transactional_db):
    names = ("admin", "left", "reduced", "renewed", "replaced", "used", "same")
    found = {name: make_user(username=name, is_superuser=name == "admin", password="first") for name in names}
    for name in names[1:]:
        give_role(found[name], Role.PUBLISHER)
        found[name].codes = with_second_factor(found[name], KEYS[0])
    return found


def test_nothing_that_ended_since_is_there_again(people, folder, fake_pdf, settings):
    admin, one = people["admin"], make_recommendation()
    erased = make_update(statuses={one: "planned"}, text="She lives at the canary.", private_note="Ask canary.")
    held = make_update(statuses={one: "planned"})
    aside, shown, withdrawn = (make_update(statuses={one: "ongoing"}) for _ in range(3))
    draft = make_update(statuses={one: "planned"}, text="A canary, too.", published=False)
    noted = make_update(statuses={one: "planned"}, private_note="The canary told us.")
    before = make_update(statuses={one: "planned"})
    edition = publish_report(make_report(), by=admin, at=AT)
    set_aside(before, by=admin, at=AT)

    made = making.back_up(folder, to=[], at=timezone.now())
    publish_update(draft, by=admin, at=AT)
    newer = make_update(statuses={one: "planned"})
    take_down(newer, reason="It named somebody.", by=admin, at=AT)
    for thing in (edition, erased, draft):
        take_down(thing, reason="It named somebody.", by=admin, at=AT)
        erase(thing.take_down if thing is edition else TakeDown.objects.get(update=thing), by=admin, at=AT)
    set_aside(aside, by=admin, at=AT)
    restore_set_aside(set_aside(shown, by=admin, at=AT), reason="It is fine.", by=admin, at=AT)
    withdraw_update(withdrawn, note="It was wrong.", by=admin, at=AT)
    erase_note(noted, reason="They asked.", expected=version_of(noted), by=admin)
    leave(people["left"], by=admin, reason="Moved on.")
    give_role(people["reduced"], Role.EDITOR)
    people["renewed"].set_password("second")
    people["renewed"].save()
    with_second_factor(people["replaced"], KEYS[1])
    assert second_factor.verified(people["used"], people["used"].codes[0])
    people["same"].first_name = "Sam"
    people["same"].save()
    (folder / "elsewhere").write_text(
        f'{{"at":"2100-01-01T00:00:00Z","what":"taken_down","site":"x","update":{held.pk}}}\n'
    )

    done = restoring.restore(made.path, secret=[], replace=True, ledgers=[folder / "elsewhere"])

    assert done.revoked == {"taken down": 3, "erased": 3, "set aside": 2, "notes erased": 1, "accounts limited": 5}
    assert not any_table_holds("canary")
    assert problems() == []
    assert set(ProgressUpdate.objects.exclude(take_down=None)) == {erased, draft}
    assert Edition.objects.get().is_taken_down
    assert {one.update for one in SetAside.objects.undecided()} == {aside, withdrawn, before}
    found = {account.username: account for account in User.objects.all()}
    assert [name for name, account in found.items() if not account.is_active] == ["left"]
    assert {name for name, account in found.items() if not account.check_password("first")} == {"left", "renewed"}
    assert role_of(found["reduced"]) == Role.EDITOR
    assert {name for name, account in found.items() if second_factor.app_of(account)} == set(found) - {
        "admin",
        "replaced",
    }
    assert {name: second_factor.codes_left(account) for name, account in found.items()} == {
        **dict.fromkeys(found, 10),
        "admin": 0,
        "replaced": 0,
        "used": 0,
    }
    assert found["same"].first_name == ""
    acts = {thing: thing.history.latest("history_id").save_act for thing in (erased, aside, noted, edition.report)}
    assert acts == {erased: "erase", aside: "set_aside", noted: "erase_note", edition.report: "erase"}
    assert not done.nobody_gets_in
    assert make_update(statuses={one: "planned"}).pk > newer.pk


@pytest.mark.repeated
def test_the_ledger_outlives_the_machine_and_holds_no_words(people, folder, settings):
    admin = people["admin"]
    update = make_update(statuses={make_recommendation(): "planned"}, text="A canary.")
    made = making.back_up(folder / "first", to=[], at=timezone.now())
    take_down(update, reason="A canary.", by=admin, at=AT)
    making.back_up(folder / "second", to=[], at=timezone.now())
    beside = folder / "tracker-ledger.jsonl"

    assert what_is_told(settings.LEDGER)[-1] == ("taken_down", update.pk)
    assert beside.read_bytes() == settings.LEDGER.read_bytes()
    assert b"canary" not in beside.read_bytes()
    assert b"admin" not in beside.read_bytes()
    assert {path.stat().st_mode & 0o777 for path in (beside, settings.LEDGER)} == {0o600}
    settings.LEDGER.unlink()
    with beside.open("a") as file:
        file.write('{"at": "2020')
    done = restoring.restore(made.path, secret=[], replace=True)
    assert (done.revoked, done.unreadable) == ({"taken down": 1}, 1)
    assert what_is_told(settings.LEDGER)[-1] == ("taken_down", update.pk)
    # A line that the power cut off spoils none that comes after it.
    ledger.append([ledger.Entry(AT, "erased", "x", update=1)], path=beside)
    assert (ledger.read([beside])[0][0].what, ledger.read([beside])[1]) == ("erased", 1)


def test_a_backup_is_there_and_counts_where_its_ledger_cannot_be_read(people, folder):
    (folder / "tracker-ledger.jsonl").mkdir()

    with pytest.raises(CommandError, match=r"is whole, but the ledger beside it can't be brought up to date"):
        call_command("backup", folder)

    assert len(list(folder.glob("tracker-2*.backup"))) == VerifiedBackup.objects.count() == 1


@pytest.mark.repeated
def test_a_ledger_that_cannot_be_written_undoes_nothing(people, settings, caplog):
    settings.LEDGER = settings.VAR_DIR  # a folder
    update = make_update(statuses={make_recommendation(): "planned"})

    take_down(update, reason="It named somebody.", by=people["admin"], at=AT)
    leave(people["left"], by=people["admin"], reason="Moved on.")

    assert ProgressUpdate.objects.get().is_taken_down
    assert "A restored backup could show again what was ended now." in caplog.text


def test_a_backup_adds_what_the_ledger_lacks(people, folder, settings, fake_pdf):
    """A full disk kept it from being written, or the process was killed between the database and the ledger."""
    admin, one = people["admin"], make_recommendation()
    erased, aside, withdrawn = (make_update(statuses={one: "planned"}) for _ in range(3))
    edition = publish_report(make_report(), by=admin, at=AT)
    take_down(edition, reason="It named somebody.", by=admin, at=AT)
    take_down(erased, reason="It named somebody.", by=admin, at=AT)
    erase(TakeDown.objects.get(update=erased), by=admin, at=AT)
    withdraw_update(withdrawn, note="It was wrong.", by=admin, at=AT)
    for update in (aside, withdrawn):
        set_aside(update, by=admin, at=AT)
    lines = settings.LEDGER.read_text().splitlines(keepends=True)
    settings.LEDGER.write_text("".join(line for line in lines if f'"account":{people["left"].pk},' in line))

    making.back_up(folder / "first", to=[], at=timezone.now())
    once = settings.LEDGER.read_bytes()
    making.back_up(folder / "second", to=[], at=timezone.now())

    told = what_is_told(settings.LEDGER)
    assert [one for one in told if one[0] != "account"] == [
        ("taken_down", edition.pk),
        ("taken_down", erased.pk),
        ("erased", erased.pk),
        ("withdrawn", withdrawn.pk),
        ("set_aside", aside.pk),
    ]
    assert {one[1] for one in told if one[0] == "account"} == {account.pk for account in people.values()}
    assert settings.LEDGER.read_bytes() == once == (folder / "tracker-ledger.jsonl").read_bytes()


def test_a_deleted_picture_and_an_address_that_was_left_are_not_there_again(people, folder):
    make_logo()
    for name in ("same", "left"):
        people[name].email = f"{name}@canary.example"
        people[name].save()
    made = making.back_up(folder, to=[], at=timezone.now())
    Logo.objects.all().delete()
    let_pictures_go()
    people["left"].email = "new@example.org"
    people["left"].save()
    ledger.append([ledger.Entry(timezone.now(), "taken_down", ledger.site_mark(), edition=900)])

    done = restoring.restore(made.path, secret=[], replace=True)

    assert done.revoked == {"logos deleted": 1, "accounts limited": 1}
    assert not LogoImage.objects.exists()
    gone = Logo.history.latest("history_id")
    assert (gone.history_type, gone.history_change_reason, gone.save_act) == ("-", "Erased", "erase")
    assert rows.last_id(Edition) == 900
    assert [account.email for account in User.objects.exclude(email="")] == ["same@canary.example"]
    assert User.objects.get(username="left").check_password("first")
    assert b"canary" not in (folder / "tracker-ledger.jsonl").read_bytes()


@pytest.mark.parametrize(
    ("told", "hidden"),
    [
        (["withdrawn", "set_aside", "restored"], ["withdrawn"]),
        (["set_aside", "withdrawn", "restored"], ["withdrawn"]),
        (["set_aside", "restored"], []),
        (["set_aside", "restored", "set_aside"], ["set_aside"]),
    ],
)
def test_what_was_withdrawn_stays_so_when_readers_may_read_again_what_was_set_aside(told, hidden):
    entries = [ledger.Entry(AT, what, "here", update=1) for what in told]

    assert [entry.what for entry in later(entries, since=AT).hidden.values()] == hidden


def test_a_ledger_that_is_not_where_it_was_said_to_be_is_no_empty_one(people, folder, settings):
    made = making.back_up(folder, to=[], at=timezone.now())
    error = io.StringIO()

    with pytest.raises(CommandError, match=r"Nothing was restored.* There is no ledger ledgre.jsonl"):
        call_command("restore", made.path, replace=True, ledger=[Path("ledgre.jsonl")])
    alone = made.path.rename(folder.parent / made.path.name)
    settings.LEDGER.unlink()
    call_command("restore", alone, replace=True, stderr=error)

    assert error.getvalue().startswith("There was no ledger, here or beside the backup: what was hidden, erased, ended")


def test_an_account_is_what_the_last_line_says():
    def entry(minutes, **about):
        return ledger.Entry(AT + dt.timedelta(minutes=minutes), "account", "here", **about)

    entries = [entry(-1, account=1, state={"active": "yes"}), entry(0, account=2, state={"active": ""})]
    entries += [entry(1, account=2, state={"active": "yes"})]

    assert later(entries, since=AT).accounts == {2: {"active": "yes"}}
