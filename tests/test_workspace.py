"""The workspace: the board, what is written from it, circulated, compared and restored."""

import datetime as dt
import re
from dataclasses import replace
from html import unescape

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from recommendations.models import Edition, ProgressUpdate, Recommendation, VerifiedBackup
from recommendations.publishing.reports import publish_report
from recommendations.publishing.takedowns import set_aside
from recommendations.publishing.updates import Content, correct_update, mark_ready, publish_update, withdraw_update
from recommendations.reading import findings
from recommendations.report import pdf
from recommendations.text import dates
from recommendations.workspace import report_state
from recommendations.workspace.backups import LastBackup, last_backup
from tests.factories import make_area, make_recommendation, make_report, make_update
from tests.people import add_address, address, confirmed, granted, sent_by, typed_correction, typed_update

BACKED_UP_AT = dt.datetime(2020, 7, 1, 12, 0, tzinfo=dt.UTC)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fake_pdf")]


def home(client):
    return client.get(reverse("admin:index"))


def initial(page):
    return page.context["adminform"].form.initial


# The board


def test_the_board_shows_states_statuses_and_what_is_missing(staff, user, now):
    one, two, three, four = (make_recommendation() for _ in range(4))
    make_report()
    make_update(statuses={one: "planned"}, text="Published words.")
    ready = make_update(statuses={two: "completed"}, published=False, text="Ready words.")
    mark_ready(ready, by=user, at=now)
    make_update(statuses={three: ""}, published=False, text="Draft words.")
    make_update(statuses={four: "on hold"}, dated_on=dt.date(2019, 1, 1))

    page = home(staff)

    board = page.context["board"]
    (area,) = board.areas
    assert [(row.label, [update.state for update in row.updates], row.is_missing) for row in area.rows] == [
        ("Planned", ["published"], False),
        ("Completed", ["ready"], False),
        ("", ["draft"], True),
        ("On hold", [], True),
    ]
    assert (board.state.covered_count, board.state.count) == (2, 4)
    words = page.content.decode()
    for said in ("2 of 4 recommendations", "2 without an update", "Ready words.", "Draft words.", user.username):
        assert said in words


def test_the_board_asks_the_database_as_often_for_290_recommendations_as_for_29(
    staff, user, now, django_assert_num_queries
):
    from django.test.utils import CaptureQueriesContext

    report = make_report()
    staff.get(reverse("admin:index"))  # Django keeps content types from the first page on
    counts = []
    for _size in (2, 8):
        for _number in range(_size):
            area = make_area()
            covered = {make_recommendation(area=area): "planned" for _ in range(3)}
            update = make_update(statuses=covered, published=False)
            mark_ready(update, by=user, at=now)
            make_update(statuses={make_recommendation(area=area): ""}, published=False)
        for url in (reverse("admin:index"), address("report_publish", report.pk), address("report_ready", report.pk)):
            with CaptureQueriesContext(connection) as captured:
                assert staff.get(url).status_code == 200
            counts.append((url, len(captured)))

    assert counts[:3] == counts[3:]


def test_a_wide_plan_is_read_one_area_at_a_time(staff, user, now, monkeypatch):
    monkeypatch.setattr(report_state, "WIDE_PLAN", 2)
    done, missing, other = (make_recommendation(area=make_area(), text=f"Text {number}.") for number in range(3))
    report = make_report()
    make_update(statuses={done: "planned"})
    make_update(statuses={other: ""}, published=False, text="Write to jo@example.org.")

    first, last = home(staff), staff.get(reverse("admin:index"), {"area": other.area.number})

    board = first.context["board"]
    assert [(area.entry.number, area.is_read, area.missing_count) for area in board.areas] == [
        (done.area.number, False, 0),
        (missing.area.number, True, 1),
        (other.area.number, False, 1),
    ]
    assert (board.state.covered_count, board.state.count) == (1, 3)
    for page, shown, hidden in ((first, missing, other), (last, other, missing)):
        assert shown.text in page.content.decode()
        assert hidden.text not in page.content.decode()
    assert "jo@example.org" in staff.get(address("report_check", report.pk)).content.decode()
    for odd in ("", "²", "99999999999999999999", "99", "x"):
        assert staff.get(reverse("admin:index"), {"area": odd}).context["board"].areas[1].is_read


