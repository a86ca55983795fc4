"""The pages of the acts on a progress update: publish it, correct it, withdraw it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import URLPattern, reverse
from django.utils import timezone, translation
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from recommendations.accounts.roles import CORRECT_UPDATE, PUBLISH_REPORT, PUBLISH_UPDATE, account_of
from recommendations.admin.forms.coverage import status_word
from recommendations.admin.forms.updates import CorrectionForm, EvidenceFormSet, PublishUpdateForm, WithdrawForm
from recommendations.models import Edition, ProgressUpdate, Recommendation, StatusWording
from recommendations.publishing.acts import Refused
from recommendations.publishing.history import moment_of, version_of
from recommendations.publishing.updates import Content, correct_update, publish_update, withdraw_update
from recommendations.reading import findings
from recommendations.reading.findings import Finding
from recommendations.reading.snapshot import update_entry
from recommendations.text.diff import words_compared
from recommendations.text.intake import id_in
from recommendations.workspace import drafting
from recommendations.workspace.corrections import contents_compared

from .base import BaseAdmin
from .findings import FindingsMixin, tell
from .set_aside import warn_of_exports

if TYPE_CHECKING:
    Base = BaseAdmin
else:
    Base = object


# What a correction of a word leaves alone: folded away until it is wanted.
BESIDE_TEXT = ("coverage", "dated_on", "dated_as_published", "sums_up")


class UpdateActsMixin(FindingsMixin, Base):
    """Each act has a page of its own that asks first. If the act is refused, what was typed is shown again."""

    def get_urls(self) -> list[URLPattern]:
        return [
            self.act(self.preview_view, "preview/", "preview"),
            self.act(self.publish_view, "publish/", "publish"),
            self.act(self.correct_view, "correct/", "correct"),
            self.act(self.withdraw_view, "withdraw/", "withdraw"),
            *super().get_urls(),
        ]

    def may_restore(self, request: HttpRequest, thing: Any) -> bool:
        ended = thing.published_at and not thing.is_public
        return super().may_restore(request, thing) and not ended

    def restore_view(self, request: HttpRequest, id: int) -> HttpResponseBase:
        """To restore what was published, open a correction that begins with the old words."""
        if not self.found(request, id).is_public:
            return super().restore_view(request, id)
        update = self.changeable(request, id, CORRECT_UPDATE)
        address = reverse("admin:recommendations_progressupdate_correct", args=[update.pk])
        return HttpResponseRedirect(f"{address}?{urlencode({'restore': request.GET.get('to', '')})}")

    def changeable(self, request: HttpRequest, id: int, permission: str) -> ProgressUpdate:
        update: ProgressUpdate = self.found(request, id)
        if not (request.user.has_perm(permission) and self.has_change_permission(request, update)):
            raise PermissionDenied
        return update

    def after_correction(
        self, request: HttpRequest, update: ProgressUpdate, done: str, *, found: Iterable[Finding]
    ) -> HttpResponseRedirect:
        """Say what was `done`, and what was `found` in it, and offer the edition that takes it in; with the button
        “_edition”, go there at once."""
        leads_to = self.back(update)
        if edition := self.corrected_in(request, update):
            address = reverse("admin:recommendations_report_publish", args=[edition.report_id])
            old = _("Edition %(number)d of “%(title)s” still has the old words.")
            old %= {"number": edition.number, "title": edition.report.title}
            if "_edition" in request.POST:
                leads_to, offer = HttpResponseRedirect(address), SafeString("")
            else:
                offer = format_html('<a href="{}">{}</a>', address, _("Publish a corrected edition…"))
            done = format_html("{} {} {}", done, old, offer)
        self.message_user(request, done, messages.SUCCESS)
        tell(request, found)
        return leads_to

    @staticmethod
    def corrected_in(request: HttpRequest, update: ProgressUpdate) -> Edition | None:
        """The newest edition that holds `update`, for somebody who may publish the next one."""
        may_publish = request.user.has_perms([PUBLISH_REPORT, "recommendations.change_report"])
        return Edition.objects.newest_holding(update) if may_publish else None

    def back(self, update: ProgressUpdate) -> HttpResponseRedirect:
        return HttpResponseRedirect(reverse("admin:recommendations_progressupdate_change", args=[update.pk]))

    def preview_view(self, request: HttpRequest, id: int) -> HttpResponseBase:
        """Show what is saved of an unpublished update as readers will see it, in their language."""
        update: ProgressUpdate = self.found(request, id)
        if update.published_at:
            return self.back(update)
        stored = ProgressUpdate.objects.for_snapshot().get(pk=update.pk)
        entry, language = update_entry(stored), update.area.plan.language
        texts = {one.recommendation.reference: one.recommendation.text for one in stored.assessments.all()}
        with translation.override(language):
            labels = StatusWording.objects.labelled(entry.statuses)
        return self.page(
            request,
            "progressupdate/preview",
            title=_("Preview of U%(number)d") % {"number": update.pk},
            original=update,
            entry=entry,
            language=language,
            covered=[
                (reference, texts[reference], key, label)
                for (reference, key), (_reference, label) in zip(entry.statuses, labels, strict=True)
            ],
            findings=findings.of_update(update),
            what_is_checked=findings.WHAT_IS_CHECKED,
            back=request.GET.get("back") == "board",
        )

    def publish_view(self, request: HttpRequest, id: int) -> HttpResponseBase:
        """Publish one update on the website now, apart from any report; ask first."""
        update = self.changeable(request, id, PUBLISH_UPDATE)
        if update.published_at:
            self.message_user(request, _("It is already published."), messages.WARNING)
            return self.back(update)
        form = PublishUpdateForm(
            request.POST if request.method == "POST" else None, initial={"version": version_of(update)}
        )
        if request.method == "POST" and form.is_valid():
            try:
                seen = form.cleaned_data["version"]
                publish_update(update, by=account_of(request), at=timezone.now(), expected=seen)
            except Refused as refused:
                form = PublishUpdateForm(initial={"version": version_of(update)})
                for reason in refused.reasons:
                    self.message_user(request, reason, messages.ERROR)
            else:
                self.log_change(request, update, [{"changed": {"fields": [_("published")]}}])
                self.message_user(request, _("Published: readers see it on the website now."), messages.SUCCESS)
                return self.back(update)
        return self.page(
            request,
            "progressupdate/publish",
            title=_("Publish this update on the website now?"),
            original=update,
            form=form,
            obstacles=update.obstacles(on=timezone.localdate()),
            findings=(found := self.found_in(update)),
            is_to_check=any(one.is_open for one in found),
            what_is_checked=findings.WHAT_IS_CHECKED,
            last=(last := drafting.last_published(update)),
            compared=words_compared(last.text, update.text) if last else (),
            content=Content.of(update),
            assessments=update.assessments.all(),
        )

    def correct_view(self, request: HttpRequest, id: int) -> HttpResponseBase:
        """Correct what a published update says."""
        update = self.changeable(request, id, CORRECT_UPDATE)
        if not update.is_public:
            if request.method == "POST":
                why = _("A colleague has withdrawn it, set it aside or taken it down, so it can't be corrected.")
                return self.unsaved_page(request, update, why, _typed(request, "evidence"))
            self.message_user(request, _("Only an update that readers see can be corrected."), messages.WARNING)
            return self.back(update)
        content = Content.of(update)
        if request.method != "POST":
            then = moment_of(update, request.GET.get("restore", ""))
            start = Content.at(then) if then else content
            form = CorrectionForm(instance=update, initial=_as_initial(start, update))
            evidence = EvidenceFormSet(prefix="evidence", stored=start.links)
            return self.correct_page(request, update, form, evidence, then=then)
        form = CorrectionForm(request.POST, instance=ProgressUpdate.objects.get(pk=update.pk))
        evidence = EvidenceFormSet(request.POST, prefix="evidence", stored=content.links)
        shown: dict[str, Any] = {}
        if all([form.is_valid(), evidence.is_valid()]):
            wanted = form.content(evidence.links())
            if form.cleaned_data["is_minor"] and (touched := wanted.moved_against(content)):
                form.refuse_as_minor(touched)
                return self.correct_page(request, update, form, evidence)
            moved = findings.moved_into_published_period(update, to=wanted.dated_on)
            done = findings.newly_completed(update, before=content.statuses, now=wanted.statuses)
            noted = findings.in_text(form.cleaned_data["note"], name=_("the public note"))
            shown = {
                "is_shown": True,
                "compared": contents_compared(content, wanted),
                "findings": [*moved, *done, *findings.in_text(wanted.text, addresses=wanted.addresses), *noted],
                "what_is_checked": findings.WHAT_IS_CHECKED,
            }
            if "_compare" in request.POST:
                return self.correct_page(request, update, form, evidence, **shown)
            try:
                correct_update(
                    update,
                    content=wanted,
                    note=form.cleaned_data["note"],
                    by=account_of(request),
                    at=timezone.now(),
                    is_minor=form.cleaned_data["is_minor"],
                    # Never empty: an empty one would switch the check off.
                    expected=form.cleaned_data["expected"] or "-",
                )
            except Refused as refused:
                for reason in refused.reasons:
                    form.add_error(None, reason)
            else:
                self.log_change(request, update, [{"changed": {"fields": [_("correction")]}}])
                words = _("Corrected: readers see the new text and your note.")
                return self.after_correction(request, update, words, found=[*moved, *noted])
        return self.correct_page(request, update, form, evidence, **shown)

    def overtaken(self, request: HttpRequest, update: ProgressUpdate) -> HttpResponse:
        """A draft's form came in after a colleague published it: offer what was typed as a correction."""
        if not update.is_public:
            why = _(
                "While you were writing, a colleague published it and then withdrew it, set it aside or took it down."
            )
            return self.unsaved_page(request, update, why, _typed(request, "evidence_links"))
        typed = request.POST.copy()
        for name in request.POST:
            if (renamed := name.replace("evidence_links-", "evidence-", 1)) != name:
                typed.setlist(renamed, request.POST.getlist(name))
        form = CorrectionForm(typed, instance=ProgressUpdate.objects.get(pk=update.pk))
        evidence = EvidenceFormSet(typed, prefix="evidence", stored=Content.of(update).links)
        # Nobody was asked for a public note yet.
        form.errors.pop("note", None)
        apart = [
            (_("Note for colleagues"), typed.get("private_note", "")),
            (_("Reason for this change"), typed.get("change_reason", "")),
        ]
        return self.correct_page(request, update, form, evidence, was_draft=True, apart=apart)

    def correct_page(
        self, request: HttpRequest, update: ProgressUpdate, form: CorrectionForm, evidence: Any, **context: Any
    ) -> HttpResponse:
        stored: Content | None = None
        if form.is_bound:
            row = ProgressUpdate.objects.get(pk=update.pk)
            if form.data.get("expected") != (now := Content.of(row)).fingerprint:
                stored = now
                form.compare_with(row)
                if not evidence.has_changed():
                    evidence = EvidenceFormSet(prefix="evidence", stored=now.links)
        return self.page(
            request,
            "progressupdate/correct",
            title=_("Correct a published update"),
            original=update,
            form=form,
            evidence=evidence,
            stored=stored,
            edition=self.corrected_in(request, update),
            error_count=len(form.errors) + evidence.total_error_count(),
            is_open=bool(stored or context.get("then") or _beside_text(form) or evidence.has_changed()),
            media=self.media + form.media,
            **context,
        )

    def withdraw_view(self, request: HttpRequest, id: int) -> HttpResponseBase:
        update = self.changeable(request, id, CORRECT_UPDATE)
        if not update.is_public:
            if note := request.POST.get("note", ""):
                why = _("A colleague withdrew it, set it aside or took it down while you were writing.")
                return self.unsaved_page(request, update, why, [(_("Public note"), note)])
            self.message_user(request, _("Only an update that readers see can be withdrawn."), messages.WARNING)
            return self.back(update)
        form = WithdrawForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            try:
                withdraw_update(update, note=form.cleaned_data["note"], by=account_of(request), at=timezone.now())
            except Refused as refused:
                for reason in refused.reasons:
                    form.add_error(None, reason)
            else:
                self.log_change(request, update, [{"changed": {"fields": [_("withdrawal")]}}])
                noted = findings.in_text(form.cleaned_data["note"], name=_("the public note"))
                words = _("Withdrawn: readers see your note instead.")
                warn_of_exports(request)
                return self.after_correction(request, update, words, found=noted)
        return self.page(
            request,
            "progressupdate/withdraw",
            title=_("Withdraw a published update"),
            original=update,
            form=form,
            editions=Edition.objects.holding(update).filter(take_down=None),
        )


