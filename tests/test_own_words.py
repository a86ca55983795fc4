"""What a plan calls things: its recommendations, its statuses, its care line; and a plan without a conference."""

import datetime as dt
import re
from dataclasses import replace

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from recommendations.models import ActionPlan, ProgressUpdate, Status, StatusWording
from recommendations.models.plan import LEAVE_ADDRESS
from recommendations.reading import origins
from recommendations.reading.passages import plan_passages
from recommendations.reading.search import Filter, matching
from recommendations.reading.snapshot import report_snapshot, snapshot
from recommendations.report.document import article
from recommendations.workspace.history import History
from tests.factories import make_area, make_party, make_plan, make_recommendation, make_report, make_update
from tests.people import sent_by, typed_update

pytestmark = pytest.mark.django_db

CARE = "This site talks about floods."


def calls(**overrides):
    """A plan that calls its recommendations calls, adopted at no conference."""
    return make_plan(
        **{
            "title": "A City for the Water",
            "recommendation_name": "call",
            "recommendation_name_plural": "calls",
            "conference_name": "",
            "conference_starts_on": None,
            "conference_ends_on": None,
            **overrides,
        }
    )


def page_of(client, address):
    return " ".join(client.get(address).content.decode().split())


def test_a_plan_without_words_of_its_own_has_those_of_the_language():
    plan = make_plan()

    assert (plan.name_of_one, plan.name_of_several) == ("recommendation", "recommendations")
    assert (plan.heading_of_one, plan.heading_of_several) == ("Recommendation", "Recommendations")
    assert [plan.counted(count) for count in (0, 1, 2)] == [
        "0 recommendations",
        "1 recommendation",
        "2 recommendations",
    ]


def test_a_plan_has_its_own_words():
    plan = calls()

    assert (plan.heading_of_one, plan.heading_of_several) == ("Call", "Calls")
    assert [plan.counted(count) for count in (1, 94)] == ["1 call", "94 calls"]


@pytest.mark.parametrize("missing", ["recommendation_name", "recommendation_name_plural"])
def test_both_words_or_neither(missing):
    plan = calls()
    setattr(plan, missing, "")

    with pytest.raises(ValidationError, match="Give both words"):
        plan.full_clean()
    with pytest.raises(IntegrityError, match="both_names_or_none"), transaction.atomic():
        plan.save()


@pytest.mark.parametrize("missing", ["conference_starts_on", "conference_ends_on"])
def test_both_days_of_a_conference_or_neither(missing):
    plan = make_plan()
    setattr(plan, missing, None)

    with pytest.raises(ValidationError, match="Give both the first and the last day"):
        plan.full_clean()
    with pytest.raises(IntegrityError, match="both_days_or_none"), transaction.atomic():
        plan.save()


def test_without_a_conference_nothing_came_out_of_one(client):
    plan = calls()
    make_recommendation()
    make_recommendation()
    taken = snapshot(plan, on=dt.date(2020, 7, 1))

    assert origins.sentences(taken.origins, plan=plan) == "2 calls in 1 area."
    assert taken.plan.conference_dates == ""
    assert "onference" not in page_of(client, "/") + page_of(client, "/about/")
    assert client.get("/updates.atom").status_code == 200


def test_the_care_line_is_on_every_page_and_nothing_is_where_there_is_none(client):
    make_plan(care_line=CARE)
    with_line = [page_of(client, address) for address in ("/", "/about/", "/no-such-page/")]
    ActionPlan.objects.update(care_line="")

    assert all(
        f'<section class="site-head__care" aria-label="About this site"> <p dir="auto"> {CARE} </p>' in page
        for page in with_line
    )
    assert "site-head__care" not in page_of(client, "/")


