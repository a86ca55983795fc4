"""What ails the installation, in plain words: one answer a check, each with how to fix it.

It only gathers: the rules are those of the server's start, of Django's checks, and of what they are about.
"""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from django.conf import settings
from django.core import checks, mail
from django.core.checks.security.base import check_secret_key
from django.db import Error as DatabaseFailure
from django.db import connection, transaction
from django.utils import timezone

from recommendations.models import ActionPlan
from recommendations.models.content_version import missing_watch
from recommendations.models.frozen import missing_protection
from recommendations.publishing.clock import clock_obstacles
from recommendations.reading.findings import of_support_and_its_checks
from recommendations.report import pdf
from recommendations.report.proof import verify_editions
from recommendations.text import fonts
from recommendations.workspace.backups import last_backup
from tracker import errors, files, health, serving

MEGABYTE = 1024 * 1024
LEAST_FREE = 500 * MEGABYTE  # an edition of a large plan, its PDF, and a backup
MAIL_SECONDS = 5
# Latin, Canadian syllabics, Cyrillic, Arabic and Gurmukhi, for each of which there is a font of its own.
LETTERS = "Aé ᐃ Я ع ਪ"


class State(Enum):
    OK = "ok"
    TO_FIX = "to fix"
    UNKNOWN = "can't tell"


@dataclass(frozen=True)
class Answer:
    """What one check found: `words` say what is wrong and how to fix it, or what is well."""

    subject: str
    state: State
    words: str


class ToFix(Exception):
    """What is wrong, and how to fix it, in sentences."""


class Unknown(Exception):
    """What can't be told from here."""


def database() -> str:
    if health.ailment(now=timezone.now()) == health.UNREACHABLE:
        raise ToFix("It can't be reached. Start it, or correct DATABASE_URL.")
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            if "django_migrations" in connection.introspection.table_names(cursor):
                cursor.execute("UPDATE django_migrations SET id = id")
            transaction.set_rollback(True)
    except DatabaseFailure as error:
        raise ToFix(
            f"It can be read, but not written to: {first_line(error)}. Is its disk full or read-only?"
        ) from None
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            found = cursor.execute("PRAGMA quick_check(1)").fetchone()[0]
        if found != "ok":
            raise ToFix(f"Its file is damaged ({found}). Restore the newest backup.")
    return "It answers, and can be written to."


def migrations() -> str:
    serving.refuse_old_database()
    return "All are applied."


def triggers() -> str:
    missing = [*missing_protection(connection), *missing_watch(connection)]
    if missing:
        raise ToFix(
            f"{len(missing)} that keep editions as they are, or tell of changes, are missing: {', '.join(missing[:5])}"
            f"{', …' if missing[5:] else ''}. Run manage.py migrate, which makes them anew."
        )
    return "All are there."


def editions() -> str:
    found = [(edition, problems) for edition, problems in verify_editions()]
    broken = [edition for edition, problems in found if problems]
    if broken:
        named = ", ".join(f"{edition.report.slug} {edition.number}" for edition in broken[:5])
        raise ToFix(
            f"{len(broken)} of {len(found)} aren't what was published ({named}). manage.py verify_editions says what "
            "differs; restore a backup from before."
        )
    return f"All {len(found)} are as they were published."


def disk() -> str:
    said = []
    for folder in folders():
        free, needed = shutil.disk_usage(folder).free, LEAST_FREE
        if not os.access(folder, os.W_OK):
            raise ToFix(f"{folder} can't be written to: it is read-only, or belongs to another account.")
        if folder == folders()[0]:
            needed = max(LEAST_FREE, 2 * database_size())
        if free < needed:
            raise ToFix(
                f"{folder} has {free // MEGABYTE} MB free; it should have {needed // MEGABYTE}. Delete what isn't "
                "needed, or get a larger disk."
            )
        said.append(f"{folder} has {free // MEGABYTE} MB free")
    return f"{', '.join(said)}."


def folders() -> list[Path]:
    """Where something is written, each once: the database's first, if it is a file."""
    file = database_file()
    found = [settings.VAR_DIR, Path(tempfile.gettempdir())]
    return list(dict.fromkeys([file.parent, *found] if file else found))


def database_file() -> Path | None:
    name = str(settings.DATABASES["default"]["NAME"])
    return Path(name) if connection.vendor == "sqlite" and Path(name).is_file() else None


def database_size() -> int:
    file = database_file()
    return file.stat().st_size if file else 0


