"""Which editions the public reads, and what is stored of an edition. Nothing else reads stored snapshots."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BinaryField, Func, IntegerField, Value
from django.db.models.sql.compiler import SQLCompiler

from recommendations.models import Edition, EditionFile, ProgressUpdate

from .comparison import Comparison, compare
from .schema import Snapshot


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


def files_of(editions: Iterable[Edition], name: str) -> dict[int, EditionFile]:
    """The files called `name` of `editions`, by edition, without their bytes; those erased are left out."""
    files = EditionFile.objects.filter(edition__in=list(editions), name=name, content__isnull=False)
    return {file.edition_id: file for file in files.defer("content")}


def public_file(slug: str, number: int | None, name: str) -> EditionFile | None:
    """The file `name`, without its bytes, of one public edition of the report at `slug`; None where there is none.

    Without a `number` it is that of the newest public edition.
    """
    editions = Edition.objects.public().filter(report__slug=slug)
    edition = (editions if number is None else editions.filter(number=number)).order_by("number").last()
    return files_of([edition], name).get(edition.pk) if edition else None


def newest_public() -> list[Edition]:
    """The newest public edition of each published report, the newest report first."""
    newest: dict[int, Edition] = {}
    for edition in Edition.objects.public().with_report().by_report():
        newest.setdefault(edition.report_id, edition)
    return list(newest.values())


def edition_with(anchor: str, editions: Sequence[Edition]) -> Edition | None:
    """The first of `editions` whose article has `anchor`, to be cited; None where none has it.

    The database looks through the articles: none is loaded.
    """
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


def comparison_of(edition: Edition) -> Comparison | None:
    """What changed from the edition that `edition` was compared with; None where the public can't read that one."""
    earlier = edition.compared_with
    stored = stored_snapshots([edition, *([earlier] if earlier and earlier.is_public else [])])
    return compare(stored[earlier.pk], stored[edition.pk]) if earlier and earlier.pk in stored else None


def public_updates_in(comparison: Comparison) -> set[int]:
    """The ids of those updates in `comparison` that the public still reads."""
    public = ProgressUpdate.objects.public().filter(pk__in=comparison.update_ids)
    return set(public.values_list("pk", flat=True))


def reports_in_order() -> list[Snapshot]:
    """What the newest public edition of each report says, the oldest report first."""
    editions = newest_public()[::-1]
    stored = stored_snapshots(editions)
    return [stored[edition.pk] for edition in editions if edition.pk in stored]


def stored_snapshot(edition: Edition) -> Snapshot:
    """The snapshot that `edition` froze; KeyError once its bytes were erased."""
    return stored_snapshots([edition])[edition.pk]
