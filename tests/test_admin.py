"""The staff's door: the forms, the acts behind their confirmations, and who may open which."""

import datetime as dt
import re

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from recommendations.models import ActionPlan, Assessment, ProgressUpdate, Recommendation, Report, Status
from recommendations.publishing.history import version_of
from recommendations.publishing.reports import publish_report
from recommendations.publishing.takedowns import take_down
from recommendations.publishing.updates import mark_ready, publish_update, withdraw_update
from tests.factories import make_area, make_draft, make_party, make_recommendation, make_report, make_update
from tests.people import LINKS, address, errors_of, granted, sent_by

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fake_pdf")]

NUL = "\x00"


# Every page


PAGES = [
    "actionplan",
    "area",
    "responsibleparty",
    "recommendation",
    "term",
    "progressupdate",
    "correction",
    "report",
    "edition",
    "takedown",
]


@pytest.mark.usefixtures("plan_2020")
def test_every_list_and_its_first_form_and_history_open(staff, now, user):
    report = Report.objects.get()
    ready = ProgressUpdate.objects.ready().values_list("pk", flat=True)
    edition = publish_report(report, by=user, at=now, ready=ready)
    first, second = ProgressUpdate.objects.order_by("pk")[:2]
    withdraw_update(first, note="Wrong.", by=user, at=now)
    take_down(second, reason="For safety.", by=user, at=now)
    take_down(edition, reason="For safety.", by=user, at=now)

    for name in PAGES:
        listed = staff.get(address(f"{name}_changelist"), follow=True)
        assert listed.status_code == 200, name
        model = listed.context["opts"].model
        for thing in model.objects.all()[:3]:
            assert staff.get(address(f"{name}_change", thing.pk)).status_code == 200, thing
            assert staff.get(address(f"{name}_history", thing.pk)).status_code == 200, thing
    assert staff.get(reverse("admin:index")).status_code == 200


@pytest.mark.usefixtures("plan_2020")
def test_no_page_carries_inline_style_or_script(staff):
    update = ProgressUpdate.objects.first()
    pages = [
        reverse("admin:index"),
        *(address(f"{name}_changelist") for name in PAGES if name != "actionplan"),
        address("actionplan_change", 1),
        address("progressupdate_add"),
        f"{address('progressupdate_add')}?area=3",
        address("progressupdate_change", update.pk),
        address("progressupdate_publish", update.pk),
        address("progressupdate_history", update.pk),
        address("progressupdate_delete", update.pk),
        address("report_change", 1),
        address("report_publish", 1),
        address("report_preview", 1),
        address("recommendation_change", 1),
        reverse("admin:auth_user_changelist"),
        reverse("admin:auth_user_add"),
        reverse("admin:auth_user_change", args=[1]),
        reverse("admin:password_change"),
    ]

    for page in pages:
        html = staff.get(page).content.decode()
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:|<script(?![^>]*\ssrc=)", html), page


def test_lists_ask_the_database_as_often_for_30_rows_as_for_1(staff, django_assert_num_queries):
    area = make_area()
    one = make_recommendation(area=area)
    make_update(statuses={one: "planned"})
    staff.get(address("recommendation_changelist"))  # The session notes who is there, once a minute.
    counts = {}
    for rows in (1, 30):
        while Recommendation.objects.count() < rows:
            make_update(
                statuses={make_recommendation(area=area): "planned"}, evidence=[("Minutes", "https://a.example")]
            )
        for name in ("recommendation", "progressupdate"):
            with django_assert_num_queries(counts[name]) if name in counts else _counted(counts, name):
                staff.get(address(f"{name}_changelist"))


class _counted:
    """Remembers how many queries its block needed."""

    def __init__(self, counts, name):
        self.counts, self.name = counts, name

    def __enter__(self):
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        self.capture = CaptureQueriesContext(connection)
        self.capture.__enter__()

    def __exit__(self, *error):
        self.capture.__exit__(*error)
        self.counts[self.name] = len(self.capture)


@pytest.mark.parametrize("q", ["%00", "x" * 60_000, "%25", "3.2", "%F0%9F%98%80"])
@pytest.mark.parametrize("name", ["recommendation", "progressupdate", "report", "edition"])
def test_search_survives_whatever_is_typed(staff, name, q):
    make_recommendation()

    assert staff.get(f"{address(f'{name}_changelist')}?q={q}").status_code == 200
    assert staff.get(f"{reverse('admin:auth_user_changelist')}?q={q}").status_code == 200


@pytest.mark.parametrize(
    "query", ["state=x", "year=x", "year=0000", "year=99999", "area__id__exact=x", "state=draft&year=2020"]
)
def test_filters_survive_whatever_is_typed(staff, query):
    one = make_recommendation()
    for year in (2019, 2020):
        make_update(statuses={one: "planned"}, dated_on=dt.date(year, 6, 30))

    assert staff.get(f"{address('progressupdate_changelist')}?{query}", follow=True).status_code == 200


def test_search_finds_a_recommendation_by_its_reference(staff):
    area = make_area(number=3)
    make_recommendation(area=area, number=1)
    wanted = make_recommendation(area=area, number=2)

    response = staff.get(f"{address('recommendation_changelist')}?q=3.2")

    assert list(response.context["cl"].result_list) == [wanted]


