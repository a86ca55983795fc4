"""deploy/nginx.conf, by value: what it keeps, for how long, what it says itself, and that it logs nobody.

script/bench runs it: it checks the whole with `nginx -t`, and measures through it.
"""

import base64
import hashlib
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import translation

from recommendations.models.plan import LEAVE_ADDRESS
from recommendations.public.refusals import WORDS
from tracker import bodies, frontdoor
from tracker.page_cache import best_encoding

TOKEN = re.compile(r"""#[^\n]*|"((?:[^"\\]|\\.)*)"|'([^']*)'|([{};])|([^\s{};]+)""")


def parsed(tokens):
    """The directives of a block as (words, directives within or None), in their order."""
    directives, words = [], []
    for text, mark in tokens:
        if mark == "}":
            break
        if mark == "{":
            directives.append((tuple(words), parsed(tokens)))
        elif mark == ";":
            directives.append((tuple(words), None))
        words = [] if mark else [*words, text]
    return directives


def tokens(text):
    for found in TOKEN.finditer(text):
        if not found[0].startswith("#"):
            yield next(part for part in (found[1], found[2], found[4], "") if part is not None), found[3]


CONFIGURATION = parsed(tokens((Path(settings.BASE_DIR) / "deploy/nginx.conf").read_text()))
PLAIN, SECURE = (block for words, block in CONFIGURATION if words == ("server",))
LOCATIONS = {words[1:]: block for words, block in SECURE if words[0] == "location"}
PUBLIC, STAFF, HEALTH, OWN = (LOCATIONS[at] for at in (("/",), ("/admin/",), ("=", "/healthz"), ("@words",)))


def said(block, name):
    """What follows each directive `name` of a block."""
    return [words[1:] for words, _within in block if words[0] == name]


def mapped(name):
    """The lines of the map that gives the variable `name`, its default first."""
    return [words for at, within in CONFIGURATION if at[0] == "map" and at[2] == name for words, _none in within]


def test_no_address_is_logged():
    for server in (PLAIN, SECURE):
        assert said(server, "access_log") == [("off",)]
        assert said(server, "error_log") == [("/dev/null", "emerg")]
        assert said(server, "server_tokens") == [("off",)]
    assert [said(block, name) for block in LOCATIONS.values() for name in ("access_log", "error_log")] == [[]] * 8
    assert ("X-Forwarded-For", "") in said(SECURE, "proxy_set_header")


def test_http_leads_to_https_but_for_certificates():
    at = {words[1:]: block for words, block in PLAIN if words[0] == "location"}

    assert said(at["/",], "return") == [("301", "https://tracker.example.org$request_uri")]
    assert [*at] == [("/",), ("^~", "/.well-known/acme-challenge/")]
    assert [said(server, "listen") for server in (PLAIN, SECURE)] == [
        [("80",), ("[::]:80",)],
        [("443", "ssl", "http2"), ("[::]:443", "ssl", "http2")],
    ]


def test_pages_are_kept_for_a_second_and_nothing_stale_is_sent():
    assert said(PUBLIC, "proxy_cache_valid") == [("200", "1s")]
    assert said(PUBLIC, "proxy_ignore_headers") == [("Cache-Control", "Expires", "Vary")]
    assert said(PUBLIC, "proxy_cache_use_stale") == said(PUBLIC, "proxy_cache_background_update") == [("off",)]
    assert said(PUBLIC, "proxy_cache_lock") == [("on",)]
    assert said(PUBLIC, "proxy_cache_lock_timeout") == [("1s",)]
    assert said(PUBLIC, "proxy_no_cache") == [("$tracker_unkept",)]
    assert said(SECURE, "proxy_cache") == said(STAFF, "proxy_cache") == said(HEALTH, "proxy_cache") == []


def test_no_page_has_the_key_of_another_page_in_another_encoding():
    (((template,),),) = [said(PUBLIC, "proxy_cache_key")]

    def key(address, encoding):
        named = {"$scheme": "https", "$host": "a.example", "$request_uri": address, "$tracker_encoding": encoding}
        return re.sub(r"\$\w+", lambda name: named[name[0]], template)

    pages = [
        (address, encoding) for address in ("/", "/br", "/gzip", "/?q=a", "/?q=abr") for encoding in ("", "br", "gzip")
    ]
    assert len({key(*page) for page in pages}) == len(pages)


@pytest.mark.parametrize(
    ("cache_control", "is_kept"),
    [("", True), ("no-cache", True), ("max-age=60, public", True), ("no-store", False), ("private, max-age=9", False)],
)
def test_what_no_cache_may_keep_is_not_kept(cache_control, is_kept):
    assert matching("$tracker_unkept", cache_control) == ("" if is_kept else "1")


