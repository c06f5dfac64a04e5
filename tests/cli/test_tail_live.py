from __future__ import annotations

import json
import signal
import subprocess
from pathlib import Path

from jetbridge.embedded import NatsServer
from tests.cli.processes import command, running
from tests.cli.streams import make_streams, store


def test_tail_outlives_the_bridge_and_misses_nothing(
    nats_server: NatsServer, tmp_path: Path
) -> None:
    make_streams(nats_server)
    serve = ["serve", "--nats", nats_server.url]
    with (tmp_path / "stderr").open("w") as log:
        with running(*serve, "--port", "0", stderr=log) as bridge:
            port = bridge.url.rpartition(":")[2]
            before = store(nats_server, "evt.default.a.-.note", b'{"n":1}')
            tail = subprocess.Popen(
                command("tail", "--json", "--since", "1h", "--limit", "3", "--url", bridge.url),
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
            assert tail.stdout is not None
            first = json.loads(tail.stdout.readline())
            bridge.end(signal.SIGKILL)
        missed = store(nats_server, "evt.default.a.-.note", b'{"n":2}')
        with running(*serve, "--port", port, stderr=log), tail:
            after = store(nats_server, "evt.default.a.-.note", b'{"n":3}')
            rest = [json.loads(line) for line in tail.stdout]
    assert [event["id"] for event in (first, *rest)] == [before, missed, after]
    assert tail.returncode == 0
