"""The whole public site as static files: what readers see today, for any static host, a folder or a USB stick.

A folder is replaced as a whole: who reads it meanwhile sees the site of before or that of now. What the public can't
see any more isn't in the next export: whoever hides something is told of each folder that was exported before.
"""

import ctypes
import datetime as dt
import fcntl
import os
import posixpath
import re
import shutil
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from html import escape, unescape
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from recommendations.models import ActionPlan, SiteExport, TakeDown
from recommendations.models.content_version import content_version
from recommendations.text import dates

from .acts import Refused

SITEMAP = "/sitemap.xml"
IN_SITEMAP = re.compile(r"<loc>([^<]*)</loc>")
# Beside what pages lead to.
STARTING = ("/", "/robots.txt", SITEMAP, "/.well-known/security.txt", "/reports/editions.json")
# The addresses in pages, which templates and the sanitiser write with double quotes, and in style sheets.
IN_HTML = re.compile(r"""(?P<before>\s(?:href|src)=")(?P<address>/(?!/)[^"]*)(?=")""")
IN_CSS = re.compile(r"""url\(["']?(?!data:)([^"')]+)["']?\)""")
# Says that a folder is such a copy, of which site, and which files are its: all others are somebody's own.
MARK = ".exported-site"
NOT_FOUND = "404.html"
# For strangers: what this is, how to serve it, and how to check each edition without this software.
README, CHECK = "README.txt", "check-editions"
CHECKING = settings.BASE_DIR / "script" / CHECK
# In an edition, an address of a copy keeps beside it the one that was published: see script/check-editions.
ARTICLE = re.compile(r'<article class="report".*</article>\n', re.DOTALL)
# What says on a page when it was copied, or would be printed. Alone, it is no change.
OF_THE_DAY = re.compile(rb'<p class="(?:site-head__copy|page on-paper paper-line)">.*?</p>', re.DOTALL)
# Of Linux: see renameat2(2), which Python has no name for.
AT_FDCWD, RENAME_EXCHANGE = -100, 2
# How often an export begins anew because something changed meanwhile.
TRIES = 3