def test_leave_this_site_is_off_where_the_plan_turns_it_off(client, settings):
    settings.ALLOWED_HOSTS = ["testserver"]
    make_plan(offers_leave=False, exit_address="https://example.org/away")

    pages = [page_of(client, address) for address in ("/", "/safety/", "/accessibility/", "/no-such-page/")]
    pages.append(client.get("/", headers={"host": "elsewhere.example"}).content.decode())

    assert "understand this request" in pages[-1]
    assert not [page for page in pages if "Leave this site" in page or "leave.js" in page or "example.org" in page]
    assert "<h2>What others may see</h2>" in pages[1]


def test_leave_this_site_leads_where_the_plan_says_or_where_no_reader_gives_anything_away(client):
    assert f'href="{LEAVE_ADDRESS}"' in page_of(client, "/")
    make_plan(exit_address="https://example.org/away")

    assert page_of(client, "/").count('href="https://example.org/away"') == 2
    assert LEAVE_ADDRESS not in page_of(client, "/")


def test_a_status_has_the_words_of_the_plan():
    plan = calls()
    StatusWording.objects.create(status="in progress", label="Under way", definition="Somebody is at it.")

    named = {meaning.key: meaning for meaning in snapshot(plan, on=dt.date(2020, 7, 1)).statuses}

    assert (named["in progress"].label, named["in progress"].definition) == ("Under way", "Somebody is at it.")
    assert named["in progress"].evidence == "Something that was done in the period."
    assert named["planned"].label == "Planned"


def test_an_unused_status_is_listed_only_where_it_was_recorded():
    plan = calls()
    StatusWording.objects.create(status="on hold", is_used=False)
    StatusWording.objects.create(status="planned", is_used=False)
    make_update(statuses={make_recommendation(): "planned"})

    taken = snapshot(plan, on=dt.date(2020, 7, 1))

    used = [meaning.key for meaning in taken.statuses_used]
    assert used == ["not started", "planned", "in progress", "ongoing", "completed", "for others to act on"]
    assert [total.key for total in taken.totals()] == [*used, ""]
    assert taken.labels["on hold"] == "On hold"


def test_a_changed_definition_changes_a_report_but_not_where_it_is_ours():
    report = make_report()
    before = report_snapshot(report)
    ours = replace(before, statuses=tuple(replace(one, definition="New.") for one in before.statuses))
    StatusWording.objects.create(status="planned", definition="It was decided.")

    assert ours.content_hash() == before.content_hash()
    assert report_snapshot(report).content_hash() != before.content_hash()


@pytest.mark.parametrize("address", ["/statuses/", "/", "/data/progress.json"])
def test_readers_see_the_plans_words_for_statuses(client, address):
    calls()
    StatusWording.objects.create(status="planned", label="Decided", definition="It was decided.")
    StatusWording.objects.create(status="on hold", is_used=False)
    make_update(statuses={make_recommendation(): "planned"}, evidence=[("Minutes", "https://example.org/m")])

    found = page_of(client, address)

    assert "Decided" in found
    assert "Planned" not in found
    assert "On hold" not in found


@pytest.mark.parametrize("address", ["/updates/", "/updates.atom", "/areas/1/", "/recommendations/1.1/"])
def test_updates_are_shown_with_the_plans_words_for_statuses(client, address):
    calls()
    StatusWording.objects.create(status="planned", label="Decided")
    make_update(statuses={make_recommendation(): "planned"})

    assert "Decided" in page_of(client, address)
    assert "Planned" not in page_of(client, address).replace("status=planned", "")


def test_staff_choose_from_the_plans_statuses(staff):
    calls()
    StatusWording.objects.create(status="planned", label="Decided")
    StatusWording.objects.create(status="on hold", is_used=False)
    StatusWording.objects.create(status="not started", is_used=False)
    update = make_update(statuses={make_recommendation(): "on hold"}, published=False)

    found = page_of(staff, f"/admin/recommendations/progressupdate/{update.pk}/change/")

    assert '<option value="planned">Decided</option>' in found
    assert '<option value="on hold" selected>On hold</option>' in found
    assert "Not started" not in found


