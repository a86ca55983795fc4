"""Whether this machine's clock can be right: one without a battery begins in 1970 again when the power fails."""

import datetime as dt

# The first report was published in that year.
EARLIEST = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)


def is_impossible(at: dt.datetime) -> bool:
    """Whether it can't be the instant `at`: there was no tracker then."""
    return at < EARLIEST
