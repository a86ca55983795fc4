"""The public site as files: links that work from a disk, whole or not at all, and nothing that was taken down."""

import datetime as dt
import itertools
import os
import re
import sys
from html import unescape
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from recommendations.models import ProgressUpdate, SiteExport
from recommendations.publishing import site_export
from recommendations.publishing.acts import Refused
from recommendations.publishing.site_export import MARK, Answer, export_site, file_of, refuse_unusable
from recommendations.publishing.takedowns import take_down

AT = dt.datetime(2026, 11, 30, 12, 0, tzinfo=dt.UTC)
SITE = {
    "/": '<a class="a" href="/areas/1/#r1.1">1</a> <a href="/?status=on-hold">2</a> <a href="https://a.example/">3</a>'
    ' <a href="/admin/">4</a> <a href="/nowhere/">5</a> <link href="/static/site.css">',
    "/areas/1/": '<a href="/">Home</a> <a href="/data/updates.csv?area=1&amp;x=a%20b">Data</a>'
    ' <img src="/logos/a.png">',
    "/?status=on-hold": "On hold",
    "/data/updates.csv?area=1&x=a%20b": "a,b",
    "/logos/a.png": "picture",
    "/static/site.css": "p { background: url('marks/a.svg') } q { background: url(data:x) }",
    "/static/marks/a.svg": "<svg/>",
}
KINDS = {".css": "text/css", ".csv": "text/csv", ".png": "image/png", ".svg": "image/svg+xml"}


def asking(site=SITE):
    def ask(address):
        kind = KINDS.get(Path(address.partition("?")[0]).suffix, "text/html; charset=utf-8")
        return Answer(200, kind, site[address].encode()) if address in site else Answer(404, "text/html", b"")

    return ask


def files_in(folder):
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def folder(tmp_path, settings, db):
    settings.SITE_URL = "https://tracker.example.org"
    settings.ALLOWED_HOSTS = ["tracker.example.org"]
    return tmp_path / "out"


def test_pages_and_all_that_they_lead_to_are_written_with_relative_addresses(folder):
    done = export_site(folder, ask=asking(), at=AT)

    assert (done.files, done.written, done.dropped) == (10, 10, 0)
    written = files_in(folder)
    assert "https://tracker.example.org" in written.pop("README.txt")
    assert written.pop("check-editions") == Path("script/check-editions").read_text()
    assert written == {
        MARK: "https://tracker.example.org\nindex.html\nstatic/site.css\nstatic/marks/a.svg\nindex-status-on-hold.html\n"
        "areas/1/index.html\nlogos/a.png\ndata/updates-area-1-x-a-b.csv\n404.html\nREADME.txt\ncheck-editions\n",
        "404.html": "",
        "index.html": '<a class="a" href="areas/1/index.html#r1.1">1</a> <a href="index-status-on-hold.html">2</a>'
        ' <a href="https://a.example/">3</a> <a href="https://tracker.example.org/admin/">4</a>'
        ' <a href="https://tracker.example.org/nowhere/">5</a> <link href="static/site.css">',
        "areas/1/index.html": '<a href="../../index.html">Home</a>'
        ' <a href="../../data/updates-area-1-x-a-b.csv">Data</a> <img src="../../logos/a.png">',
        "index-status-on-hold.html": "On hold",
        "data/updates-area-1-x-a-b.csv": "a,b",
        "logos/a.png": "picture",
        "static/site.css": 'p { background: url("data:image/svg+xml;base64,PHN2Zy8+") } q { background: url(data:x) }',
        "static/marks/a.svg": "<svg/>",
    }
    assert SiteExport.objects.get().folder == str(folder)


