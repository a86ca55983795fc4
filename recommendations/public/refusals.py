"""What is answered in place of a page when the server can't take a request: a page in the plan's language, or a line.

It asks no database: the server is busy, or was sent what it doesn't want.
"""

from functools import cache

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from recommendations.public import language

PLAIN = "text/plain; charset=utf-8"
PAGE = "text/html; charset=utf-8"


OUT_OF_ORDER = (
    _("This site can’t answer right now."),
    _("Nothing that was saved is lost. Please try again in a few minutes."),
)
# What happened, and what to do. By the status or the reason, and by whether a form was sent.
WORDS = {
    "400": (_("What you sent didn’t arrive whole."), _("Nothing was saved. Go back, and send it again.")),
    "405": (_("Nothing can be sent to this address."),),
    "413": (_("What you sent is too large."), _("Nothing was saved. Go back, and send a smaller file or less text.")),
    "503": (_("Many people are here at the moment."), _("Please try again in a few seconds.")),
    "503 sent": (
        _("Many people are here at the moment."),
        _("Nothing was saved. Wait a few seconds, then reload this page to send it again."),
    ),
    # The database can't be asked, before anything was done.
    "away": OUT_OF_ORDER,
    "away sent": (
        OUT_OF_ORDER[0],
        _("Nothing was saved. Wait a few minutes, then reload this page to send it again."),
    ),
    # Nobody knows how far it came.
    "failed": OUT_OF_ORDER,
}


def content_of(request: HttpRequest, status: int, why: str = "") -> tuple[str, str]:
    """The content type and the content that say `status`: a page, or a line where readers asked for none.

    `why` is “away” or “failed” where the server isn't just busy.
    """
    key = why or str(status)
    key = f"{key} sent" if request.method == "POST" and f"{key} sent" in WORDS else key
    is_page = request.path_info.startswith("/admin/") or (request.path_info.endswith("/") and status != 405)
    with translation.override(language.last_known):
        return (PAGE, page_for(key, language.last_known)) if is_page else (PLAIN, " ".join(map(str, WORDS[key])) + "\n")


@cache
def page_for(key: str, language: str) -> str:
    """The whole page, in `language`, which is active."""
    heading, *others = map(str, WORDS[key])
    return render_to_string("refused.html", {"heading": heading.rstrip("."), "others": others})
