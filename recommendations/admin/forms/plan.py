"""The forms of the plan, its areas, parties, recommendations, logos and words to avoid."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.forms.forms import DeclarativeFieldsMetaclass
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from recommendations.models import Area, Logo, LogoImage, Recommendation
from recommendations.models.statuses import NOTE_LENGTH
from recommendations.publishing import plan_changes
from recommendations.publishing.acts import put_on_record
from recommendations.publishing.history import version_of
from recommendations.publishing.second_reader import able
from recommendations.reading.adopted import ADOPTED_FIELDS, AdoptedContent, content_of
from recommendations.reading.phones import region_of, support_address
from recommendations.text.pictures import Picture

from .conflicts import BaseForm
from .fields import PassageFormField, PictureField, Prose, asked_for, short
from .parts import PartFormSet

if TYPE_CHECKING:
    AnyForm = forms.BaseForm
    ModelForm = forms.ModelForm[Any]
else:
    AnyForm, ModelForm = object, forms.ModelForm


class ActionPlanForm(BaseForm):
    beside = {
        "conference_ends_after_it_starts": "conference_ends_on",
        "conference_has_both_days_or_none": "conference_ends_on",
        "recommendation_has_both_names_or_none": "recommendation_name_plural",
    }

    class Meta:
        help_texts = {
            "conference_starts_on": _("Readers see these dates if there are no dates in words."),
            "conference_ends_on": _("The same again, if it lasted one day."),
            "place": _("The town. It is saved with the plan but not shown on any page."),
            "introduction": _(
                "How the plan came about. Leave an empty line between paragraphs; start quoted lines with “> ”."
            ),
            "goals": _("What the plan is for. It follows the introduction."),
            "organisation_short_name": _(
                "What people call it. Titles and previews show it where the name has a word that is kept from titles."
            ),
            "website": _("Your organization's own website."),
            "data_licence_address": _("The page with the text of the licence."),
        }

    def clean_needs_second_reader(self) -> bool:
        """Refuse to begin with it where one person alone writes: nothing could be marked ready any more."""
        chosen: bool = self.cleaned_data["needs_second_reader"]
        if chosen and not self.initial.get("needs_second_reader") and len(able()) < 2:
            raise ValidationError(
                _("Only one account can write updates, so nobody could mark them ready. Add a second account first.")
            )
        return chosen


class SupportLinkForm(ModelForm):
    class Meta:
        help_texts = {
            "label": _("What readers see: the name of the place."),
            "address": _(
                "A web page, an e-mail address, a phone number, or sms: before a number for text messages. Try it "
                "before you save."
            ),
        }

    def clean_address(self) -> str:
        """What was typed as an address: a phone number may be written as people write it."""
        typed: str = self.cleaned_data["address"]
        address = support_address(typed, region=region_of(settings.TIME_ZONE, settings.LANGUAGE_CODE))
        if not address:
            raise ValidationError(
                _(
                    "This isn't a whole phone number. Write nothing but the number, with its area code, or with + and "
                    "the code of its country; for text messages, write sms: before it. An extension goes into the note."
                )
            )
        return address


class LogoForm(ModelForm):
    """A logo in the form of the plan."""

    picture = PictureField(
        label=_("Picture"),
        help_text=_(
            "PNG or JPEG, up to 2 MB, ideally on a transparent or white background and at least 500 "
            "pixels wide. Only the picture itself is kept, without the place, camera or person recorded "
            "in the file. Logos only, no photographs of people: a face can be searched for, and once "
            "published it can't be taken back."
        ),
    )

    class Meta:
        model = Logo
        fields = ["picture", "alt", "whose", "address", "position"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.image_id:
            picture = self.fields["picture"]
            picture.initial, picture.help_text = self.instance.image, ""
            picture.widget.logo = self.instance

    def validate_constraints(self) -> None:
        """Nothing: the formset checks all logos together, so that two may change places."""

    def save(self, commit: bool = True) -> Any:
        picture = self.cleaned_data["picture"]
        if isinstance(picture, Picture):
            self.instance.image = LogoImage.objects.keep(picture)
        return super().save(commit)


class LogoFormSet(PartFormSet):
    """The logos of the plan: one of the organization, at most."""

    def clean(self) -> None:
        super().clean()
        remaining = [form for form in self.forms if form not in self.deleted_forms and hasattr(form, "cleaned_data")]
        own = [form for form in remaining if form.cleaned_data.get("whose") == Logo.Whose.ORGANISATION]
        shown = {form.instance.pk for form in self.initial_forms}
        has_one = any(logo.whose == Logo.Whose.ORGANISATION for logo in self.get_queryset() if logo.pk not in shown)
        for form in own if has_one else own[1:]:
            form.add_error("whose", _("Your organization can have only one logo. Choose “a funder” for the others."))

    def save(self, commit: bool = True) -> list[Any]:
        # The organization's last: until then another one may stand in its place.
        return sorted(super().save(commit), key=lambda logo: logo.whose == Logo.Whose.ORGANISATION)


class TextChange(models.TextChoices):
    """Whether a changed text corrects a spelling mistake or is a new wording; only staff can tell."""

    SPELLING = "spelling", _("I corrected a spelling mistake: readers see both texts")
    ANOTHER = "another", _("I reworded it: the old one is retired, and a new recommendation replaces it")


class PublicReasonMixin(AnyForm, metaclass=DeclarativeFieldsMetaclass):
    """Asks for what readers are told about a change: why, and whether a text was only mended."""

    public_reason = PassageFormField(
        label=_("Public reason"),
        required=False,
        max_length=NOTE_LENGTH,
        widget=short(),
        help_text=_(
            "Required if you change what was adopted, because reports have been published with it. "
            "Readers see the reason, with what it said before and what it says now, on its page, under "
            "corrections, in feeds and in the data."
        ),
    )
    text_change = forms.ChoiceField(
        label=_("If you changed the text"),
        required=False,
        choices=TextChange,
        widget=forms.RadioSelect,
        help_text=_("You decide which it is: nobody can tell from the words alone."),
    )

    def check_announcement(self, before: AdoptedContent, after: AdoptedContent) -> None:
        """Show beside the fields why the change can't be announced yet."""
        note = self.cleaned_data.get("public_reason", "")
        is_spelling = self.cleaned_data.get("text_change") == TextChange.SPELLING
        found = plan_changes.obstacles(before, after, note=note, is_spelling=is_spelling, on=timezone.localdate())
        for name, field in (("note", "public_reason"), ("text", "text_change")):
            if name in found and field not in self.errors:
                self.add_error(field, found[name])
        if note and before == after:
            message = _("You changed nothing that needs a public reason. Clear this, or make the change you intended.")
            self.add_error("public_reason", message)


