"""A year of staff's work in a real browser, by two people, to the corrected second edition."""

import io
import re

import pypdf
import pytest
from django.utils import timezone

from recommendations.models import Correction, Edition, ProgressUpdate, Report
from recommendations.publishing.reports import publish_report
from recommendations.report.proof import verify_editions
from tests.browser import PASSWORD, Person
from tests.factories import make_recommendation, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def at_work(chromium, live_server, name):
    """Somebody who has just signed in."""
    person = Person(chromium.new_context(), live_server.url)
    person.sign_in(name)
    assert "Workspace" in person.words()
    return person


def text_of(pdf):
    return [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages]


def squeezed(text):
    return " ".join(text.split())


@pytest.mark.long
def test_the_year_from_the_first_note_to_the_corrected_second_edition(chromium, live_server, user, plan_2020):
    for name in ("maria", "ana"):
        make_user(username=name, first_name=name.capitalize(), password=PASSWORD)
    first = Report.objects.get()
    ready = ProgressUpdate.objects.ready().values_list("pk", flat=True)
    publish_report(first, by=user, at=timezone.now(), ready=ready)

    # Maria begins the year's report.
    maria = at_work(chromium, live_server, "maria")
    maria.open("/admin/recommendations/report/add/")
    maria.page.get_by_label("Title").fill("Two-Year Update")
    maria.page.get_by_label("Period from").fill("2020-07-01")
    maria.page.get_by_label("Period to").fill("2021-06-30")
    maria.page.locator("#id_introduction").fill("Women who exited told us what **helped**.")
    maria.page.locator(".prose-field__shown strong", has_text="helped").wait_for()
    maria.click("Save")
    maria.open("/admin/")
    assert "0 of 29 recommendations" in maria.words()

    # A group of four, from last year's text; a first note without a status, from the phone.
    for reference in ("3.1", "3.2", "3.3", "3.4"):
        maria.page.locator(f"[id='covering-{reference}']").check()
    maria.page.locator("#area-3").get_by_role("button", name="Start from last year’s text").click()
    assert maria.page.locator("#id_dated_on").input_value() == "2021-06-30"
    text = maria.page.locator("#id_text")
    assert "currently on hold due to financial implications" in text.input_value()
    text.fill("The provincial bad date reporting system was funded agian in March.")
    maria.page.locator("#id_coverage_all").select_option("in progress")
    maria.click("Save and mark ready")
    maria.page.set_viewport_size({"width": 360, "height": 740})
    maria.page.locator("[id='covering-1.1']").check()
    maria.page.locator("#area-1").get_by_role("button", name="Write an update").click()
    maria.page.locator("#id_text").fill("Five councils were visited.")
    maria.click("Save as draft")
    assert 0 <= maria.page.locator("#messages").bounding_box()["y"] < 200
    assert maria.page.evaluate("document.activeElement.id") == "messages"
    maria.page.set_viewport_size({"width": 1280, "height": 900})
    assert "5 of 29" not in maria.words()
    assert "4 of 29 recommendations" in maria.words()
    group, note = ProgressUpdate.objects.filter(published_at=None).order_by("pk")

    # Ana marks all ready that can be; the note can't yet. Both open it, and Ana is slower.
    ana = at_work(chromium, live_server, "ana")
    ana.click("Mark all ready…", link=True)
    assert "It records no status for 1.1" in ana.words()
    change = f"/admin/recommendations/progressupdate/{note.pk}/change/"
    ana.open(change)
    maria.open(f"{change}?back=board")
    maria.page.get_by_label("Status of 1.1").select_option("ongoing")
    maria.click("Save as draft")
    ana.page.locator("#id_text").fill("Five councils were visited in spring.")
    ana.click("Save as draft")
    assert "Maria changed it on" in ana.words()
    assert ana.page.locator("#id_text").input_value() == "Five councils were visited in spring."
    ana.page.get_by_label("Status of 1.1").select_option("ongoing")
    ana.click("Save as draft")
    ana.open("/admin/")
    ana.click("Mark all ready…", link=True)
    ana.click("Mark the ticked updates ready")
    assert "1 update is now ready." in ana.words()
    assert "by Ana" in ana.words()

    # The draft goes round.
    report = Report.objects.get(title="Two-Year Update")
    pages = text_of(ana.fetch(f"/admin/recommendations/report/{report.pk}/draft.pdf"))
    assert all(re.search(r"DRAFT of \w+ \d+, \d{4}, version [0-9a-f]{8}", squeezed(page)) for page in pages)
    for update in (group, note):
        assert f"U{update.pk}" in "".join(pages)

    # What is found is mended.
    assert "“exited” in the introduction" in ana.words()
    maria.open(f"/admin/recommendations/report/{report.pk}/change/")
    maria.page.locator("#id_introduction").fill("Women told us what helped.")
    maria.page.get_by_label("Approval").fill("Approved by the Steering Committee on June 12, 2021.")
    maria.click("Save")
    maria.open("/admin/")
    assert "“exited”" not in maria.words()
    assert "24 recommendations have no update" in maria.words()

    # Preview, publish.
    ana.open(f"/admin/recommendations/report/{report.pk}/preview/")
    assert "funded agian" in ana.words()
    ana.open(f"/admin/recommendations/report/{report.pk}/publish/")
    ana.click("Publish edition 1")
    assert "Edition 1 is published." in ana.words()
    address = report.get_absolute_url()
    assert b"funded agian" in ana.fetch(address)

    # A slip is seen ten minutes later: compared, corrected, and the second edition published.
    maria.open(f"/admin/recommendations/progressupdate/{group.pk}/correct/")
    maria.page.locator("#id_text").fill("The provincial bad date reporting system was funded again in March.")
    maria.page.locator("#id_note").fill("Spelling only.")
    maria.click("See what would change")
    assert "agian" in maria.page.locator("del").inner_text()
    assert "again" in maria.page.locator("ins").inner_text()
    maria.click("Publish the correction")
    assert "Corrected: readers see the new text" in maria.words()
    maria.open("/admin/")
    assert "Corrected since, not in edition 1" in maria.words()
    maria.click("Compare with edition 1", link=True)
    assert "agian" in maria.page.locator("del").first.inner_text()
    maria.open("/admin/")
    maria.click("Publish a corrected edition…", link=True)
    assert maria.page.locator("#id_note").input_value() == "3.1, 3.2, 3.3 and 3.4: Spelling only."
    maria.click("Publish edition 2")
    assert "Edition 2 is published." in maria.words()
    maria.open(f"/admin/recommendations/report/{report.pk}/compare/")
    assert "Nothing would change." in maria.words()

    # What the public reads, what is kept, and who did it.
    assert b"funded again in March" in maria.fetch(address)
    assert b"funded agian" in maria.fetch(f"{address}editions/1/")
    assert b"funded agian" not in maria.fetch(f"{address}editions/2/")
    printed = "".join("".join(text_of(maria.fetch(f"{address}report.pdf"))).split())
    assert "fundedagaininMarch" in printed
    assert "DRAFTof" not in printed
    public = "".join(maria.fetch(path).decode() for path in (address, "/", f"/updates/{group.pk}/"))
    assert "maria" not in public.casefold()
    assert "U" + str(group.pk) + "<" not in public
    assert [(edition.number, edition.published_by.username) for edition in report.editions.order_by("number")] == [
        (1, "ana"),
        (2, "maria"),
    ]
    assert Correction.objects.get().corrected_by.username == "maria"
    maria.open(f"/admin/recommendations/report/{report.pk}/history/")
    assert "Published edition 1" in maria.words()
    assert "Went ahead despite these findings:" in maria.words()
    assert all(not problems for _edition, problems in verify_editions())
    assert Edition.objects.count() == 3
    assert maria.refused == ana.refused == []


def test_without_javascript_the_preview_is_a_page_of_its_own(chromium, live_server):
    make_user(username="maria", password=PASSWORD)
    make_recommendation()
    maria = at_work(chromium, live_server, "maria")
    cookies = maria.page.context.cookies()
    context = chromium.new_context(base_url=live_server.url, java_script_enabled=False)
    context.add_cookies(cookies)
    page = context.new_page()
    page.goto("/admin/recommendations/progressupdate/add/?area=1")
    page.locator("#id_text").fill("A *word*.")
    with context.expect_page() as opened:
        page.get_by_role("button", name="Preview (in a new tab)").click()

    opened.value.wait_for_load_state()
    assert opened.value.locator(".prose-field__shown em").inner_text() == "word"
    assert page.locator("#id_text").input_value() == "A *word*."
