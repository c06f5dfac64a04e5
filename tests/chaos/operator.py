"""Somebody with the rights and the wish to delete things."""

from __future__ import annotations

import json
from typing import Any

import nats.errors

from jetbridge_publishers.connection import NatsOptions, connect
from jetbridge_publishers.streams import EVENTS
from jetbridge_schemas.errors import JetbridgeError
from jetbridge_schemas.subjects import DEFAULT_TENANT, encode_id
from tests.chaos.ledger import Removal

ANSWER_SECONDS = 2.0
QUICK_SECONDS = 0.3
ATTEMPTS = 5
CURSOR_PREFIX = "sse_"


class OperatorError(Exception):
    """NATS refused what the operator asked."""


class Operator:
    """Talks to the JetStream API, on a new connection each time."""

    def __init__(self, options: NatsOptions) -> None:
        self._options = options

    async def consumers(self) -> list[str]:
        """The names of all consumers of the stream."""
        answer = await self._ask(f"$JS.API.CONSUMER.NAMES.{EVENTS}")
        return answer["consumers"] or []

    async def delete_consumers(self) -> None:
        """Delete every consumer but those that are cursors: without its cursor a client that
        keeps no id is a stranger. Some may be gone by then."""
        for name in await self.consumers():
            if not name.startswith(CURSOR_PREFIX):
                await self._ask(f"$JS.API.CONSUMER.DELETE.{EVENTS}.{name}", may_fail=True)

    async def purge(self, removal: Removal) -> None:
        """Remove events from the stream."""
        request: dict[str, object] = {"seq": removal.below}
        if removal.agent is not None:
            request["filter"] = f"evt.{DEFAULT_TENANT}.{encode_id(removal.agent)}.>"
        await self._ask(f"$JS.API.STREAM.PURGE.{EVENTS}", request)

    async def leader(self) -> str | None:
        """The node that leads the stream, in a cluster; None while nobody does."""
        try:
            answer = await self._exchange(f"$JS.API.STREAM.INFO.{EVENTS}", b"", QUICK_SECONDS)
        except (JetbridgeError, nats.errors.Error):
            return None
        return answer.get("cluster", {}).get("leader")

    async def _ask(self, subject: str, request: object = None, *, may_fail: bool = False) -> Any:
        """The answer; asked for again while a cluster is too busy with itself to give one."""
        body = b"" if request is None else json.dumps(request).encode()
        for attempt in range(ATTEMPTS):
            try:
                answer = await self._exchange(subject, body, ANSWER_SECONDS)
            except nats.errors.TimeoutError:
                if attempt + 1 == ATTEMPTS and not may_fail:
                    raise
                continue
            if "error" in answer and not may_fail:
                raise OperatorError(f"{subject}: {answer['error']}")
            return answer
        return {}

    async def _exchange(self, subject: str, body: bytes, timeout: float) -> dict[str, Any]:
        client = await connect(self._options)
        try:
            reply = await client.request(subject, body, timeout=timeout)
        finally:
            await client.close()
        return json.loads(reply.data)
