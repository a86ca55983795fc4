"""What a computation costs, for tests that texts meant to hold the tracker up don't do so."""

import time

# What `_work` takes on the machine that the tests' limits were set on.
AT_REST = 0.02  # seconds


def effort(work, *, limit):
    """The processor time of `work()`, in seconds of the machine on which limits are set.

    Other programs slow a processor down, too. So where it is more than `limit`, two more tries count as well, and how
    fast this machine is just then.
    """
    taken = _seconds(work)
    if taken <= limit:
        return taken
    taken = min(taken, _seconds(work), _seconds(work))
    return taken / max(1, max(_seconds(_work) for _ in range(3)) / AT_REST)


def _seconds(work):
    begun = time.process_time()
    work()
    return time.process_time() - begun


def _work():
    found = {}
    for number in range(200_000):
        found[number % 997] = found.get(number % 997, 0) + number
