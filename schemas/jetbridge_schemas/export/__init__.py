"""JSON Schema, AsyncAPI and TypeScript, all made from the structs and never edited."""

from jetbridge_schemas.export.asyncapi import asyncapi_document
from jetbridge_schemas.export.files import drift, generated_files, write
from jetbridge_schemas.export.json_schema import bundle, event_schema
from jetbridge_schemas.export.typescript import typescript_module

__all__ = [
    "asyncapi_document",
    "bundle",
    "drift",
    "event_schema",
    "generated_files",
    "typescript_module",
    "write",
]
