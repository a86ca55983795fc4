"""Importing a spreadsheet in three steps: choose it, see what would change, confirm."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import translation

from recommendations.admin.forms.conflicts import set_hidden
from recommendations.admin.forms.imports import ConfirmForm, SheetForm
from recommendations.data.files import XLSX_TYPE, to_xlsx
from recommendations.data.sheets import Sheet
from recommendations.data.tables import Table
from recommendations.models import ActionPlan
from recommendations.publishing.acts import Refused, Unchanged

from .base import BaseAdmin

if TYPE_CHECKING:
    Base = BaseAdmin
else:
    Base = object

MOST_FAULTS = 200  # shown on one page


class ImportMixin(Base):
    """The admin of a list with the pages that import a spreadsheet into it; their templates are in `import_folder`."""

    import_permissions: tuple[str, ...] = ()
    import_folder = ""
    choose_title: Any = ""
    preview_title: Any = ""
    empty_sheet_name = ""
    sheet_form: type[SheetForm] = SheetForm
    confirm_form: type[ConfirmForm] = ConfirmForm

    def proposed(self, sheet: Sheet) -> Any:
        """What importing `sheet` today would do, with its `faults`, `notices` and the fingerprint `confirmed`."""
        raise NotImplementedError

    def carry_out(self, request: HttpRequest, sheet: Sheet, form: Any) -> str:
        """Import what was confirmed, tell how it went, and return the address to go to; raises Refused."""
        raise NotImplementedError

    def explained(self) -> dict[str, Any]:
        """What the page that asks for a file says of its columns."""
        raise NotImplementedError

    def empty_sheets(self) -> tuple[Iterable[Table], Iterable[tuple[str, str]]]:
        """The tables and the notes of the workbook to start from, in the language in force."""
        raise NotImplementedError

    @property
    def route(self) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}"

    @property
    def list_address(self) -> str:
        return reverse(f"admin:{self.route}_changelist")

    def may_import(self, request: HttpRequest) -> bool:
        return request.user.has_perms(self.import_permissions)

    def get_urls(self) -> list[URLPattern]:
        def staff(view: Any) -> Any:
            return self.admin_site.admin_view(view)

        return [
            path("import/", staff(self.import_view), name=f"{self.route}_import"),
            path("import/empty-sheet.xlsx", staff(self.empty_sheet_view), name=f"{self.route}_empty_sheet"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        address = reverse(f"admin:{self.route}_import") if self.may_import(request) else ""
        return super().changelist_view(request, {"import_address": address, **(extra_context or {})})

    def empty_sheet_view(self, request: HttpRequest) -> HttpResponseBase:
        if not self.may_import(request):
            raise PermissionDenied
        plan = ActionPlan.objects.first()
        with translation.override(plan.language if plan else None):
            tables, notes = self.empty_sheets()
            content = to_xlsx(tables, notes=notes)
        headers = {"Content-Disposition": f'attachment; filename="{self.empty_sheet_name}"'}
        return HttpResponse(content, content_type=XLSX_TYPE, headers=headers)

    def import_view(self, request: HttpRequest) -> HttpResponseBase:
        if not self.may_import(request):
            raise PermissionDenied
        if request.method != "POST" or not ActionPlan.objects.exists():
            return self.choose_page(request, self.sheet_form())
        if "sheet" in request.POST:
            return self.confirm(request)
        chosen = self.sheet_form(request.POST, request.FILES)
        if not chosen.is_valid():
            return self.choose_page(request, chosen)
        sheet = chosen.cleaned_data["file"]
        proposal = self.proposed(sheet)
        form = self.confirm_form(initial={"sheet": sheet.sealed(), "confirmed": proposal.confirmed})
        return self.preview_page(request, sheet, proposal, form)

    def confirm(self, request: HttpRequest) -> HttpResponseBase:
        """Import the sheet that was previewed; show the preview again, with the reasons, if that is refused."""
        form = self.confirm_form(request.POST)
        is_valid = form.is_valid()
        sheet = form.cleaned_data.get("sheet")
        if sheet is None:
            for error in form.errors["sheet"]:
                self.message_user(request, str(error), messages.ERROR)
            return self.choose_page(request, self.sheet_form())
        if is_valid:
            try:
                return HttpResponseRedirect(self.carry_out(request, sheet, form))
            except Unchanged as unchanged:
                self.message_user(request, str(unchanged), messages.WARNING)
                return HttpResponseRedirect(self.list_address)
            except Refused as refused:
                for reason in refused.reasons:
                    form.add_error(None, reason)
        proposal = self.proposed(sheet)
        set_hidden(form, "confirmed", proposal.confirmed)
        return self.preview_page(request, sheet, proposal, form)

    def choose_page(self, request: HttpRequest, form: SheetForm) -> HttpResponse:
        return self.page(
            request,
            f"{self.import_folder}/import",
            title=self.choose_title,
            original=None,
            form=form,
            media=form.media,
            has_plan=ActionPlan.objects.exists(),
            **self.explained(),
        )

    def preview_page(self, request: HttpRequest, sheet: Sheet, proposal: Any, form: Any) -> HttpResponse:
        return self.page(
            request,
            f"{self.import_folder}/import_preview",
            title=self.preview_title,
            original=None,
            sheet=sheet,
            proposal=proposal,
            faults=proposal.faults[:MOST_FAULTS],
            faults_left=max(0, len(proposal.faults) - MOST_FAULTS),
            form=form,
            media=form.media,
            again=self.sheet_form(),
        )
