"""The second factor: codes from an authenticator app, and recovery codes for when the phone is lost.

django-otp stores the devices and slows down guessing: each wrong code doubles the wait.
"""

from __future__ import annotations

import datetime as dt
import time
from base64 import b32encode
from binascii import unhexlify
from io import BytesIO
from typing import Any
from urllib.parse import quote, urlencode

import segno
from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.utils.crypto import get_random_string
from django_otp import verify_token
from django_otp.oath import TOTP
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice
from django_otp.util import random_hex

from .roles import is_weighty

CODE_COUNT = 10
READABLE = "abcdefghjkmnpqrstuvwxyz23456789"


class Throttled(Exception):
    """Too many wrong codes: no code is checked before `until`."""

    def __init__(self, until: dt.datetime) -> None:
        super().__init__(until)
        self.until = until


def app_of(user: Any) -> Any:
    """The authenticator app of an account, as django-otp's device, or None."""
    return TOTPDevice.objects.devices_for_user(user, confirmed=True).first()


def is_required(user: Any) -> bool:
    """Whether the account must have a second factor: on a public site, every account that may publish or administer."""
    return settings.SECOND_FACTOR_REQUIRED and is_weighty(user)


def is_missing(user: Any) -> bool:
    """Whether the session needs the second factor, because it is required or was set up by choice, and lacks it."""
    # The middleware sets `otp_device`, but not yet in the request that signs in.
    if getattr(user, "otp_device", None) is not None:
        return False
    if not hasattr(user, "_lacks_second_factor"):
        user._lacks_second_factor = is_required(user) or app_of(user) is not None
    return bool(user._lacks_second_factor)


def new_key() -> str:
    return str(random_hex(20))


def readable_key(key: str) -> str:
    """The key as a person types it into the app: base32, in groups of four."""
    text = b32encode(unhexlify(key)).decode()
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


def qr_code(key: str, *, account: str, issuer: str) -> bytes:
    """The SVG that the app scans (otpauth, as Google Authenticator's Key URI Format has it)."""
    issuer = issuer.replace(":", " ")
    query = urlencode({"secret": b32encode(unhexlify(key)).decode(), "issuer": issuer}, quote_via=quote)
    image = BytesIO()
    code = segno.make(f"otpauth://totp/{quote(issuer)}:{quote(account)}?{query}", error="m")
    # Always on white: some apps can't read a light code on a dark page.
    code.save(image, kind="svg", scale=5, light="white", xmldecl=False)
    return image.getvalue()


def plain(typed: str) -> str:
    """A code as typed, in lower case and without spaces and hyphens."""
    return "".join(character for character in typed if character.isalnum()).lower()


def set_up(user: User, *, key: str, code: str) -> tuple[Any, list[str]] | None:
    """Replace the account's app; returns the device and its recovery codes, or None if `code` isn't what it shows."""
    totp = TOTP(unhexlify(key))
    totp.time = time.time()
    code = plain(code)
    if not (code.isdecimal() and len(code) == 6 and totp.verify(int(code), tolerance=1)):
        return None
    with transaction.atomic():
        TOTPDevice.objects.filter(user=user).delete()
        device = TOTPDevice.objects.create(
            user=user, name="app", key=key, confirmed=True, drift=totp.drift, last_t=totp.t()
        )
        return device, new_codes(user)


def new_codes(user: User) -> list[str]:
    """Ten new recovery codes, each valid once; they replace the earlier ones."""
    codes = [get_random_string(10, READABLE) for _ in range(CODE_COUNT)]
    with transaction.atomic():
        StaticDevice.objects.filter(user=user).delete()
        device = StaticDevice.objects.create(user=user, name="recovery", confirmed=True)
        StaticToken.objects.bulk_create(StaticToken(device=device, token=code) for code in codes)
    return [f"{code[:5]}-{code[5:]}" for code in codes]


def codes_left(user: User) -> int:
    return int(StaticToken.objects.filter(device__user=user).count())


def verified(user: User, typed: str) -> Any:
    """The device that `typed` is a valid code for, or None; raises Throttled after too many wrong ones.

    Six digits are a code from the app; anything else is tried as a recovery code, which is used up.
    """
    code = plain(typed)
    kind = TOTPDevice if code.isdecimal() and len(code) == 6 else StaticDevice
    device = kind.objects.devices_for_user(user, confirmed=True).first()
    if device is None:
        return None
    is_allowed, why = device.verify_is_allowed()
    if not is_allowed:
        raise Throttled(why["locked_until"])
    return verify_token(user, device.persistent_id, code)


def remove(user: User) -> bool:
    """Delete the app and the recovery codes of an account; returns whether it had an app."""
    gone, _kinds = TOTPDevice.objects.filter(user=user).delete()
    StaticDevice.objects.filter(user=user).delete()
    return bool(gone)