def test_the_next_export_writes_what_changed_and_drops_what_is_gone(folder):
    export_site(folder, ask=asking(), at=AT)
    kept = (folder / "logos/a.png").stat().st_ino
    changed = SITE | {"/?status=on-hold": "None", "/areas/1/": '<img src="/logos/a.png">'}

    done = export_site(folder, ask=asking(changed), at=AT + dt.timedelta(days=1))

    assert (done.files, done.written, done.dropped) == (9, 2, 1)
    assert "data/updates-area-1-x-a-b.csv" not in files_in(folder)
    assert (folder / "logos/a.png").stat().st_ino == kept
    assert SiteExport.objects.get().made_at == AT + dt.timedelta(days=1)
    assert sorted(path.name for path in folder.parent.iterdir()) == ["out"]


def test_a_disk_without_links_gets_copies(folder, monkeypatch):
    export_site(folder, ask=asking(), at=AT)

    def refuse(*names):
        raise PermissionError

    monkeypatch.setattr(os, "link", refuse)
    assert export_site(folder, ask=asking(), at=AT).written == 0
    assert len(files_in(folder)) == 11


def test_a_failure_leaves_the_folder_as_it_was(folder):
    export_site(folder, ask=asking(), at=AT)
    before = files_in(folder)

    def ask(address):
        if address == "/logos/a.png":
            raise OSError(28, "No space left on device")
        return asking()(address)

    with pytest.raises(OSError, match="No space left"):
        export_site(folder, ask=ask, at=AT)

    assert files_in(folder) == before
    assert sorted(path.name for path in folder.parent.iterdir()) == ["out"]


def test_a_failure_leaves_no_copy_to_tell_of_where_there_is_none(folder):
    with pytest.raises(Refused, match="answers with 404"):
        export_site(folder, ask=asking({}), at=AT)

    assert not SiteExport.objects.exists()


def test_a_process_killed_between_two_moves_loses_nothing(folder):
    export_site(folder, ask=asking(), at=AT)
    folder.rename(folder.with_name("out.before"))

    assert export_site(folder, ask=asking(), at=AT).written == 0


def test_two_exports_to_one_place_at_once_are_refused(folder):
    export_site(folder, ask=asking(), at=AT)
    refusals = []

    def ask(address):
        if address == "/":
            with pytest.raises(Refused) as refused:
                export_site(folder.with_name("other"), ask=asking(), at=AT)
            refusals.append(str(refused.value))
        return asking()(address)

    export_site(folder, ask=ask, at=AT)

    assert refusals == ["Another export is running: try again when it has ended."]
    assert export_site(folder, ask=asking(), at=AT).written == 0


def test_a_disk_as_a_whole_is_refused(folder, monkeypatch):
    monkeypatch.setattr(Path, "is_mount", lambda path: path == folder)

    with pytest.raises(Refused, match="name a folder on it"):
        export_site(folder, ask=asking(), at=AT)


def test_two_addresses_never_share_a_file_whatever_the_disk_makes_of_capitals(folder):
    site = {"/": '<a href="/A/">a</a> <a href="/a/">b</a>', "/A/": "1", "/a/": "2"}

    export_site(folder, ask=asking(site), at=AT)

    files = files_in(folder)
    assert {"1", "2"} < {*files.values()}
    assert len({name.casefold() for name in files}) == len(files)
    named = re.findall('href="([^"]*)"', files["index.html"])
    assert [files[name] for name in named] == ["1", "2"]


def test_what_changes_during_an_export_is_in_it_or_there_is_none(folder, monkeypatch):
    versions = iter(["one", "two", "two", "two"])
    monkeypatch.setattr(site_export, "content_version", lambda: next(versions))
    asked = []
    export_site(folder, ask=lambda address: asked.append(address) or asking()(address), at=AT)
    assert asked.count("/") == 2
    before = files_in(folder)

    changes = itertools.count()
    monkeypatch.setattr(site_export, "content_version", lambda: next(changes))
    with pytest.raises(Refused, match="The site changes while it is exported"):
        export_site(folder, ask=asking(SITE | {"/areas/1/": "New."}), at=AT)
    assert files_in(folder) == before


