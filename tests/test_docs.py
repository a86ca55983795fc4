"""Every link in the docs leads somewhere, and every command in them is there and takes the arguments that it is given.

A command is a line of an indented block, or code within a sentence that begins like one. Most are run by a test of
their own as well, such as those of tests/test_operations.py; tests/commands.py lists what can't be run here.
"""

import re
from functools import cache
from itertools import pairwise, takewhile
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.apps import apps
from django.core.management import get_commands
from markdown_it import MarkdownIt

from tests.commands import OUTSIDE, faults, is_command, simple_commands
from tracker.settings import BASE_DIR

PAGES = sorted(
    path
    for where in (".", "bench", "deploy", "docs", "fixtures")
    for path in (BASE_DIR / where).glob("*.md" if where == "." else "**/*.md")
)
# It says what was.
LIVING = [page for page in PAGES if page.name != "CHANGELOG.md"]
MARKDOWN = MarkdownIt("commonmark").enable("table")
LOCAL = ("127.0.0.1", "localhost")


def name_of(page):
    return str(page.relative_to(BASE_DIR))


@cache
def tokens(page):
    """The tokens of a page, those within a paragraph among them."""
    found = MARKDOWN.parse(page.read_text(encoding="utf-8"))
    return [one for token in found for one in (token, *(token.children or []))]


def code_in(page):
    """What stands as code within sentences."""
    return [token.content for token in tokens(page) if token.type == "code_inline"]


# Links


@cache
def anchors(page):
    """The addresses of a page's headings, as forges make them."""
    found = []
    for before, token in pairwise(MARKDOWN.parse(page.read_text(encoding="utf-8"))):
        if before.type == "heading_open":
            words = "".join(child.content for child in token.children)
            anchor = re.sub(r"[^\w\- ]", "", words.lower()).replace(" ", "-")
            found.append(f"{anchor}-{again}" if (again := found.count(anchor)) else anchor)
    return found


def links(page):
    for token in tokens(page):
        if token.type in ("link_open", "image"):
            yield token.attrs.get("href") or token.attrs.get("src")


def is_there(page, link):
    to = urlsplit(link)
    if to.scheme or to.netloc:
        return to.scheme == "https" and "." in (to.hostname or "") and "@" not in to.netloc
    target = (page.parent / to.path).resolve() if to.path else page
    return target.exists() and (not to.fragment or to.fragment in anchors(target))


def test_every_link_leads_somewhere():
    assert [(name_of(page), link) for page in PAGES for link in links(page) if not is_there(page, link)] == []


def test_every_address_is_of_this_machine_or_begins_with_https():
    addresses = [
        urlsplit(address)
        for page in PAGES
        for address in re.findall(r"\bhttps?://[^\s<>)`\"']+", page.read_text(encoding="utf-8"))
    ]

    assert [to.geturl() for to in addresses if to.scheme != "https" and to.hostname not in LOCAL] == []


@pytest.mark.parametrize(
    "link",
    [
        "gone.md",
        "../docs/gone.md",
        "#gone",
        "writing.md#gone",
        "images/gone.png",
        "http://example.org/",
        "https://example/",
    ],
)
def test_a_link_that_leads_nowhere_is_found(link):
    page = BASE_DIR / "docs/handbook/signing-in.md"

    assert is_there(page, "writing.md#if-you-are-interrupted")
    assert is_there(page, "https://example.org/")
    assert not is_there(page, link)


# Commands


def blocks(page):
    """The lines of blocks of commands, without their comments and without what is written to a file."""
    for token in tokens(page):
        if token.type in ("code_block", "fence") and not token.info:
            rest = iter(token.content.splitlines())
            for line in rest:
                yield re.sub(r"\s{2,}#.*", "", line)
                if end := re.search(r"<<(\w+)$", line):
                    list(takewhile(lambda line, end=end[1]: line != end, rest))


def sentences(page):
    """Code within sentences that is a command or looks like one."""
    for code in code_in(page):
        if is_command(code):
            yield code


def test_every_command_is_there_and_takes_its_arguments():
    lines = [(name_of(page), line) for page in LIVING for line in (*blocks(page), *sentences(page))]

    assert [(page, wrong) for page, line in lines for wrong in faults(line)] == []


def test_every_command_of_others_that_is_let_by_is_in_the_docs():
    lines = [line for page in LIVING for line in (*blocks(page), *sentences(page)) if not line.startswith("--")]
    programs = {words[0] for line in lines for words in simple_commands(line)} | {
        code for page in LIVING for code in code_in(page)
    }

    assert [name for name in OUTSIDE if name not in programs] == []


@pytest.mark.parametrize(
    "line",
    [
        "manage.py doctr",
        "manage.py serve --prot 1",
        "manage.py publish_report SLUG",
        "manage.py take_down update 1 --by USER --reason WHY --editons",
        ".venv/bin/python manage.py colectstatic --noinput",
        "set -a; manage.py migrte",
        "backup FILE --kye",
        "serve --workers MANY",
        "take_down update … --editons",
        "tracker bakup FILE",
        "tracker-upgrade --hael",
        "script/demoo",
        "script/demo --emtpy",
        "/opt/tracker/source/script/install --nmae housing",
        "script/bench 29 --only pags",
        "script/lock --upgrade-pakage NAME",
        "script/test --quick",
        "script/test tests/test_nothing.py",
        'script/test tests/test_details.py -k "score or nonsense"',
        "podman run --rm -v tracker:/opt/tracker/var tracker migrte",
        "systemctl restart tracker-wbe",
        "journalctl -u housing-wbe.service",
        "cat deploy/nothing.conf",
        "python -m bench.sheetz [ROWS]",
        "python3 -c 'print('",
        "somethng --else",
        "--emtpy",
    ],
)
def test_a_command_that_is_not_there_or_takes_other_arguments_is_found(line):
    assert len(faults(line)) == 1


