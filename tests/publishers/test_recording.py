from __future__ import annotations

import inspect

import pytest

from jetbridge_publishers.blocking import BlockingPublisher
from jetbridge_publishers.emitter import Emitter
from jetbridge_publishers.publish_errors import PublishRejectedError
from jetbridge_publishers.publisher import Publisher
from jetbridge_publishers.recording import RecordedEvent, RecordingPublisher


async def test_events_are_recorded_as_browsers_would_see_them() -> None:
    async with RecordingPublisher(tenant="t1") as publisher:
        sequence = await publisher.send_job_progress("job:1", "agent:001", 50, step_number=1)
        await publisher.emit({"n": 1}, agent="a", type="x", id="7", traceparent="00-1-2-01")
    progress, other = publisher.events
    assert progress == RecordedEvent(
        sequence=sequence,
        agent="agent:001",
        job="job:1",
        type="calculation.progress",
        data={
            "job_id": "job:1",
            "agent_id": "agent:001",
            "progress_percent": 50,
            "step_number": 1,
        },
        subject="evt.t1.agent:001.job:1.calculation.progress",
        id=None,
        traceparent=None,
    )
    assert (other.id, other.traceparent, other.sequence) == ("7", "00-1-2-01", 2)


async def test_invalid_events_are_refused_as_by_the_real_publisher() -> None:
    publisher = RecordingPublisher()
    with pytest.raises(PublishRejectedError):
        await publisher.send_agent_status("a", "IDLE", progress_percent=101)
    assert publisher.events == []


async def test_an_id_seen_before_records_nothing_and_has_the_first_sequence() -> None:
    publisher = RecordingPublisher()
    first = await publisher.emit({"n": 1}, agent="a", type="x", id="7")
    assert await publisher.emit({"n": 2}, agent="a", type="x", id="7") == first
    assert await publisher.emit({"n": 3}, agent="a", type="x") == first + 1
    assert [event.data["n"] for event in publisher.events] == [1, 3]


async def test_events_can_be_picked_by_type_and_forgotten() -> None:
    publisher = RecordingPublisher()
    await publisher.send_metrics("a", {"t": 1.0})
    await publisher.send_agent_status("a", "IDLE")
    assert [event.type for event in publisher.of_type("agent.status")] == ["agent.status"]
    publisher.clear()
    assert publisher.events == []
    assert await publisher.send_agent_status("a", "IDLE") == 3


@pytest.mark.parametrize(
    "method",
    ["emit", "send_agent_status", "send_job_progress", "send_alarm_update", "send_metrics"],
)
@pytest.mark.parametrize("other", [Publisher, RecordingPublisher, BlockingPublisher])
def test_all_publishers_offer_the_same(method: str, other: type) -> None:
    expected = inspect.signature(getattr(Emitter, method))
    assert inspect.signature(getattr(other, method)) == expected
