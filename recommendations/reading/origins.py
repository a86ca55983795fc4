"""Sentences on how many recommendations were adopted, and how many were added or retired since."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from recommendations.models import ActionPlan

from .entries import Origins, PlanEntry


def sentences(origins: Origins, *, plan: ActionPlan | PlanEntry) -> str:
    """What was adopted, and what became of it since, in sentences; empty for an empty plan.

    `plan` says what it calls its recommendations, and which conference they came out of, if one.
    """
    if not origins.adopted:
        return sentences_since(origins)
    found = plan.counted(origins.adopted)
    if origins.areas:
        areas = ngettext("%(count)d area", "%(count)d areas", origins.areas) % {"count": origins.areas}
        found = _("%(recommendations)s in %(areas)s") % {"recommendations": found, "areas": areas}
    came = f"{found}."
    if plan.conference_name:
        words = {"recommendations": found, "conference": plan.conference_name}
        came = _("%(recommendations)s came out of the %(conference)s.") % words
    return " ".join(filter(None, [came, sentences_since(origins)]))


def sentences_since(origins: Origins) -> str:
    """What was added and retired since, in sentences; empty where nothing was."""
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
