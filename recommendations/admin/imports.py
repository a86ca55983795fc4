"""Importing a spreadsheet of recommendations in three steps: choose it, see what it would change, confirm."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone, translation
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from recommendations.accounts.roles import IMPORT_PLAN, account_of
from recommendations.admin.forms.conflicts import set_hidden
from recommendations.admin.forms.imports import ImportForm, SheetForm
from recommendations.data.files import XLSX_TYPE, to_xlsx
from recommendations.data.sheets import Sheet
from recommendations.models import ActionPlan, Recommendation
from recommendations.publishing.acts import Refused, Unchanged
from recommendations.publishing.importing.act import import_recommendations
from recommendations.publishing.importing.check import check
from recommendations.publishing.importing.columns import CALCULATED, LINKS, REQUIRED, columns, sheets_to_fill_in
from recommendations.publishing.importing.proposal import Proposal

from .base import BaseAdmin

if TYPE_CHECKING:
    Base = BaseAdmin
else:
    Base = object

MOST_FAULTS = 200  # shown on one page


def may_import(request: HttpRequest) -> bool:
    return request.user.has_perms(IMPORT_PLAN)


class ImportMixin(Base):
    """The admin of recommendations with the pages that import a spreadsheet."""

    def get_urls(self) -> list[URLPattern]:
        def staff(view: Any) -> Any:
            return self.admin_site.admin_view(view)

        name = f"{self.opts.app_label}_{self.opts.model_name}"
        return [
            path("import/", staff(self.import_view), name=f"{name}_import"),
            path("import/empty-sheet.xlsx", staff(self.empty_sheet_view), name=f"{name}_empty_sheet"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        address = reverse("admin:recommendations_recommendation_import") if may_import(request) else ""
        return super().changelist_view(request, {"import_address": address, **(extra_context or {})})

    def empty_sheet_view(self, request: HttpRequest) -> HttpResponseBase:
        if not may_import(request):
            raise PermissionDenied
        plan = ActionPlan.objects.first()
        with translation.override(plan.language if plan else None):
            how = _("One row for each, on the sheet “recommendations”. The sheet “example” shows two.")
            notes = [(_("Recommendations"), how), *((column.name, column.description) for column in columns())]
            content = to_xlsx(sheets_to_fill_in(), notes=notes)
        headers = {"Content-Disposition": 'attachment; filename="recommendations.xlsx"'}
        return HttpResponse(content, content_type=XLSX_TYPE, headers=headers)

    def import_view(self, request: HttpRequest) -> HttpResponseBase:
        if not may_import(request):
            raise PermissionDenied
        if request.method != "POST" or not ActionPlan.objects.exists():
            return self.choose_page(request, SheetForm())
        if "sheet" in request.POST:
            return self.confirm(request)
        chosen = SheetForm(request.POST, request.FILES)
        if not chosen.is_valid():
            return self.choose_page(request, chosen)
        sheet = chosen.cleaned_data["file"]
        proposal = check(sheet, on=timezone.localdate())
        form = ImportForm(initial={"sheet": sheet.sealed(), "confirmed": proposal.confirmed})
        return self.preview_page(request, sheet, proposal, form)

    def confirm(self, request: HttpRequest) -> HttpResponseBase:
        """Import the sheet that was previewed; show the preview again, with the reasons, if that is refused."""
        form = ImportForm(request.POST)
        is_valid = form.is_valid()
        sheet = form.cleaned_data.get("sheet")
        if sheet is None:
            for error in form.errors["sheet"]:
                self.message_user(request, str(error), messages.ERROR)
            return self.choose_page(request, SheetForm())
        if is_valid:
            try:
                done = import_recommendations(
                    sheet,
                    confirmed=form.cleaned_data["confirmed"],
                    by=account_of(request),
                    at=timezone.now(),
                    reason=form.cleaned_data["reason"],
                    ticked=form.ticked,
                    note=form.cleaned_data["public_reason"],
                )
            except Unchanged as unchanged:
                self.message_user(request, str(unchanged), messages.WARNING)
                return self.to_the_list()
            except Refused as refused:
                for reason in refused.reasons:
                    form.add_error(None, reason)
            else:
                self.message_user(request, summary(done), messages.SUCCESS)
                # The first import is a step of setting up: the workspace says what comes next.
                is_first = len(done.added) == Recommendation.objects.count()
                return HttpResponseRedirect(reverse("admin:index")) if is_first else self.to_the_list()
        proposal = check(sheet, on=timezone.localdate())
        set_hidden(form, "confirmed", proposal.confirmed)
        return self.preview_page(request, sheet, proposal, form)

    def to_the_list(self) -> HttpResponseRedirect:
        return HttpResponseRedirect(reverse("admin:recommendations_recommendation_changelist"))

    def choose_page(self, request: HttpRequest, form: SheetForm) -> HttpResponse:
        return self.page(
            request,
            "recommendation/import",
            title=_("Import a spreadsheet"),
            original=None,
            form=form,
            media=form.media,
            has_plan=ActionPlan.objects.exists(),
            is_first=not Recommendation.objects.exists(),
            columns=columns(),
            required=REQUIRED,
            reckoned=", ".join(name for name in CALCULATED if name not in LINKS),
        )

    def preview_page(self, request: HttpRequest, sheet: Sheet, proposal: Proposal, form: ImportForm) -> HttpResponse:
        return self.page(
            request,
            "recommendation/import_preview",
            title=_("What the spreadsheet would change"),
            original=None,
            sheet=sheet,
            proposal=proposal,
            faults=proposal.faults[:MOST_FAULTS],
            faults_left=max(0, len(proposal.faults) - MOST_FAULTS),
            form=form,
            media=form.media,
            again=SheetForm(),
        )


def summary(done: Proposal) -> str:
    """What was imported, as a sentence."""
    added, changed, moved = len(done.added), len(done.changed), len(done.reordered)
    areas, parties = len(done.areas), len(done.parties)
    counted = [
        (added, ngettext("%d recommendation added", "%d recommendations added", added)),
        (changed, ngettext("%d recommendation changed", "%d recommendations changed", changed)),
        (areas, ngettext("%d area added or renamed", "%d areas added or renamed", areas)),
        (parties, ngettext("%d responsible party added", "%d responsible parties added", parties)),
        (moved, ngettext("%d recommendation put in another place", "%d recommendations put in another place", moved)),
    ]
    what = get_text_list([words % count for count, words in counted if count], _("and"))
    return _("Imported: %(what)s.") % {"what": what}
