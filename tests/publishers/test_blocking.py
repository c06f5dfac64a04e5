from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from nats.aio.client import Client

from jetbridge.embedded import NatsServer
from jetbridge_publishers.blocking import BlockingPublisher
from jetbridge_publishers.connection import NatsConnectError
from jetbridge_publishers.publish_errors import PublishError, PublishRejectedError
from jetbridge_publishers.publisher import Publisher
from jetbridge_publishers.recording import RecordingPublisher
from tests.publishers.stored import numbers_by_agent, stored_events


@pytest.mark.usefixtures("streams")
async def test_a_script_publishes_without_asyncio(nats_server: NatsServer, client: Client) -> None:
    def script() -> list[int]:
        with BlockingPublisher(nats_server.url) as publisher:
            return [
                publisher.send_agent_status("a", "RUNNING", progress_percent=1, job="j"),
                publisher.send_job_progress("j", "a", 50, step_number=1, total_steps=2),
                publisher.send_alarm_update("al", "a", "INFO", "warm", current_value=3.0),
                publisher.send_metrics("a", {"t": 1.5}, unit="SI"),
                publisher.emit({"n": 1}, agent="a", type="my.type", id="1"),
            ]

    sequences = await asyncio.to_thread(script)
    events = await stored_events(client)
    assert [event.sequence for event in events] == sequences
    assert [event.subject.split(".", 3)[3] for event in events] == [
        "j.agent.status",
        "j.calculation.progress",
        "-.alarm.update",
        "-.metrics.update",
        "-.my.type",
    ]


@pytest.mark.usefixtures("streams")
async def test_threads_may_share_it(nats_server: NatsServer, client: Client) -> None:
    def emit_numbers(publisher: BlockingPublisher, agent: str) -> None:
        for n in range(50):
            publisher.emit({"n": n}, agent=agent, type="x")

    def script() -> None:
        with BlockingPublisher(nats_server.url) as publisher, ThreadPoolExecutor(4) as threads:
            for done in [threads.submit(emit_numbers, publisher, f"a{k}") for k in range(4)]:
                done.result()

    await asyncio.to_thread(script)
    stored = numbers_by_agent(await stored_events(client))
    assert stored == {f"a{k}": list(range(50)) for k in range(4)}


@pytest.mark.usefixtures("streams")
async def test_options_come_with_a_publisher_of_ones_own(nats_server: NatsServer) -> None:
    def script() -> None:
        inner = Publisher(nats_server.url, encoding="msgpack", tenant="t1")
        with BlockingPublisher(inner) as publisher:
            publisher.emit({"n": 1}, agent="a", type="x")
            publisher.flush()

    await asyncio.to_thread(script)


def test_it_raises_what_the_publisher_raises_and_goes_on() -> None:
    recording = RecordingPublisher()
    with BlockingPublisher(recording) as publisher:
        with pytest.raises(PublishRejectedError, match="progress_percent"):
            publisher.send_agent_status("a", "IDLE", progress_percent=-1)
        publisher.send_agent_status("a", "IDLE")
    assert len(recording.events) == 1


def test_no_nats_is_an_error_where_the_publisher_is_opened() -> None:
    with pytest.raises(NatsConnectError, match="cannot reach NATS"):
        BlockingPublisher("nats://127.0.0.1:1").__enter__()


def test_it_leaves_no_thread_behind_and_can_be_opened_again() -> None:
    before = threading.active_count()
    publisher = BlockingPublisher(RecordingPublisher())
    for _ in range(2):
        with publisher:
            publisher.send_metrics("a", {})
        assert threading.active_count() == before


def test_it_has_to_be_open() -> None:
    publisher = BlockingPublisher(RecordingPublisher())
    with pytest.raises(PublishError, match="not open"):
        publisher.flush()
    with publisher, pytest.raises(PublishError, match="open already"):
        publisher.__enter__()
