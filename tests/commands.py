"""What a command line of the docs runs, and what is wrong with it: a name, an option or an argument that isn't there.

Commands of manage.py and scripts in Python are parsed by their own parsers. Of scripts in bash we know the options, and
of programs of others which of our units, files and commands they are given.
"""

import argparse
import re
import runpy
import shlex
from collections import Counter
from fnmatch import fnmatch
from functools import cache
from importlib.util import find_spec

from django.core.management import CommandError, get_commands, load_command_class

from bench import run as bench
from tracker.settings import BASE_DIR

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
VALUES = {"N": "1", "ID": "1", "NUMBER": "1"}
LOOKS_LIKE_A_COMMAND = re.compile(r"[a-z][a-z_./-]*(?: [a-z]+)* (?:\[?--?[a-z]|[A-Z]{2,}\b|\[[A-Z])")


def is_command(code):
    """Whether code in a sentence is a command, or looks like one."""
    words = re.sub(r"^(?:[A-Z_]+=\S+ )+", "", code).split()
    if not words:
        return False
    is_ours = words[0] in get_commands() or re.search(
        r"manage\.py$|(^|/)script/|^(?:\S*/)?python3?$|-upgrade$", words[0]
    )
    is_of_others = len(words) > 1 and words[0] in (*OUTSIDE, *INSTALLED)
    return bool(is_ours or is_of_others or LOOKS_LIKE_A_COMMAND.match(code) or code.startswith("--"))


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
    """What is wrong with a line, in a sentence for each command that it runs."""
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
    return "nobody knows this command; OUTSIDE in tests/commands.py lists those of others"


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
