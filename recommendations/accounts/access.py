"""How an account gets in and what it may do, in marks that give nothing away: for the ledger, after each change.

Django tells of each change of an account, its groups and its second factor, whichever page or command makes it. A
restored backup then revives no password, code, role or account that was ended since: see backup/revoking.py.
"""

from __future__ import annotations

from functools import partial
from hashlib import sha256
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models.signals import m2m_changed, post_delete, post_save
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from recommendations.publishing.ledger import last_state, note_state

from .roles import Role, role_of

# From the least to the most that one may do.
RANKS = ("", *Role.values, "superuser")


def state_of(account: User) -> dict[str, str]:
    """Whether it is active, its role, and marks of its password, its address, its app and its recovery codes."""
    apps = list(TOTPDevice.objects.filter(user=account, confirmed=True).order_by("pk").values_list("key", flat=True))
    codes = list(StaticToken.objects.filter(device__user=account).order_by("token").values_list("token", flat=True))
    role = role_of(account)
    return {
        "active": "yes" if account.is_active and account.is_staff else "",
        "role": "superuser" if account.is_superuser else (role.value if role else ""),
        "password": mark(account, [account.password]),
        # Links for a new password go there.
        "email": mark(account, [account.email.lower()]),
        "app": mark(account, apps),
        # A code alone is short enough to be guessed from its mark.
        "codes": mark(account, [*apps, *codes]) if codes else "",
    }


def mark(account: User, secrets: Any) -> str:
    """The same for the same secrets of an account, and nothing that leads back to them; empty for none."""
    held = "\n".join(secrets)
    return sha256(f"{account.pk}\n{account.date_joined.isoformat()}\n{held}".encode()).hexdigest()[:32] if held else ""


def watch_access() -> None:
    """Let the ledger know of each change."""
    post_save.connect(account_saved, sender=User)
    m2m_changed.connect(groups_changed, sender=User.groups.through)
    for device in (TOTPDevice, StaticDevice):
        post_save.connect(device_changed, sender=device)
        post_delete.connect(device_changed, sender=device)
    post_delete.connect(code_used, sender=StaticToken)


def account_saved(*, instance: User, update_fields: Any = None, **kwargs: Any) -> None:
    saved = set(update_fields or ())
    # Each sign-in saves when it was.
    if saved != {"last_login"}:
        # Django renews an old hash at sign-in. It forgets the password before it saves, unlike where that is changed.
        is_renewed = (
            saved == {"password"} and getattr(instance, "_password", None) is None and instance.has_usable_password()
        )
        note_later(instance.pk, is_same_password=is_renewed)


def groups_changed(*, instance: Any, **kwargs: Any) -> None:
    if isinstance(instance, User):
        note_later(instance.pk)


def device_changed(*, instance: Any, **kwargs: Any) -> None:
    note_later(instance.user_id)


def code_used(*, instance: Any, origin: Any = None, **kwargs: Any) -> None:
    # Those that go with their device are told of with that.
    if origin is instance:
        note_later(instance.device.user_id)


def note_later(account: int, *, is_same_password: bool = False) -> None:
    transaction.on_commit(partial(note_now, account, is_same_password=is_same_password))


def note_now(account: int, *, is_same_password: bool = False) -> None:
    """Note what an account is now, if it is there."""
    if stored := User.objects.filter(pk=account).first():
        told = last_state("account", account)
        note_state("account", account, as_told(state_of(stored), told, is_same_password=is_same_password))


def as_told(state: dict[str, str], told: dict[str, str] | None, *, is_same_password: bool = False) -> dict[str, str]:
    """`state` as the ledger has it after `told`: with the marks of all hashes that the same password had."""
    marks = (told or {}).get("password", "").split()
    if state["password"] in marks:
        return {**state, "password": " ".join(marks)}
    return {**state, "password": " ".join([*marks, state["password"]])} if is_same_password else state


def kept_password(before: dict[str, str], told: dict[str, str]) -> bool:
    """Whether an account that was in the state `before` still has its password, as the ledger tells."""
    return before["password"] in told.get("password", "").split(" ")
