"""What all lists and forms of the admin share: a reason for each change, and a history.

Bulk actions and `list_editable` stay off: they write no history, or save over a colleague's change unseen.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.options import BaseModelAdmin, IncorrectLookupParameters
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import ERROR_FLAG
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import URLPattern, reverse
from django.utils.translation import gettext as _

from recommendations.accounts.roles import account_of
from recommendations.accounts.unsaved import mark_saved
from recommendations.admin.forms.acts import DeleteForm
from recommendations.admin.forms.conflicts import BaseForm
from recommendations.admin.forms.fields import OVERRIDES, Prose, short
from recommendations.admin.forms.parts import PartFormSet
from recommendations.publishing.acts import Refused, delete_whole, put_on_record
from recommendations.text import dates

from .exports import ExportMixin
from .history import HistoryMixin

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]
    StackedInline = admin.StackedInline[Any, Any]
    AnyAdmin = BaseModelAdmin[Any]
    AnyList = ModelAdmin
else:
    ModelAdmin, StackedInline = admin.ModelAdmin, admin.StackedInline
    AnyAdmin = AnyList = object


REASON: Any = (
    None,
    {"fields": ["change_reason", "version"], "classes": ["reason"]},
)


# Passages that are seldom longer than a few lines.
SHORT = {"private_note", "retired_reason", "status_note", "goals", "explanation", "done_means", "organisation_about"}


# Passages that readers see as markup.
MARKUP = {
    "actionplan": {"acknowledgement", "introduction", "goals", "organisation_about", "site_acknowledgement"},
    "area": {"introduction"},
    "progressupdate": {"text"},
    "recommendation": {"explanation", "done_means"},
    "report": {"introduction", "closing", "status_note"},
    "reportsection": {"body"},
}


SEARCH_LENGTH = 200


def shown_moment(name: str, label: Any) -> Any:
    """A column or a fact that shows the instant in the field `name` as all our pages do, which Django's own doesn't."""

    @admin.display(description=label, ordering=name)
    def shown(model_admin: Any, thing: Any) -> str:
        return dates.moment(getattr(thing, name))

    return shown


class PlainFieldsMixin(AnyAdmin):
    """Plain fields: no pencils and plus signs beside a choice, and what is pasted is never cut."""

    formfield_overrides: ClassVar[Any] = OVERRIDES

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        rows = 4 if db_field.name in SHORT else 8
        if db_field.name in MARKUP.get(db_field.model._meta.model_name, ()):
            kwargs.setdefault("widget", Prose(attrs={"rows": rows}))
        elif db_field.name in SHORT:
            kwargs.setdefault("widget", short(rows, is_private=db_field.name == "private_note"))
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field and isinstance(field.widget, RelatedFieldWidgetWrapper):
            field.widget = field.widget.widget
        return field


class ShortSearchMixin(AnyList):
    """Search for the first 200 characters only: SQLite fails on a LIKE of some thousand."""

    def get_search_results(
        self, request: HttpRequest, queryset: models.QuerySet[Any], search_term: str
    ) -> tuple[models.QuerySet[Any], bool]:
        return super().get_search_results(request, queryset, search_term[:SEARCH_LENGTH])


# What the links of a filter by a field ask for: yes or no, one of another kind of thing, or none of them.
OFFERED = {"exact": re.compile("[01]"), "id__exact": re.compile("[0-9]{1,9}"), "isnull": re.compile("True")}


class PlainListMixin(AnyList):
    """A list that is filtered by what it offers and by nothing else that an address may ask for.

    Django lets an address ask for any field, and some questions fail only when the database answers them:
    `?dated_on__year=0`, `?title__iregex=[`. A filter of our own looks itself whether it offers a value.
    """

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        for one in self.get_list_filter(request):
            name, _sep, rest = lookup.partition("__")
            if lookup == getattr(one, "parameter_name", ""):
                return True
            if name == one and rest in OFFERED and OFFERED[rest].fullmatch(value):
                return True
        # Django's list answers this by showing itself without the question, and with the mark of an error.
        raise IncorrectLookupParameters

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if ERROR_FLAG in request.GET and self.has_view_permission(request):
            # Asked with the mark and with something that fails, Django would say that the database is broken.
            request.GET = QueryDict()
            words = _("The address asked for something that this list doesn’t offer. Here is the whole list.")
            self.message_user(request, words, messages.WARNING)
        return super().changelist_view(request, extra_context)


class BaseAdmin(ExportMixin, HistoryMixin, PlainFieldsMixin, ShortSearchMixin, PlainListMixin, ModelAdmin):
    """The base of almost every model's admin; `purpose` is its sentence on the home page."""

    form = BaseForm
    purpose: Any = ""
    actions = None
    list_per_page = 50
    show_facets = admin.ShowFacets.NEVER
    add_words: Any = ""
    asks_why_deleted = True

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        words = {"title": str(self.opts.verbose_name_plural).capitalize(), "add_words": self.add_words}
        return super().changelist_view(request, {**words, **(extra_context or {})})

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        name = self.opts.verbose_name
        may_add = request.method == "POST" and self.has_add_permission(request)
        if object_id and may_add and self.get_object(request, unquote(object_id)) is None:
            # A colleague deleted it: what was typed is shown again, to be saved as a new one.
            request.was_deleted = True  # type: ignore[attr-defined]  # a mark of our own
            object_id, form_url = None, self.add_address(request)
        title = str(name).capitalize() if object_id else _("New %(name)s") % {"name": name}
        context = {"title": title, **(extra_context or {})}
        try:
            return super().changeform_view(request, object_id, form_url, context)
        except Refused as refused:
            # An act that belongs to the save refused it, so nothing was saved: the form is shown again and says why.
            request.refused = refused.reasons  # type: ignore[attr-defined]  # a mark of our own
            return super().changeform_view(request, object_id, form_url, context)

    def message_user(
        self, request: HttpRequest, message: Any, level: Any = messages.INFO, *args: Any, **kw: Any
    ) -> None:
        """Tell it on the next page. What says that something succeeded says so to the browser, too."""
        if level == messages.SUCCESS:
            mark_saved(request)
        super().message_user(request, message, level, *args, **kw)

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        # Django's “Please correct the errors below.” says neither what was kept nor what to do: see admin/_errors.html.
        errors = {"errors": None, "form_errors": context.get("errors")}
        context = {"show_save_and_add_another": False, **context, **errors}
        return super().render_change_form(request, context, *args, **kwargs)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form: Any = super().get_form(request, obj, change, **kwargs)
        form.was_deleted = getattr(request, "was_deleted", False)
        form.refused = getattr(request, "refused", ())
        return form

    def add_address(self, request: HttpRequest) -> str:
        """Where the form of a new one is sent, also where it replaces one that a colleague deleted."""
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_add")

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Ask first, and why it is deleted; refuse if it was changed after the page was shown."""
        thing = self.get_object(request, unquote(object_id))
        if thing is None:
            return super().delete_view(request, object_id, extra_context)
        if not self.has_delete_permission(request, thing):
            raise PermissionDenied
        deleted, _counts, lacking, protected = self.get_deleted_objects([thing], request)
        with transaction.atomic():
            stored = type(thing)._base_manager.select_for_update().filter(pk=thing.pk).first() or thing
            sent = request.POST if request.method == "POST" else None
            form = DeleteForm(sent, stored=stored, asks_why=self.asks_why_deleted)
            if request.method == "POST" and not lacking and not protected and form.is_valid():
                name, pk = str(thing), thing.pk
                self.log_deletions(request, self.model._base_manager.filter(pk=pk))
                delete_whole(thing, by=account_of(request), reason=form.cleaned_data.get("reason") or _("Deleted"))
                return self.response_delete(request, name, pk)
        return self.page(
            request,
            "delete_confirmation",
            title=_("Delete?"),
            original=thing,
            object=thing,
            object_name=str(self.opts.verbose_name),
            deleted_objects=deleted,
            perms_lacking=lacking,
            protected=protected,
            form=form,
        )

    def unsaved_page(
        self, request: HttpRequest, thing: Any, why: str, typed: Iterable[tuple[str, str]]
    ) -> HttpResponse:
        """Show what was typed and can't be saved any more, as labels and words to copy, and say `why`."""
        return self.page(
            request,
            "unsaved",
            title=_("Nothing was saved"),
            original=thing,
            why=why,
            typed=[(label, words) for label, words in typed if words.strip()],
        )

    def get_inline_formsets(self, request: HttpRequest, *args: Any, **kwargs: Any) -> list[Any]:
        """Put our own words on each “Add” button: Django's are “Add another Evidence”."""
        found = super().get_inline_formsets(request, *args, **kwargs)
        for one in found:
            data = json.loads(one.inline_formset_data())
            data["options"]["addText"] = str(one.opts.add_words)
            one.inline_formset_data = json.dumps(data)
        return found

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        reason = form.instance._change_reason
        changed = formset.save(commit=False)
        # Delete first: a new part may take the place of a deleted one.
        for part in formset.deleted_objects:
            put_on_record(part, reason=reason)
            part.delete()
        for part in changed:
            put_on_record(part, reason=reason)
            part.save()
        formset.save_m2m()


class ReadOnlyAdmin(BaseAdmin):
    """The admin of what an act made: nobody adds, changes or deletes it here."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        return [one for one in super().get_urls() if not str(getattr(one, "name", "")).endswith("_restore")]

    def may_restore(self, request: HttpRequest, thing: Any) -> bool:
        return False

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fieldsets or [(None, {"fields": self.fields or []})]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        return super().get_form(request, obj, change, **{**kwargs, "form": forms.ModelForm, "fields": []})


class StackedParts(PlainFieldsMixin, StackedInline):
    """The parts of a thing, edited in its form; `add_words` are the words on the “Add” button."""

    formset = PartFormSet
    template = "admin/parts.html"
    extra = 0
    add_words: Any = ""
