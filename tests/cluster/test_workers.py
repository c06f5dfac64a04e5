"""`jetbridge serve --workers 2`: two processes, one port, the same guarantees."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from jetbridge.cli import main
from jetbridge.embedded import NatsServer
from jetbridge.setting_choices import LogLevel, StreamManage
from jetbridge.settings import Settings
from jetbridge.worker_process import WorkerError
from jetbridge.workers import run_workers
from jetbridge_publishers.publisher import Publisher
from tests.cli.processes import Running, running
from tests.support.bridge import PREFIX
from tests.support.status import ask_status, replicas_answer
from tests.support.waiting import eventually
from tests.support.watcher import Watcher

CLIENTS = 200


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "stderr"


@pytest.fixture
def workers(nats_server: NatsServer, log: Path) -> Iterator[Running]:
    """Two workers and their supervisor."""
    flags = ["--port", "0", "--nats", nats_server.url, "--stream-manage", "create"]
    limits = ["--max-clients-per-stream", "0", "--drain-seconds", "1"]
    with (
        log.open("w") as file,
        running("serve", "--workers", "2", *flags, *limits, stderr=file) as bridge,
    ):
        processes = processes_of(bridge)
        yield bridge
        # Killed with its supervisor or not, no worker may outlive a test.
        for process in {*processes, *processes_of(bridge)}:
            if process.is_running():
                process.kill()


def written(log: Path) -> str:
    return log.read_text()


def processes_of(bridge: Running) -> list[psutil.Process]:
    """The workers that run."""
    if not psutil.pid_exists(bridge.process.pid):
        return []
    return psutil.Process(bridge.process.pid).children()


async def connected(bridge: Running, count: int) -> list[Watcher]:
    """So many clients of the global stream."""
    clients = [Watcher(bridge.url, PREFIX + "/events") for _ in range(count)]
    await asyncio.gather(*(client.connect() for client in clients))
    await asyncio.gather(*(is_told(client, "caught-up") for client in clients))
    return clients


async def is_told(client: Watcher, control: str) -> None:
    await client.read_until(lambda: bool(client.of_kind(control)))


async def gets_all(client: Watcher, sequences: list[int]) -> None:
    """Read until the last of `sequences` has come; then it must be them, exactly."""
    await client.read_until(
        lambda: bool(client.events) and client.events[-1] == sequences[-1], within=30
    )
    assert client.events == sequences
    assert client.gaps == []


async def publish(publisher: Publisher, count: int) -> list[int]:
    """Publish events; their sequences."""
    return [await publisher.emit({"n": n}, agent="a", type="custom.tick") for n in range(count)]


async def test_clients_of_all_workers_get_everything(
    nats_server: NatsServer, workers: Running
) -> None:
    async with Publisher(nats_server.url) as publisher:
        clients = await connected(workers, CLIENTS)
        sequences = await publish(publisher, 300)
        await asyncio.gather(*(gets_all(client, sequences) for client in clients))
        status = (await ask_status(workers.url)).body
        assert status["total_clients"] == CLIENTS
        assert status["active_streams"]["global"]["subscribers"] == CLIENTS
        shares = [one["clients"] for one in status["replicas"]]
        assert len(shares) == 2
        assert min(shares) > CLIENTS / 4
        for client in clients:
            client.cut()


async def test_a_killed_worker_is_replaced_and_its_clients_miss_nothing(
    nats_server: NatsServer, workers: Running
) -> None:
    async with Publisher(nats_server.url) as publisher:
        clients = await connected(workers, 60)
        before = await publish(publisher, 100)
        victim, survivor = processes_of(workers)
        victim.kill()
        after = await publish(publisher, 100)
        await asyncio.gather(*(gets_all(client, before + after) for client in clients))
        assert {client.connections for client in clients} == {1, 2}

        async def replaced() -> bool:
            now = processes_of(workers)
            return survivor in now and victim not in now and len(now) == 2

        await eventually(replaced)

        async def both_answer() -> bool:
            return (await ask_status(workers.url)).body["answered"] == 2

        await eventually(both_answer)
        for client in clients:
            client.cut()


async def test_a_worker_told_to_end_drains_and_is_replaced(workers: Running) -> None:
    clients = await connected(workers, 40)
    retiring, _ = processes_of(workers)
    retiring.send_signal(signal.SIGTERM)

    async def replaced() -> bool:
        status = await replicas_answer(workers.url, 2)
        return not any(f"-{retiring.pid}-" in one["id"] for one in status["replicas"])

    await eventually(replaced)
    assert workers.process.poll() is None
    for client in clients:
        client.cut()


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_drains_all_workers_and_exits_with_0(
    workers: Running, log: Path, signum: signal.Signals
) -> None:
    clients = await connected(workers, 60)
    workers.process.send_signal(signum)
    await asyncio.gather(*(is_told(client, "draining") for client in clients))
    assert await asyncio.to_thread(workers.process.wait, 20) == 0
    assert workers.process.stdout is not None
    assert workers.process.stdout.read() == ""
    assert "Traceback" not in written(log)
    for client in clients:
        client.cut()


async def test_a_worker_that_does_not_end_is_killed(
    nats_server: NatsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jetbridge.workers.STOP_MARGIN_SECONDS", 0.5)
    settings = Settings(
        nats=nats_server.url,
        port=0,
        workers=2,
        drain_seconds=0,
        stream_manage=StreamManage.CREATE,
        log_level=LogLevel.ERROR,
    )
    ready = asyncio.Event()
    serving = asyncio.create_task(run_workers(settings, on_ready=lambda _: ready.set()))
    await ready.wait()
    frozen, other = psutil.Process().children()[-2:]
    frozen.suspend()
    os.kill(os.getpid(), signal.SIGTERM)
    with pytest.raises(WorkerError, match=r"did not end within 0\.5 s"):
        await serving
    assert not frozen.is_running()
    assert not other.is_running()


async def test_workers_end_when_their_supervisor_is_killed(workers: Running) -> None:
    processes = processes_of(workers)
    clients = await connected(workers, 10)
    workers.process.kill()
    await asyncio.gather(*(is_told(client, "draining") for client in clients))
    await eventually(lambda: not any(process.is_running() for process in processes))
    for client in clients:
        client.cut()


def test_without_the_stream_one_line_and_a_hint_are_all(
    nats_server: NatsServer, capfd: pytest.CaptureFixture[str]
) -> None:
    flags = ["--port", "0", "--nats", nats_server.url, "--log-level", "error"]
    assert main(["serve", "--workers", "3", *flags]) == 1
    printed = capfd.readouterr()
    assert printed.out == ""
    assert len(printed.err.splitlines()) == 2, printed.err
    message, hint = printed.err.splitlines()
    assert message == "jetbridge: there is no stream EVT"
    assert "nats stream add EVT" in hint


def test_a_port_that_is_taken_is_told_even_if_it_could_be_shared(
    nats_server: NatsServer, capfd: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        assert main(["serve", "--workers", "2", "--port", port, "--nats", nats_server.url]) == 1
    assert capfd.readouterr().err.startswith(f"jetbridge: cannot listen on 127.0.0.1:{port}")


def test_several_workers_are_for_linux(
    nats_server: NatsServer, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("jetbridge.workers.sys.platform", "darwin")
    assert main(["serve", "--workers", "2", "--port", "0", "--nats", nats_server.url]) == 1
    assert "need Linux" in capfd.readouterr().err
