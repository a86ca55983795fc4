"""The PDFs that staff look at before they publish: made one at a time, by a thread of their own, and the last kept.

One request waits a little for its document and then lets go; all others let go at once: the page that staff get asks
again. So whatever a document takes, and however many want it, the threads that answer visitors are free.
"""

from collections import OrderedDict
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from threading import Lock

from django.utils import translation

from recommendations.report.editions import Making
from recommendations.report.pdf import RenderFailed, another_is_being_made

WAIT = 5.0  # seconds that a request waits
KEPT = 4  # documents
KEPT_BYTES = 32 * 1024 * 1024  # of all of them together


class BeingMade(Exception):
    """The document isn't finished yet: ask again."""


@dataclass
class _Job:
    key: str
    future: "Future[bytes]"


_thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="previews")
_lock = Lock()
_waiter = Lock()
_job: _Job | None = None
_kept: OrderedDict[str, bytes] = OrderedDict()


def pdf_of(making: Making, *, wait: float | None = None) -> bytes:
    """The PDF of `making`: kept from before, or made within `wait` seconds, WAIT unless given.

    Raises BeingMade where that isn't enough or another request waits already, and RenderFailed where it can't be made
    or another document is being made.
    """
    global _job
    key = making.key
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
        if _job is None or (_job.key != key and _job.future.done()):
            _job = _Job(key, _thread.submit(_made, making, translation.get_language()))
        elif _job.key != key:
            raise RenderFailed(another_is_being_made())
        job = _job
    waits = _waiter.acquire(blocking=False)
    try:
        return job.future.result((WAIT if wait is None else wait) if waits else 0)
    except TimeoutError:
        raise BeingMade from None
    finally:
        if waits:
            _waiter.release()
        with _lock:
            if _job is job and job.future.done():
                _job = None


def _made(making: Making, language: str | None) -> bytes:
    with translation.override(language):
        content = making.make()
    with _lock:
        _kept[making.key] = content
        while len(_kept) > KEPT or sum(map(len, _kept.values())) > KEPT_BYTES:
            _kept.popitem(last=False)
    return content
