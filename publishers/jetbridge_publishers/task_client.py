"""Everything that can be done about tasks from outside: what the bridge's task routes rest on."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from nats.aio.client import Client

from jetbridge_publishers.closing import close_task, failure_events
from jetbridge_publishers.publish_errors import PublishConflictError
from jetbridge_publishers.storing import store
from jetbridge_publishers.task_address import TaskAddress, new_task_id, task_id_of
from jetbridge_publishers.task_errors import NoSuchTaskError, TaskNotRunningError, TaskOverError
from jetbridge_publishers.task_events import task_event
from jetbridge_publishers.task_history import PastEvent, read_whole
from jetbridge_publishers.task_submission import Submission, Submitter, Wish
from jetbridge_publishers.worker_survey import ask_workers, tell_worker, unfinished_tasks
from jetbridge_schemas.presence import AgentInfo, WorkerPresence, agents_of
from jetbridge_schemas.reasons import TaskFailure
from jetbridge_schemas.subjects import DEFAULT_TENANT
from jetbridge_schemas.task import TaskCancelled
from jetbridge_schemas.task_control import TaskAction, TaskControl, TaskControlReply
from jetbridge_schemas.task_fold import fold_task
from jetbridge_schemas.task_state import TaskState
from jetbridge_schemas.timestamps import rfc3339


class TaskClient:
    """Makes, watches and steers the tasks of one tenant over a connection that is there.

    client: an open nats-py client, or a function that gives the one to use.
    within_seconds: how long storing may take while NATS does not answer.
    answer_seconds: how long workers may take to answer.

    Methods raise InvalidIdError for an id that is none; those that store raise
    PublishTimeoutError when that takes too long; those that read raise HistoryError when
    the events cannot be read.
    """

    def __init__(
        self,
        client: Client | Callable[[], Client],
        *,
        tenant: str = DEFAULT_TENANT,
        within_seconds: float = 5.0,
        answer_seconds: float = 0.5,
    ) -> None:
        self._client: Callable[[], Client] = (
            (lambda: client) if isinstance(client, Client) else client
        )
        self._tenant = tenant
        self._within_seconds = within_seconds
        self._answer_seconds = answer_seconds

    async def create(
        self,
        agent: str,
        *,
        task_id: str | None = None,
        description: str | None = None,
        user_id: str | None = None,
        task_parameters: Mapping[str, Any] | None = None,
    ) -> Submission:
        """Make a task that is not to be done yet: `submit` its id to have it done."""
        wish = Wish(
            query=None,
            description=description,
            user_id=user_id,
            task_parameters=task_parameters or {},
        )
        submitter = self._submitter(agent, task_id)
        return await submitter.submit(wish, request_id=None, trace=None)

    async def submit(
        self,
        agent: str,
        query: str = "",
        *,
        task_id: str | None = None,
        request_id: str | None = None,
        description: str | None = None,
        user_id: str | None = None,
        task_parameters: Mapping[str, Any] | None = None,
        traceparent: str | None = None,
    ) -> Submission:
        """Put a task into the agent's queue: a new one, or one that was only created.

        task_id: made up if not given; with a `request_id`, made of that, so that the same
            request means the same task, however often and wherever it is submitted.
        A task that was submitted before is left as it was (`repeated`).
        Raises QueueFullError when too many tasks of the agent wait, PublishRejectedError
        when the task is too large.
        """
        if task_id is None and request_id is not None:
            task_id = task_id_of(self._tenant, agent, request_id)
        wish = Wish(
            query=query,
            description=description,
            user_id=user_id,
            task_parameters=task_parameters or {},
        )
        submitter = self._submitter(agent, task_id)
        return await submitter.submit(wish, request_id=request_id, trace=traceparent)

    async def history(self, agent: str, task_id: str, *, after: int = 0) -> list[PastEvent]:
        """The task's events above the sequence `after`; none for a task that is not there."""
        return await read_whole(self._client(), self._address(agent, task_id).events, after=after)

    async def state(self, agent: str, task_id: str) -> TaskState:
        """The state of a task. Raises NoSuchTaskError when there is none."""
        past = await self.history(agent, task_id)
        if not past:
            raise NoSuchTaskError(f"agent {agent!r} has no task {task_id!r}")
        return fold_task((event.sequence, event.type, event.json) for event in past)

    async def pause(
        self, agent: str, task_id: str, *, reason: str | None = None
    ) -> TaskControlReply:
        """Tell the task's worker to pause it, which it does at the next point where it can.

        Raises TaskNotRunningError when no worker has the task.
        """
        return await self._told(agent, task_id, TaskAction.PAUSE, reason)

    async def resume(
        self, agent: str, task_id: str, *, reason: str | None = None
    ) -> TaskControlReply:
        """Tell the task's worker to go on; `problem` in its answer says why it does not.

        Raises TaskNotRunningError when no worker has the task.
        """
        return await self._told(agent, task_id, TaskAction.RESUME, reason)

    async def ping(self, agent: str, task_id: str) -> TaskControlReply | None:
        """The worker that has the task; None when there is none."""
        return await self._tell(agent, task_id, TaskAction.PING, None)

    async def cancel(self, agent: str, task_id: str, *, reason: str | None = None) -> TaskState:
        """Cancel a task, whether it runs, is paused or waits; return its state.

        A worker that has the task ends it, within moments. If none has, the task is ended
        here, and no worker will start it. Raises NoSuchTaskError and TaskOverError.
        """
        state = await self.state(agent, task_id)
        if state.status.is_over:
            raise TaskOverError(f"the task {task_id!r} is {state.status} already")
        address = self._address(agent, task_id)
        await self._announce_cancelling(address, reason)
        while not state.closed:
            if await self._tell(agent, task_id, TaskAction.CANCEL, reason) is not None:
                return state
            state = await self._end(address, await self.state(agent, task_id))
        return state

    async def workers(self, agent: str | None = None) -> list[WorkerPresence]:
        """The workers that are there, of one agent if given. Raises TaskError."""
        within = self._answer_seconds
        return await ask_workers(self._client(), self._tenant, agent, within_seconds=within)

    async def agents(self) -> list[AgentInfo]:
        """Every agent with a worker or a task in its queue, by id. Raises TaskError."""
        unfinished = await unfinished_tasks(self._client(), self._tenant)
        return agents_of(await self.workers(), unfinished)

    async def _announce_cancelling(self, address: TaskAddress, reason: str | None) -> None:
        event = TaskCancelled(
            task_id=address.task_id,
            agent_id=address.agent,
            reason=reason,
            timestamp=rfc3339(time.time_ns()),
        )
        message = task_event(address, event)
        headers = {"Nats-Msg-Id": address.message_id("cancel")}
        within = self._within_seconds
        await store(self._client, message.subject, message.payload, headers, within_seconds=within)

    async def _end(self, address: TaskAddress, state: TaskState) -> TaskState:
        """End a task that no worker has; if one has taken it just now, return as it was."""
        if state.closed:
            return state
        events = failure_events(state, address, TaskFailure.CANCELLED, TaskFailure.CANCELLED)
        within = self._within_seconds
        try:
            return await close_task(self._client, address, state, events, within_seconds=within)
        except PublishConflictError:
            return state

    async def _told(
        self, agent: str, task_id: str, action: TaskAction, reason: str | None
    ) -> TaskControlReply:
        reply = await self._tell(agent, task_id, action, reason)
        if reply is None:
            raise TaskNotRunningError(f"no worker has the task {task_id!r} just now")
        return reply

    async def _tell(
        self, agent: str, task_id: str, action: TaskAction, reason: str | None
    ) -> TaskControlReply | None:
        control = TaskControl(action=action, reason=reason)
        within = self._answer_seconds
        address = self._address(agent, task_id)
        return await tell_worker(self._client(), address, control, within_seconds=within)

    def _submitter(self, agent: str, task_id: str | None) -> Submitter:
        address = self._address(agent, new_task_id() if task_id is None else task_id)
        return Submitter(self._client, address, within_seconds=self._within_seconds)

    def _address(self, agent: str, task_id: str) -> TaskAddress:
        return TaskAddress(self._tenant, agent, task_id)
