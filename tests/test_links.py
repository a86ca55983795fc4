"""Links to pages elsewhere: archived copies, what checks find, what staff answer, and what readers then see."""

import datetime as dt
import threading
from dataclasses import replace
from io import StringIO

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client

from recommendations.data.tables import tables
from recommendations.management.asking import Answer
from recommendations.management.commands.check_links import Command
from recommendations.models import ActionPlan, EvidenceLink, LinkCheck, LinkDecision, RecommendationLink, SupportLink
from recommendations.models.beside import LinkKind
from recommendations.publishing.acts import Refused
from recommendations.publishing.erasure import erase
from recommendations.publishing.link_checks import decide_link, record_answer
from recommendations.publishing.reports import publish_report
from recommendations.publishing.takedowns import set_aside, take_down
from recommendations.publishing.updates import Content, correct_update, withdraw_update
from recommendations.reading import findings
from recommendations.reading.editions import stored_snapshot
from recommendations.reading.elsewhere import uses
from recommendations.reading.snapshot import report_snapshot, snapshot
from recommendations.workspace.missing_links import missing_links
from recommendations.workspace.reminders import due
from tests.factories import (
    changed_content,
    make_plan,
    make_recommendation,
    make_report,
    make_support_link,
    make_update,
    make_user,
)
from tests.people import address, granted, sent_by, typed_correction

pytestmark = pytest.mark.django_db

PAGE, COPY = "https://a.example/minutes", "https://archive.example/minutes"
DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)
AT = dt.datetime(2026, 5, 3, 17, 0, tzinfo=dt.UTC)
ON = dt.date(2026, 5, 10)
GONE = "no longer there since May 3, 2026"
THERE, MISSING, UNKNOWN = Answer(True, "200"), Answer(False, "404"), Answer(None, "503")


@pytest.fixture
def cited():
    """A published update that cites PAGE, of which there is a COPY."""
    update = make_update(statuses={make_recommendation(): "planned"}, evidence=[("Minutes", PAGE)])
    update.evidence_links.update(archived_address=COPY)
    return update


def record(answer, at, page=PAGE):
    return record_answer(page, is_there=answer.is_there, answer=answer.words, at=at)


def lose(page=PAGE):
    """Find `page` missing twice, a day apart."""
    record(MISSING, AT, page)
    return record(MISSING, AT + DAY, page)


def decide(choice, by, at=AT + 2 * DAY):
    return decide_link(LinkCheck.objects.get(address=PAGE), choice=LinkDecision.Choice(choice), by=by, at=at)


def seen(client, update):
    """What readers see of the evidence: whether the copy, and whether that the page is gone."""
    pages = [
        client.get(one).content.decode() for one in (f"/updates/{update.pk}/", "/recommendations/1.1/", "/updates.atom")
    ]
    found = {(COPY in page, GONE in page) for page in pages}
    assert all(PAGE in page for page in pages)
    assert len(found) == 1, "pages and feeds disagree"
    return found.pop()


# What checks find


@pytest.mark.parametrize(
    ("checks", "failed_at", "gone_at"),
    [
        ([(THERE, AT)], None, None),
        ([(UNKNOWN, AT)], None, None),
        ([(MISSING, AT)], AT, None),
        ([(MISSING, AT), (MISSING, AT + DAY - HOUR)], AT, None),
        ([(MISSING, AT), (MISSING, AT + DAY)], AT, AT + DAY),
        ([(MISSING, AT), (UNKNOWN, AT + DAY)], AT, None),
        ([(MISSING, AT), (UNKNOWN, AT + DAY), (MISSING, AT + 2 * DAY)], AT, AT + 2 * DAY),
        ([(MISSING, AT), (THERE, AT + DAY), (MISSING, AT + 2 * DAY)], AT + 2 * DAY, None),
        ([(MISSING, AT), (MISSING, AT + DAY), (UNKNOWN, AT + 2 * DAY)], AT, AT + DAY),
        ([(MISSING, AT), (MISSING, AT + DAY), (MISSING, AT + 2 * DAY)], AT, AT + DAY),
        ([(MISSING, AT), (MISSING, AT + DAY), (THERE, AT + 2 * DAY)], None, None),
    ],
)
def test_a_page_is_gone_once_it_was_missing_twice_a_day_apart(checks, failed_at, gone_at):
    for answer, at in checks:
        link = record(answer, at)

    stored = LinkCheck.objects.get()
    assert (stored.failed_at, stored.gone_at) == (link.failed_at, link.gone_at) == (failed_at, gone_at)
    assert (stored.answer, stored.checked_at) == (checks[-1][0].words, checks[-1][1])


