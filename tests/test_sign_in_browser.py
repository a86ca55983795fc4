"""What staff meet in a real Chromium, with axe: signing in, a session that ends, a spreadsheet in, a list out."""

import os
import re
import shutil
from base64 import b32decode

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.sessions.models import Session
from django_otp.oath import totp
from playwright.sync_api import sync_playwright

from recommendations.accounts.roles import Role, give_role
from recommendations.models import ProgressUpdate
from tests.factories import make_recommendation, make_user

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    # Playwright runs an event loop in this thread, which Django would have no queries beside.
    pytest.mark.usefixtures("_queries_beside_a_loop"),
    pytest.mark.xdist_group("browser"),
]

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PASSWORD = "correct horse staple"


@pytest.fixture
def _queries_beside_a_loop(monkeypatch):
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")


@pytest.fixture
def chromium():
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    path = next(filter(None, map(shutil.which, filter(None, (os.environ.get("CHROMIUM"), *names)))), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


def account(role):
    member = make_user(username=role.value, is_superuser=False, password=PASSWORD, first_name="Maria")
    give_role(member, role)
    return member


def faults(page):
    """What axe finds, what the page's own policy refused, and whether it scrolls sideways on a narrow phone."""
    # Asked for before axe runs, which breaks the policy by its own style sheets.
    refused = [message.text for message in page.console_messages() if "Content Security" in message.text]
    found = [f"{page.url}: {text}" for text in refused]
    page.clear_console_messages()
    found += [
        f"{page.url}: {violation['id']} {violation['nodes'][0]['html'][:200]}"
        for violation in Axe().run(page).response["violations"]
    ]
    page.set_viewport_size({"width": 320, "height": 800})
    if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
        found.append(f"{page.url}: scrolls sideways")
    page.set_viewport_size({"width": 1280, "height": 900})
    page.clear_console_messages()
    return found


def sign_in(page, name):
    page.fill("#id_username", name)
    page.fill("#id_password", PASSWORD)
    page.click("input[type=submit]")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_from_sign_in_to_the_accounts(chromium, live_server, settings, scheme):
    settings.SECOND_FACTOR_REQUIRED = True
    member = account(Role.ADMINISTRATOR)
    page = chromium.new_context(color_scheme=scheme).new_page()
    found = []

    for path in ("/admin/login/", "/admin/password-reset/", "/admin/password-reset/sent/"):
        page.goto(live_server.url + path)
        found += faults(page)
    page.goto(f"{live_server.url}/admin/")
    page.fill("#id_username", member.username)
    page.click("input[type=submit]")
    found += faults(page)
    sign_in(page, member.username)
    page.wait_for_url("**/set-up/**")
    page.click("summary")
    found += faults(page)
    assert page.evaluate("document.querySelector('.qr').naturalWidth > 100")
    key = b32decode(page.text_content("code.secret").replace(" ", ""))
    page.fill("#id_code", "0")
    page.click("input[type=submit]")
    found += faults(page)
    page.fill("#id_code", f"{totp(key):06d}")
    page.click("input[type=submit]")
    page.wait_for_selector(".codes")
    assert page.is_visible("[data-print]")
    found += faults(page)
    recovery = page.text_content(".codes code")
    page.click("text=I have kept them")
    other = make_user(username="other", is_superuser=False)
    for path in (
        "",
        "second-factor/",
        "auth/user/",
        "auth/user/add/",
        f"auth/user/{other.pk}/change/",
        f"auth/user/{other.pk}/password/",
        f"auth/user/{member.pk}/history/",
        "password_change/",
    ):
        page.goto(f"{live_server.url}/admin/{path}")
        found += faults(page)
    page.click("#logout-form button")
    found += faults(page)
    page.goto(f"{live_server.url}/admin/")
    sign_in(page, member.username)
    page.wait_for_url("**/verify/**")
    found += faults(page)
    page.fill("#id_code", recovery)
    page.click("input[type=submit]")
    page.wait_for_url(f"{live_server.url}/admin/")

    assert found == []


def test_what_is_written_while_the_session_ends_is_still_there(chromium, live_server):
    one = make_recommendation()
    editor = account(Role.EDITOR)
    context = chromium.new_context()
    page = context.new_page()
    page.goto(f"{live_server.url}/admin/recommendations/progressupdate/add/?area=1")
    sign_in(page, editor.username)
    text = "What happened – in “long” words.\n\n- one\n- two <script>alert(1)</script>\n"
    page.fill("#id_text", text)
    page.fill("#id_dated_on", "2020-06-01")
    page.check(f"input[name=coverage][value='{one.pk}']")
    page.select_option(f"select[name=coverage-{one.pk}]", "planned")

    Session.objects.all().delete()
    page.click("input[name=_draft]")

    assert "Your session has ended" in page.text_content("main, #content")
    assert faults(page) == []
    assert ProgressUpdate.objects.count() == 0
    sign_in(page, editor.username)
    page.wait_for_url(re.compile(r"/progressupdate/add/\?area=1$"))
    assert page.input_value("#id_text") == text
    assert page.is_checked(f"input[name=coverage][value='{one.pk}']")
    assert faults(page) == []
    page.reload()
    assert page.input_value("#id_text") == text
    assert ProgressUpdate.objects.count() == 0

    page.click("input[name=_draft]")
    page.wait_for_url(re.compile(r"/progressupdate/$"))
    assert ProgressUpdate.objects.get().text == text.strip()
    assert ProgressUpdate.objects.get().assessments.get().status == "planned"


def test_a_save_after_signing_in_again_in_another_tab_loses_nothing(chromium, live_server):
    make_recommendation()
    editor = account(Role.EDITOR)
    context = chromium.new_context()
    page = context.new_page()
    page.goto(f"{live_server.url}/admin/recommendations/progressupdate/add/?area=1")
    sign_in(page, editor.username)
    page.fill("#id_text", "Typed words.")
    other = context.new_page()
    other.goto(f"{live_server.url}/admin/")
    other.click("#logout-form button")
    other.goto(f"{live_server.url}/admin/")
    sign_in(other, editor.username)

    page.click("input[name=_draft]")

    assert page.input_value("#id_text") == "Typed words."
    assert "You had been signed out" in page.text_content(".messagelist")


def test_a_spreadsheet_comes_in_and_a_list_goes_out_without_scripts(chromium, live_server, tmp_path):
    make_recommendation()
    publisher = account(Role.PUBLISHER)
    context = chromium.new_context()
    # axe is a script itself, so that scripts can't be switched off altogether.
    context.route("**/*.js", lambda route: route.abort())
    page = context.new_page()
    page.goto(f"{live_server.url}/admin/recommendations/recommendation/import/")
    sign_in(page, publisher.username)
    found = faults(page)
    sheet = tmp_path / "plan.csv"

    sheet.write_text("Reference;Area title;Text\n1.1;;\n")
    page.set_input_files("#id_file", sheet)
    page.press("input[type=submit].default", "Enter")
    page.wait_for_selector("#faults")
    found += faults(page)
    sheet.write_text("Reference;Area title;Text;Cost\n1.1;;Mended.;1\n2.1;“Second”;New.;2\n")
    page.set_input_files("#id_file", sheet)
    page.press("input[type=submit].default", "Enter")
    page.wait_for_selector("#changed")
    found += faults(page)
    page.press("input[type=submit].default", "Enter")
    page.wait_for_url("**/recommendation/")
    found += faults(page)
    page.click("text=Take out as a file")
    found += faults(page)
    with page.expect_download() as download:
        page.click("text=Download as CSV")

    assert found == []
    assert "1.1,1,Area of number 1,Mended." in download.value.path().read_text()
    assert "2.1,2,“Second”,New." in download.value.path().read_text()
