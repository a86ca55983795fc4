#!/usr/bin/env python
"""Django's command line for the tracker. What the configuration or the database refuses is told in a sentence."""

import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tracker.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line
    from django.db import OperationalError

    try:
        execute_from_command_line(sys.argv)
    except (ImproperlyConfigured, OperationalError) as error:
        if "--traceback" in sys.argv:
            raise
        told = str(error).strip()
        sys.exit(f"The database can't be used: {told}" if isinstance(error, OperationalError) else told)
