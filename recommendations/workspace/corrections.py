"""What a correction changes in an update, in words."""

from __future__ import annotations

from django.utils.translation import gettext as _

from recommendations.publishing.updates import Content
from recommendations.text.diff import Piece, words_compared


def contents_compared(before: Content, after: Content) -> list[tuple[str, tuple[Piece, ...]]]:
    """What differs between two contents of an update: labels, each with its words compared."""
    old, new = _labelled(before), _labelled(after)
    return [(label, words_compared(old[label], new[label])) for label in old if old[label] != new[label]]


def _labelled(content: Content) -> dict[str, str]:
    return {
        _("Text"): content.text,
        _("Date"): content.dated,
        _("Statuses"): "\n".join(f"{reference}: {label}" for reference, label in content.status_labels),
        _("Sums up the period"): _("yes") if content.sums_up else _("no"),
        _("Evidence"): "\n".join(
            " ".join([label, *(f"<{one}>" for one in both if one)]) for label, *both in content.links
        ),
    }
