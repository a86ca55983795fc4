"""Areas and responsible parties, and what they share with recommendations: readers are told of each change."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from recommendations.accounts.roles import CORRECT_UPDATE, account_of
from recommendations.admin import exports
from recommendations.admin.forms.plan import AreaForm, PartyForm, TextChange
from recommendations.models import Area, ResponsibleParty
from recommendations.models.plan import has_editions
from recommendations.publishing import plan_changes
from recommendations.reading import adopted
from recommendations.reading.findings import in_text

from .base import REASON, BaseAdmin
from .findings import FindingsMixin, tell

FOR_READERS: Any = (
    _("For readers: why"),
    {"fields": ["public_reason"]},
)


class AdoptedAdmin(FindingsMixin, BaseAdmin):
    """What was adopted: from the first edition on it isn't deleted, and readers are told why it was changed."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and not has_editions()

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        if not self.is_announced(request, obj):
            return fieldsets
        return [*fieldsets[:-1], FOR_READERS, fieldsets[-1]]

    def is_announced(self, request: HttpRequest, obj: Any) -> bool:
        """Whether the form changes something that readers are told of."""
        return (
            obj is not None
            and self.has_change_permission(request, obj)
            and plan_changes.is_announced(adopted.content_of(obj), on=timezone.localdate())
        )

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        may_tell = obj is None or request.user.has_perm(CORRECT_UPDATE) or not has_editions()
        return super().has_change_permission(request, obj) and may_tell

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if form.before is not None:
            announced = plan_changes.announce(
                form.instance,
                before=form.before,
                note=form.cleaned_data["public_reason"],
                is_spelling=form.cleaned_data.get("text_change") == TextChange.SPELLING,
                by=account_of(request),
                at=timezone.now(),
            )
            if announced:
                self.message_user(request, _("Readers see what you changed, and your public reason."), messages.SUCCESS)
                tell(request, in_text(form.cleaned_data["public_reason"], name=str(_("the public reason"))))


@admin.register(Area)
class AreaAdmin(AdoptedAdmin):
    form = AreaForm
    export = exports.AREAS
    purpose = _("The areas that the recommendations belong to, if the plan has any.")
    list_display = ["name", "recommendation_count"]
    list_display_links = ["name"]
    fieldsets = [(None, {"fields": ["number", "title", "introduction", "also_called"]}), REASON]
    search_fields = ["title"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        counted: QuerySet[Any] = super().get_queryset(request).annotate(recommendation_count=Count("recommendations"))
        return counted

    @admin.display(description=_("area"), ordering="number")
    def name(self, area: Area) -> str:
        return str(area)

    @admin.display(description=_("recommendations"))
    def recommendation_count(self, area: Any) -> int:
        return int(area.recommendation_count)


@admin.register(ResponsibleParty)
class ResponsiblePartyAdmin(AdoptedAdmin):
    form = PartyForm
    export = exports.PARTIES
    purpose = _("Who recommendations are addressed to: funders, law enforcement agencies and so on.")
    list_display = ["name", "is_everyone", "recommendation_count"]
    prepopulated_fields = {"slug": ["name"]}
    fieldsets = [(None, {"fields": ["name", "slug", "is_everyone", "also_called"]}), REASON]
    search_fields = ["name"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        counted: QuerySet[Any] = super().get_queryset(request).annotate(recommendation_count=Count("recommendations"))
        return counted

    @admin.display(description=_("recommendations"))
    def recommendation_count(self, party: Any) -> int:
        return int(party.recommendation_count)