def test_a_status_that_the_plan_does_not_use_is_refused(staff):
    calls()
    StatusWording.objects.create(status="on hold", is_used=False)
    update = make_update(statuses={(one := make_recommendation()): "planned"}, published=False)
    opened = staff.get(f"/admin/recommendations/progressupdate/{update.pk}/change/")

    sent = typed_update({one: "on hold"}, version=opened.context["adminform"].form["version"].value())
    response = staff.post(f"/admin/recommendations/progressupdate/{update.pk}/change/", sent)

    assert response.context["adminform"].form.errors == {"coverage": ["Choose a status from the list for 1.1."]}


@pytest.mark.parametrize("page", ["history/", "correct/"])
def test_staff_read_the_plans_words_for_statuses(staff, published, page):
    StatusWording.objects.create(status="planned", label="Decided")

    found = page_of(staff, f"/admin/recommendations/progressupdate/{published.pk}/{page}")

    assert "Decided" in found
    assert "Planned" not in found


def wordings(**words):
    """What the form of the plan sends for statuses that nobody worded before; `words` are of the status planned."""
    sent = {"status_wordings-TOTAL_FORMS": "7", "status_wordings-INITIAL_FORMS": "0"}
    for number, status in enumerate(Status):
        sent |= {f"status_wordings-{number}-status": status.value, f"status_wordings-{number}-is_used": "on"}
    return sent | {f"status_wordings-1-{name}": value for name, value in words.items()}


def saved(staff, **sent):
    plan = ActionPlan.objects.get()
    address = "/admin/recommendations/actionplan/1/change/"
    version = staff.get(address).context["adminform"].form["version"].value()
    return staff.post(address, {**plan_fields(plan), "version": version, **sent})


def test_the_form_of_the_plan_lists_all_statuses_with_our_words_in_grey(staff):
    make_plan()

    found = page_of(staff, "/admin/recommendations/actionplan/1/change/")

    assert found.count('<span class="status status--') == 7
    assert 'placeholder="A decision, a plan or a funding application."' in found
    assert "#status_wordings-0" not in found


def test_a_plan_that_words_no_status_stores_none(staff):
    make_plan()

    assert saved(staff, **wordings()).status_code == 302
    assert not StatusWording.objects.exists()


def test_once_a_status_is_worded_all_are_stored_in_their_order(staff):
    make_plan()

    assert saved(staff, **wordings(label="Decided", definition="It was decided.")).status_code == 302
    assert [one.status for one in StatusWording.objects.all()] == Status.values
    assert StatusWording.objects.get(label="Decided").history.get().history_user.is_superuser
    assert "Decided" in page_of(staff, "/statuses/")


def test_two_who_word_statuses_for_the_first_time_lose_no_word(staff):
    make_plan()
    address = "/admin/recommendations/actionplan/1/change/"
    first, second = (sent_by(staff.get(address)) for _ in range(2))

    staff.post(address, first | {"status_wordings-1-label": ["Decided"], "status_wordings-2-label": ["Under way"]})
    typed = {"status_wordings-1-label": ["Agreed"], "status_wordings-5-label": ["Kept"]}
    refused = staff.post(address, second | typed)
    shown = sent_by(refused)
    saved_after_all = staff.post(address, shown)

    assert "<h3>Changed: Under way</h3>" in refused.content.decode()
    assert [shown[f"status_wordings-{row}-label"] for row in (1, 2, 5)] == [["Agreed"], ["Under way"], ["Kept"]]
    assert saved_after_all.status_code == 302
    labels = dict(StatusWording.objects.exclude(label="").values_list("status", "label"))
    assert labels == {"planned": "Agreed", "in progress": "Under way", "completed": "Kept"}


def test_two_statuses_are_not_called_the_same(staff):
    make_plan()

    response = saved(staff, **wordings(label="in Progress"))

    assert response.status_code == 200
    assert "Another status is called this." in response.content.decode()


def test_one_status_at_least_is_used(staff):
    make_plan()
    unused = {name: value for name, value in wordings().items() if not name.endswith("is_used")}

    assert "Leave at least one status in use." in saved(staff, **unused).content.decode()


