"""The one place that touches sse-starlette: a response that sends what a queue holds.

sse-starlette would ping and stop streams by itself; here the ticker sends heartbeats and
the drain ends streams, so its pings are off and it waits for us at shutdown.
"""

from __future__ import annotations

from collections.abc import Callable

from sse_starlette.sse import EventSourceResponse, SendTimeoutError
from starlette.types import Receive, Scope, Send

from jetbridge.sinks import QueueSink

STREAM_TYPE = "text/event-stream; charset=utf-8"
STREAM_HEADERS = {"Cache-Control": "no-store, no-transform", "X-Accel-Buffering": "no"}


class EventStream(EventSourceResponse):
    """Sends what is written to a sink; calls `on_end` once, however the stream ends.

    A connection that takes nothing for `timeout_seconds` is given up. At the server's
    shutdown the stream may go on for `drain_seconds`.
    """

    def __init__(
        self,
        sink: QueueSink,
        *,
        on_end: Callable[[], None],
        timeout_seconds: float,
        drain_seconds: float,
    ) -> None:
        super().__init__(  # pyright: ignore[reportUnknownMemberType] - its signature has a bare dict
            sink.chunks(),
            headers=STREAM_HEADERS,
            ping=0,
            send_timeout=timeout_seconds,
            shutdown_grace_period=drain_seconds,
        )
        self._sink = sink
        self._on_end = on_end

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the response, as ASGI."""
        try:
            await super().__call__(scope, receive, send)
        except SendTimeoutError:
            self._sink.stalled = True
        finally:
            self._on_end()
