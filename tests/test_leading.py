"""What comes next in the staff's year: the next act, which the workspace names, and the next report, filled in."""

import datetime as dt

import pytest
from django.urls import reverse

from recommendations.models import Edition, ProgressUpdate, Report
from recommendations.publishing.reports import publish_report
from recommendations.publishing.updates import correct_update, mark_ready
from recommendations.workspace.next_act import next_act
from recommendations.workspace.next_report import report_after
from recommendations.workspace.report_state import ReportState
from tests.factories import changed_content, make_area, make_recommendation, make_report, make_update
from tests.people import add_address, address, granted, sent_by, typed_correction, typed_report, typed_update

YEAR = (dt.date(2019, 7, 1), dt.date(2020, 6, 30))


def report_of(starts_on, ends_on, title="Progress report"):
    return Report(title=title, starts_on=starts_on, ends_on=ends_on)


# The next report


@pytest.mark.parametrize(
    ("last", "following"),
    [
        ((dt.date(2019, 1, 1), dt.date(2020, 2, 28)), (dt.date(2020, 2, 29), dt.date(2021, 2, 28))),
        ((dt.date(2019, 1, 1), dt.date(2020, 2, 29)), (dt.date(2020, 3, 1), dt.date(2021, 2, 28))),
        ((dt.date(2019, 1, 1), dt.date(2023, 2, 28)), (dt.date(2023, 3, 1), dt.date(2024, 2, 29))),
        ((dt.date(2019, 5, 30), dt.date(2020, 6, 30)), (dt.date(2020, 7, 1), dt.date(2021, 6, 30))),
        ((dt.date(2020, 1, 1), dt.date(2020, 12, 31)), (dt.date(2021, 1, 1), dt.date(2021, 12, 31))),
        ((dt.date(2020, 1, 1), dt.date(2020, 6, 30)), (dt.date(2020, 7, 1), dt.date(2020, 12, 31))),
        ((dt.date(2019, 1, 1), dt.date(2020, 12, 31)), (dt.date(2021, 1, 1), dt.date(2022, 12, 31))),
        ((dt.date(2019, 12, 31), dt.date(2020, 1, 30)), (dt.date(2020, 1, 31), dt.date(2020, 2, 29))),
        ((dt.date(2020, 6, 30), dt.date(2020, 6, 30)), (dt.date(2020, 7, 1), dt.date(2021, 6, 30))),
    ],
)
def test_the_next_period_follows_the_last_and_is_as_long_where_that_is_regular(last, following):
    after = report_after(report_of(*last), taken=())

    assert (after.starts_on, after.ends_on) == following


@pytest.mark.parametrize(
    ("last", "following", "address"),
    [
        ("One-Year Update", "Two-Year Update", "two-year-update-2021"),
        ("The nine-year report", "The ten-year report", "the-ten-year-report-2021"),
        ("Annual Report 2019–20", "Annual Report 2020–21", "annual-report-2020-21"),
        ("Rapport 2020", "Rapport 2021", "rapport-2021"),
        ("What 1999 began", "What 1999 began", "what-1999-began-2021"),
        ("پیشرفت", "پیشرفت", "2021"),
        ("Anyone-year 52022", "Anyone-year 52022", "anyone-year-52022-2021"),
    ],
)
def test_the_next_title_and_address_move_the_years_on(last, following, address):
    after = report_after(report_of(*YEAR, title=last), taken=())

    assert (after.title, after.slug) == (following, address)


def test_the_years_of_a_title_move_on_as_far_as_the_period_does():
    half = report_after(report_of(dt.date(2020, 1, 1), dt.date(2020, 6, 30), "One-Year 2020"), taken={"one-year-2020"})

    assert (half.title, half.slug) == ("One-Year 2020", "one-year-2020-2")


@pytest.mark.django_db
def test_the_next_report_is_filled_in_and_saved_as_it_stands(staff):
    make_report(title="One-Year Update")

    form = staff.get(address("report_add"))
    staff.post(address("report_add"), sent_by(form))

    report = Report.objects.get(title="Two-Year Update")
    assert report.slug == "two-year-update-2021"
    assert (report.starts_on, report.ends_on) == (dt.date(2020, 7, 1), dt.date(2021, 6, 30))


# The next act


def stands(report, *, on):
    """What the workspace would name on the day `on`: its button and where that leads, without `/admin/`."""
    act = next_act(ReportState(report, on), on=on)
    return act and (act.button, act.address.removeprefix("/admin/").replace("recommendations/report/", ""))


