"""How an organization replies: whom it writes to, about what, and what it is told before."""

import re

import pytest
from django.template.loader import render_to_string

from recommendations.models import ActionPlan
from recommendations.reading import findings
from recommendations.reading.replies import Reply, reply_about
from tests.factories import make_plan, make_support_link

NONE_NAMED = "Please name no one, and describe nobody’s case."
WEBSITE = "https://network.example/"


def plan_with(**settings):
    return ActionPlan(organisation_name="Example Network", **settings)


def said(references, **settings):
    """The words of the part, and the addresses of its links."""
    part = render_to_string("public/_reply.html", {"plan": plan_with(**settings), "references": references})
    return " ".join(re.sub(r"<[^>]+>", " ", part).split()), re.findall(r'href="([^"]+)"', part)


@pytest.mark.parametrize(
    ("references", "subject", "in_address"),
    [
        (["3.2"], "Recommendation 3.2", "Recommendation%203.2"),
        (["12(b)", "C2A 42"], "Recommendations 12(b), C2A 42", "Recommendations%2012%28b%29%2C%20C2A%2042"),
    ],
)
def test_the_subject_is_the_references(references, subject, in_address):
    address = f"mailto:info@example.org?subject={in_address}"

    assert reply_about(plan_with(contact_email="info@example.org"), references) == Reply(
        subject, address, len(references)
    )


@pytest.mark.parametrize(
    ("count", "subject"),
    [(12, f"Calls {', '.join(map(str, range(1, 13)))}"), (13, "Calls 1 … 13 (13)")],
)
def test_a_subject_stays_short_and_is_in_the_plans_words(count, subject):
    plan = plan_with(recommendation_name="call", recommendation_name_plural="calls")

    assert reply_about(plan, [str(number) for number in range(1, count + 1)]) == Reply(subject, "", count)


def test_an_address_can_add_nothing_to_the_mail():
    plan = plan_with(contact_email="a+b?cc=x&y@example.org")

    assert reply_about(plan, ["1?bcc=x&body=y"]).address == (
        "mailto:a%2Bb%3Fcc%3Dx%26y@example.org?subject=Recommendation%201%3Fbcc%3Dx%26body%3Dy"
    )


@pytest.mark.parametrize(
    ("settings", "words", "links"),
    [
        (
            {"contact_email": "info@example.org", "contact_name": "Coordinator", "answers_within": 10},
            "Write to Coordinator info@example.org Subject Recommendation 3.2 Our answer within 10 working days",
            ["mailto:info@example.org?subject=Recommendation%203.2"],
        ),
        (
            {"contact_email": "info@example.org", "website": WEBSITE},
            "Write to info@example.org Subject Recommendation 3.2",
            ["mailto:info@example.org?subject=Recommendation%203.2"],
        ),
        ({"website": WEBSITE}, f"Contact Example Network {WEBSITE} Subject Recommendation 3.2", [WEBSITE]),
        ({"contact_name": "Coordinator", "answers_within": 10}, "hasn’t given a contact address yet.", []),
    ],
)
def test_whom_to_write_to_comes_after_the_request_to_name_no_one(settings, words, links):
    told, addresses = said("3.2", **settings)

    assert told.endswith(words)
    assert told.index(NONE_NAMED) < told.index(words)
    assert addresses == links


def test_no_answer_is_promised_until_it_is():
    assert "working day" not in said("3.2", contact_email="info@example.org")[0]
    assert "within 1 working day" in said(["3.1", "3.2"], contact_email="info@example.org", answers_within=1)[0]


@pytest.mark.django_db
def test_what_stands_beside_the_contact_is_checked(now):
    plan = make_plan(contact_email="info@example.org", contact_name="Policy coordinator")
    make_support_link()
    unanswered = findings.of(plan, on=now.date())
    plan.contact_name = "Constable Roe, 604-555-0123"
    plan.save()

    found = findings.of(plan, on=now.date())

    assert unanswered == []
    assert {(one.about, one.words) for one in found} == {("plan", "604-555-0123"), ("plan", "Constable Roe")}
    assert all("who reads what is sent to the contact" in one.message for one in found)
