"""Restoring a backup never shows again what was hidden, erased, ended or revoked after it was made."""

import datetime as dt
import io
import json
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone

from recommendations.accounts import second_factor
from recommendations.accounts.access import kept_password, state_of
from recommendations.accounts.leaving import leave
from recommendations.accounts.roles import Role, give_role, role_of
from recommendations.backup import making, restoring, rows
from recommendations.backup.later import later
from recommendations.backup.revoking import revoke
from recommendations.management.commands.restore import what_is_lost
from recommendations.models import (
    ActionPlan,
    Edition,
    LegalHold,
    Logo,
    LogoImage,
    ProgressUpdate,
    Report,
    SecondFactorReset,
    SetAside,
    SupportLink,
    TakeDown,
    VerifiedBackup,
)
from recommendations.publishing import ledger
from recommendations.publishing.erasure import erase, let_pictures_go
from recommendations.publishing.history import version_of
from recommendations.publishing.notes import erase_note, lift_hold, place_hold
from recommendations.publishing.reports import publish_report
from recommendations.publishing.takedowns import restore_set_aside, set_aside, take_down
from recommendations.publishing.updates import correct_update, mark_ready, publish_update, withdraw_update
from recommendations.workspace.report_state import ReportState, why_again
from tests.factories import (
    changed_content,
    make_logo,
    make_recommendation,
    make_report,
    make_support_link,
    make_update,
    make_user,
)
from tests.rows import any_table_holds, problems

