"""The WSGI entry point that granian serves. A configuration that won't do ends it with a sentence."""

import os
import sys

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application
from django.utils import timezone
from django.utils.module_loading import import_string

from tracker.page_cache import PageCache

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tracker.settings")

try:
    application = get_wsgi_application()
    # Whoever develops sees each change of a template with the next look.
    if not settings.DEBUG:
        application = PageCache(
            application,
            version=import_string(settings.CONTENT_VERSION),
            today=timezone.localdate,
            secure_header=getattr(settings, "SECURE_PROXY_SSL_HEADER", None),
        )
except ImproperlyConfigured as error:
    sys.exit(str(error))
