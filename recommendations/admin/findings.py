"""What was found in a thing's words: told after a save, and answered on a page of its own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import URLPattern, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from recommendations.accounts.roles import account_of
from recommendations.admin.forms.acts import AnswersForm
from recommendations.publishing.acts import Refused
from recommendations.publishing.answers import answer_findings
from recommendations.reading import findings
from recommendations.reading.findings import Finding

from .pages import PagesMixin

if TYPE_CHECKING:
    from django.contrib import admin

    class Base(PagesMixin, admin.ModelAdmin[Any]): ...
else:
    Base = PagesMixin

# Whoever may change what a finding is about may answer it.
MAY_ANSWER = {
    "update": "recommendations.change_progressupdate",
    "report": "recommendations.change_report",
    "beside": "recommendations.change_recommendation",
    "plan": "recommendations.change_actionplan",
}
# How many findings the messages after a save tell one by one.
TOLD = 5


class FindingsMixin(Base):
    """The page `<id>/check/` of a thing that readers see, and the messages after it was saved."""

    def get_urls(self) -> list[URLPattern]:
        return [self.act(self.check_view, "check/", "check"), *super().get_urls()]

    def found_in(self, thing: Any) -> list[Finding]:
        """Everything to check in `thing`, as it is saved."""
        return findings.of(thing, on=timezone.localdate())

    def what_prevents(self, thing: Any) -> tuple[str, ...]:
        """What prevents publishing it, if anything can."""
        return ()

    def check_view(self, request: HttpRequest, id: int) -> HttpResponseBase:
        """Everything to check in a thing; each finding can be answered, by whoever may change what it is about."""
        thing = self.found(request, id)
        found = self.found_in(thing)
        asked = [one for one in found if one.can_be_answered and request.user.has_perm(MAY_ANSWER[one.about])]
        form = AnswersForm(request.POST if request.method == "POST" else None, asked=asked)
        if request.method == "POST" and not self.has_change_permission(request, thing):
            raise PermissionDenied
        if request.method == "POST" and form.is_valid():
            try:
                kept = answer_findings(thing, reasons=form.reasons, by=account_of(request), at=timezone.now())
            except Refused as refused:
                for reason in refused.reasons:
                    form.add_error(None, reason)
            else:
                self.log_change(request, thing, [{"changed": {"fields": [_("answers to findings")]}}])
                words = ngettext("%(count)d answer is kept.", "%(count)d answers are kept.", len(kept))
                self.message_user(request, words % {"count": len(kept)}, messages.SUCCESS)
                return HttpResponseRedirect(self.next_address(request, thing))
        return self.page(
            request,
            "check",
            title=_("What to check in “%(title)s”") % {"title": Truncator(thing).chars(60)},
            original=thing,
            form=form,
            obstacles=self.what_prevents(thing),
            to_answer=[(one, form[one.key]) for one in asked if one.is_open],
            others=[one for one in found if one.is_open and one not in asked],
            answered=[(one, form[one.key] if one in asked else None) for one in found if not one.is_open],
            links=thing._meta.model_name == "report",
            next=self.next_address(request, thing),
            what_is_checked=findings.WHAT_IS_CHECKED,
        )

    def next_address(self, request: HttpRequest, thing: Any) -> str:
        """Where the page was opened from; without that, the form of `thing`."""
        address = request.POST.get("next") or request.GET.get("next", "")
        if url_has_allowed_host_and_scheme(address, allowed_hosts=None):
            return address
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[thing.pk])

    def found_after_save(self, thing: Any) -> list[Finding]:
        """What to tell of after `thing` was saved."""
        return self.found_in(thing)

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: Any = None) -> HttpResponse:
        response = super().response_add(request, obj, post_url_continue)
        self.tell(request, obj)
        return response

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        response = super().response_change(request, obj)
        self.tell(request, obj)
        return response

    def tell(self, request: HttpRequest, thing: Any) -> None:
        """Tell what is to be checked in `thing`, which was saved, with the page that takes the answers."""
        if found := [one for one in self.found_after_save(thing) if one.is_open]:
            self.message_user(request, self.to_check(thing, len(found)), messages.WARNING)
        tell(request, found)

    def to_check(self, thing: Any, count: int) -> SafeString:
        """How much is to be checked in `thing`, as a link to the page that takes the answers."""
        address = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_check", args=[thing.pk])
        words = ngettext("%(count)d thing to check", "%(count)d things to check", count) % {"count": count}
        return format_html('<a href="{}">{}</a>', address, words)


def tell(request: HttpRequest, found: Iterable[Finding]) -> None:
    """Warn of each of `found`, up to a number, in a message."""
    found = list(found)
    for one in found[:TOLD]:
        messages.warning(request, one.message)
    if more := len(found) - TOLD if len(found) > TOLD else 0:
        words = ngettext("%(count)d more thing to check.", "%(count)d more things to check.", more)
        messages.warning(request, words % {"count": more})
