"""The editions that were published: nobody adds, changes or deletes one here."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from recommendations.admin import exports
from recommendations.models import Edition
from recommendations.publishing.history import name_of

from .base import ReadOnlyAdmin, shown_moment
from .set_aside import SetAsideMixin
from .takedowns import TakeDownMixin


@admin.register(Edition)
class EditionAdmin(SetAsideMixin, TakeDownMixin, ReadOnlyAdmin):
    export = exports.EDITIONS
    purpose = gettext_lazy("What was published, word for word. Editions never change.")
    list_display = ["name", "published", "published_by_name", "note", "state"]
    list_display_links = ["name"]
    list_filter = ["report"]
    search_fields = ["note", "report__title"]
    fields: ClassVar[Any] = [
        "published",
        "published_by_name",
        "note",
        "state",
        "links",
        "files_display",
        "seal",
    ]
    readonly_fields: ClassVar[Any] = fields
    change_form_template = "admin/edition/change_form.html"

    published = shown_moment("published_at", gettext_lazy("published at"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return Edition.objects.without_files().select_related("published_by").order_by("-published_at", "-id")

    @admin.display(description=gettext_lazy("edition"), ordering="published_at")
    def name(self, edition: Edition) -> str:
        return str(edition)

    @admin.display(description=gettext_lazy("published by"))
    def published_by_name(self, edition: Edition) -> str:
        return name_of(edition.published_by)

    @admin.display(description=gettext_lazy("state"))
    def state(self, edition: Edition) -> str:
        if edition.is_taken_down:
            return _("Taken down")
        return _("Set aside") if edition.is_set_aside else _("Public")

    @admin.display(description=gettext_lazy("on the website"))
    def links(self, edition: Edition) -> SafeString | str:
        if edition.is_taken_down:
            return _("Taken down: its address shows only the reason")
        if edition.is_set_aside:
            return _("Set aside: its address shows a notice that says nothing about it")
        return format_html(
            '<a href="{}">{}</a> · <a href="{}">{}</a>',
            edition.get_absolute_url(),
            _("Page"),
            reverse("edition-pdf", args=[edition.report.slug, edition.number]),
            _("PDF"),
        )

    @admin.display(description=gettext_lazy("files, with the SHA-256 hash of each"))
    def files_display(self, edition: Edition) -> SafeString:
        files = edition.files.defer("content").order_by("name")
        rows = ((file.name, filesizeformat(file.size), file.sha256) for file in files)
        return format_html(
            '<ul class="plain">{}</ul>', format_html_join("", '<li>{}, {}<br><code class="hash">{}</code></li>', rows)
        )
