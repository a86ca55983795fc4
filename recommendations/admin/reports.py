"""The yearly report: its form, its previews, and the page that publishes it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import URLPattern, reverse
from django.utils import timezone, translation
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from recommendations.accounts.roles import account_of
from recommendations.admin import exports
from recommendations.admin.forms.reports import PublishForm, ReportForm, SectionForm
from recommendations.admin.forms.updates import MarkReadyForm
from recommendations.models import ActionPlan, Edition, ProgressUpdate, Publication, Report, ReportSection, TakeDown
from recommendations.publishing import updates as publishing_updates
from recommendations.publishing.acts import Refused, Unchanged
from recommendations.publishing.history import name_of, version_of_all
from recommendations.publishing.reports import publish_report
from recommendations.reading import findings
from recommendations.reading.findings import Finding
from recommendations.report import document
from recommendations.report.editions import Making, draft_pdf, preview_pdf
from recommendations.report.pdf import RenderFailed
from recommendations.text import dates
from recommendations.text.intake import id_in
from recommendations.workspace.next_report import next_report
from recommendations.workspace.previews import BeingMade, pdf_of
from recommendations.workspace.report_state import (
    ReportState,
    changes_since,
    drafts_with_obstacles,
    preview,
    why_again,
)

from .base import REASON, BaseAdmin, StackedParts
from .findings import FindingsMixin


class SectionInline(StackedParts):
    model = ReportSection
    add_words = gettext_lazy("Add a section")
    form = SectionForm
    verbose_name_plural = gettext_lazy("Sections: thanks, partners, news from your organization")
    fields = ["heading", "body", ("placement", "position")]


@admin.register(Report)
class ReportAdmin(FindingsMixin, BaseAdmin):
    form = ReportForm
    export = exports.REPORTS
    purpose = gettext_lazy("The update for a period: write its introduction and sections, preview it, publish it.")
    inlines = [SectionInline]
    change_form_template = "admin/report/change_form.html"
    add_words = gettext_lazy("Start a report")
    list_display = ["title", "period", "newest_edition"]
    search_fields = ["title", "introduction", "closing"]
    prepopulated_fields = {"slug": ["title"]}
    fieldsets = [
        (None, {"fields": ["title", "slug", ("starts_on", "ends_on"), "introduction", "closing", "approval"]}),
        (
            gettext_lazy("Only if the report was first published elsewhere, or its statuses need explaining"),
            {"fields": ["originally_published", "status_note"], "classes": ["collapse"]},
        ),
        REASON,
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("plan").prefetch_related("editions")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """With the fields that the plan chose."""
        plan = ActionPlan.objects.first()
        chosen: list[Any] = ["board_approval"] if plan and plan.notes_board_approval else []
        chosen += [("embargo_on", "embargo_words")] if plan and plan.marks_embargo else []
        (title, options), *others = super().get_fieldsets(request, obj)
        return [(title, {**options, "fields": [*options["fields"], *chosen]}), *others]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Suggest the next report's title, address and period."""
        following = next_report()
        return asdict(following) if following else {}

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return {} if obj else super().get_prepopulated_fields(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and not (obj and obj.editions.exists())

    @admin.display(description=gettext_lazy("period"), ordering="ends_on")
    def period(self, report: Report) -> str:
        return dates.period(report.starts_on, report.ends_on)

    @admin.display(description=gettext_lazy("newest edition"))
    def newest_edition(self, report: Report) -> str:
        editions = report.editions.all()
        if not editions:
            return _("Not published yet")
        newest = max(editions, key=lambda edition: edition.number)
        words = {"number": newest.number, "day": dates.day(newest.published_on)}
        return _("Edition %(number)d of %(day)s") % words

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        report = self.get_queryset(request).filter(pk=id_in(object_id)).first()
        context = {
            **(extra_context or {}),
            "subtitle": None,
            "title": str(report.title) if report else None,
            "state": ReportState(report, timezone.localdate()) if report else None,
            "may_publish": self.may_publish(request),
            "publication": Publication.objects.of(report, at=timezone.now()) if report else None,
            "what_is_checked": findings.WHAT_IS_CHECKED,
        }
        return super().change_view(request, object_id, form_url, context)

    # What follows a save

    def found_after_save(self, thing: Any) -> list[Finding]:
        return findings.of_report_texts(thing)

    def response_post_save_add(self, request: HttpRequest, obj: Any) -> HttpResponseRedirect:
        return self.after_save(request, obj) or super().response_post_save_add(request, obj)

    def response_post_save_change(self, request: HttpRequest, obj: Any) -> HttpResponseRedirect:
        return self.after_save(request, obj) or super().response_post_save_change(request, obj)

    @staticmethod
    def after_save(request: HttpRequest, report: Report) -> HttpResponseRedirect | None:
        """To the preview, if that was asked for."""
        preview = reverse("admin:recommendations_report_preview", args=[report.pk])
        return HttpResponseRedirect(preview) if "_preview" in request.POST else None

    def what_prevents(self, thing: Any) -> tuple[str, ...]:
        return ReportState(thing, timezone.localdate()).obstacles

    # Previews and publication

    def get_urls(self) -> list[URLPattern]:
        return [
            self.act(self.preview_view, "preview/", "preview"),
            self.act(self.preview_pdf_view, "preview.pdf", "preview_pdf"),
            self.act(self.draft_pdf_view, "draft.pdf", "draft_pdf"),
            self.act(self.compare_view, "compare/", "compare"),
            self.act(self.ready_view, "ready/", "ready"),
            self.act(self.publish_view, "publish/", "publish"),
            *super().get_urls(),
        ]

    def back(self, report: Report) -> HttpResponseRedirect:
        return HttpResponseRedirect(reverse("admin:recommendations_report_change", args=[report.pk]))

    @staticmethod
    def may_publish(request: HttpRequest) -> bool:
        return request.user.has_perms(["recommendations.change_report", "recommendations.add_edition"])

    def preview_view(self, request: HttpRequest, id: int) -> HttpResponseBase:
        report = self.found(request, id)
        article = document.article(preview(report), embargo=embargo_of(report))
        return self.page(
            request,
            "report/preview",
            title=_("Preview of “%(title)s”") % {"title": report.title},
            original=report,
            article=mark_safe(article),  # noqa: S308 (the article's template escaped it)
        )

    def preview_pdf_view(self, request: HttpRequest, id: int) -> HttpResponseBase:
        report = self.found(request, id)
        making = preview_pdf(preview(report), embargo=embargo_of(report))
        return self.pdf_answer(request, report, making, name="preview.pdf")

    def draft_pdf_view(self, request: HttpRequest, id: int) -> HttpResponseBase:
        """A draft to circulate, with the ready updates; with `?drafts`, with the drafts too."""
        report, now = self.found(request, id), timezone.now()
        snapshot = preview(report, with_drafts="drafts" in request.GET)
        name = f"draft-{timezone.localdate(now).isoformat()}-{snapshot.content_hash()[:8]}.pdf"
        return self.pdf_answer(request, report, draft_pdf(snapshot, at=now, embargo=embargo_of(report)), name=name)

    def pdf_answer(self, request: HttpRequest, report: Report, making: Making, *, name: str) -> HttpResponseBase:
        try:
            content = pdf_of(making)
        except BeingMade:
            waiting = self.page(request, "report/being_made", title=_("The PDF is being made"), original=report)
            waiting["Refresh"] = "3"
            return waiting
        except RenderFailed as error:
            self.message_user(request, str(error), messages.ERROR)
            return self.back(report)
        headers = {"Content-Disposition": f'inline; filename="{name}"', "Cache-Control": "no-store"}
        return HttpResponse(content, content_type="application/pdf", headers=headers)

    def compare_view(self, request: HttpRequest, id: int) -> HttpResponseBase:
        """Compare what the next edition would say with the newest one, word by word."""
        report: Report = self.found(request, id)
        newest = report.newest_edition()
        is_readable = newest is not None and not newest.is_taken_down
        changed = changes_since(newest, at=timezone.now()) if newest and is_readable else []
        title = _("What a new edition of “%(title)s” would change") % {"title": report.title}
        return self.page(
            request,
            "report/compare",
            title=title,
            original=report,
            newest=newest,
            is_readable=is_readable,
            changed=changed,
        )

    def ready_view(self, request: HttpRequest, id: int) -> HttpResponseBase:
        """Mark drafts of the period ready; say which can't be, and why."""
        report: Report = self.found(request, id)
        if not request.user.has_perm("recommendations.change_progressupdate"):
            raise PermissionDenied
        offered = drafts_with_obstacles(report, on=timezone.localdate(), by=account_of(request))
        able = [update for update, obstacles in offered if not obstacles]
        shown = version_of_all(able)
        if request.method == "POST":
            form = MarkReadyForm(request.POST, updates=able)
            if request.POST.get("version") != shown:
                form = MarkReadyForm({"updates": request.POST.getlist("updates"), "version": shown}, updates=able)
                form.is_valid()
                form.add_error(
                    None, _("One of them changed after you opened this page, so none was marked. Please check again.")
                )
            elif form.is_valid():
                self.mark_ready(request, [one for one in able if str(one.pk) in form.cleaned_data["updates"]])
                return HttpResponseRedirect(reverse("admin:index"))
        else:
            form = MarkReadyForm(initial={"updates": [str(one.pk) for one in able], "version": shown}, updates=able)
        unable = [(update, obstacles) for update, obstacles in offered if obstacles]
        title = _("Mark updates ready")
        return self.page(
            request,
            "report/ready",
            title=title,
            original=report,
            form=form,
            able=able,
            unable=unable,
            findings=findings.of_updates(able),
            what_is_checked=findings.WHAT_IS_CHECKED,
        )

    def mark_ready(self, request: HttpRequest, updates: list[ProgressUpdate]) -> None:
        marked = 0
        for update in updates:
            try:
                publishing_updates.mark_ready(update, by=account_of(request), at=timezone.now())
            except Refused as refused:
                self.message_user(request, f"“{update}”: {refused}", messages.WARNING)
            else:
                marked += 1
        words = ngettext("%(count)d update is now ready.", "%(count)d updates are now ready.", marked)
        self.message_user(request, words % {"count": marked}, messages.SUCCESS if marked else messages.WARNING)

    def publish_view(self, request: HttpRequest, id: int) -> HttpResponseBase:
        """Show exactly what will be published, and ask; refuse if any of it was changed after the page was shown."""
        report: Report = self.found(request, id)
        if not self.may_publish(request):
            raise PermissionDenied
        state = ReportState(report, timezone.localdate())
        shown = {"confirmed": state.confirmed, "number": state.next_number}
        options: dict[str, Any] = {"ready": state.ready, "is_first": state.newest is None}
        if request.method != "POST":
            ready = [str(one.pk) for one in state.ready]
            form = PublishForm(initial={**shown, "ready": ready, "note": why_again(state)}, **options)
            return self.publish_page(request, report, state, form)
        form = PublishForm(request.POST, **options)
        if request.POST.get("number") != str(state.next_number) and state.newest:
            # A second click, a form sent again, or a colleague: either way nothing is published twice.
            if not request.POST.get("note", "").strip():
                self.message_user(request, published_already(state.newest), messages.WARNING)
                return self.back(report)
            form = PublishForm({**_typed(request), **shown}, **options)
            form.is_valid()
            form.add_error(None, published_already(state.newest))
            return self.publish_page(request, report, state, form)
        if request.POST.get("confirmed") != state.confirmed:
            form = PublishForm({**_typed(request), **shown}, **options)
            form.is_valid()
            form.add_error(
                None,
                _(
                    "Something in the report changed after you opened this page, so nothing was "
                    "published. Check what it says now, and confirm again."
                ),
            )
            return self.publish_page(request, report, state, form)
        if form.is_valid():
            try:
                edition = publish_report(
                    report,
                    by=account_of(request),
                    at=timezone.now(),
                    ready=[int(one) for one in form.cleaned_data["ready"]],
                    note=form.cleaned_data.get("note", ""),
                )
            except Unchanged as unchanged:
                self.message_user(request, str(unchanged), messages.WARNING)
                return self.back(report)
            except Refused as refused:
                for reason in refused.reasons:
                    form.add_error(None, reason)
            except RenderFailed as error:
                form.add_error(
                    None, _("Nothing was published, because the PDF could not be made. %(why)s") % {"why": error}
                )
            else:
                self.log_change(request, report, [{"changed": {"fields": [_("published")]}}])
                link = format_html('<a href="{}">{}</a>', edition.get_absolute_url(), _("See it on the website"))
                words = _("Edition %(number)d is published.") % {"number": edition.number}
                self.message_user(request, format_html("{} {}", words, link), messages.SUCCESS)
                return self.back(report)
        return self.publish_page(request, report, state, form)

    def publish_page(
        self, request: HttpRequest, report: Report, state: ReportState, form: PublishForm
    ) -> HttpResponseBase:
        words = {"title": report.title, "number": state.next_number}
        title = _("Publish “%(title)s”, edition %(number)d?") % words
        return self.page(
            request,
            "report/publish",
            title=title,
            original=report,
            state=state,
            form=form,
            publication=Publication.objects.of(report, at=timezone.now()),
            media=self.media + form.media,
            unfinished=TakeDown.objects.unfinished(),
            what_is_checked=findings.WHAT_IS_CHECKED,
        )


def embargo_of(report: Report) -> str:
    """The line on its previews and drafts that says before when nothing is published, in the plan's language."""
    with translation.override(report.plan.language):
        return report.embargo()


def published_already(edition: Edition) -> str:
    return _("Edition %(number)d was published on %(day)s at %(time)s by %(who)s. Nothing was published twice.") % {
        "number": edition.number,
        "day": dates.day(edition.published_at),
        "time": dates.clock(edition.published_at),
        "who": name_of(edition.published_by),
    }


def _typed(request: HttpRequest) -> dict[str, Any]:
    """What was typed and ticked on the publish page, to show it again."""
    return {"ready": request.POST.getlist("ready"), "note": request.POST.get("note", "")}
