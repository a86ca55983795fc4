"""The headers, the caching and the compression of every answer."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import pytest
from django.conf import settings
from django.db import OperationalError
from django.http import HttpResponse
from django.test import Client

from recommendations.models import Status
from tests.factories import make_plan, make_recommendation, make_update, make_user
from tests.wsgi import asked_of
from tracker import frontdoor, silence

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _the_tests_own_connection(settings):
    """The server closes one that failed; the tests' is in a transaction."""
    settings.CONTENT_VERSION = "recommendations.models.content_version.stored_token"


@pytest.mark.parametrize("address", ["/", "/nope", "/admin", "/healthz"])
def test_every_public_answer_carries_the_headers(client, address):
    make_plan()

    response = client.get(address)
    response.close()

    assert response["Content-Security-Policy"] == (
        "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; script-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    assert response["Referrer-Policy"] == "no-referrer"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"
    policy = response["Permissions-Policy"].split(", ")
    assert {"camera=()", "clipboard-read=()"} <= {*policy}
    assert [feature for feature in policy if not feature.endswith("=()")] == ["clipboard-write=(self)"]


def test_static_files_are_served_in_front_of_django_with_the_headers(settings, tmp_path):
    settings.STATIC_ROOT = tmp_path
    (tmp_path / "site.0123456789ab.css").write_text("a")
    (tmp_path / "site.css").write_text("b")
    application = frontdoor.in_front(lambda environ, start_response: pytest.fail("Django was asked"))

    hashed, plain = (asked_of(application, f"/static/{name}") for name in ("site.0123456789ab.css", "site.css"))

    assert (hashed[0], hashed[2], plain[2]) == (200, b"a", b"b")
    assert hashed[1]["Cache-Control"] == "max-age=315360000, public, immutable"
    assert plain[1]["Cache-Control"] == "max-age=60, public"
    for _status, headers, _body in (hashed, plain):
        assert {name for name in frontdoor.FOR_READERS if name not in headers} == {"Permissions-Policy"}
        assert headers["Content-Security-Policy"].startswith("default-src 'none'")


@pytest.fixture
def busy(settings):
    """The application of a server with four threads on which staff, files and searches have all that is theirs."""
    settings.STATIC_ROOT = None
    threads, go_on = ThreadPoolExecutor(2), Event()
    begun = Barrier(3)

    def waiting(environ, start_response):
        begun.wait(30)
        assert go_on.wait(30)
        start_response("200 OK", [("Cache-Control", "no-store")])
        return []

    application = frontdoor.in_front(waiting, threads=4)
    for path in ("/admin/", "/data/progress.csv?area=1"):
        threads.submit(asked_of, application, path)
    begun.wait(30)
    yield application
    go_on.set()
    threads.shutdown()


@pytest.mark.parametrize(
    ("path", "others", "status", "words"),
    [
        ("/?q=a", {}, 503, "<h1>Many people are here at the moment</h1>"),
        ("/data/progress.csv", {}, 503, "Many people are here at the moment. Please try again in a few seconds.\n"),
        ("/admin/", {}, 503, "Please try again in a few seconds."),
        ("/admin/recommendations/report/1/preview.pdf", {}, 503, "<h1>Many people are here at the moment</h1>"),
        ("/admin/", {"method": "POST"}, 503, "Nothing was saved. Wait a few seconds, then reload this page"),
        ("/", {"method": "POST"}, 405, "Nothing can be sent to this address.\n"),
        ("/admin/", {"method": "POST", "CONTENT_LENGTH": "99999999"}, 413, "<h1>What you sent is too large</h1>"),
        ("/admin/", {"method": "POST", "CONTENT_LENGTH": "5"}, 400, "<h1>What you sent didn’t arrive whole</h1>"),
    ],
)
def test_what_the_door_answers_itself_has_the_headers_of_any_other_answer(
    busy, settings, client, path, others, status, words
):
    for name, value in (("HSTS_SECONDS", 60), ("PROXY_SSL_HEADER", ("HTTP_FORWARDED", "proto=https"))):
        setattr(settings, f"SECURE_{name}", value)
    ordinary = client.get(
        "/admin/nope/" if path.startswith("/admin/") else "/nope/", headers={"forwarded": "proto=https"}
    )

    answered, headers, body = asked_of(busy, path, HTTP_FORWARDED="proto=https", **others)

    assert (answered, headers.get("Retry-After"), headers.get("Allow")) == (
        status,
        "2" if status == 503 else None,
        "GET, HEAD" if status == 405 else None,
    )
    assert headers.get("Connection") == ("close" if others else None)
    assert words in body.decode()
    assert headers["Content-Length"] == str(len(body))
    assert headers["Content-Type"].startswith("text/html" if "<h1>" in body.decode() else "text/plain")
    assert ordinary["Strict-Transport-Security"] == "max-age=60"
    own = {"Content-Type", "Content-Length", "Vary", "Location", "Expires"}
    assert {name: headers.get(name) for name in ordinary.headers if name not in own} == {
        name: value for name, value in ordinary.items() if name not in own
    }


@pytest.mark.parametrize(
    ("path", "others", "words"),
    [
        ("/", {}, "Nothing that was saved is lost. Please try again in a few minutes."),
        (
            "/admin/",
            {"method": "POST"},
            "Nothing was saved. Wait a few minutes, then reload this page to send it again.",
        ),
        ("/data/progress.csv", {}, "This site can’t answer right now. Nothing that was saved is lost."),
    ],
)
def test_a_database_that_is_away_is_told_with_all_headers(settings, monkeypatch, path, others, words):
    def fail():
        raise OperationalError("canary")

    monkeypatch.setattr("recommendations.models.content_version.stored_token", fail)
    settings.STATIC_ROOT = None
    application = frontdoor.in_front(lambda environ, start_response: pytest.fail("Django was asked"))

    status, headers, body = asked_of(application, path, **others)

    assert (status, headers["Retry-After"], headers["Cache-Control"]) == (503, "60", "no-store")
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert words in body.decode()
    assert "canary" not in body.decode()


@pytest.mark.parametrize("failure", [OSError(28, "No space left on device"), MemoryError()])
def test_a_failure_in_front_of_django_is_a_page_with_all_headers_and_one_entry(settings, caplog, failure):
    def fail(environ, start_response):
        raise failure

    settings.STATIC_ROOT = None

    status, headers, body = asked_of(frontdoor.in_front(fail), "/admin/", method="POST")

    assert (status, headers["Retry-After"], headers["Connection"]) == (503, "60", "close")
    assert headers["Content-Security-Policy"].endswith("connect-src 'self'")
    assert "<h1>This site can’t answer right now</h1>" in body.decode()
    assert "Nothing was saved" not in body.decode()
    assert [(record.getMessage(), record.exc_info[1]) for record in caplog.records] == [
        ("No answer could be made: /admin/", failure)
    ]


def test_readers_wait_for_the_database_a_moment_and_staff_a_minute(settings):
    waited = {}

    def answer(environ, start_response):
        waited[environ["PATH_INFO"]] = silence.patience.seconds
        start_response("200 OK", [("Cache-Control", "no-store")])
        return []

    settings.STATIC_ROOT = None
    application = frontdoor.in_front(answer)
    for path in ("/admin/", "/healthz", "/"):
        asked_of(application, path)

    assert waited == {"/admin/": silence.STAFF, "/healthz": silence.READERS, "/": silence.READERS}


def test_a_session_is_known_once_django_has_answered_it(client, settings):
    def session():
        return frontdoor.session_of({"HTTP_COOKIE": client.cookies.output(header="", sep=";")})

    assert session() == ""
    stranger = client.get("/admin/login/")
    client.force_login(make_user())
    member = client.get("/admin/")

    assert (stranger.wsgi_request.META["tracker.signed_in"], member.wsgi_request.META["tracker.signed_in"]) == (
        False,
        True,
    )
    assert session() == client.session.session_key


def test_a_refusal_speaks_the_plans_language(busy, client, monkeypatch):
    monkeypatch.setattr("recommendations.public.language.last_known", "en-ca")
    make_plan(language="fr-ca")
    client.get("/safety/")

    page, line = (asked_of(busy, path)[2].decode() for path in ("/?q=a", "/data/progress.csv"))

    assert '<html lang="fr-CA"' in page
    assert "<h1>Beaucoup de personnes sont ici en ce moment</h1>" in page
    assert line == "Beaucoup de personnes sont ici en ce moment. Réessayez dans quelques secondes.\n"


def test_a_host_that_is_not_ours_gets_the_headers_too(client):
    response = client.get("/", headers={"host": "elsewhere.example"})

    assert response.status_code == 400
    assert response["Content-Security-Policy"].startswith("default-src 'none'")


def test_the_admin_keeps_its_referrer_and_asks_its_own_server(client):
    response = client.get("/admin/login/")

    assert response["Referrer-Policy"] == "same-origin"
    assert response["Content-Security-Policy"].endswith("connect-src 'self'")
    assert "unsafe" not in response["Content-Security-Policy"]


def test_pages_are_compressed(client):
    make_plan()

    response = client.get("/", headers={"accept-encoding": "gzip"})

    assert response["Content-Encoding"] == "gzip"


@pytest.mark.parametrize("address", ["/", "/areas/1/", "/safety/", "/data/updates.csv", "/updates.atom", "/robots.txt"])
def test_a_copy_of_an_answer_is_asked_after_each_time(client, address):
    make_update(statuses={make_recommendation(): Status.ONGOING})

    first = client.get(address)
    again = client.get(address, headers={"if-none-match": first["ETag"]})

    assert first["Cache-Control"] == "no-cache"
    assert "Cookie" not in first.get("Vary", "")
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    assert again["Cache-Control"] == "no-cache"


def test_a_compressed_answer_is_recognised_too(client):
    make_update(statuses={make_recommendation(): Status.ONGOING})

    first = client.get("/", headers={"accept-encoding": "gzip"})
    again = client.get("/", headers={"accept-encoding": "gzip", "if-none-match": first["ETag"]})

    assert (first["Content-Encoding"], first["Vary"]) == ("gzip", "Accept-Encoding")
    assert (again.status_code, again.content) == (304, b"")


def test_an_answer_is_sent_again_when_it_changed(client):
    update = make_update(statuses={make_recommendation(): Status.ONGOING})
    before = client.get("/")["ETag"]

    update.text = "Something else happened."
    update.save()
    after = client.get("/", headers={"if-none-match": before})

    assert after.status_code == 200
    assert after["ETag"] != before


def test_head_answers_as_get_does_without_the_content(client):
    make_plan()

    get, head = client.get("/safety/"), client.head("/safety/")

    assert (head.status_code, head.content) == (200, b"")
    assert {name: head[name] for name in ("ETag", "Content-Type", "Cache-Control")} == {
        name: get[name] for name in ("ETag", "Content-Type", "Cache-Control")
    }


@pytest.mark.parametrize("address", ["/nope", "/admin/login/", "/admin/"])
def test_errors_and_the_admin_are_never_kept(client, address):
    response = client.get(address)

    assert response["Cache-Control"] == "no-store"
    assert "ETag" not in response


def test_a_workbook_is_not_compressed_twice(client):
    make_plan()

    response = client.get("/data/progress.xlsx", headers={"accept-encoding": "gzip"})

    assert "Content-Encoding" not in response


def test_no_cookie_leaves_by_the_publics_door(rf):
    def answer(request):
        response = HttpResponse()
        response.set_cookie("canary", "1")
        return response

    guarded = frontdoor.headers(answer)

    assert not guarded(rf.get("/")).cookies
    assert not guarded(rf.get("/admin")).cookies
    assert guarded(rf.get("/admin/")).cookies


def test_the_staffs_cookies_stay_in_the_admin(client):
    response = client.get("/admin/login/")

    assert {cookie["path"] for cookie in response.cookies.values()} == {"/admin/"}
    assert settings.SESSION_COOKIE_PATH == "/admin/"


def test_an_error_sets_no_cookie(client, monkeypatch, settings):
    def fail():
        raise RuntimeError("canary")

    client.raise_request_exception = False
    monkeypatch.setattr("recommendations.public.views.current_plan", fail)

    response = client.get("/", headers={"cookie": f"{settings.CSRF_COOKIE_NAME}=malformed"})

    assert response.status_code == 500
    assert not response.cookies
    assert response["Cache-Control"] == "no-store"


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
@pytest.mark.parametrize("address", ["/", "/updates.atom", "/data/progress.json", "/reports/none/", "/healthz"])
def test_what_is_not_reading_is_refused_without_a_cookie(address, method, settings):
    client = Client(enforce_csrf_checks=True)

    response = getattr(client, method)(address, headers={"cookie": f"{settings.CSRF_COOKIE_NAME}=malformed"})

    assert (response.status_code, response["Allow"]) == (405, "GET, HEAD")
    assert not response.cookies
    assert response["Content-Security-Policy"].startswith("default-src 'none'")