def test_a_page_of_which_the_day_alone_is_new_stays_as_old_as_it_is(folder):
    def site(day, words):
        copy = f'<p class="site-head__copy">This is a copy of {day}.</p>'
        return {"/": f'{copy}<a href="/areas/1/">1</a>', "/areas/1/": f"{copy}{words}"}

    export_site(folder, ask=asking(site("Monday", "Old.")), at=AT)
    assert export_site(folder, ask=asking(site("Tuesday", "Old.")), at=AT).written == 1
    assert "Tuesday" in files_in(folder)["index.html"]
    assert "Monday" in files_in(folder)["areas/1/index.html"]
    assert export_site(folder, ask=asking(site("Wednesday", "New.")), at=AT).written == 2
    assert "Wednesday" in files_in(folder)["areas/1/index.html"]


def is_replaced(folder):
    """Whether the next export takes the place of the last one, and leaves nothing beside it."""
    export_site(folder, ask=asking(SITE | {"/areas/1/": "New."}), at=AT)
    beside = sorted(path.name for path in folder.parent.iterdir())
    return (files_in(folder)["areas/1/index.html"], beside) == ("New.", ["out"])


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux swaps two folders in one step, by renameat2")
def test_the_folder_is_never_missing_while_it_is_replaced(folder, monkeypatch):
    export_site(folder, ask=asking(), at=AT)
    monkeypatch.delattr(Path, "rename")

    assert is_replaced(folder)


def test_where_two_moves_are_needed_the_folder_is_replaced_too(folder, monkeypatch):
    monkeypatch.setattr(site_export, "are_exchanged", lambda one, other: False)
    export_site(folder, ask=asking(), at=AT)

    assert is_replaced(folder)


def test_a_swap_that_fails_puts_the_folder_back(folder, monkeypatch):
    monkeypatch.setattr(site_export, "are_exchanged", lambda one, other: False)
    export_site(folder, ask=asking(), at=AT)
    before, rename = files_in(folder), Path.rename

    def fail(path, to):
        if path.name == "out.new":
            raise OSError(5, "Input/output error")
        return rename(path, to)

    monkeypatch.setattr(Path, "rename", fail)
    with pytest.raises(OSError, match="Input/output"):
        export_site(folder, ask=asking(SITE | {"/areas/1/": "New."}), at=AT)

    assert files_in(folder) == before
    assert sorted(path.name for path in folder.parent.iterdir()) == ["out"]


def test_a_file_is_refused(folder):
    folder.write_text("Dear")

    with pytest.raises(Refused, match="is a file"):
        export_site(folder, ask=asking(), at=AT)
    assert folder.read_text() == "Dear"


@pytest.fixture
def ordinary(monkeypatch):
    """Every account is held to the permissions of its files, as all but root are."""
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path).stat().st_mode >> 6 & mode == mode)


@pytest.mark.usefixtures("ordinary")
@pytest.mark.parametrize("closed", ["", "out", "out.new"])
def test_what_cannot_be_written_to_is_refused_beforehand(tmp_path, folder, closed):
    (tmp_path / closed).mkdir(exist_ok=True)
    (tmp_path / closed).chmod(0o500)

    with pytest.raises(Refused, match=f"{tmp_path / closed} is no folder that this account may write to"):
        refuse_unusable(folder if closed else folder / "new" / "copy")
    (tmp_path / closed).chmod(0o700)
    refuse_unusable(folder)


def test_a_folder_within_a_file_is_refused_beforehand(folder):
    folder.write_text("Dear")

    with pytest.raises(Refused, match="out is no folder"):
        refuse_unusable(folder / "new" / "copy")


@pytest.mark.django_db
def test_a_folder_that_the_system_refuses_is_a_sentence(collected, tmp_path):
    with pytest.raises(CommandError, match=r"Nothing was exported, and .* is as it was. .*File name too long"):
        call_command("export_site", str(tmp_path / ("x" * 300)))


