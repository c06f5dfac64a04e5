"""Staying with a task while its code runs."""

from __future__ import annotations

import asyncio
import contextlib

import nats.errors

from jetbridge_publishers.standing_client import StandingClient
from jetbridge_publishers.task_address import TaskAddress
from jetbridge_publishers.task_history import read_events
from jetbridge_publishers.worker.attempt import Attempt
from jetbridge_publishers.worker.control_point import ControlPoint
from jetbridge_publishers.worker.delivery import Delivery
from jetbridge_publishers.worker.stops import Stop
from jetbridge_schemas.errors import JetbridgeError
from jetbridge_schemas.task_fold import fold_task

_FAILURES = (nats.errors.Error, OSError, JetbridgeError)


async def attend(
    client: StandingClient,
    address: TaskAddress,
    delivery: Delivery,
    attempt: Attempt,
    control: ControlPoint,
    *,
    every_seconds: float,
) -> None:
    """Keep the queue from handing the task out again; ends only when cancelled.

    After every loss of the connection, listen again and see what has become of the task
    meanwhile: control messages are not stored, `task.cancelled` is.
    """
    mark = client.mark
    while True:
        await asyncio.sleep(every_seconds)
        await delivery.in_progress()
        if client.mark == mark:
            continue
        with contextlib.suppress(*_FAILURES):
            now = client.mark
            await control.listen()
            await _catch_up(client, address, attempt)
            mark = now


async def _catch_up(client: StandingClient, address: TaskAddress, attempt: Attempt) -> None:
    past = await read_events(client(), address.events)
    state = fold_task((each.sequence, each.type, each.json) for each in past)
    if state.closed or state.attempt > attempt.number:
        attempt.stop(Stop.SUPERSEDED)
    elif state.cancel_wanted:
        attempt.cancelling_is_told = True
        attempt.stop(Stop.CANCELLED)
