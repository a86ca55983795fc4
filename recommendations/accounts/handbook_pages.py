"""The pages of the handbook within the staff's site: its contents with a search, its chapters and their pictures."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import AdminSite
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils.translation import gettext as _

from recommendations.reading.search import LONGEST_SEARCH
from recommendations.workspace import handbook


class HandbookSite(AdminSite):
    """The staff's site with the handbook; each page knows the chapter that helps on it."""

    def get_urls(self) -> list[URLResolver | URLPattern]:
        return [
            path("handbook/", self.admin_view(self.handbook), name="handbook"),
            path("handbook/<slug:name>/", self.admin_view(self.handbook_chapter), name="handbook_chapter"),
            path("handbook/images/<str:name>", self.admin_view(self.handbook_picture), name="handbook_picture"),
            *super().get_urls(),
        ]

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        match = request.resolver_match
        name = handbook.help_on(match.url_name or "" if match else "")
        address = reverse("admin:handbook_chapter", args=[name]) if name != handbook.CONTENTS else ""
        return {**super().each_context(request), "help_address": address or reverse("admin:handbook")}

    def handbook(self, request: HttpRequest) -> HttpResponseBase:
        """Its contents; with `?q=`, what is found in it."""
        words = request.GET.get("q", "")[:LONGEST_SEARCH].strip()
        title = _("Handbook: “%(words)s”") % {"words": words} if words else _("Handbook")
        return self.handbook_page(request, handbook.CONTENTS, title=title, words=words)

    def handbook_chapter(self, request: HttpRequest, name: str) -> HttpResponseBase:
        return self.handbook_page(request, name)

    def handbook_page(self, request: HttpRequest, name: str, *, title: str = "", words: str = "") -> HttpResponseBase:
        chapter = handbook.chapter(name)
        if chapter is None:
            raise Http404
        context = {
            **self.each_context(request),
            "title": title or chapter.title,
            "chapter": chapter,
            "chapters": [one for one in handbook.chapters() if one.name != handbook.CONTENTS],
            "words": words,
            "hits": handbook.found(words) if words else [],
            "handbook_language": handbook.LANGUAGE,
        }
        return TemplateResponse(request, "admin/handbook/chapter.html", context)

    def handbook_picture(self, request: HttpRequest, name: str) -> HttpResponseBase:
        picture = handbook.picture(name)
        if picture is None:
            raise Http404
        return HttpResponse(picture.read_bytes(), content_type="image/png")
