"""The forms of updates, their evidence and their corrections."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.text import get_text_list
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from recommendations.models import Area, Assessment, EvidenceLink, ProgressUpdate, Recommendation, Report
from recommendations.models.statuses import NOTE_LENGTH
from recommendations.publishing.acts import put_on_record
from recommendations.publishing.updates import Content
from recommendations.text import dates
from recommendations.text.intake import id_in
from recommendations.workspace.so_far import so_far

from .conflicts import BaseForm, SignedOutMixin, as_sent, set_hidden
from .coverage import CoverageField
from .fields import PassageFormField, Prose, asked_for, offer, short
from .parts import OpenedRowsMixin

if TYPE_CHECKING:
    ModelForm = forms.ModelForm[Any]
    FormSet = forms.BaseFormSet[Any]
else:
    ModelForm, FormSet = forms.ModelForm, forms.BaseFormSet


class UpdateForm(BaseForm):
    """A progress update with its assessments. `area` must be set on the class, or stand in the instance.

    Sent with the button “_ready” or “_publish” it must be complete; a ready one stays so unless it goes back to draft.
    """

    coverage = CoverageField(
        label=_("Recommendations covered, and where each stands"),
        help_text=_("Tick each one the text is about, and choose where it stands now. The others keep their status."),
    )

    area: Area | None = None

    class Meta:
        model = ProgressUpdate
        fields = ["text", "dated_on", "dated_as_published", "sums_up", "private_note"]
        formfield_callback = asked_for
        widgets = {"text": Prose}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.covered: dict[int, str] = {}
        self.kept: list[int] = []
        if self.instance._state.adding and self.area:
            self.instance.area = self.area
        elif not self.instance._state.adding:
            self.covered = dict(self.instance.assessments.values_list("recommendation_id", "status"))
        of_area = Recommendation.objects.filter(area_id=self.instance.area_id)
        offered = of_area.current(self.earliest_day()) | of_area.filter(pk__in=[*self.covered, *self.ticked()])
        listed = list(offered.in_order())
        known = so_far(listed, on=timezone.localdate(), besides=self.instance.pk)
        self.coverage_field.offer(listed, recorded=list(self.covered.values()), so_far=known)
        self.initial.setdefault("coverage", self.covered)
        if not self.instance.published_at:
            self.propose_as_before()
        if not self.instance.published_at and (last := Report.objects.published().order_by("ends_on").last()):
            note = gettext(
                "Reports are already published up to %(day)s: a new update dated on or before that day is in "
                "none of them."
            )
            help_text = f"{self.fields['dated_on'].help_text} {note % {'day': dates.day(last.ends_on)}}"
            self.fields["dated_on"].help_text = help_text

    def propose_as_before(self) -> None:
        """Propose that what it covers keeps the status that it has; only who marks it ready confirms that."""
        proposed = self.coverage_field.propose(on=self.earliest_day(otherwise=dt.date.max))
        if proposed:
            note = gettext(
                "“As before” is recorded when you mark the update ready or publish it; a draft leaves it open."
            )
            self.coverage_field.help_text = f"{self.coverage_field.help_text} {note}"
        if self.instance._state.adding:
            start = self.initial["coverage"].items()
            self.initial["coverage"] = {id: "" if status == proposed.get(id) else status for id, status in start}

    @property
    def coverage_field(self) -> CoverageField:
        return cast(CoverageField, self.fields["coverage"])

    def earliest_day(self, *, otherwise: dt.date = dt.date.min) -> dt.date:
        """The earliest day that the update has, begins with or is being given: what was in force then is offered."""
        days = [self.instance.dated_on, self.initial.get("dated_on")]
        if self.is_bound:
            with suppress(ValidationError):
                days.append(self.fields["dated_on"].clean(self.data.get(self.add_prefix("dated_on"))))
        return min((day for day in days if isinstance(day, dt.date)), default=otherwise)

    def ticked(self) -> list[int]:
        """The ids that were ticked, also of one that was retired since the page was opened: a message says so."""
        ticked = self.data.getlist("coverage") if isinstance(self.data, MultiValueDict) else []
        return [id for one in ticked if (id := id_in(one)) is not None]

    @property
    def must_be_complete(self) -> bool:
        return bool({"_ready", "_publish"} & set(self.data)) or (
            bool(self.instance.ready_at) and "_draft" not in self.data
        )

    def clean(self) -> dict[str, Any]:
        super().clean()
        if coverage := self.cleaned_data.get("coverage"):
            day = self.cleaned_data.get("dated_on")
            settled, errors = self.coverage_field.settled(coverage, on=day, is_confirmed=self.must_be_complete)
            self.kept = [id for id, status in settled.items() if status and status != coverage[id]]
            self.cleaned_data["coverage"] = settled
            if errors:
                self.add_error("coverage", errors)
        self.refuse_retired()
        if self.must_be_complete:
            self.refuse_blank_statuses()
        return self.cleaned_data

    def refuse_retired(self) -> None:
        """Refuse to cover a recommendation newly from the day on which it is retired."""
        day, coverage = self.cleaned_data.get("dated_on"), self.cleaned_data.get("coverage") or {}
        for one in self.coverage_field.offered:
            if day and one.retired_on and one.pk in coverage and one.pk not in self.covered and one.is_retired(day):
                words = {"reference": one.reference, "day": dates.day(one.retired_on)}
                message = gettext("%(reference)s was retired on %(day)s: give an earlier date, or untick it.")
                self.add_error("coverage", message % words)

    def refuse_blank_statuses(self) -> None:
        references = {one.pk: one.reference for one in self.coverage_field.offered}
        for id, status in (self.cleaned_data.get("coverage") or {}).items():
            if not status:
                words = {"reference": references[id]}
                self.add_error("coverage", gettext("Choose a status for %(reference)s.") % words)

    def values_of(self, stored: models.Model) -> dict[str, Any]:
        now = Assessment.objects.filter(update_id=stored.pk).values_list("recommendation_id", "status")
        return {**super().values_of(stored), "coverage": dict(now)}

    def display_value(self, stored: models.Model, name: str) -> str:
        if name != "coverage":
            return super().display_value(stored, name)
        stands = Assessment.objects.filter(update_id=stored.pk).select_related("recommendation__area")
        return "; ".join(str(assessment) for assessment in stands) or gettext("(none)")

    def as_sent(self, name: str, value: Any) -> dict[str, list[str]]:
        if name != "coverage":
            return super().as_sent(name, value)
        return {"coverage": [str(id) for id in value]} | {
            f"coverage-{one.pk}": as_sent(value.get(one.pk) or None) for one in self.coverage_field.offered
        }

    def copy_of(self, name: str, value: Any) -> list[str]:
        return super().copy_of(name, value) if name != "coverage" else [json.dumps(value)]

    def _save_m2m(self) -> None:
        super()._save_m2m()  # type: ignore[misc]  # private, so the stubs lack it
        wanted, reason = dict(self.cleaned_data["coverage"]), self.instance._change_reason
        for assessment in self.instance.assessments.all():
            status = wanted.pop(assessment.recommendation_id, None)
            put_on_record(assessment, reason=reason)
            if status is None:
                assessment.delete()
            elif status != assessment.status:
                assessment.status = status
                assessment.save()
        for id, status in wanted.items():
            added: Any = Assessment(update=self.instance, recommendation_id=id, status=status)
            put_on_record(added, reason=reason)
            added.save()


class PublishedUpdateForm(BaseForm):
    """The only field of a published update that is changed without a correction: the note for colleagues."""

    class Meta:
        model = ProgressUpdate
        fields = ["private_note"]


class EvidenceForm(ModelForm):
    """A link under an update."""

    class Meta:
        model = EvidenceLink
        fields = ["label", "address", "archived_address"]
        formfield_callback = asked_for
        help_texts = {"address": _("A page that anyone can open. It must not name or show anyone who is at risk.")}


class EvidenceBase(OpenedRowsMixin, FormSet):
    """The links of an update that is corrected, each address once; `stored` are those it has: see `Content.links`."""

    def __init__(self, *args: Any, stored: Iterable[tuple[str, str, str]] = (), **kwargs: Any) -> None:
        self.stored = tuple(stored)
        if not args and kwargs.get("data") is None:
            kwargs["initial"] = [
                {"label": label, "address": address} | ({"archived_address": archived} if archived else {})
                for label, address, archived in self.stored
            ]
        super().__init__(*args, **kwargs)

    def clean(self) -> None:
        super().clean()
        seen = set()
        for form in self.forms:
            address = form.cleaned_data.get("address") if hasattr(form, "cleaned_data") else None
            if address and not form.cleaned_data.get("DELETE"):
                if address in seen:
                    form.add_error("address", _("The update already has this address."))
                seen.add(address)

    def links(self) -> tuple[tuple[str, str, str], ...]:
        """The links that the update will have: those stored, with the touched rows applied. Call it once valid."""
        links = {link[1]: link for link in self.stored}
        added = []
        for number, form in enumerate(self.forms):
            if not form.has_changed():
                continue
            before = "".join(self.opened(number, "address"))
            if not before and number < self.initial_form_count():
                # Sent without the hidden copies.
                before = form.cleaned_data.get("address", "")
            if form.cleaned_data.get("DELETE"):
                # What else such a row says is not checked: its fields may be empty.
                links.pop(before, None)
                continue
            typed = tuple(form.cleaned_data[name] for name in ("label", "address", "archived_address"))
            if before:
                links[before] = typed
            else:
                added.append(typed)
        return tuple({link[1]: link for link in (*links.values(), *added)}.values())


EvidenceFormSet: Any = forms.formset_factory(
    EvidenceForm, formset=EvidenceBase, extra=2, can_delete=True, can_delete_extra=False, max_num=100, absolute_max=200
)


class CorrectionForm(UpdateForm):
    """What a published update will say, and a public note that says why. It saves nothing: see `content`."""

    note = PassageFormField(
        label=_("Public note: what was corrected, and why"),
        max_length=NOTE_LENGTH,
        widget=short(),
        help_text=_(
            "Readers see this under the update and in the list of corrections. “Spelling only” is a good note."
        ),
    )
    is_minor = forms.BooleanField(
        label=_("Minor: not announced"),
        required=False,
        help_text=_(
            "For spelling and the like. A minor correction can't change the date, the recommendations or a status."
        ),
    )
    expected = forms.CharField(required=False, widget=forms.HiddenInput)

    apart = UpdateForm.apart | {"note", "is_minor", "expected"}

    class Meta(UpdateForm.Meta):
        fields = ["text", "dated_on", "dated_as_published", "sums_up"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The fingerprint of what is published takes the version's place: a colleague's private note is no conflict.
        del self.fields["version"], self.fields["change_reason"]
        self.initial["expected"] = Content.of(self.instance).fingerprint

    @property
    def coverage_field(self) -> CoverageField:
        return cast(CoverageField, self.fields["coverage"])

    @property
    def must_be_complete(self) -> bool:
        return True

    def refuse_as_minor(self, touched: Iterable[str]) -> None:
        """Say beside the tick what a minor correction may not touch, and what was `touched` of it."""
        message = gettext(
            "A minor correction can't change the date, the recommendations covered or a status. This one changes "
            "%(what)s: clear this tick, or undo that."
        )
        self.add_error("is_minor", message % {"what": get_text_list(list(touched), gettext("and"))})

    def refuse_if_moved(self) -> None:
        """Nothing: publishing.correct_update compares the fingerprint under its own lock."""

    def compare_with(self, stored: ProgressUpdate) -> None:
        """Show what is stored now beside what was typed, and let the form be sent against it."""
        self.take_over(stored)
        set_hidden(self, "expected", Content.of(stored).fingerprint)

    def content(self, links: tuple[tuple[str, str, str], ...]) -> Content:
        """What the update will say. Call it once the form is valid."""
        coverage = self.cleaned_data["coverage"]
        offered = self.coverage_field.offered
        return Content(
            text=self.instance.text,
            dated_on=self.instance.dated_on,
            dated_as_published=self.instance.dated_as_published,
            sums_up=self.instance.sums_up,
            statuses=tuple((one.reference, coverage[one.pk]) for one in offered if one.pk in coverage),
            evidence=tuple((label, address) for label, address, _archived in links),
            archived=tuple((address, archived) for _label, address, archived in links if archived),
        )


class WithdrawForm(SignedOutMixin, forms.Form):
    note = PassageFormField(
        label=_("Public note: why it is withdrawn"),
        max_length=NOTE_LENGTH,
        widget=short(4),
        help_text=_("Readers see this instead of the update."),
    )


class PublishUpdateForm(SignedOutMixin, forms.Form):
    version = forms.CharField(required=False, widget=forms.HiddenInput)


class MarkReadyForm(forms.Form):
    """Chooses which drafts are marked ready; `version` is that of all drafts offered."""

    updates = forms.MultipleChoiceField(
        label=_("Mark these ready"), widget=forms.CheckboxSelectMultiple, error_messages={"required": _("Tick one.")}
    )
    version = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, updates: Iterable[ProgressUpdate], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "updates", updates)
