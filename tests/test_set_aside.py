"""What is set aside is out of the public's sight at once, and waits for an administrator: restored, or taken down."""

import datetime as dt
import io
import re

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.html import strip_tags

from recommendations.accounts.roles import Role, give_role
from recommendations.models import Edition, EditionUpdate, ProgressUpdate, Report, SetAside, TakeDown
from recommendations.publishing import erasure
from recommendations.publishing.acts import Refused, Unchanged
from recommendations.publishing.reports import publish_report
from recommendations.publishing.takedowns import restore_set_aside, set_aside, take_down, take_down_editions
from recommendations.publishing.updates import Content, correct_update, withdraw_update
from recommendations.reading.snapshot import snapshot
from recommendations.workspace.reminders import to_decide
from tests.factories import AT, make_plan, make_recommendation, make_report, make_update, make_user
from tests.people import address
from tests.public import said_in_public
from tests.rows import any_table_holds, make_once

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fake_pdf")]
HOUR = dt.timedelta(hours=1)
CANARY = "Ana Verletzt lives on Hornby Street."


def publish_three(*, by, at):
    report = make_report(slug="one-year", title="One-Year Update")
    make_update(statuses={make_recommendation(): "planned"}, text="A council was visited.")
    publish_report(report, by=by, at=at)
    make_update(statuses={make_recommendation(): "completed"}, text=CANARY)
    publish_report(report, note="One more.", by=by, at=at + HOUR)
    report.sections.create(heading="Thanks", body="To all.")
    publish_report(report, note="With thanks.", by=by, at=at + 2 * HOUR)


@pytest.fixture
def editions(user, now):
    """Three editions: the first holds nothing dangerous, the second and the third hold what is set aside below."""
    make_once("three editions", lambda: publish_three(by=user, at=now), by=user)
    return tuple(Edition.objects.order_by("number"))


@pytest.fixture
def report(editions):
    return Report.objects.get()


@pytest.fixture
def update(editions):
    return ProgressUpdate.objects.get(text=CANARY)


@pytest.fixture
def aside(update, user, now):
    return set_aside(update, by=user, at=now + 3 * HOUR)


def public_editions():
    return [edition.number for edition in Edition.objects.public().order_by("number")]


def public_updates():
    return [update.text for update in ProgressUpdate.objects.public().order_by("pk")]


def restore(aside, user, now, **options):
    restore_set_aside(aside, **{"reason": "She agreed.", "by": user, "at": now + 4 * HOUR, **options})


def test_an_update_goes_with_every_edition_that_holds_it_and_comes_back_with_them(editions, update, user, now):
    aside = set_aside(update, by=user, at=now + 3 * HOUR)

    assert (public_updates(), public_editions()) == (["A council was visited."], [1])
    assert [edition.is_set_aside for edition in Edition.objects.order_by("number")] == [False, True, True]
    assert ProgressUpdate.objects.get(pk=update.pk).state == "set aside"
    restore(aside, user, now)
    assert (public_updates(), public_editions()) == (["A council was visited.", CANARY], [1, 2, 3])
    assert [(row.history_user, row.history_change_reason) for row in update.history.all()[:2]] == [
        (user, "Restored after it was set aside: She agreed."),
        (user, "Set aside"),
    ]


def test_the_live_status_is_as_if_it_had_never_been(aside, update):
    (assessment,) = update.assessments.all()

    entries = {entry.reference: entry for entry in snapshot(make_plan(), on=dt.date(2020, 7, 3)).recommendations}

    assert entries[assessment.recommendation.reference].status is None
    assert entries[assessment.recommendation.reference].timeline == ()


def test_an_edition_goes_alone_and_comes_back(editions, user, now):
    aside = set_aside(editions[1], by=user, at=now + 3 * HOUR)

    assert (len(public_updates()), public_editions()) == (2, [1, 3])
    restore(aside, user, now)
    assert public_editions() == [1, 2, 3]
    assert editions[1].report.history.first().history_change_reason == (
        "Restored after it was set aside: She agreed. (One-Year Update, edition 2)"
    )


