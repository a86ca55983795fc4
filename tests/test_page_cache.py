"""The page cache: what it keeps and for how long, in which encodings, and that nothing it sends is stale."""

import datetime as dt
import gzip
import itertools
import os
import re
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from html import unescape
from subprocess import PIPE, Popen
from threading import Barrier, BrokenBarrierError, Event
from types import SimpleNamespace

import brotli
import pytest
from django.apps import apps
from django.core.wsgi import WSGIHandler
from django.db import InterfaceError, OperationalError, connection, connections, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from recommendations.models import ActionPlan, ProgressUpdate, ReminderSent
from recommendations.models.content_version import (
    DIGITS,
    PRIVATE,
    TRIGGER,
    content_version,
    unwatch_content,
    version_for_page_cache,
    watch_content,
    watched_tables,
)
from recommendations.public import base
from recommendations.public import urls as public_urls
from recommendations.public.base import current_plan, live
from recommendations.publishing.takedowns import take_down
from recommendations.templatetags.tracker import accent_address
from tests.factories import make_area, make_logo, make_party, make_recommendation, make_update
from tests.wsgi import asked_of
from tracker import page_cache
from tracker.page_cache import PageCache, best_encoding, is_known

PAGE = b"<p>" + b"What is said on the page. " * 100
MONDAY = dt.date(2026, 11, 30)
ENCODED = {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}


def away(environ, start_response):
    start_response("503 Service Unavailable", [])
    return []


class Site:
    """A page cache in front of `answer`, which is called for each path; what a visitor gets, and how often it asked."""

    def __init__(self, answer=None, **options):
        self.version, self.day, self.asked = "one", MONDAY, []
        self.answers = answer or (lambda path: ("200 OK", [("Content-Type", "text/html"), ("ETag", '"e"')], PAGE))
        self.cache = PageCache(
            self.application,
            **{"version": lambda: self.version, "today": lambda: self.day, "secure_header": None, "away": away}
            | options,
        )

    def application(self, environ, start_response):
        self.asked.append(environ["PATH_INFO"])
        status, headers, body = self.answers(environ["PATH_INFO"])
        start_response(status, headers)
        return [body]

    def get(self, path="/", *, method="GET", **environ):
        return asked_of(self.cache, path, method=method, **environ)

    def change(self):
        self.version += "+"
        self.look_again()

    def look_again(self):
        """As if a second had passed."""
        self.cache.read_at -= page_cache.READ_EVERY


def test_probes_that_a_mute_database_holds_up_are_few():
    site = Site()
    taken = [site.cache.probes.acquire(blocking=False) for _one in range(page_cache.MOST_PROBES)]

    assert taken == [True] * page_cache.MOST_PROBES
    assert site.get("/healthz")[0] == 503
    site.cache.probes.release()
    assert [site.get("/healthz")[0] for _one in range(3)] == [200] * 3


def test_a_page_is_rendered_once_until_something_changes():
    site = Site()

    first, second = site.get(), site.get()
    site.change()
    third = site.get()

    assert first == second == third
    assert site.asked == ["/", "/"]


def test_a_page_is_rendered_anew_on_another_day():
    site = Site()

    site.get()
    site.day += dt.timedelta(days=1)
    site.look_again()
    site.get()

    assert site.asked == ["/", "/"]


def test_the_version_is_read_before_rendering_and_at_most_once_a_second():
    read = []
    site = Site(version=lambda: read.append(len(site.asked)) or "one")

    for _ in range(3):
        site.get()

    assert read == [0]


def test_a_database_that_never_answers_is_asked_by_one_visitor_a_second(monkeypatch):
    now, asked = [0.0], []

    def time_out():
        asked.append("version")
        now[0] += 5

    monkeypatch.setattr(page_cache, "time", SimpleNamespace(monotonic=lambda: now[0]))
    site = Site(version=time_out)

    for _ in range(3):
        site.get()

    assert asked == ["version"]