def test_counts_are_those_of_the_snapshot(user, now):
    """They are counted without it, because it reads every word."""
    report = make_report()
    one, two, retired, later, aside = (make_recommendation() for _ in range(5))
    Recommendation.objects.filter(pk=retired.pk).update(retired_on=dt.date(2020, 1, 1), retired_reason="Merged.")
    Recommendation.objects.filter(pk=later.pk).update(added_on=dt.date(2021, 1, 1))
    make_update(statuses={one: "planned", retired: "planned"})
    mark_ready(make_update(statuses={two: "planned"}, published=False), by=user, at=now)
    set_aside(make_update(statuses={aside: "planned"}), by=user, at=now)
    make_update(statuses={aside: "completed"}, dated_on=dt.date(2019, 1, 1))
    make_update(statuses={aside: "completed"}, published=False)

    state = report_state.ReportState(report, timezone.localdate())

    taken = state.snapshot
    assert (state.covered_count, state.count) == (len(taken.covered), len(taken.current)) == (2, 3)
    assert (state.published_count, state.ready_count, state.draft_count) == (1, 1, 1)


def test_the_home_says_how_to_begin_where_there_is_no_report(staff):
    make_recommendation()

    assert "Start a report" in home(staff).content.decode()
    assert home(granted("view_progressupdate")).status_code == 200


def test_the_board_hides_what_an_account_may_not_do():
    make_recommendation()
    make_report()

    words = home(granted("view_report", "view_progressupdate")).content.decode()

    assert "Sum up the period" not in words
    assert "Publish…" not in words


# Writing from the board


def test_a_new_update_covers_what_was_ticked_and_is_dated_the_periods_last_day(staff):
    one, two, other = (make_recommendation() for _ in range(3))
    make_report()

    page = staff.get(add_address(covering=[one.reference, two.reference], back="board"))

    assert initial(page)["coverage"] == {one.pk: "", two.pk: ""}
    assert initial(page)["dated_on"] == dt.date(2020, 6, 30)
    typed = typed_update({one: "planned", two: "planned"})
    saved = staff.post(add_address(covering=[one.reference, two.reference], back="board"), typed)
    assert saved.url == f"{reverse('admin:index')}?area=1#messages"
    assert ProgressUpdate.objects.get().assessments.count() == 2
    assert not other.updates.exists()


def test_the_message_after_a_save_is_shown_once_and_in_its_area_of_the_board(staff):
    one, _other = make_recommendation(), make_recommendation(area=make_area())
    make_report()
    typed = typed_update({one: "planned"})

    in_area = staff.post(add_address(covering="1.1", back="board"), typed, follow=True).content.decode()
    staff.post(add_address(covering="1.1", back="board"), typed)
    on_top = staff.get(f"{reverse('admin:index')}?area=9").content.decode()

    assert in_area.count("Saved as a draft") == on_top.count("Saved as a draft") == 1
    assert in_area.index('id="area-1"') < in_area.index("Saved as a draft") < in_area.index('id="area-2"')
    assert on_top.index("Saved as a draft") < on_top.index('id="area-1"')


def test_in_a_period_that_runs_on_a_new_update_is_dated_today(staff):
    one = make_recommendation()
    today = timezone.localdate()
    make_report(starts_on=today - dt.timedelta(days=9), ends_on=today + dt.timedelta(days=9))

    assert initial(staff.get(add_address(covering=one.reference)))["dated_on"] == today


def published_report(user, now):
    """The 2020 report, published with an update of June 30, 2020 on 1.1."""
    one = make_recommendation()
    report = make_report()
    make_update(statuses={one: "planned"}, text="What the report said.")
    publish_report(report, by=user, at=now)
    return one


