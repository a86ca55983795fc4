"""Progress updates: written in one form with the statuses they record, changed by acts once they are published."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from itertools import groupby
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import URLPattern, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from recommendations.accounts.roles import CORRECT_UPDATE, PUBLISH_UPDATE, account_of
from recommendations.admin.forms.conflicts import moved_message
from recommendations.admin.forms.updates import (
    CorrectionForm,
    EvidenceForm,
    EvidenceFormSet,
    PublishedUpdateForm,
    PublishUpdateForm,
    UpdateForm,
    WithdrawForm,
    remaining_links,
)
from recommendations.models import Area, Correction, Edition, EvidenceLink, ProgressUpdate, Recommendation
from recommendations.models.plan import REFERENCE
from recommendations.models.statuses import status_label
from recommendations.publishing.acts import Refused
from recommendations.publishing.history import moment, name_of, version_of
from recommendations.publishing.updates import (
    Content,
    correct_update,
    mark_draft,
    mark_ready,
    publish_update,
    withdraw_update,
)
from recommendations.reading import adopted, findings
from recommendations.text import dates
from recommendations.text.diff import Piece, words_compared
from recommendations.workspace import drafting
from recommendations.workspace.drafting import Beginning

from .asides import SetAsideMixin
from .base import REASON, BaseAdmin, ReadOnlyAdmin, StackedParts
from .exports import CorrectionResource, UpdateResource
from .takedowns import TakeDownMixin

# What a published update's form shows and doesn't let change.
PUBLISHED_FIELDS = ["text", "covered", "date", "sums_up_display", "evidence", "corrections"]


class EvidenceInline(StackedParts):
    model = EvidenceLink
    form = EvidenceForm
    verbose_name = gettext_lazy("evidence")
    add_words = gettext_lazy("Add evidence")
    verbose_name_plural = gettext_lazy("Evidence: where readers can check it")
    fields = [("label", "address")]
    extra = 1


class StateFilter(admin.SimpleListFilter):
    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("draft", gettext_lazy("Draft")),
            ("ready", gettext_lazy("Ready")),
            ("published", gettext_lazy("Published")),
            ("withdrawn", gettext_lazy("Withdrawn")),
            ("set-aside", gettext_lazy("Set aside")),
            ("taken-down", gettext_lazy("Taken down")),
        ]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        match self.value():
            case "draft":
                return queryset.drafts()
            case "ready":
                return queryset.ready()
            case "published":
                return queryset.public()
            case "withdrawn":
                aside = ProgressUpdate.objects.set_aside().values("pk")
                return queryset.filter(withdrawn_at__isnull=False, take_down=None).exclude(pk__in=aside)
            case "set-aside":
                return queryset.set_aside().filter(take_down=None)
            case "taken-down":
                return queryset.exclude(take_down=None)
        return queryset


class YearFilter(admin.SimpleListFilter):
    title = gettext_lazy("year")
    parameter_name = "year"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            (str(day.year), str(day.year)) for day in ProgressUpdate.objects.dates("dated_on", "year", order="DESC")
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        offered = {value for value, _label in self.lookup_choices}
        value = self.value() or ""
        return queryset.filter(dated_on__year=int(value)) if value in offered else queryset


@admin.register(ProgressUpdate)
class ProgressUpdateAdmin(SetAsideMixin, TakeDownMixin, BaseAdmin):
    form = UpdateForm
    resource_classes = [UpdateResource]
    purpose = gettext_lazy(
        "What happened on which recommendation, and where it stands now. Write them through the year."
    )
    inlines = [EvidenceInline]
    change_form_template = "admin/progressupdate/change_form.html"
    add_words = gettext_lazy("Write an update")
    list_display = ["beginning", "state", "dated", "area", "covers"]
    list_display_links = ["beginning"]
    list_filter = [StateFilter, "area", YearFilter]
    search_fields = ["text", "dated_as_published", "private_note"]
    search_help_text = gettext_lazy("Words of the text or of the note for colleagues")
    ordering = ["-dated_on", "-id"]

    # The list

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return ProgressUpdate.objects.for_admin().order_by("-dated_on", "-id")

    @admin.display(description=gettext_lazy("update"))
    def beginning(self, update: ProgressUpdate) -> str:
        return Truncator(update.text or _("(erased)")).chars(110)

    @admin.display(description=gettext_lazy("state"))
    def state(self, update: ProgressUpdate) -> str:
        return update.state.capitalize()

    @admin.display(description=gettext_lazy("date"), ordering="dated_on")
    def dated(self, update: ProgressUpdate) -> str:
        return update.dated

    @admin.display(description=gettext_lazy("covers"))
    def covers(self, update: ProgressUpdate) -> str:
        return ", ".join(assessment.recommendation.reference for assessment in update.assessments.all())

    # The form

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and not (obj and obj.published_at)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        chosen = self.chosen(request)
        if len(areas_of := {one.area for one in chosen}) > 1:
            return self.choose_one_of(request, chosen)
        if area := next(iter(areas_of), None) or self.chosen_area(request):
            title = _("Write an update: area %(area)s") % {"area": area}
            beginning = self.start_of(request)
            words = {"title": title, "area": area, "beginning": beginning, "is_prefilled": "from" in request.GET}
            return super().add_view(request, form_url, {**(extra_context or {}), **words})
        if "from" in request.GET and not request.POST:
            ask = _("Tick the recommendations first: what you asked for starts from what was said about them.")
            self.message_user(request, ask, messages.WARNING)
            return HttpResponseRedirect(reverse("admin:index"))
        areas = Area.objects.annotate(recommendation_count=Count("recommendations"))
        return self.page(
            request, "progressupdate/choose_area", title=_("Write an update"), original=None, areas=areas, add=True
        )

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        update = ProgressUpdate.objects.for_admin().filter(pk=object_id).first() if object_id.isdecimal() else None
        was_draft = request.method == "POST" and "text" in request.POST
        if was_draft and update and update.published_at and self.has_change_permission(request, update):
            return self.overtaken(request, update)
        words = {"title": _("Progress update in area %(area)s") % {"area": update.area}} if update else {}
        stands = bool(update and update.is_public)
        context = {
            **words,
            "subtitle": None,
            "area": update.area if update else self.chosen_area(request),
            "stands": stands,
            "is_erased": bool(update and _is_erased(update)),
            "may_change": self.has_change_permission(request),
            "findings": findings.of_update(update) if update and not _is_erased(update) else [],
            "what_is_checked": findings.WHAT_IS_CHECKED,
        }
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **context})

    def choose_one_of(self, request: HttpRequest, chosen: list[Recommendation]) -> HttpResponse:
        """An update covers recommendations of one area: asks which, where those of several were ticked."""
        offered = []
        for area, ticked in groupby(chosen, key=lambda one: one.area):
            references = [one.reference for one in ticked]
            query = request.GET.copy()
            query.setlist("covering", references)
            offered.append((area, ", ".join(references), query.urlencode()))
        title = _("Which area first?")
        return self.page(request, "progressupdate/choose_one_of", title=title, original=None, areas=offered, add=True)

    @staticmethod
    def chosen(request: HttpRequest) -> list[Recommendation]:
        """The recommendations ticked on the board, in plan order, but for those retired on the day of the update."""
        references = [match for one in request.GET.getlist("covering")[:500] if (match := REFERENCE.fullmatch(one))]
        wanted = {(int(match[1]), int(match[2])) for match in references}
        if not wanted:
            return []
        in_force = Recommendation.objects.current(drafting.day_of_new(on=timezone.localdate()))
        offered = in_force.filter(area__number__in={area for area, _number in wanted})
        offered = offered.select_related("area").order_by("area__number", "number")
        return [one for one in offered if (one.area.number, one.number) in wanted]

    @classmethod
    def chosen_area(cls, request: HttpRequest) -> Area | None:
        """The area that the address names, or the one whose recommendations were ticked or a form was sent with."""
        number = request.GET.get("area", "")
        if number.isdecimal() and len(number) < 5:
            return Area.objects.filter(number=int(number)).first()
        areas = {one.area for one in cls.chosen(request)}
        if len(areas) == 1:
            return areas.pop()
        offered = [name.removeprefix("coverage-") for name in request.POST if name.startswith("coverage-")]
        ids = [int(id) for id in offered if id.isascii() and id.isdecimal() and len(id) < 10]
        return Area.objects.filter(recommendations__in=ids).first() if ids else None

    @classmethod
    def start_of(cls, request: HttpRequest) -> Beginning:
        """What the empty form starts from: `from=last` last year's text, `from=period` the period's, else nothing."""
        chosen, today = cls.chosen(request), timezone.localdate()
        day, period = drafting.day_of_new(on=today), drafting.open_period(on=today)
        match request.GET.get("from"):
            case "last" if period:
                return drafting.from_last(chosen, dated_on=day, before=period.starts_on)
            case "period" if period:
                return drafting.summing_up(chosen, dated_on=day, period=period)
        return drafting.blank(chosen, dated_on=day)

    def add_address(self, request: HttpRequest) -> str:
        area = self.chosen_area(request)
        return f"{super().add_address(request)}?area={area.number}" if area else super().add_address(request)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        start = self.start_of(request)
        return {
            "coverage": start.statuses,
            "text": start.text,
            "dated_on": start.dated_on,
            "sums_up": start.sums_up,
        }

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        if obj and obj.published_at:
            return super().get_form(request, obj, change, **{**kwargs, "form": PublishedUpdateForm})
        form = super().get_form(request, obj, change, **kwargs)
        form.area = None if obj else self.chosen_area(request)
        return form

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        colleagues = (gettext_lazy("For colleagues only"), {"fields": ["private_note"]})
        if obj and obj.published_at:
            return [(gettext_lazy("What it says"), {"fields": PUBLISHED_FIELDS}), colleagues, REASON]
        return [
            (None, {"fields": ["coverage", "text", "dated_on", "dated_as_published", "sums_up"]}),
            colleagues,
            REASON,
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        if not (obj and obj.published_at):
            return []
        return [*PUBLISHED_FIELDS, "private_note"] if _is_erased(obj) else PUBLISHED_FIELDS

    def get_inline_instances(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj and obj.published_at:
            return []
        return super().get_inline_instances(request, obj)

    @admin.display(description=gettext_lazy("Date"))
    def date(self, update: ProgressUpdate) -> str:
        return dates.with_day(update.dated_on, update.dated_as_published)

    @admin.display(description=gettext_lazy("Sums up the period"))
    def sums_up_display(self, update: ProgressUpdate) -> str:
        return _("Yes: the report shows it in the place of earlier ones") if update.sums_up else _("No")

    @admin.display(description=gettext_lazy("Recommendations covered, and where each stands"))
    def covered(self, update: ProgressUpdate) -> SafeString:
        assessments = update.assessments.select_related("recommendation__area")
        rows = format_html_join(
            "",
            "<li><strong>{}</strong> {} – {}</li>",
            (
                (one.recommendation.reference, Truncator(one.recommendation.text).chars(90), one.get_status_display())
                for one in assessments
            ),
        )
        return format_html('<ul class="plain">{}</ul>', rows)

    @admin.display(description=gettext_lazy("Evidence"))
    def evidence(self, update: ProgressUpdate) -> SafeString | str:
        rows = [(link.label, link.address) for link in update.evidence_links.all()]
        if not rows:
            return _("None")
        return format_html('<ul class="plain">{}</ul>', format_html_join("", "<li>{}: {}</li>", rows))

    @admin.display(description=gettext_lazy("Corrections"))
    def corrections(self, update: ProgressUpdate) -> SafeString | str:
        rows = [
            (dates.day(one.corrected_at), one.note or _("(erased)"), name_of(one.corrected_by))
            for one in update.corrections.select_related("corrected_by")
        ]
        if not rows:
            return _("None")
        return format_html('<ul class="plain">{}</ul>', format_html_join("", "<li>{}: {} ({})</li>", rows))

    # What follows a save

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        update = form.instance
        if update.published_at:
            return
        if {"_ready", "_publish"} & set(request.POST) and not update.ready_at:
            mark_ready(update, by=account_of(request), at=timezone.now())
        elif "_draft" in request.POST and update.ready_at:
            mark_draft(update, by=account_of(request))

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: Any = None) -> Any:
        return self.after_save(request, obj)

    def response_change(self, request: HttpRequest, obj: Any) -> Any:
        return self.after_save(request, obj)

    def after_save(self, request: HttpRequest, update: ProgressUpdate) -> HttpResponseRedirect:
        update.refresh_from_db()
        if "_publish" in request.POST:
            return HttpResponseRedirect(reverse("admin:recommendations_progressupdate_publish", args=[update.pk]))
        address = reverse("admin:recommendations_progressupdate_change", args=[update.pk])
        if update.published_at:
            message = _("Saved. What readers see was not changed.")
        elif update.ready_at:
            message = _("Saved and ready: it is published with the next edition of its period, or on its own.")
        else:
            message = _("Saved as a draft. Only your colleagues see it.")
        link = format_html('<a href="{}">{}</a>', address, _("Open it again"))
        self.message_user(request, format_html("{} {}", message, link), messages.SUCCESS)
        for finding in findings.in_published_period(update):
            self.message_user(request, finding.message, messages.WARNING)
        if request.GET.get("back") == "board":
            return HttpResponseRedirect(f"{reverse('admin:index')}#area-{update.area.number}")
        return HttpResponseRedirect(reverse("admin:recommendations_progressupdate_changelist"))

    # The acts

    def get_urls(self) -> list[URLPattern]:
        return [
            self.act(self.publish_view, "publish/", "publish"),
            self.act(self.correct_view, "correct/", "correct"),
            self.act(self.withdraw_view, "withdraw/", "withdraw"),
            *super().get_urls(),
        ]

    def may_restore(self, request: HttpRequest, thing: Any) -> bool:
        ended = thing.published_at and not thing.is_public
        return super().may_restore(request, thing) and not ended

    def restore_view(self, request: HttpRequest, id: int) -> HttpResponseBase:
        """What was published is restored by a correction that begins with the old words."""
        if not self.found(request, id).is_public:
            return super().restore_view(request, id)
        update = self.changeable(request, id, CORRECT_UPDATE)
        address = reverse("admin:recommendations_progressupdate_correct", args=[update.pk])
        return HttpResponseRedirect(f"{address}?{urlencode({'restore': request.GET.get('to', '')})}")

    def changeable(self, request: HttpRequest, id: int, permission: str) -> ProgressUpdate:
        update: ProgressUpdate = self.found(request, id)
        if not (request.user.has_perm(permission) and self.has_change_permission(request, update)):
            raise PermissionDenied
        return update

    def back(self, update: ProgressUpdate) -> HttpResponseRedirect:
        return HttpResponseRedirect(reverse("admin:recommendations_progressupdate_change", args=[update.pk]))

    def publish_view(self, request: HttpRequest, id: int) -> HttpResponseBase:
        """One update on the website now, apart from any report; asks first."""
        update = self.changeable(request, id, PUBLISH_UPDATE)
        if update.published_at:
            self.message_user(request, _("It is published already."), messages.WARNING)
            return self.back(update)
        form = PublishUpdateForm(
            request.POST if request.method == "POST" else None, initial={"version": version_of(update)}
        )
        if request.method == "POST" and form.is_valid():
            try:
                with transaction.atomic():
                    locked = ProgressUpdate.objects.select_for_update().get(pk=update.pk)
                    if form.cleaned_data["version"] != version_of(locked):
                        raise Refused(moved_message(locked, _("Read it again below before you publish it.")))
                    publish_update(locked, by=account_of(request), at=timezone.now())
            except Refused as refused:
                form = PublishUpdateForm(initial={"version": version_of(update)})
                for reason in refused.reasons:
                    self.message_user(request, reason, messages.ERROR)
            else:
                self.log_change(request, update, [{"changed": {"fields": [_("published")]}}])
                self.message_user(request, _("Published: readers see it on the website now."), messages.SUCCESS)
                return self.back(update)
        return self.page(
            request,
            "progressupdate/publish",
            title=_("Publish this update on the website now?"),
            original=update,
            form=form,
            obstacles=update.obstacles(on=timezone.localdate()),
            findings=findings.of_update(update),
            what_is_checked=findings.WHAT_IS_CHECKED,
            last=(last := drafting.last_published(update)),
            compared=words_compared(last.text, update.text) if last else (),
            content=Content.of(update),
            assessments=update.assessments.all(),
        )

    def correct_view(self, request: HttpRequest, id: int) -> HttpResponseBase:
        """Correct what a published update says; typed text is kept whatever stands in the way."""
        update = self.changeable(request, id, CORRECT_UPDATE)
        if not update.is_public:
            if request.method == "POST":
                why = _("A colleague withdrew it, set it aside or took it down meanwhile: it can't be corrected.")
                return self.unsaved_page(request, update, why, _typed(request, "evidence"))
            self.message_user(request, _("Only an update that readers see can be corrected."), messages.WARNING)
            return self.back(update)
        content = Content.of(update)
        if request.method != "POST":
            then = moment(update, request.GET.get("restore", ""))
            start = Content.at(then) if then else content
            form = CorrectionForm(instance=update, initial=_as_initial(start, update))
            evidence = EvidenceFormSet(prefix="evidence", stored=start.evidence)
            return self.correct_page(request, update, form, evidence, then=then)
        form = CorrectionForm(request.POST, instance=ProgressUpdate.objects.get(pk=update.pk))
        evidence = EvidenceFormSet(request.POST, prefix="evidence", stored=content.evidence)
        shown: dict[str, Any] = {}
        if all([form.is_valid(), evidence.is_valid()]):
            wanted = form.content(remaining_links(evidence))
            addresses = [address for _label, address in wanted.evidence]
            moved = findings.moved_into_published_period(update, to=wanted.dated_on)
            shown = {
                "is_shown": True,
                "compared": contents_compared(content, wanted),
                "findings": [*moved, *findings.in_text(wanted.text, addresses=addresses)],
                "what_is_checked": findings.WHAT_IS_CHECKED,
            }
            if "_compare" in request.POST:
                return self.correct_page(request, update, form, evidence, **shown)
            try:
                correct_update(
                    update,
                    content=wanted,
                    note=form.cleaned_data["note"],
                    by=account_of(request),
                    at=timezone.now(),
                    is_minor=form.cleaned_data["is_minor"],
                    # Never empty: an empty one would switch the check off.
                    expected=form.cleaned_data["expected"] or "-",
                )
            except Refused as refused:
                for reason in refused.reasons:
                    form.add_error(None, reason)
            else:
                self.log_change(request, update, [{"changed": {"fields": [_("correction")]}}])
                self.message_user(request, _("Corrected: readers see the new text and your note."), messages.SUCCESS)
                for finding in moved:
                    self.message_user(request, finding.message, messages.WARNING)
                return self.back(update)
        return self.correct_page(request, update, form, evidence, **shown)

    def overtaken(self, request: HttpRequest, update: ProgressUpdate) -> HttpResponse:
        """The form of a draft, sent after a colleague published it: what was typed, offered as a correction."""
        if not update.is_public:
            why = _("A colleague published it, and withdrew it, set it aside or took it down, while you were writing.")
            return self.unsaved_page(request, update, why, _typed(request, "evidence_links"))
        typed = request.POST.copy()
        for name in request.POST:
            if (renamed := name.replace("evidence_links-", "evidence-", 1)) != name:
                typed.setlist(renamed, request.POST.getlist(name))
        form = CorrectionForm(typed, instance=ProgressUpdate.objects.get(pk=update.pk))
        evidence = EvidenceFormSet(typed, prefix="evidence", stored=Content.of(update).evidence)
        # Nobody was asked for a public note yet.
        form.errors.pop("note", None)
        apart = [
            (_("Note for colleagues"), typed.get("private_note", "")),
            (_("Reason for this change"), typed.get("change_reason", "")),
        ]
        return self.correct_page(request, update, form, evidence, was_draft=True, apart=apart)

    def correct_page(
        self, request: HttpRequest, update: ProgressUpdate, form: CorrectionForm, evidence: Any, **context: Any
    ) -> HttpResponse:
        stored: Content | None = None
        if form.is_bound:
            row = ProgressUpdate.objects.get(pk=update.pk)
            if form.data.get("expected") != (now := Content.of(row)).fingerprint:
                stored = now
                form.meet(row)
        return self.page(
            request,
            "progressupdate/correct",
            title=_("Correct a published update"),
            original=update,
            form=form,
            evidence=evidence,
            stored=stored,
            media=self.media + form.media,
            **context,
        )

    def withdraw_view(self, request: HttpRequest, id: int) -> HttpResponseBase:
        update = self.changeable(request, id, CORRECT_UPDATE)
        if not update.is_public:
            if note := request.POST.get("note", ""):
                why = _("A colleague withdrew it, set it aside or took it down while you were writing.")
                return self.unsaved_page(request, update, why, [(_("Public note"), note)])
            self.message_user(request, _("Only an update that readers see can be withdrawn."), messages.WARNING)
            return self.back(update)
        form = WithdrawForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            try:
                withdraw_update(update, note=form.cleaned_data["note"], by=account_of(request), at=timezone.now())
            except Refused as refused:
                for reason in refused.reasons:
                    form.add_error(None, reason)
            else:
                self.log_change(request, update, [{"changed": {"fields": [_("withdrawal")]}}])
                self.message_user(request, _("Withdrawn: readers see your note in its place."), messages.SUCCESS)
                return self.back(update)
        return self.page(
            request,
            "progressupdate/withdraw",
            title=_("Withdraw a published update"),
            original=update,
            form=form,
            editions=Edition.objects.holding(update).filter(take_down=None),
        )


@admin.register(Correction)
class CorrectionAdmin(ReadOnlyAdmin):
    resource_classes = [CorrectionResource]
    purpose = gettext_lazy(
        "What was corrected or withdrawn after it was published, or changed of the plan; by whom and why."
    )
    list_display = ["corrected_at", "kind", "note", "about", "corrected_by_name"]
    list_filter = ["is_minor", "is_withdrawal"]
    search_fields = ["note"]
    fields: ClassVar[Any] = [
        "corrected_at",
        "corrected_by_name",
        "kind",
        "note",
        "about",
        "what_it_said",
        "what_it_says",
    ]
    readonly_fields: ClassVar[Any] = fields
    change_form_template = "admin/read_only.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return Correction.objects.select_related(
            "update__take_down", "recommendation__area", "area", "party", "corrected_by"
        ).prefetch_related("update__set_asides")

    @admin.display(description=gettext_lazy("kind"))
    def kind(self, correction: Correction) -> str:
        if correction.is_withdrawal:
            return _("Withdrawal")
        if correction.update is None:
            return _("Change of the plan")
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
        _("Evidence"): "\n".join(f"{label} <{address}>" for label, address in content.evidence),
    }


def _as_initial(content: Content, update: ProgressUpdate) -> dict[str, Any]:
    """What the correction's form begins with, where that is not what is published."""
    ids = {one.reference: one.pk for one in update.area.recommendations.select_related("area")}
    return {
        "text": content.text,
        "dated_on": content.dated_on,
        "dated_as_published": content.dated_as_published,
        "sums_up": content.sums_up,
        "coverage": {ids[reference]: status for reference, status in content.statuses},
    }


