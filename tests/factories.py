"""Rows for tests: plain keyword-only factories without randomness; whatever isn't given is ordinary."""

import datetime as dt
import io
from dataclasses import replace
from itertools import count

from django.contrib.auth.models import User
from PIL import Image, ImageDraw

from recommendations.models import (
    ActionPlan,
    Area,
    Assessment,
    EvidenceLink,
    Logo,
    LogoImage,
    ProgressUpdate,
    Recommendation,
    Report,
    ResponsibleParty,
    SupportLink,
)
from recommendations.publishing.updates import Content
from recommendations.text.pictures import taken_in

serial = count(1)
AT = dt.datetime(2020, 7, 1, 12, 0, tzinfo=dt.UTC)


def make_user(**overrides):
    username = overrides.pop("username", f"user-{next(serial)}")
    return User.objects.create_user(username, **{"is_staff": True, "is_superuser": True, "password": "pw", **overrides})


def make_plan(**overrides):
    """The plan, or the one that is there already."""
    if plan := ActionPlan.objects.first():
        return plan
    return ActionPlan.objects.create(
        **{
            "title": "A Safer Province: Responding Together",
            "conference_name": "May 2019 Conference",
            "conference_starts_on": dt.date(2019, 5, 28),
            "conference_ends_on": dt.date(2019, 5, 29),
            "organisation_name": "Example Organisation",
            **overrides,
        }
    )


def make_support_link(**overrides):
    return SupportLink.objects.create(
        **{
            "plan": make_plan(),
            "label": "A support line",
            "address": "https://example.org/support",
            "checked_on": dt.date(2020, 7, 1),
            **overrides,
        }
    )


def picture_file(*, size=(120, 60), colour=(255, 0, 0, 255), mode="RGBA", kind="PNG"):
    """The bytes of a file: a bar of `colour` across a transparent ground of `size`."""
    picture, buffer = Image.new("RGBA", size, (255, 255, 255, 0)), io.BytesIO()
    ImageDraw.Draw(picture).rectangle((0, size[1] // 4, size[0], size[1] * 3 // 4), fill=colour)
    picture.convert(mode).save(buffer, kind)
    return buffer.getvalue()


def make_logo(**overrides):
    """A funder's logo, unless told otherwise, of the picture that `picture_file` makes."""
    drawn = {name: overrides.pop(name) for name in ("size", "colour", "mode", "kind") if name in overrides}
    image = LogoImage.objects.keep(taken_in(picture_file(**drawn)))
    return Logo.objects.create(**{"plan": make_plan(), "alt": "City of W", "image": image, **overrides})


def make_area(**overrides):
    number = overrides.pop("number", None) or Area.objects.count() + 1
    return Area.objects.create(
        **{"plan": make_plan(), "number": number, "title": f"Area of number {number}", **overrides}
    )


def make_party(**overrides):
    number = next(serial)
    return ResponsibleParty.objects.create(**{"name": f"party {number}", "slug": f"party-{number}", **overrides})


def make_recommendation(*, parties=(), **overrides):
    area = overrides.pop("area", None) or Area.objects.first() or make_area()
    number = overrides.pop("number", None) or area.recommendations.count() + 1
    reference = overrides.pop("reference", f"{area.number}.{number}")
    recommendation = Recommendation.objects.create(
        **{
            "area": area,
            "reference": reference,
            "position": number,
            "text": f"Do what {reference} says.",
            **overrides,
        }
    )
    recommendation.parties.set(parties)
    return recommendation


def make_update(*, statuses, published=True, published_at=AT, evidence=(), **overrides):
    """An update that records `statuses` (recommendation to status word); published, at AT, unless told otherwise."""
    area = overrides.pop("area", None) or next(iter(statuses)).area
    update = ProgressUpdate.objects.create(
        **{"area": area, "text": "Something happened.", "dated_on": dt.date(2020, 6, 30), **overrides}
    )
    for recommendation, status in statuses.items():
        Assessment.objects.create(update=update, recommendation=recommendation, status=status)
    for label, address in evidence:
        EvidenceLink.objects.create(update=update, label=label, address=address)
    if published:
        by = User.objects.first() or make_user()
        update.ready_at, update.ready_by = AT, by
        update.published_at, update.published_by = published_at, by
        update.save()
    return update


def make_report(**overrides):
    return Report.objects.create(
        **{
            "plan": make_plan(),
            "title": "One-Year Update",
            "slug": f"report-{next(serial)}",
            "starts_on": dt.date(2019, 5, 30),
            "ends_on": dt.date(2020, 6, 30),
            **overrides,
        }
    )


def make_draft(**overrides):
    """An update that covers one recommendation without a status yet."""
    recommendation = make_recommendation()
    return make_update(statuses={recommendation: ""}, published=False, **overrides)


def changed_content(update, **changes):
    """The content of `update` with some of it changed."""
    return replace(Content.of(update), **changes)
