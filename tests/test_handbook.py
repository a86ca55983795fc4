"""The handbook for staff holds together: its chapters and pictures, and the words in bold, which are on the screen."""

import ast
import re
import subprocess
import sys
from html import unescape
from pathlib import Path

import django.contrib.admin
import django.contrib.auth
import pytest
from django.apps import apps
from PIL import Image

from recommendations.models import Status
from tracker.settings import BASE_DIR

HANDBOOK = BASE_DIR / "docs/handbook"
CHAPTERS = sorted(HANDBOOK.glob("*.md"))
IMAGES = sorted((HANDBOOK / "images").glob("*.png"))
PICTURE = re.compile(r"!\[([^\]]*)\]\(([^)]+)\)")
LINK = re.compile(r"(?<!!)\[[^\]]+\]\(([^)]+)\)")
BOLD = re.compile(r"\*\*([^*]+)\*\*")
# Where the words on the screen come from: our own code and templates, and what Django's admin says by itself.
SOURCES = [
    BASE_DIR / "recommendations",
    BASE_DIR / "templates",
    *(Path(module.__file__).parent for module in (django.contrib.admin, django.contrib.auth)),
]
TRANSLATING = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy"}
TAGGED = re.compile(r"""{%-? *translate +(?:"([^"]+)"|'([^']+)')""")
BLOCKED = re.compile(r"{% *blocktranslate[^%]*%}(.*?){% *endblocktranslate *%}", re.DOTALL)
VARIABLE = re.compile(r"{{[^}]*}}|%\(\w+\)[sd]")


@pytest.fixture(scope="module")
def on_screen():
    """A pattern for each piece of text that the admin may show."""
    found = {
        str(field.verbose_name)
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if hasattr(field, "verbose_name")
    }
    found |= {str(name) for model in apps.get_models() for name in (model._meta.verbose_name_plural,)}
    for source in SOURCES:
        for path in source.rglob("*.html"):
            words = path.read_text(encoding="utf-8")
            found |= {first or second for first, second in TAGGED.findall(words)}
            found |= {part for block in BLOCKED.findall(words) for part in re.split(r"{% *plural *%}", block)}
        for path in source.rglob("*.py"):
            found |= set(translated(path))
    return re.compile("|".join(pattern(words) for words in found if says_something(words)), re.IGNORECASE)


def translated(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) in TRANSLATING:
            for argument in node.args:
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    yield argument.value


def says_something(words):
    return len(re.sub(r"\W", "", VARIABLE.sub("", words))) > 3


def pattern(words):
    fixed = [re.escape(" ".join(part.split(" "))) for part in VARIABLE.split(" ".join(unescape(words).split()))]
    return ".+".join(fixed)


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda path: path.stem)
def test_words_in_bold_stand_on_the_screen(chapter, on_screen):
    bold = [" ".join(words.split()) for words in BOLD.findall(chapter.read_text(encoding="utf-8"))]

    assert [words for words in bold if not on_screen.fullmatch(words)] == []


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda path: path.stem)
def test_every_picture_is_described(chapter):
    pictures = PICTURE.findall(chapter.read_text(encoding="utf-8"))

    assert [name for words, name in pictures if len(words.split()) < 3] == []


def test_every_chapter_is_in_the_contents_and_every_picture_in_a_chapter():
    contents = LINK.findall((HANDBOOK / "README.md").read_text(encoding="utf-8"))
    shown = [name for path in CHAPTERS for _words, name in PICTURE.findall(path.read_text(encoding="utf-8"))]

    assert {path.name for path in CHAPTERS} - set(contents) == {"README.md"}
    assert sorted(shown) == [f"images/{path.name}" for path in IMAGES]


def test_pictures_are_light_and_as_wide_as_a_page():
    sizes = {path.name: path.stat().st_size for path in IMAGES}
    widths = set()
    for path in IMAGES:
        with Image.open(path) as image:
            widths.add((image.width, image.mode))

    assert {name: size for name, size in sizes.items() if size > 80 * 1024} == {}
    assert sum(sizes.values()) < 1.5 * 1024 * 1024
    assert widths == {(1080, "P")}


def test_statuses_are_explained_as_on_the_website():
    chapter = (HANDBOOK / "statuses.md").read_text(encoding="utf-8")

    rows = [row.strip("| ").split(" | ") for row in chapter.splitlines() if row.startswith("| ")]

    assert rows[1:] == [[str(status.label), status.definition, status.evidence] for status in Status]


@pytest.mark.process
def test_the_script_that_makes_the_pictures_starts():
    """Asked for help, it says what it does: before that, Python has read all that it imports at its top."""
    run = subprocess.run([sys.executable, BASE_DIR / "script/handbook", "--help"], capture_output=True, text=True)

    assert "Make the pictures of docs/handbook/ from a running tracker" in run.stdout
