"""What a worker decides without asking anybody."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from jetbridge_publishers.ack_subject import parse_ack_subject
from jetbridge_publishers.publish_errors import PublishRejectedError, PublishTimeoutError
from jetbridge_publishers.worker.errors import SupersededError
from jetbridge_publishers.worker.outcome import Ending, Outcome, outcome_of
from jetbridge_publishers.worker.stops import Stop
from jetbridge_publishers.worker.verdict import Verdict, decide
from jetbridge_publishers.worker.yielded import Yields, event_type_of_message
from jetbridge_schemas import ChatText, SessionCompletion, TaskState, TaskStatus

FAILED = Ending.FAILED


@pytest.mark.parametrize(
    ("state", "verdict"),
    [
        (TaskState(), Verdict.START),
        (TaskState(status=TaskStatus.QUEUED), Verdict.START),
        (TaskState(status=TaskStatus.RUNNING, attempt=1), Verdict.START),
        (TaskState(status=TaskStatus.RUNNING, attempt=2), Verdict.GIVE_UP),
        (TaskState(status=TaskStatus.PAUSED, attempt=2, hand_overs=1), Verdict.START),
        (TaskState(status=TaskStatus.QUEUED, cancel_wanted=True), Verdict.CANCEL),
        (TaskState(status=TaskStatus.RUNNING, attempt=5, cancel_wanted=True), Verdict.CANCEL),
        (TaskState(status=TaskStatus.COMPLETED, attempt=5), Verdict.CLOSE),
        (TaskState(status=TaskStatus.COMPLETED, closed=True), Verdict.DROP),
        (TaskState(status=TaskStatus.CANCELLED, closed=True, cancel_wanted=True), Verdict.DROP),
    ],
)
def test_the_history_of_a_task_says_what_is_to_be_done_with_it(
    state: TaskState, verdict: Verdict
) -> None:
    assert decide(state, max_deliver=2, is_elsewhere=False) is verdict
    assert decide(state, max_deliver=2, is_elsewhere=True) is Verdict.DROP


@pytest.mark.parametrize(
    ("stopped", "error", "outcome"),
    [
        (None, None, Outcome(Ending.COMPLETED)),
        (None, ValueError("no"), Outcome(FAILED, "no", "ValueError")),
        (None, ValueError(), Outcome(FAILED, "ValueError", "ValueError")),
        (
            None,
            asyncio.CancelledError(),
            Outcome(FAILED, "the task interrupted itself", "CancelledError"),
        ),
        (None, SupersededError("x"), Outcome(Ending.LOST)),
        (None, PublishTimeoutError("x"), Outcome(Ending.LOST)),
        (Stop.SUPERSEDED, None, Outcome(Ending.LOST)),
        (Stop.CANCELLED, None, Outcome(FAILED, "cancelled", "cancelled")),
        (Stop.CANCELLED, ValueError("no"), Outcome(FAILED, "cancelled", "cancelled")),
        (Stop.TIMEOUT, None, Outcome(FAILED, "timed out after 5 s", "timeout")),
        (Stop.WORKER_STOPPED, asyncio.CancelledError(), Outcome(Ending.HANDED_OVER)),
        (Stop.WORKER_STOPPED, None, Outcome(Ending.COMPLETED)),
    ],
)
def test_how_an_attempt_ended_says_what_is_to_be_told(
    stopped: Stop | None, error: BaseException | None, outcome: Outcome
) -> None:
    assert outcome_of(stopped, error, TaskState(), 5.0) == outcome


@pytest.mark.parametrize(
    ("message", "type"),
    [
        ({"type": "progress"}, "chat.progress"),
        ({"type": "error"}, "chat.error"),
        ({"type": "error", "aux": {}}, "session.error"),
        ({"type": "info", "aux": {}}, "session.info"),
        ({"_type": "completion", "type": "x"}, "session.completion"),
        ({"type": "my.own"}, "my.own"),
        ({"type": "status", "aux": {}}, "chat.status"),
    ],
)
def test_a_message_says_what_kind_of_event_it_is(message: Mapping[str, Any], type: str) -> None:
    assert event_type_of_message(message) == type


def test_what_all_messages_of_a_task_have_in_common_is_filled_in() -> None:
    yields = Yields(request_id="r", worker_id="w")
    now = "2026-01-02T03:04:05Z"
    text = ChatText(content="hello", timestamp=now, request_id="r")
    assert yields.event_of("hello", now) == (text, "chat.text")
    assert yields.event_of(ChatText(content="x", request_id="own"), now)[0] == ChatText(
        content="x", request_id="own"
    )
    progress, _ = yields.event_of({"type": "progress", "progress": 1}, now)
    assert progress == {"type": "progress", "progress": 1, "request_id": "r", "timestamp": now}
    info, _ = yields.event_of({"type": "info", "aux": {}, "worker_id": "own"}, now)
    assert info == {"type": "info", "aux": {}, "worker_id": "own", "timestamp": now}
    end = SessionCompletion(status="completed")
    assert yields.event_of(end, now) == (end, "session.completion")
    assert yields.event_of({"_type": "completion"}, now)[0] == {"_type": "completion"}


@pytest.mark.parametrize("item", [None, 7, {}, {"type": 7}, b"bytes"])
def test_what_is_no_event_is_refused(item: Any) -> None:
    with pytest.raises(PublishRejectedError) as refusal:
        Yields(request_id=None, worker_id="w").event_of(item, "now")
    assert "yield" in refusal.value.hint


@pytest.mark.parametrize(
    "reply",
    [
        "$JS.ACK.TASKS.default=a.3.17.5.1700000000000000000.0",
        "$JS.ACK.hub.ACCOUNT.TASKS.default=a.3.17.5.1700000000000000000.0",
        "$JS.ACK._.ACCOUNT.TASKS.default=a.3.17.5.1700000000000000000.0.random",
    ],
)
def test_an_ack_subject_says_which_delivery_of_which_message_it_is(reply: str) -> None:
    assert parse_ack_subject(reply) == (3, 17)


@pytest.mark.parametrize("reply", ["", "_INBOX.x", "$JS.ACK.TASKS"])
def test_what_is_no_ack_subject_is_refused(reply: str) -> None:
    with pytest.raises(ValueError, match="no ack subject"):
        parse_ack_subject(reply)
