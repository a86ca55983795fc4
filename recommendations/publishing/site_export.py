"""The whole public site as static files: what readers see today, for any static host, a folder or a USB stick.

A folder is replaced as a whole: who reads it meanwhile sees the site of before or that of now. What the public can't
see any more isn't in the next export, so a take-down is followed by one of each folder that was ever exported.
"""

import datetime as dt
import os
import posixpath
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import escape, unescape
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from recommendations.models import SiteExport, TakeDown

from .acts import Refused

# Beside what pages lead to.
STARTING = ("/", "/robots.txt", "/sitemap.xml", "/.well-known/security.txt", "/reports/editions.json")
# The addresses in pages, which templates and the sanitiser write with double quotes, and in style sheets.
IN_HTML = re.compile(r"""(?P<before>\s(?:href|src)=")(?P<address>/(?!/)[^"]*)(?=")""")
IN_CSS = re.compile(r"""url\(["']?(?!data:)([^"')]+)["']?\)""")
# Says that a folder is such a copy, of which site, and which files are its: all others are somebody's own.
MARK = ".exported-site"


@dataclass(frozen=True)
class Answer:
    status: int
    content_type: str
    body: bytes

    @property
    def is_part(self) -> bool:
        """Whether it is a part of the site: a page, a file, or the notice in the place of what was taken down."""
        return self.status in (200, 410)


Ask = Callable[[str], Answer]


@dataclass(frozen=True)
class Exported:
    """What an export did: how many files there are now, and how many of them are new or changed, or are gone."""

    files: int
    written: int
    dropped: int


def export_site(folder: Path, *, ask: Ask, at: dt.datetime) -> Exported:
    """Put into `folder` what `ask` answers to the address of each page and file; see `pages`.

    The folder is made anew beside it and takes its place at the end; files that are the same are linked rather than
    written again where the disk can. Refused where it, or one of the two names beside it that this takes meanwhile,
    holds what no export wrote. OSError where the disk fails: the folder is then as before.
    """
    folder = folder.resolve()
    making, before = (folder.with_name(f"{folder.name}.{word}") for word in ("new", "before"))
    for one in (folder, making, before):
        if foreign := sorted(files_below(one) - files_of_export(one)):
            words = _("%(folder)s holds something else: name a folder that is empty or new. No export wrote %(file)s.")
            raise Refused(words % {"folder": one, "file": foreign[0]})
    folder.parent.mkdir(parents=True, exist_ok=True)
    if before.exists() and not folder.exists():
        # The process was killed between the two.
        before.rename(folder)
    for left in (making, before):
        shutil.rmtree(left, ignore_errors=True)
    old = files_of_export(folder) - {MARK}
    # One that is killed before its end is on the list, too.
    SiteExport.objects.get_or_create(folder=str(folder), defaults={"made_at": at})
    try:
        files = {file_of(address): content for address, content in pages(ask)}
        making.mkdir()
        (making / MARK).write_text("\n".join([settings.SITE_URL, *sorted(files), ""]))
        written = sum(put(making / name, content, old=folder / name) for name, content in files.items())
        if folder.exists():
            folder.rename(before)
        making.rename(folder)
    except BaseException:
        shutil.rmtree(making, ignore_errors=True)
        raise
    shutil.rmtree(before, ignore_errors=True)
    SiteExport.objects.update_or_create(folder=str(folder), defaults={"made_at": at})
    return Exported(files=len(files), written=written, dropped=len(old - set(files)))


def files_below(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir() or path.is_symlink()}


def files_of_export(folder: Path) -> set[str]:
    """The files that the last export wrote there, or was about to write; none where there was no export."""
    mark = folder / MARK
    return {MARK, *mark.read_text().splitlines()[1:]} if mark.is_file() else set()


def put(path: Path, content: bytes, *, old: Path) -> bool:
    """Put `content` at `path`, by a link to `old` where that holds the same. Whether it had to be written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if old.is_file() and old.stat().st_size == len(content) and old.read_bytes() == content:
        try:
            os.link(old, path)
        except OSError:
            # A disk without links, such as a USB stick's.
            shutil.copy2(old, path)
        return False
    path.write_bytes(content)
    return True


def pages(ask: Ask) -> Iterator[tuple[str, bytes]]:
    """Each address of the public site, and what to keep for it: pages lead to one another by relative addresses.

    An address that answers with neither a page nor a notice, such as the staff's, leads to the live site.
    """
    answers: dict[str, Answer] = {}
    # No page leads to what was taken down any more, but others may, and find the notice.
    removals = TakeDown.objects.select_related("update", "edition__report")
    things = [thing for removal in removals for thing in (removal.update, removal.edition) if thing]
    waiting = [*STARTING, *(thing.get_absolute_url() for thing in things)]
    while waiting:
        address = waiting.pop()
        if address in answers:
            continue
        answers[address] = answer = ask(address)
        waiting += [one for one in addresses_in(answer, at=address) if one not in answers]
    if (status := answers["/"].status) != 200:
        words = _("The front page answers with %(status)d. Is the host of SITE_URL one of ALLOWED_HOSTS?")
        raise Refused(words % {"status": status})
    parts = {address for address, answer in answers.items() if answer.is_part}
    for address in sorted(parts):
        answer = answers[address]
        is_html = answer.content_type.startswith("text/html")
        yield address, with_relative_addresses(answer.body, address, parts) if is_html else answer.body


def addresses_in(answer: Answer, *, at: str) -> Iterator[str]:
    """The addresses on the site that a page or a style sheet leads to, without their fragments."""
    if answer.content_type.startswith("text/html"):
        for found in IN_HTML.finditer(answer.body.decode()):
            address = unescape(found["address"]).partition("#")[0]
            if not address.startswith("/admin/"):
                yield address
    elif answer.content_type.startswith("text/css"):
        for address in IN_CSS.findall(answer.body.decode()):
            yield urlsplit(urljoin(at, address)).path


def with_relative_addresses(body: bytes, here: str, parts: set[str]) -> bytes:
    """The page `body`, exported for the address `here`, with addresses that work from a disk, too."""
    folder = posixpath.dirname(file_of(here))

    def replaced(found: re.Match[str]) -> str:
        address, hash_mark, fragment = unescape(found["address"]).partition("#")
        to = posixpath.relpath(file_of(address), folder or ".") if address in parts else settings.SITE_URL + address
        return found["before"] + escape(to + hash_mark + fragment)

    return IN_HTML.sub(replaced, body.decode()).encode()


def file_of(address: str) -> str:
    """The file for the `address` of a page or a file: areas/1/index.html, data/updates-area-1.csv for a query."""
    path, _mark, query = address.partition("?")
    name = unquote(path).lstrip("/")
    if not name or name.endswith("/"):
        name += "index.html"
    if query:
        start, ending = posixpath.splitext(name)
        name = f"{start}-{re.sub(r'[^0-9A-Za-z]+', '-', unquote(query)).strip('-')}{ending}"
    return name
