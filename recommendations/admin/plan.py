"""The action plan, its areas and recommendations, and who they are addressed to."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Max, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import URLPattern, reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from recommendations.accounts.roles import CORRECT_UPDATE, account_of
from recommendations.admin.forms.conflicts import set_hidden
from recommendations.admin.forms.plan import (
    ActionPlanForm,
    AreaForm,
    LogoForm,
    LogoFormSet,
    PartyForm,
    RecommendationForm,
    ReplacementForm,
    SupportLinkForm,
    TextChange,
)
from recommendations.models import ActionPlan, Area, Logo, Phrase, Recommendation, ResponsibleParty, SupportLink
from recommendations.models.plan import REFERENCE, has_editions
from recommendations.publishing import plan_changes
from recommendations.publishing.acts import Refused
from recommendations.publishing.erasure import let_pictures_go
from recommendations.publishing.history import moment, version_of
from recommendations.reading import adopted
from recommendations.reading.snapshot import snapshot
from recommendations.text.intake import with_plain_line_endings

from .base import REASON, BaseAdmin, StackedParts
from .exports import AreaResource, PartyResource, RecommendationResource
from .imports import ImportMixin


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
class ActionPlanAdmin(BaseAdmin):
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
        let_pictures_go()


FOR_READERS: Any = (
    _("For readers: why"),
    {"fields": ["public_reason"]},
)


class AdoptedAdmin(BaseAdmin):
    """What was adopted: from the first edition on it isn't deleted, and readers are told why it was changed."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and not has_editions()

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        if not self.is_told(request, obj):
            return fieldsets
        return [*fieldsets[:-1], FOR_READERS, fieldsets[-1]]

    def is_told(self, request: HttpRequest, obj: Any) -> bool:
        """Whether the form changes something that readers are told of."""
        return (
            obj is not None
            and self.has_change_permission(request, obj)
            and plan_changes.is_told(adopted.content_of(obj))
        )

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        may_tell = obj is None or request.user.has_perm(CORRECT_UPDATE) or not has_editions()
        return super().has_change_permission(request, obj) and may_tell

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if form.before is not None:
            told = plan_changes.announce(
                form.instance,
                before=form.before,
                note=form.cleaned_data["public_reason"],
                is_slip=form.cleaned_data.get("text_change") == TextChange.SLIP,
                by=account_of(request),
                at=timezone.now(),
            )
            if told:
                self.message_user(request, _("Readers see what was changed, and your public reason."), messages.SUCCESS)


@admin.register(Area)
class AreaAdmin(AdoptedAdmin):
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
class ResponsiblePartyAdmin(AdoptedAdmin):
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
        current = Recommendation.objects.current(timezone.localdate())
        if self.value() == "current":
            return queryset.filter(pk__in=current.values("pk"))
        return queryset.exclude(pk__in=current.values("pk")) if self.value() == "retired" else queryset


@admin.register(Recommendation)
class RecommendationAdmin(ImportMixin, AdoptedAdmin):
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

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        (_title, first), *others = super().get_fieldsets(request, obj)
        if not self.is_told(request, obj):
            return [(None, first), *others]
        fields = [part for name in first["fields"] for part in ([name, "text_change"] if name == "text" else [name])]
        words = _("Published editions keep what they said. Readers are told of every change of these, and why.")
        return [(None, {"fields": fields, "description": words}), *others]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return Recommendation.objects.for_admin().order_by("area__number", "number")

    # Another wording

    def get_urls(self) -> list[URLPattern]:
        return [self.act(self.replace_view, "replace/", "replace"), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Sent with another wording, the form is not saved: it goes on as a new recommendation in the place of this."""
        if self.wants_another(request) and object_id.isdecimal() and has_editions():
            old = self.replaceable(request, int(object_id))
            typed = request.POST
            if with_plain_line_endings(typed.get("text", "")).strip() != old.text.strip():
                names = ("text", "target_as_published", "target_on")
                begun = {name: typed[name] for name in names if name in typed}
                reason = typed.get("public_reason", "").strip() or typed.get("retired_reason", "")
                return self.replace_page(request, old, {**begun, "parties": typed.getlist("parties"), "reason": reason})
        return super().change_view(request, object_id, form_url, extra_context)

    def restore_view(self, request: HttpRequest, id: int) -> HttpResponseBase:
        thing = self.found(request, id)
        if self.wants_another(request) and has_editions() and (then := moment(thing, request.GET.get("to", ""))):
            reason = request.POST.get("public_reason", "")
            return self.replace_page(request, self.replaceable(request, id), {"text": then.own.text, "reason": reason})
        return super().restore_view(request, id)

    @staticmethod
    def wants_another(request: HttpRequest) -> bool:
        return request.method == "POST" and request.POST.get("text_change") == TextChange.ANOTHER

    def replaceable(self, request: HttpRequest, id: int) -> Recommendation:
        old: Recommendation = self.found(request, id)
        if not (self.has_change_permission(request, old) and self.has_add_permission(request)):
            raise PermissionDenied
        return old

    def replace_view(self, request: HttpRequest, id: int) -> HttpResponseBase:
        """A new recommendation takes the place of this one, which is retired: both in one act."""
        old = self.replaceable(request, id)
        if request.method != "POST":
            return self.replace_page(request, old, {})
        form = ReplacementForm(request.POST, old=old)
        if form.is_valid():
            try:
                plan_changes.replace_recommendation(
                    old,
                    new=form.instance,
                    parties=form.cleaned_data["parties"],
                    reason=form.cleaned_data["reason"],
                    expected=form.cleaned_data["expected"],
                    by=account_of(request),
                    at=timezone.now(),
                )
            except Refused as refused:
                set_hidden(form, "expected", version_of(Recommendation.objects.get(pk=old.pk)))
                for reason in refused.reasons:
                    form.add_error(None, reason)
            else:
                words = {"old": old.reference, "new": form.instance.reference}
                self.log_addition(request, form.instance, [{"added": {}}])
                self.log_change(request, old, [{"changed": {"fields": [gettext("replaced")]}}])
                message = gettext("%(new)s has taken the place of %(old)s: readers see both, and your reason.")
                self.message_user(request, message % words, messages.SUCCESS)
                return HttpResponseRedirect(reverse("admin:recommendations_recommendation_changelist"))
        return self.replace_page(request, old, form=form)

    def replace_page(
        self,
        request: HttpRequest,
        old: Recommendation,
        begun: dict[str, Any] | None = None,
        form: ReplacementForm | None = None,
    ) -> HttpResponse:
        """Nothing is saved yet; `begun` is what the new one begins with, in the place of what the old one says."""
        if form is None:
            initial = {
                "number": (old.area.recommendations.aggregate(last=Max("number"))["last"] or 0) + 1,
                "text": old.text,
                "parties": [party.pk for party in old.parties.all()],
                "target_as_published": old.target_as_published,
                "target_on": old.target_on,
                "added_on": timezone.localdate(),
            }
            form = ReplacementForm(old=old, initial={**initial, **(begun or {})})
        title = gettext("Replace %(reference)s") % {"reference": old.reference}
        return self.page(request, "recommendation/replace", title=title, original=old, form=form)

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
        return f"{status} ({_('retired')})" if recommendation.is_retired(timezone.localdate()) else status