@dataclass(frozen=True)
class Answer:
    status: int
    content_type: str
    body: bytes

    @property
    def is_part(self) -> bool:
        """Whether it is a part of the site: a page, a file, or the notice in the place of what was taken down."""
        return self.status in (200, 410)

    @property
    def is_page(self) -> bool:
        return self.content_type.startswith("text/html")

    @property
    def is_style_sheet(self) -> bool:
        return self.content_type.startswith("text/css")


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
    written again where the disk can. Refused while another one runs; where the folder can't be replaced; and where it,
    or one of the two names beside it that this takes meanwhile, holds what no export wrote. OSError where the disk
    fails: the folder is then as before.
    """
    folder = folder.resolve()
    refuse_unusable(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with alone_in(folder.parent):
        return _export(folder, ask=ask, at=at)


def refuse_unusable(folder: Path) -> None:
    """Refused where `folder` can't take an export, as far as can be told beforehand; OSError where it can't be seen."""
    if folder.exists() and not folder.is_dir():
        raise Refused(_("%(folder)s is a file: name a folder that is empty or new.") % {"folder": folder})
    if folder.is_mount():
        words = _("%(folder)s is a disk of its own, which can’t be replaced as a whole: name a folder on it.")
        raise Refused(words % {"folder": folder})
    nearest = next(one for one in folder.parents if one.exists())
    for one in (nearest, *filter(Path.exists, (folder, *beside(folder)))):
        if not one.is_dir() or not os.access(one, os.R_OK | os.W_OK | os.X_OK):
            words = _("%(folder)s is no folder that this account may write to: name another one, by its whole path.")
            raise Refused(words % {"folder": one})
    for one in (folder, *beside(folder)):
        if foreign := sorted(files_below(one) - files_of_export(one)):
            words = _("%(folder)s holds something else: name a folder that is empty or new. No export wrote %(file)s.")
            raise Refused(words % {"folder": one, "file": foreign[0]})


def beside(folder: Path) -> tuple[Path, Path]:
    """The names that an export to `folder` takes meanwhile: that of what it makes, and of what was there before."""
    return folder.with_name(f"{folder.name}.new"), folder.with_name(f"{folder.name}.before")


@contextmanager
def alone_in(folder: Path, *, otherwise: str = "") -> Iterator[None]:
    """While it lasts, nothing else exports to `folder`; Refused where something does. Whoever is killed lets it go.

    `otherwise` is what to say then, where it is about another thing.
    """
    opened = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise Refused(otherwise or _("Another export is running: try again when it has ended.")) from None
    finally:
        os.close(opened)


def exported_before(moment: dt.datetime) -> list[str]:
    """The folders that may show what was hidden at `moment`, as things in a list that say what to do."""
    return [
        _("the site exported to %(folder)s on %(day)s: run export_site for it again")
        % {"folder": export.folder, "day": dates.day(export.made_at)}
        for export in SiteExport.objects.filter(made_at__lte=moment)
    ]


def exported_with(removal: TakeDown) -> list[str]:
    """As `exported_before`: the folders that may show what was taken down, be it in an edition that was left longer."""
    if removal.editions_left.exists():
        return exported_before(timezone.now())
    editions = [edition.take_down.taken_down_at for edition in removal.editions_to_erase]
    return exported_before(max([removal.taken_down_at, *editions]))


def _export(folder: Path, *, ask: Ask, at: dt.datetime) -> Exported:
    making, before = beside(folder)
    refuse_unusable(folder)
    if before.exists() and not folder.exists():
        # The process was killed between the two.
        before.rename(folder)
    for left in (making, before):
        clear(left)
    old = files_of_export(folder) - {MARK}
    # One that is killed before its end is on the list, too.
    export, is_first = SiteExport.objects.get_or_create(folder=str(folder), defaults={"made_at": at})
    try:
        files = site_as_it_stays(making, ask=ask)
        written = sum(not is_linked(making, name, old=folder) for name in files)
        if not are_exchanged(making, folder):
            if folder.exists():
                folder.rename(before)
            try:
                making.rename(folder)
            except OSError:
                before.rename(folder)
                raise
    except BaseException as error:
        clear(making)
        if is_first and isinstance(error, Exception) and not folder.exists():
            export.delete()
        raise
    for left in (making, before):
        clear(left)
    SiteExport.objects.update_or_create(folder=str(folder), defaults={"made_at": at})
    return Exported(files=len(files), written=written, dropped=len(old - files))


def are_exchanged(one: Path, other: Path) -> bool:
    """Whether each now has the name of the other, in one step; False where the system or the disk can't, or one is new.

    Without that step, readers find nothing between two moves, and for longer where the process is killed there.
    """
    try:
        renameat2 = ctypes.CDLL(None).renameat2
    except AttributeError:
        return False
    return bool(renameat2(AT_FDCWD, os.fsencode(one), AT_FDCWD, os.fsencode(other), RENAME_EXCHANGE) == 0)


def clear(folder: Path) -> None:
    """Remove an export, the list of its files last: if the process is killed, the next one knows what is left."""
    with suppress(OSError):
        for path in folder.iterdir():
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            elif path.name != MARK:
                path.unlink()
    shutil.rmtree(folder, ignore_errors=True)


def files_below(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir() or path.is_symlink()}


def files_of_export(folder: Path) -> set[str]:
    """The files that the last export wrote there, or was about to write; none where there was no export."""
    mark = folder / MARK
    return {MARK, *mark.read_text().splitlines()[1:]} if mark.is_file() else set()


def site_as_it_stays(making: Path, *, ask: Ask) -> set[str]:
    """As `site_in`, begun again when what readers see changes meanwhile: nothing that was hidden then may get in."""
    for _try in range(TRIES):
        version = content_version()
        making.mkdir()
        files = site_in(making, ask=ask)
        if content_version() == version:
            return files
        clear(making)
    raise Refused(_("The site changes while it is exported, and the folder is as it was: try again in a while."))


def site_in(making: Path, *, ask: Ask) -> set[str]:
    """Write each address of the public site to the folder `making`, and return the names of the files.

    Pages lead to one another by relative addresses. An address that answers with neither a page nor a notice, such as
    the staff's, leads to the live site.
    """
    names: dict[str, str] = {}
    taken = {MARK, NOT_FOUND, README.casefold(), CHECK}
    pages: set[str] = set()
    style_sheets: set[str] = set()
    others: set[str] = set()
    # No page leads to what was taken down any more, but others may, and find the notice.
    removals = TakeDown.objects.select_related("update", "edition__report")
    things = [thing for removal in removals for thing in (removal.update, removal.edition) if thing]
    waiting = [*STARTING, *(thing.get_absolute_url() for thing in things)]
    with (making / MARK).open("w") as mark:
        print(settings.SITE_URL, file=mark)
        while waiting:
            address = waiting.pop()
            if address in names or address in others:
                continue
            answer = ask(address)
            if not answer.is_part:
                if address == "/":
                    words = _("The front page answers with %(status)d. Is the host of SITE_URL one of ALLOWED_HOSTS?")
                    raise Refused(words % {"status": answer.status})
                others.add(address)
                continue
            name = file_of(address)
            if name.casefold() in taken:
                # Disks may not tell capitals from other letters.
                start, ending = posixpath.splitext(name)
                name = f"{start}-{sha256(address.encode()).hexdigest()[:8]}{ending}"
            taken.add(name.casefold())
            names[address] = name
            # Before the file, so that one that is killed leaves none that nobody knows of.
            print(name, file=mark, flush=True)
            path = making / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(answer.body)
            if answer.is_page:
                pages.add(address)
            if answer.is_style_sheet:
                style_sheets.add(address)
            waiting += addresses_in(answer, at=address)
        # Hosts of files send this one for what they don't have, at any address.
        if NOT_FOUND not in names and (answer := ask(f"/{NOT_FOUND}")).is_page:
            names[NOT_FOUND] = NOT_FOUND
            print(NOT_FOUND, file=mark, flush=True)
            (making / NOT_FOUND).write_bytes(with_relative_addresses(answer.body, NOT_FOUND, {NOT_FOUND: NOT_FOUND}))
        for name, content in ((README, read_me()), (CHECK, CHECKING.read_bytes())):
            names[name] = name
            print(name, file=mark, flush=True)
            (making / name).write_bytes(content)
    for address in pages:
        path = making / names[address]
        path.write_bytes(with_relative_addresses(path.read_bytes(), address, names))
    for address in style_sheets:
        path = making / names[address]
        path.write_text(with_pictures_inside(path.read_text(), address, making, names))
    return set(names.values())


def read_me() -> bytes:
    """What a stranger is told who finds the folder, in the language of the plan."""
    plan = ActionPlan.objects.first()
    with translation.override(plan.language if plan else None):
        words = render_to_string("public/read_me.txt", {"plan": plan, "site": settings.SITE_URL, "check": CHECK})
    return words.encode()


def is_linked(making: Path, name: str, *, old: Path) -> bool:
    """Whether the file `name` says the same in `old`; a link to that then takes its place, and is as old as before.

    A page then keeps its earlier day, but for the front page, which says when the site was copied.
    """
    path, before = making / name, old / name
    if not before.is_file():
        return False
    this, that = path.read_bytes(), before.read_bytes()
    if name.endswith(".html") and name != "index.html":
        this, that = (OF_THE_DAY.sub(b"", page) for page in (this, that))
    if this != that:
        return False
    path.unlink()
    try:
        os.link(before, path)
    except OSError:
        # A disk without links, such as a USB stick's.
        shutil.copy2(before, path)
    return True


def addresses_in(answer: Answer, *, at: str) -> Iterator[str]:
    """The addresses on the site that a page, a style sheet or the sitemap leads to, without their fragments."""
    if answer.is_page:
        for found in IN_HTML.finditer(answer.body.decode()):
            address = unescape(found["address"]).partition("#")[0]
            if not address.startswith("/admin/"):
                yield address
    elif answer.is_style_sheet:
        for address in IN_CSS.findall(answer.body.decode()):
            yield urlsplit(urljoin(at, address)).path
    elif at == SITEMAP:
        for address in IN_SITEMAP.findall(answer.body.decode()):
            yield unescape(address).removeprefix(settings.SITE_URL)


def with_relative_addresses(body: bytes, here: str, names: Mapping[str, str]) -> bytes:
    """The page `body` of the address `here`, with addresses that work from a disk, too; `names` are those of files."""
    folder, page = posixpath.dirname(names[here]), body.decode()
    article = ARTICLE.search(page)
    published = range(*article.span()) if article else range(0)

    def replaced(found: re.Match[str]) -> str:
        address, hash_mark, fragment = unescape(found["address"]).partition("#")
        to = posixpath.relpath(names[address], folder or ".") if address in names else settings.SITE_URL + address
        kept = ""
        if found.start() in published and not page.startswith('" data-as-published=', found.end()):
            kept = f'" data-as-published="{found["address"]}'
        return found["before"] + escape(to + hash_mark + fragment) + kept

    return IN_HTML.sub(replaced, page).encode()


def with_pictures_inside(style: str, here: str, making: Path, names: Mapping[str, str]) -> str:
    """The style sheet `style` with its SVG pictures within: from a disk, browsers take no mask from another file."""

    def replaced(found: re.Match[str]) -> str:
        address = urlsplit(urljoin(here, found[1])).path
        if not address.endswith(".svg") or address not in names:
            return found[0]
        return f'url("data:image/svg+xml;base64,{b64encode((making / names[address]).read_bytes()).decode()}")'

    return IN_CSS.sub(replaced, style)


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