@pytest.mark.parametrize(
    "line", ["somethng --else", "bakup FILE", "--emtpy", "script/demoo", "systemctl stop x", "TZ=UTC manage.py x"]
)
def test_code_in_a_sentence_that_looks_like_a_command_is_taken_for_one(tmp_path, line):
    (tmp_path / "page.md").write_text(f"Run `{line}` once a day, for `dated_on`, `to fix` and `June 2020`.")

    assert list(sentences(tmp_path / "page.md")) == [line]


def test_a_block_is_its_commands_without_comments_and_without_what_is_written_to_a_file(tmp_path):
    (tmp_path / "page.md").write_text(
        "Run:\n\n    one --a  # why\n    cat > x <<END\n    words\n    END\n    two; three | four > five\n"
    )

    lines = list(blocks(tmp_path / "page.md"))

    assert lines == ["one --a", "cat > x <<END", "two; three | four > five"]
    assert [words for line in lines for words in simple_commands(line)] == [
        ["one", "--a"], ["cat"], ["two"], ["three"], ["four"],
    ]  # fmt: skip


def test_what_readers_cost_follows_from_the_line_that_says_so(capsys):
    """docs/scaling.md: each row of its last table, and the line of Python below it."""
    page = (BASE_DIR / "docs/scaling.md").read_text(encoding="utf-8")
    (line,) = re.findall(r'^    python3 -c "N=1_000_000; (.*)"$', page, re.MULTILINE)
    rows = re.findall(r"^\| ([\d,]+) \| (.+?) \| .+? \| ([\d,.]+) \| ([\d.]+) % \| ([\d.]+) % \|$", page, re.MULTILINE)
    assert len(rows) == 5

    for readers, traffic, requests, core, network in rows:
        exec(line, {"N": int(readers.replace(",", ""))})
        terabytes, _tb, a_second, _requests, cores, _cores, gigabits, _gbit = capsys.readouterr().out.split()

        size, unit = traffic.split()
        assert float(terabytes) * (1000 if unit == "GB" else 1) == pytest.approx(float(size))
        assert float(a_second) == pytest.approx(float(requests.replace(",", "")), rel=0.06)
        assert float(cores) * 100 == pytest.approx(float(core), rel=0.2)
        assert float(gigabits) * 100 == pytest.approx(float(network), rel=0.02)


# Names


FOLDERS = (
    ".github",
    "bench",
    "deploy",
    "docs",
    "fixtures",
    "recommendations",
    "script",
    "static",
    "templates",
    "tests",
    "tracker",
)
CODE = ("", ".conf", ".service", ".timer", ".sh", ".css", ".html", ".js", ".py")
# What the docs name that isn't there, and why.
NOT_THERE = {
    "journald.conf": "systemd's",
    "static/marks/WORD.svg": "of a status that we don't have",
    "tracker/formats/pl/formats.py": "of a language that we don't have",
    "var/one-year-update-2020.html": "script/demo makes it",
}


@cache
def files():
    return [path for folder in FOLDERS for path in (BASE_DIR / folder).rglob("*")] + list(BASE_DIR.iterdir())


@cache
def sources():
    """All code, styles, templates and settings, but this file, whose wrong names are meant."""
    return [
        path.read_text(encoding="utf-8", errors="ignore")
        for path in files()
        if path.suffix in CODE and path.is_file() and path != Path(__file__)
    ]


def test_what_code_says_of_commands_and_docs_is_there():
    """In messages, in units and in comments."""
    commands = {name for text in sources() for name in re.findall(r"(?:run|python|`|“) ?manage\.py ([a-z_]+)", text)}
    pages = {page for text in sources() for page in re.findall(r"\bdocs/[\w/-]+\.md\b", text)}

    assert commands - set(get_commands()) == set()
    assert [page for page in pages if not (BASE_DIR / page).is_file()] == []
    assert len(commands) > 10
    assert len(pages) > 5


def is_in_the_tree(path):
    path = path.replace("housing-", "tracker-")
    return path in NOT_THERE or any(f"/{one}".endswith(f"/{path}") for one in files())


def test_every_name_in_code_is_there():
    """But for those in decisions, which also say what was decided against."""
    named = [(name_of(page), word) for page in LIVING if page.parent.name != "adr" for word in code_in(page)]

    identifiers = [(page, word) for page, word in named if re.fullmatch(r"[a-z]+(?:_[a-z0-9]+)+", word)]
    tables = {model._meta.db_table for model in apps.get_models()}
    everything = "\n".join(sources())

    assert [
        (page, word)
        for page, word in identifiers
        if word not in get_commands() and word not in tables and not re.search(rf"{word}\b", everything)
    ] == []


def test_every_file_in_code_is_there():
    a_file = re.compile(r"[\w./-]+\.(?:conf|css|html|js|md|py|service|svg|timer|toml|txt|yml)")
    named = [(name_of(page), word) for page in LIVING for word in code_in(page) if a_file.fullmatch(word)]

    assert [(page, path) for page, path in named if not is_in_the_tree(path)] == []
