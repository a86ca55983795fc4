"""The door that every answer leaves by, errors, redirects and files included: security headers and compression.

Both stand at the head of MIDDLEWARE, above WhiteNoise: what stands below them may answer without asking the rest.
"""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

GetResponse = Callable[[HttpRequest], HttpResponseBase]

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; script-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
# The admin's fields with search ask the server for their choices.
ADMIN_CONTENT_SECURITY_POLICY = f"{CONTENT_SECURITY_POLICY}; connect-src 'self'"

PERMISSIONS_POLICY = ", ".join(
    f"{feature}=()"
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


def headers(get_response: GetResponse) -> GetResponse:
    """Middleware that sets the security headers, over whatever stood there."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        in_admin = request.path_info.startswith("/admin/")
        response["Content-Security-Policy"] = ADMIN_CONTENT_SECURITY_POLICY if in_admin else CONTENT_SECURITY_POLICY
        # A public page tells nobody where its reader came from; Django's CSRF check needs the referrer over HTTPS.
        response["Referrer-Policy"] = "same-origin" if in_admin else "no-referrer"
        response["Permissions-Policy"] = PERMISSIONS_POLICY
        response["X-Content-Type-Options"] = "nosniff"
        response["Cross-Origin-Opener-Policy"] = "same-origin"
        return response

    return answer


class Compression(GZipMiddleware):
    """Django's compression, for all but what is compressed within: PDF keeps its length and its strong ETag."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if response.get("Content-Type", "").startswith("application/pdf"):
            return response
        return super().process_response(request, response)
