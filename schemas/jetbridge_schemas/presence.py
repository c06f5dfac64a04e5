"""Who works for which agent, as the workers themselves say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Annotated

from msgspec import Meta, Struct

from jetbridge_schemas.fields import Id, Timestamp
from jetbridge_schemas.subjects import encode_id

WORKER_SERVICE = "jetbridge-worker"
"""The name of workers among NATS services: `nats micro info jetbridge-worker`."""

Count = Annotated[int, Meta(ge=0, description="How many.")]


class WorkerPresence(Struct, frozen=True, kw_only=True):
    """One worker that is there."""

    worker_id: Id
    agent_id: Id
    started_at: Timestamp
    concurrency: Count
    tasks: list[str]
    is_stopping: bool = False


class AgentInfo(Struct, frozen=True, kw_only=True):
    """One agent: its workers, and the tasks that run or wait for one of them."""

    agent_id: Id
    has_active_worker: bool
    running: Count
    queued: Count
    workers: list[WorkerPresence]


def presence_subject(tenant: str, agent: str | None = None) -> str:
    """Return the subject on which all workers of a tenant, or of one agent, are asked.

    Below `$SRV`, so that a permission for the services API covers it. Raises InvalidIdError.
    """
    subject = f"$SRV.{WORKER_SERVICE}.presence.{encode_id(tenant)}"
    return subject if agent is None else f"{subject}.{encode_id(agent)}"


def agents_of(workers: Iterable[WorkerPresence], unfinished: Mapping[str, int]) -> list[AgentInfo]:
    """Return every agent that has a worker or a task, by id.

    `unfinished` are the tasks in each agent's queue, those that run included.
    """
    by_agent: defaultdict[str, list[WorkerPresence]] = defaultdict(list)
    for worker in workers:
        by_agent[worker.agent_id].append(worker)
    ids = sorted({*by_agent, *unfinished})
    return [_agent(id, by_agent[id], unfinished.get(id, 0)) for id in ids]


def _agent(id: str, workers: list[WorkerPresence], unfinished: int) -> AgentInfo:
    running = len({task for worker in workers for task in worker.tasks})
    return AgentInfo(
        agent_id=id,
        has_active_worker=any(not worker.is_stopping for worker in workers),
        running=running,
        queued=max(0, unfinished - running),
        workers=sorted(workers, key=lambda worker: worker.worker_id),
    )
