"""`python -m bench.visitors [ADDRESS]`: 200 visitors at once to a server that runs, and what they were answered."""

import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from urllib.error import HTTPError
from urllib.request import Request, urlopen

VISITORS = 200


def visit(address: str, together: Barrier) -> tuple[str, float]:
    """The status that one visitor got, or the name of the error, and the seconds it took."""
    together.wait()
    begun = time.monotonic()
    # As from a web server in front, so that a public site answers too.
    request = Request(address, headers={"X-Forwarded-Proto": "https"})  # noqa: S310 (given on the command line)
    try:
        with urlopen(request, timeout=120) as answer:  # noqa: S310
            answer.read()
            said = str(answer.status)
    except HTTPError as error:
        said = str(error.code)
    except OSError as error:
        said = type(error).__name__
    return said, time.monotonic() - begun


def main(address: str) -> None:
    together = Barrier(VISITORS)
    with ThreadPoolExecutor(VISITORS) as threads:
        answers = list(threads.map(visit, [address] * VISITORS, [together] * VISITORS))
    lasted = sorted(seconds for _said, seconds in answers)
    said = ", ".join(f"{count} × {status}" for status, count in Counter(said for said, _ in answers).items())
    print(
        f"{VISITORS} visitors at once: {said}; half within {lasted[VISITORS // 2]:.1f} s, all within {lasted[-1]:.1f} s"
    )


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000/")