AT = dt.datetime(2020, 7, 2, 17, 0, tzinfo=dt.UTC)
ABOUT = ("update", "edition", "account", "support")
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
    return [(one["what"], next((one[name] for name in ABOUT if name in one), None)) for one in found]


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
    corrected, hidden = (make_update(statuses={one: "planned"}) for _ in range(2))
    hidden.published_at = hidden.published_by = None
    hidden.save()
    support = [make_support_link(label=label) for label in ("dangerous", "moved", "answered", "same")]

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
    correct_update(corrected, content=changed_content(corrected, text="It was wrong."), note="So.", by=admin, at=AT)
    publish_update(hidden, by=admin, at=AT)
    set_aside(hidden, by=admin, at=AT)
    second = publish_report(edition.report, by=admin, at=timezone.now(), note="It holds more.")
    place_hold(reason="A court asked.", by=admin, at=AT)
    support[0].delete()
    support[1].address, support[2].may_contact_police, support[3].hours = "tel:+1-604-555-0100", "yes", "Every day."
    for link in support[1:]:
        link.save()
    unpublished = make_update(statuses={one: "planned"}, published=False)
    ProgressUpdate.objects.get(pk=unpublished.pk).delete()
    (folder / "elsewhere").write_text(
        f'{{"at":"2100-01-01T00:00:00Z","what":"taken_down","site":"x","update":{held.pk}}}\n'
    )

    done = restoring.restore(made.path, secret=[], replace=True, ledgers=[folder / "elsewhere"])

    assert done.revoked == {
        "taken down": 3,
        "erased": 3,
        "set aside": 3,
        "notes erased": 1,
        "accounts limited": 5,
        "support links removed or limited": 3,
        "legal hold placed": 1,
    }
    assert (done.lost.corrected, done.lost.editions) == ([corrected.pk], [second.get_absolute_url()])
    assert not any_table_holds("canary")
    assert problems() == []
    assert set(ProgressUpdate.objects.exclude(take_down=None)) == {erased, draft}
    assert [(one.seal, one.is_taken_down) for one in Edition.objects.order_by("pk")] == [
        (edition.seal, True),
        (second.seal, True),
    ]
    assert {one.update for one in SetAside.objects.undecided()} == {aside, withdrawn, before, hidden}
    assert LegalHold.objects.current().get().placed_by == admin
    assert {link.label: link.may_contact_police for link in SupportLink.objects.all()} == {
        "answered": "yes",
        "same": "unknown",
    }
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
    assert make_update(statuses={one: "planned"}).pk > unpublished.pk > newer.pk


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
    assert ("taken_down", update.pk) in what_is_told(settings.LEDGER)
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
    link = make_support_link()
    place_hold(reason="A court asked.", by=admin, at=AT)
    lines = settings.LEDGER.read_text().splitlines(keepends=True)
    settings.LEDGER.write_text("".join(line for line in lines if f'"account":{people["left"].pk},' in line))

    making.back_up(folder / "first", to=[], at=timezone.now())
    once = settings.LEDGER.read_bytes()
    making.back_up(folder / "second", to=[], at=timezone.now())

    told = what_is_told(settings.LEDGER)
    assert [one for one in told if one[0] != "account"] == [
        ("published", erased.pk),
        ("published", aside.pk),
        ("published", withdrawn.pk),
        ("published", edition.pk),
        ("numbered", withdrawn.pk),
        ("taken_down", edition.pk),
        ("taken_down", erased.pk),
        ("erased", erased.pk),
        ("withdrawn", withdrawn.pk),
        ("set_aside", aside.pk),
        ("hold_placed", None),
        ("support", link.pk),
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


def forgotten(act):
    """What `act` returns, of which the database then knows nothing, as after the restore of a backup from before."""
    with transaction.atomic():
        done = act()
        transaction.set_rollback(True)
    return done


def told(what, **about):
    return ledger.Entry(AT + dt.timedelta(days=1), what, ledger.site_mark(), **about)


@pytest.mark.django_db
def test_an_edition_that_is_lost_keeps_its_address_its_number_and_its_seal(user, client, fake_pdf):
    make_update(statuses={make_recommendation(): "planned"})
    first = publish_report(make_report(), by=user, at=AT)
    report, later = first.report, AT + dt.timedelta(hours=1)

    def publish_two_more():
        make_update(statuses={make_recommendation(): "planned"})
        second = publish_report(report, by=user, at=later, note="Edition 2 held a canary.")
        other = make_report(title="A canary", starts_on=dt.date(2018, 1, 1), ends_on=dt.date(2018, 12, 31))
        make_update(statuses={make_recommendation(): "planned"}, dated_on=dt.date(2018, 2, 2))
        third = publish_report(other, by=user, at=later + dt.timedelta(hours=1))
        return [told("published", edition=one.pk, sealed=ledger.Sealed.of(one), by=user.pk) for one in (second, third)]

    entries = forgotten(publish_two_more)
    done, lost = revoke(reversed(entries), since=AT, at=AT + dt.timedelta(days=2))
    again, _lost = revoke(entries, since=AT, at=AT + dt.timedelta(days=2))

    assert (done, again, problems()) == ({}, {}, [])
    assert [edition.seal for edition in Edition.objects.order_by("pk")] == [
        first.seal,
        *(entry.sealed.seal for entry in entries),
    ]
    assert lost.editions == [f"/reports/{report.slug}/editions/2/", f"/reports/{entries[1].sealed.slug}/editions/1/"]
    assert not any_table_holds("canary")
    for address in lost.editions:
        answer = client.get(address)
        assert answer.status_code == 410
        assert "lost when the site was restored from an earlier backup" in answer.content.decode()
    assert client.get(first.get_absolute_url()).status_code == 200
    assert Report.objects.get(slug=entries[1].sealed.slug).ends_on == dt.date(2018, 12, 31)
    assert Report.history.filter(id=report.pk).exists()
    third = publish_report(report, by=user, at=AT + dt.timedelta(days=3), note="It was lost.")
    assert (third.number, problems()) == (3, [])


def test_a_backup_from_before_the_plan_is_restored_and_names_what_has_no_place_in_it(
    transactional_db, folder, fake_pdf
):
    admin = make_user(is_superuser=True, password="first")
    made = making.back_up(folder, to=[], at=timezone.now())
    update = make_update(statuses={make_recommendation(): "planned"})
    edition = publish_report(make_report(), by=admin, at=AT)
    output = io.StringIO()

    call_command("restore", made.path, replace=True, stdout=output)

    assert not ActionPlan.objects.exists()
    assert problems() == []
    assert f"Published after that, and lost without a trace: {edition.get_absolute_url()}." in output.getvalue()
    assert make_update(statuses={make_recommendation(): "planned"}).pk > update.pk


@pytest.mark.django_db
def test_nothing_is_said_to_be_lacking_in_an_edition_that_was_lost(user, fake_pdf):
    make_update(statuses={make_recommendation(): "planned"})
    report = publish_report(make_report(), by=user, at=AT).report

    def publish_again():
        make_update(statuses={make_recommendation(): "planned"})
        edition = publish_report(report, by=user, at=AT + dt.timedelta(hours=1), note="More.")
        return told("published", edition=edition.pk, sealed=ledger.Sealed.of(edition))

    revoke([forgotten(publish_again)], since=AT, at=AT)

    state = ReportState(report, AT.date())
    assert [one.kind for one in state.findings if one.kind == "not in edition"] == []
    assert why_again(state) == ""
    assert state.is_late


@pytest.mark.django_db
def test_a_draft_of_a_report_gets_the_address_that_it_was_published_at(user, fake_pdf):
    make_update(statuses={make_recommendation(): "planned"})
    draft = make_report(slug="as-it-was-called-first")

    def publish_elsewhere():
        report = Report.objects.get()
        report.slug = "as-it-was-published"
        report.save()
        edition = publish_report(report, by=user, at=AT)
        return told("published", edition=edition.pk, sealed=ledger.Sealed.of(edition))

    revoke([forgotten(publish_elsewhere)], since=AT, at=AT)

    assert [(report.pk, report.slug) for report in Report.objects.all()] == [(draft.pk, "as-it-was-published")]
    assert Edition.objects.get().report == draft


@pytest.mark.django_db
def test_an_edition_whose_forerunner_the_ledger_lacks_is_named(user, fake_pdf):
    make_update(statuses={make_recommendation(): "planned"})
    report = make_report()

    def publish_two():
        publish_report(report, by=user, at=AT)
        make_update(statuses={make_recommendation(): "planned"})
        edition = publish_report(report, by=user, at=AT + dt.timedelta(hours=1), note="More.")
        return told("published", edition=edition.pk, sealed=ledger.Sealed.of(edition))

    _done, lost = revoke([forgotten(publish_two)], since=AT, at=AT)

    assert not Edition.objects.exists()
    assert lost.unsealed == [f"/reports/{report.slug}/editions/2/"]
    assert next(what_is_lost(lost)).startswith(
        f"Published after that, and lost without a trace: /reports/{report.slug}/editions/2/. The ledger has gaps, or "
    )


def test_a_publication_adds_the_editions_that_the_ledger_lacks(transactional_db, fake_pdf, settings):
    user, report = make_user(), make_report()
    make_update(statuses={make_recommendation(): "planned"})
    first = publish_report(report, by=user, at=AT)
    settings.LEDGER.unlink()
    ready = make_update(statuses={make_recommendation(): "planned"}, published=False)
    mark_ready(ready, by=user, at=AT)
    second = publish_report(report, by=user, at=AT + dt.timedelta(hours=1), ready=[ready.pk], note="There is more.")

    assert what_is_told(settings.LEDGER) == [("published", one.pk) for one in (ready, first, second)]


@pytest.mark.django_db
def test_what_was_published_or_corrected_since_is_named(user):
    one = make_recommendation()
    there = make_update(statuses={one: "planned"})
    draft = make_update(statuses={one: "planned"}, published=False)
    lost = [told("published", update=number) for number in (there.pk, draft.pk, 500, *range(600, 625))]

    done, found = revoke([*lost, told("corrected", update=there.pk)], since=AT, at=AT)

    assert (done, rows.last_id(ProgressUpdate)) == ({}, 624)
    some = ", ".join(f"U{number}" for number in (500, *range(600, 619)))
    assert list(what_is_lost(found)) == [
        f"Published after that, and lost: {some} and 6 more. Nothing else gets their numbers and addresses.",
        f"Published after that, and drafts again: U{draft.pk}.",
        f"Corrected after that, and as before again: U{there.pk}. Correct them anew, or take them down.",
    ]


@pytest.mark.django_db
def test_a_hold_that_was_lifted_since_stays_and_one_that_was_placed_since_is_placed_again(user):
    make_recommendation()

    revoke([told("hold_placed", by=user.pk), told("hold_lifted", by=user.pk)], since=AT, at=AT)
    assert not LegalHold.objects.exists()
    revoke([told("hold_lifted"), told("hold_placed", by=user.pk)], since=AT, at=AT)
    revoke([told("hold_lifted", by=user.pk)], since=AT, at=AT)

    hold = LegalHold.objects.current().get()
    assert (
        hold.reason == "Placed again, because the site was restored from an earlier backup. Ask whoever placed it why."
    )


@pytest.mark.django_db
def test_a_request_to_remove_a_second_factor_does_not_wait_again(user):
    other = make_user()
    SecondFactorReset.objects.create(account=other, asked_by=user, asked_at=AT, reason="The phone is lost.")

    revoke([], since=AT, at=AT)

    assert not SecondFactorReset.objects.exists()


def test_the_acts_on_holds_and_support_links_are_in_the_ledger(people, settings):
    link = make_support_link(address="tel:+1-604-555-0199")
    place_hold(reason="A canary asked.", by=people["admin"], at=AT)
    lift_hold(reason="A canary said so.", by=people["admin"], at=AT)
    link.note = "A canary"
    link.save()
    number = link.pk
    link.delete()

    lines = settings.LEDGER.read_text()
    assert [one for one in what_is_told(settings.LEDGER) if one[0] != "account"] == [
        ("support", number),
        ("hold_placed", None),
        ("hold_lifted", None),
        ("support", number),
    ]
    assert "canary" not in lines
    assert "0199" not in lines


def test_a_password_whose_hash_was_renewed_is_the_same(transactional_db, settings):
    admin = make_user(password="first")
    before = state_of(admin)
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher", *settings.PASSWORD_HASHERS]

    assert User.objects.get(pk=admin.pk).check_password("first")
    renewed = User.objects.get(pk=admin.pk)
    renewed.first_name = "Ada"
    renewed.save()

    assert state_of(renewed)["password"] != before["password"]
    assert kept_password(before, ledger.last_state("account", admin.pk))
    renewed.set_password("second")
    renewed.save(update_fields=["password"])
    assert not kept_password(before, ledger.last_state("account", admin.pk))
