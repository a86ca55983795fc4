"""The staff's door: Django's admin, made to fit the work. A module per subject; importing this registers them all."""

from recommendations.admin import (
    accounts,
    adopted,
    corrections,
    editions,
    links,
    plan,
    recommendations,
    reports,
    takedowns,
    terms,
    updates,
)

__all__ = [
    "accounts",
    "adopted",
    "corrections",
    "editions",
    "links",
    "plan",
    "recommendations",
    "reports",
    "takedowns",
    "terms",
    "updates",
]
