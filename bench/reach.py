"""What the figures are to reach: seconds at most, or a share of nginx's speed at least, for a plan of some size."""

from collections.abc import Mapping
from dataclasses import dataclass

from .measure import Figure, amount

SMALL, MIDDLE = 29, 290


@dataclass(frozen=True)
class Reach:
    """A bound for the plans that have `size` recommendations, or for all plans; with `updates` on each, where told."""

    seconds: float | None = None
    share: float | None = None
    megabytes: float | None = None
    size: int | None = None
    updates: int | None = None

    def __str__(self) -> str:
        said = f"≥ {self.share:.0%}".replace("%", " %") if self.share else ""
        said = said or (f"≤ {self.megabytes:.0f} MB" if self.megabytes else f"≤ {amount(self.seconds or 0)}")
        at = f" at {self.size}" if self.size else ""
        return f"{said}{at}{f' × {self.updates}' if self.updates else ''}"

    def verdict(self, cells: Mapping[tuple[int, int], Figure]) -> str:
        """Whether the figure of each plan that it is about reaches it."""
        about = [
            figure
            for (size, updates), figure in cells.items()
            if self.size in (None, size) and self.updates in (None, updates)
        ]
        return ("yes" if all(map(self.is_met, about)) else "no") if about else "not measured"

    def is_met(self, figure: Figure) -> bool:
        if self.share is not None:
            return figure.share is not None and round(figure.share, 2) >= self.share
        return figure.seconds <= (self.megabytes or self.seconds or 0)


OFTEN = ("progress", "recommendation", "edition", "JSON", "feed", "PDF download")
OTHERS = ("recommendation", "area", "party", "updates", "edition", "feed", "recommendation's feed")
WIDE = Reach(seconds=0.060, size=MIDDLE, updates=10)
FORM = Reach(seconds=0.3, size=MIDDLE, updates=10)

REACH: dict[str, tuple[Reach, ...]] = {
    **{f"{name}, cached": (Reach(share=0.30),) for name in OFTEN},
    **{f"{name}, 304": (Reach(share=0.28),) for name in OFTEN},
    **{f"{name}, behind the shipped proxy": (Reach(share=0.60),) for name in OFTEN[:2]},
    # It is a file as the reference is: this leaves room for the spread.
    "progress, exported": (Reach(share=0.95),),
    "static file": (Reach(share=0.14),),
    "progress, uncached": (Reach(seconds=0.035, size=SMALL), WIDE),
    **{f"{name}, uncached": (Reach(seconds=0.015, size=SMALL), WIDE) for name in OTHERS},
    "JSON, uncached": (Reach(seconds=0.015, size=SMALL),),
    "workspace": (FORM,),
    "report form": (FORM,),
    "PDF of the report of 2020, warm": (Reach(seconds=0.8),),
    "report's PDF, warm": (Reach(seconds=10, size=MIDDLE, updates=2),),
    "renderer's memory at its peak": (Reach(megabytes=400, size=MIDDLE, updates=2),),
    "start, to the first answer": (Reach(seconds=1.0),),
    "20 previews: memory of the service": (Reach(megabytes=200, size=SMALL),),
    "200 visitors at once": (Reach(seconds=1.0),),
    "8 slow bodies: /healthz": (Reach(seconds=0.2),),
    "20 previews: /healthz": (Reach(seconds=0.2),),
}
