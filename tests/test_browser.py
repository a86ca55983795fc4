"""The public site as a reader meets it: in a real Chromium, over HTTP, with the files as production serves them.

The site is made once for the whole module, in a database that nothing changes meanwhile: no test here writes.
"""

import re
import sqlite3
import threading
import urllib.error
import urllib.request
from collections import defaultdict
from dataclasses import dataclass
from html import unescape
from unittest import mock
from urllib.parse import parse_qs, urldefrag, urljoin, urlsplit

import pypdfium2
import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.core.management import call_command
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.db import connections
from django.test import override_settings
from django.urls import resolve

from recommendations.models import ActionPlan
from recommendations.report import pdf
from tests.browser import nu_faults, violations
from tests.factories import AT, make_support_link, make_user
from tests.rows import publish_sample
from tracker.frontdoor import in_front

pytestmark = [pytest.mark.browser, pytest.mark.django_db]

STAFF = {
    "username": "canary-account",
    "first_name": "Canarygiven",
    "last_name": "Canaryfamily",
    "email": "canary@staff.example",
}
# Beside what is linked: pages that a reader reaches by hand, or by an old link.
UNLINKED = (
    "/nowhere/",
    "/?q=police",
    "/?q=nothing-holds-this&status=completed",
    "/?status=on-hold",
    "/?area=99&status=nonsense",
    "/robots.txt",
    "/sitemap.xml",
)
FIRST_VIEW = 100_000
FOCUSABLE = "a[href], button, input, select, textarea, summary"


class QuietHandler(WSGIRequestHandler):
    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def site(django_db_setup, django_db_blocker, tmp_path_factory, chromium):
    """The address of a server with the 2020 report and the invented second year, static files as in production."""
    static = override_settings(
        STATIC_ROOT=tmp_path_factory.mktemp("static"),
        STORAGES={
            "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
            "staticfiles": {"BACKEND": "tracker.stylesheets.StaticFilesStorage"},
        },
    )
    assert "tracker-sqlite-" in str(connections["default"].settings_dict["NAME"]), "not the tests' own database"
    server = ThreadedWSGIServer(("127.0.0.1", 0), QuietHandler)
    server.daemon_threads = True
    address = f"http://127.0.0.1:{server.server_port}"
    kept = sqlite3.connect(tmp_path_factory.mktemp("database") / "kept.sqlite3")
    with django_db_blocker.unblock(), static, override_settings(SITE_URL=address):
        connection = connections["default"]
        connection.ensure_connection()
        connection.connection.backup(kept)
        call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=["simple_history"])
        publish_everything()
        server.set_app(in_front(WSGIHandler()))
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield address
        server.shutdown()
        thread.join()
        server.server_close()
        connection.ensure_connection()
        kept.backup(connection.connection)
        kept.close()


def publish_everything():
    fake = mock.patch.object(pdf, "render", lambda article, **options: b"%PDF-1.7 " + article.encode())
    with fake:
        publish_sample(by=make_user(**STAFF), at=AT)
    ActionPlan.objects.update(organisation_about="We are four.", site_acknowledgement="On the land of two Nations.")
    make_support_link(address="tel:+1-604-555-0123", meant_for="everyone", hours="day and night", cost="free")
    make_support_link(address="sms:741741", may_contact_police="yes", note="Write one word.")
    make_support_link(may_contact_police="no")


@pytest.fixture(scope="module")
def browser(site, chromium):
    """With a site to visit."""
    return chromium


@pytest.fixture
def page(browser):
    with browser.new_context(viewport={"width": 1280, "height": 800}) as context:
        yield context.new_page()


@dataclass
class Visit:
    """What was found at an address; `links` as written, resolved; `ids` are what a fragment may lead to."""

    status: int
    content_type: str
    body: bytes
    links: set[str]
    ids: set[str]
    facts: dict


@dataclass
class Crawl:
    visits: dict[str, Visit]
    requests: set[str]
    problems: list[str]
    cookies: list

    @property
    def pages(self):
        return {path: visit for path, visit in self.visits.items() if visit.content_type.startswith("text/html")}

    @property
    def kinds(self):
        """One address for each kind of page: the first found of each view, with each set of parameters, each error."""
        found = {}
        for path, visit in self.pages.items():
            where = urlsplit(path)
            view = resolve(where.path).url_name if visit.status == 200 else visit.status
            found.setdefault((view, *parse_qs(where.query)), path)
        return list(found.values())


