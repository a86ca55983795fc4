"""What is typed is kept in the browser until it is saved: which words, how long, for whom, and how it comes back."""

import re

import html5lib
import pytest
from django.contrib.sessions.models import Session
from django.test import Client, RequestFactory
from django.urls import reverse

from recommendations.accounts import unsaved
from recommendations.accounts.roles import Role
from recommendations.models import ProgressUpdate
from recommendations.publishing.history import version_of
from tests.browser import PASSWORD, Person
from tests.factories import make_recommendation, make_report, make_update
from tests.people import LOGIN, account, address, carried, sign_in, typed_report, typed_update

pytestmark = pytest.mark.django_db

KEPT = {
    "draft": "dated_as_published evidence_links-address evidence_links-archived_address evidence_links-label text",
    "published": "",
    "correct": "dated_as_published evidence-address evidence-archived_address evidence-label note text",
    "withdraw": "note",
    "report": "approval closing introduction originally_published slug status_note title",
    "publish": "",
    "recommendation": (
        "also_called done_means done_means_set_by explanation reference retired_reason target_as_published text"
    ),
    "replace": "also_called done_means done_means_set_by explanation reason reference target_as_published text",
    "area": "also_called introduction title",
    "party": "also_called name slug",
    "plan": (
        "accent_colour acknowledgement care_line conference_dates_as_published conference_name contact_email "
        "contact_name data_licence data_licence_address exit_address goals introduction kept_from_titles "
        "may_be_published organisation_about organisation_name organisation_short_name place "
        "recommendation_name recommendation_name_plural site_acknowledgement status_wordings-definition "
        "status_wordings-evidence status_wordings-label title website"
    ),
    "term": "inflections instead word",
    "account": "",
    "password": "",
    "take down": "",
}


def kept_in(page):
    """The fields of words that the browser may keep, as the form's own marks say; each kind of row once."""
    document = html5lib.parse(page.content.decode(), namespaceHTMLElements=False)
    names = set()
    for form in document.iter("form"):
        if not any(one.get("data-kept") for one in form.iter("div")):
            continue
        for field in form.iter():
            name = field.get("name") or "__prefix__"
            is_words = field.tag == "textarea" or (
                field.tag == "input" and field.get("type") in ("text", "url", "email")
            )
            if is_words and not field.get("data-private") and "__prefix__" not in name:
                names.add(re.sub(r"-\d+", "", name))
    return names


@pytest.mark.usefixtures("fake_pdf")
def test_which_words_may_be_kept_is_decided_for_each_field(staff):
    """A new field is named here if what is typed in it is for readers; else it is marked as private."""
    one = make_recommendation()
    draft = make_update(statuses={one: "planned"}, published=False, evidence=[("A", "https://example.org/")])
    published = make_update(statuses={one: "planned"})
    report = make_report()
    pages = {
        "draft": address("progressupdate_change", draft.pk),
        "published": address("progressupdate_change", published.pk),
        "correct": address("progressupdate_correct", published.pk),
        "withdraw": address("progressupdate_withdraw", published.pk),
        "report": address("report_change", report.pk),
        "publish": address("report_publish", report.pk),
        "recommendation": address("recommendation_change", one.pk),
        "replace": address("recommendation_replace", one.pk),
        "area": address("area_change", one.area_id),
        "party": address("responsibleparty_add"),
        "plan": address("actionplan_change", one.area.plan_id),
        "term": address("term_add"),
        "account": reverse("admin:auth_user_add"),
        "password": reverse("admin:password_change"),
        "take down": address("progressupdate_take_down", published.pk),
    }

    found = {name: " ".join(sorted(kept_in(staff.get(page)))) for name, page in pages.items()}

    assert found == KEPT


def script_of(page):
    """What the script that keeps what is typed is told on a page of staff's; None where it isn't there."""
    found = re.search(r'<script src="[^"]*admin-typed\.js" defer ([^>]*)>', page.content.decode())
    return found and dict(re.findall(r'data-([\w-]+)="([^"]*)"', found.group(1)))


def test_the_browser_learns_which_forms_were_saved(staff):
    one = make_recommendation()
    draft = make_update(statuses={one: "planned"}, published=False)
    report = make_report()
    change = address("progressupdate_change", draft.pk)

    def save(page, typed, name):
        staff.post(page, {**typed, "_kept": name})
        return script_of(staff.get(reverse("admin:index")))["saved"].split()

    refused = typed_update({one: "planned"}, version=version_of(draft), text="")
    assert save(change, refused, "refused") == []
    overtaken = typed_update({one: "ongoing"}, version="of another day", text="Other words.")
    assert save(change, overtaken, "overtaken") == []
    assert save(address("progressupdate_withdraw", draft.pk), {"note": ""}, "sent elsewhere") == []
    saved = typed_update({one: "ongoing"}, version=version_of(draft), text="Other words.")
    assert save(change, saved, "draft") == ["draft"]
    asked = {**saved, "_publish": "1", "version": version_of(ProgressUpdate.objects.get())}
    del asked["_draft"]
    assert save(change, asked, "asked") == ["draft", "asked"]
    change = address("report_change", report.pk)
    assert save(change, typed_report(report, introduction="New."), "report") == ["draft", "asked", "report"]