@pytest.mark.parametrize("start", ["blank", "last", "period"])
def test_between_reports_a_new_update_is_dated_today(staff, user, now, start):
    one = published_report(user, now)

    page = staff.get(add_address(covering=one.reference, from_=start))

    assert initial(page)["dated_on"] == timezone.localdate()
    assert initial(page)["text"] == ("What the report said." if start == "last" else "")
    assert initial(staff.get(add_address(area="1")))["dated_on"] == timezone.localdate()
    assert f"A new update is dated {dates.day(timezone.localdate())}" in home(staff).content.decode()


def test_between_reports_summing_up_joins_what_was_said_since_the_last_period(staff, user, now):
    one = published_report(user, now)
    make_update(statuses={one: "ongoing"}, dated_on=dt.date(2020, 7, 1), text="Since then.", published=False)

    assert initial(staff.get(add_address(covering=one.reference, from_="period")))["text"] == "Since then."


def test_once_the_next_report_is_begun_a_new_update_is_dated_within_it(staff, user, now):
    one = published_report(user, now)
    make_report(starts_on=dt.date(2020, 7, 1), ends_on=dt.date(2021, 6, 30))

    assert initial(staff.get(add_address(covering=one.reference)))["dated_on"] == dt.date(2021, 6, 30)


def test_before_any_report_a_new_update_is_dated_today(staff):
    assert initial(staff.get(add_address(covering=make_recommendation().reference)))["dated_on"] == timezone.localdate()


def test_the_first_reminder_of_a_published_report_begins_the_next_its_dates_filled_in(staff, user, now):
    published_report(user, now)

    page = home(staff)
    form = staff.get(address("report_add"))

    first = page.context["board"].reminders[0]
    assert first.message == (
        "“One-Year Update” is published: start the next report, for July 1, 2020 to June 30, 2021."
    )
    assert f'<a href="{address("report_add")}">{first.message}</a>' in page.content.decode()
    assert (initial(form)["starts_on"], initial(form)["ends_on"]) == (dt.date(2020, 7, 1), dt.date(2021, 6, 30))
    assert f'href="{address("report_add")}"' not in home(granted("view_report")).content.decode()


def test_a_first_report_begins_without_dates(staff):
    assert "starts_on" not in initial(staff.get(address("report_add")))


def test_a_day_in_a_published_period_is_pointed_out_wherever_the_update_is_looked_at(staff, user, now):
    one = published_report(user, now)
    words = (
        "It is dated within May 30, 2019 to June 30, 2020, the period of “One-Year Update”, which "
        "is already published: that report won't include it unless you publish a new edition, and "
        "no later report will."
    )

    form = staff.get(add_address(covering=one.reference)).content.decode()
    after = staff.post(
        add_address(covering=one.reference), typed_update({one: "planned"}, dated_on="2020-06-30"), follow=True
    )
    inside = ProgressUpdate.objects.order_by("pk").last()
    again = unescape(staff.get(address("progressupdate_change", inside.pk)).content.decode())
    publish = unescape(staff.get(address("progressupdate_publish", inside.pk)).content.decode())
    outside = staff.post(
        add_address(covering=one.reference), typed_update({one: "planned"}, dated_on="2020-07-01"), follow=True
    )

    assert (
        "Reports are already published up to June 30, 2020: a new update dated on or before that day "
        "is in none of them."
    ) in form
    assert [(message.level_tag, str(message)) for message in after.context["messages"]][1:] == [("warning", words)]
    assert words in again
    assert words in publish
    assert words not in unescape(outside.content.decode())


def test_what_its_own_report_was_published_with_is_not_pointed_out(staff, user, now):
    published_report(user, now)

    assert findings.of_update(ProgressUpdate.objects.get()) == []


