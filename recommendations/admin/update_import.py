"""Importing a spreadsheet of past updates, as drafts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from recommendations.accounts.roles import IMPORT_UPDATES, account_of
from recommendations.admin.forms.imports import UpdateSheetForm
from recommendations.data.sheets import Sheet
from recommendations.data.tables import Table
from recommendations.models import Recommendation
from recommendations.publishing.importing.updates.act import import_updates
from recommendations.publishing.importing.updates.check import check
from recommendations.publishing.importing.updates.columns import REQUIRED, UPDATES, columns, sheets_to_fill_in
from recommendations.publishing.importing.updates.proposal import UpdatesProposal

from .imports import ImportMixin


class UpdateImportMixin(ImportMixin):
    """The admin of updates with the pages that import a spreadsheet."""

    import_permissions = IMPORT_UPDATES
    import_folder = "progressupdate"
    choose_title = gettext_lazy("Import updates")
    preview_title = gettext_lazy("What would be imported")
    empty_sheet_name = "updates.xlsx"
    sheet_form = UpdateSheetForm

    def proposed(self, sheet: Sheet) -> UpdatesProposal:
        return check(sheet, on=timezone.localdate())

    def carry_out(self, request: HttpRequest, sheet: Sheet, form: Any) -> str:
        added = import_updates(
            sheet,
            confirmed=form.cleaned_data["confirmed"],
            by=account_of(request),
            at=timezone.now(),
            reason=form.cleaned_data["reason"],
        )
        numbers = sorted(update.pk for update in added)
        said = ngettext(
            "%(count)d update was imported as a draft. Nobody but your colleagues can see it.",
            "%(count)d updates were imported as drafts. Nobody but your colleagues can see them.",
            len(added),
        ) % {"count": len(added)}
        # Saved by one query, so their numbers follow each other.
        these = f"{self.list_address}?{urlencode({'imported': f'{numbers[0]}-{numbers[-1]}'})}"
        link = format_html('<a href="{}">{}</a>', these, _("See them"))
        self.message_user(request, format_html("{} {}", said, link), messages.SUCCESS)
        return self.list_address

    def empty_sheets(self) -> tuple[Iterable[Table], Iterable[tuple[str, str]]]:
        how = _(
            "One row for each, on the sheet “updates”. The sheet “example” shows two; “plan” and “known_statuses” list "
            "what may stand in them."
        )
        notes = [(_("Progress updates"), how), *((column.name, column.description) for column in columns())]
        return sheets_to_fill_in(), notes

    def explained(self) -> dict[str, Any]:
        return {
            "has_recommendations": Recommendation.objects.exists(),
            "columns": columns(),
            "required": REQUIRED,
            "passed_over": ", ".join(UPDATES.passed_over),
        }
