"""A site that nobody will update any more: its last edition, what readers and staff are told, and a copy that lasts."""

import datetime as dt
import json
import re
import subprocess
import sys
import time
import urllib.request
from html import unescape
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone, translation

from recommendations.backup import making, restoring
from recommendations.backup.revoking import complete_the_ledger
from recommendations.management.doctor import support
from recommendations.models import ActionPlan, Edition, ProgressUpdate, Report
from recommendations.models.content_version import content_version
from recommendations.models.saves import one_save
from recommendations.publishing.acts import Refused, Unchanged
from recommendations.publishing.closing import close, publish_last_edition, reopen
from recommendations.publishing.reports import publish_report
from recommendations.publishing.takedowns import set_aside, take_down
from recommendations.workspace.reminders import due
from tests.factories import (
    make_logo,
    make_party,
    make_plan,
    make_recommendation,
    make_report,
    make_support_link,
    make_update,
    make_user,
)
from tests.installations import free_port
from tests.people import address

AT = dt.datetime(2020, 7, 3, 17, 0, tzinfo=dt.UTC)
SENTENCE = "Nobody has updated this site since July 3, 2020."
CONTACT = "Ada Ho, ada@example.org"


def closed(user, *, contact=CONTACT, at=AT):
    close(by=user, at=at, takes_down=contact)
    return ActionPlan.objects.get()


# The last edition


@pytest.mark.usefixtures("fake_pdf")
def test_the_last_edition_is_published_with_all_ready_updates(user):
    one = make_recommendation()
    ready = make_update(statuses={one: "planned"}, published=False, ready_at=AT, ready_by=user)
    make_report()

    last = publish_last_edition(by=user, at=AT)

    assert (last.edition.number, last.is_new) == (1, True)
    ready.refresh_from_db()
    assert ready.published_at == AT
    assert publish_last_edition(by=user, at=AT).is_new is False


@pytest.mark.usefixtures("fake_pdf")
def test_a_later_edition_says_in_the_plans_language_that_it_is_the_last(user):
    one = make_recommendation()
    make_update(statuses={one: "planned"})
    report = make_report()
    publish_report(report, by=user, at=AT)
    ActionPlan.objects.update(language="fr-ca")
    report.sections.create(heading="Merci", body="À tous.")

    last = publish_last_edition(by=user, at=AT)

    assert (last.edition.number, last.is_new) == (2, True)
    with translation.override("fr-ca"):
        assert last.edition.note == translation.gettext(
            "This is the last edition: nobody will update this site any more."
        )
    assert last.edition.note.startswith("Ceci")


@pytest.mark.django_db
def test_where_there_is_nothing_to_publish_it_is_said(user):
    make_plan()
    assert publish_last_edition(by=user, at=AT).why == "There is no report, so there is no last edition."

    make_report()
    assert publish_last_edition(by=user, at=AT).why.endswith("has no published or ready updates, so it has no edition.")
    assert not Edition.objects.exists()


@pytest.mark.usefixtures("fake_pdf")
def test_an_empty_report_keeps_no_earlier_one_from_being_the_last(user):
    make_update(statuses={make_recommendation(): "planned"}, published=False, ready_at=AT, ready_by=user)
    second = make_report(title="Second update")
    make_report(title="Third update", starts_on=dt.date(2020, 7, 1), ends_on=dt.date(2020, 7, 2))

    last = publish_last_edition(by=user, at=AT)

    assert (last.edition.report, last.edition.number, last.is_new) == (second, 1, True)


@pytest.mark.usefixtures("fake_pdf")
@pytest.mark.parametrize("is_third_published", [False, True])
def test_ready_updates_of_another_report_are_not_left_behind(user, is_third_published):
    one = make_recommendation()
    left = make_update(
        statuses={one: "planned"}, dated_on=dt.date(2020, 1, 31), published=False, ready_at=AT, ready_by=user
    )
    second = make_report(title="Second update")
    make_update(statuses={one: "ongoing"}, dated_on=dt.date(2020, 7, 2))
    third = make_report(title="Third update", starts_on=dt.date(2020, 7, 1), ends_on=dt.date(2020, 7, 2))
    if is_third_published:
        publish_report(third, by=user, at=AT)

    with pytest.raises(Refused, match="“Second update” has ready updates, too"):
        publish_last_edition(by=user, at=AT)
    publish_report(second, by=user, at=AT, ready=[left.pk])
    assert publish_last_edition(by=user, at=AT).edition.report == third


