"""Which editions the public reads, and what is stored of an edition. Nothing else reads stored snapshots."""

from collections.abc import Iterable
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BinaryField, Func, IntegerField, Value
from django.db.models.sql.compiler import SQLCompiler

from recommendations.models import Edition, EditionFile

from .entries import Snapshot


class Position(Func):
    """Where the first of two runs of bytes begins in the second, counted from 1; 0 where it doesn't occur."""

    function = "POSITION"
    arg_joiner = " IN "
    output_field = IntegerField()

    def as_sqlite(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **extra_context: Any
    ) -> tuple[str, tuple[str | int, ...]]:
        """SQLite's own function for it, which takes them the other way round."""
        turned = self.copy()
        turned.set_source_expressions(self.get_source_expressions()[::-1])
        return turned.as_sql(compiler, connection, function="INSTR", arg_joiner=", ", **extra_context)


def in_sight(editions: Iterable[Edition]) -> list[Edition]:
    """Those of `editions` that a list may name: all but those set aside."""
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
    """The newest public edition whose article has `anchor`, to be cited; None where none has it.

    The database looks through the articles: none is loaded.
    """
    editions = newest_public()
    articles = EditionFile.objects.filter(edition__in=editions, name=EditionFile.Name.ARTICLE)
    found = articles.annotate(
        position=Position(Value(f'id="{anchor}"'.encode(), output_field=BinaryField()), "content")
    ).filter(position__gt=0)
    ids = set(found.values_list("edition", flat=True))
    return next((edition for edition in editions if edition.pk in ids), None)


def stored_snapshots(editions: Iterable[Edition]) -> dict[int, Snapshot]:
    """The snapshots that `editions` froze, by the id of each; without those whose bytes were erased. One query."""
    ids = [edition.pk for edition in editions]
    files = EditionFile.objects.filter(edition__in=ids, name=EditionFile.Name.SNAPSHOT, content__isnull=False)
    return {file.edition_id: Snapshot.from_json(bytes(file.content or b"")) for file in files}


def stored_snapshot(edition: Edition) -> Snapshot:
    """The snapshot that `edition` froze; KeyError once its bytes were erased."""
    return stored_snapshots([edition])[edition.pk]