@pytest.mark.parametrize(
    ("failed_at", "gone_at", "is_allowed"),
    [(None, None, True), (AT, None, True), (AT, AT + DAY, True), (None, AT, False), (AT, AT, False)],
)
def test_no_link_is_gone_that_was_not_missing_before(failed_at, gone_at, is_allowed):
    link = LinkCheck(address=PAGE, answer="404", checked_at=AT, failed_at=failed_at, gone_at=gone_at)

    if is_allowed:
        link.save()
    else:
        with pytest.raises(IntegrityError), transaction.atomic():
            link.save()


def test_a_check_changes_nothing_of_an_update(cited):
    before = (Content.of(cited), cited.history.count(), EvidenceLink.history.count())

    lose()

    assert (Content.of(cited), cited.history.count(), EvidenceLink.history.count()) == before


# Archived copies


@pytest.mark.parametrize(("archived", "is_allowed"), [("", True), (COPY, True), (PAGE, False)])
def test_an_archived_copy_is_elsewhere(cited, archived, is_allowed):
    link = cited.evidence_links.get()
    link.archived_address = archived

    if is_allowed:
        link.full_clean()
        link.save()
    else:
        with pytest.raises(ValidationError, match="must have another address"):
            link.full_clean()
        with pytest.raises(IntegrityError), transaction.atomic():
            link.save()


def test_a_copy_is_added_by_a_correction_and_the_form_keeps_it(staff, published, user, now):
    typed = {"evidence-0-archived_address": COPY, "note": "With a copy.", "is_minor": "on"}

    staff.post(address("progressupdate_correct", published.pk), typed_correction(published, **typed))

    assert Content.of(published).links == (("Minutes", "https://a.example/m", COPY),)
    page = staff.get(address("progressupdate_correct", published.pk))
    assert sent_by(page)["evidence-0-archived_address"] == [COPY]
    assert COPY in staff.get(address("progressupdate_change", published.pk)).content.decode()
    correction = published.corrections.get()
    assert COPY in staff.get(address("correction_change", correction.pk)).content.decode()
    correct_update(published, content=changed_content(published, archived=()), note="Without.", by=user, at=now)
    assert "The evidence was changed." in Client().get("/corrections/").content.decode()


def test_a_draft_keeps_its_copy_through_the_form(staff):
    draft = make_update(statuses={make_recommendation(): "planned"}, published=False, evidence=[("Minutes", PAGE)])
    opened = sent_by(staff.get(address("progressupdate_change", draft.pk)))

    staff.post(address("progressupdate_change", draft.pk), opened | {"evidence_links-0-archived_address": COPY})

    assert Content.of(draft).links == (("Minutes", PAGE, COPY),)


def test_a_name_in_the_address_of_a_copy_is_found(cited):
    cited.evidence_links.update(archived_address="https://archive.example/?q=604-555-0123")

    assert [one.kind for one in findings.of_update(cited)] == ["identifying"]


# What readers see


def test_a_copy_stands_beside_its_link_while_the_page_is_there(client, cited):
    assert seen(client, cited) == (True, False)
    record(THERE, AT)
    record(UNKNOWN, AT + DAY)
    assert seen(client, cited) == (True, False)


def test_a_copy_is_hidden_when_the_page_is_missing_and_readers_are_told_once_it_is_gone(client, cited):
    record(MISSING, AT)
    assert seen(client, cited) == (False, False)
    record(MISSING, AT + DAY)
    assert seen(client, cited) == (False, True)
    record(THERE, AT + 2 * DAY)
    assert seen(client, cited) == (True, False)


@pytest.mark.parametrize(
    ("choice", "found"), [("show", (True, True)), ("hide", (False, True)), ("there", (True, False))]
)
def test_readers_see_what_staff_answered(client, cited, user, choice, found):
    lose()

    decide(choice, user)

    assert seen(client, cited) == found


