"""What visitors send: whole, of bounded size and number, and to the staff's addresses alone."""

import socket
import time
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from threading import Event, Thread

import pytest

from tests.wsgi import asked_of
from tracker import bodies
from tracker.bodies import LARGEST, Bodies
from tracker.slow_lines import hang_up


class Line(BytesIO):
    """A body that comes in pieces, once it `goes_on`."""

    def __init__(self, *pieces):
        self.pieces = [*pieces]
        self.begun, self.goes_on = Event(), Event()

    def read(self, size):
        self.begun.set()
        assert self.goes_on.wait(30)
        return self.pieces.pop(0)[:size] if self.pieces else b""


class Unread(BytesIO):
    def read(self, size=-1):
        raise AssertionError("read")


def said(environ, start_response):
    """An application that says what it was sent."""
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    start_response("200 OK", [])
    return [b"%d %s" % (len(body), body[:9])]


def refused(environ, start_response, status):
    start_response(f"{status} Refused", [])
    return []


def door(places=1):
    return Bodies(said, refuse=refused, places=places)


def sent(to, stream, path="/admin/", **environ):
    status, _headers, body = asked_of(to, path, **{"method": "POST", "wsgi.input": stream, **environ})
    return status, body


def test_a_body_is_handed_on_whole():
    assert sent(door(), BytesIO(b"hello and more"), CONTENT_LENGTH="5") == (200, b"5 hello")


def test_a_body_without_a_length_is_handed_on_with_one():
    assert sent(door(), BytesIO(b"hello"), HTTP_TRANSFER_ENCODING="chunked") == (200, b"5 hello")


def test_a_request_without_a_body_is_passed_on_unread():
    assert sent(lambda environ, start: door()(environ, start), BytesIO(), CONTENT_LENGTH="0") == (200, b"0 ")
    assert asked_of(door(), "/?q=a")[0] == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
@pytest.mark.parametrize("given", [{}, {"CONTENT_LENGTH": "5"}, {"HTTP_TRANSFER_ENCODING": "chunked"}])
def test_nothing_is_read_of_what_is_sent_to_a_public_address(method, given):
    assert sent(door(), Unread(), "/reply/", method=method, **given) == (405, b"")
    assert sent(door(), Unread(), "/admin", method=method, **given) == (405, b"")


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("path", ["/", "/admin/"])
def test_a_body_of_what_is_only_asked_for_is_not_read(method, path):
    assert sent(door(), Unread(), path, method=method, CONTENT_LENGTH="5") == (413, b"")


@pytest.mark.parametrize("length", [str(LARGEST + 1), "-1", "five", "9" * 5000])
def test_what_declares_that_it_is_too_large_is_not_read(length):
    assert sent(door(), Unread(), CONTENT_LENGTH=length) == (413, b"")


def test_what_turns_out_to_be_too_large_is_read_no_further(monkeypatch):
    monkeypatch.setattr(bodies, "LARGEST", 10)
    line = Line(b"hello ", b"everyone", b"unread")
    line.goes_on.set()

    assert sent(door(), line, HTTP_TRANSFER_ENCODING="chunked") == (413, b"")
    assert line.pieces == [b"unread"]


def test_what_ends_in_the_middle_is_refused():
    assert sent(door(), BytesIO(b"hel"), CONTENT_LENGTH="5") == (400, b"")


def test_few_bodies_come_in_at_once_and_readers_wait_for_none():
    to, slow = door(), Line(b"hel")
    with ThreadPoolExecutor(1) as threads:
        coming = threads.submit(sent, to, slow, CONTENT_LENGTH="3")
        assert slow.begun.wait(30)

        assert sent(to, Unread(), CONTENT_LENGTH="5") == (503, b"")
        assert asked_of(to, "/")[0] == asked_of(to, "/admin/")[0] == 200
        slow.goes_on.set()
        assert coming.result() == (200, b"3 hel")
    assert sent(to, BytesIO(b"hello"), CONTENT_LENGTH="5") == (200, b"5 hello")


def test_one_visitor_at_a_time_waits_for_a_place():
    to, slow = door(places=2), Line(b"hel")
    with ThreadPoolExecutor(2) as threads:
        coming = threads.submit(sent, to, slow, CONTENT_LENGTH="3")
        assert slow.begun.wait(30)
        to.waiting.acquire()
        begun = time.monotonic()

        assert {sent(to, Unread(), CONTENT_LENGTH="5") for _one in range(50)} == {(503, b"")}
        assert time.monotonic() - begun < 50 * bodies.WAIT / 2
        to.waiting.release()
        waiting = threads.submit(sent, to, BytesIO(b"hello"), CONTENT_LENGTH="5")
        slow.goes_on.set()
        assert (coming.result(), waiting.result()) == ((200, b"3 hel"), (200, b"5 hello"))


def test_a_line_that_breaks_gives_its_place_back():
    class Broken(BytesIO):
        def read(self, size=-1):
            raise OSError

    to = door()
    for _ in range(2):
        with pytest.raises(OSError, match=r"^$"):
            sent(to, Broken(), CONTENT_LENGTH="5")


@pytest.fixture
def lines():
    """Both ends of a line from a visitor, and the port that was asked."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port), timeout=10) as visitor, server.accept()[0] as ours:
            ours.settimeout(10)
            yield visitor, ours, port


def test_a_line_that_takes_too_long_is_closed_and_one_that_was_told_to_go_on(lines):
    visitor, ours, port = lines
    visitor.sendall(b"slow")
    to = Bodies(said, refuse=refused, places=1, seconds=0.05)

    class Told(BytesIO):
        def read(self, size):
            if size == 9:
                time.sleep(0.02)
                ours.sendall(b"go on")
            return stream.read(size)

    with ours.makefile("rb") as stream:
        assert sent(to, Told(), CONTENT_LENGTH="9", SERVER_PORT=str(port)) == (400, b"")
    assert visitor.recv(9) == b"go on"
    assert visitor.recv(1) == b""


def test_lines_of_others_and_lines_that_are_answered_stay_open(lines):
    visitor, ours, port = lines

    hang_up(port + 1, seconds=0)
    ours.sendall(b"answer")
    hang_up(port, seconds=10)

    assert visitor.recv(9) == b"answer"
    ours.sendall(b"more")
    assert visitor.recv(9) == b"more"


def test_nothing_is_closed_while_staff_wait_long_for_an_answer(lines):
    visitor, _ours, port = lines
    to = Bodies(said, refuse=refused, places=1, seconds=0.01)
    to.answering.append(time.monotonic() - 1)
    waiting = Thread(target=to.hang_up, args=[port, came_in := Event()])
    waiting.start()

    visitor.settimeout(0.1)
    with pytest.raises(TimeoutError):
        visitor.recv(1)
    visitor.settimeout(10)
    to.answering.clear()
    assert visitor.recv(1) == b""
    came_in.set()
    waiting.join(30)
