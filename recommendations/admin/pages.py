"""Pages that belong to one thing and lie below its form, such as that of an act."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

if TYPE_CHECKING:
    Base = admin.ModelAdmin[Any]
else:
    Base = object

View = Callable[..., HttpResponseBase]


class PagesMixin(Base):
    """How such a page gets its address, finds its thing and is rendered."""

    def act(self, view: View, route: str, name: str) -> URLPattern:
        """The address of such a page, `<id>/route/`; only staff who are signed in may open it."""
        full = f"{self.opts.app_label}_{self.opts.model_name}_{name}"
        return path(f"<int:id>/{route}", self.admin_site.admin_view(view), name=full)

    def found(self, request: HttpRequest, id: int) -> Any:
        """The thing that such a page is about; 404 if there is none, 403 if the account may not see it."""
        thing = self.get_object(request, str(id))
        if thing is None:
            raise Http404
        if not self.has_view_permission(request, thing):
            raise PermissionDenied
        return thing

    def page(
        self, request: HttpRequest, template: str, *, title: str, original: Any, status: int = 200, **context: Any
    ) -> TemplateResponse:
        return TemplateResponse(
            request,
            f"admin/{template}.html",
            {
                **self.admin_site.each_context(request),
                "title": title,
                "opts": self.opts,
                "original": original,
                "has_view_permission": True,
                **context,
            },
            status=status,
        )
