"""Ending all streams of a bridge that goes away, without a stampede on the next one."""

from __future__ import annotations

import asyncio
from random import Random

from jetbridge.frames import control_frame, retry_line
from jetbridge.hub import Hub
from jetbridge.piece import Piece
from jetbridge.subscriber import Subscriber
from jetbridge_schemas.control import Draining

STEP_SECONDS = 0.05
RETRY_MS = (500, 3_000)


async def drain(hub: Hub, *, seconds: float, random: Random) -> None:
    """Close every client's stream, in random order, spread over most of `seconds`."""
    clients = list(hub.subscribers)
    random.shuffle(clients)
    steps = max(1, int(seconds * 0.8 / STEP_SECONDS))
    share = -(-len(clients) // steps)
    for start in range(0, len(clients), max(share, 1)):
        hub.flush()
        for subscriber in clients[start : start + share]:
            say_goodbye(subscriber, retry_ms=random.randint(*RETRY_MS))
        await asyncio.sleep(STEP_SECONDS if seconds else 0)


def say_goodbye(subscriber: Subscriber, *, retry_ms: int) -> None:
    """Tell a client to come back in a while, and end its stream."""
    if subscriber.closed:
        return
    frame = control_frame("draining", subscriber.cursor, Draining(retry_ms=retry_ms))
    piece = Piece(retry_line(retry_ms) + frame)
    subscriber.write_control(piece, cursor=subscriber.cursor)
    subscriber.close()