def clock() -> str:
    now = timezone.now()
    if reasons := clock_obstacles(at=now):
        raise ToFix(f"{' '.join(reasons)} See “The clock” in docs/operations.md.")
    return f"It says {timezone.localtime(now):%Y-%m-%d %H:%M} ({settings.TIME_ZONE}), after all that was published."


def email() -> str:
    if not settings.HAS_EMAIL:
        return "Not set up: no reminders are sent, and administrators set new passwords. EMAIL_URL sets it up."
    server = mail.get_connection(timeout=MAIL_SECONDS)
    try:
        server.open()
        server.close()
    except OSError as error:  # smtplib's own errors, too
        code = getattr(error, "smtp_code", None) or error.errno or "no code"
        raise ToFix(
            f"The server didn't let us in ({type(error).__name__}, {code}). Check its name, port, user and password in "
            "EMAIL_URL."
        ) from None
    return "The server answers. Nothing was sent."


def pdfs() -> str:
    if lacking := fonts.lacking(LETTERS):
        raise ToFix(
            f"Fonts are missing or damaged: none has {', '.join(lacking)}. Copy static/fonts anew from the release."
        )
    heard = Heard(logging.WARNING)
    logger = logging.getLogger(pdf.__name__)
    logger.addHandler(heard)
    try:
        pdf.render(
            f"<p>{LETTERS}</p>",
            title="Check",
            author="Check",
            language="en",
            created=timezone.now(),
            timeout=settings.PDF_SECONDS,
            memory=settings.PDF_MEGABYTES * MEGABYTE,
        )
    except pdf.RenderFailed as error:
        raise ToFix(str(error)) from None
    finally:
        logger.removeHandler(heard)
    if heard.words:
        raise ToFix(f"One can be made, with warnings: {' '.join(heard.words)}")
    return f"One was made{versions()}."


class Heard(logging.Handler):
    """Keeps what is logged."""

    def __init__(self, level: int) -> None:
        super().__init__(level)
        self.words: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.words.append(record.getMessage())


def versions() -> str:
    """Those of WeasyPrint and Pango, which PDFs depend on to the byte, as WeasyPrint's own command says them."""
    run = subprocess.run([sys.executable, "-m", "weasyprint", "--info"], capture_output=True, text=True, check=False)
    said = dict(line.split(": ", 1) for line in run.stdout.splitlines() if ": " in line)
    pango = said.get("Pango version", "")
    if not pango.isdecimal():
        return ""
    major, minor, micro = int(pango) // 10000, int(pango) // 100 % 100, int(pango) % 100
    return f", by WeasyPrint {said.get('WeasyPrint version')} and Pango {major}.{minor}.{micro}"


def static_files() -> str:
    serving.refuse_missing_files()
    return "They are there."


def secret_key() -> str:
    if found := check_secret_key(None):
        raise ToFix(" ".join(str(one.msg) for one in found))
    return "It is long and random."


def file_modes() -> str:
    """That no other account reads what is ours, and that what we write belongs to us."""
    var = settings.VAR_DIR
    private = [var, *(var / name for name in ("environment", "secret-key", "demo-password.txt"))]
    file = database_file()
    if file:
        private += [file.with_name(file.name + ending) for ending in files.SQLITE_ENDINGS]
    found = [path for path in private if path.exists()]
    if opened := [str(path) for path in found if path.stat().st_mode & files.OTHERS]:
        raise ToFix(f"Other accounts of this machine may read {', '.join(opened)}. Run chmod go= on each.")
    owner = var.stat().st_uid
    if strange := [str(path) for path in found if path.stat().st_uid != owner]:
        raise ToFix(f"{', '.join(strange)} belong to another account than {var}. Run chown --reference={var} on each.")
    return "Nobody else on this machine reads what is ours."


def support() -> str:
    if ActionPlan.objects.exclude(closed_at=None).exists():
        return "The site is closed, and shows readers none."
    found = of_support_and_its_checks(on=timezone.localdate())
    sentences = [finding.message for finding in found if finding.is_open]
    if sentences:
        raise ToFix(" ".join(sentences))
    return "Each was tried within the last quarter, or staff said why that is fine."


