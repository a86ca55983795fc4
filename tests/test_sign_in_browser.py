"""What staff meet in a real Chromium, with axe: signing in, a session that ends, a spreadsheet in, a list out."""

import re
import time
from base64 import b32decode

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django_otp.oath import totp

from recommendations.accounts.roles import Role
from recommendations.models import ProgressUpdate
from tests.browser import PASSWORD, Person, violations
from tests.factories import make_recommendation, make_user
from tests.people import account, guess, with_app

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LIGHT_AND_DARK = ("light", "dark")


CHANGED = """async () => {
  await new Promise(requestAnimationFrame)
  await Promise.all(document.getAnimations().map((one) => one.finished.catch(() => null)))
}"""


def staff_member(role):
    return account(role, username=role.value, password=PASSWORD, first_name="Maria")


def faults(page, schemes=("light",)):
    """What axe finds, what the page's own policy refused, and whether it scrolls sideways on a narrow phone."""
    page.wait_for_load_state()
    # Asked for before axe runs, which breaks the policy by its own style sheets.
    refused = [message.text for message in page.console_messages() if "Content Security" in message.text]
    found = [f"{page.url}: {text}" for text in refused]
    page.clear_console_messages()
    for scheme in schemes:
        page.emulate_media(color_scheme=scheme)
        # Buttons change their colour over a moment.
        page.evaluate(CHANGED)
        found += [f"{page.url}: {one['id']} {one['nodes'][0]['html'][:200]} ({scheme})" for one in violations(page)]
    page.set_viewport_size({"width": 320, "height": 800})
    if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
        found.append(f"{page.url}: scrolls sideways")
    page.set_viewport_size({"width": 1280, "height": 900})
    page.clear_console_messages()
    return found


def test_axe_finds_nothing_from_sign_in_to_the_accounts(chromium, live_server, settings):
    settings.SECOND_FACTOR_REQUIRED = True
    member = staff_member(Role.ADMINISTRATOR)
    maria = Person(chromium.new_context(), live_server.url)
    page, found = maria.page, []

    for path in ("/admin/login/", "/admin/password-reset/", "/admin/password-reset/sent/"):
        maria.open(path)
        found += faults(page, LIGHT_AND_DARK)
    maria.open("/admin/")
    page.fill("#id_username", member.username)
    maria.send("input[type=submit]")
    found += faults(page, LIGHT_AND_DARK)
    maria.give_password(member.username)
    page.wait_for_url("**/set-up/**")
    page.click("summary")
    found += faults(page, LIGHT_AND_DARK)
    assert page.evaluate("document.querySelector('.qr').naturalWidth > 100")
    key = b32decode(page.text_content("code.secret").replace(" ", ""))
    page.fill("#id_code", "0")
    maria.send("input[type=submit]")
    found += faults(page, LIGHT_AND_DARK)
    page.fill("#id_code", f"{totp(key):06d}")
    maria.send("input[type=submit]")
    page.wait_for_selector(".codes")
    assert page.is_visible("[data-print]")
    found += faults(page, LIGHT_AND_DARK)
    recovery = page.text_content(".codes code")
    maria.send("text=I have saved them")
    other = make_user(username="other", is_superuser=False)
    guess(other, 8)
    with_app(other)
    make_user()
    for path in (
        "",
        "second-factor/",
        "auth/user/",
        "auth/user/add/",
        f"auth/user/{other.pk}/change/",
        f"auth/user/{other.pk}/password/",
        f"auth/user/{other.pk}/second-factor/",
        f"auth/user/{other.pk}/unlock/",
        f"auth/user/{other.pk}/sign-out/",
        f"auth/user/{other.pk}/leave/",
        f"auth/user/{member.pk}/history/",
        "password_change/",
        "sign-out-everywhere/",
        "changes/",
        "security/",
        "handbook/writing/",
    ):
        maria.open(f"/admin/{path}")
        found += faults(page, LIGHT_AND_DARK)
    session = SessionStore(Session.objects.get().session_key)
    session["signed_in_at"] = time.time() - 601
    session.save()
    maria.open(f"/admin/auth/user/{other.pk}/password/")
    assert page.is_visible("text=Your password again")
    found += faults(page, LIGHT_AND_DARK)
    maria.open("/admin/")
    maria.send("#logout-form button")
    found += faults(page, LIGHT_AND_DARK)
    maria.open("/admin/")
    maria.give_password(member.username)
    page.wait_for_url("**/verify/**")
    found += faults(page, LIGHT_AND_DARK)
    page.fill("#id_code", recovery)
    maria.send("input[type=submit]")
    page.wait_for_url(f"{live_server.url}/admin/")

    assert found == []


