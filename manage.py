#!/usr/bin/env python
"""Django's command line for the tracker. What the configuration, the database or the disk refuses is one sentence."""

import errno
import os
import sys

DISK_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tracker.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line
    from django.db import OperationalError

    try:
        execute_from_command_line(sys.argv)
    except KeyboardInterrupt:
        sys.stderr.write("Stopped.\n")
        sys.exit(130)
    except (ImproperlyConfigured, OperationalError, OSError) as error:
        if "--traceback" in sys.argv or (isinstance(error, OSError) and error.errno not in DISK_FULL):
            raise
        if isinstance(error, OSError):
            sys.exit(f"{error.filename or 'A file'} can't be written: {error.strerror}.")
        message = str(error).strip()
        sys.exit(f"The database can't be used: {message}" if isinstance(error, OperationalError) else message)
