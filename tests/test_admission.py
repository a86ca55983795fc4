"""How many requests of a kind get through at once, and that readers always do."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from tests.wsgi import asked_of
from tracker.admission import MOST_KNOWN, SHARES, SIGNED_IN, Admission, kind_of, places
from tracker.page_cache import PageCache


def ok(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain"), ("Cache-Control", "no-cache")])
    return [b"ok"]


def refused(environ, start_response, status):
    start_response(f"{status} Refused", [])
    return []


def kept(application, admission):
    """`application` behind the page cache, as in_front puts it."""
    today = lambda: dt.date(2026, 11, 27)  # noqa: E731
    return PageCache(
        application, version=lambda: "1", today=today, secure_header=None, away=refused, admission=admission
    )


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", None),
        ("/areas/1/", None),
        ("/healthz", None),
        ("/accent-0a5c5c-1.css", None),
        ("/?q=a", "made"),
        ("/data/progress.xlsx", "made"),
        ("/data/updates.csv", "made"),
        ("/data/progress.json", "made"),
        ("/reports/one/report.pdf", "made"),
        ("/areas/1/updates.atom", "made"),
        ("/sitemap.xml", "made"),
        ("/admin/", "staff"),
        ("/admin/recommendations/report/?q=a", "staff"),
    ],
)
def test_a_request_is_of_one_kind(path, kind):
    path, _, query = path.partition("?")

    assert kind_of({"PATH_INFO": path, "QUERY_STRING": query}) == kind


@pytest.mark.parametrize("threads", range(4, 65))
def test_the_shares_leave_a_thread_for_readers(threads):
    assert sum(places(share, threads=threads) for share in SHARES) < threads


@pytest.mark.parametrize("slow", ["/?q=a", "/data/progress.csv", "/admin/"])
def test_a_kind_has_its_share_of_the_threads_and_readers_have_the_rest(slow):
    begun, may_end = [], Event()

    def waiting(environ, start_response):
        if kind_of(environ):
            begun.append(environ)
            assert may_end.wait(30)
        return ok(environ, start_response)

    admission = Admission(threads=8, refuse=refused)
    application = kept(waiting, admission)
    share = 2
    with ThreadPoolExecutor(8) as threads:
        admitted = [threads.submit(asked_of, application, slow) for _ in range(share)]
        kind = "strangers" if slow == "/admin/" else "made"
        while admission.places[kind]._value:
            pass

        assert asked_of(application, slow)[0] == 503
        assert asked_of(application, "/")[0] == 200
        may_end.set()
        assert [one.result()[0] for one in admitted] == [200] * share
    assert asked_of(application, slow)[0] == 200


def test_strangers_at_the_staffs_door_leave_places_to_those_who_signed_in():
    admission = Admission(threads=8, refuse=refused, session=lambda environ: environ.get("HTTP_COOKIE", ""))

    def staffs(environ, start_response):
        environ[SIGNED_IN] = environ.get("HTTP_COOKIE") == "true"
        return ok(environ, start_response)

    application = kept(staffs, admission)
    for cookie in ("true", "made up", ""):
        assert asked_of(application, "/admin/", HTTP_COOKIE=cookie)[0] == 200
    for place in (admission.places["strangers"], admission.places["staff"]):
        for _one in range(2):
            assert place.acquire(blocking=False)

    statuses = {cookie: asked_of(application, "/admin/", HTTP_COOKIE=cookie)[0] for cookie in ("true", "made up", "")}

    assert statuses == {"true": 200, "made up": 503, "": 503}
    assert admission.places["staff"].acquire(blocking=False)
    assert asked_of(application, "/admin/", HTTP_COOKIE="true")[0] == 503


def test_the_sessions_that_are_known_are_bounded():
    admission = Admission(threads=8, refuse=refused)

    for number in range(MOST_KNOWN + 1):
        admission.remember(str(number))

    assert len(admission.known) == MOST_KNOWN
    assert "0" not in admission.known


def test_a_file_that_is_kept_takes_no_share():
    application = kept(ok, Admission(threads=4, refuse=refused))
    asked_of(application, "/data/updates.csv")
    assert application.admission.places["made"].acquire(blocking=False)

    assert asked_of(application, "/data/updates.csv")[0] == 200
    assert asked_of(application, "/data/statuses.csv")[0] == 503


def test_a_failure_gives_its_place_back():
    def failing(environ, start_response):
        raise MemoryError

    application = kept(failing, Admission(threads=4, refuse=refused))
    for _ in range(3):
        with pytest.raises(MemoryError):
            asked_of(application, "/?q=a")
