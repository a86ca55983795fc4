"""From an empty tracker to the first report: what the staff's home says comes next, and the page for a new plan."""

import pytest
from django.contrib import admin
from django.contrib.admin.utils import flatten_fieldsets
from django.urls import reverse

from recommendations.accounts.roles import Role
from recommendations.admin.plan import ActionPlanAdmin
from recommendations.models import ActionPlan
from recommendations.publishing.reports import publish_report
from recommendations.publishing.updates import mark_ready
from recommendations.workspace.setting_up import setting_up
from tests.factories import make_plan, make_recommendation, make_report, make_update
from tests.people import account, address, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fake_pdf")]

TITLE = "Set up your tracker"


def home(client):
    return client.get(reverse("admin:index")).content.decode()


def next_address():
    return setting_up().next.address


def test_each_step_leads_to_the_next_until_a_report_is_published(staff, user, now):
    passed = []

    def look():
        step = setting_up().next
        assert f'href="{step.address}">{step.button}</a>' in home(staff)
        passed.append(step.address)

    look()
    make_plan()
    look()
    recommendation = make_recommendation()
    look()
    update = make_update(statuses={recommendation: "planned"}, published=False)
    assert next_address() == passed[-1], "a draft is not yet an update"
    mark_ready(update, by=user, at=now)
    look()
    report = make_report()
    look()
    publish_report(report, by=user, at=now, ready=[update.pk])

    assert passed == [
        address("actionplan_add"),
        address("recommendation_import"),
        address("progressupdate_add"),
        address("report_add"),
        address("report_publish", report.pk),
    ]
    assert setting_up() is None
    assert TITLE not in home(staff)


def test_a_step_that_was_passed_over_is_done_too():
    make_recommendation()
    make_report()

    assert [step.is_done for step in setting_up().steps] == [True, True, False, True, False]
    assert next_address() == address("progressupdate_add")


def test_only_who_may_publish_is_led_through_it():
    assert TITLE in home(signed_in(account(Role.PUBLISHER)))
    assert TITLE not in home(signed_in(account(Role.EDITOR)))


@pytest.mark.parametrize(
    ("settings", "missing"),
    [
        ({"website": "https://network.example/"}, ["an e-mail address for errors and replies"]),
        ({"contact_email": "info@example.org"}, ["who reads what is sent to your address"]),
        ({"contact_email": "info@example.org", "contact_name": "Coordinator"}, []),
    ],
)
def test_whom_readers_write_to_is_among_what_they_still_miss(settings, missing):
    make_plan(**settings)

    assert [str(what) for what in setting_up().missing][3:] == missing


# The page for a new plan


TYPED = {
    "organisation_name": "Example Network",
    "title": "A Plan: Its Second Line",
    "language": "fr-ca",
    "staff_language": "en-ca",
    "exit_address": "https://www.wikipedia.org/",
}


def test_a_plan_is_entered_on_one_page_that_leads_to_the_recommendations(staff):
    page = staff.get(address("actionplan_add")).content.decode()
    sent = staff.post(address("actionplan_add"), TYPED, follow=True)

    assert "<h1>Enter your plan</h1>" in page
    assert "Save and continue editing" not in page
    assert sent.redirect_chain == [(address("recommendation_import"), 302)]
    assert "Your plan is saved. Next, import your recommendations." in sent.content.decode()
    assert "Download the template" in sent.content.decode()
    assert ActionPlan.objects.get().organisation_name == "Example Network"


def test_what_was_typed_stays_and_the_group_with_the_mistake_is_open(staff):
    sent = staff.post(address("actionplan_add"), {**TYPED, "website": "not an address"})

    page = sent.content.decode()
    assert list(sent.context["adminform"].form.errors) == ["website"]
    assert 'value="A Plan: Its Second Line"' in page
    opened = [group.name for group in sent.context["adminform"] if not group.is_collapsible and group.name]
    assert opened == ["Your organization"]


def test_every_setting_is_on_the_page_for_a_new_plan_or_in_the_form_of_its_parts():
    plan_admin = ActionPlanAdmin(ActionPlan, admin.site)

    new, later = (flatten_fieldsets(groups) for groups in (plan_admin.set_up_fieldsets, plan_admin.fieldsets))

    # Whether the areas are numbered is seen in the first spreadsheet; how people work together is chosen later.
    choices = ["needs_second_reader", "marks_embargo", "notes_board_approval", "notes_end_after"]
    assert sorted([*new, *choices, "change_reason", "numbers_areas", "version"]) == sorted(later)