class AdoptedForm(PublicReasonMixin, BaseForm):
    """A form on what was adopted. `before` is what was stored when the form was checked; None for a new one."""

    apart = BaseForm.apart | {"public_reason", "text_change"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.before: AdoptedContent | None = None
        is_announced = not self.instance._state.adding and plan_changes.is_announced(
            content_of(self.instance), on=timezone.localdate()
        )
        if not is_announced:
            del self.fields["public_reason"]
        if not is_announced or "text" not in self.fields:
            del self.fields["text_change"]

    def clean(self) -> dict[str, Any]:
        super().clean()
        stored = type(self.instance)._base_manager.filter(pk=self.instance.pk).first()
        if stored and "public_reason" in self.fields:
            typed = {name: value for name, value in self.cleaned_data.items() if name in ADOPTED_FIELDS[type(stored)]}
            self.before = content_of(stored)
            self.check_announcement(self.before, content_of(stored, typed))
        return self.cleaned_data

    def save(self, commit: bool = True) -> Any:
        saved = super().save(commit)
        # Colleagues see in the history what readers are told, where nothing else was said.
        put_on_record(saved, reason=saved._change_reason or self.cleaned_data.get("public_reason") or None)
        return saved


class AreaForm(AdoptedForm):
    beside = {"area_number_is_used_once": "number", "area_number_is_from_1_to_9999": "number"}

    class Meta:
        help_texts = {
            "number": _(
                "Its place among the areas, and its address: the 3 in 3.2. It can't change after a report is published."
            ),
            "introduction": _("Comes before its recommendations. Start quoted lines with “> ”."),
        }


class PartyForm(AdoptedForm):
    beside = {"party_name_is_used_once": "name", "one_party_is_everyone": "is_everyone"}

    class Meta:
        help_texts = {"name": _("What readers see: law enforcement agencies.")}


class TermForm(BaseForm):
    beside = {"term_is_listed_once": "word"}


RETIREMENT = ("retired_on", "retired_reason", "replaced_by")
DONE_MEANS = ("done_means", "done_means_set_by", "done_means_set_on")


class RecommendationForm(AdoptedForm):
    beside = {
        "recommendation_reference_is_used_once": "reference",
        "recommendation_has_a_reference": "reference",
        "recommendation_retires_with_a_reason": "retired_reason",
    }

    class Meta:
        help_texts = {
            "area": _("It can't change after a report is published."),
            "position": _("Lower numbers come first. Leave it empty to put it last."),
            "retired_on": _("The first day it is no longer in force. Reports for earlier periods still list it."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "position" in self.fields:
            self.fields["position"].required = False
        if "area" in self.fields and (area := Area.objects.without_title()):
            self.fields["area"].widget = forms.HiddenInput()
            self.initial.setdefault("area", area.pk)

    def clean(self) -> dict[str, Any]:
        super().clean()
        area = self.cleaned_data.get("area")
        if area and "position" in self.cleaned_data and self.cleaned_data["position"] is None:
            self.cleaned_data["position"] = area.next_position
        retired_on, reason = self.cleaned_data.get("retired_on"), self.cleaned_data.get("retired_reason")
        if reason and not retired_on and "retired_on" not in self.errors:
            self.add_error("retired_on", _("Say when it was retired, or clear the reason."))
        if retired_on and not reason and "retired_reason" not in self.errors:
            self.add_error("retired_reason", _("Say why it was retired: readers see it."))
        if self.instance.pk and self.instance in (self.cleaned_data.get("replaced_by") or ()):
            self.add_error("replaced_by", _("It can't replace itself."))
        return self.cleaned_data


class ReplacementForm(BaseForm):
    """A new recommendation that takes the place of `old`. The act saves it, not this form."""

    reason = PassageFormField(
        label=_("Why it is replaced"),
        max_length=NOTE_LENGTH,
        widget=short(),
        help_text=_("Readers see this on the old one's page, which keeps its words and links to the new one."),
    )
    expected = forms.CharField(required=False, widget=forms.HiddenInput)

    apart = BaseForm.apart | {"reason", "expected"}
    beside = RecommendationForm.beside

    class Meta:
        model = Recommendation
        fields = [
            "reference",
            *(name for name in ADOPTED_FIELDS[Recommendation] if name not in RETIREMENT),
            "explanation",
            "also_called",
        ]
        formfield_callback = asked_for
        labels = {"added_on": _("From which day on")}
        help_texts = {
            "text": _("The new wording, word for word."),
            "added_on": _("From this day on, the new one is part of the plan and the old one is retired."),
        }
        widgets = {
            "parties": forms.CheckboxSelectMultiple(attrs={"class": "choices"}),
            "explanation": Prose(attrs={"rows": 4}),
            "done_means": Prose(attrs={"rows": 4}),
        }

    def __init__(self, *args: Any, old: Recommendation, **kwargs: Any) -> None:
        super().__init__(*args, instance=Recommendation(area=old.area), **kwargs)
        del self.fields["change_reason"], self.fields["version"]
        self.fields["added_on"].required = True
        self.initial.setdefault("expected", version_of(old))

    def _get_validation_exclusions(self) -> set[str]:
        # The reference is checked with the area, which is no field here.
        exclusions: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]  # private
        return exclusions - {"area"}
