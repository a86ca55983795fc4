"""Draws how many recommendations have which status, as SVG, for pages and for print.

A drawing repeats what the words beside it say, and its parts show their mark and their number, so that nothing is said
by colour alone. Colours come from the style sheet by class. For WeasyPrint, which doesn't apply style sheets to
drawings, `palette` writes them into the drawing.
"""

import re
from collections.abc import Iterable, Mapping
from functools import cache

from django.conf import settings
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from recommendations.models import Status
from recommendations.models.statuses import status_slug
from recommendations.reading.schema import StatusTotal

WIDTH, HEIGHT = 320, 30
WIDEST_UNIT = 34
APART = 10
BETWEEN = 2
MARK = 14
# A part is at least so wide; one that is too narrow for its mark, or for its number, goes without.
NARROWEST = 3
BESIDE_NUMBER, DIGIT = 7.5, 8.5


def bar(total: StatusTotal, *, of: int, palette: Mapping[str, str] | None = None) -> SafeString:
    """One bar that is filled to `total.count` out of `of` and can be stretched to any width; words are beside it."""
    return format_html(
        '<svg class="chart chart--bar {}" viewBox="0 0 {of} 1" preserveAspectRatio="none" aria-hidden="true" '
        'focusable="false"><rect class="chart__track"{} width="{of}" height="1"/>'
        '<rect class="chart__fill"{} width="{}" height="1"/></svg>',
        _class(total.key),
        _fill((palette or {}).get("track")),
        _fill((palette or {}).get(total.key)),
        total.count,
        of=max(of, 1),
    )


def strip(
    totals: Iterable[StatusTotal], *, widest: int, label: str = "", palette: Mapping[str, str] | None = None
) -> SafeString:
    """The `totals` of an area in one strip, each part as wide as its count; `widest` is the largest area's count.

    What is for others to act on, and what has no update, is drawn apart and only outlined. Screen readers read the
    `label`; without one the drawing is hidden from them, because the same words are beside it.
    """
    present = [total for total in totals if total.count]
    own = [total for total in present if not total.is_apart]
    apart = [total for total in present if total.is_apart]
    parts, x = [], 0.0
    room = WIDTH - APART - BETWEEN * len(Status)
    unit = min(WIDEST_UNIT, room / max(widest, 1))
    if unit < NARROWEST:
        unit = (room - NARROWEST * (len(Status) + 1)) / widest
    for total in [*own, *apart]:
        if own and apart and total is apart[0]:
            x += APART - BETWEEN
        width = max(total.count * unit, NARROWEST)
        parts.append((_part(total, x=x, width=width, is_apart=total in apart, palette=palette or {}),))
        x += width + BETWEEN
    described = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    return format_html(
        '<svg class="chart chart--strip" viewBox="0 0 {} {}" preserveAspectRatio="xMinYMid" {} focusable="false">'
        "{}</svg>",
        WIDTH,
        HEIGHT,
        described,
        format_html_join("", "{}", parts),
    )


def _part(total: StatusTotal, *, x: float, width: float, is_apart: bool, palette: Mapping[str, str]) -> SafeString:
    colour = palette.get(total.key)
    inner = colour if is_apart else palette.get("paper")
    shape = (
        format_html(
            '<rect class="chart__shape" x="{}" y="1" width="{}" height="{}" rx="1" fill="none" stroke-width="1.5"{}/>',
            _number(x + 0.75),
            _number(width - 1.5),
            HEIGHT - 2,
            _stroke(colour),
        )
        if is_apart
        else format_html(
            '<rect class="chart__shape" x="{}" y="0" width="{}" height="{}" rx="1"{}/>',
            _number(x),
            _number(width),
            HEIGHT,
            _fill(colour),
        )
    )
    label = total.label or _("No update yet")
    inside = SafeString()
    number_fits = BESIDE_NUMBER + DIGIT * len(str(total.count))
    both_fit = number_fits + MARK + 1
    if width >= number_fits:
        mark = SafeString()
        at = x + 4 + (MARK + 3 if width >= both_fit else 0)
        if width >= both_fit:
            mark = format_html(
                '<svg class="chart__mark" x="{}" y="{}" width="{}" height="{}" viewBox="0 0 16 16" fill="none" '
                'stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round"{}>{}</svg>',
                _number(x + 4),
                (HEIGHT - MARK) // 2,
                MARK,
                MARK,
                _stroke(inner),
                _mark(total.key, inner or "currentcolor"),
            )
        number = format_html(
            '<text class="chart__number" x="{}" y="{}" font-family="BC Sans,sans-serif" font-size="14" '
            'font-weight="700"{}>{}</text>',
            _number(at),
            HEIGHT / 2 + 5,
            _fill(inner),
            total.count,
        )
        inside = format_html("{}{}", mark, number)
    return format_html(
        '<g class="chart__part{} {}"><title>{}{} {}</title>{}{}</g>',
        " chart__part--apart" if is_apart else "",
        _class(total.key),
        label,
        _(":"),
        total.count,
        shape,
        inside,
    )


@cache
def _mark(key: str, colour: str) -> SafeString:
    """The drawn mark of a status from static/marks/, in one colour."""
    drawing = (settings.BASE_DIR / "static" / "marks" / f"{status_slug(key)}.svg").read_text()
    inner = re.sub(r"^.*?<svg[^>]*>|</svg>\s*$", "", drawing, flags=re.DOTALL)
    # Our own file, not text from outside.
    return mark_safe(re.sub("#[0-9a-f]{6}", colour, inner))  # noqa: S308


def _class(key: str) -> str:
    return f"chart--{status_slug(key)}"


def _fill(colour: str | None) -> SafeString:
    return format_html(' fill="{}"', colour) if colour else SafeString()


def _stroke(colour: str | None) -> SafeString:
    return format_html(' stroke="{}"', colour) if colour else SafeString()


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