@pytest.mark.django_db
@pytest.mark.usefixtures("fake_pdf")
def test_the_next_act_leads_through_the_year(user, now):
    one, two = make_recommendation(), make_recommendation(area=make_area())
    report = make_report()
    in_spring, in_june, after = dt.date(2020, 4, 1), dt.date(2020, 6, 5), dt.date(2020, 7, 1)
    page = str(report.pk)

    make_update(statuses={one: "planned"}, published=False, dated_on=dt.date(2020, 3, 1))
    assert stands(report, on=in_spring) == ("Go to those without one", "?area=1#area-1")
    assert stands(report, on=in_june) == ("Edit its texts", f"{page}/change/")

    report.introduction = "It was a full year."
    report.save()
    assert stands(report, on=in_june) == ("Mark all ready…", f"{page}/ready/")

    draft = ProgressUpdate.objects.get()
    mark_ready(draft, by=user, at=now)
    assert stands(report, on=in_june) == ("Go to those without one", "?area=2#area-2")
    assert stands(report, on=after) == ("Publish…", f"{page}/publish/")

    mark_ready(make_update(statuses={two: "planned"}, published=False), by=user, at=now)
    assert stands(report, on=in_june) == ("Preview page", f"{page}/preview/")

    publish_report(report, by=user, at=now, ready=list(ProgressUpdate.objects.values_list("pk", flat=True)))
    assert stands(report, on=after) == ("Start the next report", "add/")

    correct_update(
        draft, content=changed_content(draft, text="New."), note="A word.", by=user, at=now + dt.timedelta(hours=1)
    )
    assert stands(report, on=after) == ("Publish a corrected edition…", f"{page}/publish/")


@pytest.mark.django_db
def test_a_period_that_ended_without_updates_leads_to_the_board_and_not_to_publication(user):
    make_recommendation()
    report = make_report(introduction="It was a quiet year.")

    assert stands(report, on=dt.date(2020, 7, 1)) == ("Go to those without one", "?area=1#area-1")


@pytest.mark.django_db
def test_the_workspace_names_the_next_act_once_and_offers_it_to_those_who_may_do_it(staff, user, edition):
    page = staff.get(reverse("admin:index")).content.decode()
    seen = granted("view_report", "view_progressupdate").get(reverse("admin:index")).content.decode()

    assert page.count(">Start the next report</a>") == 1
    assert "Start the next report" not in seen
    assert "ask a publisher" in seen


@pytest.mark.django_db
def test_before_the_first_report_the_steps_of_setting_up_lead_instead(staff, report):
    assert staff.get(reverse("admin:index")).context["next_act"] is None


# Save and preview


@pytest.mark.django_db
def test_an_update_is_saved_and_previewed_as_readers_will_see_it(staff):
    one, two = make_recommendation(), make_recommendation()
    make_report()
    typed = typed_update({one: "planned", two: ""}, text="Call **604-555-0123**.", _preview="1")
    typed.pop("_draft")
    typed |= {"evidence_links-TOTAL_FORMS": "1", "evidence_links-0-label": "The minutes"}
    typed |= {"evidence_links-0-address": "https://a.example/m", "private_note": "Told by Kim."}

    page = staff.post(add_address(area="1", back="board"), typed, follow=True)

    update = ProgressUpdate.objects.get()
    words = page.content.decode()
    assert page.request["PATH_INFO"] == address("progressupdate_preview", update.pk)
    assert update.ready_at is None
    for shown in (
        "Saved as a draft.",
        "It is still a draft.",
        "<strong>604-555-0123</strong>",
        "phone number",
        '<time datetime="2020-06-01">June 1, 2020</time>',
        '<span class="status status--planned">Planned</span>',
        "(no status yet)",
        '<a href="https://a.example/m"',
        f'{address("progressupdate_change", update.pk)}?back=board">Keep writing</a>',
    ):
        assert shown in words
    assert "Told by Kim." not in words


@pytest.mark.django_db
def test_what_is_ready_stays_so_when_it_is_saved_and_previewed(staff, user, now):
    one = make_recommendation()
    update = make_update(statuses={one: "planned"}, published=False)
    mark_ready(update, by=user, at=now)
    change = address("progressupdate_change", update.pk)

    saved = staff.post(change, sent_by(staff.get(change)) | {"text": "New words.", "_preview": "1"})

    update.refresh_from_db()
    assert saved.url == address("progressupdate_preview", update.pk)
    assert (update.text, update.ready_at) == ("New words.", now)


@pytest.mark.django_db
def test_a_published_update_has_no_preview(staff, published):
    preview = staff.get(address("progressupdate_preview", published.pk))

    assert preview.url == address("progressupdate_change", published.pk)


@pytest.mark.django_db
def test_a_report_is_saved_and_previewed(staff, report):
    make_update(statuses={make_recommendation(): "planned"})
    change = address("report_change", report.pk)

    page = staff.post(change, typed_report(report, introduction="A full year.", _preview="1"), follow=True)

    assert page.request["PATH_INFO"] == address("report_preview", report.pk)
    assert "A full year." in page.content.decode()
    assert "was changed successfully" in page.content.decode()


