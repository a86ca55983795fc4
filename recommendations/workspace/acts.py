"""What staff call each act that the history names: the ending of its page's address, or the word of a command."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

ACTS = {
    "add": _("Added"),
    "change": _("Changed"),
    "delete": _("Deleted"),
    "restore": _("Restored an older version"),
    "ready": _("Marked ready"),
    "publish": _("Published"),
    "correct": _("Corrected"),
    "withdraw": _("Withdrawn"),
    "replace": _("Replaced"),
    "import": _("Imported"),
    "load": _("Loaded"),
    "set_aside": _("Set aside"),
    "restore_set_aside": _("Restored after it was set aside"),
    "take_down": _("Taken down"),
    "erase": _("Erased"),
    "decide": _("Answered"),
    "close": _("Closed"),
    "reopen": _("Opened again"),
}
ANSWER = "decide"
# Acts of several pages that are one to whoever looks for them.
SAME = {"take_down_editions": "take_down", "erase_note": "erase", "end_notes": "erase"}
BY_TYPE = {"+": "add", "~": "change", "-": "delete"}


def act_of(name: str, history_type: str) -> str:
    """The key in ACTS of what a save is called `name` in the history; of an unknown one, what it did to the row."""
    name = SAME.get(name, name)
    return name if name in ACTS else BY_TYPE[history_type]


def names_of(act: str) -> list[str]:
    """What the history calls an act of ACTS."""
    return [act, *(name for name, same in SAME.items() if same == act)]


def verb_of(name: str, history_type: str) -> str:
    return str(ACTS[act_of(name, history_type)])
