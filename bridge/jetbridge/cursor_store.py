"""Where cursors are kept: the interface, and what it may raise.

Two stores stand behind it, `consumer_cursors` and `kv_cursors`; one suite of tests holds
for both.
"""

from __future__ import annotations

from typing import Protocol

import msgspec

from jetbridge.cursor_keys import ClientKey, CursorKey, Wanted
from jetbridge.cursor_rules import moved_by_purge
from jetbridge.gaps import StreamState
from jetbridge.jetstream import (
    JetStreamDeniedError,
    JetStreamError,
    JetStreamUnavailableError,
)
from jetbridge_schemas.errors import JetbridgeError
from jetbridge_schemas.reasons import NotDurableReason

KEPT_SECONDS = 7 * 86_400
"""How long a cursor is kept after its client was last there (contract section 5)."""

NO_ROOM = frozenset({10023, 10026, 10028, 10047, 10077, 10122})
"""nats-server's `err_code` for limits: too many consumers, too little memory or storage."""


RENEW_SECONDS = 3600.0
"""How often the cursor of a client that stays is renewed, a third of the time that it is
kept at most."""


class StoreFullError(JetbridgeError):
    """No further cursor may be made: the rest of the room is for those who replay."""


class StoredCursor(msgspec.Struct, frozen=True):
    """A cursor as it is stored.

    `position` is what the store holds, `noted` what was written down beside it, which a
    purge cannot move. `seen`, RFC 3339, is when the client was last known to be there.
    `pending` counts the matching events that wait, where that is known; `subjects` covers
    them.
    """

    name: str
    client_id: str
    position: int
    noted: int
    stream_created: str
    wanted: Wanted
    seen: str
    subjects: list[str]
    pending: int | None = None

    def place(self, state: StreamState) -> int | None:
        """What the client has, in the stream as `state`, asked for afterwards, says it is.

        `None` if the cursor is of another incarnation of the stream, or is nowhere yet.
        """
        if self.stream_created != state.created:
            return None
        first = state.first_sequence
        moved = moved_by_purge(self.position, self.noted, first_sequence=first)
        return (self.noted if moved else self.position) or None


class StoreMissingError(JetbridgeError):
    """The place where cursors are kept is not there, and this bridge does not make it."""


class CursorStore(Protocol):
    """Keeps a position for each cursor, for KEPT_SECONDS after the last sign of life.

    A cursor belongs to one incarnation of the stream: what was stored for another one
    counts as nothing. Every method raises JetStreamUnavailableError when NATS does not
    answer, and JetStreamError, StoreFullError or StoreMissingError when it cannot be done.
    """

    async def load(self, name: str) -> StoredCursor | None:
        """What is stored; `None` if there is nothing."""
        ...

    async def create(self, key: CursorKey, position: int, state: StreamState) -> int:
        """Make a cursor at `position`, and prove that it can be moved. Returns where it
        is: elsewhere if somebody was faster."""
        ...

    async def advance(
        self, name: str, position: int, state: StreamState, *, renew: bool
    ) -> int | None:
        """Move a cursor to `position`, which must not be above the last sequence; never
        backwards. `renew` says that the client was there just now, and starts the time
        anew after which the cursor is forgotten. Returns where it is; `None` if there is none."""
        ...

    async def list_cursors(self, client: ClientKey) -> list[StoredCursor]:
        """All cursors of a client."""
        ...

    async def delete(self, name: str) -> None:
        """Forget a cursor. One that is gone already is as good."""
        ...


def why_not(error: JetbridgeError) -> NotDurableReason:
    """What a client is told when its cursor cannot be kept."""
    match error:
        case StoreFullError():
            return NotDurableReason.CAPACITY
        case JetStreamDeniedError():
            return NotDurableReason.FORBIDDEN
        case JetStreamUnavailableError() | StoreMissingError():
            return NotDurableReason.UNAVAILABLE
        case JetStreamError(code=code) if code in NO_ROOM:
            return NotDurableReason.CAPACITY
        case _:
            return NotDurableReason.REFUSED
