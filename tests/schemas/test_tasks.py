"""What goes to workers and comes from them, beside events."""

from __future__ import annotations

import msgspec
import pytest

from jetbridge_schemas import (
    AgentInfo,
    DeadLetterReason,
    InvalidIdError,
    PayloadError,
    TaskAction,
    TaskControl,
    TaskRequest,
    WorkerPresence,
    agents_of,
    decode_request,
    presence_subject,
)


def worker(id: str, agent: str, *tasks: str, is_stopping: bool = False) -> WorkerPresence:
    return WorkerPresence(
        worker_id=id,
        agent_id=agent,
        started_at="2026-01-01T00:00:00Z",
        concurrency=2,
        tasks=list(tasks),
        is_stopping=is_stopping,
    )


def test_a_request_is_read_from_json_and_from_messagepack() -> None:
    request = TaskRequest(task_id="t", agent_id="a", query="q", task_parameters={"model": "gpt-4"})
    assert decode_request(msgspec.json.encode(request)) == request
    packed = {"Content-Type": "application/msgpack"}
    assert decode_request(msgspec.msgpack.encode(request), packed) == request


def test_a_request_may_be_short() -> None:
    request = decode_request(b'{"task_id":"t","agent_id":"a","new":1}')
    assert (request.query, request.task_parameters) == ("", {})


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "truncated"),
        (b"[]", "object"),
        (b"{}", "task_id"),
        (b'{"task_id":"","agent_id":"a"}', "task_id"),
        (b'{"task_id":"t","agent_id":"a","query":7}', "query"),
        (b'{"task_id":"t","agent_id":"a","task_parameters":[]}', "task_parameters"),
    ],
)
def test_what_is_no_request_is_refused_with_the_reason(data: bytes, problem: str) -> None:
    with pytest.raises(PayloadError, match=problem) as refusal:
        decode_request(data)
    assert refusal.value.reason is DeadLetterReason.BAD_TASK


def test_a_control_message_is_short_on_the_wire() -> None:
    assert msgspec.json.encode(TaskControl(action=TaskAction.PAUSE)) == b'{"action":"pause"}'


def test_an_agent_is_there_with_a_worker_or_with_a_task() -> None:
    agents = agents_of(
        [worker("w2", "b", "t1", "t2"), worker("w1", "b", "t2"), worker("w3", "c")],
        {"a": 3, "b": 5},
    )
    assert [agent.agent_id for agent in agents] == ["a", "b", "c"]
    waiting, busy, idle = agents
    assert (waiting.has_active_worker, waiting.running, waiting.queued) == (False, 0, 3)
    assert (busy.has_active_worker, busy.running, busy.queued) == (True, 2, 3)
    assert [one.worker_id for one in busy.workers] == ["w1", "w2"]
    assert (idle.has_active_worker, idle.queued) == (True, 0)


def test_a_worker_that_stops_is_there_but_not_active() -> None:
    (agent,) = agents_of([worker("w", "a", "t", is_stopping=True)], {"a": 1})
    assert isinstance(agent, AgentInfo)
    assert (agent.has_active_worker, agent.running, agent.queued) == (False, 1, 0)


def test_workers_are_asked_below_the_services_api() -> None:
    assert presence_subject("default") == "$SRV.jetbridge-worker.presence.default"
    assert presence_subject("t", "a b") == "$SRV.jetbridge-worker.presence.t.=YSBi"
    with pytest.raises(InvalidIdError):
        presence_subject("")
