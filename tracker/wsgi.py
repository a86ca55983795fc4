"""The WSGI entry point that granian serves. A configuration that won't do ends it with a sentence."""

import os
import sys

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

from tracker.frontdoor import in_front
from tracker.serving import THREADS
from tracker.silence import bound_waiting

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tracker.settings")

try:
    django = get_wsgi_application()
    bound_waiting()
    # While one develops, runserver finds static files where they are, and each change is seen at the next look.
    application = django if settings.DEBUG else in_front(django, threads=int(os.environ.get(THREADS, "0")))
except ImproperlyConfigured as error:
    sys.exit(str(error))
