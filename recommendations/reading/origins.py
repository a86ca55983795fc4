"""How many recommendations came out of the conference, in words, told apart from those added or retired since."""

from django.utils.translation import ngettext

from .entries import Origins


def told(origins: Origins, *, conference: str) -> str:
    """What came out of the conference, and what became of the plan since, in sentences; empty for an empty plan."""
    if not origins.adopted:
        return told_since(origins)
    areas = ngettext("%(count)d area", "%(count)d areas", origins.areas) % {"count": origins.areas}
    came = ngettext(
        "%(count)d recommendation in %(areas)s came out of the %(conference)s.",
        "%(count)d recommendations in %(areas)s came out of the %(conference)s.",
        origins.adopted,
    ) % {"count": origins.adopted, "areas": areas, "conference": conference}
    return " ".join(filter(None, [came, told_since(origins)]))


def told_since(origins: Origins) -> str:
    """What was added and retired since the conference, in sentences; empty where nothing was."""
    sentences = []
    if origins.added:
        added = ngettext("%(count)d was added since.", "%(count)d were added since.", origins.added)
        sentences.append(added % {"count": origins.added})
    if origins.retired:
        retired = ngettext("%(count)d was retired since.", "%(count)d were retired since.", origins.retired)
        sentences.append(retired % {"count": origins.retired})
    if sentences:
        in_force = ngettext("%(count)d is in force.", "%(count)d are in force.", origins.current)
        sentences.append(in_force % {"count": origins.current})
    return " ".join(sentences)
