"""What CloudEvents 1.0 asks of an event in its JSON format."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from jsonschema import Draft7Validator

TEXT = {"type": "string", "minLength": 1}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["id", "source", "specversion", "type"],
    "properties": {
        "id": TEXT,
        "source": TEXT,
        "specversion": {"const": "1.0"},
        "type": TEXT,
        "datacontenttype": TEXT,
        "dataschema": TEXT,
        "subject": TEXT,
        "time": TEXT,
        "data_base64": {"type": "string", "contentEncoding": "base64"},
    },
    # Names of attributes: lower-case letters and digits, at most 20 are recommended.
    "propertyNames": {"pattern": "^([a-z0-9]{1,20}|data_base64)$"},
    "not": {"required": ["data", "data_base64"]},
}
"""After cloudevents/formats/cloudevents.json of the specification, version 1.0.2."""

URI_REFERENCE = re.compile(r"([A-Za-z0-9\-._~!$&'()*+,;=:@/?#\[\]]|%[0-9A-F]{2})+")


def assert_cloudevent(event: dict[str, Any]) -> None:
    """Raise AssertionError or ValidationError if this is no CloudEvent 1.0."""
    validator: Any = Draft7Validator(SCHEMA)
    validator.validate(event)
    source: str = event["source"]
    assert URI_REFERENCE.fullmatch(source)
    assert urlsplit(source).path == source
    moment = datetime.fromisoformat(event["time"])
    assert moment.tzinfo is not None
    assert "T" in event["time"]
