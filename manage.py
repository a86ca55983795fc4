#!/usr/bin/env python
"""Django's command line for the tracker. What the configuration, the database or the disk refuses is one sentence."""

import errno
import os
import sys

DISK_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def sentence_of(error: Exception) -> str:
    """What to say in the place of a traceback; nothing where that says more."""
    from django.core.exceptions import ImproperlyConfigured
    from django.db import OperationalError

    if isinstance(error, ImproperlyConfigured):
        return str(error).strip()
    if isinstance(error, OperationalError):
        return f"The database can't be used: {str(error).strip()}"
    if isinstance(error, OSError) and error.errno in DISK_FULL:
        return f"{error.filename or 'A file'} can't be written: {error.strerror}."
    return ""


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tracker.settings")
    from django.core.management import execute_from_command_line

    from tracker import errors

    try:
        execute_from_command_line(sys.argv)
    except KeyboardInterrupt:
        sys.stderr.write("Stopped.\n")
        sys.exit(130)
    except SystemExit as ended:
        if ended.code:
            errors.command_failed(ended.__context__ or ended, is_said=True)
        raise
    except Exception as error:
        sentence = "" if "--traceback" in sys.argv else sentence_of(error)
        if errors.command_failed(error, is_said=bool(sentence)) or sentence:
            sys.exit(sentence or 1)
        raise
