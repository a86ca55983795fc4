"""History by save: what one save wrote is one entry, and the page of all changes lists every save."""

import datetime as dt
from importlib import import_module

import pytest
from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from recommendations.accounts.roles import Role, give_role
from recommendations.models import LinkDecision, ProgressUpdate, Report
from recommendations.models.saves import IDS, RowOfSave, one_save, time_of
from recommendations.publishing.history import version_of
from recommendations.publishing.link_checks import decide_link, record_answer
from recommendations.publishing.takedowns import take_down
from recommendations.publishing.updates import withdraw_update
from recommendations.text.diff import Piece, around_changes, words_compared
from tests.factories import make_party, make_recommendation, make_report, make_update, make_user
from tests.people import add_address, address, typed_update

pytestmark = pytest.mark.django_db
PAGE = reverse("admin:changes")


def listed(client, **wanted):
    """What the page of all changes says: each verb with the kinds of what was changed."""
    changes = client.get(PAGE, wanted).context["changes"]
    return [(one.verb, [thing.kind for thing in one.things]) for one in changes]


@pytest.fixture
def update(staff):
    """An update with evidence, whose text, coverage and status were then changed in one save."""
    one, two = make_recommendation(), make_recommendation()
    minutes = {
        "evidence_links-TOTAL_FORMS": "1",
        "evidence_links-0-label": "Minutes",
        "evidence_links-0-address": "https://a.example/minutes",
    }
    staff.post(add_address(covering=one.reference), typed_update({one: "planned"}, text="It is planned.", **minutes))
    update = ProgressUpdate.objects.get()
    typed = typed_update({one: "ongoing", two: "planned"}, text="It is  planned.", version=version_of(update))
    staff.post(address("progressupdate_change", update.pk), typed | {"change_reason": "Told by phone."})
    return update


# Saves


def test_ids_of_saves_are_in_the_order_in_which_they_are_made():
    ids = [IDS.new() for _ in range(1_000)]

    assert ids == sorted(ids)
    assert ids[0].version == 7
    assert time_of(ids[0]) == pytest.approx(dt.datetime.now(dt.UTC).timestamp() * 1000, abs=60_000)


def test_within_a_save_all_rows_are_of_it_and_without_one_each_is_alone():
    alone, other = make_party(name="a"), make_party(name="b")
    with one_save("load"):
        first = make_party(name="c")
        with one_save("add"):
            second = make_party(name="d")

    rows = [party.history.get() for party in (alone, other, first, second)]
    assert [row.save_act for row in rows] == ["", "", "load", "load"]
    assert len({row.save_id for row in rows}) == 3
    assert rows[2].save_id == rows[3].save_id


def test_every_history_says_which_save_wrote_a_row():
    histories = [
        kind.history.model for kind in apps.get_models() if hasattr(kind._meta, "simple_history_manager_attribute")
    ]

    assert histories
    assert [one for one in histories if not issubclass(one, RowOfSave)] == []


def test_a_save_with_its_parts_is_one_entry_with_the_very_words_that_changed(staff, update):
    changed, added = staff.get(address("progressupdate_history", update.pk)).context["entries"]

    assert (added.verb, changed.verb, changed.why) == ("Added", "Changed", "Told by phone.")
    assert {"Text", "Evidence links"} <= {label for label, _pieces in added.compared}
    said = {label: [(piece.kind, piece.text) for piece in pieces] for label, pieces in changed.compared}
    assert said == {
        "Text": [("same", "It is"), ("removed", " "), ("added", "  "), ("same", "planned.")],
        "Recommendations covered, and where each stands": [
            ("same", "Status: "),
            ("removed", "Planned; "),
            ("added", "Ongoing; "),
            ("same", "Recommendation: 1.1"),
            ("same", "\n"),
            ("added", "Status: Planned; Recommendation: 1.2"),
        ],
    }


