"""Addresses that no page offers, but that anybody may type: every route and parameter there is, with bad values."""

import re
from functools import cache
from itertools import product
from pathlib import Path
from urllib.parse import quote, urlencode

from django.contrib import admin
from django.urls import URLPattern, get_resolver, reverse

ROOT = Path(__file__).parents[1]

# What a database, a number, a date, a pattern or a path can't be.
NUMBERS = ["0", "-1", "99999999999999999999", "9" * 30, "9" * 5000, "٣", "1e400", "nan"]
WORDS = ["", "x", "\x00", "[", "\\", "%", "'", "\ud800", "x" * 5000, "../../etc/passwd", "1,2", "{{7*7}}", "__class__"]
DAYS = ["0000-00-00", "9999-12-31", "2020-02-30", "10000-01-01", "2020-01-01T25:00", "-2020-01-01"]
VALUES = [*NUMBERS, *WORDS, *DAYS]
# Those that have failed most often somewhere, where there are too many routes for all of them.
WORST = ["0", "99999999999999999999", "\x00", "[", "\ud800", "2020-02-30"]

TEXTS = ("exact", "iexact", "contains", "startswith", "regex", "iregex")
DATES = ("year", "month", "week_day", "date", "time", "hour", "iso_year")
LOOKUPS = (*TEXTS, *DATES, "in", "range", "isnull", "gt", "lt", "id", "id__exact", "pk", "nowhere")
# Of Django's lists, forms and sign-in, and of ours: what the code asks a query string for.
OF_DJANGO = ["q", "o", "p", "e", "all", "_facets", "_popup", "_to_field", "_changelist_filters", "next", "term"]
ASKED_FOR = re.compile(r"""GET\.get(?:list)?\(\s*["'](\w+)["']|parameter_name = ["'](\w+)["']""")


@cache
def parameters():
    """Every name that an address may have a value for."""
    found = set()
    for file in (ROOT / "recommendations").rglob("*.py"):
        found.update(name for pair in ASKED_FOR.findall(file.read_text()) for name in pair if name)
    return sorted({*found, *OF_DJANGO, "page", "format", "status", "party", "discard"})


def routes(patterns=None, before="/"):
    """Every address with its arguments still to be filled in, as Django writes them."""
    for one in get_resolver().url_patterns if patterns is None else patterns:
        route = before + str(one.pattern)
        yield from [route] if isinstance(one, URLPattern) else routes(one.url_patterns, route)


def filled(route, value):
    """An address of `route` with each argument's place taken by `value`."""
    return re.sub(r"\(\?P<\w+>.*?\)|<[^>]+>", lambda _found: encoded(value), route.replace("^", "").replace("$", ""))


def encoded(value):
    """`value` as it stands in an address; half a surrogate as the bytes that a careless program makes of it."""
    return quote(value.encode("utf-8", "surrogatepass"), safe="")


def query(**asked):
    pairs = [(name.encode(), value.encode("utf-8", "surrogatepass")) for name, value in asked.items()]
    return f"?{urlencode(pairs)}"


def lists():
    """The list of every kind of thing that staff have, and its export, with the model."""
    for model, model_admin in admin.site._registry.items():
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        for page in ("changelist", *(("export",) if getattr(model_admin, "export", None) else ())):
            yield reverse(f"{name}_{page}"), model, model_admin


def of_lists():
    """Each list, asked by each of its fields, each lookup and bad values; by what it offers, with all of them."""
    turn = 0
    for address, model, model_admin in lists():
        offered = [one if isinstance(one, str) else one.parameter_name for one in model_admin.list_filter]
        fields = [field.name for field in model._meta.get_fields()]
        for name, lookup in product(["pk", *fields], ["", *(f"__{one}" for one in LOOKUPS)]):
            turn += 1
            yield address + query(**{name + lookup: VALUES[turn % len(VALUES)]})
        for name, lookup, value in product(offered, ["", "__exact", "__id__exact", "__isnull", "__in"], VALUES):
            yield address + query(**{name + lookup: value})
        for name, value in product(OF_DJANGO, WORST):
            yield address + query(**{name: value})


def of_routes(prefix):
    """Each address with bad arguments, and with each parameter and bad values."""
    turn = 0
    for route in routes():
        if not route.startswith(prefix) or (prefix == "/" and route.startswith("/admin/")):
            continue
        if "<" in route:
            yield from (filled(route, value) for value in VALUES)
        # The address of a thing that is there.
        there = filled(route, "one-year-update-2020" if "<slug" in route else "1")
        for name in parameters():
            turn += 1
            yield there + query(**{name: WORST[turn % len(WORST)]})


def every_address():
    """All of them, in an order that always is the same."""
    return list(dict.fromkeys([*of_lists(), *of_routes("/admin/"), *of_routes("/")]))