def test_what_is_written_while_the_session_ends_is_still_there(chromium, live_server):
    one = make_recommendation()
    editor = staff_member(Role.EDITOR)
    maria = Person(chromium.new_context(), live_server.url)
    page = maria.page
    maria.open("/admin/recommendations/progressupdate/add/?area=1")
    maria.give_password(editor.username)
    text = "What happened – in “long” words.\n\n- one\n- two <script>alert(1)</script>\n"
    page.fill("#id_text", text)
    page.fill("#id_dated_on", "2020-06-01")
    page.check(f"input[name=coverage][value='{one.pk}']")
    page.select_option(f"select[name=coverage-{one.pk}]", "planned")

    Session.objects.all().delete()
    maria.send("input[name=_draft]")

    assert "Your session has ended" in page.text_content("main, #content")
    assert faults(page) == []
    assert ProgressUpdate.objects.count() == 0
    maria.give_password(editor.username)
    page.wait_for_url(re.compile(r"/progressupdate/add/\?area=1$"))
    assert page.input_value("#id_text") == text
    assert page.is_checked(f"input[name=coverage][value='{one.pk}']")
    assert faults(page) == []
    page.reload()
    assert page.input_value("#id_text") == text
    assert ProgressUpdate.objects.count() == 0

    maria.send("input[name=_draft]")
    page.wait_for_url(re.compile(r"/progressupdate/$"))
    assert ProgressUpdate.objects.get().text == text.strip()
    assert ProgressUpdate.objects.get().assessments.get().status == "planned"


def test_a_save_after_signing_in_again_in_another_tab_loses_nothing(chromium, live_server):
    make_recommendation()
    editor = staff_member(Role.EDITOR)
    maria = Person(chromium.new_context(), live_server.url)
    page = maria.page
    maria.open("/admin/recommendations/progressupdate/add/?area=1")
    maria.give_password(editor.username)
    page.fill("#id_text", "Typed words.")
    other = Person(page.context, live_server.url)
    other.open("/admin/")
    other.send("#logout-form button")
    other.sign_in(editor.username)

    maria.send("input[name=_draft]")

    assert page.input_value("#id_text") == "Typed words."
    assert "You had been signed out" in page.text_content(".messagelist")


def test_a_spreadsheet_comes_in_and_a_list_goes_out_without_scripts(chromium, live_server, tmp_path):
    make_recommendation()
    publisher = staff_member(Role.PUBLISHER)
    maria = Person(chromium.new_context(), live_server.url)
    page = maria.page
    # axe is a script itself, so that scripts can't be switched off altogether.
    page.context.route("**/*.js", lambda route: route.abort())
    maria.open("/admin/recommendations/recommendation/import/")
    maria.give_password(publisher.username)
    found = faults(page)
    sheet = tmp_path / "plan.csv"

    sheet.write_text("Reference;Area title;Text\n1.1;;\n")
    page.set_input_files("#id_file", sheet)
    maria.send("input[type=submit].default", key="Enter")
    page.wait_for_selector("#faults")
    found += faults(page)
    sheet.write_text("Reference;Area title;Text;Cost\n1.1;;Mended.;1\n2.1;“Second”;New.;2\n")
    page.set_input_files("#id_file", sheet)
    maria.send("input[type=submit].default", key="Enter")
    page.wait_for_selector("#changed")
    found += faults(page)
    maria.send("input[type=submit].default", key="Enter")
    page.wait_for_url("**/recommendation/")
    found += faults(page)
    maria.send("text=Export")
    found += faults(page)
    with page.expect_download() as download:
        page.click("text=Download as CSV")

    assert found == []
    assert "1.1,1,Area of number 1,Mended." in download.value.path().read_text()
    assert "2.1,2,“Second”,New." in download.value.path().read_text()
