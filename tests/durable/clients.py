"""Durable clients as tests have them: with a `client_id`, and without any memory."""

from __future__ import annotations

from typing import Any

from jetbridge.cursor_keys import ClientKey
from tests.support.bridge import PREFIX, LiveBridge
from tests.support.raw_http import ask
from tests.support.sse import Frame, SseClient
from tests.support.waiting import eventually

CLIENT_ID = "panel-7"
SUBJECT = "evt.default.a.-.custom.x"


def newcomer(url: str, *, path: str = "/events", query: str = "") -> SseClient:
    """A client that knows its name, and no id."""
    more = f"&{query}" if query else ""
    return SseClient(url, f"{PREFIX}{path}?client_id={CLIENT_ID}{more}")


async def settled(url: str, **options: str) -> tuple[SseClient, list[Frame]]:
    """A newcomer that is live, and the events it got until then."""
    client = await newcomer(url, **options).open()
    frames = await client.until(lambda frame: frame.event == "caught-up")
    return client, [frame for frame in frames if frame.event.startswith("custom.")]


def connected(client: SseClient) -> dict[str, Any]:
    """What the stream said when it was opened."""
    assert client.frames[0].event == "connected"
    return client.frames[0].json


async def account(url: str, client_id: str = CLIENT_ID) -> dict[str, Any]:
    """What the bridge tells about a client."""
    answer = await ask(url, f"{PREFIX}/clients/{client_id}")
    assert answer.status == 200, answer
    return answer.json


async def position(url: str, client_id: str = CLIENT_ID) -> int:
    """Where the only cursor of a client is stored."""
    (cursor,) = (await account(url, client_id))["cursors"]
    return cursor["position"]


async def stored_at(url: str, sequence: int, client_id: str = CLIENT_ID) -> None:
    """Wait until the only cursor of a client is stored at `sequence`."""

    async def check() -> bool:
        assert await position(url, client_id) == sequence
        return True

    await eventually(check)


async def gone(bridge: LiveBridge) -> None:
    """Wait until no client is connected, and every place is stored."""
    await eventually(lambda: not bridge.bridge.hub.subscribers)
    await eventually(lambda: not len(bridge.bridge.durability.registry))


def client_key(client_id: str = CLIENT_ID) -> ClientKey:
    return ClientKey("default", "", client_id)
