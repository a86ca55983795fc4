"""The form of the action plan, with its logos, support links and words in other languages."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from recommendations.admin.forms.plan import ActionPlanForm, LogoForm, LogoFormSet, SupportLinkForm
from recommendations.admin.forms.wordings import StatusWordingForm, StatusWordingFormSet
from recommendations.models import ActionPlan, Logo, Phrase, Status, StatusWording, SupportLink
from recommendations.publishing.erasure import let_pictures_go

from .base import REASON, BaseAdmin, StackedParts
from .findings import FindingsMixin
from .notes import LegalHoldMixin


class SupportLinkInline(StackedParts):
    model = SupportLink
    add_words = _("Add a support link")
    form = SupportLinkForm
    verbose_name_plural = _("Support links, shown on every page")
    fields = [
        *("label", "address", "meant_for", ("hours", "languages"), "cost", "may_contact_police", "note"),
        ("position", "checked_on"),
    ]


class PhraseInline(StackedParts):
    model = Phrase
    add_words = _("Add words in another language")
    verbose_name_plural = _("Words in other languages, so that screen readers pronounce them correctly in reports")
    fields = [("text", "language")]


class StatusInline(StackedParts):
    model = StatusWording
    form = StatusWordingForm
    formset = StatusWordingFormSet
    template = "admin/statuses.html"
    verbose_name_plural = _("Statuses, in your own words")
    max_num = len(Status)
    can_delete = False
    fields = ["status", ("label", "is_used"), ("definition", "evidence")]


class LogoInline(StackedParts):
    model = Logo
    add_words = _("Add a logo")
    form = LogoForm
    formset = LogoFormSet
    verbose_name_plural = _("Logos: yours and your funders'")
    fields = ["picture", "alt", "whose", "address", "position"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return Logo.objects.with_images()


@admin.register(ActionPlan)
class ActionPlanAdmin(LegalHoldMixin, FindingsMixin, BaseAdmin):
    form = ActionPlanForm
    purpose = _("Your plan and what it calls things, your organization's name and contact, logos and support links.")
    change_form_template = "admin/actionplan/change_form.html"
    inlines = [StatusInline, LogoInline, SupportLinkInline, PhraseInline]
    fieldsets = [
        (
            _("The plan"),
            {
                "fields": [
                    "title",
                    ("language", "staff_language"),
                    ("recommendation_name", "recommendation_name_plural"),
                    "numbers_areas",
                    "acknowledgement",
                    "introduction",
                    "goals",
                ],
                "description": _("What you change here is public right away. Published editions keep what they said."),
            },
        ),
        (
            _("The conference, if it came out of one"),
            {
                "fields": [
                    "conference_name",
                    "conference_dates_as_published",
                    ("conference_starts_on", "conference_ends_on"),
                    "place",
                ]
            },
        ),
        (
            _("Your organization"),
            {
                "fields": [
                    "organisation_name",
                    "organisation_short_name",
                    "organisation_about",
                    "site_acknowledgement",
                    "website",
                    "contact_email",
                    ("contact_name", "answers_within"),
                    "accent_colour",
                ]
            },
        ),
        (
            _("For readers' safety"),
            {"fields": ["care_line", "offers_leave", "exit_address", "kept_from_titles", "may_be_published"]},
        ),
        (_("The data"), {"fields": ["data_licence", "data_licence_address"]}),
        (_("Notes for colleagues"), {"fields": ["notes_end_after"]}),
        (
            _("How you work together"),
            {
                "fields": ["needs_second_reader", "marks_embargo", "notes_board_approval"],
                "description": _("Each is off until you choose it. Before that, no page speaks of it."),
            },
        ),
        REASON,
    ]

    # Until there is a plan: one page that asks for what is needed first, and leads on to the recommendations.
    set_up_fieldsets = [
        (
            None,
            {
                "fields": [
                    "organisation_name",
                    "title",
                    ("language", "staff_language"),
                    ("recommendation_name", "recommendation_name_plural"),
                    "contact_email",
                ],
                "description": _(
                    "This is all that is needed to begin. The rest can wait: you find it under “Action plan” at the "
                    "bottom of the workspace, with logos and support links. What you enter is public as soon as you "
                    "save it."
                ),
            },
        ),
        (
            _("How the plan came about"),
            {
                "fields": [
                    "acknowledgement",
                    "introduction",
                    "goals",
                    "conference_name",
                    "conference_dates_as_published",
                    ("conference_starts_on", "conference_ends_on"),
                    "place",
                ],
                "classes": ["collapse"],
            },
        ),
        (
            _("Your organization"),
            {
                "fields": [
                    "organisation_short_name",
                    "organisation_about",
                    "site_acknowledgement",
                    "website",
                    ("contact_name", "answers_within"),
                    "accent_colour",
                ],
                "classes": ["collapse"],
            },
        ),
        (
            _("For readers' safety"),
            {
                "fields": ["care_line", "offers_leave", "exit_address", "kept_from_titles", "may_be_published"],
                "classes": ["collapse"],
            },
        ),
        (_("The data"), {"fields": ["data_licence", "data_licence_address"], "classes": ["collapse"]}),
    ]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        return super().get_fieldsets(request, obj) if obj else self.set_up_fieldsets

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        return super().get_inlines(request, obj) if obj else []

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        words = {"title": _("Enter your plan"), "show_save_and_continue": False}
        return super().add_view(request, form_url, {**words, **(extra_context or {})})

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: Any = None) -> HttpResponse:
        self.message_user(request, _("Your plan is saved. Next, import your recommendations."), messages.SUCCESS)
        self.tell(request, obj)
        return HttpResponseRedirect(reverse("admin:recommendations_recommendation_import"))

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
