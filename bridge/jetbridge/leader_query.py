"""Questions that only the stream's leader answers (STREAM.MSG.GET).

A consumer may sit on a node of the cluster that is behind, and answers from what it has.
"""

from __future__ import annotations

import msgspec

from jetbridge.jetstream import JetStream, JetStreamError
from jetbridge_schemas.timestamps import rfc3339

NO_MESSAGE = 10037


class FoundMessage(msgspec.Struct):
    """The one field of a stored message that matters here."""

    seq: int


class FoundAnswer(msgspec.Struct):
    """The answer to STREAM.MSG.GET."""

    message: FoundMessage


class LeaderQuery:
    """Finds stored messages. Raises JetStreamError or JetStreamUnavailableError."""

    def __init__(self, jetstream: JetStream, stream: str) -> None:
        self._jetstream = jetstream
        self._place = f"$JS.API.STREAM.MSG.GET.{stream}"

    async def next_on(self, subject: str, *, after: int) -> int | None:
        """The sequence of the first message on `subject` (wildcards too) after another."""
        return await self._find({"seq": after + 1, "next_by_subj": subject})

    async def first_since(self, time_ns: int) -> int | None:
        """The sequence of the first message stored at or after a time."""
        return await self._find({"start_time": rfc3339(time_ns), "next_by_subj": ">"})

    async def _find(self, question: dict[str, object]) -> int | None:
        try:
            answer = await self._jetstream.request(
                self._place, msgspec.json.encode(question), FoundAnswer
            )
        except JetStreamError as error:
            if error.code == NO_MESSAGE:
                return None
            raise
        return answer.message.seq
