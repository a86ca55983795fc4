"""The structure of an adopted text: its paragraphs and the points it lists, as HTML that says each letter as typed.

An adopted text is cited word for word, so it isn't Markdown, and the marks of its points (“a)”, “ii.”, “-”) are part of
it. Whatever isn't clearly a list of at least two points stays a line of its paragraph.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from string import ascii_lowercase

from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString

from .direction import direction

# Word's own bullets are among them. A dash or an asterisk needs a space: “-5” is a number.
BULLET = re.compile(r"(?P<indent>\s*)(?P<mark>[•‣◦▪▫●○■□·∙\uf0b7\uf0a7]|[-–—*](?=\s))(?P<gap>\s*)(?=\S)")
# “a)”, “(iv)”, “1.”, “2°”, “12(b)”, “1.2”. Longer numbers are years and amounts.
COUNTED = re.compile(
    r"(?P<indent>\s*)(?P<mark>(?P<before>(?:[0-9]{1,3}\.){0,3}(?:[0-9]{1,3}(?=[(A-Za-z]))?\(?)"
    r"(?P<label>[0-9]{1,3}|[ivx]{1,7}|[IVX]{1,7}|[A-Za-z])(?P<after>\)\.?|\.\)?|[°º]|))(?P<gap>\s+|$)"
)
ONES = ["", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix"]
ROMAN = [tens + ones for tens in ("", "x", "xx") for ones in ONES]
# Where points that run together in one line may begin, and how each of them but the last may end.
FIRST_IN_A_LINE = re.compile(r"(?<!\S)(?P<mark>(?P<before>\(?)(?P<label>[aAiI1])(?P<after>\)|\.|[°º]))(?=\s+\S)")
AND = r"\b(?:and/or|et/ou|and|or|et|ou|y|o)"
PARTED = re.compile(rf"[,;:.!?]\s*(?:{AND})?\s*$", re.IGNORECASE)
JOINED = re.compile(rf"(?:[,;:.!?]|{AND})\s*$", re.IGNORECASE)
# What stands between marks that are only mentioned: “paragraphs (a) and (b)”, “from a) to b)”.
NOTHING = re.compile(rf"[\W_]*(?:{AND}|to|through|à)?[\W_]*", re.IGNORECASE)
TRIED_IN_A_LINE = 20
DEEPEST = 3
# From so many spaces on a point lies beneath the one above it.
INDENTED = 2
# Marks that are wider, in hundredths of the font's size, hang in a wider margin.
SHORT_MARK = 144

# How a mark counts (1, a, A, i or I, as `<ol type>` says it, or a bullet), and what stands before and after its label.
Style = tuple[str, str, str]


@dataclass
class Paragraph:
    """Lines as typed. `follows` is whether there is no empty line before it."""

    lines: list[str]
    follows: bool = False


@dataclass
class Point:
    """One point of a list: its mark as typed, whether a space follows it, and what it says."""

    mark: str
    is_spaced: bool
    blocks: list[Block]


@dataclass
class Points:
    """A list. `last` is the number of its last point; `goes_on` is whether it continues a list that was interrupted."""

    style: Style
    last: int = 0
    indent: int = 0
    follows: bool = False
    goes_on: bool = False
    points: list[Point] = field(default_factory=list)

    @property
    def kind(self) -> str:
        """How it counts, as `<ol type>` says it; empty if it has bullets."""
        return self.style[0] if self.style[0].isalnum() else ""


Block = Paragraph | Points


@dataclass(frozen=True)
class _Mark:
    """The mark that a line begins with. It may have two readings: “i” is the first numeral and the ninth letter."""

    text: str
    readings: tuple[tuple[Style, int], ...]
    indent: int
    is_spaced: bool
    words: str


def blocks(text: str) -> list[Block]:
    """The paragraphs and lists of `text`, in order; none for no text."""
    return list(_expanded(_settled(_read(text))))


def render(text: str, *, before: SafeString, attributes: SafeString) -> SafeString:
    """`text` as one element of HTML with `attributes`: a `<p>` if it is one line, else a `<div>`.

    `before` comes first in its first line.
    """
    found = blocks(text)
    if not found or _is_line(found):
        return format_html('<p{} dir="auto">{}{}</p>', attributes, before, text)
    if before and isinstance(found[0], Points):
        html = format_html('<p class="points__before">{}</p>{}', before, _joined(_html(found)))
    else:
        html = _joined(_html(found, before=before))
    return format_html("<div{}>{}</div>", attributes, html)


def parts(text: str) -> tuple[SafeString, SafeString]:
    """The first paragraph of `text` as HTML for within a line, and what follows as blocks.

    The one is empty where the text begins with a point, the other where nothing follows.
    """
    found = blocks(text)
    if not found or _is_line(found):
        return conditional_escape(text), SafeString("")
    first, *others = found
    return (
        (_inline(first), _joined(_html(others)))
        if isinstance(first, Paragraph)
        else (SafeString(""), _joined(_html(found)))
    )


def one_line(text: str) -> str:
    """`text` where there is room for one line: its first paragraph or point, with an ellipsis if there is more."""
    found = blocks(text)
    if not found or _is_line(found):
        return text
    first, *more = _lines(found)
    return f"{first} …" if more else first


def line_count(text: str, *, width: int) -> int:
    """About how many lines `text` takes beyond its first, at `width` characters a line."""
    found = blocks(text)
    if not found or _is_line(found):
        return len(text) // width
    return sum(len(line) // width + 1 for line in _lines(found)) - 1


def _is_line(found: list[Block]) -> bool:
    return len(found) == 1 and isinstance(found[0], Paragraph) and len(found[0].lines) == 1


def _lines(found: Iterable[Block]) -> Iterator[str]:
    """Each paragraph and each point on one line."""
    for block in found:
        if isinstance(block, Paragraph):
            yield " ".join(block.lines)
        else:
            for point in block.points:
                first, *rest = _lines(point.blocks)
                yield _after(point, first)
                yield from rest


def _after(point: Point, words: str) -> str:
    return f"{point.mark}{' ' if point.is_spaced else ''}{words}"


def _html(found: Iterable[Block], *, before: str = "") -> Iterator[SafeString]:
    for block in found:
        if isinstance(block, Paragraph):
            yield format_html('<p dir="auto">{}{}</p>', before, _inline(block))
            before = ""
        else:
            long = max(_width(point.mark) for point in block.points) > SHORT_MARK
            size = "points--long" if long else "points--short" if block.kind else "points--bullets"
            tag = format_html('ol type="{}"', block.kind) if block.kind else SafeString("ul")
            if direction(" ".join(line for point in block.points for line in _lines(point.blocks))) == "rtl":
                tag += SafeString(' dir="rtl"')
            points = _joined(map(_point_html, block.points))
            yield format_html('<{} class="points {}" role="list">{}</{}>', tag, size, points, tag[:2])


def _point_html(point: Point) -> SafeString:
    words, beneath = SafeString(""), point.blocks
    if isinstance(point.blocks[0], Paragraph):
        words, beneath = _inline(point.blocks[0]), point.blocks[1:]
    mark = format_html('<span class="points__mark">{}</span>{}', point.mark, " " if point.is_spaced else "")
    return format_html('<li class="points__point">{}{}{}</li>', mark, words, _joined(_html(beneath)))


def _width(mark: str) -> int:
    """About how wide a mark is, in hundredths of the font's size."""
    return sum(30 if letter in "il.()" else 57 if letter.isdecimal() else 62 for letter in mark)


