"""Take down and erase, for safety: administrators only, and each of the two steps asks first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import URLPattern, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from recommendations.accounts.roles import ERASE, TAKE_DOWN, account_of
from recommendations.admin import exports
from recommendations.admin.forms.acts import EraseForm, TakeDownForm
from recommendations.models import Edition, LegalHold, ProgressUpdate, TakeDown
from recommendations.publishing.acts import Refused
from recommendations.publishing.erasure import erase
from recommendations.publishing.history import name_of
from recommendations.publishing.notes import hold_in_words
from recommendations.publishing.site_export import exported_with
from recommendations.publishing.takedowns import take_down, take_down_editions
from recommendations.reading.findings import in_text
from recommendations.text import dates
from recommendations.text.intake import id_in

from .base import BaseAdmin, ReadOnlyAdmin, shown_moment
from .findings import tell

if TYPE_CHECKING:
    Base = BaseAdmin
else:
    Base = object


def demand(request: HttpRequest, permission: str) -> User:
    """The account, if it has the permission; else PermissionDenied."""
    if not request.user.has_perm(permission):
        raise PermissionDenied
    return account_of(request)


class TakeDownMixin(Base):
    """The first step, for updates and editions: take it off the public pages at once."""

    def get_urls(self) -> list[URLPattern]:
        return [self.act(self.take_down_view, "take-down/", "take_down"), *super().get_urls()]

    def take_down_view(self, request: HttpRequest, id: int) -> HttpResponseBase:
        administrator = demand(request, TAKE_DOWN)
        thing: ProgressUpdate | Edition = self.found(request, id)
        if thing.is_taken_down:
            if typed := request.POST.get("reason", ""):
                why = _("A colleague took it down while you were writing, for the reason recorded.")
                return self.unsaved_page(request, thing, why, [(_("Public reason"), typed)])
            return HttpResponseRedirect(reverse("admin:recommendations_takedown_change", args=[thing.take_down.pk]))
        form = TakeDownForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            try:
                removal = take_down(thing, reason=form.cleaned_data["reason"], by=administrator, at=timezone.now())
            except Refused as refused:
                for reason in refused.reasons:
                    form.add_error(None, reason)
            else:
                message = _(
                    "Taken down: its address now shows only your reason. Please read on: there is a second step."
                )
                self.message_user(request, message, messages.SUCCESS)
                tell(request, in_text(removal.reason, name=_("the public reason")))
                return HttpResponseRedirect(reverse("admin:recommendations_takedown_change", args=[removal.pk]))
        return self.page(
            request,
            "takedown/take_down",
            title=_("Take down for safety"),
            original=thing,
            form=form,
            is_edition=isinstance(thing, Edition),
            was_published=isinstance(thing, Edition) or bool(thing.published_at),
            unfinished=TakeDown.objects.unfinished(),
            editions=Edition.objects.holding(thing) if isinstance(thing, ProgressUpdate) else [],
        )


@admin.register(TakeDown)
class TakeDownAdmin(ReadOnlyAdmin):
    export = exports.TAKE_DOWNS
    purpose = gettext_lazy(
        "What was removed from the public pages for safety. To take something down, start from the update or "
        "the edition."
    )
    list_display = ["taken_down", "what", "reason", "by", "erased"]
    search_fields = ["reason"]
    fields: ClassVar[Any] = ["what", "reason", "taken_down", "by", "erased"]
    readonly_fields: ClassVar[Any] = fields
    change_form_template = "admin/takedown/change_form.html"

    taken_down = shown_moment("taken_down_at", gettext_lazy("taken down at"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return TakeDown.objects.select_related("update__area", "edition__report", "taken_down_by")

    def get_urls(self) -> list[URLPattern]:
        return [
            self.act(self.erase_view, "erase/", "erase"),
            self.act(self.take_down_editions_view, "editions/", "take_down_editions"),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        words: dict[str, Any] = {"title": _("Take-down"), "subtitle": None, "unfinished": TakeDown.objects.unfinished()}
        id = id_in(object_id)
        if removal := None if id is None else TakeDown.objects.filter(pk=id).first():
            words["copies"] = exported_with(removal)
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **words})

    def take_down_editions_view(self, request: HttpRequest, id: int) -> HttpResponseBase:
        """Take down, for one reason, all editions that still show an update that was taken down."""
        administrator = demand(request, TAKE_DOWN)
        removal: TakeDown = self.found(request, id)
        form = TakeDownForm(
            request.POST if request.method == "POST" else None,
            initial={"reason": removal.reason if removal.update else ""},
        )
        if request.method == "POST" and form.is_valid():
            try:
                removals = take_down_editions(
                    removal, reason=form.cleaned_data["reason"], by=administrator, at=timezone.now()
                )
            except Refused as refused:
                for reason in refused.reasons:
                    form.add_error(None, reason)
            else:
                words = ngettext(
                    (
                        "%(count)d edition is taken down: no edition contains those words any more. You can "
                        "erase them now."
                    ),
                    (
                        "%(count)d editions are taken down: no edition contains those words any more. You can "
                        "erase them now."
                    ),
                    len(removals),
                )
                self.message_user(request, words % {"count": len(removals)}, messages.SUCCESS)
                tell(request, in_text(removals[0].reason, name=_("the public reason")))
                return HttpResponseRedirect(reverse("admin:recommendations_takedown_change", args=[removal.pk]))
        return self.page(
            request,
            "takedown/editions",
            title=_("Take down all these editions"),
            original=removal,
            form=form,
            editions=removal.editions_left,
        )

    def erase_view(self, request: HttpRequest, id: int) -> HttpResponseBase:
        """The second step: erase the words from this database, except in editions that are still public."""
        administrator = demand(request, ERASE)
        removal: TakeDown = self.found(request, id)
        form = EraseForm(request.POST if request.method == "POST" else None)
        copies: list[str] = []
        if request.method == "POST" and form.is_valid():
            try:
                copies = erase(removal, by=administrator, at=timezone.now())
            except Refused as refused:
                for reason in refused.reasons:
                    form.add_error(None, reason)
            else:
                removal = TakeDown.objects.get(pk=removal.pk)
        hold = LegalHold.objects.current().first()
        title = _("Erased. Copies may remain elsewhere.") if copies else _("Erase what was taken down")
        return self.page(
            request,
            "takedown/erase",
            title=title,
            original=removal,
            form=form,
            copies=copies,
            hold=hold_in_words(hold) if hold else "",
            what=self.what(removal),
            is_edition=removal.edition_id is not None,
            unfinished=TakeDown.objects.unfinished(),
        )

    @admin.display(description=gettext_lazy("what"))
    def what(self, removal: TakeDown) -> SafeString:
        if removal.edition:
            return _link("admin:recommendations_edition_change", removal.edition_id, str(removal))
        return _link("admin:recommendations_progressupdate_change", removal.update_id, str(removal))

    @admin.display(description=gettext_lazy("by"))
    def by(self, removal: TakeDown) -> str:
        return name_of(removal.taken_down_by)

    @admin.display(description=gettext_lazy("erased"))
    def erased(self, removal: TakeDown) -> str:
        if removal.erased_at is None:
            return _("Not yet: the words are still in this database")
        return _("On %(day)s") % {"day": dates.day(removal.erased_at)}


def _link(name: str, id: Any, words: str) -> SafeString:
    return format_html('<a href="{}">{}</a>', reverse(name, args=[id]), words)