def test_the_newest_answer_counts_until_the_page_goes_again(client, cited, user):
    lose()
    decide("hide", user)
    decide("show", user, AT + 3 * DAY)
    assert seen(client, cited) == (True, True)

    record(THERE, AT + 4 * DAY)
    record(MISSING, AT + 5 * DAY)

    assert seen(client, cited) == (False, False)


def test_files_have_the_copy_and_what_is_gone_as_pages_do(client, cited, user):
    def row():
        return next(iter(client.get("/data/progress.json").json()["updates"]))

    copies = [{"label": "Minutes", "address": PAGE, "archived_address": COPY}]
    gone = [{"address": PAGE, "gone_since": "2026-05-03"}]

    assert (row()["evidence_archived"], row()["evidence_gone"]) == (copies, [])
    lose()
    assert (row()["evidence_archived"], row()["evidence_gone"]) == ([], gone)
    assert row()["evidence"] == [{"label": "Minutes", "address": PAGE}]
    decide("show", user)
    assert (row()["evidence_archived"], row()["evidence_gone"]) == (copies, gone)
    table = client.get("/data/updates.csv").content.decode()
    assert f",Minutes <{PAGE}>,Minutes <{COPY}>,<{PAGE}> 2026-05-03," in table


def test_a_support_link_that_is_gone_says_so(client, cited):
    plan = ActionPlan.objects.get()
    SupportLink.objects.create(plan=plan, label="Help", address=PAGE, checked_on=dt.date(2026, 1, 1))

    lose()

    foot = client.get("/").content.decode().partition("<footer")[2]
    assert f'<a href="{PAGE}" rel="noreferrer" dir="auto">Help</a> <span class="soft">({GONE})</span>' in foot


# Reports and editions


def test_an_edition_never_says_that_a_page_is_gone_and_a_check_makes_no_report_changed(
    update, report, user, now, fake_pdf
):
    edition = publish_report(report, by=user, at=now)
    page = update.evidence_links.get().address

    lose(page)

    assert report_snapshot(report).content_hash() == stored_snapshot(edition).content_hash()
    assert "gone_since" not in stored_snapshot(edition).to_json()
    assert "gone_since" not in report_snapshot(report).to_json()
    assert GONE not in Client().get(f"/reports/{report.slug}/").content.decode()


def test_a_report_prints_the_copy_unless_it_is_hidden(cited, user, now, fake_pdf):
    report = make_report()
    first = publish_report(report, by=user, at=now)
    lose()
    later = publish_report(report, by=user, at=AT + 2 * DAY, note="Without the copy.")

    pages = [Client().get(f"/reports/{report.slug}/editions/{n}/").content.decode() for n in (1, 2)]

    assert [COPY in page for page in pages] == [True, False]
    assert (first.number, later.number) == (1, 2)
    decide("show", user)
    assert report_snapshot(report).content_hash() == stored_snapshot(first).content_hash()


def test_a_page_that_is_gone_is_a_finding(cited, user):
    make_support_link(checked_on=ON)
    report = make_report()
    record(MISSING, AT)
    once = f"The archived copy of “Minutes” of U{cited.pk} (1.1) is hidden, as its page was missing when last checked."
    assert [one.message for one in findings.of_report(report, on=ON)] == [once]

    record(MISSING, AT + DAY)

    message = f"The evidence “Minutes” of U{cited.pk} (1.1) has been gone since May 3, 2026."
    hidden = f"{message} Its archived copy is hidden from readers."
    assert [one.message for one in findings.of_report(report, on=ON)] == [hidden]
    assert [one.message for one in findings.of_update(cited)] == [hidden]
    decide("show", user)
    assert [one.message for one in findings.of_report(report, on=ON)] == [message]
    decide("there", user, AT + 3 * DAY)
    assert findings.of_report(report, on=ON) == []


# Staff


def test_staff_see_what_is_gone_where_it_is_used_and_since_when(client, cited):
    lose()
    record(MISSING, AT, "https://nobody.example/links/here")
    client.force_login(make_user())

    page = client.get(address("linkcheck_changelist"))

    text = page.content.decode()
    assert [one.link.address for one, *_more in page.context["links"]] == [PAGE]
    for words in (
        PAGE,
        COPY,
        "No longer there since May 3, 2026.",
        "It answers 404.",
        f"evidence of U{cited.pk} (1.1)",
    ):
        assert words in text
    assert address("progressupdate_change", cited.pk) in text


