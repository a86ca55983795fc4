"""Every link in the docs leads somewhere, and every command in them is there and takes the arguments that it is given.

A command is a line of an indented block, or code within a sentence that begins like one. Those of manage.py and scripts
in Python are parsed by their own parsers; what can't be run here is in OUTSIDE. tests/test_operations.py, test_demo.py
and test_upgrade.py run what the docs say, besides.
"""

import argparse
import re
import runpy
import shlex
from collections import Counter
from fnmatch import fnmatch
from functools import cache
from importlib.util import find_spec
from itertools import pairwise, takewhile
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.apps import apps
from django.core.management import CommandError, get_commands, load_command_class
from markdown_it import MarkdownIt

from bench import run as bench
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

# Programs of other people's, and why no test runs what the docs ask of them. Units, files and commands of ours that
# they are given are checked all the same.
OUTSIDE = {
    "age": "recommended, not installed",
    "age-keygen": "recommended, not installed",
    "apt-get": "installs on the machine",
    "cat": "run with the whole of “Run it by hand”",
    "chmod": "run with the whole of “Run it by hand”",
    "chown": "needs the service account",
    "curl": "asks a site that is up",
    "git": "needs a repository elsewhere",
    "install": "needs the service account",
    "journalctl": "needs systemd",
    "mkdir": "run with the whole of “Run it by hand”",
    "podman": "needs a container engine",
    "pybabel": "rewrites the catalogues",
    "rm": "needs the service account",
    "rsync": "recommended, not installed",
    "set": "run with the whole of “Run it by hand”",
    ".": "run with the whole of “Run it by hand”",
    "sha256sum": "a page of the site explains it",
    "systemctl": "needs systemd",
    "timedatectl": "sets the clock of the machine",
    "ulimit": "a word of the shell",
    "wc": "only counts",
    "wget": "asks a site that is up",
}
INSTALLED = ("tracker", "housing")
PARSERS = {name: runpy.run_path(f"script/{name}")["arguments"] for name in ("audit", "faults", "lock")}
PARSERS["bench"] = bench.arguments
# For what the docs leave to be filled in. Anything else in capitals is itself a good value.
VALUES = {"N": "1", "ID": "1", "NUMBER": "1", "NUMBER…": "1", "ROWS": "1", "PART": "pages", "…": "1"}
LOOKS_LIKE_A_COMMAND = re.compile(r"[a-z][a-z_./-]*(?: [a-z]+)* (?:\[?--?[a-z]|[A-Z]{2,}\b|\[[A-Z])")


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
        words = re.sub(r"^(?:[A-Z_]+=\S+ )+", "", code).split()
        is_known = words and (is_ours(words[0]) or (len(words) > 1 and words[0] in (*OUTSIDE, *INSTALLED)))
        if is_known or LOOKS_LIKE_A_COMMAND.match(code) or code.startswith("--"):
            yield code


def is_ours(word):
    return word in get_commands() or bool(re.search(r"manage\.py$|(^|/)script/|^(?:\S*/)?python3?$|-upgrade$", word))


