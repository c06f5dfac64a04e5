"""Where everything about one task is said: pure."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass

from jetbridge_schemas.subjects import control_subject, encode_id, event_subject, task_subject

MAX_CONSUMER_NAME = 255
"""The longest name of a consumer (nats-server, JSMaxNameLen)."""


@dataclass(frozen=True, slots=True)
class TaskAddress:
    """One task of an agent. Its properties raise InvalidIdError for an id that is none."""

    tenant: str
    agent: str
    task_id: str

    @property
    def queue(self) -> str:
        """Where the agent's tasks go."""
        return task_subject(self.tenant, self.agent)

    @property
    def control(self) -> str:
        """Where whoever works on the task listens."""
        return control_subject(self.tenant, self.agent, self.task_id)

    @property
    def events(self) -> str:
        """All events of the task."""
        return f"{self._job}.>"

    @property
    def lifecycle(self) -> str:
        """The events with a type of a single word, as all of a worker's own have."""
        return f"{self._job}.*"

    def event(self, type: str) -> str:
        """The events of one type."""
        return event_subject(tenant=self.tenant, agent=self.agent, job=self.task_id, type=type)

    def message_id(self, purpose: str) -> str:
        """A message id that this purpose has for this task alone."""
        return f"{purpose}-{_digest(*map(encode_id, (self.tenant, self.agent, self.task_id)))}"

    @property
    def _job(self) -> str:
        return ".".join(("evt", *map(encode_id, (self.tenant, self.agent, self.task_id))))


def new_task_id() -> str:
    """An id that no other task has."""
    return str(uuid.uuid4())


def task_id_of(tenant: str, agent: str, request_id: str) -> str:
    """The id of the task that a request, of any text, asks for: the same request, the same task."""
    return f"req-{_digest(encode_id(tenant), encode_id(agent), request_id)[:32]}"


def consumer_name(tenant: str, agent: str) -> str:
    """The durable consumer of an agent's tasks, the same for all its workers.

    Readable where that fits: `=` separates, since it only ever begins an encoded id.
    """
    name = f"{encode_id(tenant)}={encode_id(agent)}"
    return name if len(name) <= MAX_CONSUMER_NAME else _digest(name)


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode(errors="surrogatepass")).hexdigest()
