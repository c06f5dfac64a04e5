"""Publishing events and doing tasks, from agents: needs `nats-py`, but not the bridge."""

from __future__ import annotations

from importlib.util import find_spec

if find_spec("nats") is None:
    raise ImportError(
        "jetbridge_publishers needs nats-py, which is not installed. "
        "Install it with: pip install 'jetbridge[publishers]'"
    )

from jetbridge_publishers.blocking import BlockingPublisher
from jetbridge_publishers.connection import NatsOptions
from jetbridge_publishers.emitter import Emitter
from jetbridge_publishers.publish_errors import (
    PublishBufferFullError,
    PublishError,
    PublishRejectedError,
    PublishTimeoutError,
)
from jetbridge_publishers.publisher import Publisher
from jetbridge_publishers.recording import RecordedEvent, RecordingPublisher
from jetbridge_publishers.task_client import TaskClient
from jetbridge_publishers.task_submission import Submission
from jetbridge_publishers.worker import Task, Worker

__all__ = [
    "BlockingPublisher",
    "Emitter",
    "NatsOptions",
    "PublishBufferFullError",
    "PublishError",
    "PublishRejectedError",
    "PublishTimeoutError",
    "Publisher",
    "RecordedEvent",
    "RecordingPublisher",
    "Submission",
    "Task",
    "TaskClient",
    "Worker",
]
