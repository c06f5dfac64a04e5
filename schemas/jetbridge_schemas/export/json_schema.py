"""JSON Schema 2020-12: one document per type, and one of everything."""

from __future__ import annotations

from jetbridge_schemas.export.components import ALL_TYPES, FRAMES, Schema, components

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def event_schema(name: str, struct: type) -> Schema:
    """Return the schema of the data of one event type, by itself."""
    return {
        "$schema": DIALECT,
        "$id": f"{name}.json",
        "title": name,
        "$ref": f"#/$defs/{struct.__name__}",
        "$defs": components([struct]),
    }


def bundle() -> Schema:
    """Return one schema for `{"type": …, "data": …}` of every event and control event.

    Event types that are not known to Jetbridge do not fit it, though the bridge delivers them.
    """
    return {
        "$schema": DIALECT,
        "$id": "bundle.json",
        "title": "Jetbridge events and control events",
        "oneOf": [_frame(name, struct) for name, struct in FRAMES.items()],
        "$defs": components(ALL_TYPES),
    }


def _frame(name: str, struct: type) -> Schema:
    return {
        "type": "object",
        "properties": {"type": {"const": name}, "data": {"$ref": f"#/$defs/{struct.__name__}"}},
        "required": ["type", "data"],
    }
