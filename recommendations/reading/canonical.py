"""The one JSON text of a value that is hashed, so that everybody who computes the hash gets the same."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any


def canonical(value: Any) -> str:
    """`value` as the one JSON text of it that is hashed: keys sorted, no spare space, dates in ISO 8601."""
    return json.dumps(
        value,
        default=lambda moment: moment.isoformat(),
        ensure_ascii=False,
        sort_keys=True,
        separators=(",", ":"),
        allow_nan=False,
    )


def printed_hash(stored: bytes) -> str:
    """The SHA-256 that an edition prints, from the `stored` bytes of its snapshot.json alone.

    From schema 2 on it is that of the bytes. In schema 1 it was that of the canonical text without the edition and what
    was corrected since the one before. The bytes are not read into today's fields: a new field changes no hash.
    """
    data = json.loads(stored)
    if data["schema"] == 1:
        stored = canonical({**data, "edition": None, "corrected": []}).encode()
    return sha256(stored).hexdigest()