def test_an_edition_that_holds_two_comes_back_when_both_are_restored(aside, editions, user, now):
    other = ProgressUpdate.objects.get(text="A council was visited.")
    second = set_aside(other, by=user, at=now + 3 * HOUR)

    restore(aside, user, now)

    assert (public_updates(), public_editions()) == ([CANARY], [])
    restore(second, user, now)
    assert public_editions() == [1, 2, 3]


def test_who_comes_second_finds_it_done(aside, update, now):
    colleague = make_user()

    again = set_aside(update, by=colleague, at=now + 4 * HOUR)

    assert again == aside
    assert again.set_aside_by != colleague
    assert SetAside.objects.count() == 1


def test_a_withdrawn_update_goes_too_with_the_editions_that_still_say_it(editions, update, user, now):
    withdraw_update(update, note="Wrong.", by=user, at=now + 2 * HOUR)

    set_aside(update, by=user, at=now + 3 * HOUR)

    assert public_editions() == [1]
    assert ProgressUpdate.objects.get(pk=update.pk).state == "set aside"


def test_a_draft_and_what_was_taken_down_whole_are_refused(editions, update, user, now):
    with pytest.raises(Refused, match="never published"):
        set_aside(make_update(statuses={}, area=update.area, published=False), by=user, at=now)
    removal = take_down(update, reason="It named somebody.", by=user, at=now + 3 * HOUR)

    restore_set_aside(set_aside(update, by=user, at=now + 3 * HOUR), reason="x", by=user, at=now + 3 * HOUR)
    take_down_editions(removal, reason="It named somebody.", by=user, at=now + 3 * HOUR)

    with pytest.raises(Refused, match="already taken down"):
        set_aside(update, by=user, at=now + 4 * HOUR)


def test_restoring_says_why_and_happens_once(aside, user, now):
    with pytest.raises(Refused, match="Tell your colleagues"):
        restore(aside, user, now, reason=" ")

    restore(aside, user, now)

    with pytest.raises(Unchanged):
        restore(aside, user, now)


def test_it_is_neither_corrected_nor_withdrawn_meanwhile(aside, update, user, now):
    with pytest.raises(Refused, match="set aside"):
        withdraw_update(update, note="Wrong.", by=user, at=now + 4 * HOUR)


def test_an_edition_published_meanwhile_leaves_it_out(aside, report, user, now):
    fourth = publish_report(report, note="Without it.", by=user, at=now + 4 * HOUR)

    assert (public_editions(), [one.text for one in fourth.updates.all()]) == ([1, 4], ["A council was visited."])


def test_after_the_take_down_its_editions_wait_until_each_was_taken_down(aside, editions, update, user, now):
    _first, second, third = editions

    removal = take_down(update, reason="It named somebody.", by=user, at=now + 4 * HOUR)
    assert (public_editions(), SetAside.objects.undecided().count()) == ([1], 1)
    take_down(second, reason="It named somebody.", by=user, at=now + 5 * HOUR)
    assert (public_editions(), SetAside.objects.undecided().count()) == ([1], 1)
    (last,) = take_down_editions(removal, reason="The same.", by=user, at=now + 6 * HOUR)

    assert (last.edition, last.reason) == (third, "The same.")
    assert (public_editions(), SetAside.objects.undecided().count()) == ([1], 0)
    aside.refresh_from_db()
    assert (aside.ended_at, aside.ended_by) == (now + 6 * HOUR, user)
    with pytest.raises(Unchanged, match="No edition contains it"):
        take_down_editions(removal, reason="The same.", by=user, at=now + 6 * HOUR)


def test_all_editions_are_taken_down_or_none(aside, editions, update, user, now):
    removal = take_down(update, reason="It named somebody.", by=user, at=now + 4 * HOUR)

    with pytest.raises(Refused, match="Say why"):
        take_down_editions(removal, reason=" ", by=user, at=now + 4 * HOUR)

    assert not any(edition.is_taken_down for edition in Edition.objects.all())


def refused_by_the_database(name, **fields):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        SetAside.objects.create(set_aside_at=AT, **fields)


