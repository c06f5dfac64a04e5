"""Asking workers: who is there, and who has a task."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any, cast

import msgspec
import nats.errors
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.js.errors import NotFoundError

from jetbridge_publishers.connection import jetstream
from jetbridge_publishers.stream_config import TASKS
from jetbridge_publishers.task_address import TaskAddress
from jetbridge_publishers.task_errors import TaskError
from jetbridge_schemas.errors import InvalidSubjectError
from jetbridge_schemas.presence import WorkerPresence, presence_subject
from jetbridge_schemas.subjects import decode_id, encode_id
from jetbridge_schemas.task_control import TaskControl, TaskControlReply

QUIET_SECONDS = 0.1
"""After an answer, so long without another one means that all have answered."""

_FAILURES = (nats.errors.Error, OSError, TimeoutError)


async def tell_worker(
    client: Client, address: TaskAddress, control: TaskControl, *, within_seconds: float
) -> TaskControlReply | None:
    """Tell the worker that has a task; None when there is none, or it does not answer.

    When no worker has the task, NATS says so at once.
    """
    body = msgspec.json.encode(control)
    try:
        reply = await client.request(address.control, body, timeout=within_seconds)
        return msgspec.json.decode(reply.data, type=TaskControlReply)
    except (*_FAILURES, msgspec.MsgspecError):
        return None


async def ask_workers(
    client: Client, tenant: str, agent: str | None = None, *, within_seconds: float
) -> list[WorkerPresence]:
    """Return the workers that answer, all of a tenant or those of one agent.

    Raises TaskError when NATS is away.
    """
    answers: asyncio.Queue[Msg] = asyncio.Queue()
    inbox: str = client.new_inbox()
    subscribe: Callable[..., Awaitable[Subscription]] = cast("Any", client).subscribe
    try:
        subscription = await subscribe(inbox, cb=answers.put)
        try:
            await client.publish(presence_subject(tenant, agent), b"", reply=inbox)
            return await _collect(answers, within_seconds)
        finally:
            await subscription.unsubscribe()
    except _FAILURES as error:
        raise TaskError(f"the workers cannot be asked: {error}") from error


async def unfinished_tasks(client: Client, tenant: str) -> dict[str, int]:
    """Return how many tasks each agent has in its queue, those that run included.

    Raises TaskError when NATS or the stream TASKS does not answer.
    """
    prefix = f"task.{encode_id(tenant)}."
    try:
        info = await jetstream(client).stream_info(TASKS, subjects_filter=f"{prefix}>")
    except NotFoundError as error:
        raise TaskError(
            f"there is no stream {TASKS}",
            hint="`jetbridge serve --stream-manage create` makes it",
        ) from error
    except _FAILURES as error:
        raise TaskError(f"the stream {TASKS} does not answer: {error}") from error
    subjects = info.state.subjects or {}
    counts: dict[str, int] = {}
    for subject, count in subjects.items():
        with contextlib.suppress(InvalidSubjectError):
            counts[decode_id(subject.removeprefix(prefix))] = count
    return counts


async def _collect(answers: asyncio.Queue[Msg], seconds: float) -> list[WorkerPresence]:
    workers: dict[str, WorkerPresence] = {}
    wait = seconds
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while True:
                async with asyncio.timeout(wait):
                    message = await answers.get()
                if (message.headers or {}).get("Status") == "503":
                    break
                with contextlib.suppress(msgspec.MsgspecError):
                    worker = msgspec.json.decode(message.data, type=WorkerPresence)
                    workers[worker.worker_id] = worker
                wait = QUIET_SECONDS
    return list(workers.values())