def _content(correction: Correction, content: dict[str, Any] | None) -> SafeString | str:
    """A stored content, as corrections keep it, for colleagues to read."""
    if not content:
        return _("(nothing)")
    if correction.update is None:
        lines = [f"{label}: {words}" for label, words in adopted.labelled(content)]
        return format_html_join("", '<p class="passage">{}</p>', ((line,) for line in lines))
    statuses = "; ".join(f"{reference}: {status_label(key)}" for reference, key in content["statuses"].items())
    links = "; ".join(f"{label} <{address}>" for label, address in content["evidence"])
    parts = [
        content["text"],
        _("Date: %(day)s")
        % {"day": dates.as_known(dt.date.fromisoformat(content["dated_on"]), content["dated_as_published"])},
        _("Statuses: %(statuses)s") % {"statuses": statuses},
    ]
    parts += [_("Evidence: %(links)s") % {"links": links}] if links else []
    return format_html_join("", '<p class="passage">{}</p>', ((part,) for part in parts))


def _is_erased(update: ProgressUpdate) -> bool:
    return update.is_taken_down and update.take_down.erased_at is not None


def _typed(request: HttpRequest, evidence: str) -> Iterator[tuple[str, str]]:
    """What was sent for an update, labelled, to be read and copied; `evidence` is how its links' fields begin."""
    sent = request.POST
    yield _("Text"), sent.get("text", "")
    yield _("Date"), " – ".join(filter(None, (sent.get("dated_on"), sent.get("dated_as_published"))))
    ids = [int(id) for id in sent.getlist("coverage") if id.isascii() and id.isdecimal() and len(id) < 10]
    covered = Recommendation.objects.filter(pk__in=ids).select_related("area").order_by("area__number", "number")
    statuses = ((one.reference, status_label(sent.get(f"coverage-{one.pk}", ""))) for one in covered)
    yield _("Recommendations covered"), "\n".join(f"{reference}: {status}" for reference, status in statuses)
    yield _("Public note"), sent.get("note", "")
    yield _("Note for colleagues"), sent.get("private_note", "")
    yield _("Reason for this change"), sent.get("change_reason", "")
    for name in sent:
        if name.startswith(f"{evidence}-") and name.endswith("-address") and sent[name]:
            yield _("Evidence"), f"{sent.get(name.replace('-address', '-label'), '')}\n{sent[name]}"