def test_one_thing_is_set_aside_once_at_a_time_and_ended_by_somebody_at_some_time(editions, update, user):
    who = {"set_aside_by": user}

    refused_by_the_database("set_aside_is_of_one_thing", **who)
    refused_by_the_database("set_aside_is_of_one_thing", update=update, edition=editions[0], **who)
    refused_by_the_database("set_aside_ended_by_somebody", update=update, ended_at=AT, **who)
    refused_by_the_database("set_aside_ended_by_somebody", update=update, ended_by=user, **who)
    for thing in ({"update": update}, {"edition": editions[0]}):
        SetAside.objects.create(set_aside_at=AT, **thing, ended_at=AT, ended_by=user, **who)
        SetAside.objects.create(set_aside_at=AT, **thing, **who)
        refused_by_the_database("once_at_a_time|UNIQUE", **thing, **who)


def test_what_an_edition_holds_is_recorded_once(editions, update):
    with pytest.raises(IntegrityError), transaction.atomic():
        EditionUpdate.objects.create(edition=editions[1], update=update)


# What the public sees


def holding(client, words):
    return {path for path, content in said_in_public(client).items() if words in content}


def test_no_public_address_says_its_words_until_it_is_restored(client, update, user, now):
    before = holding(client, "Hornby Street")
    assert {"/", f"/updates/{update.pk}/", "/updates.atom", "/data/updates.csv", "/data/progress.xlsx"} <= before
    assert {"/reports/one-year/", "/reports/one-year/editions/2/", "/reports/one-year/editions/3/report.pdf"} <= before

    aside = set_aside(update, by=user, at=now + 3 * HOUR)
    assert holding(client, "Hornby Street") == set()
    restore(aside, user, now)

    assert holding(client, "Hornby Street") == before


def test_the_notice_is_the_same_for_everything_and_tells_nothing(client, aside, editions, update):
    addresses = [
        f"/updates/{update.pk}/",
        "/reports/one-year/editions/2/",
        "/reports/one-year/editions/3/report.pdf",
        "/reports/one-year/editions/3/snapshot.json",
    ]

    answers = [client.get(address) for address in addresses]

    assert {answer.status_code for answer in answers} == {404}
    assert {answer["Cache-Control"] for answer in answers} == {"no-store"}
    said = {strip_tags(re.search("<main.*?>(.*)</main>", one.content.decode(), re.DOTALL)[1]) for one in answers}
    assert " ".join(said.pop().split()) == (
        "Not available at the moment You can’t read this page for now. It will come back, or a notice here will say "
        "why it doesn’t. Where every recommendation stands"
    )
    assert not said, "the same words for an update, an edition and a PDF"


def test_the_newest_edition_without_the_words_stands_at_the_reports_address(client, aside):
    page = client.get("/reports/one-year/").content.decode()

    assert "A council was visited." in page
    assert "This is edition 1" in page
    assert "newer edition" not in page
    assert "editions/2/" not in page
    assert (
        client.get("/reports/one-year/report.pdf").content
        == client.get("/reports/one-year/editions/1/report.pdf").content
    )
    assert "editions/2/" not in client.get("/sitemap.xml").content.decode()
    assert "Edition 1, published here" in client.get("/reports/").content.decode()


def test_a_report_whose_editions_all_hold_it_answers_with_the_notice_and_is_in_no_list(client, editions, user, now):
    set_aside(editions[0].updates.get(), by=user, at=now + 3 * HOUR)

    for part in ("", "report.pdf", "changes/"):
        assert client.get(f"/reports/one-year/{part}").status_code == 404
    assert "One-Year Update" not in client.get("/reports/").content.decode()


def test_a_copy_that_a_reader_has_of_the_pdf_is_not_called_good(client, editions, user, now):
    tag = client.get("/reports/one-year/editions/3/report.pdf")["ETag"]
    set_aside(editions[2], by=user, at=now + 3 * HOUR)

    assert client.get("/reports/one-year/editions/3/report.pdf", HTTP_IF_NONE_MATCH=tag).status_code == 404


