"""The list of corrections: what was changed after it was published, by whom and why."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from recommendations.admin import exports
from recommendations.models import Correction, StatusWording
from recommendations.publishing.history import name_of
from recommendations.publishing.updates import links_of
from recommendations.reading import adopted
from recommendations.text import dates

from .base import ReadOnlyAdmin, shown_moment


@admin.register(Correction)
class CorrectionAdmin(ReadOnlyAdmin):
    export = exports.CORRECTIONS
    purpose = gettext_lazy(
        "What was corrected or withdrawn after it was published, or changed in the plan, with who did it and why."
    )
    list_display = ["corrected", "kind", "note", "about", "corrected_by_name"]
    list_filter = ["is_minor", "is_withdrawal"]
    search_fields = ["note"]
    fields: ClassVar[Any] = [
        "corrected",
        "corrected_by_name",
        "kind",
        "note",
        "about",
        "what_it_said",
        "what_it_says",
    ]
    readonly_fields: ClassVar[Any] = fields
    change_form_template = "admin/read_only.html"

    corrected = shown_moment("corrected_at", gettext_lazy("corrected at"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return Correction.objects.select_related(
            "update__take_down", "recommendation__area", "area", "party", "corrected_by"
        ).prefetch_related("update__set_asides")

    @admin.display(description=gettext_lazy("kind"))
    def kind(self, correction: Correction) -> str:
        if correction.is_withdrawal:
            return _("Withdrawal")
        if correction.update is None:
            return _("Change to the plan")
        return _("Minor, not announced") if correction.is_minor else _("Correction")

    @admin.display(description=gettext_lazy("by"), ordering="corrected_by")
    def corrected_by_name(self, correction: Correction) -> str:
        return name_of(correction.corrected_by)

    @admin.display(description=gettext_lazy("about"))
    def about(self, correction: Correction) -> SafeString:
        subject = correction.subject
        address = reverse(f"admin:recommendations_{subject._meta.model_name}_change", args=[subject.pk])
        return format_html('<a href="{}">{}</a>', address, subject)

    @admin.display(description=gettext_lazy("what it said before"))
    def what_it_said(self, correction: Correction) -> SafeString | str:
        return _content(correction, correction.before)

    @admin.display(description=gettext_lazy("what it said afterwards"))
    def what_it_says(self, correction: Correction) -> SafeString | str:
        return _content(correction, correction.after)


def _content(correction: Correction, content: dict[str, Any] | None) -> SafeString | str:
    """A stored content, as corrections keep it, for colleagues to read."""
    # Of an update that was erased, only what it covered is left.
    if not content or content.keys() == {"statuses"}:
        return _("(nothing)")
    if correction.update is None:
        lines = [f"{label}: {words}" for label, words in adopted.labelled(content)]
        return format_html_join("", '<p class="passage">{}</p>', ((line,) for line in lines))
    labelled = StatusWording.objects.labelled(content["statuses"].items())
    statuses = "; ".join(f"{reference}: {label}" for reference, label in labelled)
    cited = links_of(content["evidence"], content.get("archived", []))
    links = "; ".join(" ".join([label, *(f"<{one}>" for one in both if one)]) for label, *both in cited)
    parts = [
        content["text"],
        _("Date: %(day)s")
        % {"day": dates.as_known(dt.date.fromisoformat(content["dated_on"]), content["dated_as_published"])},
        _("Statuses: %(statuses)s") % {"statuses": statuses},
    ]
    parts += [_("Evidence: %(links)s") % {"links": links}] if links else []
    return format_html_join("", '<p class="passage">{}</p>', ((part,) for part in parts))
