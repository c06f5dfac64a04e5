"""TypeScript types, made from the JSON Schema components.

`JetbridgeEvent` and `JetbridgeControlEvent` are discriminated unions over `type`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from jetbridge_schemas.control import CONTROL_EVENTS
from jetbridge_schemas.export.components import ALL_TYPES, Schema, components
from jetbridge_schemas.registry import EVENT_TYPES

HEADER = "// Made from the Python structs by `jetbridge schemas export`. Do not edit.\n"

_SIMPLE_TYPES = {
    "string": "string",
    "number": "number",
    "integer": "number",
    "boolean": "boolean",
    "null": "null",
}


def typescript_module() -> str:
    """Return the text of one TypeScript module with every type."""
    declarations = [_declaration(name, schema) for name, schema in components(ALL_TYPES).items()]
    families = [
        *_family("Event", "EVENT_TYPES", EVENT_TYPES),
        *_family("ControlEvent", "CONTROL_TYPES", CONTROL_EVENTS),
    ]
    return "\n".join([HEADER, *declarations, *families])


def type_expression(schema: Schema) -> str:
    """Return the TypeScript type of the values that fit `schema`.

    Raises NotImplementedError for a keyword that the structs do not use so far.
    """
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "enum" in schema or "const" in schema:
        return _union(_literal(value) for value in schema.get("enum", [schema.get("const")]))
    if "anyOf" in schema:
        return _union(type_expression(choice) for choice in schema["anyOf"])
    if "type" not in schema:
        return "unknown"
    return _typed(schema)


def _typed(schema: Schema) -> str:
    kind = schema["type"]
    if kind == "array":
        return f"Array<{type_expression(schema.get('items', {}))}>"
    if kind == "object" and "properties" not in schema:
        return f"Record<string, {type_expression(schema.get('additionalProperties', {}))}>"
    if kind in _SIMPLE_TYPES:
        return _SIMPLE_TYPES[kind]
    raise NotImplementedError(f"no TypeScript for the schema {schema}")


def _declaration(name: str, schema: Schema) -> str:
    comment = _comment(schema, indent="")
    if "properties" not in schema:
        return f"{comment}export type {name} = {type_expression(schema)};\n"
    required = set(schema.get("required", ()))
    members = [
        f"{_comment(field, indent='  ')}  {key}{'' if key in required else '?'}: "
        f"{type_expression(field)};\n"
        for key, field in schema["properties"].items()
    ]
    return f"{comment}export interface {name} {{\n{''.join(members)}}}\n"


def _family(name: str, constant: str, structs: Mapping[str, type]) -> list[str]:
    quoted = {_literal(key): struct.__name__ for key, struct in structs.items()}
    by_type = "".join(f"  {key}: {struct};\n" for key, struct in quoted.items())
    union = "".join(f"\n  | {{ type: {key}; data: {s} }}" for key, s in quoted.items())
    names = "".join(f"  {key},\n" for key in quoted)
    return [
        f"/** The data of each type. */\nexport interface {name}DataByType {{\n{by_type}}}\n",
        f"export type Jetbridge{name} ={union};\n",
        f"export const {constant} = [\n{names}] as const;\n",
    ]


def _comment(schema: Schema, *, indent: str) -> str:
    described = (choice.get("description") for choice in (schema, *schema.get("anyOf", ())))
    text = next(filter(None, described), "")
    if "\n" not in text:
        return text and f"{indent}/** {text} */\n"
    lines = "".join(f"{indent} * {line}".rstrip() + "\n" for line in text.splitlines())
    return f"{indent}/**\n{lines}{indent} */\n"


def _union(choices: Iterable[str]) -> str:
    return " | ".join(dict.fromkeys(choices))


def _literal(value: object) -> str:
    return msgspec.json.encode(value).decode()
