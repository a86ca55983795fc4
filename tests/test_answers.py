"""Findings that somebody looked at: what an answer is for, who gives it, where it shows, and that it can be erased."""

import datetime as dt
from html import unescape

import pytest
from django.contrib.admin.models import LogEntry
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import translation

from recommendations.accounts.roles import Role
from recommendations.models import FindingAnswer, ProgressUpdate, Recommendation
from recommendations.publishing.acts import Refused, delete_whole
from recommendations.publishing.answers import answer_findings
from recommendations.publishing.erasure import erase
from recommendations.publishing.reports import publish_report
from recommendations.publishing.takedowns import take_down
from recommendations.publishing.updates import correct_update, publish_update
from recommendations.reading import findings
from recommendations.reading.findings import of_report, of_update, of_updates
from recommendations.workspace.changes import Changes, Filter
from tests.factories import (
    changed_content,
    make_plan,
    make_recommendation,
    make_report,
    make_update,
)
from tests.people import account, add_address, address, sent_by, signed_in, typed_correction, typed_update
from tests.rows import any_table_holds

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fake_pdf", "supported")]

ON = dt.date(2020, 7, 2)


@pytest.fixture
def draft():
    return make_update(statuses={make_recommendation(): "planned"}, published=False, text="Call 604-555-0123.")


def answer(thing, *, by, at, reason="It is our own line."):
    """Say of everything in `thing` that it is fine."""
    asked = [one for one in findings.of(thing, on=ON) if one.can_be_answered and one.is_open]
    return answer_findings(thing, reasons={one.key: reason for one in asked}, by=by, at=at)


def unanswered(thing):
    return [one.words for one in findings.of(thing, on=ON) if one.is_open]


def test_an_answer_holds_until_its_text_changes(draft, user, now):
    (kept,) = answer(draft, by=user, at=now)
    (quiet,) = of_update(draft)

    ProgressUpdate.objects.filter(pk=draft.pk).update(text="Call 604-555-0123 at night.")
    (asking,) = of_update(ProgressUpdate.objects.get())
    ProgressUpdate.objects.filter(pk=draft.pk).update(text="Call 604-555-0123.")
    (again,) = of_update(ProgressUpdate.objects.get())

    assert (quiet.answer, quiet.is_open) == (kept, False)
    assert (asking.answer, asking.earlier, asking.is_open) == (None, kept, True)
    assert (again.answer, again.is_open) == (kept, False)


def test_an_answer_is_for_all_that_was_found_and_for_nothing_else(draft, user, now):
    ProgressUpdate.objects.filter(pk=draft.pk).update(text="Call 604-555-0123 or write to x@example.org.")
    phone, mail = of_update(ProgressUpdate.objects.get())
    twin = make_update(
        statuses={Recommendation.objects.get(): "planned"}, text="Call 604-555-0123 or write to x@example.org."
    )

    answer_findings(draft, reasons={phone.key: "Ours."}, by=user, at=now)

    assert unanswered(draft) == [mail.words]
    assert unanswered(twin) == [phone.words, mail.words]


def test_an_answer_to_the_text_holds_when_evidence_is_added_or_staff_read_french(draft, user, now):
    answer(draft, by=user, at=now)
    draft.evidence_links.create(label="Minutes", address="https://a.example/")

    with translation.override("fr-ca"):
        assert unanswered(draft) == []


def test_the_newest_of_two_answers_counts(draft, user, now):
    (one,) = of_update(draft)
    answer_findings(draft, reasons={one.key: "First."}, by=user, at=now)
    answer_findings(draft, reasons={one.key: "Second."}, by=user, at=now + dt.timedelta(hours=1))

    assert of_update(draft)[0].answer.reason == "Second."
    assert FindingAnswer.objects.count() == 2


def test_no_answer_is_kept_where_one_lacks_a_reason_or_its_finding(draft, user, now):
    (one,) = of_update(draft)

    with pytest.raises(Refused, match="Say why it is fine"):
        answer_findings(draft, reasons={one.key: " \n "}, by=user, at=now)
    with pytest.raises(Refused, match="has changed since you opened this page"):
        answer_findings(draft, reasons={one.key: "Fine.", "0" * 20: "Fine."}, by=user, at=now)

    assert not FindingAnswer.objects.exists()