def test_what_is_written_is_let_go_before_the_next_is_asked_for(folder):
    """A site may be larger than the memory of a small machine."""
    seen = []

    def ask(address):
        seen.append(len(files_in(folder.with_name("out.new"))) - 1)
        return asking()(address)

    export_site(folder, ask=ask, at=AT)

    assert max(seen) == 7


def test_a_folder_with_something_else_is_refused(folder):
    folder.mkdir()
    (folder / "letter.txt").write_text("Dear")

    with pytest.raises(Refused, match="holds something else"):
        export_site(folder, ask=asking(), at=AT)

    assert files_in(folder) == {"letter.txt": "Dear"}


@pytest.mark.parametrize("name", ["out/CNAME", "out/.git/config", "out.before/letter.txt", "out.new/letter.txt"])
def test_what_no_export_wrote_is_never_replaced(folder, name):
    export_site(folder, ask=asking(), at=AT)
    own = folder.parent / name
    own.parent.mkdir(exist_ok=True)
    own.write_text("Dear")
    before = files_in(folder)

    with pytest.raises(Refused, match=f"No export wrote {own.relative_to(folder.parent / name.partition('/')[0])}"):
        export_site(folder, ask=asking(SITE | {"/?status=on-hold": "None"}), at=AT)

    assert own.read_text() == "Dear"
    assert files_in(folder) == before


def test_what_a_killed_export_left_beside_is_cleared(folder):
    def killed(address):
        if address == "/logos/a.png":
            raise KeyboardInterrupt
        return asking()(address)

    with pytest.raises(KeyboardInterrupt):
        export_site(folder, ask=killed, at=AT)
    assert SiteExport.objects.get().folder == str(folder)
    left = folder.with_name("out.new")
    (left / "areas/1").mkdir(parents=True)
    (left / MARK).write_text("https://tracker.example.org\nareas/1/index.html\nindex.html\n")
    (left / "areas/1/index.html").write_text("half")

    export_site(folder, ask=asking(), at=AT)

    assert sorted(path.name for path in folder.parent.iterdir()) == ["out"]


def killed(*places, **options):
    raise KeyboardInterrupt


def test_an_export_killed_at_its_last_page_stands_in_no_one_s_way(folder, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(site_export, "with_pictures_inside", killed)
        patched.setattr(site_export, "clear", lambda left: None)
        with pytest.raises(KeyboardInterrupt):
            export_site(folder, ask=asking(), at=AT)
    assert (folder.with_name("out.new") / "404.html").exists()

    assert export_site(folder, ask=asking(), at=AT).files == 10


def test_an_export_killed_while_it_removes_the_one_of_before_stands_in_no_one_s_way(folder, monkeypatch):
    export_site(folder, ask=asking(), at=AT)

    def half(left, **options):
        if left.exists():
            (left / MARK).unlink(missing_ok=True)
            raise KeyboardInterrupt

    listed = Path.iterdir
    with monkeypatch.context() as patched:
        patched.setattr(Path, "iterdir", lambda path: iter(sorted(listed(path))))
        patched.setattr(site_export.shutil, "rmtree", half)
        with pytest.raises(KeyboardInterrupt):
            export_site(folder, ask=asking(), at=AT)

    export_site(folder, ask=asking(), at=AT)
    assert sorted(path.name for path in folder.parent.iterdir()) == ["out"]


def test_a_site_that_does_not_answer_is_not_exported(folder):
    export_site(folder, ask=asking(), at=AT)

    with pytest.raises(Refused, match="answers with 404"):
        export_site(folder, ask=asking({}), at=AT)

    assert len(files_in(folder)) == 11


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("/", "index.html"),
        ("/?area=3", "index-area-3.html"),
        ("/recommendations/12-b/", "recommendations/12-b/index.html"),
        ("/data/progress.json?party=funders&status=on-hold", "data/progress-party-funders-status-on-hold.json"),
        ("/updates.atom", "updates.atom"),
        ("/.well-known/security.txt", ".well-known/security.txt"),
    ],
)
def test_each_address_has_a_file_whose_name_says_what_it_is(address, name):
    assert file_of(address) == name