def test_the_history_and_all_changes_ask_as_little_for_many_saves_as_for_one(staff):
    report = make_report()
    pages = (address("report_history", report.pk), PAGE)
    counts = []
    staff.get(PAGE)
    for number in (1, 20):
        for saved in range(number):
            report.introduction = f"Text {number} {saved}"
            report.save()
            make_party(name=f"Party {number} {saved}")
        counts.append([])
        for page in pages:
            with CaptureQueriesContext(connection) as queries:
                assert staff.get(page).status_code == 200
            counts[-1].append(len(queries))

    assert counts[0] == counts[1]


def test_a_long_history_has_pages_and_a_save_is_found_on_its_own(staff):
    report = make_report()
    first = report.history.get().save_id
    for number in range(60):
        report.introduction = str(number)
        report.save()

    page = staff.get(address("report_history", report.pk), {"save": str(first)})

    assert (page.context["entries"].number, page.context["entries"][-1].key) == (2, str(first))
    assert f'id="save-{first}"' in page.content.decode()


# Words compared


@pytest.mark.parametrize(
    ("before", "after", "marked"),
    [
        ("a b", "a  b", [("removed", ["space"]), ("added", ["space", "space"])]),
        ("a b", "a\u00a0b", [("removed", ["space"]), ("added", ["no-break space"])]),
        ("a b", "a\nb", [("removed", ["space"]), ("added", ["line break"])]),
        ("a\u200bc d", "ac d", [("removed", ["zero-width space"]), ("added", [])]),
        ("", "a\nb", [("added", [])]),
    ],
)
def test_what_can_not_be_seen_is_named_where_it_changed(before, after, marked):
    pieces = words_compared(before, after)

    found = [(one.kind, [name for _text, name in one.marked if name]) for one in pieces if one.kind != "same"]
    assert found == marked
    assert "".join(one.text for one in pieces if one.kind != "added") == before
    assert "".join(one.text for one in pieces if one.kind != "removed") == after


def test_of_a_long_text_only_the_words_around_a_change_are_shown():
    long = "word " * 100
    shown = around_changes(words_compared(f"{long}old {long}", f"{long}new {long}"))

    assert [piece.kind for piece in shown] == ["gap", "same", "removed", "added", "same", "gap"]
    assert around_changes((Piece("same", long),)) == (Piece("gap", " … "),)


# All changes


def test_all_that_was_saved_is_listed_with_who_and_why_and_leads_to_its_history(staff, user, update):
    link = record_answer("https://a.example/", is_there=False, answer="404", at=dt.datetime.now(dt.UTC))
    decide_link(link, choice=LinkDecision.Choice.HIDE, by=user, at=dt.datetime.now(dt.UTC))
    accounts = ContentType.objects.get_for_model(user)
    LogEntry.objects.create(
        user=user, content_type=accounts, object_id=user.pk, object_repr="x", action_flag=CHANGE, change_message="Role."
    )

    changes = staff.get(PAGE).context["changes"]

    assert [(one.verb, one.why, one.who == user.username) for one in changes][:4] == [
        ("Changed", "Role.", True),
        ("Answered", "keep the archived copy hidden", True),
        ("Changed", "Told by phone.", True),
        ("Added", "", True),
    ]
    opened = staff.get(changes[2].things[0].address)
    assert opened.context["original"] == update


def test_changes_are_filtered_by_who_what_act_and_day(staff, user, update):
    other = make_user()
    today = timezone.localdate()
    words = {"by": user.pk, "kind": "progressupdate", "act": "change", "since": today - dt.timedelta(1)}
    words["until"] = today + dt.timedelta(1)

    assert listed(staff, **words) == [("Changed", ["Progress update"])]
    assert listed(staff, **words | {"by": other.pk}) == []
    assert listed(staff, **words | {"kind": "report"}) == []
    assert listed(staff, **words | {"act": "publish"}) == []
    assert listed(staff, **words | {"until": today - dt.timedelta(3), "since": ""}) == []
    assert len(listed(staff, **words | {"since": "0001-01-01", "until": "9999-12-31"})) == 1
    wrong = staff.get(PAGE, words | {"since": "never", "by": "x", "page": "y"})
    assert set(wrong.context["form"].errors) == {"since", "by"}
    assert len(wrong.context["changes"]) == 1


