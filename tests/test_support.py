"""Where readers find support: what staff may type, what readers are told, and who is told that there is none."""

import datetime as dt
import re

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse

from recommendations.accounts.roles import Role
from recommendations.models import ActionPlan, FindingAnswer, Phrase, SupportLink
from recommendations.publishing.answers import answer_findings
from recommendations.reading import findings
from recommendations.reading.phones import support_address
from recommendations.workspace.reminders import due
from recommendations.workspace.setting_up import setting_up
from tests.factories import make_plan, make_recommendation, make_report, make_support_link, make_update
from tests.people import account, address, sent_by, signed_in

pytestmark = pytest.mark.django_db

ON = dt.date(2020, 7, 2)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("604-555-0123", "tel:+1-604-555-0123"),
        ("604.555.0123", "tel:+1-604-555-0123"),
        (" (604) 555\u00a00123 ", "tel:+1-604-555-0123"),
        ("1 800 555\u20110123", "tel:+1-800-555-0123"),
        ("tel:604 555 0123", "tel:+1-604-555-0123"),
        ("tel:+1-604-555-0123", "tel:+1-604-555-0123"),
        ("+44 20 7946 0018", "tel:+44-20-7946-0018"),
        ("9-8-8", "tel:988"),
        ("SMS: 741741", "sms:741741"),
        ("sms:604-555-0123", "sms:+1-604-555-0123"),
        ("555-0123", ""),
        ("sms 741741", "sms:741741"),
        *((one, "") for one in ("604 555 0123 ext. 4", "604 555 0123 #4", "604-555-0123, ext. 4", "*8255")),
        *((one, "") for one in ("text 604-555-0123", "Tél. : 604-555-0123", "604-555-0123 or 604-555-0188")),
        ("tel:", ""),
        ("211.example", "https://211.example"),
        ("example.org/604-555-0123", "https://example.org/604-555-0123"),
        ("https://example.org/", "https://example.org/"),
        ("help@example.org", "mailto:help@example.org"),
        ("mailto://help@example.org", "mailto:help@example.org"),
    ],
)
def test_an_address_is_taken_as_people_write_it(typed, stored):
    assert support_address(typed, region="CA") == stored


@pytest.mark.parametrize(
    ("address", "is_taken"),
    [
        *((one, True) for one in ("tel:988", "sms:+1-604-555-0123", "mailto:a@example.org", "https://example.org/")),
        *((one, False) for one in ("tel:604 555", "tel:", "sms:12;x", "mailto:a", "javascript:alert(1)", "ftp:12345")),
    ],
)
def test_only_support_links_lead_to_a_phone_or_a_mailbox(address, is_taken):
    def taken(model, **values):
        try:
            model(**values).clean_fields(exclude={"plan", "title", "organisation_name"})
        except ValidationError:
            return False
        return True

    link = {"label": "Help", "checked_on": ON}
    assert taken(SupportLink, address=address, **link) is is_taken
    assert taken(ActionPlan, website=address) is address.startswith("https:")


def test_what_it_may_tell_the_police_is_one_of_three_words():
    with pytest.raises(IntegrityError), transaction.atomic():
        make_support_link(may_contact_police="")
    assert make_support_link().may_contact_police == "unknown"


def test_staff_type_a_number_and_readers_tap_it(staff, client):
    plan = make_plan()
    form = sent_by(staff.get(address("actionplan_change", plan.pk)))
    typed = {"label": "A line", "address": "604-555-0123", "hours": "day and night", "checked_on": "2020-07-01"}
    typed |= {
        "position": "0",
        "may_contact_police": "no",
        "meant_for": "everyone",
        "languages": "French",
        "cost": "free",
    }
    sent = form | {f"support_links-0-{name}": value for name, value in typed.items()}

    refused = staff.post(
        address("actionplan_change", plan.pk),
        sent | {"support_links-TOTAL_FORMS": "1", "support_links-0-address": "555-0123"},
    )
    staff.post(address("actionplan_change", plan.pk), sent | {"support_links-TOTAL_FORMS": "1"})
    make_support_link(label="A text line", address="sms:741741", may_contact_police="yes", position=1)
    make_support_link(label="A mailbox", address="mailto:help@example.org", position=2)

    page = client.get("/safety/").content.decode()
    words = " ".join(re.sub("<[^>]*>", " ", page[page.index("<main") : page.index("</main>")]).split())
    words = words.replace("\u00a0", " ")
    assert "whole phone number" in refused.content.decode()
    assert 'value="555-0123"' in refused.content.decode()
    assert 'href="tel:+1-604-555-0123">Call +1' in page
    for said in (
        "A line Call +1 604 555 0123 For: everyone Hours: day and night Languages: French Cost: free May contact",
        "May contact police or child protection: No Traces: The call stays in the phone’s list of calls",
        "A text line Text 741741 May contact police or child protection: Yes Traces: The messages stay on the phone",
        "A mailbox help@example.org May contact police or child protection: We don’t know",
    ):
        assert said in words


