"""The one language of the public site: the plan's.

No cookie and no header chooses it, so every reader gets the same page. Staff's pages have a language of their own.
"""

from collections.abc import Callable

from django.conf import settings
from django.db import Error as DatabaseFailure
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import translation

from recommendations.models import ActionPlan

GetResponse = Callable[[HttpRequest], HttpResponseBase]

# The language that the plan named when a page was last made.
last_known = settings.LANGUAGE_CODE


def of_the_plan(get_response: GetResponse) -> GetResponse:
    """Middleware that answers readers in the plan's language, errors included.

    Where the database can't be asked, that is the language it named last. /healthz asks it by itself, once.
    """

    def answer(request: HttpRequest) -> HttpResponseBase:
        global last_known
        if request.path_info.startswith("/admin/") or request.path_info == "/healthz":
            return get_response(request)
        try:
            stored = ActionPlan.objects.values_list("language", flat=True).first()
        except DatabaseFailure:
            stored = last_known
        last_known = stored or settings.LANGUAGE_CODE
        with translation.override(last_known):
            return get_response(request)

    return answer
