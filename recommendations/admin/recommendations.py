"""The recommendations: their list, their form, and the page that replaces one by another."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import URLPattern, reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from recommendations.accounts.roles import account_of
from recommendations.admin import exports
from recommendations.admin.forms.conflicts import set_hidden
from recommendations.admin.forms.plan import DONE_MEANS, RETIREMENT, RecommendationForm, ReplacementForm, TextChange
from recommendations.models import Assessment, Recommendation, RecommendationLink, StatusWording
from recommendations.models.plan import has_editions
from recommendations.publishing import plan_changes
from recommendations.publishing.acts import Refused
from recommendations.publishing.history import moment_of, version_of
from recommendations.reading.findings import in_text
from recommendations.reading.snapshot import latest
from recommendations.text.intake import id_in, with_plain_line_endings

from .adopted import AdoptedAdmin
from .base import REASON, StackedParts
from .findings import tell
from .recommendation_import import RecommendationImportMixin

# What stands beside the text, each in a part of the form that is opened to fill it in.
BESIDE = {"explanation", "also_called", *DONE_MEANS}
# What a replacement takes over from the old one, whose parties it begins with too.
TAKEN_OVER = [name for name in ReplacementForm.Meta.fields if name not in {"reference", "parties", "added_on"}]


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


class LinkInline(StackedParts):
    model = RecommendationLink
    add_words = _("Add a link")
    verbose_name_plural = _(
        "Links beside it: signed, audio or Easy Read versions, and related recommendations elsewhere"
    )
    fields = [("kind", "label"), "address"]
    classes = ["collapse"]


@admin.register(Recommendation)
class RecommendationAdmin(RecommendationImportMixin, AdoptedAdmin):
    form = RecommendationForm
    change_form_template = "admin/recommendation/change_form.html"
    export = exports.RECOMMENDATIONS
    purpose = _("The recommendations as adopted, who each is addressed to, and where it stands.")
    list_display = ["name", "addressed_to", "current_status"]
    list_display_links = ["name"]
    list_filter = ["area", RetiredFilter, "parties"]
    search_fields = ["text"]
    search_help_text = _("Words in a recommendation, or its reference: 3.2")
    list_per_page = 100
    ordering = ["area__number", "position", "id"]
    fieldsets = [
        (
            None,
            {
                "fields": ["area", *(name for name in ReplacementForm.Meta.fields if name not in BESIDE), "position"],
                "description": _("What you change here is public right away. Published editions keep what they said."),
            },
        ),
        (
            _("In plain words"),
            {
                "fields": ["explanation", "also_called"],
                "classes": ["collapse"],
                "description": _(
                    "You can change this at any time, without a public reason: it isn't what was adopted, and "
                    "readers see that. Your colleagues see every change in the history. Links to signed, audio "
                    "or Easy Read versions are below."
                ),
            },
        ),
        (
            _("What “done” means"),
            {
                "fields": ["done_means", ("done_means_set_by", "done_means_set_on")],
                "classes": ["collapse"],
                "description": _(
                    "Fill in all three or none. Once reports have been published, readers see every change to "
                    "these, and your public reason."
                ),
            },
        ),
        (
            _("Retire it"),
            {
                "fields": RETIREMENT,
                "classes": ["collapse"],
                "description": _(
                    "Once reports cite a recommendation, it is never deleted, and never reworded beyond a "
                    "spelling mistake. Give the day it is retired, say why, and choose the ones that "
                    "replace it. Its page stays and links to them."
                ),
            },
        ),
        REASON,
    ]
    inlines = [LinkInline]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        (_title, first), *others = super().get_fieldsets(request, obj)
        if not self.is_announced(request, obj):
            return [(None, first), *others]
        fields = [part for name in first["fields"] for part in ([name, "text_change"] if name == "text" else [name])]
        words = _("Published editions keep what they said. Readers see every change to these, and why.")
        return [(None, {"fields": fields, "description": words}), *others]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return Recommendation.objects.for_admin().in_order()

    # Another wording

    def get_urls(self) -> list[URLPattern]:
        return [self.act(self.replace_view, "replace/", "replace"), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """If the text gets another wording, save nothing and open the page that replaces the recommendation."""
        id = id_in(object_id)
        if self.wants_another(request) and id is not None and has_editions():
            old = self.replaceable(request, id)
            typed = request.POST
            if with_plain_line_endings(typed.get("text", "")).strip() != old.text.strip():
                begun = {name: typed[name] for name in TAKEN_OVER if name in typed}
                reason = typed.get("public_reason", "").strip() or typed.get("retired_reason", "")
                return self.replace_page(request, old, {**begun, "parties": typed.getlist("parties"), "reason": reason})
        context = extra_context if id is None else {**self.written(id), **(extra_context or {})}
        return super().change_view(request, object_id, form_url, context)

    @staticmethod
    def written(id: int) -> dict[str, Any]:
        """What its page shows of all updates on it: its status today, and each with what it records, newest first."""
        today, labels = timezone.localdate(), StatusWording.objects.labels()
        assessments = Assessment.objects.filter(recommendation=id).timeline()
        found = latest(Recommendation.objects.filter(pk=id), on=today).get(id)
        return {
            "status": found.status if found else None,
            "status_label": labels[found.status.key] if found and found.status else "",
            "timeline": [(one.update, one.status, labels.get(one.status, "")) for one in assessments],
        }

    def restore_view(self, request: HttpRequest, id: int) -> HttpResponseBase:
        thing = self.found(request, id)
        if self.wants_another(request) and has_editions() and (then := moment_of(thing, request.GET.get("to", ""))):
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
        """Retire this recommendation and put a new one in its place, in one act."""
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
                message = gettext("%(new)s has replaced %(old)s: readers see both, and your reason.")
                self.message_user(request, message % words, messages.SUCCESS)
                noted = in_text(form.cleaned_data["reason"], name=gettext("the public reason"))
                tell(request, [*noted, *self.found_in(form.instance)])
                return HttpResponseRedirect(reverse("admin:recommendations_recommendation_changelist"))
        return self.replace_page(request, old, form=form)

    def replace_page(
        self,
        request: HttpRequest,
        old: Recommendation,
        begun: dict[str, Any] | None = None,
        form: ReplacementForm | None = None,
    ) -> HttpResponse:
        """The page that asks for the new one; `begun` are first values other than what the old one says."""
        if form is None:
            initial = {
                "reference": old.area.next_reference,
                "parties": [party.pk for party in old.parties.all()],
                **{name: getattr(old, name) for name in TAKEN_OVER},
                "added_on": timezone.localdate(),
            }
            form = ReplacementForm(old=old, initial={**initial, **(begun or {})})
        title = gettext("Replace %(reference)s") % {"reference": old.reference}
        return self.page(
            request, "recommendation/replace", title=title, original=old, form=form, media=self.media + form.media
        )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        if reference := search_term.strip():
            named = queryset.filter(pk__in=Recommendation.objects.referred_to_as(reference).values("pk"))
            if named.exists():
                return named, False
        return super().get_search_results(request, queryset, search_term)

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        """Add today's status to each row of the list, all by one question."""
        found = super().get_changelist_instance(request)
        labels = StatusWording.objects.labels()
        statuses = latest(found.result_list, on=timezone.localdate())
        for recommendation in found.result_list:
            status = statuses[recommendation.pk].status if recommendation.pk in statuses else None
            recommendation.status_today = labels[status.key] if status else ""
        return found

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in ("parties", "replaced_by"):
            kwargs["widget"] = forms.CheckboxSelectMultiple(attrs={"class": "choices"})
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "replaced_by" and field:
            field.queryset = Recommendation.objects.for_admin().in_order()
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