def test_a_taken_down_update_says_so_while_its_editions_wait(client, aside, update, user, now):
    take_down(update, reason="It named somebody.", by=user, at=now + 4 * HOUR)

    assert client.get(f"/updates/{update.pk}/").status_code == 410
    assert client.get("/reports/one-year/editions/2/").status_code == 404
    assert holding(client, "Hornby Street") == set()


def test_a_comparison_with_an_edition_that_is_set_aside_waits_too(client, editions, report, user, now):
    make_update(statuses={make_recommendation(): "planned"}, text="Next year.", dated_on=dt.date(2021, 1, 1))
    following = make_report(slug="two-year", starts_on=dt.date(2020, 7, 1), ends_on=dt.date(2021, 6, 30))
    publish_report(following, by=user, at=now + dt.timedelta(days=400))
    set_aside(editions[2], by=user, at=now + dt.timedelta(days=401))

    page = client.get("/reports/two-year/changes/").content.decode()

    assert "The comparison with the previous report isn’t available at the moment." in page
    assert "for safety" not in page


def test_an_edition_that_prints_the_note_on_its_withdrawal_goes_too_and_is_named(client, editions, update, user, now):
    """The note may say what the text said; /corrections/ hides it for that."""
    at = now + 3 * HOUR
    withdraw_update(update, note="Ana left Hornby Street.", by=user, at=at)
    fourth = publish_report(editions[0].report, note="Without it.", by=user, at=at + HOUR)
    report = editions[0].report
    report.sections.create(heading="News", body="Some.")
    fifth = publish_report(report, note="With news.", by=user, at=at + 2 * HOUR)
    assert "Hornby Street" in fourth.content("article.html").decode()
    assert (fourth.updates.count(), public_editions()) == (1, [1, 2, 3, 4, 5])

    aside = set_aside(update, by=user, at=at + 3 * HOUR)
    assert (public_editions(), holding(client, "Hornby Street")) == ([1, 5], set())
    assert [(list(one.why_set_aside)) for one in (fourth, fifth)] == [[aside], []]
    removal = take_down(update, reason="It named somebody.", by=user, at=at + 4 * HOUR)
    assert list(TakeDown.objects.unfinished()) == [removal]
    assert [edition.number for edition in removal.editions_left] == [2, 3, 4]
    take_down_editions(removal, reason="The same.", by=user, at=at + 5 * HOUR)

    assert (public_editions(), list(TakeDown.objects.unfinished())) == ([1, 5], [])
    assert not SetAside.objects.undecided().exists()
    for one in TakeDown.objects.all():
        erasure.erase(one, by=user, at=at + 6 * HOUR)
    assert not any_table_holds("Hornby Street")
    assert fifth.content("article.html")


def test_corrections_of_it_are_not_listed(client, update, user, now):
    content = Content.of(update)
    content = Content(**{**vars(content), "text": "Nobody lives on Hornby Street."})
    correct_update(update, content=content, note="She left Hornby Street.", by=user, at=now + 3 * HOUR)
    assert "/corrections/" in holding(client, "Hornby Street")

    set_aside(update, by=user, at=now + 4 * HOUR)

    assert holding(client, "Hornby Street") == set()


# What staff see and do


def signed_in(client, role):
    member = make_user(username=f"{role}-account", first_name=role.capitalize(), is_superuser=False)
    give_role(member, role)
    client.force_login(member)
    return member


def press(client, thing, query=""):
    name = "edition" if isinstance(thing, Edition) else "progressupdate"
    return client.post(f"{address(f'{name}_set_aside', thing.pk)}{query}", follow=True)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("place", ["page", "list", "board"])
