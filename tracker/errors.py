"""Errors reach somebody: each kind is kept once, and told once by e-mail where that is set up.

Nothing that a visitor or staff sent is kept or told: no words, addresses, cookies, values, not even the error's own
words, which may hold some. The log has those; this says that there is something to look for in it.
"""

import datetime as dt
import json
import logging
import os
import sys
import time
import traceback
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from functools import partial
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import timezone

from .background import background
from .files import write_whole
from .logs import chain_of, frames_of, name_of

logger = logging.getLogger(__name__)
# What a command has already said itself: the log doesn't repeat it.
of_commands = logging.getLogger("tracker.commands")

KEPT = dt.timedelta(days=30)  # since it last happened
RECENT = dt.timedelta(days=7)
MOST_KINDS = 50
MOST_MESSAGES = 10  # in a day, by all processes together
WRITTEN_EVERY = 60  # seconds
# Requests that were refused, such as for a host that isn't ours: whoever sends them could fill the list.
NO_FAULTS = "django.security"
OURS = ("recommendations", "tracker", "django.request")


@dataclass(frozen=True)
class Kind:
    """An error at one place in the code; `what` is its type, or what our own code said without what it filled in."""

    what: str
    where: str
    route: str
    first_at: dt.datetime
    last_at: dt.datetime

    @property
    def name(self) -> str:
        return sha256(f"{self.what}\n{self.where}".encode()).hexdigest()[:16]


class Errors(logging.Handler):
    """Keeps each kind of error that is logged, and has it told the first time."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.written: dict[str, float] = {}

    def emit(self, record: logging.LogRecord) -> None:
        if settings.DEBUG or record.name.startswith(NO_FAULTS):
            return
        try:
            kind = kind_of(record, at=timezone.now())
            before = self.written.get(kind.name)
            if before is not None and time.monotonic() - before < WRITTEN_EVERY:
                return
            self.written[kind.name] = time.monotonic()
            # The server is started again every few seconds: where nothing can be kept, each time would be the first.
            is_known = before is not None or len(self.written) > MOST_MESSAGES or command_of(record) == "serve"
            if is_new(kind, folder=settings.ERRORS_FOLDER, is_known=is_known):
                tell(kind, record)
        except Exception:  # noqa: BLE001 (whatever happens here, the log has the error)
            self.handleError(record)


def kind_of(record: logging.LogRecord, *, at: dt.datetime) -> Kind:
    error = record.exc_info[1] if record.exc_info else None
    command = command_of(record)
    said = str(record.msg) if record.name.startswith(OURS) else record.name
    match = getattr(getattr(record, "request", None), "resolver_match", None)
    return Kind(
        what=f"manage.py {command} failed" if command else name_of(error) if error else said,
        where=place_of(error) if error else short(Path(record.pathname), record.lineno or 0),
        route=match.route if match else "",
        first_at=at,
        last_at=at,
    )


def command_of(record: logging.LogRecord) -> str:
    """The command that failed, where `command_failed` logged it."""
    return str(getattr(record, "command", ""))


def command_failed(error: BaseException, *, is_said: bool) -> bool:
    """Have somebody told that this process's command ended with `error`, where nobody waits for it.

    `is_said` tells whether the command said so itself. Returns whether the log has the error instead.
    """
    if not settings.configured or not is_by_itself():
        return False
    command = next(iter(sys.argv[1:]), "")
    log = of_commands if is_said else logger
    log.error("manage.py %s failed", command, exc_info=error, extra={"command": command})
    return not is_said


def is_by_itself() -> bool:
    """Whether this process was started by systemd itself, or is all that runs in a container without a terminal."""
    process = os.getpid()
    is_container = process == 1 and not (sys.stdin and sys.stdin.isatty())
    return is_container or os.environ.get("SYSTEMD_EXEC_PID") == str(process)


def place_of(error: BaseException) -> str:
    """The innermost line of our own code that it came through; the innermost of all where none is ours."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [one for one in frames if is_ours(Path(one.filename))] or frames
    return short(Path(ours[-1].filename), ours[-1].lineno or 0) if ours else ""


def is_ours(path: Path) -> bool:
    return path.is_relative_to(settings.BASE_DIR) and "site-packages" not in path.parts


def short(path: Path, line: int) -> str:
    return f"{path.relative_to(settings.BASE_DIR) if is_ours(path) else path.name}:{line}"


def is_new(kind: Kind, *, folder: Path, is_known: bool) -> bool:
    """Keep `kind`, and say whether no process kept it before. On a full disk, whether this one didn't know it."""
    path = folder / f"{kind.name}.json"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        kept = all_kept(folder, at=kind.last_at)
        if before := next((one for one in kept if one.name == kind.name), None):
            write_whole(path, as_json(replace(before, last_at=kind.last_at)), mode=0o600)
            return False
        for least_recent in kept[MOST_KINDS - 1 :]:
            (folder / f"{least_recent.name}.json").unlink(missing_ok=True)
        with suppress(FileExistsError):
            write_whole(path, as_json(kind), mode=0o600, replace=False)
            return True
    except OSError:
        return not is_known
    return False


def as_json(kind: Kind) -> bytes:
    return json.dumps(asdict(kind), default=dt.datetime.isoformat).encode()


def all_kept(folder: Path, *, at: dt.datetime) -> list[Kind]:
    """Each kind that happened within KEPT before `at`, the last one first; what is older is deleted."""
    found = []
    for path in folder.glob("*.json"):
        with suppress(OSError, ValueError, TypeError, KeyError):
            stored = json.loads(path.read_bytes())
            instants = {name: dt.datetime.fromisoformat(stored[name]) for name in ("first_at", "last_at")}
            kind = Kind(**{**stored, **instants})
            if kind.last_at < at - KEPT:
                path.unlink()
            else:
                found.append(kind)
    return sorted(found, key=lambda one: one.last_at, reverse=True)


def recent(*, at: dt.datetime) -> list[Kind]:
    """Those of the last days, for people who weren't told by e-mail, the last one first."""
    return [kind for kind in all_kept(settings.ERRORS_FOLDER, at=at) if kind.last_at >= at - RECENT]


def tell(kind: Kind, record: logging.LogRecord) -> None:
    """Send one message about `kind`, unless too many kinds are new: a day with more is one in which all is broken."""
    if not (settings.HAS_EMAIL and settings.ERRORS_TO):
        return
    new = [
        one
        for one in all_kept(settings.ERRORS_FOLDER, at=kind.last_at)
        if one.first_at > kind.last_at - dt.timedelta(days=1)
    ]
    if len(new) > MOST_MESSAGES:
        return
    error = record.exc_info[1] if record.exc_info else None
    frames = [line for one in chain_of(error) for line in (*frames_of(one), name_of(one))]
    words = [
        f"{kind.what}, at {kind.where}{f', while answering {kind.route}' if kind.route else ''}.",
        f"First on {kind.first_at:%Y-%m-%d at %H:%M} UTC.",
        "",
        "You get one message for each kind of error, and at most ten a day. The server's log says more, and",
        "`manage.py doctor` what may be wrong. This message holds nothing that visitors or staff sent.",
        "",
        *(line.rstrip() for line in frames),
    ]
    host = urlsplit(settings.SITE_URL).hostname
    message = EmailMessage(f"{host}: {kind.what}"[:120], "\n".join(words), bcc=settings.ERRORS_TO)
    background.later(partial(send, message))


def send(message: EmailMessage) -> None:
    try:
        message.send()
    except OSError as error:  # smtplib's own errors, too; their words may hold an address
        logger.error("A message about an error was not sent: %s.", type(error).__name__)