def test_each_sees_the_changes_of_what_they_may_see(user, now):
    one = make_recommendation()
    update = make_update(statuses={one: "planned"})
    take_down(update, reason="It named somebody.", by=user, at=now)
    seen = {}
    for role in Role:
        member = make_user(username=role, is_superuser=False)
        give_role(member, role)
        client = Client()
        client.force_login(member)
        seen[role] = {kind for _verb, kinds in listed(client) for kind in kinds}
        seen[role] |= {kind for _verb, kinds in listed(client, kind="takedown") for kind in kinds}

    assert seen[Role.EDITOR] == {"Progress update", "Recommendation"}
    assert seen[Role.PUBLISHER] == seen[Role.EDITOR] | {"Action plan", "Area"}
    assert seen[Role.ADMINISTRATOR] == seen[Role.PUBLISHER] | {"Take-down"}
    nobody = Client()
    nobody.force_login(make_user(username="nobody", is_superuser=False))
    assert nobody.get(PAGE).status_code == 403


def test_what_was_deleted_is_named_without_its_words(staff, update):
    staff.post(address("progressupdate_delete", update.pk), {"reason": "Twice.", "version": version_of(update)})

    staff.get(PAGE)  # The message after deleting, which quotes it.
    page = staff.get(PAGE)

    assert page.context["changes"][0].things[0].name == f"number {update.pk}, deleted since"
    assert "It is" not in page.content.decode()


@pytest.mark.usefixtures("fake_pdf")
def test_what_a_command_does_is_one_save_by_the_account_it_names(user, now):
    update = make_update(statuses={make_recommendation(): "planned"}, published=False)
    update.ready_at, update.ready_by = now, user
    update.save()
    report = make_report()

    call_command("publish_report", report.slug, by=user.username)

    rows = [Report.history.latest("history_id"), ProgressUpdate.history.latest("history_id")]
    assert {(row.save_act, row.history_user) for row in rows} == {("publish", user)}
    assert len({row.save_id for row in rows}) == 1


# Histories that are older than saves


def test_older_rows_of_one_person_are_grouped_by_thing_or_reason_within_a_second():
    migration = import_module("recommendations.migrations.0023_history_by_save")
    start = dt.datetime(2021, 1, 1, tzinfo=dt.UTC)
    rows = [
        (start + dt.timedelta(milliseconds=milliseconds), who, thing, why)
        for milliseconds, who, thing, why in (
            (0, 1, "update 1", "Typo"),
            (10, 2, "update 1", "Typo"),
            (20, 1, "update 1", None),
            (900, 1, "update 2", "Typo"),
            (950, 1, "update 3", None),
            (2_500, 1, "update 3", None),
        )
    ]

    assert migration.saves_of(rows) == [[0, 2, 3], [1], [4], [5]]


def test_an_older_row_says_what_was_done_to_its_thing_and_not_to_another_of_its_save(user, now):
    migration = import_module("recommendations.migrations.0023_history_by_save")
    one = make_recommendation()
    first = make_update(statuses={one: "planned"}, published=False)
    second = make_update(statuses={one: "planned"})
    withdraw_update(second, note="It was about another place.", by=user, at=now)
    for kind in (ProgressUpdate, type(one)):
        kind.history.update(history_user=user, history_change_reason="Loaded", history_date=now)

    migration.group(apps, None)

    acts = {(row.id, row.save_act) for row in ProgressUpdate.history.all()}
    assert acts == {(first.pk, "add"), (second.pk, "withdraw")}
    assert one.history.get().save_act == "add"
    assert one.history.get().save_id == first.history.get().save_id


@pytest.mark.parametrize("zone", ["America/Vancouver", "Pacific/Auckland"])
def test_the_first_and_the_last_day_that_there_is_are_days_like_others(staff, report, zone):
    with timezone.override(zone):
        for since, until in (("0001-01-01", "9999-12-31"), ("0001-01-02", "9999-12-30")):
            page = staff.get(PAGE, {"since": since, "until": until})

            assert str(report) in page.content.decode()