@pytest.mark.parametrize("kept_with", [(), ("update", "report")])
def test_an_answer_is_kept_with_exactly_one_thing(kept_with, draft, user, now):
    things = {"update": draft, "report": make_report()}
    words = {"kind": "long", "basis": "0" * 64, "message": "m", "reason": "r", "answered_at": now, "answered_by": user}

    with pytest.raises(IntegrityError, match="finding_answer_is_kept_with_one_thing"), transaction.atomic():
        FindingAnswer.objects.create(**words, **{name: things[name] for name in kept_with})
    with pytest.raises(IntegrityError, match="finding_answer_has_a_reason"), transaction.atomic():
        FindingAnswer.objects.create(**{**words, "reason": ""}, update=draft)


def test_publishing_records_what_nobody_answered(draft, user, now):
    report = make_report(introduction="Write to x@example.org.")
    answer(draft, by=user, at=now)

    publish_update(draft, by=user, at=now)
    publish_report(report, by=user, at=now)

    assert draft.history.first().history_change_reason == "Published"
    assert "x@example.org" in report.history.first().history_change_reason
    assert "604-555-0123" not in report.history.first().history_change_reason


def test_a_report_has_its_own_answers_and_those_of_its_updates_and_plan(draft, user, now):
    plan = make_plan()
    plan.introduction = "Write to plan@example.org."
    plan.save()
    one = Recommendation.objects.get()
    one.explanation = "Ask 604-555-0188."
    one.save()
    report = make_report(introduction="Write to x@example.org.")
    assert len([one for one in of_report(report, on=ON) if one.can_be_answered]) == 4

    for thing in (draft, plan, one):
        answer(thing, by=user, at=now)
    assert [one.words for one in of_report(report, on=ON) if one.can_be_answered and one.is_open] == ["x@example.org"]

    answer(report, by=user, at=now)
    assert [one.kind for one in of_report(report, on=ON) if one.is_open] == ["without update", "draft"]
    assert {one.subject for one in FindingAnswer.objects.all()} == {
        ("update", draft.pk),
        ("plan", 0),
        ("beside", one.pk),
        ("report", report.pk),
    }


def test_an_update_just_outside_the_period_is_quiet_once_somebody_said_why(user, now):
    update = make_update(statuses={make_recommendation(): "planned"}, dated_on=dt.date(2020, 7, 1))
    report = make_report()

    answer(report, by=user, at=now)
    quiet = [one.kind for one in of_report(report, on=ON) if one.is_open]
    report.ends_on = dt.date(2020, 6, 29)
    report.save()

    assert quiet == ["without update"]
    assert [one.kind for one in of_report(report, on=ON) if one.is_open] == ["without update", "just outside"]
    assert FindingAnswer.objects.get().update == update


def test_findings_of_many_updates_are_looked_up_in_a_constant_number_of_queries(user, now, django_assert_num_queries):
    one = make_recommendation(done_means="All may come.", done_means_set_by="Us", done_means_set_on=ON)
    updates = []
    for rows in (1, 8):
        updates += [
            make_update(statuses={one: "completed"}, published=False, text=f"Call 604-555-01{number:02}.")
            for number in range(rows)
        ]
        answer(updates[-1], by=user, at=now)
        with django_assert_num_queries(9):
            assert len(of_updates(updates)) == 2 * len(updates)


def test_a_draft_is_deleted_with_its_answers(draft, user, now):
    answer(draft, by=user, at=now)

    delete_whole(draft, by=user, reason="Twice.")

    assert not FindingAnswer.objects.exists()


def test_after_erasing_no_answer_says_it_any_more(user, now):
    one = make_recommendation()
    update = make_update(statuses={one: "planned"}, text="Call 604-555-0123.")
    other = make_update(statuses={one: "planned"}, text="Call 604-555-0177.")
    report = make_report(introduction="Write to x@example.org.")
    correct_update(
        update, content=changed_content(update, text="Call 604-555-0124."), note="Not 604-555-0123.", by=user, at=now
    )
    answer(other, by=user, at=now, reason="We know them.")
    answer(report, by=user, at=now, reason="canary said so")

    erase(take_down(update, reason="For safety.", by=user, at=now), by=user, at=now)

    assert {one.words for one in FindingAnswer.objects.all()} == {"604-555-0177", "x@example.org"}
    edition = publish_report(report, by=user, at=now)
    erase(take_down(edition, reason="For safety.", by=user, at=now), by=user, at=now)
    assert not any_table_holds("canary")
    assert not any_table_holds("604-555-012")