def test_a_correction_that_moves_an_update_into_a_published_period_is_pointed_out(staff, user, now):
    one = published_report(user, now)
    update = make_update(statuses={one: "planned"}, dated_on=dt.date(2020, 7, 1))
    correct = address("progressupdate_correct", update.pk)
    moved = typed_correction(update, dated_on="2020-06-30")

    compared = staff.post(correct, {**moved, "_compare": "1"})
    corrected = staff.post(correct, moved, follow=True)
    within = typed_correction(ProgressUpdate.objects.get(pk=update.pk), dated_on="2020-06-29")
    again = staff.post(correct, {**within, "_compare": "1"})

    assert "which is already published: that report won't include it" in unescape(compared.content.decode())
    assert [message.level_tag for message in corrected.context["messages"]] == ["success", "warning"]
    assert again.context["findings"] == []


def test_ticks_in_several_areas_ask_which_first(staff):
    one, two = make_recommendation(area=make_area()), make_recommendation(area=make_area())
    make_report()

    page = staff.get(add_address(covering=[one.reference, two.reference], from_="last"))

    assert [(area.number, references) for area, references, _query in page.context["areas"]] == [(1, "1.1"), (2, "2.1")]
    assert [query for *_area, query in page.context["areas"]] == ["covering=1.1&from=last", "covering=2.1&from=last"]


@pytest.mark.parametrize("covering", ["9.9", "x", "\x00", "1" * 5000, ""])
def test_ticks_that_name_nothing_ask_for_the_area(staff, covering):
    make_recommendation()

    assert b"Which area is it about?" in staff.get(add_address(covering=covering)).content


@pytest.mark.parametrize("start", ["last", "period"])
def test_starting_from_what_was_said_needs_a_tick(staff, start):
    make_recommendation()
    make_report()

    page = staff.get(add_address(back="board", from_=start), follow=True)

    assert page.request["PATH_INFO"] == reverse("admin:index")
    assert "Tick the recommendations first" in page.content.decode()


def test_what_somebody_went_on_past_stands_line_by_line_in_the_history(staff, user, now):
    update = make_update(statuses={make_recommendation(): "planned"}, published=False, text="Call 604-555-0123.")
    publish_update(update, by=user, at=now)

    page = staff.get(address("progressupdate_history", update.pk)).content.decode()

    assert "Published<br>Went ahead despite these findings:<br>– A phone number" in page


def test_last_years_text_is_that_of_the_newest_published_update_before_the_period(staff, user, now):
    one, two = make_recommendation(), make_recommendation()
    make_report(starts_on=dt.date(2019, 7, 1), ends_on=dt.date(2020, 6, 30))
    make_update(statuses={one: "planned"}, dated_on=dt.date(2018, 1, 1), text="Oldest.")
    last = make_update(statuses={one: "on hold"}, dated_on=dt.date(2019, 1, 1), text="Last year.")
    make_update(statuses={one: "ongoing"}, dated_on=dt.date(2019, 2, 1), text="A draft.", published=False)
    gone = make_update(statuses={one: "ongoing"}, dated_on=dt.date(2019, 3, 1), text="Gone.")
    withdraw_update(gone, note="Wrong.", by=user, at=now)
    make_update(statuses={one: "completed"}, dated_on=dt.date(2020, 1, 1), text="This year.")

    page = staff.get(add_address(covering=[one.reference, two.reference], from_="last"))

    assert initial(page)["text"] == "Last year."
    assert initial(page)["coverage"] == {one.pk: "", two.pk: ""}
    assert sent_by(page)[f"coverage-{one.pk}"] == ["as before: completed"]
    assert f"U{last.pk}" in page.content.decode()
    assert "There is no earlier text" in staff.get(add_address(covering=two.reference, from_="last")).content.decode()


def test_summing_up_joins_the_periods_texts_and_takes_the_newest_statuses(staff):
    one, two = make_recommendation(), make_recommendation()
    make_report()
    make_update(statuses={one: "planned"}, dated_on=dt.date(2020, 1, 1), text="First.")
    make_update(statuses={one: "ongoing", two: ""}, dated_on=dt.date(2020, 2, 1), text="Second.", published=False)
    make_update(statuses={one: "on hold"}, dated_on=dt.date(2018, 2, 1), text="Before.")

    start = initial(staff.get(add_address(covering=[one.reference, two.reference], from_="period")))

    assert (start["text"], start["sums_up"]) == ("First.\n\nSecond.", True)
    assert start["coverage"] == {one.pk: "ongoing", two.pk: ""}


