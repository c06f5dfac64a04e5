"""A response that is started through the middleware, and then goes its own way."""

from __future__ import annotations

from collections.abc import Callable

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from jetbridge.direct_sink import DirectSink
from jetbridge.sse_response import STREAM_HEADERS, STREAM_TYPE


class DirectStream(Response):
    """Sends the head as any response does, then hands the connection to the sink.

    The sink is told when the connection is gone, however soon that is.
    """

    def __init__(self, sink: DirectSink, take_over: Callable[[DirectSink], bool]) -> None:
        super().__init__(headers=STREAM_HEADERS, media_type=STREAM_TYPE)
        del self.headers["content-length"]
        self._sink = sink
        self._take_over = take_over

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the response, as ASGI. It returns at once; the stream goes on."""
        taken = False
        try:
            await send(
                {
                    "type": "http.response.start",
                    "status": self.status_code,
                    "headers": self.raw_headers,
                }
            )
            taken = self._take_over(self._sink)
        finally:
            if not taken:
                self._sink.abandon()
