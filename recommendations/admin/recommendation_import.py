"""Importing a spreadsheet of recommendations."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from recommendations.accounts.roles import IMPORT_PLAN, account_of
from recommendations.admin.forms.imports import ImportForm
from recommendations.data.sheets import Sheet
from recommendations.data.tables import Table
from recommendations.models import Recommendation
from recommendations.publishing.importing.act import import_recommendations
from recommendations.publishing.importing.check import check
from recommendations.publishing.importing.columns import CALCULATED, LINKS, REQUIRED, columns, sheets_to_fill_in
from recommendations.publishing.importing.proposal import Proposal

from .imports import ImportMixin


class RecommendationImportMixin(ImportMixin):
    """The admin of recommendations with the pages that import a spreadsheet."""

    import_permissions = IMPORT_PLAN
    import_folder = "recommendation"
    choose_title = gettext_lazy("Import a spreadsheet")
    preview_title = gettext_lazy("What the spreadsheet would change")
    empty_sheet_name = "recommendations.xlsx"
    confirm_form = ImportForm

    def proposed(self, sheet: Sheet) -> Proposal:
        return check(sheet, on=timezone.localdate())

    def carry_out(self, request: HttpRequest, sheet: Sheet, form: Any) -> str:
        done = import_recommendations(
            sheet,
            confirmed=form.cleaned_data["confirmed"],
            by=account_of(request),
            at=timezone.now(),
            reason=form.cleaned_data["reason"],
            ticked=form.ticked,
            note=form.cleaned_data["public_reason"],
        )
        self.message_user(request, summary(done), messages.SUCCESS)
        # The first import is a step of setting up: the workspace says what comes next.
        is_first = len(done.added) == Recommendation.objects.count()
        return reverse("admin:index") if is_first else self.list_address

    def empty_sheets(self) -> tuple[Iterable[Table], Iterable[tuple[str, str]]]:
        how = _("One row for each, on the sheet “recommendations”. The sheet “example” shows two.")
        notes = [(_("Recommendations"), how), *((column.name, column.description) for column in columns())]
        return sheets_to_fill_in(), notes

    def explained(self) -> dict[str, Any]:
        return {
            "is_first": not Recommendation.objects.exists(),
            "columns": columns(),
            "required": REQUIRED,
            "reckoned": ", ".join(name for name in CALCULATED if name not in LINKS),
        }


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
