"""Asking pages elsewhere whether they are there: of a server on this machine, which only tests may ask."""

import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from recommendations.management.asking import CONTROL, Answer, Asker, is_public

AGENT = "link check of https://tracker.example.org/"


class Pages(BaseHTTPRequestHandler):
    """A status for each path; what was asked is kept in the server's `asked`."""

    def answer(self):
        self.server.asked.append((self.command, self.path, self.headers["Host"], self.headers["User-Agent"]))
        match self.path.strip("/").split("/"):
            case ["no-head"]:
                self.send_response(405 if self.command == "HEAD" else 200)
            case ["to", *target]:
                self.send_response(302)
                self.send_header("Location", "/".join(target))
            case ["loop"]:
                self.send_response(301)
                self.send_header("Location", "/loop")
            case ["drip"]:
                for _step in range(1_200):
                    self.wfile.write(b"H")
                    time.sleep(0.05)
            case [status]:
                self.send_response(int(status))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(b"x" * 10_000_000)

    do_HEAD = do_GET = answer

    def log_message(self, *args):
        pass


@pytest.fixture
def server():
    class Quiet(ThreadingHTTPServer):
        asked = []

        def handle_error(self, request, client_address):
            """Whoever asks hangs up before the body is sent."""

    with Quiet(("127.0.0.1", 0), Pages) as server:
        server.asked = []
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def names(**found):
    """A look-up that finds these names, and the control, and numbers as they are."""

    def look_up(host, port, **options):
        if host not in {**found, CONTROL: ""} and not host[0].isdigit() and ":" not in host:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        numbers = found.get(host, [host])
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (number, port)) for number in numbers]

    return look_up


def here(number):
    return number == "127.0.0.1"


def asker(**overrides):
    return Asker(**{"agent": AGENT, "allowed": here, "look_up": names(), "pause": 0, **overrides})


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("200", Answer(True, "200")),
        ("204", Answer(True, "204")),
        ("no-head", Answer(True, "200")),
        ("404", Answer(False, "404")),
        ("410", Answer(False, "410")),
        ("401", Answer(None, "401")),
        ("403", Answer(None, "403")),
        ("429", Answer(None, "429")),
        ("500", Answer(None, "500")),
        ("503", Answer(None, "503")),
        ("to//200", Answer(True, "200")),
        ("to//404", Answer(False, "404")),
        ("to/ftp:/files.example.org", Answer(None, "not allowed")),
        ("to/http://[not-an-address", Answer(None, "no answer")),
        ("loop", Answer(None, "no answer")),
    ],
)
def test_only_404_and_410_say_that_a_page_is_not_there(server, path, answer):
    assert asker().ask(f"http://127.0.0.1:{server.server_port}/{path}") == answer


def test_head_is_asked_first_by_a_name_that_says_whose_check_it_is(server):
    address = f"http://127.0.0.1:{server.server_port}/404?q=é#part"

    asker().ask(address)

    host = f"127.0.0.1:{server.server_port}"
    assert server.asked == [(method, "/404?q=%C3%A9", host, AGENT) for method in ("HEAD", "GET")]


def test_a_name_that_does_not_exist_says_that_the_page_is_not_there():
    assert asker().ask("https://gone.example/") == Answer(False, "no site")


@pytest.mark.parametrize("error", [socket.EAI_NONAME, socket.EAI_AGAIN])
def test_without_the_internet_no_page_is_said_to_be_missing(error):
    def look_up(*args, **options):
        raise socket.gaierror(error, "")

    assert asker(look_up=look_up).ask("https://there.example/") == Answer(None, "no answer")


def test_a_server_that_does_not_answer_could_not_be_checked():
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]

    assert asker().ask(f"http://127.0.0.1:{port}/") == Answer(None, "no answer")


def test_a_certificate_that_does_not_fit_says_nothing_of_the_page(server):
    assert asker().ask(f"https://127.0.0.1:{server.server_port}/200") == Answer(None, "no answer")


def test_an_answer_that_drips_is_cut_off(server):
    began = time.monotonic()

    answer = asker(whole=0.2).ask(f"http://127.0.0.1:{server.server_port}/drip")

    assert answer == Answer(None, "no answer")
    # The server would go on for a minute.
    assert time.monotonic() - began < 50


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1/",
        "http://10.0.0.1/",
        "http://172.16.0.1/",
        "http://192.168.1.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://100.64.0.1/",
        "http://0.0.0.0/",
        "http://224.0.0.1/",
        "http://255.255.255.255/",
        "http://[::1]/",
        "http://[::]/",
        "http://[fe80::1]/",
        "http://[fc00::1]/",
        "http://[fec0::1]/",
        "http://[ff02::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::127.0.0.1]/",
        "http://[2002:7f00:1::]/",
        "http://[2001:0:7f00:1::]/",
        "http://[64:ff9b::7f00:1]/",
        "http://inside.example/",
        "http://both.example/",
        "http://93.184.215.14:22/",
        "ftp://93.184.215.14/",
    ],
)
def test_private_addresses_are_never_asked(address):
    found = {"inside.example": ["10.0.0.1"], "both.example": ["93.184.215.14", "127.0.0.1"]}

    # pytest-socket fails a test that connects beyond this machine; to this machine is_public must keep it from going.
    assert asker(allowed=is_public, look_up=names(**found)).ask(address) == Answer(None, "not allowed")


@pytest.mark.parametrize("number", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"])
def test_addresses_of_the_internet_may_be_asked(number):
    assert is_public(number)


def test_a_redirect_into_a_private_network_is_not_followed(server):
    def look_up(host, port, **options):
        return names(**{"outside.example": ["127.0.0.1"], "localhost": ["127.0.0.2"]})(host, port)

    address = f"http://outside.example:{server.server_port}/to/http:%2F%2Flocalhost:{server.server_port}%2F200"
    answer = asker(look_up=look_up).ask(address.replace("%2F", "/"))

    assert answer == Answer(None, "not allowed")
    assert len(server.asked) == 1


def test_a_name_is_looked_up_once_for_a_request(server):
    looked_up = []

    def look_up(host, port, **options):
        looked_up.append(host)
        return names(**{"there.example": ["127.0.0.1"]})(host, port)

    assert asker(look_up=look_up).ask(f"http://there.example:{server.server_port}/200").is_there
    assert looked_up == ["there.example"]
    assert [host for _method, _path, host, _agent in server.asked] == [f"there.example:{server.server_port}"]


def test_a_host_is_asked_again_only_after_a_pause(server):
    patient, began = asker(pause=0.1), time.monotonic()

    for _turn in range(3):
        patient.ask(f"http://127.0.0.1:{server.server_port}/200")

    assert time.monotonic() - began >= 0.2