def test_its_own_numbers_are_nothing_to_check_but_its_words_are(staff):
    make_support_link(label="Call 604-555-0123", address="sms:+1-604-555-0188", note="\u200bOr 604-555-0199.")
    report = make_report(introduction="604-555-0123, 604-555-0188, 604-555-0199 and 604-555-0144.")
    make_update(statuses={make_recommendation(): "planned"})

    assert [one.words for one in findings.of_report(report, on=ON)] == ["604-555-0144"]
    assert [one.kind for one in findings.of(make_plan(), on=ON)] == ["invisible"]


def test_while_there_is_none_reports_the_plan_and_the_workspace_say_so_until_somebody_says_why(user, now):
    report = make_report()
    make_update(statuses={make_recommendation(): "planned"})
    plan, notice = make_plan(), "Readers find no support here"
    home = {
        role: signed_in(account(role)).get(reverse("admin:index")).content.decode()
        for role in (Role.EDITOR, Role.PUBLISHER)
    }
    (kept,) = answer_findings(
        plan, reasons={one.key: "Nobody is in danger." for one in findings.of(plan, on=ON)}, by=user, at=now
    )

    assert kept.kind == "no support"
    assert [one.is_open for one in findings.of_report(report, on=ON)] == [False]
    assert "ask a publisher" in home[Role.EDITOR]
    assert f"/admin/recommendations/actionplan/{plan.pk}/check/" not in home[Role.EDITOR]
    FindingAnswer.objects.all().delete()
    make_support_link()
    assert findings.of_report(report, on=ON) == []
    assert notice in home[Role.EDITOR]
    assert notice not in signed_in(account(Role.EDITOR)).get(reverse("admin:index")).content.decode()


def test_one_that_nobody_tried_for_a_quarter_is_a_finding_and_a_reminder():
    report = make_report()
    make_update(statuses={make_recommendation(): "planned"})
    make_support_link(label="Fresh", checked_on=ON - dt.timedelta(days=92))
    make_support_link(label="Old", checked_on=ON - dt.timedelta(days=93))
    message = "Nobody has tried the support link “Old” since March 31, 2020. Try it, then change the date."

    assert [one.message for one in findings.of_report(report, on=ON)] == [message]
    assert message in [one.message for one in due(on=ON)]
    assert not [one for one in due(on=ON) if "Fresh" in one.message]


def test_who_the_organization_is_stands_on_every_page_and_is_asked_for_while_setting_up(
    client, django_assert_num_queries
):
    plan = make_plan(website="https://example.org/us")
    Phrase.objects.create(text="Sḵwx̱wú7mesh", language="squ", plan=plan)
    before, missing = client.get("/statuses/").content.decode(), [str(one) for one in setting_up().missing]
    ActionPlan.objects.update(
        organisation_about="We are *four* people.",
        site_acknowledgement="On Sḵwx̱wú7mesh land.",
        contact_email="a@b.org",
        contact_name="Coordinator",
    )
    make_support_link()

    pages = [client.get(address).content.decode() for address in ("/statuses/", "/about/", "/no-such-page/")]

    assert "Website of Example Organisation" in before
    assert len(missing) == 4
    assert setting_up().missing == ()
    for page, times in zip(pages, (1, 2, 1), strict=True):
        assert page.count("We are <em>four</em> people.") == times
        assert page.count('On <span lang="squ">Sḵwx̱wú7mesh</span> land.') == times
        assert (
            page.count('<a href="https://example.org/us" rel="noreferrer">Website of Example Organisation</a>') == times
        )