def plan_fields(plan):
    """What the form of the plan sends for `plan` as it is."""
    named = {field.name: field.value_from_object(plan) for field in ActionPlan._meta.fields}
    sent = {name: "" if value is None else str(value) for name, value in named.items() if value is not False}
    parts = {
        f"{name}-{kind}_FORMS": "0" for name in ("logos", "support_links", "phrases") for kind in ("TOTAL", "INITIAL")
    }
    return sent | parts


def a_city():
    plan = calls()
    area = make_area(title="Water")
    for text in ("Keep the river clean.", "Plant trees by the river."):
        make_recommendation(area=area, text=text, parties=[make_party()])
    make_update(statuses={area.recommendations.first(): "planned"})
    return plan


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("/", "Where the 2 calls stand"),
        ("/", "Find calls"),
        ("/", '<span class="visually-hidden">Call </span>1.1'),
        ("/?q=river", "2 of 2 calls"),
        ("/?q=river", "All calls"),
        ("/?q=river", "Download these calls:"),
        ("/?q=call+1.2", "1 of 2 calls"),
        ("/?q=nothing-like-it", "No call matches all of this"),
        ("/areas/1/", '<h2 class="visually-hidden">Calls</h2>'),
        ("/recommendations/1.1/", "<title>Call 1.1 – Example Organisation</title>"),
        ("/recommendations/1.1/", '<span>Call </span><span itemprop="identifier">1.1</span>'),
        ("/recommendations/1.1/", "Example Organisation: Call 1.1, “A City for the Water”."),
        ("/parties/", "1 call"),
        ("/updates/1/", "Calls it covers"),
        ("/about/", "what has become of the calls of “A City for the Water”"),
    ],
)
def test_headings_and_references_have_the_plans_word(client, address, words):
    a_city()
    address = address.replace("/updates/1/", f"/updates/{ProgressUpdate.objects.get().pk}/")

    assert words in page_of(client, address)


@pytest.mark.parametrize(
    ("query", "found"),
    [("call 1.2", ["1.2"]), ("Calls 1.2", ["1.2"]), ("call river", []), ("call 9.9", []), ("river", ["1.1", "1.2"])],
)
def test_the_word_before_a_reference_is_understood(query, found):
    taken = snapshot(a_city(), on=dt.date(2020, 7, 1))

    assert list(matching(taken, Filter(q=query))) == found


def test_a_report_has_the_plans_word():
    a_city()

    text = " ".join(re.sub(r"<[^>]+>", " ", article(report_snapshot(make_report()))).split())

    assert text.startswith("Calls A City for the Water One-Year Update")
    assert "2 calls, and where they stand" in text
    assert "Area 1: Water" in text
    assert "Follow the calls" in text
    # Nothing comes before the contents.
    assert 'id="report-about"' not in article(report_snapshot(make_plan().reports.get()))
    assert "ecommendation" not in text


def test_an_older_wording_of_a_status_is_restored(staff, user):
    plan = make_plan()
    saved(staff, **wordings(label="Decided"))
    key = next(entry.key for entry in History(plan) if "Decided" in str(entry.compared))
    StatusWording.objects.get(status="planned").delete()

    page = staff.get(f"/admin/recommendations/actionplan/1/restore/?to={key}")
    assert "Decided" in page.content.decode()
    staff.post(
        f"/admin/recommendations/actionplan/1/restore/?to={key}",
        {"version": page.context["form"]["version"].value(), "change_reason": "Mistake"},
    )

    assert StatusWording.objects.get(status="planned").label == "Decided"


def test_what_staff_word_of_a_status_is_checked_before_a_report_is_published():
    report = make_report()
    StatusWording.objects.create(status="planned", label="Decided 😀", definition="Ask 604 555 0123.")

    named = {passage.name: passage for passage in plan_passages(report_snapshot(report))}

    assert not named["the status “Decided 😀”"].is_adopted
    assert "604 555 0123" in named["the status “Decided 😀”"].text
    assert named["the status “Completed”"].is_adopted
