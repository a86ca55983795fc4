"""Proves that what was published is still what it was: hashes, seals, and the check of both."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

from django.utils.translation import gettext as _

from recommendations.models import Edition, EditionFile
from recommendations.reading.canonical import canonical, printed_hash
from recommendations.reading.editions import stored_snapshot
from recommendations.reading.schema import UnknownSchema

from .editions import pictures_of

# The line at the end with the hash that the edition can be checked by, in its present and its earlier form.
HASH_LINE = re.compile(r"""<li class="report-rows__row">(?:(?!<li\b).)*?report-hash.*?</li>""", re.DOTALL)
PRINTED_HASH = re.compile(r"""report-hash">([0-9a-f]{64})<""")


def seal_of(edition: Edition, hashes: dict[str, str]) -> str:
    """The SHA-256 that chains `edition` to the one published before it, whichever report that was of."""
    return sha256(canonical(covered_by_seal(edition, hashes)).encode()).hexdigest()


def covered_by_seal(edition: Edition, hashes: dict[str, str]) -> dict[str, Any]:
    """The content that the seal of `edition` is the SHA-256 of; `hashes` are those of its files, by name.

    It covers the previous seal, the report's address, the number, the time of publication, what it was compared with,
    and the name and SHA-256 of each file. The note is covered by the snapshot's file, so an erasure leaves it valid.
    """
    return {
        "previous": edition.previous.seal if edition.previous else "",
        "report": edition.report.slug,
        "number": edition.number,
        "published_at": edition.published_at.astimezone(dt.UTC).isoformat(),
        "compared_with": edition.compared_with.seal if edition.compared_with else "",
        "files": hashes,
    }


def verify_editions() -> Iterator[tuple[Edition, list[str]]]:
    """Each edition in the order of publication, with a list of what is wrong with it, which is empty if nothing is.

    Each hash is computed again from the stored bytes, and each seal from the hashes. Bytes may be missing only if an
    erasure after a take-down is on record.
    """
    last: Edition | None = None
    editions = Edition.objects.select_related("report", "previous", "compared_with", "take_down").order_by("id")
    for edition in editions.iterator(chunk_size=10):
        problems = []
        erased = edition.is_taken_down and edition.take_down.erased_at is not None
        if edition.previous != last:
            problems.append(_("it doesn't follow the edition before it"))
        files = {file.name: file for file in edition.files.all()}
        if set(files) != set(EditionFile.Name.values):
            problems.append(_("its files are not the three that an edition has"))
        for name, file in files.items():
            if file.content is None:
                if not erased:
                    problems.append(_("%(name)s is missing, and no erasure is recorded") % {"name": name})
            elif len(file.content) != file.size or sha256(file.content).hexdigest() != file.sha256:
                problems.append(_("%(name)s is not what was published") % {"name": name})
        if seal_of(edition, {name: file.sha256 for name, file in files.items()}) != edition.seal:
            problems.append(_("its seal is broken: number, time, order or a hash was changed"))
        if not problems and not erased:
            problems += _disagreements(edition)
        yield edition, problems
        last = edition


def hash_in(article: str) -> str:
    """The hash of its snapshot that a frozen `article` prints; empty if it prints none."""
    found = PRINTED_HASH.findall(article)
    return found[-1] if found else ""


def without_hash(article: str) -> str:
    """`article` without the line that prints the hash of its snapshot, which differs in every edition."""
    return HASH_LINE.sub("", article)


def _disagreements(edition: Edition) -> list[str]:
    """Where the row of a whole `edition` differs from its frozen snapshot, or its logos from what they were.

    The printed hash is checked without reading the snapshot into today's fields.
    """
    printed = hash_in(edition.content(EditionFile.Name.ARTICLE).decode())
    if printed and printed != printed_hash(edition.content(EditionFile.Name.SNAPSHOT)):
        return [_("the hash it prints is not that of its content")]
    try:
        snapshot = stored_snapshot(edition)
    except UnknownSchema as error:
        return [str(error)]
    problems = []
    frozen = snapshot.edition
    if frozen is None or (frozen.number, frozen.note) != (edition.number, edition.note):
        problems.append(_("its number or note is not what was published"))
    if set(edition.updates.values_list("pk", flat=True)) != set(snapshot.updates_by_id):
        problems.append(_("the recorded list of its updates differs from its snapshot"))
    held = set(edition.logos.values_list("image_id", flat=True))
    pictures = pictures_of(snapshot)
    for logo in snapshot.logos:
        content = pictures.get(logo.path)
        if content is None:
            problems.append(_("the logo “%(logo)s” is missing") % {"logo": logo.alt})
        elif sha256(content).hexdigest() != logo.sha256:
            problems.append(_("the logo “%(logo)s” is not what was published") % {"logo": logo.alt})
        elif logo.sha256 not in held:
            problems.append(_("nothing protects the logo “%(logo)s” from being deleted") % {"logo": logo.alt})
    return problems