FACTS = """async () => ({
  lang: document.documentElement.lang,
  h1: document.querySelectorAll("h1").length,
  title: document.title,
  links: [...document.querySelectorAll("a[href], link[href]:not([rel~=canonical])")].map((link) => link.href),
  ids: [...document.querySelectorAll("[id]")].map((element) => element.id),
  stored: [
    localStorage.length, sessionStorage.length, document.cookie.length, (await indexedDB.databases()).length,
    (await caches.keys()).length, (await navigator.serviceWorker.getRegistrations()).length,
  ],
})"""


@pytest.fixture(scope="module")
def crawl(site, browser):
    """Every address that can be reached from the front page, each seen once; of filtered files, one of a kind."""
    result = Crawl({}, set(), [], [])
    context = browser.new_context()
    tab = context.new_page()
    tab.on("request", lambda request: result.requests.add(request.url))
    tab.on("console", lambda message: result.problems.append(f"{tab.url}: {message.text}"))
    tab.on("pageerror", lambda error: result.problems.append(f"{tab.url}: {error}"))
    waiting = [f"{site}/", *(f"{site}{path}" for path in UNLINKED)]
    seen = {one_of_a_kind(address) for address in waiting}
    while waiting:
        address = waiting.pop(0)
        visit = see(tab, address) if is_page(address) else fetched(address)
        result.visits[address.removeprefix(site)] = visit
        if visit.status == 200:
            for link in sorted({urldefrag(link).url for link in visit.links}):
                if link.startswith(f"{site}/") and one_of_a_kind(link) not in seen:
                    seen.add(one_of_a_kind(link))
                    waiting.append(link)
    # A page that isn't there is a console message in Chromium, and was asked for on purpose.
    result.problems = [told for told in result.problems if "404 (Not Found)" not in told]
    result.cookies = context.cookies()
    context.close()
    return result


def one_of_a_kind(address):
    """`address`, or for a filtered data file what it is filtered by: its page was asked for what it holds."""
    parts = urlsplit(address)
    return re.sub(r"=[^&]*", "", address) if parts.path.startswith("/data/") else address


def is_page(address):
    path = urlsplit(address).path
    return path.endswith("/") and not path.startswith("/static/")


def see(tab, address):
    response = tab.goto(address)
    facts = tab.evaluate(FACTS)
    headers = response.headers
    return Visit(
        response.status, headers["content-type"], response.body(), set(facts["links"]), set(facts["ids"]), facts
    )


def fetched(address):
    try:
        with urllib.request.urlopen(address) as response:
            status, headers, body = response.status, response.headers, response.read()
    except urllib.error.HTTPError as error:
        with error:
            status, headers, body = error.code, error.headers, error.read()
    assert "Set-Cookie" not in headers
    links = set()
    if re.search(r"[/+]xml", headers["Content-Type"]):
        found = re.findall(r"""(?:href=["']|<loc>)([^"'<]+)""", unescape(body.decode()))
        links = {urljoin(address, unescape(link)) for link in found}
    return Visit(status, headers["Content-Type"], body, links, set(), {})


def test_every_link_leads_somewhere(site, crawl):
    broken = {path: visit.status for path, visit in crawl.visits.items() if visit.status != 200}

    assert broken.pop("/nowhere/") == 404
    assert broken == {}
    named = {link.removeprefix(site) for link in crawl.visits["/sitemap.xml"].links}
    assert len(named) > 80
    assert named - set(crawl.visits) == set()
    # That it went everywhere: each kind of address at least once.
    assert len(crawl.pages) > 80
    for path in (
        "/data/progress.xlsx",
        "/updates.atom",
        "/parties/funders/updates.atom",
        "/reports/one-year-update-2020/report.pdf",
    ):
        assert crawl.visits[path].status == 200


def test_every_fragment_has_its_target(site, crawl):
    missing = []
    for path, visit in crawl.pages.items():
        for link in visit.links:
            address, fragment = urldefrag(link)
            target = crawl.visits.get(address.removeprefix(site))
            if fragment and address.startswith(site) and target and fragment not in target.ids:
                missing.append((path, link))

    assert missing == []


def test_nothing_is_stored_and_nobody_else_is_asked(site, crawl):
    assert crawl.cookies == []
    assert {path: visit.facts["stored"] for path, visit in crawl.pages.items() if any(visit.facts["stored"])} == {}
    assert {url for url in crawl.requests if not url.startswith(f"{site}/")} == set()


