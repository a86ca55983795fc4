"""Which way a text is written, as `dir="auto"` finds it: by the first letter that has a direction (UAX 9, P2, P3)."""

import unicodedata


def direction(text: str) -> str:
    """`rtl` if the first letter of `text` belongs to a script such as Arabic, else `ltr`; empty if there is none.

    What stands between isolates isn't looked at.
    """
    depth = 0
    for character in text:
        kind = unicodedata.bidirectional(character)
        if kind in ("LRI", "RLI", "FSI"):
            depth += 1
        elif kind == "PDI":
            depth = max(0, depth - 1)
        elif depth == 0 and kind in ("L", "R", "AL"):
            return "ltr" if kind == "L" else "rtl"
    return ""
