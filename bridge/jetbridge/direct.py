"""Writing straight to the connection: what lets one core serve a million events a second.

uvicorn takes a protocol class as a public option (`http=`). Ours adds an extension to the
ASGI scope: after the app has sent `http.response.start` through all its middleware, it
may take the connection over. From then on there is no task, no queue and no parser for
this client, only a small protocol that writes, and learns when the client reads slowly.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from starlette.types import Scope
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from jetbridge.direct_sink import DirectSink

EXTENSION = "jetbridge.direct"


class DirectProtocol(HttpToolsProtocol):
    """uvicorn's HTTP protocol, whose connections an app may take over."""

    def on_message_begin(self) -> None:
        """Offer the extension with each request."""
        super().on_message_begin()
        self.scope["extensions"] = {EXTENSION: {"take_over": self.take_over}}

    def take_over(self, sink: DirectSink) -> bool:
        """Give the connection to `sink`; the response must have been started.

        False if that cannot be: the client is gone, or the response is not chunked.
        """
        cycle = self.cycle
        if cycle.disconnected or not cycle.response_started or not cycle.chunked_encoding:
            return False
        cycle.response_complete = True
        cycle.message_event.set()
        connections = cast("set[DirectSink]", self.connections)
        connections.discard(cast("DirectSink", self))
        connections.add(sink)
        self.flow.resume_reading()
        self.transport.set_protocol(sink)
        sink.attach(self.transport, connections)
        self._fall_apart()
        return True

    def _fall_apart(self) -> None:
        """Cut the cycles between what served the request: it is freed now, not when the
        collector comes round, which for thousands of new clients is work and memory."""
        self.scope.pop("extensions")
        parts = cast("Any", self)
        parts.cycle = parts.parser = None


def takes_over(scope: Scope) -> Callable[[DirectSink], bool] | None:
    """The way to take this request's connection over, if its server offers one."""
    extension = scope.get("extensions", {}).get(EXTENSION)
    return None if extension is None else extension["take_over"]