@pytest.mark.parametrize("failure", [OperationalError, InterfaceError])
def test_nothing_is_sent_while_the_database_is_away_and_the_log_says_so_once(failure, caplog):
    failures, read = [], []

    def version():
        read.append("version")
        if failures:
            raise failures[0]
        return "one"

    site = Site(version=version)
    site.get()
    failures.append(failure("connection refused\nIs the server running?"))
    for _ in range(2):
        site.look_again()
        statuses = [site.get(path)[0] for path in ("/", "/another", "/?q=a", "/admin/", "/healthz")]
        assert statuses == [503, 503, 503, 503, 200]
    failures.clear()
    site.look_again()

    assert site.get()[2] == PAGE
    assert len(read) == 4
    assert site.asked == ["/", "/healthz", "/healthz"]
    assert [record.getMessage() for record in caplog.records] == [
        "The database can't be asked, and nobody gets a page: connection refused",
        "The database can be asked again.",
    ]


def test_nobody_waits_long_for_another_who_asks_a_silent_database(monkeypatch):
    monkeypatch.setattr(page_cache, "LONGEST_READ", 0.01)
    begun, may_end = Event(), Event()

    def silent():
        begun.set()
        assert may_end.wait(30)
        raise OperationalError

    site = Site(version=silent)
    with ThreadPoolExecutor(1) as another:
        asking = another.submit(site.get)
        assert begun.wait(30)

        assert site.get()[0] == 503
        assert site.get("/healthz")[0] == 200
        may_end.set()
        assert asking.result()[0] == 503
    assert site.asked == ["/healthz"]


def test_a_page_that_others_wait_for_is_not_made_once_the_database_is_away():
    site = Site()
    render = site.answers

    def answer(path):
        while site.cache.turns["testserver", "http", "/"].waiting < 3:
            time.sleep(0.001)
        site.look_again()
        site.cache.version = fail
        return render(path)

    def fail():
        raise OperationalError

    site.answers = answer
    with ThreadPoolExecutor(3) as visitors:
        statuses = sorted(one.result()[0] for one in [visitors.submit(site.get) for _ in range(3)])

    assert statuses == [200, 503, 503]
    assert site.asked == ["/"]


def test_what_changes_while_a_page_is_rendered_is_not_kept():
    site = Site()
    render = site.answers

    def answer(path):
        site.change()
        site.cache.valid_now()
        return render(path)

    site.answers = answer
    site.get()
    site.answers = render
    site.get()
    site.get()

    assert site.asked == ["/", "/"]


@pytest.mark.parametrize(
    ("path", "environ"),
    [
        ("/admin/", {}),
        ("/healthz", {}),
        ("/?q=police", {}),
        ("/", {"HTTP_COOKIE": "a=b"}),
        ("/", {"HTTP_AUTHORIZATION": "Basic x"}),
        ("/", {"HTTP_RANGE": "bytes=0-1"}),
        ("/", {"HTTP_IF_MATCH": '"x"'}),
        ("/", {"CONTENT_LENGTH": "3"}),
        ("/", {"HTTP_TRANSFER_ENCODING": "chunked"}),
        ("/" + "a" * 600, {}),
        ("/", {"HTTP_HOST": "a" * 600}),
        # Two headers of that name, joined by the server, and what Django doesn't take for a host.
        ("/", {"HTTP_HOST": "testserver,evil"}),
        ("/", {"HTTP_HOST": "testserver:80,evil"}),
        ("/", {"HTTP_HOST": "testserver:80:evil"}),
        ("/", {"HTTP_HOST": "testserver:evil"}),
        ("/", {"HTTP_HOST": "testserver:80/evil"}),
        ("/", {"HTTP_HOST": "[::1]evil"}),
        ("/", {"HTTP_HOST": ""}),
    ],
)
def test_what_may_be_answered_in_another_way_is_passed_on(path, environ):
    site = Site()
    site.get("/")
    site.get("/", HTTP_HOST="[::1]")

    site.get(path, **environ)
    site.get(path, **environ)

    assert len(site.asked) == 4
    assert len(site.cache.copies) == 2


@pytest.mark.parametrize("method", ["POST", "OPTIONS", "PUT"])
def test_only_reading_is_answered_from_the_cache(method):
    site = Site()
    site.get()

    site.get(method=method)

    assert len(site.asked) == 2