def test_no_page_has_an_error_in_the_console(crawl):
    assert crawl.problems == []


def test_every_page_has_one_heading_a_language_and_a_title_of_its_kind(crawl):
    faults = {
        path: visit.facts
        for path, visit in crawl.pages.items()
        if visit.facts["h1"] != 1 or visit.facts["lang"] != "en-CA" or not visit.facts["title"]
    }

    assert faults == {}


def test_pages_are_told_apart_by_titles_that_tell_on_nobody(crawl):
    """Somebody else may see a tab, a history or the preview of an address in a chat."""
    found, told = defaultdict(list), []
    for path, visit in crawl.pages.items():
        head = visit.body.decode().partition("</head>")[0]
        # The address is that of the page, which stays as it is.
        metas = re.findall(r'<meta (?:name|property)="(?!og:url)[^"]*" content="([^"]*)"', head)
        shown = [visit.facts["title"], *metas]
        told += [(path, words) for words in shown if re.search(r"violen|\bsex|bad date", words, re.IGNORECASE)]
        # What was typed into a search is in no title, and what can't be read shows the progress page.
        if visit.status == 200 and not path.startswith(("/?q=", "/?area=99")):
            found[visit.facts["title"]].append(path)

    assert {title: paths for title, paths in found.items() if len(paths) > 1} == {}
    assert told == []


def test_no_answer_names_staff_or_says_what_is_private(crawl):
    told = [
        (path, word)
        for path, visit in crawl.visits.items()
        for word in (*STAFF.values(), "CANARY-")
        if word.encode() in visit.body
    ]

    assert told == []


def test_every_page_is_valid_html(crawl, tmp_path):
    named = {}
    for number, (path, visit) in enumerate(crawl.pages.items()):
        file = tmp_path / f"{number}.html"
        file.write_bytes(visit.body)
        named[file.name] = path

    assert [(named[name], told) for name, told in nu_faults(tmp_path)] == []


def test_an_id_given_twice_is_a_fault_of_html(tmp_path):
    """The checker at work: a parser alone lets this pass."""
    (tmp_path / "twice.html").write_text('<!doctype html><html lang="en"><title>A</title><p id="a">A<p id="a">B')

    ((name, told),) = nu_faults(tmp_path)

    assert (name, "Duplicate ID “a”" in told) == ("twice.html", True)


def test_axe_finds_nothing(site, crawl, browser):
    with browser.new_context(viewport={"width": 1280, "height": 800}, color_scheme="light") as context:
        assert axe_violations(context.new_page(), site, crawl.kinds) == []


def test_axe_finds_nothing_on_a_phone_in_the_dark_without_javascript(site, crawl, browser):
    """Its scripts never arrive; axe is one itself, so that scripts can't be switched off altogether."""
    with browser.new_context(viewport={"width": 320, "height": 640}, color_scheme="dark") as context:
        context.route("**/*.js", lambda route: route.abort())
        assert axe_violations(context.new_page(), site, crawl.kinds) == []


OPEN_ALL = "document.querySelectorAll('details').forEach((one) => (one.open = true))"


def axe_violations(tab, site, paths):
    """With all that can be opened; what is seen of it closed is seen then, too."""
    found = []
    for path in paths:
        tab.goto(site + path)
        tab.evaluate(OPEN_ALL)
        found += [
            (path, one["id"], node["html"], node["failureSummary"]) for one in violations(tab) for node in one["nodes"]
        ]
    return found


COVERED = """() => {
  const leave = document.querySelector("a.leave");
  const covered = [];
  const step = Math.max(50, innerHeight / 2);
  for (let top = 0; ; top += step) {
    scrollTo({top, behavior: "instant"});
    const box = leave.getBoundingClientRect();
    const points = [0.05, 0.5, 0.95].flatMap((x) => [0.1, 0.9].map((y) => [x, y]));
    for (const [x, y] of points) {
      const hit = document.elementFromPoint(box.left + box.width * x, box.top + box.height * y);
      if (!hit || !leave.contains(hit)) covered.push([scrollY, hit?.outerHTML.slice(0, 80) ?? "outside of the window"]);
    }
    if (top + innerHeight >= document.documentElement.scrollHeight) return covered;
  }
}"""


