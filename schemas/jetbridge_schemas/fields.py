"""The kinds of fields that payloads are made of, with their units and ranges."""

from typing import Annotated

from msgspec import Meta

Id = Annotated[str, Meta(min_length=1, description="An id; never empty.")]

Timestamp = Annotated[
    str, Meta(min_length=1, description="A point in time, RFC 3339; UTC with a Z when ours.")
]

Percent = Annotated[float, Meta(ge=0, le=100, description="A percentage from 0 to 100.")]

Milliseconds = Annotated[int, Meta(ge=0, description="A duration in milliseconds.")]

Seconds = Annotated[float, Meta(ge=0, description="A duration in seconds.")]

Money = Annotated[float, Meta(ge=0, description="An amount in the currency of the budget.")]

# A float with a whole value (3.0) is a JSON Schema integer, but no `int` to msgspec.
WholeNumber = Annotated[float, Meta(ge=0, multiple_of=1, description="A whole number from 0.")]