@pytest.mark.usefixtures("fake_pdf")
def test_nothing_takes_the_place_of_an_edition_that_was_taken_down(user):
    make_update(statuses={make_recommendation(): "planned"})
    edition = publish_report(make_report(), by=user, at=AT)
    take_down(edition, reason="It named somebody.", by=user, at=AT)

    assert "was taken down" in publish_last_edition(by=user, at=AT).why
    assert Edition.objects.count() == 1


@pytest.mark.usefixtures("fake_pdf")
def test_what_nobody_could_decide_or_correct_later_refuses_the_last_edition(user):
    one = make_recommendation()
    update = make_update(statuses={one: "planned"}, text="Call Jane at 604-555-0123.")
    report = make_report(ends_on=AT.date() + dt.timedelta(days=30))

    with pytest.raises(Refused, match=r"can’t be published as it is.*Its period ends on August 2, 2020"):
        publish_last_edition(by=user, at=AT)
    Report.objects.filter(pk=report.pk).update(ends_on=AT.date())
    with pytest.raises(Refused, match="say why it is fine") as refused:
        publish_last_edition(by=user, at=AT)
    assert any("604-555-0123" in reason for reason in refused.value.reasons)
    set_aside(update, by=user, at=AT)
    with pytest.raises(Refused, match="restore it or take it down first"):
        publish_last_edition(by=user, at=AT)
    assert not Edition.objects.exists()


@pytest.mark.usefixtures("fake_pdf")
def test_a_closed_site_publishes_no_report(user):
    make_update(statuses={make_recommendation(): "planned"})
    report = make_report()
    closed(user)

    with pytest.raises(Refused, match="This site has been closed since July 3, 2020"):
        publish_report(report, by=user, at=AT)


# Closing and opening again


@pytest.mark.django_db(transaction=True)
def test_closing_is_on_record_moves_the_content_version_and_is_undone(user):
    make_plan()
    before = content_version()

    plan = closed(user)
    after = content_version()
    with pytest.raises(Unchanged, match="closed since July 3, 2020"):
        close(by=user, at=AT, takes_down=CONTACT)
    close(by=user, at=AT + dt.timedelta(days=9), takes_down="")
    plan.refresh_from_db()

    assert before != after != content_version()
    assert (plan.closed_at, plan.closed_by, plan.takes_down) == (AT, user, "")
    assert "nobody was named who could still take something down" in plan.removals
    reopen(by=user)
    with pytest.raises(Unchanged, match="isn’t closed"):
        reopen(by=user)
    plan.refresh_from_db()
    assert (plan.closed_at, plan.closed_by, plan.not_updated) == (None, None, "")
    reasons = list(plan.history.order_by("history_id").values_list("history_change_reason", "history_user"))[-3:]
    assert reasons == [
        ("Closed the site", user.pk),
        ("Named who takes down from the closed site", user.pk),
        ("Opened the site again", user.pk),
    ]


@pytest.mark.django_db
def test_a_name_alone_leads_to_nobody(user):
    make_plan()

    with pytest.raises(Refused, match="Say how to reach"):
        close(by=user, at=AT, takes_down="Ada Ho")
    assert not ActionPlan.objects.get().closed_at


@pytest.mark.django_db
def test_an_older_fault_in_the_plan_stops_no_closing_half_way(user):
    make_plan(contact_email="office")

    assert closed(user).closed_at == AT
    reopen(by=user)
    assert not ActionPlan.objects.get().closed_at


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["closed_at", "closed_by", "takes_down"])
def test_somebody_closed_a_closed_site(user, name):
    make_plan()
    value = {"closed_at": AT, "closed_by": user, "takes_down": CONTACT}[name]

    with pytest.raises(IntegrityError), transaction.atomic():
        ActionPlan.objects.update(**{name: value})


# What readers are told