def test_any_member_of_staff_sets_an_update_aside_in_one_press(client, update, role, place):
    signed_in(client, role)
    where = {
        "page": (address("progressupdate_change", update.pk), ""),
        "list": (f"{address('progressupdate_changelist')}?q=Hornby", "?back=list"),
        "board": (reverse("admin:index"), "?back=board"),
    }
    path, query = where[place]
    before = client.get(path).content.decode()
    assert f'{address("progressupdate_set_aside", update.pk)}{query}"' in before
    assert before.count('id="set-aside"') == (place != "page")

    page = press(client, update, query)

    assert SetAside.objects.get().set_aside_by.username == f"{role}-account"
    assert page.redirect_chain == [(path.partition("?")[0], 302)]
    words = page.content.decode()
    assert "Set aside: readers can no longer see it, or any edition that contains it." in words
    assert f'{address("progressupdate_set_aside", update.pk)}{query}"' not in words


def test_looking_at_the_address_sets_nothing_aside(client, update, user):
    client.force_login(user)

    response = client.get(address("progressupdate_set_aside", update.pk))

    assert response.url == address("progressupdate_change", update.pk)
    assert not SetAside.objects.exists()


def test_the_second_who_presses_is_told_who_was_first(client, aside, update, user):
    signed_in(client, Role.EDITOR)

    words = press(client, update).content.decode()

    assert f"{user.username.capitalize()} already set it aside." in words


def test_an_edition_is_set_aside_from_its_page_and_its_list(client, editions, user):
    client.force_login(user)
    path = address("edition_set_aside", editions[0].pk)
    assert path in client.get(address("edition_changelist")).content.decode()
    assert path in client.get(address("edition_change", editions[0].pk)).content.decode()

    page = press(client, editions[0]).content.decode()

    assert "Readers can’t see it: user-" in page
    assert "Set aside: its address shows a notice that says nothing about it" in page
    assert address("edition_restore_set_aside", editions[0].pk) in page


def test_staff_still_read_what_is_set_aside_and_who_did_it(client, aside, editions, update, user):
    signed_in(client, Role.EDITOR)

    page = client.get(address("progressupdate_change", update.pk)).content.decode()
    edition = client.get(address("edition_change", editions[2].pk)).content.decode()
    board = client.get(reverse("admin:index")).content.decode()

    assert CANARY in page
    assert f"Set aside by {user.username} on July 2, 2020" in page
    assert "An administrator will restore it or take it down by July 9, 2020." in page
    assert address("progressupdate_restore_set_aside", update.pk) not in page
    assert f"it contains what {user.username} set aside on July 2, 2020" in edition
    assert f"by {user.username} on July 2, 2020" in board
    assert "An administrator will restore it or take it down. Until then, readers can't see it." in board


def test_an_administrator_restores_it_and_says_why(client, aside, update):
    signed_in(client, Role.ADMINISTRATOR)
    path = address("progressupdate_restore_set_aside", update.pk)
    asked = client.get(path).content.decode()
    assert "Readers can see “One-Year Update, edition 2” again" in asked
    assert path in client.get(reverse("admin:index")).content.decode()

    without = client.post(path, {"reason": ""})
    page = client.post(path, {"reason": "She agreed."}, follow=True).content.decode()

    assert without.context["form"].errors
    assert "Restored: readers can see it again." in page
    assert public_editions() == [1, 2, 3]
    history = client.get(address("progressupdate_history", update.pk)).content.decode()
    assert "Restored after it was set aside: She agreed." in history
    late = client.post(path, {"reason": "He agreed too."}).content.decode()
    assert "A colleague already decided this while you were writing." in late
    assert "He agreed too." in late


def test_the_page_to_restore_says_that_what_was_withdrawn_stays_so(client, editions, update, user, now):
    withdraw_update(update, note="Wrong.", by=user, at=now + 3 * HOUR)
    set_aside(update, by=user, at=now + 4 * HOUR)
    client.force_login(user)

    page = client.get(address("progressupdate_restore_set_aside", update.pk)).content.decode()

    assert "It stays withdrawn: its address says again why." in page
    assert "pages, feeds and files" not in page


def test_what_was_typed_before_signing_in_again_restores_nothing(client, aside, update, user):
    """`unsaved.py` shows it again, marked; a form that is marked saves nothing."""
    client.force_login(user)

    client.post(address("progressupdate_restore_set_aside", update.pk), {"reason": "She agreed.", "_unsaved": "1"})

    assert SetAside.objects.undecided().exists()