# The pages


def check_page(client, thing, **query):
    return client.get(address(f"{thing._meta.model_name}_check", thing.pk), query)


def test_findings_are_answered_on_a_page_that_keeps_who_when_and_why(draft):
    make_report()
    maria = account(Role.EDITOR, first_name="Maria")
    client = signed_in(maria)
    back = f"{reverse('admin:index')}?area=1#messages"

    page = check_page(client, draft, next=back)
    typed = sent_by(page)
    (name,) = [name for name in typed if name.startswith("answer-")]
    answered = client.post(address("progressupdate_check", draft.pk), {**typed, name: "It is <our> own line."})
    board = client.get(reverse("admin:index")).content.decode()
    form = unescape(client.get(address("progressupdate_change", draft.pk)).content.decode())

    assert (answered.status_code, answered.url) == (302, back)
    kept = FindingAnswer.objects.get()
    assert (kept.update, kept.answered_by, kept.reason) == (draft, maria, "It is <our> own line.")
    assert "1 answer is kept." in board
    assert "It is &lt;our&gt; own line." in board
    assert "1 looked at" in form
    assert "Looked at by Maria on" in form
    assert LogEntry.objects.get().get_change_message() == "Changed answers to findings."


def test_an_answer_to_what_has_changed_is_not_kept_and_not_lost(staff, draft):
    typed = sent_by(check_page(staff, draft))
    (name,) = [name for name in typed if name.startswith("answer-")]
    ProgressUpdate.objects.filter(pk=draft.pk).update(text="Call 604-555-0123, ask for Jane.")

    page = staff.post(address("progressupdate_check", draft.pk), {**typed, name: "It is our own line."})

    assert "what you answered has changed since you opened this page" in page.content.decode()
    assert "It is our own line." in page.content.decode()
    assert not FindingAnswer.objects.exists()


def test_an_answer_without_a_word_is_asked_for(staff, draft):
    page = staff.post(address("progressupdate_check", draft.pk), sent_by(check_page(staff, draft)))

    assert "Say of one finding or more why it is fine." in page.content.decode()


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", ""])
def test_an_answer_leads_nowhere_else(staff, draft, elsewhere):
    assert check_page(staff, draft, next=elsewhere).context["next"] == address("progressupdate_change", draft.pk)


def test_who_may_not_change_the_plan_does_not_answer_for_it(draft):
    plan = make_plan()
    plan.introduction = "Write to plan@example.org."
    plan.save()
    report = make_report(introduction="Write to x@example.org.")

    page = check_page(signed_in(account(Role.EDITOR)), report)

    assert [one.words for one, _field in page.context["to_answer"]] == ["x@example.org", "604-555-0123"]
    assert "plan@example.org" in [one.words for one in page.context["others"]]
    assert len(check_page(signed_in(account(Role.PUBLISHER)), report).context["to_answer"]) == 3


def test_the_board_marks_what_is_to_be_checked_in_what_is_not_published(staff, draft, user, now):
    one = Recommendation.objects.get()
    make_update(statuses={one: "planned"}, text="Call 604-555-0177.")
    make_report()
    check = f"{address('progressupdate_check', draft.pk)}?next=/admin/%3Farea=1%23messages"

    before = staff.get(reverse("admin:index")).content.decode()
    answer(draft, by=user, at=now)
    after = staff.get(reverse("admin:index")).content.decode()

    assert f'href="{check}">U{draft.pk}: 1 to check<' in before
    assert before.count(" to check<") == 1
    assert " to check<" not in after


def test_after_a_save_findings_are_told_with_the_page_that_takes_answers(staff, draft):
    one = Recommendation.objects.get()
    report = make_report()

    saved = staff.post(
        add_address(covering=one.reference), typed_update({one: "planned"}, text="Call 604-555-0144."), follow=True
    )
    update = ProgressUpdate.objects.order_by("pk").last()

    told = [(message.level_tag, str(message)) for message in saved.context["messages"]]
    assert f'<a href="{address("progressupdate_check", update.pk)}">1 thing to check</a>' in told[0][1]
    assert [level for level, _words in told] == ["success", "warning"]
    assert "604-555-0144" in told[1][1]
    for name, thing in (("introduction", report), ("introduction", one.area), ("introduction", make_plan())):
        kind = thing._meta.model_name
        form = sent_by(staff.get(address(f"{kind}_change", thing.pk)))
        answered = staff.post(address(f"{kind}_change", thing.pk), {**form, name: "Call 604-555-0199."}, follow=True)
        told = [str(message) for message in answered.context["messages"]]
        assert f'<a href="{address(f"{kind}_check", thing.pk)}">1 thing to check</a>' in told
        assert any("604-555-0199" in words for words in told)