# The corrected edition


def corrected(client, update, **sent):
    return client.post(address("progressupdate_correct", update.pk), typed_correction(update, text="New.", **sent))


@pytest.mark.django_db
@pytest.mark.usefixtures("fake_pdf")
def test_a_correction_offers_the_edition_that_takes_it_in(staff, edition, update):
    publish = address("report_publish", edition.report_id)

    compared = corrected(staff, update, _compare="1").content.decode()
    page = staff.get(corrected(staff, update).url).content.decode()

    assert "Publish the correction, then edition 2…" in compared
    assert "Edition 1 of “One-Year Update” still has the old words." in page
    assert f'<a href="{publish}">Publish a corrected edition…</a>' in page
    assert staff.get(publish).context["form"]["note"].value() == "1.1: A name was misspelled."


@pytest.mark.django_db
@pytest.mark.usefixtures("fake_pdf")
def test_a_correction_leads_to_the_page_that_asks_about_the_next_edition(staff, edition, update):
    answer = corrected(staff, update, _edition="1")

    assert answer.url == address("report_publish", edition.report_id)
    assert "Publish edition 2" in staff.get(answer.url).content.decode()
    assert Edition.objects.get() == edition


@pytest.mark.django_db
@pytest.mark.usefixtures("fake_pdf")
def test_no_edition_is_offered_to_who_may_not_publish_or_where_none_holds_the_update(staff, edition, update):
    other = make_update(statuses={make_recommendation(): "planned"}, dated_on=dt.date(2021, 1, 1))
    client = granted("view_progressupdate", "change_progressupdate", "add_correction")

    assert corrected(staff, other, _edition="1").url == address("progressupdate_change", other.pk)
    assert "then edition" not in corrected(client, update, _compare="1").content.decode()
    assert corrected(client, update, _edition="1").url == address("progressupdate_change", update.pk)


@pytest.mark.django_db
def test_a_correction_of_a_word_leaves_the_rest_folded(staff, published):
    form = staff.get(address("progressupdate_correct", published.pk))
    sent = sent_by(form) | {"text": "New.", "note": "A word.", "_compare": "1"}
    status = next(name for name in sent if name.startswith("coverage-"))

    def is_open(**changes):
        return staff.post(address("progressupdate_correct", published.pk), sent | changes).context["is_open"]

    assert not form.context["is_open"]
    assert not is_open()
    assert not is_open(note=" ")
    assert is_open(**{status: "completed"})
    assert is_open(**{status: ""})
    assert is_open(**{"evidence-0-address": "no address"})


# The board


@pytest.mark.django_db
def test_an_area_folds_when_it_is_done_and_opens_where_something_was_just_saved(staff, user, now):
    done, draft, missing, check = (make_recommendation(area=make_area()) for _ in range(4))
    make_report()
    mark_ready(make_update(statuses={done: "planned"}, published=False), by=user, at=now)
    make_update(statuses={draft: "planned"})
    make_update(statuses={draft: ""}, published=False)

    to_check = make_update(statuses={check: "planned"}, published=False, text="Call 604-555-0123.")
    mark_ready(to_check, by=user, at=now)

    board = staff.get(reverse("admin:index"))
    after = staff.get(reverse("admin:index"), {"area": str(done.area.number)})

    fold = '<details class="board__fold'
    assert [area.is_done for area in board.context["board"].areas] == [True, False, False, False]
    assert (board.content.decode().count(f'{fold}">'), board.content.decode().count(f'{fold}" open>')) == (1, 3)
    assert after.content.decode().count(f'{fold}" open>') == 4
    assert missing.area.number == 3


@pytest.mark.django_db
def test_a_row_leads_to_its_update_and_a_published_update_to_its_correction(staff, published):
    make_report()

    page = staff.get(reverse("admin:index")).content.decode()
    seen = granted("view_report", "view_progressupdate").get(reverse("admin:index")).content.decode()

    assert f'href="{address("progressupdate_add")}?back=board&amp;covering=1.1">Write<' in page
    assert f'href="{address("progressupdate_correct", published.pk)}">Correct…<' in page
    assert ">Write<" not in seen
    assert "Correct…" not in seen


@pytest.mark.django_db
def test_with_nothing_ticked_an_update_of_the_area_is_written_and_ticks_count_more(staff):
    one, two = make_recommendation(area=make_area()), make_recommendation(area=make_area())

    of_area = staff.get(add_address(area=two.area.number))
    of_tick = staff.get(add_address(area=two.area.number, covering=one.reference))

    assert sent_by(of_area).keys() & {f"coverage-{one.pk}", f"coverage-{two.pk}"} == {f"coverage-{two.pk}"}
    assert sent_by(of_tick)["coverage"] == [str(one.pk)]
