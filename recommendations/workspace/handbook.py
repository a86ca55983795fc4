"""The handbook as staff read it within their pages: its chapters, what is found in them, and which helps on a page.

The chapters are the files of docs/handbook, which anybody may read as well where the code is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

from recommendations.text.intake import folded

FOLDER: Path = settings.BASE_DIR / "docs" / "handbook"
CONTENTS = "README"
# What it is written in, whatever the language of the pages around it.
LANGUAGE = "en-CA"
AROUND_A_HIT = 90

# The chapter that helps on the pages of an act, whatever it is done to.
BY_ACT = {
    "history": "history",
    "restore": "history",
    "export": "files",
    "import": "files",
    "empty_sheet": "files",
    "set_aside": "take-down",
    "restore_set_aside": "take-down",
    "take_down": "take-down",
    "take_down_editions": "take-down",
    "erase": "take-down",
    "ready": "ready",
    "correct": "after",
    "withdraw": "after",
    "check": "safety",
    "erase_note": "safety",
    "legal_hold": "records",
    "leave": "leaving",
}
# On the other pages, the one that helps with the kind of thing.
BY_SUBJECT = {
    "index": "workspace",
    "changes": "history",
    "security": "people",
    "progressupdate": "writing",
    "report": "report",
    "edition": "after",
    "correction": "after",
    "takedown": "take-down",
    "recommendation": "plan",
    "area": "plan",
    "responsibleparty": "plan",
    "actionplan": "settings",
    "term": "terms",
    "linkcheck": "links",
    "user": "people",
    "second": "signing-in",
    "sign": "signing-in",
    "password": "signing-in",
    "first": "signing-in",
}


@dataclass(frozen=True)
class Section:
    """A heading of a chapter and the words below it; `anchor` is empty for what stands before the first heading."""

    anchor: str
    heading: str
    words: str


@dataclass(frozen=True)
class Chapter:
    """A file of the handbook: `name` is that of the file, `body` its HTML without the title."""

    name: str
    title: str
    body: SafeString
    sections: tuple[Section, ...]


@dataclass(frozen=True)
class Hit:
    """A section in which every word that was asked for stands, with the words around the first: before, it, after."""

    chapter: Chapter
    section: Section
    excerpt: tuple[str, str, str]


def help_on(page: str) -> str:
    """The name of the chapter that helps on the page with the URL name `page`: the contents where none is about it."""
    subject, _, act = page.removeprefix("recommendations_").removeprefix("auth_").partition("_")
    return BY_ACT.get(act) or BY_SUBJECT.get(subject, CONTENTS)


def chapter(name: str) -> Chapter | None:
    return _chapters().get(name)


def chapters() -> list[Chapter]:
    """All of them in the order of the contents, which lead."""
    return list(_chapters().values())


def picture(name: str) -> Path | None:
    """The file of a picture that a chapter shows."""
    return _pictures().get(name)


def found(words: str) -> list[Hit]:
    """The sections that hold every one of `words`, those first that have one in their heading."""
    wanted = folded(words).split()[:20]
    hits = [
        (not any(word in folded(f"{one.title} {section.heading}") for word in wanted), _hit(one, section, wanted))
        for one in chapters()
        for section in one.sections
        if wanted and all(word in folded(f"{one.title} {section.heading} {section.words}") for word in wanted)
    ]
    return [hit for _is_below, hit in sorted(hits, key=lambda ranked: ranked[0])]


def _hit(chapter: Chapter, section: Section, wanted: list[str]) -> Hit:
    words = section.words
    match = next(filter(None, (re.search(re.escape(word), words, re.IGNORECASE) for word in wanted)), None)
    if match is None:
        return Hit(chapter, section, (_cut(words, end=2 * AROUND_A_HIT), "", ""))
    before, after = words[: match.start()], words[match.end() :]
    return Hit(chapter, section, (_cut(before, start=-AROUND_A_HIT), match.group(), _cut(after, end=AROUND_A_HIT)))


def _cut(words: str, *, start: int | None = None, end: int | None = None) -> str:
    """The end or the beginning of `words`, at a space, with an ellipsis where something was left out."""
    kept = words[start:end]
    if kept == words:
        return kept
    return f"…{kept[kept.find(' ') + 1 :]}" if start else f"{kept[: kept.rfind(' ')]}…"


@cache
def _pictures() -> dict[str, Path]:
    return {path.name: path for path in (FOLDER / "images").glob("*.png")}


@cache
def _chapters() -> dict[str, Chapter]:
    read = {path.stem: _read(path) for path in FOLDER.glob("*.md")}
    contents = (FOLDER / f"{CONTENTS}.md").read_text(encoding="utf-8") if CONTENTS in read else ""
    listed = [CONTENTS, *re.findall(r"\]\(([a-z-]+)\.md\)", contents)]
    return {name: read[name] for name in dict.fromkeys([*listed, *sorted(read)]) if name in read}


def _read(path: Path) -> Chapter:
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = parser.parse(path.read_text(encoding="utf-8"))
    title, body = _plain(tokens[1]), tokens[3:]
    sections = tuple(_sections(body))
    for token in body:
        for child in token.children or []:
            _lead(child)
    # Our own words, in which no HTML is let through.
    html = parser.renderer.render(body, parser.options, {})
    return Chapter(path.stem, title, mark_safe(html), sections)  # noqa: S308


def _sections(tokens: list[Token]) -> Iterator[Section]:
    """The sections of a chapter, and an anchor on each of its headings."""
    anchor = heading = ""
    words: list[str] = []
    for before, token in zip([None, *tokens], tokens, strict=False):
        if token.type != "inline":
            continue
        if before is not None and before.type == "heading_open":
            yield Section(anchor, heading, " ".join(words))
            heading = _plain(token)
            anchor, words = re.sub(r"[^a-z0-9]+", "-", folded(heading)).strip("-"), []
            before.attrSet("id", anchor)
        else:
            words.append(_plain(token))
    yield Section(anchor, heading, " ".join(words))


def _plain(token: Token) -> str:
    return "".join(" " if one.type == "softbreak" else one.content for one in token.children or [])


def _lead(token: Token) -> None:
    """Let a link lead to the chapter here, and a picture come from here with its size, so that nothing moves."""
    if token.type == "link_open":
        to = urlsplit(str(token.attrs["href"]))
        path = Path(to.path)
        if not to.scheme and path.suffix == ".md":
            is_chapter = path.parent == Path()
            address = reverse("admin:handbook_chapter", args=[path.stem]) if is_chapter else reverse("admin:handbook")
            token.attrSet("href", f"{address}#{to.fragment}" if to.fragment else address)
    elif token.type == "image":
        path = FOLDER / str(token.attrs["src"])
        header = path.read_bytes()[:24]
        token.attrSet("src", reverse("admin:handbook_picture", args=[path.name]))
        # A PNG says its width and height there.
        token.attrSet("width", str(int.from_bytes(header[16:20], "big")))
        token.attrSet("height", str(int.from_bytes(header[20:24], "big")))
        token.attrSet("loading", "lazy")
