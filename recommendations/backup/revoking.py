"""What the ledger has from after a backup is done again in what was restored, before anybody sees that."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django_otp.plugins.otp_static.models import StaticDevice

from recommendations.accounts import second_factor
from recommendations.accounts.access import RANKS, as_told, kept_password, state_of
from recommendations.accounts.records import record
from recommendations.accounts.roles import Role, active_administrators, give_role
from recommendations.models import (
    ActionPlan,
    Edition,
    LegalHold,
    Logo,
    ProgressUpdate,
    SecondFactorReset,
    SetAside,
    SupportLink,
    TakeDown,
)
from recommendations.models.saves import one_save
from recommendations.publishing import ledger
from recommendations.publishing.acts import delete, put_on_record, save
from recommendations.publishing.closing import close, state_of_contact
from recommendations.publishing.erasure import erase, let_pictures_go
from recommendations.publishing.ledger import Entry, site_mark
from recommendations.publishing.notes import erase_words, place_hold
from recommendations.publishing.support_links import state_of_link
from recommendations.publishing.takedowns import set_aside, take_down

from . import rows
from .later import (
    CLOSED,
    CONTACT,
    LIFTED,
    PLACED,
    REOPENED,
    WITHDRAWN,
    Later,
    about_what,
    find,
    is_withdrawn,
    later,
    who,
)
from .lost import Lost, give_no_number_twice, keep_places, lost_with, say_what_is_lost


def complete_the_ledger() -> None:
    """Add what the site holds and the ledger lacks: a disk may have been full, or a process killed before it wrote."""
    site, at, missing = site_mark(), timezone.now(), list[Entry]()
    entries, _unreadable = ledger.read([settings.LEDGER])
    told = later([entry for entry in entries if entry.site == site], since=dt.datetime.min.replace(tzinfo=dt.UTC))

    def add(what: str, by: int | None, **about: Any) -> None:
        missing.append(Entry(at, what, site, by=by, **about))

    for update in ProgressUpdate.objects.ever_published().exclude(pk__in=told.updates).order_by("pk"):
        add("published", update.published_by_id, update=update.pk)
    missing += ledger.editions_lacking_in(entries, at=at)
    missing += numbered(entries, at=at)
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
    hold = LegalHold.objects.current().first()
    if hold and not told.hold:
        add(PLACED, hold.placed_by_id)
    elif told.hold and not hold:
        add(LIFTED, None)
    closed = ActionPlan.objects.exclude(closed_at=None).first()
    if closed and not told.closed:
        add(CLOSED, closed.closed_by_id)
    elif told.closed and not closed:
        add(REOPENED, None)
    if closed and (told.contact is None or told.contact.state != state_of_contact(closed)):
        add(CONTACT, closed.closed_by_id, state=state_of_contact(closed))
    links = {link.pk: state_of_link(link) for link in SupportLink.objects.order_by("pk")}
    for number in sorted(told.support.keys() | links.keys()):
        state = links.get(number, {})
        if told.support.get(number) != state:
            add("support", None, support=number, state=state)
    for account in User.objects.order_by("pk"):
        state = as_told(state_of(account), told.accounts.get(account.pk))
        if told.accounts.get(account.pk) != state:
            add("account", None, account=account.pk, state=state)
    ledger.append(missing)


def numbered(entries: Iterable[Entry], *, at: dt.datetime) -> list[Entry]:
    """Up to which number the site has named updates, unless that is told: colleagues call drafts by theirs, too."""
    site, last = site_mark(), rows.last_id(ProgressUpdate) or 0
    told = max((entry.update or 0 for entry in entries if entry.site == site), default=0)
    return [Entry(at, "numbered", site, update=last)] if last > told else []


def revoke(entries: Iterable[Entry], *, since: dt.datetime, at: dt.datetime) -> tuple[Counter[str], Lost]:
    """Do again what was done after `since`, as the ledger has it; returns how much of what, and what is lost."""
    site = site_mark()
    entries = [entry for entry in entries if entry.site == site]
    found, done = later(entries, since=since), Counter[str]()
    plan = ActionPlan.objects.first()
    with translation.override(plan.language if plan else None), transaction.atomic():
        editions, unsealed = keep_places(found.editions.values())
        hide(found, done)
        say_what_is_lost(editions, at=at)
        for number, entry in found.notes.items():
            with one_save("erase_note"):
                done["notes erased"] += is_note_erased(number, entry)
        for number, state in found.accounts.items():
            account = User.objects.filter(pk=number).first()
            done["accounts limited"] += account is not None and is_limited(account, state)
        # One that was declined since would wait again for a second administrator.
        SecondFactorReset.objects.filter(confirmed_at=None).delete()
        for number, state in found.support.items():
            done["support links removed or limited"] += is_link_limited(number, state)
        if found.hold and plan and not LegalHold.objects.current().exists():
            reason = _("Placed again, because the site was restored from an earlier backup. Ask whoever placed it why.")
            place_hold(reason=reason, by=who(found.hold), at=found.hold.at)
            done["legal hold placed"] += 1
        if found.closed and plan and not plan.closed_at:
            with one_save("close"):
                close(by=who(found.closed), at=found.closed.at, takes_down="")
            done["site closed"] += 1
        if found.contact and plan and plan.takes_down and found.contact.state != state_of_contact(plan):
            with one_save("close"):
                close(by=who(found.contact), at=found.contact.at, takes_down="")
            done["contact of the closed site removed"] += 1
        lost = lost_with(found, editions=editions, unsealed=unsealed)
    give_no_number_twice(ProgressUpdate, [entry.update for entry in entries if entry.update])
    give_no_number_twice(Edition, [entry.edition for entry in entries if entry.edition])
    give_no_number_twice(User, [entry.account for entry in entries if entry.account])
    return +done, lost


def hide(found: Later, done: Counter[str]) -> None:
    """Take down, erase and set aside again, and count it."""
    for key, entry in found.taken_down.items():
        thing = find(key)
        if thing and not thing.is_taken_down:
            reason = _("Taken down again, because the site was restored from an earlier backup.")
            with one_save("take_down"):
                make_public(thing, found.updates.get(thing.pk, entry))
                take_down(thing, reason=reason, by=who(entry), at=entry.at)
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
        if isinstance(thing, ProgressUpdate) and not thing.obstacles(on=timezone.localdate(entry.at)):
            make_public(thing, found.updates.get(thing.pk, entry))
        if thing and is_seen(thing):
            with one_save("set_aside"):
                set_aside(thing, by=who(entry), at=entry.at)
            done["set aside"] += 1


def is_seen(thing: Any) -> bool:
    """Whether readers see it: an update that was published and not withdrawn, an edition; and nothing hides it."""
    is_public = isinstance(thing, Edition) or (thing.published_at and not thing.withdrawn_at)
    return bool(is_public and not thing.is_taken_down and not thing.is_set_aside)


def make_public(thing: Any, entry: Entry) -> None:
    """Let a draft be published, as it was meanwhile, before it is hidden: nobody must publish it unawares again."""
    if isinstance(thing, ProgressUpdate) and not thing.published_at:
        by = who(entry)
        thing.ready_at, thing.ready_by = thing.ready_at or entry.at, thing.ready_by or by
        thing.published_at, thing.published_by = entry.at, by
        save(thing, by=by, reason=_("Published after the backup that was restored"), is_checked=True)


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
    if not kept_password(before, state):
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


def is_link_limited(number: int, state: dict[str, str]) -> bool:
    """Whether a support link is removed, because it led elsewhere or was deleted since, or says anew who is told."""
    link = SupportLink.objects.filter(pk=number).first()
    if link is None or (before := state_of_link(link)) == state:
        return False
    if before["address"] != state.get("address"):
        delete(link, by=None, reason=_("Removed or changed after the backup that was restored"))
    else:
        link.may_contact_police = state["police"]
        save(link, by=None, reason=_("Changed after the backup that was restored"), is_checked=True)
    return True


def nobody_gets_in() -> bool:
    """Whether no administrator has a password any more."""
    return not any(account.has_usable_password() for account in active_administrators())
