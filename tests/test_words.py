"""Templates, messages and docs keep to the words that docs/words.md lists."""

import ast
import re
from pathlib import Path

import pytest

PAGE = Path("docs/words.md")
ROWS = re.findall(r"^\| (?!we write|---)(.+?) \| (.+?) \| (.+?) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
AVOIDED = re.compile(
    rf"\b({'|'.join(word for _, avoided, _ in ROWS for word in avoided.split(', '))})\b", re.IGNORECASE
)
# Names of pictures and pages are no words of ours; neither is code.
TARGET = re.compile(r"\]\([^)]*\)")
TEMPLATE_CODE = re.compile(r"{{.*?}}|{%(?! *(?:translate|blocktranslate|plural))[^%]*%}|{#.*?#}|<[^>]*>", re.DOTALL)
TEXTS = sorted([*Path("docs").glob("*.md"), *Path("docs/handbook").glob("*.md"), Path("README.md")])
TEMPLATES = sorted(path for path in Path("templates").rglob("*") if path.suffix in {".html", ".txt"})
MODULES = sorted(
    path
    for room in ("recommendations", "tracker")
    for path in Path(room).rglob("*.py")
    if path.parent.name != "migrations"
)


def said_by(path):
    """What `path` may show to somebody: prose, the words of a template, or the sentences in a module's strings."""
    words = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        return "\n".join(sentences(ast.parse(words)))
    return (TARGET if path.suffix == ".md" else TEMPLATE_CODE).sub(" ", words)


def sentences(tree):
    told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in told
            and " " in node.value
        ):
            yield node.value


@pytest.mark.parametrize("paths", [TEXTS, TEMPLATES, MODULES], ids=["docs", "templates", "modules"])
def test_words_to_avoid_are_avoided(paths):
    found = [(str(path), word) for path in paths if path != PAGE for word in AVOIDED.findall(said_by(path))]

    assert len(paths) > 10
    assert found == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("page.md", "What bodies do."),
        ("page.html", '<p class="x">{% translate "Your organisation" %}</p>'),
        ("module.py", 'raise Refused(_("Mend the " "whole slip."))'),
        ("module.py", 'print(f"{name}: what stands now")'),
    ],
)
def test_a_word_to_avoid_is_found(tmp_path, name, text):
    (tmp_path / name).write_text(text)

    assert AVOIDED.findall(said_by(tmp_path / name))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("page.html", "{{ plan.organisation }}<p class='slip'>"),
        ("module.py", '"""Mends a slip."""\nKEY = "organisation"'),
    ],
)
def test_code_may_have_names_of_its_own(tmp_path, name, text):
    (tmp_path / name).write_text(text)

    assert not AVOIDED.findall(said_by(tmp_path / name))