# Marking ready


def test_mark_all_ready_marks_what_can_be_and_says_what_can_not(staff, user):
    one, two = make_recommendation(), make_recommendation()
    report = make_report()
    whole = make_update(statuses={one: "planned"}, published=False)
    make_update(statuses={two: ""}, published=False, text="No status.")
    later = make_update(statuses={one: "planned"}, published=False, dated_on=dt.date(2020, 7, 5))

    page = staff.get(address("report_ready", report.pk))
    assert "It records no status for 1.2" in page.content.decode()
    form = page.context["form"]
    done = staff.post(
        address("report_ready", report.pk),
        {"updates": form["updates"].value(), "version": form["version"].value()},
        follow=True,
    )

    assert "1 update is now ready." in done.content.decode()
    assert list(ProgressUpdate.objects.ready()) == [whole]
    assert ProgressUpdate.objects.get(pk=whole.pk).ready_by == user
    assert later.ready_at is None


def test_mark_all_ready_marks_nothing_that_was_changed_meanwhile(staff):
    one = make_recommendation()
    report = make_report()
    update = make_update(statuses={one: "planned"}, published=False)
    seen = staff.get(address("report_ready", report.pk)).context["form"]["version"].value()
    update.text = "Maria's words."
    update.save()

    refused = staff.post(address("report_ready", report.pk), {"updates": [update.pk], "version": seen})

    assert "so none was marked" in refused.content.decode()
    assert not ProgressUpdate.objects.ready().exists()
    staff.post(
        address("report_ready", report.pk),
        {"updates": [update.pk], "version": refused.context["form"]["version"].value()},
    )
    assert ProgressUpdate.objects.ready().exists()


# A draft to circulate


def test_a_draft_to_circulate_says_so_and_names_each_update(staff, user, now, monkeypatch):

    asked = {}
    monkeypatch.setattr(pdf, "render", lambda article, **options: asked.update(options) or article.encode())
    one, two = make_recommendation(), make_recommendation()
    report = make_report()
    ready = make_update(statuses={one: "planned"}, published=False, text="Ready words.")
    mark_ready(ready, by=user, at=now)
    draft = make_update(statuses={two: ""}, published=False, text="Draft words.")

    article = staff.get(address("report_draft_pdf", report.pk))
    with_drafts = staff.get(f"{address('report_draft_pdf', report.pk)}?drafts=1").content.decode()

    words = article.content.decode()
    version = re.search(r"DRAFT of \w+ \d+, \d{4}, version ([0-9a-f]{8}), not for publication", words)[1]
    assert version in article["Content-Disposition"]
    assert asked["is_draft"] is True
    assert f'<p class="report-reference">U{ready.pk}</p>' in words
    assert "Draft words." not in words
    assert f'<p class="report-reference">U{draft.pk}</p>' in with_drafts
    assert version not in with_drafts
    assert "report-reference" not in staff.get(address("report_preview", report.pk)).content.decode()


# Previews of a passage


def test_a_passage_is_previewed_as_readers_will_see_it_and_saved_nowhere(staff):
    preview = reverse("admin:preview")
    fragment = staff.post(preview, {"text": "- **one**\n- <script>x</script>", "fragment": "1"}).content.decode()
    page = staff.post(preview, {"preview": "text", "text": "A *word*."}).content.decode()

    assert fragment == "<ul>\n<li><strong>one</strong></li>\n<li>&lt;script&gt;x&lt;/script&gt;</li>\n</ul>"
    assert "A <em>word</em>." in page
    assert staff.get(preview).status_code == 405
    for text in ("\x00", "x" * 60_000, ""):
        assert staff.post(preview, {"text": text, "fragment": "1"}).status_code == 200


