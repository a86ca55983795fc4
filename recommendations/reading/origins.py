"""Sentences on how many recommendations came out of the conference, and how many were added or retired since."""

from django.utils.translation import ngettext

from .entries import Origins


def sentences(origins: Origins, *, conference: str) -> str:
    """What came out of the conference, and what became of the plan since, in sentences; empty for an empty plan."""
    if not origins.adopted:
        return sentences_since(origins)
    areas = ngettext("%(count)d area", "%(count)d areas", origins.areas) % {"count": origins.areas}
    came = ngettext(
        "%(count)d recommendation in %(areas)s came out of the %(conference)s.",
        "%(count)d recommendations in %(areas)s came out of the %(conference)s.",
        origins.adopted,
    ) % {"count": origins.adopted, "areas": areas, "conference": conference}
    return " ".join(filter(None, [came, sentences_since(origins)]))


def sentences_since(origins: Origins) -> str:
    """What was added and retired since the conference, in sentences; empty where nothing was."""
    found = []
    if origins.added:
        added = ngettext("%(count)d has been added since.", "%(count)d have been added since.", origins.added)
        found.append(added % {"count": origins.added})
    if origins.retired:
        retired = ngettext("%(count)d has been retired since.", "%(count)d have been retired since.", origins.retired)
        found.append(retired % {"count": origins.retired})
    if found:
        in_force = ngettext("%(count)d is in force.", "%(count)d are in force.", origins.current)
        found.append(in_force % {"count": origins.current})
    return " ".join(found)