def test_the_board_counts_those_that_nobody_looked_at(staff, cited, user):
    make_report()
    record(MISSING, AT)
    assert "is gone" not in staff.get("/admin/").content.decode()
    record(MISSING, AT + DAY)

    home = staff.get("/admin/").content.decode()

    assert "1 page elsewhere that this site links to is gone" in home
    assert address("linkcheck_changelist") in home
    assert "gone" in [one.key.split("-")[0] for one in due(on=ON)]
    decide("hide", user)
    assert "is gone" not in staff.get("/admin/").content.decode()
    assert not [one for one in missing_links(on=ON) if one.is_waiting]


def test_an_answer_keeps_who_gave_it_and_when_and_the_ones_before(staff, cited, user):
    link = lose()

    for choice in ("hide", "show"):
        staff.post(address("linkcheck_decide", link.pk), {"choice": choice})

    assert list(link.decisions.values_list("choice", "decided_by")) == [("hide", user.pk), ("show", user.pk)]
    page = staff.get(address("linkcheck_changelist")).content.decode()
    assert "Show the archived copy (" in page
    assert user.username in page


@pytest.mark.parametrize("choice", ["", "nonsense"])
def test_an_answer_that_makes_no_sense_changes_nothing(staff, cited, choice):
    link = lose()

    response = staff.post(address("linkcheck_decide", link.pk), {"choice": choice})

    assert (response.status_code, response.url) == (302, address("linkcheck_changelist"))
    assert not LinkDecision.objects.exists()


def test_nothing_is_decided_about_a_page_that_is_there_again(staff, cited, user):
    link = lose()
    record(THERE, AT + 2 * DAY)

    with pytest.raises(Refused, match="there again"):
        decide("hide", user, AT + 3 * DAY)
    page = staff.post(address("linkcheck_decide", link.pk), {"choice": "hide"}, follow=True).content.decode()
    assert "there again" in page


def test_who_may_only_look_gets_no_buttons(cited):
    link = lose()
    editor = granted("view_linkcheck")

    page = editor.get(address("linkcheck_changelist")).content.decode()

    assert COPY in page
    assert 'name="choice"' not in page
    assert "Ask a publisher" in page
    assert address("progressupdate_change", cited.pk) not in page
    assert editor.post(address("linkcheck_decide", link.pk), {"choice": "show"}).status_code == 403


def test_the_page_says_so_when_all_is_well_and_no_list_leads_to_it(staff, cited):
    make_report()

    assert "were there when they were last checked" in staff.get(address("linkcheck_changelist")).content.decode()
    assert "linkcheck" not in staff.get("/admin/").content.decode()


# Which pages are asked for


def test_only_what_the_public_site_links_to_is_asked_for(user, now):
    one = make_recommendation()
    for name in ("public", "withdrawn", "aside", "down"):
        make_update(statuses={one: "planned"}, text=name, evidence=[(name, f"https://{name}.example/")])
    make_update(statuses={one: "planned"}, published=False, evidence=[("draft", "https://draft.example/")])
    by_text = {link.label: link.update for link in EvidenceLink.objects.all()}
    withdraw_update(by_text["withdrawn"], note="Wrong.", by=user, at=now)
    set_aside(by_text["aside"], by=user, at=now)
    take_down(by_text["down"], reason="Safety.", by=user, at=now)
    plan = ActionPlan.objects.get()
    plan.website = "https://organization.example/"
    plan.save()
    SupportLink.objects.create(plan=plan, label="Help", address="https://help.example/", checked_on=now.date())
    beside = {"kind": LinkKind.RELATED, "label": "Call 42", "address": "https://related.example/"}
    RecommendationLink.objects.create(recommendation=one, **beside)

    assert set(uses(on=ON)) == {
        "https://related.example/",
        "https://public.example/",
        "https://help.example/",
        "https://organization.example/",
        plan.exit_address,
    }


