"""nginx, wrk and the tracker's own server, as the measurements start them, on ports of this machine alone."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from .measure import cpu_of, family

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = {"nginx": "nginx-light", "wrk": "wrk", "openssl": "openssl"}
SECONDS = 1  # of one run of wrk
RUNS = 3
# The server that wrk asks has the first one, wrk the last: threads that fight over the interpreter on several cores
# take up to twice as much, now and then.
CORES = sorted(os.sched_getaffinity(0))
BROTLI = {"Accept-Encoding": "br"}
MAIN = """
daemon off; worker_processes 1; pid nginx.pid; error_log stderr emerg; {user}
events {{ worker_connections 2048; }}
http {{
  types {{ text/html html; }} access_log off; client_body_temp_path body; proxy_temp_path proxy;
  fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
  sendfile on; tcp_nopush on; open_file_cache max=1000; keepalive_requests 1000000;
  {servers}
}}
"""
STATIC = "server {{ listen 127.0.0.1:{port} reuseport; root {folder}; }}"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Server:
    """A server that runs: where it listens, and its first process."""

    port: int
    pid: int

    def address(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def get(self, path: str, headers: Mapping[str, str] = BROTLI) -> Answer:
        request = Request(self.address(path), headers=dict(headers))  # noqa: S310 (our own server)
        try:
            with urlopen(request, timeout=300) as answer:  # noqa: S310
                return Answer(answer.status, in_lower_case(answer.headers), answer.read())
        except HTTPError as error:
            return Answer(error.code, in_lower_case(error.headers), error.read())

    def wait(self) -> None:
        """Until it answers, for at most 30 seconds."""
        end = time.monotonic() + 30
        while time.monotonic() < end:
            try:
                self.get("/healthz")
            except OSError:
                time.sleep(0.02)
            else:
                return
        raise SystemExit(f"The server on port {self.port} did not start.")


def in_lower_case(headers: Message) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def missing_tools() -> list[str]:
    return [tool for tool in PACKAGES if not shutil.which(tool)]


def find_tools() -> None:
    """Install what is missing of PACKAGES where we may; say what to do where we may not."""
    for tool in missing_tools():
        command = ["apt-get", "install", "--yes", "--no-install-recommends", PACKAGES[tool]]
        if os.geteuid() == 0 and shutil.which("apt-get"):
            print(f"{tool} isn't installed: installing it by {' '.join(command)}.", file=sys.stderr)
            subprocess.run(command, check=False, stdout=sys.stderr)
    if missing := missing_tools():
        packages = " ".join(PACKAGES[tool] for tool in missing)
        raise SystemExit(f"{' and '.join(missing)} can't be found. Install first: sudo apt-get install {packages}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(
    command: list[str], *, port: int, environment: Mapping[str, str] | None = None, on_one_core: bool = False
) -> Iterator[Server]:
    """The server that `command` starts, once it answers, until the block ends."""
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=sys.stderr)
    if on_one_core:
        os.sched_setaffinity(process.pid, {CORES[0]})
    try:
        server = Server(port, process.pid)
        server.wait()
        yield server
    finally:
        process.terminate()
        process.wait(60)


@contextmanager
def nginx(folder: Path, servers: str, *, port: int) -> Iterator[Server]:
    """nginx with `servers` in its configuration and one process that works; its own files are in `folder`."""
    folder.mkdir(exist_ok=True)
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(MAIN.format(user=user, servers=servers))
    command = ["nginx", "-p", str(folder), "-c", "nginx.conf", "-e", "stderr"]
    with running(command, port=port, on_one_core=True) as server:
        yield server


@contextmanager
def static_files(own: Path, folder: Path) -> Iterator[Server]:
    """nginx that serves the files of `folder`: what everything else is compared with."""
    port = free_port()
    with nginx(own, STATIC.format(port=port, folder=folder), port=port) as server:
        yield server


def shipped_servers(own: Path, *, port: int, to: int) -> str:
    """The servers of deploy/nginx.conf for visitors by HTTP from this machine, who may ask as often as they like."""
    text = (ROOT / "deploy/nginx.conf").read_text()
    text = re.sub(r"server \{\n    listen 80;.*?\n\}\n", "", text, flags=re.DOTALL)
    text = re.sub(r"^\s*(listen \[::\]|ssl_|limit_).*\n", "", text, flags=re.MULTILINE)
    text = re.sub(r"listen 443 ssl( http2)?;", f"listen 127.0.0.1:{port};", text)
    text = text.replace("http2 on;", "").replace("/var/cache/nginx/tracker", str(own / "cache"))
    return text.replace("127.0.0.1:8000", f"127.0.0.1:{to}").replace("tracker.example.org", "127.0.0.1")


def check_shipped(own: Path) -> None:
    """Let nginx read the whole of deploy/nginx.conf, with a certificate made for it; CalledProcessError if it won't."""
    own.mkdir(parents=True, exist_ok=True)
    subject = ["-subj", "/CN=tracker.example.org", "-keyout", str(own / "key.pem"), "-out", str(own / "cert.pem")]
    command = ["openssl", "req", "-x509", "-nodes", "-newkey", "rsa:2048", *subject]
    subprocess.run(command, check=True, capture_output=True)
    text = (ROOT / "deploy/nginx.conf").read_text().replace("/var/cache/nginx/tracker", str(own / "cache"))
    for name, file in (("fullchain", "cert"), ("privkey", "key")):
        text = text.replace(f"/etc/letsencrypt/live/tracker.example.org/{name}.pem", str(own / f"{file}.pem"))
    (own / "nginx.conf").write_text(MAIN.format(user="", servers=text))
    subprocess.run(["nginx", "-t", "-q", "-p", own, "-c", "nginx.conf", "-e", "stderr"], check=True)  # noqa: S607


@contextmanager
def shipped_proxy(own: Path, *, to: Server) -> Iterator[Server]:
    """nginx as we ship it, in front of the tracker."""
    port = free_port()
    check_shipped(own / "whole")
    with nginx(own, shipped_servers(own, port=port, to=to.port), port=port) as server:
        yield server


@contextmanager
def service(environment: Mapping[str, str], *, on_one_core: bool = False) -> Iterator[Server]:
    """The tracker as docs/operations.md starts it."""
    port = free_port()
    command = [sys.executable, "manage.py", "serve", "--port", str(port), "--verbosity", "0"]
    with running(command, port=port, environment=environment, on_one_core=on_one_core) as server:
        yield server


def cpu_each(
    server: Server, path: str, *, headers: Mapping[str, str] = BROTLI, also: Server | None = None
) -> list[float]:
    """The CPU seconds that `server`, and the one behind it, take for one of wrk's requests, in each run."""
    pids = [pid for one in (server, also) if one for pid in family(one.pid)]
    sent = [argument for name, value in headers.items() for argument in ("-H", f"{name}: {value}")]
    command = [
        "taskset",
        "--cpu-list",
        str(CORES[-1]),
        "wrk",
        "-t1",
        "-c8",
        f"-d{SECONDS}s",
        *sent,
        server.address(path),
    ]
    runs = []
    for _number in range(RUNS):
        before = cpu_of(pids)
        said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        spent = cpu_of(pids) - before
        found = re.search(r"(\d+) requests in", said)
        if not found or found[1] == "0" or "Non-2xx" in said or "Socket errors" in said:
            raise SystemExit(f"wrk could not measure {path}:\n{said}")
        runs.append(spent / int(found[1]))
    return runs