@pytest.mark.parametrize(
    ("status", "header"),
    [
        ("404 Not Found", ("X-A", "b")),
        ("410 Gone", ("X-A", "b")),
        ("301 Moved Permanently", ("Location", "/")),
        ("500 Internal Server Error", ("X-A", "b")),
        ("200 OK", ("Cache-Control", "max-age=0, No-Store")),
        ("200 OK", ("Vary", "Cookie")),
        ("200 OK", ("Set-Cookie", "a=b")),
    ],
)
def test_nothing_but_a_page_for_everyone_is_kept(status, header):
    site = Site(lambda path: (status, [("Content-Type", "text/html"), header], PAGE))

    (code, headers, body), (_code, _headers, zipped) = site.get(), site.get(HTTP_ACCEPT_ENCODING="gzip")

    assert (code, headers[header[0]], body) == (int(status[:3]), header[1], PAGE)
    assert zipped == PAGE if header[0] in ("Vary", "Set-Cookie") else gzip.decompress(zipped) == PAGE
    assert "ETag" not in headers
    assert site.asked == ["/", "/"]
    assert not site.cache.copies


def test_without_a_version_nothing_is_kept():
    site = Site(version=lambda: None)

    site.get()
    site.get()

    assert site.asked == ["/", "/"]


def test_copies_differ_by_host_scheme_and_path_but_not_by_port():
    site = Site(secure_header=("HTTP_FORWARDED", "proto=https"))

    for environ in (
        {},
        {"HTTP_HOST": "testserver:8000"},
        {"HTTP_HOST": "TESTSERVER"},
        {"HTTP_HOST": "testserver."},
        {"HTTP_HOST": "another"},
        {"HTTP_HOST": "[::1]:8000"},
        {"HTTP_HOST": "[::1]"},
        {"HTTP_FORWARDED": "proto=https, proto=http"},
        {"HTTP_FORWARDED": "proto=https"},
        {"HTTP_FORWARDED": "proto=http"},
    ):
        site.get(**environ)
    site.get("/areas/1/")

    assert [(host, scheme, path) for host, scheme, path in site.cache.copies] == [
        ("another", "http", "/"),
        ("[::1]", "http", "/"),
        ("testserver", "https", "/"),
        ("testserver", "http", "/"),
        ("testserver", "http", "/areas/1/"),
    ]
    assert len(site.asked) == 5