def simple_commands(line):
    """What a line of the shell runs, each as a list of its words, without where output goes."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    words = []
    for word in [*lexer, ";"]:
        if set(word) <= set("|&;()"):
            if words:
                yield words
            words = []
        elif words and words[-1] in (">", "<<", "<"):
            words = words[:-1]
        else:
            words.append(word)


def faults(line):
    """What is wrong with a line: nothing that it runs is told apart."""
    if line.startswith("--"):
        return [
            f"{word}: no command has it" for word in line.split() if word.startswith("--") and word not in options()
        ]
    return [f"{line}: {wrong}" for words in simple_commands(line) if (wrong := fault(words))]


def fault(words):
    while re.fullmatch(r"[A-Z_]+=.*", words[0]):
        words = words[1:]
    program, *rest = [word.strip("[]") for word in words]
    name = program.rpartition("/")[2]
    if name in ("python", "python3") and rest[:1] == ["-m"]:
        return "" if find_spec(rest[1]) else "there is no such module"
    if name in ("python", "python3") and rest[:1] == ["-c"]:
        return compile_fault(rest[1])
    if name in ("python", "python3"):
        return fault(rest)
    if name == "manage.py" or (program in INSTALLED and rest):
        return command_fault(*rest) if rest else ""
    if program in get_commands():
        return command_fault(program, *rest)
    if program.removesuffix("-upgrade") in INSTALLED:
        return script_fault("upgrade", rest)
    if program.startswith("script/") or "/script/" in program:
        return script_fault(name, rest)
    if program in OUTSIDE:
        return outside_fault(program, rest)
    return "nobody knows this command; OUTSIDE in tests/test_docs.py lists those of others"


def compile_fault(code):
    try:
        compile(code, "docs", "exec")
    except SyntaxError as error:
        return str(error)
    return ""


@cache
def parser_of(name):
    return load_command_class(get_commands()[name], name).create_parser("manage.py", name)


def command_fault(name, *arguments):
    """A name alone speaks of the command, and “…” leaves something out: then there may be more that it needs."""
    if name not in get_commands():
        return "there is no such command"
    if not arguments:
        return ""
    if "…" in arguments:
        return ", ".join(unknown_options(arguments, options_of(parser_of(name))))
    return parse_fault(parser_of(name), arguments)


def parse_fault(parser, arguments):
    try:
        parser.parse_args([VALUES.get(word, word) for word in arguments])
    except (CommandError, SystemExit) as error:
        return str(error) or "its parser doesn't take these arguments"
    return ""


def unknown_options(words, known):
    return [f"it has no {word}" for word in words if re.match(r"-\D", word) and word not in known]


def script_fault(name, arguments):
    path = BASE_DIR / "script" / name
    if not path.is_file():
        return "there is no such script"
    if name in PARSERS:
        return parse_fault(PARSERS[name](), arguments)
    if name == "test":
        return pytest_fault(arguments)
    return ", ".join(unknown_options(arguments, options_in(path)))


@cache
def options_in(path):
    """Those that a script in bash says that it has, at its head or where it is used wrongly, and that it looks for."""
    option = re.compile(r"(?<![\w-])--[a-z][a-z-]*")
    text = path.read_text(encoding="utf-8")
    said = "".join(re.findall(r"^#.*\n|^usage=\"[^\"]*\"", text, re.MULTILINE))
    count = Counter(option.findall(text))
    return {name for name in option.findall(said) if count[name] > said.count(name)}


def options_of(parser):
    """Those of a command, and of the commands within it."""
    found = set(parser._option_string_actions)
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            found |= set().union(*map(options_of, action.choices.values()))
    return found


@cache
def options():
    """Every option that anything of ours has."""
    ours = [name for name, app in get_commands().items() if app != "django.core"] + ["makemessages", "collectstatic"]
    scripts = [options_in(path) for path in (BASE_DIR / "script").iterdir()]
    return set().union(
        *scripts, *(options_of(parser_of(name)) for name in ours), *(options_of(one()) for one in PARSERS.values())
    )


def pytest_fault(arguments):
    """Of script/test: its own options, or pytest's, with files that are there and words of tests in them."""
    if arguments and arguments[0] in ("--fast", "--coverage"):
        return "" if len(arguments) == 1 else "it takes no more arguments"
    files = [word for word in arguments if word.startswith("tests/")]
    said = ""
    for file in files:
        if "…" not in file:
            if not (BASE_DIR / file).is_file():
                return f"there is no {file}"
            said += " ".join(
                re.findall(r"^def (test_\w+)", (BASE_DIR / file).read_text(encoding="utf-8"), re.MULTILINE)
            )
    chosen = arguments[arguments.index("-k") + 1].split(" or ") if "-k" in arguments else []
    if missing := [word for word in chosen if word not in said]:
        return f"no test there has {', '.join(missing)} in its name"
    return ", ".join(unknown_options(arguments, {"-k", "-s"}))


def outside_fault(program, words):
    """What of ours a program of others is given: units, files of the tree, commands in a container."""
    if program in ("systemctl", "journalctl"):
        units = [path.name for path in (BASE_DIR / "deploy/units").iterdir()]
        named = [
            word.replace("housing-", "tracker-")
            for word in words
            if word.startswith(tuple(f"{one}-" for one in INSTALLED))
        ]
        missing = [
            word for word in named if not any(fnmatch(unit, word) or fnmatch(unit, f"{word}.*") for unit in units)
        ]
        return f"there is no unit {', '.join(missing)}" if missing else ""
    if program == "podman" and words[0] == "run":
        image = len(words) - words[::-1].index("tracker")
        return command_fault(*words[image:]) if words[image:] else ""
    missing = [
        word for word in words if re.match(r"(?:deploy|docs|fixtures|script)/", word) and not (BASE_DIR / word).exists()
    ]
    return f"there is no {', '.join(missing)}" if missing else ""


def test_every_command_is_there_and_takes_its_arguments():
    lines = [(name_of(page), line) for page in LIVING for line in (*blocks(page), *sentences(page))]

    assert [(page, wrong) for page, line in lines for wrong in faults(line)] == []


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


@cache
def names():
    """The words of code, commands and tables."""
    words = {word for text in sources() for word in re.findall(r"[a-z]+(?:_[a-z0-9]+)+", text)}
    return words | set(get_commands()) | {model._meta.db_table for model in apps.get_models()}


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

    assert [
        (page, word) for page, word in named if re.fullmatch(r"[a-z]+(?:_[a-z0-9]+)+", word) and word not in names()
    ] == []


def test_every_file_in_code_is_there():
    a_file = re.compile(r"[\w./-]+\.(?:conf|css|html|js|md|py|service|svg|timer|toml|txt|yml)")
    named = [(name_of(page), word) for page in LIVING for word in code_in(page) if a_file.fullmatch(word)]

    assert [(page, path) for page, path in named if not is_in_the_tree(path)] == []
