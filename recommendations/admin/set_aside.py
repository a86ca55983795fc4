"""Set aside an update or an edition with one press; an administrator then restores it or takes it down."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import URLPattern, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from recommendations.accounts.roles import RESTORE_SET_ASIDE, SET_ASIDE, account_of
from recommendations.admin.forms.acts import RestoreSetAsideForm
from recommendations.models import Edition, ProgressUpdate, SetAside
from recommendations.publishing.acts import Refused
from recommendations.publishing.history import name_of
from recommendations.publishing.site_export import exported_before
from recommendations.publishing.takedowns import restore_set_aside, set_aside

from .base import BaseAdmin

if TYPE_CHECKING:
    Base = BaseAdmin
else:
    Base = object


class SetAsideMixin(Base):
    """For updates and editions: the button in the list and on the page, and the page that restores."""

    change_list_template = "admin/set_aside_change_list.html"

    def get_urls(self) -> list[URLPattern]:
        return [
            self.act(self.set_aside_view, "set-aside/", "set_aside"),
            self.act(self.restore_set_aside_view, "set-aside/restore/", "restore_set_aside"),
            *super().get_urls(),
        ]

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        shown = [*super().get_list_display(request)]
        return [*shown, "set_aside_button"] if request.user.has_perm(SET_ASIDE) else shown

    @admin.display(description=gettext_lazy("for safety"))
    def set_aside_button(self, thing: ProgressUpdate | Edition) -> SafeString | str:
        """A button that sends the form above the list: see admin/_set_aside_form.html."""
        if not may_be_set_aside(thing):
            return ""
        address = f"{self.address_of('set_aside', thing)}?back=list"
        return format_html(
            '<button type="submit" class="button quiet" form="set-aside" formaction="{}">{}'
            '<span class="visually-hidden">: {}</span></button>',
            address,
            _("Set aside now"),
            thing,
        )

    def address_of(self, act: str, thing: ProgressUpdate | Edition) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_{act}", args=[thing.pk])

    def set_aside_view(self, request: HttpRequest, id: int) -> HttpResponseBase:
        """Act at once without asking: danger may leave no time, and it can be restored."""
        if not request.user.has_perm(SET_ASIDE):
            raise PermissionDenied
        thing: ProgressUpdate | Edition = self.found(request, id)
        if request.method == "POST":
            try:
                aside = set_aside(thing, by=account_of(request), at=timezone.now())
            except Refused as refused:
                self.message_user(request, str(refused), messages.ERROR)
            else:
                self.message_user(request, self.message_on(request, aside), messages.SUCCESS)
                warn_of_exports(request)
        match request.GET.get("back"):
            case "board":
                return HttpResponseRedirect(reverse("admin:index"))
            case "list":
                return HttpResponseRedirect(reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist"))
        return HttpResponseRedirect(self.address_of("change", thing))

    @staticmethod
    def message_on(request: HttpRequest, aside: SetAside) -> str:
        if aside.set_aside_by != request.user:
            return _("%(who)s already set it aside.") % {"who": name_of(aside.set_aside_by)}
        if aside.update is None:
            return _(
                "Set aside: readers can no longer see this edition. An administrator will decide what happens next."
            )
        return _(
            "Set aside: readers can no longer see it, or any edition that contains it. An administrator "
            "will decide what happens next."
        )

    def restore_set_aside_view(self, request: HttpRequest, id: int) -> HttpResponseBase:
        if not request.user.has_perm(RESTORE_SET_ASIDE):
            raise PermissionDenied
        thing: ProgressUpdate | Edition = self.found(request, id)
        aside = thing.set_asides.undecided().first()
        if aside is None:
            if typed := request.POST.get("reason", ""):
                why = _("A colleague already decided this while you were writing.")
                return self.unsaved_page(request, thing, why, [(_("Why readers can see it again"), typed)])
            self.message_user(
                request, _("It wasn't set aside itself, so there is nothing to restore."), messages.WARNING
            )
            return HttpResponseRedirect(self.address_of("change", thing))
        form = RestoreSetAsideForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            try:
                restore_set_aside(aside, reason=form.cleaned_data["reason"], by=account_of(request), at=timezone.now())
            except Refused as refused:
                for reason in refused.reasons:
                    form.add_error(None, reason)
            else:
                self.message_user(request, _("Restored: readers can see it again."), messages.SUCCESS)
                return HttpResponseRedirect(self.address_of("change", thing))
        held = Edition.objects.holding(thing).filter(take_down=None) if isinstance(thing, ProgressUpdate) else [thing]
        return self.page(
            request,
            "restore_set_aside",
            title=_("Let readers see it again?"),
            original=thing,
            aside=aside,
            form=form,
            is_update=isinstance(thing, ProgressUpdate),
            editions=held,
        )


def warn_of_exports(request: HttpRequest) -> None:
    """Tell of the copies of the site that may still show what was hidden now."""
    if copies := exported_before(timezone.now()):
        words = _("Copies of the site may still contain it. Tell the person who looks after the server: %(copies)s.")
        messages.warning(request, words % {"copies": "; ".join(copies)})


def may_be_set_aside(thing: ProgressUpdate | Edition) -> bool:
    """Whether the public sees it now."""
    return thing.published_at is not None and not thing.is_taken_down and not thing.is_set_aside