def _beside_text(form: CorrectionForm) -> set[str]:
    """The fields beside the text and the note that a correction changes, or that are wrong."""
    return {*form.errors, *(form.changed_data if form.is_bound else ())} & {*BESIDE_TEXT}


def _as_initial(content: Content, update: ProgressUpdate) -> dict[str, Any]:
    """The initial values of the correction's form for `content`."""
    ids = {one.reference: one.pk for one in update.area.recommendations.all()}
    return {
        "text": content.text,
        "dated_on": content.dated_on,
        "dated_as_published": content.dated_as_published,
        "sums_up": content.sums_up,
        "coverage": {ids[reference]: status for reference, status in content.statuses},
    }


def _typed(request: HttpRequest, evidence: str) -> Iterator[tuple[str, str]]:
    """Labels and words of what was sent for an update; `evidence` is the prefix of its links' fields."""
    sent = request.POST
    yield _("Text"), sent.get("text", "")
    yield _("Date"), " – ".join(filter(None, (sent.get("dated_on"), sent.get("dated_as_published"))))
    ids = [id for one in sent.getlist("coverage") if (id := id_in(one)) is not None]
    covered = Recommendation.objects.filter(pk__in=ids).in_order()
    chosen = ((one.reference, status_word(sent.get(f"coverage-{one.pk}", ""))) for one in covered)
    statuses = StatusWording.objects.labelled(chosen)
    yield _("Recommendations covered"), "\n".join(f"{reference}: {label}" for reference, label in statuses)
    yield _("Public note"), sent.get("note", "")
    yield _("Note for colleagues"), sent.get("private_note", "")
    yield _("Reason for this change"), sent.get("change_reason", "")
    for name in sent:
        if name.startswith(f"{evidence}-") and name.endswith("-address") and sent[name]:
            beside = (sent.get(name.replace("-address", part), "") for part in ("-label", "-archived_address"))
            label, archived = beside
            yield _("Evidence"), "\n".join(filter(None, (label, sent[name], archived)))
