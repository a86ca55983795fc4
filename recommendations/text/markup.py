"""Staff's Markdown subset to safe HTML; the only user of the sanitiser.

Paragraphs, line breaks, emphasis, strong, lists, quotations, headings and links, and nothing else. Everything that
isn't markup comes out letter for letter as it was typed: no smart quotes, no entities, no normalisation. What looks
like markup by accident (a lone "#", a year that begins a line) stays text.
"""

import re
from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any

import nh3
from django.utils.safestring import SafeString, mark_safe
from linkify_it import LinkifyIt
from linkify_it.main import Match
from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, blockquote, heading, list_block
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from .direction import direction

TAGS = {"a", "blockquote", "br", "em", "h1", "h2", "h3", "h4", "h5", "h6", "li", "ol", "p", "strong", "ul"}
ATTRIBUTES: dict[str, set[str]] = {"*": {"dir"}, "a": {"href"}, "ol": {"start"}}
SCHEMES = {"http", "https", "mailto"}
ABSOLUTE = re.compile(r"(?:https?://[^/?#]|mailto:[^/?#])", re.IGNORECASE)
# A list or a heading begins with its mark, a space and a word. Long numbers are years, and "+" begins phone numbers.
LIST_MARK = re.compile(r"(?:[-*]|[0-9]{1,2}[.)])[ \t]+\S")
# A quotation begins with a word, too: “> 50 people” are more than fifty.
QUOTE_MARK = re.compile(r">[ \t]+[^\s\d]")
HEADING_MARK = re.compile(r"#{1,6}[ \t]+[^\s#]")
# markdown-it drops what is nested deeper than its limit: we stop nesting lists long before, and the rest stays text.
DEEPEST_LIST = 8
# What a link in running text is looked for in: a bracket that never closes would be sought to the end, once a link.
LONGEST_LINK = 2_000


class Parser(MarkdownIt):
    """Links lead to absolute addresses only, and say what was typed."""

    def validateLink(self, url: str) -> bool:
        return ABSOLUTE.match(url) is not None

    def normalizeLinkText(self, link: str) -> str:
        return link


# The text of an update stands on some eight pages and in four feeds.
@lru_cache(maxsize=500)
def render(text: str, *, heading_level: int = 3) -> SafeString:
    """`text` as HTML that is safe to show; headings from `heading_level` down without a gap. Empty for no text."""
    html = _parser().render(text, {"heading_level": heading_level})
    # The sanitiser has had the last word.
    return mark_safe(  # noqa: S308
        nh3.clean(html, tags=TAGS, attributes=ATTRIBUTES, url_schemes=SCHEMES, link_rel="noreferrer").strip()
    )


def plain(text: str) -> str:
    """`text` without its markup, for titles and feeds: blocks apart by an empty line, items of a list by a line end."""
    pieces: list[str] = []
    for token in _parser().parse(text):
        if token.type == "inline":
            pieces.append("".join(_words(child) for child in token.children or []))
        elif token.type == "paragraph_close" and token.hidden:
            pieces.append("\n")
        elif token.type in ("paragraph_close", "heading_close", "bullet_list_close", "ordered_list_close"):
            pieces.append("\n\n")
    return re.sub(r"\n{3,}", "\n\n", "".join(pieces)).strip()


def _words(token: Token) -> str:
    return "\n" if token.type in ("softbreak", "hardbreak") else token.content


@cache
def _parser() -> MarkdownIt:
    parser = Parser("zero", {"breaks": True, "linkify": True})
    parser.enable(["blockquote", "heading", "list", "newline", "escape", "emphasis", "link", "linkify"])
    parser.block.ruler.at("list", _only_where(LIST_MARK, list_block), {"alt": ["paragraph"]})
    parser.block.ruler.at(
        "blockquote", _only_where(QUOTE_MARK, blockquote), {"alt": ["paragraph", "blockquote", "list"]}
    )
    parser.block.ruler.at("heading", _only_where(HEADING_MARK, heading), {"alt": ["paragraph"]})
    parser.core.ruler.after("block", "heading_levels", _set_heading_levels)
    parser.core.ruler.push("directions", _set_directions)
    parser.linkify = _linkifier()
    return parser


def _only_where(mark: re.Pattern[str], rule: Callable[[StateBlock, int, int, bool], bool]) -> Any:
    """`rule` of markdown-it, only on lines that begin with `mark`."""

    def guarded(state: StateBlock, line: int, end: int, silent: bool) -> bool:
        begins = mark.match(state.src, state.bMarks[line] + state.tShift[line], state.eMarks[line])
        return begins is not None and state.level < 2 * DEEPEST_LIST and rule(state, line, end, silent)

    return guarded


def _set_heading_levels(state: StateCore) -> None:
    """Let headings begin at the level asked for and go down one at a time, whatever numbers of # were typed."""
    above: list[int] = []
    for opening, _inline, closing in zip(state.tokens, state.tokens[1:], state.tokens[2:], strict=False):
        if opening.type == "heading_open":
            typed = int(opening.tag[1])
            above = [*(level for level in above if level < typed), typed]
            level = min(6, state.env.get("heading_level", 1) + len(above) - 1)
            opening.tag = closing.tag = f"h{level}"


def _set_directions(state: StateCore) -> None:
    """Mark each block, lists as a whole, that begins in a script written from right to left.

    `dir="auto"` on all others would say nothing, WeasyPrint doesn't know it, and few feed readers keep styles.
    """
    opening: Token | None = None
    for token in state.tokens:
        if token.level == 0 and token.nesting == 1:
            opening = token
        elif opening and (found := direction("".join(_words(child) for child in token.children or []))):
            if found == "rtl":
                opening.attrSet("dir", found)
            opening = None


def _linkifier() -> LinkifyIt:
    """Finds https://… and www.…, and guesses at nothing else: "reduction.In" is no address."""
    linkifier = LinkifyIt(options={"fuzzy_link": False, "fuzzy_email": False, "fuzzy_ip": False})
    for schema in ("ftp:", "//", "mailto:"):
        linkifier.add(schema, None)
    # Labels are counted and cut short: the library's own pattern takes seconds over "www.www.www.".
    label = r"[^\W_](?:[\w-]{0,61}[^\W_])?"
    host = rf"(?:{label}\.){{1,8}}[^\W\d_]{{2,24}}{linkifier.re['src_host_terminator']}"
    path = linkifier.re["src_path"]
    http = "//" + linkifier.re["src_auth"] + linkifier.re["src_host_port_strict"]
    linkifier.add("http:", {"validate": _matching(http, path)})
    linkifier.add("www.", {"validate": _matching(host, path), "normalize": _with_https})
    return linkifier


def _matching(host: str, path: str) -> Callable[[LinkifyIt, str, int], int]:
    """How many characters of an address follow its scheme at a position; none of one that is too long."""
    address = re.compile(host + path, re.IGNORECASE)

    def length(_self: LinkifyIt, text: str, position: int) -> int:
        end = position + LONGEST_LINK
        found = address.match(text, position, end)
        return len(found.group()) if found and found.end() < end else 0

    return length


def _with_https(linkifier: LinkifyIt, match: Match) -> None:
    match.url = f"https://{match.url}"