def test_it_is_left_out_of_files_of_the_staffs_lists_and_of_previews(client, aside, report, user):
    client.force_login(user)
    lists = [reverse(f"admin:recommendations_{name}_export") for name in ("progressupdate", "edition", "correction")]

    said = [client.get(f"{path}?format=csv").content.decode() for path in lists]

    assert "set aside" in said[0]
    assert not any("Hornby" in words for words in said)
    assert "Hornby" not in client.get(address("report_preview", report.pk)).content.decode()
    assert b"Hornby" not in client.get(address("report_draft_pdf", report.pk)).content


def test_the_publish_page_says_that_it_will_not_be_in_the_next_edition(client, aside, report, update, user):
    client.force_login(user)

    page = client.get(address("report_publish", report.pk)).content.decode()

    assert f"Set aside, so not included: U{update.pk} (" in page


def test_lists_of_updates_are_filtered_by_it(client, aside, editions, user, now):
    client.force_login(user)

    def found(state):
        return {
            one.text
            for one in client.get(f"{address('progressupdate_changelist')}?state={state}").context["cl"].queryset
        }

    assert (found("set-aside"), found("published")) == ({CANARY}, {"A council was visited."})


# Until it is decided


def test_administrators_are_reminded_each_day_until_it_is_decided(aside, update, user, now):
    (reference,) = (one.recommendation.reference for one in update.assessments.all())
    said = {on: [reminder.message for reminder in to_decide(on=dt.date(2020, 7, on))] for on in (2, 8, 9, 10)}

    name = f"U{update.pk} ({reference}) was set aside by {user.username} on July 2, 2020."
    assert said == {
        2: [f"{name} You have 7 days left to restore it or take it down."],
        8: [f"{name} You have 1 day left to restore it or take it down."],
        9: [f"{name} Today is the last day to restore it or take it down."],
        10: [f"{name} The decision was due on July 9, 2020: restore it or take it down."],
    }
    keys = {reminder.key for on in (2, 3) for reminder in to_decide(on=dt.date(2020, 7, on))}
    assert len(keys) == 2
    restore_set_aside(aside, reason="x", by=user, at=now + 4 * HOUR)
    assert to_decide(on=dt.date(2020, 7, 10)) == []


def test_the_reminder_goes_to_administrators_alone_once_a_day_and_names_nobody(aside, user):
    user.email = "root@example.org"
    user.save()
    for role in Role:
        member = make_user(username=role.value, email=f"{role.value}@example.org", is_superuser=False)
        give_role(member, role)

    call_command("remind", stdout=io.StringIO())
    call_command("remind", stdout=io.StringIO())

    (message,) = [one for one in mail.outbox if "set aside" in one.body]
    assert message.bcc == ["administrator@example.org", "root@example.org"]
    assert message.subject == "Example Organisation: waiting for a decision"
    assert "Verletzt" not in message.body
    assert "Hornby" not in message.body


def test_the_editions_of_what_was_taken_down_are_to_be_taken_down_too(client, aside, update, user, now):
    removal = take_down(update, reason="It named somebody.", by=user, at=now + 4 * HOUR)
    client.force_login(user)

    (reminder,) = to_decide(on=dt.date(2020, 7, 3))
    waiting = client.get(reverse("admin:index")).content.decode().split('id="undecided"')[1].split("</section>")[0]
    restoring = client.get(address("progressupdate_restore_set_aside", update.pk)).content.decode()

    assert reminder.message.endswith(
        "It was taken down, but some editions still contain it. Take them down too by July 9, 2020."
    )
    assert address("takedown_take_down_editions", removal.pk) in waiting
    assert address("progressupdate_take_down", update.pk) not in waiting
    assert "The editions still contain it." in restoring


def test_what_waits_stands_first_on_the_workspace(client, aside, user):
    client.force_login(user)

    words = strip_tags(client.get(reverse("admin:index")).content.decode().split("<main")[-1])

    assert words.index("Set aside, waiting for a decision") < words.index("Current report")
    assert "The decision was due on July 9, 2020" in words