def test_previews_are_for_staff_and_check_where_a_post_comes_from(user, client):
    from django.test import Client

    signed_out = client.post(reverse("admin:preview"), {"text": "x"})
    assert signed_out.status_code == 403
    assert b'name="password"' in signed_out.content
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(user)
    assert strict.post(reverse("admin:preview"), {"text": "x"}).status_code == 403


# A corrected edition


def test_the_note_of_a_corrected_edition_is_prefilled_from_what_happened_since(staff, user, now):
    one, two = make_recommendation(), make_recommendation()
    corrected = make_update(statuses={one: "planned"})
    report = make_report()
    publish_report(report, by=user, at=now)
    correct_update(
        corrected,
        content=replace(Content.of(corrected), text="New."),
        note="A name was misspelled.",
        by=user,
        at=now + dt.timedelta(hours=1),
    )
    late = make_update(statuses={two: "planned"}, published=False)
    publish_update(late, by=user, at=now + dt.timedelta(hours=1))

    page = staff.get(address("report_publish", report.pk))

    assert "Publish a corrected edition…" in home(staff).content.decode()
    note = page.context["form"]["note"].value()
    assert note == "1.1: A name was misspelled.\nWith updates on 1.2 that were not in it."
    staff.post(address("report_publish", report.pk), confirmed(page) | {"note": note})
    assert Edition.objects.order_by("number").last().note == note
    assert "Publish a corrected edition…" not in home(staff).content.decode()


def test_a_report_without_an_edition_has_no_note_to_prefill(staff):
    make_update(statuses={make_recommendation(): "planned"})
    report = make_report()

    assert "note" not in staff.get(address("report_publish", report.pk)).context["form"].fields


def test_none_of_these_pages_carries_inline_style_or_script(staff, user, now):
    update = make_update(statuses={make_recommendation(): "planned"})
    report = make_report(introduction="First.")
    publish_report(report, by=user, at=now)
    key = str(report.history.last().save_id)
    make_update(statuses={make_recommendation(): "planned"}, published=False)
    pages = [
        reverse("admin:index"),
        add_address(covering=["1.1"], from_="last"),
        address("report_ready", report.pk),
        address("report_compare", report.pk),
        f"{address('report_history', report.pk)}?from={key}&to={key}",
        f"{address('report_restore', report.pk)}?to={key}",
        address("progressupdate_correct", update.pk),
    ]

    for page in pages:
        html = staff.get(page).content.decode()
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:|<script(?![^>]*\ssrc=)", html), page


@pytest.mark.parametrize(
    ("hours", "is_public", "found"),
    [
        (None, False, None),
        (None, True, LastBackup(None)),
        (1, False, LastBackup(BACKED_UP_AT)),
        (7 * 24, True, LastBackup(BACKED_UP_AT, days=7)),
        (7 * 24 + 1, False, LastBackup(BACKED_UP_AT, days=7, is_old=True)),
        (-1, True, LastBackup(BACKED_UP_AT)),
    ],
)
def test_the_last_backup_is_old_after_a_week_and_is_missed_in_public(hours, is_public, found, settings):
    settings.IS_PUBLIC = is_public
    if hours is not None:
        VerifiedBackup.objects.note(made_at=BACKED_UP_AT, is_encrypted=True)

    assert last_backup(at=BACKED_UP_AT + dt.timedelta(hours=hours or 0)) == found


def test_administrators_alone_are_told_of_the_last_backup(staff, settings):
    def told(client=staff):
        page = home(client).content.decode()
        return [
            words for words in ("There is no backup", "The last backup is 8 days old", "8 days old.") if words in page
        ]

    settings.IS_PUBLIC = True
    assert told() == ["There is no backup"]
    VerifiedBackup.objects.note(made_at=timezone.now() - dt.timedelta(days=8, hours=1), is_encrypted=True)
    assert told() == ["The last backup is 8 days old", "8 days old."]
    assert told(granted("view_report")) == []
