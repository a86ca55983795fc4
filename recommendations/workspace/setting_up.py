"""The steps from an empty tracker to its first published report: which are done, and where the next one begins."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from recommendations.models import ActionPlan, ProgressUpdate, Recommendation, Report
from recommendations.models.plan import has_editions

Words = str | Promise


@dataclass(frozen=True)
class Step:
    """One step: what it is called, what to do there, the words on its button, and the address that leads to."""

    name: Words
    help: Words
    button: Words
    address: str
    is_done: bool


@dataclass(frozen=True)
class SettingUp:
    """The steps in their order, and the first of them that isn't done; what readers miss, which can wait."""

    steps: tuple[Step, ...]
    missing: tuple[Words, ...]

    @property
    def next(self) -> Step | None:
        return next((step for step in self.steps if not step.is_done), None)


def setting_up() -> SettingUp | None:
    """How far the tracker is on its way to the first published report; None from then on."""
    return None if has_editions() else SettingUp(tuple(_steps()), tuple(_missing()))


def _steps() -> Iterator[Step]:
    report = Report.objects.order_by("ends_on").last()
    yield Step(
        _("Enter your plan"),
        _("One page asks whose plan it is, what it is called, and in which language. All else on it can wait."),
        _("Enter your plan"),
        reverse("admin:recommendations_actionplan_add"),
        ActionPlan.objects.exists(),
    )
    yield Step(
        _("Import your recommendations"),
        _("From a spreadsheet, with one row for each. You see what would be imported before anything is saved."),
        _("Import a spreadsheet"),
        reverse("admin:recommendations_recommendation_import"),
        Recommendation.objects.exists(),
    )
    yield Step(
        _("Write your first update"),
        _("Say what happened, which recommendations it is about, and where they stand now. Then publish it."),
        _("Write an update"),
        reverse("admin:recommendations_progressupdate_add"),
        ProgressUpdate.objects.exclude(ready_at=None).exists(),
    )
    yield Step(
        _("Start your first report"),
        _("Choose its period, and write an introduction. You can change both until it is published."),
        _("Start a report"),
        reverse("admin:recommendations_report_add"),
        report is not None,
    )
    yield Step(
        _("Publish the report"),
        _("Check the page and the PDF first. What you publish stays at its address, word for word."),
        _("Publish the report…"),
        reverse("admin:recommendations_report_publish", args=[report.pk]) if report else "",
        False,
    )


def _missing() -> Iterator[Words]:
    """What the plan doesn't say yet of the organization and for readers in need; nothing before there is one."""
    plan = ActionPlan.objects.prefetch_related("support_links").first()
    if plan is None:
        return
    if not plan.support_links.all():
        yield _("where readers find support")
    if not plan.organisation_about:
        yield _("who you are")
    if not plan.site_acknowledgement:
        yield _("your acknowledgement of the territories that you work on")
    if not plan.contact_email:
        yield _("an e-mail address for errors and replies")
    elif not plan.contact_name:
        yield _("who reads what is sent to your address")