@pytest.mark.usefixtures("fake_pdf")
def test_readers_are_told_everywhere_and_find_no_number_that_nobody_checks(client, user):
    one = make_recommendation()
    update = make_update(statuses={one: "planned"})
    edition = publish_report(make_report(), by=user, at=AT)
    make_update(statuses={one: "ongoing"}, dated_on=timezone.localdate())
    make_support_link(label="A Place to Talk", address="tel:+1-604-555-0199", note="Ask for Kim, 604-555-0177.")
    make_support_link(label="Line 988", address="tel:988")
    ActionPlan.objects.update(contact_email="office@example.org", care_line="Take care.")
    frozen = bytes(edition.files.get(name="article.html").content)

    closed(user, at=AT + dt.timedelta(hours=1))

    addresses = ["/", "/updates/", "/reports/", "/data/", "/about/", "/safety/", "/nowhere/", "/statuses/"]
    addresses += [f"/recommendations/{one.reference}/", f"/updates/{update.pk}/", edition.get_absolute_url()]
    for place in addresses:
        page = client.get(place).content.decode()
        assert SENTENCE in page.split("<main")[0], place
        assert "Since July 3, 2020 nobody has checked that they work" in page, place
        assert "A Place to Talk" in page, place
        assert 'ask Ada Ho, <a href="mailto:ada@example.org">ada@example.org</a>. They agreed' in page, place
        for gone in ("604-555", " 988", "tel:", "Checked on", 'class="fresh"', "How to reply"):
            assert gone not in page.replace(frozen.decode(), ""), (place, gone)
    for feed in ("/updates.atom", f"/recommendations/{one.reference}/updates.atom"):
        first = client.get(feed).content.decode().split("<entry>")[1]
        assert SENTENCE in first
        assert "ada@example.org" in first
    assert client.get("/data/progress.json").json()["closed_on"] == "2020-07-03"
    assert SENTENCE in client.get("/data/datapackage.json").json()["description"]
    assert client.get("/.well-known/security.txt").status_code == 404
    assert bytes(edition.files.get(name="article.html").content) == frozen
    assert frozen.decode() in client.get(edition.get_absolute_url()).content.decode()

    reopen(by=user)

    page = client.get("/").content.decode()
    assert "604-555" in page
    assert " 988" in page
    assert 'class="fresh"' in page
    assert SENTENCE not in page
    assert client.get("/data/progress.json").json()["closed_on"] is None


@pytest.mark.django_db
def test_a_closed_site_promises_nothing_and_sends_nobody_to_the_old_mailbox(client, user):
    one = make_recommendation(parties=[make_party(slug="police")])
    make_update(statuses={one: "planned"})
    ActionPlan.objects.update(contact_email="office@example.org")
    party = reverse("party", args=["police"])
    addresses = ["/", "/about/", "/corrections/", "/privacy/", "/accessibility/", "/data/", "/media/", party]
    addresses += ["/data/progress.json", "/data/datapackage.json"]
    open_pages = "".join(client.get(place).content.decode() for place in addresses)

    closed(user)

    pages = {place: client.get(place).content.decode() for place in addresses}
    for gone in (
        "office@example.org",
        "is taken down at once",
        "within minutes",
        "Once a year the updates become",
        "staff write dated updates",
        "please ask",
        "To republish the data, ask",
        "Has your organization acted",
        "When you write to us",
        "Tell us",
        "Who to ask",
        "Reply about",
    ):
        assert gone in open_pages, gone
        assert [place for place, page in pages.items() if gone in page] == [], gone
    for place in addresses[:8]:
        assert "ada@example.org" in pages[place].split("<main")[1].split("</main>")[0] or place in ("/", party), place
    assert "no licence to republish the data had been chosen" in pages["/data/"]
    assert "no licence to republish the data had been chosen" in json.loads(pages["/data/progress.json"])["reuse"]
    ActionPlan.objects.update(contact_email="", website="")
    assert 'href="#contact-heading">Contact' in client.get("/").content.decode()


# What staff are told


@pytest.mark.django_db
def test_staff_are_told_and_only_keep_people_safe(staff, user, fake_pdf):
    one = make_recommendation()
    update = make_update(statuses={one: "planned"})
    draft = make_update(statuses={one: "ongoing"}, published=False)
    make_support_link(checked_on=dt.date(2019, 1, 1))
    assert due(on=AT.date()) != []

    closed(user)

    home = staff.get(reverse("admin:index")).content.decode()
    assert "This site is closed" in home
    assert "Next step:" not in home
    assert due(on=AT.date()) == []
    assert support() == "The site is closed, and shows readers none."
    change = address("progressupdate_change", draft.pk)
    refused = staff.post(change, {"text": "Something new <here>.", "evidence_links-0-label": "Minutes"})
    assert refused.status_code == 403
    assert "The site is closed, so it takes no updates." in refused.content.decode()
    assert "Something new &lt;here&gt;." in refused.content.decode()
    assert "Minutes</textarea>" in refused.content.decode()
    assert staff.post(address("progressupdate_publish", draft.pk), {}).status_code == 403
    draft.refresh_from_db()
    assert draft.published_at is None
    aside = staff.post(address("progressupdate_set_aside", update.pk))
    assert aside.status_code == 302
    assert ProgressUpdate.objects.get(pk=update.pk).is_set_aside
    reopen(by=user)
    assert staff.post(change, {"text": "Something new."}).status_code == 200


