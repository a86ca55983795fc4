"""The file of a backup: a ZIP archive with a part of lines for each table, and a manifest of all of them."""

from __future__ import annotations

import datetime as dt
import tomllib
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from typing import IO

import msgspec
from django.conf import settings
from django.db import IntegrityError, connection, transaction

from recommendations.publishing.acts import Refused
from recommendations.reading.schema import SCHEMA

from . import rows

FORMAT = 1
MANIFEST = "manifest.json"


class Damaged(Refused):
    """The file isn't as it was written, or is no backup."""


class Part(msgspec.Struct, frozen=True):
    """One table: its columns, each with its kind, how many rows it has, and the SHA-256 of its lines."""

    table: str
    columns: list[tuple[str, str]]
    rows: int
    sha256: str
    last_id: int | None


class Manifest(msgspec.Struct, frozen=True):
    """What a backup is of. `made_at` is before the moment whose rows it holds; `schema` is that of snapshots."""

    format: int
    made_at: dt.datetime
    version: str
    database: str
    schema: int
    migrations: list[tuple[str, str]]
    left_out: list[str]
    editions: int
    newest_seal: str
    tables: list[Part]


def version() -> str:
    """The version of the tracker that runs."""
    found: str = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text())["project"]["version"]
    return found


def write(file: IO[bytes], *, made_at: dt.datetime) -> Manifest:
    """Write everything that the database holds, but what is left out."""
    migrations = rows.applied_migrations()
    if not migrations:
        raise Refused("The database is empty: there is nothing to back up.")
    models, tables = rows.models_at(migrations), []
    rows.refuse_unknown(models)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for model in rows.kept(models):
            table, count, digest = model._meta.db_table, 0, sha256()
            with archive.open(name_of(table), "w", force_zip64=True) as part:
                for line in rows.lines_of(model):
                    part.write(line)
                    digest.update(line)
                    count += 1
            tables.append(Part(table, rows.columns(model), count, digest.hexdigest(), rows.last_id(model)))
        (editions,) = [model for model in models if model._meta.label == "recommendations.Edition"]
        seals = list(editions._base_manager.order_by("id").values_list("seal", flat=True))
        manifest = Manifest(
            format=FORMAT,
            made_at=made_at,
            version=version(),
            database=connection.vendor,
            schema=SCHEMA,
            migrations=migrations,
            left_out=list(rows.LEFT_OUT),
            editions=len(seals),
            newest_seal=seals[-1] if seals else "",
            tables=tables,
        )
        archive.writestr(MANIFEST, msgspec.json.format(msgspec.json.encode(manifest)))
    return manifest


def name_of(table: str) -> str:
    return f"{table}.jsonl"


@contextmanager
def told_of_damage() -> Iterator[None]:
    """Damaged in the place of what is raised where the file, or what it holds, can't be read."""
    try:
        yield
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        KeyError,
        ValueError,
        NotImplementedError,
        IntegrityError,
    ) as error:
        raise Damaged("The file is damaged, or is no backup of the tracker.") from error


def read_manifest(file: IO[bytes]) -> Manifest:
    """What the file holds; Refused where it is damaged, or of a format that this version doesn't know."""
    with told_of_damage(), zipfile.ZipFile(file) as archive:
        content = archive.read(MANIFEST)
        known: dict[str, object] = msgspec.json.decode(content, type=dict)
        if known.get("format") != FORMAT:
            raise rows.NewerThanThis("It was made by a newer version of the tracker: restore it with that one.")
        return msgspec.json.decode(content, type=Manifest)


def load(file: IO[bytes], manifest: Manifest) -> None:
    """Put all that the file holds into an empty database, and read it back: Damaged where that isn't the same."""
    models = rows.models_at(manifest.migrations)
    rows.create_tables(models, manifest.migrations)
    if {part.table: part.columns for part in manifest.tables} != {
        model._meta.db_table: rows.columns(model) for model in rows.kept(models, left_out=manifest.left_out)
    }:
        raise Damaged("Its tables are not those that its migrations make.")
    by_table = {model._meta.db_table: model for model in rows.kept(models)}
    # Another version may have kept what this one leaves out.
    parts = [part for part in manifest.tables if part.table in by_table]
    with told_of_damage(), zipfile.ZipFile(file) as archive, transaction.atomic():
        for part in parts:
            with archive.open(name_of(part.table)) as lines:
                rows.load(by_table[part.table], lines)
        connection.check_constraints()
    for part in parts:
        model, count, digest = by_table[part.table], 0, sha256()
        for line in rows.lines_of(model):
            count += 1
            digest.update(line)
        if (count, digest.hexdigest()) != (part.rows, part.sha256):
            raise Damaged(f"What it holds of {part.table} is not what was written.")
        if part.last_id is not None:
            rows.go_on_after(model, part.last_id)