# The real site


@pytest.fixture
def collected(settings, tmp_path):
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": "tracker.stylesheets.StaticFilesStorage"}}
    call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=["simple_history"])


@pytest.mark.pages
@pytest.mark.django_db(transaction=True)
def test_the_whole_site_works_from_a_disk_and_drops_what_is_taken_down(client, sample, user, folder, collected, capfd):
    call_command("export_site", str(folder))
    assert "Not Found" not in capfd.readouterr().err
    pages = {name: page for name, page in files_in_bytes(folder).items() if name.endswith(".html")}
    assert broken_links(pages, folder) == set()
    host = {"host": "tracker.example.org"}
    for address in ("/", "/areas/3/", "/recommendations/3.2/", "/updates/", "/parties/funders/", "/reports/", "/data/"):
        name = f"{address[1:]}index.html"
        assert words_of(pages[name].decode()) == words_of(client.get(address, headers=host).content.decode()), address
    assert len(pages) > 80
    for address in ("/data/updates.csv", "/data/progress.json", "/robots.txt", "/.well-known/security.txt"):
        assert (folder / address[1:]).read_bytes() == client.get(address, headers=host).content, address
    sitemap = re.findall(r"<loc>https://tracker.example.org([^<]*)</loc>", (folder / "sitemap.xml").read_text())
    assert {address for address in sitemap if not (folder / file_of(address)).is_file()} == set()
    assert any(b'url("data:image/svg' in style.read_bytes() for style in folder.rglob("*.css"))
    for page in pages.values():
        assert b"https://tracker.example.org" in page
        assert b"This is a copy of" in page
        assert b'role="search"' not in page
        assert b"<form" not in page
    for name in ("updates.atom", "data/progress.json", "reports/one-year-update-2020/report.pdf", "sitemap.xml"):
        assert (folder / name).is_file(), name

    update = ProgressUpdate.objects.filter(published_at__isnull=False).latest("dated_on", "pk")
    words = update.text.splitlines()[0].encode()
    assert any(words in page for page in pages.values())
    take_down(update, reason="Safety.", by=user, at=timezone.now())
    call_command("export_site", str(folder))

    left = {name for name, content in files_in_bytes(folder).items() if words in content}
    assert {name for name in left if not name.startswith("reports/")} == set()
    assert b"Safety." in (folder / f"updates/{update.pk}/index.html").read_bytes()


def broken_links(pages, folder):
    """The addresses in exported pages that lead to no file, or to no place in its page."""
    ids = {name: {*re.findall(rb'\sid="([^"]*)"', page)} for name, page in pages.items()}
    broken = set()
    for name, page in pages.items():
        for address in re.findall(r'\s(?:href|src)="([^"]*)"', page.decode()):
            path, _mark, fragment = unescape(address).partition("#")
            if urlsplit(path).scheme:
                continue
            there = os.path.normpath(Path(name).parent / unquote(path)) if path else name
            is_there = not fragment or there not in ids or fragment.encode() in ids[there]
            if not is_there or not (folder / there).is_file():
                broken.add((name, address))
    return broken


def words_of(page):
    """The words in the main part of a page, without its search form."""
    main = re.search(r"<main.*</main>", page, re.DOTALL)[0]
    return " ".join(re.sub(r"<[^>]+>", " ", re.sub(r"<form.*?</form>", "", main, flags=re.DOTALL)).split())


def files_in_bytes(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.django_db
def test_without_static_files_it_is_refused_in_a_sentence(tmp_path):
    with pytest.raises(CommandError, match="The static files are missing"):
        call_command("export_site", str(tmp_path / "out"))
