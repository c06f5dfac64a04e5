"""Submitting tasks, and reading what has become of them."""

from __future__ import annotations

import contextlib
from typing import Any, NamedTuple

import msgspec
from nats.aio.client import Client

from jetbridge_publishers.connection import jetstream
from jetbridge_publishers.task_client import TaskClient
from jetbridge_publishers.task_history import HistoryError
from jetbridge_schemas.task_state import TaskState
from tests.support.waiting import eventually

AGENT = "agent:1"
ENDS = ("WorkflowCompleted", "WorkflowFailed")


class Told(NamedTuple):
    """One event of a task."""

    sequence: int
    type: str
    data: dict[str, Any]


class Desk:
    """The tasks of one agent, from outside."""

    def __init__(self, client: Client, agent: str = AGENT) -> None:
        self.client = client
        self.agent = agent
        self.tasks = TaskClient(client)

    async def submit(self, query: str = "", **more: Any) -> str:
        """Submit a task; its id."""
        return (await self.tasks.submit(self.agent, query, **more)).task_id

    async def told(self, task_id: str) -> list[Told]:
        """All events of a task."""
        past = await self.tasks.history(self.agent, task_id)
        return [Told(each.sequence, each.type, msgspec.json.decode(each.json)) for each in past]

    async def types(self, task_id: str) -> list[str]:
        return [event.type for event in await self.told(task_id)]

    async def texts(self, task_id: str) -> list[str]:
        told = await self.told(task_id)
        return [event.data["content"] for event in told if event.type == "chat.text"]

    async def has_said(self, task_id: str, text: str) -> None:
        """Wait until the task has yielded `text`."""

        async def said() -> bool:
            return text in await self.texts(task_id)

        await eventually(said)

    async def has_told(self, task_id: str, type: str, times: int = 1) -> None:
        """Wait until there are `times` events of `type`."""

        async def is_told() -> bool:
            return (await self.types(task_id)).count(type) >= times

        await eventually(is_told)

    async def over(self, task_id: str, *, within: float = 10.0) -> TaskState:
        """Wait until the task is over; its state, after one end."""

        async def is_over() -> bool:
            with contextlib.suppress(HistoryError):  # while NATS is away
                return any(type in ENDS for type in await self.types(task_id))
            return False

        await eventually(is_over, within=within)
        types = await self.types(task_id)
        assert sum(type in ENDS for type in types) == 1, types
        return await self.tasks.state(self.agent, task_id)

    async def queue_is_empty(self) -> None:
        """Wait until no task is left in the stream TASKS."""

        async def is_empty() -> bool:
            return (await jetstream(self.client).stream_info("TASKS")).state.messages == 0

        await eventually(is_empty)
