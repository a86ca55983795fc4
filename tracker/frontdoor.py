"""The door that every answer leaves by, errors, redirects and files included: headers, caching, compression.

`in_front` is what a server calls: static files and kept pages are answered before Django is asked. `headers` stands at
the head of MIDDLEWARE: what stands below it may answer without asking the rest.
"""

import logging
from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING
from wsgiref.headers import Headers

from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponse, parse_cookie
from django.http.response import HttpResponseBase
from django.middleware.clickjacking import XFrameOptionsMiddleware
from django.middleware.gzip import GZipMiddleware
from django.middleware.security import SecurityMiddleware
from django.utils import timezone
from django.utils.cache import get_conditional_response, set_response_etag
from django.utils.module_loading import import_string
from whitenoise import WhiteNoise

from . import silence
from .admission import SIGNED_IN, Admission, places
from .bodies import Bodies
from .page_cache import COMPRESSED_WITHIN, PageCache

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

logger = logging.getLogger(__name__)

GetResponse = Callable[[HttpRequest], HttpResponseBase]

# Chromium's and Firefox's viewers show a PDF that is sent with it (seen in both), so that no answer needs another.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; script-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
# The staff's forms ask the server for the preview of a passage.
ADMIN_CONTENT_SECURITY_POLICY = f"{CONTENT_SECURITY_POLICY}; connect-src 'self'"

# A copy may be kept, and is asked after each time that it is to be shown: what was set aside or taken down is gone with
# the next look. Logos alone say otherwise: they are named by what they hold, and browsers may keep them.
KEPT_AND_ASKED_AFTER = "no-cache"
NEVER_CACHED = "no-store"
# Seconds: until others have their answers, or somebody has looked after the server.
RETRY_AFTER = 2
RETRY_LATER = 60
UNBOUNDED = 512  # threads, more than any server has

# A reader's press copies a citation; nothing else is allowed, to us neither.
PERMISSIONS_POLICY = ", ".join(
    f"{feature}={'(self)' if feature == 'clipboard-write' else '()'}"
    for feature in (
        "accelerometer",
        "autoplay",
        "browsing-topics",
        "camera",
        "clipboard-read",
        "clipboard-write",
        "display-capture",
        "encrypted-media",
        "fullscreen",
        "gamepad",
        "geolocation",
        "gyroscope",
        "hid",
        "idle-detection",
        "keyboard-map",
        "local-fonts",
        "magnetometer",
        "microphone",
        "midi",
        "otp-credentials",
        "payment",
        "picture-in-picture",
        "publickey-credentials-create",
        "publickey-credentials-get",
        "screen-wake-lock",
        "serial",
        "storage-access",
        "usb",
        "window-management",
        "xr-spatial-tracking",
    )
)


FOR_ALL = {
    "Permissions-Policy": PERMISSIONS_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
}
# A public page tells nobody where its reader came from; Django's CSRF check needs the referrer over HTTPS.
FOR_READERS = FOR_ALL | {"Content-Security-Policy": CONTENT_SECURITY_POLICY, "Referrer-Policy": "no-referrer"}
FOR_STAFF = FOR_ALL | {"Content-Security-Policy": ADMIN_CONTENT_SECURITY_POLICY, "Referrer-Policy": "same-origin"}


def in_front(application: "WSGIApplication", *, threads: int = 0) -> "WSGIApplication":
    """`application` behind what answers without it: the static files that collectstatic left, then the kept pages.

    `threads` is how many the server answers with; without it, as many requests of a kind get through as come.
    """
    cached = PageCache(
        application,
        version=silence.at_most(silence.READERS)(import_string(settings.CONTENT_VERSION)),
        away=partial(refuse, status=503, why="away"),
        today=timezone.localdate,
        secure_header=getattr(settings, "SECURE_PROXY_SSL_HEADER", None),
        admission=Admission(threads=threads, refuse=refuse, session=session_of) if threads else None,
    )
    bodies = Bodies(cached, refuse=refuse, places=places("bodies", threads=threads or UNBOUNDED))
    served: WSGIApplication = WhiteNoise(
        bodies,
        root=settings.STATIC_ROOT,
        prefix=settings.STATIC_URL,
        # As collectstatic names a file by what it holds.
        immutable_file_test=r"\.[0-9a-f]{12}\.\w+$",
        add_headers_function=headers_of_files,
        allow_all_origins=False,
    )
    return guarded(served)


