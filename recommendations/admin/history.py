"""The page that shows the history of a thing, and the page that restores an earlier version."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import URLPattern, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from recommendations.accounts.roles import account_of
from recommendations.admin.forms.acts import RestoreForm
from recommendations.admin.forms.conflicts import set_hidden
from recommendations.admin.forms.plan import TextChange
from recommendations.models import FindingAnswer
from recommendations.publishing.acts import Refused
from recommendations.publishing.history import histories, moment_of, restorable, version_of
from recommendations.publishing.plan_changes import content_at
from recommendations.publishing.restoring import restore
from recommendations.reading.adopted import content_of, is_adopted
from recommendations.text import dates
from recommendations.workspace.history import History, moments_compared, present

from .pages import PagesMixin

# How many saves a page lists.
PAGE_LENGTH = 50


class HistoryMixin(PagesMixin):
    """The pages of a thing's history: who changed what, when and why."""

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        thing = self.get_object(request, unquote(object_id))
        if thing is None:
            raise Http404
        if not self.has_view_or_change_permission(request, thing):
            raise PermissionDenied
        if not histories(thing):
            return super().history_view(request, object_id, extra_context)
        title = _("History of “%(thing)s”") % {"thing": thing}
        history = History(thing)
        number = request.GET.get("page") or history.place(request.GET.get("save", "")) // PAGE_LENGTH + 1
        page = Paginator(history, PAGE_LENGTH).get_page(number)
        earlier, later = moment_of(thing, request.GET.get("from", "")), moment_of(thing, request.GET.get("to", ""))
        if earlier and later and earlier.at > later.at:
            earlier, later = later, earlier
        return self.page(
            request,
            "history",
            title=title,
            original=thing,
            entries=page,
            is_single=len(history) < 2,
            earlier=earlier,
            later=later,
            compared=moments_compared(earlier, later) if earlier and later else [],
            may_restore=self.may_restore(request, thing),
            answers=FindingAnswer.objects.kept_with(thing),
        )

    def may_restore(self, request: HttpRequest, thing: Any) -> bool:
        return bool(histories(thing)) and self.has_change_permission(request, thing)

    def restore_view(self, request: HttpRequest, id: int) -> HttpResponseBase:
        """Restore an earlier version: show what that changes, and ask first."""
        thing = self.found(request, id)
        if not self.may_restore(request, thing):
            raise PermissionDenied
        then = moment_of(thing, request.GET.get("to", ""))
        if then is None:
            self.message_user(request, _("In the history, choose the version to restore."), messages.WARNING)
            history = f"admin:{self.opts.app_label}_{self.opts.model_name}_history"
            return HttpResponseRedirect(reverse(history, args=[id]))
        contents: dict[str, Any] = {"before": None, "after": None}
        if is_adopted(thing):
            contents = {"before": content_of(thing), "after": content_at(thing, then)}
        version = {"version": version_of(thing)}
        form = RestoreForm(request.POST if request.method == "POST" else None, initial=version, **contents)
        if request.method == "POST" and form.is_valid():
            day = dates.moment(then.at)
            reason = _("Restored as it was on %(day)s") % {"day": day}
            if why := form.cleaned_data["change_reason"]:
                reason = f"{reason}: {why}"
            try:
                restore(
                    thing,
                    moment=then,
                    expected=form.cleaned_data["version"],
                    by=account_of(request),
                    at=timezone.now(),
                    reason=reason,
                    note=form.cleaned_data.get("public_reason", ""),
                    is_spelling=form.cleaned_data.get("text_change") == TextChange.SPELLING,
                )
            except Refused as refused:
                set_hidden(form, "version", version_of(thing))
                for one in refused.reasons:
                    self.message_user(request, one, messages.ERROR)
            else:
                self.log_change(request, thing, [{"changed": {"fields": [_("restored")]}}])
                self.message_user(request, _("Restored. The version before is in the history."), messages.SUCCESS)
                name = f"admin:{self.opts.app_label}_{self.opts.model_name}_change"
                return HttpResponseRedirect(reverse(name, args=[thing.pk]))
        comes_back = restorable(then)
        title = _("Restore “%(thing)s”?") % {"thing": thing}
        compared = moments_compared(present(thing), comes_back)
        return self.page(
            request,
            "restore",
            title=title,
            original=thing,
            form=form,
            then=then,
            compared=compared,
            is_whole=comes_back.parts == then.parts,
            is_linked=comes_back.many == then.many,
        )

    def get_urls(self) -> list[URLPattern]:
        return [self.act(self.restore_view, "restore/", "restore"), *super().get_urls()]