def _inline(paragraph: Paragraph) -> SafeString:
    return format_html_join(SafeString("<br>"), "{}", ((line,) for line in paragraph.lines))


def _joined(pieces: Iterable[SafeString]) -> SafeString:
    return format_html_join("", "{}", ((piece,) for piece in pieces))


def _read(text: str) -> list[Block]:
    """The lines of `text` as paragraphs and lists; a list may still have only one point."""
    found: list[Block] = []
    # The lists that the next line may belong to, each within the last point of the one before it.
    within: list[Points] = []
    follows = False
    for line in text.split("\n"):
        words = line.strip()
        if words and not _placed(_mark(line), found, within, follows=follows):
            if not follows:
                within.clear()
            inside = within[-1].points[-1].blocks if within else found
            if follows and inside and isinstance(last := inside[-1], Paragraph):
                last.lines.append(words)
            else:
                inside.append(Paragraph([words], follows))
        follows = bool(words)
    return found


def _mark(line: str) -> _Mark | None:
    match = BULLET.match(line) or COUNTED.match(line)
    readings: list[tuple[Style, int]] = []
    if match and match.re is BULLET:
        readings = [((match["mark"], "", ""), 0)]
    elif match and (match["after"] or match["before"].endswith(".")):
        readings = [((kind, match["before"], match["after"]), number) for kind, number in _numbers(match["label"])]
    if match is None or not readings:
        return None
    words = line[match.end() :].strip()
    indent = len(match["indent"].expandtabs(4))
    return _Mark(match["mark"], tuple(readings), indent, not words or bool(match["gap"]), words)