@pytest.mark.parametrize(
    ("accepted", "sent"),
    [
        ("", None),
        ("gzip, deflate, br, zstd", "br"),
        ("gzip", "gzip"),
        ("GZIP;Q=0.5", "gzip"),
        ("gzip;q=1.0, br;q=0.5", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("*", "br"),
        ("*;q=0", None),
        ("gzip;q=0", None),
        ("identity, gzip;q=0.5", None),
        ("identity;q=0.5, gzip;q=0.6", "gzip"),
        ("br;q=x, gzip", "gzip"),
        ("br;q=nan, gzip", "gzip"),
        (";;,,=", None),
    ],
)
def test_the_encoding_is_the_best_that_is_accepted(accepted, sent):
    site = Site()

    for method in ("GET", "HEAD"):
        status, headers, body = site.get(HTTP_ACCEPT_ENCODING=accepted, method=method)

        assert status == 200
        assert headers.get("Content-Encoding") == sent
        assert headers["Vary"] == "Accept-Encoding"
        assert headers["ETag"] == ('W/"e"' if sent else '"e"')
        if method == "GET":
            assert ENCODED[sent](body) == PAGE
            length = str(len(body))
        assert headers["Content-Length"] == length
    assert body == b""
    assert site.asked == ["/"]


def test_what_is_compressed_within_is_sent_as_it_is():
    site = Site(lambda path: ("200 OK", [("Content-Type", "application/pdf"), ("Content-Length", "900")], b"x" * 900))

    _status, headers, body = site.get(HTTP_ACCEPT_ENCODING="br, gzip")

    assert "Content-Encoding" not in headers
    assert "Vary" not in headers
    assert (headers["Content-Length"], len(body)) == ("900", 900)


@pytest.mark.parametrize("known", ['"e"', 'W/"e"', '"a", W/"e"', "*"])
@pytest.mark.parametrize("accepted", ["", "br"])
def test_who_has_the_page_already_is_told_so(known, accepted):
    site = Site()

    for _ in range(2):
        status, headers, body = site.get(HTTP_IF_NONE_MATCH=known, HTTP_ACCEPT_ENCODING=accepted)

        assert (status, body) == (304, b"")
        assert headers["Vary"] == "Accept-Encoding"
        assert headers["ETag"].removeprefix("W/") == '"e"'
        assert not {"Content-Type", "Content-Length", "Content-Encoding"} & set(headers)
    assert site.asked == ["/"]


def test_who_has_another_page_gets_this_one():
    assert Site().get(HTTP_IF_NONE_MATCH='"f"')[0] == 200


def test_copies_are_bounded_in_bytes_and_the_longest_unread_goes_first():
    site = Site(most_bytes=3 * len(PAGE))

    for path in ("/a", "/b", "/a", "/c"):
        site.get(path)

    assert [path for _host, _scheme, path in site.cache.copies] == ["/a", "/c"]


def test_what_a_copy_holds_is_counted_in_every_encoding():
    noise = os.urandom(5_000)
    site = Site(lambda path: ("200 OK", [("Content-Type", "text/html")], noise))

    for accepted in ("", "gzip", "br", "gzip", "br"):
        site.get(HTTP_ACCEPT_ENCODING=accepted)

    (copy,) = site.cache.copies.values()
    held = len(noise) + sum(map(len, copy.encoded.values()))
    assert held > 3 * len(noise) - 10
    assert held < site.cache.size == copy.counted == copy.size < held + 1_000
    site.cache.most_bytes = held
    site.get()
    site.get("/b")
    assert [path for _host, _scheme, path in site.cache.copies] == ["/b"]
    assert site.cache.size == site.cache.copies["testserver", "http", "/b"].counted


def test_two_headers_of_a_name_stay_two():
    sent = [("Content-Type", "text/html"), ("Link", "</a>"), ("Link", "</b>")]
    started = []
    cache = Site(lambda path: ("200 OK", sent, PAGE)).cache

    for _ in range(2):
        environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/", "HTTP_HOST": "a", "wsgi.url_scheme": "http"}
        cache(environ, lambda status, headers: started.append(headers))

    assert [[value for name, value in headers if name == "Link"] for headers in started] == [["</a>", "</b>"]] * 2


def test_what_is_too_large_to_be_kept_is_compressed_and_known_all_the_same():
    body = b"large " * (page_cache.LARGEST_COPY // 6 + 1)
    site = Site(lambda path: ("200 OK", [("Content-Type", "text/html"), ("ETag", '"e"')], body))

    assert brotli.decompress(site.get(HTTP_ACCEPT_ENCODING="br")[2]) == body
    assert site.get(HTTP_IF_NONE_MATCH='"e"')[0] == 304
    assert not site.cache.copies


def test_a_page_that_is_too_large_is_sent_and_not_kept():
    body = b"x" * (page_cache.LARGEST_COPY + 1)
    site = Site(lambda path: ("200 OK", [("Content-Type", "text/html")], body))

    assert site.get()[2] == body
    assert not site.cache.copies


def test_two_hundred_visitors_wait_for_one_render():
    begun, may_end = Event(), Event()
    site = Site()
    render = site.answers

    def answer(path):
        begun.set()
        assert may_end.wait(30)
        return render(path)

    site.answers = answer
    with ThreadPoolExecutor(50) as visitors:
        answers = [visitors.submit(site.get) for _ in range(200)]
        assert begun.wait(30)
        may_end.set()
        bodies = {answer.result()[2] for answer in answers}

    assert bodies == {PAGE}
    assert site.asked == ["/"]


def test_those_who_waited_while_something_changed_get_what_is_made_of_it_once():
    site = Site()
    render, waiting = site.answers, Event()

    def answer(path):
        waiting.set()
        while site.cache.turns["testserver", "http", "/"].waiting < 20:
            time.sleep(0.001)
        if len(site.asked) == 1:
            site.change()
        return render(path)

    site.answers = answer
    with ThreadPoolExecutor(20) as visitors:
        first = visitors.submit(site.get)
        assert waiting.wait(30)
        site.answers = render
        others = [visitors.submit(site.get) for _ in range(19)]
        assert {one.result()[0] for one in (first, *others)} == {200}

    assert site.asked == ["/", "/"]
    assert not site.cache.turns


def test_one_page_that_takes_long_holds_up_no_other():
    begun, may_end = Event(), Event()
    site = Site()
    render = site.answers

    def answer(path):
        if path == "/long":
            begun.set()
            assert may_end.wait(30)
        return render(path)

    site.answers = answer
    with ThreadPoolExecutor(1) as another:
        long = another.submit(site.get, "/long")
        assert begun.wait(30)
        assert {site.get(f"/{number}")[0] for number in range(200)} == {200}
        may_end.set()
        assert long.result()[0] == 200


def test_a_render_that_fails_leaves_the_next_one_free():
    site = Site()
    render, failures = site.answers, itertools.count()

    def answer(path):
        if next(failures) == 0:
            raise MemoryError
        return render(path)

    site.answers = answer
    with pytest.raises(MemoryError):
        site.get()

    assert site.get()[0] == 200


def test_etags_are_compared_weakly():
    assert is_known('W/"a"', '"a"')
    assert not is_known('"a"', "")
    assert not is_known('"a"', '"b", "c"')
    assert best_encoding("br") == "br"


# The content version


def triggers_of(table):
    """How many of the triggers of `table` there are."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(
                "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s AND name LIKE %s",
                [table, f"%_{TRIGGER}"],
            )
        else:
            cursor.execute(
                "SELECT count(*) FROM pg_trigger WHERE tgrelid = %s::regclass AND tgname LIKE %s",
                [table, f"{TRIGGER}%"],
            )
        return cursor.fetchone()[0]


@pytest.mark.django_db
def test_every_table_is_watched_or_named_as_private():
    models = apps.get_app_config("recommendations").get_models(include_auto_created=True)
    tables = {model.__name__: model._meta.db_table for model in models if not model.__name__.startswith("Historical")}
    watched = {name for name, table in tables.items() if triggers_of(table)}

    assert set(tables) - watched == PRIVATE
    assert {tables[name] for name in watched} == set(watched_tables(connection))
    assert {triggers_of(tables[name]) for name in watched} == {3 if connection.vendor == "sqlite" else 2}


@pytest.mark.django_db(transaction=True)
def test_each_change_moves_the_version_however_it_is_made():
    update = make_update(statuses={make_recommendation(): "planned"})
    seen = [content_version()]

    def passed():
        seen.append(content_version())
        return seen[-1] != seen[-2]

    assert len(seen[0]) == 32
    assert not passed()
    update.save()
    assert passed()
    ProgressUpdate.objects.update(text="Other words.")
    assert passed()
    with transaction.atomic():
        make_recommendation()
        make_recommendation()
    assert passed()
    with transaction.atomic():
        make_recommendation()
        transaction.set_rollback(True)
    assert not passed()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM recommendations_assessment")
    assert passed()
    ReminderSent.objects.create(key="a", sent_at=timezone.now())
    assert not passed()


@pytest.mark.django_db(transaction=True)
def test_nothing_is_kept_while_a_migration_runs_nor_taken_for_new_after_it():
    old = content_version()
    unwatch_content()
    try:
        assert content_version() is None
    finally:
        watch_content()

    before = content_version()
    assert before not in (None, old, "0" * DIGITS)
    ActionPlan.objects.create(title="A plan", organisation_name="A")
    assert content_version() not in (None, before)


# In front of Django

# One of each pattern of addresses; `update` is the newest one's id.
PAGES = {
    "progress": "/",
    "area": "/areas/3/",
    "recommendation": "/recommendations/3.2/",
    "parties": "/parties/",
    "party": "/parties/funders/",
    "updates": "/updates/",
    "update": "/updates/{update}/",
    "corrections": "/corrections/",
    "reports": "/reports/",
    "editions": "/reports/editions.json",
    "report": "/reports/two-year-update-sample/",
    "changes": "/reports/two-year-update-sample/changes/",
    "report-pdf": "/reports/one-year-update-2020/report.pdf",
    "edition": "/reports/two-year-update-sample/editions/1/",
    "edition-pdf": "/reports/one-year-update-2020/editions/1/report.pdf",
    "edition-snapshot": "/reports/one-year-update-2020/editions/1/snapshot.json",
    "statuses": "/statuses/",
    "media": "/media/",
    "about": "/about/",
    "privacy": "/privacy/",
    "accessibility": "/accessibility/",
    "safety": "/safety/",
    "data": "/data/",
    "data-csv": "/data/recommendations.csv",
    "data-json": "/data/progress.json",
    "data-xlsx": "/data/progress.xlsx",
    "data-schema-1": "/data/progress.schema.json",
    "data-schema": "/data/progress-5.schema.json",
    "data-package": "/data/datapackage.json",
    "updates-feed": "/updates.atom",
    "area-feed": "/areas/3/updates.atom",
    "party-feed": "/parties/funders/updates.atom",
    "recommendation-feed": "/recommendations/3.2/updates.atom",
    "accent": "/accent-{accent}.css",
    "logo": "/logos/{logo}",
    "robots": "/robots.txt",
    "sitemap": "/sitemap.xml",
    "security-txt": "/.well-known/security.txt",
    "favicon": "/favicon.ico",
    "healthz": "/healthz",
}


def in_front_of_django():
    """The cache as wsgi.py makes it."""
    return PageCache(
        WSGIHandler(), version=version_for_page_cache, today=timezone.localdate, secure_header=None, away=away
    )


def public_pages():
    """The PAGES of the sample, with an accent colour and a logo."""
    plan = ActionPlan.objects.get()
    plan.accent_colour = "#225588"
    plan.save()
    logo = make_logo(plan=plan).image
    update = ProgressUpdate.objects.filter(published_at__isnull=False).latest("dated_on", "pk")
    words = {
        "update": update.pk,
        "accent": accent_address(plan.accent_colour)[8:-4],
        "logo": logo.get_absolute_url()[7:],
    }
    return {name: path.format(**words) for name, path in PAGES.items()}


def alike(answer):
    """An answer without what differs between two compressions of the same bytes."""
    status, headers, body = answer
    headers = {name: value for name, value in headers.items() if name != "Content-Length" or not body}
    encoding = headers.pop("Content-Encoding", None)
    headers["ETag"] = headers.get("ETag", "").removeprefix("W/")
    return status, headers, ENCODED[encoding](body)


@pytest.mark.django_db(transaction=True)
def test_every_page_is_as_django_makes_it_in_each_encoding_by_each_method(sample):
    pages = public_pages()
    assert set(pages) == {pattern.name for pattern in public_urls.urlpatterns}
    cache, django = in_front_of_django(), WSGIHandler()
    for name, path in pages.items():
        made = asked_of(django, path)
        for accepted in ("", "gzip", "br"):
            of_django = made if accepted == "" else asked_of(django, path, HTTP_ACCEPT_ENCODING="gzip")
            for _again in range(2):
                assert alike(asked_of(cache, path, HTTP_ACCEPT_ENCODING=accepted)) == alike(of_django), (name, accepted)
            head = asked_of(cache, path, HTTP_ACCEPT_ENCODING=accepted, method="HEAD")
            assert head[:2] == asked_of(cache, path, HTTP_ACCEPT_ENCODING=accepted)[:2], (name, accepted)
            assert head[2] == b"" or name == "healthz"
        if "ETag" in made[1]:
            of_cache, of_django = (asked_of(one, path, HTTP_IF_NONE_MATCH=made[1]["ETag"]) for one in (cache, django))
            # Django's 304 lacks some of the headers of the page.
            of_django[1].pop("Content-Length", None)
            assert of_cache[::2] == of_django[::2] == (304, b""), name
            assert of_django[1].items() <= of_cache[1].items(), name
    not_kept = {path for name, path in pages.items() if name in ("favicon", "healthz")}
    assert {path for *_, path in cache.copies} == {*pages.values()} - not_kept
    assert cache.size == sum(copy.size for copy in cache.copies.values())


@pytest.mark.django_db(transaction=True)
def test_nothing_stale_is_sent(sample, user, monkeypatch):
    monkeypatch.setattr(page_cache, "READ_EVERY", 0)
    cache = in_front_of_django()
    update = ProgressUpdate.objects.filter(published_at__isnull=False).latest("dated_on", "pk")
    told = update.text.splitlines()[0]
    page = f"/updates/{update.pk}/"
    assert told in unescape(asked_of(cache, page)[2].decode())
    take_down(update, reason="Safety.", by=user, at=timezone.now())

    for path in (page, "/updates/", "/", "/updates.atom", "/data/updates.csv"):
        status, _headers, body = asked_of(cache, path)
        assert told not in unescape(body.decode()), path
        assert status == (410 if path == page else 200)


@pytest.mark.django_db(transaction=True)
def test_the_snapshot_of_today_is_made_once_until_something_changes():
    recommendation = make_recommendation()
    first = live(current_plan())

    assert live(current_plan()) is first
    make_update(statuses={recommendation: "planned"})
    second = live(current_plan())
    assert second is not first
    assert second.recommendations[0].status.key == "planned"
    with transaction.atomic():
        assert live(current_plan()) is not second
    assert live(current_plan()) is second


@pytest.mark.django_db(transaction=True)
def test_for_pages_that_are_asked_for_together_the_snapshot_is_made_once(monkeypatch):
    make_recommendation()
    plan, together, made = current_plan(), Barrier(2), []

    class Today(base.Today):
        def __init__(self, *args, **options):
            super().__init__(*args, **options)
            # The other one comes here, too, unless it waits for its turn.
            with suppress(BrokenBarrierError):
                together.wait(0.2)

    monkeypatch.setattr(base, "Today", Today)
    monkeypatch.setattr(base, "snapshot", lambda plan, **options: made.append(plan))

    def ask(_number):
        live(plan)
        connections.close_all()

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(ask, range(2)))

    assert len(made) == 1


@pytest.mark.django_db(transaction=True)
def test_the_snapshot_that_is_kept_has_the_plan_as_it_is_by_then():
    make_recommendation()
    read_before = current_plan()
    changed = current_plan()
    changed.introduction = "Said while the page was being made."
    changed.save()

    assert live(read_before).plan.introduction == "Said while the page was being made."
    assert live(current_plan()).plan.introduction == "Said while the page was being made."


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("count", [1, 30])
def test_with_the_snapshot_kept_pages_ask_for_little_more(client, count):
    area, party = make_area(), make_party()
    for _ in range(count):
        update = make_update(statuses={make_recommendation(area=area, parties=[party]): "planned"})
    live(current_plan())
    client.get("/updates.atom")

    asked = {}
    pages = ("/", "/areas/1/", "/parties/", "/updates/", f"/updates/{update.pk}/")
    for address in (*pages, "/sitemap.xml", "/areas/1/updates.atom"):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        asked[address] = len(queries)

    assert list(asked.values()) == [6, 5, 5, 5, 9, 4, 6]


@pytest.mark.django_db(transaction=True)
def test_readers_meet_nothing_older_than_what_stood_when_they_asked(monkeypatch):
    monkeypatch.setattr(page_cache, "READ_EVERY", 0)
    cache = in_front_of_django()
    recommendation = make_recommendation()
    told = make_update(statuses={recommendation: "planned"}, text="Told 0.", private_note="Between ourselves.")
    draft = make_update(statuses={recommendation: "ongoing"}, text="A draft.", published=False)
    stands, stale, has_ended = [0], [], Event()

    def read(path):
        try:
            while not has_ended.is_set():
                at_least = stands[0]
                page = unescape(asked_of(cache, path)[2].decode())
                found = re.search(r"Told (\d+)\.", page)
                if int(found[1]) < at_least or "A draft." in page or "ourselves" in page:
                    stale.append(page)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(3) as readers:
        reading = [readers.submit(read, path) for path in ("/", f"/updates/{told.pk}/", "/updates.atom")]
        for number in range(1, 15):
            ProgressUpdate.objects.filter(pk=told.pk).update(text=f"Told {number}.")
            stands[0] = number
            draft.save()
            time.sleep(0.02)
        has_ended.set()
    assert [reader.result() for reader in reading] == [None] * 3
    assert stale == []


# Answers from its own page cache, to addresses that stand on its input.
ANOTHER_PROCESS = """
import sys
from django.conf import settings
settings.DATABASES["default"]["NAME"] = sys.argv[1]
settings.ALLOWED_HOSTS = ["testserver"]
import django
django.setup()
from tests.test_page_cache import in_front_of_django
from tests.wsgi import asked_of
cache = in_front_of_django()
for line in sys.stdin:
    print(repr(asked_of(cache, line.strip())[2]), flush=True)
"""


@pytest.mark.django_db(transaction=True)
def test_another_process_serves_a_change_within_a_second():
    update = make_update(statuses={make_recommendation(): "planned"}, text="The old words.")
    page = f"/updates/{update.pk}/"
    command = [sys.executable, "-c", ANOTHER_PROCESS, str(connection.settings_dict["NAME"])]
    with Popen(command, stdin=PIPE, stdout=PIPE, text=True) as process:

        def says():
            process.stdin.write(f"{page}\n")
            process.stdin.flush()
            return process.stdout.readline()

        assert "The old words." in says()
        ProgressUpdate.objects.filter(pk=update.pk).update(text="The new words.")
        # Whatever it read last, it read before the change or after it: after this time it has to look again.
        time.sleep(page_cache.READ_EVERY)
        assert "The new words." in says()
        process.stdin.close()