# 400 % zoom of a window of 1280 by 1024 pixels leaves 320 by 256.
@pytest.mark.parametrize(
    ("width", "height", "scale"), [(320, 640, 1), (320, 256, 4), (1280, 800, 1)], ids=["phone", "zoomed", "screen"]
)
def test_nothing_scrolls_sideways_and_the_leave_button_is_in_sight_wherever_one_is(
    site, crawl, browser, width, height, scale
):
    with browser.new_context(viewport={"width": width, "height": height}, device_scale_factor=scale) as context:
        tab = context.new_page()
        wide, covered = {}, {}
        for path in crawl.kinds:
            tab.goto(site + path)
            tab.evaluate(OPEN_ALL)
            needed = tab.evaluate("document.documentElement.scrollWidth")
            if needed > width:
                wide[path] = needed
            if hidden := tab.evaluate(COVERED):
                covered[path] = hidden[:3]

    assert (wide, covered) == ({}, {})


# What readers may set for themselves (WCAG 1.4.12), against every rule of the page's own.
SPACED = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`
    * { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important }
    p { margin-block-end: 2em !important }
  `);
  document.adoptedStyleSheets = [sheet];
}"""
# Words that are cut off, or lie upon others: at the top of a page, where the bar lies upon nothing.
LOST = """() => {
  const [lost, boxes] = [[], []];
  const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (words.nextNode()) {
    const [one, range] = [words.currentNode, document.createRange()];
    const within = one.parentElement;
    if (!one.data.trim() || !within.checkVisibility() || within.closest(".skip, option")) continue;
    const around = [];
    for (let outer = within; outer !== document.body; outer = outer.parentElement) around.push(outer);
    if (around.some((outer) => getComputedStyle(outer).clipPath !== "none")) continue;
    range.selectNodeContents(one);
    for (const box of range.getClientRects()) if (box.width > 1) boxes.push([box, one.data.trim().slice(0, 40)]);
    for (const outer of around) {
      const style = getComputedStyle(outer);
      const cut = style.overflow !== "visible" && style.display !== "inline" && style.overflowX !== "auto";
      if (cut && (outer.scrollWidth > outer.clientWidth + 1 || outer.scrollHeight > outer.clientHeight + 1)) {
        lost.push(["is cut off", one.data.trim().slice(0, 40)]);
      }
    }
  }
  boxes.sort(([a], [b]) => a.top - b.top);
  boxes.forEach(([box, said], number) => {
    for (let next = number + 1; next < boxes.length && boxes[next][0].top < box.bottom - 4; next++) {
      const other = boxes[next][0];
      const [wide, high] = ["right", "bottom"].map((end) => Math.min(box[end], other[end]));
      if (wide - Math.max(box.left, other.left) > 2 && high - Math.max(box.top, other.top) > 4) {
        lost.push([said, "lies upon", boxes[next][1]]);
      }
    }
  });
  if (document.documentElement.scrollWidth > innerWidth) lost.push(["is wider than the window"]);
  return lost.slice(0, 5);
}"""


def test_wider_spaces_between_letters_words_and_lines_lose_nothing_on_a_phone(site, crawl, browser):
    with browser.new_context(viewport={"width": 320, "height": 640}) as context:
        tab, lost = context.new_page(), {}
        for path in crawl.kinds:
            tab.goto(site + path)
            tab.evaluate(OPEN_ALL)
            tab.evaluate(SPACED)
            if found := tab.evaluate(LOST):
                lost[path] = found

    assert lost == {}


# Where a ground is left out, a control and what is set apart by its ground keep a border.
BORDERED = ".leave, .button, .filter, .filter input, .reply, .cite"
BORDERS = """(all) => [...document.querySelectorAll(all)].filter((one) => one.checkVisibility()).map((one) =>
  [one.className || one.name, parseFloat(getComputedStyle(one).borderTopWidth)])"""


def test_forced_colours_leave_a_border_and_a_mark_where_a_ground_was(site, browser):
    with browser.new_context(forced_colors="active", color_scheme="dark") as context:
        tab, found = context.new_page(), []
        for path in ("/?q=police", "/recommendations/3.2/"):
            tab.goto(site + path)
            found += tab.evaluate(BORDERS, BORDERED)
        kinds = dict(found)
        tab.goto(f"{site}/?q=police")
        grounds = tab.evaluate("""() => ["mark", "body"].map((one) =>
          getComputedStyle(document.querySelector(one)).backgroundColor)""")

    assert set(kinds) >= {"leave", "button", "filter", "q", "reply", "cite"}
    assert [name for name, width in found if width < 1] == []
    assert grounds[0] != grounds[1]


def test_the_areas_stand_beside_the_bars_where_there_is_room(site, page):
    page.goto(f"{site}/")
    bars, areas = (page.locator(name).bounding_box() for name in (".glance", ".contents"))

    assert areas["x"] > bars["x"] + bars["width"]
    assert areas["y"] < bars["y"] + 100


def test_the_front_page_says_first_what_people_come_for_on_a_phone(site, browser):
    """The sentence and the search field are on the first screen, the ways on and the bars by the second."""
    with browser.new_context(viewport={"width": 360, "height": 640}) as context:
        tab = context.new_page()
        tab.goto(f"{site}/")
        ends = {
            name: tab.locator(name).last.evaluate("(one) => one.getBoundingClientRect().bottom")
            for name in (".masthead .lead", "input[name=q]", ".ways", ".glance > .bars")
        }

        assert "30 recommendations:" in tab.inner_text(".masthead .lead")
        assert max(ends[".masthead .lead"], ends["input[name=q]"]) <= 640
        assert max(ends.values()) <= 2 * 640


# Ten reports, as a plan has them after ten years.
TEN_YEARS = """() => {
  for (const table of document.querySelectorAll(".matrix")) {
    table.classList.add("matrix--wide");
    for (const row of table.rows) {
      for (let year = 2022; year < 2030; year++) {
        const cell = row.cells[1].cloneNode(true);
        if (cell.dataset.column) cell.dataset.column = `September ${year}`;
        row.append(cell);
      }
    }
  }
}"""
TOLD = """(table) => [...table.rows].slice(1).map((row) => [...row.cells].slice(1).map((cell) => {
  const [box, inner] = [cell.getBoundingClientRect(), cell.lastElementChild.getBoundingClientRect()];
  const says = getComputedStyle(cell, "::before").content.startsWith(`"${cell.dataset.column}"`);
  return says && inner.right <= Math.min(box.right + 1, innerWidth - 16) && inner.left > box.left + 50;
}))"""


@pytest.mark.parametrize("years", [2, 10])
def test_each_status_stands_beside_its_report_on_a_phone(site, browser, years):
    with browser.new_context(viewport={"width": 320, "height": 640}) as context:
        tab = context.new_page()
        tab.goto(f"{site}/reports/two-year-update-sample/changes/")
        if years == 10:
            tab.evaluate(TEN_YEARS)
        told = [tab.locator(".matrix").nth(number).evaluate(TOLD) for number in (0, 1)]

        assert [{len(row) for row in table} for table in told] == [{years}, {years}]
        assert all(cell for table in told for row in table for cell in row)
        assert tab.evaluate("document.documentElement.scrollWidth") == 320


def test_the_first_view_of_every_kind_of_page_is_light(site, crawl, browser):
    heavy, received = {}, []
    with browser.new_context() as context:
        tab = context.new_page()
        session = context.new_cdp_session(tab)
        session.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
        session.send("Network.enable")
        # Each page comes as to somebody new.
        session.send("Network.setCacheDisabled", {"cacheDisabled": True})
        for path in crawl.kinds:
            received.clear()
            tab.goto(site + path)
            tab.evaluate("document.fonts.ready")
            assert len(received) > 3
            if sum(received) > FIRST_VIEW:
                heavy[path] = sum(received)

    assert heavy == {}


# Asked once the page is drawn: a page that still scrolls answers for where it was.
BEHIND_THE_BAR = """async () => {
  await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
  const one = document.activeElement;
  const bar = document.querySelector(".bar");
  const box = one.getBoundingClientRect();
  const hit = document.elementFromPoint(box.left + box.width / 2, box.top + Math.min(10, box.height / 2));
  return bar.contains(hit) && !bar.contains(one) && one.outerHTML;
}"""


def printed(page, *, size):
    """What each sheet of `page` says, without its spaces."""
    document = pypdfium2.PdfDocument(page.pdf(format=size))
    return ["".join(sheet.get_textpage().get_text_bounded().split()) for sheet in document]


@pytest.mark.parametrize("size", ["A4", "Letter"])
def test_a_party_prints_as_a_handout_of_two_pages_at_most(site, page, size):
    """Of LIC's plan, the longest: eleven recommendations, and two for everyone."""
    address = f"{site}/parties/sex-work-support-organizations/"
    page.goto(address)

    sheets = printed(page, size=size)
    words = "".join(sheets)

    assert len(sheets) == 2
    assert min(map(len, sheets)) > 500, "a sheet is almost empty"
    for shown in (address, "Howtoreply", "Recommendations3.1,3.2,3.3,3.4,4.1,4.2,4.3,4.4,4.5,4.6,7.1", "4.8"):
        assert shown in words
    for left_out in ("Leavethissite", "Tracesofyourvisit", "Replyabout", "CSV", "Feed"):
        assert left_out not in words


