"""The staff's door: Django's admin, made to fit the work. A module per subject; importing this registers them all."""

from . import accounts, plan, progress, reports, takedowns, terms

__all__ = ["accounts", "plan", "progress", "reports", "takedowns", "terms"]
