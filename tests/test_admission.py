"""How many requests of a kind get through at once, and that readers always do."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from tests.wsgi import asked_of
from tracker.admission import Admission, kind_of

SLOW = [{"path": "/?q=a"}, {"path": "/admin/"}, {"method": "POST", "path": "/reply/"}, {"CONTENT_LENGTH": "5"}]


def ok(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"ok"]


@pytest.mark.parametrize("slow", SLOW)
def test_a_kind_has_its_share_of_the_threads_and_readers_have_the_rest(slow):
    begun, may_end = [], Event()

    def waiting(environ, start_response):
        if kind_of(environ):
            begun.append(environ)
            assert may_end.wait(30)
        return ok(environ, start_response)

    admission = Admission(waiting, threads=8, headers=[("X-Content-Type-Options", "nosniff")])
    with ThreadPoolExecutor(8) as threads:
        admitted = [threads.submit(asked_of, admission, **slow) for _ in range(3)]
        while len(begun) < 3:
            pass
        status, headers, body = asked_of(admission, **slow)

        assert status == 503
        assert headers["Retry-After"] == "2"
        assert headers["Cache-Control"] == "no-store"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "try again in a few seconds" in body.decode()
        assert "Réessayez" in body.decode()
        assert asked_of(admission, "/")[0] == 200
        may_end.set()
        assert [one.result()[0] for one in admitted] == [200] * 3
    assert asked_of(admission, **slow)[0] == 200


def test_a_failure_gives_its_place_back():
    def failing(environ, start_response):
        raise MemoryError

    admission = Admission(failing, threads=4, headers=[])
    for _ in range(3):
        with pytest.raises(MemoryError):
            asked_of(admission, "/?q=a")