SMALLEST_LETTERS = """() => {
  const texts = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  const sizes = [];
  while (texts.nextNode()) {
    const one = texts.currentNode.parentElement;
    if (texts.currentNode.data.trim() && one.checkVisibility() && !one.closest("svg, .visually-hidden")) {
      sizes.push(parseFloat(getComputedStyle(one).fontSize));
    }
  }
  return Math.min(...sizes);
}"""


@pytest.mark.parametrize(
    ("path", "most", "shown"),
    [
        ("/", 9, "2.1"),
        ("/reports/one-year-update-2020/", 10, "RecommendationArea3:BadDateReporting"),
        ("/reports/two-year-update-sample/changes/", 9, "Everyrecommendation,reportbyreport"),
        ("/recommendations/3.2/#large-print", 5, "Howtocite"),
    ],
)
def test_a_page_prints_whole_without_what_can_only_be_pressed(site, page, path, most, shown):
    page.goto(site + path)

    sheets = printed(page, size="Letter")
    words = "".join(sheets)
    page.emulate_media(media="print")

    assert len(sheets) <= most
    assert min(map(len, sheets)) > 100, "a sheet is almost empty"
    assert "".join(page.locator(".paper-line").inner_text().split()) in sheets[0]
    assert shown in words
    for left_out in ("Skipto", "Leavethissite", "Tracesofyourvisit", "Largeprint", "XLSX", "Feed", "savesacopy"):
        assert left_out not in words
    # 18 points are 24 pixels.
    assert page.evaluate(SMALLEST_LETTERS) >= (24 if "#" in path else 9)


