"""The form of a progress update, written together with the statuses that it records."""

from __future__ import annotations

from collections.abc import Collection
from itertools import groupby
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import Truncator, get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from recommendations.accounts.roles import account_of
from recommendations.accounts.unsaved import mark_saved
from recommendations.admin import exports
from recommendations.admin.forms.updates import EvidenceForm, PublishedUpdateForm, UpdateForm
from recommendations.models import Area, EvidenceLink, NoteEnding, ProgressUpdate, Recommendation, StatusWording
from recommendations.publishing import second_reader
from recommendations.publishing.history import name_of
from recommendations.publishing.notes import noted
from recommendations.publishing.updates import mark_draft, mark_ready
from recommendations.reading import findings
from recommendations.reading.findings import Finding
from recommendations.text import dates
from recommendations.text.intake import id_in
from recommendations.workspace import drafting
from recommendations.workspace.drafting import Beginning

from .base import REASON, BaseAdmin, StackedParts
from .findings import tell
from .notes import EraseNoteMixin
from .set_aside import SetAsideMixin
from .takedowns import TakeDownMixin
from .update_acts import UpdateActsMixin
from .update_import import UpdateImportMixin
from .update_list import UpdateListMixin

# What a published update's form shows and doesn't let change.
PUBLISHED_FIELDS = ["text", "covered", "date", "sums_up_display", "evidence", "corrections"]


class EvidenceInline(StackedParts):
    model = EvidenceLink
    form = EvidenceForm
    verbose_name = gettext_lazy("evidence")
    add_words = gettext_lazy("Add evidence")
    verbose_name_plural = gettext_lazy("Evidence: where readers can check it")
    fields = [("label", "address"), "archived_address"]
    extra = 1