def session_of(environ: "WSGIEnvironment") -> str:
    """The key of the session that a request of staff's names; nobody has checked it."""
    return parse_cookie(environ.get("HTTP_COOKIE", "")).get(settings.SESSION_COOKIE_NAME, "")


def guarded(application: "WSGIApplication") -> "WSGIApplication":
    """`application`, whose failures are a line in the log and an answer, and which waits no longer than it may."""

    def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        silence.patience.seconds = silence.STAFF if path.startswith("/admin/") else silence.READERS
        try:
            return application(environ, start_response)
        except Exception:
            logger.exception("No answer could be made: %s", path)
            return refuse(environ, start_response, 503, "failed")

    return answer


def refuse(environ: "WSGIEnvironment", start_response: "StartResponse", status: int, why: str = "") -> Iterable[bytes]:
    """The answer of the door itself, with all the headers that Django's answers have. What was sent isn't read on."""
    request = WSGIRequest(environ)
    content_type, content = import_string(settings.REFUSALS)(request, status, why)
    response = HttpResponse(content, content_type=content_type, status=status)
    if status == 405:
        response["Allow"] = "GET, HEAD"
    if status == 503:
        response["Retry-After"] = RETRY_LATER if why else RETRY_AFTER
    response["Content-Length"] = len(response.content)
    if request.method not in ("GET", "HEAD") or status == 413:
        response["Connection"] = "close"
    for middleware in (XFrameOptionsMiddleware, SecurityMiddleware):
        middleware(lambda _request: response).process_response(request, response)
    answered = headers(lambda _request: response)(request)
    start_response(f"{status} {response.reason_phrase}", [*answered.items()])
    return [] if request.method == "HEAD" else [response.content]


def headers_of_files(headers: Headers, path: str, url: str) -> None:
    """Those of a page, without the policy on features: a file has none, and a mark is half as long as the policy."""
    for name, value in FOR_READERS.items():
        if name != "Permissions-Policy":
            headers[name] = value


def headers(get_response: GetResponse) -> GetResponse:
    """Middleware that sets the security headers, over whatever stood there, and lets no cookie out in public.

    The admin's answers and errors are never cached.
    """

    def answer(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        in_admin = request.path_info.startswith("/admin/")
        for name, value in (FOR_STAFF if in_admin else FOR_READERS).items():
            response[name] = value
        if in_admin or response.status_code >= 400:
            response["Cache-Control"] = NEVER_CACHED
        else:
            response.headers.setdefault("Cache-Control", KEPT_AND_ASKED_AFTER)
        if not in_admin:
            response.cookies.clear()
        elif response.status_code < 400 and (user := getattr(request, "user", None)):
            # For admission.py.
            request.META[SIGNED_IN] = user.is_authenticated
        return response

    return answer


def conditional(get_response: GetResponse) -> GetResponse:
    """Middleware that names what an answer holds by a hash (ETag), and sends 304 to who has it already.

    It stands below the compression, whose bytes differ each time, and serves HEAD as it serves GET.
    """

    def answer(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if request.method not in ("GET", "HEAD") or request.path_info.startswith("/admin/"):
            return response
        if response.status_code != 200 or not isinstance(response, HttpResponse):
            return response
        if not response.has_header("ETag"):
            set_response_etag(response)
        return get_conditional_response(request, etag=response["ETag"], response=response) or response

    return answer


class Compression(GZipMiddleware):
    """Django's compression, for all but what is compressed within: a PDF keeps its length and its strong ETag."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if response.get("Content-Type", "").startswith(COMPRESSED_WITHIN):
            return response
        return super().process_response(request, response)
