"""A client of a chaos run: it comes back whatever happens, and checks all that it is given."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

import msgspec

from tests.chaos.acks import send_ack
from tests.chaos.checker import Checker, Judge
from tests.chaos.connection import Connection, MalformedError, Received, RefusedError
from tests.chaos.wanted import Wanted

SILENCE_SECONDS = 3.0
"""A bridge that sends no heartbeat for so long, with one due every second, is given up."""

PATIENCE_SECONDS = 60.0

RETRY_SECONDS = (0.05, 0.5)
MOVES = 0.3
"""How often a client that comes back tries another bridge."""

SLACK_SECONDS = 6.0
"""What a checkpoint, or an ack, may be late on a busy machine."""

ACK_SECONDS = 0.5


class Opening(msgspec.Struct):
    """What a client reads of `connected`."""

    cursor: int
    durable: bool
    durable_reason: str | None = None


class Goodbye(msgspec.Struct):
    retry_ms: int


@dataclass(frozen=True, kw_only=True)
class Habits:
    """What kind of client it is.

    cut_seconds: it breaks its connection off after about so long, wherever it is.
    per_second: it reads no more than so many events a second.
    session_seconds: after about so long it forgets everything, and begins anew.
    durable: the checkpoint interval of a client that has a `client_id` and keeps no ids.
    acks: it moves its durable cursor itself.
    start: where it begins, as a query.
    """

    cut_seconds: float | None = None
    per_second: float | None = None
    session_seconds: float | None = None
    durable: float | None = None
    acks: bool = False
    start: str = ""

    @property
    def trusts_the_socket(self) -> bool:
        """True if what has been written to its socket counts as had: such a client must read
        all of it, however long it takes."""
        return self.durable is not None and not self.acks

    @property
    def patience(self) -> float:
        """Seconds of silence after which it turns to a bridge anew."""
        return PATIENCE_SECONDS if self.trusts_the_socket else SILENCE_SECONDS


class Client:
    """One client. `addresses` are the bridges it may turn to."""

    def __init__(
        self,
        name: str,
        wanted: Wanted,
        habits: Habits,
        *,
        judge: Judge,
        addresses: Sequence[str],
        dice: Random,
    ) -> None:
        self.name = name
        self.wanted = wanted
        self.habits = habits
        self.hurry = False
        """The run is over: read on without breaks and cuts."""
        self._judge = judge
        self._addresses = addresses
        self._dice = dice
        self._home = dice.choice(addresses)
        self._retry_seconds = 0.0
        self._acked_at = 0.0
        self.diary: deque[str] = deque(maxlen=12)
        """What it went through lately, for whoever has to find out why it is late."""
        self.checker = self._new_checker()

    @property
    def is_slow(self) -> bool:
        return self.habits.per_second is not None

    async def run(self) -> None:
        """Read for ever; ends only when cancelled."""
        while True:
            await self._session()
            self.checker = self._new_checker()

    def reached(self, numbers: dict[str, int]) -> bool:
        """True if the client has everything it wants up to these numbers."""
        return all(self.checker.has(agent, n) for agent, n in numbers.items())

    def _new_checker(self) -> Checker:
        durable = self.habits.durable
        return Checker(
            self.name,
            self.wanted,
            self._judge,
            repeats_seconds=None if durable is None else durable + SLACK_SECONDS,
            in_snapshot="snapshot=1" in self.habits.start,
        )

    async def _session(self) -> None:
        """From one beginning to the next, over any number of connections."""
        length = self.habits.session_seconds
        loop = asyncio.get_running_loop()
        ends = loop.time() + self._about(length) if length else float("inf")
        while self.hurry or loop.time() < ends:
            await self._connection(until=ends)
            await asyncio.sleep(self._retry_seconds or self._dice.uniform(*RETRY_SECONDS))
            self._retry_seconds = 0.0
            if self._dice.random() < MOVES:
                self._home = self._dice.choice(self._addresses)

    async def _connection(self, *, until: float) -> None:
        """One connection, as long as it lasts or the client likes it."""
        connection = Connection(slow=self.is_slow, patience=self.habits.patience)
        sent = None if self.habits.durable else self.checker.last_id
        self._write_down(f"turns to {self._home}")
        try:
            await connection.open(self._home, self._path(), last_id=sent)
            await self._read(connection, sent=sent, until=until)
        except (OSError, RefusedError) as error:
            self._write_down(f"gets no stream: {error!r}")
        except MalformedError as error:
            self._judge.findings.note("malformed", f"{self.name}: {error}")
        finally:
            self._write_down("is cut off")
            connection.cut()

    async def _read(self, connection: Connection, *, sent: int | None, until: float) -> None:
        loop = asyncio.get_running_loop()
        cut = self.habits.cut_seconds
        until = min(until, loop.time() + self._about(cut)) if cut else until
        async for frame in connection.frames():
            self._take(frame, sent, now=loop.time())
            if self.habits.acks and loop.time() > self._acked_at + ACK_SECONDS:
                self._acked_at = loop.time()
                await self._ack()
            if self.hurry:
                continue
            if self.habits.per_second:
                await asyncio.sleep(1 / self.habits.per_second)
            if loop.time() > until:
                if not self.habits.trusts_the_socket:
                    return
                connection.leave()

    def _take(self, frame: Received, sent: int | None, *, now: float) -> None:
        match frame.event:
            case "connected":
                opening = msgspec.json.decode(frame.data, type=Opening)
                self.checker.connected(opening.cursor, sent=sent)
                self._write_down(f"goes on after {opening.cursor} {opening.durable_reason or ''}")
                if self.habits.durable is not None and not opening.durable:
                    self._judge.findings.counts["not durable"] += 1
            case "draining" | "unavailable" as name:
                goodbye = msgspec.json.decode(frame.data, type=Goodbye)
                self._retry_seconds = goodbye.retry_ms / 1000
                self._judge.findings.counts[name] += 1
                self._write_down(f"is told {name}: {frame.data.decode()}")
                self.checker.control(name, frame.id, frame.data)
            case "heartbeat" | "caught-up" | "gap" | "snapshot-end" as name:
                self.checker.control(name, frame.id, frame.data)
            case name:
                self.checker.event(frame.id or 0, name, frame.data, now=now)

    def _path(self) -> str:
        client_id = f"&client_id={self.name}" if self.habits.durable else ""
        ack = "&ack=explicit" if self.habits.acks else ""
        return f"{self.wanted.path}&{self.habits.start}{client_id}{ack}"

    async def _ack(self) -> None:
        sequence = self.checker.last_id
        if sequence and await send_ack(self._home, self.name, sequence):
            self._judge.findings.counts["acks"] += 1

    def _write_down(self, what: str) -> None:
        self.diary.append(f"{time.strftime('%H:%M:%S')}.{time.time_ns() // 10**6 % 1000:03} {what}")

    def _about(self, seconds: float) -> float:
        return self._dice.uniform(0.5, 1.5) * seconds
