"""The machine-readable descriptions of the open data: JSON Schema and Frictionless Data Package."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from recommendations.reading import origins
from recommendations.reading.schema import Snapshot
from recommendations.text import dates

from .columns import RECOMMENDATION_COLUMNS, STATUS_COLUMNS, UPDATE_COLUMNS, Column
from .tables import JSON_SCHEMA_VERSION, reuse, tables

SCHEMAS = Path(__file__).parent / "schemas"
TYPES: dict[str, dict[str, Any]] = {
    "string": {"type": "string"},
    "strings": {"type": "array", "items": {"type": "string"}},
    "integer": {"type": "integer"},
    "boolean": {"type": "boolean"},
    "day": {"type": "string", "format": "date"},
    "date": {"type": ["string", "null"], "format": "date"},
    "datetime": {"type": ["string", "null"], "format": "date-time"},
}


def schema_name(version: int) -> str:
    """The name of a version of the JSON Schema under /data/. Names never change: old editions refer to them."""
    return "progress.schema.json" if version == 1 else f"progress-{version}.schema.json"


def json_schema(*, site: str, version: int = JSON_SCHEMA_VERSION) -> dict[str, Any]:
    """The JSON Schema (2020-12) of what `to_json` writes; for an earlier `version`, the schema stored in schemas/."""
    named = {"$id": f"{site}/data/{schema_name(version)}", "title": _("Progress on recommendations")}
    if version != JSON_SCHEMA_VERSION:
        stored: dict[str, Any] = json.loads((SCHEMAS / f"progress_{version}.json").read_text())
        return {**stored, **named}

    def rows_of(columns: tuple[Column[Any], ...]) -> dict[str, Any]:
        return {"type": "array", "items": _object({column.name: _column_schema(column) for column in columns})}

    meaning = {name: {"type": "string"} for name in ("status", "label", "definition", "evidence")}
    properties: dict[str, Any] = {
        "$schema": {"type": "string"},
        "version": {"const": JSON_SCHEMA_VERSION},
        "title": {"type": "string"},
        "organisation": {"type": "string"},
        "as_at": {"type": "string", "format": "date"},
        "closed_on": {
            **TYPES["date"],
            "description": _("Since when nobody has updated the site. Null while it is updated."),
        },
        "origins": {
            "type": "string",
            "description": _("How many recommendations were adopted, and how many were added or retired since."),
        },
        "status_note": {"type": "string"},
        "licence": {
            **_object({"name": TYPES["string"], "address": TYPES["string"]}),
            "type": ["object", "null"],
            "description": _("Null: ask before you republish the data."),
        },
        "reuse": {"type": "string", "description": _("The licence, or who to ask.")},
        "is_filtered": {
            "type": "boolean",
            "description": _("Whether some recommendations were left out, with the updates about only those."),
        },
        "filter": {"type": "string", "description": _("The filter, in words. Empty: nothing was left out.")},
        "citation": {"type": "string"},
        "statuses_meanings": {"type": "array", "items": {"type": "object", "properties": meaning}},
        "recommendations": rows_of(RECOMMENDATION_COLUMNS),
        "updates": rows_of(UPDATE_COLUMNS),
        "statuses": rows_of(STATUS_COLUMNS),
    }
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **named, **_object(properties)}


def _column_schema(column: Column[Any]) -> dict[str, Any]:
    """The schema of a column's cells: where it has `items`, a list of them."""
    if not column.items:
        return {**TYPES[column.type], "description": _(column.description)}
    types = {name: TYPES[kind] for name, kind in column.items.types.items()}
    items = types.get("") or _object(types)
    return {"type": "array", "items": items, "description": _(column.items.description)}


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    """The schema of an object with all of `properties` and no other."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def data_package(snapshot: Snapshot, *, site: str) -> dict[str, Any]:
    """The Frictionless data package that describes the three CSV files."""
    origin = origins.sentences(snapshot.origins, plan=snapshot.plan)
    closed = dates.not_updated_since(snapshot.closed_on) if snapshot.closed_on else ""
    package: dict[str, Any] = {
        "name": "recommendation-progress",
        "title": snapshot.plan.title,
        "description": "\n\n".join(filter(None, [closed, origin, snapshot.status_note, reuse(snapshot)])),
        "homepage": f"{site}/data/",
        "created": f"{snapshot.on.isoformat()}T00:00:00Z",
        "contributors": [{"title": snapshot.plan.organisation_name, "role": "publisher"}],
        "resources": [
            {
                "name": table.name,
                "title": table.title,
                "path": f"{table.name}.csv",
                "profile": "tabular-data-resource",
                "format": "csv",
                "mediatype": "text/csv",
                "encoding": "utf-8",
                "schema": {
                    "fields": [
                        {"name": column.name, "type": column.type, "description": _(column.description)}
                        for column in table.columns
                    ],
                    "primaryKey": list(table.key),
                },
            }
            for table in tables(snapshot, site=site)
        ],
    }
    if snapshot.plan.data_licence:
        licence = {"title": snapshot.plan.data_licence, "path": snapshot.plan.data_licence_address}
        package["licenses"] = [{name: value for name, value in licence.items() if value}]
    return package
