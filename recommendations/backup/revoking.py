"""What the ledger has from after a backup is done again in what was restored, before anybody sees that."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django_otp.plugins.otp_static.models import StaticDevice

from recommendations.accounts import second_factor
from recommendations.accounts.access import RANKS, state_of
from recommendations.accounts.records import record
from recommendations.accounts.roles import Role, active_administrators, give_role
from recommendations.models import ActionPlan, Edition, Logo, ProgressUpdate, SetAside, TakeDown
from recommendations.models.saves import one_save
from recommendations.publishing import ledger
from recommendations.publishing.acts import put_on_record, save
from recommendations.publishing.erasure import erase, let_pictures_go
from recommendations.publishing.ledger import Entry, site_mark
from recommendations.publishing.notes import erase_words
from recommendations.publishing.takedowns import set_aside, take_down

from . import rows

WITHDRAWN = "withdrawn"
HIDING, SHOWING = ("set_aside", WITHDRAWN), "restored"
Key = tuple[str, int]


@dataclass
class Later:
    """What became of each update, edition and account, by its number, and each picture since a backup was made."""

    taken_down: dict[Key, Entry] = field(default_factory=dict)
    erased: dict[Key, Entry] = field(default_factory=dict)
    hidden: dict[Key, Entry] = field(default_factory=dict)
    notes: dict[int, Entry] = field(default_factory=dict)
    pictures: dict[str, Entry] = field(default_factory=dict)
    accounts: dict[int, dict[str, str]] = field(default_factory=dict)


def later(entries: Iterable[Entry], *, since: dt.datetime) -> Later:
    """The entries that are later; of an account the last, of what was set aside what is so still."""
    found = Later()
    for entry in entries:
        if entry.at < since:
            continue
        if entry.picture is not None:
            found.pictures[entry.picture] = entry
        elif entry.account is not None:
            found.accounts[entry.account] = entry.state or {}
        elif entry.what == "note_erased" and entry.update is not None:
            found.notes[entry.update] = entry
        else:
            key = ("update", entry.update) if entry.update is not None else ("edition", entry.edition or 0)
            if entry.what == "taken_down":
                found.taken_down[key] = entry
            elif entry.what == "erased":
                found.erased[key] = entry
            elif entry.what in HIDING:
                if not is_withdrawn(found, key):
                    found.hidden[key] = entry
            elif entry.what == SHOWING and not is_withdrawn(found, key):
                found.hidden.pop(key, None)
    return found


def complete_the_ledger() -> None:
    """Add what the site holds and the ledger lacks: a disk may have been full, or a process killed before it wrote."""
    site, at, missing = site_mark(), timezone.now(), list[Entry]()
    entries, _unreadable = ledger.read([settings.LEDGER])
    told = later([entry for entry in entries if entry.site == site], since=dt.datetime.min.replace(tzinfo=dt.UTC))

    def add(what: str, by: int | None, **about: Any) -> None:
        missing.append(Entry(at, what, site, by=by, **about))

    for removal in TakeDown.objects.order_by("pk"):
        key, about = about_what(removal)
        if key not in told.taken_down:
            add("taken_down", removal.taken_down_by_id, **about)
        if removal.erased_at and key not in told.erased:
            add("erased", removal.erased_by_id, **about)
    for update in ProgressUpdate.objects.exclude(withdrawn_at=None).order_by("pk"):
        if not is_withdrawn(told, ("update", update.pk)):
            add(WITHDRAWN, update.withdrawn_by_id, update=update.pk)
            told.hidden["update", update.pk] = missing[-1]
    for aside in SetAside.objects.undecided().order_by("pk"):
        key, about = about_what(aside)
        if key not in told.hidden:
            add("set_aside", aside.set_aside_by_id, **about)
    ledger.append(missing)
    for account in User.objects.order_by("pk"):
        ledger.note_account(account.pk, state_of(account))


def about_what(thing: Any) -> tuple[Key, dict[str, Any]]:
    """What was set aside or taken down: its key, and what an entry says of it."""
    key = ("update", thing.update_id) if thing.update_id else ("edition", thing.edition_id)
    return key, {"update": thing.update_id, "edition": thing.edition_id}


def is_withdrawn(found: Later, key: Key) -> bool:
    """Whether it was withdrawn, which lasts, whatever becomes of it when it is set aside."""
    return key in found.hidden and found.hidden[key].what == WITHDRAWN


def revoke(entries: Iterable[Entry], *, since: dt.datetime) -> Counter[str]:
    """Do again what was done after `since`, as the ledger has it; returns how much of what, in words for a sentence."""
    site = site_mark()
    entries = [entry for entry in entries if entry.site == site]
    found, done = later(entries, since=since), Counter[str]()
    plan = ActionPlan.objects.first()
    with translation.override(plan.language if plan else None), transaction.atomic():
        for key, entry in found.taken_down.items():
            thing = find(key)
            if thing and not thing.is_taken_down:
                with one_save("take_down"):
                    take_down_again(thing, entry)
                done["taken down"] += 1
        # First the editions: an update that was erased is held by none.
        for key, entry in sorted(found.erased.items(), key=lambda one: one[0][0]):
            removal = TakeDown.objects.filter(**{f"{key[0]}_id": key[1]}, erased_at=None).first()
            if removal:
                with one_save("erase"):
                    erase(removal, by=who(entry), at=entry.at)
                done["erased"] += 1
        for picture in found.pictures:
            with one_save("erase"):
                done["logos deleted"] += delete_logos(picture)
        let_pictures_go()
        for key, entry in found.hidden.items():
            thing = find(key)
            if thing and is_seen(thing):
                with one_save("set_aside"):
                    set_aside(thing, by=who(entry), at=entry.at)
                done["set aside"] += 1
        for number, entry in found.notes.items():
            with one_save("erase_note"):
                done["notes erased"] += is_note_erased(number, entry)
        for number, state in found.accounts.items():
            account = User.objects.filter(pk=number).first()
            done["accounts limited"] += account is not None and is_limited(account, state)
    give_no_number_twice(ProgressUpdate, [entry.update for entry in entries if entry.update])
    give_no_number_twice(Edition, [entry.edition for entry in entries if entry.edition])
    give_no_number_twice(User, [entry.account for entry in entries if entry.account])
    return +done


def give_no_number_twice(kind: rows.Model, numbers: list[int]) -> None:
    """Let what is made next have a higher number than what the ledger names: readers may know its address."""
    rows.go_on_after(kind, max([*numbers, rows.last_id(kind) or 0]))


def find(key: Key) -> Any:
    kind: Any = ProgressUpdate if key[0] == "update" else Edition
    return kind.objects.filter(pk=key[1]).first()


def who(entry: Entry) -> User:
    """Who did it, or another account where that one isn't in the backup: an act has somebody who did it."""
    by = User.objects.filter(pk=entry.by).first() if entry.by else None
    return by or User.objects.order_by("-is_superuser", "pk")[0]