def test_only_the_last_forms_that_were_saved_are_told():
    request = RequestFactory().post("/", {"_kept": "x" * 60})
    request.session = {unsaved.SAVED: [str(number) for number in range(20)]}

    unsaved.mark_saved(request)

    assert request.session[unsaved.SAVED] == [*(str(number) for number in range(1, 20)), "x" * 50]


def test_a_shared_computer_keeps_nothing_and_signing_out_clears_it(client):
    member = account()
    usual = {"user": str(member.pk), "seconds": str(12 * 60 * 60), "saved": ""}
    assert script_of(client.get(LOGIN)) == {**usual, "user": ""}

    again = sign_in(client, member, password="no", shared_computer="on")
    assert re.search(r'name="shared_computer"[^>]* checked', again.content.decode())
    sign_in(client, member, shared_computer="on")
    assert script_of(client.get(reverse("admin:index"))) == {**usual, "seconds": "0"}
    out = client.post(reverse("admin:logout"))
    assert (out["Clear-Site-Data"], script_of(out)) == ('"cache", "storage"', {**usual, "user": "", "seconds": "0"})
    sign_in(client, member)
    assert script_of(client.get(reverse("admin:index"))) == usual


def test_the_name_that_a_browser_keeps_words_under_is_not_carried_through_sign_in(user):
    typed = {"word": "bad", "instead": "Typed words.", "_kept": "PAGE-NAME"}
    page = Client().post(address("term_add"), typed)

    client = Client()
    shown = client.get(sign_in(client, user, unsaved=carried(page), next=address("term_add")).url)

    assert "Typed words." in shown.content.decode()
    assert "PAGE-NAME" not in shown.content.decode()
    assert "data-unsaved" in shown.content.decode()


def words_kept(page):
    return page.evaluate("Object.entries(sessionStorage).filter(([key]) => key.startsWith('typed ')).flat().join()")


def offered(page):
    """What is offered on the page that is open; None if nothing is."""
    place = page.locator("[data-kept]").first
    return place.locator("[role=status]").inner_text() if place.is_visible() else None