def test_the_keyboard_alone_reaches_everything(site, page):
    page.goto(f"{site}/")
    page.evaluate(f"document.querySelectorAll('{FOCUSABLE}').forEach((one, number) => (one.dataset.number = number))")
    shown = f"[...document.querySelectorAll('{FOCUSABLE}')].filter((one) => one.checkVisibility())"
    visible = page.evaluate(f"{shown}.map((one) => one.dataset.number)")

    reached = []
    for _ in range(len(visible)):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.dataset.number"))

    assert reached == visible


def test_the_focus_is_never_hidden_behind_the_bar(site, page):
    page.goto(f"{site}/")
    page.evaluate("scrollTo({ top: document.documentElement.scrollHeight, behavior: 'instant' })")
    hidden = []
    for _ in range(60):
        page.keyboard.press("Shift+Tab")
        hidden.append(page.evaluate(BEHIND_THE_BAR))

    assert [html for html in hidden if html] == []


def test_the_first_tab_skips_to_the_content(site, page):
    page.goto(f"{site}/reports/")

    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    assert page.evaluate("document.activeElement.id") == "content"


def test_the_keyboard_operates_the_navigation_and_the_filter(site, page):
    page.goto(f"{site}/")
    page.locator("nav a", has_text="Reports").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"{site}/reports/")

    page.goto(f"{site}/")
    page.locator("input[name=q]").focus()
    page.keyboard.type("police")
    page.keyboard.press("Enter")
    page.wait_for_url("**/?*q=police*")

    assert "of 29" in page.inner_text("main") or "of 30" in page.inner_text("main")


def test_the_keyboard_opens_and_closes_details(site, page):
    page.goto(f"{site}/data/")
    page.locator("summary").first.focus()

    page.keyboard.press("Enter")
    opened = page.evaluate("document.activeElement.parentElement.open")
    page.keyboard.press("Enter")

    assert (opened, page.evaluate("document.activeElement.parentElement.open")) == (True, False)