def test_what_public_notes_and_reasons_hold_is_told_once_they_are_public(staff, user, now):
    update = make_update(statuses={make_recommendation(): "planned"})
    note = {"note": "604-555-0166 was wrong."}

    told = [
        [str(message) for message in staff.post(address(name, update.pk), typed, follow=True).context["messages"]]
        for name, typed in (
            ("progressupdate_correct", typed_correction(update, text="New.", **note)),
            ("progressupdate_withdraw", note),
            ("progressupdate_take_down", {"reason": "It named 604-555-0166."}),
        )
    ]

    assert [words[-1] for words in told] == [
        f"A phone number in {where}: “604-555-0166”. Is everyone safe if this is public?"
        for where in ("the public note", "the public note", "the public reason")
    ]


def test_of_many_findings_five_are_told_after_a_save(staff):
    one = make_recommendation()
    text = "x@example.org, 604-555-0123, at 1234 Main Street, V6B 1A1, born on May 5, 1990, 😀"

    saved = staff.post(add_address(covering=one.reference), typed_update({one: "planned"}, text=text), follow=True)

    assert [str(message) for message in saved.context["messages"]][-1] == "1 more thing to check."


def test_the_preview_of_what_is_written_says_what_to_check(staff, draft, user, now):
    sent = {"text": "Call 604-555-0123.\r\n", "preview": "text"}

    before = [
        staff.post(reverse("admin:preview"), {**sent, **more}).content.decode() for more in ({"fragment": "1"}, {})
    ]
    answer(draft, by=user, at=now)
    after = [
        staff.post(reverse("admin:preview"), {**sent, **more}).content.decode() for more in ({"fragment": "1"}, {})
    ]
    changed = staff.post(reverse("admin:preview"), {**sent, "text": "Call 604-555-0123!", "fragment": "1"})

    assert all("A phone number in the text: “604-555-0123”" in words and "looked at" not in words for words in before)
    assert all("1 looked at" in words for words in after)
    assert "looked at" not in changed.content.decode()


def test_answers_are_in_the_history_and_on_the_page_of_all_changes(staff, draft, user, now):
    plan = make_plan()
    plan.introduction = "Write to plan@example.org."
    plan.save()
    for thing in (draft, plan):
        answer(thing, by=user, at=now)

    history = staff.get(address("progressupdate_history", draft.pk)).content.decode()
    everything = Changes(Filter(act="decide"), visible={"progressupdate", "actionplan"})
    editors = Changes(Filter(), visible={"progressupdate"})
    plans = Changes(Filter(kind="actionplan", by=user.pk), visible={"progressupdate", "actionplan"})

    assert "A phone number in U" in history
    assert "Fine because “It is our own line.”" in history
    assert [change.things[0].kind for change in everything[:10]] == ["Action plan", "Progress update"]
    assert everything[1].why.endswith("“604-555-0123”. Is everyone safe if this is public?\nIt is our own line.")
    assert [change.verb for change in editors[:10]].count("Answered") == 1
    assert [change.verb for change in plans[:10]].count("Answered") == 1


def test_where_it_is_published_answered_findings_are_folded_with_who_and_why(staff, draft, user, now):
    report = make_report()
    ready = address("progressupdate_publish", draft.pk)
    assert "You can publish anyway" in staff.get(ready).content.decode()
    assert "604-555-0123" in staff.get(address("report_ready", report.pk)).content.decode()
    answer(draft, by=user, at=now)

    for page in (
        ready,
        address("report_ready", report.pk),
        address("report_publish", report.pk),
        address("report_change", report.pk),
    ):
        words = staff.get(page).content.decode()
        assert "1 looked at" in words
        assert "fine because “It is our own line.”" in words
    assert "You can publish anyway" not in staff.get(ready).content.decode()