def test_readers_cookies_stay_outside_and_everything_else_is_passed_on():
    everywhere, public = said(SECURE, "proxy_set_header"), said(PUBLIC, "proxy_set_header")

    assert {("Cookie", ""), ("Authorization", ""), ("Accept-Encoding", "$tracker_encoding")} == {*public} - {
        *everywhere
    }
    assert {*everywhere} <= {*public}
    assert said(STAFF, "proxy_set_header") == said(HEALTH, "proxy_set_header") == []
    assert {("Host", "$host"), ("Forwarded", "proto=$scheme")} <= {*everywhere}
    assert said(SECURE, "underscores_in_headers") == [("off",)]
    assert said(SECURE, "gzip") == [("off",)]


def test_bodies_are_taken_in_whole_and_may_be_as_large_as_the_tracker_takes_them():
    assert said(SECURE, "proxy_request_buffering") == [("on",)]
    assert said(STAFF, "client_max_body_size") == [(f"{bodies.LARGEST // bodies.MEGABYTE}m",)]
    assert said(PUBLIC, "client_max_body_size") == [("1k",)]


def test_a_probe_is_never_limited():
    assert [words[0] for words, _within in HEALTH if words[0].startswith("limit")] == []
    assert said(SECURE, "limit_req") == said(SECURE, "limit_conn") == []
    assert (len(said(PUBLIC, "limit_req")), len(said(STAFF, "limit_req"))) == (2, 3)


def test_passwords_from_one_address_are_slowed_down_and_nothing_else_of_the_sign_in_page():
    zone = next(words for words, _none in CONFIGURATION if words[:2] == ("limit_req_zone", "$tracker_password"))

    assert mapped("$tracker_password") == [("default", ""), ("POST /admin/login/", "$binary_remote_addr")]
    assert zone[2:] == ("zone=tracker_passwords:10m", "rate=10r/m")
    assert ("zone=tracker_passwords", "burst=10", "nodelay") in said(STAFF, "limit_req")


def matching(name, value):
    """What the map of `name` makes of `value`, as nginx does: the first expression that fits."""
    for pattern, made in mapped(name)[1:]:
        flags = re.IGNORECASE if pattern.startswith("~*") else 0
        if re.search(pattern.lstrip("~*"), value, flags):
            return made
    return mapped(name)[0][1]


@pytest.mark.parametrize(
    ("address", "is_limited"),
    [
        ("/", False),
        ("/data/progress.csv", False),
        ("/?q=a", True),
        ("/data/progress.csv?area=1", True),
        ("/admin/", True),
    ],
)
def test_what_is_made_for_one_visitor_has_narrow_limits(address, is_limited):
    assert matching("$tracker_made_for_one", address) == ("$binary_remote_addr" if is_limited else "")


@pytest.mark.parametrize(
    "accepted",
    ["", "br", "gzip, deflate, br, zstd", "gzip", "gzip;q=1.0, br;q=0", "br ; q=0.0, gzip", "brotli", "GZIP"],
)
def test_a_page_is_asked_for_in_the_form_that_the_tracker_would_choose(accepted):
    assert best_encoding(matching("$tracker_encoding", accepted)) == best_encoding(accepted)


def test_what_nginx_says_itself_has_the_headers_and_the_words_of_the_tracker():
    headers = {name: value for name, value, _always in said(OWN, "add_header")}
    page = dict([said(OWN, "return")[0]])["200"]
    style = re.search("<style>(.*?)</style>", page, re.DOTALL)[1]
    hashed = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    words = dict(mapped("$tracker_words"))

    assert said(SECURE, "error_page") == [("413", "429", "500", "502", "504", "@words")]
    assert {*frontdoor.FOR_READERS} - {*headers} == {"Permissions-Policy"}
    assert all(headers[name] == frontdoor.FOR_READERS[name] for name in ("Referrer-Policy", "X-Content-Type-Options"))
    assert headers["Cache-Control"] == frontdoor.NEVER_CACHED
    assert headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    assert headers["Content-Security-Policy"].startswith(f"default-src 'none'; style-src 'sha256-{hashed}';")
    assert f'href="{LEAVE_ADDRESS}"' in page
    assert "$tracker_words" in page
    assert {*words} == {"default", "413", "429"}
    for language in ("en-ca", "fr-ca"):
        with translation.override(language):
            heading, what_to_do = map(str, WORDS["413"])
            assert heading.rstrip(".") in words["413"]
            assert what_to_do in words["413"]
