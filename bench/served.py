"""What the running server takes for a page that it keeps, beside nginx with a file of the same bytes; and in crowds."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from . import crowds
from .load import BROTLI, ROOT, Server, cpu_each, service, shipped_proxy, static_files
from .measure import Figure, cpu_of, family, memory_of

# Those that plans of every size are asked for; the smallest is asked for every page.
OFTEN = ("progress", "recommendation", "edition", "JSON", "feed", "PDF download")
Figures = dict[str, Figure]


def started(environment: Mapping[str, str]) -> Figures:
    """The start of the server, to its first answer, and the memory it has then."""
    runs, memory = [], 0.0
    for _number in range(3):
        with service(environment) as server:
            pids = family(server.pid)
            runs.append(cpu_of(pids))
            memory = memory_of(pids)
    return {"start, to the first answer": Figure(runs, beside=f"{memory:.0f} MB")}


def pages(environment: Mapping[str, str], addresses: Mapping[str, str], own: Path) -> Figures:
    """Pages, a 304 of each and a static file, by the server itself, behind the proxy, and as exported."""
    figures: Figures = {}
    files = own / "files"
    files.mkdir()
    with (
        service(environment, on_one_core=True) as server,
        static_files(own / "static-nginx", files) as plain,
        shipped_proxy(own / "proxy-nginx", to=server) as proxy,
    ):
        for name, path in {**addresses, "static file": style_sheet(server)}.items():
            answer = server.get(path)
            # A file of its own each time: nginx keeps those open that it has served.
            same_bytes = files / str(len(figures))
            same_bytes.write_bytes(answer.body)
            reference = Figure(cpu_each(plain, f"/{same_bytes.name}")).seconds
            wire = f"{len(answer.body) / 1000:,.1f} kB"
            known = {**BROTLI, "If-None-Match": answer.headers.get("etag", "")}
            if name == "static file":
                figures[name] = Figure(cpu_each(server, path), reference, wire)
                continue
            figures[f"{name}, cached"] = Figure(cpu_each(server, path), reference, wire)
            figures[f"{name}, 304"] = Figure(cpu_each(server, path, headers=known), reference)
            if name in OFTEN[:2]:
                spent = cpu_each(proxy, path, also=server)
                figures[f"{name}, behind the shipped proxy"] = Figure(spent, reference, wire)
    figures |= exported(environment, own, addresses["progress"], files)
    return figures


def style_sheet(server: Server) -> str:
    """The address of a style sheet, as the progress page names it."""
    page = server.get("/", {}).body.decode()
    return next(part.split('"')[0] for part in page.split('href="') if part.startswith("/static/") and ".css" in part)


def exported(environment: Mapping[str, str], own: Path, path: str, files: Path) -> Figures:
    """The export of the whole site, and its progress page by nginx."""
    folder = own / "export"
    begun = os.times()
    command = [sys.executable, "manage.py", "export_site", str(folder)]
    said = subprocess.run(command, cwd=ROOT, env=dict(environment), check=True, capture_output=True, text=True).stdout
    ended = os.times()
    spent = ended.children_user + ended.children_system - begun.children_user - begun.children_system
    page = folder / path.strip("/") / "index.html"
    shutil.copy(page, files / "same-bytes")
    with static_files(own / "reference-nginx", files) as plain, static_files(own / "export-nginx", folder) as server:
        reference = Figure(cpu_each(plain, "/same-bytes")).seconds
        page_figure = Figure(cpu_each(server, path), reference, f"{page.stat().st_size / 1000:,.1f} kB, uncompressed")
    return {
        "export of the whole site": Figure([spent], beside=" ".join(said.split()[1:3])),
        "progress, exported": page_figure,
    }


def at_once(environment: Mapping[str, str], told: Mapping[str, str]) -> Figures:
    """Crowds, in seconds of a clock, and the memory at the peak."""
    figures: Figures = {}
    with service(environment) as server:
        server.get("/")
        figures["200 visitors at once"] = crowds.visitors(server, "/")
        with crowds.slow_bodies(server):
            figures["8 slow bodies: /healthz"] = crowds.health(server)
    with service(environment) as server:
        server.get("/")
        with crowds.previews(server, told["preview"], told["session"]):
            figures["20 previews: /healthz"] = crowds.health(server)
            figures["20 previews: memory of the service"] = peak_memory(server)
    return figures


def peak_memory(server: Server) -> Figure:
    """The most that the server and its renderer hold in three seconds."""
    most, end = 0.0, time.monotonic() + 3
    while time.monotonic() < end:
        most = max(most, memory_of(family(server.pid)))
        time.sleep(0.2)
    return Figure([most], unit="MB")


def measure(
    environment: Mapping[str, str], told: Mapping[str, object], *, parts: list[str], own: Path, all_pages: bool
) -> Figures:
    """The figures of the parts that were asked for; `told` is what bench/django_side.py says of the plan."""
    addresses: dict[str, str] = json.loads(json.dumps(told["addresses"]))
    if not all_pages:
        addresses = {name: path for name, path in addresses.items() if name in OFTEN}
    figures: Figures = {}
    if "served" in parts:
        figures |= started(environment) | pages(environment, addresses, own)
    if "crowds" in parts:
        figures |= at_once(environment, {name: str(told[name]) for name in ("preview", "session")})
    return figures