def _numbers(label: str) -> Iterator[tuple[str, int]]:
    """What `label` counts, and how far; nothing for “iiii” or “xxx”, which are no numeral that is known here.

    A numeral comes first, since a list of letters never begins with “i”.
    """
    if label.isdecimal():
        yield "1", int(label)
        return
    kinds = ("i", "a") if label.islower() else ("I", "A")
    if label.lower() in ROMAN:
        yield kinds[0], ROMAN.index(label.lower())
    if len(label) == 1:
        yield kinds[1], ord(label.lower()) - ord("a") + 1


def _placed(mark: _Mark | None, found: list[Block], within: list[Points], *, follows: bool) -> bool:
    """Put a point with `mark` where it belongs, and say whether there is a place for it.

    That is the list that it continues without a gap, or else a new list that begins with it, or else a list with a gap.
    """
    if mark is None:
        return False
    is_placed = (
        _continued(mark, within, with_gap=False)
        or _begun(mark, found, within, follows=follows, anywhere=False)
        or _continued(mark, within, with_gap=True)
        or _begun(mark, found, within, follows=follows, anywhere=True)
    )
    if is_placed:
        words = Paragraph([mark.words] if mark.words else [])
        within[-1].points.append(Point(mark.text, mark.is_spaced, [words]))
    return is_placed


def _continued(mark: _Mark, within: list[Points], *, with_gap: bool) -> bool:
    """Leave open the innermost list that `mark` continues, and say whether there is one."""
    for depth in reversed(range(len(within))):
        points = within[depth]
        for style, number in mark.readings:
            if style != points.style:
                continue
            if points.kind:
                fits = number > points.last if with_gap else number == points.last + 1
            else:
                fits = with_gap or abs(mark.indent - points.indent) < INDENTED
            if fits:
                points.last = number
                del within[depth + 1 :]
                return True
    return False


def _begun(mark: _Mark, found: list[Block], within: list[Points], *, follows: bool, anywhere: bool) -> bool:
    """Begin a list with `mark`, and say whether it can: with a first mark, or with any if it may begin `anywhere`."""
    interrupted = None if within else next((block for block in reversed(found) if isinstance(block, Points)), None)
    continuing = [
        (style, number)
        for style, number in mark.readings
        if interrupted and style == interrupted.style and number in (0, interrupted.last + 1)
    ]
    style, number = (continuing or mark.readings)[0]
    styles = [points.style for points in within]
    is_first = number == 1 or (number == 0 and (style not in styles or mark.indent > within[-1].indent))
    if not (is_first or continuing or anywhere):
        return False
    if number and style in styles:
        del within[styles.index(style) :]
    if len(within) == DEEPEST:
        return False
    (within[-1].points[-1].blocks if within else found).append(
        points := Points(style, number, mark.indent, follows, bool(continuing))
    )
    within.append(points)
    return True