def test_the_list_of_updates_is_filtered_by_state(staff, user, now):
    made = {
        "draft": make_draft(),
        "ready": make_draft(),
        "published": make_draft(),
        "withdrawn": make_draft(),
        "taken-down": make_draft(),
    }
    for state, update in made.items():
        if state != "draft":
            update.assessments.all().delete()
            Assessment.objects.create(
                update=update, recommendation=Recommendation.objects.first(), status=Status.ONGOING
            )
            mark_ready(update, by=user, at=now)
        if state in ("published", "withdrawn", "taken-down"):
            publish_update(update, by=user, at=now)
    withdraw_update(made["withdrawn"], note="Wrong.", by=user, at=now)
    take_down(made["taken-down"], reason="Safety.", by=user, at=now)

    for state, update in made.items():
        response = staff.get(f"{address('progressupdate_changelist')}?state={state}")
        assert list(response.context["cl"].result_list) == [update], state


# Who may do what


ACTS = [
    ("progressupdate_publish", "publish_progressupdate"),
    ("progressupdate_correct", "add_correction"),
    ("progressupdate_withdraw", "add_correction"),
]


@pytest.mark.parametrize(("name", "permission"), ACTS)
@pytest.mark.parametrize("method", ["get", "post"])
def test_an_act_on_an_update_needs_its_permission(published, name, permission, method):
    editor = granted("view_progressupdate", "change_progressupdate")
    publisher = granted("view_progressupdate", "change_progressupdate", permission)

    assert getattr(editor, method)(address(name, published.pk)).status_code == 403
    assert getattr(publisher, method)(address(name, published.pk)).status_code in (200, 302)
    assert getattr(Client(), method)(address(name, published.pk)).status_code == (302 if method == "get" else 403)


@pytest.mark.parametrize("method", ["get", "post"])
def test_publishing_a_report_needs_both_permissions(published, method):
    report = make_report()
    editor, publisher = granted("change_report"), granted("change_report", "add_edition")

    assert getattr(editor, method)(address("report_publish", report.pk)).status_code == 403
    assert getattr(publisher, method)(address("report_publish", report.pk)).status_code == 200


@pytest.mark.parametrize("method", ["get", "post"])
def test_taking_down_is_for_administrators(published, user, now, method):
    theirs = ("add_takedown", "change_takedown", "view_user", "add_user", "change_user")
    everything = granted(*Permission.objects.exclude(codename__in=theirs).values_list("codename", flat=True))
    removal = take_down(published, reason="Safety.", by=user, at=now)

    assert getattr(everything, method)(address("progressupdate_take_down", published.pk)).status_code == 403
    assert getattr(everything, method)(address("takedown_erase", removal.pk)).status_code == 403
    assert getattr(everything, method)(reverse("admin:auth_user_changelist")).status_code == 403


def test_every_act_checks_where_a_post_comes_from(published, user):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(user)
    report = make_report()
    pages = [address(name, published.pk) for name, _ in ACTS] + [
        address("progressupdate_take_down", published.pk),
        address("report_publish", report.pk),
    ]

    assert {strict.post(page).status_code for page in pages} == {403}


def test_what_was_published_cannot_be_added_changed_or_deleted(staff, published, user, now):
    edition = publish_report(make_report(), by=user, at=now)
    removal = take_down(published, reason="Safety.", by=user, at=now)

    for name, thing in (("edition", edition), ("takedown", removal)):
        assert staff.get(address(f"{name}_add")).status_code == 403
        assert staff.post(address(f"{name}_change", thing.pk), {"note": "x", "reason": "x"}).status_code == 403
        assert staff.post(address(f"{name}_delete", thing.pk), {"post": "yes"}).status_code == 403


def test_nothing_that_reports_cite_is_deleted(staff, published, user, now):
    publish_report(make_report(), by=user, at=now)
    recommendation = make_recommendation()

    refused = staff.post(address("recommendation_delete", recommendation.pk), {"post": "yes"})

    assert refused.status_code == 403
    assert Recommendation.objects.filter(pk=recommendation.pk).exists()


def test_there_is_one_plan_and_it_stays(staff):
    make_area()
    plan = ActionPlan.objects.get()

    assert staff.get(address("actionplan_changelist")).url == address("actionplan_change", plan.pk)
    assert staff.get(address("actionplan_add")).status_code == 403
    assert staff.post(address("actionplan_delete", plan.pk), {"post": "yes"}).status_code == 403


def test_accounts_are_not_deleted_and_the_last_administrator_stays(staff, user):
    change = reverse("admin:auth_user_change", args=[user.pk])
    typed = {"username": user.username, "is_staff": "on", "version": version_of(user)}

    refused = staff.post(change, typed)

    assert staff.post(reverse("admin:auth_user_delete", args=[user.pk]), {"post": "yes"}).status_code == 403
    assert "only administrator" in " ".join(errors_of(refused, "is_active"))
    assert User.objects.get(pk=user.pk).is_active


@pytest.mark.parametrize("name", ["a\x07b", "a\nb"])
def test_an_accounts_name_passes_the_intake(staff, user, name):
    change = reverse("admin:auth_user_change", args=[user.pk])

    refused = staff.post(change, sent_by(staff.get(change)) | {"first_name": [name]})

    user.refresh_from_db()
    assert errors_of(refused, "first_name")
    assert user.first_name == ""


def test_an_accounts_page_gives_away_no_password(staff, user):
    page = staff.get(reverse("admin:auth_user_change", args=[user.pk])).content.decode()

    assert user.password not in page


def test_the_history_shows_who_changed_what_and_why_parties_included(staff, user):
    one = make_recommendation()
    typed = {"area": one.area_id, "reference": one.reference, "text": "New words.", "version": version_of(one), **LINKS}
    typed["parties"] = [make_party(name="funders").pk]

    staff.post(address("recommendation_change", one.pk), typed | {"change_reason": "As adopted"})

    page = staff.get(address("recommendation_history", one.pk)).content.decode()
    assert "As adopted" in page
    assert "New words." in page
    assert "funders" in page
    assert user.username in page