# After a take-down


@pytest.fixture
def removal(update, user, now):
    return take_down(update, reason="It named somebody.", by=user, at=now + 4 * HOUR)


def test_the_editions_that_still_say_it_are_named_everywhere_until_none_is_left(
    client, editions, removal, report, user, now
):
    client.force_login(user)
    other = take_down(editions[0], reason="An address.", by=user, at=now + 5 * HOUR)
    pages = [
        reverse("admin:index"),
        address("report_publish", report.pk),
        address("takedown_change", removal.pk),
        address("takedown_change", other.pk),
        address("takedown_erase", removal.pk),
        address("edition_take_down", editions[1].pk),
    ]
    act = address("takedown_take_down_editions", removal.pk)

    def naming():
        said = [client.get(page).content.decode() for page in pages]
        return [act in words and "These editions still contain what was taken down" in words for words in said]

    assert naming() == [True] * 6
    take_down(editions[1], reason="The same.", by=user, at=now + 5 * HOUR)
    pages.pop()
    assert naming() == [True] * 5
    page = client.post(act, {"reason": "The same."}, follow=True).content.decode()

    assert "1 edition is taken down: no edition contains those words any more." in page
    assert naming() == [False] * 5
    assert client.get(act).status_code == 200


def test_erasing_comes_after_the_editions_and_says_what_remains(client, editions, removal, user):
    client.force_login(user)

    page = client.get(address("takedown_change", removal.pk)).content.decode()
    erase = client.get(address("takedown_erase", removal.pk)).content.decode()

    assert page.index("Take down all these editions…") < page.index("Step 2: erase its words…")
    assert "If you erase the words now, they stay in each of those editions." in page
    assert "“One-Year Update, edition 3” still contains it: take that down first." in erase
    take_down_editions(removal, reason="The same.", by=user, at=AT)
    page = client.get(address("takedown_change", removal.pk)).content.decode()
    assert "Editions that were taken down but still contain it in this database" in page
    assert address("takedown_change", TakeDown.objects.get(edition=editions[2]).pk) in page


def test_editors_read_which_editions_say_it_and_whom_to_ask(client, removal, report):
    signed_in(client, Role.EDITOR)

    home = client.get(reverse("admin:index")).content.decode()

    assert "These editions still contain what was taken down" in home
    assert "Ask an administrator to take them down." in home
    assert "/takedown/" not in home


def test_the_command_takes_the_editions_down_too_and_erases_all(editions, update, user):
    said = io.StringIO()
    who = {"by": user.username, "reason": "It named somebody."}

    call_command("take_down", "update", str(update.pk), stdout=said, **who)
    assert "Its text is also in “One-Year Update, edition 3”" in said.getvalue()
    call_command("take_down", "update", str(update.pk), editions=True, erase=True, stdout=said, **who)

    assert {removal.edition for removal in TakeDown.objects.exclude(erased_at=None)} == {None, *editions[1:]}
    assert "Taken down too: “One-Year Update, edition 2”." in said.getvalue()
    assert "Copies may remain in:\n- backups and database copies made before today\n- " in said.getvalue()
    assert public_editions() == [1]


@pytest.mark.parametrize("act", ["withdrawn", "set aside", "taken down"])
def test_the_board_names_who_ended_it_and_when(client, update, user, now, act):
    colleague = make_user(first_name="Colleague", last_name="Somebody")
    by = {"by": colleague, "at": now + dt.timedelta(days=3)}
    if act == "withdrawn":
        withdraw_update(update, note="Wrong.", **by)
    elif act == "set aside":
        set_aside(update, **by)
    else:
        take_down(update, reason="It named somebody.", **by)
    client.force_login(user)

    board = client.get(reverse("admin:index")).content.decode().split('id="board"')[1]

    row = strip_tags(re.search(rf">U{update.pk}</a></strong>(.*?)</li>", board, re.DOTALL)[1])
    assert " ".join(row.split()).startswith(f"{act.capitalize()} by Colleague Somebody on July 5, 2020")
