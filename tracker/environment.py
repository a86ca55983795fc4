"""What the environment says: each variable holds a good value, or the start stops with one sentence.

A variable that is set but empty is a mistake like any other wrong value; unset it to get the default. Every sentence
has the same form, "NAME must be …; it …", and repeats no value that could hold a password.
"""

import os
import re
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import environ
from django.core.exceptions import ImproperlyConfigured
from pyrage import RecipientError
from pyrage.x25519 import Recipient

ON, OFF = ("1", "true", "yes", "on"), ("0", "false", "no", "off")
# A leading dot stands for every subdomain, as in Django's own ALLOWED_HOSTS.
HOST = re.compile(r"\.?([a-z0-9]([a-z0-9-]*[a-z0-9])?)(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*|\[[0-9a-f:.]+\]|::1")
SCHEME = re.compile(r"([a-z][a-z0-9+.-]{0,20})://", re.IGNORECASE)
DATABASE_SCHEMES = ("sqlite", "postgres", "postgresql")
MAILBOX = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+\.[^@\s<>,;]+")
ZONES = Path("/usr/share/zoneinfo")
ON_A_PUBLIC_SITE = "where ALLOWED_HOSTS names a public site"


def wrong(name: str, *, should: str, found: str) -> ImproperlyConfigured:
    """The one form that a refusal has."""
    return ImproperlyConfigured(f"{name} must be {should}; it {found}.")


def given(name: str, *, should: str) -> str | None:
    """What a variable holds, or None where it is unset. An empty one is refused."""
    value = os.environ.get(name)
    if value is None:
        return None
    if not value.strip():
        raise wrong(name, should=should, found="is empty")
    return value.strip()


def flag(name: str) -> bool:
    """Whether a variable is switched on; unset, it is off."""
    should = "1 or 0, or unset"
    value = given(name, should=should)
    if value is None:
        return False
    if value.lower() not in (*ON, *OFF):
        raise wrong(name, should=should, found=f"is “{value}”")
    return value.lower() in ON


def number(name: str, *, default: int) -> int:
    should = "a whole number above 0, or unset"
    value = given(name, should=should)
    if value is None:
        return default
    if not re.fullmatch(r"[0-9]{1,9}", value) or int(value) == 0:
        raise wrong(name, should=should, found=f"is “{value}”")
    return int(value)


def hosts(name: str, *, default: tuple[str, ...]) -> list[str]:
    should = "host names separated by commas, such as tracker.example.org, or unset"
    value = given(name, should=should)
    if value is None:
        return list(default)
    named = [host.strip().lower() for host in value.split(",")]
    for host in named:
        if not HOST.fullmatch(host):
            raise wrong(name, should=should, found=f"names “{host}”")
    return named


def site_url(name: str, *, default: str, is_public: bool) -> str:
    """The site's address without a slash at its end."""
    example = "and nothing more, such as https://tracker.example.org"
    should = (
        f"the site's https:// address {example}, {ON_A_PUBLIC_SITE}"
        if is_public
        else f"the site's address {example}, or unset"
    )
    value = given(name, should=should)
    if value is None and is_public:
        raise wrong(name, should=should, found="is unset")
    address = (value or default).rstrip("/")
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
        is_good = (
            parts.scheme in (("https",) if is_public else ("https", "http"))
            and (HOST.fullmatch(host) is not None or ":" in host)
            and address.lower() in (f"{parts.scheme}://{host}", f"{parts.scheme}://{parts.netloc.lower()}")
            and "@" not in parts.netloc
            and parts.port != 0
        )
    except ValueError:
        is_good = False
    if not is_good:
        raise wrong(name, should=should, found="holds a user name" if "@" in address else f"is “{value}”")
    return address


def secret_key(name: str, *, is_public: bool) -> str | None:
    """The key, or None where it is unset and the site isn't public."""
    should = f"50 random characters or more {ON_A_PUBLIC_SITE}" if is_public else "random characters, or unset"
    value = given(name, should=should)
    if is_public and (value is None or len(value) < 50):
        raise wrong(name, should=should, found="is unset" if value is None else f"has {len(value)}")
    return value


def public_keys(name: str) -> list[str]:
    """Public keys of age; none where it is unset."""
    should = "public keys separated by commas, as manage.py create_backup_key prints them, or unset"
    value = given(name, should=should)
    if value is None:
        return []
    named = [key.strip() for key in value.split(",")]
    for key in named:
        if key.upper().startswith("AGE-SECRET-KEY-"):
            raise wrong(name, should=should, found="holds a secret key")
        try:
            Recipient.from_str(key)
        except RecipientError:
            raise wrong(name, should=should, found=f"names “{key}”") from None
    if len(set(named)) < len(named):
        raise wrong(name, should=should, found="names one twice")
    return named


def mailboxes(name: str) -> list[str]:
    """E-mail addresses; none where it is unset."""
    should = "e-mail addresses separated by commas, or unset"
    value = given(name, should=should)
    named = [one.strip() for one in value.split(",")] if value else []
    for one in named:
        if not MAILBOX.fullmatch(one):
            raise wrong(name, should=should, found=f"names “{one}”")
    return named


def time_zone(name: str, *, default: str, is_public: bool) -> str:
    """The zone whose days the site's days are. A public site must say which: no guess would be right for long."""
    should = f"the name of a time zone, such as America/Toronto{f', {ON_A_PUBLIC_SITE}' if is_public else ', or unset'}"
    value = given(name, should=should)
    if value is None:
        if is_public:
            raise wrong(name, should=should, found="is unset")
        return default
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        is_known = False
    else:
        # Django asks the system's own list where there is one.
        is_known = not (hasattr(time, "tzset") and ZONES.exists()) or (ZONES / value).exists()
    if not is_known:
        raise wrong(name, should=should, found=f"is “{value}”")
    return value


def _scheme(value: str) -> str:
    found = SCHEME.match(value)
    return found[1].lower() if found else ""


def database(name: str, *, default: Path) -> dict[str, Any]:
    """Django's settings of the database that an address names."""
    should = "sqlite:///path or postgres://user:password@host/name, or unset"
    value = given(name, should=should)
    if value is None:
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": str(default)}
    scheme = _scheme(value)
    if scheme not in DATABASE_SCHEMES:
        raise wrong(name, should=should, found=f"begins with {scheme}://" if scheme else "is no address")
    if scheme == "sqlite" and not value.startswith(("sqlite:///", "sqlite://:memory:")):
        raise wrong(name, should=should, found="lacks the third slash")
    try:
        found: dict[str, Any] = environ.Env.db_url_config(value)
    except ValueError:
        raise wrong(name, should=should, found="can't be read as an address") from None
    is_memory = found["NAME"] == ":memory:" and value != "sqlite://:memory:"
    if not found["NAME"] or is_memory:
        raise wrong(name, should=should, found="names no file" if scheme == "sqlite" else "names no database")
    return found


def email(name: str) -> dict[str, Any] | None:
    """Django's settings of the mail server that an address names, or None where it is unset."""
    should = "smtp://user:password@host:port, smtp+tls://… or smtp+ssl://…, or unset"
    value = given(name, should=should)
    if value is None:
        return None
    scheme = _scheme(value)
    if scheme not in environ.Env.EMAIL_SCHEMES:
        raise wrong(name, should=should, found=f"begins with {scheme}://" if scheme else "is no address")
    try:
        found: dict[str, Any] = environ.Env.email_url_config(value)
    except ValueError:
        raise wrong(name, should=should, found="can't be read as an address") from None
    if scheme.startswith("smtp") and not found["EMAIL_HOST"]:
        raise wrong(name, should=should, found="names no server")
    return found
