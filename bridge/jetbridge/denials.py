"""Telling a missing permission from silence.

nats-server answers nothing to a publish that it denies. It says so on the side, naming the
subject; who waits for an answer there need not wait any longer.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncGenerator

from jetbridge_schemas.errors import JetbridgeError


class DeniedError(JetbridgeError):
    """The user of this connection may not publish on a subject."""


class Denials:
    """The requests of one connection that are under way, by subject."""

    def __init__(self) -> None:
        self._waiting: defaultdict[str, set[asyncio.Timeout]] = defaultdict(set)

    def heard(self, text: str) -> None:
        """Take the server's words: `permissions violation for publish to "<subject>"`."""
        denied = subject_of(text)
        for waiting in self._waiting.get(denied, ()):
            if not waiting.expired():
                waiting.reschedule(0)

    @contextlib.asynccontextmanager
    async def watched(self, subject: str) -> AsyncGenerator[None]:
        """Wait for an answer to what is published on `subject`. Raises DeniedError as soon
        as the server denies it."""
        waiting, denied = self._waiting[subject.lower()], asyncio.timeout(None)
        waiting.add(denied)
        try:
            async with denied:
                yield
        except TimeoutError as error:
            if not denied.expired():
                raise
            raise DeniedError(
                f"NATS does not let this user publish on {subject}",
                hint="give the user this permission",
            ) from error
        finally:
            waiting.discard(denied)
            if not waiting:
                self._waiting.pop(subject.lower(), None)


def subject_of(text: str) -> str:
    """The subject in the server's words, as nats-py passes them on: in lower case."""
    return text.partition('"')[2].partition('"')[0].lower()
