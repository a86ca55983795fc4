"""The staff's site: its name, its navigation, its home page, and the preview of a passage.

It is not in `admin/` because the modules there register with it as they are imported, so it must exist before them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from recommendations.models import ActionPlan, Publication, TakeDown
from recommendations.reading.findings import of_support, while_writing
from recommendations.text import markup
from recommendations.workspace.backups import last_backup
from recommendations.workspace.board import board
from recommendations.workspace.next_act import next_act
from recommendations.workspace.reminders import undecided
from recommendations.workspace.setting_up import setting_up
from tracker import errors

from .all_changes import AllChangesSite
from .given_passwords import GivenPasswordSite
from .guessing import are_many_wrong
from .handbook_pages import HandbookSite
from .lockouts import locked_accounts
from .password_reset import PasswordResetSite
from .roles import ACCOUNTS, PUBLISH_REPORT, active_administrators
from .second_factor_resets import to_tell
from .security_page import SecuritySite
from .signing_out import SigningOutSite

# No passage may be longer; its form says so.
PREVIEW_LENGTH = 20_000


@dataclass(frozen=True)
class Subject:
    """A kind of thing that staff work on: its plural name, the addresses of its list and add page, and its purpose."""

    key: str
    name: str
    address: str
    add_address: str
    purpose: str
    is_daily: bool


class StaffSite(AllChangesSite, SecuritySite, SigningOutSite, HandbookSite, GivenPasswordSite, PasswordResetSite):
    site_title = _("Progress tracker, for staff")
    index_title = _("Workspace")
    index_template = "admin/index.html"
    enable_nav_sidebar = False
    empty_value_display = "–"

    ORDER = (
        "report",
        "progressupdate",
        "recommendation",
        "area",
        "responsibleparty",
        "actionplan",
        "term",
        "edition",
        "correction",
        "takedown",
        "user",
    )
    DAILY = ("report", "progressupdate", "recommendation")

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        context = super().each_context(request)
        plan = ActionPlan.objects.first()
        name = plan.organisation_name if plan else _("Progress tracker")
        may_enter = context["has_permission"]
        return {
            **context,
            "site_header": name,
            "subjects": self.subjects(request) if may_enter else [],
            "closed": plan if may_enter and plan and plan.closed_at else None,
        }

    def subjects(self, request: HttpRequest) -> list[Subject]:
        """What this account may see, in the order in which staff work."""
        found = []
        for model, model_admin in self._registry.items():
            if not model_admin.has_module_permission(request) or not model_admin.has_view_permission(request):
                continue
            options = model._meta
            key = options.model_name or ""
            address = f"{self.name}:{options.app_label}_{key}"
            found.append(
                Subject(
                    key=key,
                    name=str(getattr(model_admin, "plural", "") or options.verbose_name_plural).capitalize(),
                    address=reverse(f"{address}_changelist"),
                    add_address=reverse(f"{address}_add") if model_admin.has_add_permission(request) else "",
                    purpose=str(getattr(model_admin, "purpose", "")),
                    is_daily=key in self.DAILY,
                )
            )
        last = len(self.ORDER)
        return sorted(found, key=lambda one: self.ORDER.index(one.key) if one.key in self.ORDER else last)

    def get_urls(self) -> list[Any]:
        # No form of ours asks for choices, and Django answers some questions with an error (`field_name=corrections`).
        urls = [one for one in super().get_urls() if getattr(one, "name", "") != "autocomplete"]
        return [path("preview/", self.admin_view(self.preview), name="preview"), *urls]

    def preview(self, request: HttpRequest) -> HttpResponse:
        """A passage as readers will see it, unsaved, and what to check in it: the HTML alone, or a page for browsers
        without JavaScript."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        is_fragment = "fragment" in request.POST
        text = request.POST.get("text" if is_fragment else request.POST.get("preview", ""), "")[:PREVIEW_LENGTH]
        found = while_writing(text)
        if is_fragment:
            return HttpResponse(
                markup.render(text) + render_to_string("admin/workspace/_found.html", {"findings": found}).strip()
            )
        context = {**self.each_context(request), "title": _("Preview"), "text": text, "findings": found}
        return TemplateResponse(request, "admin/workspace/preview.html", context)

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        area, may_see = request.GET.get("area", ""), request.user.has_perm("recommendations.view_report")
        found = board(on=timezone.localdate(), area=area) if may_see else None
        is_open = not ActionPlan.objects.exclude(closed_at=None).exists()
        steps = setting_up() if is_open and request.user.has_perm(PUBLISH_REPORT) else None
        following = next_act(found.state, on=timezone.localdate()) if found and is_open and not steps else None
        reminders = [(one, request.user.has_perm(one.permission)) for one in found.reminders] if found else []
        administrates = request.user.has_perm(ACCOUNTS)
        context = {
            "board": found,
            "publication": Publication.objects.of(found.state.report, at=timezone.now()) if found else None,
            "at_area": found and found.area_named(area),
            "next_act": following,
            "may_write": is_open and request.user.has_perm("recommendations.add_progressupdate"),
            "may_correct": is_open and request.user.has_perm("recommendations.add_correction"),
            "may_act": bool(following and request.user.has_perm(following.permission)),
            "reminders": reminders,
            "undecided": undecided(on=timezone.localdate()),
            "unfinished": TakeDown.objects.unfinished(),
            "one_administrator": administrates and active_administrators().count() == 1,
            "resets": to_tell(at=timezone.now()) if administrates else [],
            "backup": last_backup(at=timezone.now()) if administrates else None,
            "locked": locked_accounts(at=timezone.now()) if administrates else [],
            "errors": errors.recent(at=timezone.now()) if administrates else [],
            "are_many_wrong": administrates and are_many_wrong(at=timezone.now()),
            "setting_up": steps,
            "lacking_support": [one for one in of_support() if one.is_open] if found and is_open and not steps else [],
        }
        return super().index(request, {**context, **(extra_context or {})})
