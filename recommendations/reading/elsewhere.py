"""The pages elsewhere that the site links to: the one list of what `manage.py check_links` asks for."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Model
from django.utils.translation import gettext as _

from recommendations.models import (
    ActionPlan,
    EvidenceLink,
    Logo,
    ProgressUpdate,
    Recommendation,
    RecommendationLink,
    SupportLink,
)
from recommendations.text.intake import AddressField

from .passages import named


@dataclass(frozen=True)
class Use:
    """One place that links to an `address`: `where` says which, for staff; `subject` is what they change to change it.

    `label` are the words of the link, `archived_address` that of a copy that stands beside it; each may be empty.
    """

    address: str
    where: str
    subject: Model
    label: str = ""
    archived_address: str = ""


def uses(*, on: dt.date) -> dict[str, list[Use]]:
    """Where the public site links to pages elsewhere on the day `on`, by address.

    It leaves out what isn't published or was removed.
    """
    found: dict[str, list[Use]] = defaultdict(list)
    own = urlsplit(settings.SITE_URL).netloc
    for use in (*_evidence(), *_beside(on), *_support(), *_of_the_plan()):
        parts = urlsplit(use.address)
        if parts.scheme in ("http", "https") and parts.netloc != own:
            found[use.address].append(use)
    return dict(found)


def _evidence() -> Iterator[Use]:
    updates = ProgressUpdate.objects.public().with_assessments().in_order()
    by_id = {update.pk: update for update in updates}
    for link in EvidenceLink.objects.filter(update__in=by_id):
        update = by_id[link.update_id]
        where = _("evidence of %(update)s") % {"update": named(update)}
        yield Use(link.address, where, update, link.label, link.archived_address)
        if link.archived_address:
            where = _("archived copy of evidence of %(update)s") % {"update": named(update)}
            yield Use(link.archived_address, where, update, link.label)


def _beside(on: dt.date) -> Iterator[Use]:
    recommendations = Recommendation.objects.begun(on)
    for link in RecommendationLink.objects.filter(recommendation__in=recommendations).select_related("recommendation"):
        where = _("beside %(reference)s") % {"reference": link.recommendation.reference}
        yield Use(link.address, where, link.recommendation, link.label)


def _support() -> Iterator[Use]:
    for link in SupportLink.objects.select_related("plan"):
        yield Use(link.address, _("support link"), link.plan, link.label)


def _of_the_plan() -> Iterator[Use]:
    """The organization's own addresses, such as its website and the one that “Leave this site” leads to."""
    for plan in ActionPlan.objects.all():
        for field in ActionPlan._meta.fields:
            if isinstance(field, AddressField) and (address := getattr(plan, field.attname)):
                yield Use(address, str(field.verbose_name), plan)
    for logo in Logo.objects.select_related("plan").exclude(address=""):
        yield Use(logo.address, _("logo"), logo.plan, logo.alt)
