"""A publisher for tests of agents: it checks events as the real one does, and keeps them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import msgspec

from jetbridge_publishers.emitter import Emitter
from jetbridge_publishers.preparing import EventData, header_value, prepare
from jetbridge_schemas.subjects import DEFAULT_TENANT


@dataclass(frozen=True, slots=True)
class RecordedEvent:
    """One event as it would have been published; `data` is what browsers would get."""

    sequence: int
    agent: str
    job: str | None
    type: str
    data: dict[str, Any]
    subject: str
    id: str | None
    traceparent: str | None


class RecordingPublisher(Emitter):
    """Stands in for `Publisher` in tests; needs no NATS.

    publisher = RecordingPublisher()
    await run_my_agent(publisher)
    assert [event.type for event in publisher.events] == ["agent.status", "alarm.update"]

    Invalid events are refused as by `Publisher`, and an `id` seen before records nothing
    and returns the first one's sequence.
    """

    def __init__(self, *, tenant: str = DEFAULT_TENANT) -> None:
        self.events: list[RecordedEvent] = []
        self._tenant = tenant
        self._count = 0
        self._by_id: dict[str, int] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        return None

    def emit_nowait(
        self,
        event: EventData,
        *,
        agent: str,
        job: str | None = None,
        type: str | None = None,
        id: str | None = None,
        traceparent: str | None = None,
    ) -> asyncio.Future[int]:
        """Record the event; the future is done already."""
        message = prepare(
            event,
            tenant=self._tenant,
            agent=agent,
            job=job,
            type=type,
            encoding="json",
            traceparent=traceparent,
        )
        sequence = self._sequence(id)
        if sequence > self._count:
            self._count = sequence
            data: dict[str, Any] = msgspec.json.decode(message.json)
            self.events.append(
                RecordedEvent(
                    sequence, agent, job, message.type, data, message.subject, id, traceparent
                )
            )
        future: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        future.set_result(sequence)
        return future

    async def flush(self) -> None:
        """Nothing ever waits here."""

    def of_type(self, type: str) -> list[RecordedEvent]:
        """The recorded events of one type, in order."""
        return [event for event in self.events if event.type == type]

    def clear(self) -> None:
        """Forget the recorded events; sequences go on."""
        self.events.clear()

    def _sequence(self, id: str | None) -> int:
        if id is None:
            return self._count + 1
        return self._by_id.setdefault(header_value(id), self._count + 1)
