"""What a bridge says of itself and of the others."""

from __future__ import annotations

import time
from typing import Any, NamedTuple

import httpx2

from tests.support.bridge import PREFIX


class Answer(NamedTuple):
    """The body of `status`, and how long it took to come."""

    body: dict[str, Any]
    seconds: float


async def ask_status(url: str, scope: str = "all") -> Answer:
    """Ask one bridge."""
    start = time.monotonic()
    async with httpx2.AsyncClient() as http:
        answer = await http.get(f"{url}{PREFIX}/status", params={"scope": scope})
    assert answer.status_code == 200, answer.text
    return Answer(answer.json(), time.monotonic() - start)


async def replicas_answer(url: str, count: int) -> dict[str, Any]:
    """The status; exactly `count` replicas must be known, and all of them answer."""
    body = (await ask_status(url)).body
    assert body["answered"] == body["expected"] == count
    return body
