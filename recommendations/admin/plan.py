"""The action plan, its areas and recommendations, and who they are addressed to."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from recommendations import publishing
from recommendations.forms import (
    ActionPlanForm,
    AreaForm,
    LogoForm,
    LogoFormSet,
    PartyForm,
    RecommendationForm,
    SupportLinkForm,
)
from recommendations.models import ActionPlan, Area, Logo, Phrase, Recommendation, ResponsibleParty, SupportLink
from recommendations.models.plan import REFERENCE, has_editions
from recommendations.snapshot import snapshot

from .bringing_in import BringInMixin
from .taking_out import AreaResource, PartyResource, RecommendationResource
from .tracked import REASON, StackedParts, TrackedAdmin


class SupportLinkInline(StackedParts):
    model = SupportLink
    add_words = _("Add a support link")
    form = SupportLinkForm
    verbose_name_plural = _("Support links, shown on every page")
    fields = ["label", "address", "note", ("position", "checked_on")]


class PhraseInline(StackedParts):
    model = Phrase
    add_words = _("Add words in another language")
    verbose_name_plural = _("Words in other languages: reports tell screen readers how to say them")
    fields = [("text", "language")]


class LogoInline(StackedParts):
    model = Logo
    add_words = _("Add a logo")
    form = LogoForm
    formset = LogoFormSet
    verbose_name_plural = _("Logos: yours, and those of your funders")
    fields = ["picture", "alt", "whose", "address", "position"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return Logo.objects.with_images()


@admin.register(ActionPlan)
class ActionPlanAdmin(TrackedAdmin):
    form = ActionPlanForm
    purpose = _("The conference, your organisation's name and contact, the logos, the support links on every page.")
    inlines = [LogoInline, SupportLinkInline, PhraseInline]
    fieldsets = [
        (
            _("The conference"),
            {
                "fields": [
                    "title",
                    "conference_name",
                    "conference_dates_as_published",
                    ("conference_starts_on", "conference_ends_on"),
                    "place",
                    "acknowledgement",
                    "introduction",
                    "goals",
                ],
                "description": _("What you change here is public at once. Published editions keep what they said."),
            },
        ),
        (
            _("Your organisation"),
            {"fields": ["organisation_name", "organisation_short_name", "website", "contact_email", "exit_address"]},
        ),
        (_("The data"), {"fields": ["data_licence", "data_licence_address"]}),
        REASON,
    ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        plan = ActionPlan.objects.first()
        if plan and self.has_view_permission(request):
            return HttpResponseRedirect(reverse("admin:recommendations_actionplan_change", args=[plan.pk]))
        return super().changelist_view(request, extra_context)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and not ActionPlan.objects.exists()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        publishing.let_pictures_go()


class KeptOncePublished(TrackedAdmin):
    """What may be deleted only before the first edition: afterwards reports cite it."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and not has_editions()


@admin.register(Area)
class AreaAdmin(KeptOncePublished):
    form = AreaForm
    resource_classes = [AreaResource]
    purpose = _("The numbered areas that the recommendations stand in.")
    list_display = ["name", "recommendation_count"]
    list_display_links = ["name"]
    fieldsets = [(None, {"fields": ["number", "title", "introduction"]}), REASON]
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
class ResponsiblePartyAdmin(KeptOncePublished):
    form = PartyForm
    resource_classes = [PartyResource]
    purpose = _("Who recommendations are addressed to: funders, law enforcement agencies and so on.")
    list_display = ["name", "is_everyone", "recommendation_count"]
    prepopulated_fields = {"slug": ["name"]}
    fieldsets = [(None, {"fields": ["name", "slug", "is_everyone"]}), REASON]
    search_fields = ["name"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        counted: QuerySet[Any] = super().get_queryset(request).annotate(recommendation_count=Count("recommendations"))
        return counted

    @admin.display(description=_("recommendations"))
    def recommendation_count(self, party: Any) -> int:
        return int(party.recommendation_count)


class RetiredFilter(admin.SimpleListFilter):
    title = _("in force")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("current", _("In force")), ("retired", _("Retired"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "current":
            return queryset.filter(retired_on=None)
        return queryset.exclude(retired_on=None) if self.value() == "retired" else queryset


@admin.register(Recommendation)
class RecommendationAdmin(BringInMixin, KeptOncePublished):
    form = RecommendationForm
    resource_classes = [RecommendationResource]
    purpose = _("The recommendations as adopted, who each is addressed to, and where it stands.")
    list_display = ["name", "addressed_to", "current_status"]
    list_display_links = ["name"]
    list_filter = ["area", RetiredFilter, "parties"]
    search_fields = ["text"]
    search_help_text = _("Words of a recommendation, or its number: 3.2")
    list_per_page = 100
    ordering = ["area__number", "number"]
    fieldsets = [
        (
            None,
            {
                "fields": ["area", "number", "text", "parties", "target_as_published", "target_on", "added_on"],
                "description": _("What you change here is public at once. Published editions keep what they said."),
            },
        ),
        (
            _("Retire it"),
            {
                "fields": ["retired_on", "retired_reason", "replaced_by"],
                "classes": ["collapse"],
                "description": _(
                    "A recommendation is never deleted once reports cite it, nor re-worded beyond a slip. Retire it "
                    "from a day on, say why, and choose the new ones that take its place. Its page stays and leads on."
                ),
            },
        ),
        REASON,
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return Recommendation.objects.for_admin().order_by("area__number", "number")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        if REFERENCE.fullmatch(reference := search_term.strip()):
            return queryset.filter(pk__in=Recommendation.objects.referred_to_as(reference).values("pk")), False
        return super().get_search_results(request, queryset, search_term)

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        """The list, each row with the status that it has today: one snapshot for all of them."""
        found = super().get_changelist_instance(request)
        if plan := ActionPlan.objects.first():
            today = snapshot(plan, on=timezone.localdate())
            status_of = {
                one.reference: today.labels[one.status.key] for one in today.recommendations if one.status is not None
            }
            for recommendation in found.result_list:
                recommendation.status_today = status_of.get(recommendation.reference, "")
        return found

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in ("parties", "replaced_by"):
            kwargs["widget"] = forms.CheckboxSelectMultiple(attrs={"class": "choices"})
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "replaced_by" and field:
            field.queryset = Recommendation.objects.for_admin().order_by("area__number", "number")
        return field

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_manytomany(db_field, request, **kwargs)
        if field:
            field.help_text = db_field.help_text
        return field

    @admin.display(description=_("recommendation"), ordering="area__number")
    def name(self, recommendation: Recommendation) -> str:
        return str(recommendation)

    @admin.display(description=_("addressed to"))
    def addressed_to(self, recommendation: Recommendation) -> str:
        return ", ".join(party.name for party in recommendation.parties.all())

    @admin.display(description=_("status today"))
    def current_status(self, recommendation: Any) -> str:
        status = getattr(recommendation, "status_today", "") or str(_("No update yet"))
        return f"{status} ({_('retired')})" if recommendation.retired_on else status