@pytest.mark.usefixtures("fake_pdf")
def test_the_workspace_of_a_closed_site_asks_for_no_work_but_to_keep_people_safe(staff, user):
    one, _missing = make_recommendation(), make_recommendation()
    make_update(statuses={one: "planned"})
    make_update(statuses={one: "ongoing"}, published=False, text="Call Jane at 604-555-0123.")
    report = make_report()
    places = [reverse("admin:index"), address("report_change", report.pk)]
    asked = [
        ("to check before you publish", places),
        ("No support link is set", places),
        ("no update in this period:", places),
        ("Publish…", places),
        ("Mark all ready", places),
        ("would be published now", places[:1]),
        ("Tick the recommendations", places[:1]),
        ("For the ticked recommendations", places[:1]),
        ('class="board__check"', places[:1]),
        ('class="board__write"', places[:1]),
        ("Correct…", places[:1]),
        ("Start a report", places[:1]),
        ("Write an update", places[:1]),
        ("Everything you can edit", places[:1]),
        ("save your changes first", places[1:]),
    ]
    before = {place: unescape(staff.get(place).content.decode()) for place in places}
    assert [words for words, where in asked for place in where if words not in before[place]] == []

    closed(user)

    pages = {place: unescape(staff.get(place).content.decode()) for place in places}
    assert [words for words, _where in asked for page in pages.values() if words in page] == []
    assert "Set aside now" in pages[places[0]]
    assert "Call Jane" in pages[places[0]]


@pytest.mark.django_db
def test_all_changes_names_both_acts(staff, user):
    make_plan()
    with one_save("close"):
        closed(user)
    with one_save("reopen"):
        reopen(by=user)

    page = staff.get(reverse("admin:changes")).content.decode()

    assert "<strong>Closed</strong>" in page
    assert "<strong>Opened again</strong>" in page


# The ledger


def test_a_site_that_was_closed_since_is_closed_when_an_older_backup_is_restored(
    transactional_db, backups, settings, capsys
):
    admin = make_user(username="admin")
    make_plan()
    made = making.back_up(backups, to=[], at=timezone.now())
    at = timezone.now()
    close(by=admin, at=at, takes_down=CONTACT)
    Path(settings.LEDGER).unlink()
    complete_the_ledger()

    call_command("restore", made.path, replace=True)

    said = capsys.readouterr().out
    plan = ActionPlan.objects.get()
    assert "1 site closed." in said
    assert "run close again" in said
    assert "first open the site with close --reopen, enter it and publish it anew" in said
    assert plan.closed_on == timezone.localdate(at)
    assert (plan.closed_by.username, plan.takes_down) == ("admin", "")


@pytest.mark.parametrize("is_noted", [True, False])
def test_whoever_no_longer_takes_things_down_is_not_named_again(transactional_db, backups, settings, is_noted):
    admin = make_user(username="admin")
    make_plan()
    close(by=admin, at=AT, takes_down=CONTACT)
    same = making.back_up(backups, to=[], at=timezone.now())
    assert restoring.restore(same.path, secret=[], replace=True).revoked == {}
    assert ActionPlan.objects.get().takes_down == CONTACT
    close(by=admin, at=timezone.now(), takes_down="")
    if not is_noted:
        Path(settings.LEDGER).unlink()
        complete_the_ledger()

    done = restoring.restore(same.path, secret=[], replace=True)

    plan = ActionPlan.objects.get()
    assert done.revoked == {"contact of the closed site removed": 1}
    assert (plan.closed_at, plan.takes_down) == (AT, "")
    assert b"ada" not in Path(settings.LEDGER).read_bytes().lower()


# One command, and a stranger with the copy


@pytest.fixture
def collected(settings, tmp_path):
    settings.SITE_URL = "https://tracker.example.org"
    settings.ALLOWED_HOSTS = ["tracker.example.org"]
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": "tracker.stylesheets.StaticFilesStorage"}}
    call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=["simple_history"])


