"""What is announced about a message that cannot be delivered (contract section 6)."""

from typing import Annotated

from msgspec import Meta, Struct

from jetbridge_schemas.fields import Timestamp
from jetbridge_schemas.reasons import DeadLetterReason


class DeadLetter(Struct, frozen=True, kw_only=True):
    """One skipped message of the stream `EVT`, as announced on `dlq.<tenant>.<reason>`.

    Also a task that was given up: `sequence` is that of its `WorkflowFailed`, or, when the
    message was no task at all, the place it had in the stream `TASKS`.
    """

    sequence: Annotated[int, Meta(ge=0, description="Where the message stays in `EVT`.")]
    subject: Annotated[str, Meta(description="The subject it was published on.")]
    reason: DeadLetterReason
    message: Annotated[str, Meta(description="What is wrong with it, for people.")]
    timestamp: Timestamp