def test_a_row_leads_to_its_page_as_a_whole_and_its_own_links_elsewhere(site, page):
    page.goto(f"{site}/areas/3/")
    row, update = page.locator("#r3\\.2"), page.locator(".update").first
    words = row.locator(".item__text").inner_text()
    name = f"Recommendation 3.2 {words}"
    row.scroll_into_view_if_needed()
    box = row.bounding_box()

    assert row.get_by_role("heading", level=3, name=name, exact=True).is_visible()
    assert [link.inner_text() for link in row.get_by_role("link").all()][1:] == [
        "funders",
        "sex work support organizations",
    ]

    row.get_by_role("link").first.focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    ring = row.evaluate("row => getComputedStyle(row.querySelector('.row__link'), '::after')")
    assert (ring["outlineStyle"], float(ring["width"][:-2]) >= box["width"]) == ("solid", True)

    # From beside the row, words of it can be marked; what an update says can be marked anywhere.
    page.mouse.move(3, box["y"] + 10)
    page.mouse.down()
    page.mouse.move(box["x"] + 400, box["y"] + 10)
    page.mouse.up()
    assert words[:20] in page.evaluate("getSelection().toString()")
    update.locator(".prose").dblclick(position={"x": 20, "y": 8})
    assert page.evaluate("getSelection().toString()").strip() == "Invented"

    update.click(position={"x": box["width"] / 2, "y": 8})
    page.wait_for_url(re.compile("/updates/[0-9]+/$"))
    page.go_back()
    row.click(position={"x": box["width"] - 4, "y": box["height"] - 4})
    page.wait_for_url(f"{site}/recommendations/3.2/")
    page.go_back()
    row.get_by_role("link", name="funders").click()
    page.wait_for_url(f"{site}/parties/funders/")


def test_a_citation_is_copied_by_a_button_that_says_so_and_is_selected_without_scripts(site, browser, page):
    address = f"{site}/recommendations/3.2/"
    with browser.new_context(java_script_enabled=False) as context:
        tab = context.new_page()
        tab.goto(address)
        cited = " ".join(tab.locator("#cite-words").inner_text().split())
        assert tab.get_by_role("button", name="Copy").count() == 0

    page.goto(address)
    page.get_by_role("button", name="Copy the citation").click()
    said = page.locator("#cite").get_by_role("status")
    said.filter(has_text="Copied.").wait_for()
    page.goto(f"{site}/")
    page.locator("input[name=q]").press("Control+v")

    assert page.locator("input[name=q]").input_value() == cited[:200]
    assert cited.endswith(f"{site}/reports/two-year-update-sample/editions/2/#r3.2")


# What readers come for: the way from the front page, each step a role with a name, or words to search for; then what
# they look for there.
FIND = ("button", "Find")
POLICE = ("link", "law enforcement agencies")
TASKS = {
    "what police are asked, by tapping": ([("link", "Addressed to"), POLICE], "[id='r6.1'] h3"),
    "what police are asked, by searching": (["police", FIND, POLICE], "[id='r6.1'] h3"),
    "how to cite 3.2": (["3.2", FIND, ("link", "Recommendation 3.2")], "#cite-words"),
    "all updates as a spreadsheet": ([("link", "Updates")], "a[href='/data/progress.xlsx']"),
    "what a status means": ([("link", "What the statuses mean"), ("link", "No update yet")], "#no-update"),
    "how to reach the organization": ([("link", "Contact")], "#contact-heading + p a"),
    "the feed": ([("link", "Follow")], "a[href='/updates.atom']"),
    "support": ([("link", "Find support")], "#support li"),
}
PHONE = {"width": 360, "height": 640}
# How far a phone is scrolled until an element, or as much of it as fits, is in the window.
SCROLLED = """element => {
  const box = element.getBoundingClientRect();
  const by = box.top < 0 ? box.top : Math.max(0, Math.min(box.bottom - innerHeight, box.top));
  scrollBy(0, by);
  return Math.round(Math.abs(by));
}"""


def test_what_readers_come_for_is_two_taps_and_two_screens_away(site, browser):
    answers = []

    def answered(route):
        """Each task begins on the front page, which the server makes once."""
        if not answers:
            answers.append(route.fetch())
        route.fulfill(response=answers[0])

    with browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True) as context:
        tab = context.new_page()
        tab.route(f"{site}/", answered)
        efforts = {task: effort_of(tab, site, *way) for task, way in TASKS.items()}

    assert {task: effort for task, effort in efforts.items() if effort[0] > 2 or effort[1] > 2} == {}