def keep_now(page):
    """Keep what is typed without the pause after the last key, as when the page is left."""
    page.evaluate("dispatchEvent(new Event('pagehide'))")


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_what_is_typed_comes_back_after_a_reload_and_a_sign_in(chromium, live_server):
    one = make_recommendation()
    make_recommendation(area=one.area, number=2)
    report = make_report()
    maria, kim = (account(Role.PUBLISHER, username=name, password=PASSWORD) for name in ("maria", "kim"))
    person = Person(chromium.new_context(), live_server.url)
    page, asked = person.page, []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    add = f"{address('progressupdate_add')}?area=1"
    person.sign_in(maria.username, at=add)
    text, note, back = page.locator("#id_text"), page.locator("#id_private_note"), page.locator("[data-kept-back]")

    # Reloaded: nothing is offered unasked, nothing private was kept, and all else comes back.
    assert offered(page) is None
    text.type("Typed words.")
    note.type("CANARY-note")
    page.locator("#id_change_reason").type("CANARY-reason")
    page.locator(f"select[name='coverage-{one.pk}']").select_option("planned")
    page.locator("#id_evidence_links-0-label").type("The minutes")
    page.locator(".add-row a").click()
    page.locator("#id_evidence_links-1-label").type("A second row")
    page.reload()
    assert asked == ["beforeunload"]
    assert re.fullmatch(r"What you typed at \d\d:\d\d was kept\.", offered(page))
    assert "CANARY" not in words_kept(page)
    assert "csrf" not in words_kept(page)
    back.focus()
    back.press("Enter")
    assert offered(page) == "What you typed is in the form again. Nothing is saved yet."
    assert (text.input_value(), note.input_value()) == ("Typed words.", "")
    assert page.locator(f"input[name=coverage][value='{one.pk}']").is_checked()
    assert page.locator("#id_evidence_links-1-label").input_value() == "A second row"
    page.locator(".prose-field__shown p", has_text="Typed words.").wait_for()

    # Refused: it stays. Saved: it goes, and the next one begins empty.
    text.fill("")
    person.send("input[name=_draft]")
    assert "The minutes" in words_kept(page)
    text.fill("Typed words.")
    for number in (0, 1):
        page.locator(f"#id_evidence_links-{number}-address").fill(f"https://example.org/{number}")
    person.send("input[name=_draft]")
    assert words_kept(page) == ""
    assert asked == ["beforeunload"]
    draft = ProgressUpdate.objects.get()
    assert draft.evidence_links.count() == 2

    # The session ends. What comes back goes into the form as it is now, beside what a colleague saved since.
    change = address("progressupdate_change", draft.pk)
    person.open(change)
    text.fill("Maria's words.")
    keep_now(page)
    Session.objects.all().delete()
    draft.text = "Kim's words."
    draft.save()
    page.reload()
    assert "Maria's words." in words_kept(page)
    person.give_password(maria.username)
    assert "Somebody has saved it since" in offered(page)
    assert text.input_value() == "Kim's words."
    page.get_by_role("button", name="Put it back").click()
    assert text.input_value() == "Maria's words."
    assert "What it says now: Kim's words." in person.words()

    # Sent after the session ended, the server has it already: nothing is offered twice, and discarded once it is gone.
    text.fill("Sent too late.")
    Session.objects.all().delete()
    person.send("input[name=_draft]")
    person.give_password(maria.username)
    assert (offered(page), text.input_value()) == (None, "Sent too late.")
    assert "Sent too late." in words_kept(page)
    person.click("Discard it and show what is saved", link=True)
    assert (offered(page), text.input_value(), words_kept(page)) == (None, "Kim's words.", "")
    text.fill("Maria's words.")

    # Another account in the same tab gets none of it; signing out leaves nothing.
    Session.objects.all().delete()
    page.reload()
    person.give_password(kim.username)
    assert page.url.endswith(change)
    assert offered(page) is None
    assert words_kept(page) == ""
    text.fill("Kim's other words.")
    keep_now(page)
    person.send("#logout-form button")
    assert words_kept(page) == ""
    assert asked == ["beforeunload"] * 4

    # A copy of the tab saves: what was typed in the first one since then is still kept.
    person.sign_in(maria.username, at=address("report_change", report.pk))
    introduction = page.locator("#id_introduction")
    introduction.fill("First words.")
    keep_now(page)
    copy = Person(page.context, live_server.url)
    copy.open("/admin/")
    kept = page.evaluate("Object.entries(sessionStorage)")
    copy.page.evaluate("(kept) => kept.forEach(([key, words]) => sessionStorage.setItem(key, words))", kept)
    copy.open(address("report_change", report.pk))
    copy.page.get_by_role("button", name="Put it back").click()
    introduction.fill("First words, and more.")
    keep_now(page)
    copy.send("input[name=_save]")
    assert words_kept(copy.page) == ""
    page.reload()
    page.get_by_role("button", name="Put it back").click()
    assert introduction.input_value() == "First words, and more."
    assert "What it says now: First words." in person.words()
    page.set_viewport_size({"width": 320, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") == 320

    # Signing out in one tab ends what another one keeps, for good.
    keep_now(page)
    assert "and more" in words_kept(page)
    copy.send("#logout-form button")
    page.reload()
    assert words_kept(page) == ""
    left = """async () => [
      ...Object.keys(localStorage), ...Object.keys(sessionStorage), ...(await indexedDB.databases()),
      ...(await caches.keys()), ...(await navigator.serviceWorker.getRegistrations()), document.cookie,
    ]"""
    assert (page.evaluate(left), copy.page.evaluate(left)) == ([""], [""])
    assert person.refused == copy.refused == []


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_shared_computer_keeps_nothing_and_a_browser_without_room_works(chromium, live_server):
    one = make_recommendation()
    maria = account(Role.PUBLISHER, username="maria", password=PASSWORD)
    person = Person(chromium.new_context(), live_server.url)
    page, asked, faults = person.page, [], []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.on("pageerror", lambda error: faults.append(str(error)))
    change = address("area_change", one.area_id)

    person.open(change)
    page.get_by_label("This is a shared computer").check()
    person.give_password(maria.username)
    page.locator("#id_introduction").fill("Typed words.")
    page.reload()
    assert (offered(page), words_kept(page), asked) == (None, "", ["beforeunload"])

    # The session is over by now: what it kept is, too.
    person.send("#logout-form button")
    person.sign_in(maria.username, at=change)
    page.locator("#id_introduction").fill("Typed words.")
    keep_now(page)
    person.open("/admin/")
    page.evaluate("""() => {
      const key = Object.keys(sessionStorage).find((key) => key.startsWith("typed "));
      const kept = JSON.parse(sessionStorage.getItem(key));
      sessionStorage.setItem(key, JSON.stringify({...kept, at: Date.now() - 12 * 60 * 60 * 1000 - 1}));
    }""")
    person.open(change)
    assert (offered(page), words_kept(page)) == (None, "")

    # A browser that forbids it: the form works as it would without.
    page.add_init_script("Object.defineProperty(window, 'sessionStorage', {get() { throw new DOMException('no'); }});")
    person.open(change)
    page.locator("#id_introduction").fill("Saved words.")
    keep_now(page)
    assert faults == []
    person.send("input[name=_save]")
    one.area.refresh_from_db()
    assert one.area.introduction == "Saved words."