def _settled(found: Iterable[Block]) -> list[Block]:
    """`found` with each list of one point as lines of a paragraph: what looked like its mark is a word."""
    settled: list[Block] = []
    for block in found:
        pieces = [block]
        if isinstance(block, Points):
            for point in block.points:
                point.blocks = _settled(point.blocks)
            if len(block.points) == 1 and not block.goes_on:
                first, *beneath = block.points[0].blocks
                lines = first.lines if isinstance(first, Paragraph) else []
                pieces = [Paragraph([_after(block.points[0], "".join(lines[:1])), *lines[1:]], block.follows), *beneath]
        for piece in pieces:
            last = settled[-1] if settled else None
            if isinstance(piece, Paragraph) and piece.follows and isinstance(last, Paragraph):
                last.lines += piece.lines
            else:
                settled.append(piece)
    return settled


def _expanded(found: Iterable[Block], depth: int = 0) -> Iterator[Block]:
    """`found` with the points that run together in a line as lists."""
    for block in found:
        if isinstance(block, Points):
            for point in block.points:
                point.blocks = [*_expanded(point.blocks, depth + 1)]
            yield block
            continue
        lines: list[str] = []
        for line in block.lines:
            run = _run(line, depth)
            if run is None:
                lines.append(line)
                continue
            beginning, points = run
            if beginning:
                lines.append(beginning)
            if lines:
                yield Paragraph(lines)
            yield points
            lines = []
        if lines or not block.lines:
            yield Paragraph(lines)


def _run(line: str, depth: int) -> tuple[str, Points] | None:
    """What stands before the points that run together in `line`, and these; None if there are none for certain."""
    if depth >= DEEPEST:
        return None
    for first in islice(FIRST_IN_A_LINE.finditer(line), TRIED_IN_A_LINE):
        before, kind, after = first["before"], first["label"], first["after"]
        marks = [first]
        while label := _label(kind, len(marks) + 1):
            mark = re.escape(f"{before}{label}{after}")
            found = re.compile(rf"(?<!\S)(?P<mark>{mark})(?=\s+\S)").search(line, marks[-1].end())
            if found is None:
                break
            marks.append(found)
        ends = [*(mark.start() for mark in marks[1:]), len(line)]
        texts = [line[mark.end() : end].strip() for mark, end in zip(marks, ends, strict=True)]
        beginning = line[: first.start()].strip()
        if (
            len(marks) > 1
            and not any(NOTHING.fullmatch(text) for text in texts)
            and _are_listed(beginning, texts, first)
        ):
            points = [
                Point(mark["mark"], True, [*_expanded([Paragraph([text])], depth + 1)])
                for mark, text in zip(marks, texts, strict=True)
            ]
            return beginning, Points((kind, before, after), len(points), points=points)
    return None


def _are_listed(beginning: str, texts: list[str], first: re.Match[str]) -> bool:
    """Whether `texts`, after the marks in a line, are a list: initials and paragraphs that are mentioned are none."""
    *others, one_before_last = texts[:-1]
    is_introduced = not beginning or beginning.endswith(":")
    if first["after"] == ".":
        return first["label"] != "A" and is_introduced and all(JOINED.search(text) for text in texts[:-1])
    if is_introduced:
        return True
    return all(PARTED.search(text) for text in others) and bool(
        PARTED.search(one_before_last) or (others and JOINED.search(one_before_last))
    )


def _label(kind: str, number: int) -> str:
    """The label of point `number` in a list that begins with `kind`; empty where there are no more."""
    if kind == "1":
        return str(number) if number < 100 else ""
    labels = ROMAN if kind in "iI" else ["", *ascii_lowercase]
    label = labels[number] if number < len(labels) else ""
    return label.upper() if kind.isupper() else label
