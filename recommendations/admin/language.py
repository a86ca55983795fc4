"""The language of the staff's pages, which the plan says; before there is a plan it is LANGUAGE_CODE."""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import translation

from recommendations.models import ActionPlan

GetResponse = Callable[[HttpRequest], HttpResponseBase]


def of_the_staff(get_response: GetResponse) -> GetResponse:
    """Middleware that answers in the staff's language under /admin/."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith("/admin/"):
            return get_response(request)
        with translation.override(ActionPlan.objects.staff_language()):
            return get_response(request)

    return answer