def effort_of(tab, site, steps, goal):
    """The taps, and the screens scrolled, from the front page to the first element that `goal` selects."""
    tab.goto(f"{site}/")
    taps = scrolled = 0
    for step in steps:
        if isinstance(step, str):
            tab.locator("main input[name=q]").fill(step)
            continue
        role, name = step
        found, before = tab.get_by_role(role, name=name).first, tab.url
        scrolled += found.evaluate(SCROLLED)
        found.tap()
        tab.wait_for_url(lambda url, before=before: url != before)
        taps += 1
    scrolled += tab.locator(goal).first.evaluate(SCROLLED)
    return taps, scrolled / PHONE["height"]


@pytest.fixture
def elsewhere(page):
    """What “Leave this site” leads to, answered here: nothing in the tests leaves this machine."""
    address = "https://weather.gc.ca/"
    page.context.route(
        f"{address}**", lambda route: route.fulfill(body="<title>Weather</title>", content_type="text/html")
    )
    return address


def is_clear(tab):
    return tab.evaluate(
        "!document.querySelector('.leave-cover') && !document.documentElement.classList.contains('is-leaving')"
    )


@pytest.mark.parametrize("way", ["click", "enter", "shift", "overlapping"])
def test_the_leave_button_leaves_at_once_and_back_leads_to_no_stuck_overlay(site, page, elsewhere, way):
    page.goto(f"{site}/safety/")
    page.goto(f"{site}/statuses/")
    if way == "click":
        page.click("a.leave")
    elif way == "enter":
        page.focus("a.leave")
        page.keyboard.press("Enter")
    elif way == "overlapping":
        # One key is held, and repeats, while the other one is pressed: two presses. The third is on its own.
        for key in ("ShiftLeft", "ShiftLeft", "ShiftRight"):
            page.keyboard.down(key)
        for key in ("ShiftLeft", "ShiftRight"):
            page.keyboard.up(key)
        page.keyboard.press("ShiftRight")
    else:
        for _ in range(3):
            page.keyboard.press("Shift")
    page.wait_for_url(elsewhere)

    page.go_back()

    # The page that was left is not behind Back; the one before it is, and shows.
    assert page.url == f"{site}/safety/"
    assert is_clear(page)


def test_a_leave_address_that_cannot_be_reached_leaves_no_stuck_overlay(site, page):
    page.context.route("https://weather.gc.ca/**", lambda route: route.abort())
    page.goto(f"{site}/safety/")
    page.goto(f"{site}/statuses/")
    page.click("a.leave")
    page.wait_for_url(lambda url: not url.startswith(site))

    page.go_back()

    assert page.url.startswith(site)
    assert is_clear(page)


def test_another_key_resets_the_count_of_shifts(site, page, elsewhere):
    page.goto(f"{site}/safety/")

    for key in ("Shift", "Shift", "a", "Shift"):
        page.keyboard.press(key)
    after_reset = page.get_attribute("a.leave", "data-presses")
    page.keyboard.press("Shift+Tab")
    for _ in range(4):
        page.keyboard.down("ShiftLeft")
    page.keyboard.press("a")
    page.keyboard.up("ShiftLeft")

    assert after_reset == "1"
    assert page.get_attribute("a.leave", "data-presses") is None
    assert page.url == f"{site}/safety/"


def test_on_a_phone_support_is_one_tap_away_and_buttons_are_seen_in_forced_colours(site, browser):
    with browser.new_context(viewport={"width": 360, "height": 640}, forced_colors="active") as context:
        tab = context.new_page()
        tab.goto(f"{site}/")
        tops = tab.locator(".nav li").evaluate_all("all => all.map(one => Math.round(one.getBoundingClientRect().top))")
        borders = tab.locator("a.leave, form .button").evaluate_all(
            "all => all.map(one => getComputedStyle(one).borderBlockStartWidth)"
        )
        tab.click("text=Find support")
        number = tab.locator("a[href='tel:+1-604-555-0123']").bounding_box()
        leave = tab.locator("a.leave").bounding_box()
        tab.click(".nav >> text=More")

        assert len(set(tops)) == 2
        assert borders == ["2px", "1px"]
        assert leave["y"] + leave["height"] < number["y"] < 640
        assert tab.locator("#more a").last.bounding_box()["y"] < 640


def test_the_leave_button_is_an_ordinary_link_without_javascript(site, browser):
    with browser.new_context(java_script_enabled=False) as context:
        tab = context.new_page()
        context.route("https://weather.gc.ca/**", lambda route: route.fulfill(body="Weather", content_type="text/html"))
        tab.goto(f"{site}/")
        tab.click("a.leave")
        tab.wait_for_url("https://weather.gc.ca/")
