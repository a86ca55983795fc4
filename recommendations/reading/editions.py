"""Which editions the public reads, and their files."""

from collections.abc import Iterable

from recommendations.models import Edition, EditionFile


def in_sight(editions: Iterable[Edition]) -> list[Edition]:
    """Those of `editions` that a list may name: of one that is set aside nothing is told."""
    return [edition for edition in editions if not edition.is_set_aside]


def files_of(editions: Iterable[Edition], name: str) -> dict[int, EditionFile]:
    """The files called `name` of `editions`, by edition, without their bytes; those erased are left out."""
    files = EditionFile.objects.filter(edition__in=list(editions), name=name, content__isnull=False)
    return {file.edition_id: file for file in files.defer("content")}


def latest_edition() -> Edition | None:
    """The newest public edition of the newest report that has one."""
    return Edition.objects.public().without_files().order_by("-report__ends_on", "-number").first()


def newest_public() -> list[Edition]:
    """The newest public edition of each published report, the newest report first."""
    editions = Edition.objects.public().without_files().order_by("-report__ends_on", "-number")
    return list({edition.report_id: edition for edition in reversed(editions)}.values())[::-1]


def edition_with(anchor: str) -> Edition | None:
    """The newest public edition whose article has `anchor`, to be cited; None where none has it."""
    for edition in newest_public():
        if f'id="{anchor}"'.encode() in edition.content(EditionFile.Name.ARTICLE):
            return edition
    return None
