"""Whether this machine's clock can be right, and by which time zones it is read.

A clock without a battery begins in 1970 again when the power fails. Time zones change at short notice: a
Canadian province left its clocks as they were from November 2026 on, and a system without that says an hour less.
"""

import datetime as dt
import zoneinfo
from pathlib import Path

import tzdata  # type: ignore[import-untyped]  # it has none

# The first report was published in that year.
EARLIEST = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)


def is_impossible(at: dt.datetime) -> bool:
    """Whether it can't be the instant `at`: there was no tracker then."""
    return at < EARLIEST


def use_newest_time_zones(system: Path) -> None:
    """Read days and times by the system's time zones or by those that we bring, whichever are newer."""
    try:
        with (system / "tzdata.zi").open(encoding="ascii") as file:
            installed = file.readline().removeprefix("# version ").strip()
    except (OSError, ValueError):
        installed = ""
    if installed < tzdata.IANA_VERSION:
        zoneinfo.reset_tzpath(to=[])
        zoneinfo.ZoneInfo.clear_cache()
