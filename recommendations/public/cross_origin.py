"""Lets programs in other sites' pages read what is made for programs: all under /data/, and the data of editions."""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

# By the names of their addresses: the open data with the page that describes it, and what an edition froze.
READ_BY_PROGRAMS = {
    "data",
    "data-csv",
    "data-json",
    "data-xlsx",
    "data-schema-1",
    "data-schema",
    "data-package",
    "edition-snapshot",
}


def files_for_programs(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Middleware that lets pages of any site read these files; it stands above what answers 304, which says it too."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        match = request.resolver_match
        if match and match.url_name in READ_BY_PROGRAMS and response.status_code in (200, 304):
            response["Access-Control-Allow-Origin"] = "*"
        return response

    return answer
