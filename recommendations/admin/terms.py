"""The words that the plan asks people not to use."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from recommendations.admin import exports
from recommendations.admin.forms.plan import TermForm
from recommendations.models import Term

from .base import REASON, BaseAdmin


@admin.register(Term)
class TermAdmin(BaseAdmin):
    form = TermForm
    export = exports.TERMS
    purpose = _("Words that the plan asks people not to use, and what to say instead. Readers see both at /media/.")
    add_words = _("Add a term")
    list_display = ["word", "instead", "recommendation"]
    list_select_related = ["recommendation__area"]
    search_fields = ["word", "inflections", "instead"]
    fieldsets = [(None, {"fields": ["word", "inflections", "instead", "recommendation"]}), REASON]