def is_seen(thing: Any) -> bool:
    """Whether readers see it: an update that was published and not withdrawn, an edition; and nothing hides it."""
    is_public = isinstance(thing, Edition) or (thing.published_at and not thing.withdrawn_at)
    return bool(is_public and not thing.is_taken_down and not thing.is_set_aside)


def take_down_again(thing: Any, entry: Entry) -> None:
    """Take it down; a draft was published in the meantime, and its address must not be given to anything else."""
    if isinstance(thing, ProgressUpdate) and not thing.published_at:
        by = who(entry)
        thing.ready_at, thing.ready_by = thing.ready_at or entry.at, thing.ready_by or by
        thing.published_at, thing.published_by = entry.at, by
        save(thing, by=by, reason=_("Published after the backup that was restored"), is_checked=True)
    reason = _("Taken down again, because the site was restored from an earlier backup.")
    take_down(thing, reason=reason, by=who(entry), at=entry.at)


def delete_logos(picture: str) -> int:
    """Delete the logos that have or had a picture; returns how many there were."""
    logos = list(Logo.objects.filter(pk__in=Logo.history.filter(image_id=picture).values("id")))
    for logo in logos:
        put_on_record(logo, reason=_("Erased"))
        logo.delete()
    return len(logos)


def is_note_erased(number: int, entry: Entry) -> bool:
    """Whether there was a note to erase: of an update, or of one that was deleted, which has its history alone."""
    versions = ProgressUpdate.history.filter(id=number).exclude(private_note="")
    update = ProgressUpdate.objects.select_for_update().filter(pk=number).first()
    if update is None:
        return bool(versions.update(private_note=""))
    if not update.private_note and not versions.exists():
        return False
    erase_words(update, by=None, reason=_("Note for colleagues erased again, after a backup was restored"))
    return True


def is_limited(account: User, state: dict[str, str]) -> bool:
    """Whether `account` may now do less than the backup says, as the ledger has it."""
    before = state_of(account)
    words = []
    if before["password"] != state.get("password"):
        account.set_unusable_password()
        words.append(_("Its password was changed since."))
    if before["email"] != state.get("email", "") and account.email:
        account.email = ""
        words.append(_("Its e-mail address was changed since."))
    if before["active"] and not state.get("active"):
        account.is_active = False
        words.append(_("It was deactivated since."))
    if RANKS.index(before["role"]) > (rank := RANKS.index(role) if (role := state.get("role", "")) in RANKS else 0):
        account.is_superuser = False
        if RANKS[rank] in Role.values:
            give_role(account, RANKS[rank])
        elif rank == 0:
            account.groups.clear()
            account.user_permissions.clear()
        words.append(_("Its role was reduced since."))
    if before["app"] != state.get("app"):
        if second_factor.remove(account):
            words.append(_("Its second factor was removed or replaced since."))
    elif before["codes"] != state.get("codes") and StaticDevice.objects.filter(user=account).delete()[0]:
        words.append(_("Recovery codes were used or replaced since."))
    if not words:
        return False
    account.save()
    record(account, by=account, words=_("After a backup was restored:"), reason=" ".join(words))
    return True


def nobody_gets_in() -> bool:
    """Whether no administrator has a password any more."""
    return not any(account.has_usable_password() for account in active_administrators())