def backup() -> str:
    if settings.IS_PUBLIC and not settings.BACKUP_KEYS:
        raise ToFix("None can be made without a key: manage.py create_backup_key FILE makes one for BACKUP_KEYS.")
    last = last_backup(at=timezone.now())
    if last is None:
        return "There is none, which matters once the site is public."
    if last.made_at is None:
        raise ToFix("There is none. Run manage.py backup FOLDER each day, best by a timer.")
    days = f"{last.days} {'day' if last.days == 1 else 'days'}"
    if last.is_old:
        raise ToFix(f"The last one is {days} old. See why manage.py backup FOLDER doesn't run, or what it says.")
    alone = " One key alone can open it: give BACKUP_KEYS a second one." if len(settings.BACKUP_KEYS) == 1 else ""
    return f"The last one is {days} old, and was restored as a test.{alone}"


def configuration() -> str:
    """Django's own checks, and those of what is installed; on a public site also those of its safety."""
    found = checks.run_checks(include_deployment_checks=settings.IS_PUBLIC, databases=["default"])
    wrong = [one for one in found if one.is_serious(checks.WARNING) and not one.is_silenced()]
    if wrong:
        raise ToFix(" ".join(f"{one.msg} {one.hint or ''}".strip() + f" ({one.id})" for one in wrong))
    return "Django's checks find nothing."


def failures() -> str:
    kinds = errors.recent(at=timezone.now())
    if kinds:
        named = "; ".join(f"{one.what} at {one.where}, last on {one.last_at:%Y-%m-%d %H:%M} UTC" for one in kinds[:5])
        many = "1 kind" if len(kinds) == 1 else f"{len(kinds)} kinds"
        raise Unknown(f"{many} of error happened within seven days: {named}. The log says more.")
    if settings.HAS_EMAIL and settings.ERRORS_TO:
        return f"None happened within seven days. {', '.join(settings.ERRORS_TO)} would be told."
    return (
        "None happened within seven days. The workspace would tell administrators; ERRORS_TO names who gets an e-mail."
    )


def upgrade() -> str:
    """script/upgrade leaves a mark while one is on its way, beside the folder of the releases."""
    releases = settings.BASE_DIR.parent
    if releases.name == "releases" and (releases.parent / "upgrading").exists():
        raise ToFix(f"One was stopped on its way. Run {releases.parent.name}-upgrade --heal, which goes back.")
    return "None was stopped on its way."


def first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]


def connections(*, workers: int, threads: int) -> str:
    free = serving.connections_free()
    serving.refuse_too_many(workers=workers, threads=threads, free=free)
    needed = serving.connections_needed(workers=workers, threads=threads)
    return f"{workers} × {threads} threads need {needed}; there {'is no bound' if free is None else f'are {free}'}."


OF_THE_DATABASE: tuple[tuple[str, Callable[[], str]], ...] = (
    ("migrations", migrations),
    ("triggers", triggers),
    ("editions", editions),
    ("clock", clock),
    ("support links", support),
    ("backup", backup),
    ("configuration", configuration),
)
OTHERS: tuple[tuple[str, Callable[[], str]], ...] = (
    ("disk", disk),
    ("files", file_modes),
    ("secret key", secret_key),
    ("static files", static_files),
    ("e-mail", email),
    ("PDFs", pdfs),
    ("errors", failures),
    ("upgrade", upgrade),
)


def examined(*, workers: int, threads: int) -> Iterator[Answer]:
    """The answer of each check, as it is found. One that fails stops no other."""
    of_the_database = (*OF_THE_DATABASE, ("connections", lambda: connections(workers=workers, threads=threads)))
    yield answer("database", database)
    # A server that is away would be waited for anew by each of them.
    is_there = health.ailment(now=timezone.now()) != health.UNREACHABLE
    for subject, check in of_the_database:
        yield answer(subject, check) if is_there else Answer(subject, State.UNKNOWN, "The database can't be reached.")
    for subject, check in OTHERS:
        yield answer(subject, check)


def answer(subject: str, check: Callable[[], str]) -> Answer:
    try:
        return Answer(subject, State.OK, check())
    except (ToFix, serving.CannotServe) as error:
        return Answer(subject, State.TO_FIX, str(error))
    except Unknown as error:
        return Answer(subject, State.UNKNOWN, str(error))
    except DatabaseFailure as error:
        return Answer(subject, State.UNKNOWN, f"The database says: {first_line(error)}.")
    except Exception as error:  # noqa: BLE001 (whatever one check meets, the others are made)
        return Answer(subject, State.UNKNOWN, f"The check itself failed: {type(error).__name__}: {first_line(error)}.")