@pytest.mark.pages
@pytest.mark.django_db(transaction=True)
def test_a_stranger_serves_the_folder_and_checks_every_edition(user, fake_pdf, collected, tmp_path, capsys):
    make_support_link(label="A Place to Talk", address="tel:+1-604-555-0199")
    make_logo()
    make_update(statuses={make_recommendation(): "planned"})
    make_report()
    folder = tmp_path / "copy"

    call_command("close", str(folder), by=user.username, contact=CONTACT)

    said = capsys.readouterr().out
    assert "edition 1, the last one." in said
    assert "The site is closed. Readers are told: Nobody has updated this site since" in said
    sentence = ActionPlan.objects.get().not_updated
    pages = {path: path.read_text() for path in folder.rglob("*.html")}
    assert [path for path, page in pages.items() if sentence not in page.split("<main")[0]] == []
    assert [path for path, page in pages.items() if "604-555" in page or "What is true now" in page] == []
    read_me = (folder / "README.txt").read_text()
    assert sentence in read_me
    assert "ada@example.org" in read_me
    serve, check = re.findall(r"^    (python3 .*)$", read_me, re.MULTILINE)
    assert served(serve, folder) == (folder / "index.html").read_bytes()
    last = checked(check, folder)
    assert last == (0, "No problems in 1 editions, 3 files.")
    article = Path(folder, *Edition.objects.get().get_absolute_url().split("/"), "index.html")
    assert ' data-as-published="/logos/' in article.read_text()
    article.write_text(article.read_text().replace('class="report"', 'class="report" title="x"'))
    assert checked(check, folder)[0] == 1
    take_down(Edition.objects.get(), reason="It named somebody.", by=user, at=timezone.now())
    call_command("close", str(folder), by=user.username, contact=CONTACT)
    assert "It named somebody." in article.read_text()
    assert checked(check, folder) == (0, "No problems in 1 editions, 0 files.")


def served(command, folder):
    """What the front page of `folder` is, served as its README says, by a Python without this software."""
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-I", "-S", *command.split()[1:], "--bind", "127.0.0.1", str(port)],
        cwd=folder,
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        for _try in range(100):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10) as answer:
                    return answer.read()
            except OSError:
                time.sleep(0.1)
    finally:
        server.kill()
        server.communicate()


def checked(command, folder):
    """How the check ends that the README names, in a Python that has nothing but its standard library."""
    run = subprocess.run(
        [sys.executable, "-I", "-S", *command.split()[1:]], cwd=folder, capture_output=True, text=True, check=False
    )
    assert run.stderr == ""
    return run.returncode, run.stdout.splitlines()[-1]


@pytest.mark.pages
@pytest.mark.django_db(transaction=True)
def test_closing_again_changes_the_contact_and_exports_again(user, collected, tmp_path, capsys):
    make_plan()
    folder = tmp_path / "copy"
    call_command("close", str(folder), by=user.username, nobody=True)
    closed_at = ActionPlan.objects.get().closed_at

    call_command("close", str(folder), by=user.username, contact=CONTACT)

    plan = ActionPlan.objects.get()
    assert (plan.closed_at, plan.takes_down) == (closed_at, CONTACT)
    assert "ada@example.org" in (folder / "README.txt").read_text()
    call_command("close", reopen=True, by=user.username)
    assert "open again" in capsys.readouterr().out
    assert not ActionPlan.objects.get().closed_at


@pytest.mark.pages
@pytest.mark.django_db
def test_what_cannot_be_done_is_a_sentence_and_closes_nothing(user, collected, tmp_path):
    folder, by = str(tmp_path / "copy"), user.username
    with pytest.raises(CommandError, match="There is no action plan"):
        call_command("close", folder, by=by, nobody=True)
    make_update(statuses={make_recommendation(): "planned"})
    make_report()
    with pytest.raises(CommandError, match="no account named nobody"):
        call_command("close", folder, by="nobody", nobody=True)
    with pytest.raises(CommandError, match="Name the folder"):
        call_command("close", by=by, nobody=True)
    with pytest.raises(CommandError, match="Say how to reach"):
        call_command("close", folder, by=by, contact="Ada Ho")
    with pytest.raises(CommandError, match="or use --nobody"):
        call_command("close", folder, by=by, contact=" ")
    for contact in (f"{CONTACT} {'x' * 200}", "Ada Ho,\tada@example.org", "Ada\u202e, ada@example.org"):
        with pytest.raises(CommandError, match="Say in another way who takes things down") as refused:
            call_command("close", folder, by=by, contact=contact)
        assert len(str(refused.value).splitlines()) == 3
    with pytest.raises(CommandError, match="File name too long"):
        call_command("close", folder + "x" * 300, by=by, nobody=True)
    Path(folder).mkdir()
    Path(folder, "letter.txt").write_text("Dear")
    with pytest.raises(CommandError, match="holds something else"):
        call_command("close", folder, by=by, nobody=True)
    assert not ActionPlan.objects.get().closed_at
    assert not Edition.objects.exists()
    assert json.dumps(sorted(path.name for path in Path(folder).iterdir())) == '["letter.txt"]'
