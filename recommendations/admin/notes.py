"""Two pages about notes for colleagues: erase the note of an update, and place or lift a legal hold."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import URLPattern, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from recommendations.accounts.roles import ERASE_NOTE, LIFT_HOLD, PLACE_HOLD, account_of
from recommendations.admin.forms.acts import EraseNoteForm, HoldForm
from recommendations.admin.forms.conflicts import set_hidden
from recommendations.models import ActionPlan, LegalHold, ProgressUpdate
from recommendations.publishing.acts import Refused
from recommendations.publishing.history import version_of
from recommendations.publishing.notes import copies_of_notes, erase_note, hold_in_words, lift_hold, noted, place_hold

from .pages import PagesMixin


class EraseNoteMixin(PagesMixin):
    """For updates: erase the note and all its versions; administrators only, and it asks first."""

    def get_urls(self) -> list[URLPattern]:
        return [self.act(self.erase_note_view, "erase-note/", "erase_note"), *super().get_urls()]

    def erase_note_view(self, request: HttpRequest, id: int) -> HttpResponseBase:
        if not request.user.has_perm(ERASE_NOTE):
            raise PermissionDenied
        update: ProgressUpdate = self.found(request, id)
        initial = {"version": version_of(update)}
        form = EraseNoteForm(request.POST if request.method == "POST" else None, initial=initial)
        is_done = False
        if request.method == "POST" and form.is_valid():
            typed = form.cleaned_data
            try:
                erase_note(update, reason=typed["reason"], expected=typed["version"], by=account_of(request))
            except Refused as refused:
                set_hidden(form, "version", version_of(update))
                for reason in refused.reasons:
                    form.add_error(None, reason)
            else:
                self.log_change(request, update, [{"changed": {"fields": [_("note erased")]}}])
                is_done = True
            update.refresh_from_db()
        hold = LegalHold.objects.current().first()
        return self.page(
            request,
            "progressupdate/erase_note",
            title=_("Erased. Copies may remain elsewhere.") if is_done else _("Erase the note for colleagues"),
            original=update,
            form=form,
            hold=hold_in_words(hold) if hold else "",
            has_note=noted().filter(pk=update.pk).exists(),
            copies=copies_of_notes(),
            is_done=is_done,
        )


class LegalHoldMixin(PagesMixin):
    """For the plan: place a legal hold, or lift it."""

    def get_urls(self) -> list[URLPattern]:
        return [self.act(self.legal_hold_view, "legal-hold/", "legal_hold"), *super().get_urls()]

    def legal_hold_view(self, request: HttpRequest, id: int) -> HttpResponseBase:
        plan: ActionPlan = self.found(request, id)
        # A colleague may have been first: the button says what was meant.
        lifts = "_lift" in request.POST
        if request.method == "POST" and not request.user.has_perm(LIFT_HOLD if lifts else PLACE_HOLD):
            raise PermissionDenied
        form = HoldForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            words: dict[str, Any] = {
                "reason": form.cleaned_data["reason"],
                "by": account_of(request),
                "at": timezone.now(),
            }
            try:
                if lifts:
                    lift_hold(**words)
                    message = _("Lifted. Notes whose term is over are announced again before they are erased.")
                else:
                    place_hold(**words)
                    message = _("Placed: no note for colleagues is erased until the hold is lifted.")
            except Refused as refused:
                for reason in refused.reasons:
                    form.add_error(None, reason)
            else:
                self.log_change(request, plan, [{"changed": {"fields": [_("legal hold")]}}])
                self.message_user(request, message, messages.SUCCESS)
                return HttpResponseRedirect(reverse("admin:recommendations_actionplan_legal_hold", args=[plan.pk]))
        hold = LegalHold.objects.current().first()
        return self.page(
            request,
            "actionplan/legal_hold",
            title=_("Legal hold"),
            original=plan,
            form=form,
            hold=hold,
            may_act=request.user.has_perm(LIFT_HOLD if hold else PLACE_HOLD),
            holds=plan.legal_holds.exclude(lifted_at=None).select_related("placed_by", "lifted_by"),
        )