def test_a_copy_is_asked_for_and_pages_of_this_site_are_not(cited, settings):
    settings.SITE_URL = "https://tracker.example.org"
    EvidenceLink.objects.create(update=cited, label="Ours", address="https://tracker.example.org/data/")

    assert {PAGE, COPY} < set(uses(on=ON))
    assert "https://tracker.example.org/data/" not in uses(on=ON)
    assert [use.where for use in uses(on=ON)[COPY]] == [f"archived copy of evidence of U{cited.pk} (1.1)"]


def test_erasing_an_update_erases_what_was_found_out_about_its_links(cited, user, now):
    other = make_update(statuses={make_recommendation(): "planned"}, evidence=[("Shared", "https://shared.example/")])
    EvidenceLink.objects.create(update=cited, label="Shared", address="https://shared.example/")
    for page in (PAGE, COPY, "https://shared.example/"):
        lose(page)
    decide("hide", user)
    content = replace(Content.of(cited), evidence=(("Shared", "https://shared.example/"),), archived=())
    correct_update(cited, content=content, note="Removed.", by=user, at=AT)

    erase(take_down(cited, reason="Safety.", by=user, at=now), by=user, at=now)

    assert list(LinkCheck.objects.values_list("address", flat=True)) == ["https://shared.example/"]
    assert not LinkDecision.objects.exists()
    assert other.evidence_links.exists()


# The command


def run(answers, otherwise=THERE):
    out = StringIO()
    call_command(Command(ask=lambda page: answers.get(page, otherwise), stdout=out))
    return out.getvalue()


def test_the_command_says_what_it_found(cited):
    ActionPlan.objects.update(exit_address="https://busy.example/")

    said = run({PAGE: MISSING, "https://busy.example/": UNKNOWN})

    assert said.splitlines() == [
        f"Not there, to be checked once more (404): {PAGE}, evidence of U{cited.pk} (1.1)",
        "Couldn't be checked (503): https://busy.example/, leave address",
        "Checked 3: 1 there, 1 not there, 1 couldn't be checked.",
    ]
    assert set(LinkCheck.objects.values_list("address", "answer")) == {
        (PAGE, "404"),
        (COPY, "200"),
        ("https://busy.example/", "503"),
    }
    LinkCheck.objects.filter(address=PAGE).update(failed_at=AT)
    assert f"No longer there since May 3, 2026 (404): {PAGE}" in run({PAGE: MISSING})


def test_the_command_fails_where_nothing_could_be_checked(cited):
    with pytest.raises(CommandError, match="Does this machine reach the internet"):
        run({}, otherwise=UNKNOWN)


def test_the_command_has_nothing_to_do_without_a_plan():
    assert run({}) == "The site links to no pages elsewhere.\n"


def test_what_was_found_is_kept_when_the_command_is_stopped(cited):
    def ask(page):
        if page == COPY:
            raise KeyboardInterrupt
        return MISSING

    with pytest.raises(KeyboardInterrupt):
        call_command(Command(ask=ask, stdout=StringIO()))

    assert list(LinkCheck.objects.values_list("address", flat=True)) == [PAGE]


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_checks_at_once_do_not_wait_for_one_another_and_call_nothing_gone():
    make_update(statuses={make_recommendation(): "planned"}, evidence=[("Minutes", PAGE)])
    both = threading.Barrier(2, timeout=60)

    def ask(page):
        both.wait()
        return MISSING

    def check():
        try:
            call_command(Command(ask=ask, stdout=StringIO()))
        finally:
            connection.close()

    threads = [threading.Thread(target=check) for _each in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert list(LinkCheck.objects.filter(address=PAGE).values_list("answer", "gone_at")) == [("404", None)]


def test_a_snapshot_asks_the_same_questions_whatever_was_found(cited, django_assert_num_queries):
    plan, on = make_plan(), dt.date(2026, 6, 1)
    with django_assert_num_queries(12):
        snapshot(plan, on=on, is_live=True)
    for number in range(30):
        page = f"https://a.example/{number}"
        EvidenceLink.objects.create(update=cited, label=str(number), address=page)
        lose(page)

    with django_assert_num_queries(12):
        assert len(tables(snapshot(plan, on=on, is_live=True), site="")[1].rows) == 1
