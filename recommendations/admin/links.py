"""The page of links that are gone: what staff answer there decides what readers see."""

from __future__ import annotations

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from recommendations.accounts.roles import DECIDE_LINK, account_of
from recommendations.models import LinkCheck, LinkDecision
from recommendations.publishing.acts import Refused
from recommendations.publishing.history import name_of
from recommendations.publishing.link_checks import decide_link
from recommendations.workspace.missing_links import MissingLink, missing_links

from .base import ReadOnlyAdmin


@admin.register(LinkCheck)
class LinkCheckAdmin(ReadOnlyAdmin):
    """One page with all of them. The board leads to it when there is something on it, the list of subjects never."""

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_changelist"
        return [
            path("", self.admin_site.admin_view(self.list_view), name=name),
            self.act(self.decide_view, "decide/", "decide"),
        ]

    def has_module_permission(self, request: HttpRequest) -> bool:
        return False

    def list_view(self, request: HttpRequest) -> HttpResponseBase:
        if not self.has_view_permission(request):
            raise PermissionDenied
        missing = missing_links(on=timezone.localdate())
        return self.page(
            request,
            "linkcheck/list",
            title=str(self.opts.verbose_name_plural).capitalize(),
            original=None,
            links=[(one, self.places(request, one), self.answered(one)) for one in missing],
            may_decide=request.user.has_perm(DECIDE_LINK),
            choices=LinkDecision.Choice,
        )

    def decide_view(self, request: HttpRequest, id: int) -> HttpResponseBase:
        if not request.user.has_perm(DECIDE_LINK):
            raise PermissionDenied
        link: LinkCheck = self.found(request, id)
        choice = request.POST.get("choice", "")
        if choice in LinkDecision.Choice.values:
            try:
                decide_link(link, choice=LinkDecision.Choice(choice), by=account_of(request), at=timezone.now())
            except Refused as refused:
                self.message_user(request, str(refused), messages.WARNING)
            else:
                self.message_user(request, _("Your answer is kept. Readers see it at once."), messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:recommendations_linkcheck_changelist"))

    @staticmethod
    def places(request: HttpRequest, missing: MissingLink) -> list[tuple[str, str]]:
        """Where it is used, each with the address of the page to change it on, as far as the account may open it."""
        found = []
        for use in missing.uses:
            options = use.subject._meta
            may_open = request.user.has_perm(f"{options.app_label}.view_{options.model_name}")
            name = f"admin:{options.app_label}_{options.model_name}_change"
            found.append((use.where, reverse(name, args=[use.subject.pk]) if may_open else ""))
        return list(dict.fromkeys(found))

    @staticmethod
    def answered(missing: MissingLink) -> str:
        return name_of(missing.decision.decided_by) if missing.decision else ""