@admin.register(ProgressUpdate)
class ProgressUpdateAdmin(
    EraseNoteMixin, UpdateActsMixin, UpdateImportMixin, UpdateListMixin, SetAsideMixin, TakeDownMixin, BaseAdmin
):
    form = UpdateForm
    export = exports.UPDATES
    purpose = gettext_lazy(
        "What happened with each recommendation, and where it stands now. Write updates through the year."
    )
    inlines = [EvidenceInline]
    change_form_template = "admin/progressupdate/change_form.html"
    add_words = gettext_lazy("Write an update")
    asks_why_deleted = False

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
            title = _("Write an update: area %(area)s") % {"area": area} if area.title else _("Write an update")
            beginning = self.start_of(request)
            words = {
                "title": title,
                "area": area,
                "beginning": beginning,
                "is_prefilled": "from" in request.GET,
                "needs_colleague": second_reader.is_chosen(),
            }
            return super().add_view(request, form_url, {**(extra_context or {}), **words})
        if "from" in request.GET and not request.POST:
            ask = _("Tick the recommendations first: this starts from what was last written about them.")
            self.message_user(request, ask, messages.WARNING)
            return HttpResponseRedirect(reverse("admin:index"))
        areas = Area.objects.annotate(recommendation_count=Count("recommendations"))
        return self.page(
            request, "progressupdate/choose_area", title=_("Write an update"), original=None, areas=areas, add=True
        )

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        id = id_in(object_id)
        update = None if id is None else ProgressUpdate.objects.for_admin().filter(pk=id).first()
        was_draft = request.method == "POST" and "text" in request.POST
        if was_draft and update and update.published_at and self.has_change_permission(request, update):
            return self.overtaken(request, update)
        words = {}
        if update:
            title = _("Progress update in area %(area)s") if update.area.title else _("Progress update")
            words["title"] = title % {"area": update.area}
        ends_on = update and NoteEnding.objects.filter(update=update).values_list("ends_on", flat=True).first()
        stands, found = bool(update and update.is_public), self.found_in(update) if update else []
        context = {
            **words,
            "subtitle": None,
            "area": update.area if update else self.chosen_area(request),
            "stands": stands,
            "note_ends_on": ends_on,
            "has_note": bool(update and noted().filter(pk=update.pk).exists()),
            "is_erased": bool(update and _is_erased(update)),
            "may_change": self.has_change_permission(request),
            "needs_colleague": bool(
                update and not update.ready_at and second_reader.why_not_by(account_of(request), [update])
            ),
            "findings": found,
            "what_is_checked": findings.WHAT_IS_CHECKED,
        }
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **context})

    def choose_one_of(self, request: HttpRequest, chosen: list[Recommendation]) -> HttpResponse:
        """Ask for one area if recommendations of several were ticked: an update covers those of one."""
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
        """The recommendations ticked on the board, in plan order, without those retired by the day of the update."""
        references = request.GET.getlist("covering")[:500]
        return drafting.referred_to(references, on=drafting.day_of_new(on=timezone.localdate())) if references else []

    @classmethod
    def chosen_area(cls, request: HttpRequest) -> Area | None:
        """The area of the recommendations that were ticked; else the one that the address names, or of those sent.

        In a plan without areas, it is the one that has no title.
        """
        if area := Area.objects.without_title():
            return area
        areas = {one.area for one in cls.chosen(request)}
        if len(areas) == 1:
            return areas.pop()
        if (number := id_in(request.GET.get("area", ""))) is not None:
            return Area.objects.filter(number=number).first()
        offered = [name.removeprefix("coverage-") for name in request.POST if name.startswith("coverage-")]
        ids = [id for one in offered if (id := id_in(one)) is not None]
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
        return _("Yes: the report shows it instead of earlier ones") if update.sums_up else _("No")

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
        rows = []
        for link in update.evidence_links.with_checks():
            copy = _("archived copy: %(address)s") % {"address": link.archived_address} if link.archived_address else ""
            gone = _("no longer there since %(day)s") % {"day": dates.day(link.gone_since)} if link.gone_since else ""
            rows.append((link.label, "; ".join(filter(None, (link.address, copy, gone)))))
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

    def found_in(self, thing: Any) -> list[Finding]:
        return [] if _is_erased(thing) else super().found_in(thing)

    # What follows a save

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        update = form.instance
        if update.published_at:
            return
        request.kept = form.kept  # type: ignore[attr-defined]  # a mark of our own
        if {"_ready", "_publish"} & set(request.POST) and not update.ready_at:
            mark_ready(update, by=account_of(request), at=timezone.now())
        elif "_draft" in request.POST and update.ready_at:
            mark_draft(update, by=account_of(request))
        elif update.ready_at and second_reader.is_changed_since_ready(update):
            mark_draft(update, by=account_of(request))
            words = _("You changed it, so it is a draft again: a colleague reads it and marks it ready.")
            self.message_user(request, words, messages.WARNING)

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: Any = None) -> Any:
        return self.after_save(request, obj)

    def response_change(self, request: HttpRequest, obj: Any) -> Any:
        return self.after_save(request, obj)

    def after_save(self, request: HttpRequest, update: ProgressUpdate) -> HttpResponseRedirect:
        update.refresh_from_db()
        if "_publish" in request.POST:
            mark_saved(request)
            return HttpResponseRedirect(reverse("admin:recommendations_progressupdate_publish", args=[update.pk]))
        address = reverse("admin:recommendations_progressupdate_change", args=[update.pk])
        if update.published_at:
            message = _("Saved. What readers see has not changed.")
        elif update.ready_at:
            message = _("Saved and ready: it will be published with the next edition for its period, or on its own.")
        else:
            message = _("Saved as a draft. Only your colleagues can see it.")
        back = "?back=board" if request.GET.get("back") == "board" else ""
        if "_preview" in request.POST:
            # That page shows what was found.
            self.message_user(request, message, messages.SUCCESS)
            preview = reverse("admin:recommendations_progressupdate_preview", args=[update.pk])
            return HttpResponseRedirect(f"{preview}{back}")
        link = format_html('<a href="{}">{}</a>', address, _("Open it again"))
        found = [one for one in self.found_in(update) if one.is_open]
        check = format_html(" · {}", self.to_check(update, len(found))) if found else ""
        self.message_user(request, format_html("{} {}{}", message, link, check), messages.SUCCESS)
        if words := self.about_statuses(update, kept=getattr(request, "kept", ())):
            self.message_user(request, words, messages.INFO)
        tell(request, found)
        if back:
            return HttpResponseRedirect(f"{reverse('admin:index')}?area={update.area.number}#messages")
        return HttpResponseRedirect(reverse("admin:recommendations_progressupdate_changelist"))

    @staticmethod
    def about_statuses(update: ProgressUpdate, *, kept: Collection[int]) -> str:
        """Which statuses stay as before by this save, `kept` by recommendation; else which a draft leaves open."""
        assessments = update.assessments.select_related("recommendation__area")
        stays = [(one.recommendation.reference, one.status) for one in assessments if one.recommendation_id in kept]
        if stays:
            labelled = StatusWording.objects.labelled(stays)
            statuses = get_text_list([f"{reference} {label}" for reference, label in labelled], _("and"))
            return _("Recorded as before: %(statuses)s.") % {"statuses": statuses}
        if blank := [one.recommendation.reference for one in assessments if not one.status]:
            references = get_text_list(blank, _("and"))
            return _("No status is recorded yet for %(references)s: a draft leaves it open.") % {
                "references": references
            }
        return ""


def _is_erased(update: ProgressUpdate) -> bool:
    return update.is_taken_down and update.take_down.erased_at is not None
